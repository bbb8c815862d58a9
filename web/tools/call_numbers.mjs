// What calls take, between two pages of one Chromium on this machine: `npm run call-numbers`, or `npm run call-numbers set-up` for that alone. Set-up until both sides may send, by way, and bytes a
// minute for each direction, by what is sent; as the messages go (carried), the set-up alone, each page beside a program of its own. Direct: IP, UDP and everything within, by two sockets in between. Relayed: what one page and the
// relay say to each other inside the home's TLS, with TLS and without TCP and IP. Sounds and pictures are the beeps and the moving picture of
// Chromium's devices that are none; the screen is a drawn page of text of which one line changes each second.

import net from 'node:net';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Line } from '../tests/call_line.mjs';
import { CallPages } from '../tests/call_pages.mjs';
import { trustingHome } from '../tests/served_home.mjs';
import { until, World } from '../tests/world.mjs';

const kCalls = 7;
const kSettleMs = 8_000; // the estimate of the line rises
const kMeasureMs = 10_000;
const kMedia = [
  ['voice', { camera: false }],
  ['voice, low line', { camera: false }, 'low'],
  ['video 320x240, 20 frames/s', { camera: true }],
  ['video 1280x720, 30 frames/s', { camera: true, size: { width: 1280, height: 720, frameRate: 30 } }],
  ['screen 1280x720', { camera: true }, 'screen'],
];

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (numbers) => numbers.toSorted((one, other) => one - other)[numbers.length >> 1];
const connected = (pages) => until(async () => (await Promise.all(pages.pages.map((page) => page.evaluate(() => call.connectedAt)))).every(Boolean), 'both are connected', 60_000);

/** Milliseconds from the first offer until both connections stand, by the pages' own clocks. */
async function setUp(pages, how) {
  const took = [];
  for (let each = 0; each < kCalls; each++) {
    await pages.call({ camera: false, ...how });
    for (const page of pages.pages) await page.evaluate(watchSetUp);
    await connected(pages);
    const [first, second] = await Promise.all(pages.pages.map((page) => page.evaluate(() => ({ begun: call.begunAt, at: call.connectedAt }))));
    took.push(Math.max(first.at, second.at) - first.begun);
  }
  return median(took);
}

function watchSetUp() {
  const { connection } = call;
  call.begunAt = window.begunAt;
  const look = () => connection.connectionState === 'connected' && (call.connectedAt ??= performance.timeOrigin + performance.now());
  connection.addEventListener('connectionstatechange', look);
  look();
}

/** A page of text, of which one line changes each second, in the place of the camera. */
async function showScreen() {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const context = canvas.getContext('2d');
  let second = 0;
  const draw = () => {
    context.fillStyle = '#fff';
    context.fillRect(0, 0, 1280, 720);
    context.fillStyle = '#222';
    context.font = '18px sans-serif';
    for (let row = 0; row < 28; row++) context.fillText(`line ${row}: what is written here stays as it is, but for the last one`, 40, 40 + row * 24);
    context.fillText(`second ${second++}`, 40, 712);
  };
  draw();
  setInterval(draw, 1000);
  await call.setTrack('video', canvas.captureStream(5).getVideoTracks()[0], 'screen');
}

/** What is named is measured: a busy machine shall not make a low line of it. */
function keepQuality() {
  Object.defineProperty(call, 'quality', { get: () => 'good', set: () => undefined });
  call.line.take = () => call.line.low;
  call.picture.take = () => true;
}

function goLow() {
  call.line.low = true;
}

async function bytesAMinute(pages, counted, [, how, then], servers) {
  await pages.call({ ...how, ...servers });
  for (const page of pages.pages) {
    await page.evaluate(watchSetUp);
    await page.evaluate(keepQuality);
  }
  await connected(pages);
  for (const page of pages.pages) if (then) await page.evaluate(then === 'low' ? goLow : showScreen);
  await wait(kSettleMs);
  const [before, began] = [counted(), performance.now()];
  await wait(kMeasureMs);
  return ((counted() - before) * 60_000) / (performance.now() - began);
}

async function measure(way, pages, counted, servers = () => ({})) {
  console.log(`${way}: set-up ${Math.round(await setUp(pages, await servers()))} ms (median of ${kCalls})`);
  for (const each of process.argv[2] === 'set-up' ? [] : kMedia) {
    const bytes = await bytesAMinute(pages, counted, each, await servers());
    console.log(`${way}: ${each[0]}: ${(bytes / 1000).toFixed(0)} kB a minute, ${((bytes * 8) / 60_000).toFixed(1)} kbit/s`);
  }
}

async function direct() {
  const pages = new CallPages();
  pages.line = await new Line().open();
  await pages.start();
  await measure('direct', pages, () => pages.line.ways[0].bytes);
  pages.line.close();
  await pages.end();
}

/** Passes connections on to the home's port, and counts what clients say in them. */
async function counting(port) {
  const through = { bytes: 0 };
  const server = net.createServer((client) => {
    const home = net.connect(port, '127.0.0.1');
    client.on('data', (data) => (through.bytes += data.length));
    for (const each of [client, home]) each.setNoDelay(true).on('error', () => (client.destroy(), home.destroy()));
    client.pipe(home).pipe(client);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(through, { port: server.address().port, close: () => server.close() });
}

async function relayed() {
  const world = new World();
  const pages = new CallPages();
  let through;
  try {
    const home = await world.newHome({ host: '127.0.0.1' });
    await home.stop();
    for (const [name, value] of [['calls', 'true'], ['calls_addresses', '["127.0.0.1"]'], ['calls_loopback', 'true'], ['calls_user_max', '200']]) home.configure(name, value);
    await home.resume();
    const anna = await world.person('Anna', home);
    const relays = async () => (await anna.call('read_call_relays').catch(() => ({ relays: [] }))).relays;
    await until(async () => (await relays()).length > 0, 'the home has a relay');
    const HOME = await trustingHome(join(world.folder, 'user'), join(home.folder, 'certificate.pem'));
    await pages.start({ ...process.env, HOME });
    // What a browser says by itself; `godwit web` would name its own port.
    const servers = async () => {
      const iceServers = (await relays()).map(({ username, credential }) => ({ urls: [`turns:127.0.0.1:${through.port}?transport=tcp`], username, credential }));
      return { iceServers };
    };
    through = await counting(home.port);
    await measure('relayed in TLS', pages, () => through.bytes / 2, servers); // two pages, each its own connection
    await carried(world, home, pages, anna);
  } finally {
    await pages.end();
    through?.close();
    await world.end();
  }
}

/** By the ports that the programs have opened for their pages. */
async function carried(world, home, pages, anna) {
  const boris = await world.person('Boris', home);
  const of = async (person) => (await person.call('read_call_relays')).relays.map(({ urls, username, credential }) => ({ urls, username, credential }));
  await until(async () => (await of(boris).catch(() => [])).length > 0, 'his program has one too');
  const servers = { first: { iceServers: await of(anna) }, second: { iceServers: await of(boris) } };
  console.log(`carried: set-up ${Math.round(await setUp(pages, servers))} ms (median of ${kCalls})`);
}

await direct();
try {
  for (const name of ['turnserver', 'certutil']) execFileSync('which', [name]);
} catch {
  console.log('SKIPPED: relayed: turnserver and certutil are needed');
  process.exit(0);
}
await relayed();
