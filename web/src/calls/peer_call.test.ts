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

// What the browser says of a call whose media go by this.
function goesBy(connection: FakeConnection, relayProtocol: string, came: number): void {
  connection.stats = [
    { type: 'candidate-pair', id: 'P', nominated: true, state: 'succeeded', localCandidateId: 'L', packetsReceived: came, responsesReceived: 1 },
    { type: 'local-candidate', id: 'L', candidateType: 'relay', relayProtocol },
    { type: 'transport', selectedCandidatePairId: 'P' },
  ];
}

const kTls = { urls: ['turns:home.example:443?transport=tcp'], username: 'u', credential: 'c' };
const kUdp = { urls: ['turn:home.example:3478?transport=udp'], username: 'u', credential: 'c' };

for (const offers of [true, false]) {
  test(`a call moves to UDP once media flow, and back when nothing comes by it (${offers ? 'who offers' : 'who answers'})`, async () => {
    const said: Signal[] = [];
    const port = new FakePort();
    let spoilt = 0;
    const peer = new PeerCall({
      offers, iceServers: [kTls], send: (signal) => said.push(signal), onChange: () => undefined, port: port as unknown as FramePort,
      datagrams: { ask: () => Promise.resolve([kUdp]), spoilt: () => spoilt++ },
    });
    peer.start();
    await settled();
    const connection = FakeConnection.made.at(-1)!;
    const session = offers ? said[0]!.session : 's';
    let id = 1;
    // The other page does what is asked of it.
    const other = async () => {
      await settled();
      if (!offers) return peer.hear(anOffer(++id, `ice${id}`));
      const offer = said.findLast((each) => each.type === 'offer')!;
      peer.hear({ type: 'answer', session, id: offer.id, sdp: 'v=0\r\n', key: kKey, shown: kShown });
    };
    await other();
    await settled();
    port.onFirst({ side: 'received', kind: 'audio' });
    connection.turn('connected');
    const relays = () => connection.configuration.iceServers!.map((each) => each.urls[0]);
    const restarts = () => (offers ? connection.restarts : said.filter((each) => each.type === 'restart').length);
    let came = 0;
    const flows = async (ms: number, by: string, rate: number) => {
      for (let at = 0; at < ms; at += 500) {
        goesBy(connection, by, (came += rate));
        await vi.advanceTimersByTimeAsync(500);
      }
    };
    await flows(4_000, 'tls', 30);
    expect([relays(), restarts()]).toEqual([kTls.urls, 0]); // it begins without
    await flows(3_000, 'tls', 30);
    expect(restarts()).toBe(1);
    await other();
    await settled();
    expect(relays()).toEqual([...kTls.urls, ...kUdp.urls]);
    await flows(20_000, 'udp', 30);
    expect(restarts()).toBe(1);
    await flows(2_500, 'udp', 0); // nothing comes
    expect(restarts()).toBe(2);
    await other();
    await settled();
    expect(relays()).toEqual(kTls.urls);
    expect(spoilt).toBe(0); // until the other way is seen to stand
    await flows(30_000, 'tls', 30);
    expect([spoilt, restarts(), relays()]).toEqual([1, 2, kTls.urls]);
    peer.close();
  });
}

test('where UDP is not allowed nothing is looked for', async () => {
  const { peer, port, connection } = begin(true);
  await settled();
  port.onFirst({ side: 'received', kind: 'audio' });
  connection.turn('connected');
  for (let came = 0; came < 3_000; came += 30) {
    goesBy(connection, 'tls', came);
    await vi.advanceTimersByTimeAsync(500);
  }
  expect(connection.restarts).toBe(0);
  peer.close();
});
