// Who is writing now. What is not said again within ten seconds is over.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { AccountId, ChatId } from '../api/types';
import type { Follower, Session } from './session.svelte';

const kLastsMs = 10_000;
// One's own writing is said again so often, and over when nothing was typed for as long.
const kSayAgainMs = 4_000;

export class Typing implements Follower {
  private readonly byChat = new SvelteMap<ChatId, readonly AccountId[]>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private saidAt = 0;
  private saidIn: ChatId | null = null;

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  in(chat: ChatId): readonly AccountId[] {
    return this.byChat.get(chat) ?? [];
  }

  onReady(): void {
    this.byChat.clear();
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'typing') this.set(notice.params.chat, notice.params.account, notice.params.typing);
    if (notice.method === 'message_received' && !notice.params.message.own) {
      this.set(notice.params.chat, notice.params.message.author, false);
    }
  }

  /** One types here. */
  say(chat: ChatId): void {
    const now = Date.now();
    if (this.saidIn === chat && now - this.saidAt < kSayAgainMs) return;
    this.saidAt = now;
    this.saidIn = chat;
    this.session.call('send_typing', { chat, typing: true }).catch(() => undefined);
  }

  /** One has stopped: the message was sent, or the field is empty. */
  stop(chat: ChatId): void {
    if (this.saidIn !== chat) return;
    this.saidIn = null;
    this.session.call('send_typing', { chat, typing: false }).catch(() => undefined);
  }

  private set(chat: ChatId, account: AccountId, typing: boolean): void {
    const key = chat + account;
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    const others = this.in(chat).filter((each) => each !== account);
    if (typing) {
      this.byChat.set(chat, [...others, account]);
      this.timers.set(key, setTimeout(() => this.set(chat, account, false), kLastsMs));
    } else if (others.length > 0) {
      this.byChat.set(chat, others);
    } else {
      this.byChat.delete(chat);
    }
  }
}
