"""Who one is: several profiles, whom one verifies, what the words bring back and whom one blocks, by the JSON API over real sockets."""

import json
import os
import time

from people import Person, meet, until
from world import World, main


class People(World):
    def nobody(self, name):
        """A profile that `godwit rpc` has begun, without an account."""
        person = Person(name, os.path.join(self.folder, name.lower()))
        self.started.append(person)
        person.start("--make-profile")
        return person

    def account(self, person):
        return person.ask("read_account")["account"]

    def chats(self, person):
        """The names of a running person's chats."""
        return sorted(each["name"] for each in person.ask("list_chats")["chats"])

    def texts(self, person, chat):
        answer = person.try_ask("read_history", chat=chat)
        return [each["text"] for each in answer["result"]["messages"]] if "result" in answer else []


class Beginning(People):
    def test_a_program_makes_an_account_and_talks_without_any_command(self):
        home = self.home()
        anna, boris = self.nobody("Anna"), self.nobody("Boris")
        self.assert_refused(anna, "engine_no_account", "read_account")
        self.assert_refused(anna, "engine_no_account", "make_invite")
        for name in ("", "An\nna", "Anna\u202eexe", "A" * 65):
            answer = anna.try_ask("new_account", name=name, home_link=home.link())
            self.assertIn(answer["error"]["data"]["name"], ("engine_not_text", "engine_too_long"), name)
        for each in (anna, boris):
            made = each.ask("new_account", 60, name=each.name, home_link=home.link())
            self.assertEqual(made["account"], self.account(each))
        self.assert_refused(anna, "engine_account_exists", "new_account", name="Again", home_link=home.link())
        link = anna.ask("make_invite")["link"]
        chat = boris.ask("add_contact", 60, link=link)["chat"]["chat"]
        until(lambda: self.chats(anna) == ["Boris"], "they have met")
        boris.ask("send_text", chat=chat, text="hello")
        anna.received("hello")

    def test_profiles_on_one_machine_share_nothing(self):
        home = self.home()
        work, private = self.person("Work", home), self.person("Private", home)
        boris = self.person("Boris", home)
        chat = meet(work, boris)
        for each in (work, private, boris):
            each.start()
        self.assertNotEqual(self.account(work), self.account(private))
        work.ask("send_text", chat=chat, text="from work")
        boris.received("from work")
        self.assertEqual((self.chats(work), self.chats(private)), (["Boris"], []))
        self.assertEqual(private.ask("search_messages", query="work")["messages"], [])
        self.assert_refused(private, "engine_no_such_chat", "send_text", chat=chat, text="not mine")
        for each in (work, private):
            each.stop()
        self.assert_fails(private.godwit("chats", secrets=["--key-file", work.key_file]), 3, "engine_wrong_passphrase")
        inodes = [{os.stat(os.path.join(folder, name)).st_ino for folder, _, names in os.walk(each.folder) for name in names}
                  for each in (work, private)]
        self.assertFalse(inodes[0] & inodes[1])

    def test_profiles_are_listed_without_opening_any(self):
        home = self.home()
        work, private = self.person("Work", home), self.person("Private", home)
        os.makedirs(os.path.join(self.folder, "other"))
        with open(os.path.join(self.folder, "other", "header"), "wb") as out:
            out.write(b"no profile")
        os.mkfifo(os.path.join(self.folder, "header"))

        def listed():
            found = json.loads(work.must("profiles", "--json"))
            return {each["folder"]: each for each in found if each["folder"] in (work.folder, private.folder)}, len(found)

        before, count = listed()
        self.assertEqual((sorted(before), count), (sorted([work.folder, private.folder]), 2))
        self.assertEqual({(each["state"], each["key_file"]) for each in before.values()}, {("free", True)})
        os.utime(os.path.join(private.folder, "lock"), (1_000_000_000, 1_000_000_000))
        self.assertEqual(listed()[0][private.folder]["last_used_ms"], 1_000_000_000_000)
        started = time.time()
        private.start()
        private.ask("read_account")  # it runs
        after = listed()[0]
        self.assertEqual([after[each.folder]["state"] for each in (work, private)], ["free", "in use"])
        self.assertGreaterEqual(after[private.folder]["last_used_ms"], int(started) * 1000)
        self.assertRegex(work.must("profiles"), r"key file {4}in use {2}" + private.folder + "\n")
        private.stop()
        self.assertEqual(listed()[0][private.folder]["state"], "free")

    def test_without_a_folder_the_profile_is_the_users_own(self):
        home = self.home()
        anna = self.person("Anna", home)
        anna.environment = {"HOME": self.folder, "XDG_DATA_HOME": "", "GODWIT_PASSPHRASE": "correct horse"}
        anna.globals = lambda: []
        anna.must("new", "--name", "Other", "--home", home.link(), timeout=70)
        folder = os.path.join(self.folder, ".local", "share", "godwit")
        self.assertTrue(os.path.exists(os.path.join(folder, "header")))
        self.assertEqual(os.stat(folder).st_mode & 0o077, 0, "nobody else looks into it")
        self.assertIn("Other", anna.must("status"))


class Trust(People):
    def test_each_pair_has_its_own_number_and_who_was_compared_stays_so(self):
        home = self.home()
        anna, boris, clara = (self.person(name, home) for name in ("Anna", "Boris", "Clara"))
        chats = {person: meet(anna, person) for person in (boris, clara)}
        for each in (anna, boris, clara):
            each.start()

        def number(person, chat):
            return person.ask("read_safety_number", chat=chat)["digits"]

        def verified(person):
            return {each["name"]: each["verified"] for each in person.ask("list_chats")["chats"]}

        for other, chat in chats.items():
            self.assertEqual(number(anna, chat), number(other, chat))
        self.assertNotEqual(number(anna, chats[boris]), number(anna, chats[clara]))
        inviter = {each["name"]: each["inviter"] for each in anna.ask("list_chats")["chats"]}
        self.assertEqual(inviter, {"Boris": True, "Clara": True}, "she was the one whose invites were taken")
        self.assertEqual(verified(anna), {"Boris": False, "Clara": False})
        anna.ask("mark_verified", chat=chats[boris])
        anna.kill()
        anna.start()
        self.assertEqual(verified(anna), {"Boris": True, "Clara": False})
        before = number(anna, chats[boris])
        anna.ask("refresh_keys", chat=chats[boris])
        self.assertEqual(number(anna, chats[boris]), before, "it is of the people, not of the keys of the day")
        self.assert_refused(anna, "engine_no_such_chat", "mark_verified", chat="00" * 16)

    def test_a_block_holds_over_crashes_and_against_new_invites(self):
        home = self.home()
        anna, boris, clara = (self.person(name, home) for name in ("Anna", "Boris", "Clara"))
        chat = meet(anna, boris)
        for each in (anna, boris, clara):
            each.start()
        account = self.account(boris)
        anna.ask("block_account", account=account)
        anna.kill()
        anna.start()
        self.assertEqual(anna.ask("list_blocked")["accounts"], [account])
        boris.ask("send_text", chat=chat, text="are you there?")
        # He comes again by an invite that he has from somebody; Clara comes after him by another one.
        links = [anna.ask("make_invite")["link"] for _ in range(2)]
        again = boris.try_ask("add_contact", 60, link=links[0])
        clara_chat = clara.ask("add_contact", 60, link=links[1])["chat"]["chat"]
        if "result" in again:
            boris.ask("send_text", chat=again["result"]["chat"]["chat"], text="it is me again")
        clara.ask("send_text", chat=clara_chat, text="hello")
        anna.received("hello")
        self.assertEqual([text for each in anna.ask("list_chats")["chats"] for text in self.texts(anna, each["chat"])], ["hello"])
        anna.ask("unblock_account", account=account)
        self.assertEqual(anna.ask("list_blocked")["accounts"], [])
        self.assert_refused(anna, "engine_not_blocked", "unblock_account", account=account)

    def test_a_name_is_claimed_found_and_asked_over_the_api(self):
        home = self.home()
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        for each in (anna, boris):
            each.start()
        self.assertEqual(anna.ask("read_name"), {"name": "", "passcode": False})
        name = anna.ask("claim_name", 60, name="anna.k", passcode="tulips")["name"]
        self.assertEqual(anna.ask("read_name"), {"name": name, "passcode": True})
        self.assert_refused(anna, "engine_has_name", "claim_name", name="other.name")
        self.assert_refused(boris, "engine_no_such_name", "resolve_name", name=name)
        found = boris.ask("resolve_name", 60, name=name, passcode="tulips")
        self.assertEqual((found["account"], found["name"]), (self.account(anna), "Anna"))
        boris.ask("send_contact_request", 90, link=found["link"], greeting="hello from Sunday")
        anna.wait(lambda method, params: method == "contact_requests_changed" and params["count"] == 1, "somebody asks")
        listed = anna.ask("list_contact_requests")["requests"]
        self.assertEqual([sorted(each) for each in listed], [["received", "request"]], "nothing of what it says")
        opened = anna.ask("open_contact_request", request=listed[0]["request"])
        self.assertEqual((opened["name"], opened["greeting"], opened["account"]), ("Boris", "hello from Sunday", self.account(boris)))
        chat = anna.ask("accept_contact_request", 60, request=listed[0]["request"])["chat"]["chat"]
        anna.ask("send_text", chat=chat, text="you found me")
        boris.received("you found me")
        anna.ask("release_name", 60)
        self.assert_refused(boris, "engine_no_such_name", "resolve_name", name=name, passcode="tulips")


class Words(People):
    def test_the_words_bring_back_name_and_contacts_and_throw_the_old_device_out(self):
        home, other_home = self.home(), self.home("other")
        anna = self.nobody("Anna")
        made = anna.ask("new_account", 60, name="Anna", home_link=home.link())
        words, account = made["recovery_key"], made["account"]
        boris = self.person("Boris", home)
        boris.start()
        boris.ask("add_contact", 60, link=anna.ask("make_invite")["link"])
        until(lambda: self.chats(anna) == ["Boris"], "they have met")
        anna.ask("send_text", chat=anna.ask("list_chats")["chats"][0]["chat"], text="before")
        boris.received("before")
        anna.stop()  # once all that was begun is done, as keeping her contacts at the home
        anna.start()
        fresh = self.nobody("Fresh")
        asked = {"recovery_key": words, "home_link": home.link(), "name": "New phone"}
        mistyped = ("A" if words[0] != "A" else "B") + words[1:]
        self.assert_refused(fresh, "engine_recovery_key_mistyped", "recover_account", **{**asked, "recovery_key": mistyped})
        self.assert_refused(fresh, "engine_no_such_account", "recover_account", **{**asked, "home_link": other_home.link()})
        self.assert_refused(fresh, "engine_no_account", "read_account")
        back = fresh.ask("recover_account", 60, **asked)
        self.assertEqual((back["account"], back["name"], back["contacts"]), (account, "Anna", ["Boris"]))
        anna.wait(lambda method, params: method == "trouble" and params["error"]["name"] in
                  ("wire_no_such_mailbox", "engine_device_removed"), "the old device is told that it is out", 60)
        self.assertEqual(fresh.ask("read_account")["former_contacts"], ["Boris"])
        self.assertEqual([each["name"] for each in fresh.ask("list_devices")["devices"]], ["New phone"])
        chat = boris.ask("add_contact", 60, link=fresh.ask("make_invite")["link"])["chat"]["chat"]
        until(lambda: fresh.ask("read_account")["former_contacts"] == [], "she has met Boris again", 60)
        boris.ask("send_text", chat=chat, text="is that you?")
        fresh.received("is that you?", 60)

    def test_an_account_whose_home_is_gone_begins_at_another(self):
        home, haven = self.home(), self.home("haven")
        anna = self.nobody("Anna")
        made = anna.ask("new_account", 60, name="Anna", home_link=home.link())
        boris = self.person("Boris", haven)
        boris.start()
        boris.ask("add_contact", 60, link=anna.ask("make_invite")["link"])
        until(lambda: self.chats(anna) == ["Boris"], "they have met")
        boris.ask("mark_verified", chat=boris.ask("list_chats")["chats"][0]["chat"])
        anna.stop()
        home.stop()
        fresh = self.nobody("Fresh")
        back = fresh.ask("recover_account", 60, recovery_key=made["recovery_key"], home_link=haven.link(), name="New phone",
                         own_name="Anna", at_new_home=True)
        self.assertEqual(back, {"account": made["account"], "name": "Anna", "contacts": []})
        chat = boris.ask("add_contact", 60, link=fresh.ask("make_invite")["link"])["chat"]
        self.assertTrue(chat["verified"], "it is the account whose number he compared")
        boris.ask("send_text", chat=chat["chat"], text="where were you?")
        fresh.received("where were you?", 60)


if __name__ == "__main__":
    main()
