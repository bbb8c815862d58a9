"""Running godwit-bridge programs for whole-program tests, and bridges that lie."""

import os
import random
import socket
import ssl
import subprocess
import threading
import time

from people import binaries, free_port, require, until, WAIT


class Bridge:
    """One godwit-bridge in a folder of its own, on a port that stays."""

    def __init__(self, folder, home, *options, port=0):
        self.folder = str(folder)
        self.home = home
        self.options = options
        self.port = port or free_port()
        self.process = None
        self.log = self.folder + ".log"

    def start(self, timeout=WAIT):
        """Starts it and waits until it listens."""
        log = open(self.log, "ab")
        self.process = subprocess.Popen(
            [os.path.join(binaries(), "godwit-bridge"), "run", "--home", self.home, "--folder", self.folder,
             "--host", "127.0.0.1", "--port", str(self.port), *self.options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        log.close()
        until(self.listens, "the bridge listens", timeout)
        until(lambda: os.path.exists(os.path.join(self.folder, "link")), "the bridge has written its link", timeout)
        return self

    def listens(self):
        """True once somebody accepts on the port; a Failure if the process has ended."""
        require(self.process.poll() is None, f"the bridge has ended with {self.process.returncode}: {self.log_text()}")
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def link(self):
        """What it prints for those who shall use it."""
        with open(os.path.join(self.folder, "link"), encoding="utf-8") as file:
            return file.read().split()[0]

    def path(self):
        """The secret path."""
        return "/" + self.link().split("?")[0].rsplit("/", 1)[1]

    def kill(self):
        """SIGKILL, and waits until it is gone."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self, timeout=WAIT):
        """SIGTERM; gives the exit code."""
        process, self.process = self.process, None
        process.terminate()
        return process.wait(timeout)

    def end(self):
        """For cleaning up: ends it in whatever state it is."""
        if self.process is not None:
            self.kill()

    def log_text(self):
        """What it has written so far."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-4000:]
