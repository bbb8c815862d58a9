// What the engine has not answered yet is not safe. That takes milliseconds, but for as long as a disk is full it does not come: the
// person sees what is not stored, and nothing of it is lost with a chat that is left.

import type { Notice } from '../api/client';
import type { ChatId, ErrorRecord } from '../api/types';
import type { Follower, Session } from './session.svelte';

/** Words that a person has sent, and that are not safe on this device. */
export interface Unstored {
  id: number;
  chat: ChatId;
  text: string;
}

const kSlowMs = 1000;
const kStoreError = /^store_/;
/** What these tell is stored already. */
const kStored: ReadonlySet<Notice['method']> = new Set(['message_received', 'message_changed', 'message_moved', 'chat_changed', 'channel_posted'] as const);

export class Storing implements Follower {
  /** Why nothing can be stored, from when the engine says so until something is stored. */
  refused = $state.raw<ErrorRecord | null>(null);
  /** What has not been answered for so long that it is worth a word. */
  slow = $state.raw<readonly Unstored[]>([]);
  private readonly others: (() => boolean)[] = [];
  private readonly returned = new Map<ChatId, string>();
  private lastId = 0;

  constructor(session: Session, window: Pick<Window, 'addEventListener'>) {
    session.follow(this);
    // The browser asks whether the person means it.
    window.addEventListener('beforeunload', (event) => {
      if (this.slow.length > 0 || this.returned.size > 0 || this.others.some((each) => each())) event.preventDefault();
    });
  }

  /** What else would be lost with this page: true while something would. */
  alsoAsk(isUnsafe: () => boolean): void {
    this.others.push(isUnsafe);
  }

  /** Waits for `work`, which sends `text`; says so if that lasts. */
  async track<Result>(chat: ChatId, text: string, work: Promise<Result>): Promise<Result> {
    const each: Unstored = { id: ++this.lastId, chat, text };
    const timer = setTimeout(() => (this.slow = [...this.slow, each]), kSlowMs);
    try {
      const result = await work;
      this.refused = null;
      return result;
    } finally {
      clearTimeout(timer);
      this.slow = this.slow.filter((other) => other.id !== each.id);
    }
  }

  in(chat: ChatId): readonly Unstored[] {
    return this.slow.filter((each) => each.chat === chat);
  }

  /** It could not be sent, and its chat is not open any more: it stands in the field when it is opened again. */
  giveBack(chat: ChatId, text: string): void {
    const before = this.returned.get(chat);
    this.returned.set(chat, before ? `${before}\n${text}` : text);
  }

  takeBack(chat: ChatId): string {
    const text = this.returned.get(chat) ?? '';
    this.returned.delete(chat);
    return text;
  }

  onReady(): void {
    this.refused = null; // told again if it is still so
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'trouble' && kStoreError.test(notice.params.error.name)) this.refused = notice.params.error;
    else if (kStored.has(notice.method)) this.refused = null;
  }
}
