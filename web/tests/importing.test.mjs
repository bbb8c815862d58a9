// Exports of other messengers, taken in by an engine in a browser and by the program: the same messages, or refused by the same error.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BrowserPerson } from './browser_person.mjs';
import { servedPage, ServedWorld } from './served_home.mjs';
import { until } from './world.mjs';

const skip = servedPage ? false : 'SKIPPED: the engine for browsers was not built (make wasm, web/build)';
const kCorpora = fileURLToPath(new URL('../../fuzz/corpus/', import.meta.url));
const world = new ServedWorld();
let nora; // has a program
let anna; // has a browser only

before(async () => {
  if (skip) return;
  await world.begin();
  nora = await world.person('Nora', world.served);
  anna = new BrowserPerson('anna', world);
  world.started.push(anna);
  await anna.start();
  await anna.call('new_account', { name: 'Anna', home_link: await world.served.link() });
});
after(() => world.end());

const kText = `12/30/20, 9:41 PM - Messages and calls are end-to-end encrypted.
12/31/20, 9:41 PM - Clara: happy new year <b>to all</b>
a second line
12/31/20, 9:42 PM - Anna: IMG-1.jpg (file attached)
12/31/20, 9:43 PM - Clara: gone.jpg (file attached)
12/31/20, 9:43 PM - Clara: С собаками в лесу 🐕
`;
const telegram = (more) =>
  JSON.stringify({
    name: 'Olga', type: 'personal_chat', id: 77,
    messages: [
      { id: 1, type: 'message', date_unixtime: '1600000000', from: 'Olga', from_id: 'user7', text: ['see ', { type: 'bold', text: 'this' }, ' and ', { type: 'text_link', text: 'that', href: 'https://example.org/' }] },
      { id: 2, type: 'message', date_unixtime: '1600000060', from: 'Anna', from_id: 'user8', text: 'why', reply_to_message_id: 1, reactions: [{ type: 'emoji', count: 2, emoji: '👍', recent: [{ from: 'Olga', from_id: 'user7' }] }] },
      { id: 3, type: 'message', date: '2020-12-31T21:41:05', from: 'Olga', from_id: 'user7', photo: 'photos/1.jpg', text: 'a picture' },
      { id: 4, type: 'service', date_unixtime: '1600000100', actor: 'Olga', action: 'pin_message', text: '' },
      ...more,
    ],
  });

/** Zip files as others write them, and worse; each is made by Python's zipfile from what stands in its line. */
const kZips = `
import os, sys, zipfile
folder = sys.argv[1]
text, telegram = (open(os.path.join(folder, name), "rb").read() for name in ("text", "telegram"))
picture = os.urandom(300000)
def made(name, *entries, how=zipfile.ZIP_DEFLATED):
    path = os.path.join(folder, name)
    with zipfile.ZipFile(path, "w", how) as out:
        for each in entries: out.writestr(*each)
    return path
def changed(name, change, to=None):
    data = bytearray(open(os.path.join(folder, name), "rb").read())
    data = change(data) or data
    open(os.path.join(folder, to or name), "wb").write(data)
def patch(where, at, number):
    def change(data):
        place = data.find(where)
        while place >= 0:
            data[place + at:place + at + 4] = number.to_bytes(4, "little")
            place = data.find(where, place + 4)
    return change
CENTRAL = b"PK\\x01\\x02"
def flip(data): data[data.find(picture[1000:1016])] ^= 4
made("WhatsApp Chat with Clara.zip", ("WhatsApp Chat with Clara.txt", text), ("IMG-1.jpg", picture))
made("stored.zip", ("_chat.txt", text), ("IMG-1.jpg", picture), how=zipfile.ZIP_STORED)
changed("stored.zip", flip, "flipped.zip")
changed("stored.zip", lambda data: data[:len(data) // 2], "half.zip")
changed("stored.zip", lambda data: data + b"\\0" * 100, "longer.zip")
made("export.zip", ("ChatExport/result.json", telegram), ("ChatExport/photos/1.jpg", picture))
made("elsewhere.zip", ("_chat.txt", text), ("../IMG-1.jpg", picture), ("/gone.jpg", picture))
made("nothing.zip", ("picture.jpg", picture))
made("bomb.zip", ("_chat.txt", text + b"0" * 150000000))
made("large.zip", ("_chat.txt", text), *[(str(i), b"") for i in range(20)])
changed("large.zip", patch(CENTRAL, 24, 0xfffffffe))
made("small.zip", ("_chat.txt", text + b"12/31/20, 9:44 PM - Clara: " + b"x" * 500000))
changed("small.zip", patch(CENTRAL, 24, 500))
made("overlap.zip", ("_chat.txt", text), *[(str(i) + ".jpg", picture[:100]) for i in range(3)])
changed("overlap.zip", patch(CENTRAL, 20, 400000))
made("crc.zip", ("_chat.txt", text))
changed("crc.zip", patch(CENTRAL, 16, 12345))
open(os.path.join(folder, "not.zip"), "wb").write(b"PK\\x03\\x04 and then nothing that a zip file has")
`;

/** The paths of all of them. */
function exports() {
  const folder = join(world.folder, 'exports');
  execFileSync('mkdir', ['-p', folder]);
  const put = (name, text) => writeFileSync(join(folder, name), text);
  put('text', kText);
  put('telegram', telegram([]));
  execFileSync('python3', ['-c', kZips, folder]);
  put('WhatsApp Chat with Boris.txt', kText);
  put('result.json', telegram([]));
  put('many.json', telegram(Array.from({ length: 3000 }, (_, at) => ({ id: 10 + at, type: 'message', date_unixtime: String(1_600_001_000 + at), from: at % 2 ? 'Olga' : 'Anna', from_id: `user${7 + (at % 2)}`, text: `thing ${at} ${'🎉'.repeat(at % 60)}` }))).replace('"id":77', '"id":78').replace('Olga', 'Many'));
  put('cut.json', telegram([]).replace('77', '79').slice(0, -300));
  put('no export.txt', 'Dear diary\n');
  const own = readdirSync(folder).filter((each) => !['text', 'telegram'].includes(each)).map((each) => join(folder, each));
  const corpora = ['imports_telegram', 'imports_whatsapp'].flatMap((name) => readdirSync(join(kCorpora, name)).map((each) => join(kCorpora, name, each)));
  return [...own, ...corpora];
}

/** What the engine in the browser says to the file: lent as the page lends it. */
function importHere(path, { me = 'Anna', stopOnce = '' } = {}) {
  const name = path.split('/').at(-1);
  return anna.beside.evaluate(
    async ([bytes, file, own, there]) => {
      const { transport } = globalThis.beside;
      const data = Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0));
      const source = transport.lendFile(new File([data], file), file);
      const done = globalThis.beside.call('import_chat', { file: source, me: own });
      const isThere = async () => (await globalThis.beside.call('list_chats', {})).result.chats.some(({ name }) => name === there);
      if (there) {
        while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 10));
        transport.takeBackFile(source);
      }
      const { error, result } = await done;
      transport.takeBackFile(source);
      return error ? error.data?.name ?? error.message : result;
    },
    [readFileSync(path).toString('base64'), name, me, stopOnce],
  );
}

async function importThere(file, me = 'Anna') {
  try {
    return await nora.call('import_chat', { file, me });
  } catch (error) {
    return /"name":"(\w+)"/.exec(String(error.message))?.[1] ?? /\b(imports_\w+|cli_\w+)\b/.exec(String(error.message))?.[1] ?? String(error.message);
  }
}

/** All that is kept, without what only this device has given it. */
async function kept(person) {
  const { chats } = await person.call('list_chats');
  const all = await Promise.all(
    chats.filter((each) => each.kept).map(async ({ chat, name }) => {
      const messages = [];
      for (let before = null; ; ) {
        const page = (await person.call('read_history', { chat, before, count: 100 })).messages;
        if (page.length === 0) break;
        messages.unshift(...page.map(({ own, text, spans, sent_at, reactions, kept: of, reply_to }) => ({ own, text, spans, sent_at, reactions, of, answers: reply_to !== null })));
        before = page[0].position;
      }
      return { name, messages };
    }),
  );
  return all.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

test('every export, good or bad, gives in a browser what it gives to the program', { skip }, async () => {
  const known = { 'flipped.zip': 'object', 'half.zip': 'imports_zip_damaged', 'bomb.zip': 'imports_zip_bomb', 'large.zip': 'imports_zip_bomb', 'small.zip': 'imports_zip_bomb', 'overlap.zip': 'imports_zip_bomb', 'crc.zip': 'imports_zip_damaged', 'not.zip': 'imports_zip_damaged', 'nothing.zip': 'imports_zip_no_chat', 'cut.json': 'imports_export_damaged', 'no export.txt': 'imports_not_export' };
  for (const path of exports()) {
    const [here, there] = [await importHere(path), await importThere(path)];
    assert.deepEqual(here, there, path);
    const wanted = known[path.split('/').at(-1)];
    if (wanted) assert.equal(typeof here === 'string' ? here : typeof here, wanted, path);
  }
  const [here, there] = [await kept(anna), await kept(nora)];
  assert.ok(here.length >= 8 && here.some(({ messages }) => messages.length > 3000), 'there is something to compare');
  assert.deepEqual(here, there);
  const pictures = here.flatMap(({ messages }) => messages).filter(({ of }) => /^[0-9a-f]{16}-(IMG-1|1)\.jpg$/.test(of.media));
  assert.ok(pictures.length >= 2);
  assert.deepEqual(anna.beside.problems ?? [], []);
});

test('the same again is known, files and all', { skip }, async () => {
  const path = join(world.folder, 'exports', 'WhatsApp Chat with Clara.zip');
  const again = await importHere(path);
  assert.deepEqual([again.stored, again.known, again.files, again.missing], [0, 5, 1, 1]);
});

test('an import that is stopped says so, and the next one goes on with it: nothing twice, nothing lost', { skip }, async () => {
  const path = join(world.folder, 'exports', 'long.txt');
  const lines = Array.from({ length: 30_000 }, (_, at) => `12/31/20, 9:41 PM - Clara: line ${at}`);
  writeFileSync(path, lines.join('\n'));
  assert.equal(await importHere(path, { stopOnce: 'long' }), 'browser_stopped');
  const rest = await importHere(path);
  assert.equal(rest.stored + rest.known, 30_000);
  const chat = (await anna.call('list_chats')).chats.find((each) => each.name === 'long');
  assert.equal(chat.last, 30_000);
});

test('a tab that is closed in the middle of an import leaves whole messages and no piece of a file; done again it is all there', { skip }, async () => {
  const page = await world.tab(anna.context);
  await page.getByRole('button', { name: 'Menu', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Import, archive, export' }).click();
  const path = join(world.folder, 'exports', 'WhatsApp Chat with Dora.txt');
  writeFileSync(path, Array.from({ length: 20_000 }, (_, at) => `12/31/20, 9:41 PM - Dora: word ${at}`).join('\n'));
  await page.locator('input[type=file][accept]').setInputFiles(path);
  await page.getByText(/^[\d,]+ messages read$/).filter({ hasNotText: /^0 / }).waitFor();
  await page.close();
  const dora = () => anna.call('list_chats').then(({ chats }) => chats.find((each) => each.name === 'Dora'));
  await until(dora, 'a part is there');
  const again = await importHere(path);
  assert.equal(again.stored + again.known, 20_000);
  assert.equal((await dora()).last, 20_000);
});
