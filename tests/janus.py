"""A small client of Janus by WebSocket (RFC 6455) over a Unix socket, as far as the tests of a home's unit need one."""

import base64
import json
import os
import re
import socket
import struct

PLUGIN = "janus.plugin.videoroom"

# What a page that sends a voice offers.
OFFER = "\r\n".join([
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0", "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:actpass", "a=mid:0", "a=sendonly", "a=rtcp-mux",
    "a=rtpmap:111 opus/48000/2", "a=ssrc:1 cname:x", ""])


def quoted_in(path, key):
    """The text that a file of libconfig has for `key`."""
    with open(path, encoding="utf-8") as file:
        return re.search(rf'^ *{key} = "(.*)"$', file.read(), re.M).group(1)


class Janus:
    """One connection, and one session on it."""

    def __init__(self, path, secret):
        self.secret, self.session, self.count, self.buffer = secret, None, 0, b""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(20)
        self.socket.connect(path)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(("GET / HTTP/1.1\r\nHost: unit\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                             "Sec-WebSocket-Protocol: janus-protocol\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self.more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"HTTP/1.1 101"), head

    def close(self):
        """Ends the connection, and with it the session."""
        self.socket.close()

    def more(self):
        """Reads on."""
        data = self.socket.recv(65536)
        assert data, "Janus has closed the connection"
        self.buffer += data

    def read(self):
        """The next message."""
        text = b""
        while True:
            while len(self.buffer) < 10 and len(self.buffer) < 2 + (self.buffer[1:2] >= b"~") * 8:
                self.more()
            final, size, at = self.buffer[0] & 0x80, self.buffer[1] & 0x7F, 2
            if size == 126:
                size, at = struct.unpack(">H", self.buffer[2:4])[0], 4
            elif size == 127:
                size, at = struct.unpack(">Q", self.buffer[2:10])[0], 10
            while len(self.buffer) < at + size:
                self.more()
            text += self.buffer[at:at + size]
            self.buffer = self.buffer[at + size:]
            if final:
                return json.loads(text)

    def ask(self, kind, **members):
        """What it answers to one message, when it has done it."""
        self.count += 1
        message = {"janus": kind, "transaction": str(self.count), "apisecret": self.secret, **members}
        if self.session:
            message["session_id"] = self.session
        data, mask = json.dumps(message).encode(), os.urandom(4)
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack(">H", len(data))
        masked = bytes(each ^ mask[i % 4] for i, each in enumerate(data))
        self.socket.sendall(b"\x81" + size + mask + masked)
        while True:
            said = self.read()
            if said.get("transaction") == str(self.count) and said["janus"] != "ack":
                return said

    def begin(self):
        """A session; its answer."""
        said = self.ask("create")
        self.session = said.get("data", {}).get("id")
        return said

    def attach(self):
        """A handle of the rooms."""
        return self.ask("attach", plugin=PLUGIN)["data"]["id"]

    def room(self, handle, sdp=None, sealed=True, **body):
        """What the rooms say to one request, and the description with it."""
        jsep = {"jsep": {"type": "offer", "sdp": sdp, "e2ee": sealed}} if sdp else {}
        said = self.ask("message", handle_id=handle, body=body, **jsep)
        return said["plugindata"]["data"], said.get("jsep", {}).get("sdp")
