// The engine in Debian's Chromium: worker, IndexedDB, WebSockets over TLS with a certificate that the browser trusts, several tabs.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { Browsers, call, connected, singleFile } from './browser.mjs';
import { Home, NativePerson, until, World } from './engines.mjs';

const world = new World('browser');
let home;
let native;
let browsers;

async function texts(page, chat) {
  const { messages } = await call(page, 'read_history', { chat, before: null, count: 100 });
  return messages.map((each) => each.text).filter(Boolean);
}
async function has(page, chat, text) {
  await until(async () => (await texts(page, chat).catch(() => [])).includes(text), `the page has "${text}"`);
}
async function account(page, name) {
  await call(page, 'new_account', { name, home_link: await home.link() });
}
async function meetNative(page, name) {
  const { link } = await native.call('make_invite');
  const { chat } = await call(page, 'add_contact', { link });
  return [chat.chat, (await native.chatWith(name)).chat];
}

before(async () => {
  home = await Home.make(world);
  native = await NativePerson.make(world, 'Nora', home);
  browsers = await Browsers.make(world, home);
});
afterEach(() => browsers.closeAll());
after(() => world.end());

test('an account in the browser and a native client talk; after loading anew the history is there', async () => {
  const context = await browsers.open('anna');
  let page = await browsers.tab(context);
  await account(page, 'Anna');
  const [ofPage, ofNative] = await meetNative(page, 'Anna');
  await call(page, 'send_text', { chat: ofPage, text: 'from the page' });
  await until(async () => (await native.texts(ofNative)).includes('from the page'), 'Nora has it');
  await native.call('send_text', { chat: ofNative, text: 'from the terminal' });
  await has(page, ofPage, 'from the terminal');

  await page.reload();
  await connected(page);
  assert.deepEqual(await texts(page, ofPage), ['from the page', 'from the terminal']);
  await native.call('send_text', { chat: ofNative, text: 'after loading anew' });
  await has(page, ofPage, 'after loading anew');

  // The whole browser ends, and comes again without a network to its home.
  await context.close();
  await home.stop();
  const again = await browsers.open('anna');
  page = await browsers.tab(again);
  assert.equal((await texts(page, ofPage)).length, 3);
  await call(page, 'send_text', { chat: ofPage, text: 'written offline' });
  await home.start();
  await until(async () => (await native.texts(ofNative)).includes('written offline'), 'Nora has what was written offline');
  assert.deepEqual(await page.evaluate(() => window.troubles), []);
});

test('several tabs share one engine, and when its tab is closed another takes over', async () => {
  const context = await browsers.open('boris');
  const first = await browsers.tab(context);
  await account(first, 'Boris');
  const [ofPage, ofNative] = await meetNative(first, 'Boris');
  const second = await browsers.tab(context);
  const third = await browsers.tab(context);
  const holders = await Promise.all([first, second, third].map((page) => page.evaluate(() => window.engine.runsEngine)));
  assert.deepEqual(holders, [true, false, false]);
  await call(second, 'send_text', { chat: ofPage, text: 'from the second tab' });
  for (const page of [first, third]) await has(page, ofPage, 'from the second tab');

  await first.close();
  await until(() => second.evaluate(() => window.openings() === 2), 'the second tab has lost its engine and found one');
  for (const page of [second, third]) await connected(page);
  await native.call('send_text', { chat: ofNative, text: 'to whoever is there' });
  for (const page of [second, third]) await has(page, ofPage, 'to whoever is there');
  const others = await Promise.all([second, third].map((page) => page.evaluate(() => window.engine.runsEngine)));
  assert.deepEqual(others.sort(), [false, true]);
});

test('a tab that is killed while it sends loses nothing that was acknowledged', async () => {
  const context = await browsers.open('clara');
  let page = await browsers.tab(context);
  await account(page, 'Clara');
  const [ofPage, ofNative] = await meetNative(page, 'Clara');
  const acknowledged = [];
  for (let round = 0; round < 6; ++round) {
    // Several at once, and the tab ends in the middle of them.
    const sent = Array.from({ length: 5 }, (_, at) => `round ${round} message ${at}`);
    const before = acknowledged.length;
    for (const text of sent) call(page, 'send_text', { chat: ofPage, text }).then(() => acknowledged.push(text), () => undefined);
    await until(() => acknowledged.length >= before + (round % 4), 'so many are acknowledged');
    await page.close({ runBeforeUnload: false });
    page = await browsers.tab(context);
  }
  await call(page, 'send_text', { chat: ofPage, text: 'the end' });
  await until(async () => (await native.texts(ofNative)).includes('the end'), 'Nora has the last one');
  const came = await native.texts(ofNative);
  assert.ok(acknowledged.length >= 7, `${acknowledged.length} were acknowledged`);
  for (const text of acknowledged) assert.equal(came.filter((each) => each === text).length, 1, text);
  assert.equal(new Set(came).size, came.length);
});

test('files go out and come in', async () => {
  const context = await browsers.open('david');
  const page = await browsers.tab(context);
  await account(page, 'David');
  const [ofPage, ofNative] = await meetNative(page, 'David');
  const source = await page.evaluate(async () => {
    const bytes = new Uint8Array(300_000).map((_, at) => (at * 7) & 0xff);
    return window.engine.giveFile(new Blob([bytes]), 'numbers.bin');
  });
  await page.reload(); // what was handed over survives the page
  await connected(page);
  const { message } = await call(page, 'send_file', { chat: ofPage, source, name: 'numbers.bin', mime: 'application/octet-stream' });
  await until(async () => (await native.call('read_history', { chat: ofNative, before: null, count: 10 })).messages.some((each) => each.file?.name === 'numbers.bin'), 'Nora has the file');
  const destination = join(world.folder, 'numbers.bin');
  await native.call('get_file', { chat: ofNative, message: message.id, destination });
  const expected = Buffer.from(new Uint8Array(300_000).map((_, at) => (at * 7) & 0xff));
  assert.ok(readFileSync(destination).equals(expected));

  const { message: back } = await native.call('send_file', { chat: ofNative, source: destination, name: 'back.bin', mime: 'application/octet-stream' });
  const got = await until(async () => page.evaluate(async ([chat, id]) => {
    const answer = await window.call('get_file', { chat, message: id, destination: window.engine.newDestination() });
    if (answer.error) return null;
    const file = await window.engine.takeFile(answer.result.path);
    return Array.from(new Uint8Array(await file.arrayBuffer()));
  }, [ofPage, back.id]), 'the page has the file');
  assert.ok(Buffer.from(got).equals(expected));
});

test('what is thrown out of storage is said, and the page begins anew', async () => {
  const context = await browsers.open('emma');
  const page = await browsers.tab(context);
  await account(page, 'Emma');
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: browsers.origin.slice(0, -1), storageTypes: 'indexeddb' });
  await until(() => page.evaluate(() => window.troubles.some((each) => each.startsWith('storage_evicted'))), 'the page is told');
  await until(() => page.evaluate(() => window.openings() === 2), 'there is another engine');
  await assert.rejects(call(page, 'read_account'), /no_account/);
});

test('a fault in the worker is said, and the next engine goes on with what is stored', async () => {
  const context = await browsers.open('greta');
  const page = await browsers.tab(context);
  await account(page, 'Greta');
  await page.workers()[0].evaluate(() => void setTimeout(() => { throw new Error('a fault'); }, 0));
  await until(() => page.evaluate(() => window.troubles.some((each) => each.startsWith('engine_crashed'))), 'the page is told');
  await until(() => page.evaluate(() => window.openings() === 2), 'there is another engine');
  assert.equal((await call(page, 'read_account')).name, 'Greta');
});

test('records are read as a sorted map would give them', async () => {
  const page = await browsers.tab(await browsers.open('storage'));
  const complaint = await page.evaluate(async () => {
    const { records } = await window.storage();
    const model = new Map(); // by the key in hexadecimal digits, whose order is that of the bytes
    const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    let seed = 1;
    const below = (bound) => (seed = (seed * 48271) % 2147483647) % bound;
    const key = () => Uint8Array.from({ length: 1 + below(3) }, () => [0, 1, 127, 128, 255][below(5)]);
    const somewhere = () => ({ first: key(), last: key(), countMax: 1 + below(6), backwards: below(2) === 1 });
    const expected = (range) => {
      const names = [...model.keys()].filter((each) => each >= hex(range.first) && each < hex(range.last)).sort();
      if (range.backwards) names.reverse();
      return names.slice(0, range.countMax).map((each) => [each, model.get(each)]);
    };
    for (let round = 0; round < 150; ++round) {
      // In one turn: what is asked for before something is stored is without it, what is asked for after it is with it.
      const ranges = [somewhere(), somewhere(), somewhere()];
      const wanted = [expected(ranges[0])];
      const loads = [records.load(ranges[0])];
      const changes = Array.from({ length: below(5) }, () => ({ key: key(), value: below(3) ? Uint8Array.of(round, below(256)) : null }));
      const stored = records.store(changes);
      for (const { key: of, value } of changes) {
        if (value) model.set(hex(of), hex(value));
        else model.delete(hex(of));
      }
      for (const range of ranges.slice(1)) {
        wanted.push(expected(range));
        loads.push(records.load(range));
      }
      await stored;
      const found = (await Promise.all(loads)).map((each) => each.map(([of, value]) => [hex(of), hex(value)]));
      if (JSON.stringify(found) !== JSON.stringify(wanted)) return `round ${round}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`;
    }
    return '';
  });
  assert.equal(complaint, '');
});

test('a part file is cut where it is written anew, also after a restart, and nothing is replaced', async () => {
  const page = await browsers.tab(await browsers.open('parts'));
  const found = await page.evaluate(async () => {
    const { files } = await window.storage();
    const bytes = (...all) => Uint8Array.from(all);
    const failure = (work) => work.then(() => '', (error) => error.errorName ?? String(error));
    const out = {};
    let it = await files();
    await it.write('aa', 0, bytes(0, 1, 2, 3), true);
    await it.write('aa', 4, bytes(4, 5, 6, 7), false);
    it = await files(); // another worker
    out.gap = await failure(it.write('aa', 9, bytes(9), false));
    await it.write('aa', 6, bytes(66, 77, 88), true);
    it = await files();
    out.short = await failure(it.finish('there/', 'aa', 'name', 8));
    out.path = await it.finish('there/', 'aa', 'name', 9);
    out.content = Array.from(new Uint8Array(await (await it.get(out.path)).arrayBuffer()));
    await it.write('bb', 0, bytes(1), true);
    out.taken = (await failure(it.finish('there/', 'bb', 'name', 1))) !== '';
    await it.forget(out.path);
    out.forgotten = await it.get(out.path);
    out.missing = await failure(it.read('nothing', 0, 1));
    return out;
  });
  assert.deepEqual(found, {
    gap: 'engine_part_missing', short: 'engine_part_missing', path: 'there/name', content: [0, 1, 2, 3, 4, 5, 66, 77, 88],
    taken: true, forgotten: null, missing: 'browser_file_gone',
  });
});

test('the page as one file, opened from a disk, talks and keeps', async () => {
  const address = singleFile(world);
  const context = await browsers.open('henry');
  let page = await browsers.tab(context, address);
  await account(page, 'Henry');
  const [ofPage, ofNative] = await meetNative(page, 'Henry');
  await call(page, 'send_text', { chat: ofPage, text: 'from a file' });
  await until(async () => (await native.texts(ofNative)).includes('from a file'), 'Nora has it');
  await context.close();
  page = await browsers.tab(await browsers.open('henry'), address);
  assert.deepEqual(await texts(page, ofPage), ['from a file']);
  await native.call('send_text', { chat: ofNative, text: 'to a file' });
  await has(page, ofPage, 'to a file');
});

test('a home whose certificate only its link vouches for is not reached, and the page is told what may be why', async () => {
  const page = await browsers.tab(await browsers.open('irene', false));
  void page.evaluate(([name, fields]) => window.call(name, fields), ['new_account', { name: 'Irene', home_link: await home.link() }]).catch(() => undefined);
  await until(() => page.evaluate(() => JSON.stringify(window.notices).includes('ssl_browser_cannot_pin')), 'the reason is told');
});
