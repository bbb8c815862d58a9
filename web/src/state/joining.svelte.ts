// Groups that one has asked to be let into, and the link that is being taken. The engine goes on asking for 30 days whatever this
// page does; it does not list what it has asked, so that after a reload the page hears of a group only when one is in, or refused.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { ChatId, JoinAskedResult } from '../api/types';
import type { Follower, Session } from './session.svelte';

export class Joining implements Follower {
  readonly asked = new SvelteMap<ChatId, JoinAskedResult>();
  /** What stands in the field where links are taken: kept while one looks elsewhere. */
  link = $state('');
  /** Told when somebody asked for on this page was not let in. */
  onRefused: (name: string, errorName: string, sentence: string) => void = () => undefined;

  constructor(private readonly session: Session) {
    session.follow(this);
  }

  onReady(): void {
    // What was asked for is still under way.
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'chat_changed' && notice.params.chat.member) this.asked.delete(notice.params.chat.chat);
    if (notice.method !== 'join_refused') return;
    this.asked.delete(notice.params.chat);
    this.onRefused(notice.params.name, notice.params.error.name, notice.params.error.message);
  }

  async ask(link: string, greeting: string): Promise<JoinAskedResult> {
    const asked = await this.session.call('join_group', { link, greeting });
    this.asked.set(asked.chat, asked);
    return asked;
  }
}
