// Keys of frames in a call of many. One key seals for all who take part, so it cannot be agreed upon by two as in the mesh (agreement.ts): it is
// random, and said to each of them apart, sealed with what the two make of their halves (ECDH over P-256, anew with each time somebody comes in).
// The halves come by MLS, which proves whose they are and hides the key once more; who is in the group and not in the call has no half.

import type { SealedKey } from './signals';

const kCurve = { name: 'ECDH', namedCurve: 'P-256' };
const kNonceSize = 12;
const kLabel = new TextEncoder().encode('godwit call seat 1');

/** One device's half, for as long as it is in the call. */
export class SeatKeys {
  private readonly with = new Map<string, CryptoKey>();

  private constructor(
    private readonly pair: CryptoKeyPair,
    /** 65 bytes: an uncompressed point. */
    readonly share: Uint8Array<ArrayBuffer>,
  ) {}

  static async make(): Promise<SeatKeys> {
    const pair = await crypto.subtle.generateKey(kCurve, false, ['deriveBits']);
    return new SeatKeys(pair, new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  }

  /** Another device's half. False: it is none. */
  async meet(device: string, share: Uint8Array<ArrayBuffer>): Promise<boolean> {
    try {
      const theirs = await crypto.subtle.importKey('raw', share, kCurve, false, []);
      const bits = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, this.pair.privateKey, 256);
      const secret = await crypto.subtle.importKey('raw', bits, 'HKDF', false, ['deriveKey']);
      const info = infoOf(this.share, share);
      const key = await crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(0), info }, secret, { name: 'AES-GCM', length: 256 }, false, [
        'encrypt',
        'decrypt',
      ]);
      this.with.set(device, key);
      return true;
    } catch {
      return false;
    }
  }

  forget(device: string): void {
    this.with.delete(device);
  }

  /** Null: no half of his is known. */
  async seal(device: string, kid: number, key: Uint8Array<ArrayBuffer>): Promise<SealedKey | null> {
    const shared = this.with.get(device);
    if (!shared) return null;
    const nonce = crypto.getRandomValues(new Uint8Array(kNonceSize));
    const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: said(kid, this.share) }, shared, key));
    const box = new Uint8Array(kNonceSize + sealed.length);
    box.set(nonce);
    box.set(sealed, kNonceSize);
    return { kid, box };
  }

  /** Null: it is not of him, or not for this device. `share`: his half. */
  async open(device: string, share: Uint8Array<ArrayBuffer>, { kid, box }: SealedKey): Promise<Uint8Array<ArrayBuffer> | null> {
    const shared = this.with.get(device);
    if (!shared || box.length <= kNonceSize) return null;
    try {
      const given = { name: 'AES-GCM', iv: box.subarray(0, kNonceSize), additionalData: said(kid, share) };
      return new Uint8Array(await crypto.subtle.decrypt(given, shared, box.subarray(kNonceSize)));
    } catch {
      return null;
    }
  }
}

// Both halves, the smaller first: the same on both sides.
function infoOf(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const first = one.findIndex((byte, i) => byte !== other[i]);
  const [low, high] = (one[first] ?? 0) < (other[first] ?? 0) ? [one, other] : [other, one];
  return Uint8Array.from([...kLabel, ...low, ...high]);
}

// Whose key and which: his own is not taken back for the other's.
function said(kid: number, share: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(8 + share.length);
  new DataView(out.buffer).setBigUint64(0, BigInt(kid));
  out.set(share, 8);
  return out;
}
