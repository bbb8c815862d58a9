"""Proxies on 127.0.0.1, in the test's own process."""

import socket
import socketserver
import struct
import threading

from people import require


def pump(source, sink, allowed=None):
    """Copies until either side ends; after `allowed` bytes nothing comes any more, and the connection stands."""
    try:
        while True:
            chunk = source.recv(65536)
            if not chunk:
                break
            if allowed is not None:
                chunk, allowed = chunk[:allowed], allowed - len(chunk[:allowed])
            sink.sendall(chunk)
    except OSError:
        pass
    for each in (source, sink):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def splice(client, upstream, allowed=None):
    """Copies both ways until both have ended, no more than `allowed` bytes each way."""
    back = threading.Thread(target=pump, args=(upstream, client, allowed), daemon=True)
    back.start()
    pump(client, upstream, allowed)
    back.join()
    upstream.close()


def exactly(connection, count):
    """Reads `count` bytes."""
    out = b""
    while len(out) < count:
        chunk = connection.recv(count - len(out))
        require(chunk, "the client went away")
        out += chunk
    return out


class Server:
    """A threaded TCP server on 127.0.0.1 whose connections `handle(connection)` serves."""

    def __init__(self, handle):
        self.count = 0

        class Handler(socketserver.BaseRequestHandler):
            def handle(inner):
                self.count += 1
                try:
                    handle(inner.request)
                except Exception:  # a client that goes away in the middle
                    pass

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


def socks5_proxy(user=None, password=None, names=None, allowed=None):
    """A SOCKS5 server, with a login if one is given; `names` maps hosts to addresses, `allowed` is how many bytes each connection
    carries each way before it falls silent."""
    def handle(client):
        version, count = exactly(client, 2)
        methods = exactly(client, count)
        wanted = 2 if user else 0
        if wanted not in methods:
            client.sendall(b"\x05\xff")
            return
        client.sendall(bytes([5, wanted]))
        if user:
            exactly(client, 1)
            given_user = exactly(client, exactly(client, 1)[0]).decode()
            given_password = exactly(client, exactly(client, 1)[0]).decode()
            good = (given_user, given_password) == (user, password)
            client.sendall(bytes([1, 0 if good else 1]))
            if not good:
                return
        _, _, _, kind = exactly(client, 4)
        host = socket.inet_ntoa(exactly(client, 4)) if kind == 1 else exactly(client, exactly(client, 1)[0]).decode()
        port = struct.unpack(">H", exactly(client, 2))[0]
        try:
            upstream = socket.create_connection(((names or {}).get(host, host), port), 10)
        except OSError:
            client.sendall(b"\x05\x05\x00\x01" + bytes(6))
            return
        client.sendall(b"\x05\x00\x00\x01" + bytes(6))
        splice(client, upstream, allowed)
    return Server(handle)


def http_proxy(seen):
    """An HTTP proxy that knows CONNECT; `seen` gets the request heads."""
    def handle(client):
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        seen.append(head.decode())
        host, port = head.split()[1].decode().rsplit(":", 1)
        upstream = socket.create_connection((host, int(port)), 10)
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        splice(client, upstream)
    return Server(handle)
