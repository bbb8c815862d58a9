#!/usr/bin/env node
// Reminds: reminder_bot.js FILE [PROFILE]. `godwit serve` has to run. Tell it "remind me in 10 minutes to drink tea".
// What it has to say is kept in FILE, across restarts (reminder_bot.py reads the same). A crash in the wrong moment reminds twice
// rather than never.

"use strict";

const fs = require("node:fs");
const { Godwit, Refused } = require("./godwit.js");

const REQUEST = /^remind me in (\d{1,6}) (second|minute|hour|day)s? to (.+)$/is;
const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86400 };
const HELP = 'Tell me: "remind me in 10 minutes to drink tea". Seconds, minutes, hours and days are fine.';

/**
 * What is to be said when: { due (Unix seconds), chat, what } by the id of the message that asked for it, so that one asked
 * twice is kept once.
 */
class Reminders {
  constructor(file) {
    this.file = file;
    const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim() : "";
    try {
      this.all = text ? JSON.parse(text) : {};
    } catch {
      throw new Error(`${file} is not a file of this bot`);
    }
  }

  /** Writes the file, whole or not at all. */
  save() {
    const written = fs.openSync(this.file + ".new", "w", 0o600);
    fs.writeFileSync(written, JSON.stringify(this.all));
    fs.fsyncSync(written);
    fs.closeSync(written);
    fs.renameSync(this.file + ".new", this.file);
  }

  /** Says what is due. */
  async tellDue(godwit) {
    for (const [key, { due, chat, what }] of Object.entries(this.all)) {
      if (due > Date.now() / 1000 || !(await say(godwit, chat, "Reminder: " + what))) continue;
      delete this.all[key];
      this.save();
    }
  }
}

/** Sends a text. False if it is to be tried again later; one that is refused for good is given up. */
async function say(godwit, chat, text) {
  try {
    await godwit.call("send_text", { chat, text });
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    console.error(`not said in ${chat}: ${error.message}`);
    return error.action !== "retry_later";
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
      const due = Date.now() / 1000 + Number(count) * SECONDS[unit.toLowerCase()];
      reminders.all[message.id] = { due, chat, what };
      reminders.save();
      await say(godwit, chat, `I will remind you in ${count} ${unit.toLowerCase()}(s).`);
    } else if (message.text) {
      await say(godwit, chat, HELP);
    }
  }
}

async function main() {
  if (process.argv.length < 3) throw new Error("reminder_bot.js FILE [PROFILE]");
  const reminders = new Reminders(process.argv[2]);
  const godwit = await Godwit.connect(process.argv[3]);
  await Promise.all([keepTelling(reminders, godwit), takeRequests(reminders, godwit)]);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
