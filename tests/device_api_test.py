"""A program links a device, names it and removes it: over the JSON API alone."""

import os
import threading

from people import Person, meet, until
from world import World, main

LINKING = 60.0  # seconds for a linking, which asks the home once a second


class DeviceApi(World):
    def setUp(self):
        super().setUp()
        self.house = self.home()
        self.anna = self.person("Anna", self.house)
        self.anna.start()

    def device(self, name):
        """A program with an empty profile."""
        person = Person(name, os.path.join(self.folder, name.lower()))
        self.started.append(person)
        person.start("--make-profile")
        return person

    def names(self, person):
        return sorted(each["name"] for each in person.ask("list_devices")["devices"])

    def assert_refused(self, person, errors, method, /, **params):
        answer = person.try_ask(method, LINKING, **params)
        self.assertIn("error", answer, f"{method} {params}")
        self.assertIn(answer["error"]["data"]["name"], errors, f"{method} {params}")

    def link(self, new, accept, **asked):
        """The new device asks, both show the same number, and Anna says yes or no; gives what the new one is answered."""
        answers = []
        asking = threading.Thread(target=lambda: answers.append(new.try_ask("link_device", 2 * LINKING, name=new.name, **asked)))
        asking.start()
        shown = [person.wait(lambda method, params, wanted=wanted: method == wanted, "a number is shown", LINKING)[1]["check"]
                 for person, wanted in ((new, "linking_checked"), (self.anna, "device_asks"))]
        self.assertRegex(shown[0], r"^\d{6}$")
        self.assertEqual(shown[0], shown[1], "both show one number")
        self.anna.ask("confirm_linking", accept=accept)
        asking.join(2 * LINKING)
        return answers[0]

    def test_a_device_is_linked_by_its_code_named_and_removed(self):
        laptop = self.device("Laptop")
        for name in ("", "Lap\ntop", "Laptop\u202eexe", "x" * 65):
            offered = self.anna.ask("start_linking")["link"]
            self.assert_refused(laptop, ("engine_not_text", "engine_too_long"), "link_device", name=name, link=offered)
        offered = self.anna.ask("start_linking", by_code=True)
        linked = self.link(laptop, True, code=offered["code"], home_link=offered["home_link"])["result"]
        self.assertEqual(linked, {"account": self.anna.ask("read_account")["account"], "name": "Anna"})
        self.assert_refused(laptop, ("engine_account_exists",), "link_device", name="Again", link=self.anna.ask("start_linking")["link"])
        device = next(each["device"] for each in self.anna.ask("list_devices")["devices"] if each["name"] == "Laptop")
        for name in ("", "a\nb", "x" * 65, "Lap\u202etop"):
            self.assert_refused(self.anna, ("engine_not_text", "engine_too_long"), "rename_device", device=device, name=name)
        self.assert_refused(self.anna, ("engine_no_such_device",), "rename_device", device="00" * 32, name="Nobody's")
        self.anna.ask("rename_device", device=device, name="Лэптоп")
        for each in (self.anna, laptop):
            until(lambda each=each: self.names(each) == ["First device", "Лэптоп"], f"{each.name} knows the name", LINKING)
        self.assert_refused(laptop, ("engine_own_device",), "remove_device", device=device)
        self.anna.ask("remove_device", LINKING, device=device)
        self.assertEqual(self.names(self.anna), ["First device"])
        laptop.wait(lambda method, params: method == "trouble" and params["error"]["name"] in
                    ("wire_no_such_mailbox", "engine_device_removed"), "the laptop is told that it is out", LINKING)

    def test_a_device_that_is_refused_gets_nothing_and_its_link_is_used_up(self):
        stranger = self.device("Stranger")
        link = self.anna.ask("start_linking")["link"]
        refused = self.link(stranger, False, link=link)
        self.assertEqual(refused["error"]["data"]["name"], "engine_linking_refused")
        self.assertEqual(self.names(self.anna), ["First device"])
        self.assert_refused(stranger, ("engine_linking_taken", "engine_linking_over"), "link_device", name="Stranger", link=link)
        self.assert_refused(stranger, ("engine_no_account",), "read_account")
        self.assert_refused(self.anna, ("engine_nobody_asks",), "confirm_linking", accept=True)

    def test_who_was_compared_holds_back_from_a_new_device_until_it_is_known(self):
        boris = self.person("Boris", self.house)
        self.anna.stop()
        chat = meet(self.anna, boris)
        self.anna.start()
        boris.start()
        boris.ask("mark_verified", chat=chat)
        laptop = self.device("Laptop")
        self.link(laptop, True, link=self.anna.ask("start_linking")["link"])
        boris.wait(lambda method, params: method == "contact_devices_changed" and params["held"], "Boris is told", 3 * LINKING)
        self.assert_refused(boris, ("engine_new_devices",), "send_text", chat=chat, text="secret")
        self.assert_refused(boris, ("engine_no_such_chat",), "acknowledge_devices", chat="00" * 16)
        boris.ask("acknowledge_devices", chat=chat)
        shown = next(each for each in boris.ask("list_chats")["chats"] if each["chat"] == chat)
        self.assertEqual((shown["new_devices"], shown["verified"]), (False, True))
        boris.ask("send_text", chat=chat, text="secret")
        for each in (self.anna, laptop):
            each.received("secret", LINKING)

    def test_a_program_moves_the_account_and_the_other_side_writes_on(self):
        boris = self.person("Boris", self.house)
        self.anna.stop()
        chat = meet(self.anna, boris)
        self.anna.start()
        boris.start()
        self.assert_refused(self.anna, ("engine_same_home",), "move_account", home_link=self.house.link())
        self.assert_refused(self.anna, ("engine_link_not_godwit",), "move_account", home_link="https://haven.example")
        haven = self.home("haven")
        before = self.anna.ask("read_account")
        self.anna.ask("move_account", LINKING, home_link=haven.link())
        after = self.anna.ask("read_account")
        self.assertEqual(after["account"], before["account"])
        self.assertIn(str(haven.port), after["home"])
        self.assertEqual(after["former_home"], before["home"])
        self.anna.ask("send_text", chat=chat, text="from my new home")
        boris.received("from my new home", LINKING)
        until(lambda: self.anna.ask("read_account")["chats_to_tell"] == 0, "Boris was told", LINKING)
        boris.ask("send_text", chat=chat, text="I find you there")
        self.anna.received("I find you there", LINKING)


if __name__ == "__main__":
    main()
