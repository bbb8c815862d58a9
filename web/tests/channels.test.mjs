// Channels: one person writes, another reads; what the home, the reader and the writer may do.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { drawPicture, recordVideo } from './fake_devices.mjs';
import { inBrowser, until, World } from './either_world.mjs';

const world = new World();
let home, anna, boris, writer, reader, link, group;

before(async () => {
  home = await world.home();
  anna = await world.person('Anna', home);
  boris = await world.person('Boris', home);
  await world.pair(anna, boris);
  ({ chat: group } = await anna.call('new_group', { name: 'Tide talk' }));
  writer = await world.page(anna);
  reader = await world.page(boris);
});
after(() => world.end());

const article = (page, text) => page.locator('article', { hasText: text });
const menuItem = (page, name) => page.getByRole('menuitem', { name, exact: true });

async function newChat(page, name) {
  await page.getByRole('button', { name: 'New chat' }).click();
  await menuItem(page, name).click();
}

async function postMenu(page, text, name) {
  await article(page, text).getByRole('button', { name: 'What to do with this post' }).click();
  await menuItem(page, name).click();
}

async function channelMenu(page, name) {
  await page.getByRole('button', { name: 'What to do with this channel' }).click();
  await menuItem(page, name).click();
}

async function write(page, text) {
  await page.getByLabel('Write a post').fill(text);
  await page.getByRole('button', { name: 'Post', exact: true }).click();
}

test('a channel is made, says what the home can read, and is posted to', async () => {
  await newChat(writer, 'New channel');
  await writer.getByText('Only those who have the link can read it').waitFor();
  await writer.getByText('and whoever runs it, can read all of it too').waitFor();
  await writer.getByLabel('Name of the channel').fill('Tides');
  await writer.getByLabel('About').fill('High water, every day');
  await writer.getByRole('button', { name: 'Make the channel' }).click();
  await writer.getByText('Write the first post').waitFor();
  await write(writer, 'High water at 6:10 — see https://tides.example/today');
  await article(writer, 'High water at 6:10').waitFor();
  assert.equal(await article(writer, '6:10').getByRole('link').getAttribute('href'), 'https://tides.example/today');
  [{ link }] = (await anna.call('list_channels')).channels;
});

test('its link is shared as text and code', async () => {
  await channelMenu(writer, 'Share the link');
  await writer.getByRole('img', { name: 'The channel’s link as a QR code' }).waitFor();
  await writer.getByRole('button', { name: 'Copy the link' }).click();
  // Where the page has an address of its own, the link is one of it.
  const handedOn = inBrowser ? `${world.origin}#invite=${encodeURIComponent(link)}` : link;
  assert.equal(await writer.evaluate(() => navigator.clipboard.readText()), handedOn);
  await writer.keyboard.press('Escape');
});

test('a link that is none is refused in words, and stays in the field', async () => {
  await newChat(reader, 'Follow a channel');
  await reader.getByLabel('Link of the channel').fill('godwit:c#nothing');
  await reader.getByRole('button', { name: 'Follow', exact: true }).click();
  await reader.getByRole('alert').first().waitFor();
  assert.equal(await reader.getByLabel('Link of the channel').inputValue(), 'godwit:c#nothing');
});

test('it is followed by its link, and stands among the chats', async () => {
  await reader.getByLabel('Link of the channel').fill(link);
  await reader.getByRole('button', { name: 'Follow', exact: true }).click();
  await article(reader, 'High water at 6:10').waitFor();
  await reader.locator('[data-row]', { hasText: 'Tides' }).waitFor();
  assert.equal(await reader.getByLabel('Write a post').count(), 0, 'a reader has nothing to write with');
});

test('what is new is counted until it was seen, also after a reload', async () => {
  await reader.locator('[data-row]', { hasText: 'Anna' }).click();
  await write(writer, 'Low water at 12:20');
  const row = reader.locator('[data-row]', { hasText: 'Tides' });
  await row.getByText('1 new post').waitFor();
  await row.getByText('Low water at 12:20').waitFor();
  await reader.reload();
  await row.getByText('1 new post').waitFor();
  await row.click();
  await reader.getByText('New posts', { exact: true }).waitFor();
  await article(reader, 'Low water at 12:20').waitFor();
  await row.getByText('1 new post').waitFor({ state: 'detached' });
});

test('what another program of the reader has read is read here, and the title counts', async () => {
  await reader.locator('[data-row]', { hasText: 'Anna' }).click();
  await write(writer, 'Springs on Sunday');
  const row = reader.locator('[data-row]', { hasText: 'Tides' });
  await row.getByText('1 new post').waitFor();
  await until(async () => (await reader.title()).startsWith('('), 'the title counts it');
  const [{ channel, newest }] = (await boris.call('list_channels')).channels;
  assert.equal(newest.text, 'Springs on Sunday');
  await boris.call('mark_channel_read', { channel, through: newest.post });
  await row.getByText('1 new post').waitFor({ state: 'detached' });
});

test('a reader mutes a channel, and its posts are not counted in the title', async () => {
  const row = reader.locator('[data-row]', { hasText: 'Tides' });
  await row.click();
  await article(reader, 'Springs on Sunday').waitFor();
  await channelMenu(reader, 'Mute');
  await reader.getByRole('dialog').getByRole('button', { name: 'Always' }).click();
  await row.getByTitle('Muted', { exact: true }).waitFor();
  await reader.locator('[data-row]', { hasText: 'Anna' }).click();
  const before = await reader.title();
  await write(writer, 'Neaps on Monday');
  await row.getByText('1 new post').waitFor();
  assert.equal(await reader.title(), before);
  await row.click();
  await row.getByText('1 new post').waitFor({ state: 'detached' });
  await channelMenu(reader, 'Unmute');
  await row.getByTitle('Muted', { exact: true }).waitFor({ state: 'detached' });
});

test('files go with a post, and a reader saves them as they were', async () => {
  const bytes = Buffer.from('site,height\nspit,2.4\n'.repeat(2000));
  await writer.locator('input[type=file]').setInputFiles([{ name: 'tides.csv', mimeType: 'text/csv', buffer: bytes }]);
  await write(writer, 'The table of the month');
  await article(writer, 'The table of the month').waitFor();
  const post = article(reader, 'The table of the month');
  await post.waitFor();
  const [download] = await Promise.all([reader.waitForEvent('download'), post.getByRole('button', { name: 'Save tides.csv' }).click()]);
  assert.deepEqual(readFileSync(await download.path()), bytes);
});

test('a picture of a post is opened, its film and its sound are played', async () => {
  const sound = Buffer.alloc(44 + 16_000);
  sound.write('RIFF', 0);
  sound.writeUInt32LE(36 + 16_000, 4);
  sound.write('WAVEfmt ', 8);
  sound.writeUInt32LE(16, 16);
  for (const [at, value] of [[20, 1], [22, 1], [32, 2], [34, 16]]) sound.writeUInt16LE(value, at);
  sound.writeUInt32LE(8000, 24);
  sound.writeUInt32LE(16_000, 28);
  sound.write('data', 36);
  sound.writeUInt32LE(16_000, 40);
  if (!inBrowser) await reader.route('**/files/*/flood.png', (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()));
  await writer.locator('input[type=file]').setInputFiles([
    { name: 'flood.png', mimeType: 'image/png', buffer: await drawPicture(world, 900, 600) },
    { name: 'waves.webm', mimeType: 'video/webm', buffer: await recordVideo(world) },
    { name: 'surf.wav', mimeType: 'audio/wav', buffer: sound },
  ]);
  await write(writer, 'The flood of today');
  const post = article(reader, 'The flood of today');
  const picture = post.getByRole('button', { name: 'Open picture flood.png' });
  if (!inBrowser) {
    await picture.getByText('Try again').waitFor();
    await reader.unroute('**/files/*/flood.png');
    await picture.click();
    reader.problems = reader.problems.filter((each) => !each.includes('ERR_FAILED')); // what was broken on purpose
  }
  await picture.locator('canvas.shown').waitFor();
  await picture.click();
  const dialog = reader.locator('dialog[open]');
  await dialog.getByRole('img', { name: 'Picture flood.png' }).waitFor();
  await dialog.getByText('The flood of today').waitFor();
  await reader.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await post.getByRole('button', { name: 'Play video waves.webm' }).click();
  await until(() => dialog.locator('video').evaluate((each) => each.currentTime > 0.2 || each.ended).catch(() => false), 'it plays');
  await reader.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await post.getByRole('button', { name: 'Play surf.wav' }).click();
  await post.getByRole('button', { name: 'Pause surf.wav' }).waitFor();
  await post.getByRole('button', { name: 'Play surf.wav' }).waitFor(); // it has come to its end
});

test('a post is edited, and everybody sees it', async () => {
  await postMenu(writer, 'Low water', 'Edit');
  assert.equal(await writer.getByLabel('Write a post').inputValue(), 'Low water at 12:20');
  await write(writer, 'Low water at 12:35');
  await article(reader, 'Low water at 12:35').getByText('edited').waitFor();
  await article(writer, 'Low water at 12:35').waitFor();
});

test('words of a post are formatted as those of a chat, and edited with their marks', async () => {
  await write(writer, 'Storm **tomorrow**\n> stay inside');
  const post = article(reader, 'Storm');
  await post.locator('.bold', { hasText: 'tomorrow' }).waitFor();
  await post.locator('blockquote', { hasText: 'stay inside' }).waitFor();
  await article(writer, 'Storm').locator('.bold').waitFor();
  await postMenu(writer, 'Storm', 'Edit');
  assert.equal(await writer.getByLabel('Write a post').inputValue(), 'Storm **tomorrow**\n> stay inside');
  await write(writer, 'Storm __over__');
  await post.locator('.italic', { hasText: 'over' }).waitFor();
  assert.equal(await post.locator('.bold').count(), 0);
});

test('a post is deleted after a question, for everybody', async () => {
  await postMenu(writer, 'Low water at 12:35', 'Delete');
  await writer.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await article(writer, 'Low water').waitFor({ state: 'detached' });
  await article(reader, 'Low water').waitFor({ state: 'detached' });
});

test('a report is a file that proves the post', async () => {
  await postMenu(reader, 'High water', 'Report');
  await reader.getByText('It does not say who reports').waitFor();
  const [download] = await Promise.all([reader.waitForEvent('download'), reader.getByRole('button', { name: 'Save the report' }).click()]);
  const report = readFileSync(await download.path()).toString('base64url');
  const checked = await anna.call('check_report', { report });
  assert.match(checked.text, /^High water at 6:10/);
  await reader.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
});

test('name and description are changed, the picture too', async () => {
  await channelMenu(writer, 'Edit channel');
  const dialog = writer.getByRole('dialog');
  assert.equal(await dialog.getByLabel('About').inputValue(), 'High water, every day');
  await dialog.getByLabel('Name of the channel').fill('Tides of the spit');
  await dialog.locator('input[type=file]').setInputFiles({ name: 'x.png', mimeType: 'image/png', buffer: readFileSync(new URL('../public/icons/godwit-192.png', import.meta.url)) });
  await dialog.getByRole('button', { name: 'No picture' }).waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await reader.locator('header', { hasText: 'Tides of the spit' }).waitFor();
  const channel = await until(async () => (await boris.call('list_channels')).channels.find((each) => each.picture), 'the picture has come');
  assert.equal(channel.description, 'High water, every day');
});

test('everything that the page of a channel offers opens from there too', async () => {
  await channelMenu(writer, 'Info');
  const info = writer.getByRole('region', { name: 'Info' });
  for (const [button, title] of [['Share the link', 'Share the link'], ['Edit channel', 'Edit channel'], ['Discussion', 'Discussion'], ['End the channel', /^End/]]) {
    await info.getByRole('button', { name: button }).click();
    await writer.getByRole('dialog', { name: title }).waitFor();
    await writer.keyboard.press('Escape');
    await writer.getByRole('dialog').waitFor({ state: 'detached' });
  }
  await info.getByRole('button', { name: 'Close' }).click();
});

test('it is talked about in a group, which a reader joins from a post', async () => {
  await channelMenu(writer, 'Discussion');
  await writer.getByRole('dialog').getByRole('button', { name: 'Tide talk' }).click();
  await writer.getByRole('dialog').waitFor({ state: 'detached' });
  await article(reader, 'High water').getByRole('button', { name: 'Discuss' }).click();
  await reader.getByRole('button', { name: 'Join the group' }).click();
  await until(async () => (await boris.call('list_chats')).chats.some((each) => each.chat === group.chat), 'Boris is in the group');
  await reader.getByRole('textbox', { name: 'Message' }).waitFor();
  await reader.locator('main header', { hasText: 'Tide talk' }).waitFor();
  await reader.locator('[data-row]', { hasText: 'Tides of the spit' }).click();
  await article(reader, 'High water').getByRole('button', { name: 'Discuss' }).click();
  await reader.locator('main header', { hasText: 'Tide talk' }).waitFor(); // a member is led there at once
});

test('older posts are read when one scrolls up', async () => {
  const [{ channel }] = (await anna.call('list_channels')).channels;
  for (let n = 1; n <= 70; n++) await anna.call('post', { channel, text: `Post number ${n}.` });
  await reader.reload();
  await reader.locator('[data-row]', { hasText: 'Tides of the spit' }).click();
  await article(reader, 'Post number 70.').waitFor();
  // It was opened at the first new post. Once all is read it is opened at the end.
  await until(async () => {
    await reader.locator('.scroller').evaluate((each) => each.scrollTo(0, each.scrollHeight));
    return (await reader.locator('[data-row] .badge').count()) === 0;
  }, 'all is read');
  await reader.reload();
  await article(reader, 'Post number 70.').waitFor();
  assert.equal(await article(reader, 'High water').count(), 0);
  await until(async () => {
    await reader.locator('.scroller').evaluate((each) => each.scrollTo(0, 0));
    return (await article(reader, 'High water').count()) > 0;
  }, 'the first post is shown');
});

test('a post is found by its words, and jumped to', async () => {
  await reader.locator('[data-row]', { hasText: 'Anna' }).click();
  await reader.locator('[data-search]').fill('springs');
  const found = reader.locator('.list .found');
  await until(async () => (await found.count()) === 1, 'the one post is found');
  assert.match(await found.first().textContent(), /Tides.*Springs on Sunday/s);
  await found.first().click();
  await until(async () => {
    const [box, list] = [await article(reader, 'Springs on Sunday').boundingBox(), await reader.locator('.scroller').boundingBox()];
    return box && list && box.y > list.y && box.y + box.height < list.y + list.height;
  }, 'it is in view');
  await reader.locator('[data-search]').fill('');
});

test('what could not be posted is not lost', async () => {
  await home.stop();
  const text = 'Written while the home was away';
  await write(writer, text);
  await writer.getByText('On its way to the home…').first().waitFor();
  await home.resume();
  await article(writer, text).waitFor();
});

test('files that were picked for a post stay while something else is open, and the browser asks before they are lost', async () => {
  await writer.locator('input[type=file]').setInputFiles([{ name: 'high water.txt', mimeType: 'text/plain', buffer: Buffer.from('6:10') }]);
  await writer.locator('footer').getByText('high water.txt').waitFor();
  await writer.evaluate(() => {
    history.pushState({ place: { chat: null, channel: null, left: null, right: null } }, '');
    dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
  });
  await writer.getByText('high water.txt').waitFor({ state: 'detached' });
  const asks = () => writer.evaluate(() => !dispatchEvent(new Event('beforeunload', { cancelable: true })));
  assert.equal(await asks(), true);
  await writer.locator('[data-row]', { hasText: 'Tides' }).click();
  await writer.getByRole('button', { name: 'Leave out high water.txt' }).click();
  assert.equal(await asks(), false);
});

test('one who unfollows keeps nothing, and an ended channel is gone', async () => {
  await channelMenu(reader, 'Unfollow');
  await reader.getByRole('dialog').getByRole('button', { name: 'Unfollow' }).click();
  await reader.locator('[data-row]', { hasText: 'Tides' }).waitFor({ state: 'detached' });
  assert.equal((await boris.call('list_channels')).channels.length, 0);
  await channelMenu(writer, 'End the channel');
  await writer.getByRole('dialog').getByRole('button', { name: 'End the channel' }).click();
  await writer.locator('[data-row]', { hasText: 'Tides' }).waitFor({ state: 'detached' });
  assert.equal((await anna.call('list_channels')).channels.length, 0);
});

test('nothing was logged as an error', () => {
  assert.deepEqual([writer.problems, reader.problems], [[], []]);
});
