// A browser that is too old says so, in words that need nothing of what it lacks; also in the page as one file, whose policy has to let
// that script run.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { after, before, test } from 'node:test';
import { World } from './world.mjs';

const kPage = process.env.GODWIT_PAGE ?? fileURLToPath(new URL('../dist', import.meta.url));
const kSingle = join(kPage, 'godwit.html');
const world = new World();
let anna;

/** What it lacks, taken away before the page begins. */
const kLacks = {
  'layers above the page': () => delete HTMLElement.prototype.popover,
  'scripts as modules': () => delete HTMLScriptElement.prototype.noModule,
  'mixed colours': () => {
    const { supports } = CSS;
    CSS.supports = (...given) => !given.join(' ').includes('color-mix') && supports.apply(CSS, given);
  },
};

before(async () => {
  anna = await world.person('Anna', await world.home());
});
after(() => world.end());

async function says(address, lack) {
  const context = await (await world.browser()).newContext();
  await context.addInitScript(lack);
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(address);
  await page.getByText('This browser is too old for Godwit.').waitFor({ timeout: 60_000 });
  await page.getByText('Этот браузер слишком стар для Godwit.').waitFor();
  await page.waitForTimeout(500);
  assert.equal(await page.locator('input, button, .list').count(), 0, 'and nothing else');
  assert.deepEqual(problems, []);
  await context.close();
}

for (const [what, lack] of Object.entries(kLacks)) {
  test(`without ${what}: the page of a program`, () => says(anna.link, lack));
  test(`without ${what}: the page as one file`, { skip: existsSync(kSingle) ? false : 'SKIPPED: godwit.html was not built' }, () => says(pathToFileURL(kSingle).href, lack));
}

test('with all of it nothing is said', async () => {
  const page = await world.page(anna);
  await page.locator('.list').waitFor();
  assert.equal(await page.getByText('too old').count(), 0);
});
