// Work of the program that takes a file from the page: how far it is, and whether it failed. It goes on while another page is open.

import type { Notice } from '../api/client';
import type { Transfers } from '../files/transfers.svelte';
import type { Follower, Session } from '../state/session.svelte';

export abstract class ProgramJob implements Follower {
  /** From 0 to 1 while the file goes to the program; null: it does not. */
  part = $state<number | null>(null);
  /** How many messages the program has looked at; null: it does not look. */
  messages = $state<number | null>(null);
  failure = $state.raw<unknown>(null);

  /** `progress`: the notice that tells how far it is. */
  constructor(
    protected readonly session: Session,
    protected readonly transfers: Transfers,
    private readonly progress: 'import_progress' | 'archive_progress',
  ) {
    session.follow(this);
  }

  get busy(): boolean {
    return this.part !== null || this.messages !== null;
  }

  onReady(): void {}

  onNotice(notice: Notice): void {
    if (notice.method !== 'import_progress' && notice.method !== 'archive_progress') return;
    if (notice.method === this.progress && this.messages !== null) this.messages = notice.params.messages;
  }

  /** What came of the last time is not shown any more. */
  protected abstract forget(): void;

  clear(): void {
    if (this.busy) return;
    this.failure = null;
    this.forget();
  }

  /** Gives the file to the program, which begins with it then. */
  protected async give(file: File): Promise<string> {
    this.part = 0;
    const source = await this.transfers.lend(file, file.name, (part) => (this.part = part));
    this.begin();
    return source;
  }

  protected begin(): void {
    this.messages = 0;
    this.part = null;
  }

  /** One at a time. True: it was done. */
  protected async attempt(work: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.clear();
    try {
      await work();
    } catch (error) {
      this.failure = error;
    }
    this.part = this.messages = null;
    return this.failure === null;
  }
}
