"""What a TLS ClientHello shows of its program: its lists in order, and their JA4.

    hello.py --listen PORT [--count N]   accepts connections, prints the hello of each and closes: for looking at real programs
"""

import argparse
import hashlib
import socket
from typing import NamedTuple

GREASE = {each * 0x1010 + 0x0a0a for each in range(16)}
SERVER_NAME, ALPN, SIGNATURES, VERSIONS, GROUPS = 0, 16, 13, 43, 10


class Hello(NamedTuple):
    """A hello's lists, in the order in which they were sent."""

    size: int
    version: int
    ciphers: list
    extensions: list  # numbers
    signatures: list
    groups: list
    versions: list
    alpn: list

    @property
    def ja4(self):
        """JA4 as FoxIO publishes it."""
        ciphers = [each for each in self.ciphers if each not in GREASE]
        extensions = [each for each in self.extensions if each not in GREASE]
        version = max([each for each in self.versions if each not in GREASE] or [self.version])
        shown = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10"}.get(version, "00")
        name = "d" if SERVER_NAME in extensions else "i"
        alpn = self.alpn[0] if self.alpn else ""
        alpn = alpn[0] + alpn[-1] if alpn else "00"
        first = f"t{shown}{name}{min(99, len(ciphers)):02}{min(99, len(extensions)):02}{alpn}"
        sealed = lambda text: hashlib.sha256(text.encode()).hexdigest()[:12]  # noqa: E731
        kept = sorted(f"{each:04x}" for each in extensions if each not in (SERVER_NAME, ALPN))
        signatures = ",".join(f"{each:04x}" for each in self.signatures)
        return "_".join((first, sealed(",".join(sorted(f"{each:04x}" for each in ciphers))),
                         sealed(",".join(kept) + ("_" + signatures if signatures else ""))))


def numbers(data):
    """Two bytes each."""
    return [int.from_bytes(data[at:at + 2], "big") for at in range(0, len(data) - 1, 2)]


def parse(record):
    """The Hello of a connection's first bytes; None if they are none, or not all of it."""
    if len(record) < 9 or record[0] != 22 or record[5] != 1:
        return None
    size = 5 + int.from_bytes(record[3:5], "big")
    if len(record) < size:
        return None
    at = 9
    version = int.from_bytes(record[at:at + 2], "big")
    at += 34
    at += 1 + record[at]
    count = int.from_bytes(record[at:at + 2], "big")
    ciphers = numbers(record[at + 2:at + 2 + count])
    at += 2 + count
    at += 1 + record[at] + 2
    found = {}
    while at + 4 <= size:
        kind, length = numbers(record[at:at + 4])
        found[kind] = record[at + 4:at + 4 + length]
        at += 4 + length
    alpn, rest = [], found.get(ALPN, b"")[2:]
    while rest:
        alpn.append(rest[1:1 + rest[0]].decode("latin-1"))
        rest = rest[1 + rest[0]:]
    return Hello(size, version, ciphers, list(found), numbers(found.get(SIGNATURES, b"")[2:]), numbers(found.get(GROUPS, b"")[2:]),
                 numbers(found.get(VERSIONS, b"")[1:]), alpn)


def receive(connection):
    """The first bytes of a connection, until they are a whole record."""
    data = b""
    connection.settimeout(5)
    while len(data) < 5 or len(data) < 5 + int.from_bytes(data[3:5], "big"):
        part = connection.recv(65536)
        if not part:
            break
        data += part
    return data


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--count", type=int, default=1)
    options = parser.parse_args()
    with socket.create_server(("127.0.0.1", options.listen)) as listener:
        for _ in range(options.count):
            connection, _ = listener.accept()
            with connection:
                hello = parse(receive(connection))
            if hello is None:
                print("no hello", flush=True)
                continue
            lists = (("ciphers", hello.ciphers), ("extensions", hello.extensions), ("signatures", hello.signatures),
                     ("groups", hello.groups))
            print(hello.ja4, f"{hello.size} bytes, alpn {hello.alpn}")
            for name, values in lists:
                print(f"  {name}: {' '.join(f'{each:04x}' for each in values)}", flush=True)


if __name__ == "__main__":
    main()
