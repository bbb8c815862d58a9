// From one found message of a chat to the next, after one of them was opened.

import type { ChatId, FoundMessage, MessageId } from '../api/types';
import type { Search } from './search.svelte';

export class FoundWalk {
  readonly query: string;
  readonly chat: ChatId;
  at = $state(0);
  private all = $state.raw<readonly FoundMessage[]>([]);

  /** `opened`: one of what `search` has found. */
  constructor(
    private readonly search: Search,
    opened: FoundMessage,
  ) {
    this.query = search.answered;
    this.chat = opened.chat;
    this.take();
    this.at = Math.max(0, this.all.findIndex((each) => each.message.id === opened.message.id));
  }

  get count(): number {
    return this.all.length;
  }

  /** True: count is not all that there is. */
  get more(): boolean {
    return this.search.more && this.search.answered === this.query;
  }

  get message(): MessageId | null {
    return this.all[this.at]?.message.id ?? null;
  }

  /** One step on (older) or back; null: there is none. Reads on where what was read so far ends. */
  async step(by: 1 | -1): Promise<FoundMessage | null> {
    while (this.at + by >= this.all.length && this.more) {
      const before = this.search.count;
      await this.search.readMore();
      this.take();
      if (this.search.count === before) break;
    }
    const next = this.all[this.at + by];
    if (!next) return null;
    this.at += by;
    return next;
  }

  // What has been found for other words in the meantime is none of this.
  private take(): void {
    if (this.search.answered === this.query) this.all = this.search.found.filter((each) => each.chat === this.chat);
  }
}
