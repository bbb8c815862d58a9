import { expect, test } from 'vitest';
import { byteLength, lettersOver } from './utf8';

test('lettersOver counts bytes, and says how many letters are too many', () => {
  expect(lettersOver('a'.repeat(10), 10)).toBe(0);
  expect(lettersOver('я'.repeat(10), 10)).toBe(5);
  expect(lettersOver('я'.repeat(10), 11)).toBe(5);
  expect(lettersOver('😀😀', 7)).toBe(1);
  const text = 'aя😀'.repeat(50);
  const over = lettersOver(text, 100);
  expect(byteLength([...text].slice(0, -over).join(''))).toBeLessThanOrEqual(100);
});
