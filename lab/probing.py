"""`lab/run --probe N`: can a home or a bridge be told from a plain web server by asking it? Prints the prober's tables.

Four servers stand one after the other beside a plain nginx with the same page and certificate: another plain nginx, which
shows what chance looks like here; the home and the bridge in the reference deployment, docs/nginx/godwit.conf; and the home
that does TLS itself.
"""

import os
import socket
import subprocess

from godwit_system import HOME_PATH, LabHome
from lab import Lab
from nginx import reference_text
from people import Person, binaries, until
from prober import PATIENCE, compare, connector
from servers import write_site
from topology import ipv6_of

SITE = (18_000, 40_000)  # bytes of the page and the picture that both sides show
INNER_PORT = 8443

def first_payload(lab, home):
    """The first bytes that a real client sends, caught by a listener in the home's place."""
    address = lab.topology.hosts[home.host].address
    listener = lab.topology.within(home.host, lambda: socket.create_server((address, home.port)))
    person = Person("Anna", lab.topology.path("probing", "anna"))
    words = [*lab.topology.prefix("user"), os.path.join(binaries(), "godwit"), *person.globals(), "new", "--name", "Anna",
             "--home", home.link()]
    client = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env={**os.environ, **lab.servers.environment}, start_new_session=True)
    try:
        listener.settimeout(30)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(10)
            payload = connection.recv(65536)
    finally:
        listener.close()
        client.kill()
        client.wait()
    return payload


class Deployments:
    """The servers that are probed, and their twin: a plain nginx with the same page and the same certificate."""

    def __init__(self, lab):
        self.lab = lab
        self.site = lab.topology.path("sites", "home.example")
        write_site(self.site, "home.example", SITE)
        self.home = LabHome(lab, "home", lab.topology.path("home"))
        self.home.init()
        folder = lab.servers.authority.folder
        self.certificate = (os.path.join(folder, "home.example.pem"), os.path.join(folder, "home.example.key"))
        self.address = lab.topology.hosts["home"].address
        self.twin = lab.topology.hosts["home2"].address
        self.running = []  # what has to end before the next deployment

    def _nginx(self, host, what, secret=None, inner_port=None):
        """An nginx with the reference configuration; without `secret` one that is nothing else."""
        address = self.lab.topology.hosts[host].address
        text = reference_text([f"{address}:443", f"[{ipv6_of(address)}]:443"], *self.certificate, self.site, secret, inner_port)
        process = self.lab.servers.start_nginx(host, what, text)
        self.lab.topology.wait_listening(host, address, 443, what)
        return process

    def start_twin(self):
        """The plain nginx that all are compared with."""
        self._nginx("home2", "nginx-twin")

    def clear(self):
        """Ends what stands on the probed host."""
        self.home.stop()
        self.lab.topology.end_processes(self.running)
        self.running = []

    def another_nginx(self):
        """A second plain nginx."""
        self.running.append(self._nginx("home", "nginx-plain"))

    def standalone_home(self):
        """godwit-home does TLS and the site itself."""
        self.home.configure(site=f'"{self.site}"')
        self.home.start()

    def home_behind_nginx(self):
        """The reference deployment of a home."""
        self.home.configure(behind_proxy="true", addresses='["127.0.0.1"]', port=str(INNER_PORT))
        self.home.place = ("127.0.0.1", INNER_PORT)
        self.home.start()
        self.running.append(self._nginx("home", "nginx-home", HOME_PATH, INNER_PORT))

    def bridge_behind_nginx(self):
        """The reference deployment of a bridge; the home that it leads to need not be there for those without the secret."""
        folder = self.lab.topology.path("bridge", "godwit-bridge")
        self.running.append(self.lab.topology.start(
            "home", "godwit-bridge", os.path.join(binaries(), "godwit-bridge"), "run", "--home", f"wss://home2.example{HOME_PATH}",
            "--folder", folder, "--host", "home.example", "--port", str(INNER_PORT), "--public-port", "443", "--behind-proxy",
            "--no-qr", env=self.lab.servers.environment))
        link = os.path.join(folder, "link")
        until(lambda: os.path.exists(link) and self.lab.topology.listens("home", "127.0.0.1", INNER_PORT), "the bridge listens")
        with open(link, encoding="utf-8") as file:
            secret = "/" + file.read().split()[0].split("?")[0].rsplit("/", 1)[1]
        self.running.append(self._nginx("home", "nginx-bridge", secret, INNER_PORT))

    def compare(self, payload, count):
        """The prober's table; gives the verdict."""
        ask = (lambda address: lambda: self.lab.topology.within("probe", connector(address, 443)))
        return compare(ask(self.address), ask(self.twin), payload, count, PATIENCE)


def run(count):
    """All deployments; 1 if one of the reference deployment is told apart."""
    told = False
    with Lab() as lab:
        deployments = Deployments(lab)
        try:
            payload = first_payload(lab, deployments.home)
            print(f"a client's first payload has {len(payload)} bytes; {count} probes of each form and side\n", flush=True)
            deployments.start_twin()
            for name, start, is_reference in (
                    ("another plain nginx", deployments.another_nginx, False),
                    ("standalone home", deployments.standalone_home, False),
                    ("home behind nginx", deployments.home_behind_nginx, True),
                    ("bridge behind nginx", deployments.bridge_behind_nginx, True)):
                start()
                print(f"--- {name}, beside a plain nginx with the same page and certificate", flush=True)
                told |= deployments.compare(payload, count) and is_reference
                print(flush=True)
                deployments.clear()
        finally:
            deployments.home.end()
    return 1 if told else 0
