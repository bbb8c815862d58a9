// Several devices of one account: linking from both sides, names, removal, and the account that comes back by its words.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { inBrowser, until, World } from './either_world.mjs';

const world = new World();
let home, anna, boris, chat, old, words;
const laptop = {};
const kMoveMs = 120_000; // devices that come in heal a chat within a minute, not at once

before(async () => {
  home = await world.home();
  anna = await world.stranger('Anna');
  boris = await world.person('Boris', home);
  words = (await anna.call('new_account', { name: 'Anna', home_link: await home.link() })).recovery_key;
  chat = await world.pair(anna, boris);
  for (const text of ['The first word', 'The second word']) await anna.call('send_text', { chat, text });
  await boris.call('mark_verified', { chat: (await boris.chatWith('Anna')).chat });
  old = await world.page(anna);
});
after(() => world.end());

async function settings(page, row) {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: row }).click();
}

test('a device is linked by its link: both show the number, and the older one is asked', async () => {
  await settings(old, 'Devices');
  await old.getByText('This device', { exact: true }).waitFor();
  await old.getByRole('button', { name: 'Link a device' }).click();
  await old.getByRole('img', { name: 'The offer as a QR code' }).waitFor();
  await old.getByRole('button', { name: 'Copy the link' }).click();
  const link = await old.evaluate(() => navigator.clipboard.readText());
  await old.locator('.offer').getByRole('button', { name: 'Close', exact: true }).click();
  await old.getByRole('button', { name: 'Link a device' }).click();
  await old.getByRole('button', { name: 'Copy the link' }).click();
  assert.equal(await old.evaluate(() => navigator.clipboard.readText()), link, 'a home takes few offers: the one that there is stands');
  laptop.person = await world.stranger('laptop');
  laptop.page = await world.page(laptop.person);
  await laptop.page.getByRole('button', { name: 'I have Godwit on another device' }).click();
  await laptop.page.getByLabel('Name of this device').fill('Laptop');
  await laptop.page.getByLabel('Link from the other device').fill(link);
  await laptop.page.getByRole('button', { name: 'Link', exact: true }).click();
  const number = laptop.page.getByRole('status', { name: /The number/ });
  await number.waitFor();
  const dialog = old.getByRole('dialog');
  await dialog.getByText('Laptop asks to become a device of your account').waitFor();
  assert.equal(await dialog.getByRole('status').innerText(), await number.innerText());
  await dialog.getByRole('button', { name: 'The numbers are the same' }).click();
  await old.getByText('Laptop is linked').waitFor();
  await laptop.page.getByText(/Your chats come from the other device|is still to come/).waitFor();
});

test('a device is renamed on all of them', async () => {
  await old.getByRole('button', { name: 'What to do with Laptop' }).click();
  await old.getByRole('menuitem', { name: 'Rename' }).click();
  await old.getByRole('dialog').getByLabel('Name of this device').fill('Kitchen');
  await old.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await old.locator('li', { hasText: 'Kitchen' }).waitFor();
  await until(async () => (await laptop.person.call('list_devices')).devices.some((each) => each.name === 'Kitchen'), 'the name has come');
});

test('a wrong code is refused, and what was typed stays', async () => {
  await old.getByRole('button', { name: 'Link a device' }).click();
  await old.getByRole('button', { name: 'Cannot scan? Use a code' }).click();
  const code = await old.getByLabel('Code', { exact: true }).innerText();
  const homeLink = await old.locator('.link').innerText();
  const phone = await world.stranger('phone');
  const page = await world.page(phone, { width: 360, height: 740 });
  await page.getByRole('button', { name: 'I have Godwit on another device' }).click();
  await page.getByRole('button', { name: 'Cannot scan? Use a code' }).click();
  await page.getByLabel('Code', { exact: true }).fill('1234');
  await page.getByLabel('Link of your home').fill(homeLink);
  await page.getByLabel('Name of this device').fill('Phone');
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'twelve digits' }).waitFor();
  assert.equal(await page.getByLabel('Link of your home').inputValue(), homeLink);
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await old.getByRole('dialog').getByRole('button', { name: 'No', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'has not said yes' }).waitFor();
  assert.deepEqual(page.problems, []);
  await world.close(page);
});

test('its chats come with their history', async () => {
  const timeout = kMoveMs;
  await laptop.page.locator('[data-row]', { hasText: 'Boris' }).click({ timeout });
  await laptop.page.locator('article', { hasText: 'The first word' }).waitFor({ timeout });
  await laptop.page.locator('article', { hasText: 'The second word' }).waitFor();
});

test('that somebody who was compared has a new device is said, and nothing is sent until one has asked', async () => {
  const his = await world.page(boris);
  await his.locator('[data-row]', { hasText: 'Anna' }).click();
  const bar = his.getByRole('status').filter({ hasText: 'Anna has a new device' });
  await bar.waitFor({ timeout: kMoveMs });
  await his.locator('textarea').fill('for Anna alone');
  await his.keyboard.press('Enter');
  await his.getByText(/whose safety number you have compared/).waitFor();
  assert.equal(await his.locator('textarea').inputValue(), 'for Anna alone');
  await bar.getByRole('button', { name: 'It is theirs' }).click();
  await bar.waitFor({ state: 'detached' });
  await his.locator('textarea').press('Enter');
  await laptop.page.locator('article', { hasText: 'for Anna alone' }).waitFor();
  assert.deepEqual(his.problems, []);
  await world.close(his);
});

test('a device that is removed says so, also after a reload, and keeps what it has', async () => {
  await old.getByRole('button', { name: 'What to do with Kitchen' }).click();
  await old.getByRole('menuitem', { name: 'Remove' }).click();
  await old.getByText('it reads nothing of what is said from then on').waitFor();
  await old.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await old.locator('li', { hasText: 'Kitchen' }).waitFor({ state: 'detached' });
  await laptop.page.getByRole('heading', { name: 'This device was removed' }).waitFor();
  await laptop.page.reload();
  await laptop.page.getByRole('heading', { name: 'This device was removed' }).waitFor();
  await laptop.page.locator('article', { hasText: 'The first word' }).waitFor();
});

test('the words bring the account back; wrong ones do not', async () => {
  const stranger = await world.stranger('new');
  const page = await world.page(stranger);
  await page.getByRole('button', { name: 'I have lost my devices' }).click();
  await page.getByText('All earlier devices of the account are out afterwards').waitFor();
  await page.getByLabel('Recovery key').fill('ABCD EFGH');
  await page.getByLabel('Link of your home').fill(await home.link());
  await page.getByRole('button', { name: 'Bring my account back' }).click();
  await page.getByRole('alert').first().waitFor();
  await page.getByLabel('Recovery key').fill(words);
  await page.getByRole('button', { name: 'Bring my account back' }).click();
  const dialog = page.getByRole('dialog', { name: 'Welcome back' });
  await dialog.getByText('Boris').waitFor();
  await dialog.getByRole('button', { name: 'Understood' }).click();
  await page.getByText('Whom you knew before: invite them again').waitFor();
  assert.equal((await stranger.call('read_account')).name, 'Anna');
  await old.getByRole('button', { name: 'Back' }).click();
  await old.getByRole('button', { name: 'Back' }).click();
  await old.getByRole('heading', { name: 'This device was removed' }).waitFor();
  assert.deepEqual(page.problems, []);
});

test('where the home is gone too, the words begin the account at another one, as the same account', async () => {
  const haven = await world.home();
  const stranger = await world.stranger('haven');
  const page = await world.page(stranger);
  await page.getByRole('button', { name: 'I have lost my devices' }).click();
  await page.getByLabel('Recovery key').fill(words);
  await page.getByLabel('Link of your home').fill(await haven.link());
  const go = page.getByRole('button', { name: 'Bring my account back' });
  await go.click();
  await page.getByRole('alert').first().waitFor();
  await page.getByRole('switch', { name: 'The home is gone too' }).check();
  assert.ok(await go.isDisabled(), 'nobody knows the name there');
  await page.getByLabel('Your name, as others see it').fill('Anna of Haven');
  await go.click();
  await page.getByRole('dialog', { name: 'Welcome back' }).getByRole('button', { name: 'Understood' }).click();
  const { account, name } = await stranger.call('read_account');
  assert.deepEqual([account, name], [(await anna.call('read_account')).account, 'Anna of Haven']);
  assert.deepEqual(page.problems, []);
});

test('who waits in vain for the other device cancels, and can begin otherwise', async () => {
  const { link } = await boris.call('start_linking', { by_code: false });
  await boris.stop();
  const page = await world.page(await world.stranger('patient'));
  await page.getByRole('button', { name: 'I have Godwit on another device' }).click();
  await page.getByLabel('Link from the other device').fill(link);
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await page.getByRole('button', { name: 'Waiting for the other device' }).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('heading', { name: 'Welcome to Godwit' }).waitFor();
  // A program waits on, and says so; an engine in the browser has begun anew.
  if (!inBrowser) return page.getByText('still waits for the other device, ten minutes at most').waitFor();
  await page.getByLabel('Your name').fill('Patience');
  await page.getByLabel('Your invite, or the link of your home').fill(await home.link());
  await until(async () => {
    if (await page.locator('.list').isVisible()) return true;
    const start = page.getByRole('button', { name: 'Start', exact: true });
    if (await start.isVisible()) await start.click({ timeout: 1_000 }).catch(() => undefined);
    return (await page.waitForTimeout(300), false);
  }, 'the account is made');
});

test('nothing was logged as an error', () => {
  assert.deepEqual([old.problems, laptop.page.problems], [[], []]);
});
