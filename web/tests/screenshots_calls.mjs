// Pictures of calls, beside those of screenshots.mjs, and chosen by the same words. One side has the look of the name, the other its opposite.

import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { until, World } from './either_world.mjs';

const kFolder = fileURLToPath(new URL('../../build/web-screenshots/', import.meta.url));
const kLooks = [360, 1280].flatMap((width) => ['light', 'dark'].flatMap((theme) => ['en', 'ru'].map((language) => ({ width, theme, language }))));
const kWanted = process.argv.slice(2);
const kDevices = { permissions: ['microphone', 'camera'] };
const kWords = {
  en: { call: 'Call', directly: 'Call directly', answer: 'Answer with video', camera: 'Switch the camera on', group: 'Video call', join: 'Join with video', hand: 'Raise a hand', mute: 'Mute the microphone', leave: 'Leave the call' },
  ru: { call: 'Позвонить', directly: 'Позвонить напрямую', answer: 'Ответить с видео', camera: 'Включить камеру', group: 'Видеозвонок', join: 'Присоединиться с видео', hand: 'Поднять руку', mute: 'Выключить микрофон', leave: 'Выйти из звонка' },
};

const nameOf = ({ width, theme, language }) => `${width}-${theme}-${language}`;
const height = (width) => (width < 500 ? 740 : 800);
const button = (on, name) => on.getByRole('button', { name, exact: true }).first();

async function pictures(world, anna, boris, look) {
  const words = kWords[look.language];
  const shot = async (page, step) => {
    await page.waitForTimeout(300);
    await page.screenshot({ path: `${kFolder}calls-${step}-${nameOf(look)}.png` });
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

/** Three of a group in its grid: the one of the look, with a hand that is up, and a microphone that is off. */
async function groupPictures(world, people, look) {
  const words = kWords[look.language];
  const size = { ...look, height: height(look.width) };
  const pages = [];
  for (const person of people) {
    const page = await world.page(person, { ...kDevices, ...size, ...(person === people[2] ? { width: 1280 } : {}) }); // where the button is no menu
    pages.push(page);
    await page.evaluate(() => localStorage.setItem('godwit-preferences', JSON.stringify({ ...JSON.parse(localStorage.getItem('godwit-preferences') ?? '{}'), callsDirect: true })));
    await page.reload();
    await page.locator('[data-row]', { hasText: 'Shore walks' }).click();
  }
  const [first, second, third] = pages;
  await button(third, words.group).click();
  for (const each of [first, second]) await button(each, words.join).click();
  await first.waitForFunction(() => [...document.querySelectorAll('.grid .tile:not(.own) video')].filter((each) => each.videoWidth > 0).length === 2, null, { timeout: 60_000 });
  await button(second, words.hand).click();
  await button(third, words.mute).click();
  await first.locator('.hands').waitFor();
  await first.waitForTimeout(300);
  await first.screenshot({ path: `${kFolder}calls-89-group-${nameOf(look)}.png` });
  for (const each of pages) await button(each, words.leave).click();
  await until(async () => (await people[0].call('read_calls')).groups.length === 0, 'it is over');
  for (const each of pages) await each.context().close();
}

mkdirSync(kFolder, { recursive: true });
const world = new World();
world.browserOptions = { args: ['--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] };
try {
  const home = await world.home();
  const [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  await world.pair(anna, boris);
  const looks = kLooks.filter((look) => kWanted.every((word) => nameOf(look).split('-').includes(word)));
  for (const look of looks) await pictures(world, anna, boris, look);
  const vera = await world.person('Vera', home);
  await world.pair(anna, vera);
  const group = (await anna.call('new_group', { name: 'Shore walks' })).chat.chat;
  await anna.call('add_members', { chat: group, accounts: await Promise.all([boris, vera].map(async (each) => (await each.call('read_account')).account)) });
  await until(async () => (await anna.call('list_members', { chat: group })).members.filter((each) => each.in).length === 3, 'all are in', 60_000);
  for (const look of looks) {
    await groupPictures(world, [anna, boris, vera], look);
    console.log(nameOf(look));
  }
} finally {
  await world.end();
}
