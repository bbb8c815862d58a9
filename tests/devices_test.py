"""One person with several devices: real programs, real sockets."""

import json
import os
import subprocess

from people import Person, binaries, until
from world import World, main

LINKING = 60.0  # seconds for a linking, which asks the home once a second


class Devices(World):
    """Anna and her devices."""

    def device(self, name):
        """A profile without an account."""
        person = Person(name, os.path.join(self.folder, name.lower()))
        self.started.append(person)
        return person

    def link(self, old, name, by_code=False):
        """Links a new device with `old`, both over the API; gives it. Both are running afterwards."""
        new = self.device(name)
        offered = old.ask("start_linking", by_code=by_code)
        self.begin(new, offered, name)
        asks = old.wait(lambda method, params: method == "device_asks" and params["name"] == name,
                        "the new device asks", LINKING)[1]
        old.ask("confirm_linking", accept=True)
        old.wait(lambda method, params: method == "linking_ended" and params["name"] == name
                 and params["error"] is None, "it is linked", LINKING)
        return new, asks["check"]

    def names(self, person):
        """The names of the devices that a running person knows."""
        return sorted(each["name"] for each in person.ask("list_devices")["devices"])

    def begin(self, new, offered, name):
        """Starts `godwit new` on the new device without waiting for it."""
        words = ["--link", offered["link"]] if offered["link"] else ["--code", offered["code"], "--home",
                                                                     offered["home_link"]]
        self.joining = subprocess.Popen(
            [os.path.join(binaries(), "godwit"), *new.globals(), "new", "--device", name, *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self):
        """Waits for it; gives (exit code, stdout, stderr)."""
        out, err = self.joining.communicate(timeout=LINKING)
        return self.joining.returncode, out, err

    def test_a_link_and_a_code_make_devices_that_know_of_each_other(self):
        home = self.home()
        anna = self.person("Anna", home)
        anna.start()
        account = anna.ask("read_account")["account"]
        for by_code, name in ((False, "Laptop"), (True, "Tablet")):
            new, check = self.link(anna, name, by_code=by_code)
            code, out, err = self.finish()
            self.assertEqual(code, 0, err)
            self.assertIn(account, out)
            self.assertIn(check, err, "both screens show one number")
            self.assertIn("this one", new.must("devices"))
        self.assertEqual(self.names(anna), ["First device", "Laptop", "Tablet"])
        laptop = next(each for each in self.started if getattr(each, "name", "") == "Laptop")
        laptop.start()
        until(lambda: self.names(laptop) == ["First device", "Laptop", "Tablet"], "the laptop hears of the tablet",
              LINKING)

    def test_both_devices_are_in_the_talk_and_have_its_past(self):
        home = self.home()
        anna, boris, chat = self.pair(home)
        anna.start()
        boris.start()
        boris.ask("send_text", chat=chat, text="from before")
        until(lambda: "from before" in self.texts(anna, chat), "it is there", LINKING)
        laptop, _ = self.link(anna, "Laptop")
        self.assertEqual(self.finish()[0], 0)
        laptop.start()
        until(lambda: laptop.ask("list_chats")["chats"] and "from before" in self.texts(laptop, chat),
              "the chat and its history", 3 * LINKING)
        laptop.ask("send_text", chat=chat, text="by the laptop")
        until(lambda: "by the laptop" in self.texts(anna, chat) and "by the laptop" in self.texts(boris, chat),
              "both have it", LINKING)
        boris.ask("send_text", chat=chat, text="for both")
        until(lambda: "for both" in self.texts(anna, chat) and "for both" in self.texts(laptop, chat),
              "both devices have it", LINKING)

    def texts(self, person, chat):
        """What stands in a chat of a running person."""
        history = person.ask("read_history", chat=chat, before=None, count=50)["messages"]
        return [each["text"] for each in history]

    def test_a_wrong_code_links_nothing_and_says_so(self):
        home = self.home()
        anna = self.person("Anna", home)
        thief = self.device("Thief")
        self.assert_fails(thief.godwit("new", "--code", "1234 5678 9012", "--home", home.link()), 1,
                          "engine_code_mistyped")
        self.assert_fails(thief.godwit("new", "--link", "godwit:d#AAAA"), 1, "engine_link_damaged")
        anna.start()
        self.assertEqual(self.names(anna), ["First device"])

    def test_a_stolen_device_is_thrown_out_and_the_words_bring_the_account_back(self):
        home = self.home()
        anna = Person("Anna", os.path.join(self.folder, "anna"))
        self.started.append(anna)
        words = anna.new(home.link())
        anna.start()
        laptop, _ = self.link(anna, "Laptop")
        self.assertEqual(self.finish()[0], 0)
        stolen = next(each["device"] for each in anna.ask("list_devices")["devices"] if each["name"] == "Laptop")
        anna.ask("remove_device", device=stolen, timeout=LINKING)
        self.assertEqual(self.names(anna), ["First device"])
        laptop.start()
        laptop.wait(lambda method, params: method == "trouble"
                    and params["error"]["name"] in ("wire_no_such_mailbox", "engine_device_removed"),
                    "the laptop is told that it is out", LINKING)
        account = anna.ask("read_account")["account"]
        anna.stop()
        path = os.path.join(self.folder, "words")
        with open(path, "w", encoding="utf-8") as file:
            file.write(words + "\n")
        fresh = self.device("Fresh")
        self.assertIn(account, fresh.must("new", "--recover", path, "--home", home.link(), "--device", "New phone",
                                          timeout=LINKING))
        listed = json.loads(fresh.must("devices", "--json"))["devices"]
        self.assertEqual([each["name"] for each in listed], ["New phone"])


if __name__ == "__main__":
    main()
