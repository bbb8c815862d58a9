// How often what another page asks for makes this one look for a way anew: each time costs a connection, addresses at the relay and new keys. The
// first is free, each next one waits longer, and who has had media for a while begins at the front again.

/** The pauses before the second one, the third and so on; the last one holds from there on. */
export const kAnewPausesMs: readonly number[] = [1_000, 2_000, 4_000, 8_000, 10_000];
/** Media have to flow for so long without a pause, and without a new beginning. */
export const kAnewForgottenMs = 30_000;

export class Anew {
  private count = 0;
  private last = 0;
  private flowsSince: number | null = null;

  /** After how many milliseconds the next one may begin; 0: now. */
  wait(now: number): number {
    if (this.count === 0) return 0;
    const pause = kAnewPausesMs[Math.min(this.count, kAnewPausesMs.length) - 1]!;
    return Math.max(0, this.last + pause - now);
  }

  /** True: it may begin, and is counted. False: too early; who needs it asks again. */
  take(now: number): boolean {
    if (this.wait(now) > 0) return false;
    this.count++;
    this.last = now;
    this.flowsSince = null;
    return true;
  }

  /** Whether media flow, looked at from time to time. */
  flows(flows: boolean, now: number): void {
    if (!flows) this.flowsSince = null;
    else this.flowsSince ??= now;
    if (this.flowsSince !== null && now - this.flowsSince >= kAnewForgottenMs) this.count = 0;
  }
}
