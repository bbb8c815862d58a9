// Every page that the registry names: axe-core finds nothing in Russian, and laid out from the right it stays within a phone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { violations } from './axe.mjs';
import { go } from './places.mjs';
import { makePeopleScene } from './scene_people.mjs';
import { until, World } from './world.mjs';

const kRegistry = readFileSync(new URL('../src/pages/registry.ts', import.meta.url), 'utf8');
const kWidth = 360;
const world = new World();
let scene, channel;

/** The names in one of the registry's two lists. */
function namesIn(list) {
  const block = kRegistry.slice(kRegistry.indexOf(`export const ${list} = {`)).split('\n}')[0];
  return [...block.matchAll(/^ {2}(\w+): \(\) => import\(/gm)].map((match) => match[1]);
}

/** Where each page is; those of the right are about a chat or a channel. */
function places() {
  const about = { channel_info: { channel }, verify: { chat: scene.direct }, scheduled: { chat: scene.direct }, search: { chat: scene.direct } };
  return [
    ...namesIn('kLeftPages').map((left) => [left, { left }]),
    ...namesIn('kRightPages').map((right) => [right, { ...(about[right] ?? { chat: scene.group }), right }]),
  ];
}

before(async () => {
  scene = await makePeopleScene(world);
  channel = (await scene.anna.call('new_channel', { name: 'Tides', description: 'High water' })).channel.channel;
});
after(() => world.end());

/** Goes there, and waits until the page has come: a name that leads nowhere fails. */
async function goTo(page, place) {
  await go(page, place);
  await page.locator(place.left ? '.over h2' : '.right h2').first().waitFor();
}

/** What reaches beyond the page's sides, though nothing there scrolls. */
function beyond(width) {
  // A row that is meant to be scrolled sideways; the page's own body is none.
  const scrolls = (each) => {
    for (let at = each.parentElement; at && !at.matches('.body, .over, .right'); at = at.parentElement) if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
    return false;
  };
  const found = [];
  for (const each of document.querySelectorAll('.over *, .right *')) {
    const box = each.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || getComputedStyle(each).visibility === 'hidden' || each.closest('.spoken')) continue;
    if ((box.left < -1 || box.right > width + 1) && !scrolls(each)) found.push(`${each.tagName.toLowerCase()}.${each.getAttribute('class') ?? ''} ${Math.round(box.left)}..${Math.round(box.right)}`);
  }
  if (document.scrollingElement.scrollWidth > width) found.push(`the whole is ${document.scrollingElement.scrollWidth} wide`);
  return found;
}

test('the registry is read whole', () => {
  assert.equal(places().length, [...kRegistry.matchAll(/=> import\('/g)].length);
  assert.ok(places().length > 25);
});

for (const theme of ['light', 'dark']) {
  test(`axe finds nothing in Russian: ${theme}`, async () => {
    const page = await world.page(scene.anna, { theme, width: kWidth, language: 'ru' });
    await page.locator('[data-row]').first().waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'ru');
    const all = await violations(page, 'list');
    for (const [name, place] of places()) {
      await goTo(page, place);
      all.push(...(await violations(page, name)));
    }
    assert.deepEqual(all, []);
    assert.deepEqual(page.problems, []);
    await world.close(page);
  });
}

test('laid out from the right, every page stays within a phone, and the arrow points to where one came from', async () => {
  const page = await world.page(scene.anna, { width: kWidth });
  await page.locator('[data-row]').first().waitFor();
  await page.evaluate(() => (document.documentElement.dir = 'rtl'));
  const all = [];
  for (const [name, place] of places()) {
    await goTo(page, place);
    all.push(...(await page.evaluate(beyond, kWidth)).map((each) => `${name}: ${each}`));
    const back = page.locator(place.left ? '.over header button' : '.right header button').first();
    const [arrow, box] = [back.locator('svg'), await back.boundingBox()];
    // A page of the right that was opened from none of its column is closed, by a cross.
    const closes = place.right && (await back.getAttribute('aria-label')) === 'Close';
    if (!closes && !/^matrix\(-1, 0, 0, 1/.test(await arrow.evaluate((each) => getComputedStyle(each).transform))) all.push(`${name}: the arrow is not turned`);
    if (box.x < kWidth / 2) all.push(`${name}: the way back stands at the end, at ${box.x}`);
  }
  assert.deepEqual(all, []);
  assert.deepEqual(page.problems, []);
  await world.close(page);
});

test('what the check of the sides looks for is found', async () => {
  const page = await world.page(scene.anna, { width: kWidth });
  await page.locator('[data-row]').first().waitFor();
  await goTo(page, { left: 'about' });
  assert.deepEqual(await page.evaluate(beyond, kWidth), []);
  await page.evaluate(() => document.querySelector('.over h2').style.setProperty('min-inline-size', '500px'));
  await until(async () => (await page.evaluate(beyond, kWidth)).length > 0, 'a heading that is too wide is found');
  await world.close(page);
});
