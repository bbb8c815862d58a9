// The page with the engine in the browser, served by a home, and as one file from a disk: real homes, real Chromium, and people
// with native programs at the other end.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { violations } from './axe.mjs';
import { servedPage, ServedWorld } from './served_home.mjs';
import { until } from './world.mjs';

const skip = servedPage ? false : 'SKIPPED: the engine for browsers was not built (make wasm, web/build)';
const kWords = JSON.parse(readFileSync(new URL('../src/messages/en.json', import.meta.url), 'utf8'));
const world = new ServedWorld();
let nora; // has a native program
let context, page; // Anna's, who has a browser only
let chat;

const shown = (of, text) => of.locator('article', { hasText: text }).last();
const open = (of, name) => of.locator('[data-row]', { hasText: name }).click();

// What is sent while the engine goes from one tab to another comes back into the field.
async function write(of, text) {
  await of.locator('textarea').fill(text);
  await of.keyboard.press('Enter');
  await until(async () => {
    if (await shown(of, text).isVisible()) return true;
    if ((await of.locator('textarea').inputValue()) === text) await of.locator('textarea').press('Enter');
    return (await of.waitForTimeout(300), false);
  }, `"${text}" is sent`);
}

/** What the other person's program has of the chat. */
async function arrived(text) {
  await until(async () => (await nora.call('read_history', { chat })).messages.some((each) => each.text === text), `Nora has "${text}"`, 40_000);
}

async function firstMinute(of, name, { invite }) {
  await of.getByLabel('Your name').fill(name);
  await of.keyboard.press('Enter');
  if (invite) await of.locator('textarea').waitFor();
}

async function linkWith(address) {
  const { link } = await nora.call('make_invite');
  return `${address}#home=${encodeURIComponent(await world.served.link())}&invite=${encodeURIComponent(link)}`;
}

before(async () => {
  if (skip) return;
  await world.begin();
  nora = await world.person('Nora', world.served);
  context = await world.profile('anna');
});
after(() => world.end());

test('from an invite that the home shows to the first answer: a name, and nothing else is asked', { skip }, async () => {
  page = await world.tab(context, await linkWith(world.origin));
  await page.getByRole('heading', { name: kWords['first.title_invited'] }).waitFor();
  await page.reload(); // as phones do by themselves
  await page.getByRole('heading', { name: kWords['first.title_invited'] }).waitFor();
  await firstMinute(page, 'Anna', { invite: true });
  chat = (await nora.chatWith('Anna')).chat;
  await write(page, 'Hello Nora, from a browser');
  await arrived('Hello Nora, from a browser');
  await nora.call('send_text', { chat, text: 'Hello Anna, from a program' });
  await shown(page, 'from a program').waitFor();
  assert.equal(new URL(page.url()).hash, '', 'no link stays in the address');
  await page.reload();
  await open(page, 'Nora');
  await shown(page, 'from a browser').waitFor();
  await shown(page, 'from a program').waitFor();
});

test('that the browser may throw all of it out is said once there is something to lose, and then no more', { skip }, async () => {
  assert.equal(await page.evaluate(() => navigator.storage.persisted()), false, 'this browser has not agreed');
  const hint = page.getByText(kWords['storage.keep_hint']);
  await hint.waitFor();
  await page.locator('p', { has: hint }).getByRole('button', { name: kWords['storage.keep_short'], exact: true }).click();
  // It has not agreed: it would if the page were installed.
  const second = page.getByText(kWords['storage.keep_hint_install']);
  await page.locator('p', { has: second }).getByRole('button', { name: kWords['install.do'], exact: true }).click();
  await page.getByRole('heading', { name: kWords['install.title'] }).waitFor();
  await page.getByText(kWords['install.menu']).or(page.getByRole('main').getByRole('button', { name: kWords['install.do'], exact: true })).first().waitFor();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByText(kWords['storage.keep_hint']).or(second).first().waitFor();
  await page.getByRole('button', { name: kWords['notify.not_now'] }).first().click();
  await hint.or(second).waitFor({ state: 'detached' });
  await page.reload();
  await open(page, 'Nora');
  assert.equal(await hint.count(), 0);
});

test('on an iPhone or iPad it says how the page gets to the Home Screen, and what that is for', { skip }, async () => {
  await page.evaluate(() => Object.defineProperty(navigator, 'standalone', { value: false, configurable: true }));
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: kWords['install.title'] }).click();
  for (const each of ['install.apple_share', 'install.apple_add', 'install.apple_why']) await page.getByText(kWords[each]).waitFor();
  await page.evaluate(() => delete navigator.standalone);
  await page.goBack();
  await page.goBack();
});

test('files go both ways', { skip }, async () => {
  const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) & 0xff));
  await page.locator('input[type=file]').first().setInputFiles([{ name: 'numbers.bin', mimeType: 'application/octet-stream', buffer: bytes }]);
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  const came = await until(async () => (await nora.call('read_history', { chat })).messages.find((each) => each.file?.name === 'numbers.bin'), 'Nora has the file', 40_000);
  const place = join(world.folder, 'numbers.bin');
  await nora.call('get_file', { chat, message: came.id, destination: place });
  assert.ok(readFileSync(place).equals(bytes));
  copyFileSync(place, join(world.folder, 'back.bin'));
  await nora.call('send_file', { chat, source: join(world.folder, 'back.bin'), name: 'back.bin' });
  const saved = page.waitForEvent('download');
  await page.locator('article', { hasText: 'back.bin' }).getByRole('button', { name: /back\.bin/ }).click();
  assert.ok(readFileSync(await (await saved).path()).equals(bytes));
});

test('what this engine cannot do is not offered', { skip }, async () => {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: /^Connection/ }).click();
  await page.getByText(/^Connected /).first().waitFor();
  for (const each of ['way.without', 'lan.title', 'mail.title', 'bundle.title']) assert.equal(await page.getByText(kWords[each], { exact: true }).count(), 0, each);
  await page.getByLabel(kWords['way.add'], { exact: true }).fill('obfs4://192.0.2.1:443?cert=abc&iat-mode=0');
  await page.getByText(kWords['way.never_here']).waitFor();
  assert.ok(await page.getByRole('button', { name: kWords['way.add_go'], exact: true }).isDisabled());
  await page.getByLabel(kWords['way.add'], { exact: true }).fill('');
  await page.goBack();
  await page.getByRole('button', { name: kWords['storage.title'] }).waitFor();
  await page.getByRole('button', { name: kWords['moving.title'] }).click();
  await page.getByText(kWords['moving.import_here']).waitFor();
  await page.getByText(kWords['moving.export_here']).waitFor();
  assert.equal(await page.getByText('godwit export').count(), 0);
  await page.goBack();
  await page.getByRole('button', { name: 'About Godwit' }).click();
  await page.getByText(`Whoever runs ${new URL(world.origin).host} decides what code you are given`).waitFor();
  assert.equal(await page.getByText('godwit --version').count(), 0);
  await page.goBack();
  await page.goBack();
});

test('two tabs have one engine; when the one that runs it is closed, the other goes on', { skip }, async () => {
  const second = await world.tab(context);
  await open(second, 'Nora');
  await write(second, 'from the second tab');
  await shown(page, 'from the second tab').waitFor();
  await arrived('from the second tab');
  await page.close();
  page = second;
  await nora.call('send_text', { chat, text: 'to the tab that is left' });
  await shown(page, 'to the tab that is left').waitFor();
  await write(page, 'it goes on');
  await arrived('it goes on');
});

test('a home that is gone is said; what is written goes out when it is back', { skip }, async () => {
  await until(() => page.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker has the page');
  assert.deepEqual(context.problems, []);
  await world.served.stop();
  await page.getByText('No way to your home just now', { exact: false }).waitFor();
  await write(page, 'written without a home');
  // The home has also served the page: it is in the browser now, with its engine and everything that was said.
  await page.close();
  page = await world.tab(context);
  await open(page, 'Nora');
  for (const each of ['from a browser', 'from a program', 'it goes on', 'written without a home']) await shown(page, each).waitFor();
  await world.served.resume();
  await arrived('written without a home');
  await nora.call('send_text', { chat, text: 'the home is back' });
  await shown(page, 'the home is back').waitFor();
  // What a browser says of dials that failed is no fault of the page.
  assert.deepEqual(context.problems.filter((each) => !/WebSocket|ERR_CONNECTION_REFUSED|ERR_INTERNET/.test(each)), []);
});

test('an account that cannot be made now is waited for with words, and can be given up', { skip }, async () => {
  const hers = await world.tab(await world.profile('mona'), await linkWith(world.origin));
  await hers.getByLabel('Your name').waitFor();
  await until(() => hers.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker has the page');
  await world.served.stop();
  await firstMinute(hers, 'Mona', { invite: false });
  await hers.getByText(kWords['under_way.slow']).or(hers.getByText(kWords['under_way.offline'])).waitFor();
  assert.equal(await hers.getByRole('button', { name: kWords['first.recover'] }).isDisabled(), true, 'or the account would be made behind it');
  await hers.getByRole('button', { name: 'Cancel', exact: true }).click();
  await hers.getByRole('button', { name: kWords['first.go'], exact: true }).waitFor();
  await world.served.resume();
  await hers.getByRole('heading', { name: kWords['first.title_invited'] }).waitFor();
  await firstMinute(hers, 'Ramona', { invite: true });
  const names = (await nora.call('list_chats')).chats.map((each) => each.name);
  assert.ok(!names.includes('Mona'), 'what was given up was not made');
});

test('nobody but the home was asked for anything', { skip }, async () => {
  const home = new URL(world.origin);
  assert.deepEqual([...context.asked].sort(), [home.origin, `wss://${home.host}`]);
});

test('in a page of others it shows nothing of a person', { skip }, async () => {
  const frame = await world.tab(context, `${world.origin}icons/godwit.svg`);
  await frame.goto(world.origin + 'godwit.webmanifest');
  await frame.evaluate((address) => {
    const inner = document.createElement('iframe');
    inner.src = address;
    document.documentElement.append(inner);
  }, world.origin);
  await frame.frameLocator('iframe').getByText('Open it in a tab of its own').waitFor();
  await frame.close();
});

test('a fault in the engine is said, and it begins anew', { skip }, async () => {
  await page.workers()[0].evaluate(() => void setTimeout(() => { throw new Error('a fault of the test'); }));
  await page.getByText(kWords['trouble.engine_crashed']).waitFor();
  await write(page, 'said after the fault');
  await arrived('said after the fault');
});

test('records that the browser cannot read are said, and it begins anew', { skip }, async () => {
  await page.workers()[0].evaluate(() => {
    const broken = () => { throw new DOMException('a disk of the test', 'UnknownError'); };
    for (const name of ['getAll', 'openCursor', 'count']) IDBObjectStore.prototype[name] = broken;
  });
  await page.keyboard.press('Control+k');
  await page.keyboard.type('program');
  await page.getByText(kWords['trouble.storage_unreadable']).waitFor();
  await page.keyboard.press('Escape');
  await open(page, 'Nora');
  await write(page, 'said after the disk');
  await arrived('said after the disk');
});

test('a storage key that is damaged is a page of its own, and destroys nothing', { skip }, async () => {
  const turn = () =>
    page.evaluate(async () => {
      const asked = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
      const database = await asked(indexedDB.open('godwit'));
      const kept = await asked(database.transaction('keys').objectStore('keys').get('storage'));
      kept.wrapped = new Uint8Array(kept.wrapped).map((byte) => byte ^ 1).buffer;
      await asked(database.transaction('keys', 'readwrite').objectStore('keys').put(kept, 'storage'));
      database.close();
    });
  await page.goto(`${world.origin}godwit.webmanifest`);
  await turn();
  await page.goto(world.origin);
  await page.getByRole('heading', { name: kWords['trouble.title'] }).waitFor();
  await page.getByText(kWords['trouble.storage_key_damaged']).waitFor();
  await page.goto(`${world.origin}godwit.webmanifest`);
  await turn();
  await page.goto(world.origin);
  await open(page, 'Nora');
  await shown(page, 'said after the disk').waitFor();
});

test('what is thrown out of storage is said before anything else', { skip }, async () => {
  const session = await context.newCDPSession(page);
  await session.send('Storage.clearDataForOrigin', { origin: new URL(world.origin).origin, storageTypes: 'indexeddb' });
  await page.getByText('What was kept here is gone').waitFor();
});

test('what was thrown out while no page was open is said at the next start, with the ways back', { skip }, async () => {
  await page.goto(`${world.origin}godwit.webmanifest`);
  assert.equal(await page.evaluate(() => document.cookie), 'had=1');
  // Some browsers throw out everything but cookies.
  await page.evaluate(async () => {
    localStorage.clear();
    for (const { name } of await indexedDB.databases()) await new Promise((resolve) => (indexedDB.deleteDatabase(name).onsuccess = resolve));
  });
  await page.goto(world.origin);
  await page.getByRole('heading', { name: 'What was kept here is gone' }).waitFor();
  assert.deepEqual(await violations(page, 'thrown out'), []);
  await page.getByRole('button', { name: 'I have my recovery key' }).click();
  await page.getByRole('textbox', { name: 'Recovery key' }).waitFor();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('button', { name: 'Link a device that still has it' }).click();
  await page.getByRole('heading', { name: 'Link this device' }).waitFor();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('button', { name: 'Begin as somebody new' }).click();
  await page.getByLabel('Your name').waitFor();
  await page.reload();
  await page.getByLabel('Your name').waitFor();
  assert.equal(await page.evaluate(() => document.cookie), '');
});

test('an invite is handed on as an address of the page, and somebody else comes in by it with a browser only', { skip }, async () => {
  const [kate, liam] = [await world.profile('kate'), await world.profile('liam')];
  await kate.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(world.origin).origin });
  const hers = await world.tab(kate, `${world.origin}#home=${encodeURIComponent(await world.served.link())}`);
  await firstMinute(hers, 'Kate', { invite: false });
  await hers.getByRole('button', { name: 'New chat', exact: true }).click();
  await hers.getByRole('menuitem', { name: kWords['invite.title'] }).click();
  await hers.getByRole('button', { name: kWords['invite.copy'] }).click();
  const address = await hers.evaluate(() => navigator.clipboard.readText());
  // This home takes new people by a code only, so one goes along.
  assert.ok(address.startsWith(`${world.origin}#home=`) && address.includes('&invite='), address);
  assert.equal(await hers.getByRole('heading', { name: kWords['invite.others'] }).count(), 0, 'it is the only one');
  const his = await world.tab(liam, address);
  await firstMinute(his, 'Liam', { invite: true });
  await write(his, 'Hello Kate, from a browser');
  await shown(hers, 'Hello Kate, from a browser').waitFor();
  await write(hers, 'Hello Liam, from another');
  await shown(his, 'Hello Liam, from another').waitFor();
  assert.deepEqual([kate.problems, liam.problems], [[], []]);
});

test('the page as one file, opened from a disk', { skip }, async () => {
  const path = join(world.folder, 'handed on.html');
  // As one that believes a publisher's list.
  const publish = (...args) => execFileSync(process.execPath, [fileURLToPath(new URL('../tools/publish.mjs', import.meta.url)), ...args], { encoding: 'utf8' }).trim();
  const [key, list, empty] = ['publisher.pem', 'published.txt', 'of another one.txt'].map((each) => join(world.folder, each));
  const publisher = `<meta name="godwit-publisher" content="${publish('key', key)}" />`;
  writeFileSync(path, readFileSync(join(world.site, 'godwit.html'), 'utf8').replace('<title>', `${publisher}<title>`));
  publish('add', key, list, '0.9.1', path);
  publish('key', `${key}.other`);
  publish('add', `${key}.other`, empty, '0.9.1', path);
  const alone = await world.profile('henry');
  let tab = await world.tab(alone, await linkWith(`file://${encodeURI(path)}`));
  await firstMinute(tab, 'Henry', { invite: true });
  chat = (await nora.chatWith('Henry')).chat;
  await write(tab, 'from a file');
  await arrived('from a file');
  await tab.close();
  tab = await world.tab(alone, `file://${encodeURI(path)}`);
  await open(tab, 'Nora');
  await shown(tab, 'from a file').waitFor();
  await nora.call('send_text', { chat, text: 'to a file' });
  await shown(tab, 'to a file').waitFor();
  await tab.getByRole('button', { name: 'Menu', exact: true }).click();
  await tab.getByRole('menuitem', { name: 'Settings' }).click();
  await tab.getByRole('button', { name: 'About Godwit' }).click();
  await tab.locator('input[type=file][accept=".html"]').setInputFiles(path);
  const told = (await tab.locator('[data-own-hash]').textContent()).replaceAll(' ', '');
  assert.equal(told, createHash('sha256').update(readFileSync(path)).digest('hex'));
  const lists = tab.locator('input[type=file][accept=".txt"]');
  await lists.setInputFiles(empty);
  await tab.getByText('The publisher whom this file knows has not signed this list.').waitFor();
  await lists.setInputFiles(list);
  await tab.getByText('It is published: 0.9.1 of').waitFor();
  assert.deepEqual(alone.problems, []);
  const home = new URL(world.origin);
  assert.deepEqual([...alone.asked].filter((each) => each !== 'null'), [`wss://${home.host}`]);
});

test('the page as one file, served by a host, knows its own hash', { skip }, async () => {
  const tab = await world.tab(await world.profile('irene'), await linkWith(`${world.origin}godwit.html`));
  await firstMinute(tab, 'Irene', { invite: true });
  await tab.getByRole('button', { name: 'Menu', exact: true }).click();
  await tab.getByRole('menuitem', { name: 'Settings' }).click();
  await tab.getByRole('button', { name: 'About Godwit' }).click();
  const told = (await tab.locator('[data-own-hash]').textContent()).replaceAll(' ', '');
  assert.equal(told, createHash('sha256').update(readFileSync(join(world.site, 'godwit.html'))).digest('hex'));
  assert.equal(told, readFileSync(join(world.site, 'godwit.html.sha256'), 'utf8').split(' ')[0]);
  assert.deepEqual(tab.context().problems, []);
});
