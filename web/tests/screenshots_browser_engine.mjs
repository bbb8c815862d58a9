// Pictures of the page with the engine in the browser: the first minute as a home shows it, a chat, and what is said of this engine.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { servedPage, ServedWorld } from './served_home.mjs';

const kOut = fileURLToPath(new URL('../../build/web-screenshots', import.meta.url));
const kWanted = process.argv.slice(2);
const kLooks = [
  { name: '1280-light-en', width: 1280, height: 800, language: 'en', theme: 'light', words: { name: 'Your name', wrote: 'I wrote it down', on: 'I understand' } },
  { name: '360-dark-ru', width: 360, height: 740, language: 'ru', theme: 'dark', words: { name: 'Ваше имя', wrote: 'Ключ записан', on: 'Понятно' } },
];

if (!servedPage) {
  console.log('no engine for browsers lies beside the page: make wasm, web/build');
  process.exit(0);
}
mkdirSync(kOut, { recursive: true });
const world = new ServedWorld();

async function firstMinute(page, look, nora, shot) {
  const { link } = await nora.call('make_invite');
  await page.goto(`${world.origin}#home=${encodeURIComponent(await world.served.link())}&invite=${encodeURIComponent(link)}`);
  await page.getByLabel(look.words.name).waitFor();
  await shot('first');
  await page.getByLabel(look.words.name).fill(`Anna ${look.language}`);
  await page.keyboard.press('Enter');
  await page.locator('textarea').waitFor();
  await page.evaluate(() => {
    history.pushState({ place: { ...history.state.place, left: 'recovery' } }, '');
    dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
  });
  await page.getByRole('button', { name: look.words.wrote }).waitFor({ state: 'attached' });
  await shot('key');
  await page.goBack();
  await page.locator('textarea').fill('Hello Nora! This is only a browser.');
  await page.keyboard.press('Enter');
  const { chat } = await nora.chatWith(`Anna ${look.language}`);
  await nora.call('send_text', { chat, text: 'And this is a program. Привет!' });
  await page.locator('article', { hasText: 'Привет' }).waitFor();
  await page.waitForTimeout(800);
  await shot('chat');
}

try {
  await world.begin();
  const nora = await world.person('Nora', world.served);
  for (const look of kLooks) {
    if (!kWanted.every((each) => look.name.split('-').includes(each))) continue;
    const context = await world.profile(look.name, look);
    const page = await context.newPage();
    const shot = (what) => page.screenshot({ path: join(kOut, `browser-${what}-${look.name}.png`) });
    await firstMinute(page, look, nora, shot);
    for (const left of ['connection', 'storage', 'about']) {
      // Where the page itself would lead, by its own state.
      await page.evaluate((each) => {
        history.pushState({ place: { chat: null, channel: null, left: each, right: null } }, '');
        dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
      }, left);
      await page.waitForTimeout(1000);
      await shot(left);
    }
    const session = await context.newCDPSession(page);
    await session.send('Storage.clearDataForOrigin', { origin: new URL(world.origin).origin, storageTypes: 'indexeddb' });
    await page.getByRole('button', { name: look.words.on }).waitFor();
    await shot('evicted');
    await context.close();
  }
  console.log(kOut);
} finally {
  await world.end();
}
