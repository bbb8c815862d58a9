// One search in what was said: asks the engine a moment after the last letter, and for more when the reader comes to the end.

import { untrack } from 'svelte';
import { CallFailed } from '../api/client';
import type { ChatId, FoundMessage, FoundPost } from '../api/types';
import { timeOfInput } from '../messages/input_times';
import type { App } from '../state/app.svelte';

export interface Filters {
  from: 'anybody' | 'me' | 'somebody';
  /** Of `somebody`: how he is called. */
  name: string;
  since: string;
  until: string;
  files: boolean;
}

export const kNoFilters: Filters = { from: 'anybody', name: '', since: '', until: '', files: false };
const kPauseMs = 180;
const kPage = 30;
const kDayMs = 86_400_000;
/** Who waits longer than this is told that it goes on. */
const kSlowMs = 600;

export class Search {
  query = $state('');
  filters = $state.raw<Filters>(kNoFilters);
  found = $state.raw<readonly FoundMessage[]>([]);
  /** What was found in channels. */
  posts = $state.raw<readonly FoundPost[]>([]);
  more = $state(false);
  /** What is shown is the answer to this; empty: nothing was asked. */
  answered = $state('');
  slow = $state(false);
  problem = $state('');

  readonly filtered = $derived(JSON.stringify(this.filters) !== JSON.stringify(kNoFilters));
  readonly count = $derived(this.found.length + this.posts.length);
  private asked = 0;
  private reading = false;

  /** To be called while a component is made: asks whenever something has changed. */
  constructor(
    private readonly app: App,
    private readonly chat: () => ChatId | null,
  ) {
    $effect(() => {
      const { query, filters } = this;
      void [query, filters, this.chat(), this.app.session.attached];
      const timer = setTimeout(() => void untrack(() => this.ask()), kPauseMs);
      return () => clearTimeout(timer);
    });
  }

  private params(skip: number) {
    const { from, name, since, until, files } = this.filters;
    const sender = from === 'me' ? 'me' : from === 'somebody' ? name.trim() : '';
    const last = timeOfInput(until);
    return {
      query: this.query,
      ...(this.chat() ? { chat: this.chat() } : {}),
      ...(sender ? { sender } : {}),
      ...(timeOfInput(since) !== null ? { since: timeOfInput(since) } : {}),
      ...(last !== null ? { until: last + kDayMs } : {}), // the day itself belongs to it
      ...(files ? { has_file: true } : {}),
      skip,
      count: kPage,
    };
  }

  private async ask(): Promise<void> {
    const number = ++this.asked;
    const query = this.query.trim();
    if (query === '') {
      this.found = [];
      this.posts = [];
      this.more = this.slow = false;
      this.answered = this.problem = '';
      return;
    }
    const timer = setTimeout(() => (this.slow = true), kSlowMs);
    try {
      const { messages, posts, more } = await this.app.session.call('search_messages', this.params(0));
      if (number !== this.asked) return;
      this.found = messages;
      this.posts = posts;
      this.more = more;
      this.problem = '';
    } catch (error) {
      if (number !== this.asked) return;
      this.found = [];
      this.posts = [];
      this.more = false;
      // Signs without a word are no mistake of somebody who has only begun.
      this.problem = error instanceof CallFailed && error.errorName === 'engine_nothing_to_search' ? '' : this.app.sentence(error);
    } finally {
      clearTimeout(timer);
      if (number === this.asked) {
        this.slow = false;
        this.answered = query;
      }
    }
  }

  async readMore(): Promise<void> {
    if (!this.more || this.reading) return;
    this.reading = true;
    const number = this.asked;
    try {
      const { messages, posts, more } = await this.app.session.call('search_messages', this.params(this.count));
      if (number !== this.asked) return;
      this.found = [...this.found, ...messages];
      this.posts = [...this.posts, ...posts];
      this.more = more;
    } catch {
      // The connection was lost: asked anew with the next one.
    } finally {
      this.reading = false;
    }
  }
}
