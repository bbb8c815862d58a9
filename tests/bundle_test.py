"""Messages that people carry themselves: no network, a file instead."""

import os

from world import World, main


class Bundles(World):
    """Two people whose home is gone."""

    def test_two_people_without_any_network_talk_by_files(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        home.kill()
        stick = os.path.join(self.folder, "stick")
        code, out, err = anna.godwit("send", "Boris", "carried by hand", "--wait", "1")
        self.assertEqual(code, 5, err)
        anna.must("bundle", "write", stick)
        self.assertEqual(oct(os.stat(stick).st_mode & 0o777), "0o600")
        with open(stick, "rb") as file:
            self.assertNotIn(b"carried", file.read())
        self.assertEqual(boris.must("bundle", "read", stick), "1\n")
        self.assertEqual(boris.must("bundle", "read", stick), "0\n", "twice does no harm")
        self.assert_said(boris, chat, [(False, "carried by hand")])
        back = os.path.join(self.folder, "back")
        boris.must("bundle", "write", back)
        anna.must("bundle", "read", back)
        self.assertIn("[delivered]", anna.must("history", "Boris"))
        home.start()
        anna.must("send", "Boris", "by the home again", timeout=60)
        boris.start()
        boris.received("by the home again", timeout=60)
        boris.stop()
        self.assert_said(boris, chat, [(False, "carried by hand"), (False, "by the home again")])

    def test_what_is_no_bundle_for_us_is_refused_or_passed_over(self):
        home = self.home()
        anna, boris, _ = self.pair(home)
        stick = os.path.join(self.folder, "stick")
        anna.must("bundle", "write", stick)
        self.assert_fails(anna.godwit("bundle", "write", stick), 1, "cli_file_exists")
        self.assertEqual(anna.must("bundle", "read", stick), "0\n")
        with open(stick, "r+b") as file:
            file.seek(15)
            file.write(b"\xff")
        self.assert_fails(boris.godwit("bundle", "read", stick), 1, "engine_bundle_damaged")
        self.assert_fails(boris.godwit("bundle", "read", __file__), 1, "engine_not_bundle")


if __name__ == "__main__":
    main()
