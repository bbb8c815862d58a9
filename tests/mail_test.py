"""Sealed bytes by ordinary mail, through real providers: postfix and dovecot, started privately on loopback."""

import email.message
import os
import queue
import shutil
import socket
import socketserver
import subprocess
import tempfile
import threading
import unittest

from mail_providers import Providers, missing, require_none_left
from people import Home, binaries, free_port, require, until
from proxies import Server, socks5_proxy, splice
from world import World, main

REASON = missing()
LETTER = b"\x01" + bytes(range(256)) * 5


def skip_reason():
    """Why these tests cannot be run here, said so that a reader of the log sees it."""
    if REASON:
        print(f"SKIPPED: {REASON}", flush=True)
    return REASON


class Tool:
    """One account at work: godwit-mail-tool."""

    def __init__(self, account, authority, *options):
        words = [account[each] for each in ("address", "smtp", "imap", "user", "password")]
        self.process = subprocess.Popen([os.path.join(binaries(), "godwit-mail-tool"), *words, "--poll", "200", *options],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii", bufsize=1,
                                        env={**os.environ, "SSL_CERT_FILE": authority.certificate})
        self.lines, self.seen = queue.Queue(), []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.split())

    def say(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()

    def hear(self, word, timeout=60):
        """Waits for a line that begins with `word`; gives the rest of it."""
        for line in self.seen:
            if line[0] == word:
                self.seen.remove(line)
                return line[1:]
        while True:
            try:
                line = self.lines.get(timeout=timeout)
            except queue.Empty:
                require(False, f"not heard within {timeout} s: {word}; heard {self.seen}")
            if line[0] == word:
                return line[1:]
            self.seen.append(line)

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(10)
        self.process.stdout.close()


class MailWorld(World):
    """Two providers for all tests of a class: starting them takes seconds."""

    @classmethod
    def setUpClass(cls):
        if skip_reason():
            raise unittest.SkipTest(REASON)
        cls.mail_folder = tempfile.mkdtemp(prefix="godwit-mail-")
        cls.providers = Providers(cls.mail_folder)
        cls.one, cls.two, cls.authority = cls.providers.one, cls.providers.two, cls.providers.authority

    @classmethod
    def tearDownClass(cls):
        cls.providers.end()
        require_none_left(cls.mail_folder)
        shutil.rmtree(cls.mail_folder, ignore_errors=True)

    def tool(self, account, *options):
        tool = Tool(account, self.authority, *options)
        self.started.append(tool)
        return tool


class Letters(MailWorld):
    """The carrier by itself."""

    def test_a_letter_goes_out_and_its_answer_comes_back_and_both_are_gone(self):
        for number, tls in enumerate(("implicit", "starttls")):
            anna = self.tool(self.one.account(f"anna{number}", tls))
            home = self.tool(self.two.account(f"home{number}", tls), "--answer")
            for each in (anna, home):
                each.say("watch")
                each.hear("watching")
            anna.say("send", f"home{number}@two.example", LETTER.hex())
            anna.hear("sent")
            sender, own, automatic, content = home.hear("letter")
            self.assertEqual((sender, own, automatic), (f"anna{number}@one.example", "0", "0"))
            self.assertEqual(bytes.fromhex(content), LETTER)
            sender, own, automatic, content = anna.hear("letter")
            self.assertEqual((sender, own, automatic), (f"home{number}@two.example", "1", "0"))
            self.assertEqual(bytes.fromhex(content), LETTER[:1] + LETTER[:0:-1])
            until(lambda: not self.one.inbox(f"anna{number}"), "the answer is removed")
            until(lambda: not self.two.inbox(f"home{number}"), "the letter is removed")

    def test_a_persons_own_mail_stays_as_it_is_and_unread(self):
        own = email.message.EmailMessage()
        own["From"], own["To"], own["Subject"] = "boris@two.example", "vera@one.example", "Holidays"
        own.set_content("See you")
        own.add_attachment(b"%PDF-1.7 not really" * 50, maintype="application", subtype="pdf", filename="plan.pdf")
        self.two.submit("boris", own)
        strange = email.message.EmailMessage()  # has the form of sealed bytes, but answers nothing
        strange["From"], strange["To"], strange["Subject"] = "boris@two.example", "vera@one.example", "Data"
        strange.set_content("Here")
        strange.add_attachment(LETTER, maintype="application", subtype="octet-stream", filename="a.dat")
        self.two.submit("boris", strange)
        until(lambda: len(self.one.inbox("vera")) == 2, "both are there")
        vera = self.tool(self.one.account("vera"))
        vera.say("watch")
        self.assertEqual(bytes.fromhex(vera.hear("letter")[3]), LETTER)
        vera.end()
        inbox = self.one.inbox("vera")
        self.assertEqual(len(inbox), 2)
        for flags, _ in inbox:
            self.assertNotIn("Seen", flags)
            self.assertNotIn("Deleted", flags)

    def test_what_a_letter_shows(self):
        anna = self.tool(self.one.account("greta", address="greta+@one.example"))
        for _ in range(2):
            anna.say("send", "look@two.example", LETTER.hex())
            anna.hear("sent")
        until(lambda: len(self.two.inbox("look")) == 2, "they came")
        letters = [message for _, message in self.two.inbox("look")]
        senders = {message["From"] for message in letters}
        self.assertEqual(len(senders), 2, "each has a sender of its own")
        for message in letters:
            self.assertRegex(message["From"], r"^greta\+[0-9a-f]{8}@one\.example$")
            self.assertNotIn("odwit", message.as_string())
            self.assertTrue(message.get_all("Received")[-1].startswith("from [127.0.0.1] "), "not this computer's name")
            parts = list(message.walk())
            self.assertEqual([part.get_content_type() for part in parts],
                             ["multipart/mixed", "text/plain", "application/octet-stream"])
            self.assertEqual(parts[2].get_payload(decode=True), LETTER)
        self.assertNotEqual(letters[0]["Message-ID"], letters[1]["Message-ID"])

    def test_a_wrong_password_is_said_for_both_ways(self):
        anna = self.tool(self.one.account("anna", password="wrong"))
        anna.say("watch")
        self.assertEqual(anna.hear("trouble"), ["mail_login_refused"])
        anna.say("send", "home@two.example", LETTER.hex())
        self.assertEqual(anna.hear("failed"), ["mail_login_refused"])

    def test_a_provider_that_is_down_is_tried_until_it_is_back(self):
        port = free_port()
        anna = self.tool(self.one.account("anna", smtp=f"smtps://localhost:{port}", imap=f"imaps://localhost:{port}"))
        anna.say("watch")
        self.assertEqual(anna.hear("trouble"), ["connection_refused"])
        self.assertEqual(anna.hear("trouble"), ["connection_refused"], "it is tried again")
        anna.say("send", "home@two.example", LETTER.hex())
        self.assertEqual(anna.hear("failed"), ["connection_refused"])

        class Back(socketserver.BaseRequestHandler):
            def handle(inner):
                splice(inner.request, socket.create_connection(("127.0.0.1", self.one.ports["imaps"]), 10))
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        back = socketserver.ThreadingTCPServer(("127.0.0.1", port), Back)
        back.daemon_threads = True
        threading.Thread(target=back.serve_forever, daemon=True).start()
        self.addCleanup(back.server_close)
        self.addCleanup(back.shutdown)
        anna.hear("watching")

    def test_a_stranger_in_the_middle_gets_no_password(self):
        account = self.one.account("anna")
        other = os.path.join(self.folder, "nobody.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                        "/CN=x", "-keyout", other + ".key", "-out", other], check=True, capture_output=True)

        class Stranger:
            certificate = other
        distrusting = Tool(account, Stranger)
        self.started.append(distrusting)
        distrusting.say("watch")
        self.assertEqual(distrusting.hear("trouble"), ["ssl_unknown_authority"])

    def test_a_server_without_starttls_gets_no_password(self):
        account = self.one.account("anna", smtp=f"smtp://localhost:{self.plain_smtp()}")
        anna = self.tool(account)
        anna.say("send", "home@two.example", LETTER.hex())
        self.assertEqual(anna.hear("failed"), ["mail_without_tls"])
        self.assertEqual([line.split()[0] for line in self.said if line.split()], ["EHLO", "QUIT"][:len(self.said)])

    def plain_smtp(self):
        """A server that offers a login and no TLS; what it is told is in self.said."""
        self.said = said = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                self.wfile.write(b"220 x ESMTP\r\n")
                for line in self.rfile:
                    said.append(line.decode())
                    self.wfile.write(b"250-x\r\n250 AUTH PLAIN LOGIN\r\n" if line.startswith(b"EHLO") else b"221 x\r\n")
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server.server_address[1]

    def test_a_letter_that_comes_back_is_noticed(self):
        anna = self.tool(self.one.account("bea"))
        anna.say("watch")
        anna.hear("watching")
        anna.say("send", "nobody@three.example", LETTER.hex())
        heard = anna.hear("sent")
        self.assertEqual(heard, [])
        anna.hear("returned")

    def test_a_proxy_is_gone_through(self):
        proxy = socks5_proxy("u", "p")
        self.addCleanup(proxy.end)
        anna = self.tool(self.one.account("anna"), "--proxy", f"socks5://u:p@127.0.0.1:{proxy.port}")
        anna.say("send", "proxied@two.example", LETTER.hex())
        anna.hear("sent")
        anna.say("watch")
        anna.hear("watching")
        self.assertGreaterEqual(proxy.count, 2)
        until(lambda: self.two.inbox("proxied"), "the letter came")

    def test_letters_that_providers_have_changed_are_read_or_left(self):
        home = self.tool(self.two.account("reader"))
        home.say("watch")
        home.hear("watching")
        changed = email.message.EmailMessage()
        changed["From"], changed["To"], changed["Subject"] = "anna@one.example", "reader@two.example", "[scanned] Data"
        changed.set_content("Zażółć gęślą jaźń \u2013 quoted = printable " * 20)
        changed.add_alternative("<b>rich</b>", subtype="html")
        changed.add_attachment(LETTER, maintype="text", subtype="x-other", filename="other name.txt", cte="base64")
        changed.add_attachment("checked by a scanner", filename="footer.txt")
        self.one.submit("anna", changed)
        self.assertEqual(bytes.fromhex(home.hear("letter")[3]), LETTER)
        spoiled = email.message.EmailMessage()
        spoiled["From"], spoiled["To"], spoiled["Subject"] = "anna@one.example", "reader@two.example", "Data"
        spoiled.set_content("The attachment was removed by your provider.")
        spoiled.add_attachment(b"removed" * 30, maintype="application", subtype="octet-stream", filename="a.dat")
        self.one.submit("anna", spoiled)
        self.one.submit("anna", changed)
        self.assertEqual(bytes.fromhex(home.hear("letter")[3]), LETTER, "the one behind it")
        self.assertEqual(home.lines.qsize(), 0)


class Homes(MailWorld):
    """A home with a mailbox of its own."""

    def mail_home(self, user, settings=None, bulletin="", at=0, **changes):
        """A home that watches user@two.example."""
        account = self.two.account(user, **changes)
        home = Home(os.path.join(self.folder, user), at)
        self.started.append(home)
        home.init()
        home.configure(**(settings or {}))
        with open(os.path.join(home.folder, "mail.password"), "w", encoding="ascii") as file:
            file.write(account["password"] + "\n")
        with open(os.path.join(home.folder, "config.toml"), "a", encoding="utf-8") as file:
            file.write(f"\n[mail]\naddress = \"{account['address']}\"\nsmtp = \"{account['smtp']}\"\n"
                       f"imap = \"{account['imap']}\"\nuser = \"{account['user']}\"\npassword_file = \"mail.password\"\n"
                       "poll_seconds = 1\n" + bulletin)
        os.environ["SSL_CERT_FILE"] = self.authority.certificate
        self.addCleanup(os.environ.pop, "SSL_CERT_FILE", None)
        home.start()
        return home


class AtHome(Homes):
    """What a home does with what comes."""

    def test_junk_bounces_and_answers_of_programs_are_never_answered(self):
        home = self.mail_home("junk")
        until(lambda: "event=mail_watching" in home.log_text(), "the home watches", 60)
        for sender, extra in (("anna@one.example", {}), ("anna@one.example", {"Auto-Submitted": "auto-replied"}),
                              ("MAILER-DAEMON@one.example", {})):
            letter = email.message.EmailMessage()
            letter["From"], letter["To"], letter["Subject"] = sender, "junk@two.example", "Data"
            for name, value in extra.items():
                letter[name] = value
            letter.set_content("Here")
            letter.add_attachment(LETTER, maintype="application", subtype="octet-stream", filename="a.dat")
            self.two.drop("anna@one.example", "junk@two.example", letter.as_bytes())
        ordinary = email.message.EmailMessage()
        ordinary["From"], ordinary["To"], ordinary["Subject"] = "anna@one.example", "junk@two.example", "Hello operator"
        ordinary.set_content("Is anybody there?")
        self.two.drop("anna@one.example", "junk@two.example", ordinary.as_bytes())
        until(lambda: [m["Subject"] for _, m in self.two.inbox("junk")] == ["Hello operator"],
              "junk is removed and other mail stays", 60)
        self.assertNotIn("Seen", self.two.inbox("junk")[0][0])
        self.assertEqual(self.one.inbox("anna"), [])
        self.assertEqual(home.stop(), 0)

    def test_a_wrong_password_is_one_clear_line_and_the_home_serves_on(self):
        home = self.mail_home("locked", password="wrong")
        until(lambda: "mail_login_refused" in home.log_text(), "the line", 60)
        lines = [line for line in home.log_text().splitlines() if "mail_login_refused" in line]
        self.assertEqual(len(lines), 1)
        self.assertIn("password made for one program", lines[0])
        self.assertNotIn("wrong", lines[0])
        self.assertTrue(home.listens())


class RoundTrip(Homes):
    """Two people and their home, when no connection to it is possible any more."""

    def gate(self, port):
        """A forwarder to the home that is ended when the blocking begins."""
        def handle(client):
            splice(client, socket.create_connection(("127.0.0.1", port), 10))
        gate = Server(handle)
        self.addCleanup(gate.end)
        return gate

    def test_a_text_and_its_answer_go_by_mail_when_nothing_else_works(self):
        port = free_port()
        gate = self.gate(port)
        home = self.mail_home("trip", {"routes": f'["wss://127.0.0.1:{gate.port}/ws"]'},
                              '\n[bulletin]\nmails = ["trip@two.example"]\n', at=port)
        anna, boris, chat = self.pair(home)
        for person in (anna, boris):
            person.start()
        anna.ask("send_text", chat=chat, text="while it works")
        boris.received("while it works")
        code, bulletin, err = home.call("bulletin")
        self.assertEqual(code, 0, err)
        for person in (anna, boris):
            # Taken once the home itself has told whose word about it counts.
            until(lambda: "result" in person.try_ask("take_bulletin", text=bulletin.strip()), "the bulletin is taken", 60)
            person.stop()
            code, _, err = person.godwit("mail", "set", f"{person.name.lower()}@one.example",
                                         "--smtp", self.one.account("x")["smtp"], "--imap", self.one.account("x")["imap"],
                                         "--password-file", self.password_file(), "--yes")
            self.assertEqual(code, 0, err)
        gate.end()
        for person in (anna, boris):
            person.start()
        anna.ask("send_text", chat=chat, text="by mail")
        boris.received("by mail", 400)
        boris.ask("send_text", chat=chat, text="by mail as well")
        anna.received("by mail as well", 400)
        for person in (anna, boris):
            self.assertTrue(person.ask("read_mail")["answered_at"], "it was mail that brought it")
            until(lambda: not self.one.inbox(person.name.lower()), "nothing is left in the mailbox", 60)
        for person in (anna, boris):
            person.stop(60)
        self.assert_said(boris, chat, [(False, "while it works"), (False, "by mail"), (True, "by mail as well")])

    def password_file(self):
        path = os.path.join(self.folder, "account.password")
        with open(path, "w", encoding="ascii") as file:
            file.write(self.one.account("x")["password"] + "\n")
        return path


if __name__ == "__main__":
    main()
