"""The line protocol of message_server.py, client side."""

import json


class MessageLink:
    """One connection; `events` hears on_bytes, on_text and on_receipt."""

    def __init__(self, reader, writer, options, events):
        self.reader, self.writer, self.options, self.events = reader, writer, options, events

    def _say(self, **message):
        self.writer.write(json.dumps(message).encode() + b"\n")

    async def log_in(self):
        """Says who one is, and waits until the server answers."""
        self._say(name=self.options.name)
        self.ping()
        await self._next()

    def send(self, identity, text):
        """Sends a text."""
        self._say(to=self.options.peer, id=identity, text=text)

    def ping(self):
        """Asks for a sign of life."""
        self._say(ping=True)

    async def read(self):
        """Takes in what comes, until the end."""
        while True:
            await self._next()

    async def _next(self):
        line = await self.reader.readline()
        if not line.endswith(b"\n"):
            raise EOFError("the server has closed")
        self.events.on_bytes()
        message = json.loads(line)
        if "text" in message:
            self.events.on_text(message["id"], message["text"])
            self._say(to=message["from"], receipt=message["id"])
        elif "receipt" in message:
            self.events.on_receipt(message["receipt"])
