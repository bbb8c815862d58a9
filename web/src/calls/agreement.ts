// What two devices of a call of a group make of two halves that they say to each other: ECDH over P-256 by WebCrypto, anew for each offer and its
// answer. MLS proves who has said a half, and everybody in the group could read it; the secret is the two devices' own, and forgotten.

const kCurve = { name: 'ECDH', namedCurve: 'P-256' };
const kSecretBits = 256;
/** An uncompressed point. */
export const kShareSize = 65;

export class Agreement {
  private own: CryptoKeyPair | null = null;
  private answering: { share: Uint8Array<ArrayBuffer>; secret: Uint8Array<ArrayBuffer> } | null = null;

  /** The own half of this round: of an offer, without a secret yet; of an answer, with that of the offer that was met. */
  async half(): Promise<{ share: Uint8Array<ArrayBuffer>; secret: Uint8Array<ArrayBuffer> | null }> {
    const answer = this.answering;
    this.answering = null;
    if (answer) return answer;
    this.own = await crypto.subtle.generateKey(kCurve, false, ['deriveBits']);
    return { share: await publicHalf(this.own), secret: null };
  }

  /** The other side's half: of an answer, if an offer of this side waits, else of an offer. Null: it is none. */
  async meet(share: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null> {
    const waiting = this.own;
    this.own = null; // once
    try {
      const theirs = await crypto.subtle.importKey('raw', share, kCurve, false, []);
      const own = waiting ?? (await crypto.subtle.generateKey(kCurve, false, ['deriveBits']));
      const secret = new Uint8Array(await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, own.privateKey, kSecretBits));
      if (!waiting) this.answering = { share: await publicHalf(own), secret };
      return secret;
    } catch {
      return null;
    }
  }
}

async function publicHalf(pair: CryptoKeyPair): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
}
