"""A temporary world for one whole-program test: a home, people, and a folder that is removed afterwards."""

import os
import shutil
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from people import Home, Person, meet  # noqa: E402
from proxies import socks5_proxy  # noqa: E402


SELF_DELIVERY = 3  # seconds at most that own devices wait for each other: the default of 30 is for those who are watched


class World(unittest.TestCase):
    """Each test gets a folder; homes and people made with home() and person() are ended and removed after it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="godwit-test-")
        self.started = []

    def tearDown(self):
        for each in self.started:
            each.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def home(self, name="home", port=0, folder=None, address=None, **settings):
        """A home that runs; `settings` are put into its configuration first. At another `address` it is another host to whom it does
        not answer."""
        home = Home(os.path.join(folder or self.folder, name), port)
        home.address = address or home.address
        self.started.append(home)
        home.init()
        home.configure(**{"self_delivery_seconds": SELF_DELIVERY, **settings})
        home.start()
        return home

    def person(self, name, home, folder=None):
        """Somebody with an account at `home`."""
        person = Person(name, os.path.join(folder or self.folder, name.lower()))
        self.started.append(person)
        person.new(home.link())
        return person

    def backup(self, home, name="copy"):
        path = os.path.join(self.folder, name)
        code, out, err = home.call("backup", path)
        self.assertEqual(code, 0, f"{out}{err}")
        return path

    def restored(self, home, copy, name="again"):
        """A home that is not started, restored at the port of `home`, which must not run any more."""
        other = Home(os.path.join(self.folder, name), home.port)
        code, out, err = other.call("restore", copy)
        self.assertEqual(code, 0, f"{out}{err}")
        self.started.append(other)
        return other

    def pair(self, home):
        """Anna and Boris, who have met; gives (anna, boris, chat id)."""
        anna, boris = self.person("Anna", home), self.person("Boris", home)
        chat = meet(anna, boris)
        return anna, boris, chat

    def narrow(self, allowed):
        """The environment of somebody whose connections fall silent after `allowed` bytes each way: what is killed on the way must
        not be over before."""
        proxy = socks5_proxy(allowed=allowed)
        self.addCleanup(proxy.end)
        return {"GODWIT_PROXY": f"socks5://127.0.0.1:{proxy.port}"}

    def assert_fails(self, done, code, name):
        """A finished command ended with `code`, and said which error it was in one clear line."""
        returned, out, err = done
        self.assertEqual(returned, code, f"{out}{err}")
        self.assertIn(f"[{name}]", err)
        lines = [line for line in err.splitlines() if line.startswith("godwit: ")]
        self.assertTrue(lines, err)
        self.assertGreater(len(lines[-1]), 40, "a whole sentence")

    def assert_refused(self, person, error, method, /, **params):
        """A running program is told by `error` that this cannot be."""
        answer = person.try_ask(method, 60, **params)
        self.assertIn("error", answer, f"{method} {params}")
        self.assertEqual(answer["error"]["data"]["name"], error, f"{method} {params}")

    def assert_said(self, person, chat, expected):
        """On the person's disk the chat is exactly `expected`: (own, text), each once and in order."""
        seen = [(each["own"], each["text"]) for each in person.history(chat)]
        self.assertEqual(seen, expected)


def main():
    """Runs the tests of the calling file."""
    unittest.main(module="__main__", verbosity=2)
