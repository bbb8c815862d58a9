import { afterEach, expect, test, vi } from 'vitest';
import type { Call } from '../api/types';
import { KeptWords } from '../state/browser_storage';
import { aChat, FakeEngine, readySession, settled } from '../state/fake_engine';
import { Preferences } from '../state/preferences.svelte';
import { Calls } from './calls.svelte';
import { callLineWords, overWords, stateWords } from './call_words';

function nothingKept(): Storage {
  throw new Error('this browser keeps nothing');
}

const kCall: Call = {
  call: 'ca'.repeat(16), chat: 'c'.repeat(32), peer: 'b'.repeat(64), peer_name: 'Boris', device: null, outgoing: false, state: 'ringing_here', outcome: null, media: 'voice', media_there: 'voice',
  offers: true, held_here: false, held_there: false, way: 'none', begun_at: 1_790_000_000_000, active_at: null, duration_ms: 0,
};

async function ready(live: Call | null = null) {
  const engine = new FakeEngine({ read_calls: () => ({ live, past: [], more: false, groups: [], elsewhere: [] }) });
  const rings: (string | null)[] = [];
  const failed: unknown[] = [];
  const { stores: calls } = await readySession(engine, (session) => {
    const words = { refused: () => undefined, failed: (error: unknown) => failed.push(error), rings: (call: Call | null) => rings.push(call?.peer_name ?? null) };
    return new Calls(session, new Preferences(new KeptWords(nothingKept)), new KeptWords(nothingKept), words);
  });
  const tell = async (more: Partial<Call>) => {
    engine.tell('call_changed', { call: { ...kCall, ...more } });
    await settled();
  };
  return { engine, calls, rings, failed, tell };
}

afterEach(() => vi.useRealTimers());

test('only the other person of a chat of two can be called, and only where the engine knows calls', async () => {
  const { calls } = await ready();
  expect(calls.canCall(aChat())).toBe(true);
  for (const more of [{ group: true }, { kept: true }, { saved: true }, { member: false }, { ready: false }]) expect(calls.canCall(aChat(more))).toBe(false);
  const old = new FakeEngine({
    read_calls: () => {
      throw new Error('api_unknown_method');
    },
  });
  const words = { refused: () => undefined, failed: () => undefined, rings: () => undefined };
  const { stores } = await readySession(old, (session) => new Calls(session, new Preferences(new KeptWords(nothingKept)), new KeptWords(nothingKept), words));
  expect(stores.canCall(aChat())).toBe(false);
});

test('a call that rings is shown, and is gone when the caller gives up', async () => {
  const { calls, rings, tell } = await ready();
  await tell({});
  expect(calls.call?.state).toBe('ringing_here');
  expect(rings).toEqual(['Boris']);
  await tell({ state: 'over', outcome: 'missed' });
  expect([calls.call, calls.over, rings.at(-1)]).toEqual([null, null, null]);
});

test('a page that is opened while it rings shows it', async () => {
  const { calls, rings } = await ready(kCall);
  expect([calls.call?.call, calls.mine, rings]).toEqual([kCall.call, false, ['Boris']]);
});

test('a call that another device or window takes is left alone', async () => {
  const { calls, engine, tell } = await ready();
  await tell({});
  await tell({ state: 'answering' }); // by another window of this program
  engine.tell('call_signal', { call: kCall.call, data: '{}', from: null });
  await settled();
  expect([calls.call?.state, calls.mine, calls.media]).toEqual(['answering', false, null]);
  expect(engine.asked.some((each) => ['send_call_signal', 'read_call_relays', 'end_call'].includes(each.method))).toBe(false);
  vi.useFakeTimers();
  await tell({ state: 'over', outcome: 'elsewhere' });
  expect(calls.over?.call.outcome).toBe('elsewhere');
  vi.advanceTimersByTime(6_000);
  expect(calls.over).toBeNull();
});

test('declining and hanging up are said to the engine', async () => {
  const { calls, engine, tell } = await ready();
  await tell({});
  calls.decline();
  await tell({ state: 'over', outcome: 'declined' });
  await tell({ call: 'cb'.repeat(16), state: 'calling', outgoing: true });
  calls.hangUp();
  await settled();
  expect(engine.asked.slice(-2).map(({ method, params }) => [method, params])).toEqual([
    ['decline_call', { call: kCall.call }],
    ['end_call', { call: 'cb'.repeat(16) }],
  ]);
});

test('a call that was hung up begins nothing anew while the engine has not heard of it', async () => {
  const { calls, engine, tell } = await ready();
  await tell({ call: 'cb'.repeat(16), state: 'connecting', outgoing: true });
  calls.hangUp();
  calls.mine = true;
  await tell({ call: 'cb'.repeat(16), state: 'active', outgoing: true });
  await settled();
  expect([calls.media, calls.asks]).toEqual([null, null]);
  expect(engine.asked.some((each) => each.method === 'read_call_relays')).toBe(false);
});

test('what an old call says changes nothing of a new one', async () => {
  const { calls, tell } = await ready();
  await tell({ call: 'cb'.repeat(16) });
  await tell({ state: 'over', outcome: 'missed' });
  expect(calls.call?.call).toBe('cb'.repeat(16));
});

test('a call of another own device is shown, and where one of this device has gone', async () => {
  const { calls, engine, tell } = await ready();
  await tell({ state: 'active' });
  calls.mine = true;
  const there = { call: kCall.call, chat: kCall.chat, peer: kCall.peer, peer_name: 'Boris', device: 'd'.repeat(64), device_name: 'Laptop', media: 'voice', begun_at: 1, active_at: 2 } as const;
  engine.tell('calls_elsewhere', { calls: [there] });
  await tell({ state: 'over', outcome: 'moved' });
  expect([calls.call, calls.over?.device, calls.elsewhere.length]).toEqual([null, 'Laptop', 1]);
  expect(overWords(calls.over!.call, null, 'Laptop')).toBe('The call continues on Laptop');
  expect(overWords(calls.over!.call, null)).toBe('The call continues on another device of yours');
  await calls.takeOver(there); // node has no WebRTC: nothing is asked
  expect(engine.asked.some((each) => each.method === 'take_over_call')).toBe(false);
  engine.tell('calls_elsewhere', { calls: [] });
  await settled();
  expect(calls.elsewhere).toEqual([]);
});

test('where this browser cannot seal frames nobody is called', async () => {
  const { calls, engine } = await ready(); // node has no WebRTC
  await calls.start(kCall.chat, 'voice');
  expect(calls.call).toBeNull();
  expect(engine.asked.some((each) => each.method === 'start_call')).toBe(false);
});

test('where a call stands, and how it ended, has words', () => {
  expect(stateWords({ ...kCall, state: 'ringing_there' })).toBe('Ringing…');
  expect(stateWords({ ...kCall, media_there: 'video' })).toBe('Calls you with video');
  expect(stateWords({ ...kCall, state: 'active', held_there: true })).toBe('You are on hold');
  expect(overWords({ ...kCall, outcome: 'busy' }, null)).toBe('Busy: in another call');
  expect(overWords({ ...kCall, outcome: 'answered' }, 'sent_unsealed')).toMatch(/not encrypted/);
  const line = { call: kCall.call, outgoing: true, outcome: 'answered', media: 'video', begun_at: 0, duration_ms: 75_400 } as const;
  expect(callLineWords(line)).toBe('Outgoing video call, 1:15');
  expect(callLineWords({ ...line, outgoing: false, outcome: 'busy' })).toBe('Missed call');
});
