// Who is in the chats that were opened, and what one may do there.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { AccountId, ChatId, MembersResult } from '../api/types';
import type { Follower, Session } from './session.svelte';

export class Members implements Follower {
  private readonly byChat = new SvelteMap<ChatId, MembersResult>();

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  of(chat: ChatId): MembersResult | undefined {
    return this.byChat.get(chat);
  }

  nameOf(chat: ChatId, account: AccountId): string | undefined {
    return this.byChat.get(chat)?.members.find((each) => each.account === account)?.name;
  }

  /** Reads them, if they are not known yet. */
  async open(chat: ChatId): Promise<void> {
    if (this.byChat.has(chat)) return;
    await this.read(chat);
  }

  onReady(): void {
    this.byChat.clear();
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'members_changed' && this.byChat.has(notice.params.chat)) void this.read(notice.params.chat);
  }

  /** Reads them anew: something was done about them here. */
  async refresh(chat: ChatId): Promise<void> {
    await this.read(chat);
  }

  private async read(chat: ChatId): Promise<void> {
    const members = await this.session.call('list_members', { chat }).catch(() => null);
    if (members) this.byChat.set(chat, members);
  }
}
