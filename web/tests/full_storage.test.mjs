// A browser that has no room left for the page: said for as long as it is so, and nothing that was written is lost.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { servedPage, ServedWorld } from './served_home.mjs';
import { until } from './world.mjs';

const skip = servedPage ? false : 'SKIPPED: the engine for browsers was not built (make wasm, web/build)';
const world = new ServedWorld();
let nora, context, page, session, origin;
const chats = {};

before(async () => {
  if (skip) return;
  await world.begin();
  nora = await world.person('Nora', world.served);
  context = await world.profile('anna');
  const { link } = await nora.call('make_invite');
  page = await world.tab(context, `${world.origin}#home=${encodeURIComponent(await world.served.link())}&invite=${encodeURIComponent(link)}`);
  await page.getByLabel('Your name').fill('Anna');
  await page.keyboard.press('Enter');
  const field = page.locator('textarea');
  await field.waitFor();
  chats.nora = (await nora.chatWith('Anna')).chat;
  session = await context.newCDPSession(page);
  origin = new URL(world.origin).origin;
});
after(() => world.end());

async function write(text) {
  await page.locator('textarea').fill(text);
  await page.keyboard.press('Enter');
}

// Chromium looks only twice a minute how much room there is.
async function noRoom() {
  await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  await until(async () => {
    await write('is there room?');
    await page.waitForTimeout(2500);
    return page.getByText('This is not stored yet. Keep the page open.').isVisible();
  }, 'nothing is stored any more');
}

const pieces = () =>
  page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('godwit');
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const counting = opening.result.transaction('pieces').objectStore('pieces').count();
          counting.onsuccess = () => (opening.result.close(), resolve(counting.result));
        };
      }),
  );

test('what is written while there is no room is shown as not stored', { skip }, async () => {
  await noRoom();
  await write('said on a full disk');
  await page.getByText('said on a full disk', { exact: true }).waitFor();
  const line = page.getByRole('alert').filter({ hasText: 'Until then nothing new is stored here' });
  await line.waitFor();
  await page.waitForTimeout(7000); // longer than what only passes by
  assert.ok(await line.isVisible());
  assert.equal(await page.locator('article', { hasText: 'said on a full disk' }).count(), 0);
});

test('a file that does not fit is refused in words, and no piece of it stays', { skip }, async () => {
  await page.locator('input[type=file]').first().setInputFiles([{ name: 'large.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1_000_000) }]);
  await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
  await page.getByText('There is no room left on the disk').first().waitFor();
  assert.equal(await pieces(), 0);
});

test('who closes the page is asked', { skip }, async () => {
  const asked = page.waitForEvent('dialog');
  const closing = page.close({ runBeforeUnload: true });
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();
  await closing;
});

test('when there is room again it goes out by itself', { skip }, async () => {
  await session.send('Storage.overrideQuotaForOrigin', { origin });
  await page.locator('article', { hasText: 'said on a full disk' }).waitFor();
  await page.getByText('Until then nothing new is stored here').waitFor({ state: 'detached' });
  await until(async () => (await nora.call('read_history', { chat: chats.nora })).messages.some((each) => each.text === 'said on a full disk'), 'Nora has it');
  await page.getByText('This is not stored yet').waitFor({ state: 'detached' });
  assert.deepEqual(context.problems, []);
});
