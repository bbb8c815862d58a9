import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Call, GroupCall } from '../api/types';
import { KeptWords } from '../state/browser_storage';
import { FakeEngine, readySession } from '../state/fake_engine';
import { Preferences } from '../state/preferences.svelte';
import { Calls } from './calls.svelte';
import { fakeBrowser, FakeConnection, FakePort, FakeTrack } from './fake_connection';
import { GroupCalls } from './group_calls.svelte';

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
  call: 'ca'.repeat(16), chat: 'c'.repeat(32), peer: 'b'.repeat(64), peer_name: 'Boris', device: 'd'.repeat(64), outgoing: true, state: 'active', outcome: null, media: 'voice', media_there: 'voice',
  offers: false, held_here: false, held_there: false, way: 'none', begun_at: 1_790_000_000_000, active_at: 1_790_000_001_000, duration_ms: 0,
};
const kGroupCall: GroupCall = {
  call: 'cb'.repeat(16), chat: 'e'.repeat(32), name: 'friends', by: 'b'.repeat(64), by_name: 'Boris', state: 'here', outcome: null, media: 'voice', full: false, places: 4,
  begun_at: 1_790_000_000_000, joined_at: 1_790_000_001_000, duration_ms: 0,
  peers: [{ account: 'b'.repeat(64), device: 'd'.repeat(64), join: 1, media: 'voice', name: 'Boris', offers: false }],
};

// A page in the call, as one that was loaded anew is: whose `tab` says that it takes part.
async function inCall(tab: KeptWords, there: { live: Call | null; groups: GroupCall[] } = { live: kCall, groups: [] }) {
  const engine = new FakeEngine({
    read_calls: () => ({ live: there.live, past: [], more: false, groups: there.groups, elsewhere: [] }),
    read_call_relays: () => ({ relays: [{ own: true, urls: ['turns:home.example:443?transport=tcp'], username: 'x', credential: 'y', expires_at: 1_890_000_000_000 }], udp: [], clear: true }),
  });
  const refused: string[] = [];
  const words = { refused: (why: string) => refused.push(why), failed: (error: unknown) => refused.push(String(error)), rings: () => undefined };
  const { stores } = await readySession(engine, (session) => {
    const calls = new Calls(session, new Preferences(new KeptWords(nothingKept)), tab, words);
    return { calls, groups: new GroupCalls(session, calls, tab, words) };
  });
  await pass();
  return { engine, there, tab, refused, ...stores };
}

const pass = (ms = 100) => vi.advanceTimersByTimeAsync(ms);
const open = () => FakeTrack.made.filter((each) => each.readyState === 'live' && !FakeConnection.isOf(each)).length;
const lines = () => FakeConnection.made.filter((each) => !each.closed).length;
const ends = (engine: FakeEngine) => engine.asked.filter((each) => each.method === 'end_call').map((each) => each.params['call']);

beforeEach(() => {
  fakeBrowser(vi.stubGlobal);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function aTab(key: string, call: string): Promise<KeptWords> {
  const tab = new KeptWords(nothingKept);
  tab.set(key, call);
  await Promise.all([import('./frame_port'), import('./live_media.svelte'), import('./group_media.svelte'), import('./call_devices'), import('./own_media.svelte')]);
  return tab;
}

test('hanging up ends media at once while the engine does not answer, and it is told when it does', async () => {
  const { calls, engine, there, refused } = await inCall(await aTab('godwit-call', kCall.call));
  expect([refused, calls.call?.call, calls.media !== null, lines()]).toEqual([[], kCall.call, true, 1]);
  expect(open()).toBeGreaterThan(0);
  engine.cut();
  expect([open() > 0, lines()]).toEqual([true, 1]); // the call goes on without it
  calls.hangUp();
  expect([open(), lines(), calls.media]).toEqual([0, 0, null]); // in this very task
  await pass();
  expect([calls.call, ends(engine)]).toEqual([null, []]);
  await pass(5_000); // it is reached again, where the call goes on
  expect(ends(engine)).toEqual([kCall.call]);
  expect([calls.call, lines(), open()]).toEqual([null, 0, 0]);
  engine.tell('call_changed', { call: { ...kCall, held_there: true } });
  await pass();
  expect([calls.call, lines(), open()]).toEqual([null, 0, 0]);
  there.live = null;
  engine.tell('call_changed', { call: { ...kCall, state: 'over', outcome: 'answered' } });
  await pass();
  expect([calls.call, calls.over]).toEqual([null, null]);
});

test('an engine that takes the word and answers nothing holds no microphone', async () => {
  const { calls, engine } = await inCall(await aTab('godwit-call', kCall.call));
  const answers = vi.spyOn(engine as unknown as { answer(): void }, 'answer').mockImplementation(() => undefined);
  calls.hangUp();
  expect([open(), lines(), calls.media]).toEqual([0, 0, null]);
  await pass(60_000);
  expect([open(), lines()]).toEqual([0, 0]);
  expect(answers).toHaveBeenCalled();
});

test('a page that is loaded anew before the engine was told does not go on with the call, and tells it', async () => {
  const before = await inCall(await aTab('godwit-call', kCall.call));
  before.engine.cut();
  before.calls.hangUp();
  await pass(10);
  const { calls, engine, there } = await inCall(before.tab);
  expect([calls.call, ends(engine), lines(), open()]).toEqual([null, [kCall.call], 0, 0]);
  there.live = null;
  engine.cut();
  await pass(5_000);
  expect(ends(engine)).toEqual([kCall.call]); // once it is over nothing is said again
});

test('muting asks nobody', async () => {
  const { calls, engine } = await inCall(await aTab('godwit-call', kCall.call));
  engine.cut();
  await pass(10);
  const asked = engine.asked.length;
  calls.media!.mute(true);
  const sent = FakeTrack.made.filter((each) => each.kind === 'audio' && each.readyState === 'live' && each.enabled && !FakeConnection.isOf(each));
  expect([sent.length, engine.asked.length, calls.media!.muted]).toEqual([0, asked, true]);
});

test('leaving a call of a group ends media at once while the engine does not answer, and it is told when it does', async () => {
  const tab = await aTab('godwit-group-call', kGroupCall.call);
  const { groups, engine, there } = await inCall(tab, { live: null, groups: [kGroupCall] });
  expect([groups.call?.call, groups.media !== null, lines()]).toEqual([kGroupCall.call, true, 1]);
  engine.cut();
  groups.leave();
  expect([open(), lines(), groups.media]).toEqual([0, 0, null]);
  await pass(5_000);
  expect([groups.call, ends(engine), lines(), open()]).toEqual([null, [kGroupCall.call], 0, 0]);
  there.groups = [{ ...kGroupCall, state: 'going' }];
  engine.tell('group_call_changed', { call: { ...kGroupCall, state: 'over', outcome: 'answered' } });
  engine.tell('group_call_changed', { call: { ...kGroupCall, state: 'going' } });
  await pass();
  expect([groups.call, groups.going.get(kGroupCall.chat)?.call]).toEqual([null, kGroupCall.call]);
});

test('a call of a group that another own device goes on with is left here, and it is said where it is', async () => {
  const own = { ...kGroupCall.peers[0]!, account: 'a'.repeat(64), device: 'f'.repeat(64) };
  const going = { ...kGroupCall, peers: [...kGroupCall.peers, own] };
  const { groups, engine } = await inCall(await aTab('godwit-group-call', kGroupCall.call), { live: null, groups: [going] });
  const said = JSON.stringify({ type: 'handed', session: 'x' });
  engine.tell('call_signal', { call: kGroupCall.call, data: said, from: 'd'.repeat(64) }); // of somebody else
  await pass();
  expect([groups.media !== null, ends(engine)]).toEqual([true, []]);
  engine.tell('call_signal', { call: kGroupCall.call, data: said, from: own.device });
  await pass();
  expect([groups.media, ends(engine), open()]).toEqual([null, [kGroupCall.call], 0]);
  engine.tell('group_call_changed', { call: { ...going, state: 'over', outcome: 'answered' } });
  engine.tell('group_call_changed', { call: { ...going, state: 'going' } });
  await pass();
  expect([groups.over?.call.outcome, groups.call, groups.isOwn(groups.going.get(kGroupCall.chat)!)]).toEqual(['moved', null, true]);
});

test('who goes on with a call of a group that another own device is in asks that one to leave, whatever the engine says first', async () => {
  const own = { ...kGroupCall.peers[0]!, account: 'a'.repeat(64), device: 'f'.repeat(64) };
  const here = { ...kGroupCall, peers: [...kGroupCall.peers, own].map((each) => ({ ...each, offers: true })) };
  const { groups, engine } = await inCall(await aTab('none', ''), { live: null, groups: [{ ...here, state: 'going' }] });
  engine.answers.join_group_call = () => {
    engine.tell('group_call_changed', { call: here }); // before its answer
    return { call: here };
  };
  await groups.join(groups.going.get(here.chat)!, 'voice', true);
  await pass();
  for (const each of FakePort.made) each.onFirst({ side: 'received', kind: 'audio' });
  for (const each of FakeConnection.made) each.turn('connected');
  await pass(1_500);
  const handed = engine.asked.filter((each) => each.method === 'send_call_signal' && String(each.params['data']).includes('"handed"'));
  expect(new Set(handed.map((each) => each.params['to']))).toEqual(new Set([own.device]));
  expect(handed.length).toBeGreaterThan(0);
});
