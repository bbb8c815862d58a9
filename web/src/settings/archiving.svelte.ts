// All chats into one sealed file, and out of it.

import { CallFailed } from '../api/client';
import type { ChatsArchivedResult, ChatsRestoredResult } from '../api/types';
import { saveBlob } from '../files/save';
import type { Transfers } from '../files/transfers.svelte';
import type { Session } from '../state/session.svelte';
import { ProgramJob } from './program_job.svelte';

/** What opens an archive: the program says so where it is the other one. */
type Secret = { passphrase: string } | { recovery_key: string };

export class Archiving extends ProgramJob {
  archived = $state.raw<ChatsArchivedResult | null>(null);
  restored = $state.raw<ChatsRestoredResult | null>(null);
  private source: string | null = null;

  constructor(session: Session, transfers: Transfers) {
    super(session, transfers, 'archive_progress');
  }

  protected forget(): void {
    this.archived = this.restored = null;
  }

  /** Ends it where an engine in this browser is at work; what was taken in stays, and an archive what it was. */
  stop(): void {
    if (this.source) this.transfers.takeBack(this.source);
  }

  /** A new one, which the browser saves under `name`. True: it is there. */
  make(passphrase: string, name: string): Promise<boolean> {
    return this.attempt(async () => {
      this.begin();
      const blob = await this.transfers.made(async (folder) => {
        const file = (this.source = `${folder}archive`);
        this.archived = await this.session.call('archive_chats', { file, passphrase });
        return file;
      });
      saveBlob(blob, name);
    });
  }

  /** One that there is, with what is new; the browser saves it under its name. */
  goOn(file: File, secret: string): Promise<boolean> {
    return this.attempt(async () => {
      const source = (this.source = await this.give(file));
      const blob = await this.transfers.made(async () => {
        this.archived = await this.opening(secret, (by) => this.session.call('archive_chats', { file: source, ...by }));
        return source;
      }, source);
      saveBlob(blob, file.name);
    });
  }

  /** Takes in the chats of one. */
  restore(file: File, secret: string): Promise<boolean> {
    return this.attempt(async () => {
      const source = (this.source = await this.give(file));
      try {
        this.restored = await this.opening(secret, (by) => this.session.call('restore_chats', { file: source, ...by }));
      } finally {
        this.transfers.takeBack(source);
      }
    });
  }

  private async opening<Result>(secret: string, open: (by: Secret) => Promise<Result>): Promise<Result> {
    try {
      return await open({ passphrase: secret });
    } catch (error) {
      if (!(error instanceof CallFailed) || error.errorName !== 'archive_other_lock') throw error;
      return await open({ recovery_key: secret });
    }
  }
}
