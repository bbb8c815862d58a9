"""Nothing that was acknowledged is lost, nothing is shown twice: homes and clients are killed under load."""

import random
import time

from people import until
from world import World, main

ROUNDS = 4
MESSAGES = 60


class Killed(World):
    def load(self, home, anna, boris, chat, on_round):
        """Both send MESSAGES each, in bursts; on_round() does harm in between. Gives both sides' texts in order."""
        dice = random.Random(7)
        said = {anna: [], boris: []}
        left = {anna: MESSAGES, boris: MESSAGES}
        for turn in range(ROUNDS):
            for person in (anna, boris):
                count = left[person] // (ROUNDS - turn)
                left[person] -= count
                for _ in range(count):
                    text = f"{person.name} {len(said[person])} " + "x" * dice.randrange(2000)
                    person.ask("send_text", chat=chat, text=text)
                    said[person].append(text)
            time.sleep(dice.random() * 0.3)
            on_round()
        return said[anna], said[boris]

    def check(self, anna, boris, chat, by_anna, by_boris):
        """Waits until all is there, then reads both disks: every message once, in its sender's order."""
        anna.received(by_boris[-1], timeout=25)
        boris.received(by_anna[-1], timeout=25)
        anna.stop()
        boris.stop()
        for person in (anna, boris):
            seen = person.history(chat)
            own, other = (by_anna, by_boris) if person is anna else (by_boris, by_anna)
            self.assertEqual([each["text"] for each in seen if each["own"]], own)
            self.assertEqual([each["text"] for each in seen if not each["own"]], other)

    def kill_homes(self, **settings):
        home = self.home(**settings)
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()

        def kill():
            home.kill()
            home.start()

        said = self.load(home, anna, boris, chat, kill)
        self.check(anna, boris, chat, *said)

    def test_a_home_killed_again_and_again_loses_and_repeats_nothing(self):
        self.kill_homes()

    def test_a_home_whose_disk_forgets_what_was_not_synced_loses_and_repeats_nothing(self):
        self.kill_homes(drop_unsynced_at_kill="true")

    def test_a_sender_and_a_receiver_killed_again_and_again_lose_and_repeat_nothing(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()

        def kill():
            for person in (anna, boris):
                person.kill()
                person.start()

        by_anna, by_boris = self.load(home, anna, boris, chat, kill)
        until(lambda: len(anna.ask("read_history", chat=chat, count=1000)["messages"]) == 2 * MESSAGES, "all at Anna's")
        until(lambda: len(boris.ask("read_history", chat=chat, count=1000)["messages"]) == 2 * MESSAGES, "all at Boris's")
        anna.stop()
        boris.stop()
        for person, own, other in ((anna, by_anna, by_boris), (boris, by_boris, by_anna)):
            seen = person.history(chat)
            self.assertEqual([each["text"] for each in seen if each["own"]], own)
            self.assertEqual([each["text"] for each in seen if not each["own"]], other)

    def test_sigterm_lets_the_home_finish_and_nothing_is_lost(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()

        def stop():
            self.assertEqual(home.stop(), 0)
            home.start()

        said = self.load(home, anna, boris, chat, stop)
        self.check(anna, boris, chat, *said)


if __name__ == "__main__":
    main()
