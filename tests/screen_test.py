"""What a person sees of `godwit chat` and `godwit invite` on terminals of several widths."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import unicodedata

from people import binaries, until
from world import World, main


class Terminal:
    """A command of godwit on a terminal of `columns` columns."""

    def __init__(self, person, columns, *arguments):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen([os.path.join(binaries(), "godwit"), *person.globals(), *arguments], stdin=slave,
                                        stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self.bytes = b""

    def read(self):
        """Takes what there is; False at the end."""
        if select.select([self.master], [], [], 0.05)[0]:
            try:
                self.bytes += os.read(self.master, 65536)
            except OSError:
                return False
        return True

    def text(self):
        """All that was written so far."""
        return self.bytes.decode("utf-8", "replace")

    def see(self, wanted):
        """Waits for a text."""
        until(lambda: not self.read() or wanted in self.text(), f"{wanted!r} on the screen")

    def type(self, text):
        """Types."""
        os.write(self.master, text.encode())

    def end(self):
        """Waits until it has ended; gives its exit code."""
        until(lambda: not self.read() or self.process.poll() is not None, "it ends")
        code = self.process.wait(20)
        while self.read() and select.select([self.master], [], [], 0)[0]:
            pass
        return code

    def clean_up(self):
        """Ends it in whatever state it is."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


def columns_of(text):
    """Columns that a text takes, without the sequences that move the cursor."""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 0 if unicodedata.combining(each) else 1
               for each in plain)


class Screen(World):
    def open(self, person, columns, *arguments):
        """A command on a terminal, ended with the test."""
        terminal = Terminal(person, columns, *arguments)
        self.addCleanup(terminal.clean_up)
        return terminal

    def test_help_is_given_and_a_misspelt_command_is_not_sent(self):
        anna, _, chat = self.pair(self.home())
        screen = self.open(anna, 80, "chat", "Boris")
        screen.see("/help")
        screen.see("> ")
        screen.type("/help\r")
        screen.see("/file PATH")
        screen.type("/fiel photo.jpg\r")
        screen.see("/fiel is not understood, and nothing was sent")
        screen.type("/etc/hosts is a path\r")
        screen.see("you: /etc/hosts is a path")
        screen.type(" /quit is a word\r")
        screen.see("you:  /quit is a word")
        screen.type("/quit\r")
        self.assertEqual(screen.end(), 0)
        self.assertEqual([each["text"] for each in anna.history(chat)], ["/etc/hosts is a path", " /quit is a word"])

    def test_what_was_said_before_is_shown_with_its_day_and_what_is_unread_once(self):
        anna, boris, _ = self.pair(self.home())
        anna.must("send", "Boris", "own before")
        boris.must("listen", "--count", "1", "--timeout", "20")  # who answers has read: what is said at once has no order
        boris.must("send", "Anna", "read before")
        anna.must("listen", "--count", "1", "--timeout", "20")
        boris.must("send", "Anna", "unread\nof two lines")
        screen = self.open(anna, 80, "chat", "Boris")
        screen.see("of two lines")
        screen.type("\x04")
        self.assertEqual(screen.end(), 0)
        seen = screen.text()
        self.assertRegex(seen, r"--- \d{4}-\d\d-\d\d ---")
        for text in ("you: own before", "Boris: read before", "Boris: unread"):
            self.assertEqual(seen.count(text), 1, seen)
        self.assertLess(seen.index("own before"), seen.index("read before"))
        self.assertLess(seen.index("read before"), seen.index("unread"))
        self.assertRegex(seen, r"unread\r\n +of two lines")

    def test_nobody_steers_the_terminal_or_fills_it(self):
        anna, boris, chat = self.pair(self.home())
        boris.start()
        boris.ask("send_text", chat=chat, text="a\x1b[2Jb\u202ec\u2066d\x9be\rf")
        boris.ask("send_text", chat=chat, text="x" * 50000 + "the end")
        screen = self.open(anna, 60, "chat", "Boris")
        screen.see("a\\x1b[2Jb\\u202ec\\u2066d\\x9be\\x0df")
        screen.see("more: `godwit history` shows all]")
        self.assertNotIn("the end", screen.text())
        self.assertNotIn("\x1b[2J", screen.text())
        self.assertNotIn("\u202e", screen.text())
        screen.type("\x04")
        self.assertEqual(screen.end(), 0)

    def test_the_line_being_typed_fits_a_narrow_terminal(self):
        anna, _, _ = self.pair(self.home())
        for columns in (12, 20, 40):
            screen = self.open(anna, columns, "chat", "Boris")
            screen.see("> ")
            screen.type("one\r")
            screen.see("you: one")
            screen.type("a long line, длинная строка, 長い行 ")
            screen.see("行")
            screen.type("\x01\x0b\x04")
            self.assertEqual(screen.end(), 0)
            for line in screen.text().split("\r\x1b[K")[1:]:
                drawn = line.split("\r")[0]
                if drawn.startswith((">", "(")):
                    self.assertLess(columns_of(drawn), columns + 1, (columns, drawn))

    def test_a_code_is_drawn_only_where_it_fits(self):
        anna = self.person("Anna", self.home())
        wide = self.open(anna, 200, "invite")
        self.assertEqual(wide.end(), 0)
        self.assertRegex(wide.text(), "[▀▄█]")
        narrow = self.open(anna, 30, "invite")
        self.assertEqual(narrow.end(), 0)
        self.assertNotRegex(narrow.text(), "[▀▄█]")
        self.assertIn("In a wider terminal", narrow.text())

    def test_replies_stand_below_what_they_answer_and_changes_are_said(self):
        anna, boris, chat = self.pair(self.home())
        boris.start()
        old = boris.ask("send_text", chat=chat, text="the first of many")["message"]["id"]
        for number in range(12):  # it is not among the ten that are shown
            boris.ask("send_text", chat=chat, text=f"filler {number}")
        anna.must("listen", "--count", "13", "--timeout", "20")
        screen = self.open(anna, 80, "chat", "Boris")
        screen.see("filler 11")
        self.assertNotIn("the first of many", screen.text())
        boris.ask("send_message", chat=chat, text="an answer", reply_to=old)
        screen.see("an answer")
        self.assertRegex(screen.text(), r"> Boris: the first of many\r\n(\r\x1b\[K[^\n]*)?\d\d:\d\d Boris: an answer")

        screen.type("what do you say\r")
        own = boris.wait(lambda method, params: method == "message_received"
                         and params["message"]["text"] == "what do you say", "Anna's text")[1]["message"]["id"]
        boris.ask("send_message", chat=chat, text="to you", reply_to=own)
        screen.see("> you: what do you say")
        boris.ask("react", chat=chat, message=own, reaction="👍")
        screen.see('[👍 on "what do you say"]')
        boris.ask("react", chat=chat, message=own, reaction="👍", remove=True)
        screen.see('[no reaction any more on "what do you say"]')
        said = boris.ask("send_text", chat=chat, text="helo \u202eworld")["message"]["id"]
        screen.see("helo")
        boris.ask("edit_message", chat=chat, message=said, text="hello\nworld")
        screen.see("> helo \\u202eworld")
        screen.see("[Boris corrects: hello")
        screen.see("world]")
        boris.ask("pin_message", chat=chat, message=said, pinned=True)
        screen.see('["hello world" is pinned]')
        boris.ask("delete_message", chat=chat, message=said, for_everyone=True)
        screen.see('["hello world" was taken back]')
        boris.ask("send_message", chat=chat, text="to nothing", reply_to=said)
        screen.see("> Boris: [taken back]")
        boris.ask("edit_message", chat=chat, message=old, text="the very first")
        screen.see("> the first of many")
        screen.see("[Boris corrects: the very first]")
        screen.type("\x04")
        self.assertEqual(screen.end(), 0)
        self.assertNotIn("\u202e", screen.text())
        for once in ("an answer", "to you", "to nothing", "Boris corrects: hello", "was taken back"):
            self.assertEqual(screen.text().count(once), 1, once)

    def test_a_talk_shows_what_to_compare_and_what_to_hand_on(self):
        anna, boris, _ = self.pair(self.home())
        digits = boris.must("safety", "Anna").split()
        self.assertEqual(len("".join(digits)), 60)
        for columns, drawn in ((200, True), (30, False)):
            screen = self.open(anna, columns, "chat", "Boris")
            screen.see("> ")
            screen.type("/safety\r")
            screen.see("Compare these with Boris")
            for each in digits:
                self.assertIn(each, screen.text())
            self.assertEqual("█" in screen.text(), drawn)
            before = len(screen.text())
            screen.type("/invite\r")
            screen.see("It works once")
            self.assertEqual("█" in screen.text()[before:], drawn)
            screen.type("\x04")
            self.assertEqual(screen.end(), 0)
        link = re.search(r"godwit:\S+", screen.text()[before:]).group()
        viktor = self.person("Viktor", self.home("second"))
        self.assertIn("Anna", viktor.must("add", link))

    def test_who_names_no_command_is_told_the_first_steps(self):
        anna = self.person("Anna", self.home())
        for arguments in ((), ("frob",)):
            code, _, err = anna.godwit(*arguments)
            self.assertEqual(code, 2)
            self.assertIn("godwit new --name", err)
        self.assertIn("no command frob", err)


if __name__ == "__main__":
    main()
