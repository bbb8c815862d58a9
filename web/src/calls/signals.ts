// What the pages of two devices say to each other about a call: bytes of the step Signal (docs/protocol/calls.md, "Between the pages").
// MLS encrypts them and proves who has said them; they are still read as bytes of somebody else.

import { fromBase64url, toBase64url } from '../text/base64';
import { kShareSize } from './agreement';
import type { SaidKey } from './frame_protocol';
import { kBaseKeySize } from './sframe';

/** What of one side can be seen and heard. */
export interface Shown {
  microphone: boolean;
  camera: boolean;
  screen: boolean;
  /** He would like to say something; only in calls of groups. */
  hand: boolean;
}

export interface Candidate {
  candidate: string;
  sdpMid: string | null;
  sdpMLineIndex: number | null;
}

/** A key of frames, sealed for one device (seat_keys.ts). */
export interface SealedKey {
  kid: number;
  box: Uint8Array<ArrayBuffer>;
}

/** Of a call of more than a few: which room of a unit it has, at the home of which account. */
export interface RoomSignal {
  type: 'room';
  session: string;
  home: string;
  room: string;
}

/** All that another page needs of one that sits in that room (unit_media.ts). */
export interface SeatSignal {
  type: 'seat';
  session: string;
  home: string;
  room: string;
  /** Counts what changes in it; and the newest number of the other one that was heard, and whether an answer is waited for. */
  number: number;
  heard: number;
  asks: boolean;
  /** The other one's session, as it is known here; empty: it is not. */
  to: string;
  share: Uint8Array<ArrayBuffer>;
  /** By which the unit knows what this one sends; 0: nothing yet. */
  feed: number;
  shown: Shown;
  /** Null: the other one has the newest. */
  key: SealedKey | null;
  /** The newest key of the other one that was taken here; -1: none. */
  has: number;
  /** Sound of the other one was opened here. */
  opens: boolean;
}

/** `session`: random, by who offers; each page that begins anew takes another. `id`: counts offers, from 1. */
export type Signal =
  | { type: 'offer'; session: string; id: number; sdp: string; key: SaidKey; shown: Shown }
  | { type: 'answer'; session: string; id: number; sdp: string; key: SaidKey; shown: Shown }
  | { type: 'candidates'; session: string; list: Candidate[] }
  | { type: 'restart'; session: string }
  | { type: 'key_taken'; session: string; kid: number }
  | { type: 'shown'; session: string; shown: Shown }
  /** `low`: this side's line takes little; the other one shall spare it too. */
  | { type: 'line'; session: string; low: boolean }
  /** In a call of a group, to another device of the own account: this one has media, and that one leaves. */
  | { type: 'handed'; session: string }
  | RoomSignal
  | SeatSignal;

/** What the engine takes. */
export const kSignalMax = 32_768;
const kCandidatesMax = 64;
const kSdpMax = 24_000;
const kCandidateMax = 1_000;
const kBoxMax = 128;

/** Throws if it is larger than the engine takes, which no description of two media is. */
export function encodeSignal(signal: Signal): Uint8Array<ArrayBuffer> {
  const plain = signal.type === 'seat' ? plainSeat(signal) : 'key' in signal ? { ...signal, key: plainKey(signal.key) } : signal;
  const bytes = new Uint8Array(new TextEncoder().encode(JSON.stringify(plain)));
  if (bytes.length > kSignalMax) throw new RangeError('a signal too large');
  return bytes;
}

function plainKey({ kid, key, share }: SaidKey): object {
  return { kid, key: toBase64url(key), ...(share ? { share: toBase64url(share) } : {}) };
}

function plainSeat(signal: SeatSignal): object {
  return { ...signal, share: toBase64url(signal.share), key: signal.key && { kid: signal.key.kid, box: toBase64url(signal.key.box) } };
}

type Record_ = Record<string, unknown>;

function isRecord(value: unknown): value is Record_ {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max;
}

function count(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function shownOf(value: unknown): Shown | null {
  if (!isRecord(value)) return null;
  return { microphone: value['microphone'] === true, camera: value['camera'] === true, screen: value['screen'] === true, hand: value['hand'] === true };
}

function keyOf(value: unknown): SaidKey | null {
  if (!isRecord(value) || !count(value['kid']) || !text(value['key'], 64)) return null;
  const key = fromBase64url(value['key']);
  if (!key || key.length !== kBaseKeySize) return null;
  if (value['share'] === undefined) return { kid: value['kid'], key };
  const share = text(value['share'], 128) ? fromBase64url(value['share']) : null;
  return share && share.length === kShareSize ? { kid: value['kid'], key, share } : null;
}

function isRoom(value: Record_): boolean {
  return /^[0-9a-f]{64}$/.test(String(value['home'])) && /^[0-9a-f]{64}$/.test(String(value['room']));
}

function sealedKeyOf(value: unknown): SealedKey | null {
  if (!isRecord(value) || !count(value['kid']) || !text(value['box'], kBoxMax)) return null;
  const box = fromBase64url(value['box']);
  return box && { kid: value['kid'], box };
}

function seatOf(session: string, value: Record_): SeatSignal | null {
  const [shown, share] = [shownOf(value['shown']), text(value['share'], 128) ? fromBase64url(value['share']) : null];
  const [home, room, number, heard, to, feed, has] = ['home', 'room', 'number', 'heard', 'to', 'feed', 'has'].map((each) => value[each]);
  if (!isRoom(value) || !shown || !share || share.length !== kShareSize || !count(number) || !count(heard) || !text(to, 64) || !count(feed)) return null;
  if (has !== -1 && !count(has)) return null;
  const key = value['key'] === null ? null : sealedKeyOf(value['key']);
  if (value['key'] !== null && !key) return null;
  const [asks, opens] = [value['asks'] === true, value['opens'] === true];
  return { type: 'seat', session, home: home as string, room: room as string, number, heard, asks, to, share, feed, shown, key, has: has as number, opens };
}

function candidateOf(value: unknown): Candidate | null {
  if (!isRecord(value) || !text(value['candidate'], kCandidateMax)) return null;
  const [mid, line] = [value['sdpMid'], value['sdpMLineIndex']];
  return { candidate: value['candidate'], sdpMid: text(mid, 32) ? mid : null, sdpMLineIndex: count(line) ? line : null };
}

function descriptionOf(type: 'offer' | 'answer', session: string, value: Record_): Signal | null {
  const [key, shown] = [keyOf(value['key']), shownOf(value['shown'])];
  if (!key || !shown || !count(value['id']) || !text(value['sdp'], kSdpMax)) return null;
  return { type, session, id: value['id'], sdp: value['sdp'], key, shown };
}

function fromValue(value: Record_): Signal | null {
  const session = value['session'];
  if (!text(session, 64) || session === '') return null;
  switch (value['type']) {
    case 'offer':
    case 'answer':
      return descriptionOf(value['type'], session, value);
    case 'candidates': {
      if (!Array.isArray(value['list']) || value['list'].length > kCandidatesMax) return null;
      return { type: 'candidates', session, list: value['list'].map(candidateOf).filter((each) => each !== null) };
    }
    case 'room':
      return isRoom(value) ? { type: 'room', session, home: value['home'] as string, room: value['room'] as string } : null;
    case 'seat':
      return seatOf(session, value);
    case 'restart':
    case 'handed':
      return { type: value['type'], session };
    case 'key_taken':
      return count(value['kid']) ? { type: 'key_taken', session, kid: value['kid'] } : null;
    case 'shown': {
      const shown = shownOf(value['shown']);
      return shown && { type: 'shown', session, shown };
    }
    case 'line':
      return typeof value['low'] === 'boolean' ? { type: 'line', session, low: value['low'] } : null;
    default:
      return null; // of a newer version
  }
}

/** Null: it is none, or of a newer version. Never throws. */
export function decodeSignal(bytes: Uint8Array): Signal | null {
  if (bytes.length > kSignalMax) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return isRecord(value) ? fromValue(value) : null;
  } catch {
    return null;
  }
}
