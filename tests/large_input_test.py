"""Too much at once: texts and lines of 10 MB, and a thousand reactions. Each is refused clearly or bounded, and the talk goes on."""

import json

from bots_test import Program, Serving
from people import until
from world import main

TEN_MB = 10_000_000


class LargeInput(Serving):
    def test_a_text_of_ten_megabytes_is_refused_by_the_command_and_in_each_field(self):
        anna, boris, chat = self.pair(self.home())
        self.assert_fails(anna.godwit("send", "Boris", "-", stdin="x" * TEN_MB), 1, "engine_too_long")
        anna.start()
        message = anna.ask("send_text", chat=chat, text="short")["message"]["id"]
        long = "x" * 102_401
        for method, params in (("send_text", {"text": long}), ("send_message", {"text": long}),
                               ("edit_message", {"message": message, "text": long}), ("set_chat", {"draft": long}),
                               ("schedule_message", {"at": 1_900_000_000_000, "text": long})):
            answer = anna.try_ask(method, chat=chat, **params)
            self.assertEqual(answer["error"]["data"]["name"], "engine_too_long", method)
        answer = anna.try_ask("send_poll", chat=chat, question="?", options=["x" * 300_000, "y"])
        self.assertEqual(answer["error"]["data"]["name"], "engine_bad_poll")
        anna.stop()
        self.assert_said(anna, chat, [(True, "short")])

    def test_a_line_of_ten_megabytes_is_skipped_and_the_next_one_is_done(self):
        anna, _, chat = self.pair(self.home())

        def send(number, text):
            return json.dumps({"jsonrpc": "2.0", "id": number, "method": "send_text", "params": {"chat": chat, "text": text}}) + "\n"

        code, out, err = anna.godwit("rpc", stdin=send(1, "x" * TEN_MB) + send(2, "short") + "x" * TEN_MB)
        self.assertEqual(code, 0, err)
        lines = [json.loads(line) for line in out.splitlines()]
        refused = [line["error"]["data"]["name"] for line in lines if "error" in line]
        self.assertEqual(refused, ["api_line_too_long", "api_line_too_long"])
        self.assertEqual([line["id"] for line in lines if "result" in line], [2])
        self.assert_said(anna, chat, [(True, "short")])

    def test_a_program_that_says_too_much_on_the_socket_disturbs_nobody(self):
        anna, boris, chat = self.pair(self.home())
        process, places = self.serve(anna)
        token, address = self.token(anna), places[0].removeprefix("unix:")
        stranger = Program(address)
        try:
            stranger.write("x" * TEN_MB + "\n")
        except OSError:
            pass  # it was cut off on the way
        loud, quiet = Program(address, token), Program(address, token)
        loud.write("x" * TEN_MB + "\n")
        line = loud.read()
        while "method" in line:
            line = loud.read()
        self.assertEqual(line["error"]["data"]["name"], "api_line_too_long")
        for number, each in ((7, loud), (8, quiet)):
            self.assertIn("result", each.ask("send_text", number, chat=chat, text=f"said by {number}"))
        boris.must("listen", "--count", "2", "--timeout", "20")
        for each in (stranger, loud, quiet):
            each.close()
        self.stop(process)
        self.assert_said(boris, chat, [(False, "said by 7"), (False, "said by 8")])

    def test_of_a_thousand_reactions_of_one_person_eight_stay(self):
        anna, boris, chat = self.pair(self.home())
        for each in (anna, boris):
            each.start()
        message = anna.ask("send_text", chat=chat, text="well?")["message"]["id"]
        boris.received("well?")
        for number in range(1_000):
            boris.ask("react", chat=chat, message=message, reaction=f"r{number:03}")
        for reaction in ("", "two words and more of them than anybody can bear to read in one reaction", "x\u202ey", "a\nb"):
            answer = boris.try_ask("react", chat=chat, message=message, reaction=reaction)
            self.assertEqual(answer["error"]["data"]["name"], "engine_bad_reaction", reaction)
        newest = [f"r{number:03}" for number in range(992, 1_000)]

        def seen(person):
            return sorted(each["reaction"] for each in person.ask("read_message", chat=chat, message=message)["message"]["reactions"])

        for each in (anna, boris):
            until(lambda each=each: seen(each) == newest, f"{each.name} sees the newest eight", 60)


if __name__ == "__main__":
    main()
