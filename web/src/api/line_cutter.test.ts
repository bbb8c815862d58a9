import { describe, expect, test } from 'vitest';
import { LineCutter } from './line_cutter';
import { kLineSizeMax } from './types';

function cut(...pieces: Uint8Array[]): string[] {
  const lines: string[] = [];
  const cutter = new LineCutter((line) => lines.push(line));
  for (const piece of pieces) cutter.take(piece);
  return lines;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('LineCutter', () => {
  test('several lines in one piece are several lines', () => {
    expect(cut(bytes('one\ntwo\nthr'))).toEqual(['one', 'two']);
  });
  test('a letter that comes in two pieces stays whole', () => {
    const whole = bytes('привет\n');
    for (let at = 1; at < whole.length; at++) expect(cut(whole.slice(0, at), whole.slice(at))).toEqual(['привет']);
  });
  test('a line without an end that is too long is refused', () => {
    const cutter = new LineCutter(() => undefined);
    expect(cutter.take(bytes('x'.repeat(kLineSizeMax)))).toBe(true);
    expect(cutter.take(bytes('x'))).toBe(false);
  });
});
