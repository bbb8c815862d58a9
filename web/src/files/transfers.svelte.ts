// Files on their way: into the engine's reach (PUT /files), out of it (GET /files), and how far the engine has come with each.

import { SvelteMap } from 'svelte/reactivity';
import { CallFailed, type Notice } from '../api/client';
import type { FileProgressNotice, GetFileParams, MessageId } from '../api/types';
import type { Follower, Session } from '../state/session.svelte';

/** What was fetched is held so long as it is among the newest of so many bytes. */
const kHeldBytesMax = 200 * 1024 * 1024;

export class Transfers implements Follower {
  /** How far the engine is, by message. */
  readonly progress = new SvelteMap<MessageId, FileProgressNotice>();
  private readonly fetched = new Map<MessageId, Blob>();
  private readonly fetching = new Map<MessageId, Promise<Blob>>();

  constructor(
    private readonly session: Session,
    private readonly token: () => string,
  ) {
    session.follow(this);
  }

  onReady(): void {
    this.progress.clear();
  }

  onNotice(notice: Notice): void {
    if (notice.method !== 'file_progress') return;
    const { message, done, total, error } = notice.params;
    if (done >= total && !error) this.progress.delete(message);
    else this.progress.set(message, notice.params);
  }

  /** Brings a file to where the engine reads it; gives its path there. */
  upload(file: Blob, name: string, onProgress: (part: number) => void, signal?: AbortSignal): Promise<string> {
    // fetch() tells nothing of how far an upload is.
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('PUT', `./files/${encodeURIComponent(name)}`);
      request.setRequestHeader('Authorization', `Bearer ${this.token()}`);
      request.upload.onprogress = (event) => onProgress(event.total > 0 ? event.loaded / event.total : 0);
      request.onload = () => {
        const path = request.status === 201 ? pathOf(request.responseText) : null;
        if (path) resolve(path);
        else reject(new CallFailed(request.status, 'file_not_taken', '', 'fix'));
      };
      request.onerror = () => reject(new CallFailed(0, 'file_not_taken', '', 'retry_later'));
      request.onabort = () => reject(new DOMException('', 'AbortError'));
      signal?.addEventListener('abort', () => request.abort());
      request.send(file);
    });
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
    const headers = { Authorization: `Bearer ${this.token()}` };
    const made = await fetch('./files', { method: 'POST', headers });
    const destination = made.status === 201 ? pathOf(await made.text()) : null;
    if (!destination) throw new CallFailed(made.status, 'file_not_taken', '', 'fix');
    const { path } = await this.session.call('get_file', { ...which, destination });
    const [folder, name] = path.split('/').slice(-2);
    const answer = await fetch(`./files/${encodeURIComponent(folder!)}/${encodeURIComponent(name!)}`, { headers });
    if (!answer.ok) throw new CallFailed(answer.status, 'file_not_taken', '', 'retry_later');
    const blob = new Blob([await answer.blob()], { type: mime });
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

function pathOf(text: string): string | null {
  try {
    const path = (JSON.parse(text) as { path?: unknown }).path;
    return typeof path === 'string' ? path : null;
  } catch {
    return null;
  }
}
