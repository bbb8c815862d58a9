// An account goes to another home, from the page.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { violations } from './axe.mjs';
import { until, World } from './world.mjs';

const world = new World();
after(() => world.end());

test('an account moves to another home: the page says where it lives, and the old home is not needed any more', async () => {
  const [home, haven, third] = [await world.home(), await world.home(), await world.home()];
  const [anna, boris] = [await world.person('Anna', home), await world.person('Boris', third)];
  const chat = await world.pair(anna, boris);
  const page = await world.page(anna);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: /Name, home, recovery key/ }).click();
  await page.getByRole('button', { name: 'Move to another home' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Link of the new home').fill(await home.link());
  await page.waitForTimeout(500); // the dialog has arrived
  assert.deepEqual(await violations(page, 'moving'), []);
  if (process.env.GODWIT_LOOK) await page.screenshot({ path: `${process.env.GODWIT_LOOK}/move.png` });
  await dialog.getByRole('button', { name: 'Move' }).click();
  await dialog.getByText('The account lives at this home already').waitFor();
  await dialog.getByLabel('Link of the new home').fill(await haven.link());
  await dialog.getByRole('button', { name: 'Move' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(`127.0.0.1:${haven.port}`).first().waitFor();
  await page.getByText('Lived before at').waitFor();
  if (process.env.GODWIT_LOOK) await page.screenshot({ path: `${process.env.GODWIT_LOOK}/moved.png` });
  await anna.call('send_text', { chat, text: 'from my new home' });
  await until(async () => (await anna.call('read_account')).chats_to_tell === 0, 'the chat was told');
  await page.getByText('1 chat has still to hear of it').waitFor({ state: 'detached' });
  await home.stop();
  await boris.call('send_text', { chat, text: 'the old one is gone' });
  await until(async () => (await anna.call('read_history', { chat })).messages.some((each) => each.text === 'the old one is gone'), 'it has come');
  assert.deepEqual(page.problems, []);
});
