// Plays voice notes and audio files: one at a time, wherever they stand.

import { asPlayed } from '../files/kinds';
import type { ShownFile } from '../files/shown_file';

/** What is played of a file. */
export type Played = Pick<ShownFile, 'key' | 'get'> & { record: Pick<ShownFile['record'], 'mime' | 'media'> };

export const kRates = [1, 1.5, 2] as const;

export class Player {
  /** The key of what is being played, or stands still in the middle. */
  current = $state<string | null>(null);
  loading = $state(false);
  playing = $state(false);
  /** Seconds from its beginning. */
  position = $state(0);
  duration = $state(0);
  rate = $state<number>(1);
  failed = $state.raw<{ key: string; error: unknown } | null>(null);

  private readonly audio = new Audio();
  private url = '';
  private frame = 0;

  constructor() {
    this.audio.preservesPitch = true;
    this.audio.addEventListener('play', () => this.onPlay());
    this.audio.addEventListener('pause', () => this.onPause());
    this.audio.addEventListener('ended', () => this.onEnded());
    this.audio.addEventListener('timeupdate', () => this.tell());
  }

  async toggle({ key, record, get }: Played): Promise<void> {
    if (this.current === key && !this.loading) {
      if (this.playing) this.audio.pause();
      else await this.play(key);
      return;
    }
    this.stop();
    this.current = key;
    this.failed = null;
    this.duration = (record.media.duration_ms ?? 0) / 1000;
    this.loading = true;
    try {
      const blob = asPlayed(await get(), record.mime);
      if (this.current !== key) return;
      await this.open(blob);
      if (this.current === key) await this.play(key);
    } catch (error) {
      this.fail(key, error);
    } finally {
      if (this.current === key) this.loading = false;
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

  private async play(key: string): Promise<void> {
    try {
      await this.audio.play();
    } catch (error) {
      // Paused or stopped before it began is no failure.
      if (!(error instanceof DOMException && error.name === 'AbortError')) this.fail(key, error);
    }
  }

  private fail(key: string, error: unknown): void {
    if (this.current !== key) return;
    this.stop();
    this.failed = { key, error };
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
