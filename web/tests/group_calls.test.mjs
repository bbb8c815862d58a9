// Calls of a group by mesh, each with his own program and page in one Chromium. Media go over loopback. GODWIT_SHOTS: a folder for pictures.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { overflows } from './call_fits.mjs';
import { until, World } from './either_world.mjs';

const kDevices = { permissions: ['microphone', 'camera', 'clipboard-read', 'clipboard-write'] };
const world = new World();
const people = {};
let home, group, anna, boris, vera;

// One whom nobody looks at: his program answers as a page does.
async function joinWithoutPage(person) {
  const call = (await person.call('read_calls')).groups[0].call;
  await person.call('join_group_call', { call });
  return call;
}

before(async () => {
  world.browserOptions = { args: ['--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] };
  home = await world.home();
  for (const name of ['Anna', 'Boris', 'Vera', 'Gleb', 'Dina']) people[name] = await world.person(name, home);
  const others = ['Boris', 'Vera', 'Gleb', 'Dina'];
  for (const name of others) await world.pair(people.Anna, people[name]);
  group = (await people.Anna.call('new_group', { name: 'Shore walks' })).chat.chat;
  await people.Anna.call('add_members', { chat: group, accounts: await Promise.all(others.map(async (name) => (await people[name].call('read_account')).account)) });
  await until(async () => (await people.Anna.call('list_members', { chat: group })).members.filter((each) => each.in).length === 5, 'all are in', 60_000);
  anna = await world.page(people.Anna, kDevices);
  boris = await world.page(people.Boris, { ...kDevices, width: 360, height: 740, language: 'ru', theme: 'dark' });
  vera = await world.page(people.Vera, kDevices);
  for (const each of [anna, boris, vera]) {
    await each.evaluate(() => localStorage.setItem('godwit-preferences', JSON.stringify({ ...JSON.parse(localStorage.getItem('godwit-preferences') ?? '{}'), callsDirect: true })));
    await each.addInitScript(() => {
      // What the test looks at: the connections of the page.
      window.connections = [];
      const Real = RTCPeerConnection;
      window.RTCPeerConnection = class extends Real {
        constructor(...how) {
          super(...how);
          window.connections.push(this);
        }
      };
    });
    await each.reload();
    await each.locator('[data-row]', { hasText: 'Shore walks' }).click();
  }
});
after(() => world.end());

const button = (on, name) => on.getByRole('button', { name, exact: true });
const shot = async (on, name) => process.env.GODWIT_SHOTS && on.screenshot({ path: `${process.env.GODWIT_SHOTS}/${name}.png` });
const seats = (on) => on.locator('.grid .tile:not(.own)');

/** Of each open connection of a page: what has come by it. */
const came = (on) =>
  on.evaluate(() =>
    Promise.all(
      window.connections.filter((each) => each.connectionState === 'connected').map(async (each) => {
        const out = { audio: 0, decoded: 0, level: 0 };
        for (const stat of (await each.getStats()).values()) {
          if (stat.type !== 'inbound-rtp') continue;
          if (stat.kind === 'video') out.decoded += stat.framesDecoded;
          else Object.assign(out, { audio: stat.packetsReceived, level: stat.audioLevel ?? 0 });
        }
        return out;
      }),
    ),
  );

/** How green the picture of each of the others is: the device's own is. */
const greens = (on) =>
  on.locator('.grid .tile:not(.own) video').evaluateAll((videos) =>
    videos.map((video) => {
      if (!video.videoWidth) return 0;
      const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 24 });
      const context = canvas.getContext('2d');
      context.drawImage(video, 0, 0, 32, 24);
      const { data } = context.getImageData(0, 0, 32, 24);
      let count = 0;
      for (let at = 0; at < data.length; at += 4) if (data[at + 1] > data[at] + 20 && data[at + 1] > data[at + 2] + 20) count++;
      return count / 768;
    }),
  );

/** Each of `pages` hears and sees as many others as there are. */
async function flows(pages, others, what) {
  for (const each of pages) {
    await until(async () => (await seats(each).count()) === others, `${what}: they are seen`, 60_000);
    const first = await until(async () => {
      const all = await came(each);
      return all.length === others && all.every(({ audio, decoded }) => audio > 20 && decoded > 5) && all;
    }, `${what}: media flow`, 90_000);
    await until(async () => (await came(each)).every((one, at) => first[at] && one.decoded > first[at].decoded + 10 && one.audio > first[at].audio + 50), `${what}: and go on`, 60_000);
    await until(async () => (await came(each)).every(({ level }) => level > 0.005), `${what}: the beeps of all are heard`, 60_000);
    await until(async () => (await greens(each)).filter((green) => green > 0.2).length === others, `${what}: the pictures of all are seen`, 60_000);
  }
}

test('a call in a group rings with the others, and three see and hear each other', async () => {
  await button(anna, 'Video call').click();
  await anna.getByRole('dialog', { name: 'Call in Shore walks' }).getByText('Nobody else is here yet').waitFor();
  assert.deepEqual(await violations(anna, 'alone'), []);
  const card = boris.getByRole('alertdialog', { name: 'Shore walks' });
  await card.getByText('Anna звонит в группу с видео').waitFor();
  assert.deepEqual(await overflows(boris), []);
  assert.deepEqual(await violations(boris, 'it rings'), []);
  await shot(boris, 'group-rings-360-dark');
  await button(card, 'Присоединиться с видео').click();
  await button(vera.getByRole('alertdialog', { name: 'Shore walks' }), 'Join with video').click();
  await flows([anna, boris, vera], 2, 'three');
  await anna.locator('.tile.speaks').first().waitFor();
  assert.deepEqual(await overflows(boris), []);
  assert.deepEqual(await overflows(anna), []);
  assert.deepEqual([...(await violations(anna, 'grid')), ...(await violations(boris, 'grid on a phone'))], []);
  await shot(anna, 'group-three-1280-light');
  await shot(boris, 'group-three-360-dark');
});

test('a microphone that is off and a picture that is off are seen by all', async () => {
  await button(anna, 'Mute the microphone').click();
  await boris.getByText('Anna: микрофон выключен').waitFor({ state: 'attached' });
  await vera.getByText('Anna: microphone off').waitFor({ state: 'attached' });
  await button(anna, 'Switch the microphone on').click();
  await vera.getByText('Anna: microphone off').waitFor({ state: 'detached' });
  await button(anna, 'Switch the camera off').click();
  for (const each of [boris, vera]) await until(async () => (await greens(each)).filter((green) => green > 0.2).length <= 2 && (await each.locator('.grid .tile:not(.own) .ring').count()) === 1, 'no picture of hers');
  await button(anna, 'Switch the camera on').click();
  for (const each of [boris, vera]) await until(async () => (await each.locator('.grid .tile:not(.own) .ring').count()) === 0, 'it is seen again');
});

test('a raised hand is seen and told to all, by button and by key', async () => {
  const raised = (on, words) => on.locator('.call [role=status]').getByText(words, { exact: true }).waitFor();
  await button(anna, 'Raise a hand').click();
  await raised(boris, 'Подняли руку: Anna');
  await raised(vera, 'Hand raised: Anna');
  await raised(anna, 'Hand raised: You');
  assert.equal(await vera.locator('.grid .tile:not(.own) .hand').count(), 1);
  await boris.locator('.call').press('h');
  await raised(vera, 'Hand raised: Anna, Boris');
  await raised(boris, 'Подняли руку: Anna, Вы');
  assert.deepEqual(await overflows(boris), []);
  assert.deepEqual([...(await violations(anna, 'a raised hand')), ...(await violations(boris, 'a raised hand on a phone'))], []);
  await shot(boris, 'group-hands-360-dark');
  await shot(anna, 'group-hands-1280-light');
  await boris.locator('.call').press('h');
  await button(anna, 'Lower the hand').click();
  for (const each of [anna, boris, vera]) await until(async () => (await each.locator('.hand, .hands').count()) === 0, 'it is down');
});

test('who is not in it sees that it goes on, and a fifth is told that it is full', async () => {
  const call = await joinWithoutPage(people.Gleb);
  await until(async () => (await seats(anna).count()) === 3, 'four are in it');
  await shot(anna, 'group-four-1280-light');
  await shot(boris, 'group-four-360-dark');
  const dina = await world.page(people.Dina, { ...kDevices, theme: 'dark' });
  await dina.locator('[data-row]', { hasText: 'Shore walks' }).click();
  await dina.getByText('Four are in this call already: there is no place for more').waitFor();
  assert.equal(await button(dina, 'Join').count(), 0);
  assert.deepEqual(await violations(dina, 'full'), []);
  await shot(dina, 'group-full-1280-dark');
  await assert.rejects(people.Dina.call('join_group_call', { call }), /engine_call_full/);
  await people.Gleb.call('end_call', { call });
  await button(dina.getByRole('status'), 'Join').waitFor(); // where all came in quickly it rings there, too
  await dina.close();
});

test('when somebody leaves, the keys of all others change, and nothing more comes to him', async () => {
  // Who leaves keeps his connections and the workers with their keys, and goes on listening.
  await vera.evaluate(() => {
    RTCPeerConnection.prototype.close = () => undefined;
    Worker.prototype.terminate = () => undefined;
  });
  const call = (await people.Anna.call('read_calls')).groups[0].call;
  const offers = () =>
    Promise.all([anna, boris].map((each) => each.evaluate(() => window.connections.filter((one) => one.connectionState === 'connected').map((one) => (one.localDescription?.sdp ?? '').match(/^o=- \S+ (\d+)/m)?.[1]).join())));
  const before = await offers();
  await button(vera, 'Leave the call').click();
  for (const each of [anna, boris]) await until(async () => (await seats(each).count()) === 1, 'she is gone');
  await until(async () => (await offers()).every((each, at) => each !== before[at].split(',')[0] && !before[at].split(',').includes(each)), 'both have agreed anew');
  await flows([anna, boris], 1, 'two');
  const heard = await vera.evaluate(() => Promise.all(window.connections.map(async (each) => [...(await each.getStats()).values()].filter((stat) => stat.type === 'inbound-rtp' && stat.kind === 'video').map((stat) => stat.framesDecoded))));
  await anna.waitForTimeout(2000);
  const later = await vera.evaluate(() => Promise.all(window.connections.map(async (each) => [...(await each.getStats()).values()].filter((stat) => stat.type === 'inbound-rtp' && stat.kind === 'video').map((stat) => stat.framesDecoded))));
  assert.deepEqual(later, heard, 'she sees nothing more');
  await vera.getByText('A call goes on:').waitFor();
  await assert.rejects(people.Vera.call('send_call_signal', { call, data: 'x', to: 'ab'.repeat(32) }), /engine_no_such_call/);
});

test('one writes beside a call in its small window, and a page that is loaded anew goes on with it', async () => {
  await anna.keyboard.press('Escape');
  await anna.getByRole('region', { name: 'Call in Shore walks' }).waitFor();
  await anna.locator('footer textarea').fill('I hear you well');
  await anna.keyboard.press('Enter');
  await anna.locator('[data-message]', { hasText: 'I hear you well' }).waitFor();
  assert.deepEqual(await violations(anna, 'small window'), []);
  await shot(anna, 'group-small-1280-light');
  await boris.reload();
  await button(anna, 'Full screen').click();
  await flows([anna, boris], 1, 'loaded anew');
});

test('the last one who leaves ends it, and it stands in the history of all', async () => {
  await button(anna, 'Leave the call').click();
  await button(boris, 'Выйти из звонка').click();
  for (const each of [anna, boris]) await each.locator('.call').waitFor({ state: 'detached' });
  await anna.getByRole('log').getByText(/call, \d:\d\d/).waitFor();
  await vera.getByText('A call goes on:').waitFor({ state: 'detached' });
  assert.deepEqual((await people.Dina.call('read_calls')).groups, []);
  assert.equal((await people.Dina.call('read_calls')).past[0].line.outcome, 'missed');
  assert.deepEqual([...anna.problems, ...boris.problems, ...vera.problems], []);
});
