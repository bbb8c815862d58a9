// Archives between an engine in a browser and the program: what one has made the other restores and goes on with, and what one refuses
// the other refuses by the same error.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BrowserPerson } from './browser_person.mjs';
import { servedPage, ServedWorld } from './served_home.mjs';
import { until } from './world.mjs';

const skip = servedPage ? false : 'SKIPPED: the engine for browsers was not built (make wasm, web/build)';
const kSecret = { passphrase: 'one two three' };
const world = new ServedWorld();
let anna; // has a browser only, and chats
let bella; // has a browser only
let nora; // has a program, and a chat with Anna
let clara; // has a program
const pictures = { old: randomBytes(600_000), sent: randomBytes(300_000) };

async function browserPerson(name) {
  const person = new BrowserPerson(name, world);
  world.started.push(person);
  await person.start();
  await person.call('new_account', { name, home_link: await world.served.link() });
  return person;
}

before(async () => {
  if (skip) return;
  await world.begin();
  [nora, clara] = [await world.person('Nora', world.served), await world.person('Clara', world.served)];
  [anna, bella] = [await browserPerson('Anna'), await browserPerson('Bella')];
});
after(() => world.end());

const path = (name) => join(world.folder, name);

/** `stopped`: as soon as it says how far it is. A job of the engine in a browser with a file that is lent as the page lends it, or with a new one; gives its result, and what was made. */
async function job(person, method, { file, stopped = false, ...params }) {
  const given = file ? (await person.lendable(file), true) : false;
  const { answer, made } = await person.beside.evaluate(
    async ([name, fields, lent, stop]) => {
      const { transport, call } = globalThis.beside;
      const source = lent ? transport.lendFile(document.querySelector('input').files[0], 'chats.archive') : `${transport.newDestination()}archive`;
      const doing = call(name, { file: source, ...fields });
      if (stop) globalThis.beside.onNotice = ({ method, params }) => method === 'archive_progress' && params.messages > 0 && transport.takeBackFile(source);
      const done = await doing;
      globalThis.beside.onNotice = null;
      let whole = null;
      if (name === 'archive_chats' && !done.error) {
        const bytes = new Uint8Array(await (await transport.takeFile(source)).arrayBuffer());
        whole = '';
        for (let at = 0; at < bytes.length; at += 30_000) whole += String.fromCharCode(...bytes.subarray(at, at + 30_000));
        whole = btoa(whole);
      }
      transport.takeBackFile(source);
      return { answer: done.error?.data?.name ?? done.error?.message ?? done.result, made: whole };
    },
    [method, { ...kSecret, ...params }, given, stopped],
  );
  return { answer, made: made && Buffer.from(made, 'base64') };
}

BrowserPerson.prototype.lendable = async function (file) {
  await this.beside.evaluate(() => (document.body ??= document.createElement('body')).replaceChildren(Object.assign(document.createElement('input'), { type: 'file' })));
  await this.beside.locator('input').setInputFiles(file);
};

async function errorOf(work) {
  try {
    return await work;
  } catch (error) {
    return /"name":"(\w+)"/.exec(String(error.message))?.[1] ?? /\b((?:archive|engine|cli|crypto)_\w+)\b/.exec(String(error.message))?.[1] ?? String(error.message);
  }
}

const importText = (person, name, text) =>
  person.beside.evaluate(
    async ([file, content]) => {
      const { transport, call } = globalThis.beside;
      const source = transport.lendFile(new File([content], file), file);
      const { error, result } = await call('import_chat', { file: source, me: 'Anna' });
      transport.takeBackFile(source);
      return error ?? result;
    },
    [name, text],
  );

/** All that is kept, but ids, which are others where it is restored. */
async function kept(person) {
  const { chats } = await person.call('list_chats');
  const all = await Promise.all(
    chats.filter((each) => each.kept).map(async ({ chat, name }) => {
      const messages = [];
      for (let before = null; ; ) {
        const page = (await person.call('read_history', { chat, before, count: 100 })).messages;
        if (page.length === 0) break;
        messages.unshift(...page.map(({ id, own, text, spans, sent_at, reactions, kept: of, reply_to, forwarded }) => ({ id, own, text, spans, sent_at, reactions, of, reply_to, forwarded })));
        before = page[0].position;
      }
      const places = new Map(messages.map(({ id }, at) => [id, at]));
      return { name, messages: messages.map(({ id: _id, reply_to, ...said }) => ({ ...said, answers: places.get(reply_to) ?? null })) };
    }),
  );
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

const mediaOf = (person) => Object.fromEntries(readdirSync(join(person.folder, 'media')).map((name) => [name, readFileSync(join(person.folder, 'media', name))]));

/** What Anna has: a chat of another messenger with a picture, a real one with all that can be said in it, and many words. */
async function giveAnnaChats() {
  const telegram = {
    name: 'Olga', type: 'personal_chat', id: 77,
    messages: [
      { id: 1, type: 'message', date_unixtime: '1600000000', from: 'Olga', from_id: 'user7', text: ['see ', { type: 'bold', text: 'this' }, ' and ', { type: 'text_link', text: 'that', href: 'https://example.org/' }] },
      { id: 2, type: 'message', date_unixtime: '1600000060', from: 'Anna', from_id: 'user8', text: 'why 🐕', reply_to_message_id: 1, reactions: [{ type: 'emoji', count: 2, emoji: '👍', recent: [{ from: 'Olga', from_id: 'user7' }] }] },
      ...Array.from({ length: 1100 }, (_, at) => ({ id: 10 + at, type: 'message', date_unixtime: String(1_600_001_000 + at), from: 'Olga', from_id: 'user7', text: `thing ${at} ${'🎉'.repeat(at % 60)}` })),
    ],
  };
  assert.equal((await importText(anna, 'result.json', JSON.stringify(telegram))).stored, 1102);
  writeFileSync(path('old.jpg'), pictures.old);
  const { execFileSync } = await import('node:child_process');
  writeFileSync(path('chat.txt'), '12/31/20, 9:42 PM - Boris: IMG-1.jpg (file attached)\n12/31/20, 9:43 PM - Boris: gone.jpg (file attached)\n');
  execFileSync('python3', ['-c', 'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as out:\n  out.write(sys.argv[2], "_chat.txt")\n  out.write(sys.argv[3], "IMG-1.jpg")', path('WhatsApp Chat - Boris.zip'), path('chat.txt'), path('old.jpg')]);
  await anna.lendable(path('WhatsApp Chat - Boris.zip'));
  const files = await anna.beside.evaluate(async () => {
    const { transport, call } = globalThis.beside;
    const source = transport.lendFile(document.querySelector('input').files[0], 'WhatsApp Chat - Boris.zip');
    const { result } = await call('import_chat', { file: source, me: 'Anna' });
    transport.takeBackFile(source);
    return result.files;
  });
  assert.equal(files, 1);
  const chat = await world.pair(anna, nora);
  writeFileSync(path('sent.bin'), pictures.sent);
  await nora.call('send_file', { chat, source: path('sent.bin'), caption: 'a picture of <b>mine</b>' });
  await nora.call('send_poll', { chat, question: 'Tea?', options: ['yes', 'no'] });
  await nora.call('send_text', { chat, text: 'the last one' });
  const last = await until(async () => (await anna.call('read_history', { chat })).messages.find((each) => each.text === 'the last one'), 'it came');
  await anna.call('send_message', { chat, text: 'read', reply_to: last.id });
  await anna.call('react', { chat, message: last.id, reaction: '❤️' });
  return chat;
}

let chat; // of Anna and Nora

test('what a browser has archived the program restores, and what the program has archived a browser', { skip }, async () => {
  chat = await giveAnnaChats();
  const first = await job(anna, 'archive_chats', {});
  const { added, files, missing } = first.answer;
  assert.deepEqual({ files, missing }, { files: 2, missing: 0 }, JSON.stringify(first.answer));
  assert.ok(added >= 1108, `${added}`);
  assert.ok(first.made.length > 900_000 && !first.made.includes('the last one'));
  writeFileSync(path('anna.archive'), first.made);

  const there = await clara.call('restore_chats', { file: path('anna.archive'), ...kSecret });
  assert.deepEqual([there.stored, there.chats, there.files, there.missing], [added, 3, 2, 0]);
  const media = mediaOf(clara);
  const names = Object.keys(media);
  assert.deepEqual(names.map((name) => media[name].length).sort(), [300_000, 600_000]);
  for (const name of names) assert.ok(media[name].equals(name.endsWith('sent.bin') ? pictures.sent : pictures.old), name);
  const restored = await kept(clara);
  const own = await kept(anna);
  // What is not there has its name in the text, once it was archived.
  for (const { messages } of own) for (const each of messages) if (each.of.omitted) [each.text, each.of.media] = [`[file ${each.of.media}]`, ''];
  assert.deepEqual(restored.filter(({ name }) => name !== 'Nora'), own, 'what was kept is as it was');
  const real = restored.find(({ name }) => name === 'Nora').messages;
  for (const text of ['a picture of <b>mine</b>', 'the last one', 'read']) assert.ok(real.some((each) => each.text === text), text);
  assert.ok(real.some((each) => /\[poll\] Tea\?\n- yes: 0\n- no: 0/.test(each.text)));
  assert.equal(real[real.find((each) => each.text === 'read').answers].text, 'the last one');
  assert.equal(real.find((each) => each.text === 'the last one').reactions[0].reaction, '❤️');

  // The program makes another one, which another browser takes in.
  assert.equal((await clara.call('archive_chats', { file: path('clara.archive'), ...kSecret })).added, added);
  const here = (await job(bella, 'restore_chats', { file: path('clara.archive') })).answer;
  assert.deepEqual([here.stored, here.chats, here.files, here.missing], [added, 3, 2, 0], JSON.stringify(here));
  assert.deepEqual(await kept(bella), restored);
  const again = (await job(bella, 'restore_chats', { file: path('clara.archive') })).answer;
  assert.deepEqual([again.stored, again.known, again.files], [0, added, 0]);
  const third = await job(bella, 'archive_chats', {});
  assert.deepEqual([third.answer.added, third.answer.files, third.answer.missing], [added, 2, 0], 'with what is in its files');
  assert.deepEqual([...(anna.beside.problems ?? []), ...(bella.beside.problems ?? [])], []);
});

test('it goes on where it was made: what is new is added behind what was there, and what was taken back goes', { skip }, async () => {
  const before = readFileSync(path('anna.archive'));
  const none = await job(anna, 'archive_chats', { file: path('anna.archive') });
  assert.deepEqual([none.answer.added, none.answer.files, none.answer.rewritten, none.answer.kept], [0, 0, false, 0], JSON.stringify(none.answer));
  assert.ok(none.made.equals(before), 'nothing is new, and it is what it was');
  await anna.call('send_text', { chat, text: 'a day later' });
  const more = await job(anna, 'archive_chats', { file: path('anna.archive') });
  assert.deepEqual([more.answer.added, more.answer.rewritten, more.answer.missing], [1, false, 0], JSON.stringify(more.answer));
  const end = 100; // the end of an archive, and then some
  assert.ok(more.made.subarray(0, before.length - end).equals(before.subarray(0, before.length - end)));
  writeFileSync(path('more.archive'), more.made);
  const { messages } = await anna.call('read_history', { chat });
  await anna.call('delete_message', { chat, message: messages.find((each) => each.text === 'read').id, for_everyone: true });
  const less = await job(anna, 'archive_chats', { file: path('more.archive') });
  assert.deepEqual([less.answer.removed, less.answer.rewritten, less.answer.missing], [1, true, 0], JSON.stringify(less.answer));
  writeFileSync(path('less.archive'), less.made);
  const there = await clara.call('restore_chats', { file: path('less.archive'), ...kSecret });
  assert.deepEqual([there.stored, there.files], [1, 0], 'the one of a day later');

  // What only others have stays in it, whichever of the two goes on with it.
  const size = (await clara.call('archive_chats', { file: path('less.archive'), ...kSecret })).kept;
  assert.equal(size, less.answer.known + less.answer.added);
  const both = (await job(bella, 'archive_chats', { file: path('less.archive') })).answer;
  assert.ok(both.kept > size && both.added > 0, JSON.stringify(both));
});

test('what is wrong with an archive is said by the same error, and changes nothing', { skip }, async () => {
  const good = readFileSync(path('anna.archive'));
  const changed = Buffer.from(good);
  changed[changed.length >> 1] ^= 4;
  const newer = Buffer.from(good);
  newer[8] = 9;
  const bad = { cut: [good.subarray(0, -9), 'archive_cut'], changed: [changed, 'archive_damaged'], longer: [Buffer.concat([good, Buffer.from([0])]), 'archive_damaged'], newer: [newer, 'archive_newer'], other: [Buffer.from('PK\x03\x04'.padEnd(400)), 'archive_not_archive'], head: [good.subarray(0, 60), 'archive_cut'] };
  const [here, there] = [await kept(bella), await kept(clara)];
  for (const [name, [bytes, error]] of Object.entries(bad)) {
    const file = path(`bad-${name}`);
    writeFileSync(file, bytes);
    assert.equal(await errorOf(clara.call('restore_chats', { file, ...kSecret })), error, name);
    assert.equal((await job(bella, 'restore_chats', { file })).answer, error, name);
    assert.equal((await job(bella, 'archive_chats', { file })).answer, error, name);
  }
  const words = { passphrase: '', recovery_key: '0'.repeat(56) };
  for (const [secret, error] of [[{ passphrase: 'another' }, 'archive_other_key'], [{ passphrase: '' }, 'archive_no_secret'], [words, 'engine_recovery_key_mistyped']]) {
    assert.equal(await errorOf(clara.call('restore_chats', { file: path('anna.archive'), ...kSecret, ...secret })), error);
    assert.equal((await job(bella, 'restore_chats', { file: path('anna.archive'), ...secret })).answer, error);
  }
  assert.deepEqual([await kept(bella), await kept(clara)], [here, there]);
});

test('one that is stopped says so, and leaves nothing of an archive; restoring goes on with what it had', { skip }, async () => {
  assert.equal((await job(anna, 'archive_chats', { stopped: true })).answer, 'browser_stopped');
  const dora = await browserPerson('Dora');
  assert.equal((await job(dora, 'restore_chats', { file: path('anna.archive'), stopped: true })).answer, 'browser_stopped');
  const rest = (await job(dora, 'restore_chats', { file: path('anna.archive') })).answer;
  const wanted = await kept(bella);
  assert.equal(rest.stored + rest.known, wanted.reduce((sum, { messages }) => sum + messages.length, 0));
  assert.deepEqual(await kept(dora), wanted);
});
