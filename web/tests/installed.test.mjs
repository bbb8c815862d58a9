// The page as something that is kept: without a server, and when there is another version.

import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { until, World } from './world.mjs';

const world = new World();
let anna, chat, page;

before(async () => {
  const home = await world.home();
  anna = await world.stranger('Anna');
  await anna.stop();
  cpSync(anna.page, join(world.folder, 'page'), { recursive: true });
  anna.page = join(world.folder, 'page');
  await anna.start();
  await anna.call('new_account', { name: 'Anna', home_link: await home.link() });
  const boris = await world.person('Boris', home);
  chat = await world.pair(anna, boris);
  page = await world.page(anna);
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await until(() => page.evaluate(() => navigator.serviceWorker.controller !== null), 'the service worker has the page');
});
after(() => world.end());

const held = () =>
  page.evaluate(async () => {
    const all = [];
    for (const name of await caches.keys()) for (const each of await (await caches.open(name)).keys()) all.push(new URL(each.url).pathname);
    return all.sort();
  });

test('all files of the page are held, and nothing of a person', async () => {
  // The engine for browsers is for whom a home serves the page, and the page as one file is another way to have it.
  const others = /^(sw\.js|godwit\.wasm\.gz|godwit\.html.*)$/;
  const files = readdirSync(anna.page, { recursive: true, withFileTypes: true }).filter((each) => each.isFile() && !others.test(each.name));
  assert.equal((await held()).length, files.length);
  // Something passes /files in both directions, and /api all the time.
  await page.locator('input[type=file]').setInputFiles([{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('secret') }]);
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  const { messages } = await until(async () => {
    const answer = await anna.call('read_history', { chat, count: 1 });
    return answer.messages[0]?.file?.sending === false && answer;
  }, 'the file is sent');
  const saved = page.waitForEvent('download');
  await page.locator(`[data-message="${messages[0].id}"]`).getByRole('button', { name: /a\.txt/ }).click();
  assert.equal(readFileSync(await (await saved).path(), 'utf8'), 'secret');
  const now = await held();
  assert.equal(now.length, files.length);
  assert.deepEqual(now.filter((each) => /^\/(api|files)/.test(each)), []);
});

test('the manifest and the page can be installed', async () => {
  const session = await page.context().newCDPSession(page);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  // A profile of a test is a private one, which installs nothing; everything else has to be right.
  assert.deepEqual(installabilityErrors.map((each) => each.errorId).filter((each) => each !== 'in-incognito'), []);
});

test('another version is offered, and taken with a click, and what was written stays', async () => {
  await page.locator('textarea').fill('half a sentence');
  const index = join(anna.page, 'index.html');
  writeFileSync(index, readFileSync(index, 'utf8').replace('</head>', '<meta name="another-version" /></head>'));
  const worker = join(anna.page, 'sw.js');
  writeFileSync(worker, readFileSync(worker, 'utf8').replace(/"hash":"\w+"/, '"hash":"another"'));
  await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
  await page.getByText('There is a new version of Godwit.').waitFor();
  assert.equal(await page.locator('meta[name=another-version]').count(), 0, 'nothing changes by itself');
  await page.waitForTimeout(1200); // the draft is kept
  await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Reload' }).click()]);
  await page.locator('meta[name=another-version]').waitFor({ state: 'attached' });
  await until(async () => (await page.locator('textarea').inputValue()) === 'half a sentence', 'what was written is there');
  assert.equal((await page.evaluate(() => caches.keys())).join(), 'godwit-page-another', 'the old version is gone');
  assert.equal(await page.getByText('There is a new version').count(), 0);
});

test('without anything that answers the page opens, says so, and comes back', async () => {
  assert.deepEqual(page.problems, []);
  await anna.stop();
  await page.getByText('Godwit on this computer does not answer').waitFor();
  await page.reload();
  await page.getByText('Waiting for Godwit on this computer').waitFor();
  await page.getByText('godwit web').first().waitFor();
  // The policy holds for what comes out of the cache too.
  const refused = await page.evaluate(() => {
    try {
      document.createElement('script').src = 'https://example.org/a.js';
      return false;
    } catch (error) {
      return error instanceof TypeError;
    }
  });
  assert.ok(refused, 'Trusted Types are still asked for');
  await anna.start();
  await page.goto(anna.link);
  await page.locator('[data-row]', { hasText: 'Boris' }).waitFor();
  const others = page.problems.filter((each) => !/WebSocket|ERR_CONNECTION_REFUSED|requires 'TrustedScriptURL'/.test(each));
  assert.deepEqual(others, []);
});
