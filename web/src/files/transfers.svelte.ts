// Files on their way: into the engine's reach, out of it (file_ways.ts), and how far the engine has come with each.

import { SvelteMap } from 'svelte/reactivity';
import { isLost, type Notice } from '../api/client';
import type { FileProgressNotice, GetFileParams, Message, MessageId } from '../api/types';
import { isHeldUp, type FileWays, type Place } from './file_ways';
import { kUnknown } from './kinds';
import type { Look } from './sending';
import type { Follower, Session } from '../state/session.svelte';

/** What was fetched is held so long as it is among the newest of so many bytes. */
const kHeldBytesMax = 200 * 1024 * 1024;

/** Which file: the ids of messages are chosen by those who write them, so one chat's may be another's too. */
function keyOf(place: string, message: MessageId, post?: number | null): string {
  return `${place}/${post ?? ''}/${message}`;
}

/** A file on its way into the engine's reach. */
export interface Outgoing {
  id: number;
  /** The chat or the channel that it goes to. */
  place: string;
  name: string;
  /** 0 to 1. */
  part: number;
  abort: AbortController;
}

/** What was to be sent into a chat at once, and could not be. */
export interface Unsent {
  files: readonly File[];
  /** How they were to go. */
  look: Look;
  /** Which one failed, and why, in words. */
  why: string;
}

/** A file that is to go with a post. */
export interface Picked {
  file: File;
  /** It was picked as a file: it goes as it is, and is not shown. */
  asFile: boolean;
}

/** What waits for the word that sends it. */
export interface PickedForPost {
  files: readonly Picked[];
  /** Photos go in their own size. */
  original: boolean;
}

interface Sending {
  chat: string;
  message: MessageId;
  source: string;
}

export class Transfers implements Follower {
  private readonly progress = new SvelteMap<string, FileProgressNotice>();
  private readonly fetched = new Map<string, Blob>();
  private readonly fetching = new Map<string, Promise<Blob>>();
  private readonly heldUp = new Map<string, Place>(); // of what was being fetched
  private readonly sendings = new Map<string, Sending>(); // of what this page has sent

  /** All that is on its way into the engine's reach, whatever is open. */
  private outgoing = $state.raw<readonly Outgoing[]>([]);
  private readonly unsent = new Map<string, readonly Unsent[]>();
  /** By channel: they stay, whatever is open. */
  private readonly forPosts = new SvelteMap<string, PickedForPost>();
  private lastId = 0;

  constructor(
    private readonly session: Session,
    private readonly ways: FileWays,
  ) {
    session.follow(this);
  }

  onReady(): void {
    this.progress.clear();
    for (const key of this.sendings.keys()) void this.look(key);
  }

  /** How far the engine is with a file of a chat or of a channel. */
  progressOf(place: string, message: MessageId): FileProgressNotice | undefined {
    return this.progress.get(keyOf(place, message));
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'message_moved') void this.look(keyOf(notice.params.chat, notice.params.id));
    if (notice.method !== 'file_progress') return;
    const { chat, channel, message, sending, done, total, error } = notice.params;
    const key = keyOf(chat ?? channel ?? '', message);
    if (done < total || error) return void this.progress.set(key, notice.params);
    this.progress.delete(key);
    if (sending) void this.look(key);
  }

  /** The engine was told to send what upload() has brought to `source`. */
  onSending(chat: string, message: MessageId, source: string): void {
    this.sendings.set(keyOf(chat, message), { chat, message, source });
    void this.look(keyOf(chat, message)); // a small one may be through already
  }

  // A message that could not be sent may be tried again by the engine: its file stays until the engine needs it no longer.
  private async look(key: string): Promise<void> {
    const sending = this.sendings.get(key);
    if (!sending) return;
    const { chat, message, source } = sending;
    try {
      const found = await this.session.call('read_message', { chat, message });
      if (found.message.file?.sending) return;
    } catch (error) {
      if (isLost(error)) return; // else the message is gone
    }
    if (this.sendings.delete(key)) this.takeBack(source);
  }

  /** What upload() has brought to `source` is not needed any more. */
  takeBack(source: string): void {
    this.ways.takeBack(source);
  }

  /** What is on its way into a chat. */
  outgoingIn(place: string): readonly Outgoing[] {
    return this.outgoing.filter((each) => each.place === place);
  }

  /** Shows a file as being on its way into a chat until `work` is done, which is told how to say how far it is and when it is stopped. */
  async onItsWay<Result>(place: string, name: string, work: (tell: (part: number) => void, signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const entry: Outgoing = { id: ++this.lastId, place, name, part: 0, abort: new AbortController() };
    this.outgoing = [...this.outgoing, entry];
    const tell = (part: number) => {
      this.outgoing = this.outgoing.map((each) => (each.id === entry.id ? { ...each, part } : each));
    };
    try {
      return await work(tell, entry.abort.signal);
    } finally {
      this.outgoing = this.outgoing.filter((each) => each.id !== entry.id);
    }
  }

  /** It could not be sent, and its chat is not open any more: it is asked about when the chat is opened again. */
  giveBack(chat: string, unsent: Unsent): void {
    this.unsent.set(chat, [...(this.unsent.get(chat) ?? []), unsent]);
  }

  takeUnsent(chat: string): readonly Unsent[] {
    const unsent = this.unsent.get(chat) ?? [];
    this.unsent.delete(chat);
    return unsent;
  }

  /** True: files would be lost with this page. */
  get isUnsafe(): boolean {
    return this.outgoing.length > 0 || this.unsent.size > 0 || this.forPosts.size > 0;
  }

  /** What was picked for a post of a channel. */
  forPost(channel: string): PickedForPost {
    return this.forPosts.get(channel) ?? { files: [], original: false };
  }

  setForPost(channel: string, picked: PickedForPost): void {
    if (picked.files.length > 0) this.forPosts.set(channel, picked);
    else this.forPosts.delete(channel);
  }

  /** Brings a file to where the engine reads it; gives its path there. */
  upload(file: Blob, name: string, onProgress: (part: number) => void, signal?: AbortSignal): Promise<string> {
    return this.ways.give(file, name, onProgress, signal);
  }

  /** The same for a file that is only read, once. */
  lend(file: Blob, name: string, onProgress: (part: number) => void): Promise<string> {
    return this.ways.lend(file, name, onProgress);
  }

  /** The file of a message, whole, and of no kind (kinds.ts). The engine fetches it from the home first, if it has to. */
  get(chat: string, message: MessageId): Promise<Blob> {
    return this.fetchOnce(keyOf(chat, message), { chat, message });
  }

  /** A file of a post of a channel, whole. */
  getOfPost(channel: string, post: number, file: MessageId): Promise<Blob> {
    return this.fetchOnce(keyOf(channel, file, post), { channel, post, message: file });
  }

  private fetchOnce(key: string, which: Omit<GetFileParams, 'destination'>): Promise<Blob> {
    const held = this.fetched.get(key);
    if (held) return Promise.resolve(held);
    const going = this.fetching.get(key);
    if (going) return going;
    const work = this.fetch(key, which)
      .then((blob) => this.keep(key, blob))
      .finally(() => this.fetching.delete(key));
    this.fetching.set(key, work);
    return work;
  }

  private async fetch(key: string, which: Omit<GetFileParams, 'destination'>): Promise<Blob> {
    const place = this.heldUp.get(key) ?? {};
    if (this.heldUp.delete(key)) this.progress.delete(key);
    try {
      return await this.ways.get(async (destination) => (await this.session.call('get_file', { ...which, destination })).path, place);
    } catch (error) {
      if (isHeldUp(error)) this.heldUp.set(key, place);
      throw error;
    }
  }

  /** True if a person has held the file up, on whichever way it is. */
  isPaused(chat: string, { id, file }: Message): boolean {
    const progress = this.progressOf(chat, id);
    if (file?.sending) return progress?.paused ?? file.paused;
    return progress?.error?.name === 'engine_file_paused';
  }

  /** Holds a file up, or lets one go on that is sent; one that is fetched goes on with get(). */
  async pause(chat: string, message: MessageId, paused: boolean): Promise<void> {
    await this.session.call('pause_file', { chat, message, paused });
  }

  /** A file that the program makes in a folder: `make` gives its path there. `inPlaceOf`: it takes the place of what upload() brought. */
  made(make: (folder: string) => Promise<string>, inPlaceOf?: string): Promise<Blob> {
    return this.ways.get(make, inPlaceOf ? { destination: inPlaceOf } : {});
  }

  /** True: get() gives it at once. */
  has(chat: string, message: MessageId): boolean {
    return this.fetched.has(keyOf(chat, message));
  }

  hasOfPost(channel: string, post: number, file: MessageId): boolean {
    return this.fetched.has(keyOf(channel, file, post));
  }

  /** Holds a file that is at hand, such as one that was just sent. */
  hold(chat: string, message: MessageId, blob: Blob): void {
    this.keep(keyOf(chat, message), blob);
  }

  private keep(key: string, blob: Blob): Blob {
    const plain = new Blob([blob], { type: kUnknown });
    this.fetched.set(key, plain);
    let sum = 0;
    for (const [each, { size }] of [...this.fetched].reverse()) {
      sum += size;
      if (sum > kHeldBytesMax && each !== key) this.fetched.delete(each);
    }
    return plain;
  }
}
