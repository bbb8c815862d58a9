// Links into calls: the groups that this tab has asked to be let into for their call. A call link is a group's link with a mark behind it
// (docs/protocol/chat.md, "Links"); here is only what follows once one is let in. The engine does the asking, for 30 days.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { CallMedia, Chat, ChatId } from '../api/types';
import type { KeptWords } from '../state/browser_storage';
import type { Follower, Session } from '../state/session.svelte';
import type { GroupCalls } from './group_calls.svelte';

const kAskedKey = 'godwit-call-asked'; // of this tab: a reload forgets none
/** Who has pressed just now comes in without a second click; later a microphone does not open by itself. */
const kAtOnceMs = 60_000;
const kAskedMax = 8;

export class CallLinks implements Follower {
  /** When each was asked for in this page; 0: before it was loaded anew, or somebody has to let one in by hand. */
  private readonly asked = new SvelteMap<ChatId, number>();

  constructor(
    session: Session,
    private readonly calls: GroupCalls,
    private readonly tab: KeptWords,
  ) {
    for (const chat of (tab.get(kAskedKey) ?? '').split(' ')) if (/^[0-9a-f]{32}$/.test(chat)) this.asked.set(chat, 0);
    session.follow(this);
  }

  onReady(): void {
    // What was asked for is still under way.
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'join_refused') this.forget(notice.params.chat);
  }

  /** The person has asked to be let in; with `approval` somebody does it by hand. */
  await(chat: ChatId, approval: boolean): void {
    this.asked.delete(chat);
    this.asked.set(chat, approval ? 0 : Date.now());
    for (const each of [...this.asked.keys()].slice(0, -kAskedMax)) this.asked.delete(each);
    this.keep();
  }

  forget(chat: ChatId): void {
    if (this.asked.delete(chat)) this.keep();
  }

  /** The first one that lets this device into its call by now; `atOnce`: without a second click. */
  letIn(chats: ReadonlyMap<ChatId, Chat>): { chat: Chat; atOnce: boolean } | null {
    for (const [id, at] of this.asked) {
      const chat = chats.get(id);
      if (chat && this.calls.canCall(chat)) return { chat, atOnce: Date.now() - at < kAtOnceMs };
    }
    return null;
  }

  /** Comes into the call of the group, or begins it. */
  async enter(chat: ChatId, media: CallMedia): Promise<void> {
    this.forget(chat);
    await this.calls.start(chat, media);
  }

  private keep(): void {
    if (this.asked.size > 0) this.tab.set(kAskedKey, [...this.asked.keys()].join(' '));
    else this.tab.remove(kAskedKey);
  }
}
