"""Names, contact requests, invites for many and blocks: real programs over real sockets."""

import json
import os
import re
import time

from people import meet, until
from world import World, main

# What turns the direction of a line: a name with it could pass for another one.
OVERRIDE = "\u202e"


def waiting(person):
    """The ids of the contact requests that wait, as `requests` prints them."""
    return [line.split()[0] for line in person.must("requests").splitlines()]


class Names(World):
    def passcode(self, text):
        """A file with a passcode."""
        path = os.path.join(self.folder, "passcode")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        return ["--passcode-file", path]

    def test_a_stranger_asks_by_name_and_nothing_of_it_shows_before_it_is_opened(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        name = anna.must("name", "claim", "Anna_K").strip()
        self.assertRegex(name, r"^anna_k@\S+$")
        self.assertEqual(anna.must("name").strip(), name)
        self.assertIn("Anna", boris.must("name", "find", name))
        boris.must("request", name, "hello from Sunday", timeout=90)
        listed = anna.must("requests")
        self.assertRegex(listed, r"^[0-9a-f]{12}  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n$")
        request = listed.split()[0]
        opened = anna.must("requests", "open", request)
        self.assertIn("Boris", opened)
        self.assertIn("hello from Sunday", opened)
        self.assertEqual(boris.chats(), [])
        anna.must("requests", "accept", request)
        self.assertEqual(anna.must("requests"), "")
        anna.must("send", "Boris", "you found me")
        self.assertIn("you found me", boris.must("listen", "--count", "1", "--timeout", "20"))

    def test_a_name_with_a_passcode_is_found_by_those_who_know_both(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        self.assert_fails(anna.godwit("name", "claim", "anna", *self.passcode("short")), 1, "engine_passcode_short")
        secret = self.passcode("tulips")
        name = anna.must("name", "claim", "anna", *secret).strip()
        self.assert_fails(boris.godwit("name", "find", name), 1, "engine_no_such_name")
        self.assert_fails(boris.godwit("name", "find", "nobody@" + name.split("@")[1]), 1, "engine_no_such_name")
        self.assertIn("Anna", boris.must("name", "find", name, *secret))
        self.assert_fails(boris.godwit("name", "claim", "ANNA"), 1, "engine_name_taken")
        anna.must("name", "release")
        self.assertEqual(anna.must("name"), "")
        self.assertEqual(boris.must("name", "claim", "ANNA").strip(), name)

    def test_names_that_could_pass_for_others_are_refused(self):
        home = self.home()
        anna = self.person("Anna", home)
        for bad in ("an" + OVERRIDE + "na", "anna ", "аnna", "ana..x", "xx", "оре", "anna\u200b"):
            self.assert_fails(anna.godwit("name", "claim", bad), 1, "engine_bad_name")
        self.assert_fails(anna.godwit("name", "find", "anna@elsewhere.example"), 1, "engine_unknown_name_home")
        boris = self.person("Boris", home)
        name = anna.must("name", "claim", "anna").strip()
        self.assert_fails(boris.godwit("request", name, "hi " + OVERRIDE + "there", timeout=90), 1, "engine_not_text")

    def test_a_request_that_was_declined_is_gone(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        name = anna.must("name", "claim", "anna").strip()
        boris.must("request", name, timeout=90)
        request = waiting(anna)[0]
        anna.must("requests", "decline", request)
        self.assertEqual(waiting(anna), [])
        self.assert_fails(anna.godwit("requests", "accept", request), 1, "engine_no_such_request")
        self.assertEqual(boris.chats(), [])
        boris.must("request", name, timeout=90)
        self.assertEqual(len(waiting(anna)), 1)
        anna.must("requests", "decline-all")
        self.assertEqual(waiting(anna), [])

    def test_an_invite_for_one_is_used_once_and_a_revoked_one_not_at_all(self):
        home = self.home()
        anna, boris, clara = (self.person(name, home) for name in ("Anna", "Boris", "Clara"))
        link = anna.must("invites", "make", "--uses", "1").strip()
        self.assertRegex(link, r"^godwit:m#[A-Za-z0-9_-]+$")
        boris.must("request", link, timeout=90)
        anna.start()
        until(lambda: len(anna.ask("list_chats")["chats"]) == 1, "Boris is let in")
        until(lambda: anna.ask("list_open_invites")["invites"] == [], "the invite is used up")
        anna.stop()
        self.assert_fails(clara.godwit("request", link, timeout=90), 1, "engine_invite_refused")
        other = anna.must("invites", "make").strip()
        invite = json.loads(anna.must("invites", "--json"))["invites"][0]["invite"]
        anna.must("invites", "revoke", invite[:12])
        self.assert_fails(clara.godwit("request", other, timeout=90), 1, "engine_invite_refused")
        self.assert_fails(clara.godwit("request", link[:-1]), 1, "engine_link_damaged")
        self.assert_fails(anna.godwit("invites", "make", "--days", "0"), 1, "engine_bad_invite_days")

    def test_nothing_comes_from_somebody_who_is_blocked(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        account = anna.must("block", "Boris").strip()
        self.assertTrue(re.fullmatch(r"[0-9a-f]{64}", account))
        self.assertEqual(anna.must("blocked").strip(), account)
        boris.godwit("send", "Anna", "are you there?", "--wait", "3")
        anna.must("listen", "--timeout", "2")
        self.assert_said(anna, chat, [])
        anna.must("unblock", account)
        self.assert_fails(anna.godwit("unblock", account), 1, "engine_not_blocked")
        boris.must("send", "Anna", "and now?")
        self.assertIn("and now?", anna.must("listen", "--count", "1", "--timeout", "20"))


class NameApi(World):
    """The same by the JSON API: what each side sees of invites that are over and of requests that are declined."""

    def setUp(self):
        super().setUp()
        home = self.home()
        self.anna, self.boris = self.person("Anna", home), self.person("Boris", home)
        for each in (self.anna, self.boris):
            each.start()

    def test_an_invite_for_many_lets_in_until_it_is_revoked(self):
        link = self.anna.ask("make_open_invite", uses=2, days=7)["link"]
        listed = self.anna.ask("list_open_invites")["invites"]
        self.assertEqual([(each["link"], each["uses_left"]) for each in listed], [(link, 2)])
        self.boris.ask("send_contact_request", 90, link=link, greeting="it is me")
        self.anna.wait(lambda method, params: method == "chat_changed" and params["chat"]["name"] == "Boris", "he is in")
        until(lambda: [each["name"] for each in self.boris.ask("list_chats")["chats"]] == ["Anna"], "he sees it")
        self.assertEqual(self.anna.ask("list_contact_requests"), {"requests": []}, "nobody was asked")
        listed = self.anna.ask("list_open_invites")["invites"]
        self.assertEqual(listed[0]["uses_left"], 1)
        self.anna.ask("revoke_open_invite", invite=listed[0]["invite"])
        self.assertEqual(self.anna.ask("list_open_invites"), {"invites": []})
        self.assert_refused(self.anna, "engine_no_such_invite", "revoke_open_invite", invite=listed[0]["invite"])
        clara = self.person("Clara", self.started[0])
        clara.start()
        until(lambda: clara.try_ask("send_contact_request", 90, link=link).get("error", {}).get("data", {}).get("name")
              == "engine_invite_refused", "she is not let in")
        self.assertEqual(clara.ask("list_chats"), {"chats": []})
        self.assertEqual(len(self.anna.ask("list_chats")["chats"]), 1)
        for days in (0, 366):
            self.assert_refused(self.anna, "engine_bad_invite_days", "make_open_invite", days=days)

    def test_an_invite_for_one_that_was_revoked_lets_nobody_in(self):
        link = self.anna.ask("make_invite")["link"]
        invite = self.anna.ask("list_invites")["invites"][0]
        self.assertEqual(invite["link"], link)
        self.anna.ask("revoke_invite", invite=invite["invite"])
        self.assertEqual(self.anna.ask("list_invites"), {"invites": []})
        self.assert_refused(self.anna, "engine_no_such_invite", "revoke_invite", invite=invite["invite"])
        until(lambda: self.boris.try_ask("add_contact", 60, link=link).get("error", {}).get("data", {}).get("name")
              == "engine_invite_refused", "he is not let in")
        for each in (self.anna, self.boris):
            self.assertEqual(each.ask("list_chats"), {"chats": []})

    def test_who_is_declined_hears_nothing_and_may_ask_again(self):
        name = self.anna.ask("claim_name", 60, name="anna")["name"]
        link = self.boris.ask("resolve_name", 60, name=name)["link"]

        def ask(person, count):
            person.ask("send_contact_request", 90, link=link)
            until(lambda: len(self.anna.ask("list_contact_requests")["requests"]) == count, f"{count} wait")
        clara = self.person("Clara", self.started[0])
        clara.start()
        before = len(self.boris.notices)
        ask(self.boris, 1)
        request = self.anna.ask("list_contact_requests")["requests"][0]["request"]
        self.anna.ask("decline_contact_request", request=request)
        self.assertEqual(self.anna.ask("list_contact_requests"), {"requests": []})
        for method in ("decline_contact_request", "accept_contact_request", "open_contact_request"):
            self.assert_refused(self.anna, "engine_no_such_request", method, request=request)
        ask(self.boris, 1)
        ask(clara, 2)
        self.anna.ask("decline_contact_requests")
        self.assertEqual(self.anna.ask("list_contact_requests"), {"requests": []})
        self.anna.ask("decline_contact_requests")  # none is as good
        told = [each for each in self.boris.notices[before:] if each[1]["method"] not in ("connection_changed", "account_changed")]
        self.assertEqual(told, [], "he hears nothing")
        for each in (self.boris, clara):
            self.assertEqual(each.ask("list_chats"), {"chats": []})


class Floods(World):
    """Somebody's program sends as fast as it can, over real sockets, to an address that he was given."""

    def flood(self, person, method, times, **params):
        """Asks for it so often and waits for no answer; `{}` in a text becomes the number."""
        for number in range(times):
            filled = {key: value.format(number) for key, value in params.items()}
            line = json.dumps({"jsonrpc": "2.0", "id": f"flood {number}", "method": method, "params": filled})
            person.process.stdin.write(line.encode() + b"\n")
        person.process.stdin.flush()

    def sent(self, person):
        """How many messages of a running program its home has taken."""
        return sum(each["method"] == "message_moved" and each["params"]["delivery"] == "sent" for _, each in list(person.notices))

    def settled(self, count):
        """Waits until count() stays as it is for two seconds, and gives it."""
        seen = [count(), time.monotonic()]

        def quiet():
            now = count()
            if now != seen[0]:
                seen[:] = [now, time.monotonic()]
            return time.monotonic() - seen[1] > 2
        until(quiet, "nothing more goes out", 60)
        return seen[0]

    def test_a_stranger_who_floods_an_invite_fills_no_mailbox_and_keeps_nobody_out(self):
        home = self.home(stranger_items_max=6)
        anna, boris, clara, mallory = (self.person(name, home) for name in ("Anna", "Boris", "Clara", "Mallory"))
        meet(anna, boris)
        link = anna.must("invites", "make").strip()  # and now she is away: all of it lies at the home
        mallory.start()
        self.flood(mallory, "send_contact_request", 40, link=link, greeting="x" * 190 + "{}")
        until(lambda: mallory.answers, "the first of them is at the home", 60)
        clara.start()
        self.flood(clara, "send_contact_request", 1, link=link, greeting="hello")
        boris.must("send", "Anna", "from a friend")  # ends with 0 once the home has it
        taken = self.settled(lambda: sum("result" in each for each in list(mallory.answers.values())))
        self.assertLess(taken, 7, "of the forty no more than may wait were taken")
        mallory.kill()
        anna.start()
        anna.received("from a friend")
        until(lambda: "Clara" in [each["name"] for each in anna.ask("list_chats")["chats"]], "Clara is in", 90)
        self.assertLess(len(anna.ask("list_chats")["chats"]), 4, "Mallory is in once at most")

    def test_a_contact_who_floods_fills_his_own_address_alone(self):
        home = self.home(address_items_max=20, queue_items_max=100)
        anna, boris, mallory = (self.person(name, home) for name in ("Anna", "Boris", "Mallory"))
        meet(anna, boris)
        chat = meet(anna, mallory)
        invite = anna.must("invite").strip()
        mallory.start()
        self.flood(mallory, "send_text", 300, chat=chat, text="buy this {}")
        until(lambda: self.sent(mallory) > 5, "the home takes some")
        taken = self.settled(lambda: self.sent(mallory))
        self.assertLess(taken, 21, "and no more than may wait by one address")
        boris.must("send", "Anna", "from a friend")
        clara = self.person("Clara", home)
        clara.must("add", invite, "--wait", "5")
        anna.start()
        anna.received("from a friend")
        until(lambda: "Clara" in [each["name"] for each in anna.ask("list_chats")["chats"]], "Clara is in")
        # What he says goes on coming as she takes it, and she can cut it off.
        account = next(each["peer"] for each in anna.ask("list_chats")["chats"] if each["name"] == "Mallory")
        anna.ask("block_account", account=account)
        here = self.settled(lambda: len(anna.ask("read_history", chat=chat, count=200)["messages"]))
        self.assertLess(here, 300)


if __name__ == "__main__":
    main()
