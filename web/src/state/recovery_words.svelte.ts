// The recovery key of an account that was just made, until the person has written it down. The engine tells it once, and keeps it
// nowhere. A telephone ends a page in the background when it likes, so it is kept at once, sealed (WordsKept), and shown again in
// every tab until somebody says that it stands on paper.

import type { Notice } from '../api/client';
import type { AccountId } from '../api/types';
import type { WordsKept } from './kept_by_token';
import type { Follower, Session } from './session.svelte';

interface Kept {
  account: AccountId;
  words: string;
}

export class RecoveryWords implements Follower {
  words = $state<string | null>(null);
  private isKept = false;
  /** Grows with each change that was made here: what was read before it is old. */
  private changes = 0;

  constructor(
    private readonly session: Session,
    private readonly place: WordsKept,
    document: Document,
  ) {
    session.follow(this);
    session.onRecoveryKey = (account, words) => void this.keep(account, words);
    // Another tab may have made the account, or asked for the paper.
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible' && session.phase === 'ready') void this.read();
    });
  }

  // Nobody waits for it: it is a row more above the chats.
  onReady(): void {
    void this.read();
  }

  onNotice(_: Notice): void {
    // Nothing of it is the engine's.
  }

  /** The person has them now. */
  forget(): void {
    this.changes++;
    this.words = null;
    void this.place.forgetWords().catch(() => undefined);
  }

  private async keep(account: AccountId, words: string): Promise<void> {
    this.changes++;
    this.words = words;
    this.isKept = false;
    try {
      await this.place.keepWords(JSON.stringify({ account, words } satisfies Kept));
      this.isKept = true;
      if (this.words === null) this.forget(); // written down meanwhile
    } catch {
      // It is there until the page is loaded anew.
    }
  }

  private async read(): Promise<void> {
    const { changes } = this;
    const found = await this.kept();
    if (changes !== this.changes) return;
    const account = this.session.account?.account;
    if (found === undefined) {
      // The program has another token by now: what lies there was sealed under the one before.
      if (this.isKept && this.words !== null && account) await this.keep(account, this.words);
      return;
    }
    if (found !== null) this.isKept = true;
    if (found !== null || this.isKept) this.words = found;
  }

  // Undefined: it is not known.
  private async kept(): Promise<string | null | undefined> {
    try {
      const kept = JSON.parse((await this.place.readWords()) ?? 'null') as Kept | null;
      return kept?.account === this.session.account?.account ? (kept?.words ?? null) : null;
    } catch {
      return undefined;
    }
  }
}
