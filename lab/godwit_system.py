"""Godwit itself in the lab: godwit-home abroad, one person behind the censor and one in a free country."""

import contextlib
import os
import shutil
import sqlite3
import subprocess

from mail import Mail
from nginx import reference_text
from people import Failure, Home, Person, binaries, meet, run, until
from servers import write_site
from system import System
from topology import ipv6_of

HOME_PATH = "/messages"
SITE = (14_000, 60_000)  # bytes of page and picture of the site in front of a bridge
INNER_PORT = 8443
STORE = os.path.join("records", "profile.db")  # in a profile


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

    def forget(self):
        """Takes the sealed record of routes (engine/record_key.h: 'm') out of the closed profile: a device that has not been on
        this network, and has found no address of any name."""
        with contextlib.closing(sqlite3.connect(os.path.join(self.user.folder, STORE))) as store, store:
            store.execute("DELETE FROM records WHERE key = ?", (b"m",))

    def send(self, text, inward=False):
        (self.friend if inward else self.user).ask("send_text", chat=self.chat, text=text)

    def arrival(self, text, timeout, inward=False):
        try:
            return (self.user if inward else self.friend).received(text, timeout)
        except Failure:
            return None

    takes_pictures = property(lambda self: takes_files())

    def deliver_picture(self, size, timeout, inward=False):
        """A file, sent by `godwit send --file` with the running program closed, and opened by `godwit get`."""
        raise NotImplementedError("files are not known to the lab yet")

    def end(self):
        for each in (self.user, self.friend, self.home):
            each.end()
        shutil.rmtree(os.path.join(self.topology.folder, "anna"), ignore_errors=True)


def takes_files():
    """True if this build of the client sends files."""
    code, out, _ = run(os.path.join(binaries(), "godwit"), "send", "--help")
    return code == 0 and "--file" in out


class GodwitBridge(Godwit):
    """The same, and the user knows one bridge, which nobody else does. It stands behind nginx, as docs/bridge.md advises."""

    name = "godwit-bridge"
    about = "Godwit, one bridge known to the user"
    own_hosts = ("home", "bridge1")
    bridge_host = "bridge1"

    def start_bridge(self, host, homes):
        """A bridge on `host`, named as the host is, behind an nginx with a site; gives its link."""
        place, name = self.topology.hosts[host], self.topology.hosts[host].names[0]
        folder = self.topology.path(f"bridge-{host}", "godwit-bridge")
        what = f"godwit-bridge-{host}"
        words = [word for each in homes for word in ("--home", each)]
        self.topology.start(host, what, os.path.join(binaries(), "godwit-bridge"), "run", *words, "--folder", folder, "--host", name,
                            "--port", str(INNER_PORT), "--public-port", "443", "--behind-proxy", "--no-qr",
                            env=self.lab.servers.environment)
        link = os.path.join(folder, "link")
        until(lambda: os.path.exists(link) and self.topology.listens(host, "127.0.0.1", INNER_PORT), "the bridge listens")
        with open(link, encoding="utf-8") as file:
            found = file.read().split()[0]
        steady = [*self.topology.prefix(host), "sysctl", "-qw", "net.ipv4.tcp_thin_linear_timeouts=1"]  # docs/bridge.md
        subprocess.run(steady, check=True)
        site = self.topology.path("sites", name)
        write_site(site, name, SITE)
        text = reference_text([f"{place.address}:443", f"[{ipv6_of(place.address)}]:443"], *self.lab.servers.authority.issue(name),
                              site, "/" + found.split("?")[0].rsplit("/", 1)[1], INNER_PORT)
        self.lab.servers.start_nginx(host, f"nginx-{host}", text)
        self.topology.wait_listening(host, place.address, 443, f"nginx-{host}")
        return found

    def start_carriers(self):
        self.bridge = self.start_bridge(self.bridge_host, [f"wss://{self.home.name}{HOME_PATH}"])

    def start_servers(self):
        super().start_servers()
        self.user.must("routes", "add", self.bridge)


class GodwitBridgeIn(GodwitBridge):
    """The user knows a bridge at home, on a listed address, which passes on to one abroad."""

    name = "godwit-bridge-in"
    about = "Godwit, one bridge at home known to the user, chained to one abroad"
    own_hosts = ("home", "bridge1", "bridge-in")

    def start_carriers(self):
        abroad = self.start_bridge("bridge1", [f"wss://{self.home.name}{HOME_PATH}"])
        self.bridge = self.start_bridge("bridge-in", [abroad])


class GodwitMail(Godwit):
    """The user has a mail account at home, the home one abroad. To be filled in when `godwit mail` is there."""

    name = "godwit-mail"
    about = "Godwit, by mail: an account at a provider at home"
    own_hosts = ("home", "mail-in", "mail-out")
    own_names = ("mail.portal.example",)
    programs = ("postfix", "dovecot")
    packages = ("postfix", "dovecot-imapd", "dovecot-lmtpd")

    @classmethod
    def missing(cls):
        code, _, _ = run(os.path.join(binaries(), "godwit"), "mail", "--help")
        return super().missing() + ([] if code == 0 else ["godwit mail"])

    def start_carriers(self):
        """The providers, the home's account ([mail] in its configuration), the user's (`godwit mail set`)."""
        mail = Mail(self.lab)
        mail.start()
        raise NotImplementedError("the home's [mail] and `godwit mail set` are not known to the lab yet")


class GodwitBundle(Godwit):
    """Nothing crosses the border but a file that somebody carries (`godwit bundle`); on the local network, `lan`."""

    name = "godwit-bundle"
    about = "Godwit, a file carried by hand"

    @classmethod
    def missing(cls):
        return ["a bundle for the lab"]  # to be filled in: who carries it, and how long that takes

    def start_carriers(self):
        raise NotImplementedError("bundles are not known to the lab yet")
