import { expect, test } from 'vitest';
import { closedDirections } from './directions';

test('what turns the writing ends with its text, and with its line', () => {
  expect(closedDirections('\u202Eabc')).toBe('\u202Eabc\u202C');
  expect(closedDirections('\u2067a\u202Eb\nc')).toBe('\u2067a\u202Eb\u202C\u2069\nc');
  expect(closedDirections('\u202E'.repeat(100_000)).length).toBe(250);
});
test('nothing closes what is around it', () => {
  expect(closedDirections('a\u2069\u202Cb')).toBe('ab');
  expect(closedDirections('\u2067a\u202Cb\u2069')).toBe('\u2067ab\u2069');
});
test('what is in order stays', () => {
  for (const text of ['', 'abc', 'שלום\u200F!', '\u2067\u202Babc\u202C\u2069', '\u2068a\u202Eb\u2069 c']) expect(closedDirections(text)).toBe(text);
});
