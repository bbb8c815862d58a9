"""One lab: hosts, the censor between them and the world's ordinary servers, as one context manager."""

from prober import Prober
from servers import Servers
from topology import HOSTS, Topology, remove_leftovers
from wire import Censor


class Lab:
    """Stands from __enter__ to __exit__. A run that was killed leaves nothing that the next one does not remove."""

    def __init__(self, seed=1, rtt_ms=60, loss=0.01, pcap=None, features=None, hosts=HOSTS):
        self.topology = Topology(hosts)
        self.censor = Censor(self.topology, seed, rtt_ms, loss, pcap, features)
        self.servers = None
        self.prober = None
        self.open = []

    def __enter__(self):
        remove_leftovers()
        try:
            self.topology.__enter__()
            self.open.append(self.topology)
            self.censor.__enter__()
            self.open.append(self.censor)
            self.servers = Servers(self.topology)
            self.servers.start()
            self.prober = Prober(self.topology, self.censor, f"{self.topology.hosts['web'].address}:443")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        while self.open:
            self.open.pop().__exit__()
