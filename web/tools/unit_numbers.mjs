// What a room of the forwarding unit takes: `npm run unit-numbers [SEATS ...]`. The real home with its Janus and coturn; synthetic participants of one
// Chromium page, which send a voice each (an oscillator, Opus at 32 kbit/s, not sealed: the unit does not see the difference), and of whom some are
// sent everybody's. For ten seconds it is counted what came to those who listen, and what Janus, coturn and the home have taken of a processor.
// All of it on one machine over loopback: what Chromium takes is not counted, and stands in the way.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { trustingHome } from '../tests/served_home.mjs';
import { until, World } from '../tests/world.mjs';

const kSeats = process.argv.slice(2).map(Number);
const kListen = 3;
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
    sender.addTransceiver('video', { direction: 'sendonly' });
    await sender.setLocalDescription();
    const { text, feed } = await seat.ask('publish', { text: sender.localDescription.sdp });
    await sender.setRemoteDescription({ type: 'answer', sdp: text });
    await connected(sender);
    seat.feed = feed;
    window.seats.push(seat);
    setInterval(() => void seat.ask('stay').catch((error) => console.log(`stay: ${error.message}`)), 10_000);
  };
  window.listen = async (seat) => {
    const streams = window.seats.filter((each) => each !== seat).map(({ feed }) => ({ feed, picture: false, layer: 0 }));
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
    return { voices: voices.filter((each) => each.packetsReceived > 0).length, packets: voices.reduce((sum, each) => sum + each.packetsReceived, 0), lost: voices.reduce((sum, each) => sum + each.packetsLost, 0) };
  };
}

async function measure(page, pids, seats) {
  while ((await page.evaluate(() => window.seats.length)) < seats) await page.evaluate(() => window.sit());
  for (let each = 0; each < kListen; each++) {
    let lines = 0;
    for (const end = performance.now() + 30_000; lines < seats - 1; ) {
      lines = await page.evaluate((at) => window.listen(window.seats[at]), each);
      if (performance.now() > end) throw new Error(`${lines} of ${seats - 1} are forwarded`);
      if (lines < seats - 1) await wait(1_000);
    }
  }
  await until(async () => (await page.evaluate(() => window.came())).voices === kListen * (seats - 1), 'all are heard', 30_000);
  const spent = () => Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, processor(pid)]));
  const [before, took, began] = [await page.evaluate(() => window.came()), spent(), performance.now()];
  await wait(kMeasureMs);
  const [after, now, seconds] = [await page.evaluate(() => window.came()), spent(), (performance.now() - began) / 1000];
  const forwarded = kListen * (seats - 1);
  const share = (name) => ((now[name] - took[name]) / seconds) * 100;
  const packets = after.packets - before.packets;
  console.log(`${seats} seats, ${kListen} listen: ${forwarded} voices forwarded, ${(packets / seconds / forwarded).toFixed(1)} packets a second of each, ` +
    `${(((after.lost - before.lost) / Math.max(1, packets + after.lost - before.lost)) * 100).toFixed(2)} % lost; of a core: ` +
    Object.keys(pids).map((name) => `${name} ${share(name).toFixed(1)} %`).join(', '));
}

const world = new World();
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
  const there = setInterval(() => [anna, boris].forEach((each) => void each.call('say_call_media', { call, flowing: true, room: each === anna }).catch(() => undefined)), 5_000);
  const HOME = await trustingHome(join(world.folder, 'user'), join(home.folder, 'certificate.pem'));
  world.chromium = await chromium.launch({ executablePath: '/usr/bin/chromium', args: kArgs, env: { ...process.env, HOME } });
  const page = await world.chromium.newPage();
  page.on('console', (message) => console.log(message.text()));
  await page.goto(anna.url);
  await page.exposeFunction('ask', (wish) => anna.call('ask_call_room', { ...place, room, ...wish }));
  await page.evaluate(makeSeats);
  for (const seats of kSeats.length > 0 ? kSeats : [4, 8, 16, 32]) await measure(page, pids, seats);
  clearInterval(there);
} finally {
  await world.end();
}
