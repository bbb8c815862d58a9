// What goes elsewhere and comes from there, from the page: an account to another home, chats of other messengers, a chat into a file.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { violations } from './axe.mjs';
import { inBrowser, until, World } from './either_world.mjs';

const world = new World();
after(() => world.end());

test('an account moves to another home: the page says where it lives, and the old home is not needed any more', async () => {
  const [third, home, haven] = [await world.home(), await world.home(), await world.home()]; // the first one shows the page to browsers that have their own engine
  const [anna, boris] = [await world.person('Anna', home), await world.person('Boris', third)];
  const chat = await world.pair(anna, boris);
  const page = await world.page(anna);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: /Name, home, recovery key/ }).click();
  await page.getByRole('button', { name: 'Move to another home' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Link of the new home').fill(await home.link());
  await page.waitForTimeout(500); // the dialog has arrived
  assert.deepEqual(await violations(page, 'moving'), []);
  if (process.env.GODWIT_LOOK) await page.screenshot({ path: `${process.env.GODWIT_LOOK}/move.png` });
  await dialog.getByRole('button', { name: 'Move' }).click();
  await dialog.getByText('The account lives at this home already').waitFor();
  await dialog.getByLabel('Link of the new home').fill(await haven.link());
  await dialog.getByRole('button', { name: 'Move' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText(`127.0.0.1:${haven.port}`).first().waitFor();
  await page.getByText('Lived before at').waitFor();
  if (process.env.GODWIT_LOOK) await page.screenshot({ path: `${process.env.GODWIT_LOOK}/moved.png` });
  await anna.call('send_text', { chat, text: 'from my new home' });
  await until(async () => (await anna.call('read_account')).chats_to_tell === 0, 'the chat was told');
  await page.getByText('1 chat has still to hear of it').waitFor({ state: 'detached' });
  await home.stop();
  await boris.call('send_text', { chat, text: 'the old one is gone' });
  await until(async () => (await anna.call('read_history', { chat })).messages.some((each) => each.text === 'the old one is gone'), 'it has come');
  assert.deepEqual(page.problems, []);
});

const kImporting = 'Import, archive, export';
const kExport = `12/30/20, 9:41 PM - Messages and calls are end-to-end encrypted.
12/31/20, 9:41 PM - Clara: happy new year <b>to all</b>
12/31/20, 9:42 PM - Anna: and to you
`;

test('a chat of WhatsApp is brought in with the own name, a file that is none is refused, and the chat is saved as a page', async () => {
  const home = await world.home();
  const anna = await world.person('Anna Import', home);
  const page = await world.page(anna);
  const [good, bad] = ['WhatsApp Chat with Clara.txt', 'picture.zip'].map((name) => join(world.folder, name));
  writeFileSync(good, kExport);
  writeFileSync(bad, 'PK\x03\x04 and then nothing that a zip file has');
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: kImporting }).click();
  const pick = page.locator('input[type=file][accept]');
  await pick.setInputFiles(bad);
  await page.getByRole('alert').getByText('The zip file is damaged').waitFor();
  await page.getByLabel('Your name in that chat').fill('Anna');
  await pick.setInputFiles(good);
  await page.getByText('3 messages are new').waitFor();
  await pick.setInputFiles(good);
  await page.getByText('3 messages were there already').waitFor();
  assert.deepEqual(await violations(page, 'import'), []);
  if (process.env.GODWIT_LOOK) await page.screenshot({ path: `${process.env.GODWIT_LOOK}/import.png` });
  if (!inBrowser) await until(() => readdirSync(join(anna.folder, 'web')).length === 0, 'what was given to the program is gone again');

  for (const title of [kImporting, 'Settings']) {
    await page.getByRole('heading', { name: title, exact: true }).waitFor();
    await page.getByRole('button', { name: 'Back', exact: true }).first().click();
  }
  await page.locator('[data-row]', { hasText: 'Clara' }).click();
  await page.locator('.middle header .who').click();
  await page.locator('.right').getByRole('button', { name: 'Export this chat' }).click();
  await page.waitForTimeout(500); // the dialog has arrived
  assert.deepEqual(await violations(page, 'export'), []);
  const saving = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'To read' }).click();
  const saved = await saving;
  assert.equal(saved.suggestedFilename(), 'Clara.html');
  const text = readFileSync(await saved.path(), 'utf8');
  assert.match(text, /happy new year &lt;b&gt;to all/);
  if (!inBrowser) await until(() => readdirSync(join(anna.folder, 'web')).length === 0, 'the file of the export is gone again');
  assert.deepEqual(page.problems, []);
});

test('all chats go into an archive that the browser saves, it goes on, and another account takes it in', async () => {
  const home = await world.home();
  const [anna, nora] = [await world.person('Anna Archive', home), await world.person('Nora', home)];
  const file = join(world.folder, 'WhatsApp Chat with Olga.txt');
  writeFileSync(file, kExport);
  const open = async (person) => {
    const page = await world.page(person);
    await page.getByRole('button', { name: 'Menu', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Settings' }).click();
    await page.getByRole('button', { name: kImporting }).click();
    return page;
  };
  const page = await open(anna);
  const bring = async (said) => {
    await page.getByLabel('Your name in that chat').fill('Anna');
    await page.locator('input[type=file][accept]').setInputFiles(file);
    await page.getByText(said, { exact: true }).waitFor();
  };
  await bring('3 messages are new');
  await page.getByRole('button', { name: 'Make an archive' }).click();
  await page.getByLabel('Passphrase of the archive').fill('correct horse');
  await page.getByLabel('Once more').fill('correct house');
  await page.getByText('The two are not the same.').waitFor();
  assert.deepEqual(await violations(page, 'archive'), []);
  await page.getByLabel('Once more').fill('correct horse');
  let saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Make and save' }).click();
  let saved = await saving;
  assert.match(saved.suggestedFilename(), /^Godwit \d{4}-\d\d-\d\d\.archive$/);
  await page.getByText('3 messages are new in it').waitFor();
  const archive = join(world.folder, 'first.archive');
  await saved.saveAs(archive);
  assert.ok(!readFileSync(archive).includes('happy new year'));

  writeFileSync(file, `${kExport}1/1/21, 9:43 PM - Clara: a day later\n`);
  await bring('1 message is new');
  await page.getByRole('button', { name: 'Go on with an archive' }).click();
  await page.locator('input[data-archive]').setInputFiles(archive);
  await page.getByLabel('Its passphrase, or the recovery key').fill('wrong horse');
  await page.getByRole('button', { name: 'Add what is new' }).click();
  await page.getByRole('alert').getByText('does not open the archive').waitFor();
  await page.getByLabel('Its passphrase, or the recovery key').fill('correct horse');
  saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Add what is new' }).click();
  saved = await saving;
  await page.getByText('1 message is new in it').waitFor();
  const second = join(world.folder, 'second.archive');
  await saved.saveAs(second);
  if (process.env.GODWIT_LOOK) await page.screenshot({ path: `${process.env.GODWIT_LOOK}/archive.png` });
  if (!inBrowser) await until(() => readdirSync(join(anna.folder, 'web')).length === 0, 'the archives are gone from the program’s folder');

  const other = await open(nora);
  await other.getByRole('button', { name: 'Take in an archive' }).click();
  await other.locator('input[data-archive]').setInputFiles(second);
  await other.getByLabel('Its passphrase, or the recovery key').fill('correct horse');
  await other.getByRole('button', { name: 'Take it in' }).click();
  await other.getByText('4 messages were taken in').waitFor();
  if (process.env.GODWIT_LOOK) await other.screenshot({ path: `${process.env.GODWIT_LOOK}/restored.png` });
  await other.locator('[data-row]', { hasText: 'Olga' }).waitFor();
  assert.deepEqual([...page.problems, ...other.problems], []);
});

/** What the browser saves when this is pressed: its name and its text. */
async function saved(page, press) {
  const saving = page.waitForEvent('download');
  await press();
  const file = await saving;
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}

test('a chat is saved as a page to read and as JSON lines, in its order, without what is to disappear', async () => {
  const home = await world.home();
  const [fred, gina] = [await world.person('Fred', home), await world.person('Gina', home)];
  const chat = await world.pair(fred, gina);
  const told = Array.from({ length: 203 }, (_, index) => `thing ${index}`);
  for (const text of told) await fred.call('send_text', { chat, text });
  const text = 'a <i>bold</i> word';
  await fred.call('send_message', { chat, text, spans: [{ start: 2, length: 11, style: 'bold' }] });
  await gina.call('send_message', { chat, text: 'read & understood', reply_to: await seen(gina, chat, text) });
  await seen(fred, chat, 'read & understood');
  await fred.call('send_poll', { chat, question: 'Tea?', options: ['yes', 'no'] });
  const page = await world.page(fred);
  await page.locator('[data-row]', { hasText: 'Gina' }).click();
  await page.locator('.middle header .who').click();
  const export_ = async (form) => {
    await page.locator('.right').getByRole('button', { name: 'Export this chat' }).click();
    return saved(page, () => page.getByRole('dialog').getByRole('button', { name: form }).click());
  };
  const html = await export_('To read');
  assert.equal(html.name, 'Gina.html');
  assert.ok(html.text.startsWith('<!DOCTYPE html>') && html.text.endsWith('</body>\n</html>\n'));
  assert.deepEqual(html.text.match(/thing \d+(?=<)/g), told);
  assert.match(html.text, /a <b>&lt;i&gt;bold&lt;\/i&gt;<\/b> word/);
  assert.match(html.text, /<div class="quoted"><a href="#m-\w+"><bdi>Fred: a &lt;i&gt;bold&lt;\/i&gt; word<\/bdi><\/a><\/div><div class="text" dir="auto">read &amp; understood</);
  assert.match(html.text, /Tea\?[^]*yes/);
  const lines = (await export_('For programs')).text.trimEnd().split('\n').map((each) => JSON.parse(each));
  assert.equal(lines[0].chats[0].chat, chat);
  const texts = lines.slice(1).flatMap(({ messages }) => messages).filter((each) => each.text.startsWith('thing')).map((each) => each.text);
  assert.deepEqual(texts, told);
  assert.deepEqual(page.problems, []);
});

/** The id of a message, once it has come. */
function seen(person, chat, text) {
  return until(async () => (await person.call('read_history', { chat })).messages.find((each) => each.text === text)?.id, `${person.name} has ${text}`);
}

test('of a chat whose home is there, the page says that nothing has to move', async () => {
  const home = await world.home();
  const [dora, emil] = [await world.person('Dora', home), await world.person('Emil', home)];
  await world.pair(dora, emil);
  const page = await world.page(dora);
  await page.locator('[data-row]', { hasText: 'Emil' }).click();
  await page.locator('.middle header .who').click();
  await page.locator('.right').getByRole('button', { name: 'Move to another home' }).click();
  await page.waitForTimeout(500);
  assert.deepEqual(await violations(page, 'move log'), []);
  await page.getByRole('dialog').getByRole('button', { name: 'Move' }).click();
  await page.getByRole('dialog').getByText('there is nothing to move').waitFor();
  assert.deepEqual(page.problems, []);
});
