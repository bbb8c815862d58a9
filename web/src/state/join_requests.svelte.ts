// Those who wait to be let into groups of which one is an admin.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { AccountId, ChatId, JoinRequest } from '../api/types';
import type { Follower, Session } from './session.svelte';

export class JoinRequests implements Follower {
  private readonly byChat = new SvelteMap<ChatId, readonly JoinRequest[]>();

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  in(chat: ChatId): readonly JoinRequest[] {
    return this.byChat.get(chat) ?? [];
  }

  async onReady(): Promise<void> {
    // The list of chats may not be there yet: it is asked for beside this.
    const { chats } = await this.session.call('list_chats', {});
    const groups = chats.filter((each) => each.group && each.member && !each.saved && !each.kept);
    this.byChat.clear();
    await Promise.all(groups.map((each) => this.read(each.chat)));
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'join_requests_changed') void this.read(notice.params.chat);
    if (notice.method === 'members_changed' && this.byChat.has(notice.params.chat)) void this.read(notice.params.chat);
  }

  async approve(chat: ChatId, account: AccountId): Promise<void> {
    await this.session.call('approve_join', { chat, account });
    await this.read(chat);
  }

  async refuse(chat: ChatId, account: AccountId): Promise<void> {
    await this.session.call('refuse_join', { chat, account });
    await this.read(chat);
  }

  private async read(chat: ChatId): Promise<void> {
    const { requests } = await this.session.call('list_join_requests', { chat }).catch(() => ({ requests: [] }));
    if (requests.length > 0) this.byChat.set(chat, requests);
    else this.byChat.delete(chat);
  }
}
