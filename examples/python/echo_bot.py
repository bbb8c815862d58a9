#!/usr/bin/env python3
"""Says back what it is told: echo_bot.py [PROFILE]. `godwit serve` has to run."""

import sys

from godwit import Godwit, Refused, run

PREFIX = "You said: "


def main():
    """Answers until it is ended."""
    godwit = Godwit(sys.argv[1] if len(sys.argv) > 1 else None)
    for chat, message in godwit.messages():
        # Two of these must not talk to each other for ever.
        if message["text"] and not message["text"].startswith(PREFIX):
            try:
                godwit.call("send_text", chat=chat, text=PREFIX + message["text"][:20000])
            except Refused as why:
                print("not answered:", why, file=sys.stderr)


if __name__ == "__main__":
    run(main)
