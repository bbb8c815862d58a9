// What one takes back or changes about oneself: chats and histories that are deleted, an invite that is revoked, one's own name.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until, World } from './either_world.mjs';

const world = new World();
let home, anna, boris, chat, page, guest;

const rows = (page) => page.locator('nav .under [data-row]');
const row = (page, name) => rows(page).filter({ hasText: name });
const dialog = (page) => page.getByRole('dialog');
const messagesOf = async (person) => (await person.call('read_history', { chat, count: 50 })).messages;

async function say(person, text) {
  await person.call('send_text', { chat, text });
  await Promise.all([anna, boris].map((each) => until(async () => (await messagesOf(each)).some((one) => one.text === text), `${each.name} has it`)));
}

async function chooseOfRow(page, name, item) {
  await row(page, name).click({ button: 'right' });
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

before(async () => {
  home = await world.home();
  [anna, boris] = await Promise.all(['Anna', 'Boris'].map((name) => world.person(name, home)));
  chat = await world.pair(anna, boris);
  page = await world.page(anna);
  guest = await world.page(boris);
});
after(() => world.end());

test('a history is cleared after a question, and the chat stays in the list', async () => {
  await say(boris, 'cleared words');
  await row(page, 'Boris').click();
  await page.locator('article').filter({ hasText: 'cleared words' }).waitFor();
  await chooseOfRow(page, 'Boris', 'Clear history');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await messagesOf(anna)).length, 1, 'nothing goes before the yes');
  await chooseOfRow(page, 'Boris', 'Clear history');
  await dialog(page).getByRole('button', { name: 'Clear history' }).click();
  await page.locator('article').filter({ hasText: 'cleared words' }).waitFor({ state: 'detached' });
  assert.equal(await row(page, 'Boris').count(), 1);
  assert.deepEqual(await messagesOf(anna), []);
  assert.equal((await messagesOf(boris)).length, 1, 'the other one keeps it');
});

test('a deleted chat is closed and out of the list, found by its name, and back with the next message', async () => {
  await say(boris, 'deleted words');
  await page.locator('article').filter({ hasText: 'deleted words' }).waitFor();
  await chooseOfRow(page, 'Boris', 'Delete chat');
  await dialog(page).getByText('the other person keeps it').waitFor();
  await dialog(page).getByRole('button', { name: 'Delete chat' }).click();
  await row(page, 'Boris').waitFor({ state: 'detached' });
  await page.locator('article').waitFor({ state: 'detached' });
  await page.reload();
  await page.getByText('No chats yet').or(page.getByRole('button', { name: 'Invite somebody' })).first().waitFor();
  assert.equal(await row(page, 'Boris').count(), 0);
  await page.getByRole('searchbox').fill('bori');
  await row(page, 'Boris').waitFor();
  await page.getByRole('searchbox').fill('');
  await say(boris, 'hello again');
  await row(page, 'hello again').waitFor();
  await row(page, 'Boris').click();
  await page.locator('article').filter({ hasText: 'hello again' }).waitFor();
  assert.equal(await page.locator('article').count(), 1);
});

test('one is asked whether to block as well', async () => {
  await chooseOfRow(page, 'Boris', 'Delete chat');
  await dialog(page).getByRole('switch', { name: 'Block Boris as well' }).click();
  await dialog(page).getByRole('button', { name: 'Delete chat' }).click();
  await until(async () => (await anna.call('list_blocked')).accounts.length === 1, 'he is blocked');
  const [account] = (await anna.call('list_blocked')).accounts;
  await anna.call('unblock_account', { account });
});

test('invites that nobody has taken are listed below the new one, and revoked', async () => {
  const { link } = await anna.call('make_invite');
  await page.getByRole('button', { name: 'New chat' }).click();
  await page.getByRole('menuitem', { name: 'Invite somebody' }).click();
  const listed = page.getByRole('region', { name: 'Invites that nobody has taken' }).getByRole('listitem');
  await until(async () => (await listed.count()) === 1, 'all but the one that is shown');
  await listed.getByRole('button', { name: 'Revoke' }).click();
  await dialog(page).getByRole('button', { name: 'Revoke' }).click();
  await listed.waitFor({ state: 'detached' });
  assert.ok((await anna.call('list_invites')).invites.every((each) => each.link !== link));
  await page.locator('nav .over').getByRole('button', { name: 'Back', exact: true }).click();
});

test('a name is changed in the settings, and the others are told both names', async () => {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: /Name, home, recovery key/ }).click();
  await page.getByRole('button', { name: 'Change the name' }).click();
  const field = dialog(page).getByRole('textbox', { name: 'Your name' });
  await field.fill('\u202Eanna');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await until(async () => (await field.getAttribute('aria-invalid')) === 'true', 'it is said that this is no name');
  assert.equal(await field.inputValue(), '\u202Eanna');
  await field.fill('Anna Karenina');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Anna Karenina' }).waitFor();
  // With the next thing that is said.
  await anna.call('send_text', { chat, text: 'it is still me' });
  await guest.getByText('Anna is called Anna Karenina now').waitFor();
  await row(guest, 'Anna Karenina').waitFor();
  assert.deepEqual([page.problems, guest.problems], [[], []]);
});
