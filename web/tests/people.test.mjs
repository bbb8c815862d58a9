// Strangers who ask, names, invites for many, blocks, and verifying a person, on the pages of two people.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import encodeQR from 'qr';
import { until, World } from './either_world.mjs';

const world = new World();
const kSeen = join(world.folder, 'camera.y4m'); // what the camera of the browser sees
let home, anna, boris, page, guest;

/** A film of one picture: a code, black on white. */
function filmOf(text) {
  const rows = encodeQR(text, 'raw', { ecc: 'low', border: 4 });
  const [side, scale] = [480, Math.floor(480 / rows.length)];
  const luma = Buffer.alloc(side * side, 235);
  rows.forEach((row, y) => row.forEach((dark, x) => {
    if (!dark) return;
    for (let dy = 0; dy < scale; dy++) luma.fill(16, (y * scale + dy) * side + x * scale, (y * scale + dy) * side + (x + 1) * scale);
  }));
  const frame = Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc(side * side / 2, 128)]);
  writeFileSync(kSeen, Buffer.concat([Buffer.from(`YUV4MPEG2 W${side} H${side} F10:1 Ip A1:1 C420\n`), frame, frame, frame, frame]));
}

async function openMenu(page, item) {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function openTake(page) {
  await page.getByRole('button', { name: 'New chat' }).click();
  await page.getByRole('menuitem', { name: 'Add by link or name' }).click();
}

/** Back from whatever lies over the list of chats. */
async function toList(page) {
  while ((await page.locator('nav .over').count()) > 0) {
    await page.locator('nav .over').getByRole('button', { name: 'Back', exact: true }).click();
    await page.waitForTimeout(100);
  }
}

const field = (page, name) => page.getByRole('textbox', { name, exact: true });

before(async () => {
  filmOf('nothing yet');
  world.browserOptions = { args: ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${kSeen}`] };
  home = await world.home();
  [anna, boris] = await Promise.all(['Anna', 'Boris'].map((name) => world.person(name, home)));
  page = await world.page(anna);
  guest = await world.page(boris);
});
after(() => world.end());

test('who is shown a code has nothing to type but a name', async () => {
  const { link } = await anna.call('make_invite');
  const greta = await world.stranger('Greta');
  const first = await world.page(greta, { width: 360, height: 740 });
  filmOf('a code of something else');
  await first.getByRole('button', { name: 'Scan a QR code' }).click();
  await first.getByRole('alert').getByText('no link of Godwit').waitFor();
  filmOf(`https://home.example/#home=${encodeURIComponent(await home.link())}&invite=${encodeURIComponent(link)}`);
  await first.getByRole('button', { name: 'Scan a QR code' }).click();
  await first.getByRole('heading', { name: 'You are invited' }).waitFor();
  await first.getByLabel('Your name').fill('Greta');
  await first.keyboard.press('Enter');
  await first.locator('.middle header', { hasText: 'Anna' }).waitFor();
  assert.deepEqual(first.problems, []);
  await world.close(first);
});

describe('strangers', () => {
  test('a name is claimed with a passcode, and found by who knows both', async () => {
    await openMenu(page, 'How people find me');
    await field(page, 'Name').fill('аnna'); // the first letter is Cyrillic
    await page.getByRole('button', { name: 'Take this name' }).click();
    await page.getByRole('alert').getByText('This cannot be a name.').waitFor();
    assert.equal(await field(page, 'Name').inputValue(), 'аnna');
    await field(page, 'Name').fill('Anna_K');
    await field(page, 'Passcode').fill('tulips');
    await page.getByRole('button', { name: 'Take this name' }).click();
    await page.getByText('Whoever knows this name and its passcode').waitFor();
    const name = (await anna.call('read_name')).name;
    await page.getByText(name, { exact: true }).waitFor();
    await openTake(guest);
    await field(guest, 'Link or name').fill(name);
    await guest.getByRole('button', { name: 'Find' }).click();
    await guest.getByText('There is no such name at that home').waitFor();
    await guest.getByLabel('Passcode of the name').fill('tulips');
    await guest.getByRole('button', { name: 'Find' }).click();
    await guest.getByText('The home says that this is who has the name.').waitFor();
    await field(guest, 'A few words about yourself').fill('hello <b>from</b> Sunday');
    await guest.getByRole('button', { name: 'Send the request' }).click();
    await guest.getByText('Your request is sent.').waitFor({ timeout: 90_000 });
    assert.deepEqual([page.problems, guest.problems], [[], []]);
  });

  test('nothing of a request shows before it is opened; accepted, it is a chat', async () => {
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    const row = page.locator('.list').getByRole('button', { name: 'Contact requests 1' });
    await row.waitFor();
    await row.click();
    await page.getByText('Somebody wants to contact you').waitFor();
    assert.equal(await page.getByText(/Boris|Sunday/).count(), 0, 'nothing of it is on the page');
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByText('hello <b>from</b> Sunday').waitFor();
    await page.getByText('Boris').waitFor();
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.locator('.middle header', { hasText: 'Boris' }).waitFor();
    assert.equal(await row.count(), 0, 'nothing waits any more');
    await until(async () => (await boris.call('list_chats')).chats.some((each) => each.name === 'Anna'), 'Boris has the chat');
    assert.deepEqual(page.problems, []);
  });

  test('requests are declined one by one and all at once; a blocked one is heard no more', async () => {
    const { link } = await anna.call('resolve_name', { name: (await anna.call('read_name')).name, passcode: 'tulips' });
    const [clara, david, eve] = await Promise.all(['Clara', 'David', 'Eve'].map((name) => world.person(name, home)));
    for (const each of [clara, david, eve]) await each.call('send_contact_request', { link, greeting: `I am ${each.name}` });
    await page.locator('.list').getByRole('button', { name: 'Contact requests 3' }).click();
    await page.getByRole('button', { name: 'Decline', exact: true }).first().click();
    await until(async () => (await anna.call('list_contact_requests')).requests.length === 2, 'one was declined');
    await page.getByRole('button', { name: 'Show', exact: true }).first().click();
    await page.getByRole('button', { name: 'Block', exact: true }).click();
    await until(async () => (await anna.call('list_blocked')).accounts.length === 1, 'one is blocked');
    assert.deepEqual((await anna.call('list_blocked')).accounts, [(await david.call('read_account')).account]);
    await david.call('send_contact_request', { link, greeting: 'again' });
    await clara.call('send_contact_request', { link, greeting: '' });
    await until(async () => (await anna.call('list_contact_requests')).requests.length === 2, 'another one waits, and not that of the blocked one');
    await page.waitForTimeout(500);
    assert.equal((await anna.call('list_contact_requests')).requests.length, 2);
    await page.getByRole('button', { name: 'Decline all' }).click();
    await page.getByRole('dialog').getByText('2 requests are removed.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Decline all' }).click();
    await page.getByText('Nobody asks to contact you.').waitFor();
    await page.getByRole('button', { name: 'Blocked 1' }).click();
    await page.getByText('Somebody without a chat').waitFor();
    await page.getByRole('button', { name: 'Unblock' }).click();
    await page.getByText('You have blocked nobody.').waitFor();
    assert.deepEqual((await anna.call('list_blocked')).accounts, []);
    assert.deepEqual(page.problems, []);
  });

  test('an invite for many is made, taken, and revoked', async () => {
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: 'How people find me' }).click();
    await page.getByLabel('How many may use it').selectOption('10');
    await page.getByRole('button', { name: 'Make an invite' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Copy the link' }).click();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.keyboard.press('Escape');
    await page.getByText('10 people can still use it').waitFor();
    const fay = await world.person('Fay', home);
    const other = await world.page(fay);
    await openTake(other);
    await field(other, 'Link or name').fill(link);
    await other.getByText('This link is an invite for several people.').waitFor();
    await other.getByRole('button', { name: 'Send the request' }).click();
    await other.locator('[data-row]', { hasText: 'Anna' }).waitFor({ timeout: 90_000 });
    await page.getByText('9 people can still use it').waitFor();
    assert.deepEqual(other.problems, []);
    await world.close(other);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await until(async () => (await anna.call('list_open_invites')).invites.length === 0, 'it is revoked');
    await until(async () => (await page.getByRole('button', { name: 'Revoke' }).count()) === 0, 'it is gone from the page');
    await page.getByRole('button', { name: 'Give the name back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Give the name back' }).click();
    await page.getByText('If you take a name').waitFor();
    assert.deepEqual(page.problems, []);
  });
});

describe('a person whom one has met', () => {
  test('is verified by scanning the other code, and another code is refused', async () => {
    const chat = (await anna.chatWith('Boris')).chat;
    const { digits } = await boris.call('read_safety_number', { chat });
    await toList(page);
    await page.locator('[data-row]', { hasText: 'Boris' }).click();
    await page.getByRole('button', { name: 'What to do with this chat' }).click();
    await page.getByRole('menuitem', { name: 'Verify' }).click();
    await page.getByRole('img', { name: 'The safety number as a QR code' }).waitFor();
    const groups = await page.getByRole('list', { name: 'Safety number' }).getByRole('listitem').allTextContents();
    assert.equal(groups.length, 12);
    assert.equal(groups.join(''), digits.replace(/\D/g, ''));
    filmOf(`godwit:v#${'7'.repeat(60)}`);
    await page.getByRole('button', { name: 'Scan the other code' }).click();
    await page.getByRole('alert').getByText('This is another number.').waitFor();
    assert.equal((await anna.chatWith('Boris')).verified, false);
    filmOf(`godwit:v#${digits.replace(/\D/g, '')}`);
    await page.getByRole('button', { name: 'Scan the other code' }).click();
    await page.getByText('Verified: nobody stands between you and Boris.').waitFor();
    assert.equal((await anna.chatWith('Boris')).verified, true);
    await page.locator('.middle header').getByTitle('Verified').waitFor();
    await page.locator('[data-row]', { hasText: 'Boris' }).getByTitle('Verified').waitFor();
    assert.deepEqual(page.problems, []);
  });

  test('is verified by pasting the number, or by the word of the person', async () => {
    const chat = (await boris.chatWith('Anna')).chat;
    const { digits } = await anna.call('read_safety_number', { chat });
    await toList(guest);
    await guest.locator('[data-row]', { hasText: 'Anna' }).click();
    await guest.locator('.middle header .who').click();
    await guest.locator('.right').getByRole('button', { name: /^Verify/ }).click();
    const paste = guest.getByRole('textbox', { name: 'Or paste the other’s number' });
    await paste.fill('12345');
    await guest.getByRole('button', { name: 'Compare', exact: true }).click();
    await guest.getByText('it has 60 digits').waitFor();
    await paste.fill('1'.repeat(60));
    await guest.getByRole('button', { name: 'Compare', exact: true }).click();
    await guest.getByRole('alert').getByText('This is another number.').waitFor();
    await guest.getByRole('button', { name: 'We have compared it aloud' }).click();
    await guest.getByRole('dialog').getByText('all 60 digits').waitFor();
    await guest.keyboard.press('Escape');
    assert.equal((await boris.chatWith('Anna')).verified, false);
    await paste.fill(digits.replace(/\D/g, '').replace(/(.{5})/g, '$1 '));
    await guest.getByRole('button', { name: 'Compare', exact: true }).click();
    await guest.getByText('Verified: nobody stands between you and Anna.').waitFor();
    assert.equal((await boris.chatWith('Anna')).verified, true);
    assert.deepEqual(guest.problems, []);
  });

  test('is blocked and unblocked from the info of the chat', async () => {
    await guest.locator('.right').getByRole('button', { name: 'Back', exact: true }).click();
    await guest.locator('.right').getByRole('button', { name: 'Block', exact: true }).click();
    await guest.getByRole('dialog').getByRole('button', { name: 'Block', exact: true }).click();
    await guest.locator('.middle header').getByText('Blocked: nothing comes in').waitFor();
    const chat = (await anna.chatWith('Boris')).chat;
    await anna.call('send_text', { chat, text: 'are you there?' });
    await guest.locator('.right').getByRole('button', { name: /^Unblock/ }).click();
    await until(async () => (await guest.getByText('Blocked: nothing comes in').count()) === 0, 'the mark is gone');
    await anna.call('send_text', { chat, text: 'and now?' });
    await guest.locator('.middle').getByText('and now?').first().waitFor();
    assert.equal(await guest.locator('.middle').getByText('are you there?').count(), 0);
    assert.deepEqual(guest.problems, []);
  });
});
