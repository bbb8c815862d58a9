"""Talks to `godwit serve`: JSON-RPC lines on its socket. docs/protocol/api.md lists methods and notices.

    from godwit import Godwit
    godwit = Godwit()
    for chat, message in godwit.messages():
        godwit.call("send_text", chat=chat, text="Hello")
"""

import json
import os
import select
import socket
import sys
import time


class Refused(Exception):
    """A method was refused. `name` says why (docs/protocol/api.md, "Errors"), `action` what to do."""

    def __init__(self, error):
        super().__init__(error["message"])
        self.name = error.get("data", {}).get("name", "")
        self.action = error.get("data", {}).get("action", "")


def default_profile():
    """The folder that `godwit` takes if it is not given --profile."""
    data = os.environ.get("XDG_DATA_HOME", "")
    return os.path.join(data if data.startswith("/") else os.path.expanduser("~/.local/share"), "godwit")


def connect(place):
    """A socket to a place as `godwit serve` prints it: unix:/path or tcp:127.0.0.1:8000."""
    kind, _, where = place.partition(":")
    if kind == "tcp":
        host, _, port = where.rpartition(":")
        return socket.create_connection((host, int(port)))
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(where)
    except OSError:
        connection.close()
        raise
    return connection


def run(main):
    """Runs a bot's main(). What it cannot go on after is said in one line; whoever watches over it starts it again."""
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, Refused) as why:
        sys.exit(f"{os.path.basename(sys.argv[0])}: {why}")


class Godwit:
    """One connection. For one thread; others make their own. Also for `with`, which closes it."""

    def __init__(self, profile=None, place=None):
        """Connects to the `godwit serve` of a profile; to `place`, as it has printed it, if it was given --socket or --port.
        OSError if it does not run."""
        folder = os.path.join(profile or default_profile(), "api")
        try:
            with open(os.path.join(folder, "token"), encoding="ascii") as file:
                token = file.read().strip()
            self._socket = connect(place or "unix:" + os.path.join(folder, "socket"))
        except OSError as why:
            raise ConnectionError(f"`godwit serve` does not run with this profile ({why})") from why
        self._buffer = b""
        self._notices = []
        self._last_id = 0
        try:
            self.call("authenticate", token=token)
            self.call("subscribe", notices=[])
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the connection."""
        self._socket.close()

    def call(self, method, **params):
        """Calls a method and waits for its result, a dict. Refused if it cannot be done."""
        self._last_id += 1
        request = {"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            line = self._read_line(None)
            if "method" in line:
                self._notices.append((line["method"], line["params"]))
            elif "error" in line:
                raise Refused(line["error"])
            else:
                return line["result"]

    def next_notice(self, timeout=None):
        """The next notice as (name, fields); None if none came within `timeout` seconds. Only those come that were chosen with
        call("subscribe", notices=[...])."""
        if self._notices:
            return self._notices.pop(0)
        line = self._read_line(timeout)
        return line and (line["method"], line["params"])

    def messages(self, timeout=None):
        """What others have sent, as (chat, message): first what is unread, then what comes in. A message counts as read when
        the next one is asked for: one that was being handled in a crash comes again. With `timeout`, None is given whenever
        nothing came for so many seconds. The read mark is the profile's: one bot for each profile."""
        done = {}
        self.call("subscribe", notices=["message_received"])
        for chat in self.call("list_chats")["chats"]:
            done[chat["chat"]] = chat["read"]
            for message in self._unread(chat["chat"], chat["read"]):
                yield chat["chat"], message
                done[chat["chat"]] = self._mark_read(chat["chat"], message)
        while True:
            notice = self.next_notice(timeout)
            if notice is None:
                yield None
            elif notice[0] == "message_received":
                chat, message = notice[1]["chat"], notice[1]["message"]
                if not message["own"] and message["position"] > done.get(chat, 0):
                    yield chat, message
                    done[chat] = self._mark_read(chat, message)

    def _mark_read(self, chat, message):
        self.call("mark_read", chat=chat, through=message["position"])
        return message["position"]

    def _unread(self, chat, read):
        found, before = [], None
        while True:
            page = self.call("read_history", chat=chat, before=before, count=100)["messages"]
            found = page + found
            if not page or page[0]["position"] <= read:
                return [each for each in found if each["position"] > read and not each["own"] and each["kind"] != "line"]
            before = page[0]["position"]

    def _read_line(self, timeout):
        end = None if timeout is None else time.monotonic() + timeout
        while b"\n" not in self._buffer:
            left = None if end is None else max(0, end - time.monotonic())
            if not select.select([self._socket], [], [], left)[0]:
                return None
            piece = self._socket.recv(65536)
            if not piece:
                raise ConnectionError("godwit serve has ended")
            self._buffer += piece
        line, self._buffer = self._buffer.split(b"\n", 1)
        return json.loads(line)
