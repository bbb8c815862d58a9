"""Many who come to a home and do nothing right: run as a program, so that it can be in another network namespace.

    strangers.py ADDRESS PORT COUNT STATE [SOURCE]

makes COUNT connections and leaves each in STATE, then prints "held N refused M" and holds them until its input ends. Each further line of
input tries one more connection, and prints "in" or "out".
"""

import socket
import ssl
import sys

# What each has done when it falls silent.
STATES = ("connected", "hello", "request", "upgraded", "frame", "reader")
UPGRADE = (b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # how a TLS hello begins
FRAME = b"\x82\xfe\xff"  # and a frame of a WebSocket, with its size half said


def context():
    """TLS that trusts anybody."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    return made


def stay(address, state, source=None, tls=None):
    """One of them: the open connection. An OSError if it was not let in as far as that."""
    raw = socket.create_connection(address, 10, source_address=(source, 0) if source else None)
    if state == "reader":
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    if state == "connected":
        return raw
    if state == "hello":
        raw.sendall(HELLO)
        return raw
    peer = (tls or context()).wrap_socket(raw)
    if state == "request":
        peer.sendall(UPGRADE[:60])
    elif state == "reader":
        peer.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        if not peer.recv(100).startswith(b"HTTP/1.1 200"):
            raise ConnectionError("no file")
    else:
        peer.sendall(UPGRADE)
        if not peer.recv(1000).startswith(b"HTTP/1.1 101"):
            raise ConnectionError("no upgrade")
        if state == "frame":
            peer.sendall(FRAME)
    return peer


def is_open(address, source):
    """Whether one more is let in, as far as TLS."""
    try:
        stay(address, "request", source).close()
        return True
    except OSError:
        return False


def main():
    """As the text above says."""
    address = (sys.argv[1], int(sys.argv[2]))
    count, state = int(sys.argv[3]), sys.argv[4]
    source = sys.argv[5] if len(sys.argv) > 5 else None
    tls, held, refused = context(), [], 0
    for _ in range(count):
        try:
            held.append(stay(address, state, source, tls))
        except OSError:
            refused += 1
    print(f"held {len(held)} refused {refused}", flush=True)
    for _ in sys.stdin:
        print("in" if is_open(address, source) else "out", flush=True)


if __name__ == "__main__":
    main()
