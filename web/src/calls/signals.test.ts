import { expect, test } from 'vitest';
import { decodeSignal, encodeSignal, kSignalMax, type Signal } from './signals';

const key = { kid: 3, key: Uint8Array.from({ length: 32 }, (_, at) => at) };
const shown = { microphone: true, camera: false, screen: true, hand: true };
const session = 'aa55';
const kPlace = { home: 'ab'.repeat(32), room: '0f'.repeat(32) };
const kSeat = { ...kPlace, number: 4, heard: 3, asks: true, to: 'bb66', share: new Uint8Array(65).fill(4), feed: 77, shown, has: 1, opens: false };
const kAll: Signal[] = [
  { type: 'offer', session, id: 1, sdp: 'v=0\r\n', key, shown },
  { type: 'answer', session, id: 1, sdp: 'v=0\r\n', key, shown },
  { type: 'candidates', session, list: [{ candidate: 'candidate:1 1 udp 1 127.0.0.1 9 typ host', sdpMid: '0', sdpMLineIndex: 0 }, { candidate: '', sdpMid: null, sdpMLineIndex: null }] },
  { type: 'restart', session },
  { type: 'handed', session },
  { type: 'key_taken', session, kid: 3 },
  { type: 'shown', session, shown },
  { type: 'line', session, low: true },
  { type: 'room', session, ...kPlace },
  { type: 'seat', session, ...kSeat, key: { kid: 2, box: Uint8Array.of(1, 2, 3) } },
  { type: 'seat', session, ...kSeat, to: '', key: null, has: -1 },
];
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('every signal comes out as it went in', () => {
  for (const each of kAll) expect(decodeSignal(encodeSignal(each))).toEqual(each);
});

test('what is none is passed over', () => {
  const offer = { type: 'offer', session, id: 1, sdp: 'v=0', key: { kid: 0, key: 'A'.repeat(43) }, shown };
  expect(decodeSignal(bytesOf(offer))).not.toBeNull();
  const wrong: unknown[] = [
    ...[null, 1, [], 'offer', {}, { type: 'offer' }, { type: 'later', session }, { ...offer, session: '' }, { ...offer, session: 'a'.repeat(65) }, { ...offer, id: -1 }],
    ...[{ ...offer, sdp: 7 }, { ...offer, sdp: 'a'.repeat(24_001) }, { ...offer, shown: [] }, { ...offer, key: { kid: 0, key: 'A'.repeat(42) } }, { ...offer, key: { kid: 0, key: '*' } }],
    ...[{ ...offer, key: { kid: 0.5, key: 'A'.repeat(43) } }, { type: 'candidates', session, list: {} }, { type: 'candidates', session, list: Array(65).fill({}) }, { type: 'key_taken', session }, { type: 'line', session, low: 1 }],
  ];
  const seat = { type: 'seat', session, ...kSeat, share: 'A'.repeat(87), key: null };
  expect(decodeSignal(bytesOf(seat))).not.toBeNull();
  const seats = [
    ...[{ home: 'x' }, { room: 5 }, { number: -1 }, { heard: 0.5 }, { to: 'a'.repeat(65) }, { share: 'AA' }, { feed: '7' }, { shown: null }, { has: -2 }, { key: { kid: 1 } }, { key: undefined }],
    ...[{ key: { kid: 1, box: 'A'.repeat(129) } }, { key: { kid: -1, box: 'AA' } }],
  ];
  wrong.push(...seats.map((each) => ({ ...seat, ...each })), { type: 'room', session, home: kPlace.home }, { type: 'room', session, ...kPlace, room: 'g'.repeat(64) });
  for (const each of wrong) expect([each, decodeSignal(bytesOf(each))]).toEqual([each, null]);
  expect(decodeSignal(Uint8Array.of(0xff, 0xfe))).toBeNull();
  expect(decodeSignal(new TextEncoder().encode('{'))).toBeNull();
  expect(decodeSignal(new Uint8Array(kSignalMax + 1).fill(32))).toBeNull();
});

test('candidates that are none are left out, and fields that nobody knows', () => {
  const said = { type: 'candidates', session, list: [{}, { candidate: 5 }, { candidate: 'c', sdpMid: 7, sdpMLineIndex: -1, more: 1 }, { candidate: 'c'.repeat(1001) }] };
  expect(decodeSignal(bytesOf(said))).toEqual({ type: 'candidates', session, list: [{ candidate: 'c', sdpMid: null, sdpMLineIndex: null }] });
});

test('a signal too large for the engine is not sent', () => {
  expect(() => encodeSignal({ type: 'offer', session, id: 1, sdp: 'a'.repeat(kSignalMax), key, shown })).toThrow();
});

test('cut and changed bytes never throw', () => {
  for (const each of kAll) {
    const whole = encodeSignal(each);
    for (let at = 0; at < whole.length; at++) {
      decodeSignal(whole.subarray(0, at));
      const other = whole.slice();
      other[at]! ^= 0x15;
      decodeSignal(other);
    }
  }
});
