import { describe, expect, test } from 'vitest';
import { fromBase64url } from '../text/base64url';
import { decodeWaveform, encodeWaveform, kSentBars, resample, waveformPath } from './waveform';

describe('a waveform', () => {
  test('of a long note is as many loudnesses as are sent, peaks kept', () => {
    const levels = Array.from({ length: 5000 }, (_, at) => (at === 2500 ? 1 : 0.1));
    const bytes = fromBase64url(encodeWaveform(levels))!;
    expect(bytes.length).toBe(kSentBars);
    expect(Math.max(...bytes)).toBe(255);
    expect(bytes.indexOf(255)).toBe(50);
    expect(bytes[0]).toBe(26);
  });
  test('of silence is not blown up to noise', () => {
    expect(Math.max(...fromBase64url(encodeWaveform([0.001, 0.002, 0.001]))!)).toBeLessThan(15);
  });
  test('of a short note has no more loudnesses than were heard', () => {
    expect(decodeWaveform(encodeWaveform([0.5, 1]))).toEqual([expect.closeTo(0.5, 1), 1]);
  });
  test('that is none, or damaged, or too long, is no trouble', () => {
    expect(decodeWaveform(undefined)).toEqual([]);
    expect(decodeWaveform('***')).toEqual([]);
    expect(decodeWaveform('A'.repeat(40_000)).length).toBe(256);
    expect(resample([], 3)).toEqual([0, 0, 0]);
  });
  test('is drawn with a stroke for each', () => {
    expect(waveformPath([0, 1], 23)).toBe('M1.5 10.5v2.0M4.5 1.5v20.0');
  });
});
