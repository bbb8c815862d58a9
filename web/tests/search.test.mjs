import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until, World } from './either_world.mjs';

const world = new World();
const kStart = 1_600_000_000_000;
let anna, boris, chat, page;

function entry(sender, sent_at, text) {
  return { sender, own: false, sent_at, text, media: '', forwarded_from: '', omitted: false, notice: false, edited: false, deleted: false, id: null };
}

before(async () => {
  const home = await world.home();
  [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  chat = await world.pair(anna, boris);
  // A long chat of years ago, with one message that is looked for in its middle.
  for (let batch = 0; batch < 3; batch++) {
    const messages = Array.from({ length: 800 }, (_, at) => {
      const number = batch * 800 + at;
      const text = number === 1100 ? 'Здесь мы видели редкую птицу: веретенник' : `message number ${number} of the long chat`;
      return entry(number % 2 ? 'Clara' : 'Dmitri', kStart + number * 60_000, text);
    });
    await anna.call('import_messages', { source: 'search test', name: 'The long chat', older_of: null, messages });
  }
  for (const text of ['The godwits are back on the shore', 'I counted 1,200 godwits', '<b>not bold</b> godwit & co']) await boris.call('send_text', { chat, text });
  // What she says stands behind his only if she has it.
  await until(async () => (await anna.call('read_history', { chat })).messages.length === 3, 'his are there');
  await anna.call('send_text', { chat, text: 'my own godwit' });
  await until(async () => (await anna.call('read_history', { chat })).messages.length === 4, 'all is there');
  page = await world.page(anna);
  await page.locator('[data-row]', { hasText: 'Boris' }).waitFor();
});
after(() => world.end());

const field = () => page.locator('[data-search]');
const found = () => page.locator('.list .found');

test('Ctrl+K, words, arrows and Enter lead to a message in the middle of a long chat', async () => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('птица');
  await until(async () => (await found().count()) === 1, 'the one message is found, with another ending');
  assert.deepEqual(await found().locator('mark').allTextContents(), ['птицу']);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const message = page.locator('article', { hasText: 'веретенник' });
  await message.waitFor();
  assert.match(await message.getAttribute('class'), /highlighted/);
  const [box, list] = [await message.boundingBox(), await page.locator('.scroller').boundingBox()];
  assert.ok(box.y > list.y && box.y + box.height < list.y + list.height, 'it is in view');
});

test('what was found shows where, who and what, newest first, and markup is text', async () => {
  await field().fill('godwit');
  await until(async () => (await found().count()) === 4, 'four messages');
  assert.match(await found().first().textContent(), /Boris.*You: my own godwit/s);
  const markup = found().filter({ hasText: 'not bold' });
  assert.match(await markup.textContent(), /<b>not bold<\/b> godwit & co/);
  assert.deepEqual(await markup.locator('b').count(), 0);
  await page.getByRole('status').filter({ hasText: '4 results' }).waitFor({ state: 'attached' });
});

test('filters narrow it down, and are taken back together', async () => {
  await page.getByRole('button', { name: 'From me' }).click();
  await until(async () => (await found().count()) === 1, 'only the own one');
  await page.getByRole('button', { name: 'Files' }).click();
  await page.getByText('Nothing found. Try with fewer filters.').waitFor();
  await page.getByRole('button', { name: 'Reset' }).click();
  await until(async () => (await found().count()) === 4, 'all again');
  await field().fill('number');
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByLabel('From', { exact: true }).fill('Clara');
  await page.getByLabel('To day').fill('2020-09-13');
  await until(async () => {
    const texts = await found().allTextContents();
    return texts.length > 0 && texts.every((each) => each.includes('13/09/20') && each.includes('Clara: '));
  }, 'only those of one day by one person');
  await page.getByRole('button', { name: 'Reset' }).click();
});

test('more comes when one reads to the end', async () => {
  await field().fill('long chat');
  await until(async () => (await found().count()) >= 30, 'a first page');
  const first = await found().count();
  await found().last().scrollIntoViewIfNeeded();
  await until(async () => (await found().count()) > first, 'a second page');
});

test('nothing found, only signs, and back to the list', async () => {
  await field().fill('zzzznothing');
  await page.getByText('Nothing was said with these words').waitFor();
  await field().fill('...');
  await page.waitForTimeout(400);
  assert.equal(await page.getByRole('alert').count(), 0, 'signs alone are no mistake');
  await field().press('Escape');
  await page.locator('[data-row]', { hasText: 'The long chat' }).waitFor();
  assert.equal(await field().inputValue(), '');
});

test('Ctrl+F looks in one chat, and jumps beside it', async () => {
  await page.locator('[data-row]', { hasText: 'Boris' }).click();
  await page.keyboard.press('Control+f');
  const inChat = page.locator('.right [role=search]');
  await until(() => inChat.locator('input[type=search]').evaluate((each) => each === document.activeElement), 'one can write at once');
  await page.keyboard.type('godwits shore');
  await until(async () => (await inChat.locator('.found').count()) === 1, 'only of this chat, with both words');
  await inChat.locator('.found').click();
  const message = page.locator('article', { hasText: 'back on the shore' });
  await page.locator('article.highlighted', { hasText: 'back on the shore' }).waitFor();
  assert.deepEqual(await message.locator('mark').allTextContents(), ['godwits', 'shore']);
  await page.locator('.right').getByRole('button', { name: 'Close' }).click();
});

test('from what was found one goes to the next and back, and its words stay marked until the search is ended', async () => {
  await page.keyboard.press('Control+f');
  const inChat = page.locator('.right [role=search]');
  await inChat.locator('input[type=search]').fill('godwit');
  await until(async () => (await inChat.locator('.found').count()) === 4, 'four messages');
  await inChat.locator('.found').first().click();
  const bar = page.getByRole('group', { name: 'Found messages' });
  const marked = () => page.locator('article mark').allTextContents();
  await bar.getByText('1 of 4').waitFor();
  assert.ok(await bar.getByRole('button', { name: 'Previous result' }).isDisabled());
  for (const [nth, words] of [['2 of 4', 'godwit'], ['3 of 4', 'godwits'], ['4 of 4', 'godwits']]) {
    await bar.getByRole('button', { name: 'Next result' }).click();
    await bar.getByText(nth).waitFor();
    await until(async () => (await marked()).join() === words, `only the words of ${nth} are marked`);
  }
  await page.locator('article.highlighted', { hasText: 'back on the shore' }).waitFor();
  assert.ok(await bar.getByRole('button', { name: 'Next result' }).isDisabled());
  await bar.getByRole('button', { name: 'Previous result' }).click();
  await bar.getByText('3 of 4').waitFor();
  await bar.getByRole('button', { name: 'End the search' }).click();
  await bar.waitFor({ state: 'detached' });
  assert.deepEqual(await marked(), []);
  await page.locator('.right').getByRole('button', { name: 'Close' }).click();
});

test('on a phone the search of a chat gives way to the message', async () => {
  await page.setViewportSize({ width: 360, height: 700 });
  await page.getByRole('button', { name: 'Back' }).click();
  await page.locator('[data-row]', { hasText: 'The long chat' }).click();
  await page.getByRole('button', { name: 'What to do with this chat' }).click();
  await page.getByRole('menuitem', { name: 'Search in this chat' }).click();
  await page.locator('.right input[type=search]').fill('веретен');
  await page.locator('.right .found').click();
  const message = page.locator('article.highlighted', { hasText: 'веретенник' });
  await message.waitFor();
  const box = await message.boundingBox();
  assert.ok(box.y > 0 && box.y < 700);
  assert.equal(await page.locator('.right').count(), 0);
  // And from a phone's open chat to the search of all.
  await page.keyboard.press('Control+k');
  await until(() => field().evaluate((each) => each === document.activeElement), 'the list with its field');
});

test('nothing was said against the page', () => assert.deepEqual(page.problems, []));
