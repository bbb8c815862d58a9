// A report of a message: a file that the person hands to an operator.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { until, World } from './either_world.mjs';

const world = new World();
let anna, boris, chat, page;

const article = (text) => page.locator('article').filter({ hasText: text });

before(async () => {
  const home = await world.home();
  [anna, boris] = await Promise.all(['Anna', 'Boris'].map((name) => world.person(name, home)));
  chat = await world.pair(anna, boris);
  page = await world.page(anna);
});
after(() => world.end());

test('a report is a file that proves the message', async () => {
  await boris.call('send_text', { chat, text: 'harmful words' });
  await until(async () => (await anna.call('read_history', { chat, count: 9 })).messages.length === 1, 'Anna has it');
  await page.locator('nav .under [data-row]').filter({ hasText: 'Boris' }).click();
  await article('harmful words').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Report…', exact: true }).click();
  await page.getByText('does not prove that others have seen').waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the report' }).click()]);
  const report = readFileSync(await download.path()).toString('base64url');
  const checked = await boris.call('check_report', { report });
  assert.equal(checked.text, 'harmful words');
  assert.equal(checked.message.account, (await boris.call('read_account')).account);
  assert.equal(checked.message.chat, chat);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
});

test('nobody is offered to report himself', async () => {
  await anna.call('send_text', { chat, text: 'own words' });
  await article('own words').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Message info' }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: 'Report…' }).count(), 0);
});
