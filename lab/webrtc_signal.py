#!/usr/bin/env python3
"""The meeting point of two WebRTC pages: hands on what each posts for the other. HTTPS, long polls, nothing kept.

    webrtc_signal.py --listen ADDR:PORT --certificate PEM --key PEM
"""

import argparse
import http.server
import ssl
import threading
import time
from urllib.parse import parse_qs, urlsplit

POLL_SECONDS = 10
BODY_MAX = 1 << 16
WAITING_MAX = 100


class Box:
    """What waits for one name. Only the newest page of that name takes from it: an older one may be gone without a word."""

    def __init__(self):
        self.changed = threading.Condition()
        self.page = None
        self.waiting = []

    def put(self, body):
        """Adds."""
        with self.changed:
            self.waiting.append(body)
            del self.waiting[:-WAITING_MAX]
            self.changed.notify_all()

    def take(self, page):
        """The oldest, for the newest page; b"" if nothing comes in time."""
        end = time.monotonic() + POLL_SECONDS
        with self.changed:
            if self.page != page:
                self.page = page
                self.changed.notify_all()
            self.changed.wait_for(lambda: self.waiting or self.page != page, end - time.monotonic())
            return self.waiting.pop(0) if self.waiting and self.page == page else b""


boxes = {}
lock = threading.Lock()


def box(name):
    """What waits for `name`."""
    with lock:
        return boxes.setdefault(name, Box())


class Handler(http.server.BaseHTTPRequestHandler):
    """POST /for?name=N puts the body; GET /for?name=N&page=P takes one, or gives an empty answer after a while."""

    protocol_version = "HTTP/1.1"

    def parameter(self, name):
        """A parameter of the request."""
        return parse_qs(urlsplit(self.path).query).get(name, [""])[0]

    def answer(self, body=b""):
        """200, readable by any page."""
        self.send_response(200)
        self.send_header("access-control-allow-origin", "*")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):  # noqa: N802  (the name that the base class calls)
        """Puts."""
        body = self.rfile.read(min(int(self.headers.get("content-length", "0")), BODY_MAX))
        box(self.parameter("name")).put(body)
        self.answer()

    def do_GET(self):  # noqa: N802
        """Takes."""
        self.answer(box(self.parameter("name")).take(self.parameter("page")))

    def log_message(self, format, *args):  # noqa: A002
        """Says nothing."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--listen", required=True)
    parser.add_argument("--certificate", required=True)
    parser.add_argument("--key", required=True)
    options = parser.parse_args()
    address, _, port = options.listen.rpartition(":")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.certificate, options.key)
    server = http.server.ThreadingHTTPServer((address, int(port)), Handler)
    # The handshake belongs to the thread of the connection, so that a silent one does not hold up the others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main()
