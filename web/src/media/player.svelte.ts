// Plays voice notes and audio files: one at a time, wherever they stand.

import type { Message, MessageId } from '../api/types';
import { asPlayed } from '../files/kinds';
import type { Transfers } from '../files/transfers.svelte';

export const kRates = [1, 1.5, 2] as const;

export class Player {
  /** What is being played, or stands still in the middle. */
  current = $state<MessageId | null>(null);
  loading = $state(false);
  playing = $state(false);
  /** Seconds from its beginning. */
  position = $state(0);
  duration = $state(0);
  rate = $state<number>(1);
  failed = $state.raw<{ message: MessageId; error: unknown } | null>(null);

  private readonly audio = new Audio();
  private url = '';
  private frame = 0;

  constructor(private readonly transfers: Transfers) {
    this.audio.preservesPitch = true;
    this.audio.addEventListener('play', () => this.onPlay());
    this.audio.addEventListener('pause', () => this.onPause());
    this.audio.addEventListener('ended', () => this.onEnded());
    this.audio.addEventListener('timeupdate', () => this.tell());
  }

  async toggle(chat: string, message: Message): Promise<void> {
    if (this.current === message.id && !this.loading) {
      if (this.playing) this.audio.pause();
      else await this.play(message.id);
      return;
    }
    this.stop();
    this.current = message.id;
    this.failed = null;
    this.duration = (message.file?.media.duration_ms ?? 0) / 1000;
    this.loading = true;
    try {
      const blob = asPlayed(await this.transfers.get(chat, message.id), message.file?.mime ?? '');
      if (this.current !== message.id) return;
      await this.open(blob);
      if (this.current === message.id) await this.play(message.id);
    } catch (error) {
      this.fail(message.id, error);
    } finally {
      if (this.current === message.id) this.loading = false;
    }
  }

  /** To a place, 0 to 1. */
  seek(part: number): void {
    if (this.duration <= 0) return;
    this.position = Math.max(0, Math.min(1, part)) * this.duration;
    this.audio.currentTime = this.position;
  }

  nextRate(): void {
    const at = kRates.findIndex((each) => each === this.rate);
    this.rate = kRates[(at + 1) % kRates.length]!;
    this.audio.playbackRate = this.rate;
  }

  stop(): void {
    this.audio.pause();
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = '';
    this.audio.removeAttribute('src');
    this.current = null;
    this.loading = this.playing = false;
    this.position = 0;
  }

  private async open(blob: Blob): Promise<void> {
    this.url = URL.createObjectURL(blob);
    this.audio.src = this.url;
    this.audio.defaultPlaybackRate = this.audio.playbackRate = this.rate;
    await happened(this.audio, 'loadedmetadata');
    // What a browser has recorded does not say how long it is, and cannot be moved in until its end was looked for.
    if (!Number.isFinite(this.audio.duration)) {
      this.audio.currentTime = 1e6;
      await happened(this.audio, 'seeked');
      this.audio.currentTime = 0;
      await happened(this.audio, 'seeked');
    }
    if (Number.isFinite(this.audio.duration) && this.audio.duration > 0) this.duration = this.audio.duration;
  }

  private async play(message: MessageId): Promise<void> {
    try {
      await this.audio.play();
    } catch (error) {
      // Paused or stopped before it began is no failure.
      if (!(error instanceof DOMException && error.name === 'AbortError')) this.fail(message, error);
    }
  }

  private fail(message: MessageId, error: unknown): void {
    if (this.current !== message) return;
    this.stop();
    this.failed = { message, error };
  }

  private tell(): void {
    if (this.url) this.position = this.audio.currentTime;
  }

  private onPlay(): void {
    this.playing = true;
    const step = () => {
      this.tell();
      if (this.playing) this.frame = requestAnimationFrame(step);
    };
    cancelAnimationFrame(this.frame);
    step();
  }

  private onPause(): void {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  private onEnded(): void {
    this.onPause();
    this.position = 0;
    if (this.url) this.audio.currentTime = 0;
  }
}

function happened(audio: HTMLAudioElement, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    audio.addEventListener(event, () => resolve(), { once: true });
    audio.addEventListener('error', () => reject(new MediaFailed()), { once: true });
  });
}

/** The browser cannot play it. */
export class MediaFailed extends Error {}
