"""Plain WebRTC as a peer: two Chromium pages with a data channel, which meet by HTTPS on a name of their own."""

import json
import os
import sys
from urllib.parse import urlencode

from browser_page import BrowserPage
from system import System

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = ("--ignore-certificate-errors", "--disable-features=WebRtcHideLocalIpsWithMdns")


class WebRtc(System):
    """The whole browser is the program that starts afresh."""

    name = "webrtc"
    about = "a data channel between two Chromium pages, host candidates only; they meet by HTTPS on a name of their own"
    packages = ("chromium",)
    programs = ("chromium",)
    published_names = own_names = ("chat.example",)
    published_hosts = own_hosts = ("chat",)

    def __init__(self, lab):
        super().__init__(lab)
        self.user = self.friend = None

    def _page(self, host, me, peer):
        query = urlencode({"me": me, "peer": peer, "place": "https://chat.example"})
        page = BrowserPage(self.topology, host, f"webrtc-{me}", f"file://{HERE}/webrtc.html?{query}", options=OPTIONS)
        page.run("start()")
        return page

    def start_servers(self):
        address = self.topology.hosts["chat"].address
        certificate, key = self.lab.servers.authority.issue("chat.example")
        self.topology.start("chat", "webrtc-signal", sys.executable, "-B", os.path.join(HERE, "webrtc_signal.py"),
                            "--listen", f"{address}:443", "--certificate", certificate, "--key", key)
        self.topology.wait_listening("chat", address, 443, "webrtc-signal")
        self.friend = self._page("friend", "boris", "anna")

    def open(self):
        self.user = self._page("user", "anna", "boris")

    def close(self):
        if self.user:
            self.user.end()
            self.user = None

    def send(self, text, inward=False):
        (self.friend if inward else self.user).run(f"send({json.dumps(text)})")

    def arrival(self, text, timeout, inward=False):
        return (self.user if inward else self.friend).wait(text, timeout)
