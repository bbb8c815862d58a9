// A tab that dies in the middle of sending, as when a telephone takes its memory: in the browser's engine, which dies with it, and in the
// page of a program, which goes on. Real homes, real Chromium, renderers that are really gone.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { servedPage, ServedWorld } from './served_home.mjs';
import { until } from './world.mjs';

const skip = servedPage ? false : 'SKIPPED: the engine for browsers was not built (make wasm, web/build)';
const world = new ServedWorld();
const large = randomBytes(12_000_000);
let nora; // has a native program, and is told everything
let anna, ofAnna; // has one too, with a page
let context, page, ofNora; // Berta's, whose engine is in her browser

const shown = (of, text) => of.locator('article', { hasText: text });
const sent = async (chat, wanted) => (await nora.call('read_history', { chat, count: 100 })).messages.filter(wanted);
const texts = async (chat) => (await sent(chat, (each) => !each.own && each.text)).map((each) => each.text);

/** Its renderer ends at once, and whatever ran in it. */
async function kill(of) {
  const session = await of.context().newCDPSession(of);
  const crashed = new Promise((resolve) => of.once('crash', resolve));
  session.send('Page.crash').catch(() => undefined);
  await crashed;
  await of.close();
}

async function write(of, text) {
  await of.locator('textarea').fill(text);
  await of.keyboard.press('Enter');
}

/** Until a part of the file is out, and not all of it: the home is let go on for a moment at a time. */
async function inTheMiddle(of) {
  const home = world.served.process;
  const part = () =>
    of.evaluate(() => {
      const bar = document.querySelector('article progress');
      return bar ? bar.value / bar.max : 0;
    });
  await until(async () => {
    home.kill('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 15));
    home.kill('SIGSTOP');
    return (await part()) > 0;
  }, 'a part of it is out');
  assert.ok((await part()) < 1, 'and not all of it');
}

async function pick(of, name, bytes) {
  const path = join(world.folder, name);
  writeFileSync(path, bytes);
  await of.locator('input[type=file]').first().setInputFiles(path);
  await of.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
}

/** It came once, as it was; and stands once in the chat of who has sent it. */
async function cameOnce(of, chat, name) {
  const [came] = await until(async () => {
    const found = await sent(chat, (each) => each.file?.name === name);
    return found.length > 0 && found;
  }, `Nora has ${name}`);
  const place = join(world.folder, `saved ${name}`);
  await nora.call('get_file', { chat, message: came.id, destination: place });
  assert.ok(readFileSync(place).equals(large));
  await shown(of, name).locator('progress').waitFor({ state: 'detached' });
  assert.equal(await shown(of, name).count(), 1);
  assert.equal((await sent(chat, (each) => each.file?.name === name)).length, 1);
}

/** How many pieces of files lie in the browser's storage. */
const pieces = (of) =>
  of.evaluate(async () => {
    const asked = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const database = await asked(indexedDB.open('godwit'));
    const count = await asked(database.transaction('pieces').objectStore('pieces').count());
    database.close();
    return count;
  });

async function reopen() {
  page = await world.tab(context);
  await page.locator('[data-row]', { hasText: 'Nora' }).click();
  await page.locator('textarea').waitFor();
}

before(async () => {
  if (skip) return;
  await world.begin();
  [nora, anna] = await Promise.all(['Nora', 'Anna'].map((name) => world.person(name, world.served)));
  ofAnna = await world.pair(nora, anna);
  context = await world.profile('berta');
  const { link } = await nora.call('make_invite');
  page = await world.tab(context, `${world.origin}#home=${encodeURIComponent(await world.served.link())}&invite=${encodeURIComponent(link)}`);
  await page.getByLabel('Your name').fill('Berta');
  await page.keyboard.press('Enter');
  await page.locator('textarea').waitFor();
  ofNora = (await nora.chatWith('Berta')).chat;
  await until(() => page.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker has the page');
});
after(() => {
  world.served?.process?.kill('SIGCONT');
  return world.end();
});

test('words: what stood in the chat comes, once, whenever the tab died', { skip }, async () => {
  const stood = [];
  for (let round = 0; round < 4; round++) {
    const said = [0, 1, 2].map((at) => `round ${round} message ${at}`);
    for (const each of said) await write(page, each);
    if (round > 0) await shown(page, said[round - 1]).waitFor();
    for (const each of said) if ((await shown(page, each).count()) > 0) stood.push(each);
    await kill(page);
    await reopen();
    assert.equal(await page.locator('textarea').inputValue(), '', 'what was sent is not in the field as well');
  }
  await write(page, 'the end');
  await until(async () => (await texts(ofNora)).includes('the end'), 'Nora has the last one');
  const came = await texts(ofNora);
  assert.ok(stood.length >= 6, `${stood.length} stood in the chat`);
  assert.deepEqual(stood.filter((each) => !came.includes(each)), []);
  assert.equal(new Set(came).size, came.length, 'nothing came twice');
  for (const each of came) assert.equal(await shown(page, each).count(), 1, `${each} stands in the chat once`);
});

test('a file that was on its way goes on when the page is opened again, and comes once', { skip }, async () => {
  await pick(page, 'large.bin', large);
  await inTheMiddle(page);
  await kill(page);
  world.served.process.kill('SIGCONT');
  await reopen();
  await cameOnce(page, ofNora, 'large.bin');
});

test('of a file that was not yet in the engine’s hands nothing goes, and nothing of it stays', { skip }, async () => {
  const before = await pieces(page);
  // From the fourth piece on its bytes do not come.
  await page.workers()[0].evaluate(() => {
    const read = Blob.prototype.arrayBuffer;
    let pieces = 0;
    Blob.prototype.arrayBuffer = function () {
      return ++pieces > 3 ? new Promise(() => undefined) : read.call(this);
    };
  });
  await pick(page, 'never.bin', large);
  await until(async () => (await pieces(page)) > before, 'a part of it is there');
  assert.equal(await shown(page, 'never.bin').count(), 0);
  await kill(page);
  await reopen();
  await until(async () => (await pieces(page)) <= before, 'it is gone');
  assert.equal(await shown(page, 'never.bin').count(), 0);
  await pick(page, 'once more.bin', large);
  await cameOnce(page, ofNora, 'once more.bin');
});

test('the page of a program: what it has told the program is sent, and does not stand in the field as well', { skip }, async () => {
  let own = await world.page(anna);
  await own.locator('[data-row]', { hasText: 'Nora' }).click();
  let told = false;
  await own.routeWebSocket(/./, (socket) => {
    const server = socket.connectToServer();
    // The answers to what is sent never come: the tab dies before it knows.
    server.onMessage((bytes) => told || socket.send(bytes));
    socket.onMessage((bytes) => {
      told = told || bytes.toString().includes('"send_message"');
      server.send(bytes);
    });
  });
  await own.reload();
  await own.locator('textarea').fill('said while the tab died');
  await until(async () => (await anna.call('list_chats')).chats[0].settings.draft === 'said while the tab died', 'what is written is kept');
  await own.keyboard.press('Enter');
  await until(async () => (await texts(ofAnna)).includes('said while the tab died'), 'Nora has it');
  await kill(own);
  own = await world.page(anna);
  await own.locator('[data-row]', { hasText: 'Nora' }).click();
  await shown(own, 'said while the tab died').waitFor();
  assert.equal(await own.locator('textarea').inputValue(), '', 'it is not to be sent again');
  await pick(own, 'native.bin', large);
  await inTheMiddle(own);
  await kill(own);
  world.served.process.kill('SIGCONT');
  own = await world.page(anna);
  await own.locator('[data-row]', { hasText: 'Nora' }).click();
  await cameOnce(own, ofAnna, 'native.bin');
  assert.equal((await texts(ofAnna)).filter((each) => each === 'said while the tab died').length, 1);
});
