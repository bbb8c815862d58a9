// Contacts who were let into a group and whose devices have not answered yet. The engine remembers it, and does not list it: after a
// reload of the page they are not shown until they come.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { AccountId, ChatId } from '../api/types';
import type { Follower, Session } from './session.svelte';

export class Awaited implements Follower {
  private readonly byChat = new SvelteMap<ChatId, readonly AccountId[]>();

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  in(chat: ChatId): readonly AccountId[] {
    return this.byChat.get(chat) ?? [];
  }

  async letIn(chat: ChatId, accounts: readonly AccountId[]): Promise<void> {
    if (accounts.length === 0) return;
    this.byChat.set(chat, [...new Set([...this.in(chat), ...accounts])]);
    try {
      await this.session.call('add_members', { chat, accounts: [...accounts] });
    } catch (error) {
      this.onCame(chat, accounts);
      throw error;
    }
  }

  onReady(): void {
    // They are still awaited.
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'members_changed') this.onCame(notice.params.chat, notice.params.joined);
  }

  private onCame(chat: ChatId, accounts: readonly AccountId[]): void {
    this.byChat.set(chat, this.in(chat).filter((each) => !accounts.includes(each)));
  }
}
