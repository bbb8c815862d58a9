// For all people: no violation that axe-core finds on any page, in both themes; and everything by keyboard alone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { go, rests } from './places.mjs';
import { makeScene, shorePicture, upload } from './scene.mjs';
import { until, World } from './world.mjs';

const kOwnLeft = ['new_channel', 'follow_channel', 'devices', 'connection', 'mail', 'bundles', 'account', 'privacy', 'appearance', 'storage', 'moving', 'about'];
const world = new World();
let scene;

before(async () => {
  scene = await makeScene(world);
  scene.channel = (await scene.anna.call('new_channel', { name: 'Tides', description: 'High water' })).channel.channel;
  await scene.anna.call('post', { channel: scene.channel, text: 'High water at 6:10' });
  scene.stranger = await world.stranger('nobody');
});
after(() => world.end());

for (const theme of ['light', 'dark']) {
  for (const width of [360, 1280]) {
    test(`axe finds nothing: ${theme}, ${width} pixels`, async () => {
      const all = [];
      const first = await world.page(scene.stranger, { theme, width });
      await first.locator('form').waitFor();
      all.push(...(await violations(first, 'first minute')));
      await first.context().close();
      const page = await world.page(scene.anna, { theme, width });
      await page.locator('[data-row]').first().waitFor();
      all.push(...(await violations(page, 'list')));
      const places = {
        direct: { chat: scene.direct }, group: { chat: scene.group }, info: { chat: scene.group, right: 'chat_info' },
        settings: { left: 'settings' }, invite: { left: 'invite' }, take: { left: 'take_invite' }, archived: { left: 'archived' },
        ...Object.fromEntries(kOwnLeft.map((left) => [left, { left }])), channel: { channel: scene.channel }, channel_info: { channel: scene.channel, right: 'channel_info' },
      };
      for (const [name, place] of Object.entries(places)) {
        await go(page, place);
        all.push(...(await violations(page, name)));
      }
      await go(page, { chat: scene.direct });
      await page.locator('article').last().locator('.bubble').click({ button: 'right' });
      await page.getByRole('menu').waitFor();
      await rests(page);
      all.push(...(await violations(page, 'message menu')));
      await page.keyboard.press('Escape');
      await page.locator('.field button').first().click();
      await page.getByRole('tablist').first().waitFor();
      await rests(page);
      all.push(...(await violations(page, 'emoji')));
      assert.deepEqual(all, []);
      await page.context().close();
    });
  }
}

const focused = (page) => page.evaluate(() => document.activeElement === document.body ? '' : document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim().slice(0, 40) ?? '');

async function tabTo(page, wanted, max = 25) {
  for (let count = 0; count < max; count++) {
    const now = await focused(page);
    if (wanted.test(now)) return now;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${wanted}`);
}

test('by keyboard alone: choose a chat, write, reply from the menu of a message, leave', async () => {
  const page = await world.page(scene.anna);
  await page.locator('[data-row]').first().waitFor();
  await tabTo(page, /Wader count/);
  await page.keyboard.press('ArrowDown');
  assert.doesNotMatch(await focused(page), /Wader count/);
  while (!/Boris/.test(await focused(page))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('textarea').waitFor();
  await until(async () => (await focused(page)) === 'Message', 'who opens a chat can write at once');
  await page.keyboard.type('by keyboard');
  await page.keyboard.press('Enter');
  const own = page.locator('article', { hasText: 'by keyboard' }).last();
  await own.waitFor();
  for (let count = 0; count < 8 && !(await own.evaluate((each) => each === document.activeElement)); count++) await page.keyboard.press('Shift+Tab');
  assert.ok(await own.evaluate((each) => each === document.activeElement), 'Tab leads to the newest message');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('menu').waitFor();
  await tabToMenuItem(page, /^Reply$/);
  await page.keyboard.press('Enter');
  await page.getByText('Reply to yourself').waitFor();
  await page.keyboard.press('Escape');
  await page.getByText('Reply to yourself').waitFor({ state: 'detached' });
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

async function tabToMenuItem(page, wanted) {
  for (let count = 0; count < 20; count++) {
    if (wanted.test(await focused(page))) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`the arrows do not lead to ${wanted}`);
}

test('by keyboard alone: a message says who and what; a picture is opened; one goes to what is quoted', async () => {
  const page = await world.page(scene.anna);
  await page.locator('[data-row]').first().waitFor();
  const { message } = await scene.boris.call('send_text', { chat: scene.direct, text: 'the first of all' });
  await scene.boris.call('send_message', { chat: scene.direct, text: 'as I said', reply_to: message.id });
  const picture = await upload(scene.boris, 'tide.jpg', await shorePicture(world, 400, 300));
  await scene.boris.call('send_file', { chat: scene.direct, source: picture, name: 'tide.jpg', media: { kind: 'picture', width: 400, height: 300 } });
  await go(page, { chat: scene.direct });
  await page.locator('article').last().locator('canvas.shown').waitFor();
  const snapshot = await page.locator('article', { hasText: 'as I said' }).last().ariaSnapshot();
  assert.match(snapshot, /article "Message from Boris .*the first of all as I said \d+:\d\d/);
  await page.locator('textarea').focus();
  for (let count = 0; count < 12 && !/^Message from/.test(await focused(page)); count++) await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await tabToMenuItem(page, /^Open$/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Picture tide.jpg' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.locator('article', { hasText: 'as I said' }).last().focus();
  await page.keyboard.press('Enter');
  await tabToMenuItem(page, /^Go to the quoted message$/);
  await page.keyboard.press('Enter');
  await page.waitForFunction((id) => document.activeElement?.dataset.message === id, message.id);
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
