"""What people are called, invites that are taken back, and chats that are deleted: real programs over real sockets."""

import json
import os
import sqlite3

from people import until
from world import World, main

# The first byte of the keys of records that tell what was said (src/engine/record_key.h).
HISTORY = "hSOPNE"


class People(World):
    def records(self, person):
        """The records of a profile that no program has open: {key: sealed value}."""
        store = sqlite3.connect(f"file:{person.folder}/records/profile.db?mode=ro", uri=True)
        try:
            return dict(store.execute("SELECT key, value FROM records"))
        finally:
            store.close()

    def of_chat(self, person, chat, kinds=None):
        """Sealed values of a chat's records, of some kinds or of all."""
        prefix = bytes.fromhex(chat)
        return [value for key, value in self.records(person).items()
                if key[1:17] == prefix and (kinds is None or chr(key[0]) in kinds) and key[:1] != b"~"]

    def stands_in_a_file(self, person, value):
        """True if these bytes are in any file of the profile."""
        for folder, _, names in os.walk(person.folder):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    if value in file.read():
                        return True
        return False

    def names(self, person, **more):
        """How the chats of a running program are called."""
        return [each["name"] for each in person.ask("list_chats", **more)["chats"]]

    def test_a_name_is_changed_and_everybody_is_told_the_one_of_before(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        boris.start()
        anna.must("rename", "Anna K.")
        self.assertIn("Anna K.", anna.must("status"))
        self.assert_fails(anna.godwit("rename", "two\nlines"), 1, "engine_not_text")
        anna.start()
        anna.ask("send_text", chat=chat, text="it is still me")
        boris.received("it is still me")
        told = boris.wait(lambda method, params: method == "member_renamed", "Boris is told of the other name")[1]
        self.assertEqual((told["chat"], told["before"], told["name"]), (chat, "Anna", "Anna K."))
        until(lambda: self.names(boris) == ["Anna K."], "the chat has the other name")
        # While both run, and without a word: within ten minutes, which no test waits for.
        anna.ask("rename_account", name="Anna Karenina")
        anna.wait(lambda method, params: method == "account_changed", "Anna's own programs are told")
        self.assertEqual(anna.ask("read_account")["name"], "Anna Karenina")
        anna.stop()
        boris.stop()
        self.assertIn("Anna Karenina", anna.must("status"))

    def test_an_invite_is_listed_and_one_that_was_revoked_lets_nobody_in(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        self.assertEqual(anna.must("invites"), "")
        first, second = anna.must("invite").strip(), anna.must("invite").strip()
        listed = json.loads(anna.must("invites", "--single", "--json"))["invites"]
        self.assertEqual([each["link"] for each in listed], [first, second])
        self.assertIn("for one person", anna.must("invites"))
        anna.must("invites", "revoke", listed[0]["invite"][:12])
        self.assertEqual([line.split()[-1] for line in anna.must("invites").splitlines()], [second])
        self.assert_fails(anna.godwit("invites", "revoke", listed[0]["invite"]), 1, "engine_no_such_invite")
        self.assert_fails(boris.godwit("add", first), 1, "engine_invite_refused")
        self.assertIn("Anna", boris.must("add", second))
        anna.start()
        until(lambda: anna.ask("list_invites")["invites"] == [], "the invite was taken")
        anna.stop()

    def test_a_deleted_chat_is_gone_from_the_files_and_comes_back_with_the_next_message(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        for text in ("turnip one", "turnip two"):
            anna.must("send", "Boris", text)
        boris.must("listen", "--count", "2", "--timeout", "20")
        boris.must("send", "Anna", "turnip three")
        anna.must("listen", "--count", "1", "--timeout", "20")
        before = self.of_chat(anna, chat, HISTORY)
        self.assertGreaterEqual(len(before), 9)
        self.assertTrue(all(self.stands_in_a_file(anna, value) for value in before))
        self.assert_fails(anna.godwit("delete", "Boris"), 1, "cli_not_confirmed")
        self.assert_fails(anna.godwit("delete", "Nobody", "--yes"), 1, "engine_no_such_chat")
        self.assertEqual(anna.must("delete", "Boris", "--yes").strip(), chat)
        self.assertEqual(self.of_chat(anna, chat, HISTORY), [])
        for value in before:
            self.assertFalse(self.stands_in_a_file(anna, value), "what was said is in no file any more")
        self.assertEqual(anna.chats(), [])
        self.assertEqual(anna.must("search", "turnip"), "")
        self.assertEqual(len(boris.history(chat)), 3, "the other one keeps what he has")
        anna.must("send", "Boris", "hello again")
        boris.must("listen", "--count", "1", "--timeout", "20")
        self.assertEqual([each["text"] for each in anna.history(chat)], ["hello again"])
        self.assertEqual([each["hidden"] for each in anna.chats()], [False])
        # The history alone, and with it a program that is told.
        anna.start()
        anna.ask("delete_chat", chat=chat, history_only=True)
        cleared = anna.wait(lambda method, params: method == "history_cleared", "the program is told")[1]
        self.assertEqual(cleared["chat"], chat)
        self.assertEqual(anna.ask("read_history", chat=chat, count=10)["messages"], [])
        self.assertEqual(self.names(anna), ["Boris"])
        anna.ask("delete_chat", chat=chat, block=True)
        self.assertEqual((self.names(anna), self.names(anna, hidden=True)), ([], ["Boris"]))
        self.assertEqual(len(anna.ask("list_blocked")["accounts"]), 1)
        anna.stop()

    def test_a_chat_whose_deleting_was_killed_does_not_come_back(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        for i in range(400):
            anna.ask("send_text", chat=chat, text=f"turnip {i}")
        anna.ask("delete_chat", chat=chat)
        anna.kill()
        self.assertEqual(anna.chats(), [])
        anna.start()
        self.assertEqual(anna.ask("read_history", chat=chat, count=200)["messages"], [])
        self.assertEqual(anna.ask("search_messages", query="turnip", chat=None, since=None, until=None)["messages"], [])
        anna.stop()
        self.assertEqual(self.of_chat(anna, chat, HISTORY), [])

    def test_what_was_imported_and_a_group_that_was_left_go_wholly(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        for name, text in (("Clara", "12/31/20, 9:42 PM - Clara: photo.jpg (file attached)\n"),
                           ("Dora", "12/31/20, 9:42 PM - Dora: photo.jpg (file attached)\n"
                                    "12/31/20, 9:43 PM - Dora: other.jpg (file attached)\n")):
            folder = os.path.join(self.folder, name)
            os.mkdir(folder)
            for picture in ("photo.jpg", "other.jpg"):
                with open(os.path.join(folder, picture), "wb") as out:
                    out.write(picture.encode())
            path = os.path.join(folder, f"WhatsApp Chat with {name}.txt")
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            anna.must("import", path)
        media = os.path.join(anna.folder, "media")
        self.assertEqual(len(os.listdir(media)), 2)
        dora = next(each["chat"] for each in anna.chats() if each["name"] == "Dora")
        self.assert_fails(anna.godwit("delete", "Dora", "--history", "--yes"), 1, "engine_chat_only_kept")
        anna.must("delete", "Dora", "--yes")
        self.assertEqual(self.of_chat(anna, dora), [])
        self.assertEqual([name.split("-")[-1] for name in os.listdir(media)], ["photo.jpg"], "Clara's chat has it too")
        boris.start()
        anna.start()
        group = boris.ask("new_group", name="Friends")["chat"]["chat"]
        account = anna.ask("read_account")["account"]
        boris.ask("add_members", chat=group, accounts=[account])
        until(lambda: "Friends" in self.names(anna), "Anna is in", 60)
        boris.ask("send_text", chat=group, text="welcome")
        anna.received("welcome", 60)
        anna.ask("leave_group", chat=group)
        until(lambda: not next(each for each in anna.ask("list_chats")["chats"] if each["chat"] == group)["member"],
              "Anna has left", 90)
        anna.ask("delete_chat", chat=group)
        anna.wait(lambda method, params: method == "chat_gone" and params["chat"] == group, "the program is told")
        self.assertNotIn("Friends", self.names(anna, hidden=True))
        anna.stop()
        boris.stop()
        self.assertEqual(self.of_chat(anna, group), [])
        self.assertEqual(sorted(each["name"] for each in anna.chats()), ["Boris", "Clara"])


if __name__ == "__main__":
    main()
