#!/usr/bin/env python3
"""Reminds: reminder_bot.py FILE [PROFILE]. `godwit serve` has to run. Tell it "remind me in 10 minutes to drink tea".

What it has to say is kept in FILE, across restarts (reminder_bot.js reads the same). A crash in the wrong moment reminds twice
rather than never.
"""

import json
import os
import re
import sys
import time

from godwit import Godwit, Refused, run

REQUEST = re.compile(r"remind me in (\d{1,6}) (second|minute|hour|day)s? to (.+)", re.IGNORECASE | re.DOTALL)
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
HELP = 'Tell me: "remind me in 10 minutes to drink tea". Seconds, minutes, hours and days are fine.'


class Reminders:
    """What is to be said when: {"due" (Unix seconds), "chat", "what"} by the id of the message that asked for it, so that one
    asked twice is kept once."""

    def __init__(self, path):
        self._path = path
        self.all = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            try:
                self.all = json.loads(text) if text.strip() else {}
            except ValueError:
                sys.exit(f"{path} is not a file of this bot")

    def save(self):
        """Writes the file, whole or not at all."""
        with open(self._path + ".new", "w", encoding="utf-8") as file:
            json.dump(self.all, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self._path + ".new", self._path)

    def tell_due(self, godwit):
        """Says what is due."""
        for key, each in list(self.all.items()):
            if each["due"] <= time.time() and say(godwit, each["chat"], "Reminder: " + each["what"]):
                del self.all[key]
                self.save()


def say(godwit, chat, text):
    """Sends a text. False if it is to be tried again later; one that is refused for good is given up."""
    try:
        godwit.call("send_text", chat=chat, text=text)
    except Refused as why:
        print(f"not said in {chat}: {why}", file=sys.stderr)
        return why.action != "retry_later"
    return True


def main():
    """Reminds until it is ended."""
    if len(sys.argv) < 2:
        sys.exit("reminder_bot.py FILE [PROFILE]")
    reminders = Reminders(sys.argv[1])
    godwit = Godwit(sys.argv[2] if len(sys.argv) > 2 else None)
    for came in godwit.messages(timeout=1):
        if came is not None:
            chat, message = came
            asked = REQUEST.fullmatch(message["text"].strip())
            if asked:
                due = time.time() + int(asked[1]) * SECONDS[asked[2].lower()]
                reminders.all[message["id"]] = {"due": due, "chat": chat, "what": asked[3]}
                reminders.save()
                say(godwit, chat, f"I will remind you in {asked[1]} {asked[2].lower()}(s).")
            elif message["text"]:
                say(godwit, chat, HELP)
        reminders.tell_due(godwit)


if __name__ == "__main__":
    run(main)
