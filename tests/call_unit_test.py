"""A home runs the unit for calls of many, a real Janus, and nobody reaches it but by the home and its relay."""

import os
import re
import shutil
import signal
import unittest

from call_relay_test import CallWorld, is_gone, listening
from janus import OFFER, Janus, quoted_in
from people import until
from world import main

REASON = None if shutil.which("janus") else "Janus (the program janus) is not installed"
# Not 127.0.0.1: calls may lead to the relay's own address.
UNIT = {"calls": "true", "calls_unit": "true", "calls_addresses": '["127.0.0.2"]'}


def packed(address):
    """An address as /proc/net/udp writes it."""
    return "".join(f"{int(each):02X}" for each in reversed(address.split(".")))


class Unit(CallWorld):
    """Janus beside coturn."""

    def setUp(self):
        if REASON:
            print(f"SKIPPED: {REASON}", flush=True)
            raise unittest.SkipTest(f"SKIPPED: {REASON}")
        super().setUp()

    def unit(self, home, times="once"):
        """(process, address) once `calls status` says that it runs."""
        line = rf"unit: Janus, process (\d+), started {times}, media come to (127\.[\d.]+)\n"
        found = until(lambda: re.search(line, self.status(home)), lambda: f"it runs: {home.call('calls', 'status')}")
        return int(found[1]), found[2]

    def janus(self, home):
        """A connection to it, with the secret that only this user can read."""
        folder = os.path.join(home.folder, "calls", "unit")
        client = Janus(os.path.join(folder, "socket"), quoted_in(os.path.join(folder, "janus.jcfg"), "api_secret"))
        self.addCleanup(client.close)
        return client

    def test_it_has_one_address_and_nobody_comes_there_but_by_the_relay(self):
        home = self.home(**UNIT)
        anna = self.resident(home)
        pid, address = self.unit(home)
        self.assertEqual(listening(pid), set(), "no port, before there are media")
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            self.assertNotIn(b"secret", file.read())
        folder = os.path.join(home.folder, "calls", "unit")
        self.assertEqual(os.stat(folder).st_mode & 0o777, 0o700)
        for name in ("janus.jcfg", "janus.plugin.videoroom.jcfg"):
            self.assertEqual(os.stat(os.path.join(folder, name)).st_mode & 0o777, 0o600)
        self.assertEqual(os.listdir(os.path.join(folder, "plugins")), ["libjanus_videoroom.so"])
        caller = self.connect(home, self.relays_of(anna)[0])
        caller.allocate()
        caller.permit((address, 20000))
        head, last = address.rsplit(".", 1)
        beside = f"{head}.{int(last) % 254 + 1}"
        for inside in ("127.0.0.1", "127.0.0.53", beside, "10.0.0.1", "192.168.1.1"):
            self.refused(403, caller.permit, (inside, 20000))

    def test_it_takes_only_what_knows_its_secrets_and_only_sealed_media(self):
        home = self.home(**UNIT)
        pid, address = self.unit(home)
        stranger = Janus(os.path.join(home.folder, "calls", "unit", "socket"), "guess")
        self.addCleanup(stranger.close)
        self.assertEqual(stranger.begin()["error"]["code"], 403)
        janus = self.janus(home)
        self.assertEqual(janus.begin()["janus"], "success")
        handle = janus.attach()
        make = {"request": "create", "room": 7, "is_private": True, "require_e2ee": True}
        self.assertIn("error", janus.room(handle, **make)[0], "a room is made by the home alone")
        key = quoted_in(os.path.join(home.folder, "calls", "unit", "janus.plugin.videoroom.jcfg"), "admin_key")
        self.assertEqual(janus.room(handle, **make, admin_key=key)[0]["videoroom"], "created")
        open_one, sealed_one = janus.attach(), janus.attach()
        for number, each in enumerate((open_one, sealed_one), 1):
            joined = janus.room(each, request="join", ptype="publisher", room=7, id=number)[0]
            self.assertEqual(joined["videoroom"], "joined", joined)
        self.assertIn("error", janus.room(open_one, OFFER, sealed=False, request="publish")[0], "what it could hear")
        said, answer = janus.room(sealed_one, OFFER, request="publish")
        self.assertEqual(said.get("configured"), "ok", said)
        candidates = re.findall(r"^a=candidate:\S+ \d+ udp \d+ (\S+) (\d+) typ (\w+)", answer, re.M)
        self.assertEqual({(each[0], each[2]) for each in candidates}, {(address, "host")}, answer)
        self.assertIn("a=ice-lite", answer)
        with open(f"/proc/{pid}/net/udp", encoding="utf-8") as file:
            ports = {line.split()[1] for line in file.readlines()[1:]}
        wanted = {f"{packed(address)}:{int(port):04X}" for _, port, _ in candidates}
        self.assertTrue(wanted <= ports, f"{wanted} in {ports}")
        self.assertTrue(all(each[1] == packed(address) for each in listening(pid)), f"no other address: {listening(pid)}")

    def test_a_dead_one_comes_back_with_other_secrets_and_goes_with_its_home(self):
        home = self.home(**UNIT)
        before, address = self.unit(home)
        secret = self.janus(home).secret
        os.kill(before, signal.SIGKILL)
        after, again = self.unit(home, "2 times")
        self.assertNotEqual(before, after)
        self.assertEqual(address, again, "coturn lets calls lead there")
        self.assertNotEqual(self.janus(home).secret, secret)
        self.assertEqual(self.janus(home).begin()["janus"], "success")
        self.assertIn("Janus has ended", home.log_text())
        home.kill()
        until(lambda: is_gone(after), "a home that was killed takes it along")
        home.start()
        last, other = self.unit(home)
        self.assertNotEqual(other, address)
        self.assertEqual(home.stop(), 0)
        until(lambda: is_gone(last), "so does one that ends")
        self.assertFalse(os.path.exists(os.path.join(home.folder, "calls", "unit")))

    def test_one_that_hangs_is_ended_and_started_again(self):
        home = self.home(**UNIT)
        before, _ = self.unit(home)
        os.kill(before, signal.SIGSTOP)
        until(lambda: "Janus runs and does not answer" in home.log_text(), "it is noticed", 60)
        after, _ = self.unit(home, "2 times")
        self.assertNotEqual(before, after)
        self.assertTrue(is_gone(before))
        self.assertEqual(self.janus(home).begin()["janus"], "success")

    def test_the_operator_switches_it_on_beside_a_running_home(self):
        home = self.home(calls_addresses='["127.0.0.1"]', calls_loopback="true")
        code, out, err = home.call("calls", "enable")
        self.assertEqual(code, 0, err)
        self.assertIn("calls of more than four: off (`godwit-home calls enable --many` switches them on)", out)
        code, out, err = home.call("calls", "enable", "--many")
        self.assertEqual(code, 0, err)
        self.assertNotIn("calls of more than four: off", out)
        self.unit(home)

    def test_without_janus_calls_go_on_and_the_operator_is_told_what_to_install(self):
        home = self.home(**UNIT, calls_unit_program='"no-such-program"')
        anna = self.resident(home)
        text = until(lambda: "unit: not working: " in self.status(home) and self.status(home), "it is missed")
        self.assertIn("apt install janus", text)
        self.assertEqual(home.call("calls", "status")[0], 1)
        self.assertEqual(len(self.relays_of(anna)), 1, "calls of few need none")
        code, out, err = home.call("calls", "enable", "--many")
        self.assertEqual((code, out), (1, ""))
        self.assertIn("apt install janus", err)
        home.configure(calls_unit="false")
        self.assertNotIn("unit:", self.status(home))
        self.assertIn("calls of more than four: off", self.status(home))
        self.assertEqual(home.call("calls", "status")[0], 0)


if __name__ == "__main__":
    main()
