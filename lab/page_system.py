"""The web app as its users have it: godwit.html with the engine inside, in a real Chromium behind the censor."""

import json
import os
import shutil
from urllib.parse import quote

from browser_page import BrowserPage, trust
from godwit_system import HOME_PATH, Godwit, GodwitBridge
from people import binaries, until

PAGE = os.path.join(os.path.dirname(binaries()), "share", "godwit", "web", "godwit.html")
OTHER_NAME = "letters.example"  # of the home, published nowhere
START_SECONDS = 60
SEEN = 40  # letters by which a text is known: the page folds long ones

# What a person does, as scripts: the page is not asked for anything but what it shows.
FILL = """(() => { const field = document.querySelector(%s); if (!field) return false;
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), 'value').set.call(field, %s);
  field.dispatchEvent(new Event('input', { bubbles: true })); return true; })()"""
START = "document.querySelector('form').requestSubmit()"
KNOWN = """(() => { for (const each of document.querySelectorAll('button')) if (each.innerText.trim() === 'I wrote it down') each.click();
  return document.querySelector('textarea') !== null; })()"""
OPEN = """(() => { if (document.querySelector('textarea')) return true;
  [...document.querySelectorAll('[data-row]')].find(each => each.innerText.includes('Boris'))?.click(); return false; })()"""
SEND = "document.querySelector('button[aria-label=Send]').click()"
WATCH = """(() => { const told = new Set(); const look = () => { for (const each of document.querySelectorAll('article')) {
    const text = /[0-9a-f]{%d}/.exec(each.innerText.replace(/\\s/g, ''))?.[0];
    if (text && !told.has(text)) { told.add(text); tell(JSON.stringify({ text })); } } };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true }); look(); })()""" % SEEN
# The sealed record of routes (engine/record_key.h: 'm') out of the closed profile's database.
FORGET = """new Promise((done, failed) => { const request = indexedDB.open('godwit'); request.onerror = () => failed(request.error);
  request.onsuccess = () => { const change = request.result.transaction('records', 'readwrite');
    change.objectStore('records').delete(new Uint8Array([0x6d])); change.oncomplete = () => { request.result.close(); done(true); };
    change.onerror = () => failed(change.error); }; })"""


class GodwitPage(Godwit):
    """The user has a browser and the one file; the friend abroad has the program."""

    name = "godwit-page"
    about = "the web app in Chromium, from one file; the home by its own name, by another one and by its address"
    programs = ("chromium", "certutil")
    packages = ("chromium", "libnss3-tools")
    takes_pictures = False  # the page takes them; here it is asked for texts alone
    text_max = 20_000

    @classmethod
    def missing(cls):
        return super().missing() + ([] if os.path.exists(PAGE) else ["the page (make web)"])

    def __init__(self, lab):
        super().__init__(lab)
        address = self.home.place[0]
        self.home.other_names = (OTHER_NAME, address)
        lab.servers.add_record(OTHER_NAME, "A", address)
        self.routes = tuple(f"wss://{each}{HOME_PATH}" for each in (self.home.name, OTHER_NAME, address))
        self.folder = self.topology.path("browser", "")[:-1]
        self.profile = os.path.join(self.folder, "profile")
        self.page_file = os.path.join(self.folder, "godwit.html")
        self.page = None

    def start_servers(self):
        os.makedirs(self.folder, exist_ok=True)
        shutil.copyfile(PAGE, self.page_file)
        with open(os.path.join(self.folder, "empty.html"), "w", encoding="ascii") as file:
            file.write("<!doctype html><title>empty</title>")
        trust(self.folder, self.lab.servers.authority.certificate)
        self.home.init()
        self.home.configure(routes=json.dumps(self.routes))
        self.home.start()
        self.start_carriers()
        self.friend.new(self.home.link())
        self.friend.start()
        self._wait_connected(self.friend)
        invite = self.friend.ask("make_invite")["link"]
        self.page = self._browser(self.page_file, f"#home={quote(self.home.link(), '')}&invite={quote(invite, '')}")
        self.page.until(FILL % (json.dumps("input"), json.dumps("Anna")), "the form for a name", START_SECONDS)
        self.page.run(START)
        self.page.until(KNOWN, "the chat with the one who invites", START_SECONDS)
        self.chat = until(lambda: self.friend.ask("list_chats")["chats"], "the invite is taken", START_SECONDS)[0]["chat"]
        self.close()

    def _browser(self, path, fragment=""):
        return BrowserPage(self.topology, "user", "godwit", f"file://{path}{fragment}", profile=self.profile,
                           options=("--disable-quic", "--lang=en"), environment={"HOME": self.folder})

    def open(self):
        self.page = self._browser(self.page_file)
        self.page.until(OPEN, "the chat is there again", START_SECONDS)
        self.page.run(WATCH)

    def close(self):
        if self.page:
            self.page.end()
            self.page = None

    def forget(self):
        self.page = self._browser(os.path.join(self.folder, "empty.html"))
        try:
            self.page.run(FORGET)
        finally:
            self.close()

    def send(self, text, inward=False):
        if inward:
            super().send(text, inward)
            return
        if not self.page.run(FILL % (json.dumps("textarea"), json.dumps(text))):
            raise RuntimeError("the page has no field to write in")
        self.page.until("document.querySelector('button[aria-label=Send]') !== null", "the button to send")
        self.page.run(SEND)

    def arrival(self, text, timeout, inward=False):
        return self.page.wait(text[:SEEN], timeout) if inward else super().arrival(text, timeout, inward)

    def end(self):
        self.close()
        super().end()


class GodwitPageBridge(GodwitPage):
    """The same, and the home's links name a bridge as well, which nobody else knows. Its certificate is one that browsers trust."""

    name = "godwit-page-bridge"
    about = "the web app in Chromium, one bridge known to the user"
    own_hosts = ("home", "bridge1")
    start_bridge = GodwitBridge.start_bridge

    def start_carriers(self):
        bridge = self.start_bridge("bridge1", [f"wss://{self.home.name}{HOME_PATH}"])
        self.home.configure(routes=json.dumps([*self.routes, bridge]))
