// What is written in more ways than by typing: mentions, emoji, files that are pasted or dropped, and messages that disappear.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until, World } from './either_world.mjs';

const world = new World();
let home, anna, boris, chat, group, page, other;

before(async () => {
  home = await world.home();
  [anna, boris] = [await world.person('Anna', home), await world.person('Boris', home)];
  const clara = await world.person('Clara', home);
  chat = await world.pair(anna, boris);
  await world.pair(anna, clara);
  const accounts = await Promise.all([boris, clara].map(async (each) => (await each.call('read_account')).account));
  group = (await anna.call('new_group', { name: 'Shore walks' })).chat.chat;
  await anna.call('add_members', { chat: group, accounts });
  await until(async () => (await anna.call('list_members', { chat: group })).members.filter((each) => each.in).length === 3, 'all are in');
  page = await world.page(anna);
  other = await world.page(boris);
});
after(() => world.end());

const field = () => page.getByRole('textbox', { name: 'Message' });
const row = (on, name) => on.locator('[data-row]').filter({ has: on.locator('.name', { hasText: new RegExp(`^\\s*${name}\\s*$`) }) });
const shown = (on, text) => on.locator('article', { hasText: text }).last();

test('who is meant is chosen by keys after an @, and told so', async () => {
  await page.locator('[data-row]', { hasText: 'Shore walks' }).click();
  await field().pressSequentially('Come, @');
  const list = page.getByRole('listbox', { name: 'Members to mention' });
  await list.getByRole('option').first().waitFor();
  assert.deepEqual((await list.getByRole('option').allTextContents()).map((each) => each.trim().slice(-5)).sort(), ['Boris', 'Clara'], 'oneself is not there');
  await field().pressSequentially('cl');
  assert.equal(await list.getByRole('option').count(), 1);
  await field().press('Escape');
  await list.waitFor({ state: 'detached' });
  await field().press('Backspace');
  await list.waitFor();
  await field().press('Backspace');
  while (!/Boris/.test(await list.getByRole('option', { selected: true }).textContent())) await field().press('ArrowDown');
  await field().press('Enter');
  assert.equal(await field().inputValue(), 'Come, @Boris ');
  await field().pressSequentially('please');
  await field().press('Enter');
  await until(async () => (await boris.call('read_history', { chat: group })).messages.some((each) => each.text === 'Come, @Boris please'), 'it has come');
  const { mentions } = (await boris.call('read_history', { chat: group })).messages.find((each) => each.text.startsWith('Come'));
  assert.deepEqual(mentions, [{ start: 6, length: 6, account: (await boris.call('read_account')).account }]);
  await other.locator('[data-row]', { hasText: 'Shore walks' }).click();
  await shown(other, 'Come, @Boris please').waitFor();
  assert.deepEqual([...page.problems, ...other.problems], []);
});

test('of two with one name each @ names the one who was picked; a tap on a name shows the person', async () => {
  const accounts = [];
  for (const twin of ['Eva one', 'Eva two']) {
    const each = await world.stranger(twin);
    await each.call('new_account', { name: 'Eva Lind', home_link: await home.link() });
    await world.pair(anna, each);
    accounts.push((await each.call('read_account')).account);
  }
  await anna.call('add_members', { chat: group, accounts });
  await until(async () => (await anna.call('list_members', { chat: group })).members.filter((each) => each.in).length === 5, 'all are in');
  const list = page.getByRole('listbox', { name: 'Members to mention' });
  for (const nth of [0, 1]) {
    await field().pressSequentially('@Eva L');
    await until(async () => (await list.getByRole('option').count()) === 2, 'a blank does not end the name');
    if (nth === 1) await field().press('ArrowDown');
    await field().press('Enter');
  }
  await field().pressSequentially('m');
  assert.equal(await list.count(), 0, 'what was picked is not asked for again');
  await field().press('Home');
  await field().pressSequentially('Hi ');
  await field().press('Enter');
  const sent = await until(async () => (await anna.call('read_history', { chat: group })).messages.find((each) => each.text === 'Hi @Eva Lind @Eva Lind m'), 'it is sent');
  assert.deepEqual(sent.mentions.map((each) => each.start), [3, 13]);
  assert.deepEqual(sent.mentions.map((each) => each.account).sort(), accounts.sort());
  await shown(page, 'Hi @Eva').getByRole('button', { name: '@Eva Lind' }).first().click();
  await page.locator('.middle header', { hasText: 'Eva Lind' }).waitFor();
  assert.deepEqual(page.problems, []);
});

test('a word chosen with its blank is marked and unmarked by keys, and a link is made of it', async () => {
  await field().fill('the shore today');
  await field().evaluate((area) => area.setSelectionRange(4, 10));
  await page.getByRole('toolbar', { name: 'Formatting' }).waitFor();
  await field().press('Control+b');
  await until(async () => (await field().inputValue()) === 'the **shore** today', 'the blank stays outside');
  await field().press('Control+b');
  await until(async () => (await field().inputValue()) === 'the shore today', 'the marks are gone');
  await field().press('Control+k');
  await until(async () => (await field().inputValue()) === 'the [shore](https://) today', 'no search');
  await page.keyboard.type('https://shore.example/');
  assert.equal(await field().inputValue(), 'the [shore](https://shore.example/) today');
  await field().press('End');
  await field().evaluate((area) => area.select());
  await page.getByRole('toolbar', { name: 'Formatting' }).getByRole('button', { name: 'Quotation' }).click();
  await until(async () => (await field().inputValue()).startsWith('> the ['), 'it is a quotation');
  await field().fill('');
});

test('what is too long is said while it is typed, by how much, and cannot be sent', async () => {
  await field().fill('я'.repeat(51_203));
  await page.getByText('Too long: shorten it by 3 characters').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled());
  await field().fill('я'.repeat(51_200));
  await page.getByText('Too long').waitFor({ state: 'detached' });
  assert.ok(await page.getByRole('button', { name: 'Send', exact: true }).isEnabled());
  await field().fill('');
});

test('an emoji is looked for and put where one writes', async () => {
  await field().fill('so !');
  await field().press('ArrowLeft');
  await page.getByRole('button', { name: 'Emoji', exact: true }).click();
  await page.getByRole('searchbox').last().fill('octopus');
  await page.getByRole('button', { name: 'octopus' }).first().click();
  await until(async () => (await field().inputValue()) === 'so 🐙!', 'it stands before the cursor');
  await field().fill('');
  assert.deepEqual(page.problems, []);
});

test('a file that is pasted is asked about, and goes out with its words', async () => {
  await row(page, 'Boris').click();
  await field().evaluate((area) => {
    const data = new DataTransfer();
    data.items.add(new File(['pasted words'], 'pasted.txt', { type: 'text/plain' }));
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  const dialog = page.getByRole('dialog');
  await dialog.getByText('pasted.txt').waitFor();
  await dialog.getByLabel('Caption').fill('from the clipboard');
  await dialog.getByRole('button', { name: 'Send', exact: true }).click();
  await until(async () => (await boris.call('read_history', { chat })).messages.some((each) => each.file?.name === 'pasted.txt' && each.text === 'from the clipboard'), 'it has come');
});

test('files that are dropped are asked about together; a text that is dragged is none', async () => {
  const drag = (types) => page.locator('section.chat').evaluate((section, given) => {
    const data = new DataTransfer();
    if (given === 'files') for (const name of ['one.txt', 'two.txt']) data.items.add(new File([name], name, { type: 'text/plain' }));
    else data.setData('text/plain', 'words');
    for (const type of ['dragenter', 'dragover']) section.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    globalThis.dragged = data;
  }, types);
  await drag('words');
  assert.equal(await page.getByText('Drop files here').count(), 0);
  await drag('files');
  await page.locator('.drop').waitFor();
  await page.locator('section.chat').evaluate((section) => section.dispatchEvent(new DragEvent('drop', { dataTransfer: globalThis.dragged, bubbles: true, cancelable: true })));
  await page.locator('.drop').waitFor({ state: 'detached' });
  const dialog = page.getByRole('dialog');
  for (const each of ['one.txt', 'two.txt']) await dialog.getByText(each).waitFor();
  await dialog.getByRole('button', { name: /^Send/ }).click();
  await until(async () => {
    const names = (await boris.call('read_history', { chat })).messages.map((each) => each.file?.name);
    return names.includes('one.txt') && names.includes('two.txt');
  }, 'both have come');
  assert.deepEqual(page.problems, []);
});

test('messages are set to disappear for both, and do', async () => {
  await page.getByRole('button', { name: 'What to do with this chat' }).click();
  await page.getByRole('menuitem', { name: 'Disappearing messages' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('30 seconds').check();
  await dialog.getByRole('button', { name: 'Set' }).click();
  await page.locator('.middle header').getByTitle('Disappearing messages').waitFor();
  await row(other, 'Anna').click();
  await other.locator('.middle header').getByTitle('Disappearing messages').waitFor();
  await other.getByText(/30 seconds/).first().waitFor();
  // The shortest that there is, so that the test does not wait: the page offers longer ones.
  await anna.call('set_disappearing', { chat, seconds: 5 });
  await other.getByText(/5 seconds/).first().waitFor();
  await field().fill('gone in a moment');
  await field().press('Enter');
  await shown(other, 'gone in a moment').waitFor();
  for (const each of [page, other]) await each.locator('article', { hasText: 'gone in a moment' }).waitFor({ state: 'detached' });
  assert.deepEqual([...page.problems, ...other.problems], []);
});
