// One channel that is open: its posts, what is being written, and the dialogs about it. The components of channels/ share it by
// Svelte's context.

import { createContext } from 'svelte';
import { isLost } from '../api/client';
import type { Channel, FileToPost, PostFile, PostShown } from '../api/types';
import { prepared, type Look } from '../files/sending';
import type { Picked } from '../files/transfers.svelte';
import { Unasked } from '../files/unasked';
import { t } from '../messages/t.svelte';
import type { App } from '../state/app.svelte';
import { markup, parseMarkup, type Formatted } from '../text/markup';
import type { Posts } from '../state/channels.svelte';

/** What the API takes at once. */
export const kFilesMax = 8;

/** A dialog over the channel. */
export type ChannelDialog =
  | { what: 'share' | 'describe' | 'end' | 'unfollow' | 'discussion' | 'discuss' }
  | { what: 'delete' | 'report'; post: PostShown }
  | { what: 'leave'; address: string };

/** A picture or a film of a post over everything: of an open channel only. */
export interface PostScreen {
  what: 'picture' | 'video';
  post: PostShown;
  file: PostFile;
}

/** A post of one's own on its way to the home. */
export interface Outgoing {
  id: number;
  text: string;
  /** As the API takes it: `text` is as it was typed. */
  formatted: Formatted;
  files: readonly Picked[];
  /** How far its files are within the engine's reach, 0 to 1; null: there are none, or all are. */
  part: number | null;
}

let lastId = 0;

export class OpenChannel {
  readonly posts: Posts;
  readonly unasked = new Unasked();
  dialog = $state.raw<ChannelDialog | null>(null);
  screen = $state.raw<PostScreen | null>(null);
  editing = $state.raw<PostShown | null>(null);
  outgoing = $state.raw<readonly Outgoing[]>([]);
  focusComposer: () => void = () => undefined;
  /** What it was when it was last read: it may be gone by now. */
  private known: Channel;
  private draftBefore = '';

  constructor(
    readonly app: App,
    channel: Channel,
  ) {
    this.known = channel;
    this.posts = app.channels.open(channel.channel);
  }

  get channel(): Channel {
    return (this.known = this.app.channels.byId.get(this.known.channel) ?? this.known);
  }

  get text(): string {
    return this.app.channels.drafts.get(this.channel.channel) ?? '';
  }

  set text(text: string) {
    this.app.channels.drafts.set(this.channel.channel, text);
  }

  get picked(): readonly Picked[] {
    return this.app.transfers.forPost(this.known.channel).files;
  }

  set picked(files: readonly Picked[]) {
    this.app.transfers.setForPost(this.known.channel, { files, original: this.original });
  }

  /** Photos go in their own size. */
  get original(): boolean {
    return this.app.transfers.forPost(this.known.channel).original;
  }

  set original(original: boolean) {
    this.app.transfers.setForPost(this.known.channel, { files: this.picked, original });
  }

  pick(files: readonly File[], asFiles = false): void {
    const all = [...this.picked, ...files.map((file) => ({ file, asFile: asFiles }))];
    if (all.length > kFilesMax) this.app.toasts.say(t('post.files_max', { n: kFilesMax }), true);
    this.picked = all.slice(0, kFilesMax);
    this.focusComposer();
  }

  edit(post: PostShown): void {
    if (!this.editing) this.draftBefore = this.text;
    this.editing = post;
    this.text = markup(post.text, post.spans);
    this.focusComposer();
  }

  stopEditing(): void {
    if (!this.editing) return;
    this.editing = null;
    this.text = this.draftBefore;
  }

  async send(): Promise<void> {
    const text = this.text.trim();
    if (this.editing) return this.sayOtherwise(this.editing, text);
    if (text === '' && this.picked.length === 0) return;
    const files = this.picked;
    const look = this.original ? 'original' : 'fitting';
    const entry: Outgoing = { id: ++lastId, text, formatted: parseMarkup(text), files, part: files.length > 0 ? 0 : null };
    this.outgoing = [...this.outgoing, entry];
    this.text = '';
    this.picked = [];
    const done = await this.app.attempt(() => this.post(entry, look));
    this.outgoing = this.outgoing.filter((each) => each.id !== entry.id);
    // What could not be sent is not lost.
    if (done) return;
    if (this.editing) this.draftBefore = [text, this.draftBefore].filter(Boolean).join('\n');
    else this.text = [text, this.text].filter(Boolean).join('\n');
    if (files.length + this.picked.length > kFilesMax) this.app.toasts.say(t('post.files_max', { n: kFilesMax }), true);
    this.picked = [...files, ...this.picked].slice(0, kFilesMax);
    if (look === 'original') this.original = true;
  }

  private async post(entry: Outgoing, look: Look): Promise<void> {
    const { channel } = this.channel; // another one may be open later
    const files: FileToPost[] = [];
    let lost = false;
    try {
      await this.upload(channel, entry, look, files);
      this.tell(entry.id, null);
      const posted = this.app.session.call('post', { channel, ...(entry.text ? entry.formatted : {}), files });
      await this.app.storing.track(channel, entry.text, posted.catch((error: unknown) => {
        lost = isLost(error);
        throw error;
      }));
    } finally {
      // An engine that was not heard of any more may be reading them.
      if (!lost) for (const { source } of files) this.app.transfers.takeBack(source);
    }
    await this.app.channels.readAnew(channel);
  }

  private async upload(channel: string, entry: Outgoing, look: Look, files: FileToPost[]): Promise<void> {
    for (const [index, picked] of entry.files.entries()) {
      const { blob, media, name = picked.file.name || 'file' } = await prepared(picked.file, picked.asFile ? 'file' : look);
      const mime = blob.type.split(';')[0];
      const source = await this.app.transfers.onItsWay(channel, name, (tell) =>
        this.app.transfers.upload(blob, name, (part) => {
          tell(part);
          this.tell(entry.id, (index + part) / entry.files.length);
        }),
      );
      files.push({ source, name, ...(mime ? { mime } : {}), ...(media ? { media } : {}) });
    }
  }

  private tell(id: number, part: number | null): void {
    this.outgoing = this.outgoing.map((each) => (each.id === id ? { ...each, part } : each));
  }

  private async sayOtherwise(post: PostShown, text: string): Promise<void> {
    const formatted = parseMarkup(text);
    if (formatted.text === post.text && JSON.stringify(formatted.spans) === JSON.stringify(post.spans)) return this.stopEditing();
    if (text === '' && post.files.length === 0) return;
    const { channel } = this.channel;
    const done = await this.app.attempt(() => this.app.session.call('edit_post', { channel, post: post.post, ...formatted }));
    if (!done) return;
    this.stopEditing();
    await this.app.channels.readAnew(channel);
  }
}

export const [useChannel, provideChannel] = createContext<OpenChannel>();
