"""The censor as the lab sees it: a program that is the only wire between the hosts, told by JSON lines what to do."""

import json
import os
import queue
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests"))

from people import binaries, require  # noqa: E402


def censor_program():
    """Where godwit-censor is: GODWIT_CENSOR, else beside the other programs."""
    return os.environ.get("GODWIT_CENSOR", os.path.join(binaries(), "godwit-censor"))


class Censor:
    """One running godwit-censor between the hosts of a topology."""

    def __init__(self, topology, seed=1, rtt_ms=60, loss=0.01, pcap=None, features=None):
        self.topology = topology
        self.arguments = ["--seed", seed, "--rtt-ms", rtt_ms, "--loss", loss]
        if pcap:
            self.arguments += ["--pcap", pcap]
        if features:
            self.arguments += ["--features", features]
        self.process = None
        self.answers = queue.Queue()
        self.lock = threading.Lock()  # one question at a time
        self.on_suspect = None        # called with the event's dict, on the reading thread

    def __enter__(self):
        words = [censor_program(), *map(str, self.arguments)]
        for host in self.topology.hosts.values():
            side = "inside" if host.inside else "outside"
            networks = "+".join(host.networks)
            words += ["--host", f"{host.name}:{self.topology.namespace(host.name)}:{side}:{networks}"]
        with open(self.topology.path("logs", "censor.log"), "ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                            start_new_session=True)
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self._answer("ready")
            self.topology.address_devices()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["event"] == "suspect":
                if self.on_suspect:
                    self.on_suspect(event)
            else:
                self.answers.put(event)
        self.process.stdout.close()
        self.answers.put({"event": "ended"})

    def _answer(self, wanted, timeout=20.0):
        end = time.monotonic() + timeout
        while True:
            try:
                event = self.answers.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                event = None
            require(event, f"the censor did not say {wanted}")
            require(event["event"] != "ended", f"the censor has ended: {self.topology.log_text('censor')}")
            require(event["event"] != "error", f"the censor says: {event.get('text')}")
            if event["event"] == wanted:
                return event

    def _tell(self, **command):
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()

    def modes(self, *modes):
        """Puts these modes in place of those in force; none: control. Each is "name" or "name:key=value,..."."""
        with self.lock:
            self._tell(cmd="modes", modes=list(modes))
            self._answer("modes")

    def preset(self, name):
        """Puts a preset's modes in place."""
        with self.lock:
            self._tell(cmd="preset", name=name)
            self._answer("modes")

    def verdict(self, server, proxy):
        """Tells what the prober found out about a suspect."""
        with self.lock:
            self._tell(cmd="verdict", server=server, proxy=proxy)

    def counters(self):
        """{"modes": {...}, "hosts": {name: {packets_out, bytes_out, packets_in, bytes_in}}} as of now."""
        with self.lock:
            self._tell(cmd="counters")
            return self._answer("counters")


def bytes_of(counters, host):
    """What a host has sent and got together, in bytes on the wire."""
    each = counters["hosts"][host]
    return each["bytes_out"] + each["bytes_in"]
