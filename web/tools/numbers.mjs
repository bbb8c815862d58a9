// The numbers by which the page is measured, each beside its goal: `npm run numbers`. Against a real home, real engines and Debian's
// Chromium on this machine, with the engine of `godwit web` and with the one in the browser; what else the machine does shows in them.

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BrowserWorld } from '../tests/browser_person.mjs';
import { servedPage } from '../tests/served_home.mjs';
import { World } from '../tests/world.mjs';
import { chromium } from 'playwright-core';
import { jumping, median, memory, scrolling, sending, timesOf, watchStart } from './page_measures.mjs';
import { kTogetherMost, sizes } from './size.mjs';
import { slowDown } from './slow_processor.mjs';

const kDist = process.env.GODWIT_PAGE ?? fileURLToPath(new URL('../dist', import.meta.url));
const kSlowdown = 4;
const kChats = 100;
const kLong = 100_000;
const kBatch = 1000;
const kTexts = 5;
const kLoads = 5;

// ---- how long it takes to be there ----

/** The process that leads the group of a browser whose profile lies in `folder`: it has no parent among those. */
function groupOf(folder) {
  const rows = execFileSync('ps', ['-ww', '-eo', 'pid=,pgid=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 }).split('\n');
  const found = rows.map((row) => row.trim().match(/^(\d+)\s+(\d+)\s+(.*)$/)).find((row) => row && row[1] === row[2] && row[3].includes(`--user-data-dir=${folder}`));
  if (!found) throw new Error(`no browser has the profile ${folder}`);
  return Number(found[1]);
}

/** How much slower the page counts than without it: the slow-down as it is. */
function count() {
  const end = performance.now() + 400;
  let steps = 0;
  while (performance.now() < end) steps++;
  return steps;
}

/** Opens the address in a browser that has just been started; `times` slower where that is not 1. */
async function openOnce(context, folder, address, times, measured) {
  const page = await context.newPage();
  await page.addInitScript(watchStart);
  await page.goto('about:blank');
  const before = times === 1 ? 0 : await page.evaluate(count);
  const end = times === 1 ? null : slowDown(groupOf(folder), times);
  try {
    if (end) measured.push(before / (await page.evaluate(count)));
    await page.goto(address, { timeout: 120_000 });
    return await timesOf(page);
  } finally {
    await end?.();
    await page.close();
  }
}

/** `profile(name)` opens a browser; cold is one that has never been here, warm is `name`'s, which has, started anew. */
async function starts(world, profile, name, address, times) {
  const [cold, warm, measured] = [[], [], []];
  for (let load = 0; load < kLoads; load++) {
    for (const [into, who] of [[cold, `cold${load}-${times}`], [warm, name]]) {
      const context = await profile(who);
      const folder = join(world.folder, `profile-${who}`);
      into.push(await openOnce(context, folder, address, times, measured));
      await context.close();
      if (into === cold) rmSync(folder, { recursive: true, force: true });
    }
  }
  const of = (all, what) => median(all.map((each) => each[what]));
  return { coldPaint: of(cold, 'paint'), coldReady: of(cold, 'ready'), warmPaint: of(warm, 'paint'), warmReady: of(warm, 'ready'), times: times === 1 ? 1 : median(measured) };
}

// ---- the people ----

function entry(number, text) {
  const kept = { own: number % 3 === 0, media: '', forwarded_from: '', omitted: false, notice: false, edited: false, deleted: false, id: null };
  return { sender: number % 2 ? 'Clara' : 'Dmitri', sent_at: 1_500_000_000_000 + number * 61_000, text, ...kept };
}

/** Groups of two, as many as there shall be chats. How soon the other comes into all of them is not looked at here. */
async function fillChats(person, peer) {
  for (let number = 1; number < kChats; number++) {
    const { chat } = await person.call('new_group', { name: `Group ${number}` });
    await person.call('add_members', { chat: chat.chat, accounts: [peer] });
    for (let at = 0; at < kTexts; at++) await person.call('send_text', { chat: chat.chat, text: `line ${at} of group ${number}, with some words in it` });
  }
}

async function fillLong(person) {
  for (let begin = 0; begin < kLong; begin += kBatch) {
    const messages = Array.from({ length: kBatch }, (_, at) => entry(begin + at, `number ${begin + at}: ${'words of different length '.repeat((begin + at) % 7)}`));
    await person.call('import_messages', { source: 'long', name: 'The long one', older_of: null, messages });
  }
}

// ---- the table ----

/** Name, unit, goal; what both engines have is measured alike. */
const rows = new Map();
function note(engine, what, value, unit, goal = null) {
  const row = rows.get(what) ?? { unit, goal };
  row[engine] = value;
  rows.set(what, row);
}

function shown(row, engine) {
  const value = row[engine];
  if (value === undefined) return '-';
  const missed = row.goal && (row.goal.least ? value < row.goal.least : value > row.goal.most);
  return `${value.toFixed(value < 10 ? 1 : 0)}${missed ? ' !' : '  '}`;
}

function print() {
  console.log(`${'what'.padEnd(58)} ${'unit'.padEnd(5)} ${'program'.padStart(9)}  ${'browser'.padStart(9)}    goal (! missed)`);
  for (const [what, row] of rows) {
    const goal = row.goal ? `${row.goal.least ? '≥' : '≤'} ${row.goal.least ?? row.goal.most}${row.goal.ours ? ' (ours)' : ''}` : '';
    console.log(`${what.padEnd(58)} ${row.unit.padEnd(5)} ${shown(row, 'program').padStart(9)}  ${shown(row, 'browser').padStart(9)}    ${goal}`.trimEnd());
  }
}

function noteSizes() {
  const size = sizes(kDist);
  for (const [engine, own] of [['program', 0], ['browser', size.engine ?? 0]]) {
    note(engine, 'size: what the first page needs, gzip', size.first, 'kB');
    note(engine, 'size: parts that come when they are asked for, gzip', size.later, 'kB');
    if (own) note(engine, 'size: engine, gzip', own, 'kB');
    note(engine, 'size: together', own + size.first + size.later, 'kB', { most: kTogetherMost });
    note(engine, 'size: data of emoji, apart', size.emoji, 'kB');
  }
}

async function measure(engine, world, profile) {
  const home = await world.home();
  const [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  await world.pair(anna, boris);
  const other = await world.page(boris);
  await other.locator('[data-row]', { hasText: 'Anna' }).click();
  let page = await world.page(anna);
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  const sent = await sending(page, other);
  note(engine, 'from send to shown on the other side, middle', sent.middle, 'ms', { most: 300, ours: true });
  note(engine, 'from send to shown on the other side, slowest 5 %', sent.slow, 'ms', { most: 1000, ours: true });
  await world.close(other);

  await fillChats(anna, (await anna.chatWith('Boris')).peer);
  await page.reload();
  await page.locator('[data-row]').nth(5).waitFor();
  await page.waitForTimeout(1500);
  const used = await memory(page);
  note(engine, `memory: heap of the page, ${kChats} chats`, used.heap, 'MB', { most: 50, ours: true });
  note(engine, `memory: nodes of the document, ${kChats} chats`, used.nodes, '');
  await world.close(page);
  await boris.stop(); // of whom nothing more is wanted
  if (engine === 'browser') await anna.stop(); // each start is one of the browser, too
  for (const times of [1, kSlowdown]) {
    const start = await starts(world, profile, 'Anna', engine === 'browser' ? anna.url : anna.link, times);
    const how = times === 1 ? '' : `, ${kSlowdown}x slower`;
    if (times !== 1) note(engine, `the slow-down, as it was counted in a page`, start.times, 'x');
    note(engine, `first paint, cold${how}`, start.coldPaint, 'ms', times === 1 ? null : { most: 1000 });
    note(engine, `ready, cold${how}`, start.coldReady, 'ms', times === 1 ? null : { most: 3000 });
    note(engine, `first paint, warm, ${kChats} chats${how}`, start.warmPaint, 'ms', times === 1 ? null : { most: 1000 });
    note(engine, `ready, warm, ${kChats} chats${how}`, start.warmReady, 'ms', times === 1 ? null : { most: 3000 });
  }

  if (engine === 'browser') {
    await anna.start({ watched: true });
    await anna.call('list_chats');
    note(engine, `memory: of the engine, ${kChats} chats`, await anna.engineMemory(), 'MB');
  }
  await fillLong(anna);
  page = await world.page(anna);
  await page.locator('[data-row]', { hasText: 'The long one' }).waitFor();
  const scrolled = await scrolling(page);
  note(engine, `scrolling up in ${kLong} messages`, scrolled.fps, 'fps', { least: 50, ours: true });
  note(engine, 'scrolling: slowest 5 % of frames', scrolled.slow, 'ms', { most: 34, ours: true });
  note(engine, 'scrolling: longest frame', scrolled.worst, 'ms');
  note(engine, 'scrolling: work of the page for a frame', scrolled.perFrame, 'ms', { most: 10, ours: true });
  note(engine, 'jump from the search into the middle of them', await jumping(page), 'ms', { most: 500, ours: true });
  note(engine, 'memory: heap of the page after that', (await memory(page)).heap, 'MB', { most: 100, ours: true });
}

async function inWorld(world, work) {
  try {
    await work(world);
  } finally {
    await world.end();
  }
}

noteSizes();
const wanted = process.argv[2];
const plain = (world) => (name) =>
  chromium.launchPersistentContext(join(world.folder, `profile-${name}`), { executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
if (wanted !== 'browser') await inWorld(new World(), (world) => measure('program', world, plain(world)));
if (wanted !== 'program' && servedPage) await inWorld(new BrowserWorld(), (world) => measure('browser', world, (name) => world.profile(name)));
else if (!servedPage) console.log('The engine for browsers was not built: make wasm, web/build.');
console.log(`${cpus().length} cores, load ${loadavg()[0].toFixed(1)}\n`);
print();
if (loadavg()[0] > cpus().length * 1.5) console.log('\nThis machine is busy with other things: times and frames are of that, too.');
