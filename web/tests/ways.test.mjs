// Ways to the home, what travels without any, and the settings.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { until, World } from './world.mjs';

const world = new World();
let home, anna, boris, chat, page, other;

before(async () => {
  home = await world.home();
  anna = await world.person('Anna', home);
  boris = await world.person('Boris', home);
  chat = await world.pair(anna, boris);
  page = await world.page(anna);
  other = await world.page(boris);
});
after(() => world.end());

async function openSettings(which, ...rows) {
  await which.locator('[data-row]').first().waitFor();
  const [back, menu] = [which.getByRole('button', { name: 'Back' }), which.getByRole('button', { name: 'Menu', exact: true })];
  // A page that is still on its way has no button yet: what lies under it says whether one is there.
  await until(async () => {
    if (await back.isVisible()) await back.click();
    return menu.evaluate((each) => each.closest('[inert]') === null);
  }, 'the list is on top');
  await menu.click();
  await which.getByRole('menuitem', { name: 'Settings' }).click();
  for (const row of rows) await which.getByRole('button', { name: row }).click();
}

test('it says how one is connected, and lists the ways', async () => {
  await openSettings(page, 'Connection');
  await page.getByText(`Connected directly to your home, 127.0.0.1:${home.port}`).waitFor();
  await page.locator('li', { hasText: 'The home itself' }).getByText('In use now').waitFor();
});

test('without the home it offers to look for it now, and is connected when it is back', async () => {
  await home.stop();
  const again = page.getByRole('button', { name: 'Try now' });
  await again.click();
  await home.resume();
  await again.click({ timeout: 1_000 }).catch(() => undefined); // it may have been found meanwhile
  await page.getByText(`Connected directly to your home, 127.0.0.1:${home.port}`).waitFor();
  assert.equal(await again.count(), 0);
});

test('a way is added, shown, shared and removed; one that is none is refused and stays typed', async () => {
  await page.getByLabel('Add a way').fill('pigeon://somewhere');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByRole('alert').first().waitFor();
  assert.equal(await page.getByLabel('Add a way').inputValue(), 'pigeon://somewhere');
  await page.getByLabel('Add a way').fill('bridge://bridge.example');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const row = page.locator('li', { hasText: 'bridge.example' });
  await row.getByText('Has not worked yet').waitFor();
  await page.getByRole('button', { name: 'What to do with bridge.example' }).click();
  await page.getByRole('menuitem', { name: 'Share with a friend' }).click();
  await page.getByRole('img', { name: 'The bridge as a QR code' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'What to do with bridge.example' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await row.waitFor({ state: 'detached' });
  assert.equal((await anna.call('list_routes')).routes.length, 1);
});

test('the bulletin of the home goes from one to the other', async () => {
  await until(() => anna.call('share_bulletin').then(() => true, () => false), 'the home has told its bulletin');
  await page.getByRole('button', { name: 'Share the home’s bulletin' }).click();
  const text = await page.getByRole('textbox', { name: 'The bulletin of the home' }).inputValue();
  assert.match(text, /^godwit-bulletin:/);
  await page.keyboard.press('Escape');
  await openSettings(other, 'Connection');
  await other.getByLabel('Add a way').fill(`${text.slice(0, -20)}AAAAAAAAAAAAAAAAAAAA`);
  await other.getByRole('button', { name: 'Add', exact: true }).click();
  await other.getByRole('alert').first().waitFor();
  await other.getByLabel('Add a way').fill(text);
  await other.getByRole('button', { name: 'Add', exact: true }).click();
  // An alert goes by itself: asked for what is there now, never waited for.
  const alerts = () => other.getByRole('alert').allInnerTexts();
  await until(
    async () => (await other.getByLabel('Add a way').inputValue()) === '' || (await alerts()).some((each) => each.includes('not newer')),
    'it was taken, or is known',
  );
});

test('the local network is off until it is asked for, and says who notices', async () => {
  const lan = page.getByRole('switch', { name: /Local network/ });
  await page.getByText('can notice that this device uses Godwit').waitFor();
  assert.equal(await lan.isChecked(), false);
  await lan.click();
  await until(async () => (await anna.call('read_lan')).on, 'it is on');
  await page.getByText('Nobody found nearby').waitFor();
  await lan.click();
  await until(async () => !(await anna.call('read_lan')).on, 'it is off');
});

test('mail is set only after it was said who notices, and taken away again', async () => {
  await page.getByRole('button', { name: 'By mail' }).click();
  const set = page.getByRole('button', { name: 'Use this mail account' });
  await page.getByLabel('Mail address').fill('anna@mail.invalid');
  await page.getByLabel('Password').fill('secret');
  assert.equal(await page.getByLabel('Outgoing server (SMTP)').inputValue(), 'smtps://smtp.mail.invalid');
  assert.equal(await set.isDisabled(), true);
  await page.getByLabel('I have understood what others can notice').check();
  await page.getByLabel('Outgoing server (SMTP)').fill('http://nothing');
  await set.click();
  await page.getByRole('alert').first().waitFor();
  await page.getByLabel('Outgoing server (SMTP)').fill('smtps://smtp.mail.invalid');
  await set.click();
  await page.getByText('No letter waits for an answer').waitFor();
  const state = await anna.call('read_mail');
  assert.deepEqual([state.address, state.user], ['anna@mail.invalid', 'anna@mail.invalid']);
  await page.getByRole('button', { name: 'No mail any more' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'No mail any more' }).click();
  await set.waitFor();
  assert.equal((await anna.call('read_mail')).set, false);
});

test('without any home a message goes by a file', async () => {
  await home.stop();
  await anna.call('send_text', { chat, text: 'Carried by hand' });
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByText('No way to your home just now').or(page.getByText('Looking for a way')).first().waitFor();
  await page.getByRole('button', { name: 'Messages in a file' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Write the file' }).click()]);
  await page.getByText(/messages? (and receipts are|is) in the file/).waitFor();
  const buffer = readFileSync(await download.path());
  await other.getByRole('button', { name: 'Messages in a file' }).click();
  await other.locator('input[type=file]').setInputFiles({ name: 'x', mimeType: '', buffer: Buffer.from('nothing') });
  await other.getByRole('alert').first().waitFor();
  await other.locator('input[type=file]').setInputFiles({ name: 'x', mimeType: '', buffer });
  await other.getByText(/things? in it (was|were) for you/).waitFor();
  await until(async () => (await boris.call('read_history', { chat })).messages.some((each) => each.text === 'Carried by hand'), 'it has come');
  await home.resume();
});

test('what others learn is set here, and a change by another program is kept', async () => {
  await openSettings(page, 'Privacy');
  const typing = page.getByRole('switch', { name: /That you are writing/ });
  await until(() => typing.isChecked(), 'it is on');
  await anna.call('set_privacy', { read_receipts: false, typing: true });
  await typing.click();
  await until(async () => !(await anna.call('read_privacy')).typing, 'it is off');
  assert.equal((await anna.call('read_privacy')).read_receipts, false);
  await until(async () => !(await typing.isChecked()), 'it is shown as off');
});

test('theme, language and size of text are set and kept', async () => {
  await openSettings(page, 'Appearance and language');
  const before = await page.evaluate(() => parseFloat(getComputedStyle(document.documentElement).fontSize));
  await page.getByLabel('Very large').check();
  await page.getByLabel('Dark').check();
  await page.getByLabel('Русский').check();
  await page.getByText('Размер текста').first().waitFor();
  await page.reload();
  await page.getByText('Размер текста').first().waitFor();
  const now = await page.evaluate(() => [document.documentElement.dataset.theme, parseFloat(getComputedStyle(document.documentElement).fontSize)]);
  assert.deepEqual(now, ['dark', before * 1.25]);
  await page.getByLabel('English').check();
});

test('every row of the settings leads to a page that says something', async () => {
  for (const [row, words] of [['Account', 'It cannot be shown again'], ['Storage', 'encrypted'], ['Import, archive, export', 'format JSON'], ['About Godwit', 'Apache-2.0']]) {
    await openSettings(page, row);
    await page.getByText(words).first().waitFor();
  }
});

test('nothing was logged as an error', () => {
  assert.deepEqual([page.problems, other.problems], [[], []]);
});
