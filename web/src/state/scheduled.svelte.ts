// Messages that wait for their time, of the chat whose list was asked for last.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { ChatId, Scheduled as Waiting } from '../api/types';
import type { Follower, Session } from './session.svelte';

export class Scheduled implements Follower {
  readonly byChat = new SvelteMap<ChatId, readonly Waiting[]>();
  private readonly watched = new Set<ChatId>();

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  onReady(): void {
    this.changed();
  }

  // The engine says nothing of its own when one has gone out, but that there is a message.
  onNotice(notice: Notice): void {
    if (notice.method !== 'message_received' && notice.method !== 'message_moved' && notice.method !== 'chat_changed') return;
    const chat = notice.method === 'chat_changed' ? notice.params.chat.chat : notice.params.chat;
    if ((this.byChat.get(chat)?.length ?? 0) > 0) void this.read(chat);
  }

  async read(chat: ChatId): Promise<void> {
    this.watched.add(chat);
    const { scheduled } = await this.session.call('list_scheduled', { chat }).catch(() => ({ scheduled: null }));
    if (scheduled) this.byChat.set(chat, [...scheduled].sort((a, b) => a.at - b.at));
  }

  changed(): void {
    for (const each of this.watched) void this.read(each);
  }

  async cancel(chat: ChatId, number: number): Promise<void> {
    await this.session.call('cancel_scheduled', { chat, number });
    await this.read(chat);
  }
}
