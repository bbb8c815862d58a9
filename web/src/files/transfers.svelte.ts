// Files on their way: into the engine's reach, out of it (file_ways.ts), and how far the engine has come with each.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { FileProgressNotice, GetFileParams, MessageId, MessageMovedNotice } from '../api/types';
import type { FileWays } from './file_ways';
import type { Follower, Session } from '../state/session.svelte';

/** What was fetched is held so long as it is among the newest of so many bytes. */
const kHeldBytesMax = 200 * 1024 * 1024;

export class Transfers implements Follower {
  /** How far the engine is, by message. */
  readonly progress = new SvelteMap<MessageId, FileProgressNotice>();
  private readonly sources = new Map<MessageId, string>(); // of what this page has sent
  private readonly fetched = new Map<MessageId, Blob>();
  private readonly fetching = new Map<MessageId, Promise<Blob>>();

  constructor(
    private readonly session: Session,
    private readonly ways: FileWays,
  ) {
    session.follow(this);
  }

  onReady(): void {
    this.progress.clear();
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'message_moved') this.onMoved(notice.params);
    if (notice.method !== 'file_progress') return;
    const { message, done, total, error } = notice.params;
    if (done >= total && !error) this.progress.delete(message);
    else this.progress.set(message, notice.params);
  }

  // A message that could not be sent may be tried again: its file stays.
  private onMoved({ id, delivery }: MessageMovedNotice): void {
    const source = this.sources.get(id);
    if (source === undefined || (delivery !== 'sent' && delivery !== 'delivered' && delivery !== 'read')) return;
    this.sources.delete(id);
    this.ways.takeBack(source);
  }

  /** Brings a file to where the engine reads it; gives its path there. */
  upload(file: Blob, name: string, onProgress: (part: number) => void, signal?: AbortSignal): Promise<string> {
    return this.ways.give(file, name, onProgress, signal);
  }

  /** The engine was told to send what upload() has brought to `source`. */
  onSending(message: MessageId, source: string): void {
    this.sources.set(message, source);
  }

  /** What upload() has brought to `source` has gone out. */
  takeBack(source: string): void {
    this.ways.takeBack(source);
  }

  /** The file of a message, whole. The engine fetches it from the home first, if it has to. */
  get(chat: string, message: MessageId, mime: string): Promise<Blob> {
    const held = this.fetched.get(message);
    if (held) return Promise.resolve(held);
    const going = this.fetching.get(message);
    if (going) return going;
    return this.fetchOnce({ chat, message }, mime);
  }

  /** A file of a post of a channel, whole. */
  getOfPost(channel: string, post: number, file: MessageId, mime: string): Promise<Blob> {
    const held = this.fetched.get(file) ?? this.fetching.get(file);
    return held ? Promise.resolve(held) : this.fetchOnce({ channel, post, message: file }, mime);
  }

  private fetchOnce(which: Omit<GetFileParams, 'destination'>, mime: string): Promise<Blob> {
    const work = this.fetch(which, mime).finally(() => this.fetching.delete(which.message));
    this.fetching.set(which.message, work);
    return work;
  }

  private async fetch(which: Omit<GetFileParams, 'destination'>, mime: string): Promise<Blob> {
    const found = await this.ways.get(async (destination) => (await this.session.call('get_file', { ...which, destination })).path);
    const blob = new Blob([found], { type: mime });
    this.hold(which.message, blob);
    return blob;
  }

  /** True: get() gives it at once. */
  has(message: MessageId): boolean {
    return this.fetched.has(message);
  }

  /** Holds a file that is at hand, such as one that was just sent. */
  hold(message: MessageId, blob: Blob): void {
    this.fetched.set(message, blob);
    let sum = 0;
    for (const [id, each] of [...this.fetched].reverse()) {
      sum += each.size;
      if (sum > kHeldBytesMax && id !== message) this.fetched.delete(id);
    }
  }
}
