import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Call, CallRelaysResult } from '../api/types';
import { KeptWords } from '../state/browser_storage';
import { FakeEngine, readySession } from '../state/fake_engine';
import { Preferences } from '../state/preferences.svelte';
import { Calls } from './calls.svelte';
import { fakeBrowser, FakeConnection, FakeTrack } from './fake_connection';

vi.mock('./frame_port', async () => ({ FramePort: (await import('./fake_connection')).FakePort, sealedConfiguration: () => ({}), canSeal: () => true }));
vi.mock('./ring', () => ({
  Ring: class {
    start(): void {}
    stop(): void {}
  },
}));

function nothingKept(): Storage {
  throw new Error('this browser keeps nothing');
}

const kCall: Call = {
  call: 'ca'.repeat(16), chat: 'c'.repeat(32), peer: 'b'.repeat(64), peer_name: 'Boris', device: 'd'.repeat(64), outgoing: false, state: 'ringing_here', outcome: null, media: 'voice', media_there: 'voice',
  offers: true, held_here: false, held_there: false, way: 'none', begun_at: 1_790_000_000_000, active_at: null, duration_ms: 0,
};

// One window of a program for which the call rings.
async function aWindow() {
  const engine = new FakeEngine({
    read_calls: () => ({ live: kCall, past: [], more: false, groups: [], elsewhere: [] }),
    read_call_relays: () => ({ relays: [{ own: true, urls: ['turns:home.example:443?transport=tcp'], username: 'x', credential: 'y', expires_at: 1_890_000_000_000 }], udp: [], clear: true }),
  });
  const said: string[] = [];
  const words = {
    refused: (why: string, what: string) => said.push(`${what} ${why}`),
    failed: (error: unknown) => said.push((error as { errorName?: string }).errorName ?? String(error)),
    rings: () => undefined,
  };
  const preferences = new Preferences(new KeptWords(nothingKept));
  const { stores: calls } = await readySession(engine, (session) => new Calls(session, preferences, new KeptWords(nothingKept), words));
  return { engine, calls, said, preferences };
}

const pass = (ms = 100) => vi.advanceTimersByTimeAsync(ms);
const open = () => FakeTrack.made.filter((each) => each.readyState === 'live' && !FakeConnection.isOf(each)).length;
const asked = (engine: FakeEngine, method: string) => engine.asked.filter((each) => each.method === method).map(({ params }) => params);
const denied = () => Promise.reject(new DOMException('', 'NotAllowedError'));

beforeEach(async () => {
  await Promise.all([import('./frame_port'), import('./live_media.svelte'), import('./call_devices'), import('./own_media.svelte')]);
  fakeBrowser(vi.stubGlobal);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('of two windows that answer at once the second closes its microphone and shows where the call is', async () => {
  const [first, second] = [await aWindow(), await aWindow()];
  first.engine.answers.accept_call = () => ({ call: { ...kCall, state: 'answering' } });
  second.engine.answers.accept_call = () => {
    throw new Error('engine_call_not_now');
  };
  await first.calls.accept('voice');
  await second.calls.accept('voice'); // it has not heard of that yet
  for (const { engine } of [first, second]) engine.tell('call_changed', { call: { ...kCall, state: 'answering' } });
  await pass();
  expect([first.calls.mine, first.calls.media !== null, second.calls.mine, second.calls.media]).toEqual([true, true, false, null]);
  expect([first.said, second.said]).toEqual([[], ['engine_call_not_now']]);
  expect([second.calls.call?.state, second.calls.busy, FakeConnection.made.length]).toEqual(['answering', false, 1]);
  expect(asked(second.engine, 'send_call_signal')).toEqual([]);
  expect(asked(second.engine, 'end_call')).toEqual([]); // it ends nothing of the other one's
  first.calls.end();
  expect(open()).toBe(0);
});

test('a window in which it was answered meanwhile asks for no call', async () => {
  const { calls, engine } = await aWindow();
  let give = (): void => undefined;
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (how) => {
    await new Promise<void>((go) => (give = go));
    return ask(how);
  };
  const accepting = calls.accept('voice'); // the person is asked for the microphone
  await pass();
  engine.tell('call_changed', { call: { ...kCall, state: 'answering' } });
  await pass();
  give();
  await pass();
  await accepting;
  expect([asked(engine, 'accept_call'), calls.mine, open()]).toEqual([[], false, 0]);
});

test('who does not let the microphone be used answers nothing, and it rings on', async () => {
  const { calls, engine, said } = await aWindow();
  navigator.mediaDevices.getUserMedia = denied;
  await calls.accept('video');
  await pass();
  expect([said, asked(engine, 'accept_call'), calls.call?.state, calls.busy]).toEqual([['microphone denied'], [], 'ringing_here', false]);
});

test('who lets the microphone be used and no camera answers with the voice', async () => {
  const { calls, engine, said } = await aWindow();
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (how) => (how?.video ? denied() : ask(how));
  engine.answers.accept_call = () => ({ call: { ...kCall, state: 'answering' } });
  await calls.accept('video');
  await pass();
  expect([said, asked(engine, 'accept_call'), calls.media?.shows]).toEqual([['camera denied'], [{ call: kCall.call, media: 'voice' }], 'nothing']);
  calls.end();
});

test('a camera that is taken away by the browser in the middle of a call leaves the voice', async () => {
  const { calls, engine, said } = await aWindow();
  engine.answers.accept_call = () => ({ call: { ...kCall, state: 'answering' } });
  await calls.accept('video');
  await pass();
  expect(calls.media?.shows).toBe('camera');
  const camera = FakeTrack.made.find((each) => each.kind === 'video' && !FakeConnection.isOf(each))!;
  navigator.mediaDevices.getUserMedia = denied;
  camera.dispatchEvent(new Event('ended'));
  await pass();
  expect([calls.media?.shows, calls.media?.voiceless, calls.call?.state, said]).toEqual(['nothing', false, 'answering', []]);
  calls.end();
});

test('who has allowed that his address be seen goes directly, but not where something speaks for a censor', async () => {
  for (const [clear, policy] of [[true, 'all'], [false, 'relay']] as const) {
    const { calls, engine, preferences } = await aWindow();
    preferences.set({ callsDirect: true });
    const { relays } = engine.answers.read_call_relays!({}) as CallRelaysResult;
    engine.answers.read_call_relays = () => ({ relays, udp: [], clear });
    engine.answers.accept_call = () => ({ call: { ...kCall, state: 'answering' } });
    await calls.accept('voice');
    await pass();
    expect(FakeConnection.made.at(-1)!.configuration?.iceTransportPolicy).toBe(policy);
    calls.end();
  }
});

test('without a relay nobody goes directly where something speaks for a censor, whatever he presses', async () => {
  const { calls, engine, preferences } = await aWindow();
  preferences.set({ callsDirect: true });
  engine.answers.read_call_relays = () => ({ relays: [], udp: [], clear: false });
  const accepting = calls.accept('voice');
  await pass();
  expect(calls.asks?.hindered).toBe(true);
  calls.asks!.answer(true);
  await accepting;
  expect([asked(engine, 'accept_call'), calls.media, open()]).toEqual([[], null, 0]);
});
