// The lock as the page sees it, of a browser's profile (engine/lock.ts) or of a program's (program_lock.ts), and that somebody is at the
// page.

import type { LockState, NewLock } from '../engine/lock';

/** The part of the engine's transport that it needs. */
export interface LockWays {
  readLock(): Promise<LockState>;
  unlock(passphrase: string): Promise<LockState>;
  setLock(lock: NewLock): Promise<LockState>;
  setLockMinutes(minutes: number): Promise<LockState>;
  lockNow(): void;
  noteActivity(): void;
}

export type LockFailure = 'wrong' | 'no_memory' | 'other';

/** A passphrase that is shorter is guessed by whoever has the browser's folder. */
export const kPassphraseMin = 8;
/** What can be chosen; 0: not by itself, but in a browser with the page's last tab. */
export const kLockMinutes = [1, 5, 15, 60, 0] as const;
export const kLockMinutesFirst = 5;

export class PageLock {
  /** The passphrase is waited for. */
  closed = $state(false);
  /** False: this profile has none, or it is not known yet. */
  available = $state(false);
  state = $state.raw<LockState>({ on: false, minutes: 0 });

  constructor(
    private readonly ways: LockWays,
    window: Window,
  ) {
    // Also where the lock is not known to be on: another tab may have turned it on.
    const active = () => ways.noteActivity();
    for (const each of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) window.addEventListener(each, active, { passive: true, capture: true });
  }

  /** The engine waits for the passphrase, or has begun. */
  take(closed: boolean): void {
    this.closed = closed;
    if (!closed) void this.read();
  }

  async read(): Promise<void> {
    await this.trying(() => this.ways.readLock());
  }

  /** Each gives why it failed; null: it is done. */
  open(passphrase: string): Promise<LockFailure | null> {
    return this.trying(() => this.ways.unlock(passphrase));
  }
  set(lock: NewLock): Promise<LockFailure | null> {
    return this.trying(() => this.ways.setLock(lock));
  }
  setMinutes(minutes: number): Promise<LockFailure | null> {
    return this.trying(() => this.ways.setLockMinutes(minutes));
  }
  /** Every tab is loaded anew then. */
  close(): void {
    this.ways.lockNow();
  }

  private async trying(work: () => Promise<LockState>): Promise<LockFailure | null> {
    try {
      this.state = await work();
      this.available = true;
      return null;
    } catch (failure) {
      const name = (failure as { errorName?: string }).errorName;
      return name === 'engine_wrong_passphrase' ? 'wrong' : name === 'crypto_out_of_memory' ? 'no_memory' : 'other';
    }
  }
}
