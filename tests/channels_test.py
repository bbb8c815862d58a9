"""Channels: real programs over real sockets."""

import base64
import json
import os
import re

from file_test import MIB, digest_of, write_file
from people import binaries, run, until
from world import World, main


def posts(person, channel):
    """The posts of a channel as (number, text), read by `godwit channel read`."""
    found = json.loads(person.must("channel", "read", channel, "--json"))["posts"]
    return [(each["post"], each["text"]) for each in found]


def posts_of(person, channel):
    """The same of a running `godwit rpc`, by the channel's id."""
    return [(each["post"], each["text"]) for each in person.ask("read_channel", channel=channel)["posts"]]


def send_line(person, method, **params):
    """Calls a method of a running `godwit rpc` and does not wait."""
    line = json.dumps({"jsonrpc": "2.0", "id": 900, "method": method, "params": params})
    person.process.stdin.write(line.encode() + b"\n")
    person.process.stdin.flush()


def fetched(person):
    """How many bytes of files `godwit rpc` said to have fetched or sent."""
    return max([each["params"]["done"] for _, each in list(person.notices) if each["method"] == "file_progress"], default=0)


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

    def test_new_posts_are_listened_to_once_searched_and_exported_and_a_muted_channel_is_quiet(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        link = anna.must("channel", "create", "News").strip()
        anna.must("channel", "post", "News", "of before: tea")
        boris.must("channel", "follow", link)
        posts(boris, "News")
        anna.must("channel", "post", "News", "tea & <b>cake</b>")
        heard = boris.must("listen", "--count", "1", "--timeout", "60")
        self.assertRegex(heard, r"^News  \d+  .*tea & <b>cake</b>\n$")
        anna.must("channel", "post", "News", "more")
        heard = json.loads(boris.must("listen", "--count", "1", "--timeout", "60", "--json"))
        self.assertEqual((heard["method"], heard["params"]["post"]["text"]), ("channel_posted", "more"))
        self.assertNotIn("new]", boris.must("channel", "list"))
        boris.must("channel", "mute", "News")
        self.assertIn("[muted]", boris.must("channel", "list"))
        anna.must("channel", "post", "News", "quiet")
        self.assertEqual(boris.must("listen", "--timeout", "3"), "")
        self.assertIn("[1 new]", boris.must("channel", "list"))
        found = json.loads(boris.must("search", "tea", "--json"))
        self.assertEqual([each["post"]["text"] for each in found["posts"]], ["tea & <b>cake</b>", "of before: tea"])
        self.assertRegex(boris.must("search", "quiet", "--channel", "News"), r"^News  .*quiet\n$")
        out = os.path.join(self.folder, "out")
        boris.must("export", out)
        with open(os.path.join(out, "channel-1-News.jsonl"), encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        self.assertEqual(lines[0]["channels"][0]["name"], "News")
        texts = [each["text"] for line in lines[1:] for each in line["posts"]]
        self.assertEqual(texts, ["of before: tea", "tea & <b>cake</b>", "more", "quiet"])
        with open(os.path.join(out, "channel-1-News.html"), encoding="utf-8") as file:
            self.assertIn("tea &amp; &lt;b&gt;cake&lt;/b&gt;", file.read())

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

    def test_files_of_a_post_are_posted_and_fetched_by_the_command_line(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        link = anna.must("channel", "create", "News").strip()
        boris.must("channel", "follow", link)
        first, second = os.path.join(self.folder, "map.pdf"), os.path.join(self.folder, "empty")
        digest = write_file(first, 300_000)
        write_file(second, 0)
        anna.must("channel", "post", "News", "where we meet", "--file", first, "--file", second, timeout=100)
        anna.must("channel", "post", "News", "--file", first, timeout=100)
        self.assert_fails(anna.godwit("channel", "post", "News", "--file", "/nowhere/at/all"), 1, "cli_file_no_access")
        self.assertNotEqual(anna.godwit("channel", "post", "News")[0], 0)
        shown = boris.must("channel", "read", "News")
        names = re.findall(r"\[file (\S+), .*?, get ([0-9a-f]{12})\]", shown)
        self.assertEqual([name for name, _ in names], ["map.pdf", "empty", "map.pdf"])
        where = os.path.join(self.folder, "in") + "/"
        os.mkdir(where)
        for name, number in names[:2]:
            self.assertEqual(boris.must("get", number, "--to", where, timeout=100).strip(), where + name)
        self.assertEqual(digest_of(where + "map.pdf"), digest)
        self.assertEqual(os.path.getsize(where + "empty"), 0)
        number = posts(anna, "News")[0][0]
        anna.must("channel", "delete", "News", str(number))
        boris.must("channel", "read", "News")
        self.assert_fails(boris.godwit("get", names[0][1], "--to", where), 1, "engine_no_such_file")
        home.stop()
        self.assertFalse(holds(home.folder, "map.pdf"))
        with open(first, "rb") as file:
            piece = file.read(32)
        for place, _, files in os.walk(home.folder):
            for each in files:
                with open(os.path.join(place, each), "rb") as file:
                    self.assertNotIn(piece, file.read())

    def test_a_file_of_a_post_is_fetched_by_a_follower_who_was_killed_in_it(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        path = os.path.join(self.folder, "video.mp4")
        digest = write_file(path, 20 * MIB)
        narrow = self.narrow(10 * MIB)
        anna.environment = narrow
        anna.start()
        made = anna.ask("new_channel", name="News")["channel"]
        channel = made["channel"]
        send_line(anna, "post", channel=channel, text="look", files=[{"source": path}])
        until(lambda: fetched(anna) >= 4 * MIB, "some of it is sent")
        anna.kill()
        anna.environment = {}
        anna.start()
        boris.environment = narrow
        boris.start()
        boris.ask("follow_channel", link=made["link"])
        _, came = boris.wait(lambda method, params: method == "channel_posted", "the post came in", 60)
        post = came["post"]
        file = post["files"][0]
        self.assertEqual((file["file"]["name"], file["file"]["size"]), ("video.mp4", 20 * MIB))
        where = os.path.join(self.folder, "in") + "/"
        os.mkdir(where)
        wanted = {"channel": channel, "post": post["post"], "message": file["id"], "destination": where}
        send_line(boris, "get_file", **wanted)
        until(lambda: fetched(boris) >= 5 * MIB, "some of it is fetched")
        boris.kill()
        self.assertEqual([each for each in os.listdir(where) if not each.startswith(".")], [], "no name before it is whole")
        before = len(boris.notices)
        boris.environment = {}
        boris.start()
        saved = boris.ask("get_file", timeout=60, **wanted)
        self.assertEqual(saved["path"], where + "video.mp4")
        self.assertEqual(digest_of(saved["path"]), digest)
        self.assertEqual(os.listdir(where), ["video.mp4"])
        done = [each["params"]["done"] for _, each in boris.notices[before:] if each["method"] == "file_progress"]
        self.assertGreater(min(done), 4 * MIB, "it began where it was safe")
        self.assertEqual([text for _, text in posts_of(boris, channel)], ["look"], "once")

    def test_a_full_home_is_told(self):
        home = self.home(blobs_bytes_max=1_000_000)
        anna = self.person("Anna", home)
        path = os.path.join(self.folder, "video.mp4")
        write_file(path, 2 * MIB)
        anna.start()
        channel = anna.ask("new_channel", name="News")["channel"]["channel"]
        send_line(anna, "post", channel=channel, text="look", files=[{"source": path}])
        _, progress = anna.wait(lambda method, params: method == "file_progress" and params["error"] is not None, "it is told")
        self.assertEqual(progress["error"]["name"], "wire_quota_full")
        self.assertEqual((progress["chat"], progress["channel"]), (None, channel))

    def test_a_post_is_talked_about_in_the_channels_group(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        link = anna.must("channel", "create", "News").strip()
        anna.must("group", "new", "About news", timeout=100)
        talk = anna.must("group", "link", "About news", timeout=100).strip()
        anna.must("channel", "discussion", "News", talk)
        number = anna.must("channel", "post", "News", "we meet on Sunday").strip()
        boris.must("channel", "follow", link)
        _, _, err = boris.godwit("channel", "read", "News")
        self.assertIn(talk, err)
        self.assert_fails(boris.godwit("channel", "comment", "News", number, "I come"), 1, "engine_no_such_chat")
        anna.start()
        boris.must("group", "join", talk, timeout=100)
        boris.must("channel", "comment", "News", number, "I come", timeout=100)
        _, heard = anna.wait(lambda method, params: method == "message_received" and params["message"]["text"] == "I come",
                             "the comment came in", 60)
        self.assertEqual(heard["message"]["about"]["post"], int(number))
        anna.stop()
        self.assertIn(f"(about post {number}) I come", anna.must("history", "About news"))
        anna.must("channel", "discussion", "News", "off")
        boris.must("channel", "read", "News")
        self.assert_fails(boris.godwit("channel", "comment", "News", number, "more"), 1, "engine_no_such_chat")
        self.assert_fails(anna.godwit("channel", "discussion", "News", link), 1, "engine_link_other")


def base64url(data):
    """As the API writes bytes."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class ChannelApi(World):
    """A program runs a channel by the JSON API alone, and others follow it so."""

    def setUp(self):
        super().setUp()
        self.house = self.home()
        self.anna, self.boris = self.person("Anna", self.house), self.person("Boris", self.house)
        for each in (self.anna, self.boris):
            each.start()
        made = self.anna.ask("new_channel", name="News", description="of the day")["channel"]
        self.channel, self.link = made["channel"], made["link"]

    def shown(self, person):
        """The channel as it stands in the person's list."""
        return next(each for each in person.ask("list_channels")["channels"] if each["channel"] == self.channel)

    def see(self, person, texts):
        """Waits until the person's program has exactly these posts."""
        until(lambda: [text for _, text in posts_of(person, self.channel)] == texts,
              lambda: f"{person.name} sees {texts}: {posts_of(person, self.channel)}")

    def test_a_program_writes_corrects_and_takes_away_and_a_follower_sees_each(self):
        self.assertEqual(self.boris.ask("list_channels"), {"channels": []})
        numbers = [self.anna.ask("post", channel=self.channel, text=text)["post"] for text in ("first", "second", "third")]
        self.assertEqual(sorted(set(numbers)), numbers)
        followed = self.boris.ask("follow_channel", link=self.link)["channel"]
        self.assertEqual((followed["name"], followed["description"], followed["own"], followed["is_public"]),
                         ("News", "of the day", False, False))
        self.see(self.boris, ["first", "second", "third"])
        self.anna.ask("edit_post", channel=self.channel, post=numbers[1], text="second, corrected")
        self.boris.wait(lambda method, params: method == "channel_posted" and params["post"]["post"] == numbers[1]
                        and params["post"]["text"] == "second, corrected" and params["post"]["edited"], "he is told of it")
        self.anna.ask("delete_post", channel=self.channel, post=numbers[0])
        for each in (self.anna, self.boris):
            self.see(each, ["second, corrected", "third"])
        page = self.boris.ask("read_channel", channel=self.channel, before=numbers[2], count=1)["posts"]
        self.assertEqual([each["text"] for each in page], ["second, corrected"])
        self.assert_refused(self.anna, "engine_no_such_post", "edit_post", channel=self.channel, post=numbers[0], text="x")
        self.assert_refused(self.anna, "engine_no_such_post", "delete_post", channel=self.channel, post=numbers[0])
        self.assert_refused(self.anna, "engine_no_such_channel", "delete_post", channel="00" * 32, post=1)
        for bad, name in (("", "engine_not_text"), ("x" * 102_401, "engine_too_long")):
            self.assert_refused(self.anna, name, "edit_post", channel=self.channel, post=numbers[1], text=bad)
        self.see(self.boris, ["second, corrected", "third"])

    def test_a_channel_is_described_anew_and_tied_to_a_group(self):
        self.boris.ask("follow_channel", link=self.link)
        picture = base64url(b"\xff\xd8\xff" + bytes(100))
        self.anna.ask("describe_channel", channel=self.channel, name="Old news", description="of yesterday", picture=picture)
        until(lambda: self.shown(self.boris)["name"] == "Old news", "he sees the new name")
        shown = self.shown(self.boris)
        self.assertEqual((shown["description"], shown["picture"]), ("of yesterday", picture))
        for bad, name in (({"name": ""}, "engine_not_text"), ({"name": "a\u202eb"}, "engine_not_text"),
                          ({"name": "x", "description": "y" * 4_097}, "engine_too_long"),
                          ({"name": "x", "picture": base64url(bytes(65_537))}, "engine_too_long")):
            self.assert_refused(self.anna, name, "describe_channel", channel=self.channel, **bad)

        group = self.anna.ask("new_group", 60, name="About news")["chat"]["chat"]
        talk = self.anna.ask("make_group_link", 60, chat=group)["text"]
        self.anna.ask("set_discussion", channel=self.channel, link=talk)
        until(lambda: self.shown(self.boris)["discussion"] == talk, "he sees where it is talked about")
        self.assertEqual(self.shown(self.boris)["name"], "Old news")
        self.assert_refused(self.anna, "engine_link_other", "set_discussion", channel=self.channel, link=self.link)
        self.assert_refused(self.anna, "engine_link_damaged", "set_discussion", channel=self.channel, link=talk[:-1])
        self.anna.ask("set_discussion", channel=self.channel)
        until(lambda: self.shown(self.boris)["discussion"] in ("", None), "there is no discussion any more")

    def test_only_the_owner_writes_and_what_he_ends_is_over_for_all(self):
        self.boris.ask("follow_channel", link=self.link)
        number = self.anna.ask("post", channel=self.channel, text="the last one")["post"]
        self.see(self.boris, ["the last one"])
        for method, params in (("post", {"text": "mine"}), ("edit_post", {"post": number, "text": "mine"}),
                               ("delete_post", {"post": number}), ("describe_channel", {"name": "Mine"}),
                               ("set_discussion", {}), ("end_channel", {})):
            self.assert_refused(self.boris, "engine_not_channel_owner", method, channel=self.channel, **params)
        self.anna.ask("end_channel", channel=self.channel)
        self.assertEqual(self.anna.ask("list_channels"), {"channels": []})
        self.assert_refused(self.anna, "engine_no_such_channel", "post", channel=self.channel, text="more")
        self.boris.stop()
        self.boris.start()
        until(lambda: self.shown(self.boris)["trouble"], "he is told that it is over")
        self.assertEqual(self.shown(self.boris)["trouble"]["name"], "engine_channel_gone")
        self.assertEqual(posts_of(self.boris, self.channel), [(number, "the last one")], "what he has read he keeps")
        self.boris.ask("unfollow_channel", channel=self.channel)
        self.assertEqual(self.boris.ask("list_channels"), {"channels": []})
        self.assert_refused(self.boris, "engine_no_such_channel", "unfollow_channel", channel=self.channel)
        self.assert_refused(self.boris, "engine_channel_gone", "follow_channel", link=self.link)

    def test_a_report_says_one_post_and_its_author_and_nothing_of_who_reports(self):
        self.boris.ask("follow_channel", link=self.link)
        for text in ("harmless", "harmful"):
            number = self.anna.ask("post", channel=self.channel, text=text)["post"]
        self.see(self.boris, ["harmless", "harmful"])
        report = self.boris.ask("report_post", channel=self.channel, post=number)["report"]
        checked = self.anna.ask("check_report", report=report)  # anybody can
        self.assertEqual((checked["channel"], checked["post"], checked["text"]), (self.channel, number, "harmful"))
        raw = base64.urlsafe_b64decode(report + "=" * (-len(report) % 4))
        account = bytes.fromhex(self.boris.ask("read_account")["account"])
        for unsaid in (b"harmless", b"Boris", account, account[:16]):
            self.assertNotIn(unsaid, raw)
        for at in (0, len(raw) // 2, len(raw) - 1):
            bad = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:]
            self.assert_refused(self.anna, "engine_report_damaged", "check_report", report=base64url(bad))
        self.assert_refused(self.anna, "engine_report_damaged", "check_report", report=base64url(raw[:-1]))
        self.assert_refused(self.boris, "engine_no_such_post", "report_post", channel=self.channel, post=number + 1)


if __name__ == "__main__":
    main()
