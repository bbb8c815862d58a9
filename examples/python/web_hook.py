#!/usr/bin/env python3
"""A web hook: web_hook.py --to URL [--port PORT] [--profile PROFILE]. `godwit serve` has to run.

What comes in is posted to URL as JSON {"chat", "message"}, again and again until it is taken with a status of 200 to 299. What is
posted to http://127.0.0.1:PORT/send as JSON {"chat", "text"} is sent: 200 with the message, 400 if it is not that, 422 if Godwit
refuses it and 503 if it may be tried again. Both carry "Authorization: Bearer TOKEN" with the token in the environment's HOOK_TOKEN.
"""

import argparse
import hmac
import http.client
import http.server
import json
import os
import sys
import threading
import time
import urllib.request

from godwit import Godwit, Refused, run

BODY_BYTES_MAX = 200_000


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would lose the message and show the token to somebody else: it counts as not taken."""

    def redirect_request(self, *_):
        """Nowhere."""


OPENER = urllib.request.build_opener(NoRedirects)


def post(url, token, value):
    """Posts JSON; OSError or HTTPException if it is not taken."""
    request = urllib.request.Request(url, json.dumps(value).encode(), method="POST",
                                     headers={"Content-Type": "application/json", "Authorization": "Bearer " + token})
    with OPENER.open(request, timeout=30):
        pass


def hand_on(profile, url, token):
    """Posts every message until it is taken; only then it counts as read."""
    for chat, message in Godwit(profile).messages():
        wait = 1
        while True:
            try:
                post(url, token, {"chat": chat, "message": message})
                break
            except (OSError, http.client.HTTPException) as why:
                print(f"{url} did not take a message, next try in {wait} s: {why!r}", file=sys.stderr)
                time.sleep(wait)
                wait = min(wait * 2, 60)


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes POST /send. Each connection has a thread of its own, and one that says nothing is ended."""

    timeout = 10
    godwit = None
    lock = threading.Lock()  # of godwit
    token = ""

    def do_POST(self):
        """Sends a text, if the token is right."""
        shown = self.headers.get("Authorization", "")
        size = self.headers.get("Content-Length", "")
        # A page in a browser cannot know the token; nor is any asked to come here.
        if "Origin" in self.headers or not hmac.compare_digest(shown.encode(), b"Bearer " + self.token.encode()):
            return self.answer(403, {"error": "the token is missing or wrong"})
        if self.path != "/send":
            return self.answer(404, {"error": "only /send is here"})
        if not size.isdigit() or int(size) > BODY_BYTES_MAX:
            return self.answer(413, {"error": "the body has no size, or is too long"})
        try:
            asked = json.loads(self.rfile.read(int(size)))
            chat, text = asked["chat"], asked["text"]
        except OSError:
            return self.answer(408, {"error": "the body did not come"})
        except (ValueError, KeyError, TypeError, RecursionError):
            return self.answer(400, {"error": 'the body has to be JSON: {"chat": "...", "text": "..."}'})
        try:
            with self.lock:
                result = self.godwit.call("send_text", chat=chat, text=text)
        except Refused as why:
            status = 400 if why.name.startswith("api_") else 503 if why.action == "retry_later" else 422
            return self.answer(status, {"error": str(why), "name": why.name})
        return self.answer(200, {"message": result["message"]})

    def answer(self, code, value):
        """Sends JSON."""
        body = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing: what is sent is nobody's business."""


def stop_when_ended(work, *arguments):
    """Runs `work`; when it ends, for whatever reason, so does the program."""
    try:
        work(*arguments)
    except BaseException as why:
        print(repr(why), file=sys.stderr)
    os._exit(1)


def main():
    """Serves until it is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", required=True)
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--profile")
    options = parser.parse_args()
    token = os.environ.get("HOOK_TOKEN", "")
    if len(token) < 16:
        sys.exit("HOOK_TOKEN has to be a random text of 16 characters or more")
    Handler.godwit = Godwit(options.profile)
    Handler.token = token
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    threading.Thread(target=stop_when_ended, args=(hand_on, options.profile, options.to, token), daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}/send", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    run(main)
