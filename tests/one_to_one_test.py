"""A chat of two, by the JSON API over real sockets: what can be said in it, who learns of it, and what is left when it has disappeared."""

import base64
import os
import shutil
import sqlite3
import time

from people import binaries, meet, run, until
from proxies import Server
from world import World, main

HOUR_MS = 3_600_000
GONE_WITHIN = 60  # seconds after its end in which a message has left the files, as docs/protocol/chat.md states


class Chat(World):
    """Anna and Boris, who have met; both are running."""

    def setUp(self):
        super().setUp()
        self.house = self.home()
        self.anna, self.boris, self.chat = self.pair(self.house)
        for each in (self.anna, self.boris):
            each.start()

    def account(self, person):
        return person.ask("read_account")["account"]

    def texts(self, person, chat=None):
        """What stands in a chat of somebody who runs."""
        return [each["text"] for each in person.ask("read_history", chat=chat or self.chat)["messages"]]

    def message(self, person, message, chat=None):
        return person.ask("read_message", chat=chat or self.chat, message=message)["message"]

    def told(self, person, chat, text):
        """Waits until `text` has come to `person` in `chat`; gives the whole message."""
        return person.wait(lambda method, params: method == "message_received" and params["chat"] == chat
                           and params["message"]["text"] == text, f"{text[:40]!r} came in")[1]["message"]

    def changed(self, person, message, wanted, text):
        """Waits until `person` sees the message as wanted."""
        until(lambda: wanted(self.message(person, message)), f"{person.name} sees {text}")

    def now_ms(self):
        return int(time.time() * 1000)


class Words(Chat):
    def test_a_report_proves_a_message_and_its_edit_and_nothing_else(self):
        self.boris.ask("send_text", chat=self.chat, text="harmless")
        said = self.boris.ask("send_text", chat=self.chat, text="harmful at first")["message"]["id"]
        self.anna.received("harmful at first")
        self.boris.ask("edit_message", chat=self.chat, message=said, text="harmful")
        until(lambda: self.message(self.anna, said)["edits"] == 1, "the edit has come")
        self.assert_refused(self.boris, "engine_report_no_proof", "report_message", chat=self.chat, message=said)
        lines = self.boris.ask("send_text", chat=self.chat, text="two lines\nfile     of nobody")["message"]["id"]
        self.anna.received("two lines\nfile     of nobody")
        account = self.account(self.boris)
        self.anna.stop()
        self.boris.stop()
        self.anna.must("report", lines[:12], os.path.join(self.folder, "lines"))
        code, out, err = run(os.path.join(binaries(), "godwit"), "check-report", os.path.join(self.folder, "lines"))
        self.assertEqual((code, [line for line in out.split("\n") if line.startswith("file")]), (0, []), out)
        report = os.path.join(self.folder, "report")
        self.anna.must("report", said[:12], report)
        code, out, err = run(os.path.join(binaries(), "godwit"), "check-report", report)
        self.assertEqual(code, 0, err)
        for word in (account, self.chat, said, "(edited)", "text     harmful\n", "first    harmful at first"):
            self.assertIn(word, out)
        self.assertNotIn("harmless", out)
        self.assertIn("Not proved", err)
        with open(report, "rb") as file:
            bad = bytearray(file.read())
        for at in range(0, len(bad), 97):
            bad[at] ^= 1
            with open(f"{report}-{at}", "wb") as file:
                file.write(bad)
            self.assert_fails(self.anna.godwit("check-report", f"{report}-{at}"), 1, "engine_report_damaged")
            bad[at] ^= 1

    def test_formatting_and_mentions_arrive_as_they_were_written(self):
        boris = self.account(self.boris)
        text = "Привет Boris, look here"
        spans = [{"start": 0, "length": 12, "style": "bold", "link": ""},
                 {"start": 20, "length": 9, "style": "link", "link": "https://example.org/"}]
        mentions = [{"start": 13, "length": 5, "account": boris}]
        sent = self.anna.ask("send_message", chat=self.chat, text=text, spans=spans, mentions=mentions)["message"]
        seen = self.told(self.boris, self.chat, text)
        for each in (sent, seen, self.message(self.boris, seen["id"])):
            self.assertEqual((each["id"], each["spans"], each["mentions"]), (sent["id"], spans, mentions))
        answer = self.boris.ask("send_message", chat=self.chat, text="I see", reply_to=sent["id"])["message"]
        self.told(self.anna, self.chat, "I see")
        self.assertEqual(self.message(self.anna, answer["id"])["reply_to"], sent["id"])

    def test_formatting_that_does_not_fit_is_refused_and_nothing_is_said(self):
        text = "Привет"
        bad_spans = [{"start": 0, "length": 99, "style": "bold"}, {"start": 1, "length": 2, "style": "bold"},
                     {"start": 0, "length": 2, "style": "link", "link": "javascript:alert(1)"},
                     {"start": 0, "length": 2, "style": "link", "link": "file:///etc/passwd"}]
        for span in bad_spans:
            self.assert_refused(self.anna, "engine_bad_formatting", "send_message", chat=self.chat, text=text, spans=[span])
        self.assert_refused(self.anna, "engine_bad_formatting", "send_message", chat=self.chat, text=text,
                            mentions=[{"start": 11, "length": 2, "account": self.account(self.boris)}])
        unknown = self.anna.try_ask("send_message", chat=self.chat, text=text, spans=[{"start": 0, "length": 2, "style": "huge"}])
        self.assertEqual(unknown["error"]["code"], -32602)
        self.assertEqual(self.texts(self.anna), [])

    def test_a_preview_is_what_the_senders_program_gives_and_nobody_else_looks_there(self):
        server = Server(lambda client: client.recv(4096))
        self.addCleanup(server.end)
        link = f"http://127.0.0.1:{server.port}/page"
        small = base64.urlsafe_b64encode(b"\xff\xd8\xff\xe0" + bytes(500)).rstrip(b"=").decode()
        preview = {"link": link, "title": "An <b>example</b>", "text": "of the day", "thumbnail": small}
        self.anna.ask("send_text", chat=self.chat, text=f"none by itself: {link}")
        self.assertIsNone(self.told(self.boris, self.chat, f"none by itself: {link}")["preview"])
        text = f"Look ({link})."
        sent = self.anna.ask("send_message", chat=self.chat, text=text, preview=preview)["message"]
        self.assertEqual(sent["preview"], preview)
        self.assertEqual(self.told(self.boris, self.chat, text)["preview"], preview)
        bare = {"link": link, "title": "Bare"}
        self.anna.ask("send_message", chat=self.chat, text=link, preview=bare)
        self.assertEqual(self.told(self.boris, self.chat, link)["preview"], {**bare, "text": "", "thumbnail": ""})
        for change in ({"link": link + "s"}, {"link": "ftp://127.0.0.1/"}, {"title": ""}, {"title": "two\nlines"}, {"title": "a\u202eb"},
                       {"title": "x" * 257}, {"text": "x" * 1_025}, {"thumbnail": base64.urlsafe_b64encode(b"GIF89a").decode()}):
            self.assert_refused(self.anna, "engine_bad_preview", "send_message", chat=self.chat, text=text + " ftp://127.0.0.1/",
                                preview={**preview, **change})
        self.assertEqual(len(self.texts(self.anna)), 3, "what was refused was not said")
        self.boris.stop()
        shown = self.boris.must("history", "Anna")
        self.assertIn(f'[{link} is, says the sender, "An <b>example</b>": of the day]', shown)
        out = os.path.join(self.folder, "out")
        self.boris.must("export", out)
        names = sorted(os.listdir(out))
        with open(os.path.join(out, next(name for name in names if name.endswith(".html"))), encoding="utf-8") as file:
            self.assertIn("An &lt;b&gt;example&lt;/b&gt;", file.read())
        with open(os.path.join(out, next(name for name in names if name.endswith(".jsonl"))), encoding="utf-8") as file:
            self.assertIn('"title":"An <b>example</b>"', file.read())
        self.assertEqual(server.count, 0, "nobody has asked for the page")

    def test_every_version_of_an_edited_text_can_be_read_by_both(self):
        first = self.anna.ask("send_text", chat=self.chat, text="a mistaek")["message"]["id"]
        self.told(self.boris, self.chat, "a mistaek")
        bold = [{"start": 2, "length": 7, "style": "bold", "link": ""}]
        self.anna.ask("edit_message", chat=self.chat, message=first, text="a mistake")
        self.anna.ask("edit_message", chat=self.chat, message=first, text="a mistake?", spans=bold)
        self.changed(self.boris, first, lambda message: message["edits"] == 2, "both edits")
        for each in (self.anna, self.boris):
            self.assertEqual((self.message(each, first)["text"], self.message(each, first)["spans"]), ("a mistake?", bold))
            versions = each.ask("read_edits", chat=self.chat, message=first)["versions"]
            self.assertEqual([version["text"] for version in versions], ["a mistaek", "a mistake", "a mistake?"])
            self.assertEqual([version["spans"] for version in versions], [[], [], bold])
        self.assert_refused(self.boris, "engine_not_your_message", "edit_message", chat=self.chat, message=first, text="mine")
        self.anna.ask("delete_message", chat=self.chat, message=first, for_everyone=True)
        self.changed(self.boris, first, lambda message: message["deleted"], "that it was taken back")
        for each in (self.anna, self.boris):
            versions = each.ask("read_edits", chat=self.chat, message=first)["versions"]
            self.assertEqual([version["text"] for version in versions if version["text"]], [], "no version is left")

    def test_a_place_and_a_card_arrive_and_wrong_ones_are_refused(self):
        self.anna.ask("send_location", chat=self.chat, latitude=-33_856_800, longitude=151_215_300, accuracy_m=12, name="The opera")
        seen = self.told(self.boris, self.chat, "The opera")
        self.assertEqual((seen["kind"], seen["location"]), ("location", {"latitude": -33_856_800, "longitude": 151_215_300,
                                                                         "accuracy_m": 12, "name": "The opera"}))
        for latitude, longitude in ((90_000_001, 0), (0, -180_000_001), (2**40, 0)):
            self.assert_refused(self.anna, "engine_bad_location", "send_location", chat=self.chat, latitude=latitude, longitude=longitude)
        account = self.account(self.boris)
        self.anna.ask("send_contact", chat=self.chat, name="Dora", account=account, text="dora@example.org\nin the evening")
        seen = self.told(self.boris, self.chat, "Dora")
        self.assertEqual((seen["kind"], seen["contact"]), ("contact", {"name": "Dora", "account": account,
                                                                       "text": "dora@example.org\nin the evening"}))
        for name in ("", "Do\nra", "Dora\u202eexe", "D" * 65):
            self.assert_refused(self.anna, "engine_bad_contact", "send_contact", chat=self.chat, name=name)
        self.assert_refused(self.anna, "engine_bad_contact", "send_contact", chat=self.chat, name="Dora", text="x" * 4097)
        self.assertEqual(self.texts(self.anna), ["The opera", "Dora"])

    def test_what_is_forwarded_says_so_and_its_file_is_not_brought_up_again(self):
        clara = self.person("Clara", self.house)
        self.boris.stop()
        other = meet(self.boris, clara)
        for each in (self.boris, clara):
            each.start()
        said = self.anna.ask("send_text", chat=self.chat, text="old news")["message"]["id"]
        self.told(self.boris, self.chat, "old news")
        self.anna.ask("edit_message", chat=self.chat, message=said, text="news")
        self.changed(self.boris, said, lambda message: message["text"] == "news", "the edit")
        forwarded = self.boris.ask("forward_message", chat=self.chat, message=said, to=other)["message"]
        seen = self.told(clara, other, "news")
        self.assertEqual((seen["forwarded"], seen["edits"], seen["author_name"]), (True, 0, "Boris"))
        self.assertNotEqual(forwarded["id"], said)
        path = os.path.join(self.folder, "note.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("a note")
        file = self.anna.ask("send_file", chat=self.chat, source=path, caption="read this")["message"]["id"]
        self.told(self.boris, self.chat, "read this")
        self.boris.ask("forward_message", chat=self.chat, message=file, to=other)
        seen = self.told(clara, other, "read this")
        saved = clara.ask("get_file", chat=other, message=seen["id"], destination=os.path.join(self.folder, "got"))["path"]
        with open(saved, encoding="utf-8") as got:
            self.assertEqual(got.read(), "a note")
        sending = [each["params"] for _, each in self.boris.notices if each["method"] == "file_progress" and each["params"]["sending"]]
        self.assertEqual(sending, [], "Boris has brought up nothing")
        self.anna.ask("delete_message", chat=self.chat, message=said, for_everyone=True)
        self.changed(self.boris, said, lambda message: message["deleted"], "that it was taken back")
        self.assert_refused(self.boris, "engine_not_forwardable", "forward_message", chat=self.chat, message=said, to=other)
        self.assert_refused(self.boris, "engine_no_such_chat", "forward_message", chat=self.chat, message=file, to="00" * 16)
        self.assertEqual(self.texts(clara, other), ["news", "read this"], "what Clara has is hers")


class Telling(Chat):
    """Who learns what of whom."""

    def receipt(self, message):
        """How Boris has taken Anna's message, as she sees it."""
        receipts = self.anna.ask("read_receipts", chat=self.chat, message=message)["receipts"]
        self.assertEqual([each["account"] for each in receipts], [self.boris_account])
        return receipts[0]["delivered"], receipts[0]["read"]

    def read_all(self, person):
        person.ask("mark_read", chat=self.chat, through=person.ask("read_history", chat=self.chat)["messages"][-1]["position"])

    def test_sent_delivered_and_read_are_told_unless_one_does_not_want_that(self):
        self.boris_account = self.account(self.boris)
        self.boris.stop()
        first = self.anna.ask("send_text", chat=self.chat, text="first")["message"]
        self.assertEqual(first["delivery"], "queued")
        self.anna.moved(first["id"], ("sent",))
        self.assertEqual(self.receipt(first["id"]), (False, False))
        self.boris.start()
        self.anna.moved(first["id"], ("delivered",))
        self.assertEqual(self.receipt(first["id"]), (True, False))
        self.boris.ask("set_privacy", read_receipts=False, typing=True)
        self.read_all(self.boris)
        second = self.anna.ask("send_text", chat=self.chat, text="second")["message"]
        self.boris.received("second")
        self.boris.ask("set_privacy", read_receipts=True, typing=True)
        self.read_all(self.boris)
        self.anna.moved(second["id"], ("read",))
        self.assertEqual(self.receipt(second["id"]), (True, True))
        self.assertEqual(self.receipt(first["id"]), (True, False), "he did not want to tell of that one, then or later")
        self.assertEqual(self.message(self.anna, first["id"])["delivery"], "delivered")
        self.assert_refused(self.boris, "engine_not_your_message", "read_receipts", chat=self.chat, message=first["id"])

    def typing_seen(self):
        return [each["params"] for _, each in self.boris.notices if each["method"] == "typing"]

    def type_until_told(self):
        """Anna types and stops until Boris is told of it: what is said while keys change is lost, and nobody minds."""
        before = len(self.typing_seen())

        def told():
            for typing in (True, False):
                self.anna.ask("send_typing", chat=self.chat, typing=typing)
            return [each["typing"] for each in self.typing_seen()[before:]][-2:] == [True, False]

        until(told, "Boris is told that Anna types, and that she has stopped")
        self.assertTrue(all((each["chat"], each["account"]) == (self.chat, self.account(self.anna)) for each in self.typing_seen()))

    def say(self, text):
        self.anna.ask("send_text", chat=self.chat, text=text)
        self.boris.received(text)

    def test_typing_is_told_unless_one_does_not_want_that_and_is_kept_nowhere(self):
        self.type_until_told()
        self.say("said openly")  # comes after what was said before it
        told = len(self.typing_seen())
        self.anna.ask("set_privacy", read_receipts=True, typing=False)
        self.assertEqual(self.anna.ask("read_privacy"), {"read_receipts": True, "typing": False})
        self.anna.ask("send_typing", chat=self.chat, typing=True)
        self.say("said in secret")
        self.assertEqual(len(self.typing_seen()), told)
        self.anna.ask("set_privacy", read_receipts=True, typing=True)
        self.type_until_told()
        self.assertEqual(self.texts(self.boris), ["said openly", "said in secret"])

    def test_what_is_set_for_a_chat_is_there_after_a_crash_and_nobody_else_is_told(self):
        self.anna.ask("set_chat", chat=self.chat, muted_until=1_900_000_000_000, archived=True, pinned=True, marked_unread=True,
                      draft="Dear Boris")
        self.anna.kill()
        self.anna.start()
        self.anna.ask("set_chat", chat=self.chat, archived=False)

        def settings(person):
            return next(each for each in person.ask("list_chats")["chats"] if each["chat"] == self.chat)["settings"]

        self.assertEqual(settings(self.anna), {"muted_until": 1_900_000_000_000, "archived": False, "pinned": True,
                                               "marked_unread": True, "draft": "Dear Boris"})
        self.anna.ask("send_text", chat=self.chat, text="hello")
        self.boris.received("hello")
        self.assertEqual(settings(self.boris), {"muted_until": None, "archived": False, "pinned": False, "marked_unread": False,
                                                "draft": ""})

    def test_saved_messages_are_ones_own(self):
        saved = self.anna.ask("open_saved")["chat"]
        self.assertTrue(saved["saved"])
        self.assertEqual(saved["members"], 1)
        self.anna.ask("send_text", chat=saved["chat"], text="milk")
        said = self.anna.ask("send_text", chat=self.chat, text="bread")["message"]["id"]
        self.boris.received("bread")
        self.anna.ask("forward_message", chat=self.chat, message=said, to=saved["chat"])
        self.anna.kill()
        self.anna.start()
        self.assertEqual(self.anna.ask("open_saved")["chat"]["chat"], saved["chat"], "there is one")
        self.assertEqual(self.texts(self.anna, saved["chat"]), ["milk", "bread"])
        self.assertNotIn("milk", self.texts(self.boris))
        self.assertEqual([each["chat"] for each in self.boris.ask("list_chats")["chats"]], [self.chat])

    def test_a_message_goes_out_in_its_time_also_after_a_crash_and_not_if_it_was_cancelled(self):
        at = self.now_ms() + HOUR_MS // 2
        numbers = [self.anna.ask("schedule_message", chat=self.chat, at=at + more, text=text)["number"]
                   for more, text in ((0, "soon"), (1, "not at all"), (2, "later"))]
        listed = self.anna.ask("list_scheduled", chat=self.chat)["scheduled"]
        self.assertEqual([each["text"] for each in listed], ["soon", "not at all", "later"])
        self.anna.ask("cancel_scheduled", chat=self.chat, number=numbers[1])
        self.assert_refused(self.anna, "engine_no_such_message", "cancel_scheduled", chat=self.chat, number=numbers[1])
        self.anna.kill()
        self.anna.start()
        self.assertEqual([each["text"] for each in self.anna.ask("list_scheduled", chat=self.chat)["scheduled"]], ["soon", "later"])
        self.assertEqual(self.texts(self.anna), [])
        self.anna.stop()
        self.anna.clock_offset = "3600"  # it is an hour later
        self.anna.start()
        self.boris.received("later")
        self.assertEqual(self.texts(self.boris), ["soon", "later"])
        self.assertEqual(self.anna.ask("list_scheduled", chat=self.chat)["scheduled"], [])


class Disappearing(Chat):
    """The files of the profiles are searched, as by somebody who gets hold of them and of their key one day."""

    def records(self, person):
        """The sealed records of the kinds that hold words, by key: history, what was done to it, and what waits to go out."""
        copy = os.path.join(self.folder, "copy")
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(os.path.join(person.folder, "records"), copy)
        with sqlite3.connect(os.path.join(copy, "profile.db")) as database:
            rows = database.execute("SELECT key, value FROM records").fetchall()
        database.close()
        return {bytes(key): bytes(value) for key, value in rows if key[:1] in (b"h", b"o", b"S", b"R")}

    def raw(self, person):
        """All bytes of all files of the profile."""
        found = b""
        for folder, _, names in os.walk(person.folder):
            for name in names:
                try:
                    with open(os.path.join(folder, name), "rb") as file:
                        found += file.read() + b"\0"
                except FileNotFoundError:
                    pass  # it was on its way out
        return found

    def pieces(self, records):
        """Of each record a piece by which it is known in a file; a page ends in none of them."""
        return [value[len(value) // 2:][:24] for value in records.values()]

    def set_timer(self, seconds):
        self.anna.ask("set_disappearing", chat=self.chat, seconds=seconds)
        for each in (self.anna, self.boris):
            until(lambda each=each: next(chat for chat in each.ask("list_chats")["chats"])["disappear_seconds"] == seconds,
                  f"{each.name} knows of the timer")

    def gone(self, person, message):
        person.wait(lambda method, params: method == "message_gone" and params["id"] == message, "it has disappeared")

    def test_what_has_disappeared_is_unreadable_at_once_and_soon_in_no_file(self):
        self.set_timer(5)
        self.boris.stop()
        before = {each: self.records(each) for each in (self.anna, self.boris)}
        secret = self.anna.ask("send_text", chat=self.chat, text="burn after reading")["message"]["id"]
        self.anna.moved(secret, ("sent",))
        written = {self.anna: self.records(self.anna)}
        self.boris.start()
        seen = self.told(self.boris, self.chat, "burn after reading")
        self.assertEqual(seen["expire_seconds"], 5)
        written[self.boris] = self.records(self.boris)
        for each in (self.anna, self.boris):
            new = {key: value for key, value in written[each].items() if before[each].get(key) != value}
            self.assertTrue([key for key in new if key[:1] == b"h"], "its record in the history is among them")
            written[each] = new
            raw = self.raw(each)
            self.assertTrue(all(piece in raw for piece in self.pieces(new)), "they are found while it stands")
            self.assertNotIn(b"burn after", raw)
        self.boris.ask("mark_read", chat=self.chat, through=seen["position"])
        for each in (self.anna, self.boris):
            self.gone(each, secret)
            self.assert_refused(each, "engine_no_such_message", "read_message", chat=self.chat, message=secret)
            self.assertNotIn("burn after reading", self.texts(each))
            self.assertEqual(each.ask("search_messages", query="burn")["messages"], [])
        for each in (self.anna, self.boris):
            until(lambda each=each: not any(piece in self.raw(each) for piece in self.pieces(written[each])),
                  f"nothing of it is left in the files of {each.name}", GONE_WITHIN)
        self.anna.ask("set_disappearing", chat=self.chat, seconds=0)
        stays = self.anna.ask("send_text", chat=self.chat, text="this stays")["message"]
        self.assertEqual(stays["expire_seconds"], 0)
        self.told(self.boris, self.chat, "this stays")

    def test_what_disappears_while_the_program_is_away_is_not_shown_when_it_comes_back(self):
        self.set_timer(600)
        before = self.records(self.anna)
        secret = self.anna.ask("send_text", chat=self.chat, text="burn after reading")["message"]["id"]
        self.anna.moved(secret, ("delivered",))
        written = {key for key in self.records(self.anna) if key not in before and key[:1] == b"h"}
        self.assertEqual(len(written), 1)
        self.boris.kill()  # he has not read it: for him it does not run
        self.anna.kill()
        for each in (self.anna, self.boris):
            each.clock_offset = "3600"
            each.start()
        self.assertNotIn("burn after reading", self.texts(self.anna), "not even at first")
        until(lambda: not [key for key in self.records(self.anna) if key in written], "its record is removed as well")
        self.assertIn("burn after reading", self.texts(self.boris))

    def test_timers_out_of_bounds_are_refused(self):
        for seconds in (1, 4, 31_622_401):
            self.assert_refused(self.anna, "engine_bad_timer", "set_disappearing", chat=self.chat, seconds=seconds)
        self.assertEqual(self.texts(self.anna), [])


if __name__ == "__main__":
    main()
