"""Godwit itself in the lab: godwit-home abroad, one person behind the censor and one in a free country."""

import contextlib
import filecmp
import os
import secrets
import shutil
import sqlite3
import subprocess
import time

from mail import PASSWORD, Mail
from nginx import reference_text
from people import Failure, Home, Person, binaries, meet, until
from servers import write_site
from system import System
from topology import ipv6_of
from wire import bytes_of

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
        self.prefix = (*lab.topology.prefix(host), "env", *(f"{name}={value}" for name, value in lab.servers.environment.items()))
        self.settings = ""  # sections at the end of its configuration
        self.other_names = ()  # what its certificate is for besides its name
        self.name = lab.topology.hosts[host].names[0]
        self.place = (lab.topology.hosts[host].address, self.port)  # where it listens

    def init(self, *arguments):
        certificate, key = self.lab.servers.authority.issue(self.name, *self.other_names)
        code, _, err = self.call("init", "--host", self.name, "--address", self.lab.topology.hosts[self.host].address,
                                 "--port", str(self.port), "--path", HOME_PATH, "--cert", certificate, "--key", key,
                                 *arguments)
        if code != 0:
            raise Failure(f"godwit-home init ended with {code}: {err}")
        with open(os.path.join(self.folder, "config.toml"), "a", encoding="utf-8") as file:
            file.write(self.settings)

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
    friend_host = "friend"

    def __init__(self, lab):
        super().__init__(lab)
        self.home = LabHome(lab, "home", self.topology.path("home"))
        self.user = self._person("Anna", "user")
        self.friend = self._person("Boris", self.friend_host)
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

    takes_pictures = True

    def deliver_picture(self, size, timeout, inward=False):
        """A file: its message, then its bytes, fetched and compared at the other end."""
        sender, receiver = (self.friend, self.user) if inward else (self.user, self.friend)
        name = f"{secrets.token_hex(8)}.jpg"
        source, target = self.topology.path("pictures", name), self.topology.path("pictures", "got-" + name)
        with open(source, "wb") as file:
            file.write(os.urandom(size))
        before, started = bytes_of(self.lab.censor.counters(), "user"), time.monotonic()
        arrived = None
        try:
            sender.ask("send_file", chat=self.chat, source=source)
            _, came = receiver.wait(lambda method, params: method == "message_received" and (params["message"]["file"] or {}).get("name") == name,
                                    "the message of a file", timeout)
            left = max(1, started + timeout - time.monotonic())
            receiver.ask("get_file", left, chat=self.chat, message=came["message"]["id"], destination=target)
            arrived = (time.monotonic() - started) * 1000
        except Failure:
            pass
        if arrived is not None and not filecmp.cmp(source, target, shallow=False):
            raise Failure("a picture has changed on its way")
        return arrived, bytes_of(self.lab.censor.counters(), "user") - before

    def end(self):
        for each in (self.user, self.friend, self.home):
            each.end()
        shutil.rmtree(os.path.join(self.topology.folder, "anna"), ignore_errors=True)


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
    """The user has a mail account at home and has said yes to mail; the home has one abroad."""

    name = "godwit-mail"
    about = "Godwit, with a mail account at a provider at home"
    own_hosts = ("home", "mail-in", "mail-out")
    own_names = ("home.example", "mail.portal.example")
    programs = ("postfix", "dovecot")
    packages = ("postfix", "dovecot-imapd", "dovecot-lmtpd")
    takes_pictures = False  # files do not go by mail

    def start_carriers(self):
        mail = Mail(self.lab)
        mail.start()

    def start_servers(self):
        password = self.topology.path("mail.password")
        with open(password, "w", encoding="ascii") as file:
            file.write(PASSWORD + "\n")
        self.home.settings = f"""
[mail]
address = "home@mail.example"
smtp = "smtps://mail.example"
imap = "imaps://mail.example"
password_file = "{password}"
poll_seconds = 2

[bulletin]
mails = ["home@mail.example"]
"""
        super().start_servers()
        bulletin = self.home.call("bulletin")[1].strip()
        self.user.start()
        until(lambda: "result" in self.user.try_ask("take_bulletin", text=bulletin), "the home's bulletin is taken", 60)
        self.user.stop()
        self.user.must("mail", "set", "anna@mail.portal.example", "--smtp", "smtps://mail.portal.example", "--imap",
                       "imaps://mail.portal.example", "--password-file", password, "--yes")


class GodwitLan(Godwit):
    """Two people behind the censor, on one local network as well, who have said yes to it."""

    name = "godwit-lan"
    about = "Godwit, two people on one local network"
    takes_pictures = False  # files go by homes
    friend_host = "user2"

    def start_servers(self):
        devices = ("ip", "-n", self.topology.namespace("user"))
        subprocess.run([*devices, "link", "add", "lan0", "type", "veth", "peer", "name", "lan0", "netns",
                        self.topology.namespace("user2")], check=True)
        for number, host in enumerate(("user", "user2"), 1):
            space = ("ip", "-n", self.topology.namespace(host))
            subprocess.run([*space, "address", "add", f"192.168.7.{number}/24", "dev", "lan0"], check=True)
            subprocess.run([*space, "link", "set", "lan0", "up"], check=True)
        super().start_servers()
        self.friend.stop()
        for person in (self.user, self.friend):
            person.must("lan", "on", "--yes")
        self.friend.start()


class GodwitBundle(Godwit):
    """What is said is also written into a file, which somebody carries to the other one at once (`godwit bundle`)."""

    name = "godwit-bundle"
    about = "Godwit, a file carried by hand"
    takes_pictures = False  # files go by homes

    def send(self, text, inward=False):
        super().send(text, inward)
        sender, receiver = (self.friend, self.user) if inward else (self.user, self.friend)
        receiver.ask("read_bundle", bundle=sender.ask("write_bundle", chat=self.chat)["bundle"])
