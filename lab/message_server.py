#!/usr/bin/env python3
"""The message server behind the peers' carriers: hands texts from one name to another, and receipts back.

    message_server.py --listen ADDR:PORT [--listen ...] [--certificate PEM --key PEM --tls-listen ADDR:PORT]

Lines of JSON. {"name": N} says who one is; {"to": N, "id": I, "text": T} goes to N, now or when he comes, as {"from", "id",
"text"}; {"to": N, "receipt": I} likewise. Nothing is kept over a restart: it is a stand-in for a service, so that
carriers can be compared, not a service.
"""

import argparse
import asyncio
import json
import ssl

LINE_MAX = 1 << 22
WAITING_MAX = 1000  # texts kept for one who is away


class Exchange:
    """Who is here, and what waits for those who are not."""

    def __init__(self):
        self.here = {}     # name -> writer of the newest connection
        self.waiting = {}  # name -> lines

    def pass_on(self, name, line):
        """To the one called `name`, now or later."""
        writer = self.here.get(name)
        if writer is not None:
            writer.write(line)
        else:
            self.waiting.setdefault(name, []).append(line)
            del self.waiting[name][:-WAITING_MAX]

    async def serve(self, reader, writer):
        """One connection, until it ends."""
        name = None
        try:
            while line := await reader.readline():
                message = json.loads(line)
                if "name" in message:
                    name = message["name"]
                    self.here[name] = writer
                    for each in self.waiting.pop(name, []):
                        writer.write(each)
                elif "ping" in message:
                    writer.write(b'{"pong": true}\n')
                elif name:
                    self.pass_on(message["to"], json.dumps({**message, "from": name}).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, KeyError):
            pass
        finally:
            if self.here.get(name) is writer:
                del self.here[name]
            writer.close()


def place(text):
    """ADDR:PORT as (address, port)."""
    address, _, port = text.rpartition(":")
    return address, int(port)


async def run(options):
    """Serves until it is ended."""
    exchange = Exchange()
    for each in options.listen:
        await asyncio.start_server(exchange.serve, *place(each), limit=LINE_MAX)
    if options.tls_listen:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
        await asyncio.start_server(exchange.serve, *place(options.tls_listen), ssl=context, limit=LINE_MAX)
    await asyncio.Event().wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--listen", action="append", default=[])
    parser.add_argument("--tls-listen")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
