"""Running godwit-bridge programs for whole-program tests, and bridges that lie."""

import base64
import hashlib
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


def accept_key(key):
    """Sec-WebSocket-Accept for a key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()


class TalkativeHome:
    """No home: whoever upgrades gets `count` pieces of 16,000 bytes as fast as he takes them, and then the end."""

    def __init__(self, count):
        self.count = count
        self.sent = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def piece(self, number):
        """The piece `number`."""
        return number.to_bytes(4, "big") * 4000

    def _serve(self):
        line, _ = self.listener.accept()
        head = b""
        while b"\r\n\r\n" not in head:
            head += line.recv(4096)
        key = [each.split(": ")[1] for each in head.decode("latin-1").split("\r\n") if each.lower().startswith("sec-websocket-key")]
        line.sendall(f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                     f"Sec-WebSocket-Accept: {accept_key(key[0])}\r\n\r\n".encode())
        for number in range(self.count):
            line.sendall(b"\x82\x7e" + (16000).to_bytes(2, "big") + self.piece(number))
            self.sent += 1
        line.sendall(b"\x88\x02\x03\xe8")
        line.shutdown(socket.SHUT_WR)
        while line.recv(4096):  # closed with something unread, the kernel would take back what is still on its way
            pass
        line.close()

    def end(self):
        """Stops to accept."""
        self.listener.close()


class LyingBridge:
    """A bridge of somebody who means harm: TLS with its own certificate, and whatever `lie` does to the bytes.

    lie(liar, direction, data) gives the bytes to pass on, or None to cut the connection; direction is "up" (from the
    person) or "down". It sees what a bridge sees: TLS ends here, and WebSocket frames are in the open.
    """

    def __init__(self, folder, upstream_port, lie, certificate, key):
        self.upstream_port = upstream_port
        self.lie = lie
        self.connections = 0
        self.recorded = []  # of each connection: everything that went up
        self.dice = random.Random(11)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.ended = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, raw):
        try:
            person = self.context.wrap_socket(raw, server_side=True)
            home = self.dial()
        except OSError:
            return
        self.connections += 1
        record = bytearray()
        self.recorded.append(record)
        lines = {"up": (person, home), "down": (home, person)}
        try:
            person.settimeout(0.005)
            home.settimeout(0.005)
            while not self.ended:
                for direction, (source, target) in lines.items():
                    try:
                        data = source.recv(16384)
                    except (TimeoutError, ssl.SSLWantReadError):
                        continue
                    if not data:
                        return
                    if direction == "up":
                        record += data
                    data = self.lie(self, direction, data)
                    if data is None:
                        return
                    target.settimeout(5)
                    target.sendall(data)
                    target.settimeout(0.005)
        except OSError:
            pass
        finally:
            for each in (person, home):
                each.close()

    def dial(self, port=None):
        """A TLS connection to the home."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        return context.wrap_socket(socket.create_connection(("127.0.0.1", port or self.upstream_port)))

    def end(self):
        """Stops to accept; running connections end with their next bytes."""
        self.ended = True
        self.listener.close()
