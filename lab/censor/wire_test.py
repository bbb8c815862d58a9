#!/usr/bin/env python3
"""The censor in the path of real programs: namespaces made here, traffic by this interpreter's sockets and ssl.

Runs godwit-censor from the folder GODWIT_BIN. Needs root and /dev/net/tun; without them it says so and counts as skipped.
Nothing on the machine's own network is touched, and the namespaces go when the test ends.
"""

import base64
import ctypes
import json
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BINARY = os.path.join(os.environ.get("GODWIT_BIN", "build/release/bin"), "godwit-censor")
PREFIX = f"gwc{os.getpid()}"
USER, WEB = "10.7.0.2", "203.0.113.10"
USER6, WEB6 = "fd07::2", "2001:db8:7::10"
RTT = 0.060
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def why_not():
    """Why this cannot run here, or nothing."""
    if os.geteuid() != 0:
        return "it needs root"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    made = subprocess.run(["ip", "netns", "add", PREFIX + "t"], capture_output=True, text=True)
    if made.returncode != 0:
        return "no network namespaces: " + made.stderr.strip()
    subprocess.run(["ip", "netns", "del", PREFIX + "t"], check=True)
    return None


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Namespace:
    """A network namespace; `socket()` makes a socket in it, from any thread."""

    def __init__(self, name):
        self.name = PREFIX + name
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")

    def bring_up(self, *addresses):
        for address in addresses:
            ip("-n", self.name, "address", "add", address, "dev", "wire0", *(["nodad"] if ":" in address else []))
        ip("-n", self.name, "link", "set", "wire0", "up")
        ip("-n", self.name, "route", "add", "default", "dev", "wire0")
        ip("-n", self.name, "-6", "route", "add", "default", "dev", "wire0")

    def socket(self, kind=socket.SOCK_STREAM, family=socket.AF_INET):
        made = []

        def inside():
            with open(f"/run/netns/{self.name}") as file:
                if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                    return
            made.append(socket.socket(family, kind))

        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
        return made[0]

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name])


class Censor:
    """A running godwit-censor between a user and a web server abroad."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [BINARY, "--host", f"user:{PREFIX}u:inside:{USER}+{USER6}", "--host",
             f"web:{PREFIX}w:outside:203.0.113.0/24+2001:db8:7::/48", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.expect("ready")

    def expect(self, event):
        ready, _, _ = select.select([self.process.stdout], [], [], 10)
        line = self.process.stdout.readline() if ready else ""
        answer = json.loads(line or "{}")
        if answer.get("event") != event:
            raise AssertionError(f"not {event}: {line!r}")
        return answer

    def tell(self, command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def say(self, command, event):
        self.tell(command)
        return self.expect(event)

    def modes(self, *specs):
        return self.say({"cmd": "modes", "modes": list(specs)}, "modes")

    def counters(self):
        return self.say({"cmd": "counters"}, "counters")

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


class Server:
    """Serves connections in the web's namespace, each in a thread: TLS on 443, echo on 7, one datagram echo on 53."""

    def __init__(self, namespace, certificate):
        self.closing = False
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.sockets = []
        for port, serve in ((443, self.tls), (7, self.echo)):
            for family, address in ((socket.AF_INET, ""), (socket.AF_INET6, "::")):
                listener = namespace.socket(family=family)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind((address, port))
                listener.listen(50)
                self.start(self.accept, listener, serve)
        dns = namespace.socket(socket.SOCK_DGRAM)
        dns.bind(("", 53))
        self.start(self.datagrams, dns)

    def start(self, function, *arguments):
        self.sockets.append(arguments[0])
        threading.Thread(target=function, args=arguments, daemon=True).start()

    def accept(self, listener, serve):
        while not self.closing:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self.start(self.guarded, connection, serve)

    def guarded(self, connection, serve):
        try:
            with connection:
                serve(connection)
        except OSError:
            pass

    def tls(self, connection):
        with self.context.wrap_socket(connection, server_side=True) as stream:
            self.echo(stream)

    def echo(self, stream):
        while True:
            data = stream.recv(65536)
            if not data:
                return
            stream.sendall(data)

    def datagrams(self, dns):
        while not self.closing:
            data, peer = dns.recvfrom(2048)
            dns.sendto(data[:2] + b"\x81\x80" + data[4:], peer)  # an answer of a kind: the query, as a response


def query(name):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!HHHHHH", 0x4242, 0x0100, 1, 0, 0, 0) + labels + b"\0\0\1\0\1"


class Wire(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        certificate = os.path.join(cls.folder.name, "server.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=test", "-days", "2", "-keyout", certificate + ".key", "-out", certificate],
                       check=True, capture_output=True)
        with open(certificate, "a") as out, open(certificate + ".key") as key:
            out.write(key.read())
        cls.user, cls.web = Namespace("u"), Namespace("w")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addClassCleanup(cls.user.remove)
        cls.addClassCleanup(cls.web.remove)
        cls.capture = os.path.join(cls.folder.name, "wire.pcap")
        cls.censor = Censor("--loss", "0", "--pcap", cls.capture)
        cls.addClassCleanup(cls.censor.stop)
        cls.user.bring_up(USER + "/32", USER6 + "/128")  # after the censor: the device came up later
        cls.web.bring_up(WEB + "/32", WEB6 + "/128")
        cls.server = Server(cls.web, certificate)
        cls.client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        cls.client.check_hostname = False
        cls.client.verify_mode = ssl.CERT_NONE

    def connect(self, port=443, address=WEB, timeout=3.0):
        connection = self.user.socket(family=socket.AF_INET6 if ":" in address else socket.AF_INET)
        self.addCleanup(connection.close)
        connection.settimeout(timeout)
        connection.connect((address, port))
        return connection

    def tls(self, name, address=WEB, timeout=3.0):
        stream = self.client.wrap_socket(self.connect(443, address, timeout), server_hostname=name)
        self.addCleanup(stream.close)
        return stream

    def echoed(self, stream, data=b"hello"):
        stream.sendall(data)
        answer = b""
        while len(answer) < len(data):
            part = stream.recv(65536)
            if not part:
                return False
            answer += part
        return answer == data

    def counter(self, mode, name):
        return self.censor.counters()["modes"][mode].get(name, 0)

    def test_control_has_the_round_trip_of_the_base_network_over_both_families(self):
        self.censor.modes("control")
        for address in (WEB, WEB6):
            before = time.monotonic()
            connection = self.connect(7, address)
            opened = time.monotonic() - before
            self.assertGreaterEqual(opened, RTT)
            self.assertTrue(self.echoed(connection))
            self.assertGreaterEqual(time.monotonic() - before, 2 * RTT)

    def test_sni_rst_resets_the_listed_name_only(self):
        self.censor.modes("sni-rst:names=blocked.example")
        with self.assertRaises(ConnectionResetError):
            self.tls("www.blocked.example")
        self.assertGreaterEqual(self.counter("sni-rst", "answers_replaced"), 1)
        self.assertTrue(self.echoed(self.tls("other.example")))

    def test_sni_rst_beside_the_path_resets_over_ipv6_as_well(self):
        self.censor.modes("sni-rst:names=blocked.example,variant=gfw,hit=0")
        with self.assertRaises(ConnectionResetError):
            self.tls("blocked.example", WEB6)
        self.assertTrue(self.echoed(self.tls("other.example", WEB6)))

    def test_sni_drop_falls_silent_for_the_listed_name_only(self):
        self.censor.modes("sni-drop:names=blocked.example,variant=hello")
        with self.assertRaises(TimeoutError):
            self.tls("blocked.example", timeout=1.0)
        self.assertTrue(self.echoed(self.tls("other.example")))
        self.assertGreaterEqual(self.counter("sni-drop", "packets_dropped"), 2)  # the hello and its repetitions

    def test_dns_says_there_is_no_such_name(self):
        self.censor.modes("dns:names=blocked.example")
        resolver = self.user.socket(socket.SOCK_DGRAM)
        self.addCleanup(resolver.close)
        resolver.settimeout(3)
        resolver.sendto(query("www.blocked.example"), (WEB, 53))
        answer, peer = resolver.recvfrom(2048)
        self.assertEqual(peer, (WEB, 53))
        self.assertEqual(answer[:2], b"\x42\x42")
        self.assertEqual(answer[3] & 15, 3)
        resolver.sendto(query("other.example"), (WEB, 53))
        self.assertEqual(resolver.recvfrom(2048)[0][3] & 15, 0)

    def test_curtain_freezes_the_flow_and_gives_a_new_one_a_new_allowance(self):
        self.censor.modes("curtain:n=14")
        for _ in range(2):
            connection = self.connect(7, timeout=1.0)
            rounds = 0
            with self.assertRaises(TimeoutError):
                while rounds < 14 and self.echoed(connection):
                    rounds += 1
            self.assertGreaterEqual(rounds, 3)
            self.assertLessEqual(rounds, 6)
        self.assertEqual(self.counter("curtain", "flows_frozen"), 2)

    def test_ip_drops_all_and_the_way_comes_back(self):
        self.censor.modes(f"ip:block={WEB}")
        with self.assertRaises(TimeoutError):
            self.connect(7, timeout=1.0)
        self.assertTrue(self.echoed(self.connect(7, WEB6)))
        self.censor.modes()
        self.assertTrue(self.echoed(self.connect(7)))

    def test_a_running_connection_feels_a_mode_that_is_switched_on(self):
        self.censor.modes()
        stream = self.tls("blocked.example", timeout=1.0)
        self.assertTrue(self.echoed(stream))
        self.censor.modes("sni-drop:names=blocked.example,k_min=0,k_max=0")
        with self.assertRaises(TimeoutError):
            while self.echoed(stream):
                pass

    def test_learn_asks_for_a_probe_and_blocks_on_its_verdict(self):
        self.censor.modes("learn:recognisers=fet,sessions=1,analysis_min=0,analysis_max=0,delay_min=0,delay_max=0")
        payload = b"\xf0\x96" * 100  # four bits set in each byte, none of them printable
        connection = self.connect(7)
        self.assertTrue(self.echoed(connection, payload))
        suspect = self.censor.expect("suspect")
        self.assertEqual(suspect["server"], f"{WEB}:7")
        self.assertEqual(base64.b64decode(suspect["first_payload"]), payload)
        self.censor.tell({"cmd": "verdict", "server": suspect["server"], "proxy": True})
        with self.assertRaises(TimeoutError):
            for _ in range(100):
                self.connect(7, timeout=1.0).close()
        self.assertGreaterEqual(self.counter("learn", "servers_blocked"), 1)

    def test_bad_commands_are_answered_and_change_nothing(self):
        self.censor.modes("dns")
        for command in ({"cmd": "modes", "modes": ["curtain:n=0"]}, {"cmd": "modes", "modes": ["nothing"]},
                        {"cmd": "preset", "name": "mars"}, {"cmd": "verdict", "server": "x"}, {"cmd": 7}):
            self.assertTrue(self.censor.say(command, "error")["text"])
        self.assertEqual(list(self.censor.counters()["modes"]), ["dns"])


class Files(unittest.TestCase):
    def test_capture_and_features_of_each_flow_are_written(self):
        user, web = Namespace("u"), Namespace("w")
        self.addCleanup(user.remove)
        self.addCleanup(web.remove)
        with tempfile.TemporaryDirectory() as folder:
            capture, features = os.path.join(folder, "wire.pcap"), os.path.join(folder, "flows")
            censor = Censor("--loss", "0", "--rtt-ms", "0", "--pcap", capture, "--features", features)
            user.bring_up(USER + "/32")
            web.bring_up(WEB + "/32")
            sender = user.socket(socket.SOCK_DGRAM)
            self.addCleanup(sender.close)
            for size in range(1, 9):
                sender.sendto(b"x" * size, (WEB, 9))
            while censor.counters()["hosts"]["web"]["packets_in"] < 8:
                pass
            censor.stop()
            with open(features) as lines:
                flows = [json.loads(line) for line in lines]
            with open(capture, "rb") as file:
                captured = file.read()
        self.assertEqual(captured[:4], b"\xd4\xc3\xb2\xa1")
        self.assertIn(b"x" * 8, captured)
        flow = next(flow for flow in flows if flow["server"] == f"{WEB}:9")
        self.assertEqual((flow["label"], flow["protocol"], list(flow["stages"])), ("", "udp", ["6"]))
        self.assertEqual([flow["stages"]["6"][f"size_{n}"] for n in range(1, 7)], [1, 2, 3, 4, 5, 6])


class Loss(unittest.TestCase):
    def test_each_way_loses_the_share_that_was_asked_for(self):
        user, web = Namespace("u"), Namespace("w")
        self.addCleanup(user.remove)
        self.addCleanup(web.remove)
        censor = Censor("--loss", "0.1", "--rtt-ms", "0", "--seed", "5")
        self.addCleanup(censor.stop)
        user.bring_up(USER + "/32")
        web.bring_up(WEB + "/32")
        receiver, sender = web.socket(socket.SOCK_DGRAM), user.socket(socket.SOCK_DGRAM)
        self.addCleanup(receiver.close)
        self.addCleanup(sender.close)
        receiver.bind(("", 9))
        receiver.settimeout(2)
        arrived = 0
        for batch in range(20):  # in batches that every buffer holds
            for number in range(50):
                sender.sendto(b"x" * 20, (WEB, 9))
            sender.sendto(b"end", (WEB, 9))
            quiet = time.monotonic() + 0.2
            while time.monotonic() < quiet:
                if select.select([receiver], [], [], 0.05)[0]:
                    arrived += receiver.recv(100) != b"end"
        counters = censor.counters()
        self.assertGreater(arrived, 840)  # 900 expected of 1,000; six deviations
        self.assertLess(arrived, 960)
        self.assertGreaterEqual(counters["lost"], 1000 - arrived)


class Arguments(unittest.TestCase):
    def test_errors_name_the_option_and_end_with_2(self):
        for arguments, word in ((["--host", "u:n:middle:10.0.0.1"], "--host"), (["--loss", "2"], "--loss"),
                                (["--host", "u:n:inside:10.0.0.1", "--mode", "curtain:n=x"], "option n"),
                                (["--host", "u:n:inside:10.0.0.1", "--preset", "x"], "--preset"), ([], "--host"),
                                (["--host", "u:no-such-namespace:inside:10.0.0.1"], "no-such-namespace")):
            ended = subprocess.run([BINARY, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
            self.assertEqual((ended.returncode, ended.stdout), (2, ""), arguments)
            self.assertIn(word, ended.stderr)

    def test_list_shows_every_mode_in_text_and_json(self):
        catalogue = json.loads(subprocess.run([BINARY, "--list", "--json"], capture_output=True, check=True).stdout)
        text = subprocess.run([BINARY, "--list"], capture_output=True, check=True, text=True).stdout
        self.assertEqual([mode["number"] for mode in catalogue["modes"]], list(range(19)))
        for mode in catalogue["modes"]:
            self.assertIn(mode["name"], text)


if __name__ == "__main__":
    reason = why_not()
    if reason:
        print("SKIPPED:", reason)
        sys.exit(0)
    unittest.main(verbosity=1)
