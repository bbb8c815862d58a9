"""Programs talk to `godwit serve`: the socket itself, and the bots and the web hook of examples/, run as they are."""

import http.client
import http.server
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import unittest

from people import WAIT, Failure, binaries, require, run, until
from world import World, main

EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "examples")
NODE = shutil.which("node")
REMINDER_PYTHON = [sys.executable, os.path.join(EXAMPLES, "python", "reminder_bot.py")]
REMINDER_JAVASCRIPT = [NODE, os.path.join(EXAMPLES, "javascript", "reminder_bot.js")]


class Program:
    """A connection to a `godwit serve`, as a program of somebody else would make it."""

    def __init__(self, address, token=None):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(WAIT)
        self.socket.connect(address)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.seen = []
        if token is not None:
            require("result" in self.ask("authenticate", token=token), "the token is taken")

    def write(self, text):
        """Says anything."""
        self.socket.sendall(text.encode())

    def read(self):
        """The next line; None at the end."""
        line = self.lines.readline()
        return json.loads(line) if line else None

    def ask(self, method, number=1, **params):
        """Calls a method; gives the whole answer, and keeps notices in `seen`."""
        self.write(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}) + "\n")
        while True:
            line = self.read()
            require(line is not None, f"{method} is answered")
            if line.get("id") == number:
                return line
            self.seen.append(line)

    def notice(self, wanted):
        """Waits for a notice with wanted(method, params)."""
        while True:
            for line in self.seen:
                if "method" in line and wanted(line["method"], line["params"]):
                    return line["params"]
            line = self.read()
            require(line is not None, "the notice comes")
            self.seen.append(line)

    def close(self):
        """Ends it."""
        self.lines.close()
        self.socket.close()


class Serving(World):
    """Adds `godwit serve` and programs to the world."""

    def tearDown(self):
        for process in getattr(self, "running", []):
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        super().tearDown()

    def run_program(self, *command, **environment):
        """Starts a program; it is ended with the test."""
        self.running = getattr(self, "running", [])
        with open(os.path.join(self.folder, "programs.err"), "ab") as errors:
            process = subprocess.Popen([str(each) for each in command], stdin=subprocess.DEVNULL, stderr=errors,
                                       stdout=subprocess.PIPE, start_new_session=True, env={**os.environ, **environment})
        self.running.append(process)
        return process

    def serve(self, person, *arguments):
        """Starts `godwit serve`; gives (process, the places that it tells)."""
        process = self.run_program(os.path.join(binaries(), "godwit"), *person.globals(), "serve", *arguments)
        places = [process.stdout.readline().decode().strip() for _ in range(2 if "--port" in arguments else 1)]
        require(places[0].startswith("unix:"), f"it says where: {places}")
        return process, places

    def stop(self, process):
        """SIGTERM; it ends by itself, with 0."""
        process.terminate()
        self.assertEqual(process.wait(WAIT), 0)

    def token(self, person):
        """As a person gets it."""
        return person.must("token").strip()

    def socket_of(self, person):
        """Where it is if nothing else is said."""
        return os.path.join(person.folder, "api", "socket")


class Socket(Serving):
    def test_several_programs_share_one_engine(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        self.serve(anna)
        boris.start()
        token = self.token(anna)
        one, two = Program(self.socket_of(anna), token), Program(self.socket_of(anna), token)
        sent = one.ask("send_text", chat=chat, text="from one")["result"]["message"]
        moved = two.notice(lambda method, params: method == "message_moved" and params["id"] == sent["id"])
        self.assertEqual(moved["chat"], chat)
        boris.received("from one")
        boris.ask("send_text", chat=chat, text="answer")
        for each in (one, two):
            each.notice(lambda method, params: method == "message_received" and params["message"]["text"] == "answer")
        # The same id in both: each gets its own answer.
        one.write(json.dumps({"jsonrpc": "2.0", "id": 7, "method": "read_account"}) + "\n")
        self.assertIn("chats", two.ask("list_chats", 7)["result"])
        while (line := one.read()).get("id") != 7:
            pass
        self.assertEqual(line["result"]["name"], "Anna")
        one.close()
        self.assertIn("result", two.ask("list_chats"))
        two.close()

    def test_only_who_shows_the_token_is_let_in(self):
        home = self.home()
        anna = self.person("Anna", home)
        _, places = self.serve(anna, "--port", "0")
        port = int(places[1].rsplit(":", 1)[1])
        path = self.socket_of(anna)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode), 0o700)
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(anna.folder, "api", "token")).st_mode), 0o600)
        first_lines = ['{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":"' + "0" * 64 + '"}}\n',
                       '{"jsonrpc":"2.0","id":1,"method":"authenticate","params":{"token":""}}\n',
                       '{"jsonrpc":"2.0","id":1,"method":"list_chats"}\n', "no JSON\n",
                       "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]
        for address in (path, ("127.0.0.1", port)):
            for first in first_lines:
                program = Program(address)
                # What follows is not read any more, though it has the right token.
                program.write(first + json.dumps({"jsonrpc": "2.0", "id": 2, "method": "authenticate",
                                                  "params": {"token": self.token(anna)}}) + "\n")
                self.assertIn(program.read()["error"]["data"]["name"], ("api_not_authenticated", "api_not_json"), first)
                self.assertIsNone(program.read())
                program.close()
            program = Program(address, self.token(anna))
            self.assertEqual(program.ask("read_account")["result"]["name"], "Anna")
            program.close()

    def test_a_deeply_nested_line_is_refused_by_serve_and_by_rpc(self):
        home = self.home()
        anna = self.person("Anna", home)
        deep = '{"jsonrpc":"2.0","id":1,"method":"x","params":{"a":' + "[" * 500_000 + "]" * 500_000 + "}}\n"
        code, out, err = anna.godwit("rpc", stdin=deep)
        self.assertEqual(code, 0, err)
        self.assertIn("api_not_a_request", out)
        _, places = self.serve(anna, "--port", "0")
        outside = Program(("127.0.0.1", int(places[1].rsplit(":", 1)[1])))
        outside.write(deep)
        self.assertIn("error", outside.read())
        self.assertIsNone(outside.read())
        outside.close()
        inside = Program(self.socket_of(anna), self.token(anna))
        inside.write(deep)
        while "error" not in (line := inside.read()):
            pass
        self.assertEqual(line["error"]["data"]["name"], "api_not_a_request")
        self.assertEqual(inside.ask("read_account")["result"]["name"], "Anna")
        inside.close()

    def test_connections_without_a_token_keep_nobody_out(self):
        home = self.home()
        anna = self.person("Anna", home)
        _, places = self.serve(anna, "--port", "0")
        address = ("127.0.0.1", int(places[1].rsplit(":", 1)[1]))
        strangers = [Program(address) for _ in range(200)]
        program = Program(address, self.token(anna))
        self.assertEqual(strangers[0].read()["error"]["data"]["name"], "api_too_many_programs")
        self.assertIsNone(strangers[0].read())
        for each in strangers:
            each.close()
        self.assertEqual(program.ask("read_account")["result"]["name"], "Anna")
        program.close()

    def opened(self, address, token):
        """A program; that others are gone is noticed a moment after they went."""
        opened = []

        def attempt():
            try:
                opened.append(Program(address, token))
            except (Failure, OSError):
                return False
            return True

        until(attempt, "a place is free")
        return opened[0]

    def test_programs_that_are_gone_keep_nobody_out_and_one_too_many_is_told_so(self):
        home = self.home()
        anna = self.person("Anna", home)
        _, places = self.serve(anna, "--port", "0")
        home.stop()
        token = self.token(anna)
        for address in (self.socket_of(anna), ("127.0.0.1", int(places[1].rsplit(":", 1)[1]))):
            for _ in range(150):
                program = self.opened(address, token)
                program.ask("subscribe", notices=[])
                program.write('{"jsonrpc":"2.0","id":2,"method":"make_invite"}\n')
                program.close()
            programs = [self.opened(address, token) for _ in range(64)]
            beyond = Program(address)
            answer = beyond.ask("authenticate", number=None, token=token)
            self.assertEqual(answer["error"]["data"]["name"], "api_too_many_programs")
            self.assertIsNone(beyond.read())
            for each in (*programs, beyond):
                each.close()

    def test_a_history_of_long_texts_can_be_read_and_who_does_not_read_is_told_so(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        boris.start()
        for number in range(40):
            boris.ask("send_text", chat=chat, text='"' * 100_000 + str(number))
        boris.stop()
        anna.must("listen", "--count", "40", "--timeout", "60", timeout=80)
        self.serve(anna)
        program = Program(self.socket_of(anna), self.token(anna))
        seen, before = [], None
        while page := program.ask("read_history", chat=chat, before=before, count=200)["result"]["messages"]:
            seen = [each["text"].lstrip('"') for each in page] + seen
            before = page[0]["position"]
        self.assertEqual(seen, [str(number) for number in range(40)])
        for _ in range(60):
            program.write(json.dumps({"jsonrpc": "2.0", "id": 5, "method": "read_history", "params": {"chat": chat}}) + "\n")
        other = Program(self.socket_of(anna), self.token(anna))
        for _ in range(60):
            other.ask("read_history", chat=chat)
        lines = program.lines.read().split("\n")
        self.assertLess(len(lines), 60, "it is cut off")
        # The last words wait for five seconds.
        self.assertTrue(lines[-1] or json.loads(lines[-2])["error"]["data"]["name"] == "api_not_reading")
        program.close()
        other.close()

    def test_a_program_hears_only_what_it_wants(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        self.serve(anna)
        program = Program(self.socket_of(anna), self.token(anna))
        self.assertIn("result", program.ask("subscribe", notices=["message_received"]))
        refused = program.ask("subscribe", notices=["no_such"])
        self.assertEqual(refused["error"]["data"]["name"], "api_unknown_notice")
        program.seen.clear()
        program.ask("send_text", chat=chat, text="moves")
        boris.must("listen", "--count", "1", "--timeout", "20")
        boris.must("send", "Anna", "heard")
        program.notice(lambda method, params: method == "message_received")
        self.assertEqual({line["method"] for line in program.seen}, {"message_received"})
        program.close()

    def test_what_was_asked_before_the_end_of_the_input_is_answered(self):
        home = self.home()
        anna = self.person("Anna", home)
        self.serve(anna)
        program = Program(self.socket_of(anna), self.token(anna))
        program.write("".join(json.dumps({"jsonrpc": "2.0", "id": 10 + i, "method": "list_chats"}) + "\n"
                              for i in range(50)))
        program.socket.shutdown(socket.SHUT_WR)
        answered = []
        while (line := program.read()) is not None:
            if "id" in line:
                answered.append(line["id"])
        self.assertEqual(answered, list(range(10, 60)))
        program.close()

    def test_other_commands_say_who_has_the_profile_and_it_is_free_after_a_kill(self):
        home = self.home()
        anna = self.person("Anna", home)
        process, _ = self.serve(anna)
        self.assert_fails(anna.godwit("chats"), 4, "cli_profile_served")
        self.assert_fails(anna.godwit("serve"), 4, "cli_profile_served")
        process.kill()
        process.wait()
        anna.must("chats")
        process, _ = self.serve(anna)  # over the socket that was left
        self.stop(process)
        self.assertFalse(os.path.exists(self.socket_of(anna)))

    def test_a_renewed_token_shuts_the_old_one_out(self):
        home = self.home()
        anna = self.person("Anna", home)
        before = self.token(anna)
        self.assertEqual(before, self.token(anna))
        after = anna.must("token", "--renew").strip()
        self.assertNotEqual(before, after)
        self.serve(anna)
        program = Program(self.socket_of(anna))
        self.assertIn("error", program.ask("authenticate", token=before))
        program.close()
        Program(self.socket_of(anna), after).close()

    def test_a_token_that_others_may_know_is_refused_until_it_is_renewed(self):
        home = self.home()
        anna = self.person("Anna", home)
        before = self.token(anna)
        folder = os.path.join(anna.folder, "api")
        token = os.path.join(folder, "token")
        for path, mode in ((token, 0o644), (folder, 0o777)):
            os.chmod(path, mode)
            self.assert_fails(anna.godwit("serve"), 1, "cli_token_file")
            anna.must("token", "--renew")
            self.assertNotEqual(before, self.token(anna))
            self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o700)
            self.assertEqual(stat.S_IMODE(os.stat(token).st_mode), 0o600)
        os.rename(token, os.path.join(self.folder, "elsewhere"))
        os.symlink(os.path.join(self.folder, "elsewhere"), token)
        self.assert_fails(anna.godwit("token"), 1, "cli_token_file")

    def test_a_path_that_cannot_be_a_socket_is_said_clearly(self):
        home = self.home()
        anna = self.person("Anna", home)
        long = os.path.join(self.folder, "x" * 120)
        self.assert_fails(anna.godwit("serve", "--socket", long), 1, "bad_socket_path")
        self.assert_fails(anna.godwit("serve", "--socket", self.folder), 1, "bad_socket_path")


def bot_has_read(person, chat):
    """True if all that `person` said in a chat of two is marked by the other side."""
    messages = person.ask("read_history", chat=chat, count=50)["messages"]
    return all(each["delivery"] == "read" for each in messages if each["own"])


class Bots(Serving):
    def talk_to(self, home):
        """A bot's profile that is served, and Anna who talks with it; gives (bot, anna, chat)."""
        bot, anna, chat = self.pair(home)
        self.serve(bot)
        return bot, anna, chat

    def echo(self, *command):
        """Anna is told what she said, also what she said while the bot was not there."""
        bot, anna, chat = self.talk_to(self.home())
        anna.start()
        anna.ask("send_text", chat=chat, text="before it runs")
        process = self.run_program(*command, bot.folder)
        anna.received("You said: before it runs")
        anna.ask("send_text", chat=chat, text="Привет \u202e \x1b[2J")
        anna.received("You said: Привет \u202e \x1b[2J")
        # A bot that dies between its answer and its mark answers again: that is not what is tested here.
        until(lambda: bot_has_read(anna, chat), "the bot has marked what it answered")
        process.kill()
        process.wait()
        anna.ask("send_text", chat=chat, text="while it is away")
        self.run_program(*command, bot.folder)
        anna.received("You said: while it is away")
        long = "x" * 19_999 + "\U0001f426"  # 20,000 characters, of which the last needs two code units in JavaScript
        anna.ask("send_text", chat=chat, text=long + "\U0001f426")
        anna.received("You said: " + long)
        anna.ask("send_text", chat=chat, text="still there")
        anna.received("You said: still there")
        anna.stop()
        said = [each["text"] for each in anna.history(chat) if not each["own"]]
        self.assertEqual(len(said), len(set(said)), "each answer once")

    def reminder(self, command, other):
        """Anna is reminded, by the same bot and by another one that was started on its file."""
        bot, anna, chat = self.talk_to(self.home())
        file = os.path.join(self.folder, "reminders.json")
        with open(file, "w", encoding="utf-8") as kept:
            json.dump({"old": {"due": 1, "chat": "00" * 16, "what": "be refused"}}, kept)
        anna.start()
        process = self.run_program(*command, file, bot.folder)
        anna.ask("send_text", chat=chat, text="hello")
        anna.wait(lambda method, params: method == "message_received" and "Tell me" in params["message"]["text"], "help")
        anna.ask("send_text", chat=chat, text="Remind me in 1 second to drink tea")
        anna.received("Reminder: drink tea")
        anna.ask("send_text", chat=chat, text="remind me in 5 seconds to go home")
        anna.wait(lambda method, params: method == "message_received" and "in 5 second" in params["message"]["text"],
                  "it is noted")
        process.kill()
        process.wait()
        with open(file, encoding="utf-8") as kept:
            self.assertEqual([each["what"] for each in json.load(kept).values()], ["go home"])
        self.run_program(*other, file, bot.folder)
        anna.received("Reminder: go home")
        anna.stop()

    def test_the_echo_bot_in_python(self):
        self.echo(sys.executable, os.path.join(EXAMPLES, "python", "echo_bot.py"))

    @unittest.skipUnless(NODE, "SKIPPED: node is not installed")
    def test_the_echo_bot_in_javascript(self):
        self.echo(NODE, os.path.join(EXAMPLES, "javascript", "echo_bot.js"))

    def test_the_reminder_bot_in_python(self):
        self.reminder(REMINDER_PYTHON, REMINDER_JAVASCRIPT if NODE else REMINDER_PYTHON)

    @unittest.skipUnless(NODE, "SKIPPED: node is not installed")
    def test_the_reminder_bot_in_javascript(self):
        self.reminder(REMINDER_JAVASCRIPT, REMINDER_PYTHON)

    def test_a_bot_that_cannot_work_says_so_in_one_line(self):
        bot = self.person("Bot", self.home())
        empty = os.path.join(self.folder, "empty.json")
        odd = os.path.join(self.folder, "odd.json")
        for path, text in ((empty, ""), (odd, "{")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        for command in [REMINDER_PYTHON] + ([REMINDER_JAVASCRIPT] if NODE else []):
            for arguments, said in (([], "FILE"), ([empty, bot.folder], "does not run"), ([odd, bot.folder], "not a file of")):
                code, out, err = run(*command, *arguments)
                self.assertEqual((code, out, len(err.splitlines())), (1, "", 1), err)
                self.assertIn(said, err)

    def test_a_program_can_be_short_and_come_in_by_the_port(self):
        bot, anna, chat = self.pair(self.home())
        _, places = self.serve(bot, "--port", "0")
        python = ("import sys; from godwit import Godwit\n"
                  "with Godwit(*sys.argv[1:3]) as godwit: godwit.call('send_text', chat=sys.argv[3], text='short')")
        code, _, err = run(sys.executable, "-c", python, bot.folder, places[1], chat,
                           env={"PYTHONPATH": os.path.join(EXAMPLES, "python"), "PYTHONDONTWRITEBYTECODE": "1"})
        self.assertEqual(code, 0, err)
        expected = ["short"]
        if NODE:
            javascript = ("const { Godwit } = require(process.argv[1]);\n"
                          "Godwit.connect(process.argv[2], process.argv[3]).then(async (godwit) => {\n"
                          "  await godwit.call('send_text', { chat: process.argv[4], text: 'half \\ud83d' });\n"
                          "  godwit.close();\n});")
            code, _, err = run(NODE, "-e", javascript, os.path.join(EXAMPLES, "javascript", "godwit.js"), bot.folder, places[1],
                               chat)
            self.assertEqual(code, 0, err)
            expected.append("half \ufffd")
        anna.start()
        for text in expected:
            anna.received(text)
        anna.stop()


class Receiver(http.server.BaseHTTPRequestHandler):
    """Whoever the web hook posts to: sends each message elsewhere first, then talks nonsense, then takes it."""

    taken = None
    refused = None
    elsewhere = None

    def do_POST(self):
        """Notes what came."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.refused.append(body["message"]["id"])
        times = self.refused.count(body["message"]["id"])
        if times == 2:
            self.wfile.write(b"nonsense\r\n\r\n")
            return
        if times == 3:
            self.taken.append((self.headers["Authorization"], body))
        self.send_response(302 if times == 1 else 200)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        """Where nobody shall come."""
        self.elsewhere.append(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Says nothing."""


class WebHook(Serving):
    TOKEN = "a token of this test"

    def setUp(self):
        super().setUp()
        Receiver.taken, Receiver.refused, Receiver.elsewhere = [], [], []
        self.receiver = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=self.receiver.serve_forever, daemon=True).start()

    def tearDown(self):
        self.receiver.shutdown()
        self.receiver.server_close()
        super().tearDown()

    def post(self, port, body, **headers):
        """Posts to the hook; gives (status, JSON)."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)
        connection.request("POST", "/send", body=body, headers=headers)
        answer = connection.getresponse()
        result = answer.status, json.loads(answer.read())
        connection.close()
        return result

    def test_messages_go_out_and_come_in_over_http(self):
        bot, anna, chat = self.pair(self.home())
        self.serve(bot)
        hook = self.run_program(sys.executable, os.path.join(EXAMPLES, "python", "web_hook.py"), "--profile", bot.folder,
                                "--port", "0", "--to", f"http://127.0.0.1:{self.receiver.server_port}/in",
                                HOOK_TOKEN=self.TOKEN)
        port = int(hook.stdout.readline().decode().rsplit(":", 1)[1].split("/")[0])
        anna.start()
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(3)]  # they must hold nobody up
        right = {"Authorization": "Bearer " + self.TOKEN}
        status, answer = self.post(port, json.dumps({"chat": chat, "text": "over HTTP"}), **right)
        self.assertEqual((status, answer["message"]["text"]), (200, "over HTTP"))
        anna.received("over HTTP")
        anna.ask("send_text", chat=chat, text="and back")
        until(lambda: Receiver.taken, "it is posted again after it was refused")
        self.assertEqual(Receiver.elsewhere, [], "no redirect is followed")
        self.assertEqual(Receiver.taken[0][0], "Bearer " + self.TOKEN)
        self.assertEqual(Receiver.taken[0][1]["message"]["text"], "and back")
        sound = json.dumps({"chat": chat, "text": "no"})
        for body, headers, status in ((sound, {}, 403), (sound, {"Authorization": "Bearer x"}, 403),
                                      (sound, {**right, "Origin": "https://evil.example"}, 403), ("{", right, 400),
                                      ('{"chat":"00","text":"x"}', right, 400), ('{"chat":5}', right, 400),
                                      ('{"chat":' + "[" * 90_000, right, 400),
                                      (json.dumps({"chat": "00" * 16, "text": "x"}), right, 422)):
            self.assertEqual(self.post(port, body, **headers)[0], status, body[:100])
        for each in idle:
            each.close()
        anna.stop()
        self.assertEqual([each["text"] for each in anna.history(chat)], ["over HTTP", "and back"])


if __name__ == "__main__":
    main()
