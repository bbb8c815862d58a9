// The numbers by which the page is measured, each beside its goal: `npm run numbers`. Against a real home, real engines and Debian's
// Chromium on this machine; what else the machine does shows in them.

import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { until, World } from '../tests/world.mjs';
import { kTogetherMost, sizes } from './size.mjs';

const kDist = fileURLToPath(new URL('../dist', import.meta.url));
const kSlowdown = 4;
const kChats = 100;
const kLong = 100_000;
const kBatch = 1000;
const kSends = 25;
const kScrollMs = 6000;
const kLoads = 5;

// ---- what is measured in the page ----

/** Notes when the page was first painted, and when its chats were there. */
function watchStart() {
  globalThis.times = {};
  new PerformanceObserver((list) => {
    for (const each of list.getEntries()) if (each.name === 'first-contentful-paint') globalThis.times.paint = each.startTime;
  }).observe({ type: 'paint', buffered: true });
  const observer = new MutationObserver(() => {
    if (globalThis.times.ready || !document.querySelector('[data-row]')) return;
    globalThis.times.ready = performance.now();
    observer.disconnect();
  });
  observer.observe(document, { childList: true, subtree: true });
}

async function timesOf(page) {
  return until(() => page.evaluate(() => (globalThis.times.paint && globalThis.times.ready ? globalThis.times : null)), 'painted and ready', 60_000);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function slowPage(world, person) {
  const browser = await world.browser();
  const context = await browser.newContext({ viewport: { width: 412, height: 800 }, locale: 'en-GB' });
  const page = await context.newPage();
  await page.addInitScript(watchStart);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: kSlowdown });
  await page.goto(person.link);
  return { context, page };
}

async function starts(world, person) {
  const [cold, warm] = [[], []];
  for (let load = 0; load < kLoads; load++) {
    const { context, page } = await slowPage(world, person);
    cold.push(await timesOf(page));
    await until(() => page.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker has it', 60_000);
    await page.reload();
    warm.push(await timesOf(page));
    await context.close();
  }
  const of = (all, what) => median(all.map((each) => each[what]));
  return { coldPaint: of(cold, 'paint'), coldReady: of(cold, 'ready'), warmPaint: of(warm, 'paint'), warmReady: of(warm, 'ready') };
}

async function memory(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name) => metrics.find((each) => each.name === name).value;
  return { heap: value('JSHeapUsedSize') / 1e6, nodes: value('Nodes') };
}

/** Scrolls up, a screen in about a third of a second, as a finger does; gives the lengths of the frames. */
function scrollUp(milliseconds) {
  return new Promise((resolve) => {
    const scroller = document.querySelector('.scroller');
    const frames = [];
    const begin = performance.now();
    let last = begin;
    const step = (now) => {
      frames.push(now - last);
      last = now;
      scroller.scrollTop -= 40;
      if (now - begin < milliseconds) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  });
}

async function scrolling(page) {
  await page.locator('[data-row]', { hasText: 'The long one' }).click();
  await page.locator('article').first().waitFor();
  await page.waitForTimeout(1000);
  // Of the processor, not of the clock: what others do on this machine does not count.
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const work = async () => (await session.send('Performance.getMetrics')).metrics.find((each) => each.name === 'TaskDuration').value * 1000;
  const before = await work();
  const frames = await page.evaluate(scrollUp, kScrollMs);
  const perFrame = ((await work()) - before) / frames.length;
  const sorted = [...frames].sort((a, b) => a - b);
  const total = frames.reduce((sum, each) => sum + each, 0);
  return { fps: (frames.length / total) * 1000, slow: sorted[Math.floor(sorted.length * 0.95)], worst: sorted.at(-1), perFrame };
}

async function jumping(page) {
  await page.locator('[data-search]').fill('number 50000');
  await page.locator('.found').first().waitFor();
  const begin = Date.now();
  await page.locator('.found').first().click();
  await page.locator('article.highlighted').waitFor();
  return Date.now() - begin;
}

// ---- from one page to the other ----

async function sending(from, to) {
  const took = [];
  for (let count = 0; count < kSends; count++) {
    const text = `message ${count} of ${Date.now()}`;
    const shown = to.evaluate((wanted) => {
      const there = () => [...document.querySelectorAll('article')].some((each) => each.textContent.includes(wanted));
      return new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (!there()) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now()));
        });
        observer.observe(document.querySelector('.scroller'), { childList: true, subtree: true, characterData: true });
      });
    }, text);
    await from.locator('textarea').fill(text);
    const begin = await from.evaluate(() => {
      document.querySelector('.send').click();
      return performance.timeOrigin + performance.now();
    });
    took.push((await shown) - begin);
  }
  took.sort((a, b) => a - b);
  return { middle: median(took), slow: took[Math.floor(took.length * 0.95)] };
}

// ---- the people ----

function entry(number, text) {
  const kept = { own: number % 3 === 0, media: '', forwarded_from: '', omitted: false, notice: false, edited: false, deleted: false, id: null };
  return { sender: number % 2 ? 'Clara' : 'Dmitri', sent_at: 1_500_000_000_000 + number * 61_000, text, ...kept };
}

async function fill(person) {
  for (let chat = 0; chat < kChats; chat++) {
    const messages = Array.from({ length: 20 }, (_, at) => entry(at, `line ${at} of chat ${chat}, with some words in it`));
    await person.call('import_messages', { source: `chat ${chat}`, name: `Person ${chat}`, older_of: null, messages });
  }
  for (let begin = 0; begin < kLong; begin += kBatch) {
    const messages = Array.from({ length: kBatch }, (_, at) => entry(begin + at, `number ${begin + at}: ${'words of different length '.repeat((begin + at) % 7)}`));
    await person.call('import_messages', { source: 'long', name: 'The long one', older_of: null, messages });
  }
}

const lines = [];
function line(what, value, unit, goal = null, own = false) {
  const digits = value < 10 ? 1 : 0;
  const missed = goal !== null && (goal.least ? value < goal.least : value > goal.most);
  const wanted = goal === null ? '' : `${goal.least ? '≥' : '≤'} ${goal.least ?? goal.most} ${unit}${own ? ' (ours)' : ''}${missed ? '   MISSED' : ''}`;
  lines.push(`${what.padEnd(52)} ${`${value.toFixed(digits)} ${unit}`.padStart(12)}   ${wanted}`);
}

const world = new World();
try {
  const home = await world.home();
  const [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  await world.pair(anna, boris);
  const size = sizes(kDist);
  line('size: what the first page needs', size.first, 'kB');
  line('size: parts that come when they are asked for', size.later, 'kB');
  line('size: engine and page, all parts, gzip', (size.engine ?? 0) + size.first + size.later, 'kB', { most: kTogetherMost });
  line('size: data of emoji, apart', size.emoji, 'kB');
  line('size: icons, apart', size.icons, 'kB');

  const other = await world.page(boris);
  await other.locator('[data-row]', { hasText: 'Anna' }).click();
  const page = await world.page(anna);
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  const sent = await sending(page, other);
  line('from send to shown on the other side, middle', sent.middle, 'ms', { most: 300 }, true);
  line('from send to shown on the other side, slowest 5 %', sent.slow, 'ms', { most: 1000 }, true);
  await other.context().close();

  await fill(anna);
  await page.reload();
  await page.locator('[data-row]', { hasText: 'The long one' }).waitFor();
  await page.waitForTimeout(1500);
  const used = await memory(page);
  line(`memory: heap with ${kChats} chats in the list`, used.heap, 'MB', { most: 50 }, true);
  line('memory: nodes of the document then', used.nodes, '');
  const scrolled = await scrolling(page);
  line(`scrolling up in ${kLong} messages`, scrolled.fps, 'fps', { least: 50 }, true);
  line('scrolling: slowest 5 % of frames', scrolled.slow, 'ms', { most: 34 }, true);
  line('scrolling: longest frame', scrolled.worst, 'ms');
  line('scrolling: work of the page for a frame', scrolled.perFrame, 'ms', { most: 10 }, true);
  line('jump from the search into the middle of them', await jumping(page), 'ms', { most: 500 }, true);
  line('memory: heap after that', (await memory(page)).heap, 'MB', { most: 100 }, true);
  await page.context().close();

  const start = await starts(world, anna);
  const slow = `with ${kSlowdown}x slow-down and ${kChats} chats`;
  line(`first paint, cold, ${slow}`, start.coldPaint, 'ms', { most: 1000 });
  line(`ready, cold, ${slow}`, start.coldReady, 'ms', { most: 3000 });
  line(`first paint, warm, ${slow}`, start.warmPaint, 'ms', { most: 1000 });
  line(`ready, warm, ${slow}`, start.warmReady, 'ms', { most: 3000 });
  console.log(`${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, Chromium ${(await world.browser()).version()}\n`);
  console.log(lines.join('\n'));
  if (loadavg()[0] > cpus().length * 1.5) console.log('\nThis machine is busy with other things: times and frames are of that, too.');
} finally {
  await world.end();
}
