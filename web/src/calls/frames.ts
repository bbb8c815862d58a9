// The frames of one call: sealed on their way out, opened on their way in, and counted. Whatever cannot be sealed or opened goes
// nowhere. No DOM, no worker: frame_worker.ts binds it to the browser.

import type { Attached, Count, Counts, FromFrames, Kind, SaidKey, Side, ToFrames } from './frame_protocol';
import { Agreement } from './agreement';
import { decodeHeader, deriveKey, FrameOpener, FrameSealer, kBaseKeySize, type Unopened } from './sframe';

/** What of RTCEncodedAudioFrame and RTCEncodedVideoFrame is needed. */
export interface Frame {
  data: ArrayBuffer;
  type?: string;
}

// The packetizer and the other side's depacketizer read these bytes: of VP8 the frame's tag, and a key frame's start code and size; of
// Opus the table of contents. They are authenticated, and the relay sees them.
const kClearKey = 10;
const kClearDelta = 3;
const kClearOpus = 1;
const kKindByte: Record<Kind, number> = { audio: 1, video: 2 };
/** Keys of the other side that are held: the newest, and those of frames still on their way. */
const kKeysMax = 4;
/** A peer that says keys without end is not listened to. */
const kKeysTakenMax = 10_000;

function clearSize(kind: Kind, frame: Frame): number {
  if (kind === 'audio') return kClearOpus;
  return frame.type === 'key' ? kClearKey : kClearDelta;
}

// Which medium it is stands before the clear bytes: sound does not become picture on its way.
function metadataOf(kind: Kind, clear: Uint8Array): Uint8Array {
  const out = new Uint8Array(1 + clear.length);
  out[0] = kKindByte[kind];
  out.set(clear, 1);
  return out;
}

function joined(clear: Uint8Array, rest: Uint8Array): ArrayBuffer {
  const out = new Uint8Array(clear.length + rest.length);
  out.set(clear);
  out.set(rest, clear.length);
  return out.buffer;
}

const kNone: Count = { seen: 0, passed: 0, dropped: 0, keyless: 0, replayed: 0 };

function noCounts(): Counts {
  const none = (): Record<Kind, Count> => ({ audio: { ...kNone }, video: { ...kNone } });
  return { sent: none(), received: none() };
}

/** All frames of one call. */
export class Frames {
  readonly counts = noCounts();
  private readonly made = new Map<number, FrameSealer>();
  private sealer: FrameSealer | null = null;
  private readonly opener = new FrameOpener(kKeysMax);
  private nextKid = 0;
  private taken = 0;
  private readonly firsts = new Set<string>();
  private agreement: Agreement | null = null;
  /** Of a call of a group: a key that was said and cannot seal before the other half of what it is made of has come. */
  private unmixed: SaidKey | null = null;
  private wanted = -1;
  /** Seals from the first frame on that comes under the other side's key of the same round: he has this one then. */
  private round: { theirs: bigint; own: number } | null = null;

  constructor(private readonly say: (message: FromFrames) => void) {}

  /** Does what the page wants; attaching streams is not done here. */
  async hear(message: ToFrames): Promise<void> {
    if (message.do === 'agree') this.agreement ??= new Agreement();
    else if (message.do === 'make_key') this.say({ said: 'key', request: message.request, key: await this.makeKey() });
    else if (message.do === 'use_key') this.useKey(message.kid);
    else if (message.do === 'take_key') await this.takeKey(message.key);
    else if (message.do === 'count') this.say({ said: 'counts', request: message.request, counts: structuredClone(this.counts) });
  }

  /** The same frame with other bytes, or null: it goes nowhere. Never throws. */
  async pass<Any extends Frame>({ side, kind }: Attached, frame: Any): Promise<Any | null> {
    const count = this.counts[side][kind];
    count.seen++;
    // Opus says by a frame of no bytes that nothing is said: there is nothing in it to be sealed.
    if (frame.data.byteLength === 0) {
      if (side === 'sent') count.passed++; // what was opened is counted, and this was not
      return frame;
    }
    try {
      const data = new Uint8Array(frame.data);
      const size = clearSize(kind, frame);
      const out = await this.change(side, kind, data.subarray(0, size), data.subarray(size));
      if (out === 'no_key') count.keyless++;
      else if (out === 'replayed') count.replayed++;
      else if (typeof out !== 'string') {
        frame.data = out;
        count.passed++;
        this.sayFirst({ side, kind });
        return frame;
      }
    } catch {
      // Counted below.
    }
    count.dropped++;
    return null;
  }

  private sayFirst(of: Attached): void {
    const name = `${of.side} ${of.kind}`;
    if (this.firsts.has(name)) return;
    this.firsts.add(name);
    this.say({ said: 'first', of });
  }

  private async change(side: Side, kind: Kind, clear: Uint8Array, rest: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer | Unopened> {
    const metadata = metadataOf(kind, clear);
    if (side === 'sent') return this.sealer ? joined(clear, await this.sealer.seal(rest, metadata)) : 'no_key';
    const plain = await this.opener.open(rest, metadata);
    if (typeof plain === 'string') return plain;
    if (this.round && decodeHeader(rest)?.kid === this.round.theirs) this.useKey(this.round.own);
    return joined(clear, plain);
  }

  private async makeKey(): Promise<SaidKey> {
    const kid = this.nextKid++;
    const key = crypto.getRandomValues(new Uint8Array(kBaseKeySize));
    if (!this.agreement) {
      await this.keep(kid, key);
      return { kid, key };
    }
    const { share, secret } = await this.agreement.half();
    const said = { kid, key, share };
    if (!secret) this.unmixed = said; // the other half comes with the answer
    else {
      await this.keep(kid, mixed(secret, key));
      if (this.round) this.round.own = kid;
    }
    return said;
  }

  private async keep(kid: number, base: Uint8Array<ArrayBuffer>): Promise<void> {
    const sealer = new FrameSealer(await deriveKey(base, BigInt(kid)));
    this.made.set(kid, sealer);
    this.sealer ??= sealer;
    if (this.wanted === kid) this.useKey(kid);
  }

  private useKey(kid: number): void {
    this.wanted = Math.max(this.wanted, kid);
    const sealer = this.made.get(kid);
    if (!sealer || (this.sealer && kid < Number(this.sealer.key.kid))) return; // never back to an older one
    this.sealer = sealer;
    for (const each of this.made.keys()) if (each < kid) this.made.delete(each);
  }

  private async takeKey({ kid, key, share }: SaidKey): Promise<void> {
    if (!Number.isSafeInteger(kid) || kid < 0 || key.length !== kBaseKeySize || ++this.taken > kKeysTakenMax) return;
    if (!this.agreement) return this.opener.add(await deriveKey(key, BigInt(kid)));
    const secret = share && (await this.agreement.meet(share));
    if (!secret) return; // no half, or none of this curve: nothing is sealed or opened by it
    this.opener.add(await deriveKey(mixed(secret, key), BigInt(kid)));
    this.round = { theirs: BigInt(kid), own: -1 };
    const { unmixed } = this;
    this.unmixed = null;
    if (!unmixed) return;
    this.round.own = unmixed.kid;
    await this.keep(unmixed.kid, mixed(secret, unmixed.key));
    this.useKey(unmixed.kid); // who has answered has it
  }
}

// Both go into the extraction of RFC 9605, 4.4.2: who has one of them has nothing.
function mixed(secret: Uint8Array, key: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(secret.length + key.length);
  out.set(secret);
  out.set(key, secret.length);
  return out;
}
