import { afterEach, expect, test, vi } from 'vitest';
import type { GetFileParams } from '../api/types';
import { aMessage, FakeEngine, readySession, settled } from '../state/fake_engine';
import { asPlayed } from './kinds';
import { HttpFiles } from './file_ways';
import { Transfers } from './transfers.svelte';
import { Unasked } from './unasked';

afterEach(() => void vi.unstubAllGlobals());

const kToken = 'f'.repeat(64);
const kId = '1'.repeat(32);

/** The /files of `godwit web`, as far as these tests go: what was asked of it, and answers. */
function filesServer() {
  const asked: string[] = [];
  let made = 0;
  vi.stubGlobal('fetch', (address: string, { method = 'GET', headers }: RequestInit) => {
    asked.push(`${method} ${address}`);
    expect(headers).toEqual({ Authorization: `Bearer ${kToken}` });
    if (method === 'POST') return Promise.resolve(new Response(JSON.stringify({ path: `/profile/web/folder${++made}/` }), { status: 201 }));
    return Promise.resolve(method === 'DELETE' ? new Response(null, { status: 204 }) : new Response(`bytes of ${address}`));
  });
  return asked;
}

const transfersOf = (engine: FakeEngine) => readySession(engine, (session) => new Transfers(session, new HttpFiles(() => kToken))).then((made) => made.stores);

test('what was fetched does not stay on the disk', async () => {
  const asked = filesServer();
  const transfers = await transfersOf(new FakeEngine({ get_file: ({ destination }) => ({ path: `${destination}a b.png` }) }));
  const blob = await transfers.get('chat', kId);
  expect(blob.type).toBe('application/octet-stream');
  await settled();
  expect(asked).toEqual(['POST ./files', 'GET ./files/folder1/a%20b.png', 'DELETE ./files/folder1']);
  expect(await transfers.get('chat', kId)).toBe(blob);
  expect(asked.length).toBe(3);
});

test('what the engine refuses to fetch leaves nothing either', async () => {
  const asked = filesServer();
  const refuse = () => {
    throw new Error('engine_file_gone');
  };
  const transfers = await transfersOf(new FakeEngine({ get_file: refuse }));
  await expect(transfers.get('chat', kId)).rejects.toMatchObject({ errorName: 'engine_file_gone' });
  await settled();
  expect(asked).toEqual(['POST ./files', 'DELETE ./files/folder1']);
});

test('what is held up while it is fetched goes on at the same place', async () => {
  const asked = filesServer();
  const heldUp = () => {
    throw new Error('engine_file_paused');
  };
  const places: string[] = [];
  const engine = new FakeEngine({ get_file: heldUp });
  const transfers = await transfersOf(engine);
  await expect(transfers.get('chat', kId)).rejects.toMatchObject({ errorName: 'engine_file_paused' });
  await settled();
  expect(asked).toEqual(['POST ./files']);
  engine.answers.get_file = ({ destination }) => {
    places.push(destination);
    return { path: `${destination}a.png` };
  };
  await transfers.get('chat', kId);
  await settled();
  expect(places).toEqual(['/profile/web/folder1/']);
  expect(asked).toEqual(['POST ./files', 'GET ./files/folder1/a.png', 'DELETE ./files/folder1']);
});

test('what was sent goes once the engine has read it, and not before', async () => {
  const asked = filesServer();
  const message = aMessage(1);
  const file = { sending: true } as never;
  const engine = new FakeEngine({ read_message: () => ({ message: { ...message, file } }) });
  const transfers = await transfersOf(engine);
  transfers.onSending('chat', message.id, '/profile/web/up1/a.png');
  const half = { chat: 'chat', channel: null, message: message.id, sending: true, done: 5, total: 10, paused: false, error: null };
  engine.tell('file_progress', half);
  engine.tell('file_progress', { ...half, done: 10 });
  await settled();
  expect(asked).toEqual([]);
  engine.answers.read_message = () => ({ message: { ...message, file: { sending: false } as never } });
  engine.tell('message_moved', { chat: 'another', id: message.id, delivery: 'sent' });
  await settled();
  expect(asked).toEqual([]);
  engine.tell('message_moved', { chat: 'chat', id: message.id, delivery: 'sent' });
  await settled();
  expect(asked).toEqual(['DELETE ./files/up1']);
  engine.tell('message_moved', { chat: 'chat', id: message.id, delivery: 'delivered' });
  await settled();
  expect(asked.length).toBe(1);
});

test('the same id in two chats and in a channel are different files', async () => {
  filesServer();
  const places: GetFileParams[] = [];
  const engine = new FakeEngine({
    get_file: (params) => {
      places.push(params);
      return { path: `${params.destination}x` };
    },
  });
  const transfers = await transfersOf(engine);
  transfers.hold('one', kId, new Blob(['mine']));
  expect(transfers.has('one', kId)).toBe(true);
  expect(transfers.has('two', kId)).toBe(false);
  const all = await Promise.all([transfers.get('one', kId), transfers.get('two', kId), transfers.getOfPost('channel', 1, kId), transfers.getOfPost('channel', 2, kId)]);
  expect(new Set(await Promise.all(all.map((each) => each.text()))).size).toBe(4);
  expect(places.map((each) => [each.chat ?? each.channel, each.post ?? null])).toEqual([['two', null], ['channel', 1], ['channel', 2]]);
  engine.tell('file_progress', { chat: 'two', channel: null, message: kId, sending: false, done: 1, total: 2, paused: false, error: null });
  expect(transfers.progressOf('two', kId)?.done).toBe(1);
  expect(transfers.progressOf('one', kId)).toBeUndefined();
});

test('only sound and video keep the kind that was said of them', () => {
  for (const kind of ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'video/mp4,text/html', '']) expect(asPlayed(new Blob(['x']), kind).type).toBe('application/octet-stream');
  expect(asPlayed(new Blob(['x']), 'audio/webm;codecs=opus').type).toBe('audio/webm');
  expect(asPlayed(new Blob(['x']), 'Video/MP4').type).toBe('video/mp4');
});

test('a chat brings only so much unasked', () => {
  const unasked = new Unasked();
  expect(unasked.take(11 * 1024 * 1024)).toBe(false);
  let taken = 0;
  while (unasked.take(9 * 1024 * 1024)) taken += 9;
  expect(taken).toBe(99);
  expect(unasked.take(1024 * 1024)).toBe(true);
});
