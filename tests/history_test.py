"""Histories of real programs: imported, searched and exported, over real files, good and bad ones."""

import json
import os
import zipfile

from people import Person, until
from world import World, main

ANDROID = ("12/30/20, 9:41 PM - Messages and calls are end-to-end encrypted.\n"
           "12/31/20, 9:41 PM - Anna: happy new year, dear dogs\nsecond line\n"
           "12/31/20, 9:42 PM - Boris: IMG-20201231-WA0001.jpg (file attached)\n"
           "12/31/20, 9:43 PM - Boris: <Media omitted>\n"
           "1/13/21, 9:43 PM - Anna: С собаками в лесу <script>alert(1)</script>\n")


class HistoryWorld(World):
    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(data if isinstance(data, bytes) else data.encode())
        return path

    def read(self, path):
        with open(path, "rb") as file:
            return file.read()

    def secret(self, text="correct horse"):
        return self.write("archive.secret", text + "\n")

    def alone(self):
        home = self.home()
        return self.person("Clara", home)


class Histories(HistoryWorld):
    def why_not(self, person, method, **params):
        """The name of the error with which a method is refused."""
        return person.try_ask(method, **params)["error"]["data"]["name"]

    def test_whatsapp_is_imported_once_searched_and_exported(self):
        clara = self.alone()
        self.write("IMG-20201231-WA0001.jpg", b"picture")
        path = self.write("WhatsApp Chat with Anna.txt", ANDROID)
        clara.must("import", path, "--me", "Boris")
        clara.must("import", path, "--me", "Boris")
        chats = json.loads(clara.must("chats", "--json"))["chats"]
        self.assertEqual([(each["name"], each["kept"], each["last"]) for each in chats], [("Anna", True, 5)])
        history = json.loads(clara.must("history", "Anna", "--json"))["messages"]
        self.assertEqual(history[1]["text"], "happy new year, dear dogs\nsecond line")
        self.assertTrue(history[2]["own"])
        self.assertTrue(history[2]["kept"]["media"].endswith("-IMG-20201231-WA0001.jpg"))
        self.assertTrue(history[3]["kept"]["omitted"])
        found = json.loads(clara.must("search", "dog", "--json"))["messages"]
        self.assertEqual(len(found), 1)
        self.assertIn("лесу", clara.must("search", "собака"))
        self.assertEqual(json.loads(clara.must("search", "собака", "--until", "2020-12-31", "--json"))["messages"], [])
        self.assert_fails(clara.godwit("search", "..."), 1, "engine_nothing_to_search")
        self.assert_fails(clara.godwit("search", "x", "--since", "31.12.2020"), 1, "cli_bad_day")
        out = os.path.join(self.folder, "out")
        clara.must("export", out)
        page = self.read(os.path.join(out, "1-Anna.html")).decode()
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        self.assertNotIn("<script", page)
        self.assertEqual(len(os.listdir(os.path.join(out, "media"))), 1)
        lines = self.read(os.path.join(out, "1-Anna.jsonl")).decode().splitlines()
        self.assertEqual(sum(len(json.loads(each).get("messages", [])) for each in lines), 5)
        self.assert_fails(clara.godwit("export", out), 1, "cli_file_exists")

    def test_a_program_imports_in_batches_and_the_same_again_changes_nothing(self):
        clara = self.alone()
        clara.start()

        def entry(number, **more):
            return {"sender": "Anna", "own": False, "sent_at": 1_500_000_000_000 + number, "text": f"line {number}", "media": "",
                    "forwarded_from": "", "omitted": False, "notice": False, "edited": False, "deleted": False, "id": None, **more}
        first = [entry(0), entry(1, own=True, sender="Clara"), entry(2, deleted=True, text="")]
        done = clara.ask("import_messages", source="test Anna", name="Anna", messages=first)
        self.assertEqual((done["stored"], done["known"]), (3, 0))
        told = clara.wait(lambda method, params: method == "chat_changed" and params["chat"]["chat"] == done["chat"], "it is told")[1]
        self.assertTrue(told["chat"]["kept"])
        again = clara.ask("import_messages", source="test Anna", name="Anna", messages=first + [entry(3)])
        self.assertEqual((again["chat"], again["stored"], again["known"]), (done["chat"], 1, 3))
        shown = clara.ask("read_history", chat=done["chat"], count=9)["messages"]
        self.assertEqual([(each["text"], each["own"], each["kept"]["deleted"]) for each in shown],
                         [("line 0", False, False), ("line 1", True, False), ("", False, True), ("line 3", False, False)])
        other = clara.ask("import_messages", source="test Boris", name="Boris", messages=[entry(0)])["chat"]
        self.assertNotEqual(other, done["chat"])
        self.assert_refused(clara, "engine_too_long", "import_messages", source="test Anna", name="Anna", messages=[entry(i) for i in range(1_001)])
        self.assert_refused(clara, "engine_too_long", "import_messages", source="test Anna", name="Anna", messages=[entry(9, text="x" * 102_401)])
        self.assert_refused(clara, "engine_no_such_chat", "import_messages", source="third", name="Third", older_of="00" * 16, messages=[entry(0)])
        self.assert_refused(clara, "engine_chat_only_kept", "send_text", chat=done["chat"], text="hello?")
        self.assertEqual(len(clara.ask("read_history", chat=done["chat"], count=9)["messages"]), 4)

    def test_a_program_brings_a_chat_in_and_writes_it_out_and_hears_what_is_wrong(self):
        clara = self.alone()
        path = self.write("WhatsApp Chat with Anna.txt", ANDROID)
        out = os.path.join(self.folder, "api-out")
        cut = self.write("result.json", '{"name": "Boris", "type": "personal_chat", "id": 7, "messages": [{"id": 1,')
        clara.start()
        try:
            done = clara.ask("import_chat", file=path, me="Boris")
            self.assertEqual((done["chats"], done["stored"], done["known"], done["missing"]), (1, 5, 0, 1))
            told = clara.wait(lambda method, params: method == "import_progress", "it is said how far it is")[1]
            self.assertEqual(told, {"file": path, "messages": 5})
            self.assertEqual(clara.ask("import_chat", file=path, me="Boris")["known"], 5)
            self.assertEqual(self.why_not(clara, "import_chat", file=cut), "imports_export_damaged")
            self.assertEqual(self.why_not(clara, "import_chat", file=path + ".none"), "cli_file_no_access")
            chat = clara.ask("list_chats")["chats"][0]["chat"]
            written = clara.ask("export_chat", chat=chat, folder=out)
            self.assertEqual(written["messages"], 5)
            self.assertIn("&lt;script&gt;", self.read(written["page"]).decode())
            self.assertEqual(len(self.read(written["lines"]).decode().splitlines()), 2)
            self.assertEqual(self.why_not(clara, "export_chat", chat=chat, folder=out), "cli_file_exists")
            self.assertEqual(self.why_not(clara, "export_chat", chat="0" * 32, folder=out + "2"), "engine_no_such_chat")
        finally:
            clara.stop()

    def test_a_search_of_a_program_is_narrowed_by_who_when_and_files(self):
        clara = self.alone()
        self.write("IMG-20201231-WA0001.jpg", b"picture")
        lines = ["12/30/20, 9:41 PM - Anna: the dogs are out", "12/31/20, 9:41 PM - Boris: your dogs?",
                 "12/31/20, 9:42 PM - Anna: IMG-20201231-WA0001.jpg (file attached)", "all dogs", "1/2/21, 9:41 AM - Anna: dogs again"]
        path = self.write("WhatsApp Chat with Anna.txt", "\n".join(lines) + "\n")
        clara.environment = {"TZ": "UTC"}
        clara.start()
        try:
            clara.ask("import_chat", file=path, me="Boris")

            def found(**filters):
                return [each["message"]["text"] for each in clara.ask("search_messages", query="dogs", **filters)["messages"]]
            out, yours, all_dogs, again = "the dogs are out", "your dogs?", "all dogs", "dogs again"
            self.assertEqual(found(), [again, all_dogs, yours, out])
            self.assertEqual(found(sender="Anna"), [again, all_dogs, out])
            self.assertEqual(found(sender="me"), [yours])
            self.assertEqual(found(sender="Nobody"), [])
            moment = 1_609_450_860_000  # 31 December 2020, 21:41
            self.assertEqual(found(since=moment), [again, all_dogs, yours])
            self.assertEqual(found(until=moment), [out])
            self.assertEqual(found(since=moment, until=moment + 60_000), [yours])
            self.assertEqual(found(has_file=True), [all_dogs])
            self.assertEqual(found(has_file=True, sender="me"), [])
            self.assertEqual(found(sender="Anna", since=moment, count=1, skip=1), [all_dogs])
        finally:
            clara.stop()

    def test_the_examples_of_what_a_program_does_with_files_are_carried_out(self):
        home = self.home()
        clara, dora = self.person("Clara", home), self.person("Dora", home)
        described = json.loads(clara.must("rpc", "--describe"))["program_methods"]
        place = os.path.join(self.folder, "anna")
        os.mkdir(place)
        with zipfile.ZipFile(os.path.join(place, "WhatsApp Chat with Boris.zip"), "w") as out:
            out.writestr("WhatsApp Chat with Boris.txt", ANDROID)
        clara.start()
        dora.start()
        try:
            for method in described:
                name, params = method["name"], json.loads(method["example"][0][3:])["params"]
                if name == "look_for_home":
                    self.assertEqual(clara.ask(name, **params), {})
                    continue
                if name not in ("import_chat", "export_chat", "archive_chats", "restore_chats"):
                    self.assertEqual(clara.try_ask(name, **params)["error"]["data"]["name"], "cli_no_lock")
                    continue
                for key in ("file", "folder"):
                    if key in params:
                        params[key] = params[key].replace("/home/anna", place)
                if "chat" in params:
                    params["chat"] = clara.ask("list_chats")["chats"][0]["chat"]
                answer = (dora if name == "restore_chats" else clara).try_ask(name, **params)
                shown = json.loads(method["example"][1][3:])["result"]
                self.assertEqual(answer.get("result", {}).keys(), shown.keys(), f"{name} {params}: {answer}")
            self.assertEqual([each["name"] for each in dora.ask("list_chats")["chats"]], ["Boris"])
        finally:
            clara.stop()
            dora.stop()

    def test_a_program_archives_all_chats_goes_on_with_it_and_another_takes_it_in(self):
        home = self.home()
        clara, dora = self.person("Clara", home), self.person("Dora", home)
        path = os.path.join(self.folder, "chats.archive")
        clara.start()
        dora.start()
        try:
            clara.ask("import_chat", file=self.write("WhatsApp Chat with Anna.txt", ANDROID), me="Boris")
            self.assertEqual(self.why_not(clara, "archive_chats", file=path), "archive_no_secret")
            self.assertEqual(clara.ask("archive_chats", file=path, passphrase="one two three")["added"], 5)
            told = clara.wait(lambda method, params: method == "archive_progress", "it is said how far it is")[1]
            self.assertEqual(told["file"], path)
            self.assertEqual(self.why_not(clara, "archive_chats", file=path, passphrase="another"), "archive_other_key")
            clara.ask("import_messages", source="test Boris", name="Boris", messages=[
                {"sender": "Boris", "own": False, "sent_at": 1_500_000_000_000, "text": "later", "media": "", "forwarded_from": "",
                 "omitted": False, "notice": False, "edited": False, "deleted": False, "id": None}])
            more = clara.ask("archive_chats", file=path, passphrase="one two three")
            self.assertEqual((more["added"], more["known"], more["rewritten"], more["removed"], more["kept"]), (1, 5, False, 0, 0))
            self.assertEqual(self.why_not(dora, "restore_chats", file=path, passphrase="another"), "archive_other_key")
            cut = self.write("cut.archive", self.read(path)[:-9])
            self.assertEqual(self.why_not(dora, "restore_chats", file=cut, passphrase="one two three"), "archive_cut")
            self.assertEqual(dora.ask("list_chats")["chats"], [])
            done = dora.ask("restore_chats", file=path, passphrase="one two three")
            self.assertEqual((done["chats"], done["stored"], done["known"]), (2, 6, 0))
            self.assertEqual({each["name"] for each in dora.ask("list_chats")["chats"]}, {"Anna", "Boris"})
            again = dora.ask("restore_chats", file=path, passphrase="one two three")
            self.assertEqual((again["stored"], again["known"]), (0, 6))
            self.assertEqual(clara.ask("restore_chats", file=path, passphrase="one two three")["skipped"], 2)
        finally:
            clara.stop()
            dora.stop()

    def test_telegram_is_imported_and_what_breaks_off_is_kept_as_far_as_it_goes(self):
        clara = self.alone()
        messages = [{"id": i, "type": "message", "date_unixtime": str(1609450860 + i), "from": "Dora", "from_id": "user1",
                     "text": f"note {i}n", "photo": "../../etc/passwd"} for i in range(1, 2501)]
        whole = json.dumps({"name": "Dora", "type": "personal_chat", "id": 7, "messages": messages})
        self.assert_fails(clara.godwit("import", self.write("cut.json", whole[:len(whole) // 2])), 1, "imports_export_damaged")
        half = json.loads(clara.must("chats", "--json"))["chats"][0]["last"]
        self.assertGreater(half, 1000)
        clara.must("import", self.write("result.json", whole))
        self.assertEqual(json.loads(clara.must("chats", "--json"))["chats"][0]["last"], 2500)
        self.assertEqual(len(json.loads(clara.must("search", "2222n ", "--json"))["messages"]), 1)

    def test_bad_files_are_refused_and_change_nothing(self):
        clara = self.alone()
        for name, data in (("letter.txt", "Dear all,\n"), ("empty.txt", ""), ("other.json", "{}"), ("noise.bin", os.urandom(5000))):
            self.assert_fails(clara.godwit("import", self.write(name, data)), 1, "imports_not_export")
        self.assert_fails(clara.godwit("import", "/nowhere/at/all.txt"), 1, "cli_file_no_access")
        path = os.path.join(self.folder, "none.zip")
        with zipfile.ZipFile(path, "w") as out:
            out.writestr("readme.md", "nothing")
        self.assert_fails(clara.godwit("import", path), 1, "imports_zip_no_chat")
        path = os.path.join(self.folder, "bomb.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("_chat.txt", ANDROID)
            out.writestr("big.bin", b"\0" * (200 << 20))
        self.assert_fails(clara.godwit("import", path), 1, "imports_zip_bomb")
        data = self.read(path)
        self.assert_fails(clara.godwit("import", self.write("half.zip", data[:len(data) // 2])), 1, "imports_zip_damaged")
        self.assertEqual(json.loads(clara.must("chats", "--json"))["chats"], [])

    def test_a_zip_with_names_that_lead_elsewhere_writes_nothing_outside(self):
        clara = self.alone()
        path = os.path.join(self.folder, "WhatsApp Chat - Anna.zip")
        with zipfile.ZipFile(path, "w") as out:
            out.writestr("_chat.txt", "[31.12.20, 21:41:05] Anna: \u200e<attached: 1-PHOTO.jpg>\r\n"
                                      "[31.12.20, 21:41:06] Anna: \u200e<attached: ../../../evil.txt>\r\n")
            out.writestr("1-PHOTO.jpg", b"picture")
            out.writestr("../../../evil.txt", b"evil")
            out.writestr("evil\n.txt", b"evil")
        clara.must("import", path)
        history = json.loads(clara.must("history", "Anna", "--json"))["messages"]
        self.assertTrue(history[0]["kept"]["media"].endswith("-1-PHOTO.jpg"))
        self.assertTrue(history[1]["kept"]["omitted"])
        found = [name for _, _, names in os.walk(self.folder) for name in names if "evil" in name]
        self.assertEqual(found, [])

    def test_a_file_that_somebody_has_sent_is_not_taken_for_the_chat(self):
        clara = self.alone()
        forged = json.dumps({"name": "Mum", "type": "personal_chat", "id": 7, "messages": [
            {"id": 1, "type": "message", "date_unixtime": "1609450860", "from": "Mum", "from_id": "user1", "text": "forged"}]})
        path = os.path.join(self.folder, "WhatsApp Chat with Anna.zip")
        with zipfile.ZipFile(path, "w") as out:
            out.writestr("result.json", forged)
            out.writestr("WhatsApp Chat with Anna.txt", ANDROID)
            out.writestr("WhatsApp notes.txt", "12/31/20, 9:41 PM - Anna: forged as well\n")
        clara.must("import", path)
        self.assertEqual([(each["name"], each["last"]) for each in clara.chats()], [("Anna", 5)])

    def test_folders_that_lead_out_of_an_export_are_not_followed(self):
        clara = self.alone()
        secret = os.path.join(self.folder, "secret")
        os.mkdir(secret)
        self.write("secret/id_rsa", "private")
        export = os.path.join(self.folder, "export")
        os.mkdir(export)
        os.symlink(secret, os.path.join(export, "files"))
        message = {"id": 1, "type": "message", "date_unixtime": "1609450860", "from": "Dora", "from_id": "user1", "text": "look",
                   "file": "files/id_rsa", "media_type": "video_file"}
        self.write("export/result.json", json.dumps({"name": "Dora", "type": "personal_chat", "id": 7, "messages": [message]}))
        clara.must("import", export)
        self.assertTrue(clara.history("Dora")[0]["kept"]["omitted"])
        self.assertEqual([name for name in os.listdir(os.path.join(clara.folder, "media")) if "rsa" in name], [])

    def test_a_file_that_is_named_often_is_unpacked_once(self):
        clara = self.alone()
        path = os.path.join(self.folder, "WhatsApp Chat - Anna.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("_chat.txt", "".join(f"[31.12.20, 21:41:{i % 60:02}] Anna: \u200e<attached: 1-PHOTO.jpg>\r\n" for i in range(200)))
            out.writestr("1-PHOTO.jpg", b"\0" * (20 << 20))
        _, _, said = clara.godwit("import", path, timeout=100)
        self.assertIn("1 files with them", said)

    def test_what_was_imported_does_not_stand_before_the_chat_of_the_same_name(self):
        anna, boris, chat = self.pair(self.home())
        anna.must("import", self.write("WhatsApp Chat with Boris.txt", ANDROID), "--chat", "Boris")
        anna.must("import", self.write("WhatsApp Chat with Boris.txt", ANDROID), "--chat", "Boris")
        anna.must("send", "Boris", "hello")
        self.assertEqual([each["text"] for each in anna.history(chat)], ["hello"])
        self.assertEqual({each["older_of"] for each in anna.chats() if each["kept"]}, {chat})

    def talked(self):
        """Anna, who has a chat with Boris, a group and an imported chat, with (her home, what she can find)."""
        home = self.home()
        anna, boris, chat = self.pair(home)
        for i in range(3):
            anna.must("send", chat, f"hello number {i}")
        boris.must("listen", "--count", "3", "--timeout", "20")
        boris.must("send", chat, "an answer about apples")
        boris.must("send", chat, "soon regretted")
        anna.must("listen", "--count", "2", "--timeout", "20")
        self.write("IMG-20201231-WA0001.jpg", b"picture" * 100000)
        anna.must("import", self.write("WhatsApp Chat with Dora.txt", ANDROID))
        return home, anna, boris, chat

    def kept(self, person):
        """What a person has in chats that are only kept, by name."""
        return {each["name"]: [message["text"] for message in person.history(each["chat"])]
                for each in person.chats() if each["kept"]}

    def test_an_archive_goes_on_and_is_restored_on_a_new_machine(self):
        home, anna, boris, chat = self.talked()
        path, secret = os.path.join(self.folder, "chats.archive"), self.secret()
        options = ("--archive-passphrase-file", secret)
        anna.must("archive", path, *options)
        first = os.path.getsize(path)
        self.assertNotIn(b"apples", self.read(path))
        anna.must("archive", path, *options)
        self.assertEqual(os.path.getsize(path), first, "nothing is new")
        anna.must("send", chat, "one more about pears")
        anna.must("archive", path, *options)
        self.assertGreater(os.path.getsize(path), first)
        self.assertLess(os.path.getsize(path), first + 2000, "only what is new is added")
        new = self.person("Anna2", home)
        new.must("restore", path, *options)
        new.must("restore", path, *options)
        self.assertEqual(self.kept(new)["Boris"], ["hello number 0", "hello number 1", "hello number 2",
                                                   "an answer about apples", "soon regretted", "one more about pears"])
        self.assertEqual(len(self.kept(new)["Dora"]), 5)
        self.assertIn("apples", new.must("search", "apple"))
        names = os.listdir(os.path.join(new.folder, "media"))
        self.assertEqual([os.path.getsize(os.path.join(new.folder, "media", name)) for name in names], [700000])
        # A device that has the chats itself keeps them as they are.
        anna.must("restore", path, *options)
        self.assertEqual(list(self.kept(anna)), ["Dora"])

    def test_telegram_has_replies_reactions_and_formatting(self):
        clara = self.alone()
        first = {"id": 1, "type": "message", "date_unixtime": "1609450860", "from": "Dora", "from_id": "user1", "text": "shall we?"}
        second = {"id": 2, "type": "message", "date_unixtime": "1609450861", "from": "Emil", "from_id": "user2", "reply_to_message_id": 1,
                  "text": ["yes, ", {"type": "bold", "text": "now"}, {"type": "text_link", "text": "there", "href": "https://a.example/"}],
                  "forwarded_from": "Fritz",
                  "reactions": [{"type": "emoji", "count": 2, "emoji": "👍", "recent": [{"from": "Dora", "from_id": "user1"}]}]}
        lost = {"id": 3, "type": "message", "date_unixtime": "1609450862", "from": "Emil", "from_id": "user2", "reply_to_message_id": 99,
                "text": "to what?"}
        path = self.write("result.json", json.dumps({"name": "Dora", "type": "personal_chat", "id": 7, "messages": [first, second, lost]}))
        clara.must("import", path)
        clara.must("import", path)
        messages = clara.history("Dora")
        self.assertEqual(len(messages), 3, "the same again is known")
        self.assertEqual(messages[1]["reply_to"], messages[0]["id"])
        self.assertEqual(messages[1]["text"], "yes, nowthere")
        self.assertEqual([(each["start"], each["length"], each["style"], each["link"]) for each in messages[1]["spans"]],
                         [(5, 3, "bold", ""), (8, 5, "link", "https://a.example/")])
        self.assertEqual([(each["reaction"], each["count"], each["names"]) for each in messages[1]["reactions"]], [("👍", 2, ["Dora"])])
        self.assertTrue(messages[1]["forwarded"])
        self.assertIsNotNone(messages[2]["reply_to"])
        shown = clara.must("history", "Dora")
        self.assertIn("> shall we?\n", shown)
        self.assertIn("[forwarded from Fritz] yes, *now*there (https://a.example/) 👍2", shown)
        out = os.path.join(self.folder, "out")
        clara.must("export", out)
        page = self.read(os.path.join(out, "1-Dora.html")).decode()
        self.assertIn('<b>now</b><a rel="noreferrer" href="https://a.example/">there</a>', page)
        self.assertIn(f'<a href="#m-{messages[0]["id"]}"><bdi>Dora: shall we?</bdi></a>', page)
        self.assertIn(f'id="m-{messages[0]["id"]}"', page)
        self.assertIn("answers a message that is not here", page)
        self.assertIn('<span title="Dora">👍2</span>', page)

    def test_all_of_a_chat_is_exported_and_archived_in_its_order_though_half_of_it_came_late(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        home.stop()
        # Both write before they hear of each other: what comes stands between what is there.
        for i in range(130):
            anna.ask("send_text", chat=chat, text=f"of Anna {i}")
            boris.ask("send_text", chat=chat, text=f"of Boris {i}")
        home.start()
        said = sorted(f"of {who} {i}" for who in ("Anna", "Boris") for i in range(130))

        def texts_of(person):
            out, before = [], None
            while page := person.ask("read_history", chat=chat, count=200, **({"before": before} if before else {}))["messages"]:
                out, before = [each["text"] for each in page if each["kind"] == "text"] + out, page[0]["position"]
            return out

        until(lambda: sorted(texts_of(boris)) == said, "all is there", 120)
        order = texts_of(boris)
        boris.stop()
        out = os.path.join(self.folder, "late")
        boris.must("export", out)
        name = next(each for each in os.listdir(out) if each.endswith(".jsonl"))
        lines = [json.loads(line) for line in self.read(os.path.join(out, name)).decode().splitlines()]
        exported = [each["text"] for line in lines for each in line.get("messages", []) if each["kind"] == "text"]
        self.assertEqual(exported, order)
        archive = os.path.join(self.folder, "late.archive")
        options = ("--archive-passphrase-file", self.secret())
        boris.must("archive", archive, *options)
        new = self.person("Boris2", home)
        new.must("restore", archive, *options)
        new.start()
        (kept,) = (each["chat"] for each in new.ask("list_chats")["chats"] if each["kept"])
        newest = new.ask("read_history", chat=kept, count=200)["messages"]
        older = new.ask("read_history", chat=kept, count=200, before=newest[0]["position"])["messages"]
        self.assertEqual([each["text"] for each in older + newest if not each["line"]], order)

    def test_replies_reactions_formatting_and_files_are_archived_and_restored(self):
        home, anna, boris, chat = self.talked()
        data = os.urandom(700_000)
        self.write("report.bin", data)
        boris.must("send", chat, "--file", os.path.join(self.folder, "report.bin"))
        anna.must("listen", "--count", "1", "--timeout", "20")
        anna.must("send", chat, "--file", self.write("own.txt", "mine"))
        anna.start()
        apples = next(each for each in anna.ask("read_history", chat=chat)["messages"] if "apples" in each["text"])
        anna.ask("send_message", chat=chat, text="good ones", reply_to=apples["id"], spans=[{"start": 0, "length": 4, "style": "bold"}])
        anna.ask("react", chat=chat, message=apples["id"], reaction="👍")
        anna.stop()
        path, options = os.path.join(self.folder, "chats.archive"), ("--archive-passphrase-file", self.secret())
        anna.must("archive", path, *options)
        size = os.path.getsize(path)
        self.assertGreater(size, 1_400_000, "the file, and that of the import")
        self.assertEqual(os.path.exists(os.path.join(anna.folder, "archived")), False, "nothing is left of what was fetched")
        home.stop()
        anna.godwit("send", chat, "one more about pears", "--wait", "0")
        anna.must("archive", path, *options)  # what is in it is not asked for again
        self.assertLess(os.path.getsize(path), size + 2000)
        home.start()
        new = self.person("Anna2", home)
        new.must("restore", path, *options)
        kept = next(each for each in new.chats() if each["name"] == "Boris")
        messages = new.history(kept["chat"])
        answer = next(each for each in messages if each["text"] == "good ones")
        question = next(each for each in messages if "apples" in each["text"])
        self.assertEqual(answer["reply_to"], question["id"])
        self.assertEqual([(each["start"], each["length"], each["style"]) for each in answer["spans"]], [(0, 4, "bold")])
        self.assertEqual([(each["reaction"], each["count"], each["own"], each["names"]) for each in question["reactions"]],
                         [("👍", 1, True, ["Anna"])])
        files = {each["kept"]["media"].split("-", 1)[-1]: each["kept"]["media"] for each in messages if each["kept"]["media"]}
        self.assertEqual(sorted(files), ["own.txt", "report.bin"])
        self.assertEqual(self.read(os.path.join(new.folder, "media", files["report.bin"])), data)
        self.assertEqual(self.read(os.path.join(new.folder, "media", files["own.txt"])), b"mine")

    def test_a_file_that_is_gone_is_counted_and_comes_when_it_can(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        boris.must("send", chat, "--file", self.write("report.txt", "all of it"))
        anna.must("listen", "--count", "1", "--timeout", "20")
        path, options = os.path.join(self.folder, "chats.archive"), ("--archive-passphrase-file", self.secret())
        home.stop()
        code, _, err = anna.godwit("archive", path, *options, timeout=60)
        self.assertEqual(code, 0, err)
        self.assertIn("1 files are not to be had now", err)
        home.start()
        clara = self.person("Clara", home)
        _, _, err = clara.godwit("restore", path, *options)
        self.assertIn("1 files were not to be had", err)
        self.assertEqual(self.kept(clara)["Boris"], ["[file report.txt]"])
        anna.must("archive", path, *options)
        dora = self.person("Dora", home)
        dora.must("restore", path, *options)
        kept = next(each for each in dora.chats() if each["name"] == "Boris")
        self.assertTrue(dora.history(kept["chat"])[0]["kept"]["media"].endswith("-report.txt"))
        self.assertEqual([self.read(os.path.join(dora.folder, "media", each)) for each in os.listdir(os.path.join(dora.folder, "media"))],
                         [b"all of it"])

    def test_what_is_taken_back_leaves_the_archive(self):
        _, anna, boris, chat = self.talked()
        path, options = os.path.join(self.folder, "chats.archive"), ("--archive-passphrase-file", self.secret())
        anna.must("archive", path, *options)
        regretted = next(each for each in boris.history(chat) if each["text"] == "soon regretted")
        boris.start()
        anna.start()
        boris.ask("delete_message", chat=chat, message=regretted["id"], for_everyone=True)
        anna.wait(lambda method, params: method == "message_changed" and params["message"]["deleted"], "it is taken back")
        anna.stop()
        boris.stop()
        _, _, err = anna.godwit("archive", path, *options)
        self.assertIn("1 were taken back since, and were removed from it.", err)
        clara = self.person("Clara", self.started[0])
        clara.must("restore", path, *options)
        texts = self.kept(clara)["Boris"]
        self.assertIn("an answer about apples", texts)
        self.assertNotIn("soon regretted", texts)
        self.assertEqual(json.loads(clara.must("search", "regretted", "--json"))["messages"], [])

    def test_what_a_device_does_not_have_stays_in_the_archive_and_a_link_to_it_stays_a_link(self):
        clara = self.alone()
        real, options = os.path.join(self.folder, "chats.archive"), ("--archive-passphrase-file", self.secret())
        path = os.path.join(self.folder, "link.archive")
        clara.must("import", self.write("WhatsApp Chat with Anna.txt", ANDROID))
        clara.must("archive", real, *options)
        os.symlink("chats.archive", path)
        # The chat goes, and another one of the same name comes: of all that was there this device has one message now.
        clara.must("delete", "Anna", "--yes")
        clara.must("import", self.write("WhatsApp Chat with Anna.txt", ANDROID.splitlines()[4] + "\n2/1/21, 9:43 PM - Anna: new\n"))
        _, _, err = clara.godwit("archive", path, *options)
        self.assertIn("1 messages are new in the archive, 1 were there already", err)
        self.assertIn("4 are in the archive and not here: they stay in it.", err)
        self.assertTrue(os.path.islink(path))
        dora = self.person("Dora", self.started[0])
        dora.must("restore", real, *options)
        self.assertEqual(len(self.kept(dora)["Anna"]), 6)
        _, _, err = clara.godwit("archive", path, "--only-here", *options)
        self.assertIn("4 were taken back since or are not here, and were removed from it.", err)
        emil = self.person("Emil", self.started[0])
        emil.must("restore", real, *options)
        self.assertEqual(len(self.kept(emil)["Anna"]), 2)

    def test_all_of_an_import_is_there_however_odd_it_is_and_what_cannot_be_is_named(self):
        clara = self.alone()
        name = "я" * 97 + ".jpg"
        self.write(name, b"picture")
        lines = ["31.12.20, 21:41 - Anna: the same"] * 2500 + ["31.12.20, 21:42 - Anna: \u200e" + name + " (file attached)",
                                                             "31.12.20, 21:42 - Anna: \u200eIMG-1.jpg (file attached)",
                                                             "31.12.20, 21:43 - Anna: " + "a" * 7_000_000]
        path = self.write("WhatsApp Chat with Anna.txt", "\n".join(lines) + "\n")
        _, _, err = clara.godwit("import", path, timeout=100)
        self.assertIn("1 texts were too long", err)
        self.assertIn("`--me NAME`", err)
        count = clara.chats()[0]["last"]
        self.assertGreater(count, 2502 + 7_000_000 // 65_536)
        self.assertIn(f"0 messages are new, {count} were there already", clara.godwit("import", path, timeout=100)[2])
        shown = clara.must("history", "Anna", "--count", str(count - 2500))
        self.assertGreaterEqual(shown.count("a"), 7_000_000)
        self.assertIn(f"[file {name}]", shown)
        self.assertIn("[a file that is not here: IMG-1.jpg]", shown)
        link = {"type": "text_link", "text": "x", "href": "https://a.example/" + "a" * 90_000}
        texts = [[link, " and ", link], "after", "other"]
        messages = [{"id": i, "type": "message", "date_unixtime": str(1609450860 + i), "from": "Dora", "from_id": "user1", "text": text}
                    for i, text in enumerate(texts)]
        chat = {"name": "Dora", "type": "personal_chat", "id": "7" * 300, "messages": messages}
        _, _, err = clara.godwit("import", self.write("result.json", json.dumps(chat)))
        self.assertIn("1 texts were too long", err)
        self.assertEqual([each["text"] for each in clara.history("Dora")][-2:], ["after", "other"])
        media = os.path.join(clara.folder, "media")
        out = os.path.join(self.folder, "out")
        clara.must("export", out)
        self.assertEqual([each[17:] for each in os.listdir(os.path.join(out, "media"))], [name])
        archive, options = os.path.join(self.folder, "chats.archive"), ("--archive-passphrase-file", self.secret())
        kept = os.path.join(media, os.listdir(os.path.join(out, "media"))[0])
        os.rename(kept, kept + ".away")
        os.mkdir(kept)
        _, _, err = clara.godwit("archive", archive, *options)
        self.assertIn("1 files are not to be had now", err)
        self.assertIn("  " + name, err)
        os.rmdir(kept)
        os.rename(kept + ".away", kept)
        _, _, err = clara.godwit("archive", archive, *options)
        self.assertIn("with 1 files", err)

    def test_the_recovery_key_opens_an_archive_and_another_one_does_not(self):
        home = self.home()
        clara, dora = Person("Clara", os.path.join(self.folder, "clara")), Person("Dora", os.path.join(self.folder, "dora"))
        keys = [self.write(each.name + ".recovery", each.new(home.link()) + "\n") for each in (clara, dora)]
        clara.must("import", self.write("WhatsApp Chat with Anna.txt", ANDROID))
        path = os.path.join(self.folder, "clara.archive")
        self.assert_fails(clara.godwit("archive", path, "--recovery-key-file", keys[1]), 1, "archive_other_account")
        self.assertFalse(os.path.exists(path))
        clara.must("archive", path, "--recovery-key-file", keys[0])
        self.assert_fails(dora.godwit("restore", path, "--recovery-key-file", keys[1]), 1, "archive_other_key")
        dora.must("restore", path, "--recovery-key-file", keys[0])
        self.assertEqual(len(self.kept(dora)["Anna"]), 5)

    def test_archives_that_are_cut_or_changed_are_refused_and_change_nothing(self):
        clara = self.alone()
        clara.must("import", self.write("WhatsApp Chat with Anna.txt", ANDROID))
        path, options = os.path.join(self.folder, "clara.archive"), ("--archive-passphrase-file", self.secret())
        clara.must("archive", path, *options)
        good = self.read(path)
        other = self.person("Dora", self.started[0])
        bad = self.write("bad.archive", b"")
        cases = [(good[:len(good) // 2], "archive_cut"), (good[:-1], "archive_cut"), (b"", "archive_not_archive"),
                 (good[:60], "archive_cut"), (ANDROID.encode(), "archive_not_archive"), (good + b"\0", "archive_damaged")]
        for at in (9, 40, 70, 140, len(good) // 2, len(good) - 1):
            cases.append((good[:at] + bytes([good[at] ^ 4]) + good[at + 1:], None))
        for data, name in cases:
            self.write("bad.archive", data)
            for person, command in ((other, "restore"), (clara, "archive")):
                code, _, err = person.godwit(command, bad, *options)
                self.assertEqual(code, 1, err)
                self.assertIn(f"[{name}]" if name else "[archive_", err)
            self.assertEqual(self.read(bad), data, "a bad one is not written over")
        self.assertEqual(other.chats(), [])
        wrong = self.write("wrong.secret", "wrong horse\n")
        self.assert_fails(other.godwit("restore", path, "--archive-passphrase-file", wrong), 1, "archive_other_key")
        self.assertEqual(sorted(name for name in os.listdir(self.folder) if ".part" in name), [])

    def test_an_archive_that_cannot_be_written_whole_leaves_the_good_one(self):
        clara = self.alone()
        clara.must("import", self.write("WhatsApp Chat with Anna.txt", ANDROID))
        path, options = os.path.join(self.folder, "clara.archive"), ("--archive-passphrase-file", self.secret())
        clara.must("archive", path, *options)
        good = self.read(path)
        clara.must("import", self.write("WhatsApp Chat with Dora.txt", ANDROID))
        self.assert_disk_full(clara, "archive", path, *options, at_kib=2)
        self.assertEqual(self.read(path), good)
        self.assertEqual([name for name in os.listdir(self.folder) if ".part" in name], [])
        clara.must("archive", path, *options)

    def assert_disk_full(self, person, *command, at_kib):
        """A command whose files may not grow beyond `at_kib` says that the disk is full."""
        person.prefix = ("bash", "-c", f"ulimit -f {at_kib}; trap '' XFSZ; exec \"$@\"", "bash")
        done = person.godwit(*command)
        person.prefix = ()
        self.assert_fails(done, 7, "store_disk_full")

    def test_a_full_disk_is_called_so_and_the_same_again_with_room_is_whole(self):
        clara = self.alone()
        self.write("IMG-20201231-WA0001.jpg", os.urandom(5_000_000))
        path = self.write("WhatsApp Chat with Anna.txt", ANDROID)
        archive, options = os.path.join(self.folder, "clara.archive"), ("--archive-passphrase-file", self.secret())
        self.assert_disk_full(clara, "import", path, at_kib=4000)
        clara.must("import", path)
        self.assertTrue(clara.history("Anna")[2]["kept"]["media"].endswith("-IMG-20201231-WA0001.jpg"))
        self.assert_disk_full(clara, "archive", archive, *options, at_kib=4000)
        self.assertFalse(os.path.exists(archive))
        clara.must("archive", archive, *options)
        self.assert_disk_full(clara, "export", os.path.join(self.folder, "full"), at_kib=4000)
        dora = self.person("Dora", self.started[0])
        self.assert_disk_full(dora, "restore", archive, *options, at_kib=4000)
        dora.must("restore", archive, *options)
        self.assertEqual([os.path.getsize(os.path.join(dora.folder, "media", name)) for name in os.listdir(os.path.join(dora.folder, "media"))],
                         [5_000_000])
        self.assert_fails(dora.godwit("export", "/proc/nowhere"), 1, "cli_file_no_access")


class Kills(HistoryWorld):
    """Programs are killed while they take histories in; what they took in before stays, and the same again brings the rest."""

    MESSAGES, PICTURES = 6000, 40  # the pictures are among the messages, up to the last

    def export(self):
        """A chat of Telegram with answers, pictures and messages that are equal in all that is shown."""
        os.mkdir(os.path.join(self.folder, "photos"))
        for i in range(self.PICTURES):
            self.write(f"photos/{i}.jpg", os.urandom(20_000))
        messages = [{"id": i, "type": "message", "date_unixtime": str(1609450860 + i // 3), "from": "Dora", "from_id": "user1",
                     "text": f"note {i // 2}", **({"reply_to_message_id": i - 700} if i % 50 == 0 and i > 700 else {}),
                     **({"photo": f"photos/{i // 150}.jpg"} if i % 150 == 0 else {})} for i in range(self.MESSAGES)]
        return self.write("result.json", json.dumps({"name": "Dora", "type": "personal_chat", "id": 7, "messages": messages}))

    def killed(self, person, notice, at, method, **params):
        """Asks for it, and kills the program once it has told that so many messages are done; 0: once there is something on the disk."""
        person.notices.clear()
        person.start()
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        person.process.stdin.write(line.encode() + b"\n")
        person.process.stdin.flush()
        if at == 0:
            folder = os.path.join(person.folder, "media")
            until(lambda: os.path.isdir(folder) and os.listdir(folder), "the first picture comes")
        else:
            person.wait(lambda name, told: name == notice and told["messages"] >= at, f"{at} messages are done")
        person.kill()

    def state(self, person):
        """All that was taken in: answers by the place of what they answer."""
        history = person.history("Dora")
        places = {each["id"]: i for i, each in enumerate(history)}
        said = [(each["text"], each["sent_at"], each["kept"]["media"], places.get(each["reply_to"])) for each in history]
        folder = os.path.join(person.folder, "media")
        return said, {name: os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)}

    def test_an_import_and_a_restore_that_are_killed_midway_lose_and_double_nothing(self):
        home = self.home()
        path, archive = self.export(), os.path.join(self.folder, "chats.archive")
        clara, dora, emil = (self.person(name, home) for name in ("Clara", "Dora", "Emil"))
        clara.must("import", path, timeout=100)
        whole = self.state(clara)
        self.assertEqual((len(whole[0]), len(whole[1])), (self.MESSAGES, self.PICTURES))
        self.assertEqual(sum(each[3] is not None for each in whole[0]), len(range(750, self.MESSAGES, 50)))
        clara.must("archive", archive, "--archive-passphrase-file", self.secret(), timeout=100)
        for at in (0, 1, 2500):
            self.killed(dora, "import_progress", at, "import_chat", file=path)
            self.killed(emil, "archive_progress", at, "restore_chats", file=archive, passphrase="correct horse")
            for person in (dora, emil):
                there = [each[0] for each in self.state(person)[0]] if person.chats() else []
                self.assertEqual(there, [each[0] for each in whole[0]][:len(there)], "what is there is a beginning of it")
                self.assertGreaterEqual(len(there), at)
        dora.must("import", path, timeout=100)
        emil.must("restore", archive, "--archive-passphrase-file", self.secret(), timeout=100)
        self.assertEqual(self.state(dora), whole)
        self.assertEqual(self.state(emil), whole)


class Zips(HistoryWorld):
    """Zip files that are not what they say."""

    CENTRAL = b"PK\x01\x02"  # the head of an entry in the directory at the end
    LOCAL = b"PK\x03\x04"  # and of the entry itself

    def patched(self, name, where, offset, value):
        """The zip file `name` with a number of 4 bytes changed in each head that begins with `where`."""
        data = bytearray(self.read(os.path.join(self.folder, name)))
        at = data.find(where)
        while at >= 0:
            data[at + offset:at + offset + 4] = value.to_bytes(4, "little")
            at = data.find(where, at + 4)
        return self.write(name, bytes(data))

    def zip(self, name, *entries):
        path = os.path.join(self.folder, name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for each in entries:
                out.writestr(*each)
        return path

    def test_zips_that_lie_are_refused_and_leave_nothing(self):
        clara = self.alone()
        picture = ("1-PHOTO.jpg", os.urandom(40_000))
        chat = ("_chat.txt", "[31.12.20, 21:41:05] Anna: \u200e<attached: 1-PHOTO.jpg>\r\n" + ANDROID)
        # Entries that are one and the same piece of the file.
        self.zip("overlap.zip", chat, *[(f"{i}-PHOTO.jpg", picture[1]) for i in range(3)])
        self.patched("overlap.zip", self.CENTRAL, 20, 100_000)  # their packed sizes are more than the file
        # One that says that it is small, and unpacks into a lot.
        self.zip("small.zip", ("_chat.txt", ANDROID + "12/31/20, 9:44 PM - Anna: " + "x" * 5_000_000 + "\n"))
        self.patched("small.zip", self.CENTRAL, 24, 500)
        # Too many of them.
        self.zip("many.zip", chat, *[(f"{i}", b"") for i in range(200_001)])
        # Larger than any disk.
        self.zip("large.zip", chat, *[(f"{i}.bin", b"") for i in range(20)])
        self.patched("large.zip", self.CENTRAL, 24, 0xfffffffe)
        for name, error in (("overlap.zip", "zip_bomb"), ("small.zip", "zip_bomb"), ("many.zip", "zip_bomb"), ("large.zip", "zip_bomb")):
            with self.subTest(name):
                self.assert_fails(clara.godwit("import", os.path.join(self.folder, name)), 1, f"imports_{error}")
                self.assertEqual(clara.chats(), [], name)
        self.assertEqual(self.media(clara), [])

    def media(self, person):
        """The files that were taken in."""
        folder = os.path.join(person.folder, "media")
        return sorted(os.listdir(folder)) if os.path.exists(folder) else []

    def test_a_damaged_picture_costs_the_picture_alone(self):
        clara = self.alone()
        text = "".join(f"[31.12.20, 21:41:0{i}] Anna: \u200e<attached: {i}-PHOTO.jpg>\r\n" for i in (1, 2))
        self.zip("WhatsApp Chat - Anna.zip", ("_chat.txt", text), ("1-PHOTO.jpg", os.urandom(40_000)), ("2-PHOTO.jpg", os.urandom(40_000)))
        path = os.path.join(self.folder, "WhatsApp Chat - Anna.zip")
        data = bytearray(self.read(path))
        data[data.find(b"1-PHOTO.jpg") + 20_000] ^= 1
        self.write("WhatsApp Chat - Anna.zip", bytes(data))
        clara.must("import", path)
        kept = [(each["kept"]["omitted"], each["kept"]["media"].split("-", 1)[-1]) for each in clara.history("Anna")]
        self.assertEqual(kept, [(True, "PHOTO.jpg"), (False, "2-PHOTO.jpg")])
        self.assertEqual(len(self.media(clara)), 1, "nothing of the damaged one is left")


if __name__ == "__main__":
    main()
