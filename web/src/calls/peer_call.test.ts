import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fakeBrowser, FakeConnection, FakePort, FakeTrack } from './fake_connection';
import type { FramePort } from './frame_port';
import { PeerCall } from './peer_call';
import type { Signal } from './signals';

const kShown = { microphone: true, camera: false, screen: false, hand: false };
const kKey = { kid: 1, key: new Uint8Array(32) };

function begin(offers: boolean) {
  const said: Signal[] = [];
  const port = new FakePort();
  const peer = new PeerCall({ offers, iceServers: [], send: (signal) => said.push(signal), onChange: () => undefined, port: port as unknown as FramePort });
  peer.start();
  return { peer, port, said, connection: FakeConnection.made.at(-1)! };
}

const anOffer = (id: number, ice: string): Signal => ({ type: 'offer', session: 's', id, sdp: `v=0\r\na=ice-ufrag:${ice}\r\n`, key: kKey, shown: kShown });

// All that is asked of the browser is answered.
const settled = () => vi.advanceTimersByTimeAsync(10);

// Somebody says this ten times a second, for so long.
async function floods(seconds: number, say: (tenth: number) => void): Promise<void> {
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

test('a peer who asks for another way again and again gets one now and then', async () => {
  const { peer, said, connection } = begin(true);
  await settled();
  const { session } = said[0]!;
  const answer = () => {
    const offers = said.filter((each) => each.type === 'offer');
    peer.hear({ type: 'answer', session, id: offers.at(-1)!.id, sdp: 'v=0\r\n', key: kKey, shown: kShown });
  };
  answer();
  await settled();
  await floods(60, () => (peer.hear({ type: 'restart', session }), answer()));
  expect(connection.restarts).toBeGreaterThan(3); // who needs one has it
  expect(connection.restarts).toBeLessThan(12);
  peer.close();
});

test('a peer who offers ever new ways is answered now and then, and the same offer said again gets the same answer', async () => {
  const { peer, said, connection } = begin(false);
  peer.hear(anOffer(1, 'a'));
  await settled();
  expect(connection.answered).toBe(1);
  await floods(60, (tenth) => peer.hear(anOffer(tenth + 2, `a${tenth}`)));
  expect(connection.answered).toBeGreaterThan(3);
  expect(connection.answered).toBeLessThan(13);
  const answers = said.filter((each) => each.type === 'answer');
  expect(answers.length).toBe(connection.answered);
  peer.close();
});

test('an offer that is passed over is taken when it is said again, and new keys alone wait for nothing', async () => {
  const { peer, said, connection } = begin(false);
  const answered = () => said.filter((each) => each.type === 'answer').map((each) => each.id);
  peer.hear(anOffer(1, 'a'));
  peer.hear(anOffer(2, 'b'));
  peer.hear(anOffer(3, 'c')); // too early
  await settled();
  expect(answered()).toEqual([1, 2]);
  await vi.advanceTimersByTimeAsync(3_000);
  peer.hear(anOffer(3, 'c'));
  await settled();
  for (let id = 4; id < 14; id++) peer.hear(anOffer(id, 'c'));
  await settled();
  expect(answered().length).toBe(13);
  expect(connection.answered).toBe(13);
  peer.close();
});

test('the microphone is closed in the moment in which it is muted, whatever becomes of what is said about it', async () => {
  const { peer, port } = begin(true);
  const track = new FakeTrack('audio');
  await peer.setTrack('audio', track as unknown as MediaStreamTrack, 'microphone');
  expect(track.enabled).toBe(false); // nothing was sealed yet
  port.onFirst({ side: 'sent', kind: 'audio' });
  expect(track.enabled).toBe(true);
  peer.mute(true);
  expect(track.enabled).toBe(false);
  port.onFirst({ side: 'sent', kind: 'audio' });
  expect(track.enabled).toBe(false);
  peer.mute(false);
  expect(track.enabled).toBe(true);
  peer.close();
  expect(track.enabled).toBe(false);
});
