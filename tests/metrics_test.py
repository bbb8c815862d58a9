"""What an operator's monitoring reads of a home: OpenMetrics on loopback, in which nothing of anybody stands."""

import http.client
import os
import re
import socket
import time

from people import Person, free_port, run, until
from world import World, main

NAME = r"[a-z_][a-z0-9_]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{NAME}=\"[^\"\\\n]*\",?)+)\}})? ([0-9]+(?:\.[0-9]+)?)")
LABEL = re.compile(rf"({NAME})=\"([^\"\\\n]*)\"")
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum"), "info": ("_info",)}

# Every label that there is, with the values that it may have; a new one has to be thought about here.
LABELS = {
    "version": None, "le": None, "kind": None, "reason": None,
    "limit": {"connections_max", "strangers_source_max", "connects_source_burst", "sessions_max", "pipes_source_max"},
    "how": {"full", "resumed"},
    "outcome": {"done", "refused", "given", "dropped"},
    "of": {"records", "items", "remembered_ids", "counters", "expiries", "journal"},
}


class Broken(AssertionError):
    """A text that is no OpenMetrics."""


def must(condition, what):
    """Raises a Broken unless `condition` holds."""
    if not condition:
        raise Broken(what)


def parse(text):
    """OpenMetrics 1.0, strictly: {family: {"type", "unit", "help", "samples": [(name, labels, value)]}}."""
    must(text.endswith("\n# EOF\n"), "the end")
    families, current = {}, None
    for line in text[:-len("# EOF\n")].splitlines():
        head = re.fullmatch(rf"# (TYPE|UNIT|HELP) ({NAME}) (.*)", line)
        if head:
            what, name, rest = head.groups()
            if what == "TYPE":
                must(name not in families, f"{name} comes twice")
                must(rest in SUFFIXES, line)
                families[name] = current = {"name": name, "type": rest, "unit": "", "help": "", "samples": []}
            must(current and current["name"] == name and not current["samples"], f"heads come first, and together: {line}")
            if what == "UNIT":
                must(name.endswith("_" + rest), line)
            if what != "TYPE":
                must(current[what.lower()] == "", f"twice: {line}")
                current[what.lower()] = rest
            continue
        sample = SAMPLE.fullmatch(line)
        must(sample, f"no sample: {line!r}")
        name, labels, value = sample.groups()
        must(current and name in [current["name"] + suffix for suffix in SUFFIXES[current["type"]]], f"of another family: {line}")
        pairs = LABEL.findall(labels or "")
        must(len({key for key, _ in pairs}) == len(pairs), f"a label twice: {line}")
        current["samples"].append((name, dict(pairs), float(value)))
    seen = set()
    for family in families.values():
        must(family["help"], f"{family['name']} is not explained")
        for name, labels, _ in family["samples"]:
            key = (name, tuple(sorted(labels.items())))
            must(key not in seen, f"twice: {key}")
            seen.add(key)
        if family["type"] == "histogram":
            check_histogram(family)
    return families


def check_histogram(family):
    """Its buckets rise, and the last is all."""
    buckets = [(labels["le"], value) for name, labels, value in family["samples"] if name.endswith("_bucket")]
    must(buckets[-1][0] == "+Inf", "the last bucket")
    ends = [float(end) for end, _ in buckets]
    must(ends == sorted(ends) and all("." in end or end == "+Inf" for end, _ in buckets), "ends rise, and are written as 1.0")
    counts = [value for _, value in buckets]
    must(counts == sorted(counts), "buckets hold those below")
    count = [value for name, _, value in family["samples"] if name.endswith("_count")]
    must(count == [counts[-1]], "the count is the last bucket's")


def scrape(port, path="/metrics", method="GET", host=None, bind=None):
    """Asks; gives (status, headers, text)."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=bind)
    connection.request(method, path, headers={"Host": host} if host else {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


class Metrics(World):
    """A home under use, and who looks at it."""

    def measured(self, **settings):
        """A home that tells its counts."""
        port = free_port()
        home = self.home(metrics_port=port, **settings)
        return home, port

    def value(self, port, name, **labels):
        """One number of the text."""
        for family in parse(scrape(port)[2]).values():
            for each, has, value in family["samples"]:
                if each == name and has == labels:
                    return value
        return None

    def test_a_home_under_use_tells_counts_and_nothing_of_anybody(self):
        home, port = self.measured()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        for i in range(5):
            anna.ask("send_text", chat=chat, text=f"secret words {i}")
            boris.received(f"secret words {i}")
        boris.ask("send_text", chat=chat, text="and back")
        anna.received("and back")
        stored = until(lambda: self.value(port, "godwit_home_items_stored_total") or 0, "something was stored")
        status, headers, text = scrape(port)
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "application/openmetrics-text; version=1.0.0; charset=utf-8")
        families = parse(text)
        self.assertGreaterEqual(stored, 6)

        def number(name, **labels):
            for family in families.values():
                for each, has, value in family["samples"]:
                    if each == name and has == labels:
                        return value
            self.fail(f"{name} {labels} is missing")

        self.assertEqual(number("godwit_home_mailboxes"), 2)
        self.assertGreaterEqual(number("godwit_home_sessions", kind="mailbox"), 2)
        self.assertGreaterEqual(number("godwit_home_requests_total", kind="deliver", outcome="done"), 6)
        self.assertEqual(number("godwit_home_requests_total", kind="mailbox_open", outcome="done"), 2)
        self.assertGreaterEqual(number("godwit_home_commit_seconds_count"), number("godwit_home_items_stored_total"))
        self.assertGreater(number("godwit_home_commit_seconds_sum"), 0)
        self.assertGreater(number("process_resident_memory_bytes"), 1_000_000)
        # What was stored stands in the journal for seconds, and then in the database, of which small numbers are estimated as 0.
        self.assertGreater(number("godwit_home_store_bytes", of="journal"), 0)
        until(lambda: self.value(port, "godwit_home_store_bytes", of="records"), "the journal is settled", 30)
        self.assertGreaterEqual(number("godwit_home_session_handshakes_begun_total"),
                                number("godwit_home_sessions_begun_total", how="full"))
        self.assertEqual(number("godwit_home_store_trouble"), 0)
        self.assert_nobody_in(text, families, home, anna, boris)

    def assert_nobody_in(self, text, families, home, *people):
        """Each label is one of ours, and no identifier of anybody, of whatever kind, is in the text."""
        for family in families.values():
            for name, labels, _ in family["samples"]:
                for label, value in labels.items():
                    self.assertIn(label, LABELS, name)
                    if LABELS[label] is not None:
                        self.assertIn(value, LABELS[label], name)
                    self.assertRegex(value, r"^[a-z_]+$|^[0-9.]+$|^\+Inf$" if label != "version" else r"^[0-9A-Za-z.+~-]+$")
        for word in ("127.0.0.1", home.address, str(home.port), home.folder, "secret", *(person.name for person in people)):
            self.assertNotIn(word, text)
        self.assertNotRegex(text, r"[0-9a-fA-F]{16}", "no identifier")
        values = re.sub(rf"^(# [A-Z]+ )?{NAME}", "", text, flags=re.MULTILINE)
        self.assertNotRegex(values, r"[A-Za-z0-9_-]{43}", "no key, token or link")

    def test_an_independent_parser_reads_the_same(self):
        try:
            from prometheus_client.openmetrics.parser import text_string_to_metric_families
        except ImportError:
            self.skipTest("SKIPPED: python3-prometheus-client is not installed")
        _, port = self.measured()
        text = scrape(port)[2]
        theirs = {}
        for family in text_string_to_metric_families(text):
            theirs[family.name] = [(each.name, each.labels, each.value) for each in family.samples]
        self.assertEqual(theirs, {name: family["samples"] for name, family in parse(text).items()})

    def test_refusals_are_counted_by_kind_and_reason(self):
        home, port = self.measured()
        link = home.link()  # for one of them
        for name in ("Clara", "Dora"):
            somebody = Person(name, os.path.join(self.folder, name.lower()))
            somebody.godwit("new", "--name", name, "--home", link, timeout=70)
        self.assertEqual(self.value(port, "godwit_home_requests_total", kind="mailbox_open", outcome="refused"), 1)
        self.assertEqual(self.value(port, "godwit_home_refusals_total", reason="wire_admission_refused"), 1)

    def test_counters_never_fall_while_it_runs(self):
        home, port = self.measured()
        before = parse(scrape(port)[2])
        self.pair(home)
        after = parse(scrape(port)[2])
        for name, family in before.items():
            if family["type"] != "counter":
                continue
            now = {(each, tuple(has.items())): value for each, has, value in after[name]["samples"]}
            for each, has, value in family["samples"]:
                self.assertGreaterEqual(now[(each, tuple(has.items()))], value, each)

    def test_it_is_off_unless_it_is_wanted_and_on_loopback_alone(self):
        home = self.home()
        code, out, _ = run("ss", "-H", "-l", "-t", "-n", "-p")
        ours = [line.split()[3] for line in out.splitlines() if f"pid={home.process.pid}," in line]
        self.assertEqual(code, 0)
        self.assertEqual(ours, [f"127.0.0.1:{home.port}"])
        other, port = self.measured(name="other")
        _, out, _ = run("ss", "-H", "-l", "-t", "-n", "-p")
        ours = sorted(line.split()[3] for line in out.splitlines() if f"pid={other.process.pid}," in line)
        self.assertEqual(ours, sorted([f"127.0.0.1:{other.port}", f"127.0.0.1:{port}"]))
        home.stop()
        for wrong in ('"0.0.0.0:9464"', '"127.0.0.1:9464"', "70000", "-1"):
            home.configure(metrics_port=wrong)
            code, _, err = home.call("run")
            self.assertEqual(code, 3)
            self.assertIn("metrics_port", err)
        home.configure(metrics_port=port)
        code, _, err = home.call("run")
        self.assertEqual(code, 5, err)
        self.assertIn("another program listens", err)

    def test_who_asks_wrongly_gets_nothing_and_harms_nobody(self):
        home, port = self.measured()
        self.assertEqual(scrape(port, "/")[0], 404)
        self.assertEqual(scrape(port, method="POST")[0], 405)
        self.assertEqual(scrape(port, method="HEAD")[::2], (200, ""))
        self.assertEqual(scrape(port, host="evil.example")[0], 404, "a page that has a name of its own lead here")
        self.assertEqual(scrape(port, host=f"localhost:{port}")[0], 200)
        for words in (b"\0" * 20_000, b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 20_000, b"\r\n\r\n", b"GET"):
            with socket.create_connection(("127.0.0.1", port), 10) as raw:
                try:
                    raw.sendall(words)
                    raw.shutdown(socket.SHUT_WR)
                    self.assertNotIn(b"200 OK", raw.recv(100))
                except ConnectionError:
                    pass
        self.assertEqual(scrape(port)[0], 200)
        self.assertIsNone(home.process.poll())

    def test_hundred_who_say_nothing_do_not_keep_others_out(self):
        _, port = self.measured()
        silent = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(128)]
        begin = time.monotonic()
        until(lambda: self.answers(port), "there is room again", 30)
        self.assertLess(time.monotonic() - begin, 30)
        for each in silent:
            each.close()

    def answers(self, port):
        """True if somebody is answered."""
        try:
            return scrape(port)[0] == 200
        except (OSError, http.client.HTTPException):
            return False


if __name__ == "__main__":
    main()
