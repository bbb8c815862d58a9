"""A group of four: made, talked in, changed, left. Real programs over real sockets, by the command line and by the JSON API."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from people import meet, until
from world import World, main


class GroupWorld(World):
    """Anna has met three others."""

    def setUp(self):
        super().setUp()
        self.house = self.home()
        self.anna, self.boris, self.clara, self.dora = self.everybody = [
            self.person(name, self.house) for name in ("Anna", "Boris", "Clara", "Dora")]
        for each in self.everybody[1:]:
            meet(self.anna, each)

    def start_all(self):
        for each in self.everybody:
            each.start()

    def make_group(self, others):
        """Made by Anna over the API; gives its id when all `others` are in and know each other."""
        group = self.anna.ask("new_group", name="Friends")["chat"]["chat"]
        self.anna.ask("add_members", chat=group, accounts=[self.account(each) for each in others])
        for each in (self.anna, *others):
            until(lambda each=each: len(self.members(each, group)) == len(others) + 1, f"{each.name} sees all members", 60)
        return group

    def account(self, person):
        return person.ask("read_account")["account"]

    def members(self, person, group):
        """What each member is, by name, as `person` sees it."""
        answer = person.try_ask("list_members", chat=group)
        return {each["name"]: each["role"] for each in answer["result"]["members"]} if "result" in answer else {}

    def say(self, person, group, text):
        return person.ask("send_text", chat=group, text=text)["message"]["id"]

    def see(self, person, group, message, wanted, text):
        """Waits until `person` has the message, and sees it as wanted."""
        def looks():
            answer = person.try_ask("read_message", chat=group, message=message)
            return "result" in answer and wanted(answer["result"]["message"])
        until(looks, f"{person.name} sees {text}", 60)


class Groups(GroupWorld):
    def test_a_group_of_the_command_line_from_its_beginning_to_its_end(self):
        for each in self.everybody[1:]:
            each.start()
        made = self.anna.must("group", "new", "Friends", "Boris", "Clara", timeout=100)
        self.assertRegex(made, r"^[0-9a-f]{32}  Friends\n$")
        group = made.split()[0]
        for each in (self.boris, self.clara):
            until(lambda each=each: len(self.members(each, group)) == 3, f"{each.name} is in", 60)
        self.assertRegex(self.anna.must("group", "members", "Friends"), r"owner +Anna \(you\)")
        self.assertRegex(self.anna.must("chats"), r"Friends +group")
        self.assertEqual(self.anna.godwit("group", "settings", "Friends")[0], 2)
        self.say(self.boris, group, "hello from Boris")
        self.clara.received("hello from Boris", 60)
        self.assertIn("Boris: hello from Boris", self.anna.must("listen", "--count", "1", "--timeout", "30"))
        self.anna.must("group", "role", "Friends", "Boris", "admin", timeout=100)
        self.anna.must("group", "rename", "Friends", "Old friends", timeout=100)
        until(lambda: self.members(self.clara, group)["Boris"] == "admin", "the role is known to all", 60)
        self.assert_fails(self.anna.godwit("group", "remove", "Old friends", "Nobody"), 1, "engine_no_such_member")
        self.anna.must("group", "remove", "Old friends", "Clara", timeout=100)
        until(lambda: "Clara" not in self.members(self.boris, group), "Clara is out", 60)
        # What she says before she has heard of it is taken, and goes nowhere.
        answers = []
        until(lambda: "error" in (answers.append(self.clara.try_ask("send_text", chat=group, text="still here")) or answers[-1]), "Clara knows", 60)
        self.assertEqual(answers[-1]["error"]["data"]["name"], "engine_not_member")
        self.assert_fails(self.anna.godwit("group", "leave", "Old friends"), 1, "engine_last_owner")
        self.boris.ask("leave_group", chat=group)
        self.anna.start()
        until(lambda: "Boris" not in self.members(self.anna, group), "Boris has left", 90)
        self.anna.stop()
        shown = self.anna.must("history", "Old friends")
        self.assertIn("Boris: hello from Boris", shown)
        for line in ("[Anna made the group]", "[Anna let Clara in]", "[Anna made Boris an admin]", "[Anna removed Clara]", "[Boris left]"):
            self.assertIn(line, shown)

    def test_everybody_hears_everybody_also_after_all_were_killed(self):
        self.start_all()
        group = self.make_group(self.everybody[1:])
        for each in self.everybody:
            self.say(each, group, f"from {each.name}")
        for each in self.everybody:
            for other in self.everybody:
                if other is not each:
                    each.received(f"from {other.name}", 60)
        for each in self.everybody:
            each.kill()
            each.start()
        self.say(self.dora, group, "once more")
        for each in self.everybody[:3]:
            each.received("once more", 60)
        expected = sorted([f"from {each.name}" for each in self.everybody] + ["once more"])
        orders = []
        for each in self.everybody:
            texts = [message["text"] for message in each.ask("read_history", chat=group, count=50)["messages"] if not message["line"]]
            self.assertEqual(sorted(texts), expected, each.name)
            orders.append(texts)
        self.assertEqual(orders, [orders[0]] * 4, "one order for all")

    def test_who_was_away_while_somebody_was_removed_follows_and_the_removed_one_does_not(self):
        self.start_all()
        group = self.make_group(self.everybody[1:])
        self.clara.kill()
        self.anna.ask("remove_member", 60, chat=group, account=self.account(self.dora))
        until(lambda: "Dora" not in self.members(self.boris, group), "Boris knows that Dora is out", 60)
        self.say(self.boris, group, "after Dora")
        self.anna.received("after Dora", 60)
        self.clara.start()
        self.clara.received("after Dora", 60)
        until(lambda: not any(each["chat"] == group and each["member"] for each in self.dora.ask("list_chats")["chats"]),
              "Dora knows that she is out", 60)
        texts = [message["text"] for message in self.dora.ask("read_history", chat=group, count=50)["messages"]]
        self.assertNotIn("after Dora", texts)
        self.say(self.clara, group, "back again")
        self.boris.received("back again", 60)

    def test_rights_are_kept_by_every_program(self):
        self.start_all()
        group = self.make_group([self.boris, self.clara])
        for method, more in (("rename_group", {"name": "Mine"}), ("remove_member", {"account": self.account(self.clara)}),
                             ("set_role", {"account": self.account(self.boris), "role": "owner"})):
            answer = self.boris.try_ask(method, chat=group, **more)
            self.assertEqual(answer["error"]["data"]["name"], "engine_not_allowed", method)
        self.anna.ask("set_group_settings", 60, chat=group, announcement_only=True)
        until(lambda: self.boris.ask("list_members", chat=group)["announcement_only"], "only admins write", 60)
        self.assertEqual(self.boris.try_ask("send_text", chat=group, text="psst")["error"]["data"]["name"], "engine_not_allowed")
        news = self.say(self.anna, group, "news")
        self.boris.received("news", 60)
        self.boris.ask("react", chat=group, message=news, reaction="👍")
        self.see(self.clara, group, news, lambda message: message["reactions"], "the reaction")


class Races(GroupWorld):
    def at_once(self, *calls):
        """Each (person, method, params) at the same moment; gives for each the name of its refusal, or ""."""
        start = threading.Barrier(len(calls))

        def call(person, method, params):
            start.wait()
            answer = person.try_ask(method, 60, **params)
            return answer["error"]["data"]["name"] if "error" in answer else ""
        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(lambda each: call(*each), calls))

    def test_one_whom_two_remove_and_promote_at_once_is_the_same_to_all(self):
        self.start_all()
        group = self.make_group(self.everybody[1:])
        self.anna.ask("set_role", 60, chat=group, account=self.account(self.boris), role="owner")
        until(lambda: self.members(self.boris, group).get("Boris") == "owner", "Boris may as much as Anna", 60)
        for whom, remover, promoter in ((self.clara, self.anna, self.boris), (self.dora, self.boris, self.anna)):
            account = self.account(whom)
            removed, promoted = self.at_once((remover, "remove_member", {"chat": group, "account": account}),
                                             (promoter, "set_role", {"chat": group, "account": account, "role": "admin"}))
            self.assertIn(removed, ("", "engine_overtaken"))
            self.assertIn(promoted, ("", "engine_overtaken", "engine_no_such_member"))
            # What one says after his answer is read by the other only once the other knows all that stood before it.
            for one, other in ((self.anna, self.boris), (self.boris, self.anna)):
                self.say(one, group, f"{one.name} after {whom.name}")
                other.received(f"{one.name} after {whom.name}", 60)
            seen = self.members(self.anna, group)
            self.assertEqual(seen, self.members(self.boris, group))
            self.assertEqual(seen.get(whom.name), None if removed == "" else "admin")
            if removed == "":
                until(lambda whom=whom: not any(each["chat"] == group and each["member"] for each in whom.ask("list_chats")["chats"]),
                      f"{whom.name} knows of it", 60)
            else:
                until(lambda whom=whom, seen=seen: self.members(whom, group) == seen, f"{whom.name} sees the same", 60)


class Content(GroupWorld):
    def test_what_is_done_to_messages_is_seen_by_all(self):
        self.start_all()
        group = self.make_group([self.boris, self.clara])
        first = self.say(self.boris, group, "a mistaek")
        for each in (self.anna, self.clara):
            each.received("a mistaek", 60)
        answer = self.clara.ask("send_message", chat=group, text="which one?", reply_to=first)["message"]["id"]
        self.anna.received("which one?", 60)
        self.see(self.anna, group, answer, lambda message: message["reply_to"] == first, "the reply")
        self.boris.ask("edit_message", chat=group, message=first, text="a mistake")
        self.clara.ask("react", chat=group, message=first, reaction="👍")
        self.see(self.anna, group, first, lambda message: message["text"] == "a mistake" and message["edits"] == 1 and
                 [each["reaction"] for each in message["reactions"]] == ["👍"], "edit and reaction")
        refused = self.clara.try_ask("edit_message", chat=group, message=first, text="mine")
        self.assertEqual(refused["error"]["data"]["name"], "engine_not_your_message")
        self.anna.ask("pin_message", chat=group, message=first, pinned=True)
        until(lambda: [each["id"] for each in self.boris.ask("list_pinned", chat=group)["messages"]] == [first], "it is pinned", 60)
        self.anna.ask("delete_message", chat=group, message=answer, for_everyone=True)
        self.see(self.boris, group, answer, lambda message: message["deleted"] and message["text"] == "" and
                 message["deleted"]["by_admin"], "what the admin took away")

    def test_a_poll_is_counted_alike_and_closed_by_its_author(self):
        self.start_all()
        group = self.make_group([self.boris, self.clara])
        poll = self.boris.ask("send_poll", chat=group, question="When?", options=["Monday", "Tuesday"])["message"]["id"]
        for each, choice in ((self.anna, 0), (self.clara, 1)):
            each.wait(lambda method, params: method == "message_received" and params["message"]["id"] == poll, "the poll", 60)
            each.ask("vote", chat=group, message=poll, choices=[choice])
        for each in (self.anna, self.boris, self.clara):
            self.see(each, group, poll, lambda message: [each["votes"] for each in message["poll"]["options"]] == [1, 1], "both votes")
        self.assertIn("error", self.clara.try_ask("close_poll", chat=group, message=poll))
        self.boris.ask("close_poll", chat=group, message=poll)
        self.see(self.clara, group, poll, lambda message: message["poll"]["closed"], "the end of the poll")
        self.assertIn("error", self.clara.try_ask("vote", chat=group, message=poll, choices=[0]))

    def test_a_poll_that_ends_by_itself_takes_no_votes_after_that(self):
        self.start_all()
        group = self.make_group([self.boris])
        end = int(time.time() * 1000) + 1_800_000
        poll = self.anna.ask("send_poll", chat=group, question="When?", options=["Monday", "Tuesday"], closes_at=end)["message"]["id"]
        self.boris.received("When?", 60)
        self.boris.ask("vote", chat=group, message=poll, choices=[1])
        self.see(self.anna, group, poll, lambda message: message["poll"]["voters"] == 1, "the vote")
        for each in (self.anna, self.boris):
            each.stop()
            each.clock_offset = "3600"  # it is an hour later
            each.start()
            refused = each.try_ask("vote", chat=group, message=poll, choices=[0])
            self.assertEqual(refused["error"]["data"]["name"], "engine_poll_closed")
            asked = each.ask("read_message", chat=group, message=poll)["message"]["poll"]
            self.assertEqual((asked["closed"], [each["votes"] for each in asked["options"]]), (True, [0, 1]))
        refused = self.anna.try_ask("send_poll", chat=group, question="When?", options=["Monday", "Tuesday"], closes_at=end)
        self.assertEqual(refused["error"]["data"]["name"], "engine_bad_poll", "it would be over at once")


class Settings(GroupWorld):
    def test_slow_mode_holds_members_back_and_not_admins(self):
        self.start_all()
        group = self.make_group([self.boris, self.clara])
        self.assert_refused(self.boris, "engine_not_allowed", "set_group_settings", chat=group, slow_mode_seconds=60)
        self.assert_refused(self.anna, "engine_bad_setting", "set_group_settings", chat=group, slow_mode_seconds=86_401)
        self.anna.ask("set_group_settings", 60, chat=group, slow_mode_seconds=3_600)
        for each in (self.boris, self.clara):
            until(lambda each=each: each.ask("list_members", chat=group)["slow_mode_seconds"] == 3_600, "slow mode is known", 60)
        first = self.say(self.boris, group, "first")
        self.assert_refused(self.boris, "engine_too_soon", "send_text", chat=group, text="second")
        self.boris.kill()
        self.boris.start()
        self.assert_refused(self.boris, "engine_too_soon", "send_text", chat=group, text="second")
        self.boris.ask("edit_message", chat=group, message=first, text="first!")
        self.say(self.clara, group, "Clara has her own turn")
        for text in ("an admin", "and again"):
            self.say(self.anna, group, text)
        self.clara.received("and again", 60)
        self.anna.ask("set_group_settings", 60, chat=group, slow_mode_seconds=0)
        until(lambda: self.boris.ask("list_members", chat=group)["slow_mode_seconds"] == 0, "it is over", 60)
        self.say(self.boris, group, "second")
        self.clara.received("second", 60)
        self.see(self.clara, group, first, lambda message: message["text"] == "first!", "the edit")

    def test_who_has_a_message_and_who_has_read_it_is_told_of_each_member(self):
        self.start_all()
        group = self.make_group([self.boris, self.clara])
        boris, clara = self.account(self.boris), self.account(self.clara)
        self.clara.stop()
        said = self.say(self.anna, group, "who is there?")
        self.boris.received("who is there?", 60)

        def receipts():
            """(has it, has read it) by account, as Anna knows."""
            return {each["account"]: (each["delivered"], each["read"])
                    for each in self.anna.ask("read_receipts", chat=group, message=said)["receipts"]}

        until(lambda: receipts() == {boris: (True, False), clara: (False, False)}, "Boris has it", 60)
        self.boris.ask("mark_read", chat=group, through=self.boris.ask("read_history", chat=group)["messages"][-1]["position"])
        until(lambda: receipts() == {boris: (True, True), clara: (False, False)}, "Boris has read it", 60)
        message = self.anna.ask("read_message", chat=group, message=said)["message"]
        self.assertEqual((message["delivered_to"], message["read_by"], message["delivery"]), (1, 1, "sent"), "not all have it")
        self.clara.start()
        until(lambda: receipts() == {boris: (True, True), clara: (True, False)}, "Clara has it", 60)
        self.see(self.anna, group, said, lambda message: (message["delivered_to"], message["read_by"], message["delivery"]) ==
                 (2, 1, "delivered"), "that all have it")


class LostHome(GroupWorld):
    """The group's log is at Anna's home; the others live at another one."""

    def setUp(self):
        World.setUp(self)
        self.first, self.second = self.home("first", address="127.0.0.2"), self.home("second")
        self.anna = self.person("Anna", self.first)
        self.boris, self.clara, self.dora = (self.person(name, self.second) for name in ("Boris", "Clara", "Dora"))
        meet(self.anna, self.boris)
        meet(self.anna, self.clara)
        meet(self.boris, self.dora)
        for each in (self.anna, self.boris, self.clara, self.dora):
            each.start()
        self.group = self.make_group([self.boris, self.clara])
        self.anna.ask("set_role", chat=self.group, account=self.account(self.boris), role="owner")
        for each in (self.boris, self.clara):
            until(lambda each=each: self.members(each, self.group)["Boris"] == "owner", "the role is known to all", 60)

    def names(self, person):
        return [each["name"] for each in person.ask("list_chats")["chats"] if each["chat"] == self.group]

    def refused(self, person):
        return person.try_ask("move_log", 100, chat=self.group, home=None)["error"]["data"]["name"]

    def test_a_group_goes_on_at_another_home_when_the_one_of_its_log_is_gone(self):
        self.assertEqual(self.refused(self.boris), "engine_log_is_there")
        self.assertEqual(self.refused(self.clara), "engine_not_allowed")
        self.anna.kill()
        self.first.kill()
        self.assertEqual(self.refused(self.clara), "engine_not_allowed")
        # Messages need no log.
        self.say(self.clara, self.group, "is anybody there")
        self.boris.received("is anybody there", 60)
        self.boris.stop()
        said = self.boris.godwit("group", "move-log", "Friends", timeout=300)
        self.assertEqual(said[0], 0, said)
        self.assertIn("The others are told", said[2])
        moved = self.clara.wait(lambda method, params: method == "log_moved", "Clara is told", 300)[1]
        self.assertEqual((moved["chat"], moved["by"]), (self.group, self.account(self.boris_started())))
        self.assertEqual(moved["host"], "127.0.0.1")
        # Everything can be changed again: name, roles, who is in.
        self.boris.ask("rename_group", 60, chat=self.group, name="Survivors")
        until(lambda: self.names(self.clara) == ["Survivors"], "Clara sees the name", 60)
        self.boris.ask("set_role", 60, chat=self.group, account=self.account(self.clara), role="admin")
        self.boris.ask("add_members", 60, chat=self.group, accounts=[self.account(self.dora)])
        until(lambda: self.members(self.dora, self.group).get("Clara") == "admin", "Dora is in and knows the roles", 60)
        self.say(self.dora, self.group, "hello from Dora")
        for each in (self.boris, self.clara):
            each.received("hello from Dora", 60)
        self.clara.ask("remove_member", 60, chat=self.group, account=self.account(self.dora))
        until(lambda: "Dora" not in self.members(self.boris, self.group), "Dora is out", 60)
        # The home that comes back has the log of before, and nobody goes on there.
        self.first.start()
        self.anna.start()
        until(lambda: self.names(self.anna) == ["Survivors"], "Anna follows", 300)
        self.say(self.anna, self.group, "back again")
        for each in (self.boris, self.clara):
            each.received("back again", 60)
        self.anna.ask("rename_group", 60, chat=self.group, name="All of us")
        for each in (self.boris, self.clara):
            until(lambda each=each: self.names(each) == ["All of us"], f"{each.name} sees the name", 60)

    def boris_started(self):
        self.boris.start()
        return self.boris


if __name__ == "__main__":
    main()
