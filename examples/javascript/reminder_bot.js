#!/usr/bin/env node
// Reminds: reminder_bot.js FILE [PROFILE]. `godwit serve` has to run. Tell it "remind me in 10 minutes to drink tea".
// What it has to say is kept in FILE, across restarts. A crash in the wrong moment reminds twice rather than never.

"use strict";

const fs = require("node:fs");
const { Godwit } = require("./godwit.js");

const REQUEST = /^remind me in (\d{1,6}) (second|minute|hour|day)s? to (.+)$/is;
const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86400 };
const HELP = 'Tell me: "remind me in 10 minutes to drink tea". Seconds, minutes, hours and days are fine.';

/** What is to be said when: by the id of the message that asked for it, so that one asked twice is kept once. */
class Reminders {
  constructor(file) {
    this.file = file;
    this.all = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, "utf8")) : {};
  }

  /** Writes the file, whole or not at all. */
  save() {
    fs.writeFileSync(this.file + ".new", JSON.stringify(this.all), { flush: true });
    fs.renameSync(this.file + ".new", this.file);
  }

  /** Says what is due. */
  async tellDue(godwit) {
    for (const [key, { due, chat, what }] of Object.entries(this.all)) {
      if (due > Date.now()) continue;
      await godwit.call("send_text", { chat, text: "Reminder: " + what });
      delete this.all[key];
      this.save();
    }
  }
}

/** Looks each second, after the last look has ended. */
async function keepTelling(reminders, godwit) {
  for (;;) {
    await reminders.tellDue(godwit);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function takeRequests(reminders, godwit) {
  for await (const { chat, message } of godwit.messages()) {
    const asked = REQUEST.exec(message.text.trim());
    if (asked) {
      const [, count, unit, what] = asked;
      const due = Date.now() + Number(count) * SECONDS[unit.toLowerCase()] * 1000;
      reminders.all[message.id] = { due, chat, what };
      reminders.save();
      await godwit.call("send_text", { chat, text: `I will remind you in ${count} ${unit.toLowerCase()}(s).` });
    } else if (message.text) {
      await godwit.call("send_text", { chat, text: HELP });
    }
  }
}

async function main() {
  const reminders = new Reminders(process.argv[2]);
  const godwit = await Godwit.connect(process.argv[3]);
  await Promise.all([keepTelling(reminders, godwit), takeRequests(reminders, godwit)]);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
