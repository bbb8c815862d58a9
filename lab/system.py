"""What the lab asks of every system that it measures, and the base of those that talk through talker.py."""

import json
import os
import secrets
import subprocess
import sys
import threading
import time

from wire import bytes_of

HERE = os.path.dirname(os.path.abspath(__file__))


class System:
    """One messenger in one lab: its servers, the user behind the censor and the friend abroad.

    `lab` gives topology, servers and censor (lab.py). A system is started once and then used under many modes: open() and
    close() start and end the user's program, the friend's stays.
    """

    name = ""
    about = ""
    packages = ()       # Debian's, beside packages.txt
    programs = ()       # whose absence means that it cannot run here
    published_names = ()  # what anybody, so also a censor, can find out about its servers
    published_hosts = ()
    own_names = ()        # names under which its traffic goes, published or not
    own_hosts = ()        # hosts that its traffic goes to
    text_max = 1 << 20
    is_messenger = True   # False: there is nobody who could write back
    takes_pictures = False  # deliver_picture() works

    def __init__(self, lab):
        self.lab = lab
        self.topology = lab.topology

    @classmethod
    def missing(cls):
        """The programs that are not on this machine."""
        folders = [*os.environ.get("PATH", "").split(":"), "/usr/sbin", "/sbin"]
        return [each for each in cls.programs
                if not any(os.access(os.path.join(folder, each), os.X_OK) for folder in folders)]

    def addresses(self, hosts):
        """All IPv4 addresses of some hosts."""
        return [address for host in hosts for address in self.topology.hosts[host].addresses]

    def start_servers(self):
        """Starts its servers and the friend's program, and whatever the user's needs once."""
        raise NotImplementedError

    def open(self):
        """Starts the user's program."""
        raise NotImplementedError

    def close(self):
        """Ends the user's program."""
        raise NotImplementedError

    def forget(self):
        """While the user's program is closed: makes it forget what it has found out about networks. What people know of each
        other stays."""

    def send(self, text, inward=False):
        """Hands a text to the user's program; to the friend's if `inward`."""
        raise NotImplementedError

    def arrival(self, text, timeout, inward=False):
        """When the friend's program (the user's if `inward`) had that text (monotonic clock); None if it did not come in time."""
        raise NotImplementedError

    def end(self):
        """For cleaning up; processes of the topology end with it."""

    def deliver(self, size, timeout, inward=False, started=None):
        """Sends a text of `size` bytes from the user to the friend, or the other way; gives (milliseconds until it was there or
        None, bytes that the user's host sent and got meanwhile). The time counts from `started`, now unless said otherwise."""
        text = secrets.token_hex(size // 2 + 1)[:size]
        before = bytes_of(self.lab.censor.counters(), "user")
        started = started or time.monotonic()
        self.send(text, inward)
        when = self.arrival(text, timeout, inward)
        if when is not None:
            time.sleep(0.3)  # acknowledgements on their way belong to it
        used = bytes_of(self.lab.censor.counters(), "user") - before
        return (None if when is None else (when - started) * 1000), used

    def deliver_picture(self, size, timeout, inward=False):
        """The same with a file of `size` bytes, whole and opened at the other end."""
        raise NotImplementedError


class Program:
    """A running talker.py."""

    def __init__(self, topology, host, what, arguments, environment):
        self.arrived = threading.Condition()
        self.texts = {}  # text -> when it first came in
        self.connected = False
        self.topology = topology
        self.process = topology.start(host, what, sys.executable, "-B", os.path.join(HERE, "talker.py"), *arguments,
                                      env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            with self.arrived:
                if event["event"] == "received":
                    self.texts.setdefault(event["text"], event["at"])
                elif event["event"] in ("connected", "lost"):
                    self.connected = event["event"] == "connected"
                self.arrived.notify_all()
        self.process.stdout.close()

    def send(self, text):
        """Hands it a text."""
        self.process.stdin.write(json.dumps({"send": text}).encode() + b"\n")
        self.process.stdin.flush()

    def wait(self, condition, timeout):
        """Waits until condition(self) gives something."""
        with self.arrived:
            self.arrived.wait_for(lambda: condition(self), timeout)
            return condition(self)

    def end(self):
        """Ends it."""
        self.process.stdin.close()
        self.topology.end_processes([self.process])


class TalkerSystem(System):
    """A system whose two sides are talker.py."""

    protocol = "message"

    def __init__(self, lab):
        super().__init__(lab)
        self.user = None
        self.friend = None

    def user_arguments(self):
        """How the user connects."""
        raise NotImplementedError

    def friend_arguments(self):
        """How the friend connects."""
        raise NotImplementedError

    def _program(self, host, name, peer, arguments):
        words = ["--protocol", self.protocol, "--name", name, "--peer", peer, *arguments]
        return Program(self.topology, host, f"{self.name}-{name}", words, self.lab.servers.environment)

    def start_friend(self):
        """Starts the friend's program and waits until it is connected."""
        self.friend = self._program("friend", "boris", "anna", self.friend_arguments())
        if not self.friend.wait(lambda program: program.connected, 30):
            raise RuntimeError(f"{self.name}: the friend does not connect")

    def start_message_server(self, host, *arguments):
        """Starts message_server.py on a host."""
        self.topology.start(host, f"{self.name}-messages", sys.executable, "-B", os.path.join(HERE, "message_server.py"),
                            *arguments)

    def open(self):
        self.user = self._program("user", "anna", "boris", self.user_arguments())

    def close(self):
        if self.user:
            self.user.end()
            self.user = None

    def send(self, text, inward=False):
        (self.friend if inward else self.user).send(text)

    def arrival(self, text, timeout, inward=False):
        return (self.user if inward else self.friend).wait(lambda program: program.texts.get(text), timeout)
