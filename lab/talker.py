#!/usr/bin/env python3
"""One person of a peer system as a program: connects, comes back when a connection dies, sends and receives texts.

    talker.py --protocol message|xmpp --name NAME --peer NAME --connect HOST:PORT
              [--tls NAME ...] [--socks HOST:PORT] [--socks-arguments "k=v;k=v"] [--password P]

Each --tls puts a TLS layer around what follows, the first one outermost: two of them are TLS in TLS. Standard input takes
{"send": TEXT} lines; standard output tells {"event": "connected" | "lost" | "received" | "receipt", ...} with `at` of the
monotonic clock. A text without a receipt is sent again on each new connection, so that every system gets the same
patience: a dial may take 15 s, silence after something sent ends a connection after 10 s, and the pauses between dials
grow from 1 to 10 s.
"""

import argparse
import asyncio
import json
import ssl
import sys
import time

from message_link import MessageLink
from xmpp_link import XmppLink

DIAL_SECONDS = 15
SILENCE_SECONDS = 10
PAUSE_SECONDS = (1, 2, 4, 8, 10)
PING_SECONDS = 30
LINE_MAX = 1 << 22


def tell(event, **more):
    """One line for whoever runs this."""
    print(json.dumps({"event": event, "at": time.monotonic(), **more}), flush=True)


def trust():
    """TLS by the authorities of SSL_CERT_FILE."""
    return ssl.create_default_context()


async def socks_connect(reader, writer, host, port, arguments):
    """SOCKS5 (RFC 1928), by name; a pluggable transport's arguments go as user name and password (PT 2.1)."""
    writer.write(b"\x05\x01\x02" if arguments else b"\x05\x01\x00")
    await reader.readexactly(2)
    if arguments:
        words = arguments.encode()
        user, password = words[:255], words[255:] or b"\0"
        writer.write(bytes([1, len(user)]) + user + bytes([len(password)]) + password)
        if (await reader.readexactly(2))[1] != 0:
            raise ConnectionError("the proxy refused the arguments")
    name = host.encode()
    try:
        address = b"\x01" + bytes(int(part) for part in host.split("."))
    except ValueError:
        address = b"\x03" + bytes([len(name)]) + name
    writer.write(b"\x05\x01\x00" + address + port.to_bytes(2, "big"))
    reply = await reader.readexactly(4)
    if reply[1] != 0:
        raise ConnectionError(f"the proxy says {reply[1]}")
    size = {1: 4, 3: None, 4: 16}[reply[3]]
    if size is None:
        size = (await reader.readexactly(1))[0]
    await reader.readexactly(size + 2)


def place(text):
    """HOST:PORT as (host, port)."""
    host, _, port = text.rpartition(":")
    return host, int(port)


async def dial(options):
    """A stream to the server through all the layers."""
    host, port = place(options.connect)
    to = place(options.socks) if options.socks else (host, port)
    reader, writer = await asyncio.open_connection(*to, limit=LINE_MAX)
    try:
        if options.socks:
            await socks_connect(reader, writer, host, port, options.socks_arguments)
        for name in options.tls:
            await writer.start_tls(trust(), server_hostname=name)
    except BaseException:
        writer.transport.abort()
        raise
    return reader, writer


class Talker:
    """What is to be sent, and the connection of the moment."""

    def __init__(self, options):
        self.options = options
        self.open_texts = {}  # id -> text: sent, and no receipt yet
        self.link = None
        self.count = 0
        self.heard = time.monotonic()  # when the server was last heard
        self.waiting_since = None      # since when an answer is owed

    async def read_input(self):
        """Takes texts from standard input until it ends."""
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=LINE_MAX)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self.count += 1
            identity = f"{self.options.name}-{time.time_ns()}-{self.count}"
            self.open_texts[identity] = json.loads(line)["send"]
            if self.link:
                self.owe()
                self.link.send(identity, self.open_texts[identity])

    def owe(self):
        """From now on an answer is expected."""
        if self.waiting_since is None:
            self.waiting_since = time.monotonic()

    def on_text(self, identity, text):
        """A text came in."""
        tell("received", id=identity, text=text)

    def on_receipt(self, identity):
        """The other side has it."""
        if self.open_texts.pop(identity, None) is not None:
            tell("receipt", id=identity)

    def on_bytes(self):
        """Anything at all came in: the connection lives."""
        self.waiting_since = None

    async def watch(self, writer):
        """Ends a connection that owes an answer for too long; asks now and then whether there is one."""
        last_ping = time.monotonic()
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            if self.waiting_since is not None and now - self.waiting_since > SILENCE_SECONDS:
                tell("lost", why="silence")
                writer.transport.abort()
                return
            if now - last_ping > PING_SECONDS:
                last_ping = now
                self.owe()
                self.link.ping()

    async def talk_once(self):
        """One connection from dial to end."""
        reader, writer = await asyncio.wait_for(dial(self.options), DIAL_SECONDS)
        kind = {"message": MessageLink, "xmpp": XmppLink}[self.options.protocol]
        link = kind(reader, writer, self.options, self)
        watcher = None
        try:
            await asyncio.wait_for(link.log_in(), DIAL_SECONDS)
            tell("connected")
            self.link, self.waiting_since = link, None
            watcher = asyncio.create_task(self.watch(writer))
            for identity, text in list(self.open_texts.items()):
                self.owe()
                link.send(identity, text)
            await link.read()
        finally:
            self.link = None
            if watcher:
                watcher.cancel()
            writer.transport.abort()

    async def stay_connected(self):
        """Connections, one after the other."""
        failures = 0
        while True:
            started = time.monotonic()
            try:
                await self.talk_once()
                tell("lost", why="end")
            except (OSError, EOFError, ValueError, asyncio.TimeoutError, asyncio.LimitOverrunError) as error:
                tell("lost", why=f"{type(error).__name__} {error}"[:200])
            failures = 0 if time.monotonic() - started > 30 else failures + 1
            await asyncio.sleep(PAUSE_SECONDS[min(failures, len(PAUSE_SECONDS) - 1)])

    async def run(self):
        """Talks until standard input ends."""
        staying = asyncio.create_task(self.stay_connected())
        await self.read_input()
        staying.cancel()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--protocol", choices=("message", "xmpp"), required=True)
    parser.add_argument("--name", required=True)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--password", default="")
    parser.add_argument("--domain", default="")
    parser.add_argument("--connect", required=True)
    parser.add_argument("--tls", action="append", default=[])
    parser.add_argument("--socks")
    parser.add_argument("--socks-arguments", default="")
    asyncio.run(Talker(parser.parse_args()).run())


if __name__ == "__main__":
    main()
