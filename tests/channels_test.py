"""Channels: real programs over real sockets."""

import json
import os

from people import binaries, run
from world import World, main


def posts(person, channel):
    """The posts of a channel as (number, text), read by `godwit channel read`."""
    found = json.loads(person.must("channel", "read", channel, "--json"))["posts"]
    return [(each["post"], each["text"]) for each in found]


def holds(folder, text):
    """True if a file below `folder` has the bytes of `text`."""
    for place, _, names in os.walk(folder):
        for name in names:
            with open(os.path.join(place, name), "rb") as file:
                if text.encode() in file.read():
                    return True
    return False


class Channels(World):
    def test_followers_read_what_was_and_what_comes_and_the_home_reads_nothing(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        link = anna.must("channel", "create", "News", "--about", "of the day").strip()
        self.assertRegex(link, r"^godwit:c#[A-Za-z0-9_-]+$")
        for text in ("the first of all posts", "second", "third"):
            anna.must("channel", "post", "News", text)
        boris.must("channel", "follow", link)
        self.assertEqual([text for _, text in posts(boris, "News")], ["the first of all posts", "second", "third"])
        number = posts(anna, "News")[1][0]
        anna.must("channel", "edit", "News", str(number), "second, corrected")
        anna.must("channel", "delete", "News", str(posts(anna, "News")[2][0]))
        anna.must("channel", "post", "News", "-", stdin="fourth\nof two lines\n")
        expected = ["the first of all posts", "second, corrected", "fourth\nof two lines"]
        self.assertEqual([text for _, text in posts(anna, "News")], expected)
        self.assertEqual([text for _, text in posts(boris, "News")], expected)
        self.assertIn("(edited)", boris.must("channel", "read", "News"))
        home.stop()
        self.assertFalse(holds(home.folder, "the first of all posts"))

    def test_who_follows_at_the_moment_hears_at_once(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        link = anna.must("channel", "create", "News", "--public").strip()
        boris.start()
        channel = boris.ask("follow_channel", link=link)["channel"]
        self.assertTrue(channel["is_public"])
        anna.must("channel", "post", "News", "now")
        boris.wait(lambda method, params: method == "channel_posted" and params["channel"] == channel["channel"]
                   and params["post"]["text"] == "now", "the post came in")
        boris.stop()

    def test_only_its_owner_writes(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        link = anna.must("channel", "create", "News").strip()
        boris.must("channel", "follow", link)
        self.assert_fails(boris.godwit("channel", "post", "News", "mine"), 1, "engine_not_channel_owner")
        self.assert_fails(boris.godwit("channel", "post", "Olds", "mine"), 1, "engine_no_such_channel")
        self.assert_fails(anna.godwit("channel", "edit", "News", "99", "x"), 1, "engine_no_such_post")
        self.assert_fails(boris.godwit("channel", "follow", link[:-1]), 1, "engine_link_damaged")
        self.assert_fails(anna.godwit("channel", "create", "Ne\u202ews"), 1, "engine_not_text")
        boris.must("channel", "unfollow", "News")
        self.assertEqual(boris.must("channel", "list"), "")

    def test_a_report_proves_one_post_and_the_operator_takes_the_channel_away(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        link = anna.must("channel", "create", "Bad news").strip()
        for text in ("harmless", "harmful"):
            anna.must("channel", "post", "Bad news", text)
        boris.must("channel", "follow", link)
        number = [post for post, text in posts(boris, "Bad news") if text == "harmful"][0]
        report = os.path.join(self.folder, "report")
        boris.must("channel", "report", "Bad news", str(number), report)
        code, out, err = run(os.path.join(binaries(), "godwit"), "channel", "check-report", report)
        self.assertEqual(code, 0, err)
        self.assertIn("harmful", out)
        self.assertNotIn("harmless", out)
        with open(report, "rb") as file:
            bad = bytearray(file.read())
        bad[len(bad) // 2] ^= 1
        with open(report + "2", "wb") as file:
            file.write(bad)
        self.assert_fails(boris.godwit("channel", "check-report", report + "2"), 1, "engine_report_damaged")
        channel = out.split("channel")[1].split()[0]
        code, out, err = home.call("remove", "channel", channel)
        self.assertEqual(code, 0, out + err)
        self.assert_fails(anna.godwit("channel", "post", "Bad news", "more"), 1, "engine_channel_gone")
        boris.must("channel", "read", "Bad news")
        self.assertIn("engine_channel_gone", boris.must("channel", "list"))
        code, _, err = home.call("remove", "channel", "00" * 32)
        self.assertNotEqual(code, 0)
        self.assertIn("wire_no_such_channel", err)


if __name__ == "__main__":
    main()
