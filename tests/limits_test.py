"""Who comes in crowds, dawdles, falls silent, or takes all that there is: a home stays there for the others, and says what it refuses."""

import os
import subprocess
import sys
import unittest

from people import Home, Person, binaries, free_port, run, until
from lan_test import ip, why_not
from metrics_test import parse, scrape
from strangers import STATES
from world import World, main

STRANGERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "strangers.py")


class Strangers:
    """strangers.py as a program, perhaps in another network namespace."""

    def __init__(self, address, port, count, state, source=None, prefix=()):
        words = [*prefix, sys.executable, STRANGERS, address, str(port), str(count), state, *([source] if source else [])]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        said = self.process.stdout.readline().split()
        self.held, self.refused = int(said[1]), int(said[3])

    def is_let_in(self):
        """Whether one more is."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip() == "in"

    def end(self):
        """All of them go."""
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def number(port, name, **labels):
    """One number that a home tells."""
    for family in parse(scrape(port)[2]).values():
        for each, has, value in family["samples"]:
            if each == name and has == labels:
                return value
    return None


class Dawdlers(World):
    """Hundreds of slow ones on this machine, whom no limit of a source meets."""

    def crowd(self, home, state, count):
        """`count` strangers who fall silent in `state`."""
        strangers = Strangers(home.address, home.port, count, state)
        self.addCleanup(strangers.end)
        self.assertEqual((strangers.held, strangers.refused), (count, 0), state)

    def test_more_than_a_thousand_who_fall_silent_at_each_step_hold_nobody_up(self):
        port = free_port()
        home = self.home(metrics_port=port)
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        before = number(port, "process_resident_memory_bytes")
        for state in STATES:
            if state != "reader":
                self.crowd(home, state, 220)
        self.assertGreaterEqual(number(port, "godwit_home_connections_accepted_total"), 1100)
        self.assertGreaterEqual(number(port, "godwit_home_connections_open"), 500, "the first of them may be gone on a slow machine")
        self.assertLess(number(port, "process_resident_memory_bytes") - before, 100 << 20)
        anna.ask("send_text", chat=chat, text="past all of them")
        boris.received("past all of them")
        self.person("Clara", home)  # a new one comes in too
        self.assertEqual(home.stop(), 0, "and it ends in good order")

    def test_hundreds_who_ask_and_do_not_read_cost_little(self):
        port = free_port()
        site = os.path.join(self.folder, "site")
        os.makedirs(site)
        with open(os.path.join(site, "large"), "wb") as file:
            file.write(os.urandom(1 << 20) * 16)
        home = self.home(metrics_port=port, site=f'"{site}"')
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        before = number(port, "process_resident_memory_bytes")
        self.crowd(home, "reader", 200)
        self.assertLess(number(port, "process_resident_memory_bytes") - before, 100 << 20, "not 200 files of 16 MiB")
        anna.ask("send_text", chat=chat, text="past all of them")
        boris.received("past all of them")

    def test_a_person_who_does_not_read_loses_nothing_and_costs_others_nothing(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        clara = self.person("Clara", home)
        other = clara.must("add", anna.must("invite").strip()).split()[0]
        for person in (anna, boris, clara):
            person.start()
        anna.ask("send_text", chat=chat, text="first")
        boris.received("first")
        boris.process.send_signal(19)  # SIGSTOP
        texts = [f"{i} " + "x" * 30_000 for i in range(40)]
        for text in texts:
            anna.ask("send_text", chat=chat, text=text)
        clara.ask("send_text", chat=other, text="not held up")
        anna.received("not held up")
        boris.process.send_signal(18)  # SIGCONT
        for text in texts:
            boris.received(text)


class NetworkWorld(World):
    """A home in a network of its own, with a neighbour whose addresses are real ones."""

    def setUp(self):
        reason = why_not()
        if reason:
            raise unittest.SkipTest(f"SKIPPED: {reason}")
        super().setUp()
        self.inner, self.outer = (f"godwit-{side}-{os.getpid()}" for side in ("home", "out"))
        for name in (self.inner, self.outer):
            ip("netns", "add", name)
            self.addCleanup(subprocess.run, ["ip", "netns", "delete", name], check=False)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", self.inner, "link", "add", "net0", "type", "veth", "peer", "name", "net0", "netns", self.outer)
        ip("-n", self.inner, "addr", "add", "10.77.0.1/24", "dev", "net0")
        for last in (2, 3):
            ip("-n", self.outer, "addr", "add", f"10.77.0.{last}/24", "dev", "net0")
        for name in (self.inner, self.outer):
            ip("-n", name, "link", "set", "net0", "up")

    def outside(self, name):
        """Words that run a program in a namespace."""
        return ("ip", "netns", "exec", name)

    def home_there(self, **settings):
        """A home that listens at 10.77.0.1."""
        home = HomeElsewhere(os.path.join(self.folder, "home"), namespace=self.inner)
        self.started.append(home)
        home.init()
        home.configure(**settings)
        home.start()
        return home

    def person_there(self, name, home, namespace):
        """Somebody in a namespace."""
        person = Person(name, os.path.join(self.folder, name.lower()))
        person.prefix = self.outside(namespace)
        self.started.append(person)
        person.new(home.link())
        return person

    def strangers(self, home, count, state, source):
        """Some of the neighbour's."""
        strangers = Strangers("10.77.0.1", home.port, count, state, source, self.outside(self.outer))
        self.addCleanup(strangers.end)
        return strangers

    def newcomer(self, home, name):
        """`godwit new` of the neighbour's, as it runs."""
        program = os.path.join(binaries(), "godwit")
        profile = os.path.join(self.folder, name)
        words = [*self.outside(self.outer), program, "--profile", profile, "--key-file", profile + ".key", "new", "--name", name,
                 "--home", home.link()]
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                start_new_session=True)

    def told(self, home, name):
        """A number that the home tells on its own loopback."""
        with open(os.path.join(home.folder, "config.toml"), encoding="utf-8") as file:
            port = next(line.split("=")[1].strip() for line in file if line.startswith("metrics_port"))
        ask = f"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:{port}/metrics', timeout=10).read().decode(), end='')"
        _, text, _ = run(*self.outside(self.inner), sys.executable, "-c", ask)
        return next(value for family in parse(text).values() for each, _, value in family["samples"] if each == name)

    def count(self, home, name):
        """A number of `godwit-home status`."""
        lines = dict(line.split(": ", 1) for line in home.call("status")[1].splitlines())
        return int(lines[name])


class Network(NetworkWorld):
    """What one address may, and what others notice of it."""

    def test_one_address_takes_its_share_of_places_and_leaves_the_others_theirs(self):
        home = self.home_there(strangers_source_max=30)
        anna = self.person_there("Anna", home, self.inner)
        anna.start()
        anna.ask("read_account")
        greedy = self.strangers(home, 100, "request", "10.77.0.2")
        self.assertEqual((greedy.held, greedy.refused), (30, 70))
        self.assertFalse(greedy.is_let_in())
        self.assertGreaterEqual(self.count(home, "refused_connections"), 70)
        self.assertTrue(self.strangers(home, 1, "request", "10.77.0.3").is_let_in(), "another address")
        boris = self.person_there("Boris", home, self.inner)
        chat = boris.must("add", anna.ask("make_invite")["link"]).split()[0]
        boris.must("send", "Anna", "past them")
        anna.received("past them")
        self.assertTrue(chat)
        greedy.end()
        self.assertTrue(self.strangers(home, 1, "request", "10.77.0.2").is_let_in(), "when its places are free again")

    def test_whose_connections_are_sessions_or_call_themselves_so_are_strangers_no_more(self):
        home = self.home_there(strangers_source_max=5)
        upgraded = self.strangers(home, 20, "upgraded", "10.77.0.2")
        self.assertEqual((upgraded.held, upgraded.refused), (20, 0))

    def test_a_flood_of_one_address_is_cut_to_its_pace(self):
        home = self.home_there(connects_source_burst=50, connects_source_per_second=1)
        anna = self.person_there("Anna", home, self.inner)
        anna.start()
        anna.ask("read_account")
        flood = self.strangers(home, 400, "connected", "10.77.0.2")
        self.assertEqual(flood.held, 400, "TCP itself is the system's")
        until(lambda: self.count(home, "refused_connections") >= 200, "the home has closed most of them")
        self.assertFalse(flood.is_let_in())
        self.assertTrue(self.strangers(home, 1, "request", "10.77.0.3").is_let_in(), "another address")
        anna.ask("make_invite")  # asks the home

    def test_too_many_handshakes_of_one_address_are_told_and_sessions_go_on(self):
        home = self.home_there(handshakes_source_burst=6, handshakes_source_seconds=3600, metrics_port=free_port())
        anna = self.person_there("Anna", home, self.inner)
        anna.start()
        anna.ask("read_account")
        crowd = [self.newcomer(home, f"p{i}") for i in range(8)]
        self.addCleanup(lambda: [(each.kill(), each.wait()) for each in crowd])
        until(lambda: self.told(home, "godwit_home_session_handshakes_failed_total") >= 2, "six handshakes do not make eight sessions")
        self.assertLessEqual(self.count(home, "handshakes_full"), 2 * 6, "of the two addresses")
        anna.ask("make_invite")
        self.person_there("Clara", home, self.inner)

    def test_hundreds_whose_network_is_gone_hold_nobody_up(self):
        home = self.home_there(strangers_source_max=1000, connects_source_burst=1000)
        anna, boris = (self.person_there(name, home, self.inner) for name in ("Anna", "Boris"))
        chat = boris.must("add", anna.must("invite").strip()).split()[0]
        for person in (anna, boris):
            person.start()
        for state in ("hello", "request", "upgraded", "frame"):
            self.assertEqual(self.strangers(home, 75, state, "10.77.0.2").held, 75)
        ip("-n", self.outer, "link", "set", "net0", "down")  # no FIN, no RST, no answer any more
        boris.ask("send_text", chat=chat, text="past the dead")
        anna.received("past the dead")
        self.assertGreaterEqual(self.count(home, "connections"), 300, "the home cannot know")
        self.assertEqual(home.stop(), 0, "and it ends in good order")


class HomeElsewhere(Home):
    """A home in another network namespace."""

    address = "10.77.0.1"

    def __init__(self, folder, namespace):
        super().__init__(folder)
        self.prefix = ("ip", "netns", "exec", namespace)

    def listens(self):
        """As Home.listens, asked of the system there."""
        if self.process.poll() is not None:
            return super().listens()
        _, out, _ = run(*self.prefix, "ss", "-H", "-l", "-t", "-n")
        return f"{self.address}:{self.port} " in out


class Jumps(World):
    """A home whose clock of the day jumps while people talk."""

    def setUp(self):
        super().setUp()
        shim = os.path.join(self.folder, "clock.so")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "clock_shim.c")
        made = subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", source, "-o", shim, "-ldl"],
                              capture_output=True, text=True, check=False)
        if made.returncode != 0:
            self.skipTest(f"SKIPPED: the clock cannot be moved here: {made.stderr.strip()}")
        self.clock = os.path.join(self.folder, "clock")
        self.words = ("env", f"LD_PRELOAD={shim}", f"GODWIT_TEST_CLOCK={self.clock}")

    def jump(self, seconds):
        """The home's clock is off by so much from now on."""
        with open(self.clock + ".new", "w", encoding="utf-8") as file:
            file.write(str(seconds))
        os.replace(self.clock + ".new", self.clock)

    def jumping_home(self, **settings):
        """A home whose clock jump() moves."""
        home = self.home(**settings)
        home.stop()
        home.prefix = self.words
        home.start()
        return home

    def test_messages_go_on_whichever_way_it_jumps(self):
        home = self.jumping_home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        day = 86_400
        for i, offset in enumerate((3_600, 0, day, -3 * day, -400 * day, 20 * day, 0)):
            self.jump(offset)
            anna.ask("send_text", chat=chat, text=f"to and {i}")
            boris.received(f"to and {i}", timeout=60)
            boris.ask("send_text", chat=chat, text=f"fro {i}")
            anna.received(f"fro {i}", timeout=60)
        texts = [text for i in range(7) for text in (f"to and {i}", f"fro {i}")]
        for person in (anna, boris):
            person.stop()
            self.assertEqual([each["text"] for each in person.history(chat)], texts, "each once")

    def test_what_waits_is_there_after_a_clock_went_back_and_forth_and_the_home_was_killed(self):
        home = self.jumping_home()
        anna, boris, chat = self.pair(home)
        anna.must("send", "Boris", "before")
        for offset in (-30 * 86_400, 86_400, -86_400):
            self.jump(offset)
            home.kill()
            home.start()
            anna.must("send", "Boris", f"at {offset}")
        self.assertEqual(home.log_text().count("level=error"), 0, home.log_text())
        boris.must("listen", "--count", "4", "--timeout", "40", timeout=60)
        self.assertEqual(len(boris.history(chat)), 4)
        home.stop()
        code, out, _ = home.call("audit", "--line")
        self.assertEqual(code, 0)
        self.assertNotIn("DAMAGED", out)


if __name__ == "__main__":
    main()
