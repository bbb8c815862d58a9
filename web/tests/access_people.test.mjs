// The pages about people and groups for all people: axe-core finds nothing, and the keyboard is enough.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { go, rests } from './places.mjs';
import { kPasscode, makePeopleScene } from './scene_people.mjs';
import { until, World } from './world.mjs';

const world = new World();
let scene;

before(async () => {
  scene = await makePeopleScene(world);
});
after(() => world.end());

for (const [theme, width] of [['light', 1280], ['dark', 360]]) {
  test(`axe finds nothing on pages of people and groups: ${theme}, ${width} pixels`, async () => {
    const all = [];
    const page = await world.page(scene.anna, { theme, width });
    await page.locator('[data-row]').first().waitFor();
    all.push(...(await violations(page, 'list with requests')));
    for (const left of ['new_group', 'requests', 'reach', 'blocked', 'take_invite']) {
      await go(page, { left });
      all.push(...(await violations(page, left)));
    }
    await page.getByRole('textbox').first().fill(scene.name);
    all.push(...(await violations(page, 'find by name')));
    await page.getByRole('textbox').first().fill('godwit:g#AAAA');
    await page.locator('.over form .main').click();
    await page.getByRole('alert').waitFor();
    all.push(...(await violations(page, 'a link that is none')));
    for (const right of ['chat_info', 'add_members', 'group_settings', 'group_links', 'join_requests']) {
      await go(page, { chat: scene.group, right });
      all.push(...(await violations(page, right)));
    }
    await go(page, { chat: scene.group, right: 'group_links' });
    await page.locator('.right li button').first().click();
    await page.getByRole('dialog').waitFor();
    await rests(page);
    all.push(...(await violations(page, 'a link as a code')));
    await page.keyboard.press('Escape');
    for (const right of ['chat_info', 'verify']) {
      await go(page, { chat: scene.direct, right });
      all.push(...(await violations(page, `${right} of a person`)));
    }
    await page.locator('.right form input').fill('1'.repeat(60));
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await rests(page);
    all.push(...(await violations(page, 'another number')));
    assert.deepEqual(all, []);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  });
}

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '');

async function tabTo(page, wanted, max = 40) {
  for (let count = 0; count < max; count++) {
    if (wanted.test(await focused(page))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${wanted}, but to ${await focused(page)}`);
}

test('by keyboard alone: open a request, make somebody an admin, come back to where one was', async () => {
  const page = await world.page(scene.anna);
  await page.locator('[data-row]').first().waitFor();
  await tabTo(page, /^Contact requests/);
  await page.keyboard.press('Enter');
  await page.getByText('Somebody wants to contact you').first().waitFor();
  await until(async () => (await focused(page)) === 'Contact requests', 'the page has the focus');
  await tabTo(page, /^Show$/);
  await page.keyboard.press('Enter');
  await page.getByText('we have met at the lighthouse').waitFor();
  await tabTo(page, /^Back$/);
  await page.keyboard.press('Enter');
  await until(async () => /^Contact requests/.test(await focused(page)), 'the focus is on what had opened the page');
  while (!/Wader count/.test(await focused(page))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('textarea').waitFor();
  await page.locator('.who').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'What to do about Boris' }).waitFor();
  await tabTo(page, /What to do about Boris/);
  await page.keyboard.press('Enter');
  while (!/Make an admin/.test(await focused(page))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('.right li', { hasText: 'Boris' }).getByText('admin').waitFor();
  await tabTo(page, /^Close$/, 60);
  await page.keyboard.press('Enter');
  await until(async () => /Wader count/.test(await focused(page)), 'the focus is on the head of the chat');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});

test('in Russian a name is found and asked, and nothing is cut', async () => {
  const page = await world.page(scene.newcomer, { language: 'ru', width: 360 });
  await page.locator('.list').waitFor();
  await go(page, { left: 'take_invite' });
  await page.getByRole('textbox').first().fill(scene.name);
  await page.locator('.over input[type=password]').fill('wrong-code');
  await page.getByRole('button', { name: 'Найти' }).click();
  await page.getByRole('alert').getByText('имени').waitFor();
  await page.locator('.over input[type=password]').fill(kPasscode);
  await page.getByRole('button', { name: 'Найти' }).click();
  await page.getByText('Анна Береговая').waitFor();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll('.over *')].some((each) => each.getBoundingClientRect().right > innerWidth + 1));
  assert.equal(wide, false, 'nothing reaches over the edge');
  assert.deepEqual(page.problems, []);
  await page.context().close();
});
