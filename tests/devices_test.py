"""One person with several devices: real programs, real sockets."""

import json
import os
import subprocess

from people import Person, binaries, meet, until
from world import World, main

LINKING = 60.0  # seconds for a linking, which asks the home once a second


class Devices(World):
    """Anna and her devices."""

    def device(self, name):
        """A profile without an account."""
        person = Person(name, os.path.join(self.folder, name.lower()))
        self.started.append(person)
        return person

    def link(self, old, name, by_code=False):
        """Links a new device with `old`, both over the API; gives it. Both are running afterwards."""
        new = self.device(name)
        offered = old.ask("start_linking", by_code=by_code)
        self.begin(new, offered, name)
        asks = old.wait(lambda method, params: method == "device_asks" and params["name"] == name,
                        "the new device asks", LINKING)[1]
        old.ask("confirm_linking", accept=True)
        old.wait(lambda method, params: method == "linking_ended" and params["name"] == name
                 and params["error"] is None, "it is linked", LINKING)
        return new, asks["check"]

    def names(self, person):
        """The names of the devices that a running person knows."""
        return sorted(each["name"] for each in person.ask("list_devices")["devices"])

    def begin(self, new, offered, name):
        """Starts `godwit new` on the new device without waiting for it."""
        words = ["--link", offered["link"]] if offered["link"] else ["--code", offered["code"], "--home",
                                                                     offered["home_link"]]
        self.joining = subprocess.Popen(
            [os.path.join(binaries(), "godwit"), *new.globals(), "new", "--device", name, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self):
        """Waits for it; gives (exit code, stdout, stderr)."""
        out, err = self.joining.communicate(timeout=LINKING)
        return self.joining.returncode, out, err

    def test_a_link_and_a_code_make_devices_that_know_of_each_other(self):
        home = self.home()
        anna = self.person("Anna", home)
        anna.start()
        account = anna.ask("read_account")["account"]
        for by_code, name in ((False, "Laptop"), (True, "Tablet")):
            new, check = self.link(anna, name, by_code=by_code)
            code, out, err = self.finish()
            self.assertEqual(code, 0, err)
            self.assertIn(account, out)
            self.assertIn(check, err, "both screens show one number")
            self.assertIn("this one", new.must("devices"))
        self.assertEqual(self.names(anna), ["First device", "Laptop", "Tablet"])
        laptop = next(each for each in self.started if getattr(each, "name", "") == "Laptop")
        laptop.start()
        until(lambda: self.names(laptop) == ["First device", "Laptop", "Tablet"], "the laptop hears of the tablet",
              LINKING)

    def test_both_devices_are_in_the_talk_and_have_its_past(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        boris.ask("send_text", chat=chat, text="from before")
        until(lambda: "from before" in self.texts(anna, chat), "it is there", LINKING)
        laptop, _ = self.link(anna, "Laptop")
        self.assertEqual(self.finish()[0], 0)
        laptop.start()
        until(lambda: laptop.ask("list_chats")["chats"] and "from before" in self.texts(laptop, chat),
              "the chat and its history", 3 * LINKING)
        laptop.ask("send_text", chat=chat, text="by the laptop")
        until(lambda: "by the laptop" in self.texts(anna, chat) and "by the laptop" in self.texts(boris, chat),
              "both have it", LINKING)
        boris.ask("send_text", chat=chat, text="for both")
        until(lambda: "for both" in self.texts(anna, chat) and "for both" in self.texts(laptop, chat),
              "both devices have it", LINKING)

    def test_an_account_moves_to_another_home_with_its_chats(self):
        home, haven, third = self.home(), self.home("haven"), self.home("third")
        anna, boris = self.person("Anna", home), self.person("Boris", third)
        chat = meet(anna, boris)
        anna.start()
        laptop, _ = self.link(anna, "Laptop")
        self.assertEqual(self.finish()[0], 0)
        anna.stop()
        code, _, err = anna.godwit("move", home.link())
        self.assertNotEqual(code, 0)
        self.assertIn("lives at this home already", err)
        self.assertIn("lives at the new home", anna.godwit("move", haven.link())[2])
        self.assertIn(str(haven.port), anna.must("status"))
        self.assertIn("moved from", anna.must("status"))
        laptop.start()
        until(lambda: str(haven.port) in laptop.ask("read_account")["home"], "the laptop follows", LINKING)
        anna.start()
        boris.start()
        anna.ask("send_text", chat=chat, text="from my new home")
        boris.received("from my new home", LINKING)
        until(lambda: anna.ask("read_account")["chats_to_tell"] == 0, "the chat was told", LINKING)
        until(lambda: laptop.ask("list_chats")["chats"], "the laptop has the chat", 3 * LINKING)
        home.kill()
        boris.ask("send_text", chat=chat, text="the old one is gone")
        anna.received("the old one is gone", LINKING)
        until(lambda: "the old one is gone" in self.texts(laptop, chat), "the laptop has it", 3 * LINKING)

    def test_a_contact_with_a_new_device_is_told_and_not_written_to_before_it_is_known(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        boris.must("verify", "Anna")
        anna.start()
        boris.start()
        laptop, _ = self.link(anna, "Laptop")
        self.assertEqual(self.finish()[0], 0)
        laptop.start()
        told = boris.wait(lambda method, params: method == "contact_devices_changed", "Boris is told", 3 * LINKING)[1]
        self.assertEqual((told["chat"], told["name"], told["held"]), (chat, "Anna", True))
        refused = boris.try_ask("send_text", chat=chat, text="secret")
        self.assertIn("engine_new_devices", json.dumps(refused))
        boris.stop()
        self.assertIn("new device", boris.must("chats"))
        code, _, err = boris.godwit("send", "Anna", "secret")
        self.assertNotEqual(code, 0)
        self.assertIn("verify NAME --devices", err)
        boris.must("verify", "Anna", "--devices")
        self.assertNotIn("new device", boris.must("chats"))
        boris.must("send", "Anna", "secret")
        until(lambda: "secret" in self.texts(laptop, chat), "the laptop has it", 3 * LINKING)

    def texts(self, person, chat):
        """What stands in a chat of a running person; nothing if he is not in it yet."""
        answer = person.try_ask("read_history", chat=chat, before=None, count=200)
        return [each["text"] for each in answer["result"]["messages"]] if "result" in answer else []

    def chat(self, person, chat):
        """A chat of a running person, or None."""
        return next((each for each in person.ask("list_chats")["chats"] if each["chat"] == chat), None)

    def linked(self, old, name="Laptop"):
        """A new device that runs, and into which all chats of `old` have come with all that was said."""
        new, _ = self.link(old, name)
        self.assertEqual(self.finish()[0], 0)
        new.start()
        chats = {each["chat"] for each in old.ask("list_chats")["chats"]}
        until(lambda: {each["chat"] for each in new.ask("list_chats")["chats"]} == chats, "all chats are there",
              3 * LINKING)
        until(lambda: new.ask("list_devices")["histories_to_come"] == 0, "all that was said is there", 3 * LINKING)
        return new

    def test_all_chats_and_all_that_was_said_come_over(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        said = [f"message {number}" for number in range(60)]
        for number, text in enumerate(said):
            (anna if number % 2 else boris).ask("send_text", chat=chat, text=text)
        until(lambda: len(self.texts(anna, chat)) == len(said), "they talk", LINKING)
        group = anna.ask("new_group", name="Friends")["chat"]["chat"]
        peer = self.chat(anna, chat)["peer"]
        anna.ask("add_members", chat=group, accounts=[peer])
        until(lambda: self.chat(boris, group), "Boris is in the group", LINKING)
        boris.ask("send_text", chat=group, text="hello friends")
        until(lambda: "hello friends" in self.texts(anna, group), "the group talks", LINKING)
        laptop = self.linked(anna)
        for each in (chat, group):
            self.assertEqual(self.texts(laptop, each), self.texts(anna, each))
        self.assertEqual({each["name"] for each in laptop.ask("list_chats")["chats"]}, {"Boris", "Friends"})
        laptop.ask("send_text", chat=group, text="from the laptop")
        until(lambda: "from the laptop" in self.texts(boris, group) and "from the laptop" in self.texts(anna, group),
              "everybody has it", LINKING)
        members = boris.ask("list_members", chat=group)["members"]
        self.assertEqual(sorted(each["name"] for each in members), ["Anna", "Boris"], "no device has a name there")

    def test_who_asks_by_the_name_is_seen_on_all_devices_and_let_in_by_any(self):
        home = self.home()
        anna, clara = self.person("Anna", home), self.person("Clara", home)
        anna.start()
        clara.start()
        name = anna.ask("claim_name", name="anna")["name"]
        laptop, _ = self.link(anna, "Laptop")
        self.assertEqual(self.finish()[0], 0)
        laptop.start()
        until(lambda: laptop.ask("read_name")["name"] == name, "the laptop has the name", LINKING)
        link = clara.ask("resolve_name", name="anna", home_link=home.link())["link"]
        clara.ask("send_contact_request", link=link, greeting="we met on Sunday", timeout=LINKING)

        def waiting(person):
            return person.ask("list_contact_requests")["requests"]
        until(lambda: waiting(anna) and waiting(laptop), "both are asked", LINKING)
        laptop.ask("accept_contact_request", request=waiting(laptop)[0]["request"], timeout=LINKING)
        until(lambda: anna.ask("list_chats")["chats"] and clara.ask("list_chats")["chats"], "all have the chat", LINKING)
        until(lambda: not waiting(anna) and not waiting(laptop), "nobody is asked any more", LINKING)
        laptop.ask("release_name", timeout=LINKING)
        until(lambda: anna.ask("read_name")["name"] == "", "the name is given up on both", LINKING)

    def test_what_was_imported_reaches_a_new_device(self):
        home = self.home()
        anna = self.person("Anna", home)
        anna.start()
        entry = {"sender": "Clara", "own": False, "sent_at": 1500000000000, "media": "", "forwarded_from": "", "omitted": False,
                 "notice": False, "edited": False, "deleted": False}
        batch = {"source": "whatsapp Clara", "name": "Clara",
                 "messages": [{**entry, "text": f"old words {i}", "key": str(i), "reply_to_key": str(i - 1) if i else ""} for i in range(600)]}
        chat = anna.ask("import_messages", **batch)["chat"]
        laptop = self.linked(anna)
        until(lambda: [each["last"] for each in laptop.ask("list_chats")["chats"] if each["chat"] == chat] == [600],
              "what was imported is there", 3 * LINKING)
        here, there = (person.ask("read_history", chat=chat, count=200)["messages"] for person in (anna, laptop))
        self.assertEqual([(each["id"], each["text"], each["reply_to"]) for each in there],
                         [(each["id"], each["text"], each["reply_to"]) for each in here])
        self.assertEqual(laptop.ask("import_messages", **batch)["known"], 600)

    def test_what_is_read_and_set_on_one_device_is_so_on_the_other(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        laptop = self.linked(anna)
        boris.ask("send_text", chat=chat, text="read me")
        until(lambda: "read me" in self.texts(anna, chat) and "read me" in self.texts(laptop, chat), "it came to both",
              LINKING)
        laptop.ask("mark_read", chat=chat, through=self.chat(laptop, chat)["last"])
        until(lambda: self.chat(anna, chat)["read"] == self.chat(anna, chat)["last"], "it is read on both", LINKING)
        anna.ask("set_chat", chat=chat, pinned=True, draft="Dear Boris", muted_until=1_900_000_000_000)

        def settings():
            """What holds for the chat on the laptop."""
            return self.chat(laptop, chat)["settings"]

        until(lambda: settings()["draft"] == "Dear Boris", "the draft is on both", LINKING)
        self.assertTrue(settings()["pinned"])
        self.assertEqual(settings()["muted_until"], 1_900_000_000_000)
        laptop.ask("set_chat", chat=chat, draft="")
        until(lambda: self.chat(anna, chat)["settings"]["draft"] == "", "and the other way round", LINKING)

    def test_a_device_that_was_cut_off_reads_nothing_after_that(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        laptop = self.linked(anna)
        boris.ask("send_text", chat=chat, text="for both")
        until(lambda: "for both" in self.texts(laptop, chat), "the laptop has it", LINKING)
        epoch = self.chat(boris, chat)["epoch"]
        lost = next(each["device"] for each in anna.ask("list_devices")["devices"] if each["name"] == "Laptop")
        anna.ask("remove_device", device=lost, timeout=LINKING)
        until(lambda: self.chat(boris, chat)["epoch"] > epoch, "the chat has other keys", LINKING)
        boris.ask("send_text", chat=chat, text="not for the laptop")
        anna.ask("send_text", chat=chat, text="nor this")
        until(lambda: "not for the laptop" in self.texts(anna, chat) and "nor this" in self.texts(boris, chat),
              "the others go on", LINKING)
        laptop.wait(lambda method, params: method == "trouble"
                    and params["error"]["name"] in ("wire_no_such_mailbox", "engine_device_removed"),
                    "the laptop is told that it is out", LINKING)
        laptop.stop()
        laptop.start()  # nothing more comes to it, however often it asks
        self.assertEqual(self.texts(laptop, chat), ["for both"])

    def test_a_thief_throws_out_nobody_who_holds_the_words(self):
        home = self.home()
        anna = Person("Anna", os.path.join(self.folder, "anna"))
        self.started.append(anna)
        words = self.words_file(anna.new(home.link()))
        anna.start()
        stolen = self.linked(anna)
        first = next(each["device"] for each in stolen.ask("list_devices")["devices"] if not each["own"])
        stolen.ask("remove_device", device=first, timeout=LINKING)
        anna.wait(lambda method, params: method == "trouble"
                  and params["error"]["name"] in ("wire_no_such_mailbox", "engine_device_removed"),
                  "the thief has thrown Anna out", LINKING)
        fresh = self.device("Fresh")
        fresh.must("new", "--recover", words, "--home", home.link(), "--device", "New phone", timeout=LINKING)
        stolen.wait(lambda method, params: method == "trouble"
                    and params["error"]["name"] in ("wire_no_such_mailbox", "engine_device_removed"),
                    "the words have thrown the thief out", LINKING)
        listed = json.loads(fresh.must("devices", "--json"))["devices"]
        self.assertEqual([each["name"] for each in listed], ["New phone"])

    def words_file(self, words):
        """A file with the recovery key."""
        path = os.path.join(self.folder, "words")
        with open(path, "w", encoding="utf-8") as file:
            file.write(words + "\n")
        return path

    def link_by_hand(self, old, name, answer):
        """`godwit link` beside `godwit new --link`; gives both (exit code, stdout, stderr)."""
        asking = subprocess.Popen([os.path.join(binaries(), "godwit"), *old.globals(), "link"], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        link = asking.stdout.readline().strip()
        new = self.device(name)
        self.begin(new, {"link": link}, name)
        _, err = asking.communicate(answer, timeout=LINKING)
        return (asking.returncode, err), self.finish(), new

    def test_the_command_line_links_renames_and_removes(self):
        home = self.home()
        anna = Person("Anna", os.path.join(self.folder, "anna"))
        self.started.append(anna)
        words = self.words_file(anna.new(home.link()))
        anna.must("send", "saved", "milk")
        old, new, laptop = self.link_by_hand(anna, "Laptop", "yes\n")
        self.assertEqual(old[0], 0, old[1])
        self.assertEqual(new[0], 0, new[2])
        anna.must("devices", "rename", "Laptop", "Old laptop", timeout=LINKING)
        self.assertIn("Old laptop", anna.must("devices"))
        old, new, _ = self.link_by_hand(anna, "Stranger", "no\n")
        self.assertEqual((old[0], new[0]), (1, 1), old[1] + new[2])
        self.assertIn("engine_linking_refused", new[2])
        self.assertNotIn("Stranger", anna.must("devices"))
        empty = os.path.join(self.folder, "empty")
        with open(empty, "w", encoding="utf-8") as file:
            file.write("\n")
        self.assert_fails(anna.godwit("devices", "remove", "Old laptop", "--words", empty), 1,
                          "engine_recovery_key_mistyped")
        anna.must("devices", "remove", "Old laptop", "--words", words, timeout=LINKING)
        self.assertNotIn("Old laptop", anna.must("devices"))
        self.assert_fails(laptop.godwit("new", "--link", "godwit:i#AAAA"), 1, "engine_account_exists")
        self.assertIn("milk", anna.must("history", "saved"))

    def test_a_wrong_code_links_nothing_and_says_so(self):
        home = self.home()
        anna = self.person("Anna", home)
        thief = self.device("Thief")
        self.assert_fails(thief.godwit("new", "--code", "1234 5678 9012", "--home", home.link()), 1,
                          "engine_code_mistyped")
        self.assert_fails(thief.godwit("new", "--link", "godwit:d#AAAA"), 1, "engine_link_damaged")
        self.assert_fails(thief.godwit("new", "--link", "godwit:i#AAAA"), 1, "engine_link_other")
        anna.start()
        self.assertEqual(self.names(anna), ["First device"])

    def test_a_stolen_device_is_thrown_out_and_the_words_bring_the_account_back(self):
        home = self.home()
        anna = Person("Anna", os.path.join(self.folder, "anna"))
        self.started.append(anna)
        words = self.words_file(anna.new(home.link()))
        boris = self.person("Boris", home)
        meet(anna, boris)
        anna.start()
        laptop = self.linked(anna)
        stolen = next(each["device"] for each in anna.ask("list_devices")["devices"] if each["name"] == "Laptop")
        anna.ask("remove_device", device=stolen, timeout=LINKING)
        self.assertEqual(self.names(anna), ["First device"])
        laptop.wait(lambda method, params: method == "trouble"
                    and params["error"]["name"] in ("wire_no_such_mailbox", "engine_device_removed"),
                    "the laptop is told that it is out", LINKING)
        account = anna.ask("read_account")["account"]
        anna.stop()
        fresh = self.device("Fresh")
        code, out, err = fresh.godwit("new", "--recover", words, "--home", home.link(), "--device", "New phone",
                                      timeout=LINKING)
        self.assertEqual(code, 0, err)
        self.assertIn(account, out)
        self.assertIn("Anna", out)
        self.assertIn("Boris", err, "whom she knew")
        listed = json.loads(fresh.must("devices", "--json"))["devices"]
        self.assertEqual([each["name"] for each in listed], ["New phone"])
        chat = meet(boris, fresh)
        fresh.must("send", "Boris", "it is me")
        boris.start()
        until(lambda: "it is me" in self.texts(boris, chat), "they talk again", LINKING)


if __name__ == "__main__":
    main()
