// Calls between two people, each with his own program and page: ringing, talking, looking, and how it ends. Media go over loopback.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { until, World } from './either_world.mjs';

const kDevices = { permissions: ['microphone', 'camera', 'clipboard-read', 'clipboard-write'] };
const world = new World();
let anna, boris, page, other;

before(async () => {
  world.browserOptions = { args: ['--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--allow-loopback-in-peer-connection'] };
  const home = await world.home();
  [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  await world.pair(anna, boris);
  page = await world.page(anna, kDevices);
  // The other one looks at all of it on a phone, in the dark, in Russian.
  other = await world.page(boris, { ...kDevices, width: 360, height: 740, language: 'ru', theme: 'dark' });
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await other.locator('[data-row]', { hasText: 'Anna' }).waitFor();
});
after(() => world.end());

const button = (on, name) => on.getByRole('button', { name, exact: true });
const fits = (on) => on.evaluate(() => document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('.call, .card')].every((each) => each.getBoundingClientRect().right <= innerWidth && each.scrollWidth <= each.clientWidth));
const live = async (person) => (await person.call('read_calls')).live;
/** How loud the other one is shown to be. */
const level = (on) => on.locator('.call .ring').evaluate((each) => Number(each.style.getPropertyValue('--level')));
const green = (on) =>
  on.locator('.call video').first().evaluate((video) => {
    if (!video.videoWidth) return 0;
    const canvas = Object.assign(document.createElement('canvas'), { width: 32, height: 24 });
    const context = canvas.getContext('2d');
    context.drawImage(video, 0, 0, 32, 24);
    const { data } = context.getImageData(0, 0, 32, 24);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) if (data[at + 1] > data[at] + 20 && data[at + 1] > data[at + 2] + 20) count++;
    return count / 768;
  });

async function gone() {
  await page.locator('.call').waitFor({ state: 'detached' });
  await other.locator('.call').waitFor({ state: 'detached' });
  assert.equal(await live(anna), null);
  await until(async () => (await live(boris)) === null, 'it is over for both');
}

test('a call rings, is answered, and both are heard', async () => {
  await button(page, 'Call').click();
  const asked = page.getByRole('dialog', { name: 'This call would go directly' });
  await asked.waitFor();
  assert.equal(await live(anna), null, 'nobody is called before it is answered');
  assert.deepEqual(await violations(page, 'asked'), []);
  await button(asked, 'Call directly').click();
  const view = page.getByRole('dialog', { name: 'Call with Boris' });
  await view.getByText('Ringing…').waitFor();
  assert.deepEqual(await violations(page, 'ringing there'), []);
  const card = other.getByRole('alertdialog', { name: 'Anna' });
  await card.getByText('Звонит вам').waitFor();
  assert.ok(await fits(other));
  assert.deepEqual(await violations(other, 'ringing here'), []);
  await button(card, 'Ответить').click();
  await button(other, 'Позвонить напрямую').click();
  await until(async () => (await live(anna))?.state === 'active' && (await live(boris))?.state === 'active', 'media flow');
  assert.equal((await live(anna)).way, 'direct');
  await view.locator('.time').waitFor();
  for (const each of [page, other]) await until(async () => (await level(each)) > 0.01, 'the beeps are heard');
  assert.deepEqual([...(await violations(page, 'active')), ...(await violations(other, 'active'))], []);
  assert.ok(await fits(other));
});

test('the microphone, the picture and holding are seen by the other', async () => {
  await button(page, 'Mute the microphone').click();
  await other.getByText('Anna: микрофон выключен').waitFor();
  await button(page, 'Switch the microphone on').click();
  await other.getByText('Anna: микрофон выключен').waitFor({ state: 'detached' });
  await button(page, 'Switch the camera on').click();
  await page.locator('.own video').waitFor();
  await until(async () => (await green(other)) > 0.2, 'the picture of the device is seen there');
  assert.deepEqual(await violations(other, 'picture'), []);
  assert.ok(await fits(other));
  await button(page, 'Switch the camera off').click();
  await other.locator('.call .ring').waitFor(); // no picture any more
  await button(page, 'Hold').click();
  await other.getByText('Вас поставили на удержание').waitFor();
  await page.getByText('On hold').waitFor();
  await until(async () => (await level(other)) === 0, 'nothing is heard');
  await button(page, 'Go on').click();
  await until(async () => (await level(other)) > 0.01, 'it is heard again');
});

test('one writes beside a call in its small window, and goes back by keyboard', async () => {
  await page.keyboard.press('Escape');
  const small = page.getByRole('region', { name: 'Call with Boris' });
  await small.waitFor();
  await page.locator('footer textarea').fill('I hear you well');
  await page.keyboard.press('Enter');
  await page.locator('[data-message]', { hasText: 'I hear you well' }).waitFor();
  assert.deepEqual(await violations(page, 'small window'), []);
  await button(small, 'Full screen').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Call with Boris' }).waitFor();
  assert.equal(await page.locator('main').evaluate((each) => each.inert), true);
});

test('a page that is loaded anew goes on with its call', async () => {
  for (const each of [other, page]) {
    await each.reload();
    await until(async () => (await level(each).catch(() => 0)) > 0.01, 'it is heard again', 60_000);
    await until(async () => (await level(each === page ? other : page)) > 0.01, 'and so is the other');
    await until(async () => (await live(anna))?.state === 'active' && (await live(boris))?.state === 'active', 'media flow');
  }
});

test('another window of the same program shows the call and leaves it alone', async () => {
  const second = await page.context().newPage();
  await second.goto(anna.link);
  await second.getByText('In another window').waitFor();
  await second.close();
});

test('hanging up ends it for both, and leaves a line in both chats', async () => {
  await button(page, 'Hang up').click();
  await gone();
  await page.getByRole('log').getByText(/Outgoing call, 0:\d\d/).waitFor();
  await other.locator('[data-row]', { hasText: 'Anna' }).click();
  await other.getByText(/Входящий звонок, 0:\d\d/).last().waitFor();
});

test('a call that is declined says so, and one that is given up was missed', async () => {
  await button(page, 'Call').click();
  await button(page, 'Call directly').click();
  await button(other, 'Отклонить').click();
  await page.getByRole('dialog').getByText('Declined').waitFor();
  assert.deepEqual(await violations(page, 'declined'), []);
  await button(page, 'Close').click();
  await gone();
  await other.getByText('Вы отклонили звонок').last().waitFor();
  await button(page, 'Call').click();
  await button(page, 'Call directly').click();
  await other.getByRole('alertdialog').waitFor();
  await button(page, 'Hang up').click();
  await gone();
  await other.getByText('Пропущенный звонок').last().waitFor();
});

test('who is called with video answers with video, and both see each other', async () => {
  for (const each of [page, other]) await each.evaluate(() => localStorage.setItem('godwit-preferences', JSON.stringify({ ...JSON.parse(localStorage.getItem('godwit-preferences') ?? '{}'), callsDirect: true })));
  for (const each of [page, other]) await each.reload();
  await button(page, 'Video call').click(); // and nobody is asked any more
  const card = other.getByRole('alertdialog');
  await card.getByText('Видеозвонок').waitFor();
  await button(card, 'Ответить с видео').click();
  for (const each of [page, other]) await until(async () => (await green(each)) > 0.2, 'the picture is seen');
  await button(other, 'Завершить звонок').click();
  await gone();
});

test('without a microphone nobody is called, and it is said why', async () => {
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  await button(page, 'Call').click();
  await page.getByText('There is no microphone that this page may use.').waitFor();
  assert.equal(await live(anna), null);
  assert.deepEqual([...page.problems, ...other.problems], []);
});
