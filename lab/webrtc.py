"""Plain WebRTC as a peer: two Chromium pages with a data channel, which meet by HTTPS on a name of their own."""

import json
import os
import shutil
import sys
import threading
import time
from urllib.parse import urlencode

from system import System

HERE = os.path.dirname(os.path.abspath(__file__))
ANSWER_SECONDS = 30
# bash, because the browser wants its commands on descriptors 3 and 4.
SHELL = 'exec "${@:3}" 3<&"$1" 4>&"$2"'


class Page:
    """One page in a Chromium of its own, driven by its debugging pipe."""

    def __init__(self, topology, host, name, url):
        self.topology = topology
        self.profile = topology.path(f"chromium-{name}-{time.monotonic_ns()}", "")[:-1]
        self.texts = {}
        self.answers = {}
        self.arrived = threading.Condition()
        self.number = 0
        read_commands, self.commands = os.pipe()
        self.events, write_events = os.pipe()
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe",
                 "--ignore-certificate-errors", "--disable-features=WebRtcHideLocalIpsWithMdns",
                 "--disable-background-networking", "--disable-component-update", f"--user-data-dir={self.profile}", url]
        self.process = topology.start(host, f"webrtc-{name}", "bash", "-c", SHELL, "bash", read_commands, write_events, *words,
                                      pass_fds=(read_commands, write_events))
        os.close(read_commands)
        os.close(write_events)
        threading.Thread(target=self._read, daemon=True).start()
        self.session = None
        page = self._wait_for_page()
        self.session = self.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        self.ask("Runtime.enable")
        self.ask("Runtime.addBinding", name="tell")
        self.run("start()")

    def _wait_for_page(self):
        end = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < end:
            for target in self.ask("Target.getTargets")["targetInfos"]:
                if target["type"] == "page" and "webrtc.html" in target["url"] and target["title"] == "WebRTC peer":
                    return target["targetId"]
            time.sleep(0.1)
        raise RuntimeError("webrtc: the browser does not open its page")

    def _read(self):
        buffer = b""
        while part := os.read(self.events, 1 << 16):
            *messages, buffer = (buffer + part).split(b"\0")
            for each in messages:
                self._take(json.loads(each))
        os.close(self.events)

    def _take(self, message):
        with self.arrived:
            if "id" in message:
                self.answers[message["id"]] = message
            elif message.get("method") == "Runtime.bindingCalled":
                self.texts.setdefault(json.loads(message["params"]["payload"])["text"], time.monotonic())
            self.arrived.notify_all()

    def ask(self, method, **params):
        """A command of the debugging protocol; gives its result."""
        self.number += 1
        number = self.number
        command = {"id": number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.commands, json.dumps(command).encode() + b"\0")
        with self.arrived:
            if not self.arrived.wait_for(lambda: number in self.answers, ANSWER_SECONDS):
                raise RuntimeError(f"webrtc: the browser does not answer {method}")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"webrtc: {method}: {answer['error']}")
        return answer["result"]

    def run(self, script):
        """Runs a script in the page."""
        result = self.ask("Runtime.evaluate", expression=script)
        if "exceptionDetails" in result:
            raise RuntimeError(f"webrtc: {result['exceptionDetails']}")

    def wait(self, text, timeout):
        """When that text came in; None if it did not in time."""
        with self.arrived:
            self.arrived.wait_for(lambda: text in self.texts, timeout)
            return self.texts.get(text)

    def end(self):
        """Ends the browser."""
        os.close(self.commands)
        self.topology.end_processes([self.process])
        shutil.rmtree(self.profile, ignore_errors=True)


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
        return Page(self.topology, host, me, f"file://{HERE}/webrtc.html?{query}")

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
