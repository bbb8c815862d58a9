// The engine as WebAssembly under its real host, in node, against a real home over real TLS and WebSockets. Needs
// --experimental-websocket in node 20 (later ones have it).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Home, NativePerson, sources, until, WasmPerson, World } from './engines.mjs';

// The home's own certificate: a browser would be told to trust it. The session inside authenticates the home either way.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.removeAllListeners('warning');

const world = new World('wasm');
let code;
let home;

before(async () => {
  code = await sources();
  home = await Home.make(world);
});
after(async () => {
  await world.end();
  await code.close();
});

async function person(name) {
  const made = new WasmPerson(world, code, name);
  await made.start();
  await made.call('new_account', { name, home_link: await home.link() });
  return made;
}

async function meet(a, b) {
  const { link } = await a.call('make_invite');
  const { chat } = await b.call('add_contact', { link });
  return [(await a.chatWith(b.name)).chat, chat.chat];
}

test('two engines in one process talk through a home', async () => {
  const [alice, bob] = [await person('Alice'), await person('Bob')];
  const [ofAlice, ofBob] = await meet(alice, bob);
  await alice.call('send_text', { chat: ofAlice, text: 'Привет 👋' });
  await until(async () => (await bob.texts(ofBob)).includes('Привет 👋'), 'Bob has it');
  await bob.call('send_text', { chat: ofBob, text: 'и тебе' });
  await until(async () => (await alice.texts(ofAlice)).includes('и тебе'), 'Alice has it');
  assert.deepEqual([alice.stops, bob.stops], [[], []]);
});

test('a web client and a native one talk', async () => {
  const carol = await person('Carol');
  const dave = await NativePerson.make(world, 'Dave', home);
  const [ofCarol, ofDave] = await meet(carol, dave);
  await carol.call('send_text', { chat: ofCarol, text: 'from the web' });
  await until(async () => (await dave.texts(ofDave)).includes('from the web'), 'Dave has it');
  await dave.call('send_text', { chat: ofDave, text: 'from the terminal' });
  await until(async () => (await carol.texts(ofCarol)).includes('from the terminal'), 'Carol has it');
});

test('a worker that is killed at any batch loses nothing that was acknowledged, and shows nothing twice', async () => {
  const [erin, frank] = [await person('Erin'), await person('Frank')];
  const [ofErin, ofFrank] = await meet(erin, frank);
  const sent = [];
  let kills = 0;
  for (let round = 0; round < 24; ++round) {
    const text = `message ${round}`;
    const victim = round % 2 === 0 ? erin : frank;
    const [moment, batch] = [round % 4 < 2 ? 'before' : 'after', victim.disk.batches + 1 + (round % 3)];
    victim.disk.hook = (when, number) => {
      if (when !== moment || number !== batch || !victim.host) return;
      victim.disk.hook = null;
      victim.kill();
      kills += 1;
    };
    // What is answered is kept; what is not may be there or not, once at most.
    const acknowledged = await Promise.race([
      erin.call('send_text', { chat: ofErin, text }).then(() => true),
      until(() => erin.host === null, 'killed', 5_000).then(() => false).catch(() => false),
    ]);
    sent.push({ text, acknowledged });
    await until(() => !victim.host, 'killed', 1_000).catch(() => undefined);
    if (!victim.host) await victim.start();
    victim.disk.hook = null;
  }
  assert.ok(kills >= 8, `${kills} kills`);
  const last = 'the last one';
  await erin.call('send_text', { chat: ofErin, text: last });
  await until(async () => (await frank.texts(ofFrank)).includes(last), 'Frank has the last one');
  const came = await frank.texts(ofFrank);
  for (const { text, acknowledged } of sent) {
    const times = came.filter((each) => each === text).length;
    assert.ok(times === 1 || (!acknowledged && times === 0), `${text}: acknowledged ${acknowledged}, came ${times} times`);
  }
  assert.ok(sent.filter((each) => each.acknowledged).length >= 12);
  assert.deepEqual([erin.stops, frank.stops], [[], []]);
});

test('offline and back: what was written meanwhile goes out, and history is there without a network', async () => {
  const [gail, hugo] = [await person('Gail'), await person('Hugo')];
  const [ofGail, ofHugo] = await meet(gail, hugo);
  await gail.call('send_text', { chat: ofGail, text: 'before' });
  await until(async () => (await hugo.texts(ofHugo)).includes('before'), 'Hugo has it');
  await home.stop();
  gail.kill();
  await gail.start();
  assert.ok((await gail.texts(ofGail)).includes('before'));
  await gail.call('send_text', { chat: ofGail, text: 'meanwhile' });
  await home.start();
  for (const each of [gail, hugo]) each.host.networkChanged();
  await until(async () => (await hugo.texts(ofHugo)).includes('meanwhile'), 'Hugo has it');
});

test('a full disk is said, and what waited is stored when there is room', async () => {
  const ivan = await person('Ivan');
  const store = ivan.disk.store.bind(ivan.disk);
  let refused = 0;
  ivan.disk.store = async () => {
    refused += 1;
    throw new code.HostFailure('store_disk_full');
  };
  const answer = ivan.call('make_invite');
  await until(() => refused > 0, 'it was refused');
  await until(() => JSON.stringify(ivan.notices).includes('store_disk_full'), 'it is told');
  ivan.disk.store = store;
  assert.match((await answer).link, /^godwit:/);
});

test('several programs share one engine', async () => {
  const judy = await person('Judy');
  const lines = [];
  const own = judy.take.bind(judy);
  judy.take = (line) => (lines.push(JSON.parse(line)), own(line));
  judy.host.line(2, '{"jsonrpc":"2.0","id":"seven","method":"list_chats","params":{}}');
  judy.host.line(2, 'no JSON');
  await until(() => lines.length >= 2, 'both are answered');
  assert.deepEqual(lines.find((each) => each.id === 'seven').result, { chats: [] });
  assert.ok(lines.find((each) => each.id === null).error);
});

test('pictures go without what the camera wrote, and as they look', async () => {
  const segment = (marker, ...body) => [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body];
  const ascii = (text) => [...Buffer.from(text, 'latin1')];
  const exif = [...ascii('Exif\0\0II'), 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, ...ascii('GPS 55.75 37.61')];
  const frame = segment(0xc0, 8, 0, 2, 0, 3, 1, 1, 0x11, 0);
  const scan = [...segment(0xda, 1, 1, 0, 0, 63, 0), 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4];
  const icc = segment(0xe2, ...ascii('ICC_PROFILE\0'), 9);
  const jpeg = [0xff, 0xd8, ...segment(0xe1, ...exif), ...segment(0xfe, ...ascii('by Anna')), ...icc, ...frame, ...scan, 0xff, 0xd9, ...ascii('more')];
  const sent = Buffer.from(await (await code.pictureToSend(new Blob([new Uint8Array(jpeg)]))).arrayBuffer());
  assert.ok(!sent.includes('GPS') && !sent.includes('Anna') && !sent.includes('more'));
  assert.ok(sent.includes('ICC_PROFILE') && sent.includes(Buffer.from(scan)) && sent.includes('Exif'));
  assert.equal(sent[2 + 4 + 6 + 8 + 2 + 9], 6, 'which way is up is kept');
  assert.ok(sent.subarray(-2).equals(Buffer.from([0xff, 0xd9])));
  await assert.rejects(code.pictureToSend(new Blob([new Uint8Array(jpeg.slice(0, 30))])), /engine_bad_media/);

  const chunk = (type, ...body) => [0, 0, 0, body.length, ...ascii(type), ...body, 0, 0, 0, 0];
  const magic = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  const png = [...magic, ...chunk('IHDR', ...Array(13).fill(1)), ...chunk('tEXt', ...ascii('by Anna')), ...chunk('IDAT', 5), ...chunk('IEND'), 7];
  const plain = Buffer.from(await (await code.pictureToSend(new Blob([new Uint8Array(png)]))).arrayBuffer());
  assert.ok(plain.equals(Buffer.from([...magic, ...chunk('IHDR', ...Array(13).fill(1)), ...chunk('IDAT', 5), ...chunk('IEND')])));
  assert.equal(await code.pictureToSend(new Blob(['a text'])), null);
});

test('a damaged event ends the engine and is reported, and a new one goes on', async () => {
  const kate = await person('Kate');
  assert.throws(() => kate.module.event(new Uint8Array([99, 1, 2]), Date.now()), WebAssembly.RuntimeError);
  assert.match(kate.stops.join(), /bug of ours/);
  kate.kill();
  await kate.start();
  assert.equal((await kate.call('read_account')).name, 'Kate');
});
