"""Two people talk: real programs, real sockets, single commands."""

import json
import os
import pty
import select
import subprocess
import time

from people import binaries, digest, until
from world import World, main


class Talk(World):
    def test_messages_of_single_commands_arrive_both_ways(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        self.assertRegex(anna.must("send", "Boris", "Hello Boris"), r"^[0-9a-f]{32}  (sent|delivered)\n$")
        self.assertIn("Anna: Hello Boris", boris.must("listen", "--count", "1", "--timeout", "20"))
        long = "\n".join(f"{number}: Привет, this line is long enough" for number in range(1500))[:60000]
        boris.must("send", "Anna", "-", stdin=long + "\n")
        line = json.loads(anna.must("listen", "--count", "1", "--timeout", "20", "--json"))
        self.assertEqual(digest(line["params"]["message"]["text"]), digest(long))
        self.assert_said(anna, chat, [(True, "Hello Boris"), (False, long)])
        self.assert_said(boris, chat, [(False, "Hello Boris"), (True, long)])

    def test_the_inviter_can_write_at_once_to_who_took_the_invite(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        boris.must("add", anna.must("invite").strip())
        anna.must("send", "Boris", "Hello")  # learns of the chat on the way
        self.assertIn("Hello", boris.must("listen", "--count", "1", "--timeout", "20"))

    def test_what_was_shown_is_not_shown_again_and_the_sender_learns_of_it(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        for text in ("one", "two", "three"):
            anna.must("send", "Boris", text)
        boris.must("send", "Anna", "meanwhile")  # takes in what waits, and shows none of it
        shown = boris.must("listen", "--count", "2", "--timeout", "20").splitlines()
        self.assertEqual([line.split("Anna: ")[1] for line in shown], ["one", "two"])
        rest = boris.must("listen", "--timeout", "2").splitlines()
        self.assertEqual([line.split("Anna: ")[1] for line in rest], ["three"])
        anna.must("listen", "--timeout", "2")
        states = [each["delivery"] for each in anna.history(chat) if each["own"]]
        self.assertEqual(states, ["read"] * 3)

    def test_a_message_sent_while_the_home_is_down_is_kept_and_goes_out_later(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        home.stop()
        self.assert_fails(anna.godwit("send", "Boris", "later", "--wait", "1"), 5, "cli_still_queued")
        self.assert_said(anna, chat, [(True, "later")])
        home.start()
        anna.must("send", "Boris", "now")
        shown = boris.must("listen", "--count", "2", "--timeout", "20").splitlines()
        self.assertEqual([line.split("Anna: ")[1] for line in shown], ["later", "now"])

    def test_both_see_the_same_safety_number_and_verifying_is_remembered(self):
        home = self.home()
        anna, boris, _ = self.pair(home)
        anna.must("listen", "--timeout", "1")
        number = anna.must("safety", "Boris")
        self.assertEqual(len(number.replace(" ", "").replace("\n", "")), 60)
        self.assertEqual(number, boris.must("safety", "Anna"))
        self.assertFalse(anna.chats()[0]["verified"])
        anna.must("verify", "Boris")
        self.assertTrue(anna.chats()[0]["verified"])

    def test_a_number_that_was_scanned_is_compared_by_the_program(self):
        home = self.home()
        anna, boris, _ = self.pair(home)
        anna.must("listen", "--timeout", "1")
        number = boris.must("safety", "Anna")
        digits = number.replace(" ", "").replace("\n", "")
        other = digits[:-1] + str((int(digits[-1]) + 1) % 10)
        self.assert_fails(anna.godwit("verify", "Boris", other), 1, "cli_number_differs")
        self.assert_fails(anna.godwit("verify", "Boris", digits[:-1]), 1, "cli_not_number")
        self.assert_fails(anna.godwit("verify", "Boris", "godwit:i#" + digits), 1, "cli_not_number")
        self.assertFalse(anna.chats()[0]["verified"])
        anna.must("verify", "Boris", "godwit:v#" + digits)
        self.assertTrue(anna.chats()[0]["verified"])
        boris.must("verify", "Anna", anna.must("safety", "Boris"))
        self.assertTrue(boris.chats()[0]["verified"])

    def test_fresh_keys_raise_the_epoch_and_the_talk_goes_on(self):
        home = self.home()
        anna, boris, _ = self.pair(home)
        before = boris.chats()[0]["epoch"]
        boris.must("refresh", "Anna")
        self.assertGreater(boris.chats()[0]["epoch"], before)
        boris.must("send", "Anna", "after")
        self.assertIn("after", anna.must("listen", "--count", "1", "--timeout", "20"))
        anna.must("refresh", "Boris")
        anna.must("send", "Boris", "again")
        self.assertIn("again", boris.must("listen", "--count", "1", "--timeout", "20"))
        self.assertEqual(anna.chats()[0]["epoch"], boris.chats()[0]["epoch"])

    def test_status_tells_whose_profile_it_is_and_that_the_home_answers(self):
        home = self.home()
        anna = self.person("Anna", home)
        out = anna.must("status")
        self.assertIn("Anna", out)
        self.assertIn("connected", out)
        self.assertIn(str(home.port), out)

    def test_the_link_alone_is_on_standard_output(self):
        home = self.home()
        anna = self.person("Anna", home)
        out = anna.must("invite")
        self.assertRegex(out, r"^godwit:i#[A-Za-z0-9_-]+\n$")

    def test_three_people_each_with_the_others(self):
        home = self.home()
        people = [self.person(name, home) for name in ("Anna", "Boris", "Clara")]
        for i, inviter in enumerate(people):
            for taker in people[i + 1:]:
                taker.must("add", inviter.must("invite").strip())
        for sender in people:
            for receiver in people:
                if sender is not receiver:
                    sender.must("send", receiver.name, f"from {sender.name} to {receiver.name}")
        for receiver in people:
            shown = receiver.must("listen", "--count", "2", "--timeout", "20")
            for sender in people:
                if sender is not receiver:
                    self.assertEqual(shown.count(f"from {sender.name} to {receiver.name}"), 1)


class Terminal(World):
    def test_the_interactive_chat_sends_what_is_typed_and_shows_what_comes(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        boris.start()
        master, slave = pty.openpty()
        with open(os.path.join(self.folder, "note.txt"), "w", encoding="utf-8") as file:
            file.write("a note")
        process = subprocess.Popen([os.path.join(binaries(), "godwit"), *anna.globals(), "chat", "Boris"], stdin=slave,
                                   stdout=slave, stderr=slave, start_new_session=True,
                                   env={**os.environ, "HOME": self.folder})
        os.close(slave)
        screen = b""

        def see(wanted):
            nonlocal screen
            if select.select([master], [], [], 0.05)[0]:
                try:
                    screen += os.read(master, 65536)
                except OSError:  # the other side is gone
                    return True
            return wanted in screen

        try:
            until(lambda: see(b"> "), "a prompt")
            os.write(master, "Hai\x7f\x7fello Борис\r".encode())
            boris.received("Hello Борис")
            boris.ask("send_text", chat=chat, text="answer \x1b[2J steered")
            until(lambda: see(b"answer \\x1b[2J steered"), "the answer, made harmless")
            os.write(master, b"\x1b[200~pasted\rin two lines\x1b[201~\r/file ~/nothing\r/file ~/note.txt\r")
            boris.received("pasted\nin two lines")
            boris.wait(lambda method, params: method == "message_received" and params["message"]["file"], "the file")
            until(lambda: see(b"[cli_file_no_access") and b"note.txt" in screen, "what became of the files")
            self.assertNotIn(b"you: [file ~/nothing", screen)
            os.write(master, b"\x04")
            until(lambda: see(b"nothing more") or process.poll() is not None, "it ends with Ctrl-D")
            self.assertEqual(process.wait(20), 0)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            os.close(master)
        self.assertEqual([each["text"] for each in anna.history(chat)],
                         ["Hello Борис", "answer \x1b[2J steered", "pasted\nin two lines", ""])

    def test_lines_from_a_pipe_are_messages(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.must("chat", "Boris", stdin="one\n\ntwo\nthree")
        boris.must("listen", "--count", "3", "--timeout", "20")
        self.assert_said(boris, chat, [(False, "one"), (False, "two"), (False, "three")])


class Rpc(World):
    def test_the_whole_path_over_json_lines(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        message = anna.ask("send_text", chat=chat, text="hi")["message"]
        boris.received("hi")
        anna.moved(message["id"], ("delivered", "read"))
        position = boris.ask("read_history", chat=chat)["messages"][-1]["position"]
        boris.ask("mark_read", chat=chat, through=position)
        anna.moved(message["id"], ("read",))
        self.assertEqual(anna.ask("read_account")["name"], "Anna")
        refused = anna.try_ask("send_text", chat="00" * 16, text="nobody")
        self.assertEqual(refused["error"]["data"]["name"], "engine_no_such_chat")
        anna.stop()
        boris.stop()

    def test_routes_and_a_mail_account_are_named_told_and_taken_away(self):
        anna = self.person("Anna", self.home())
        anna.start()
        own = anna.ask("list_routes")["routes"]
        self.assertEqual([each["source"] for each in own], ["invite"])
        bridge = "bridge://bridge.example"
        anna.ask("add_route", route=bridge)
        anna.ask("add_route", route=bridge)  # is known
        self.assertEqual([each["route"] for each in anna.ask("list_routes")["routes"] if each["source"] != "invite"], [bridge])
        for bad, name in (("ftp://bridge.example", "routes_unknown_scheme"), ("bridge://", "routes_bad_route"),
                          ("x" * 5_000, "engine_too_long")):
            self.assert_refused(anna, name, "add_route", route=bad)
        account = {"address": "anna@mail.example", "smtp": "smtps://mail.example", "imap": "imaps://mail.example",
                   "user": "anna", "password": "tulips in spring"}
        self.assertFalse(anna.ask("read_mail")["set"])
        self.assert_refused(anna, "engine_bad_mail_account", "set_mail", account={**account, "smtp": "http://mail.example"})
        anna.ask("set_mail", account=account)
        anna.stop()
        anna.start()
        state = anna.ask("read_mail")
        self.assertEqual({key: state[key] for key in ("set", "address", "user")},
                         {"set": True, "address": "anna@mail.example", "user": "anna"})
        self.assertNotIn("tulips", json.dumps(state))
        self.assertIn(bridge, [each["route"] for each in anna.ask("list_routes")["routes"]])
        anna.ask("remove_route", route=bridge)
        self.assert_refused(anna, "engine_no_such_route", "remove_route", route=bridge)
        self.assertEqual([each["route"] for each in anna.ask("list_routes")["routes"]], [each["route"] for each in own])
        anna.ask("set_mail")
        self.assertFalse(anna.ask("read_mail")["set"])
        for _, notice in anna.notices:
            self.assertNotIn("tulips", json.dumps(notice))

    def test_what_was_asked_before_the_end_of_the_input_is_finished(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        lines = "".join(json.dumps({"jsonrpc": "2.0", "id": i, "method": "send_text",
                                    "params": {"chat": chat, "text": f"number {i}"}}) + "\n" for i in range(20))
        code, out, err = anna.godwit("rpc", stdin=lines)
        self.assertEqual(code, 0, err)
        self.assertEqual(sum(1 for line in out.splitlines() if "result" in json.loads(line)), 20)
        boris.must("listen", "--count", "20", "--timeout", "20")
        self.assert_said(boris, chat, [(False, f"number {i}") for i in range(20)])

    def test_each_of_ten_messages_is_there_before_the_next_is_sent(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        anna.ask("send_text", chat=chat, text="warm up")
        boris.received("warm up")
        spans = []
        for i in range(10):
            started = time.monotonic()
            anna.ask("send_text", chat=chat, text=f"ping {i}")
            spans.append(boris.received(f"ping {i}") - started)
        print(f"ten messages took {min(spans) * 1000:.0f} to {max(spans) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
