"""The lab's hosts as network namespaces: made, addressed and taken away again.

A run's namespaces, folders and files carry its process id and start time in their names, so that a later run can tell the
leftovers of a killed one from the belongings of one that lives. Nothing outside the namespaces is changed: no bridge, no
route, no forwarding on the machine itself. The only link between the hosts is the censor (wire.py).
"""

import ctypes
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from typing import NamedTuple

PREFIX = "gwlab"
OWNER = re.compile(PREFIX + r"-(\d+)-(\d+)-")  # of whatever belongs to a run: process id, start time in ticks
DEVICE = "wire0"
NETNS_FOLDER = "/run/netns"
NETNS_FILES = "/etc/netns"

RESOLVER_INSIDE = "203.0.113.53"
RESOLVER_OUTSIDE = "192.0.2.53"


class Host(NamedTuple):
    """One machine of the lab."""

    name: str
    inside: bool        # behind the censor
    addresses: tuple    # IPv4; the first is the one it is known by
    names: tuple        # in the zone, pointing at the first address
    about: str

    @property
    def address(self):
        """The address it is known by."""
        return self.addresses[0]

    @property
    def networks(self):
        """All its addresses as the censor wants them."""
        return [f"{each}/32" for each in self.addresses] + [f"{ipv6_of(each)}/128" for each in self.addresses]


def ipv6_of(address):
    """The IPv6 address that goes with an IPv4 address of the lab."""
    block = {"203.0.113": 1, "198.51.100": 2, "192.0.2": 3}.get(address.rpartition(".")[0])
    if block is None:  # a resolver's real address
        return f"2001:db8:4::{address.replace('.', ':')}"
    return f"2001:db8:{block}::{int(address.rpartition('.')[2]):x}"


# Three networks, so that a censor can suspect one of them: 203.0.113.0/24 is the country, 198.51.100.0/24 are foreign
# hosting companies (where servers are rented), 192.0.2.0/24 is the rest of the world.
DOMESTIC, HOSTERS, ABROAD = "203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24"

HOSTS = (
    Host("user", True, ("203.0.113.10",), (), "the person whom the censor is there for"),
    Host("user2", True, ("203.0.113.11",), (), "somebody else behind the same censor"),
    Host("isp", True, (RESOLVER_INSIDE,), ("resolver.isp.example",), "the provider's resolver"),
    Host("domestic", True, ("203.0.113.80", "203.0.113.81"), ("portal.example", "bank.example"), "ordinary sites at home"),
    Host("bridge-in", True, ("203.0.113.90",), ("blog.portal.example",), "a bridge on an address inside"),
    Host("mail-in", True, ("203.0.113.25",), ("mail.portal.example",), "a mail provider inside"),
    Host("home", False, ("198.51.100.10",), ("home.example",), "the home of the people, published"),
    Host("home2", False, ("198.51.100.20",), ("home2.example",), "another home"),
    Host("bridge1", False, ("198.51.100.30",), ("garden.example",), "a bridge that only its users know"),
    Host("bridge2", False, ("198.51.100.31",), ("kitchen.example",), "another"),
    Host("chat", False, ("198.51.100.40",), ("chat.example",), "a peer's server, published"),
    Host("proxy", False, ("198.51.100.41",), ("proxy.example",), "a peer's relay, not published"),
    Host("onion", False, ("198.51.100.50", "198.51.100.51", "198.51.100.52", "198.51.100.53", "198.51.100.54"), (),
         "the relays of a private Tor network, published"),
    Host("doh1", False, (RESOLVER_OUTSIDE,), ("dns.example",), "a resolver abroad: UDP, TCP and DoH"),
    Host("doh2", False, ("192.0.2.54",), ("resolver.other.example",), "another"),
    Host("public1", False, ("1.1.1.1", "1.0.0.1"), ("cloudflare-dns.com",), "a resolver that everybody knows: its real name and addresses"),
    Host("public2", False, ("8.8.8.8", "8.8.4.4"), ("dns.google",), "another"),
    Host("mail-out", False, ("192.0.2.25",), ("mail.example",), "a mail provider abroad"),
    Host("web", False, ("192.0.2.80", "192.0.2.81", "192.0.2.82"), ("news.example", "shop.example", "wiki.example"),
         "ordinary sites abroad"),
    Host("cdn", False, ("192.0.2.90",), ("cdn.example", "static.cdn.example", "assets.shop.example"),
         "a front with several names on one address"),
    Host("friend", False, ("192.0.2.99",), (), "the one who is written to, in a free country"),
    Host("probe", False, ("192.0.2.200",), (), "from where the censor's prober asks"),
)


def process_start(pid):
    """When a process started, in ticks since boot; None if there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def own_tag():
    """What the names of everything that belongs to this process begin with."""
    return f"{PREFIX}-{os.getpid()}-{process_start(os.getpid())}-"


def is_leftover(name):
    """True if `name` is of a run that is no more."""
    match = OWNER.match(os.path.basename(name))
    return bool(match) and process_start(int(match[1])) != int(match[2])


def ip(*words, check=True, stdin=None):
    """Runs iproute2's ip; a RuntimeError with what it says if it fails and `check` is set."""
    done = subprocess.run(["ip", *words], check=False, input=stdin, capture_output=True, encoding="utf-8")
    if check and done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done


def remove_namespace(name):
    """Ends what runs in a namespace of ours, and takes it away with its files."""
    for pid in ip("netns", "pids", name, check=False).stdout.split():
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    ip("netns", "del", name, check=False)
    shutil.rmtree(os.path.join(NETNS_FILES, name), ignore_errors=True)


def remove_leftovers():
    """Takes away what killed runs have left; gives the names."""
    names = [os.path.basename(path) for folder in (NETNS_FOLDER, NETNS_FILES)
             for path in glob.glob(os.path.join(folder, PREFIX + "-*"))]
    gone = sorted({name for name in names if is_leftover(name)})
    for name in gone:
        remove_namespace(name)
    for path in filter(is_leftover, glob.glob(os.path.join(tempfile.gettempdir(), PREFIX + "-*"))):
        shutil.rmtree(path, ignore_errors=True)
        gone.append(path)
    remove_empty_folder()
    return gone


def remove_own():
    """Takes away everything of this process, whatever its threads are doing: for an end by a signal."""
    for path in glob.glob(os.path.join(NETNS_FOLDER, own_tag() + "*")):
        remove_namespace(os.path.basename(path))
    for path in glob.glob(os.path.join(tempfile.gettempdir(), own_tag() + "*")):
        shutil.rmtree(path, ignore_errors=True)
    remove_empty_folder()


def remove_empty_folder():
    """Removes the folder of all namespaces' files if nobody uses it: it was not there before the first lab."""
    try:
        os.rmdir(NETNS_FILES)
    except OSError:
        pass


def make_folder(path):
    """Makes a namespace's folder, even if another lab is removing the empty one above it at this moment."""
    for _ in range(100):
        try:
            os.makedirs(path, exist_ok=True)
            return
        except FileNotFoundError:
            time.sleep(0.01)
    os.makedirs(path, exist_ok=True)


def lacking():
    """Why the lab cannot run here, in one line; empty if it can."""
    if os.geteuid() != 0:
        return "needs root (network namespaces)"
    if not os.path.exists("/dev/net/tun"):
        return "needs /dev/net/tun"
    return ""


def inside_namespace(name, function):
    """Runs function() on a thread that has entered the namespace `name`; gives its result. Sockets made there stay there."""
    result = []

    def enter():
        try:
            descriptor = os.open(os.path.join(NETNS_FOLDER, name), os.O_RDONLY)
            try:
                if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0x40000000) != 0:
                    raise OSError(ctypes.get_errno(), f"setns {name}")
            finally:
                os.close(descriptor)
            result.append((function(), None))
        except Exception as error:  # handed to the caller's thread, whatever it is
            result.append((None, error))

    thread = threading.Thread(target=enter, daemon=True)
    thread.start()
    thread.join()
    value, error = result[0]
    if error is not None:
        raise error
    return value


class Topology:
    """The namespaces of one lab. Use as a context manager; the wire between them is the caller's (wire.py)."""

    count = 0
    lock = threading.Lock()

    def __init__(self, hosts=HOSTS):
        with Topology.lock:
            Topology.count += 1
            self.tag = f"{own_tag()}{Topology.count}-"
        self.hosts = {host.name: host for host in hosts}
        self.folder = None
        self.processes = []  # (what, Popen), in the order of their start

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix=self.tag)
        try:
            for host in self.hosts.values():
                self._make(host)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.end_processes([process for _, process in reversed(self.processes)])
        for host in self.hosts:
            remove_namespace(self.namespace(host))
        shutil.rmtree(self.folder, ignore_errors=True)
        remove_empty_folder()

    def namespace(self, host):
        """The namespace of a host."""
        return self.tag + host

    def _make(self, host):
        name = self.namespace(host.name)
        ip("netns", "add", name)
        ip("-n", name, "link", "set", "lo", "up")
        files = os.path.join(NETNS_FILES, name)
        make_folder(files)
        resolver = RESOLVER_INSIDE if host.inside else RESOLVER_OUTSIDE
        with open(os.path.join(files, "resolv.conf"), "w", encoding="ascii") as file:
            file.write(f"nameserver {resolver}\noptions timeout:3 attempts:2\n")
        with open(os.path.join(files, "hosts"), "w", encoding="ascii") as file:
            file.write("127.0.0.1 localhost\n::1 localhost\n")

    def address_devices(self):
        """Once the wire's devices are there: gives them addresses and routes."""
        for host in self.hosts.values():
            lines = []
            for each in host.addresses:
                lines += [f"addr add {each}/32 dev {DEVICE}", f"addr add {ipv6_of(each)}/128 dev {DEVICE} nodad"]
            lines += [f"link set {DEVICE} up mtu 1500 txqueuelen 1000",
                      f"route add default dev {DEVICE} src {host.address}", f"route add ::/0 dev {DEVICE}"]
            ip("-n", self.namespace(host.name), "-batch", "-", stdin="\n".join(lines) + "\n")

    def within(self, host, function):
        """Runs function() as if on that host (its network only: names are still this machine's)."""
        return inside_namespace(self.namespace(host), function)

    def prefix(self, host):
        """The words that make a command run on a host, with its resolver and hosts file."""
        return ["ip", "netns", "exec", self.namespace(host)]

    def path(self, *parts):
        """A path below the lab's folder; the folder it lies in is made."""
        path = os.path.join(self.folder, *parts)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def start(self, host, what, *command, env=None, **more):
        """Starts a program on a host; its output goes to logs/WHAT.log unless `more` says otherwise."""
        with open(self.path("logs", what + ".log"), "ab") as log:
            options = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **more}
            process = subprocess.Popen([*self.prefix(host), *map(str, command)], env={**os.environ, **(env or {})},
                                       start_new_session=True, **options)
        self.processes.append((what, process))
        return process

    def log_text(self, what):
        """The end of what a program has written."""
        try:
            with open(self.path("logs", what + ".log"), encoding="utf-8", errors="replace") as file:
                return file.read()[-2000:]
        except OSError:
            return ""

    def end_processes(self, processes):
        """SIGTERM, then SIGKILL for those that are still there; forgets them."""
        for process in processes:
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + 3
        for process in processes:
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = [each for each in self.processes if each[1] not in processes]

    def listens(self, host, address, port):
        """True if somebody accepts TCP there, asked on the host itself."""
        def ask():
            with socket.socket() as probe:
                probe.settimeout(1)
                return probe.connect_ex((address, port)) == 0
        return self.within(host, ask)

    def wait_listening(self, host, address, port, what, timeout=20.0):
        """Waits until somebody accepts there; a RuntimeError with its log if a started program `what` has ended."""
        end = time.monotonic() + timeout
        while not self.listens(host, address, port):
            for name, process in self.processes:
                if name == what and process.poll() is not None:
                    raise RuntimeError(f"{what} has ended with {process.returncode}: {self.log_text(what)}")
            if time.monotonic() > end:
                raise RuntimeError(f"{what} does not listen on {address}:{port}: {self.log_text(what)}")
            time.sleep(0.05)
