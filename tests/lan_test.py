"""Two people on one local network without any home: two network namespaces joined by a cable."""

import os
import subprocess
import unittest

from people import run, until
from world import World, main


def why_not():
    """Why this cannot be tested here, or nothing."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"godwit-try-{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        return f"no network namespaces here: {made.stderr.strip()}"
    probe = subprocess.run(["ip", "-n", name, "link", "add", "lan0", "type", "veth", "peer", "name", "lan1"],
                           capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "delete", name], check=False)
    return "" if probe.returncode == 0 else f"no veth here: {probe.stderr.strip()}"


def ip(*words):
    """Runs ip(8); it must succeed."""
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Lan(World):
    """Anna and Boris, each in a namespace of their own with nothing but a cable between them."""

    def setUp(self):
        reason = why_not()
        if reason:
            raise unittest.SkipTest(f"SKIPPED: {reason}")
        super().setUp()
        self.names = [f"godwit-{side}-{os.getpid()}" for side in ("a", "b")]
        for name in self.names:
            ip("netns", "add", name)
            self.addCleanup(subprocess.run, ["ip", "netns", "delete", name], check=False)
        ip("-n", self.names[0], "link", "add", "lan0", "type", "veth", "peer", "name", "lan0", "netns", self.names[1])
        for number, name in enumerate(self.names):
            ip("-n", name, "addr", "add", f"192.168.77.{number + 1}/24", "dev", "lan0")
            ip("-n", name, "link", "set", "lan0", "up")

    def go_out(self, *people):
        """From the Internet into the namespaces."""
        for person, name in zip(people, self.names):
            person.prefix = ("ip", "netns", "exec", name)

    def settle(self, anna, boris, chat):
        """A message each way by the home, until both have the keys that change with it."""
        for person in (anna, boris):
            person.start()
        anna.ask("send_text", chat=chat, text="by the home")
        boris.received("by the home", timeout=60)
        boris.ask("send_text", chat=chat, text="so it is")
        anna.received("so it is", timeout=60)

        def epochs():
            return [person.ask("list_chats")["chats"][0]["epoch"] for person in (anna, boris)]

        until(lambda: len(set(epochs())) == 1 and min(epochs()) >= 3, "both have changed their keys", timeout=60)
        for person in (anna, boris):
            person.stop()

    def test_two_people_talk_over_a_cable_and_later_over_the_home(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        self.settle(anna, boris, chat)
        home.kill()
        self.assertEqual(anna.must("lan"), "off\n")
        self.assert_fails(anna.godwit("lan", "on"), 1, "cli_not_confirmed")
        for person in (anna, boris):
            self.assertEqual(person.must("lan", "on", "--yes"), "on\n")
        self.go_out(anna, boris)
        for person in (anna, boris):
            person.start()
        there = anna.ask("send_text", chat=chat, text="over the cable")["message"]["id"]
        back = boris.ask("send_text", chat=chat, text="and back")["message"]["id"]
        boris.received("over the cable", timeout=60)
        anna.received("and back", timeout=60)
        anna.moved(there, ["delivered"], timeout=60)
        boris.moved(back, ["delivered"], timeout=60)
        self.assertEqual(anna.ask("read_lan"), {"on": True, "nearby": [chat]})
        long = "long " * 10_000
        anna.ask("send_text", chat=chat, text=long)
        boris.received(long, timeout=60)
        for person in (anna, boris):
            person.kill()
            person.prefix = ()
        home.start()
        boris.start()
        anna.must("send", "Boris", "by the home again", timeout=60)
        boris.received("by the home again", timeout=60)
        boris.stop()
        said = [(each["own"], each["text"]) for each in boris.history(chat)]
        self.assertEqual([text for own, text in said if not own], ["by the home", "over the cable", long, "by the home again"])
        self.assertEqual([text for own, text in said if own], ["so it is", "and back"])

    def test_who_has_turned_it_off_says_nothing_on_the_network(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        home.kill()
        boris.must("lan", "on", "--yes")
        self.go_out(anna, boris)
        anna.start()
        boris.start()
        boris.ask("send_text", chat=chat, text="is anybody there")

        def sockets(name):
            code, out, err = run("ip", "netns", "exec", name, "ss", "-H", "-l", "-n", "-u", "-t")
            self.assertEqual(code, 0, err)
            return out.strip()

        until(lambda: ":5353" in sockets(self.names[1]), "Boris listens", timeout=60)
        self.assertEqual(sockets(self.names[0]), "", "Anna does not")
        boris.ask("set_lan", on=False)
        until(lambda: sockets(self.names[1]) == "", "nor does Boris any more")


if __name__ == "__main__":
    main()
