// Which window of this browser has a call of two: it holds a lock of the call's name for as long as it lives, however it ends.

import type { CallId } from '../api/types';

const kLookMs = 2_000;

export class CallWindow {
  private call: CallId | null = null;
  private release: () => void = () => undefined;
  private timer: ReturnType<typeof setInterval> | undefined;

  /** `onFree`: told whether no window has the call that is watched. `locks`: none in browsers that know none, where nobody is ever told. */
  constructor(
    private readonly onFree: (free: boolean) => void,
    private readonly locks: LockManager | undefined = globalThis.navigator?.locks,
  ) {}

  /** This window has it from now on. */
  hold(call: CallId): void {
    if (this.call === call) return;
    this.letGo();
    this.call = call;
    const over = new Promise<void>((resolve) => (this.release = resolve));
    void this.locks?.request(nameOf(call), () => over).catch(() => undefined);
  }

  /** Another one has it, or had it. */
  watch(call: CallId): void {
    if (this.timer !== undefined && this.call === call) return;
    this.letGo();
    this.call = call;
    this.timer = setInterval(() => void this.look(call), kLookMs);
  }

  letGo(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.call = null;
    this.release();
    this.onFree(false);
  }

  private async look(call: CallId): Promise<void> {
    const held = await this.locks?.query().then((all) => all.held ?? []).catch(() => null);
    if (held && this.timer !== undefined && this.call === call) this.onFree(!held.some((each) => each.name === nameOf(call)));
  }
}

function nameOf(call: CallId): string {
  return `godwit-call-${call}`;
}
