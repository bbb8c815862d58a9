// SFrame (RFC 9605) with cipher suite 5, AES_256_GCM_SHA512_128, by WebCrypto. What a relay of media is given is made here: it knows
// which key (KID) and the number of the frame (CTR), and nothing of the frame.
//
// A counter is used once per key: a key that has sealed anything is never given to a second FrameSealer. Replay is left to the
// application by the RFC (9.3, "Anti-Replay"); here a frame is opened once, and what is older than kReplayWindow frames is not.

/** Cipher suite 5 of the RFC's table. */
const kSuite = 5;
const kKeyBits = 256;
const kSaltBytes = 12;
const kTagBytes = 16;
/** A base key of this application: 32 random bytes. */
export const kBaseKeySize = 32;
/** The longest header: 1 byte, and 8 for each of the two numbers. */
export const kHeaderMax = 17;
/** What sealing adds at most. */
export const kSealMax = kHeaderMax + kTagBytes;
/** So many frames may be overtaken: some seconds of voice and picture together. */
export const kReplayWindow = 1024n;
/** No key seals more frames than this: it is changed long before (RFC 9605, 9.2). */
const kFramesMax = 2n ** 32n;
const kNumberMax = 2n ** 64n - 1n;

export interface Header {
  kid: bigint;
  ctr: bigint;
}

function numberBytes(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 8n) bytes.unshift(Number(rest & 0xffn));
  return bytes.length > 0 ? bytes : [0];
}

// Half of the first byte: a number up to 7 as it is, or how many bytes follow, less one, with the highest bit.
function half(value: bigint): { bits: number; bytes: number[] } {
  if (value < 8n) return { bits: Number(value), bytes: [] };
  const bytes = numberBytes(value);
  return { bits: 8 | (bytes.length - 1), bytes };
}

/** As short as the RFC allows. Both numbers are below 2^64. */
export function encodeHeader({ kid, ctr }: Header): Uint8Array<ArrayBuffer> {
  if (kid < 0n || ctr < 0n || kid > kNumberMax || ctr > kNumberMax) throw new RangeError('64 bits at most');
  const [k, c] = [half(kid), half(ctr)];
  return Uint8Array.from([(k.bits << 4) | c.bits, ...k.bytes, ...c.bytes]);
}

/** The header at the beginning of `data`, and how long it is; null: it is cut off. */
export function decodeHeader(data: Uint8Array): (Header & { size: number }) | null {
  const first = data[0];
  if (first === undefined) return null;
  let at = 1;
  const read = (bits: number): bigint | null => {
    if ((bits & 8) === 0) return BigInt(bits);
    const count = (bits & 7) + 1;
    if (at + count > data.length) return null;
    let value = 0n;
    for (const each of data.subarray(at, at + count)) value = (value << 8n) | BigInt(each);
    at += count;
    return value;
  };
  const kid = read(first >> 4);
  const ctr = kid === null ? null : read(first & 15);
  return kid === null || ctr === null ? null : { kid, ctr, size: at };
}

function label(text: string, kid: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length + 10);
  bytes.set(new TextEncoder().encode(text));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(text.length, kid);
  view.setUint16(text.length + 8, kSuite);
  return bytes;
}

/** What a base key becomes for one KID. The AES key cannot be read out again. */
export interface FrameKey {
  kid: bigint;
  key: CryptoKey;
  salt: Uint8Array<ArrayBuffer>;
}

/** RFC 9605, 4.4.2. `base` may have any size; this application makes kBaseKeySize bytes. */
export async function deriveKey(base: Uint8Array<ArrayBuffer>, kid: bigint): Promise<FrameKey> {
  const secret = await crypto.subtle.importKey('raw', base, 'HKDF', false, ['deriveBits', 'deriveKey']);
  const of = (info: string) => ({ name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(0), info: label(info, kid) });
  const [key, salt] = await Promise.all([
    crypto.subtle.deriveKey(of('SFrame 1.0 Secret key '), secret, { name: 'AES-GCM', length: kKeyBits }, false, ['encrypt', 'decrypt']),
    crypto.subtle.deriveBits(of('SFrame 1.0 Secret salt '), secret, kSaltBytes * 8),
  ]);
  return { kid, key, salt: new Uint8Array(salt) };
}

function parameters(key: FrameKey, ctr: bigint, header: Uint8Array, metadata: Uint8Array): AesGcmParams {
  const iv = key.salt.slice();
  const view = new DataView(iv.buffer);
  view.setBigUint64(kSaltBytes - 8, view.getBigUint64(kSaltBytes - 8) ^ ctr);
  const additionalData = new Uint8Array(header.length + metadata.length);
  additionalData.set(header);
  additionalData.set(metadata, header.length);
  return { name: 'AES-GCM', iv, additionalData, tagLength: kTagBytes * 8 };
}

/** Seals as the frame number `ctr`. Only FrameSealer and tests choose numbers. */
export async function sealAs(key: FrameKey, ctr: bigint, plain: Uint8Array<ArrayBuffer>, metadata: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const header = encodeHeader({ kid: key.kid, ctr });
  const sealed = await crypto.subtle.encrypt(parameters(key, ctr, header, metadata), key.key, plain);
  const out = new Uint8Array(header.length + sealed.byteLength);
  out.set(header);
  out.set(new Uint8Array(sealed), header.length);
  return out;
}

/** Seals frames with one key, each with the next counter. */
export class FrameSealer {
  private next = 0n;

  constructor(readonly key: FrameKey) {}

  /** `metadata` goes beside the frame, in clear: it is authenticated. Throws once the key has sealed all it may. */
  seal(plain: Uint8Array<ArrayBuffer>, metadata: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    if (this.next >= kFramesMax) return Promise.reject(new RangeError('this key has sealed enough'));
    return sealAs(this.key, this.next++, plain, metadata); // taken before anything waits
  }
}

/** Why a frame was not opened. */
export type Unopened =
  | 'cut_off' // no whole header and tag
  | 'no_key' // its KID is not known here (yet)
  | 'replayed' // opened before, or too old to tell
  | 'not_authentic';

/** Opens frames of one sender, by the keys that he has said. */
export class FrameOpener {
  private readonly keys = new Map<bigint, { key: FrameKey; highest: bigint; opened: Set<bigint> }>();

  /** `keysMax`: the key that was added first goes then. */
  constructor(private readonly keysMax = 4) {}

  /** A KID that is known keeps its key: another one for it would make counters come twice. */
  add(key: FrameKey): void {
    if (this.keys.has(key.kid)) return;
    this.keys.set(key.kid, { key, highest: -1n, opened: new Set() });
    if (this.keys.size > this.keysMax) this.keys.delete(this.keys.keys().next().value!);
  }

  /** Never throws: bytes come from anybody. */
  async open(sealed: Uint8Array<ArrayBuffer>, metadata: Uint8Array): Promise<Uint8Array<ArrayBuffer> | Unopened> {
    const header = decodeHeader(sealed);
    if (!header || sealed.length < header.size + kTagBytes) return 'cut_off';
    const known = this.keys.get(header.kid);
    if (!known) return 'no_key';
    const isOld = () => header.ctr + kReplayWindow <= known.highest || known.opened.has(header.ctr);
    if (isOld()) return 'replayed';
    try {
      const given = parameters(known.key, header.ctr, sealed.subarray(0, header.size), metadata);
      const plain = await crypto.subtle.decrypt(given, known.key.key, sealed.subarray(header.size));
      if (isOld()) return 'replayed'; // its double was opened meanwhile
      this.remember(known, header.ctr);
      return new Uint8Array(plain);
    } catch {
      return 'not_authentic';
    }
  }

  private remember(known: { highest: bigint; opened: Set<bigint> }, ctr: bigint): void {
    known.opened.add(ctr);
    if (ctr > known.highest) known.highest = ctr;
    if (known.opened.size < 2 * Number(kReplayWindow)) return;
    for (const each of known.opened) if (each + kReplayWindow <= known.highest) known.opened.delete(each);
  }
}
