"""Godwit itself in the lab: godwit-home abroad, one person behind the censor and one in a free country."""

import os
import shutil
import subprocess

from people import Failure, Home, Person, binaries, meet, until
from system import System

HOME_PATH = "/messages"


class LabHome(Home):
    """A home on a host of the lab, on 443, with a certificate that the world trusts."""

    def __init__(self, lab, host, folder):
        super().__init__(folder, 443)
        self.lab = lab
        self.host = host
        self.prefix = tuple(lab.topology.prefix(host))
        self.name = lab.topology.hosts[host].names[0]
        self.place = (lab.topology.hosts[host].address, self.port)  # where it listens

    def init(self, *arguments):
        certificate, key = self.lab.servers.authority.issue(self.name)
        code, _, err = self.call("init", "--host", self.name, "--address", self.lab.topology.hosts[self.host].address,
                                 "--port", str(self.port), "--path", HOME_PATH, "--cert", certificate, "--key", key,
                                 *arguments)
        if code != 0:
            raise Failure(f"godwit-home init ended with {code}: {err}")

    def listens(self):
        if self.process.poll() is not None:
            raise Failure(f"the home has ended with {self.process.returncode}: {self.log_text()}")
        return self.lab.topology.listens(self.host, *self.place)


class Godwit(System):
    """The programs `godwit` and `godwit-home`. `routes`: URIs that the home's links name, the best one first; none: its own."""

    name = "godwit"
    about = "Godwit, the home's own name known to the censor"
    published_names = own_names = ("home.example",)
    published_hosts = own_hosts = ("home",)
    text_max = 100_000
    routes = ()

    def __init__(self, lab):
        super().__init__(lab)
        self.home = LabHome(lab, "home", self.topology.path("home"))
        self.user = self._person("Anna", "user")
        self.friend = self._person("Boris", "friend")
        self.chat = None

    def _person(self, name, host):
        person = Person(name, self.topology.path(name.lower()))
        person.prefix = tuple(self.topology.prefix(host))
        person.environment = dict(self.lab.servers.environment)
        return person

    def start_carriers(self):
        """Starts what the routes lead through; a subclass with bridges has something to do here."""

    def start_servers(self):
        self.home.init()
        if self.routes:
            self.home.configure(routes="[" + ", ".join(f'"{each}"' for each in self.routes) + "]")
        self.home.start()
        self.start_carriers()
        for person in (self.user, self.friend):
            person.new(self.home.link())
        self.chat = meet(self.friend, self.user)
        self.friend.start()
        self._wait_connected(self.friend)

    def _wait_connected(self, person):
        person.wait(lambda method, params: method == "connection_changed" and params["connection"] == "connected",
                    "connected")

    def open(self):
        self.user.notices.clear()
        self.user.start()

    def close(self):
        if self.user.process is None:
            return
        self.user.process.terminate()  # what was sent is on its disk
        try:
            self.user.process.wait(10)
        except subprocess.TimeoutExpired:
            self.user.kill()
        self.user.process = None

    def send(self, text, inward=False):
        (self.friend if inward else self.user).ask("send_text", chat=self.chat, text=text)

    def arrival(self, text, timeout, inward=False):
        try:
            return (self.user if inward else self.friend).received(text, timeout)
        except Failure:
            return None

    def end(self):
        for each in (self.user, self.friend, self.home):
            each.end()
        shutil.rmtree(os.path.join(self.topology.folder, "anna"), ignore_errors=True)


class GodwitBridge(Godwit):
    """The same, and the user knows one bridge, which nobody else does."""

    name = "godwit-bridge"
    about = "Godwit, one bridge known to the user"
    own_hosts = ("home", "bridge1")
    bridge_host = "bridge1"

    def start_carriers(self):
        host = self.topology.hosts[self.bridge_host]
        folder = self.topology.path("bridge", "godwit-bridge")
        self.topology.start(self.bridge_host, "godwit-bridge", os.path.join(binaries(), "godwit-bridge"), "run",
                            "--home", f"wss://{self.home.name}{HOME_PATH}", "--folder", folder, "--host", host.address,
                            "--address", host.address, "--port", "443", "--no-qr", env=self.lab.servers.environment)
        link = os.path.join(folder, "link")
        until(lambda: os.path.exists(link) and self.topology.listens(self.bridge_host, host.address, 443),
              "the bridge listens")
        with open(link, encoding="utf-8") as file:
            self.bridge = file.read().split()[0]

    def start_servers(self):
        super().start_servers()
        self.user.must("routes", "add", self.bridge)
