"""Invites that are listed and taken back: real programs over real sockets."""

import json

from people import until
from world import World, main


class People(World):
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
