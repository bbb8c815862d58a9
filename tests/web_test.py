"""`godwit web` as a browser meets it: the page, its WebSocket, and files that both hand to each other."""

import hmac
import json
import os
import signal
import urllib.parse

from people import WAIT, Person
from web_pages import PAGE, PageWorld
from world import main


class Web(PageWorld):
    def name_of_error(self, page, method, **params):
        return page.ask(method, **params)["error"]["data"]["name"]

    def test_two_people_who_have_never_seen_a_terminal_talk_and_send_a_file(self):
        home = self.home()
        anna, boris = self.page("Anna"), self.page("Boris")
        self.assertEqual(anna.ask("read_account")["error"]["data"]["name"], "engine_no_account")
        anna.must("new_account", name="Anna", home_link=home.link())
        boris.must("new_account", name="Boris", home_link=home.link())
        invite = anna.must("make_invite")["link"]
        chat = boris.must("add_contact", link=invite)["chat"]["chat"]
        boris.must("send_text", chat=chat, text="Привет")
        said = anna.notice(lambda method, params: method == "message_received")["message"]
        self.assertEqual(said["text"], "Привет")

        content = os.urandom(700_001)
        status, taken = boris.http("PUT", "/files/" + urllib.parse.quote("ночь.bin"), content)
        self.assertEqual(status, 201)
        boris.must("send_file", chat=chat, source=json.loads(taken)["path"])
        came = anna.notice(lambda method, params: method == "message_received" and params["message"]["file"])["message"]
        self.assertEqual((came["file"]["name"], came["file"]["size"]), ("ночь.bin", len(content)))
        status, made = anna.http("POST", "/files")
        self.assertEqual(status, 201)
        saved = anna.must("get_file", chat=chat, message=came["id"], destination=json.loads(made)["path"])["path"]
        place = "/files/" + urllib.parse.quote("/".join(saved.split("/")[-2:]))
        self.assertEqual(anna.http("GET", place), (200, content))
        self.assertEqual(anna.http("GET", place, Range="bytes=700000-"), (206, content[-1:]))
        self.assertEqual(anna.http("DELETE", place.rsplit("/", 1)[0])[0], 204)
        self.assertEqual(os.listdir(os.path.join(self.folder, "anna", "web")), [])

    def test_a_call_begun_in_a_terminal_is_answered_talked_in_on_the_page_and_hung_up_by_ctrl_c(self):
        home = self.home()
        process, port, token = self.web("Anna")
        anna, boris = self.let_in(port, token), self.page("Boris")
        anna.must("new_account", name="Anna", home_link=home.link())
        boris.must("new_account", name="Boris", home_link=home.link())
        chat = boris.must("add_contact", link=anna.must("make_invite")["link"])["chat"]["chat"]
        boris.must("send_text", chat=chat, text="Call me")
        anna.notice(lambda method, params: method == "message_received")
        anna.must("send_text", chat=chat, text="At once")
        boris.notice(lambda method, params: method == "message_received")
        process.send_signal(signal.SIGTERM)
        process.wait(WAIT)

        process, port, token = self.web("Anna", command=("call", "Boris"))
        state = lambda wanted: lambda method, params: method == "call_changed" and params["call"]["state"] == wanted
        call = boris.notice(state("ringing_here"))["call"]
        self.assertEqual(call["peer_name"], "Anna")
        anna = self.let_in(port, token)
        self.assertEqual(anna.must("read_calls")["live"]["call"], call["call"])
        boris.must("accept_call", call=call["call"])
        boris.must("send_call_signal", call=call["call"], data="an offer")
        heard = anna.notice(lambda method, params: method == "call_signal")
        self.assertEqual(heard, {"call": call["call"], "data": "an offer", "from": None})
        process.send_signal(signal.SIGINT)
        process.wait(WAIT)
        self.assertEqual(boris.notice(state("over"))["call"]["outcome"], "failed")
        self.assertEqual(boris.must("read_calls")["past"][0]["line"]["call"], call["call"])
        history = Person("Anna", os.path.join(self.folder, "anna"))
        self.assertIn("[your call: no connection came about]", history.must("history", "Boris"))

    def test_a_profile_is_locked_and_opened_by_its_passphrase_while_the_program_lives(self):
        home = self.home()
        boris = self.page("Boris")
        boris.must("new_account", name="Boris", home_link=home.link())
        process, port, token = self.web("Anna", "one two three four")
        anna, other = self.let_in(port, token), self.let_in(port, token)
        anna.must("new_account", name="Anna", home_link=home.link())
        chat = boris.must("add_contact", link=anna.must("make_invite")["link"])["chat"]["chat"]
        self.assertEqual(anna.must("read_lock"), {"on": True, "minutes": 0})
        saved = json.loads(anna.http("POST", "/files")[1])["path"]
        self.assertTrue(os.path.exists(saved))
        self.assertEqual(anna.must("lock_now")["on"], True)
        for page in (anna, other):
            lines = list(iter(page.read, None))
            self.assertEqual(lines[-1]["error"]["data"]["name"], "cli_locked")
        self.assertFalse(os.path.exists(saved), "what was saved for the page is gone")

        boris.must("send_text", chat=chat, text="while it was locked")
        anna, other = self.let_in(port, token), self.let_in(port, token)
        for method, params in (("read_account", {}), ("list_chats", {}), ("read_lock", {}), ("lock_now", {}),
                               ("set_lock", {"current": "one two three four"}),
                               ("export_chat", {"chat": chat, "folder": "/nowhere"})):
            self.assertEqual(self.name_of_error(anna, method, **params), "cli_locked", method)
        self.assertEqual(self.name_of_error(anna, "unlock", passphrase="one two three"), "engine_wrong_passphrase")
        self.assertEqual(anna.must("unlock", passphrase="one two three four"), {"on": True, "minutes": 0})
        other.notice(lambda method, params: method == "unlocked")
        # It may have come while the profile was still sending what it had to say before it closed: then without a notice.
        said = lambda: [each["newest"]["text"] for each in other.must("list_chats")["chats"] if each["newest"]]
        if not said():
            other.notice(lambda method, params: method == "message_received")
        self.assertEqual(said(), ["while it was locked"])
        self.assertEqual(anna.must("read_account")["name"], "Anna")

        self.assertEqual(self.name_of_error(anna, "set_lock", current="wrong", passphrase="five six seven"),
                         "engine_wrong_passphrase")
        self.assertEqual(anna.must("set_lock", current="one two three four", passphrase="five six seven", minutes=60),
                         {"on": True, "minutes": 60})
        self.assertEqual(anna.must("set_lock_minutes", minutes=10 ** 6), {"on": True, "minutes": 10080})
        process.terminate()
        self.assertEqual(process.wait(WAIT), 0)
        _, port, token = self.web("Anna", "five six seven")
        anna = self.let_in(port, token)
        self.assertEqual(anna.must("read_lock"), {"on": True, "minutes": 10080})
        self.assertEqual(anna.must("set_lock", current="five six seven"), {"on": False, "minutes": 0})
        self.assertEqual(self.name_of_error(anna, "lock_now"), "cli_no_lock")
        self.assertEqual(self.name_of_error(boris, "read_lock"), "cli_no_lock")

    def test_nothing_but_the_page_is_given_without_the_token_or_to_other_pages(self):
        _, port, token = self.web("Anna")
        stranger = self.connect(port, token)
        self.assertEqual(stranger.ask("authenticate", token="0" * 64)["error"]["data"]["name"], "api_not_authenticated")
        self.assertIsNone(stranger.read())
        for origin in ("http://evil.example", f"http://localhost:{port}", "null"):
            self.assertEqual(self.connect(port, token, origin).status, 403)
        page = self.connect(port, token)
        self.assertEqual(page.http("GET", "/", token=False), (200, PAGE.encode()))
        self.assertEqual(page.http("PUT", "/files/x", b"x", token=False)[0], 401)
        self.assertEqual(page.http("PUT", "/files/x", b"x", Origin="http://evil.example")[0], 403)
        self.assertEqual(page.http("GET", "/", Host="evil.example")[0], 403)
        self.assertEqual(os.stat(os.path.join(self.folder, "anna", "web")).st_mode & 0o777, 0o700)

    def test_the_program_shows_that_it_knows_the_token_before_the_page_says_it(self):
        _, port, token = self.web("Anna")
        nonce = os.urandom(32).hex()
        page = self.connect(port, token, None, "?nonce=" + nonce)
        proof = hmac.new(token.encode(), nonce.encode(), "sha256").hexdigest()
        self.assertEqual(page.read(), {"jsonrpc": "2.0", "method": "engine_proof", "params": {"proof": proof}})
        self.assertIn("result", page.ask("authenticate", token=token))

    def test_each_run_has_a_token_of_its_own_and_a_page_that_is_missing_is_said(self):
        process, port, token = self.web("Anna")
        process.terminate()
        self.assertEqual(process.wait(WAIT), 0)
        _, port, another = self.web("Anna")
        self.assertNotEqual(token, another)
        page = self.connect(port, token)
        self.assertIn("error", page.ask("authenticate", token=token))
        boris = Person("Boris", os.path.join(self.folder, "boris"))
        self.assert_fails(boris.godwit("web", "--page", os.path.join(self.folder, "none")), 1, "cli_no_page")
        self.assertFalse(os.path.exists(boris.folder))


if __name__ == "__main__":
    main()
