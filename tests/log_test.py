"""What a home writes while it runs: lines with time, level and event, in which nothing of anybody stands."""

import json
import os
import re

from limits_test import NetworkWorld
from people import until
from world import World, main

LINE = re.compile(r'time=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ level=(info|warning|error) event=([a-z_]+)((?: [a-z_]+=(?:[a-z0-9_]+|"(?:[^"\\]|\\.)*"))*)')

# Every event that there is; a new one has to be thought about here.
EVENTS = {
    "started", "draining", "ended", "failed", "limit_reached",
    "store_trouble_began", "store_trouble_ended", "certificate_trouble", "certificate_not_reloaded", "bulletins_unchanged",
    "answer_not_written", "mail_watching", "mail_trouble", "mail_limit", "transport_trouble", "transport_without_route",
    "transports_not_noted", "calls_down", "calls_udp_down", "call_unit_down", "standby", "took_over", "overtaken",
    "front_began", "front_ended", "front_trouble",
}
# What whoever starts it is told on standard output.
ANNOUNCED = re.compile(r"listening on [a-z0-9]+://\S+|home key [A-Za-z0-9_-]{43}")


def lines_of(home):
    """The log, without what was announced."""
    with open(home.log, encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if not ANNOUNCED.fullmatch(line.rstrip("\n"))]


def secrets_of(home):
    """All ids, hashes and keys that the home has stored, in hexadecimal."""
    code, out, err = home.call("audit", "--mailboxes")
    assert code == 0, err
    found = set(out.split())
    for mailbox in out.split():
        found.update(re.findall(r"^    ([0-9a-f]{16,})$", home.call("audit", mailbox)[1], re.MULTILINE))
    return found


class Lines(World):
    """What each line is."""

    def test_the_list_of_events_is_complete(self):
        source = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "src", "home")
        said = set()
        for name in os.listdir(source):
            if name.startswith("main") and name.endswith(".cc"):
                with open(os.path.join(source, name), encoding="utf-8") as file:
                    said.update(re.findall(r'\bsay\([^;]*?LogLevel::k\w+, "([a-z_]+)"', file.read(), re.DOTALL))
        self.assertEqual(said | {"ended"}, EVENTS)

    def test_each_line_is_read_by_a_program_in_either_form(self):
        home = self.home()
        until(lambda: "event=started" in home.log_text(), "it has begun")
        os.unlink(os.path.join(home.folder, "certificate.pem"))
        home.process.send_signal(1)
        until(lambda: "certificate_trouble" in home.log_text(), "it is said")
        home.stop()
        text = lines_of(home)
        events = []
        for line in text:
            self.assertRegex(line, LINE)
            events.append(LINE.fullmatch(line).group(2))
        self.assertEqual(events, ["started", "certificate_not_reloaded", "bulletins_unchanged", "certificate_trouble", "draining", "ended"])
        other = self.home("other", log_json="true")
        until(lambda: '"event":"started"' in other.log_text(), "it has begun")
        os.unlink(os.path.join(other.folder, "certificate.pem"))
        other.process.send_signal(1)
        until(lambda: "certificate_trouble" in other.log_text(), "it is said")
        other.stop()
        told = [json.loads(line) for line in lines_of(other)]
        self.assertEqual([each["event"] for each in told], events)
        for each in told:
            self.assertRegex(each["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertIn(each["level"], ("info", "warning", "error"))
        self.assertEqual(told[-1]["exit_code"], 0)

    def test_what_other_programs_say_comes_without_addresses(self):
        liar = os.path.join(self.folder, "liar")
        with open(liar, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho VERSION 1\n"
                       "echo 'SMETHOD-ERROR obfs4 no room for 192.0.2.7:443 and [2001:db8::7] of anna@example.org'\necho SMETHODS DONE\nsleep 5\n")
        os.chmod(liar, 0o755)
        home = self.home()
        home.stop()
        with open(os.path.join(home.folder, "config.toml"), "a", encoding="utf-8") as file:
            file.write(f'\n[[transport]]\nname = "obfs4"\nprogram = "{liar}"\nlisten = "127.0.0.1:1"\n')
        home.start()
        until(lambda: "transport_trouble" in home.log_text(), "it is said")
        line = next(line for line in lines_of(home) if "transport_trouble" in line)
        self.assertRegex(line, LINE)
        for word in ("192.0.2", "2001:db8", "anna", "example.org"):
            self.assertNotIn(word, line)


class Nobody(NetworkWorld):
    """People whose addresses are real ones."""

    def test_nothing_of_people_who_do_much_stands_in_the_log(self):
        home = self.home_there(self_delivery_seconds=3, strangers_source_max=20)
        anna, boris = self.person_there("Anna", home, self.outer), self.person_there("Boris", home, self.inner)
        chat = boris.must("add", anna.must("invite").strip()).split()[0]
        anna.must("name", "claim", "annakarenina")
        boris.must("send", "Anna", "words of Boris")
        anna.start()
        boris.start()
        anna.received("words of Boris")
        boris.ask("send_text", chat=chat, text="more words")
        anna.received("more words")
        self.strangers(home, 40, "request", "10.77.0.3")
        self.strangers(home, 5, "frame", "10.77.0.3")
        stored = secrets_of(home)
        self.assertGreater(len(stored), 50)
        home.process.send_signal(1)
        self.assertEqual(home.stop(), 0)
        lines = lines_of(home)
        self.assertGreaterEqual(len(lines), 3)
        for line in lines:
            self.assertRegex(line, LINE)
            self.assertIn(LINE.fullmatch(line).group(2), EVENTS)
        text = "\n".join(lines)
        for word in ("10.77.0", "127.0.0.1", "Anna", "Boris", "annakarenina", "words", chat, str(home.port)):
            self.assertNotIn(word, text)
        for each in stored:
            self.assertNotIn(each, text)
        self.assertNotRegex(text, r"[0-9a-fA-F]{16}|[A-Za-z0-9_-]{32}|\d+\.\d+\.\d+\.\d+")


if __name__ == "__main__":
    main()
