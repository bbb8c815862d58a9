// The channels that this device writes or follows, what is unread in them, and the posts of those that were opened.

import { SvelteMap } from 'svelte/reactivity';
import type { Notice } from '../api/client';
import type { Channel, ChannelId, PostShown } from '../api/types';
import type { KeptWords } from './browser_storage';
import type { Follower, Session } from './session.svelte';

const kPage = 50;
const kReadAnewMax = 200;
/** More than so many unread posts are not counted one by one. */
export const kUnreadPostsMax = 200;
// Earlier versions kept here up to where a channel was read: the engine does.
const kOldReadKey = 'godwit-channels-read';

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

  /** Reads back until this post is there, if it is on this device. */
  async readTo(post: number): Promise<void> {
    while (this.hasOlder && post < (this.posts[0]?.post ?? 0)) {
      const before = this.posts.length;
      await this.readOlder();
      if (this.posts.length === before) return;
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
  /** How many posts are unread; kUnreadPostsMax stands for "or more". */
  readonly unread = new SvelteMap<ChannelId, number>();
  /** When something last happened in it: its newest post; of one that is new here, that it came. */
  readonly activity = new SvelteMap<ChannelId, number>();
  /** What is being written, by channel: kept while the page lives. */
  readonly drafts = new SvelteMap<ChannelId, string>();
  readonly listed = $derived([...this.byId.values()]);
  readonly unreadTotal = $derived(
    this.listed.reduce((sum, each) => sum + (this.isMuted(each) ? 0 : (this.unread.get(each.channel) ?? 0)), 0),
  );
  private readonly held = new Map<ChannelId, Posts>();
  /** Up to where this page has said that a channel was read. */
  private readonly said = new Map<ChannelId, number>();

  constructor(
    private readonly session: Session,
    storage: KeptWords,
  ) {
    storage.remove(kOldReadKey);
    session.follow(this);
  }

  async onReady(): Promise<void> {
    const { channels } = await this.session.call('list_channels', {});
    const there = new Set(channels.map((each) => each.channel));
    for (const id of [...this.byId.keys()]) if (!there.has(id)) this.forget(id);
    this.said.clear(); // it may not have come through
    for (const each of channels) this.put(each);
    await Promise.all([...this.held.values()].map((each) => each.readAnew()));
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'channel_posted') this.onPosted(notice.params.channel, notice.params.post, notice.params.news);
    if (notice.method === 'channel_changed') {
      const { channel } = notice.params;
      const before = this.byId.get(channel.channel);
      this.put(channel);
      // That something was read or set changes no post.
      const marked = before && (before.read !== channel.read || before.muted_until !== channel.muted_until);
      if (!marked) void this.readAnew(channel.channel);
    }
  }

  /** A channel as a call has answered it: just made, or just followed. */
  take(channel: Channel): void {
    this.activity.set(channel.channel, Date.now());
    this.put(channel);
  }

  /** It was ended, or is not followed any more. */
  forget(id: ChannelId): void {
    for (const each of [this.byId, this.newest, this.unread, this.activity, this.drafts, this.held, this.said]) each.delete(id);
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
    await this.held.get(id)?.readAnew().catch(() => undefined);
  }

  /** The newest post that was read before, on any own device; 0: none. */
  readUpTo(id: ChannelId): number {
    return Math.max(this.byId.get(id)?.read ?? 0, this.said.get(id) ?? 0);
  }

  markRead(id: ChannelId, post: number): void {
    if (post <= this.readUpTo(id) || (this.byId.get(id)?.own ?? true)) return;
    this.said.set(id, post);
    if (post >= (this.newest.get(id)?.post ?? 0)) this.unread.set(id, 0);
    // What did not come through is said again after the next connection, when it is seen again.
    void this.session.call('mark_channel_read', { channel: id, through: post }).catch(() => undefined);
  }

  isMuted(channel: Channel): boolean {
    return (channel.muted_until ?? 0) > Date.now();
  }

  /** `until`: 0: not muted any more. */
  async mute(id: ChannelId, until: number): Promise<void> {
    await this.session.call('set_channel', { channel: id, muted_until: until });
  }

  private put(channel: Channel): void {
    const { channel: id, newest } = channel;
    this.byId.set(id, channel);
    const all = this.readUpTo(id) >= (newest?.post ?? 0); // it may be of the time before this page has said so
    this.unread.set(id, all ? 0 : Math.min(channel.unread, kUnreadPostsMax));
    if (!newest) return void this.newest.delete(id);
    this.newest.set(id, newest);
    this.activity.set(id, Math.max(newest.posted, this.activity.get(id) ?? 0));
  }

  private onPosted(id: ChannelId, post: PostShown, news: boolean): void {
    this.held.get(id)?.take(post);
    // Another tab has made or followed it.
    if (!this.byId.has(id)) return void this.onReady().catch(() => undefined);
    if (post.post >= (this.newest.get(id)?.post ?? 0)) {
      this.newest.set(id, post);
      this.activity.set(id, Math.max(post.posted, this.activity.get(id) ?? 0));
    }
    if (news && post.post > this.readUpTo(id)) this.unread.set(id, Math.min((this.unread.get(id) ?? 0) + 1, kUnreadPostsMax));
  }
}
