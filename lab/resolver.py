#!/usr/bin/env python3
"""A small DNS server of the lab: authoritative for a zone file, over UDP, TCP and DoH (RFC 1035, RFC 8484).

    resolver.py --zone FILE --address ADDR [--address ADDR ...] [--certificate PEM --key PEM]

The zone file has lines `name type value` (A, AAAA, TXT; a TXT value of up to 255 bytes is the rest of the line); it is read again whenever it has changed,
so that a test may add a record. What is not in it does not exist. With a certificate it also answers
https://ADDR/dns-query, GET and POST, over HTTP/1.1.
"""

import argparse
import asyncio
import base64
import os
import socket
import ssl
import struct
from urllib.parse import parse_qs, urlsplit

TYPES = {"A": 1, "TXT": 16, "AAAA": 28}
TTL = 60
MESSAGE_MAX = 65535
HEAD_MAX = 8192
NOERROR, FORMERR, NXDOMAIN, NOTIMP = 0, 1, 3, 4


def encoded(kind, value):
    """The data of a record, as it goes over the wire."""
    if kind == "A":
        return socket.inet_pton(socket.AF_INET, value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    text = value.encode()
    return bytes([len(text)]) + text


class Zone:
    """The records of a file, read again when it has changed."""

    def __init__(self, path):
        self.path = path
        self.stamp = None
        self.records = {}  # name -> [(type number, data)]

    def look_up(self, name, kind):
        """The data of all records of that name and type; None if the name does not exist."""
        stamp = os.stat(self.path).st_mtime_ns
        if stamp != self.stamp:
            self.records = self._read()
            self.stamp = stamp
        found = self.records.get(name.lower())
        return None if found is None else [data for each, data in found if each == kind]

    def _read(self):
        records = {}
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    name, kind, value = line.rstrip("\n").split(" ", 2)
                    records.setdefault(name.lower(), []).append((TYPES[kind], encoded(kind, value)))
        return records


def answer(zone, query):
    """The reply to a query; None if it is not one."""
    if len(query) < 12 or query[2] & 0x80:
        return None
    identity, flags, questions = struct.unpack("!HHH", query[:6])
    kept = 0x8000 | 0x0400 | 0x0080 | (flags & 0x0100)  # a reply, authoritative, recursion available, RD as asked

    def reply(code, question=b"", answers=()):
        head = struct.pack("!HHHHHH", identity, kept | code, 1 if question else 0, len(answers), 0, 0)
        return head + question + b"".join(answers)

    if (flags >> 11) & 15:
        return reply(NOTIMP)
    labels, at = [], 12
    while True:
        if at >= len(query) or query[at] > 63:
            return reply(FORMERR)
        size = query[at]
        at += 1 + size
        if size == 0:
            break
        labels.append(query[at - size:at].decode("ascii", "replace"))
    if questions != 1 or len(query) < at + 4:
        return reply(FORMERR)
    question = query[12:at + 4]
    kind = struct.unpack("!H", query[at:at + 2])[0]
    found = zone.look_up(".".join(labels), kind)
    if found is None:
        return reply(NXDOMAIN, question)
    return reply(NOERROR, question, [struct.pack("!HHHIH", 0xC00C, kind, 1, TTL, len(each)) + each for each in found])


class Udp(asyncio.DatagramProtocol):
    """Answers each datagram; what does not fit in 512 bytes is cut, with the bit that says so."""

    def __init__(self, zone):
        self.zone = zone
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        reply = answer(self.zone, data)
        if reply is None:
            return
        if len(reply) > 512:
            reply = reply[:2] + bytes([reply[2] | 2]) + reply[3:4] + struct.pack("!HHHH", 0, 0, 0, 0)
        self.transport.sendto(reply, addr)


async def serve_tcp(zone, reader, writer):
    """Length-prefixed queries, as many as come."""
    try:
        while True:
            size = struct.unpack("!H", await reader.readexactly(2))[0]
            reply = answer(zone, await reader.readexactly(size))
            if reply is None:
                break
            writer.write(struct.pack("!H", len(reply)) + reply)
            await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def http(status, body, kind="text/html"):
    """An HTTP/1.1 answer."""
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\ncache-control: max-age={TTL}\r\n\r\n"
    return head.encode() + body


async def doh_query(reader):
    """Reads one request; gives the DNS query in it, b"" if it is something else, None at the end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head.decode("latin-1").split("\r\n")
    method, target, _ = (lines[0].split(" ") + ["", ""])[:3]
    headers = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])}
    size = int(headers.get("content-length", "0") or 0)
    body = await reader.readexactly(min(size, MESSAGE_MAX))
    url = urlsplit(target)
    if url.path != "/dns-query":
        return b""
    if method == "POST":
        return body
    text = parse_qs(url.query).get("dns", [""])[0]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def serve_doh(zone, reader, writer):
    """DoH requests, as many as come on one connection."""
    try:
        while True:
            query = await doh_query(reader)
            if query is None:
                break
            reply = answer(zone, query)
            writer.write(http("200 OK", reply, "application/dns-message") if reply else
                         http("404 Not Found", b"<h1>Not Found</h1>\n"))
            await writer.drain()
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def run(options):
    """Serves until it is ended."""
    zone = Zone(options.zone)
    loop = asyncio.get_running_loop()
    for address in options.address:
        await loop.create_datagram_endpoint(lambda: Udp(zone), local_addr=(address, 53))
        await asyncio.start_server(lambda r, w: serve_tcp(zone, r, w), address, 53)
        if options.certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(options.certificate, options.key)
            context.set_alpn_protocols(["http/1.1"])
            await asyncio.start_server(lambda r, w: serve_doh(zone, r, w), address, 443, ssl=context, limit=HEAD_MAX)
    await asyncio.Event().wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--zone", required=True)
    parser.add_argument("--address", action="append", required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
