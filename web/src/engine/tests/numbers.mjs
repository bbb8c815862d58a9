// The engine's numbers, by a command: node --experimental-websocket src/engine/tests/numbers.mjs
// Sizes; what it takes to load and to start; memory and start with 100 chats; sending. On loopback, with everything on this machine.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { Browsers, call } from './browser.mjs';
import { Home, kWasm, sources, until, WasmPerson, World } from './engines.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');
const kChats = 100;
const kTexts = 5;
const kSettleMs = 10_000;

function say(what, value, unit) {
  console.log(`${what.padEnd(64)} ${String(value).padStart(9)} ${unit}`);
}
const middle = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)].toFixed(1);
async function timed(work) {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function sizes() {
  const wasm = readFileSync(kWasm);
  say('module', wasm.length, 'bytes');
  say('module, gzip -9', gzipSync(wasm, { level: 9 }).length, 'bytes');
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  say('module, brotli 11', brotliCompressSync(wasm, { params }).length, 'bytes');
}

async function inNode(world, home) {
  const code = await sources();
  const person = async (name) => {
    const made = new WasmPerson(world, code, name);
    await made.start();
    await made.call('new_account', { name, home_link: await home.link() });
    return made;
  };
  const bytes = readFileSync(kWasm);
  say('compile the module', (await timed(() => WebAssembly.compile(bytes))).toFixed(1), 'ms');
  const [anna, boris] = [await person('Anna'), await person('Boris')];
  const { link } = await anna.call('make_invite');
  await boris.call('add_contact', { link });
  const { chat: ofAnna, peer } = await anna.chatWith('Boris');
  const answered = [];
  const arrived = [];
  for (let i = 0; i < 30; ++i) {
    const text = `number ${i}`;
    const begun = performance.now();
    await anna.call('send_text', { chat: ofAnna, text });
    answered.push(performance.now() - begun);
    await until(() => boris.notices.some((each) => each.params.message?.text === text), text);
    arrived.push(performance.now() - begun);
  }
  say('send_text until it is safe and answered, middle of 30', middle(answered), 'ms');
  say('send_text until the other side shows it, middle of 30', middle(arrived), 'ms');
  say('memory of an engine with one chat', anna.module.memorySize, 'bytes');
  for (let i = 1; i < kChats; ++i) {
    const made = await anna.call('new_group', { name: `Group ${i}` });
    await anna.call('add_members', { chat: made.chat.chat, accounts: [peer] });
    for (let text = 0; text < kTexts; ++text) await anna.call('send_text', { chat: made.chat.chat, text: `text ${text} of group ${i}` });
  }
  // How quickly Boris comes into so many groups is the home's business (key packages are few at a time), and not looked at here.
  await new Promise((resolve) => setTimeout(resolve, kSettleMs));
  say(`memory with ${kChats} chats, as they were made`, anna.module.memorySize, 'bytes');
  anna.kill();
  const started = await timed(async () => {
    await anna.start();
    await anna.call('list_chats');
  });
  say(`start with ${kChats} chats until they are listed`, started.toFixed(0), 'ms');
  say(`memory with ${kChats} chats, after a start`, anna.module.memorySize, 'bytes');
  say(`records of ${kChats} chats`, anna.disk.records.size, 'records');
  say(`bytes of these`, [...anna.disk.records.values()].reduce((sum, each) => sum + each.length, 0), 'bytes');
  await code.close();
}

async function inChromium(world, home) {
  const browsers = await Browsers.make(world, home);
  for (const moment of ['cold, an empty profile', 'warm, the same profile and code cache']) {
    const context = await browsers.open('numbers');
    const page = await browsers.tab(context);
    say(`Chromium: engine ready after the page's script, ${moment}`, (await page.evaluate(() => window.openedAfter())).toFixed(0), 'ms');
    if (moment.startsWith('cold')) await call(page, 'new_account', { name: 'Numbers', home_link: await home.link() });
    await context.close();
  }
}

const world = new World('numbers');
try {
  sizes();
  const home = await Home.make(world);
  await inNode(world, home);
  await inChromium(world, home);
} finally {
  await world.end();
}
