"""What people are called, and invites that are taken back: real programs over real sockets."""

import json

from people import until
from world import World, main


class People(World):
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


if __name__ == "__main__":
    main()
