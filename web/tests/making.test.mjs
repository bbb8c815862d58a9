// What is sent and is no text: polls, places, cards; and what is sent later.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until, World } from './either_world.mjs';

const world = new World();
let anna, boris, clara, chat, page, other;

before(async () => {
  const home = await world.home();
  [anna, boris, clara] = [await world.person('Anna', home), await world.person('Boris', home), await world.person('Clara', home)];
  chat = await world.pair(anna, boris);
  await world.pair(anna, clara);
  const geolocation = { latitude: 55.751244, longitude: 37.618423, accuracy: 18 };
  page = await world.page(anna, { permissions: ['geolocation'], geolocation });
  other = await world.page(boris);
  for (const [each, name] of [[page, 'Boris'], [other, 'Anna']]) await each.locator('[data-row]', { hasText: name }).click();
});
after(() => world.end());

const option = (n) => page.getByRole('dialog').getByRole('textbox', { name: `Option ${n}`, exact: true });

async function attach(item, on = page) {
  await on.getByRole('button', { name: 'Attach' }).click();
  await on.getByRole('menuitem', { name: item }).click();
}

test('a poll is made, counted on both sides, and takes several answers', async () => {
  await attach('Poll');
  const dialog = page.getByRole('dialog');
  const send = dialog.getByRole('button', { name: 'Send' });
  assert.ok(await send.isDisabled(), 'without a question there is nothing to send');
  await dialog.getByLabel('Question').fill('When shall we count?');
  await option(1).fill('Saturday');
  await option(1).press('Enter');
  await page.keyboard.type('Saturday');
  await option(3).fill('Sunday');
  await dialog.getByText('Several can be chosen').click();
  await send.click();
  await dialog.getByText('Two options are the same.').waitFor();
  assert.equal(await dialog.getByLabel('Question').inputValue(), 'When shall we count?', 'nothing is lost');
  await dialog.getByRole('button', { name: 'Remove option 2' }).click();
  await option(3).fill('Never');
  await send.click();
  await dialog.waitFor({ state: 'detached' });
  const poll = other.locator('article', { hasText: 'When shall we count?' });
  await poll.getByRole('checkbox', { name: 'Saturday' }).click();
  await until(async () => (await poll.locator('.count').allTextContents()).join() === '1,0,0', 'the first vote is counted');
  await poll.getByRole('checkbox', { name: 'Sunday' }).click();
  const own = page.locator('article', { hasText: 'When shall we count?' });
  await own.getByRole('checkbox', { name: 'Never' }).click();
  await own.getByText('2 people have voted').waitFor();
  assert.deepEqual(await own.locator('.count').allTextContents(), ['1', '1', '1']);
});

test('who has made a poll ends it, after a question; nobody votes any more', async () => {
  const own = page.locator('article', { hasText: 'When shall we count?' });
  const poll = other.locator('article', { hasText: 'When shall we count?' });
  await poll.locator('legend').click({ button: 'right' });
  await other.getByRole('menuitem', { name: 'Copy text' }).or(other.getByRole('menuitem', { name: 'Reply' })).first().waitFor();
  assert.equal(await other.getByRole('menuitem', { name: 'End the poll' }).count(), 0, 'it is not theirs');
  await other.keyboard.press('Escape');
  await own.locator('legend').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'End the poll' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End the poll' }).click();
  for (const each of [own, poll]) await each.getByText('This poll has ended').waitFor();
  assert.ok(await poll.getByRole('checkbox', { name: 'Never' }).isDisabled());
  await own.locator('legend').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
  assert.equal(await page.getByRole('menuitem', { name: 'End the poll' }).count(), 0);
  await page.keyboard.press('Escape');
});

test('a poll that ends in the past is refused in words', async () => {
  await attach('Poll');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Question').fill('Too late?');
  await option(1).fill('yes');
  await option(2).fill('no');
  await dialog.getByRole('checkbox', { name: 'Ends at a set time' }).check();
  await dialog.locator('input[type=datetime-local]').fill('2020-01-01T10:00');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await dialog.getByText('The end is over already').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('a place is sent after the browser has asked, and is a link and coordinates to be copied', async () => {
  await attach('My location');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Find where I am' }).click();
  await dialog.getByText('55.75124, 37.61842').waitFor();
  await dialog.getByLabel('What this place is called').fill('Red Square');
  await dialog.getByRole('button', { name: 'Send' }).click();
  const place = other.locator('article', { hasText: 'Red Square' });
  assert.equal(await place.getByRole('link').getAttribute('href'), 'geo:55.75124,37.61842');
  await place.getByText('within 18 metres').waitFor();
  assert.equal(await place.getByRole('link').innerText(), 'Open in a maps app');
  await place.getByRole('button', { name: /^Copy the coordinates/ }).click();
  await other.getByText('Copied', { exact: true }).waitFor();
  assert.equal(await other.evaluate(() => navigator.clipboard.readText()), '55.75124, 37.61842');
});

test('a place that may not be known is said', async () => {
  await attach('My location', other);
  const dialog = other.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Find where I am' }).click();
  await dialog.getByText('This page is not allowed to know where you are').waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Try again' }).isEnabled());
  await other.keyboard.press('Escape');
});

test('the card of a contact, and of somebody else, arrives', async () => {
  await attach('Contact');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Clara' }).click();
  await dialog.getByRole('button', { name: 'Send' }).click();
  await other.locator('article .contact', { hasText: 'Clara' }).waitFor();
  await attach('Contact');
  await dialog.getByRole('searchbox').fill('Dmitri');
  await dialog.getByText('Nobody here by that name.').waitFor();
  await dialog.getByRole('button', { name: 'Somebody else' }).click();
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'Dmitri');
  await dialog.getByLabel('How to reach them').fill('dmitri@example.org');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await other.locator('article .contact', { hasText: 'dmitri@example.org' }).waitFor();
});

test('a message is written for later, listed, and taken back', async () => {
  await page.locator('textarea').fill('**Good** morning');
  await page.getByRole('button', { name: 'Send' }).click({ button: 'right' });
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.locator('textarea').inputValue(), '**Good** morning');
  await dialog.locator('input[type=datetime-local]').fill('2020-01-01T10:00');
  await dialog.getByRole('button', { name: 'Schedule', exact: true }).click();
  await dialog.getByText('This time is over').waitFor();
  await dialog.getByRole('button', { name: 'Tomorrow morning' }).click();
  await dialog.getByText(/20\d\d.*\b0?9:00/).waitFor(); // beside the input, which is in the browser's language
  await dialog.getByRole('button', { name: 'Schedule', exact: true }).click();
  await page.getByText('Goes out on').waitFor();
  assert.equal(await page.locator('textarea').inputValue(), '');
  const { scheduled } = await anna.call('list_scheduled', { chat });
  assert.equal(scheduled[0].text, 'Good morning');
  const at = new Date(scheduled[0].at);
  assert.deepEqual([at.getHours(), at.getMinutes()], [9, 0]);

  await page.getByRole('button', { name: 'What to do with this chat' }).click();
  await page.getByRole('menuitem', { name: 'Scheduled messages' }).click();
  await page.locator('.right li', { hasText: 'Good morning' }).waitFor();
  await page.getByRole('button', { name: 'Do not send' }).click();
  await page.getByText('Nothing waits to be sent').waitFor();
  assert.deepEqual((await anna.call('list_scheduled', { chat })).scheduled, []);
});

test('when its time has come it is in the chat of both, and no longer in the list', async () => {
  await page.locator('.right').getByRole('button', { name: 'Close' }).click();
  await anna.call('schedule_message', { chat, at: Date.now() + 3000, text: 'now it is time' });
  await page.getByRole('button', { name: 'What to do with this chat' }).click();
  await page.getByRole('menuitem', { name: 'Scheduled messages' }).click();
  await page.locator('.right li', { hasText: 'now it is time' }).waitFor();
  await page.getByText('Nothing waits to be sent').waitFor();
  await other.locator('article', { hasText: 'now it is time' }).waitFor();
  await page.locator('article', { hasText: 'now it is time' }).waitFor();
});

test('nothing was said against the pages', () => assert.deepEqual([...page.problems, ...other.problems], []));
