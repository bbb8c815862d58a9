// Several tabs on one engine, and an engine that goes away and comes back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until, World } from './world.mjs';

const world = new World();
let home, anna, boris, chat, one, two;

before(async () => {
  home = await world.home();
  anna = await world.person('Anna', home);
  boris = await world.person('Boris', home);
  chat = await world.pair(anna, boris);
  one = await world.page(anna);
  two = await one.context().newPage();
  two.setDefaultTimeout(20_000);
  await two.goto(anna.link);
  for (const page of [one, two]) await page.locator('[data-row]', { hasText: 'Boris' }).click();
});
after(() => world.end());

const article = (page, text) => page.locator('article', { hasText: text });
const composer = (page) => page.getByRole('textbox', { name: 'Message' });

async function send(page, text) {
  await composer(page).fill(text);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
}

test('what one tab sends stands in the other, once, and says how far it is', async () => {
  await send(one, 'From the first tab');
  await article(two, 'From the first tab').waitFor();
  await send(two, 'From the second tab');
  await article(one, 'From the second tab').waitFor();
  await until(async () => (await boris.call('read_history', { chat })).messages.length === 2, 'both have come');
  // A list draws what it has been given a moment later, in a tab that is not in front.
  await article(one, 'From the first tab').waitFor();
  await article(two, 'From the second tab').waitFor();
  assert.equal(await article(one, 'From the first tab').count(), 1);
  assert.equal(await article(two, 'From the second tab').count(), 1);
});

test('without a network both tabs show what waits', async () => {
  await home.stop();
  await send(one, 'Written offline');
  await article(two, 'Written offline').waitFor();
  await home.resume();
});

test('what another program sends is in every tab', async () => {
  await anna.call('send_text', { chat, text: 'From a bot' });
  await article(one, 'From a bot').waitFor();
  await article(two, 'From a bot').waitFor();
});

test('what is read in one tab is read in the other', async () => {
  await one.bringToFront();
  await boris.call('send_text', { chat, text: 'Are you there?' });
  await article(one, 'Are you there?').waitFor();
  await until(async () => (await anna.call('list_chats')).chats.every((each) => each.read === each.last), 'it is read');
  await two.locator('[data-row]', { hasText: 'Are you there?' }).waitFor();
  await until(async () => (await two.locator('[data-row] .badge').count()) === 0, 'nothing is counted');
});

test('the settings of one tab are those of the other', async () => {
  await one.getByRole('button', { name: 'Menu', exact: true }).click();
  await one.getByRole('menuitem', { name: 'Settings' }).click();
  await one.getByRole('button', { name: 'Appearance and language' }).click();
  await one.getByLabel('Dark').check();
  await until(() => two.evaluate(() => document.documentElement.dataset.theme === 'dark'), 'the other tab is dark');
  await one.getByRole('button', { name: 'Back' }).click();
  await one.getByRole('button', { name: 'Back' }).click();
});

test('a program that has ended is said, what is typed stays, and a new link in the same tab goes on', async () => {
  await composer(one).fill('Half a sentence');
  await anna.stop();
  await one.getByText('Godwit on this computer does not answer').waitFor();
  await composer(one).fill('Half a sentence, and more');
  await one.getByRole('button', { name: 'Send', exact: true }).click();
  await one.getByText('The connection to Godwit on this computer was lost').waitFor();
  assert.equal(await composer(one).inputValue(), 'Half a sentence, and more');
  const before = anna.link;
  await anna.start();
  assert.equal(anna.url, before.split('#')[0], 'the same port');
  assert.notEqual(anna.link, before, 'and another token');
  await one.getByText('What answers here is not the Godwit').waitFor();
  assert.equal(await composer(one).inputValue(), 'Half a sentence, and more');
  await one.getByLabel('The new link').fill('http://127.0.0.1:1/#token=abc');
  await one.getByRole('button', { name: 'Go on' }).click();
  await one.getByText('That is not a link to this page').waitFor();
  await one.getByLabel('The new link').fill(anna.link);
  await one.getByRole('button', { name: 'Go on' }).click();
  await one.getByText('What answers here is not the Godwit').waitFor({ state: 'detached' });
  assert.equal(await composer(one).inputValue(), 'Half a sentence, and more');
  await one.getByRole('button', { name: 'Send', exact: true }).click();
  await until(async () => (await boris.call('read_history', { chat })).messages.some((each) => each.text === 'Half a sentence, and more'), 'it has come');
});

test('the draft of a chat that was left meanwhile is kept by the engine', async () => {
  await composer(one).fill('To be said later');
  await until(async () => (await anna.call('list_chats')).chats[0].settings.draft === 'To be said later', 'the draft is kept');
});

test('the other tab goes on when the link is opened in it', async () => {
  await two.goto(anna.link);
  await two.getByText('What answers here is not the Godwit').waitFor({ state: 'detached' });
  await article(two, 'Half a sentence, and more').waitFor();
});
