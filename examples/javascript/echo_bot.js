#!/usr/bin/env node
// Says back what it is told: echo_bot.js [PROFILE]. `godwit serve` has to run.

"use strict";

const { Godwit, Refused } = require("./godwit.js");

const PREFIX = "You said: ";

async function main() {
  const godwit = await Godwit.connect(process.argv[2]);
  for await (const { chat, message } of godwit.messages()) {
    // Two of these must not talk to each other for ever.
    if (!message.text || message.text.startsWith(PREFIX)) continue;
    try {
      await godwit.call("send_text", { chat, text: PREFIX + [...message.text].slice(0, 20000).join("") });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      console.error(`not answered: ${error.message}`);
    }
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
