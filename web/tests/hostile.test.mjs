// Names that others have chosen, full of HTML, marks of direction and letters without width, wherever the page shows a name; and files
// that are named like paths of a system.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { upload } from './scene.mjs';
import { until, World } from './world.mjs';

const kTurned = '\u202E'; // everything after it is shown from right to left
const kNothing = '\u200B';
const html = (what) => `<img src=x onerror=hacked=1>${kTurned}${kNothing}${what}`;
// Of all that is like a name the engine refuses marks of direction already.
const named = (what) => `<img src=x onerror=hacked=1>${kNothing}${what}`;
const world = new World();
let anna, boris, chat, group, page;

before(async () => {
  const home = await world.home();
  anna = await world.person('Anna', home);
  boris = await world.stranger('Boris');
  await boris.call('new_account', { name: named('Boris'), home_link: await home.link() });
  chat = await world.pair(anna, boris);
  ({ chat: { chat: group } } = await boris.call('new_group', { name: named('Group') }));
  await boris.call('add_members', { chat: group, accounts: [(await anna.call('read_account')).account] });
  const made = (await boris.call('new_channel', { name: named('Channel'), description: named('Description') })).channel;
  await boris.call('post', { channel: made.channel, text: html('Post') });
  await anna.call('follow_channel', { link: made.link });
  await anna.call('claim_name', { name: 'anna_k', passcode: 'tulips-1' });
  const stranger = await world.stranger('Mallory');
  await stranger.call('new_account', { name: named('Mallory'), home_link: await home.link() });
  const { link } = await stranger.call('resolve_name', { name: (await anna.call('read_name')).name, passcode: 'tulips-1' });
  await stranger.call('send_contact_request', { link, greeting: named('Greeting') });
  await until(async () => (await anna.call('list_contact_requests')).requests.length === 1, 'the stranger has asked');
  await until(async () => (await anna.call('list_chats')).chats.some((each) => each.chat === group && each.member), 'Anna is in the group');
  for (const each of [chat, group]) {
    await boris.call('send_poll', { chat: each, question: named('Question'), options: [named('Option 1'), named('Option 2')] });
    await boris.call('send_location', { chat: each, latitude: 55_000_000, longitude: 37_000_000, name: named('Place') });
    await boris.call('send_contact', { chat: each, name: named('Contact'), text: named('Card') });
  }
  await anna.call('set_chat', { chat, draft: html('Draft') });
  page = await world.page(anna);
});
after(() => world.end());

/** Nothing was made of HTML, nothing turns or hides what stands beside a name, and nothing is wider than the page. */
async function isHarmless(what, { messages = false } = {}) {
  const found = await page.evaluate(() => {
    // The words of a post are read out as they are.
    const names = [...document.querySelectorAll('bdi, [title], [aria-label]')];
    return {
      hacked: globalThis.hacked ?? 0,
      made: document.querySelectorAll('img[src="x"], script:not([src])').length,
      turned: names.flatMap((each) => [each.tagName === 'BDI' ? each.textContent : '', each.getAttribute('title') ?? '', each.getAttribute('aria-label') ?? '']).filter((each) => !each.endsWith('Post')).filter((each) => /[\u202A-\u202E\u2066-\u2069\u200B]/.test(each)),
      title: document.title,
    };
  });
  assert.deepEqual(found, { hacked: 0, made: 0, turned: [], title: found.title }, what);
  assert.doesNotMatch(found.title, /[\u202A-\u202E\u200B]/);
  // A page that slides in is wider for a moment.
  await until(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${what}: nothing is wider than the page`);
  if (messages) assert.ok((await page.locator('article').count()) > 2);
}

const open = (name) => page.locator('[data-row]', { has: page.locator('.name', { hasText: name }) }).first().click();
async function menu(item) {
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

test('in the list of chats, with drafts and previews', async () => {
  for (const each of ['Boris', 'Group', 'Channel']) await page.locator('[data-row] .name', { hasText: each }).first().waitFor();
  await page.getByText('Draft', { exact: false }).first().waitFor();
  await isHarmless('list');
});

test('in a chat, its polls, places and cards, and in what it tells of itself', async () => {
  await open('Boris');
  for (const each of ['Question', 'Option 2', 'Place', 'Contact']) await page.locator('article', { hasText: each }).first().waitFor();
  await isHarmless('chat', { messages: true });
  await page.locator('.middle header .who').click();
  await page.locator('.right h3').first().waitFor();
  await isHarmless('info');
});

test('in a group, its members and its settings', async () => {
  await open('Group');
  await page.locator('article', { hasText: 'Option 1' }).first().waitFor();
  await page.locator('.middle header .who').click();
  await page.locator('.right li', { hasText: 'Boris' }).waitFor();
  await isHarmless('group', { messages: true });
  await page.locator('textarea').pressSequentially('@');
  await page.getByRole('option').first().waitFor();
  await isHarmless('mentions');
  await page.locator('textarea').fill('');
});

test('in a channel, and a stranger who asks', async () => {
  await open('Channel');
  await page.getByText('Post').first().waitFor();
  await page.locator('.middle header .who').click();
  await page.locator('.right h3').first().waitFor();
  await isHarmless('channel');
  await menu('Contact requests');
  await page.locator('.over').getByRole('button').nth(1).waitFor();
  await isHarmless('requests');
  const row = page.locator('.over li').first();
  if (await row.getByRole('button').count()) await row.getByRole('button').first().click();
  await page.waitForTimeout(500);
  await isHarmless('request, opened');
  await page.locator('.over').getByRole('button', { name: 'Back', exact: true }).click();
});

test('as the name of a device of one’s own', async () => {
  const { devices } = await anna.call('list_devices');
  await anna.call('rename_device', { device: devices[0].device, name: named('Device') });
  await menu('Settings');
  await page.getByRole('button', { name: 'Devices' }).click();
  await page.locator('.over li', { hasText: 'Device' }).first().waitFor();
  await isHarmless('devices');
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Back' }).click();
});

test('a file that is named like a path, or turns its ending round, is shown and saved under a harmless name', async () => {
  await open('Boris');
  const names = ['../../etc/passwd', 'CON.txt', '.bashrc', `invoice${kTurned}fdp.exe`, 'a/b\\c:d.txt', `${kNothing}${kNothing}`];
  for (const [index, name] of names.entries()) {
    const source = await upload(boris, 'x', Buffer.from(`file ${index}`));
    await boris.call('send_file', { chat, source, name, mime: 'application/octet-stream' }).catch((error) => {
      assert.match(String(error), /engine_/, name); // the engine may refuse it already
      names[index] = null;
    });
  }
  const sent = names.filter((each) => each !== null).length;
  assert.ok(sent > 0);
  await until(async () => (await anna.call('read_history', { chat })).messages.filter((each) => each.file).length === sent, 'all have come');
  await page.locator('article', { has: page.getByText('6 bytes') }).nth(sent - 1).waitFor();
  await isHarmless('files');
  const saved = [];
  for (let index = 0; index < sent; index++) {
    const coming = page.waitForEvent('download');
    await page.locator('article', { has: page.getByText('6 bytes') }).nth(index).getByRole('button', { name: /^Save/ }).first().click();
    saved.push((await coming).suggestedFilename());
  }
  for (const each of saved) {
    assert.doesNotMatch(each, /[/\\:\u202A-\u202E\u200B]|^\.|^$/, each);
    assert.doesNotMatch(each, /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i, each);
  }
  assert.ok(saved.some((each) => each.endsWith('.exe')), 'what it is stays at its end');
  assert.deepEqual(page.problems, []);
});
