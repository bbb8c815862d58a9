// Whom this account has cut off.

import { SvelteSet } from 'svelte/reactivity';
import type { AccountId } from '../api/types';
import type { Follower, Session } from './session.svelte';

export class Blocked implements Follower {
  readonly accounts = new SvelteSet<AccountId>();

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  async onReady(): Promise<void> {
    const { accounts } = await this.session.call('list_blocked', {});
    this.accounts.clear();
    for (const each of accounts) this.accounts.add(each);
  }

  onNotice(): void {
    // Nothing tells of blocks: only this program makes them. Those of other devices are read at the next start.
  }

  async block(account: AccountId): Promise<void> {
    await this.session.call('block_account', { account });
    this.accounts.add(account);
  }

  async unblock(account: AccountId): Promise<void> {
    await this.session.call('unblock_account', { account });
    this.accounts.delete(account);
  }
}
