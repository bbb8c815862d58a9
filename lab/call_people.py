"""Two people who call each other in the lab, one behind the censor and one abroad, each in a real Chromium with a microphone that beeps and
a camera that shows a pattern: by Godwit's page, and by a plain WebRTC page as the baseline."""

import json
import os
import re
import sys
import time

from browser_page import BrowserPage, trust
from godwit_system import HOME_PATH, Godwit
from people import binaries, until

HERE = os.path.dirname(os.path.abspath(__file__))
PAGE = os.path.join(os.path.dirname(binaries()), "share", "godwit", "web", "index.html")
OTHER_NAME = "letters.example"  # of the home, published nowhere
PAGE_PORT = 8700
START_SECONDS = 60
DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--autoplay-policy=no-user-gesture-required",
           "--disable-quic", "--lang=en", "--window-size=1280,800")

# What a person does, as scripts; they give true once it is done.
OPEN = """(() => { if (document.querySelector('button[aria-label="Video call"]:not(:disabled)')) return true;
  [...document.querySelectorAll('[data-row]')].find(each => each.innerText.includes(%s))?.click(); return false; })()"""
PRESS = """(() => { const found = [...document.querySelectorAll('button')].find(each => !each.disabled
  && [each.getAttribute('aria-label'), each.innerText.trim()].includes(%s)); found?.click(); return found !== undefined; })()"""
CLOSE = '"Close"'
OVER = "document.querySelector('.call, [role=alertdialog]') === null"


def watched(page):
    """Puts the lab's counters into a page."""
    with open(os.path.join(HERE, "call_watch.js"), encoding="utf-8") as file:
        page.run(file.read())
    return page


class GodwitCalls(Godwit):
    """Two programs with their pages. The home relays on its own port, by each of its names; it is known to the censor by one."""

    name = "godwit"
    about = "Godwit's page; media by TURN inside TLS on port 443 of the home, by its known name, another one and its address"
    programs = ("chromium", "certutil", "turnserver")
    packages = ("chromium", "libnss3-tools", "coturn")
    has_other_names = True
    way = ""  # by what media go once a call has settled; empty: as it begins
    keys = {}  # of the home's configuration, besides

    @classmethod
    def missing(cls):
        return super().missing() + ([] if os.path.exists(PAGE) else ["the page (make web)"])

    def __init__(self, lab):
        super().__init__(lab)
        address = self.home.place[0]
        self.own_places = (self.home.name, *([OTHER_NAME, address] if self.has_other_names else []))
        self.home.other_names = self.own_places[1:]
        lab.servers.add_record(OTHER_NAME, "A", address)
        self.routes = tuple(f"wss://{each}{HOME_PATH}" for each in self.own_places)
        self.pages = {}     # by person
        self.programs_of = {}

    def start_carriers(self):
        urls = [f"turns:{each}:443?transport=tcp" for each in self.own_places]
        self.home.configure(calls="true", calls_addresses=json.dumps([self.home.place[0]]), calls_urls=json.dumps(urls), **self.keys)
        until(lambda: self.home.call("calls", "status")[1].startswith("calls: on"), lambda: f"the relay runs: {self.home.call('calls', 'status')}")

    def start_servers(self):
        super().start_servers()
        self.friend.stop()
        for person in (self.user, self.friend):
            trust(self._browser_home(person), self.lab.servers.authority.certificate)
        self._open(self.friend, self.friend_host, "Anna")

    def _browser_home(self, person):
        return self.topology.path(f"browser-{person.name.lower()}", "")[:-1]

    def _open(self, person, host, other):
        """Starts a person's program and page, with the chat open."""
        what = f"web-{person.name.lower()}-{time.monotonic_ns()}"
        words = [os.path.join(binaries(), "godwit"), *person.globals(), "web", "--page", os.path.dirname(PAGE), "--port", PAGE_PORT]
        self.programs_of[person] = self.topology.start(host, what, *words, env=person.environment)
        link = until(lambda: re.findall(r"^http\S+#token=\S+(?=\n)", self.topology.log_text(what), re.MULTILINE), "the program says where its page is")[0]
        page = BrowserPage(self.topology, host, f"calls-{person.name.lower()}", link, options=DEVICES, environment={"HOME": self._browser_home(person)})
        self.pages[person] = page
        page.until(OPEN % json.dumps(other), "the chat, in which one can be called", START_SECONDS)
        watched(page)

    def open(self):
        """Starts the user's program and page."""
        self._open(self.user, "user", "Boris")

    def close(self):
        if self.user in self.pages:
            self.pages.pop(self.user).end()
        if self.user in self.programs_of:
            self.topology.end_processes([self.programs_of.pop(self.user)])

    def call(self, timeout):
        """The user calls and the friend answers, both with video; gives when he pressed the button, on the clock of the pages. None: it did not ring
        there in time."""
        self.pages[self.user].until(PRESS % '"Video call"', "the button that calls")
        try:
            self.pages[self.friend].until(PRESS % '"Answer with video"', "it rings", timeout)
        except RuntimeError:
            return None
        return time.time() * 1000

    def ends(self):
        """(the user's page, the friend's)."""
        return self.pages[self.user], self.pages[self.friend]

    def hang_up(self):
        """Both do, whatever has come of the call."""
        for page in self.ends():
            for words in ('"Hang up"', '"Decline"'):
                page.run(PRESS % words)
        for page in self.ends():
            page.until(f"({PRESS % CLOSE}, {OVER})", "the call is over", START_SECONDS)

    def end(self):
        self.close()
        if self.friend in self.pages:
            self.pages.pop(self.friend).end()
        super().end()


class GodwitCallsOneName(GodwitCalls):
    """The same home without what an operator has to set up: one name, which everybody knows."""

    name = "godwit-one-name"
    about = "the same, and the home has no other name"
    has_other_names = False


class GodwitCallsUdp(GodwitCalls):
    """The same home with a relay by UDP as well, to which calls move where nothing speaks for a censor."""

    name = "godwit-udp"
    about = "the same, and the home relays by UDP too (calls_udp): a call moves there after some seconds"
    way = "relay udp"
    keys = {"calls_udp": "true"}


class PlainCalls:
    """The baseline: what WebRTC does by itself. They meet under a name that is on no list, so what is measured is their media."""

    name = "plain"
    about = "an ordinary WebRTC page: media directly over UDP; the two meet by HTTPS under a name that nobody has listed"
    programs = ("chromium",)
    packages = ("chromium",)
    way = ""
    options = (*DEVICES, "--ignore-certificate-errors", "--disable-features=WebRtcHideLocalIpsWithMdns")
    missing = classmethod(Godwit.missing.__func__)

    def __init__(self, lab):
        self.lab, self.topology = lab, lab.topology
        self.user = self.friend = None

    def _page(self, host, me, peer):
        query = f"me={me}&peer={peer}&place=https%3A%2F%2Fproxy.example"
        return watched(BrowserPage(self.topology, host, f"plain-{me}", f"file://{HERE}/plain_call.html?{query}", options=self.options))

    def start_servers(self):
        """The meeting point, and the friend's page."""
        address = self.topology.hosts["proxy"].address
        certificate, key = self.lab.servers.authority.issue("proxy.example")
        self.topology.start("proxy", "call-signal", sys.executable, "-B", os.path.join(HERE, "webrtc_signal.py"),
                            "--listen", f"{address}:443", "--certificate", certificate, "--key", key)
        self.topology.wait_listening("proxy", address, 443, "call-signal")
        self.friend = self._page("friend", "boris", "anna")

    def open(self):
        """Starts the user's page."""
        self.user = self._page("user", "anna", "boris")

    def close(self):
        """Ends it."""
        if self.user:
            self.user.end()
            self.user = None

    def forget(self):
        """It remembers nothing."""

    def call(self, _timeout):
        """As of Godwit. The friend's page answers by itself."""
        now = time.time() * 1000
        self.user.run("void call()")
        return now

    def ends(self):
        """(the user's page, the friend's)."""
        return self.user, self.friend

    def hang_up(self):
        """The user does; the friend's page may hear of it."""
        self.user.run("hangUp()")
        self.friend.run("connection?.close()")

    def end(self):
        """For cleaning up."""
        self.close()
        if self.friend:
            self.friend.end()


CALL_SYSTEMS = (GodwitCalls, GodwitCallsUdp, GodwitCallsOneName, PlainCalls)
