// A chat of another messenger on its way into the engine: goes on while another page is open.

import type { Notice } from '../api/client';
import type { ChatImportedResult } from '../api/types';
import type { Transfers } from '../files/transfers.svelte';
import type { Follower, Session } from '../state/session.svelte';

export class Importing implements Follower {
  /** From 0 to 1 while the file goes to the program; null: it does not. */
  part = $state<number | null>(null);
  /** How many messages the program has read; null: it does not read. */
  messages = $state<number | null>(null);
  result = $state.raw<ChatImportedResult | null>(null);
  failure = $state.raw<unknown>(null);

  constructor(
    private readonly session: Session,
    private readonly transfers: Transfers,
  ) {
    session.follow(this);
  }

  get busy(): boolean {
    return this.part !== null || this.messages !== null;
  }

  onReady(): void {}

  onNotice(notice: Notice): void {
    if (notice.method === 'import_progress' && this.messages !== null) this.messages = notice.params.messages;
  }

  /** `me`: how the export calls oneself; empty: as it says itself. */
  async start(file: File, me: string): Promise<void> {
    if (this.busy) return;
    this.result = null;
    this.failure = null;
    this.part = 0;
    let source = '';
    try {
      source = await this.transfers.upload(file, file.name, (part) => (this.part = part));
      this.messages = 0;
      this.part = null;
      this.result = await this.session.call('import_chat', { file: source, ...(me ? { me } : {}) });
    } catch (error) {
      this.failure = error;
    }
    this.part = null;
    this.messages = null;
    if (source) this.transfers.takeBack(source);
  }
}
