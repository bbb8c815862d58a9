"""Tor as a peer: a private network of three authorities and two relays abroad, an onion service, and the user's client."""

import os
import subprocess
import time

from peers import MESSAGES_PORT
from system import TalkerSystem

BOOTSTRAP_SECONDS = 300
SOCKS_PORT = 9050
OR_PORT, DIRECTORY_PORT = 443, 9030

COMMON = """TestingTorNetwork 1
DataDirectory {folder}
PathsNeededToBuildCircuits 0.25
Log notice file {folder}/log
"""
RELAY = COMMON + """Nickname {name}
Address {address}
ORPort {address}:443
SocksPort 0
AssumeReachable 1
ExitRelay 1
ExitPolicy accept *:*
ContactInfo lab
"""
AUTHORITY = RELAY + """DirPort {address}:9030
AuthoritativeDirectory 1
V3AuthoritativeDirectory 1
TestingDirAuthVoteExit *
TestingDirAuthVoteHSDir *
TestingDirAuthVoteGuard *
V3AuthVotingInterval 20
V3AuthVoteDelay 4
V3AuthDistDelay 4
TestingV3AuthInitialVotingInterval 20
TestingV3AuthInitialVoteDelay 4
TestingV3AuthInitialDistDelay 4
"""
SERVICE = COMMON + """SocksPort 0
HiddenServiceDir {folder}/service
HiddenServicePort 80 127.0.0.1:{port}
"""
CLIENT = COMMON + "SocksPort 127.0.0.1:{port}\n"


def output_of(*words, stdin=""):
    """What a command prints; a RuntimeError if it fails."""
    done = subprocess.run(words, check=False, input=stdin, capture_output=True, encoding="utf-8")
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()[-300:]}")
    return done.stdout


class Tor(TalkerSystem):
    """An onion service reached through published relays. The user's tor is part of the program that starts afresh."""

    name = "tor"
    about = "the message program to an onion service through a private Tor network, its relays published"
    packages = ("tor",)
    programs = ("tor", "tor-gencert")
    published_hosts = own_hosts = ("onion",)

    def __init__(self, lab):
        super().__init__(lab)
        self.authorities = ""
        self.onion = ""
        self.client = None

    def _folder(self, name):
        folder = self.topology.path("tor", name, "")[:-1]
        os.chmod(folder, 0o700)
        return folder

    def _write(self, name, text):
        path = os.path.join(self._folder(name), "torrc")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path

    def _make_authority(self, name, address):
        """Its keys and torrc; gives the line by which all others know it."""
        folder = self._folder(name)
        keys = os.path.join(folder, "keys")
        os.makedirs(keys, mode=0o700, exist_ok=True)
        certificate = os.path.join(keys, "authority_certificate")
        output_of("tor-gencert", "--create-identity-key", "-i", os.path.join(keys, "authority_identity_key"), "-s",
                  os.path.join(keys, "authority_signing_key"), "-c", certificate, "-m", "6", "-a",
                  f"{address}:{DIRECTORY_PORT}", "--passphrase-fd", "0", stdin="lab\n")
        path = self._write(name, AUTHORITY.format(name=name, folder=folder, address=address))
        printed = output_of("tor", "--quiet", "-f", path, "--list-fingerprint", "--DirAuthority", f"x 127.0.0.1:1 {'f' * 40}")
        fingerprint = "".join(printed.strip().splitlines()[-1].split()[1:])
        with open(certificate, encoding="ascii") as file:
            identity = next(line.split()[1] for line in file if line.startswith("fingerprint "))
        return f"DirAuthority {name} orport={OR_PORT} no-v2 v3ident={identity} {address}:{DIRECTORY_PORT} {fingerprint}\n"

    def _start(self, host, name):
        path = os.path.join(self._folder(name), "torrc")
        with open(path, "a", encoding="ascii") as file:
            file.write(self.authorities)
        return self.topology.start(host, f"tor-{name}", "tor", "-f", path, "--RunAsDaemon", "0")

    def start_servers(self):
        addresses = self.topology.hosts["onion"].addresses
        names = [f"auth{index}" for index in range(3)]
        self.authorities = "".join(self._make_authority(*each) for each in zip(names, addresses))
        for name, address in zip(("relay3", "relay4"), addresses[3:]):
            names.append(name)
            self._write(name, RELAY.format(name=name, folder=self._folder(name), address=address))
        public = self.topology.hosts["proxy"].address
        self.start_message_server("proxy", "--listen", f"127.0.0.1:{MESSAGES_PORT}", "--listen", f"{public}:{MESSAGES_PORT}")
        self._write("service", SERVICE.format(folder=self._folder("service"), port=MESSAGES_PORT))
        self._write("client", CLIENT.format(folder=self._folder("client"), port=SOCKS_PORT))
        for name in names:
            self._start("onion", name)
        self._start("proxy", "service")
        self.client = self._start("user", "client")
        self.topology.wait_listening("proxy", public, MESSAGES_PORT, "tor-messages")
        self.start_friend()
        self._wait_for_onion()

    def _wait_for_onion(self):
        """Until a text has come through once: the network has to vote, the service to publish where it is."""
        end = time.monotonic() + BOOTSTRAP_SECONDS
        hostname = os.path.join(self._folder("service"), "service", "hostname")
        while not os.path.exists(hostname):
            if time.monotonic() > end:
                raise RuntimeError(f"tor: no onion service: {self.topology.log_text('tor-service')}")
            time.sleep(0.5)
        with open(hostname, encoding="ascii") as file:
            self.onion = file.read().strip()
        super().open()
        self.send("first")
        if self.arrival("first", max(1.0, end - time.monotonic())) is None:
            raise RuntimeError(f"tor: the network does not come up: {self.topology.log_text('tor-client')}")
        super().close()

    def open(self):
        if self.client is None:
            self.client = self._start_again()
        super().open()

    def _start_again(self):
        path = os.path.join(self._folder("client"), "torrc")
        return self.topology.start("user", "tor-client", "tor", "-f", path, "--RunAsDaemon", "0")

    def close(self):
        super().close()
        if self.client is not None:
            self.topology.end_processes([self.client])
            self.client = None

    def user_arguments(self):
        return ["--connect", f"{self.onion}:80", "--socks", f"127.0.0.1:{SOCKS_PORT}"]

    def friend_arguments(self):
        return ["--connect", f"{self.topology.hosts['proxy'].address}:{MESSAGES_PORT}"]
