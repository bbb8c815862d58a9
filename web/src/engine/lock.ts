// The lock: the storage key sealed under a passphrase (src/engine/profile_key.h), and when it closes by itself. Argon2id runs in a
// module of its own, whose memory is overwritten and dropped at once.

import { HostFailure } from './host_failure';
import { EngineModule } from './module';
import { keepByBrowser, keepByPassphrase, openedByBrowser, readKept, type Kept } from './storage_key';

/** How the lock stands. */
export interface LockState {
  on: boolean;
  /** Without anybody at the page it closes after so many minutes; 0: only with the page's last tab, or when it is told to. */
  minutes: number;
}

/** What a passphrase is changed to; an empty one takes the lock away. */
export interface NewLock {
  passphrase: string;
  current: string;
  minutes: number;
}

const kMinuteMs = 60_000;

export class Lock {
  private kept: Kept | null = null;
  private lastActive = Date.now();

  constructor(
    private readonly database: IDBDatabase,
    private readonly module: WebAssembly.Module,
  ) {}

  /** The storage key if no passphrase is asked for, else null. Whoever gets it wipes it. */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    this.kept = await readKept(this.database);
    return this.kept.kind === 'passphrase' ? null : openedByBrowser(this.kept);
  }

  get state(): LockState {
    return this.kept?.kind === 'passphrase' ? { on: true, minutes: this.kept.minutes } : { on: false, minutes: 0 };
  }

  /** The storage key. Fails with engine_wrong_passphrase, storage_key_damaged, crypto_out_of_memory; nothing is changed then. */
  async open(passphrase: string): Promise<Uint8Array<ArrayBuffer>> {
    if (this.kept?.kind !== 'passphrase') throw new HostFailure('storage_key_damaged');
    const { header } = this.kept;
    const key = await this.aside((module) => module.openLock(header, passphrase));
    this.noteActivity();
    return key;
  }

  /** Sets, changes or takes away the lock. Fails as open(), and is as it was then. */
  async set({ passphrase, current, minutes }: NewLock): Promise<void> {
    if (!this.kept) throw new HostFailure('storage_key_damaged');
    const key = this.kept.kind === 'passphrase' ? await this.open(current) : await openedByBrowser(this.kept);
    try {
      if (passphrase === '') {
        this.kept = await keepByBrowser(this.database, key);
      } else {
        const header = await this.aside((module) => module.makeLock(key, passphrase));
        this.kept = await keepByPassphrase(this.database, header, minutes);
      }
    } finally {
      key.fill(0);
    }
    this.noteActivity();
  }

  /** Another time, the same passphrase. */
  async setMinutes(minutes: number): Promise<void> {
    if (this.kept?.kind === 'passphrase') this.kept = await keepByPassphrase(this.database, this.kept.header, minutes);
    this.noteActivity();
  }

  noteActivity(): void {
    this.lastActive = Date.now();
  }

  /** True when nobody has been at the page for as long as was asked for; also after the device has slept. */
  get isDue(): boolean {
    const { on, minutes } = this.state;
    return on && minutes > 0 && Date.now() - this.lastActive >= minutes * kMinuteMs;
  }

  private async aside<Made>(work: (module: EngineModule) => Made): Promise<Made> {
    const module = await EngineModule.load(this.module, () => undefined);
    try {
      return work(module);
    } finally {
      module.wipe();
    }
  }
}
