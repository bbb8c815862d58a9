// A call whose media go through the real coturn of a real home, and by no other way: of Boris, who has nothing but a browser, inside TLS on
// the home's own port; of Anna, who reaches her home by a bridge alone, as her program's messages go. Who talks, who is seen, what is shown, and
// what happens when the relay or the bridge dies in the middle.

import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BrowserWorld } from './browser_person.mjs';
import { trust } from './served_home.mjs';
import { kBin, listens, until, World } from './world.mjs';

const kMissing = ['turnserver', 'certutil'].filter((name) => {
  try {
    return execFileSync('which', [name]).length === 0;
  } catch {
    return true;
  }
});
const skip = kMissing.length > 0 && `SKIPPED: not installed: ${kMissing.join(', ')}`;
if (skip) console.log(skip);

const kArgs = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--disable-quic',
  '--allow-loopback-in-peer-connection']; // the home is on this machine
const world = new BrowserWorld();
const programs = new World();
world.browserOptions = programs.browserOptions = { args: kArgs };
let home, anna, boris, page, other, bridge, bridgePort, behind;

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** A bridge to what a home link names, or the same one again; gives its own link. */
async function startBridge(to) {
  const folder = join(world.folder, 'bridge');
  const options = ['--home', to, '--folder', folder, '--host', '127.0.0.1', '--port', String(bridgePort)];
  bridge = spawn(join(kBin, 'godwit-bridge'), ['run', ...options], { stdio: 'ignore' });
  await until(() => existsSync(join(folder, 'link')) && listens(bridgePort), 'the bridge listens');
  return readFileSync(join(folder, 'link'), 'utf8').trim();
}

before(async () => {
  if (skip) return;
  home = await world.home(); // whose certificate is trusted as a person's browser trusts one: by its own store
  await home.stop();
  home.configure('calls', 'true');
  home.configure('calls_addresses', '["127.0.0.1"]'); // both people use this relay, so its own address is where they meet
  home.configure('calls_loopback', 'true');
  await home.resume();
  bridgePort = await freePort();
  behind = await home.link();
  const link = await startBridge(behind);
  await trust(world.userHome, join(world.folder, 'bridge', 'certificate.pem'), 'bridge');
  await home.stop();
  home.configure('routes', JSON.stringify([link])); // links name no other way from now on
  home.configure('pin_certificate', 'false');
  await home.resume();
  [anna, boris] = [await programs.person('Anna', home), await world.person('Boris', home)];
  await programs.pair(anna, boris);
  for (const person of [anna, boris]) await until(async () => (await person.call('read_call_relays').catch(() => ({ relays: [] }))).relays.length > 0, 'the home has a relay');
  [page, other] = [await programs.page(anna), await world.page(boris)];
  for (const each of [page, other]) {
    await each.context().grantPermissions(['microphone', 'camera']);
    await each.addInitScript(keepConnections);
    await each.reload();
  }
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await other.locator('[data-row]', { hasText: 'Anna' }).waitFor();
});
after(async () => {
  bridge?.kill();
  await programs.end();
  await world.end();
});

// The connections that a page makes, so that the browser itself can be asked by which way media go.
function keepConnections() {
  window.connections = [];
  window.faults = [];
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...given) {
      super(...given);
      window.connections.push(this);
      this.addEventListener('icecandidateerror', ({ errorCode, errorText, url }) => window.faults.push(`${errorCode} ${errorText} ${url}`));
      window.policies = [...(window.policies ?? []), this.getConfiguration().iceTransportPolicy];
    }
  };
}

const button = (on, name) => on.getByRole('button', { name, exact: true });
const live = async (person) => (await person.call('read_calls')).live;
const isActive = async () => (await live(anna))?.state === 'active' && (await live(boris))?.state === 'active';

/** What the browser says of the call that goes on: the pair of candidates in use, and what has come. */
const media = (on) =>
  on.evaluate(async () => {
    const connection = window.connections.findLast((each) => each.connectionState !== 'closed');
    const all = [...(await connection.getStats()).values()];
    const find = (id) => all.find((each) => each.id === id);
    const pair = find(all.find((each) => each.type === 'transport')?.selectedCandidatePairId);
    const came = (kind) => all.find((each) => each.type === 'inbound-rtp' && each.kind === kind);
    const local = pair && find(pair.localCandidateId);
    return {
      local: local && { type: local.candidateType, protocol: local.relayProtocol, url: local.url },
      remote: pair && find(pair.remoteCandidateId)?.candidateType,
      candidates: all.filter((each) => each.type === 'local-candidate').map((each) => each.candidateType),
      frames: came('video')?.framesDecoded ?? 0,
      width: came('video')?.frameWidth ?? 0,
      level: came('audio')?.audioLevel ?? 0,
      samples: came('audio')?.totalSamplesReceived ?? 0,
    };
  });

/** How much of the picture that is shown large is green, as the fake camera's is, and how many colours it has. */
const picture = (on) =>
  on.locator('.call video').first().evaluate((video) => {
    if (!video.videoWidth) return { green: 0, colours: 0 };
    const context = new OffscreenCanvas(32, 24).getContext('2d');
    context.drawImage(video, 0, 0, 32, 24);
    const { data } = context.getImageData(0, 0, 32, 24);
    const colours = new Set();
    let green = 0;
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 1] > data[at] + 20 && data[at + 1] > data[at + 2] + 20) green++;
      colours.add((data[at] >> 5) | ((data[at + 1] >> 5) << 3) | ((data[at + 2] >> 5) << 6));
    }
    return { green: green / 768, colours: colours.size };
  });

/** What of a screen is sent; nothing for a camera. */
const surfaceSent = () => window.connections.at(-1).getSenders().find((each) => each.track?.kind === 'video').track.getSettings().displaySurface;

async function heard(on) {
  await until(async () => (await media(on)).level > 0.01, 'the beeps are heard');
}

async function seen(on) {
  const { frames } = await media(on);
  await until(async () => (await media(on)).frames > frames + 10, 'pictures are decoded');
}

async function isRelayed(on) {
  const { local, remote, candidates } = await media(on);
  assert.equal(local.type, 'relay');
  assert.equal(local.protocol, on === page ? 'tcp' : 'tls');
  if (on === page) assert.match(local.url, /^turn:127\.0\.0\.1:\d+\?transport=tcp$/, 'her own program');
  else assert.equal(local.url, `turns:127.0.0.1:${home.port}?transport=tcp`);
  assert.equal(remote, 'relay');
  assert.deepEqual([...new Set(candidates)], ['relay'], 'no other address is told');
  assert.deepEqual(await on.evaluate(() => [...new Set(window.policies)]), ['relay']);
}

/** The process of the home's coturn; 0: it does not run, which the program says by its exit code. */
function coturn() {
  const { stdout } = spawnSync(join(kBin, 'godwit-home'), ['calls', 'status', '--folder', home.folder], { encoding: 'utf8' });
  return Number(/process (\d+)/.exec(stdout)?.[1] ?? 0);
}

test('voices go both ways through the relay, in TLS and over the bridge, and nobody is asked for a direct way', { skip }, async () => {
  await button(page, 'Call').click();
  await button(other.getByRole('alertdialog', { name: 'Anna' }), 'Answer').click();
  await until(isActive, 'media flow').catch(async (error) => {
    throw new Error(`${error.message}; ${JSON.stringify(await Promise.all([page, other].map((each) => each.evaluate(() => [window.faults, window.connections.map((one) => [one.iceConnectionState, one.connectionState])]))))}`);
  });
  for (const each of [page, other]) {
    await heard(each);
    await isRelayed(each);
  }
  await until(async () => (await live(anna)).way === 'carried' && (await live(boris)).way === 'relayed_tls', 'each says by which way');
});

test('cameras are seen both ways', { skip }, async () => {
  for (const each of [page, other]) await button(each, 'Switch the camera on').click();
  for (const each of [page, other]) {
    await until(async () => (await picture(each)).green > 0.2, 'the picture of the device is seen there');
    await seen(each);
    await isRelayed(each);
  }
});

test('screens are shown both ways, instead of the cameras', { skip }, async () => {
  const widths = [];
  for (const each of [page, other]) widths.push((await media(each)).width);
  for (const each of [page, other]) await button(each, 'Share the screen').click();
  for (const [at, each] of [page, other].entries()) {
    await until(async () => ![0, widths[at]].includes((await media(each)).width), 'a picture of another size comes');
    assert.equal(typeof (await each.evaluate(surfaceSent)), 'string', 'what is sent is a screen');
    await seen(each);
    await until(async () => (await picture(each)).colours > 1, 'it is no empty one');
    await isRelayed(each);
  }
});

test('when coturn dies the call says so, and comes back by itself', { skip }, async () => {
  const before = coturn();
  assert.ok(before > 0);
  process.kill(before, 'SIGKILL');
  await page.getByText('Reconnecting').first().waitFor();
  await until(() => ![0, before].includes(coturn()), 'the home has started it anew');
  await until(isActive, 'media flow again', 90_000);
  for (const each of [page, other]) {
    await heard(each);
    await seen(each);
    await isRelayed(each);
  }
});

test('when the home dies and begins anew, with other credentials, the call goes on', { skip }, async () => {
  const ended = new Promise((resolve) => home.process.on('exit', resolve));
  home.process.kill('SIGKILL');
  await ended;
  await page.getByText('Reconnecting').first().waitFor();
  await home.resume();
  await until(isActive, 'media flow again', 90_000);
  for (const each of [page, other]) {
    await heard(each);
    await seen(each);
    await isRelayed(each);
  }
});

test('when the bridge of one of them dies the call comes back with it', { skip }, async () => {
  const ended = new Promise((resolve) => bridge.on('exit', resolve));
  bridge.kill('SIGKILL');
  await ended;
  await other.getByText('Reconnecting').first().waitFor();
  await startBridge(behind);
  await until(isActive, 'media flow again', 90_000);
  for (const each of [page, other]) {
    await heard(each);
    await seen(each);
    await isRelayed(each);
  }
  await button(page, 'Hang up').click();
  await page.locator('.call').waitFor({ state: 'detached' });
  await until(async () => (await live(boris)) === null, 'it is over for both');
});
