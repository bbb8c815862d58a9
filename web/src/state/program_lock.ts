// The lock of `godwit web`, by calls of the API.

import type { LockState, NewLock } from '../engine/lock';
import type { LockWays } from './page_lock.svelte';
import type { Session } from './session.svelte';

// Somebody is there as long as something is heard of him this often.
const kToldEveryMs = 15_000;

export class ProgramLock implements LockWays {
  private toldAt = 0;

  constructor(private readonly session: Session) {}

  readLock(): Promise<LockState> {
    return this.session.call('read_lock', {});
  }

  unlock(passphrase: string): Promise<LockState> {
    return this.session.call('unlock', { passphrase });
  }

  setLock(lock: NewLock): Promise<LockState> {
    return this.session.call('set_lock', { current: lock.current, passphrase: lock.passphrase, minutes: lock.minutes });
  }

  setLockMinutes(minutes: number): Promise<LockState> {
    return this.session.call('set_lock_minutes', { minutes });
  }

  // Every connection ends then, and this page finds it closed.
  lockNow(): void {
    void this.session.call('lock_now', {}).catch(() => undefined);
  }

  noteActivity(): void {
    const now = Date.now();
    if (now - this.toldAt < kToldEveryMs || !this.session.attached) return;
    this.toldAt = now;
    void this.session.call('note_activity', {}).catch(() => undefined);
  }
}
