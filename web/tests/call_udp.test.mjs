// A call whose home relays by UDP, too: between two real pages of a real Chromium, each with its program, by the real coturns of a real home. What
// of it goes by UDP, that it does so only where no curtain was seen, and that it goes on when UDP is gone.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { kBin, until, World } from './world.mjs';

const kMissing = ['turnserver'].filter((name) => spawnSync('which', [name]).status !== 0);
const skip = kMissing.length > 0 && `SKIPPED: not installed: ${kMissing.join(', ')}`;
if (skip) console.log(skip);

const kArgs = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--disable-quic',
  '--allow-loopback-in-peer-connection']; // the home is on this machine
const world = new World();
world.browserOptions = { args: kArgs };
let home, anna, boris, page, other, port;

const freePort = () =>
  new Promise((resolve) => {
    const socket = dgram.createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port: free } = socket.address();
      socket.close(() => resolve(free));
    });
  });

/** What `calls status` says. */
const status = () => spawnSync(join(kBin, 'godwit-home'), ['calls', 'status', '--folder', home.folder], { encoding: 'utf8' }).stdout;
/** The process of the coturn that is open to the world. */
const udpRelay = () => Number(/by UDP: coturn, process (\d+)/.exec(status())?.[1] ?? 0);

before(async () => {
  if (skip) return;
  port = await freePort();
  home = await world.home();
  await home.stop();
  home.configure('calls', 'true');
  home.configure('calls_addresses', '["127.0.0.1"]'); // both people use this relay, so its own address is where they meet
  home.configure('calls_loopback', 'true');
  home.configure('calls_udp', 'true');
  home.configure('calls_udp_port', String(port));
  await home.resume();
  [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  await world.pair(anna, boris);
  for (const person of [anna, boris]) await until(async () => (await relaysOf(person)).udp.length > 0, 'the home has a relay by UDP');
  [page, other] = [await world.page(anna), await world.page(boris)];
  for (const each of [page, other]) {
    await each.context().grantPermissions(['microphone', 'camera']);
    await each.addInitScript(keepConnections);
    await each.reload();
  }
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await other.locator('[data-row]', { hasText: 'Anna' }).waitFor();
});
after(async () => {
  if (home && udpRelay()) process.kill(udpRelay(), 'SIGCONT');
  await world.end();
});

// The connections that a page makes, so that the browser itself can be asked by which way media go, and which relays it was ever told.
function keepConnections() {
  window.connections = [];
  window.told = [];
  const tell = ({ iceServers = [] } = {}) => window.told.push(...iceServers.flatMap(({ urls }) => urls));
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      window.connections.push(this);
      tell(configuration);
    }
    setConfiguration(configuration) {
      super.setConfiguration(configuration);
      tell(configuration);
    }
  };
}

const button = (on, name) => on.getByRole('button', { name, exact: true });
const live = async (person) => (await person.call('read_calls')).live;
const relaysOf = (person) => person.call('read_call_relays').catch(() => ({ relays: [], udp: [] }));

/** What the browser says of the call that goes on: the pair of candidates in use, and what has come. */
const media = (on) =>
  on.evaluate(async () => {
    const connection = window.connections.findLast((each) => each.connectionState !== 'closed');
    if (!connection) return { kinds: [], frames: 0, level: 0, energy: 0 }; // not yet
    const all = [...(await connection.getStats()).values()];
    const find = (id) => all.find((each) => each.id === id);
    const pair = find(all.find((each) => each.type === 'transport')?.selectedCandidatePairId);
    const came = (kind) => all.find((each) => each.type === 'inbound-rtp' && each.kind === kind);
    const local = pair && find(pair.localCandidateId);
    return {
      type: local?.candidateType, protocol: local?.relayProtocol, url: local?.url,
      kinds: [...new Set(all.filter((each) => each.type === 'local-candidate').map((each) => `${each.candidateType} ${each.relayProtocol ?? each.protocol}`))].sort(),
      frames: came('video')?.framesDecoded ?? 0,
      level: came('audio')?.audioLevel ?? 0,
      energy: came('audio')?.totalAudioEnergy ?? 0,
    };
  });

async function flows(on) {
  const { frames, energy } = await media(on);
  await until(async () => {
    const now = await media(on);
    return now.frames > frames + 10 && now.energy > energy + 1e-3;
  }, 'pictures are decoded and the beeps are heard');
}

async function call() {
  await button(page, 'Video call').click();
  await button(other.getByRole('alertdialog', { name: 'Anna' }), 'Answer with video').click();
  for (const each of [page, other]) await flows(each);
}

async function hangUp() {
  await button(page, 'Hang up').click();
  await page.locator('.call').waitFor({ state: 'detached' });
  await until(async () => (await live(anna)) === null && (await live(boris)) === null, 'it is over for both');
}

const goBy = (protocol) => until(async () => (await Promise.all([page, other].map(media))).every((each) => each.protocol === protocol), `media go by ${protocol}`, 60_000);

test('a call begins without UDP, moves to it while it goes on, and says so', { skip }, async () => {
  await call();
  await goBy('udp');
  for (const each of [page, other]) {
    const { type, url, kinds } = await media(each);
    assert.equal(type, 'relay');
    assert.equal(url, `turn:127.0.0.1:${port}?transport=udp`);
    assert.deepEqual(kinds.filter((kind) => !kind.startsWith('relay')), [], 'no other address is told');
    const told = await each.evaluate(() => window.told);
    assert.match(told[0], /^turn:127\.0\.0\.1:\d+\?transport=tcp$/, 'it begins as messages go');
    await flows(each);
  }
  await until(async () => (await live(anna)).way === 'relayed' && (await live(boris)).way === 'relayed', 'each says by which way');
});

test('when UDP is gone in the middle the call goes on without, and the next one does not try it', { skip }, async () => {
  const relay = udpRelay();
  assert.ok(relay > 0);
  const seen = await Promise.all([page, other].map(async (each) => (await media(each)).frames));
  const cut = performance.now();
  process.kill(relay, 'SIGSTOP'); // what is sent to it is as good as dropped
  await goBy('tcp');
  for (const [at, each] of [page, other].entries()) await until(async () => (await media(each)).frames > seen[at] + 40, 'pictures come again');
  console.log(`media went on after ${Math.round(performance.now() - cut)} ms`);
  for (const each of [page, other]) await flows(each);
  await until(async () => (await live(anna)).way === 'carried' && (await live(boris)).way === 'carried', 'each says so');
  process.kill(relay, 'SIGCONT');
  for (const person of [anna, boris]) await until(async () => !(await person.call('list_routes')).clear, 'the engine knows that this network spoils it');
  await hangUp();
  await staysWithout();
});

/** A call, for twice as long as it takes to try UDP. */
async function staysWithout() {
  for (const each of [page, other]) await each.evaluate(() => (window.told = []));
  await call();
  const begun = performance.now();
  await until(() => performance.now() - begun > 11_000, 'UDP would have been tried');
  for (const each of [page, other]) {
    assert.equal((await media(each)).protocol, 'tcp');
    assert.deepEqual(await each.evaluate(() => window.told.filter((url) => /udp/.test(url))), [], 'no page has been told of it');
    assert.deepEqual((await media(each)).kinds, ['relay tcp']);
    await flows(each);
  }
  await hangUp();
}

test('who has allowed that his address be seen goes by relay alone where the network is not clear', { skip }, async () => {
  for (const each of [page, other]) {
    await each.evaluate(() => (window.told = []));
    await each.evaluate(() => window.connections.splice(0));
  }
  for (const each of [page, other]) {
    await each.evaluate((key) => localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key) ?? '{}'), callsDirect: true })), 'godwit-preferences');
    await each.reload();
  }
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await staysWithout();
});
