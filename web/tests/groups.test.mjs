// Groups and their links, on the pages of two or three people.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inBrowser, until, World } from './either_world.mjs';

const world = new World();
let home, anna, boris, clara, page;

async function inGroup(person, name) {
  return until(async () => (await person.call('list_chats')).chats.find((each) => each.name === name && each.member), `${person.name} is in ${name}`);
}

function memberRow(page, name) {
  return page.locator('.right li', { hasText: name });
}

async function openInfo(page, name) {
  await page.locator('[data-row]', { hasText: name }).click();
  if (!(await page.locator('.right').isVisible())) await page.locator('.middle header .who').click();
  await page.locator('.right h3').waitFor();
}

async function choose(page, member, item) {
  await memberRow(page, member).getByRole('button', { name: `What to do about ${member}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

before(async () => {
  home = await world.home();
  [anna, boris, clara] = await Promise.all(['Anna', 'Boris', 'Clara'].map((name) => world.person(name, home)));
  await world.pair(anna, boris);
  await world.pair(anna, clara);
  page = await world.page(anna);
});
after(() => world.end());

describe('groups', () => {
  test('a group is made of people whom one has met', async () => {
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByRole('menuitem', { name: 'New group' }).click();
    await page.getByLabel('Name of the group').fill('Shore walks');
    await page.getByLabel('Search people').fill('bor');
    await page.getByRole('checkbox', { name: 'Boris' }).check();
    assert.equal(await page.getByRole('checkbox', { name: 'Clara' }).count(), 0);
    await page.getByRole('button', { name: 'Make the group with 1 person' }).click();
    await page.locator('.middle header', { hasText: 'Shore walks' }).waitFor();
    const chat = await inGroup(boris, 'Shore walks');
    assert.equal(chat.group, true);
    await openInfo(page, 'Shore walks');
    await memberRow(page, 'Boris').waitFor();
    await memberRow(page, 'Anna').getByText('owner').waitFor();
    assert.deepEqual(page.problems, []);
  });

  test('people are added, given roles and removed', async () => {
    await page.getByRole('button', { name: 'Add people' }).click();
    const picker = page.locator('.right');
    assert.equal(await picker.getByRole('checkbox', { name: 'Boris' }).count(), 0, 'who is in is not offered');
    await picker.getByRole('checkbox', { name: 'Clara' }).check();
    await picker.getByRole('button', { name: 'Add 1 person' }).click();
    await inGroup(clara, 'Shore walks');
    await until(async () => (await memberRow(page, 'Clara').getByRole('button').count()) > 0, 'Clara is a member on the page');
    await choose(page, 'Clara', 'Make an admin');
    await memberRow(page, 'Clara').getByText('admin').waitFor();
    await choose(page, 'Boris', 'Let only read');
    await memberRow(page, 'Boris').getByText('reader').waitFor();
    const reader = await world.page(boris);
    await reader.locator('[data-row]', { hasText: 'Shore walks' }).click();
    await reader.getByText('You can read here, not write.').waitFor();
    assert.deepEqual(reader.problems, []);
    await choose(page, 'Boris', 'Remove from the group');
    await page.getByRole('dialog').getByRole('button', { name: 'Remove from the group' }).click();
    await until(async () => (await memberRow(page, 'Boris').count()) === 0, 'Boris is gone from the list');
    await reader.getByText('You are not in this group any more. You can still read it.').first().waitFor();
    await reader.locator('[data-line="removed"]', { hasText: 'Anna removed you' }).waitFor();
    assert.equal(await reader.locator('[data-line="made"]').count(), 0, 'what was before he came');
    assert.equal((await boris.call('list_chats')).chats.find((each) => each.name === 'Shore walks').unread, 0);
    await world.close(reader);
  });

  test('quiet lines tell who came and what was done, in the words of whoever reads', async () => {
    const line = (on, what, text) => on.locator(`.middle [data-line="${what}"]`, { hasText: text }).waitFor();
    await line(page, 'made', 'You made the group');
    await line(page, 'added', 'You let Boris and Clara in');
    await line(page, 'role', 'You made Clara an admin');
    await line(page, 'removed', 'You removed Boris');
    const other = await world.page(clara, { language: 'ru', width: 360 });
    await other.locator('[data-row]', { hasText: 'Shore walks' }).click();
    // A person's own browser has the language with which it was begun.
    await line(other, 'added', inBrowser ? 'Anna let you in' : 'Anna: вы теперь в группе');
    await line(other, 'role', inBrowser ? 'Anna made you an admin' : 'Anna: вы теперь администратор');
    await line(other, 'removed', inBrowser ? 'Anna removed Boris' : 'Anna: Boris больше не в группе');
    assert.equal(await other.locator('[data-line="made"]').count(), 0);
    assert.deepEqual([...page.problems, ...other.problems], []);
    await world.close(other);
  });

  test('name and settings change for all, and who loses the right sees it at once', async () => {
    await page.locator('.right').getByRole('button', { name: 'Group settings' }).click();
    await page.getByLabel('Name of the group').fill('Shore walks 2026');
    await page.getByRole('button', { name: 'Rename' }).click();
    await inGroup(clara, 'Shore walks 2026');
    await page.getByRole('switch', { name: 'Only admins write' }).check();
    await page.getByLabel('Slow mode').selectOption('60');
    const { chat } = await inGroup(clara, 'Shore walks 2026');
    await until(async () => {
      const about = await clara.call('list_members', { chat });
      return about.announcement_only && about.slow_mode_seconds === 60;
    }, 'Clara knows the settings');
    // Anna is made one who may not any more, while her page looks on.
    const account = (await anna.call('read_account')).account;
    const clarasAccount = (await clara.call('read_account')).account;
    await anna.call('set_role', { chat, account: clarasAccount, role: 'owner' });
    await until(async () => (await clara.call('list_members', { chat })).role === 'owner', 'Clara is an owner');
    await clara.call('set_role', { chat, account, role: 'member' });
    await until(async () => page.getByRole('switch', { name: 'Only admins write' }).isDisabled(), 'what is not allowed cannot be switched');
    assert.equal(await page.getByRole('switch', { name: 'Only admins write' }).isChecked(), true);
    await clara.call('set_role', { chat, account, role: 'owner' });
    await clara.call('set_role', { chat, account: clarasAccount, role: 'member' });
    await until(async () => !(await page.getByRole('switch', { name: 'Only admins write' }).isDisabled()), 'it can be switched again');
    await page.locator('.right').getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByText('Slow mode: one message in 1 minute').waitFor();
    assert.deepEqual(page.problems, []);
  });

  test('what the home has to take waits for it, and says so', async () => {
    await openInfo(page, 'Shore walks 2026');
    await page.locator('.right').getByRole('button', { name: 'Group settings' }).click();
    await home.stop();
    await page.getByRole('switch', { name: 'New people wait for an admin' }).click();
    await page.getByText('There is no way to your home just now. It goes on by itself').waitFor({ timeout: 40_000 });
    await home.resume();
    const { chat } = await inGroup(clara, 'Shore walks 2026');
    await until(async () => (await clara.call('list_members', { chat })).join_by_approval, 'Clara knows it', 60_000);
    await until(async () => page.getByRole('switch', { name: 'New people wait for an admin' }).isChecked(), 'the switch is on');
    await until(async () => (await page.getByText('There is no way to your home just now. It goes').count()) === 0, 'the words are gone');
    await page.locator('.right').getByRole('button', { name: 'Back', exact: true }).click();
    assert.deepEqual(page.problems, []);
  });

  test('a large group says what it is, and its members are searched', async () => {
    const others = await Promise.all(['David', 'Eva', 'Fay', 'Gleb', 'Hanna', 'Ivan'].map((name) => world.person(name, home)));
    for (const each of others) await world.pair(anna, each);
    await page.locator('.right').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByRole('menuitem', { name: 'New group' }).click();
    await page.getByRole('textbox', { name: 'Name of the group' }).fill('All of the coast');
    await page.getByRole('switch', { name: 'Large group' }).check();
    for (const each of ['Boris', 'Clara', ...others.map((one) => one.name)]) await page.getByRole('checkbox', { name: each }).check();
    await page.getByRole('button', { name: 'Make the group with 8 people' }).click();
    await openInfo(page, 'All of the coast');
    await page.getByText('A large group:').waitFor();
    await page.getByRole('heading', { name: '9 members' }).waitFor();
    await page.getByLabel('Search members').fill('GLE');
    await until(async () => (await page.locator('.right li .who').count()) === 1, 'one is found');
    await page.getByLabel('Search members').fill('nobody');
    await page.locator('.right').getByText('Nothing found').waitFor();
    assert.equal((await anna.call('list_members', { chat: (await anna.chatWith('All of the coast')).chat })).post_quantum, false);
    assert.deepEqual(page.problems, []);
  });

  test('the only owner hears that there has to be another one; others leave', async () => {
    await openInfo(page, 'Shore walks 2026');
    await page.getByRole('button', { name: 'Leave the group' }).click();
    await page.getByRole('dialog').getByText('You are the only owner').waitFor();
    await page.keyboard.press('Escape');
    const other = await world.page(clara);
    await openInfo(other, 'Shore walks 2026');
    await other.getByRole('button', { name: 'Leave the group' }).click();
    await other.getByRole('dialog').getByRole('button', { name: 'Leave the group' }).click();
    await until(async () => (await memberRow(page, 'Clara').count()) === 0, 'Clara has gone', 30_000);
    await other.getByText('You are not in this group any more').first().waitFor();
    assert.equal(await other.getByRole('button', { name: 'Leave the group' }).count(), 0);
    assert.deepEqual(other.problems, []);
    await world.close(other);
  });
});
