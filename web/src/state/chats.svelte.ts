// The chats: their previews, what is unread, drafts. Not here: the messages of one chat (histories.svelte.ts).

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { Chat, ChatId, Message, MessageId, SetChatParams } from '../api/types';
import { compareChats, compareMessages } from './order';
import type { Follower, Session } from './session.svelte';

/** More than so many unread messages are not counted one by one. */
export const kUnreadCountedMax = 200;
const kNobody = /^0*$/;

export class Chats implements Follower {
  readonly byId = new SvelteMap<ChatId, Chat>();
  /** How many messages of others are unread; kUnreadCountedMax stands for "or more". */
  readonly unread = new SvelteMap<ChatId, number>();
  private readonly inSight = $derived([...this.byId.values()].filter((each) => !each.hidden).sort(compareChats));
  readonly listed = $derived(this.inSight.filter((each) => !each.settings.archived));
  readonly archived = $derived(this.inSight.filter((each) => each.settings.archived));
  /** Those that were deleted and in which nothing was said since: one may look for the person. */
  readonly hidden = $derived([...this.byId.values()].filter((each) => each.hidden));
  readonly unreadTotal = $derived(
    this.listed.reduce((sum, each) => sum + (this.isMuted(each) ? 0 : (this.unread.get(each.chat) ?? 0)), 0),
  );

  /** Told of every message that this page sends. */
  onOwnMessage: (chat: ChatId, id: MessageId) => void = () => undefined;
  /** Told of every chat that is new to this page. */
  onNewChat: () => void = () => undefined;
  /** Told of everything that was read in this page. */
  onRead: (chat: ChatId, through: number) => void = () => undefined;

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  async onReady(): Promise<void> {
    const { chats } = await this.session.call('list_chats', { hidden: true });
    const there = new Set(chats.map((each) => each.chat));
    for (const id of [...this.byId.keys()]) if (!there.has(id)) this.byId.delete(id);
    for (const each of chats) this.put(each);
  }

  onNotice(notice: Notice): void {
    switch (notice.method) {
      case 'chat_changed':
        return this.putChanged(notice.params.chat);
      case 'contact_devices_changed':
        return this.onNewDevices(notice.params.chat);
      case 'message_received':
        return this.onMessage(notice.params.chat, notice.params.message, true);
      case 'line_added':
      case 'message_changed':
        return this.onMessage(notice.params.chat, notice.params.message, false);
      case 'message_moved':
        return this.patchNewest(notice.params.chat, notice.params.id, (each) => ({ ...each, delivery: notice.params.delivery }));
      case 'chat_gone':
        return void this.byId.delete(notice.params.chat);
      case 'message_gone':
        return this.onGone(notice.params.chat, notice.params.id);
      default:
        return;
    }
  }

  // Of members of groups it is told as well, and holds nothing back.
  private onNewDevices(id: ChatId): void {
    const chat = this.byId.get(id);
    if (chat && !chat.group) this.put({ ...chat, new_devices: true });
  }

  isMuted(chat: Chat): boolean {
    return (chat.settings.muted_until ?? 0) > Date.now();
  }

  /** The chat of two with a person, if there is one. */
  withPeer(account: string): Chat | undefined {
    return [...this.byId.values()].find((each) => !each.group && !each.kept && each.peer === account);
  }

  /** A chat as a call has answered it: just made, or one that was there. */
  take(chat: Chat): void {
    const isNew = !this.byId.has(chat.chat);
    this.put(chat);
    if (isNew) this.onNewChat();
  }

  // What is told may be of the time before another tab, which tells by a way of its own, has read on: nothing becomes unread again.
  private putChanged(chat: Chat): void {
    const read = Math.max(chat.read, this.byId.get(chat.chat)?.read ?? 0);
    if (read === chat.read) return this.put(chat);
    const now = { ...chat, read };
    this.byId.set(chat.chat, now);
    void this.countUnread(now);
  }

  private put(chat: Chat): void {
    this.byId.set(chat.chat, chat);
    this.unread.set(chat.chat, Math.min(chat.unread, kUnreadCountedMax));
  }

  /** A message of one's own, as a call that sends has answered. */
  onSent(chat: ChatId, message: Message): void {
    this.onMessage(chat, message, true);
    this.onOwnMessage(chat, message.id);
  }

  /** A message of one's own that another program has sent (other_programs.ts). */
  onSeenElsewhere(chat: ChatId, message: Message): void {
    this.onMessage(chat, message, true);
  }

  /** Another tab has read something. */
  onReadElsewhere(id: ChatId, through: number): void {
    const chat = this.byId.get(id);
    if (!chat || through <= chat.read) return;
    const now = { ...chat, read: through };
    this.byId.set(id, now);
    void this.countUnread(now);
  }

  async change(params: SetChatParams): Promise<void> {
    await this.session.call('set_chat', params);
  }

  async markRead(id: ChatId, through: number): Promise<void> {
    const chat = this.byId.get(id);
    if (!chat) return;
    if (chat.settings.marked_unread) void this.change({ chat: id, marked_unread: false });
    if (through <= chat.read) return;
    this.byId.set(id, { ...chat, read: through });
    if (through >= chat.last) this.unread.set(id, 0);
    await this.session.call('mark_read', { chat: id, through });
    this.onRead(id, through);
    if (through < chat.last) await this.countUnread(this.byId.get(id) ?? chat);
  }

  private onMessage(id: ChatId, message: Message, isNew: boolean): void {
    const chat = this.byId.get(id);
    if (!chat) {
      // Another program has made the chat.
      void this.onReady().catch(ignore);
      return;
    }
    const isNewest = !chat.newest || compareMessages(chat.newest, message) <= 0;
    const last = Math.max(chat.last, message.position);
    const counts = isNew && !message.own && message.position > chat.last && message.position > chat.read;
    if (isNewest || last !== chat.last) this.byId.set(id, { ...chat, last, newest: isNewest ? message : chat.newest });
    if (counts) this.unread.set(id, Math.min((this.unread.get(id) ?? 0) + 1, kUnreadCountedMax));
  }

  private patchNewest(id: ChatId, message: string, change: (newest: Message) => Message): void {
    const chat = this.byId.get(id);
    if (chat?.newest?.id === message) this.byId.set(id, { ...chat, newest: change(chat.newest) });
  }

  private onGone(id: ChatId, message: string): void {
    const chat = this.byId.get(id);
    if (chat?.newest?.id !== message) return;
    void this.session.call('read_history', { chat: id, count: 1 }).then(({ messages }) => {
      const now = this.byId.get(id);
      if (now?.newest?.id === message) this.byId.set(id, { ...now, newest: messages[0] ?? null });
    }, ignore);
  }

  // The engine has counted from where it was read before. What comes after a place are places: one's own messages too.
  private async countUnread(chat: Chat): Promise<void> {
    const between = chat.last - chat.read;
    if (between <= 0 || chat.kept) {
      this.unread.set(chat.chat, 0);
      return;
    }
    const count = Math.min(between, kUnreadCountedMax);
    const { messages } = await this.session.call('read_history', { chat: chat.chat, count }).catch(() => ({ messages: [] }));
    const now = this.byId.get(chat.chat);
    if (!now) return;
    const unread = messages.filter((each) => !each.own && each.kind !== 'line' && each.position > now.read).length;
    this.unread.set(chat.chat, between > count && unread > 0 ? kUnreadCountedMax : unread);
  }
}

/** True of a chat that has no other side: a group, or one that is kept. */
export function hasNoPeer(chat: Chat): boolean {
  return chat.group || kNobody.test(chat.peer);
}

function ignore(): void {
  // The connection was lost: everything is read anew after the next one.
}
