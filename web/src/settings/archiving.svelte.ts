// All chats into one sealed file, and out of it: goes on while another page is open.

import { CallFailed, type Notice } from '../api/client';
import type { ChatsArchivedResult, ChatsRestoredResult } from '../api/types';
import { saveBlob } from '../files/save';
import type { Transfers } from '../files/transfers.svelte';
import type { Follower, Session } from '../state/session.svelte';

/** What opens an archive: the program says so where it is the other one. */
type Secret = { passphrase: string } | { recovery_key: string };

export class Archiving implements Follower {
  /** From 0 to 1 while the file goes to the program; null: it does not. */
  part = $state<number | null>(null);
  /** How many messages the program has looked at; null: it does not look. */
  messages = $state<number | null>(null);
  archived = $state.raw<ChatsArchivedResult | null>(null);
  restored = $state.raw<ChatsRestoredResult | null>(null);
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
    if (notice.method === 'archive_progress' && this.messages !== null) this.messages = notice.params.messages;
  }

  /** The results of before are not shown any more. */
  clear(): void {
    if (!this.busy) this.archived = this.restored = this.failure = null;
  }

  /** A new one, which the browser saves under `name`. True: it is there. */
  make(passphrase: string, name: string): Promise<boolean> {
    return this.attempt(async () => {
      this.messages = 0;
      const blob = await this.transfers.made(async (folder) => {
        const file = `${folder}archive`;
        this.archived = await this.session.call('archive_chats', { file, passphrase });
        return file;
      });
      saveBlob(blob, name);
    });
  }

  /** One that there is, with what is new; the browser saves it under its name. */
  goOn(file: File, secret: string): Promise<boolean> {
    return this.attempt(async () => {
      const source = await this.give(file);
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
      const source = await this.give(file);
      try {
        this.restored = await this.opening(secret, (by) => this.session.call('restore_chats', { file: source, ...by }));
      } finally {
        this.transfers.takeBack(source);
      }
    });
  }

  private async give(file: File): Promise<string> {
    this.part = 0;
    const source = await this.transfers.upload(file, file.name, (part) => (this.part = part));
    this.messages = 0;
    this.part = null;
    return source;
  }

  private async opening<Result>(secret: string, open: (by: Secret) => Promise<Result>): Promise<Result> {
    try {
      return await open({ passphrase: secret });
    } catch (error) {
      if (!(error instanceof CallFailed) || error.errorName !== 'cli_archive_other_lock') throw error;
      return await open({ recovery_key: secret });
    }
  }

  private async attempt(work: () => Promise<void>): Promise<boolean> {
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
