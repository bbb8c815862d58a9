"""A small TURN client (RFC 8656) inside TLS, as far as the tests of a home's relay need one."""

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct

COOKIE = 0x2112A442
BINDING, ALLOCATE, PERMIT, SEND, DATA = 0x0001, 0x0003, 0x0008, 0x0016, 0x0017  # three requests, two indications
XOR_PEER, DATA_ATTRIBUTE, XOR_RELAYED, TRANSPORT = 0x0012, 0x0013, 0x0016, 0x0019
USERNAME, INTEGRITY, ERROR, REALM, NONCE = 0x0006, 0x0008, 0x0009, 0x0014, 0x0015


class Refused(Exception):
    """The relay has answered with an error; `code` is its number."""

    def __init__(self, code):
        super().__init__(f"refused with {code}")
        self.code = code


def attribute(kind, value):
    """One attribute, padded."""
    return struct.pack(">HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)


def xor_address(address):
    """(IPv4, port) as an XOR-...-ADDRESS value."""
    host, port = address
    number = struct.unpack(">I", socket.inet_aton(host))[0]
    return struct.pack(">BBHI", 0, 1, port ^ COOKIE >> 16, number ^ COOKIE)


def plain_address(value):
    """The reverse."""
    _, _, port, number = struct.unpack(">BBHI", value)
    return socket.inet_ntoa(struct.pack(">I", number ^ COOKIE)), port ^ COOKIE >> 16


def first_message(method=ALLOCATE):
    """What a TURN client says first; with another method, what a scanner of STUN does."""
    body = attribute(TRANSPORT, bytes([17, 0, 0, 0])) if method == ALLOCATE else b""
    return struct.pack(">HHI", method, len(body), COOKIE) + os.urandom(12) + body


def tls(port, host="127.0.0.1"):
    """A TLS connection to whoever has whatever certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = socket.create_connection((host, port), timeout=20)
    return context.wrap_socket(connection, server_hostname=host)


class Relayed:
    """One connection to a relay, with what it has allocated."""

    def __init__(self, port, username, password, in_tls=True, udp=False):
        if udp:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.settimeout(20)
            self.socket.connect(("127.0.0.1", port))
        else:
            self.socket = tls(port) if in_tls else socket.create_connection(("127.0.0.1", port), timeout=20)
        self.udp, self.datagram = udp, b""
        self.username, self.password = username, password
        self.realm = self.nonce = None
        self.waiting = []
        self.relayed = None

    def close(self):
        """Ends the connection, and so what was allocated."""
        self.socket.close()

    def allocate(self):
        """Allocates; gives the address that others send to."""
        try:
            answer = self.ask(ALLOCATE, attribute(TRANSPORT, bytes([17, 0, 0, 0])))
        except Refused as refused:
            if refused.code != 401:
                raise
            answer = self.ask(ALLOCATE, attribute(TRANSPORT, bytes([17, 0, 0, 0])))
        self.relayed = plain_address(answer[XOR_RELAYED])
        return self.relayed

    def permit(self, peer):
        """Lets a peer's packets through."""
        self.ask(PERMIT, attribute(XOR_PEER, xor_address(peer)))

    def send(self, peer, data):
        """Has one packet sent to a peer."""
        body = attribute(XOR_PEER, xor_address(peer)) + attribute(DATA_ATTRIBUTE, data)
        self.socket.sendall(struct.pack(">HHI", SEND, len(body), COOKIE) + os.urandom(12) + body)

    def receive(self):
        """The next packet that came from a peer: (from whom, what)."""
        while not self.waiting:
            kind, attributes = self._read()
            self._note(kind, attributes)
        return self.waiting.pop(0)

    def ask(self, method, body):
        """One request; gives the attributes of its answer, or raises Refused."""
        number = os.urandom(12)
        if self.nonce is not None:
            body += (attribute(USERNAME, self.username.encode()) + attribute(REALM, self.realm) + attribute(NONCE, self.nonce))
            head = struct.pack(">HHI", method, len(body) + 24, COOKIE) + number
            key = hashlib.md5(f"{self.username}:{self.realm.decode()}:{self.password}".encode()).digest()
            body += attribute(INTEGRITY, hmac.new(key, head + body, hashlib.sha1).digest())
        self.socket.sendall(struct.pack(">HHI", method, len(body), COOKIE) + number + body)
        while True:
            kind, attributes = self._read()
            if self._note(kind, attributes):
                continue
            if kind & 0x0110 == 0x0110:
                self.realm, self.nonce = attributes.get(REALM, self.realm), attributes.get(NONCE, self.nonce)
                raise Refused(attributes[ERROR][2] * 100 + attributes[ERROR][3])
            return attributes

    def _note(self, kind, attributes):
        if kind != DATA:
            return False
        self.waiting.append((plain_address(attributes[XOR_PEER]), attributes[DATA_ATTRIBUTE]))
        return True

    def _read(self):
        kind, size, cookie = struct.unpack(">HHI", self._exactly(20)[:8])
        assert cookie == COOKIE, "STUN over TCP"
        body, attributes = self._exactly(size), {}
        while body:
            name, length = struct.unpack(">HH", body[:4])
            attributes.setdefault(name, body[4:4 + length])
            body = body[4 + length + (-length % 4):]
        return kind, attributes

    def _exactly(self, size):
        if self.udp:  # of which each has one message
            self.datagram = self.datagram or self.socket.recv(2000)
            out, self.datagram = self.datagram[:size], self.datagram[size:]
            return out
        out = b""
        while len(out) < size:
            more = self.socket.recv(size - len(out))
            if not more:
                raise ConnectionError("the relay has closed")
            out += more
        return out


def password_of(secret, username):
    """What coturn takes for `username` under a shared secret."""
    return base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()
