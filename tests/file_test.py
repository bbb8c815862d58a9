"""Files between real programs: large ones, with everybody killed on the way, and within a bound of memory."""

import base64
import hashlib
import os
import random
import signal
import subprocess
import struct
import time
import zlib

from people import binaries, until
from world import World, main

MIB = 1024 * 1024


def write_file(path, size, seed=1):
    """Makes a file that does not compress; gives its SHA-256."""
    dice = random.Random(seed)
    whole = hashlib.sha256()
    with open(path, "wb") as out:
        while size > 0:
            piece = dice.randbytes(min(size, MIB))
            whole.update(piece)
            out.write(piece)
            size -= len(piece)
    return whole.hexdigest()


def digest_of(path):
    """SHA-256 of a file."""
    whole = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(MIB):
            whole.update(piece)
    return whole.hexdigest()


def png_of(width, height, shade):
    """A PNG of one colour, with words that a camera may write into one."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = (b"\0" + bytes([shade, 100, 200]) * width) * height
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"tEXt", b"Comment\0SECRETPLACE") + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Files(World):
    def sent_file(self, person, chat):
        return [each for each in person.history(chat) if each["file"]]

    def test_a_file_is_sent_fetched_and_never_replaces_another(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        path = os.path.join(self.folder, "photo.jpg")
        digest = write_file(path, 300_000)
        line = anna.must("send", chat, "--file", path)
        self.assertIn("sent", line)
        listed = boris.must("listen", "--count", "1", "--timeout", "20")
        self.assertIn("[file photo.jpg, 300.0 kB", listed)
        where = os.path.join(self.folder, "in")
        os.mkdir(where)
        names = [boris.must("get", line.split()[0][:12], "--to", where).strip() for _ in range(2)]
        self.assertEqual([os.path.basename(each) for each in names], ["photo.jpg", "photo (1).jpg"])
        self.assertEqual([digest_of(each) for each in names], [digest, digest])
        self.assertEqual(sorted(os.listdir(where)), ["photo (1).jpg", "photo.jpg"], "no part is left")
        self.assert_fails(boris.godwit("get", line.split()[0], "--to", path), 1, "cli_file_exists")
        self.assertEqual(digest_of(path), digest)
        self.assert_fails(anna.godwit("send", chat, "--file", "/nowhere/at/all"), 1, "cli_file_no_access")
        self.assert_fails(boris.godwit("get", "123456789abc"), 1, "engine_no_such_file")

    def test_a_pack_of_stickers_is_made_shared_added_and_sent_from(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        folder = os.path.join(self.folder, "cats")
        os.mkdir(folder)
        for name, side in (("01 😺.png", 128), ("02 😾.png", 64)):
            with open(os.path.join(folder, name), "wb") as out:
                out.write(png_of(side, side, side))
        made = anna.must("sticker", "make", "Cats", folder)
        self.assertRegex(made, r"^[0-9a-f]{12}  Cats  1 😺  2 😾\n$")
        self.assertEqual(anna.must("sticker", "list"), made)
        shared = anna.must("sticker", "share", chat, "Cats").split()[0]
        self.assertIn(f"sticker add {shared[:12]}]", boris.must("listen", "--count", "1", "--timeout", "20"))
        self.assertEqual(boris.must("sticker", "list"), "")
        self.assertEqual(boris.must("sticker", "add", shared[:12]), made, "the same pack has the same id")
        boris.must("sticker", "send", chat, made.split()[0], "2")
        self.assertIn("[sticker 😾, ", anna.must("listen", "--count", "1", "--timeout", "20"))
        self.assertIn("sticker", [each["file"]["media"]["kind"] for each in self.sent_file(anna, chat)])
        out = os.path.join(self.folder, "out")
        boris.must("sticker", "export", "Cats", out)
        self.assertEqual(sorted(os.listdir(out)), ["01 😺.png", "02 😾.png"])
        with open(os.path.join(out, "01 😺.png"), "rb") as file:
            self.assertNotIn(b"SECRETPLACE", file.read(), "what a camera wrote into it is left out")
        boris.must("sticker", "remove", "Cats")
        self.assertEqual(boris.must("sticker", "list"), "")
        self.assert_fails(boris.godwit("sticker", "remove", "Cats"), 1, "engine_no_such_sticker_pack")
        write_file(os.path.join(folder, "03.bin"), 1000)
        self.assert_fails(anna.godwit("sticker", "make", "Dogs", folder), 1, "engine_bad_sticker")

    def test_a_photo_goes_with_a_small_one_of_itself_the_right_way_up(self):
        home = self.home()
        anna, boris, chat = self.pair(home)

        def media_of(name, body):
            path = os.path.join(self.folder, name)
            with open(path, "wb") as out:
                out.write(body)
            anna.must("send", chat, "--file", path)
            media = self.sent_file(anna, chat)[-1]["file"]["media"]
            small = base64.urlsafe_b64decode(media["thumbnail"] + "==") if media["thumbnail"] else b""
            return media["kind"], media["width"], media["height"], small

        def size_of(jpeg):
            at = jpeg.index(b"\xff\xc0")
            return struct.unpack(">HH", jpeg[at + 5:at + 9])[::-1]

        kind, width, height, small = media_of("wide.png", png_of(600, 300, 250))
        self.assertEqual((kind, width, height, size_of(small)), ("picture", 600, 300, (48, 24)))
        self.assertLess(len(small), 16 * 1024)
        # What was made is a photo itself, of a camera that was held on its side.
        tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x112, 3, 1, 6, 0, 0)
        exif = b"Exif\0\0" + tiff
        turned = small[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + small[2:]
        kind, width, height, upright = media_of("turned.jpg", turned)
        self.assertEqual((kind, width, height, size_of(upright)), ("picture", 24, 48, (24, 48)))
        # One that claims a size that no camera makes goes without.
        bomb = bytearray(png_of(8, 8, 1))
        bomb[16:24] = struct.pack(">II", 60_000, 60_000)
        bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
        self.assertEqual(media_of("bomb.png", bytes(bomb))[3], b"")

    def test_20_mib_arrive_with_everybody_killed_on_the_way(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        path = os.path.join(self.folder, "video.mp4")
        digest = write_file(path, 20 * MIB)
        narrow = self.narrow(10 * MIB)
        anna.environment = narrow
        anna.start()
        sent = anna.ask("send_file", chat=chat, source=path)["message"]
        self.assertTrue(sent["file"]["sending"])

        def progress(person, done):
            seen = [each["params"]["done"] for _, each in list(person.notices) if each["method"] == "file_progress"]
            return any(each >= done for each in seen)

        until(lambda: progress(anna, 4 * MIB), "some of it is sent")
        anna.kill()
        anna.environment = {}
        anna.start()
        until(lambda: progress(anna, 8 * MIB), "more of it is sent")
        home.kill()
        home.start()
        anna.moved(sent["id"], ("sent", "delivered", "read"), timeout=60)
        where = os.path.join(self.folder, "in") + "/"
        os.mkdir(where)
        boris.environment = narrow
        boris.start()
        until(lambda: boris.ask("read_history", chat=chat)["messages"], "Boris has the message")
        fetching = boris.process
        line = '{"jsonrpc":"2.0","id":900,"method":"get_file","params":{"chat":"%s","message":"%s","destination":"%s"}}\n'
        fetching.stdin.write((line % (chat, sent["id"], where)).encode())
        fetching.stdin.flush()
        until(lambda: progress(boris, 5 * MIB), "some of it is fetched")
        boris.kill()
        self.assertEqual([each for each in os.listdir(where) if not each.startswith(".")], [], "no name before it is whole")
        boris.environment = {}
        boris.start()
        home.kill()
        home.start()
        saved = boris.ask("get_file", timeout=60, chat=chat, message=sent["id"], destination=where)
        self.assertEqual(saved["path"], where + "video.mp4")
        self.assertEqual(digest_of(saved["path"]), digest)
        self.assertEqual(os.listdir(where), ["video.mp4"])

    def peak_mib(self, *command):
        """Runs a command of godwit and gives the most memory that it had."""
        process = subprocess.Popen([os.path.join(binaries(), "godwit"), *command], stdout=subprocess.PIPE)
        peak = 0
        try:
            while process.poll() is None:
                try:
                    with open(f"/proc/{process.pid}/status") as status:
                        rows = [row for row in status if row.startswith("VmHWM")]
                        peak = max(peak, *(int(row.split()[1]) / 1024 for row in rows))
                except (OSError, ValueError, TypeError):
                    pass
                time.sleep(0.02)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.communicate()
        self.assertEqual(process.returncode, 0)
        return peak

    def test_a_file_of_128_mib_passes_through_little_memory(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        small, large = os.path.join(self.folder, "small"), os.path.join(self.folder, "large")
        for path, size in ((small, 1000), (large, 128 * MIB)):
            with open(path, "wb") as out:
                out.truncate(size)
        base = self.peak_mib(*anna.globals(), "send", chat, "--file", small)
        peak = self.peak_mib(*anna.globals(), "send", chat, "--file", large)
        boris.must("listen", "--count", "2", "--timeout", "20")
        last = [each for each in boris.history(chat) if each["file"]][-1]
        got = self.peak_mib(*boris.globals(), "get", last["id"], "--to", os.path.join(self.folder, "got"))
        print(f"memory: {base:.0f} MiB for 1 kB, {peak:.0f} MiB sending 128 MiB, {got:.0f} MiB fetching it")
        self.assertLess(max(peak, got), 64, "the bound of bench/large_file.py")
        self.assertEqual(os.path.getsize(os.path.join(self.folder, "got")), 128 * MIB)

    def test_what_is_larger_than_2_gib_is_refused_at_once_and_nothing_is_said(self):
        home = self.home()
        anna, _, chat = self.pair(home)
        large = os.path.join(self.folder, "large")
        with open(large, "wb") as out:
            out.truncate((2 << 30) + 1)  # bench/large_file.py sends one byte less
        self.assert_fails(anna.godwit("send", chat, "--file", large), 1, "engine_file_too_large")
        anna.start()
        refused = anna.try_ask("send_file", chat=chat, source=large)
        self.assertEqual(refused["error"]["data"]["name"], "engine_file_too_large")
        anna.stop()
        self.assertEqual(anna.history(chat), [])


def base64url(data):
    """As bytes stand in the JSON API."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Media(World):
    """Anna sends and Boris sees; both are running."""

    def setUp(self):
        super().setUp()
        home = self.home()
        self.anna, self.boris, self.chat = self.pair(home)
        for each in (self.anna, self.boris):
            each.start()

    def send(self, path, **params):
        """Anna sends; gives the message as Boris has it."""
        sent = self.anna.ask("send_file", chat=self.chat, source=path, **params)["message"]["id"]
        return self.boris.wait(lambda method, params: method == "message_received" and params["message"]["id"] == sent,
                               "the file came in")[1]["message"]

    def assert_same(self, message, digest):
        """What Boris fetches is what was sent."""
        where = os.path.join(self.folder, message["id"])
        self.boris.ask("get_file", chat=self.chat, message=message["id"], destination=where)
        self.assertEqual(digest_of(where), digest)

    def test_voice_video_and_sticker_arrive_with_what_is_known_of_them(self):
        path = os.path.join(self.folder, "recorded")
        digest = write_file(path, 100_000)
        nothing = {"width": None, "height": None, "duration_ms": None, "waveform": None, "thumbnail": None, "pack": None, "emoji": None}
        small = base64url(b"\xff\xd8\xff\xe0" + bytes(2000))
        for name, mime, media in (
                ("voice.ogg", "audio/ogg", {"kind": "voice", "duration_ms": 61_500, "waveform": base64url(bytes(range(256)))}),
                ("video.webm", "video/webm", {"kind": "video", "width": 1280, "height": 720, "duration_ms": 9_000, "thumbnail": small}),
                ("cat.webp", "image/webp", {"kind": "sticker", "width": 512, "height": 512, "pack": "Cats", "emoji": "😺"})):
            message = self.send(path, name=name, media=media)
            seen = message["file"]
            self.assertEqual((message["kind"], seen["name"], seen["mime"], seen["size"]), ("file", name, mime, 100_000))
            known = {key: value or None for key, value in seen["media"].items()}
            self.assertEqual(known, {**nothing, **media}, name)
            self.assert_same(message, digest)

    def test_a_film_arrives_without_place_and_device_and_otherwise_unchanged(self):
        def box(kind, body):
            return (len(body) + 8).to_bytes(4, "big") + kind + body

        place = box(b"udta", box(b"\xa9xyz", b"GPS+55.75+37.62/"))
        header = box(b"mvhd", bytes(4) + b"MADEDATE" + b"kept")
        pixels = os.urandom(3_000_000)
        film = box(b"ftyp", b"isom" + bytes(4)) + box(b"mdat", pixels) + box(b"moov", header + place)
        path = os.path.join(self.folder, "film.mp4")
        with open(path, "wb") as out:
            out.write(film)
        wanted = film.replace(place, box(b"free", bytes(len(place) - 8))).replace(b"MADEDATE", bytes(8))
        message = self.send(path, media={"kind": "video"})
        self.assertEqual(message["file"]["size"], len(film))
        self.assert_same(message, hashlib.sha256(wanted).hexdigest())
        whole = self.send("as-is:" + path)
        self.assert_same(whole, hashlib.sha256(film).hexdigest())
        with open(path, "wb") as out:
            out.write(film[:-5])
        refused = self.anna.try_ask("send_file", chat=self.chat, source=path)
        self.assertEqual(refused["error"]["data"]["name"], "engine_bad_media")

    def test_media_out_of_bounds_are_refused_and_nothing_is_said(self):
        path = os.path.join(self.folder, "recorded")
        write_file(path, 512 * 1024 + 1)
        for media in ({"kind": "voice", "waveform": base64url(bytes(257))}, {"kind": "picture", "thumbnail": base64url(bytes(16_385))},
                      {"kind": "picture", "thumbnail": base64url(b"\x89PNG\r\n\x1a\n" + bytes(100))},
                      {"kind": "sticker", "pack": "Cats"}, {"kind": "video", "pack": "Ca\nts"}, {"kind": "video", "emoji": "\u202eevil"}):
            refused = self.anna.try_ask("send_file", chat=self.chat, source=path, media=media)
            self.assertEqual(refused["error"]["data"]["name"], "engine_bad_media", media)
        refused = self.anna.try_ask("send_file", chat=self.chat, source=path, caption="x" * 65_537)
        self.assertEqual(refused["error"]["data"]["name"], "engine_too_long")
        self.assertEqual(self.anna.ask("read_history", chat=self.chat)["messages"], [])

    def test_names_that_lead_elsewhere_are_names_only_and_a_type_is_only_believed_as_a_word(self):
        path = os.path.join(self.folder, "program")
        with open(path, "wb") as out:
            out.write(b"\x7fELF" + bytes(5000))
        digest = digest_of(path)
        got = os.path.join(self.folder, "in")
        os.mkdir(got)
        for name, mime, seen in (("../../.bashrc", None, ("bashrc", "application/octet-stream")),
                                 ("photo\u202egpj.exe", None, ("photogpj.exe", "application/octet-stream")),
                                 ("two\nlines\x1b[2J.jpg", None, ("two_lines_[2J.jpg", "image/jpeg")),
                                 ("..", "text/html\r\nX: y", ("file", "application/octet-stream")),
                                 ("C:\\autoexec.bat", "image/png", ("autoexec.bat", "image/png"))):
            message = self.send(path, name=name, **({"mime": mime} if mime else {}))
            self.assertEqual((message["file"]["name"], message["file"]["mime"]), seen)
            saved = self.boris.ask("get_file", chat=self.chat, message=message["id"], destination=got + "/")["path"]
            self.assertEqual(saved, os.path.join(got, seen[0]))
            self.assertEqual(digest_of(saved), digest)
            self.assertEqual(os.stat(saved).st_mode & 0o111, 0, "nothing that came can be run")
        self.assertEqual(len(os.listdir(got)), 5)


class FullHome(World):
    """A home that has no room for a file: it is said, the talk goes on, and so does the file when there is room."""

    def assert_told_and_goes_on(self, setting):
        home = self.home(**{setting: 1_000_000})
        anna, boris, chat = self.pair(home)
        path = os.path.join(self.folder, "video.mp4")
        digest = write_file(path, 2 * MIB)
        code, out, err = anna.godwit("send", chat, "--file", path)
        self.assertEqual(code, 5, err)
        self.assertIn("[wire_quota_full]", err)
        message = out.split()[0]
        self.assertRegex(out, r"^[0-9a-f]{32}  queued\n$")
        anna.start()
        told = anna.wait(lambda method, params: method == "file_progress" and params["error"], "a program is told as well")[1]
        self.assertEqual((told["message"], told["error"]["name"], told["error"]["action"]), (message, "wire_quota_full", "retry_later"))
        anna.ask("send_text", chat=chat, text="the video is too large")
        boris.must("listen", "--count", "1", "--timeout", "20")
        self.assert_said(boris, chat, [(False, "the video is too large")])
        waiting = anna.ask("read_message", chat=chat, message=message)["message"]
        self.assertEqual((waiting["delivery"], waiting["file"]["sending"]), ("queued", True))
        anna.kill()  # at the end of its input it would wait half a minute for the file
        home.configure(**{setting: 1 << 30})
        anna.start()
        anna.moved(message, ("sent", "delivered"))
        boris.must("listen", "--count", "1", "--timeout", "20")
        got = boris.must("get", message, "--to", os.path.join(self.folder, "got")).strip()
        self.assertEqual(digest_of(got), digest)

    def test_no_room_for_all_files(self):
        self.assert_told_and_goes_on("blobs_bytes_max")

    def test_no_room_for_more_of_one_account_today(self):
        self.assert_told_and_goes_on("grants_day_bytes_max")

    def test_who_does_not_want_to_wait_takes_it_back(self):
        home = self.home(blobs_bytes_max=1_000_000)
        anna, boris, chat = self.pair(home)
        path = os.path.join(self.folder, "video.mp4")
        write_file(path, 2 * MIB)
        anna.start()
        message = anna.ask("send_file", chat=chat, source=path)["message"]["id"]
        anna.wait(lambda method, params: method == "file_progress" and params["error"], "it is told")
        anna.ask("delete_message", chat=chat, message=message, for_everyone=False)
        anna.ask("send_text", chat=chat, text="never mind")
        anna.stop()
        home.configure(blobs_bytes_max=1 << 30)
        anna.must("send", chat, "and now?")
        boris.must("listen", "--count", "2", "--timeout", "20")
        self.assert_said(boris, chat, [(False, "never mind"), (False, "and now?")])


if __name__ == "__main__":
    main()
