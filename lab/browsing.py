"""Ordinary browsing, as a measure of what a mode costs everybody: a page abroad that nobody has listed."""

import os
import subprocess
import sys
import threading
import time

from system import System

URL = "https://news.example/"
ATTEMPT_SECONDS = 10
FETCH = """
import sys, urllib.request
page = urllib.request.urlopen(sys.argv[1], timeout=float(sys.argv[2])).read()
sys.exit(0 if len(page) == int(sys.argv[3]) else 1)
"""


class Browsing(System):
    """Loads one page; one who sees an error loads it again after a second. There is no friend and no text in it."""

    name = "browsing"
    about = "no messenger: loading a page of 60 kB from an unlisted site abroad, for comparison"
    is_messenger = False
    own_names = ("news.example",)
    own_hosts = ("web",)

    def __init__(self, lab):
        super().__init__(lab)
        self.size = None
        self.loaded = {}
        self.arrived = threading.Condition()
        self.wanted = threading.Event()

    def start_servers(self):
        self.size = os.path.getsize(self.topology.path("sites", "news.example", "index.html"))

    def open(self):
        self.wanted.set()

    def close(self):
        self.wanted.clear()

    def send(self, text, inward=False):
        threading.Thread(target=self._load, args=(text,), daemon=True).start()

    def _load(self, text):
        """Attempts, until one has the whole page or the browser is closed."""
        words = [*self.topology.prefix("user"), sys.executable, "-c", FETCH, URL, str(ATTEMPT_SECONDS), str(self.size)]
        while self.wanted.is_set():
            done = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, capture_output=True,
                                  env={**os.environ, **self.lab.servers.environment})
            if done.returncode == 0:
                with self.arrived:
                    self.loaded[text] = time.monotonic()
                    self.arrived.notify_all()
                return
            time.sleep(1)

    def arrival(self, text, timeout, inward=False):
        with self.arrived:
            self.arrived.wait_for(lambda: text in self.loaded, timeout)
            return self.loaded.get(text)
