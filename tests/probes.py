"""What a censor's probe says to a server, and exactly what it gets back (censor mode 13).

Each form is a function (server port, evidence) -> Sight. Evidence is what the censor has recorded of an earlier client of
the server that is probed. Two servers look alike if the sights of every form are equal, and the times are not better than
chance at telling them apart.
"""

import random
import re
import socket
import ssl
import struct
import time
from collections import namedtuple

QUIET = 0.12  # seconds without a byte after which a probe looks no longer, when the server keeps the connection open

# What one probe saw: what came (as far as two equal servers must agree on it), how it ended, and seconds to the first byte.
Sight = namedtuple("Sight", "seen ending seconds")
# TLS records of a recorded client, up to the server's first answer, and all of it; and the path that the client used.
Evidence = namedtuple("Evidence", "first_flight whole path")


def records(data):
    """TLS records as (type, length); what is no TLS as the text itself.

    An ECDSA signature is 70 to 72 bytes long by chance, and so is the record of CertificateVerify (RFC 8446 section 4.4.3).
    """
    out = []
    while len(data) >= 5 and 20 <= data[0] <= 23 and data[1] == 3:
        length = struct.unpack(">H", data[3:5])[0]
        out.append((data[0], "signature" if data[0] == 23 and 94 <= length <= 98 else length))
        data = data[5 + length:]
    return tuple(out + ([plain_text(data)] if data else []))


def plain_text(data):
    """A response without what may differ by the second."""
    return re.sub(rb"Date: [^\r]*", b"Date: *", bytes(data)).decode("latin-1")


class Wire:
    """A TCP connection that notes what comes, when, and how it ends."""

    def __init__(self, port):
        self.port = port
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.raw = b""
        self.ending = "open"
        self.first_at = None

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError:
            pass  # what ended it shows when it is read

    def read_once(self, timeout):
        """One read; False when nothing more comes."""
        self.socket.settimeout(timeout)
        try:
            data = self.socket.recv(65536)
        except TimeoutError:
            return False
        except OSError:
            self.ending = "reset"
            return False
        if not data:
            self.ending = "closed"
            return False
        if self.first_at is None:
            self.first_at = time.perf_counter()
        self.raw += data
        return True

    def read_all(self, quiet=QUIET):
        while self.read_once(quiet):
            pass

    def sight(self, seen, since):
        self.socket.close()
        return Sight(seen, self.ending, None if self.first_at is None else self.first_at - since)


class TlsWire(Wire):
    """The same with TLS, by OpenSSL over memory, so that both layers are seen."""

    def __init__(self, port, name=None, alpn=("http/1.1",)):
        super().__init__(port)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(list(alpn))
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
        self.plain = b""
        self.said_goodbye = False
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.flush()
                start = len(self.raw)
                if not self.read_once(5):
                    break
                self.incoming.write(self.raw[start:])
        self.flush()
        self.handshake = (self.tls.version(), self.tls.cipher()[0], self.tls.selected_alpn_protocol())
        # Tickets come now; they are no answer to what is said next.
        self.read_plain(0.01)
        self.first_at = None

    def flush(self):
        data = self.outgoing.read()
        if data:
            self.send(data)

    def say(self, text):
        self.tls.write(text if isinstance(text, bytes) else text.encode("latin-1"))
        self.flush()

    def read_plain(self, quiet=QUIET):
        while True:
            start = len(self.raw)
            more = self.read_once(quiet)
            self.incoming.write(self.raw[start:])
            try:
                while True:
                    data = self.tls.read(65536)
                    if not data:
                        self.said_goodbye = True
                        break
                    self.plain += data
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLZeroReturnError:
                self.said_goodbye = True
            except ssl.SSLError as error:
                self.ending = f"alert {error.reason}"
            if not more:
                return

    def sight_now(self, since):
        text = plain_text(self.plain).replace(f"bridge.example:{self.port}", "bridge.example:*")
        return self.sight((self.handshake, text, "close_notify" if self.said_goodbye else "-"), since)


def asks(text, name=None, pieces=None, then=None, alpn=("http/1.1",)):
    """A form that says `text` inside TLS, in `pieces` of so many bytes, and then perhaps more."""
    def probe(port, evidence):
        said = text(evidence) if callable(text) else text
        wire = TlsWire(port, name, alpn)
        parts = [said] if pieces is None else [said[i:i + pieces] for i in range(0, len(said), pieces)]
        for i, part in enumerate(parts):
            if i:
                time.sleep(0.02)
            since = time.perf_counter()
            wire.say(part)
        if then == "half-close":
            wire.socket.shutdown(socket.SHUT_WR)
        if then == "close_notify":
            try:
                wire.tls.unwrap()
            except ssl.SSLError:
                pass
            wire.flush()
        wire.read_plain()
        return wire.sight_now(since)
    return probe


def throws(data):
    """A form that sends bytes without TLS."""
    def probe(port, evidence):
        wire = Wire(port)
        since = time.perf_counter()
        wire.send(data(evidence) if callable(data) else data)
        wire.read_all()
        return wire.sight(records(wire.raw), since)
    return probe


def changed(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def fixed_random(count):
    return random.Random(count).randbytes(count)


HOST = "Host: bridge.example\r\n"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
RIGHT = f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{KEY}"
WRONG_PATH = "/" + "A" * 22


def get(path, headers="", version="HTTP/1.1", method="GET"):
    return lambda evidence: f"{method} {path or evidence.path} {version}\r\n{HOST}{headers}\r\n"


SECRET = None  # the path of the evidence
OUTSIDE_TLS = {
    "nothing at all": throws(b""),
    "50 random bytes": throws(fixed_random(50)),
    "50 random bytes like a TLS record": throws(b"\x16\x03\x01\x00\x2d" + fixed_random(45)),
    "GET / without TLS": throws(("GET / HTTP/1.1\r\n" + HOST + "\r\n").encode()),
    # what a client of ours was seen to say
    "replay of a first flight": throws(lambda e: e.first_flight),
    "replay, a byte of the random changed": throws(lambda e: changed(e.first_flight, 20)),
    "replay, a byte of the record's type changed": throws(lambda e: changed(e.first_flight, 0)),
    "replay, the last byte changed": throws(lambda e: changed(e.first_flight, len(e.first_flight) - 1)),
    "replay, cut in the middle": throws(lambda e: e.first_flight[:len(e.first_flight) // 2]),
    "replay of a whole connection": throws(lambda e: e.whole),
}
FORMS = {
    **OUTSIDE_TLS,
    # without a name, and with
    "GET / without a name": asks(get("/")),
    "GET / with the name": asks(get("/"), name="bridge.example"),
    "GET / with another name": asks(get("/"), name="www.example.org"),
    "GET /index.html and close": asks(get("/index.html", "Connection: close\r\n")),
    "GET of a folder": asks(get("/sub")),
    "GET of nothing": asks(get("/nothing")),
    "GET / as HTTP/1.0": asks(get("/", version="HTTP/1.0")),
    "GET / as HTTP/2.7": asks(get("/", version="HTTP/2.7")),
    "GET / without a host": asks("GET / HTTP/1.1\r\n\r\n"),
    "HEAD /": asks(get("/", method="HEAD")),
    "POST / with a body": asks("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 3\r\n\r\nabc"),
    "PUT of nothing": asks(get("/nothing", method="PUT")),
    "OPTIONS *": asks("OPTIONS * HTTP/1.1\r\n" + HOST + "\r\n"),
    "a path that climbs": asks(get("/../etc/passwd")),
    "two requests at once": asks(lambda e: get("/")(e) + get("/nothing")(e)),
    "a head of 9 KB": asks(get("/", "X: " + "y" * 9000 + "\r\n")),
    "GET / byte by byte": asks("GET / HTTP/1.0\r\n\r\n", pieces=3),
    "half a request": asks("GET /ind"),
    "GET / and half-close": asks(get("/"), then="half-close"),
    "GET / and close_notify": asks(get("/"), then="close_notify"),
    "50 random bytes inside TLS": asks(lambda e: fixed_random(50)),
    "HTTP/2 offered": asks(get("/"), alpn=("h2", "http/1.1")),
    # the path, right and wrong
    "a right upgrade of a wrong path": asks(get(WRONG_PATH, RIGHT)),
    "a right upgrade of a wrong path, and a frame": asks(lambda e: get(WRONG_PATH, RIGHT)(e) + "\x82\x85abcdefghi"),
    "the right path and one letter more": asks(lambda e: get(e.path + "A", RIGHT)(e)),
    "the right path and one letter less": asks(lambda e: get(e.path[:-1], RIGHT)(e)),
    "the right path without an upgrade": asks(get(SECRET)),
    "the right path by HEAD": asks(get(SECRET, RIGHT, method="HEAD")),
    "the right path by POST": asks(get(SECRET, RIGHT, method="POST")),
    "the right path by HTTP/1.0": asks(get(SECRET, RIGHT, version="HTTP/1.0")),
    "the right path, version 8": asks(get(SECRET, RIGHT.replace("13", "8"))),
    "the right path, no key": asks(get(SECRET, RIGHT.replace(KEY, ""))),
    "the right path, a short key": asks(get(SECRET, RIGHT.replace("dGhl", ""))),
    "the right path, no Connection": asks(get(SECRET, RIGHT.replace("Connection: Upgrade\r\n", "Connection: close\r\n"))),
    "the right path, h2c": asks(get(SECRET, RIGHT.replace("websocket", "h2c"))),
}


def rank_separation(a, b):
    """How well a time tells two servers apart: 0.5 is chance, 1.0 is always (the Mann-Whitney statistic, folded)."""
    if not a or not b:
        return 0.5
    wins = sum((x > y) + 0.5 * (x == y) for x in a for y in b)
    share = wins / (len(a) * len(b))
    return max(share, 1 - share)


def chance_separation(count):
    """The median of rank_separation for two servers that are the same, `count` times each (normal approximation)."""
    return 0.5 + 0.6745 * ((2 * count + 1) / (12 * count * count)) ** 0.5
