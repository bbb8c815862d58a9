// A call of more than four: five real pages, each with his own program, by the real Janus of a real home behind its coturn, and a sixth device without a
// page. Who is heard and seen, that it ends where frames are not sealed, and that who has left and keeps the keys that he had opens nothing more.
// Pictures are small and few: these are five browsers' worth of media on one machine.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';
import { trustingHome } from './served_home.mjs';
import { until, World } from './world.mjs';

const kMissing = ['janus', 'turnserver', 'certutil'].filter((name) => {
  try {
    return execFileSync('which', [name]).length === 0;
  } catch {
    return true;
  }
});
const skip = kMissing.length > 0 && `SKIPPED: not installed: ${kMissing.join(', ')}`;
if (skip) console.log(skip);

const kArgs = ['--no-sandbox', '--use-fake-device-for-media-stream=fps=8', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--disable-quic',
  '--allow-loopback-in-peer-connection']; // the home is on this machine
const kLong = 60_000;
const kNames = ['Anna', 'Boris', 'Vera', 'Gleb', 'Dina'];
const world = new World();
const people = {};
const pages = {};
let home, group;

before(async () => {
  if (skip) return;
  home = await world.newHome({ host: '127.0.0.1' });
  await home.stop();
  for (const [key, value] of [['calls', 'true'], ['calls_unit', 'true'], ['calls_addresses', '["127.0.0.1"]'], ['calls_loopback', 'true']]) home.configure(key, value);
  await home.resume();
  const HOME = await trustingHome(join(world.folder, 'user'), join(home.folder, 'certificate.pem'));
  world.chromium = await chromium.launch({ executablePath: '/usr/bin/chromium', args: kArgs, env: { ...process.env, HOME } });
  for (const name of [...kNames, 'Egor']) people[name] = await world.person(name, home);
  const others = [...kNames.slice(1), 'Egor'];
  await Promise.all(others.map((name) => world.pair(people.Anna, people[name])));
  group = (await people.Anna.call('new_group', { name: 'Shore walks' })).chat.chat;
  await people.Anna.call('add_members', { chat: group, accounts: await Promise.all(others.map(async (name) => (await people[name].call('read_account')).account)) });
  await until(async () => (await people.Anna.call('list_members', { chat: group })).members.filter((each) => each.in).length === 6, 'all are in', kLong);
  await until(async () => (await people.Anna.call('read_call_relays').catch(() => ({ relays: [] }))).relays.length > 0, 'the home has a relay');
  await Promise.all(kNames.map(open));
});
after(() => world.end());

async function open(name) {
  const page = await world.page(people[name], { width: 640, height: 480, language: name === 'Boris' ? 'ru' : 'en' });
  pages[name] = page;
  await page.context().grantPermissions(['microphone', 'camera']);
  await page.addInitScript(lookInside);
  await page.reload();
  await page.locator('[data-row]', { hasText: 'Shore walks' }).click();
}

// The connections and workers that a page makes, so that they themselves can be asked; and a camera that is small.
function lookInside() {
  window.connections = [];
  window.workers = [];
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...given) {
      super(...given);
      window.connections.push(this);
    }
    addTransceiver(...given) {
      const made = super.addTransceiver(...given);
      // A machine that is busy makes pictures smaller; here it is looked at who is sent which.
      void made.sender.setParameters({ ...made.sender.getParameters(), degradationPreference: 'maintain-resolution' });
      return made;
    }
  };
  window.Worker = class extends window.Worker {
    constructor(...given) {
      super(...given);
      window.workers.push(this);
    }
  };
  window.pictureWidth ??= 320;
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = ({ audio, video }) =>
    real({ ...(audio ? { audio } : {}), ...(video ? { video: { width: window.pictureWidth, height: (window.pictureWidth * 9) / 16, frameRate: 8 } } : {}) });
}

const button = (on, name) => on.getByRole('button', { name, exact: true });
const seats = (on) => on.locator('.grid .tile:not(.own)');
const callOf = async (name) => (await people[name].call('read_calls')).groups[0];

/** What comes to a page by its open connections: each voice and each picture. */
const came = (on) =>
  on.evaluate(async () => {
    const out = { connections: 0, voices: [], pictures: [], sent: [], ways: [] };
    for (const each of window.connections.filter((one) => one.connectionState === 'connected')) {
      out.connections++;
      const all = [...(await each.getStats()).values()];
      const pair = all.find((stat) => stat.type === 'candidate-pair' && stat.nominated && stat.state === 'succeeded');
      if (pair) out.ways.push(all.find((stat) => stat.id === pair.localCandidateId)?.candidateType);
      for (const stat of all) {
        if (stat.type === 'outbound-rtp') out.sent.push([stat.kind, stat.rid ?? '', stat.framesSent ?? stat.packetsSent, stat.frameWidth ?? 0, stat.pliCount ?? 0, stat.keyFramesEncoded ?? 0]);
        if (stat.type !== 'inbound-rtp') continue;
        if (stat.kind === 'audio') out.voices.push({ id: stat.id, packets: stat.packetsReceived, level: stat.audioLevel ?? 0 });
        else out.pictures.push({ id: stat.id, decoded: stat.framesDecoded, width: stat.frameWidth ?? 0 });
      }
    }
    return out;
  });

/** Each of these hears so many others, now and later, by so many connections. */
async function heard(names, others, connections, what, voices = others) {
  for (const name of names) {
    const page = pages[name];
    const fails = (text) => async (error) => {
      throw new Error(`${error.message} (${text}); ${JSON.stringify(await came(page))}; ${await page.evaluate(() => window.connections.map((each) => each.connectionState).join())}; ${page.problems.join('; ')}`);
    };
    await until(async () => (await seats(page).count()) === others, `${what}: ${name} sees seats`, kLong).catch(fails('seats'));
    await until(async () => {
      const before = await came(page);
      await page.waitForTimeout(700);
      const now = await came(page);
      const speaking = now.voices.filter((each) => each.level > 0.005 && before.voices.some((one) => one.id === each.id && each.packets > one.packets + 20));
      return now.connections === connections && speaking.length >= voices;
    }, `${what}: ${name} hears ${voices}`, kLong).catch(fails('voices'));
    await until(async () => new Set((await came(page)).ways).size > 0, 'it goes some way');
    assert.deepEqual([...new Set((await came(page)).ways)], ['relay'], 'all of it goes by the relay');
  }
}

/** How green the pictures of the others are: the device's own is. */
const greens = (on) =>
  seats(on).locator('video:not([aria-hidden=true])').evaluateAll((videos) =>
    videos.map((video) => {
      if (!video.videoWidth) return 0;
      const context = new OffscreenCanvas(32, 24).getContext('2d');
      context.drawImage(video, 0, 0, 32, 24);
      const { data } = context.getImageData(0, 0, 32, 24);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at + 1] > data[at] + 20 && data[at + 1] > data[at + 2] + 20) count++;
      return count / 768;
    }),
  );

/** What the workers of a page say that has gone through them. */
const counts = (on) =>
  on.evaluate(async () => {
    const sum = { passed: 0, keyless: 0, seen: 0 };
    for (const worker of window.workers) {
      const said = await new Promise((resolve) => {
        setTimeout(() => resolve(null), 1000);
        worker.addEventListener('message', ({ data }) => data.said === 'counts' && data.request === 1e9 && resolve(data.counts));
        worker.postMessage({ do: 'count', request: 1e9 });
      });
      for (const kind of said ? ['audio', 'video'] : []) for (const name of Object.keys(sum)) sum[name] += said.received[kind][name];
    }
    return sum;
  });

test('four talk by connections with each other', { skip }, async () => {
  await button(pages.Anna, 'Call').click();
  for (const name of ['Boris', 'Vera', 'Gleb']) {
    const card = pages[name].getByRole('alertdialog', { name: 'Shore walks' });
    await button(card, name === 'Boris' ? 'Присоединиться' : 'Join').click();
  }
  await heard(['Anna', 'Boris', 'Vera', 'Gleb'], 3, 3, 'four');
});

test('with the fifth all of them go over to the unit, and hear each other', { skip }, async () => {
  await until(async () => (await callOf('Dina'))?.places === 32, 'there is a room');
  assert.equal((await callOf('Dina')).full, false);
  await button(pages.Dina, 'Join').first().click();
  await heard(kNames, 4, 2, 'five');
});

test('a page that is loaded anew hears all again, and all hear it', { skip }, async () => {
  await pages.Dina.reload();
  await heard(['Dina', ...kNames.slice(0, 4)], 4, 2, 'after loading anew');
});

test('each page is sent the pictures that it shows, in the size in which it shows them', { skip }, async () => {
  await pages.Anna.evaluate(() => (window.pictureWidth = 640)); // small enough for one size: 320
  await button(pages.Anna, 'Switch the camera on').click();
  // The pages share one device, which has the size of the first one.
  await until(() => pages.Anna.locator('.tile.own video').evaluate((video) => video.videoWidth === 640), 'her camera runs', kLong);
  await button(pages.Vera, 'Switch the camera on').click();
  for (const name of kNames) {
    const others = ['Anna', 'Vera'].filter((each) => each !== name).length;
    await until(async () => (await greens(pages[name])).filter((green) => green > 0.2).length >= others, `${name} sees ${others}`, kLong).catch(async (error) => {
      throw new Error(`${error.message}; ${JSON.stringify(await came(pages[name]))}; ${JSON.stringify(await greens(pages[name]))}; sent ${JSON.stringify((await came(pages.Anna)).sent)}`);
    });
  }
  const widths = async (name) => (await came(pages[name])).pictures.map((each) => each.width);
  const shows = (wanted, what) =>
    until(async () => wanted(await widths('Gleb')), what, kLong).catch(async (error) => {
      throw new Error(`${error.message}; ${JSON.stringify(await came(pages.Gleb))}; sent ${JSON.stringify((await came(pages.Anna)).sent)}`);
    });
  // Only Anna speaks: the large one is of her, also where the line is not good enough for all.
  const [off, on] = ['Mute the microphone', 'Switch the microphone on'];
  for (const [name, label] of [['Boris', 'Выключить микрофон'], ['Vera', off], ['Dina', off]]) await button(pages[name], label).click();
  await shows((all) => all.includes(640), 'Gleb is sent the large one');
  await button(pages.Gleb, 'Small window').click();
  await shows((all) => all.every((width) => width < 220), 'and a small one where it is shown small');
  await button(pages.Gleb, 'Full screen').click();
  for (const [name, label] of [['Boris', 'Включить микрофон'], ['Vera', on], ['Dina', on]]) await button(pages[name], label).click();
});

test('a page whose browser seals nothing ends its call, and nobody hears it', { skip }, async () => {
  const { Dina } = pages;
  await button(Dina, 'Leave the call').click();
  await Dina.evaluate(() => {
    window.sealing = Object.getOwnPropertyDescriptor(RTCRtpSender.prototype, 'transform');
    Object.defineProperty(RTCRtpSender.prototype, 'transform', { set: () => undefined, configurable: true });
  });
  await until(async () => (await seats(pages.Anna).count()) === 3, 'four are left', kLong);
  await button(Dina, 'Join').first().click();
  await Dina.locator('.call').getByText('it was not encrypted as it must be').waitFor({ timeout: kLong });
  const sent = await Dina.evaluate(() => window.connections.flatMap((each) => each.getSenders()).filter((each) => each.track?.enabled).length);
  assert.equal(sent, 0, 'nothing but silence was sent');
  await until(async () => (await seats(pages.Anna).count()) === 3, 'she is out', kLong);
  await Dina.evaluate(() => Object.defineProperty(RTCRtpSender.prototype, 'transform', window.sealing));
  await button(Dina.locator('.call'), 'Close').click();
  await button(Dina, 'Join').first().click();
  await heard(kNames, 4, 2, 'again');
});

test('who has left and keeps his keys and his seat opens nothing more', { skip }, async () => {
  const { call } = await callOf('Egor');
  await people.Egor.call('join_group_call', { call, rooms: true }); // so that more than four are left
  await until(async () => (await seats(pages.Anna).count()) === 5, 'six are in it');
  const keep = setInterval(() => void people.Egor.call('say_call_media', { call, flowing: true }).catch(() => undefined), 5_000);
  try {
    await pages.Dina.evaluate(() => {
      RTCPeerConnection.prototype.close = () => undefined;
      Worker.prototype.terminate = () => undefined;
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (data) {
        const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
        if (!text.includes('"wish":"leave"')) send.call(this, data);
      };
    });
    await button(pages.Dina, 'Leave the call').click();
    for (const name of ['Anna', 'Boris', 'Vera', 'Gleb']) await until(async () => (await seats(pages[name]).count()) === 4, 'she is gone');
    // What was sealed before is opened; then nothing but frames for which she has no key comes, and goes on coming.
    const late = await until(async () => {
      const before = await counts(pages.Dina);
      await pages.Dina.waitForTimeout(700);
      const now = await counts(pages.Dina);
      return now.passed === before.passed && now.keyless > before.keyless + 10 && now;
    }, 'frames come to her and are not opened', kLong).catch(async (error) => {
      throw new Error(`${error.message}; ${JSON.stringify(await counts(pages.Dina))}`);
    });
    await pages.Dina.waitForTimeout(1_500);
    const later = await counts(pages.Dina);
    assert.equal(later.passed, late.passed, 'nothing more is opened');
    assert.ok(later.keyless > late.keyless + 50, `they still come to her: ${JSON.stringify([late, later])}`);
    await heard(['Anna', 'Boris', 'Vera', 'Gleb'], 4, 2, 'after that', 3); // of the sixth nobody hears anything: he has no page
  } finally {
    clearInterval(keep);
    await people.Egor.call('end_call', { call }).catch(() => undefined);
  }
});

test('when four are left they are connected with each other again', { skip }, async () => {
  await heard(['Anna', 'Boris', 'Vera', 'Gleb'], 3, 3, 'four again');
  for (const name of ['Anna', 'Boris', 'Vera', 'Gleb']) await button(pages[name], name === 'Boris' ? 'Выйти из звонка' : 'Leave the call').click();
  for (const name of kNames) await pages[name].locator('.call').waitFor({ state: 'detached' });
  for (const name of kNames) assert.deepEqual(pages[name].problems, [], name);
});
