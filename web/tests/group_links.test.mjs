// Links into groups: made, shown, taken by paste and by camera, waited for, approved, refused, revoked.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inBrowser, until, World } from './either_world.mjs';

const world = new World();
let home, anna, boris, clara, admin, guest, chat;

async function isIn(person) {
  return until(async () => (await person.call('list_chats')).chats.find((each) => each.chat === chat && each.member), `${person.name} is in`);
}

async function openTake(page) {
  await page.getByRole('button', { name: 'New chat' }).click();
  await page.getByRole('menuitem', { name: 'Add by link or name' }).click();
}

/** Makes a link on the admin's page; gives its text. */
async function makeLink({ approval, uses }) {
  const ask = admin.getByRole('switch', { name: 'An admin lets each one in' });
  if ((await ask.isChecked()) !== approval) await ask.click();
  if (uses) await admin.getByLabel('How many may come').selectOption(String(uses));
  await admin.getByRole('button', { name: 'Make a link' }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByRole('img', { name: 'The link as a QR code' }).waitFor();
  await dialog.getByRole('button', { name: 'Copy the link' }).click();
  const text = await admin.evaluate(() => navigator.clipboard.readText());
  await admin.keyboard.press('Escape');
  return text;
}

before(async () => {
  home = await world.home();
  [anna, boris, clara] = await Promise.all(['Anna', 'Boris', 'Clara'].map((name) => world.person(name, home)));
  ({ chat: { chat } } = await anna.call('new_group', { name: 'Tide tables' }));
  admin = await world.page(anna);
  guest = await world.page(boris);
});
after(() => world.end());

describe('links into groups', () => {
  test('a link that lets in at once is made, shown and taken', async () => {
    await admin.locator('[data-row]', { hasText: 'Tide tables' }).click();
    await admin.locator('.middle header .who').click();
    await admin.getByRole('button', { name: 'Links into the group' }).click();
    await admin.getByText('There is no link into this group now.').waitFor();
    const link = await makeLink({ approval: false, uses: 10 });
    assert.match(link, inBrowser ? /^https:\/\/127\.0\.0\.1:\d+\/#invite=godwit%3Ag%23[\w-]+$/ : /^godwit:g#[\w-]+$/);
    await admin.getByText('lets in at once').waitFor();
    await openTake(guest);
    await guest.getByRole('textbox', { name: 'Link or name' }).fill(`Come to us: ${link} !`);
    await guest.getByRole('button', { name: 'Ask to join' }).click();
    await guest.locator('.middle header', { hasText: 'Tide tables' }).waitFor();
    await isIn(boris);
    await admin.getByText('1 of 10 used').waitFor();
    assert.deepEqual(guest.problems, []);
  });

  test('with approval one waits, an admin sees the greeting and lets in', async () => {
    const link = await makeLink({ approval: true });
    const page = await world.page(clara);
    await openTake(page);
    await page.getByRole('textbox', { name: 'Link or name' }).fill(link);
    await page.getByLabel('A few words to the admins').fill('Clara from the north dyke');
    await page.getByRole('button', { name: 'Ask to join' }).click();
    await page.getByText('An admin looks at your request').waitFor();
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByText('Waiting for an admin').waitFor();
    await admin.getByRole('button', { name: '1 person waits to be let in', exact: true }).click();
    await admin.getByText('Clara from the north dyke').waitFor();
    await admin.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('You were not let into Tide tables.').waitFor();
    assert.equal(await page.getByText('Waiting for an admin').count(), 0);
    await admin.getByText('Nobody waits to be let in.').waitFor();
    await openTake(page);
    await page.getByRole('textbox', { name: 'Link or name' }).fill(link);
    await page.getByRole('button', { name: 'Ask to join' }).click();
    await admin.getByRole('button', { name: 'Let in', exact: true }).click();
    await isIn(clara);
    await page.locator('.middle header', { hasText: 'Tide tables' }).waitFor();
    assert.deepEqual(page.problems, []);
    await world.close(page);
  });

  test('a revoked link leads nowhere, and the page says so', async () => {
    await admin.locator('.right').getByRole('button', { name: 'Back', exact: true }).click();
    const link = await makeLink({ approval: false });
    const count = await admin.getByRole('button', { name: 'Revoke' }).count();
    assert.equal(count, 3);
    const links = (await anna.call('list_group_links', { chat })).links;
    const at = links.findIndex((each) => each.text === link);
    await admin.getByRole('button', { name: 'Revoke' }).nth(at).click();
    await admin.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await until(async () => (await admin.getByRole('button', { name: 'Revoke' }).count()) === 2, 'the link is gone from the list');
    const david = await world.person('David', home);
    const page = await world.page(david);
    await openTake(page);
    await page.getByRole('textbox', { name: 'Link or name' }).fill(link);
    await page.getByRole('button', { name: 'Ask to join' }).click();
    await page.getByText(/does not lead in any more|not let into/).first().waitFor();
    await page.getByRole('textbox', { name: 'Link or name' }).fill(`${link.slice(0, -4)}`);
    await page.getByRole('button', { name: 'Ask to join' }).click();
    await page.getByRole('alert').getByText('was changed on the way').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Link or name' }).inputValue(), link.slice(0, -4), 'what was pasted is still there');
    assert.deepEqual(page.problems, []);
    await world.close(page);
  });

  test('a link in a message leads to where it is taken, on a phone too', async () => {
    const eva = await world.person('Eva', home);
    const direct = await world.pair(anna, eva);
    const { text } = await anna.call('make_group_link', { chat, approval: true });
    await anna.call('send_text', { chat: direct, text: `This is where we are: ${text}` });
    const page = await world.page(eva, { width: 360, height: 740 });
    await page.locator('[data-row]', { hasText: 'Anna' }).click();
    await page.getByRole('link', { name: /^godwit:g#/ }).click();
    await page.getByText('This link leads into a group.').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Link or name' }).inputValue(), text);
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.locator('textarea').waitFor();
    assert.deepEqual(page.problems, []);
    await world.close(page);
  });

  test('who opens the page with a link and has no account yet is asked for a home only if that of the group refuses, and then comes to the group', async () => {
    const { text } = await anna.call('make_group_link', { chat });
    const fay = await world.stranger('Fay');
    const page = await world.page(fay, { query: `&invite=${encodeURIComponent(text)}` });
    await page.getByRole('textbox', { name: 'Your name' }).fill('Fay');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('textbox', { name: 'Your invite, or the link of your home' }).fill(await home.link());
    assert.equal(await page.getByRole('textbox', { name: 'Your name' }).inputValue(), 'Fay');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('button', { name: 'Ask to join' }).click();
    await page.locator('.middle header', { hasText: 'Tide tables' }).waitFor();
    await isIn(fay);
    assert.deepEqual(page.problems, []);
    await world.close(page);
  });

  test('what is no link is said to be none, and links for elsewhere say where', async () => {
    await openTake(guest);
    const field = guest.getByRole('textbox', { name: 'Link or name' });
    for (const [text, answer] of [
      ['https://example.org/group', 'This is no link of Godwit and no name.'],
      ['godwit:d#AAAA', 'Open it on the new device'],
      ['godwit-home:AAAA', 'This is the link of a home.'],
      [`godwit:v#${'1'.repeat(60)}`, 'This is a safety number.'],
    ]) {
      await field.fill(text);
      if (answer.startsWith('This is no link')) assert.equal(await guest.getByText(answer).count(), 0, 'nobody is told so while he writes');
      await field.press('Enter');
      await guest.getByText(answer).waitFor();
      assert.equal(await guest.getByRole('button', { name: 'Start chatting' }).count(), 0, text);
    }
    assert.deepEqual(guest.problems, []);
    assert.deepEqual(admin.problems, []);
  });
});
