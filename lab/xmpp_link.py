"""A small XMPP client (RFC 6120, 6121): direct TLS or a tunnel below it, SASL PLAIN, messages with receipts (XEP-0184)."""

import base64
import itertools
import re
import xml.etree.ElementTree as ET

STREAMS, CLIENT = "http://etherx.jabber.org/streams", "jabber:client"
SASL, BIND = "urn:ietf:params:xml:ns:xmpp-sasl", "urn:ietf:params:xml:ns:xmpp-bind"
RECEIPTS, PING = "urn:xmpp:receipts", "urn:xmpp:ping"
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def escaped(text):
    """Text for XML."""
    return re.sub('[&<>"]', lambda match: ESCAPES[match.group()], text)


class XmppLink:
    """One connection; `events` hears on_bytes, on_text and on_receipt."""

    def __init__(self, reader, writer, options, events):
        self.reader, self.writer, self.options, self.events = reader, writer, options, events
        self.domain = options.domain
        self.parser = None
        self.depth = 0
        self.stanzas = []
        self.numbers = itertools.count(1)

    def _say(self, text):
        self.writer.write(text.encode())

    def _open_stream(self):
        self.parser, self.depth, self.stanzas = ET.XMLPullParser(("start", "end")), 0, []
        self._say(f"<?xml version='1.0'?><stream:stream to='{self.domain}' version='1.0' xmlns='{CLIENT}' "
                  f"xmlns:stream='{STREAMS}'>")

    async def _stanza(self):
        """The next child of the stream."""
        while not self.stanzas:
            data = await self.reader.read(65536)
            if not data:
                raise EOFError("the server has closed")
            self.events.on_bytes()
            self.parser.feed(data)
            for event, element in self.parser.read_events():
                self.depth += 1 if event == "start" else -1
                if event == "end" and self.depth == 1:
                    self.stanzas.append(element)
                elif event == "end" and self.depth == 0:
                    raise EOFError("the server has ended the stream")
        return self.stanzas.pop(0)

    async def _expect(self, *tags):
        stanza = await self._stanza()
        if stanza.tag not in tags:
            raise ConnectionError(f"{stanza.tag} instead of {tags[0]}")
        return stanza

    async def log_in(self):
        """Stream, SASL, stream, resource, presence."""
        self._open_stream()
        await self._expect(f"{{{STREAMS}}}features")
        secret = base64.b64encode(f"\0{self.options.name}\0{self.options.password}".encode()).decode()
        self._say(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{secret}</auth>")
        await self._expect(f"{{{SASL}}}success")
        self._open_stream()
        await self._expect(f"{{{STREAMS}}}features")
        self._say(f"<iq type='set' id='bind'><bind xmlns='{BIND}'><resource>lab</resource></bind></iq>")
        bound = await self._expect(f"{{{CLIENT}}}iq")
        if bound.get("type") != "result":
            raise ConnectionError("no resource")
        self._say("<presence/>")

    def send(self, identity, text):
        """Sends a text and asks for a receipt."""
        self._say(f"<message to='{self.options.peer}@{self.domain}' type='chat' id='{identity}'>"
                  f"<body>{escaped(text)}</body><request xmlns='{RECEIPTS}'/></message>")

    def ping(self):
        """Asks for a sign of life (XEP-0199)."""
        self._say(f"<iq type='get' id='p{next(self.numbers)}' to='{self.domain}'><ping xmlns='{PING}'/></iq>")

    async def read(self):
        """Takes in what comes, until the end."""
        while True:
            stanza = await self._stanza()
            if stanza.tag == f"{{{CLIENT}}}message":
                self._take_message(stanza)
            elif stanza.tag == f"{{{CLIENT}}}iq" and stanza.get("type") in ("get", "set"):
                self._say(f"<iq type='result' id='{escaped(stanza.get('id', ''))}'/>")

    def _take_message(self, stanza):
        receipt = stanza.find(f"{{{RECEIPTS}}}received")
        body = stanza.find(f"{{{CLIENT}}}body")
        if receipt is not None:
            self.events.on_receipt(receipt.get("id", ""))
        elif body is not None:
            identity = stanza.get("id", "")
            self.events.on_text(identity, body.text or "")
            if stanza.find(f"{{{RECEIPTS}}}request") is not None:
                self._say(f"<message to='{escaped(stanza.get('from', ''))}' type='chat'>"
                          f"<received xmlns='{RECEIPTS}' id='{escaped(identity)}'/></message>")
