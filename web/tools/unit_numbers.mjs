// What a room of the forwarding unit takes: `npm run unit-numbers [SEATS ...]`. The real home with its Janus and coturn; synthetic participants of one
// Chromium page, which send a voice each (an oscillator, Opus at 32 kbit/s, not sealed: the unit does not see the difference), and of whom some are
// sent everybody's; then some of them a picture (640x360, 15 a second, 500 kbit/s at most), which all others are sent. For ten seconds it is counted
// what came to those who listen, and what Janus, coturn and the home have taken of a processor.
// All of it on one machine over loopback: what Chromium takes is not counted, and stands in the way.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { trustingHome } from '../tests/served_home.mjs';
import { until, World } from '../tests/world.mjs';

const kSeats = process.argv.slice(2).map(Number);
const kListen = 3;
const kPictures = [[4, 1], [8, 2]]; // seats, and how many of them are seen
const kMeasureMs = 10_000;
const kArgs = ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'];
const kSettings = { calls: 'true', calls_unit: 'true', calls_addresses: '["127.0.0.1"]', calls_loopback: 'true', calls_user_max: '200' };

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Processor seconds of a process until now. */
function processor(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / kTicks;
}
const kTicks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

const childOf = (parent, name) =>
  Number(execFileSync('ps', ['-o', 'pid=,comm=', '--ppid', String(parent)], { encoding: 'utf8' }).split('\n').find((line) => line.trim().split(/\s+/)[1] === name)?.trim().split(/\s+/)[0]);

// In the page.
function makeSeats() {
  const context = new AudioContext();
  const voice = () => {
    const [tone, out] = [new OscillatorNode(context, { frequency: 200 + 400 * Math.random() }), context.createMediaStreamDestination()];
    tone.connect(out);
    tone.start();
    return out.stream.getAudioTracks()[0];
  };
  const connected = (connection) =>
    new Promise((resolve, reject) => {
      const look = () => (connection.connectionState === 'connected' ? resolve() : connection.connectionState === 'failed' && reject(new Error('no way to the unit')));
      connection.onconnectionstatechange = look;
      look();
    });
  window.seats = [];
  window.sit = async () => {
    const seat = { key: [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, '0')).join(''), number: 0 };
    let work = Promise.resolve(); // one after the other
    seat.ask = (wish, more = {}) => (work = work.catch(() => undefined).then(() => window.ask({ seat: seat.key, number: ++seat.number, wish, ...more })));
    const { relays } = await seat.ask('enter');
    seat.configuration = { iceServers: relays.map(({ urls, username, credential }) => ({ urls, username, credential })), iceTransportPolicy: 'relay', bundlePolicy: 'max-bundle' };
    const sender = (seat.sender = new RTCPeerConnection(seat.configuration));
    sender.addTransceiver(voice(), { direction: 'sendonly', sendEncodings: [{ maxBitrate: 32_000 }] });
    seat.picture = sender.addTransceiver('video', { direction: 'sendonly', sendEncodings: [{ maxBitrate: 500_000 }] });
    await sender.setLocalDescription();
    const { text, feed } = await seat.ask('publish', { text: sender.localDescription.sdp });
    await sender.setRemoteDescription({ type: 'answer', sdp: text });
    await connected(sender);
    seat.feed = feed;
    window.seats.push(seat);
    setInterval(() => void seat.ask('stay').catch((error) => console.log(`stay: ${error.message}`)), 15_000); // 35 s of silence are too much
  };
  // Something that moves and has corners: it fills what it may take.
  window.showPicture = async (seat) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const paint = canvas.getContext('2d');
    setInterval(() => {
      for (let each = 0; each < 60; each++) {
        paint.fillStyle = `hsl(${Math.random() * 360} 70% 50%)`;
        paint.fillRect(Math.random() * 640, Math.random() * 360, 60, 40);
      }
    }, 66);
    await seat.picture.sender.replaceTrack(canvas.captureStream(15).getVideoTracks()[0]);
    seat.shown = true;
  };
  window.hidePictures = async () => {
    for (const seat of window.seats) await seat.picture.sender.replaceTrack(null);
    for (const seat of window.seats) seat.shown = false;
  };
  window.listen = async (seat, pictures = false) => {
    const streams = window.seats.filter((each) => each !== seat && (!pictures || each.shown)).map(({ feed }) => ({ feed, picture: pictures, layer: 2 * Number(pictures) }));
    const watcher = (seat.watcher ??= new RTCPeerConnection(seat.configuration));
    const { text, lines } = await seat.ask('watch', { streams });
    if (text) {
      await watcher.setRemoteDescription({ type: 'offer', sdp: text });
      await watcher.setLocalDescription();
      await seat.ask('answer', { text: watcher.localDescription.sdp });
      await connected(watcher);
    }
    return lines.length;
  };
  window.came = async () => {
    const all = await Promise.all(window.seats.filter((each) => each.watcher).map((each) => each.watcher.getStats()));
    const voices = all.flatMap((each) => [...each.values()].filter((stat) => stat.type === 'inbound-rtp'));
    const sum = (name) => voices.reduce((all, each) => all + (each[name] ?? 0), 0);
    const flow = (kind) => voices.filter((each) => each.kind === kind && each.packetsReceived > 0).length;
    return { voices: flow('audio'), pictures: flow('video'), packets: sum('packetsReceived'), lost: sum('packetsLost'), bytes: sum('bytesReceived') + sum('headerBytesReceived') };
  };
}

/** Seat `at` is sent so many of the others' voices, or pictures. */
async function listenTo(page, at, most, pictures) {
  let lines = 0;
  for (const end = performance.now() + 30_000; lines < most; ) {
    lines = await page.evaluate(([each, shown]) => window.listen(window.seats[each], shown), [at, pictures]);
    if (performance.now() > end) throw new Error(`${lines} of ${most} are forwarded`);
    if (lines < most) await wait(1_000);
  }
}

/** What comes in ten seconds, and what it takes. */
async function count(page, pids, forwarded, what) {
  const spent = () => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, processor(pid)]));
  const [before, took, began] = [await page.evaluate(() => window.came()), spent(), performance.now()];
  await wait(kMeasureMs);
  const [after, now, seconds] = [await page.evaluate(() => window.came()), spent(), (performance.now() - began) / 1000];
  const share = (name) => ((now[name] - took[name]) / seconds) * 100;
  const packets = after.packets - before.packets;
  const all = Object.keys(pids).reduce((sum, name) => sum + share(name), 0);
  console.log(`${what}: ${(packets / seconds / forwarded).toFixed(1)} packets a second of each, ${(((after.bytes - before.bytes) * 8) / seconds / forwarded / 1000).toFixed(0)} kbit/s, ` +
    `${(((after.lost - before.lost) / Math.max(1, packets + after.lost - before.lost)) * 100).toFixed(2)} % lost; of a core: ` +
    `${Object.keys(pids).map((name) => `${name} ${share(name).toFixed(1)} %`).join(', ')}; for each forwarded: Janus ${(share('Janus') / forwarded).toFixed(2)} %, all three ${(all / forwarded).toFixed(2)} %`);
}

async function sit(page, seats) {
  while ((await page.evaluate(() => window.seats.length)) < seats) await page.evaluate(() => window.sit());
}

async function measure(page, pids, seats) {
  await sit(page, seats);
  for (let each = 0; each < kListen; each++) await listenTo(page, each, seats - 1, false);
  const forwarded = kListen * (seats - 1);
  await until(async () => (await page.evaluate(() => window.came())).voices === forwarded, 'all are heard', 30_000);
  await count(page, pids, forwarded, `${seats} seats, ${kListen} listen, ${forwarded} voices forwarded`);
}

/** Each of the seats is sent the pictures of the first few, and no voices. */
async function measurePictures(page, pids, seats, shown) {
  await sit(page, seats);
  for (let each = 0; each < shown; each++) await page.evaluate((at) => (window.seats[at].shown ? undefined : window.showPicture(window.seats[at])), each);
  for (let each = 0; each < seats; each++) await listenTo(page, each, each < shown ? shown - 1 : shown, true);
  const forwarded = shown * (seats - 1);
  await until(async () => (await page.evaluate(() => window.came())).pictures === forwarded, 'all are seen', 30_000);
  await wait(5_000); // the estimate of the line rises
  await count(page, pids, forwarded, `${seats} seats, ${shown} seen by all, ${forwarded} pictures forwarded`);
  await page.evaluate(() => window.hidePictures()); // those who were sent them stay, and are sent nothing
}

/** All seats ask by one session, which may ask only so often. */
async function patiently(ask) {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 20 || !String(error.message).includes('too_many_requests')) throw error;
      await wait(500);
    }
  }
}

const world = new World();
let there;
try {
  const home = await world.newHome({ host: '127.0.0.1' });
  await home.stop();
  for (const [key, value] of Object.entries(kSettings)) home.configure(key, value);
  await home.resume();
  const [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  await world.pair(anna, boris);
  const { chat } = (await anna.call('new_group', { name: 'Room' })).chat;
  await anna.call('add_members', { chat, accounts: [(await boris.call('read_account')).account] });
  await until(async () => (await anna.call('list_members', { chat })).members.filter((each) => each.in).length === 2, 'both are in the group', 30_000);
  const pids = await until(() => {
    const found = { home: home.process.pid, coturn: childOf(home.process.pid, 'turnserver'), Janus: childOf(home.process.pid, 'janus') };
    return Object.values(found).every(Boolean) && found;
  }, 'the home has coturn and Janus', 30_000);
  const call = (await anna.call('start_group_call', { chat, media: 'voice', rooms: true })).call.call;
  const place = { call, home: (await anna.call('read_account')).account };
  const room = await until(async () => (await anna.call('open_call_room', { call }).catch(() => null))?.room, 'there is a room', 30_000);
  await until(async () => (await boris.call('read_calls')).groups.some((each) => each.call === call), 'it rings', 30_000);
  await boris.call('join_group_call', { call, rooms: true }); // nobody stays in a call alone
  there = setInterval(() => [anna, boris].forEach((each) => void each.call('say_call_media', { call, flowing: true, room: each === anna }).catch(() => undefined)), 5_000);
  const HOME = await trustingHome(join(world.folder, 'user'), join(home.folder, 'certificate.pem'));
  world.chromium = await chromium.launch({ executablePath: '/usr/bin/chromium', args: kArgs, env: { ...process.env, HOME } });
  const page = await world.chromium.newPage();
  page.on('console', (message) => console.log(message.text()));
  await page.goto(anna.url);
  await page.exposeFunction('ask', (wish) => patiently(() => anna.call('ask_call_room', { ...place, room, ...wish })));
  await page.evaluate(makeSeats);
  // Pictures first: who sits stays, and all send their voices.
  for (const each of kSeats.length > 0 ? [] : kPictures) await measurePictures(page, pids, ...each);
  for (const seats of kSeats.length > 0 ? kSeats : [8, 16, 32]) await measure(page, pids, seats);
} finally {
  clearInterval(there);
  await world.end();
}
