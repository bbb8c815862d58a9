// For all people: no violation that axe-core finds on the pages for media, search and what is made; and all of it by keyboard alone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { kAllowed, makeMediaScene, visitAll } from './media_pages.mjs';
import { go, rests } from './places.mjs';
import { until, World } from './world.mjs';

const world = new World();
let scene;

before(async () => (scene = await makeMediaScene(world)));
after(() => world.end());

for (const [theme, width] of [['light', 1280], ['dark', 360]]) {
  test(`axe finds nothing on pages of media and search: ${theme}, ${width} pixels`, async () => {
    const page = await world.page(scene.anna, { theme, width, height: 740, ...kAllowed });
    const all = [];
    await visitAll(page, scene, async (step) => {
      await rests(page);
      all.push(...(await violations(page, step)));
    });
    assert.deepEqual(all, []);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

const label = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim().slice(0, 60) ?? '');

async function tabTo(page, wanted, key = 'Tab') {
  const seen = [];
  for (let count = 0; count < 30; count++) {
    const now = await label(page);
    if (wanted.test(now)) return;
    seen.push(now);
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${wanted}, but over ${seen.join(' | ')}`);
}

test('by keyboard alone: search, poll, voice note, play, schedule, info and back', async () => {
  const page = await world.page(scene.anna, kAllowed);
  await page.locator('[data-row]').first().waitFor();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Boris');
  await page.keyboard.press('Enter');
  await page.locator('footer textarea').waitFor();
  await until(async () => (await label(page)) === 'Message', 'one can write at once');

  await tabTo(page, /^Attach$/);
  await page.keyboard.press('Enter');
  for (const wanted of [/Photo or video/, /File/, /Poll/]) {
    assert.match(await label(page), wanted);
    if (wanted.source !== 'Poll') await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('Tea?');
  await page.keyboard.press('Tab');
  await page.keyboard.type('yes');
  await page.keyboard.press('Enter');
  await page.keyboard.type('no');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter'); // in the last, empty line: send
  await page.locator('article', { hasText: 'Tea?' }).waitFor();

  await tabTo(page, /^Record a voice message$/);
  await page.keyboard.press('Enter');
  await page.locator('.strip .dot.live').waitFor();
  await page.waitForTimeout(900);
  assert.equal(await label(page), 'Send', 'the same button sends');
  const before = await page.locator('.voice').count();
  await page.keyboard.press('Enter');
  await until(async () => (await page.locator('.voice').count()) > before, 'the note is sent');

  await tabTo(page, /^Play Voice message$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.locator('.voice .play[aria-label^=Pause]').waitFor();

  await tabTo(page, /^Message$/);
  await page.keyboard.type('for later');
  await tabTo(page, /^Attach$/);
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await tabTo(page, /^In an hour$/);
  await page.keyboard.press('Enter');
  await tabTo(page, /^Schedule$/);
  await page.keyboard.press('Enter');
  await page.getByText('Goes out on').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' }); // which gives the focus back when it goes

  await page.keyboard.press('Control+f');
  await page.locator('[role=search] input[type=search]').waitFor();
  await until(() => page.evaluate(() => document.activeElement?.matches('[role=search] input') ?? false), 'the search of the chat');
  await page.keyboard.type('for');
  await page.locator('.right .found, .right .note').first().waitFor();
  await rests(page);
  await tabTo(page, /^Close$/, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.locator('[role=search]').waitFor({ state: 'detached' });
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('a playing note says where it is, and its speed', async () => {
  const page = await world.page(scene.anna, kAllowed);
  await go(page, { chat: scene.direct });
  const play = page.locator('.voice .play').first();
  await play.focus();
  await page.keyboard.press('Enter');
  const slider = page.getByRole('slider', { name: 'Where it plays' }).first();
  await until(async () => /second/.test(await slider.getAttribute('aria-valuetext')), 'in words');
  await page.getByRole('button', { name: 'Speed 1, change' }).press('Enter');
  await page.getByRole('button', { name: 'Speed 1.5, change' }).waitFor();
  await page.context().close();
});
