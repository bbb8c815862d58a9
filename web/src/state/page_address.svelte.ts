// Where others find this page, for what is handed on (text/handed_on.ts). A page that stands at no address of the network asks the home.

import type { Notice } from '../api/client';
import type { Engine } from './engine.svelte';
import type { Follower, Session } from './session.svelte';

export class PageAddress implements Follower {
  private found = $state<string | null>(null);

  constructor(
    private readonly engine: Engine,
    private readonly session: Session,
  ) {
    session.follow(this);
  }

  /** Null: links are handed on as they are. */
  get value(): string | null {
    return this.engine.address ?? this.found;
  }

  /** Waits for nothing: without a way to the home nobody answers until there is one. */
  onReady(): void {
    void this.ask();
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'connection_changed' && notice.params.connection === 'connected') void this.ask();
  }

  // A home that cannot be asked now is asked when it is reached again; an account that has moved has another one.
  private async ask(): Promise<void> {
    if (this.engine.address !== null || this.session.phase === 'no_account') return;
    const answer = await this.session.call('find_page', {}).catch(() => null);
    if (answer) this.found = answer.address || null;
  }
}
