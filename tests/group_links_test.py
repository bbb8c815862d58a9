"""Links of a group: real programs over real sockets, by the command line and by the JSON API."""

from group_test import GroupWorld
from people import until
from world import main


class LinkWorld(GroupWorld):
    def is_in(self, person, group):
        return any(each["chat"] == group and each["member"] for each in person.ask("list_chats")["chats"])

    def waiting(self, person, group):
        return [each["name"] for each in person.ask("list_join_requests", chat=group)["requests"]]

    def told(self, person, error):
        """Waits until the person is told why she is not let in."""
        person.wait(lambda method, params: method == "join_refused" and params["error"]["name"] == error,
                    f"{person.name} is told {error}", 60)

    def assert_not_let_in(self, person, group, link, error):
        """The link leads nowhere: the keeper says why, or has told the home to take nothing more by it."""
        answer = person.try_ask("join_group", 60, link=link)
        if "result" in answer:
            self.told(person, error)
        else:
            self.assertEqual(answer["error"]["data"]["name"], "engine_group_link_gone")
        self.assertFalse(self.is_in(person, group))


class Links(LinkWorld):
    def test_who_holds_a_link_comes_in_by_the_command_line(self):
        made = self.anna.must("group", "new", "Friends", timeout=100)
        group = made.split()[0]
        marked = self.anna.must("group", "link", "Friends", "--call", "--uses", "1", "--expires", "7", timeout=100).strip()
        self.assertRegex(marked, r"^godwit:g#[\w-]+~call$")
        link = marked.removesuffix("~call")
        listed = self.anna.must("group", "links", "Friends")
        self.assertRegex(listed, r"^[0-9a-f]{8}  until \d{4}-\d\d-\d\d, 0 of 1 people\n +godwit:g#")
        self.anna.start()
        self.assertEqual(self.boris.must("group", "join", marked, timeout=100), f"{group}  Friends\n")
        until(lambda: "Boris" in self.members(self.anna, group), "Anna sees Boris", 60)
        self.assert_fails(self.clara.godwit("group", "join", link, timeout=100), 1, "engine_group_link_used_up")
        self.assert_fails(self.boris.godwit("group", "join", link, timeout=100), 1, "engine_already_in_group")
        self.assert_fails(self.clara.godwit("group", "join", link[:-3] + "AAA"), 1, "engine_link_damaged")
        self.assert_fails(self.boris.godwit("group", "link", "Friends", timeout=100), 1, "engine_not_allowed")
        self.anna.stop()
        digits = listed[:8]
        self.anna.must("group", "unlink", "Friends", digits, timeout=100)
        self.assertEqual(self.anna.must("group", "links", "Friends"), "")
        self.assert_fails(self.dora.godwit("group", "join", link, timeout=100), 1, "engine_group_link_gone")

    def test_with_approval_any_admin_lets_in_or_refuses_also_after_crashes(self):
        self.start_all()
        group = self.make_group([self.boris])
        self.anna.ask("set_role", 60, chat=group, account=self.account(self.boris), role="admin")
        link = self.anna.ask("make_group_link", 60, chat=group, approval=True)["text"]
        for each in (self.clara, self.dora):
            self.assertTrue(each.ask("join_group", 60, link=link, greeting=f"I am {each.name}")["approval"])
        until(lambda: sorted(self.waiting(self.boris, group)) == ["Clara", "Dora"], "Boris sees both", 60)
        for each in (self.anna, self.clara):
            each.kill()
        self.boris.ask("approve_join", 60, chat=group, account=self.account(self.dora))
        self.clara.start()
        self.boris.ask("refuse_join", chat=group, account=self.account(self.clara))
        until(lambda: self.is_in(self.dora, group), "Dora is in", 60)
        self.told(self.clara, "engine_join_refused")
        self.anna.start()
        until(lambda: "Dora" in self.members(self.anna, group) and not self.waiting(self.anna, group), "Anna sees it", 60)
        self.say(self.dora, group, "here I am")
        for each in (self.anna, self.boris):
            each.received("here I am", 60)
        self.assertFalse(self.is_in(self.clara, group))

    def test_who_was_removed_does_not_come_back_by_a_link(self):
        self.start_all()
        group = self.make_group([self.boris, self.clara])
        link = self.anna.ask("make_group_link", 60, chat=group)["text"]
        self.anna.ask("remove_member", 60, chat=group, account=self.account(self.clara))
        until(lambda: not self.is_in(self.clara, group), "Clara knows that she is out", 60)
        self.clara.ask("join_group", 60, link=link)
        self.told(self.clara, "engine_group_barred")
        self.dora.ask("join_group", 60, link=link)
        until(lambda: self.is_in(self.dora, group), "Dora is in", 60)


class Terms(LinkWorld):
    def test_a_setting_of_the_group_makes_every_link_one_with_approval(self):
        self.start_all()
        group = self.make_group([])
        link = self.anna.ask("make_group_link", 60, chat=group)["text"]
        self.anna.ask("set_group_settings", 60, chat=group, join_by_approval=True)
        self.assertTrue(self.anna.ask("list_members", chat=group)["join_by_approval"])
        self.boris.ask("join_group", 60, link=link, greeting="it is me")
        until(lambda: self.waiting(self.anna, group) == ["Boris"], "Boris waits", 60)
        self.assertFalse(self.is_in(self.boris, group))
        self.anna.ask("approve_join", 60, chat=group, account=self.account(self.boris))
        until(lambda: self.is_in(self.boris, group), "Boris is in", 60)

    def test_admins_see_all_links_and_revoke_those_of_each_other(self):
        self.start_all()
        group = self.make_group([self.boris])
        self.anna.ask("set_role", 60, chat=group, account=self.account(self.boris), role="admin")
        made = self.anna.ask("make_group_link", 60, chat=group, uses=3, days=7)
        keeper = self.account(self.anna)

        def links(person):
            return [(each["link"], each["keeper"], each["uses"], each["own"], each["text"])
                    for each in person.ask("list_group_links", chat=group)["links"]]

        self.assertEqual(links(self.anna), [(made["link"], keeper, 3, True, made["text"])])
        until(lambda: links(self.boris) == [(made["link"], keeper, 3, False, None)], "Boris sees it, and not what leads in", 60)
        for method, terms in (("make_group_link", {"uses": 1_001}), ("make_group_link", {"days": 366})):
            refused = self.anna.try_ask(method, chat=group, **terms)
            self.assertEqual(refused["error"]["data"]["name"], "engine_bad_link_terms")
        self.clara.ask("join_group", 60, link=made["text"])
        until(lambda: self.is_in(self.clara, group), "Clara is in", 60)
        refused = self.clara.try_ask("revoke_group_link", chat=group, link=made["link"])
        self.assertEqual(refused["error"]["data"]["name"], "engine_not_allowed")
        self.boris.ask("revoke_group_link", 60, chat=group, link=made["link"])
        refused = self.boris.try_ask("revoke_group_link", chat=group, link=made["link"])
        self.assertEqual(refused["error"]["data"]["name"], "engine_no_such_group_link")
        until(lambda: links(self.anna) == [], "Anna sees that it is gone", 60)
        self.assert_not_let_in(self.dora, group, made["text"], "engine_group_link_gone")

    def test_a_link_whose_last_day_is_over_lets_nobody_in(self):
        group = self.anna.must("group", "new", "Friends", timeout=100).split()[0]
        link = self.anna.must("group", "link", "Friends", "--expires", "1", timeout=100).strip()
        self.boris.clock_offset = str(3 * 86_400)
        self.assert_fails(self.boris.godwit("group", "join", link, timeout=100), 1, "engine_group_link_expired")
        # Who does not know that it is over comes no further.
        self.anna.clock_offset = str(3 * 86_400)
        self.anna.start()
        self.clara.start()
        self.assert_not_let_in(self.clara, group, link, "engine_group_link_expired")
        self.assertEqual(list(self.members(self.anna, group)), ["Anna"])


class Sleeper(GroupWorld):
    """At a home that keeps little of a group's log."""

    LOG_BYTES = 60_000

    def home(self, name="home", port=0, folder=None, **settings):
        return super().home(name, port, folder, log_bytes_max=self.LOG_BYTES, log_bytes_sure=1_000, **settings)

    def test_who_slept_longer_than_the_log_is_kept_comes_back_with_everything(self):
        self.start_all()
        group = self.make_group([self.boris, self.clara])
        self.say(self.boris, group, "before")
        self.clara.received("before", 60)
        self.clara.kill()
        for _ in range(16):  # commits of some kilobytes
            self.anna.ask("refresh_keys", 60, chat=group)
        said = self.say(self.boris, group, "meanwhile")
        self.anna.received("meanwhile", 60)
        self.clara.start()
        self.clara.wait(lambda method, params: method == "trouble" and params["error"]["name"] == "engine_returning",
                        "Clara has lost the log", 90)
        self.clara.received("meanwhile", 90)
        self.see(self.clara, group, said, lambda message: message["text"] == "meanwhile", "what was said meanwhile")
        self.say(self.clara, group, "here again")
        for each in (self.anna, self.boris):
            each.received("here again", 60)
            self.assertEqual(sorted(self.members(each, group)), ["Anna", "Boris", "Clara"])
        texts = [message["text"] for message in self.clara.ask("read_history", chat=group, count=50)["messages"] if not message["line"]]
        self.assertEqual(texts, ["before", "meanwhile", "here again"])


if __name__ == "__main__":
    main()
