import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settled } from '../state/fake_engine';
import { kAnewForgottenMs } from './anew';
import { CallDevices } from './call_devices';
import { fakeBrowser, FakeConnection, FakePort, FakeTrack } from './fake_connection';
import { LiveMedia } from './live_media.svelte';
import { encodeSignal, type Signal } from './signals';

vi.mock('./frame_port', async () => ({ FramePort: (await import('./fake_connection')).FakePort, sealedConfiguration: () => ({}), canSeal: () => true }));

async function begin(offers: boolean) {
  const devices = new CallDevices(false, { read: () => ({ microphone: '', camera: '', speaker: '' }), keep: () => undefined });
  await devices.openMicrophone();
  const media = new LiveMedia({
    devices, offers, iceServers: [], relayOnly: true, begunAnew: false, device: 'd'.repeat(64),
    renewRelays: () => Promise.resolve(null), send: () => undefined, onFlow: () => undefined, onEnd: () => undefined, onRefused: () => undefined,
  });
  await settled();
  const hear = (signal: Signal) => media.hear(new TextDecoder().decode(encodeSignal(signal)));
  return { media, devices, hear };
}

const kShown = { microphone: true, camera: false, screen: false, hand: false };
const anOffer = (session: string): Signal => ({ type: 'offer', session, id: 1, sdp: 'v=0\r\n', key: { kid: 1, key: new Uint8Array(32) }, shown: kShown });
const kAnew: Signal = { type: 'restart', session: 'anew' };

async function pass(seconds: number, say: (tenth: number) => void = () => undefined): Promise<void> {
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    say(tenth);
    await vi.advanceTimersByTimeAsync(100);
  }
}

function flow(): void {
  FakePort.made.at(-1)!.onFirst({ side: 'received', kind: 'audio' });
  FakeConnection.made.at(-1)!.turn('connected');
}

beforeEach(() => {
  fakeBrowser(vi.stubGlobal);
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a page that says again and again that it was loaded anew is connected with now and then, and the last time too', async () => {
  const { media, hear } = await begin(true);
  hear(kAnew);
  expect(FakeConnection.made.length).toBe(2); // at once
  await pass(60, () => hear(kAnew));
  expect(FakeConnection.made.length).toBeGreaterThan(4);
  expect(FakeConnection.made.length).toBeLessThan(12);
  const before = FakeConnection.made.length;
  hear(kAnew); // said once, and too early
  await pass(11);
  expect(FakeConnection.made.length - before).toBeGreaterThan(0);
  expect(FakeConnection.made.filter((each) => !each.closed).length).toBe(1);
  media.close();
  await pass(20);
  expect(FakeConnection.made.filter((each) => !each.closed).length).toBe(0);
});

test('ever new sessions of the other page begin anew now and then', async () => {
  const { media, hear } = await begin(false);
  hear(anOffer('first'));
  await settled();
  expect(FakeConnection.made.length).toBe(1);
  await pass(60, (tenth) => hear(anOffer(`session ${tenth}`)));
  expect(FakeConnection.made.length).toBeGreaterThan(4);
  expect(FakeConnection.made.length).toBeLessThan(13);
  media.close();
});

test('after media have flowed for a while the first is free again', async () => {
  const { media, hear } = await begin(true);
  await pass(20, () => hear(kAnew));
  await pass(12);
  flow();
  await pass(kAnewForgottenMs / 1000 + 1);
  const before = FakeConnection.made.length;
  hear(kAnew);
  expect(FakeConnection.made.length).toBe(before + 1);
  media.close();
});

test('muting closes what is sent of the microphone at once, with every connection and with the next one', async () => {
  const { media, hear } = await begin(true);
  const open = () => FakeTrack.made.filter((each) => each.kind === 'audio' && each.enabled && each.readyState === 'live' && !FakeConnection.isOf(each));
  FakePort.made.at(-1)!.onFirst({ side: 'sent', kind: 'audio' });
  expect(open().length).toBe(1);
  media.mute(true);
  expect(open().length).toBe(0);
  hear(kAnew);
  await settled();
  FakePort.made.at(-1)!.onFirst({ side: 'sent', kind: 'audio' });
  expect(open().length).toBe(0);
  media.mute(false);
  expect(open().length).toBe(1);
  media.close();
  expect(open().length).toBe(0);
});

test('a camera that is unplugged is shown no more, a microphone is asked for again, and the call goes on', async () => {
  const { media, devices } = await begin(true);
  await media.turnCamera(true);
  expect(media.shows).toBe('camera');
  const { camera, microphone } = devices as unknown as Record<'camera' | 'microphone', FakeTrack>;
  camera.dispatchEvent(new Event('ended'));
  await settled();
  expect([media.shows, media.own, media.phase]).toEqual(['nothing', null, 'connecting']);
  microphone.dispatchEvent(new Event('ended'));
  await settled();
  expect([media.voiceless, devices.microphone === (microphone as unknown), devices.microphone !== null]).toEqual([false, false, true]); // another one is there
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError'));
  (devices.microphone as unknown as FakeTrack).dispatchEvent(new Event('ended'));
  await settled();
  expect([media.voiceless, FakeConnection.made.at(-1)!.closed]).toEqual([true, false]);
  media.close();
});
