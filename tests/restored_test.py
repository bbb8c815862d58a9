"""A home that was put back from a backup: what becomes of what was newer."""

import shutil

from group_test import GroupWorld
from people import until
from world import main


class Restored(GroupWorld):
    """What happened after the backup is known to the people alone."""

    def put_back(self, copy):
        """The home is lost, and its backup runs in its place."""
        self.house.kill()
        shutil.rmtree(self.house.folder)
        self.house = self.restored(self.house, copy)
        self.house.start()

    def say_to_all(self, group, person, text, others):
        message = self.say(person, group, text)
        for each in others:
            self.see(each, group, message, lambda seen: seen["text"] == text, text)

    def test_who_has_heard_more_than_the_home_knows_hears_what_comes_after(self):
        chat = next(each["chat"] for each in self.anna.chats() if each["name"] == "Boris")
        self.anna.start()
        self.boris.start()
        copy = self.backup(self.house)
        for i in range(5):
            self.anna.ask("send_text", chat=chat, text=f"after the backup {i}")
            self.boris.received(f"after the backup {i}")
        self.put_back(copy)
        for i in range(3):
            self.anna.ask("send_text", chat=chat, text=f"at the restored home {i}")
            self.boris.received(f"at the restored home {i}")

    def test_who_came_into_a_group_after_the_backup_is_reached(self):
        self.start_all()
        group = self.make_group([self.boris, self.clara])
        copy = self.backup(self.house)
        self.anna.ask("add_members", chat=group, accounts=[self.account(self.dora)])
        for each in self.everybody:
            until(lambda each=each: len(self.members(each, group)) == 4, f"{each.name} sees Dora", 60)
        self.anna.ask("rename_group", chat=group, name="Old friends")
        self.say_to_all(group, self.dora, "after the backup", [self.anna, self.boris, self.clara])
        self.put_back(copy)
        self.say_to_all(group, self.clara, "at the restored home", [self.anna, self.boris, self.dora])

    def test_a_channel_that_was_written_to_after_the_backup_says_that_it_ends(self):
        self.anna.start()
        self.boris.start()
        made = self.anna.ask("new_channel", name="News", is_public=True)["channel"]
        channel = made["channel"]
        self.anna.ask("post", channel=channel, text="first")
        link = made["link"]
        self.boris.ask("follow_channel", link=link)

        def texts(person):
            return [each["text"] for each in person.ask("read_channel", channel=channel)["posts"]]
        until(lambda: texts(self.boris) == ["first"], "Boris reads the first post")
        copy = self.backup(self.house)
        self.anna.ask("post", channel=channel, text="after the backup")
        until(lambda: len(texts(self.boris)) == 2, "Boris reads the second post")
        self.put_back(copy)
        # Whoever reads is shown no other history than before: neither by this home nor by one that lies.
        refused = self.anna.try_ask("post", channel=channel, text="at the restored home", timeout=60)
        self.assertEqual(refused["error"]["data"]["name"], "engine_channel_forked")
        self.boris.stop()
        self.boris.start()  # he would look within three minutes
        until(lambda: self.boris.ask("list_channels")["channels"][0]["trouble"], "Boris is told", 60)
        self.assertEqual(len(texts(self.boris)), 2, "and keeps what he has")


if __name__ == "__main__":
    main()
