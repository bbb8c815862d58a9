"""Messages that people carry themselves: no network, a file instead."""

import base64
import os

from people import until
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

    def test_programs_carry_bundles_and_the_homes_bulletin(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        for each in (anna, boris):
            each.start()
        text = until(lambda: anna.try_ask("share_bulletin").get("result", {}).get("text"), "the home has given its bulletin")
        self.assertTrue(text.startswith("godwit-bulletin:"), text[:40])
        home.kill()
        self.assertEqual(anna.ask("write_bundle", chat=chat)["parcels"], 0, "nothing waits")
        anna.ask("send_text", chat=chat, text="carried by a program")
        written = anna.ask("write_bundle", chat=chat, bytes_max=500_000)
        self.assertEqual((written["parcels"], written["left"], written["requests"]), (1, 0, 0))
        self.assertNotIn(b"carried", base64.urlsafe_b64decode(written["bundle"] + "=="))
        read = boris.ask("read_bundle", bundle=written["bundle"])
        self.assertEqual((read["taken"], read["passed_over"]), (1, 0))
        boris.received("carried by a program")
        again = boris.ask("read_bundle", bundle=written["bundle"])
        self.assertEqual(len([1 for each in boris.ask("read_history", chat=chat, count=9)["messages"]]), 1, f"once: {again}")
        self.assertEqual(anna.ask("read_bundle", bundle=written["bundle"])["taken"], 0, "it is not for who wrote it")
        back = boris.ask("write_bundle", chat=chat)
        anna.ask("read_bundle", bundle=back["bundle"])
        self.assertEqual(anna.ask("read_history", chat=chat, count=9)["messages"][0]["delivery"], "delivered")
        bad = written["bundle"]
        for bundle, name in ((bad[:40] + ("A" if bad[40] != "A" else "B") + bad[41:], "engine_bundle_damaged"),
                             (base64.urlsafe_b64encode(b"no bundle at all").decode().rstrip("="), "engine_not_bundle")):
            self.assert_refused(boris, name, "read_bundle", bundle=bundle)
        self.assert_refused(anna, "engine_no_such_chat", "write_bundle", chat="00" * 16)


if __name__ == "__main__":
    main()
