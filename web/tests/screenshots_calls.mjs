// Pictures of calls, beside those of screenshots.mjs, and chosen by the same words. One side has the look of the name, the other its opposite.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until, World } from './either_world.mjs';

const kFolder = fileURLToPath(new URL('../../build/web-screenshots/', import.meta.url));
const kLooks = [360, 1280].flatMap((width) => ['light', 'dark'].flatMap((theme) => ['en', 'ru'].map((language) => ({ width, theme, language }))));
const kWanted = process.argv.slice(2);
const kDevices = { permissions: ['microphone', 'camera'] };
const kWords = {
  en: { call: 'Call', directly: 'Call directly', answer: 'Answer with video', camera: 'Switch the camera on' },
  ru: { call: 'Позвонить', directly: 'Позвонить напрямую', answer: 'Ответить с видео', camera: 'Включить камеру' },
};

const nameOf = ({ width, theme, language }) => `${width}-${theme}-${language}`;
const height = (width) => (width < 500 ? 740 : 800);
const button = (on, name) => on.getByRole('button', { name, exact: true }).first();

async function pictures(world, anna, boris, look) {
  const words = kWords[look.language];
  const shot = async (page, step) => {
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${kFolder}${step}-${nameOf(look)}.png` });
  };
  const active = async () => (await anna.call('read_calls')).live?.state === 'active';
  const page = await world.page(anna, { ...kDevices, ...look, height: height(look.width) });
  const other = await world.page(boris, { ...kDevices, ...look, height: height(look.width) });
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await other.locator('[data-row]', { hasText: 'Anna' }).waitFor();
  await button(page, words.call).click();
  await shot(page, '80-asked-to-go-directly');
  await button(page, words.directly).click();
  await other.locator('.card').waitFor();
  await shot(page, '81-ringing-there');
  await shot(other, '82-ringing-here');
  await other.locator('.card').getByRole('button').nth(1).focus();
  await shot(other, '83-ringing-here-focus');
  await button(other, words.answer).click();
  await button(other, words.directly).click();
  await until(active, 'media flow');
  await page.waitForTimeout(1500);
  await shot(page, '84-they-show-a-picture');
  await button(page, words.camera).click();
  await page.locator('.own video').waitFor();
  await page.waitForTimeout(1000);
  await shot(page, '85-both-show-a-picture');
  await shot(other, '86-both-show-a-picture-there');
  await page.keyboard.press('Escape');
  await shot(page, '87-small-window');
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.querySelector('[role=region] button')?.focus());
  await anna.call('end_call', { call: (await anna.call('read_calls')).live.call });
  await until(async () => !(await anna.call('read_calls')).live, 'it is over');
  await page.waitForTimeout(500);
  await shot(page, '88-over');
  await page.context().close();
  await other.context().close();
}

mkdirSync(kFolder, { recursive: true });
const world = new World();
world.browserOptions = { args: ['--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] };
try {
  const home = await world.home();
  const [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  await world.pair(anna, boris);
  for (const look of kLooks) {
    if (!kWanted.every((word) => nameOf(look).split('-').includes(word))) continue;
    await pictures(world, anna, boris, look);
    console.log(nameOf(look));
  }
} finally {
  await world.end();
}
