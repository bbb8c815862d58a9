// A chat of another messenger on its way into the engine.

import type { ChatImportedResult } from '../api/types';
import type { Transfers } from '../files/transfers.svelte';
import type { Session } from '../state/session.svelte';
import { ProgramJob } from './program_job.svelte';

export class Importing extends ProgramJob {
  result = $state.raw<ChatImportedResult | null>(null);
  private source: string | null = null;

  constructor(session: Session, transfers: Transfers) {
    super(session, transfers, 'import_progress');
  }

  protected forget(): void {
    this.result = null;
  }

  /** Ends it where an engine in this browser is at work; what was taken in stays. */
  stop(): void {
    if (this.source) this.transfers.takeBack(this.source);
  }

  /** `me`: how the export calls oneself; empty: as it says itself. */
  start(file: File, me: string): Promise<boolean> {
    return this.attempt(async () => {
      const source = (this.source = await this.give(file));
      try {
        this.result = await this.session.call('import_chat', { file: source, ...(me ? { me } : {}) });
      } finally {
        this.source = null;
        this.transfers.takeBack(source);
      }
    });
  }
}
