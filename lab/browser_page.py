"""A page in a real Chromium on a host of the lab."""

import json
import os
import shutil
import subprocess
import threading
import time

ANSWER_SECONDS = 30
# bash, because the browser wants its commands on descriptors 3 and 4.
SHELL = 'exec "${@:3}" 3<&"$1" 4>&"$2"'


def trust(folder, certificate):
    """The authority goes into the own store of the browsers whose HOME is `folder`, as one that their user has been given."""
    store = os.path.join(folder, ".pki", "nssdb")
    os.makedirs(store)
    for words in (("-N", "--empty-password"), ("-A", "-t", "C,,", "-n", "lab", "-i", certificate)):
        subprocess.run(["certutil", "-d", f"sql:{store}", *words], check=True, capture_output=True)


class BrowserPage:
    """One page in a Chromium of its own, driven by its debugging pipe. `profile`: a folder of the caller's that stays; without one it
    is removed at the end. `options` are the browser's, `environment` what it gets besides. What the page says by tell(JSON of {text})
    is kept with its time."""

    def __init__(self, topology, host, name, url, profile=None, options=(), environment=None):
        self.topology = topology
        self.keeps = profile is not None
        self.profile = profile or topology.path(f"chromium-{name}-{time.monotonic_ns()}", "")[:-1]
        self.texts = {}
        self.answers = {}
        self.arrived = threading.Condition()
        self.number = 0
        read_commands, self.commands = os.pipe()
        self.events, write_events = os.pipe()
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-pipe",
                 "--disable-background-networking", "--disable-component-update", f"--user-data-dir={self.profile}", *options, url]
        self.process = topology.start(host, f"chromium-{name}", "bash", "-c", SHELL, "bash", read_commands, write_events, *words,
                                      env=environment, pass_fds=(read_commands, write_events))
        os.close(read_commands)
        os.close(write_events)
        threading.Thread(target=self._read, daemon=True).start()
        self.session = None
        try:
            page = self._wait_for_page(url.partition("#")[0])
            self.session = self.ask("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
            self.ask("Runtime.enable")
            self.ask("Runtime.addBinding", name="tell")
            self.until("location.href !== 'about:blank' && document.readyState === 'complete'", "the page")
        except BaseException:
            self.end()
            raise

    def _wait_for_page(self, url):
        end = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < end:
            for target in self.ask("Target.getTargets")["targetInfos"]:
                if target["type"] == "page" and target["url"].startswith(url):
                    return target["targetId"]
            time.sleep(0.1)
        raise RuntimeError("chromium: the browser does not open its page")

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
                raise RuntimeError(f"chromium: the browser does not answer {method}")
            answer = self.answers.pop(number)
        if "error" in answer:
            raise RuntimeError(f"chromium: {method}: {answer['error']}")
        return answer["result"]

    def run(self, script):
        """Runs a script in the page; gives what it gives, waited for if that is a promise."""
        result = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"chromium: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, script, what, timeout=ANSWER_SECONDS):
        """Runs a script until it gives something true; a RuntimeError naming `what` if it does not in time."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            try:
                if value := self.run(script):
                    return value
            except RuntimeError as error:  # between two documents there is none to run it in
                if "execution context" not in str(error):
                    raise
            time.sleep(0.05)
        raise RuntimeError(f"chromium: not in time: {what}")

    def wait(self, text, timeout):
        """When that text came in; None if it did not in time."""
        with self.arrived:
            self.arrived.wait_for(lambda: text in self.texts, timeout)
            return self.texts.get(text)

    def end(self):
        """Ends the browser."""
        os.close(self.commands)
        self.topology.end_processes([self.process])
        if not self.keeps:
            shutil.rmtree(self.profile, ignore_errors=True)
