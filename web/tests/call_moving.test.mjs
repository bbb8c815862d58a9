// Anna talks with Boris on her phone and goes on with it on her laptop. Three programs, three pages of a real Chromium; media go over loopback.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { until, World } from './world.mjs';

const kDevices = { permissions: ['microphone', 'camera', 'clipboard-read', 'clipboard-write'] };
const world = new World();
let phone, laptop, boris, phonePage, laptopPage, borisPage;

// Which keys of frames a page makes or takes, in hexadecimal.
function noteKeys() {
  window.keys = [];
  const note = (key) => window.keys.push([...key.key].map((each) => each.toString(16).padStart(2, '0')).join(''));
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => data?.said === 'key' && note(data.key));
    }
    postMessage(message, ...more) {
      if (message?.do === 'take_key') note(message.key);
      super.postMessage(message, ...more);
    }
  };
}

// The longest time without a sound of the other one, in milliseconds; noted until it is asked.
const listen = (page) =>
  page.evaluate(() => {
    let last = performance.now();
    window.silence = 0;
    setInterval(() => {
      const loud = Number(document.querySelector('.call .ring')?.style.getPropertyValue('--level') ?? 0) > 0.01;
      window.silence = Math.max(window.silence, performance.now() - last);
      if (loud) last = performance.now();
    }, 20);
  });

before(async () => {
  world.browserOptions = { args: ['--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] };
  const home = await world.home();
  [phone, boris, laptop] = [await world.person('Anna', home), await world.person('Boris', home), await world.stranger('laptop')];
  await world.pair(phone, boris);
  const { link } = await phone.call('start_linking', { by_code: false });
  const linked = laptop.call('link_device', { name: 'Laptop', link });
  await until(() => phone.socket.notices.some((each) => each.method === 'device_asks'), 'the phone is asked');
  await phone.call('confirm_linking', { accept: true });
  await linked;
  await until(async () => (await laptop.call('list_chats')).chats.find((each) => each.name === 'Boris')?.ready, 'the laptop is in the chat');
  // The program waits for both to know of the laptop, as people do.
  const { message } = await laptop.call('send_text', { chat: (await laptop.chatWith('Boris')).chat, text: 'from the laptop' });
  await until(async () => (await boris.call('read_message', { chat: (await boris.chatWith('Anna')).chat, message: message.id ?? message }).catch(() => null)) !== null, 'Boris knows the laptop');
  const open = async (person, options) => {
    const page = await world.page(person, { ...kDevices, ...options });
    await page.addInitScript(noteKeys);
    await page.evaluate(() => localStorage.setItem('godwit-preferences', JSON.stringify({ ...JSON.parse(localStorage.getItem('godwit-preferences') ?? '{}'), callsDirect: true })));
    await page.reload();
    await page.locator('[data-row]').first().waitFor();
    return page;
  };
  [phonePage, laptopPage, borisPage] = [await open(phone), await open(laptop, { width: 360, height: 740, language: 'ru', theme: 'dark' }), await open(boris)];
});
after(() => world.end());

const button = (on, name) => on.getByRole('button', { name, exact: true });
const live = async (person) => (await person.call('read_calls')).live;
const level = (on) => on.locator('.call .ring').evaluate((each) => Number(each.style.getPropertyValue('--level'))).catch(() => 0);
const hears = (on, text) => until(async () => (await level(on)) > 0.01, text);

test('a call is seen on the other own device', async () => {
  await borisPage.locator('[data-row]', { hasText: 'Anna' }).click();
  await button(borisPage, 'Call').click();
  await button(phonePage.getByRole('alertdialog'), 'Answer').click();
  for (const each of [phonePage, borisPage]) await hears(each, 'the beeps are heard');
  const bar = laptopPage.getByText(/Идёт разговор на .*: Boris/);
  await bar.waitFor();
  await until(async () => (await laptopPage.locator('.call').count()) === 0, 'it does not ring there');
  assert.deepEqual(await violations(laptopPage, 'in a call elsewhere'), []);
  assert.ok(await laptopPage.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

test('it is taken over there: both are heard, the first device is silent and free, and the keys are new', async (context) => {
  const before = await phonePage.evaluate(() => window.keys);
  assert.ok(before.length >= 2, 'its own and the other side\'s');
  await listen(borisPage);
  await button(laptopPage, 'Продолжить здесь').click();
  await until(async () => (await live(laptop))?.state === 'active', 'media flow on the laptop');
  await phonePage.getByText('The call continues on Laptop').waitFor();
  for (const each of [laptopPage, borisPage]) await hears(each, 'the beeps are heard');
  await until(async () => (await live(boris))?.state === 'active', 'media flow');
  context.diagnostic(`the longest silence that Boris heard: ${Math.round(await borisPage.evaluate(() => window.silence))} ms`);
  assert.equal(await live(phone), null);
  assert.equal((await live(laptop)).call, (await live(boris)).call);
  assert.equal((await live(laptop)).outgoing, false);
  await phonePage.getByText('In a call with Boris on Laptop').waitFor();
  await until(async () => (await phonePage.locator('.call').count()) === 0, 'its call is gone', 15_000);
  assert.equal(await phonePage.evaluate(() => [...document.querySelectorAll('video, audio')].some((each) => each.srcObject)), false, 'nothing plays');
  // Nothing that is sealed now can be opened there: it has none of the keys.
  const old = new Set(await phonePage.evaluate(() => window.keys));
  const now = await laptopPage.evaluate(() => window.keys);
  assert.ok(now.length >= 2, 'its own and the other side\'s');
  for (const key of now) assert.ok(!old.has(key));
  const both = await borisPage.evaluate(() => window.keys);
  for (const key of now) assert.ok(both.includes(key), 'Boris\' page seals and opens with these');
  assert.deepEqual(await violations(laptopPage, 'taken over'), []);
});

test('it goes back again, and hanging up there leaves one line on all devices', async () => {
  await button(phonePage, 'Continue here').click();
  await until(async () => (await live(phone))?.state === 'active' && (await live(laptop)) === null, 'it is back');
  for (const each of [phonePage, borisPage]) await hears(each, 'the beeps are heard');
  await button(phonePage, 'Hang up').click();
  await until(async () => (await live(boris)) === null && (await live(phone)) === null, 'it is over');
  for (const person of [phone, laptop, boris]) {
    await until(async () => {
      const { past, elsewhere } = await person.call('read_calls');
      return past.length === 1 && past[0].line.outcome === 'answered' && past[0].line.duration_ms > 0 && elsewhere.length === 0;
    }, 'one line, of a call that was answered');
  }
  await laptopPage.getByText(/Идёт разговор/).waitFor({ state: 'detached' });
  assert.deepEqual([...phonePage.problems, ...laptopPage.problems, ...borisPage.problems], []);
});

test('a call of a group goes over too: the second device comes in, and the first one leaves when it is heard there', async () => {
  const { chat } = (await phone.call('new_group', { name: 'Walks' })).chat;
  await phone.call('add_members', { chat, accounts: [(await boris.call('read_account')).account] });
  for (const person of [boris, laptop]) await until(async () => (await person.call('list_chats')).chats.find((each) => each.chat === chat)?.ready, 'all devices are in the group');
  const group = async (person) => (await person.call('read_calls')).groups.find((each) => each.chat === chat) ?? null;
  await borisPage.locator('[data-row]', { hasText: 'Walks' }).click();
  await button(borisPage, 'Call').click();
  await button(phonePage.getByRole('alertdialog', { name: 'Walks' }), 'Join').click();
  for (const each of [borisPage, phonePage]) await each.locator('.tile.speaks').first().waitFor();
  await laptopPage.locator('[data-row]', { hasText: 'Walks' }).click();
  await button(laptopPage, 'Продолжить здесь').click();
  await phonePage.getByText('The call continues on another device of yours').waitFor();
  await until(async () => (await group(laptop))?.state === 'here' && (await group(phone))?.state === 'going', 'the phone has left');
  await until(async () => (await group(boris)).peers.length === 1, 'Boris sees one of them');
  for (const each of [borisPage, laptopPage]) await each.locator('.tile.speaks').first().waitFor();
  assert.equal(await phonePage.evaluate(() => [...document.querySelectorAll('video, audio')].some((each) => each.srcObject)), false, 'nothing plays there');
  assert.deepEqual(await violations(laptopPage, 'a group taken over'), []);
  for (const person of [laptop, boris]) await person.call('end_call', { call: (await group(person)).call });
  assert.deepEqual([...phonePage.problems, ...laptopPage.problems, ...borisPage.problems], []);
});
