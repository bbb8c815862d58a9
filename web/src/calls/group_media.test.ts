import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { GroupCallPeer } from '../api/types';
import { CallDevices } from './call_devices';
import { fakeBrowser, FakeConnection, FakePort, FakeTrack } from './fake_connection';
import { GroupMedia, type GroupOptions } from './group_media.svelte';
import { decodeSignal, encodeSignal } from './signals';

vi.mock('./frame_port', async () => ({ FramePort: (await import('./fake_connection')).FakePort, sealedConfiguration: () => ({}), canSeal: () => true }));

const aPeer = (which: string, join = 1): GroupCallPeer => ({ account: which.repeat(64), device: which.repeat(64), join, media: 'voice', name: which, offers: true });
const lines = () => FakeConnection.made.filter((each) => !each.closed).length;

async function begin(ended: string[] = [], more: Partial<GroupOptions> = {}) {
  const devices = new CallDevices(true, { read: () => ({ microphone: '', camera: '', speaker: '' }), keep: () => undefined });
  await devices.openMicrophone();
  const media = new GroupMedia({ devices, iceServers: [], relayOnly: true, begunAnew: false, send: () => undefined, onEnd: (why) => ended.push(why), onRefused: () => undefined, ...more });
  media.take([aPeer('b'), aPeer('c')]);
  return media;
}

async function pass(seconds: number, say: (tenth: number) => void = () => undefined): Promise<void> {
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    say(tenth);
    await vi.advanceTimersByTimeAsync(100);
  }
}

beforeEach(() => {
  fakeBrowser(vi.stubGlobal);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('one of a group who says again and again that he was loaded anew is connected with now and then, and the others hear nothing of it', async () => {
  const media = await begin();
  expect(FakeConnection.made.length).toBe(2);
  const anew = new TextDecoder().decode(encodeSignal({ type: 'restart', session: 'anew' }));
  const other = FakeConnection.made[1]!;
  await pass(60, () => media.hear('b'.repeat(64), anew));
  expect(FakeConnection.made.length).toBeGreaterThan(5);
  expect(FakeConnection.made.length).toBeLessThan(14);
  expect([other.closed, lines()]).toEqual([false, 2]);
  media.close();
  await pass(20);
  expect(lines()).toBe(0);
});

test('who leaves and comes in again and again is connected with now and then, and in the end', async () => {
  const media = await begin();
  await pass(60, (tenth) => media.take(tenth % 2 === 0 ? [aPeer('c')] : [aPeer('b', tenth + 2), aPeer('c')]));
  expect(FakeConnection.made.length).toBeGreaterThan(5);
  expect(FakeConnection.made.length).toBeLessThan(14);
  media.take([aPeer('b', 9_999), aPeer('c')]);
  await pass(11);
  expect(lines()).toBe(2);
  // With media for a while he has all of it back.
  FakePort.made.at(-1)!.onFirst({ side: 'received', kind: 'audio' });
  FakeConnection.made.at(-1)!.turn('connected');
  await pass(31);
  const before = FakeConnection.made.length;
  media.take([aPeer('b', 10_000), aPeer('c')]);
  expect(FakeConnection.made.length).toBe(before + 1);
  media.close();
});

test('one who sends garbage frames is shown no more, and the call of the others goes on', async () => {
  const ended: string[] = [];
  const media = await begin(ended);
  for (const each of FakePort.made) each.onFirst({ side: 'received', kind: 'audio' });
  for (const each of FakeConnection.made) each.turn('connected');
  await pass(1);
  expect(media.seats.map((each) => each.remote !== null)).toEqual([true, true]);
  const none = { seen: 0, passed: 0, dropped: 0, keyless: 0, replayed: 0 };
  const garbage = { ...none, seen: 400, dropped: 400 };
  FakePort.made[0]!.counts = () => Promise.resolve({ sent: { audio: none, video: none }, received: { audio: garbage, video: garbage } });
  await pass(2);
  expect(media.seats.map((each) => each.remote !== null)).toEqual([false, true]);
  expect([FakeConnection.made.map((each) => each.closed), ended]).toEqual([[true, false], []]);
  // Frames that nobody has sealed are no garbage of somebody else: this page ends its call.
  FakePort.made[1]!.counts = () => Promise.reject(new Error('silent'));
  await pass(2);
  expect(ended).toEqual([]); // a worker that is gone is that of one connection
  media.close();
});

test('only another device of the own account says that it has gone on with the call', async () => {
  let handed = 0;
  const media = await begin([], { account: 'b'.repeat(64), onHanded: () => handed++ });
  const said = new TextDecoder().decode(encodeSignal({ type: 'handed', session: 'x' }));
  media.hear('c'.repeat(64), said);
  media.hear('d'.repeat(64), said);
  expect(handed).toBe(0);
  media.hear('b'.repeat(64), said);
  expect(handed).toBe(1);
  media.close();
});

test('who takes a call over from another own device is silent until that one has left, and asks it to once somebody else is heard', async () => {
  const asked: string[] = [];
  const media = await begin([], {
    account: 'b'.repeat(64), takesOver: true,
    send: (to, data) => void (decodeSignal(new TextEncoder().encode(data))?.type === 'handed' && asked.push(to[0]!)),
  });
  await pass(1);
  for (const each of FakePort.made) each.onFirst({ side: 'sent', kind: 'audio' });
  const sent = () => FakeTrack.made.filter((each) => each.kind === 'audio' && each.enabled && each.readyState === 'live' && !FakeConnection.isOf(each)).length;
  expect([sent(), asked, media.muted]).toEqual([0, [], false]);
  FakePort.made[1]!.onFirst({ side: 'received', kind: 'audio' });
  FakeConnection.made[1]!.turn('connected');
  await pass(3);
  expect([sent(), new Set(asked), asked.length > 1]).toEqual([0, new Set(['b']), true]); // again and again: it may be lost
  media.take([aPeer('c')]);
  await pass(1);
  expect(sent()).toBe(1);
  const before = asked.length;
  await pass(12);
  expect(asked.length).toBe(before);
  media.close();
});

test('an older page that does not leave is left alone after a while, and this side is heard', async () => {
  const media = await begin([], { account: 'b'.repeat(64), takesOver: true });
  for (const each of FakePort.made) each.onFirst({ side: 'sent', kind: 'audio' });
  await pass(11);
  const sent = FakeTrack.made.filter((each) => each.kind === 'audio' && each.enabled && each.readyState === 'live' && !FakeConnection.isOf(each)).length;
  expect([sent, lines()]).toEqual([2, 2]);
  media.close();
});
