// The channels that this device writes or follows, what is unread in them, and the posts of those that were opened.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { Channel, ChannelId, PostShown } from '../api/types';
import type { KeptWords } from './browser_storage';
import type { Follower, Session } from './session.svelte';

const kPage = 50;
const kReadAnewMax = 200;
/** More than so many unread posts are not counted one by one. */
export const kUnreadPostsMax = 50;
// Up to where a channel was read is known to this browser alone: the API has no place for it.
const kReadKey = 'godwit-channels-read';

/** The posts of one channel, oldest first: the newest ones without a gap, as far back as the reader has come. */
export class Posts {
  posts = $state.raw<readonly PostShown[]>([]);
  hasOlder = $state(false);
  loaded = $state(false);
  private busy = false;

  constructor(
    private readonly session: Session,
    readonly channel: ChannelId,
  ) {}

  /** Reads as many of the newest as are held: some may have been taken away. */
  async readAnew(): Promise<void> {
    const count = Math.min(Math.max(kPage, this.posts.length), kReadAnewMax);
    const { posts } = await this.session.call('read_channel', { channel: this.channel, count });
    this.posts = posts;
    this.hasOlder = posts.length >= count;
    this.loaded = true;
  }

  async readOlder(): Promise<void> {
    const first = this.posts[0];
    if (!first || !this.hasOlder || this.busy) return;
    this.busy = true;
    try {
      const { posts } = await this.session.call('read_channel', { channel: this.channel, before: first.post, count: kPage });
      this.posts = [...posts, ...this.posts];
      this.hasOlder = posts.length > 0;
    } catch {
      // The connection was lost: everything is read anew after the next one.
    } finally {
      this.busy = false;
    }
  }

  take(post: PostShown): void {
    if (!this.loaded) return;
    const others = this.posts.filter((each) => each.post !== post.post);
    if (this.hasOlder && post.post < (others[0]?.post ?? 0)) return; // read when the reader comes there
    this.posts = [...others, post].sort((a, b) => a.post - b.post);
  }
}

export class Channels implements Follower {
  readonly byId = new SvelteMap<ChannelId, Channel>();
  readonly newest = new SvelteMap<ChannelId, PostShown>();
  readonly unread = new SvelteMap<ChannelId, number>();
  /** When something last happened in it: its newest post; of one that is new here, that it came. */
  readonly activity = new SvelteMap<ChannelId, number>();
  /** What is being written, by channel: kept while the page lives. */
  readonly drafts = new SvelteMap<ChannelId, string>();
  readonly listed = $derived([...this.byId.values()]);
  private readonly held = new Map<ChannelId, Posts>();
  private read: Record<ChannelId, number>;

  constructor(
    private readonly session: Session,
    private readonly storage: KeptWords,
  ) {
    this.read = this.keptRead();
    session.follow(this);
  }

  async onReady(): Promise<void> {
    const { channels } = await this.session.call('list_channels', {});
    const there = new Set(channels.map((each) => each.channel));
    for (const id of [...this.byId.keys()]) if (!there.has(id)) this.forget(id);
    for (const each of channels) this.byId.set(each.channel, each);
    await Promise.all(channels.map((each) => this.look(each.channel)));
    await Promise.all([...this.held.values()].map((each) => each.readAnew()));
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'channel_posted') this.onPosted(notice.params.channel, notice.params.post);
    if (notice.method === 'channel_changed') {
      const { channel } = notice.params;
      this.byId.set(channel.channel, channel);
      void this.readAnew(channel.channel);
    }
  }

  /** A channel as a call has answered it: just made, or just followed. */
  async take(channel: Channel): Promise<void> {
    this.byId.set(channel.channel, channel);
    this.activity.set(channel.channel, Date.now());
    await this.look(channel.channel);
  }

  /** It was ended, or is not followed any more. */
  forget(id: ChannelId): void {
    for (const each of [this.byId, this.newest, this.unread, this.activity, this.drafts, this.held]) each.delete(id);
    if (!(id in this.read)) return;
    delete this.read[id];
    this.keep();
  }

  /** The posts of a channel; read for the first time if need be. */
  open(id: ChannelId): Posts {
    let posts = this.held.get(id);
    if (!posts) {
      posts = new Posts(this.session, id);
      this.held.set(id, posts);
      void posts.readAnew().catch(() => undefined);
    }
    return posts;
  }

  /** Reads anew what is shown of a channel: a post was changed or taken away. */
  async readAnew(id: ChannelId): Promise<void> {
    await Promise.all([this.look(id), this.held.get(id)?.readAnew()]).catch(() => undefined);
  }

  /** The newest post that was read before; 0: none. */
  readUpTo(id: ChannelId): number {
    return this.read[id] ?? 0;
  }

  markRead(id: ChannelId, post: number): void {
    if (post <= this.readUpTo(id)) return;
    this.read[id] = post;
    this.keep();
    void this.look(id).catch(() => undefined);
  }

  /** Another tab has read something. */
  onStored(key: string | null): void {
    if (key !== kReadKey) return;
    this.read = this.keptRead();
    for (const id of this.byId.keys()) void this.look(id).catch(() => undefined);
  }

  private onPosted(id: ChannelId, post: PostShown): void {
    this.held.get(id)?.take(post);
    // Another tab has made or followed it.
    if (!this.byId.has(id)) void this.onReady().catch(() => undefined);
    else void this.look(id).catch(() => undefined);
  }

  // The newest post, and how many were not read.
  private async look(id: ChannelId): Promise<void> {
    const { posts } = await this.session.call('read_channel', { channel: id, count: kUnreadPostsMax });
    const last = posts.at(-1);
    if (last) {
      this.newest.set(id, last);
      this.activity.set(id, Math.max(last.posted, this.activity.get(id) ?? 0));
    }
    if (!last) this.newest.delete(id);
    // What was there when this browser first saw the channel is not news.
    if (!(id in this.read)) {
      this.read[id] = last?.post ?? 0;
      this.keep();
    }
    const own = this.byId.get(id)?.own ?? false;
    this.unread.set(id, own ? 0 : posts.filter((each) => each.post > this.readUpTo(id)).length);
  }

  private keptRead(): Record<ChannelId, number> {
    try {
      const kept = JSON.parse(this.storage.get(kReadKey) ?? '{}') as Record<ChannelId, number>;
      return kept !== null && typeof kept === 'object' ? kept : {};
    } catch {
      return {};
    }
  }

  private keep(): void {
    this.storage.set(kReadKey, JSON.stringify(this.read));
  }
}
