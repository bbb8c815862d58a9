"""Calls pass through the home's ordinary port to a real coturn, for those who live there and for nobody else."""

import os
import re
import shutil
import signal
import socket
import time
import unittest

from people import until
from turn import ALLOCATE, BINDING, Refused, Relayed, first_message, password_of, tls
from world import World, main

REASON = None if shutil.which("turnserver") else "coturn (the program turnserver) is not installed"
STRANGERS = 64  # CallRelay::strangers_max
RELAY = {"calls": "true", "calls_addresses": '["127.0.0.1"]'}


def is_gone(pid):
    """True if there is no such process, or only what its parent has not looked at."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def listening(pid):
    """(kind, address, port) of what a process listens on."""
    inodes = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        target = os.readlink(f"/proc/{pid}/fd/{name}")
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for kind, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        with open(f"/proc/{pid}/net/{kind}", encoding="utf-8") as file:
            rows = [line.split() for line in file.readlines()[1:]]
        for row in rows:
            if row[3] == state and row[9] in inodes:
                address, port = row[1].split(":")
                found.add((kind, address, int(port, 16)))
    return found


class CallWorld(World):
    """A home that relays calls, and somebody who lives there."""

    def setUp(self):
        if REASON:
            print(f"SKIPPED: {REASON}", flush=True)
            raise unittest.SkipTest(f"SKIPPED: {REASON}")
        super().setUp()

    def relays_of(self, person):
        """What the home lets a person use."""
        return person.ask("read_call_relays")["relays"]

    def resident(self, home):
        """Somebody who is connected."""
        anna = self.person("Anna", home)
        anna.start()
        until(lambda: "result" in anna.try_ask("read_call_relays"), "Anna is connected")
        return anna

    def connect(self, home, relay):
        """A connection with somebody's credentials."""
        relayed = Relayed(home.port, relay["username"], relay["credential"])
        self.addCleanup(relayed.close)
        return relayed

    def status(self, home, wanted="calls: on"):
        """What `calls status` says once it begins with `wanted`."""
        def look():
            text = home.call("calls", "status")[1]
            return text if text.startswith(wanted) else None
        return until(look, lambda: f"{wanted}, not: {home.call('calls', 'status')}")

    def pid(self, home):
        """The process of coturn."""
        return int(self.status(home).split("process ")[1].split(",")[0])

    def answer_to(self, home, message):
        """All that is answered to whoever says `message` first."""
        with tls(home.port) as connection:
            connection.sendall(message)
            out = b""
            while True:
                try:
                    more = connection.recv(4096)
                except OSError:
                    return out
                if not more:
                    return out
                out += more

    def refused(self, code, work, *arguments):
        """`work` is refused with `code`."""
        with self.assertRaises(Refused) as raised:
            work(*arguments)
        self.assertEqual(raised.exception.code, code)


class Relaying(CallWorld):
    """The relay as those who call see it."""

    def test_a_call_goes_both_ways_and_only_with_credentials_that_are_good(self):
        home = self.home(**RELAY, calls_loopback="true")
        anna = self.resident(home)
        self.status(home)
        first, second = self.relays_of(anna)[0], self.relays_of(anna)[0]
        self.assertEqual(first["urls"], [f"turns:127.0.0.1:{home.port}?transport=tcp"])
        self.assertNotEqual(first["username"], second["username"])
        one, two = self.connect(home, first), self.connect(home, second)
        for each in (one, two):
            self.assertEqual(each.allocate()[0], "127.0.0.1")
        # Both by this relay: what people with a home in common have.
        one.permit(two.relayed)
        two.permit(one.relayed)
        one.send(two.relayed, b"there")
        self.assertEqual(two.receive(), (one.relayed, b"there"))
        two.send(one.relayed, b"and back" * 100)
        self.assertEqual(one.receive(), (two.relayed, b"and back" * 100))
        # And somebody who is reached directly.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(20)
            one.permit(peer.getsockname())
            one.send(peer.getsockname(), b"hello")
            data, source = peer.recvfrom(2000)
            self.assertEqual((data, source), (b"hello", one.relayed))
            peer.sendto(b"hello yourself", source)
            self.assertEqual(one.receive(), (peer.getsockname(), b"hello yourself"))
        for inside in ("10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "0.0.0.0"):
            self.refused(403, one.permit, (inside, 53))
        self.refuses_others(home, first)
        self.assertIn("connections: 2 of 500 now", self.status(home))
        one.close()
        two.close()
        until(lambda: "connections: 0 of 500 now" in self.status(home), "closed connections are not counted")

    def refuses_others(self, home, good):
        """Wrong, forged and expired credentials open nothing."""
        config = os.path.join(home.folder, "calls", "turnserver.conf")
        self.assertEqual(os.stat(config).st_mode & 0o777, 0o600)
        with open(config, encoding="utf-8") as file:
            secret = [line for line in file if line.startswith("static-auth-secret=")][0].strip().split("=")[1]
        name = good["username"].split(":")[1]
        self.assertEqual(good["credential"], password_of(secret, good["username"]))
        expired, later = f"{int(time.time()) - 5}:{name}", f"{int(time.time()) + 99999}:{name}"
        for username, password in ((good["username"], "wrong"), (expired, password_of(secret, expired)),
                                   (later, good["credential"])):
            other = self.connect(home, {"username": username, "credential": password})
            self.refused(401, other.allocate)
            other.close()

    def test_strangers_find_a_web_site_and_calls_lead_to_no_loopback(self):
        home = self.home(**RELAY)
        self.status(home)
        site = self.answer_to(home, b"nonsense\r\n\r\n").split(b"\r\n")[0]
        self.assertIn(b" 400 ", site)
        self.assertEqual(self.answer_to(home, first_message(ALLOCATE)).split(b"\r\n")[0], site, "nobody has asked for a relay")
        anna = self.resident(home)
        relay = self.relays_of(anna)[0]
        self.assertEqual(self.answer_to(home, first_message(BINDING)).split(b"\r\n")[0], site, "a scanner")
        one = self.connect(home, relay)
        one.allocate()
        for inside in ("127.0.0.1", "127.1.2.3", "10.0.0.1"):
            self.refused(403, one.permit, (inside, 53))
        one.permit(("9.9.9.9", 53))  # sends nothing there: whom one calls is allowed
        pid = self.pid(home)
        ports = {each for each in listening(pid) if each[0].startswith("tcp")}
        self.assertEqual({(kind, address) for kind, address, _ in ports}, {("tcp", "0100007F")}, "127.0.0.1 and nothing else")
        self.assertEqual(len({port for _, _, port in ports}), 1)
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            self.assertNotIn(b"secret", file.read())

    def test_strangers_who_hold_their_places_disturb_nobody_who_calls(self):
        home = self.home(**RELAY)
        self.status(home)
        anna = self.resident(home)
        caller = self.connect(home, self.relays_of(anna)[0])
        caller.allocate()
        strangers = []
        for _ in range(STRANGERS):
            strangers.append(tls(home.port))
            self.addCleanup(strangers[-1].close)
            strangers[-1].sendall(first_message(ALLOCATE))
            self.assertTrue(strangers[-1].recv(20), "it is asked for credentials")
        answer = self.answer_to(home, first_message(ALLOCATE)).split(b"\r\n")[0]
        self.assertIn(b" 400 ", answer, "one more finds a web site")
        caller.permit(("9.9.9.9", 53))
        for stranger in strangers:
            while stranger.recv(4096):
                pass  # until it is closed
        self.connect(home, self.relays_of(anna)[0]).allocate()
        caller.permit(("9.9.9.10", 53))  # and who has shown credentials is let go on

    def test_a_dead_relay_comes_back_with_the_same_credentials_and_goes_with_its_home(self):
        home = self.home(**RELAY, calls_loopback="true")
        anna = self.resident(home)
        self.status(home)
        relay = self.relays_of(anna)[0]
        self.connect(home, relay).allocate()
        before = self.pid(home)
        os.kill(before, signal.SIGKILL)
        until(lambda: "started 2 times" in self.status(home), "it is started again")
        after = self.pid(home)
        self.assertNotEqual(after, before)
        self.assertIn("coturn has ended", home.log_text())
        self.connect(home, relay).allocate()
        home.kill()
        until(lambda: is_gone(after), "a home that was killed takes it along")
        home.start()
        again = self.pid(home)
        self.assertEqual(home.stop(), 0)
        until(lambda: is_gone(again), "so does one that ends")
        self.assertFalse(os.path.exists(os.path.join(home.folder, "calls", "turnserver.conf")))


class Bounds(CallWorld):
    """What one caller may."""

    def test_one_hours_credentials_are_good_for_so_many_connections(self):
        home = self.home(**RELAY, calls_loopback="true", calls_user_max=2)
        anna = self.resident(home)
        self.status(home)
        first, second = self.relays_of(anna)[0], self.relays_of(anna)[0]
        held = [self.connect(home, first) for _ in range(2)]
        for each in held:
            each.allocate()
        self.refused(486, self.connect(home, first).allocate)
        self.connect(home, second).allocate()

    def test_a_connection_carries_so_many_bytes_a_second_and_goes_on(self):
        most, size = 20_000, 1_000
        home = self.home(**RELAY, calls_loopback="true", calls_bytes_second_max=most)
        anna = self.resident(home)
        self.status(home)
        one = self.connect(home, self.relays_of(anna)[0])
        one.allocate()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(1)
            one.permit(peer.getsockname())
            began = time.monotonic()
            for _ in range(300):
                one.send(peer.getsockname(), b"x" * size)
            came = 0
            last = None
            while last != b"last":  # said again until it comes: what was too much is dropped, and what is not goes on
                one.send(peer.getsockname(), b"last")
                try:
                    while last != b"last":
                        last = peer.recv(2000)
                        came += len(last)
                except TimeoutError:
                    self.assertLess(time.monotonic() - began, 60, "it goes on")
            seconds = time.monotonic() - began
        self.assertLess(came, most * (seconds + 2), "no more than it may carry in that time")
        self.assertLess(came, 300 * size, "the rest was dropped")


class ByUdp(CallWorld):
    """The relay that is open to the world, where the operator wants one."""

    def udp_home(self, **more):
        """A home with one, and its port."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        home = self.home(**RELAY, calls_udp="true", calls_udp_port=port, **more)
        until(lambda: "\nby UDP: coturn, process " in home.call("calls", "status")[1], lambda: home.call("calls", "status")[1])
        return home, port

    def udp_pid(self, home):
        """The process of it."""
        return int(re.search(r"by UDP: coturn, process (\d+)", self.status(home)).group(1))

    def test_callers_come_by_udp_with_credentials_and_meet_those_who_come_by_tls(self):
        home, port = self.udp_home(calls_loopback="true")
        anna = self.resident(home)
        told = anna.ask("read_call_relays")
        self.assertTrue(told["clear"])
        self.assertEqual([each["urls"] for each in told["relays"]], [[f"turns:127.0.0.1:{home.port}?transport=tcp"]])
        self.assertEqual([each["urls"] for each in told["udp"]], [[f"turn:127.0.0.1:{port}?transport=udp"]])
        relay = told["udp"][0]
        one = Relayed(port, relay["username"], relay["credential"], udp=True)
        self.addCleanup(one.close)
        two = self.connect(home, self.relays_of(anna)[0])
        for each in (one, two):
            self.assertEqual(each.allocate()[0], "127.0.0.1")
        one.permit(two.relayed)
        two.permit(one.relayed)
        one.send(two.relayed, b"there")
        self.assertEqual(two.receive(), (one.relayed, b"there"))
        two.send(one.relayed, b"and back")
        self.assertEqual(one.receive(), (two.relayed, b"and back"))
        for inside in ("10.0.0.1", "192.168.1.1", "169.254.169.254", "224.0.0.1", "0.0.0.0"):
            self.refused(403, one.permit, (inside, 53))
        other = Relayed(port, relay["username"], "wrong", udp=True)
        self.addCleanup(other.close)
        self.refused(401, other.allocate)

    def test_strangers_are_answered_little_and_nothing_else_is_open(self):
        home, port = self.udp_home()
        for method in (BINDING, ALLOCATE):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.settimeout(20)
                stranger.connect(("127.0.0.1", port))
                stranger.send(first_message(method))
                answer = stranger.recv(2000)
                self.assertEqual(answer[0] & 1, 1, "an error")
                self.assertLess(len(answer), 100, "whoever forges his address has little of it sent there")
                self.assertNotIn(b"oturn", answer)
        found = listening(self.udp_pid(home))
        self.assertEqual({each for each in found if each[0].startswith("tcp")}, set())
        self.assertEqual({each for each in found if each[0] == "udp"}, {("udp", "0100007F", port)})
        config = os.path.join(home.folder, "calls", "udp", "turnserver.conf")
        self.assertEqual(os.stat(config).st_mode & 0o777, 0o600)

    def test_one_that_dies_is_named_to_nobody_until_it_is_back_and_calls_by_tls_go_on(self):
        home, _ = self.udp_home()
        anna = self.resident(home)
        caller = self.connect(home, self.relays_of(anna)[0])
        caller.allocate()
        pid = self.udp_pid(home)
        os.kill(pid, signal.SIGKILL)
        until(lambda: "the relay for calls by UDP does not run" in home.log_text(), "the home says so")
        caller.permit(("9.9.9.9", 53))
        until(lambda: "UDP: coturn" in home.call("calls", "status")[1] and self.udp_pid(home) != pid, "it is started again")
        self.assertEqual(len(anna.ask("read_call_relays")["udp"]), 1)
        again = self.udp_pid(home)
        home.kill()
        until(lambda: is_gone(again), "a home that was killed takes it along")
        home.start()
        until(lambda: "UDP: coturn" in home.call("calls", "status")[1], "it comes back with it")
        self.assertEqual(home.stop(), 0)
        self.assertFalse(os.path.exists(os.path.join(home.folder, "calls", "udp")))

    def test_a_port_that_another_program_has_is_said_and_calls_by_tls_go_on(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as coturn's own service would have it
            other.bind(("127.0.0.1", 0))
            home = self.home(**RELAY, calls_udp="true", calls_udp_port=other.getsockname()[1])
            until(lambda: "\nby UDP: not working: another program has the UDP port" in home.call("calls", "status")[1],
                  lambda: home.call("calls", "status")[1])
            self.assertEqual(home.call("calls", "status")[0], 1)
            told = self.resident(home).ask("read_call_relays")
            self.assertEqual((len(told["relays"]), told["udp"]), (1, []))
        until(lambda: "\nby UDP: coturn" in home.call("calls", "status")[1], "it is there once the port is free")

    def test_it_is_switched_on_beside_a_running_home_and_off_at_first(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        home = self.home(**RELAY, calls_udp_port=port)
        anna = self.resident(home)
        self.assertNotIn("by UDP", self.status(home))
        self.assertEqual(anna.ask("read_call_relays")["udp"], [])
        code, out, err = home.call("calls", "enable", "--udp")
        self.assertEqual(code, 0, err)
        self.assertIn(f"open to the world at UDP port {port}\n", out)
        self.assertEqual(len(anna.ask("read_call_relays")["udp"]), 1)
        pid = self.udp_pid(home)
        self.assertEqual(home.call("calls", "disable")[:2], (0, "calls: off\n"))
        until(lambda: is_gone(pid), "it ends")


class Switching(CallWorld):
    """The operator's switch."""

    def test_calls_are_switched_on_and_off_beside_a_running_home(self):
        home = self.home(calls_addresses='["127.0.0.1"]')
        anna = self.resident(home)
        self.assertEqual(self.relays_of(anna), [])
        self.assertEqual(home.call("calls", "status"), (0, "calls: off\n", ""))
        code, out, err = home.call("calls", "enable")
        self.assertEqual(code, 0, err)
        self.assertTrue(out.startswith("calls: on\nrelay: coturn, process "), out)
        self.assertIn("note: this home's certificate is pinned", out)
        self.assertEqual(len(self.relays_of(anna)), 1)
        code, out, _ = home.call("status")
        self.assertEqual(code, 0)
        self.assertTrue(out.startswith(f"home: running, process {home.process.pid}, port {home.port}\n"), out)
        self.assertIn("\ncalls: on\n", out)
        pid = self.pid(home)
        self.assertEqual(home.call("calls", "disable"), (0, "calls: off\n", ""))
        until(lambda: is_gone(pid), "it ends")
        self.assertEqual(self.relays_of(anna), [])
        home.stop()
        self.assertEqual(home.call("status"), (1, "home: not running\ncalls: off\n", ""))

    def test_a_question_reads_no_settings_anew_and_sighup_does(self):
        home = self.home(**RELAY)
        until(lambda: "process " in home.call("calls", "status")[1], "the relay stands")
        pid = self.pid(home)
        path = os.path.join(home.folder, "config.toml")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(re.sub(r"(?m)^calls_source_max = .*$", "calls_source_max = 30", text))
        for question in ("status",), ("check",), ("audit",), ("calls", "status"):
            home.call(*question)
        self.assertEqual(self.pid(home), pid)
        home.process.send_signal(signal.SIGHUP)
        until(lambda: is_gone(pid), "the relay is started anew")
        until(lambda: "process " in home.call("calls", "status")[1] and self.pid(home) != pid, "it stands again")

    def test_without_coturn_the_operator_is_told_what_to_install(self):
        home = self.home(calls_program='"no-such-program"')
        with open(os.path.join(home.folder, "config.toml"), encoding="utf-8") as file:
            before = file.read()
        code, out, err = home.call("calls", "enable")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("apt install coturn", err)
        with open(os.path.join(home.folder, "config.toml"), encoding="utf-8") as file:
            self.assertEqual(file.read(), before, "nothing was changed")
        home.configure(calls="true")
        code, out, _ = home.call("calls", "status")
        self.assertEqual(code, 1)
        self.assertIn("calls: not working: ", out)
        self.assertIn("apt install coturn", out)
        self.assertIn("the relay for calls does not run", home.log_text())


if __name__ == "__main__":
    main()
