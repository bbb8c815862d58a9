// The lock of `godwit web`: set, closed by hand, opened and taken away on two pages; and an invite as an address of the home's page.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { World, until } from './world.mjs';

const kPhrase = 'куропатка seven lamps';
const world = new World();
let home, anna, boris, page, second, chat;

const shown = (of, text) => of.locator('article', { hasText: text }).last();

async function unlock(of, passphrase) {
  await of.bringToFront();
  await of.getByLabel('Passphrase').fill(passphrase);
  await of.keyboard.press('Enter');
}

// A tab in the background draws nothing, and nothing in it is ever at rest to be pressed.
async function openChat(of) {
  await of.bringToFront();
  const back = of.getByRole('button', { name: 'Back', exact: true });
  return until(async () => {
    if (await back.isVisible()) await back.click();
    return of.locator('[data-row]', { hasText: 'Boris' }).click({ timeout: 1_000 }).then(() => true, () => false);
  }, 'the chat is open');
}

before(async () => {
  home = await world.newHome({ page: 'https://home.example/' });
  anna = await world.stranger('Anna', { passphrase: '' });
  await anna.call('new_account', { name: 'Anna', home_link: await home.link() });
  boris = await world.person('Boris', home);
  chat = await world.pair(boris, anna);
  await boris.call('send_text', { chat, text: 'said before the lock' });
  page = await world.page(anna);
  second = await page.context().newPage();
  await second.goto(anna.link);
  await shown(await openChat(page).then(() => page), 'said before the lock').waitFor();
  await openChat(second);
});
after(() => world.end());

test('an invite is handed on as an address of the page that the home names', async () => {
  await page.getByRole('button', { name: 'New chat', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Invite somebody' }).click();
  await page.getByRole('button', { name: 'Copy the link' }).click();
  const address = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(address, /^https:\/\/home\.example\/#home=[\w-]+&invite=[\w-]+$/);
});

test('the lock is set on one page, closes all of them, and leaves nothing of what was said', async () => {
  await openChat(page);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: /^Lock/ }).click();
  await page.getByLabel('New passphrase').fill(kPhrase);
  await page.getByLabel('Once more').fill(kPhrase);
  await page.getByRole('button', { name: 'Turn the lock on' }).click();
  await page.getByText('The lock is on', { exact: true }).waitFor();
  await page.getByRole('radio', { name: 'Not by itself' }).check();
  await until(async () => (await anna.call('read_lock')).minutes === 0, 'the time is kept');
  await page.getByRole('button', { name: 'Lock now' }).click();
  for (const each of [page, second]) {
    await each.getByRole('heading', { name: 'Godwit is locked' }).waitFor();
    assert.equal((await each.content()).includes('said before the lock'), false);
  }
  await boris.call('send_text', { chat, text: 'said while it was locked' });
});

test('a wrong phrase opens nothing, the right one opens both pages, and what came meanwhile is there', async () => {
  await unlock(second, 'not the phrase');
  await second.getByRole('alert').filter({ hasText: 'That is not the passphrase' }).waitFor();
  await unlock(second, kPhrase);
  for (const each of [second, page]) {
    await openChat(each);
    await shown(each, 'said while it was locked').waitFor();
  }
  assert.deepEqual(page.problems, []);
});
