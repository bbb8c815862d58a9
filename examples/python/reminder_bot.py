#!/usr/bin/env python3
"""Reminds: reminder_bot.py FILE [PROFILE]. `godwit serve` has to run. Tell it "remind me in 10 minutes to drink tea".

What it has to say is kept in FILE, across restarts. A crash in the wrong moment reminds twice rather than never.
"""

import json
import os
import re
import sys
import time

from godwit import Godwit

REQUEST = re.compile(r"remind me in (\d{1,6}) (second|minute|hour|day)s? to (.+)", re.IGNORECASE | re.DOTALL)
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
HELP = 'Tell me: "remind me in 10 minutes to drink tea". Seconds, minutes, hours and days are fine.'


class Reminders:
    """What is to be said when: by the id of the message that asked for it, so that one asked twice is kept once."""

    def __init__(self, path):
        self._path = path
        self.all = {}
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                self.all = json.load(file)

    def save(self):
        """Writes the file, whole or not at all."""
        with open(self._path + ".new", "w", encoding="utf-8") as file:
            json.dump(self.all, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self._path + ".new", self._path)

    def tell_due(self, godwit):
        """Says what is due."""
        for key, (due, chat, what) in sorted(self.all.items(), key=lambda item: item[1][0]):
            if due > time.time():
                return
            godwit.call("send_text", chat=chat, text="Reminder: " + what)
            del self.all[key]
            self.save()


def main():
    """Reminds until it is ended."""
    reminders = Reminders(sys.argv[1])
    godwit = Godwit(sys.argv[2] if len(sys.argv) > 2 else None)
    for came in godwit.messages(timeout=1):
        if came is not None:
            chat, message = came
            asked = REQUEST.fullmatch(message["text"].strip())
            if asked:
                due = time.time() + int(asked[1]) * SECONDS[asked[2].lower()]
                reminders.all[message["id"]] = [due, chat, asked[3]]
                reminders.save()
                godwit.call("send_text", chat=chat, text=f"I will remind you in {asked[1]} {asked[2].lower()}(s).")
            elif message["text"]:
                godwit.call("send_text", chat=chat, text=HELP)
        reminders.tell_due(godwit)


if __name__ == "__main__":
    main()
