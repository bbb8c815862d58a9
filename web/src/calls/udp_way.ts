// Whether media that go by TLS are tried by UDP, and whether UDP is left again. What leaves by UDP is recognised as a call by whoever looks, so
// it is tried only once the way by TLS has carried what no curtain lets through, and left for good when it is spoilt. Pure: fed one reading after the other.

import type { CallStats } from './call_stats';

/** A voice has 250 packets and 48 KB by then: more than any curtain lets by (src/routes/tally.h). */
export const kProvenMs = 5_000;
/** Nothing came where something came all the time. */
export const kQuietMs = 1_500;
/** Nothing came, not even an answer of STUN, which is asked every 2.5 s: where nobody says anything. */
export const kDeadMs = 6_000;
const kSteady = 6; // packets in the stretch before, so that none is no chance; pauses have 2.5 a second
const kLost = 0.4; // of what was sent: a line that is merely bad loses less
const kLostOf = 6; // packets that were sent, so that the share means something
const kLossMs = 2_000;
/** So long, before the other side says that it looks for another way. */
const kFollowMs = 1_000;
/** A change of network within this time is why. */
export const kMovedMs = 10_000;

interface Reading {
  at: number;
  came: number;
  answers: number;
  received: number;
  lost: number;
}

export class UdpWay {
  /** It was left; nothing is tried any more. */
  left = false;
  private tried: 'not' | 'asked' | 'tried' = 'not';
  private flowsSince: number | null = null;
  private movedAt = -Infinity;
  private readings: Reading[] = [];
  private toTell = false;

  /** Told how the call stands; `flows`: something of the other side is opened, and the way stands. Gives what to do, each once. */
  take(stats: CallStats, flows: boolean, now: number): 'try' | 'leave' | 'spoilt' | null {
    // A way of which a browser says nothing any more stands no more: nothing came.
    const last = this.readings.at(-1);
    const gone = stats.way === null && last !== undefined;
    const byUdp = gone || stats.way === 'udp' || stats.way === 'direct';
    if (gone && !this.left) return this.watch({ ...stats, ...last, receivedAudio: last.received, lostAudio: last.lost }, now) ? this.leave(now) : null;
    if (byUdp && !this.left) return this.watch(stats, now) ? this.leave(now) : null;
    this.readings = [];
    if (!flows || byUdp || stats.way === null) this.flowsSince = null;
    else this.flowsSince ??= now;
    if (this.flowsSince === null) return null;
    if (this.toTell) {
      this.toTell = false;
      return 'spoilt';
    }
    if (this.tried !== 'not' || this.left || now - this.flowsSince < kProvenMs) return null;
    this.tried = 'asked';
    return 'try';
  }

  /** Another way is looked for: true if UDP may be in it, which is so once, and while media flow without. */
  mayTry(): boolean {
    const may = this.tried !== 'tried' && !this.left && this.flowsSince !== null;
    if (may) this.tried = 'tried';
    return may;
  }

  /** The other side looks for a way without UDP: where next to nothing comes here either, it is spoilt for this side, too. */
  follow(now: number): void {
    const [last, before] = [this.readings.at(-1), this.before(kFollowMs, now)];
    if (!this.left && last && before && last.came - before.came < kSteady / 2) this.leave(now);
  }

  /** This device is on another network: nothing of what was seen is about that one. */
  moved(now: number): void {
    this.movedAt = now;
    this.toTell = false;
    this.flowsSince = null;
    this.tried = 'not';
  }

  private leave(now: number): 'leave' {
    this.left = true;
    this.toTell = now - this.movedAt > kMovedMs;
    return 'leave';
  }

  // True if it is spoilt.
  private watch({ came, answers, receivedAudio: received, lostAudio: lost, lossThere }: CallStats, now: number): boolean {
    const last = this.readings.at(-1);
    if (last && (came < last.came || answers < last.answers)) this.readings = []; // another pair
    this.readings.push({ at: now, came, answers, received, lost });
    while (this.readings.length > 2 && now - this.readings[1]!.at >= kDeadMs) this.readings.shift();
    if (this.readings.length === 1) return false;
    return this.isQuiet(now) || this.losesMost(now) || ((lossThere ?? 0) > kLost && now - this.readings[0]!.at >= kLossMs);
  }

  // The newest reading that is at least so old.
  private before(ms: number, now: number): Reading | undefined {
    return this.readings.findLast((each) => now - each.at >= ms);
  }

  private isQuiet(now: number): boolean {
    const [last, recent, earlier] = [this.readings.at(-1)!, this.before(kQuietMs, now), this.before(2 * kQuietMs, now)];
    if (recent && earlier && recent.came - earlier.came >= kSteady && last.came === recent.came) return true;
    const old = this.before(kDeadMs, now);
    return old !== undefined && last.came === old.came && last.answers === old.answers;
  }

  private losesMost(now: number): boolean {
    const [last, before] = [this.readings.at(-1)!, this.before(kLossMs, now)];
    if (!before) return false;
    const [received, lost] = [last.received - before.received, last.lost - before.lost];
    return received + lost >= kLostOf && lost > kLost * (received + lost);
  }
}
