"""`godwit web` for tests: its page's program, as a browser runs one."""

import base64
import http.client
import json
import os
import socket
import struct
import subprocess
import urllib.parse

from people import WAIT, Person, binaries, require
from world import World

PAGE = "<!doctype html><title>A page</title>"
UPGRADE = ("GET /api{query} HTTP/1.1\r\nHost: {host}\r\n{origin}Upgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n")


class Page:
    """What the page's program does: one WebSocket of lines (RFC 6455), and requests for files."""

    def __init__(self, port, token, origin=None, query=""):
        self.host, self.token, self.number = f"127.0.0.1:{port}", token, 0
        self.origin = origin or f"http://{self.host}"
        self.socket = socket.create_connection(("127.0.0.1", port), WAIT)
        self.bytes, self.text, self.seen = b"", b"", []
        self.socket.sendall(UPGRADE.format(query=query, host=self.host, origin=f"Origin: {self.origin}\r\n",
                                           key=base64.b64encode(os.urandom(16)).decode()).encode())
        while b"\r\n\r\n" not in self.bytes and self._more():
            pass
        head, _, self.bytes = self.bytes.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])

    def _more(self):
        piece = self.socket.recv(65536)
        self.bytes += piece
        return bool(piece)

    def write(self, data):
        """One binary message, masked as clients have to."""
        mask = os.urandom(4)
        size = len(data)
        length = bytes([0x80 | size]) if size < 126 else b"\xfe" + struct.pack(">H", size)
        body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        self.socket.sendall(b"\x82" + length + mask + body)

    def read(self):
        """The next line; None at the end."""
        while b"\n" not in self.text:
            while True:
                size = self.bytes[1] & 127 if len(self.bytes) >= 2 else None
                extra = {126: 2, 127: 8}.get(size, 0)
                if size is not None and len(self.bytes) >= 2 + extra:
                    if extra:
                        size = int.from_bytes(self.bytes[2:2 + extra], "big")
                    if len(self.bytes) >= 2 + extra + size:
                        break
                if not self._more():
                    return None
            opcode, data = self.bytes[0] & 15, self.bytes[2 + extra:2 + extra + size]
            self.bytes = self.bytes[2 + extra + size:]
            if opcode == 8:
                return None
            self.text += data
        line, _, self.text = self.text.partition(b"\n")
        return json.loads(line)

    def ask(self, method, **params):
        """Calls a method; gives the whole answer, and keeps notices in `seen`."""
        self.number += 1
        line = json.dumps({"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}).encode() + b"\n"
        for start in range(0, len(line), 1000):  # where messages are cut means nothing
            self.write(line[start:start + 1000])
        while True:
            answer = self.read()
            require(answer is not None, f"{method} is answered")
            if answer.get("id") == self.number:
                return answer
            self.seen.append(answer)

    def must(self, method, **params):
        """The same, and it must succeed; gives the result."""
        answer = self.ask(method, **params)
        require("result" in answer, f"{method} was refused: {answer}")
        return answer["result"]

    def notice(self, wanted):
        """Waits for a notice with wanted(method, params)."""
        while True:
            for line in self.seen:
                if "method" in line and wanted(line["method"], line["params"]):
                    return line["params"]
            line = self.read()
            require(line is not None, "the notice comes")
            self.seen.append(line)

    def http(self, method, path, body=None, token=True, **headers):
        """One request of the page; gives (status, body)."""
        connection = http.client.HTTPConnection(self.host, timeout=WAIT)
        if token:
            headers["Authorization"] = f"Bearer {self.token}"
        headers.setdefault("Origin", self.origin)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        data = answer.read()
        connection.close()
        return answer.status, data

    def close(self):
        self.socket.close()


class PageWorld(World):
    """People who use `godwit web`; it ends with the test."""

    def tearDown(self):
        for page in getattr(self, "pages", []):
            page.close()
        for process in getattr(self, "running", []):
            if process.poll() is None:
                process.kill()
            process.wait()
            process.stdout.close()
        super().tearDown()

    def web(self, name, passphrase=None, command=("web",)):
        """Starts `godwit web`, or what shows the page as it does, on a profile that need not be there, which opens by a key file or by
        this; gives (process, port, token)."""
        folder = os.path.join(self.folder, "page")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as file:
            file.write(PAGE)
        person = Person(name, os.path.join(self.folder, name.lower()))
        with open(person.errors, "ab") as errors:
            opened = person.globals() if passphrase is None else ["--profile", person.folder]
            process = subprocess.Popen([os.path.join(binaries(), "godwit"), *opened, *command, "--page", folder],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                       env={**os.environ, "GODWIT_PASSPHRASE": passphrase or ""})
        self.running = getattr(self, "running", []) + [process]
        where = urllib.parse.urlsplit(process.stdout.readline().decode().strip())
        require(where.fragment.startswith("token="), f"it says where: {where}")
        return process, where.port, where.fragment.removeprefix("token=")

    def connect(self, port, token, *more):
        """A page's program; it is ended with the test."""
        self.pages = getattr(self, "pages", []) + [Page(port, token, *more)]
        return self.pages[-1]

    def let_in(self, port, token):
        """The same, let in."""
        page = self.connect(port, token)
        require("result" in page.ask("authenticate", token=token), "the token is taken")
        return page

    def page(self, name):
        """The page of a profile that may be new, let in."""
        return self.let_in(*self.web(name)[1:])
