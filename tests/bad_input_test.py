"""Bad input: each shows its clear error, and nothing is lost by it."""

import os
import random
import shutil
import socket
import ssl
import subprocess
import time
import unittest

from people import Failure, Person, run, until
from world import World, main


def changed(text, at):
    """`text` with one character replaced by another of the same alphabet."""
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]


class Links(World):
    def test_an_invite_with_one_character_changed_is_refused_and_the_whole_one_still_works(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        link = anna.must("invite").strip()
        start = link.index("#") + 1
        for at in random.Random(1).sample(range(start, len(link)), 6):
            self.assert_fails(boris.godwit("add", changed(link, at)), 1, "engine_link_damaged")
        self.assert_fails(boris.godwit("add", link[:-5]), 1, "engine_link_damaged")
        self.assert_fails(boris.godwit("add", "https://example.org/"), 1, "engine_link_not_godwit")
        self.assertEqual(boris.chats(), [])
        boris.must("add", link)
        self.assertEqual(len(boris.chats()), 1)

    def test_an_invite_works_once_and_not_for_oneself(self):
        home = self.home()
        anna, boris, clara = (self.person(name, home) for name in ("Anna", "Boris", "Clara"))
        link = anna.must("invite").strip()
        self.assert_fails(anna.godwit("add", link), 1, "engine_link_own")
        boris.must("add", link)
        self.assert_fails(boris.godwit("add", link), 1, "engine_link_known")
        code, _, err = clara.godwit("add", link)
        self.assertEqual(code, 1, err)
        self.assertRegex(err, r"\[engine_invite_(used|refused)\]")
        self.assertEqual(clara.chats(), [])

    def test_a_home_link_changed_or_used_is_refused_and_leaves_no_profile(self):
        home = self.home()
        link = home.link()
        somebody = Person("Anna", os.path.join(self.folder, "anna"))
        arguments = ("new", "--name", "Anna", "--home")
        self.assert_fails(somebody.godwit(*arguments, changed(link, len(link) - 9)), 1, "engine_link_damaged")
        self.assert_fails(somebody.godwit(*arguments, "wss://x/"), 1, "engine_link_not_godwit")
        self.assertFalse(os.path.exists(somebody.folder))
        somebody.must(*arguments, link, timeout=70)
        other = Person("Boris", os.path.join(self.folder, "boris"))
        code, _, err = other.godwit("new", "--name", "Boris", "--home", link, timeout=70)
        self.assertEqual(code, 1, err)
        self.assertRegex(err, r"\[(engine_refused_by_home|wire_admission_refused)\]")
        self.assertFalse(os.path.exists(os.path.join(other.folder, "header")))

    def test_a_home_with_another_key_is_told_nothing_and_its_name_is_said(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.must("send", "Boris", "before")
        home.stop()
        impostor = self.home("impostor", port=home.port)
        impostor.stop()
        # The same address and the same certificate, but not the key: as if somebody had got hold of the web server.
        for name in ("certificate.pem", "certificate.key"):
            shutil.copy(os.path.join(home.folder, name), os.path.join(impostor.folder, name))
        impostor.start()
        code, _, err = boris.godwit("send", "Anna", "secret", "--wait", "12")
        self.assertEqual(code, 5, err)
        self.assertIn("[engine_wrong_home]", err)
        impostor.stop()
        home.start()
        boris.must("listen", "--count", "1", "--timeout", "20")
        said = [(each["own"], each["text"]) for each in boris.history(chat)]
        self.assertEqual(sorted(said), [(False, "before"), (True, "secret")], "each once; neither knew of the other")
        self.assertIn("secret", anna.must("listen", "--count", "1", "--timeout", "20"))

    def test_a_home_with_another_certificate_is_not_talked_to(self):
        home = self.home()
        anna, _, _ = self.pair(home)
        home.stop()
        impostor = self.home("impostor", port=home.port)
        code, _, err = anna.godwit("send", "Boris", "secret", "--wait", "4")
        self.assertEqual(code, 5, err)
        self.assertIn("certificate", err)
        impostor.stop()


class Days(World):
    def test_invites_whose_days_are_over_lead_nowhere(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        one, many = anna.must("invite").strip(), anna.must("invites", "make", "--days", "1").strip()
        anna.clock_offset = str(100 * 86_400)  # her program ends them when their time has come
        anna.start()
        until(lambda: anna.ask("list_open_invites")["invites"] == [], "the invite for many is over")
        anna.stop()
        self.assert_fails(boris.godwit("request", many, timeout=90), 1, "engine_invite_refused")
        self.assert_fails(boris.godwit("add", one), 1, "engine_invite_refused")
        clara = self.person("Clara", home)
        clara.clock_offset = str(100 * 86_400)
        other = boris.must("invite").strip()
        self.assert_fails(clara.godwit("add", other), 1, "engine_invite_refused")  # and hers does not take an old one
        self.assertEqual((boris.chats(), clara.chats()), ([], []))


class Profiles(World):
    def test_a_wrong_passphrase_or_key_file_is_said_and_the_right_one_still_opens(self):
        home = self.home()
        paths = {}
        for name, text in (("right", "correct horse\n"), ("wrong", "correct house\n")):
            paths[name] = os.path.join(self.folder, name)
            with open(paths[name], "w", encoding="utf-8") as file:
                file.write(text)
        anna = Person("Anna", os.path.join(self.folder, "anna"))
        right, wrong = ["--passphrase-file", paths["right"]], ["--passphrase-file", paths["wrong"]]
        anna.must("new", "--name", "Anna", "--home", home.link(), secrets=right, timeout=70)
        self.assert_fails(anna.godwit("chats", secrets=wrong), 3, "engine_wrong_passphrase")
        self.assert_fails(anna.godwit("chats", secrets=["--key-file", paths["right"]]), 3, "cli_passphrase_wanted")
        self.assert_fails(anna.godwit("chats", secrets=[]), 3, "cli_no_passphrase")
        anna.must("status", secrets=right)
        anna.environment = {"GODWIT_PASSPHRASE": "correct horse"}
        anna.must("status", secrets=[])
        boris = self.person("Boris", home)
        self.assert_fails(boris.godwit("chats", secrets=right), 3, "cli_key_file_wanted")
        with open(paths["wrong"], "w", encoding="utf-8") as file:
            file.write("00" * 32 + "\n")
        self.assert_fails(boris.godwit("chats", secrets=["--key-file", paths["wrong"]]), 3, "engine_wrong_passphrase")
        boris.must("chats")

    def test_a_profile_open_elsewhere_is_said_and_the_first_one_goes_on(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        anna.ask("read_account")  # from now on it is open
        self.assert_fails(anna.godwit("chats"), 4, "cli_profile_in_use")
        self.assert_fails(anna.godwit("send", "Boris", "no"), 4, "cli_profile_in_use")
        message = anna.ask("send_text", chat=chat, text="yes")["message"]
        anna.moved(message["id"], ("sent", "delivered"))
        anna.stop()
        self.assert_said(anna, chat, [(True, "yes")])
        boris.must("listen", "--count", "1", "--timeout", "20")

    def test_no_profile_and_a_second_account_are_said(self):
        home = self.home()
        nobody = Person("Nobody", os.path.join(self.folder, "nobody"))
        self.assert_fails(nobody.godwit("chats"), 1, "cli_no_profile")
        anna = self.person("Anna", home)
        self.assert_fails(anna.godwit("new", "--name", "Again", "--home", home.link()), 1, "engine_account_exists")
        self.assert_fails(anna.godwit("send", "Boris", "x"), 1, "engine_no_such_chat")
        code, _, err = anna.godwit("send", "Boris")
        self.assertEqual(code, 2, err)

    def test_text_too_long_or_no_text_is_said_and_nothing_is_queued(self):
        home = self.home()
        anna, _, chat = self.pair(home)
        self.assert_fails(anna.godwit("send", "Boris", "-", stdin="x" * 102401), 1, "engine_too_long")
        self.assert_fails(anna.godwit("send", "Boris", "-", stdin=""), 1, "cli_no_input")
        self.assert_fails(anna.godwit("send", "Boris", ""), 1, "engine_not_text")
        self.assert_fails(anna.godwit("send", "Boris", b"\xff\xfe".decode(errors="surrogateescape")), 1, "engine_not_text")
        self.assert_said(anna, chat, [])
        anna.must("send", "Boris", "-", stdin="x" * 102400)

    def test_a_corrupted_page_of_a_profile_is_said_and_a_backup_opens(self):
        home = self.home()
        anna, _, chat = self.pair(home)
        for i in range(20):
            anna.must("send", "Boris", f"message {i} " + "x" * 500) if i % 10 == 0 else None
        backup = anna.folder + ".backup"
        shutil.copytree(anna.folder, backup)
        damaged = 0
        for name in os.listdir(os.path.join(anna.folder, "records")):
            path = os.path.join(anna.folder, "records", name)
            if name.endswith(".db") and os.path.getsize(path) > 8192:
                with open(path, "r+b") as file:
                    file.seek(os.path.getsize(path) // 4096 // 2 * 4096)
                    file.write(os.urandom(4096))
                damaged += 1
        self.assertEqual(damaged, 1)
        self.assert_fails(anna.godwit("chats"), 6, "store_corrupted")
        shutil.rmtree(anna.folder)
        shutil.copytree(backup, anna.folder)
        self.assertEqual(len(anna.history(chat)), 2)

    def test_a_damaged_header_is_said(self):
        home = self.home()
        anna = self.person("Anna", home)
        path = os.path.join(anna.folder, "header")
        with open(path, "rb") as file:
            whole = file.read()
        with open(path, "wb") as file:
            file.write(whole[:len(whole) // 2])
        self.assert_fails(anna.godwit("chats"), 6, "engine_profile_damaged")
        with open(path, "wb") as file:
            file.write(whole)
        anna.must("chats")


class Homes(World):
    def test_garbage_at_the_homes_port_harms_nobody(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        dice = random.Random(3)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        upgrade = (b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        for turn in range(60):
            with socket.create_connection(("127.0.0.1", home.port), 5) as raw:
                raw.settimeout(5)
                try:
                    if turn % 3 == 0:  # where TLS is spoken
                        raw.sendall(dice.randbytes(dice.randrange(1, 5000)))
                        continue
                    with context.wrap_socket(raw) as tls:
                        if turn % 3 == 1:  # where HTTP is spoken
                            tls.sendall(dice.randbytes(dice.randrange(1, 20000)))
                        else:  # where the session is spoken: whole frames of garbage, and oversize ones
                            body = dice.randbytes(dice.choice((1, 64, 1300, 60000)))
                            head = b"\x82\xfe" + len(body).to_bytes(2, "big") + b"\0\0\0\0"
                            tls.sendall(upgrade + head + body)
                        tls.recv(1000)
                except OSError:
                    pass
        self.assertIsNone(home.process.poll(), "the home is still there")
        anna.ask("send_text", chat=chat, text="unharmed")
        boris.received("unharmed")

    def test_a_stranger_sees_an_ordinary_web_site(self):
        home = self.home()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        for path, status in ((b"/", b"200"), (b"/nothing/here", b"404"), (b"/ws", b"404")):
            with socket.create_connection(("127.0.0.1", home.port), 5) as raw, context.wrap_socket(raw) as tls:
                tls.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                answer = tls.recv(10000)
                self.assertTrue(answer.startswith(b"HTTP/1.1 " + status), answer[:40])
                self.assertNotIn(b"odwit", answer)

    def test_a_corrupted_file_of_the_homes_store_is_said_and_a_backup_works(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        for i in range(3):
            anna.must("send", "Boris", f"{i} " + "x" * 30000)
        self.assertEqual(home.stop(), 0)
        backup = home.folder + ".backup"
        shutil.copytree(home.folder, backup)
        damaged = home.damage_store()
        self.assertGreater(damaged, 0)
        with self.assertRaises(Failure) as caught:
            home.start()
            until(lambda: home.process.poll() is not None and home.listens(), "it notices", 5)
        self.assertRegex(str(caught.exception).lower(), "damaged|corrupt|checksum")
        home.end()
        shutil.rmtree(home.folder)
        shutil.copytree(backup, home.folder)
        home.start()
        boris.must("listen", "--count", "3", "--timeout", "20")
        self.assertEqual(len(boris.history(chat)), 3)

    def test_a_second_home_on_the_same_folder_or_port_is_refused(self):
        home = self.home()
        code, _, err = home.call("run")
        self.assertNotEqual(code, 0)
        self.assertTrue(err.strip())
        self.assertIsNone(home.process.poll())


class Clocks(World):
    def test_people_whose_clocks_are_an_hour_off_talk_all_the_same(self):
        for offset in ("3600", "-3600"):
            home = self.home("home" + offset)
            anna = self.person("Anna", home, os.path.join(self.folder, "a" + offset))
            boris = Person("Boris", os.path.join(self.folder, "b" + offset, "boris"))
            self.started.append(boris)
            boris.clock_offset = offset
            boris.new(home.link())
            chat = boris.must("add", anna.must("invite").strip()).split()[0]
            boris.must("send", "Anna", "hi")
            self.assertIn("hi", anna.must("listen", "--count", "1", "--timeout", "20"))
            anna.must("refresh", "Boris")
            anna.must("send", "Boris", "ho")
            self.assertIn("ho", boris.must("listen", "--count", "1", "--timeout", "20"))
            self.assert_said(boris, chat, [(True, "hi"), (False, "ho")])
            home.stop()


class SmallDisk:
    """A tmpfs of a few megabytes; only root can have one."""

    def __init__(self, folder, megabytes):
        self.folder = os.path.join(folder, "disk")
        os.makedirs(self.folder)
        code, _, err = run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", self.folder)
        if code != 0:
            raise unittest.SkipTest(f"SKIPPED: no small disk can be made here: {err.strip()}")

    def fill(self):
        """Leaves not a byte free."""
        with open(os.path.join(self.folder, "filler"), "wb", buffering=0) as file:
            for size in (65536, 4096, 512, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass

    def free(self):
        """Takes the filler away."""
        os.remove(os.path.join(self.folder, "filler"))

    def end(self):
        """Unmounts it."""
        subprocess.run(["umount", "-l", self.folder], check=False)


@unittest.skipIf(os.geteuid() != 0, "SKIPPED: a small disk needs root")
class FullDisk(World):
    def disk(self, megabytes):
        disk = SmallDisk(self.folder, megabytes)
        self.started.append(disk)
        return disk

    def test_a_full_disk_of_a_person_is_said_and_what_was_refused_is_nowhere(self):
        disk = self.disk(8)
        home = self.home()
        anna = self.person("Anna", home, disk.folder)
        boris = self.person("Boris", home)
        chat = boris.must("add", anna.must("invite").strip()).split()[0]
        anna.must("send", "Boris", "before")
        disk.fill()
        boris.must("send", "Anna", "meanwhile " + "y" * 50000)
        self.assert_fails(anna.godwit("send", "Boris", "refused " + "x" * 90000, "--wait", "3"), 7, "store_disk_full")
        disk.free()
        self.assertIn("meanwhile", anna.must("listen", "--count", "1", "--timeout", "20"))
        anna.must("send", "Boris", "after")
        boris.must("listen", "--count", "2", "--timeout", "20")
        for person, own in ((anna, True), (boris, False)):
            said = [(each["own"] == own, each["text"].split()[0]) for each in person.history(chat)]
            self.assertEqual(sorted(said), [(False, "meanwhile"), (True, "after"), (True, "before")])

    def test_a_full_disk_of_a_home_is_said_and_it_goes_on_by_itself_when_there_is_room(self):
        disk = self.disk(128)  # the store wants 40 MB free
        home = self.home(store=f'"{os.path.join(disk.folder, "store")}"')
        anna, boris, chat = self.pair(home)
        anna.must("send", "Boris", "before")
        self.assertNotIn("store_trouble", home.log_text())
        disk.fill()
        self.assert_fails(anna.godwit("send", "Boris", "kept " + "x" * 90000, "--wait", "10"), 5, "wire_home_full")
        begun = [line for line in home.log_text().splitlines() if "event=store_trouble_began" in line]
        self.assertEqual(len(begun), 1, home.log_text())
        self.assertIn("error=store_disk_full", begun[0])
        self.assertIsNone(home.process.poll())
        self.assertNotIn("store_trouble_ended", home.log_text())
        disk.free()
        until(lambda: "event=store_trouble_ended" in home.log_text(), "the home says that it is over")
        anna.must("send", "Boris", "after")
        boris.must("listen", "--count", "3", "--timeout", "25", timeout=60)
        self.assertEqual([each["text"].split()[0] for each in boris.history(chat)], ["before", "kept", "after"])
        self.assertEqual(home.log_text().count("event=store_trouble"), 2, home.log_text())

    def test_who_runs_a_home_on_a_full_disk_is_told_what_goes_on_and_what_to_do(self):
        disk = self.disk(128)
        home = self.home(folder=disk.folder)
        anna, _, chat = self.pair(home)
        anna.start()

        def told(command, code):
            returned, out, err = home.call(command)
            self.assertEqual(returned, code, f"{out}{err}")
            line = next(line for line in out.splitlines() if "disk: " in line)
            for part in ("it is full", f" KiB free at {home.folder}", "Reading goes on", "Make room"):
                self.assertIn(part, line)
            return out

        self.assertEqual(home.call("status")[0], 0)
        with open(os.path.join(disk.folder, "filler"), "wb") as file:
            file.truncate(0)
            os.posix_fallocate(file.fileno(), 0, os.statvfs(disk.folder).f_bavail * os.statvfs(disk.folder).f_frsize - (20 << 20))
        self.assertIn("uptime_seconds", told("status", 7), "with some MiB free it can be asked")
        told("check", 1)
        disk.fill()
        started = time.monotonic()
        self.assertIn("home: running", told("status", 7))
        self.assertEqual(told("check", 1).count("WRONG"), 2, "the disk, and that the store could not be looked at")
        for command in (("audit",), ("calls", "status")):
            code, out, err = home.call(*command)
            self.assertEqual(code, 1, f"{out}{err}")
            self.assertIn("cannot be asked while there is no room", err)
        self.assertLess(time.monotonic() - started, 60, "none of them waits until it is tired")
        kept = anna.ask("send_text", chat=chat, text="kept")["message"]["id"]

        def full():
            return [message["params"]["home_full"] for _, message in list(anna.notices) if message["method"] == "connection_changed"]

        until(lambda: full()[-1:] == [True], "who writes is told that the home has no room")
        disk.free()
        anna.moved(kept, ("sent", "delivered"), timeout=90)
        until(lambda: full()[-1:] == [False], "and that it has some again")
        self.assertEqual(home.call("status")[0], 0)

    def test_while_the_disk_of_a_home_is_full_what_waits_there_is_read_and_nothing_is_damaged(self):
        disk = self.disk(128)
        home = self.home(store=f'"{os.path.join(disk.folder, "store")}"')
        anna, boris, chat = self.pair(home)
        texts = [f"{i} " + "x" * 20_000 for i in range(5)]
        for text in texts:
            anna.must("send", "Boris", text)
        disk.fill()
        self.assertEqual(anna.godwit("send", "Boris", "refused", "--wait", "2")[0], 5)
        boris.start()
        for text in texts:
            boris.received(text)
        home.kill()
        with self.assertRaises(Failure) as caught:  # without room it does not begin, and says why
            home.start()
            until(lambda: home.process.poll() is not None and home.listens(), "it ends", 10)
        self.assertIn("store_disk_full", str(caught.exception))
        home.end()
        disk.free()
        home.start()
        anna.must("send", "Boris", "after")
        boris.received("refused", timeout=60)
        boris.received("after", timeout=60)
        boris.stop()
        self.assertEqual(sorted(each["text"] for each in boris.history(chat)), sorted([*texts, "refused", "after"]), "each once")
        home.stop()
        code, out, _ = home.call("audit", "--line")
        self.assertEqual(code, 0)
        self.assertNotIn("DAMAGED", out)
        self.assertNotIn("UNKNOWN", out)


if __name__ == "__main__":
    main()
