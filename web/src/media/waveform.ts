// The loudness of a voice note, as it is recorded, sent and drawn.

import { base64url, fromBase64url } from '../text/base64url';

/** So many loudnesses are sent with a note; the API takes up to 256. */
export const kSentBars = 100;
const kByteMax = 255;

/** As many loudnesses as asked for, each the greatest of its stretch. */
export function resample(levels: readonly number[], count: number): number[] {
  if (levels.length === 0) return new Array<number>(count).fill(0);
  return Array.from({ length: count }, (_, bar) => {
    const first = Math.floor((bar * levels.length) / count);
    const end = Math.max(first + 1, Math.ceil(((bar + 1) * levels.length) / count));
    return Math.max(...levels.slice(first, end));
  });
}

/** Levels from 0 to 1, as the bytes that go with a note. The loudest fills the height, unless all is near silence. */
export function encodeWaveform(levels: readonly number[]): string {
  const bars = resample(levels, Math.min(kSentBars, Math.max(1, levels.length)));
  const scale = kByteMax / Math.max(0.05, ...bars);
  return base64url(Uint8Array.from(bars, (each) => Math.round(Math.min(kByteMax, each * scale))));
}

/** Loudnesses from 0 to 1 of what came with a note; of nothing, or of something else, none. */
export function decodeWaveform(text: string | null | undefined): number[] {
  const bytes = text ? fromBase64url(text) : null;
  return bytes ? [...bytes.slice(0, 256)].map((each) => each / kByteMax) : [];
}

/** One path with a stroke for each loudness, on a field of 3 per bar by `height`. */
export function waveformPath(levels: readonly number[], height: number): string {
  const least = 1;
  return levels
    .map((level, bar) => {
      const half = Math.max(least, (level * (height - 3)) / 2);
      return `M${bar * 3 + 1.5} ${(height / 2 - half).toFixed(1)}v${(2 * half).toFixed(1)}`;
    })
    .join('');
}
