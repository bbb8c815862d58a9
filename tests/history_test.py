"""Histories of real programs: imported, searched and exported, over real files, good and bad ones."""

import json
import os
import subprocess
import zipfile

from people import until
from world import World, main

ANDROID = ("12/30/20, 9:41 PM - Messages and calls are end-to-end encrypted.\n"
           "12/31/20, 9:41 PM - Anna: happy new year, dear dogs\nsecond line\n"
           "12/31/20, 9:42 PM - Boris: IMG-20201231-WA0001.jpg (file attached)\n"
           "12/31/20, 9:43 PM - Boris: <Media omitted>\n"
           "1/13/21, 9:43 PM - Anna: С собаками в лесу <script>alert(1)</script>\n")


class Histories(World):
    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as out:
            out.write(data if isinstance(data, bytes) else data.encode())
        return path

    def alone(self):
        home = self.home()
        return self.person("Clara", home)

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
        page = open(os.path.join(out, "1-Anna.html"), encoding="utf-8").read()
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        self.assertNotIn("<script", page)
        self.assertEqual(len(os.listdir(os.path.join(out, "media"))), 1)
        lines = open(os.path.join(out, "1-Anna.jsonl"), encoding="utf-8").read().splitlines()
        self.assertEqual(sum(len(json.loads(each).get("messages", [])) for each in lines), 5)
        self.assert_fails(clara.godwit("export", out), 1, "cli_file_exists")

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
        data = open(path, "rb").read()
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


if __name__ == "__main__":
    main()
