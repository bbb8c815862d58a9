// Pictures of the page with the engine in the browser: the first minute as a home shows it, a chat, what is said of this engine, and
// what only it has: the lock, a full disk, another version, being woken, and a profile that was thrown out.

import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { servedPage, ServedWorld } from './served_home.mjs';

const kOut = fileURLToPath(new URL('../../build/web-screenshots', import.meta.url));
const kWanted = process.argv.slice(2);
const kLooks = [
  { name: '1280-light-en', width: 1280, height: 800, language: 'en', theme: 'light' },
  { name: '360-dark-ru', width: 360, height: 740, language: 'ru', theme: 'dark' },
];
const kPhrase = 'sandpiper seven lamps';
const wordsOf = (look) => JSON.parse(readFileSync(new URL(`../src/messages/${look.language}.json`, import.meta.url), 'utf8'));

if (!servedPage) {
  console.log('no engine for browsers lies beside the page: make wasm, web/build');
  process.exit(0);
}
mkdirSync(kOut, { recursive: true });
const world = new ServedWorld();

async function firstMinute(page, look, nora, shot) {
  const { link } = await nora.call('make_invite');
  await page.goto(`${world.origin}#home=${encodeURIComponent(await world.served.link())}&invite=${encodeURIComponent(link)}`);
  await page.getByLabel(wordsOf(look)['first.name']).waitFor();
  await shot('first');
  await page.getByLabel(wordsOf(look)['first.name']).fill(`Anna ${look.language}`);
  await page.keyboard.press('Enter');
  await page.locator('textarea').waitFor();
  await go(page, { left: 'recovery' });
  await page.getByRole('button', { name: wordsOf(look)['recovery.written'] }).waitFor();
  await shot('key');
  await page.goBack();
  await page.locator('textarea').fill('Hello Nora! This is only a browser.');
  await page.keyboard.press('Enter');
  const { chat } = await nora.chatWith(`Anna ${look.language}`);
  await nora.call('send_text', { chat, text: 'And this is a program. Привет!' });
  await page.locator('article', { hasText: 'Привет' }).waitFor();
  await page.waitForTimeout(800);
  await shot('chat');
  page.chat = await page.evaluate(() => history.state.place.chat);
}

// Where the page itself would lead, by its own state.
async function go(page, place) {
  await page.evaluate((each) => {
    history.pushState({ place: { chat: null, channel: null, left: null, right: null, ...each } }, '');
    dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
  }, place);
  await page.waitForTimeout(1000);
}

async function lock(page, words, shot) {
  await go(page, { left: 'lock' });
  await shot('lock-off');
  await page.getByLabel(words['lock.new']).fill(kPhrase);
  await page.getByLabel(words['lock.again']).fill(kPhrase);
  await page.getByRole('button', { name: words['lock.turn_on'] }).click();
  const now = page.getByRole('button', { name: words['lock.now'], exact: true });
  await now.waitFor();
  await page.waitForTimeout(500);
  await shot('lock-on');
  await now.click();
  await page.getByLabel(words['lock.passphrase']).waitFor();
  await shot('locked');
  await page.getByText(words['lock.forgotten'], { exact: true }).click();
  await shot('locked-forgotten');
  await page.getByLabel(words['lock.passphrase']).fill(kPhrase);
  await page.keyboard.press('Enter');
  await now.waitFor();
}

// Chromium looks only twice a minute how much room there is.
async function fullDisk(page, chat, words, session, shot) {
  const origin = new URL(world.origin).origin;
  await go(page, { chat });
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  const line = page.getByText(words['storing.wait']);
  while (!(await line.first().isVisible())) {
    await page.locator('textarea').fill('Is there room?');
    await page.keyboard.press('Enter');
    await page.waitForTimeout(2500);
  }
  await shot('full-disk');
  await go(page, {});
  await shot('full-disk-list');
  await session.send('Storage.overrideQuotaForOrigin', { origin });
}

// Any other byte in it makes it another version.
async function otherVersion(page, words, shot) {
  await go(page, {});
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  appendFileSync(join(world.site, 'sw.js'), '\n// another version\n');
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update());
  await page.getByText(words['update.there']).waitFor();
  await shot('update');
}

try {
  await world.begin();
  const nora = await world.person('Nora', world.served);
  for (const look of kLooks) {
    if (!kWanted.every((each) => look.name.split('-').includes(each))) continue;
    const context = await world.profile(look.name, look);
    const page = await context.newPage();
    const shot = async (what) => {
      await page.waitForTimeout(400); // what glides in has arrived
      await page.screenshot({ path: join(kOut, `browser-${what}-${look.name}.png`) });
    };
    await firstMinute(page, look, nora, shot);
    for (const left of ['settings', 'connection', 'storage', 'install', 'about', 'notifications']) {
      await go(page, { left });
      await shot(left);
    }
    const words = wordsOf(look);
    await page.getByRole('switch', { name: words['push.do'] }).click();
    await page.getByRole('dialog').waitFor();
    await shot('push-question');
    await page.keyboard.press('Escape');
    await lock(page, words, shot);
    const session = await context.newCDPSession(page);
    await fullDisk(page, page.chat, words, session, shot);
    await otherVersion(page, words, shot);
    await session.send('Storage.clearDataForOrigin', { origin: new URL(world.origin).origin, storageTypes: 'indexeddb' });
    await page.getByRole('heading', { name: words['evicted.title'] }).waitFor();
    await shot('evicted');
    await context.close();
  }
  console.log(kOut);
} finally {
  await world.end();
}
