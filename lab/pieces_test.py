"""The lab's own parts, without a network: what the report is computed from must be right."""

import os
import re
import struct
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "tests")]

import call_flow  # noqa: E402
import calling  # noqa: E402
import hello  # noqa: E402
import learning  # noqa: E402
import modes  # noqa: E402
import prober  # noqa: E402
import report  # noqa: E402
import resolver  # noqa: E402
import systems  # noqa: E402
import topology  # noqa: E402
from measure import acted, quantile, total  # noqa: E402


def query(name, kind=1):
    """A DNS query."""
    question = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + question + struct.pack("!HH", kind, 1)


class Resolver(unittest.TestCase):
    def setUp(self):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".zone", encoding="utf-8")
        self.file.write("home.example A 198.51.100.10\nhome.example TXT a b c\n")
        self.file.flush()
        self.addCleanup(self.file.close)
        self.zone = resolver.Zone(self.file.name)

    def test_a_known_name_is_answered_with_its_address(self):
        reply = resolver.answer(self.zone, query("Home.example"))
        self.assertEqual(reply[3] & 15, resolver.NOERROR)
        self.assertEqual(reply[-4:], bytes([198, 51, 100, 10]))

    def test_an_unknown_name_does_not_exist(self):
        self.assertEqual(resolver.answer(self.zone, query("other.example"))[3] & 15, resolver.NXDOMAIN)

    def test_a_known_name_without_such_a_record_has_an_empty_answer(self):
        reply = resolver.answer(self.zone, query("home.example", 28))
        self.assertEqual((reply[3] & 15, struct.unpack("!H", reply[6:8])[0]), (resolver.NOERROR, 0))

    def test_a_text_keeps_its_blanks(self):
        self.assertEqual(resolver.answer(self.zone, query("home.example", 16))[-6:], b"\x05a b c")

    def test_a_cut_query_gets_an_error_and_not_an_exception(self):
        for size in range(len(query("home.example"))):
            reply = resolver.answer(self.zone, query("home.example")[:size])
            self.assertTrue(reply is None or reply[3] & 15 == resolver.FORMERR, size)

    def test_a_reply_is_never_answered(self):
        self.assertIsNone(resolver.answer(self.zone, resolver.answer(self.zone, query("home.example"))))


class Prober(unittest.TestCase):
    def test_the_same_answers_are_told_apart_no_better_than_by_chance(self):
        same = [prober.Reply("HTTP/1.1 200 OK", "closed", 100, 60.0, 61.0)] * 40
        self.assertEqual(prober.guess_rate(same, same)[0], 0.5)

    def test_another_shape_is_told_apart_always(self):
        ours = [prober.Reply("alert 50", "closed", 7, 60.0, 61.0)] * 40
        theirs = [prober.Reply("nothing", "open", 7, 60.0, 61.0)] * 40
        self.assertEqual(prober.guess_rate(ours, theirs)[0], 1.0)

    def test_another_time_is_told_apart_always(self):
        ours = [prober.Reply("x", "closed", 7, 60.0 + index % 3, 61.0) for index in range(40)]
        theirs = [prober.Reply("x", "closed", 7, 80.0 + index % 3, 61.0) for index in range(40)]
        self.assertEqual(prober.guess_rate(ours, theirs), (1.0, "first_ms"))

    def test_a_shape_leaves_out_what_is_random(self):
        hello = b"\x16\x03\x03\x00\x04\x02\x00\x00\x00" + b"\x17\x03\x03\x00\x03abc"
        self.assertEqual(prober.shape_of(hello), "handshake 2 data")
        self.assertEqual(prober.shape_of(b"\x15\x03\x03\x00\x02\x02\x32"), "alert 50")
        self.assertEqual(prober.shape_of(b"HTTP/1.1 400 Bad\r\nServer: nginx\r\nDate: x\r\n\r\n"),
                         "HTTP/1.1 400 Bad [Server Date] nginx")

    def test_a_changed_payload_differs_in_one_byte(self):
        first = bytes(range(200))
        for seed in range(50):
            changed = prober.payload_of("changed", first, prober.random.Random(seed))
            self.assertEqual(sum(a != b for a, b in zip(first, changed)), 1)


class Numbers(unittest.TestCase):
    def test_quantiles(self):
        self.assertIsNone(quantile([], 0.5))
        self.assertEqual(quantile([7], 0.95), 7)
        self.assertEqual(quantile([1, 2, 3], 0.5), 2)
        self.assertAlmostEqual(quantile(list(range(101)), 0.95), 95)

    def test_only_what_was_counted_meanwhile_shows_that_a_mode_acted(self):
        before = {"ip": {"dropped": 5}}
        self.assertEqual(acted(before, {"ip": {"dropped": 5}}), {})
        self.assertEqual(acted(before, {"ip": {"dropped": 7}, "dns": {"forged": 1}}),
                         {"ip": {"dropped": 2}, "dns": {"forged": 1}})


    def test_what_was_counted_in_several_runs_is_added(self):
        self.assertEqual(total({"ip": {"dropped": 1}}, {"ip": {"dropped": 2, "seen": 3}, "dns": {"forged": 4}}),
                         {"ip": {"dropped": 3, "seen": 3}, "dns": {"forged": 4}})
        self.assertEqual(total({}, {}), {})

    def test_a_guess_that_a_coin_has_as_often_is_no_evidence(self):
        self.assertGreater(prober.Guess("size", 505, 1000).chance, 0.3)
        self.assertLess(prober.Guess("size", 600, 1000).chance, 1e-9)
        self.assertEqual(prober.Guess("size", 0, 0).chance, 1.0)


class Learning(unittest.TestCase):
    MODEL = {"stages": [{"packets": 6, "bias": -1.0, "threshold": 0.5,
                         "stumps": [{"feature": "size_3", "at": 100, "above": 2.0, "below": -2.0}]}]}

    def test_a_flow_is_found_by_a_stage_that_it_came_to(self):
        self.assertTrue(learning.caught(self.MODEL, {"stages": {"6": {"size_3": 101}}}))
        self.assertFalse(learning.caught(self.MODEL, {"stages": {"6": {"size_3": 100}}}))
        self.assertFalse(learning.caught(self.MODEL, {"stages": {}}))

    def test_an_interval_holds_the_share_and_is_narrower_with_more(self):
        for count in (10, 1000):
            low, high = learning.interval(count // 2, count)
            self.assertLess(low, 0.5)
            self.assertGreater(high, 0.5)
        self.assertLess(high - low, 0.07)
        self.assertGreater(learning.interval(0, 100)[1], 0.03)

    def test_both_halves_together_are_all(self):
        flows = [{"n": each} for each in range(9)]
        one, other = learning.halves(flows, prober.random.Random(1))
        self.assertEqual(sorted(each["n"] for each in one + other), list(range(9)))


class Hellos(unittest.TestCase):
    def test_a_hello_is_read_and_cut_ones_are_none(self):
        extensions = (b"\x00\x00\x00\x06\x00\x04\x00\x00\x01a" + b"\x00\x10\x00\x05\x00\x03\x02h2" +
                      b"\x00\x0d\x00\x06\x00\x04\x04\x03\x08\x04" + b"\x00\x2b\x00\x03\x02\x03\x04")
        body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x04\x13\x01\x13\x02" + b"\x01\x00" + struct.pack("!H", len(extensions)) + extensions
        record = b"\x16\x03\x01" + struct.pack("!H", len(body) + 4) + b"\x01" + struct.pack("!I", len(body))[1:] + body
        found = hello.parse(record)
        self.assertEqual((found.ciphers, found.signatures, found.alpn), ([0x1301, 0x1302], [0x0403, 0x0804], ["h2"]))
        self.assertTrue(found.ja4.startswith("t13d0204h2_"))
        for size in range(len(record)):
            self.assertIsNone(hello.parse(record[:size]))

    def test_every_line_of_the_list_is_a_ja4(self):
        with open(modes.JA4_ALL[1:], encoding="utf-8") as file:
            lines = [line.split("#")[0].strip() for line in file if line.split("#")[0].strip()]
        for line in lines:
            self.assertRegex(line, r"^t13[di]\d{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$")
        self.assertEqual(len(lines), len(set(lines)))


class Tables(unittest.TestCase):
    def test_names_and_addresses_of_hosts_are_each_used_once(self):
        addresses = [address for host in topology.HOSTS for address in host.addresses]
        names = [name for host in topology.HOSTS for name in host.names]
        self.assertEqual(len(addresses), len(set(addresses)))
        self.assertEqual(len(names), len(set(names)))

    def test_what_is_published_is_of_hosts_that_there_are(self):
        known = {host.name for host in topology.HOSTS}
        for system in systems.SYSTEMS:
            self.assertLessEqual({*system.published_hosts, *system.own_hosts}, known, system.name)
            self.assertLessEqual(set(system.published_hosts), set(modes.PUBLISHED_HOSTS), system.name)

    def test_the_packages_of_all_systems_are_in_the_list(self):
        with open(os.path.join(HERE, "packages.txt"), encoding="utf-8") as file:
            listed = {name for line in file for name in line.split("#")[0].split()}
        for system in systems.SYSTEMS:
            self.assertLessEqual(set(system.packages), listed, system.name)

    def test_a_dead_process_is_a_leftover_and_this_one_is_not(self):
        self.assertFalse(topology.is_leftover(topology.own_tag() + "1-home"))
        self.assertTrue(topology.is_leftover(f"{topology.PREFIX}-{os.getpid()}-1-1-home"))
        self.assertFalse(topology.is_leftover("something-else"))


class Report(unittest.TestCase):
    def test_the_page_needs_nothing_else_and_markup_in_a_row_stays_text(self):
        mode, system = modes.MODES[0], systems.SYSTEMS[0]
        row = {"mode": mode.name, "system": system.name, "runs": 0, "delivered_60s": None, "delivered_600s": None,
               "fired": False, "error": "<script>alert(1)</script>"}
        about = {"commit": "<b>", "when": "now", "seconds": 3, "command": "lab/run", "plan":
                 {"runs": 1, "short_seconds": 60, "long_seconds": 600}}
        with tempfile.TemporaryDirectory() as folder:
            report.write(folder, [row], [mode], [system], about)
            with open(os.path.join(folder, "lab.html"), encoding="utf-8") as file:
                page = file.read()
        self.assertNotIn("<script", page)
        self.assertIn("&lt;script&gt;", page)
        self.assertFalse(re.search(r"(src|href)=['\"]?http", page))


class CallPage:
    """Stands where a browser does: gives the readings that it was made of."""

    def __init__(self, readings, first):
        self.readings, self.first = readings, first

    def run(self, script):
        """The readings, or the number of the first connection that a call which begins now can have."""
        return self.first if script == "lab.begin()" else self.readings


def call_flow_of(shown, energy=0.01, made_up=0, connections=None, first=0):
    """A flow read ten times a second from 0 on; `shown`: pictures decoded between two readings, 2 of the camera each time. The call begins with
    the connection `first`."""
    total, readings = dict.fromkeys(call_flow.COUNTS, 0), []
    for index, count in enumerate(shown):
        connection = connections[index] if connections else 0
        if readings and readings[-1]["connection"] != connection:
            total = dict.fromkeys(call_flow.COUNTS, 0)
        gained = {"taken": 2, "shown": count, "energy": energy, "samples": 4800, "made_up": made_up}
        total = {each: total[each] + gained[each] for each in call_flow.COUNTS}
        readings.append({"at": 100 * (index + 1), "connection": connection, "way": "", **total})
    flow = call_flow.Flow(CallPage(readings, first))
    flow.read()
    return flow


class CallFlow(unittest.TestCase):
    def test_the_share_of_pictures_is_of_those_that_the_other_camera_gave(self):
        sender, receiver = call_flow_of([0] * 20), call_flow_of([1] * 20)
        self.assertEqual(call_flow.pictures(receiver, sender, 0, 2000), 0.5)
        self.assertEqual(call_flow.pictures(receiver, call_flow_of([]), 0, 2000), 0)

    def test_a_second_without_beeps_or_mostly_made_up_is_not_heard(self):
        self.assertEqual(call_flow.sounding(call_flow_of([1] * 30), 0, 3000), 1)
        self.assertEqual(call_flow.sounding(call_flow_of([1] * 10 + [1] * 10), 0, 3000), 2 / 3)
        self.assertEqual(call_flow.sounding(call_flow_of([1] * 20, energy=0), 0, 2000), 0)
        self.assertEqual(call_flow.sounding(call_flow_of([1] * 20, made_up=3000), 0, 2000), 0)

    def test_a_picture_that_never_comes_again_is_a_gap_up_to_the_end(self):
        flow = call_flow_of([1] * 10 + [0] * 40)
        self.assertEqual(call_flow.longest((flow, call_flow_of([1] * 50)), 0, 5000, lambda step: step.shown), 4000)
        self.assertEqual(call_flow.freezes(flow, 0, 5000), 1)
        self.assertEqual(call_flow.freezes(call_flow_of([1, 0, 0, 0] * 5), 0, 2000), 0)

    def test_a_browser_that_gives_no_readings_stood(self):
        self.assertEqual(call_flow.stood((call_flow_of([0] * 10),), 0, 3000), 2000)
        self.assertEqual(call_flow.stood((call_flow_of([0] * 30),), 0, 3000), 100)

    def test_a_connection_that_is_begun_anew_counts_from_nothing(self):
        flow = call_flow_of([1] * 20, connections=[0] * 10 + [1] * 10)
        self.assertEqual(sum(step.shown for step in flow.steps), 20)

    def test_what_the_connection_of_the_call_before_has_counted_is_not_of_this_one(self):
        self.assertIsNone(call_flow_of([1] * 5, first=1).arrived())
        self.assertEqual(call_flow_of([1] * 5 + [1] * 5, connections=[0] * 5 + [1] * 5, first=1).arrived(), 600)

    def test_a_call_is_there_when_the_first_picture_and_sound_are(self):
        self.assertEqual(call_flow_of([0, 0, 1]).arrived(), 300)
        self.assertIsNone(call_flow_of([1, 1], energy=0).arrived())

    def test_a_mode_that_calls_are_not_measured_under_is_refused(self):
        self.assertEqual([mode.name for mode in calling.chosen(["calls-a", "control"])], ["control", "calls-a"])
        with self.assertRaises(ValueError):
            calling.chosen(["dns"])

    def test_a_call_that_does_not_come_about_is_a_row_of_the_table(self):
        row = {"mode": "x", "system": "y", "fired": True, "ring_ms": 5, "setup_ms": None,
               "running": {"lives": False, "sound_gap_ms": 9000, "picture_gap_ms": 30000, "pictures_out": 0, "pictures_in": 0.5, "sound_out": 0, "sound_in": 1}}
        self.assertEqual(calling.line(row), ["x", "y", "none", "", "", "", "dies: 9.0, 30.0", "0 / 100", "0 / 50"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
