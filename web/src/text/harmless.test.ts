import { describe, expect, test } from 'vitest';
import { harmlessFileName, harmlessName, initials } from './harmless';

describe('harmlessName', () => {
  test('marks of direction and blanks without width go', () => {
    expect(harmlessName('\u202Eannа\u202C')).toBe('annа');
    expect(harmlessName('An\u200Bna\u2066')).toBe('An na');
    expect(harmlessName('\u200B\u2060 \u3164')).toBe('');
    expect(harmlessName('a\nb\tc')).toBe('a b c');
  });
  test('joiners stay where they mean something', () => {
    expect(harmlessName('👩‍👩‍👧 Familie')).toBe('👩‍👩‍👧 Familie');
    expect(harmlessName('می‌خواهم')).toBe('می‌خواهم');
    expect(harmlessName('\u200DAnna\u200C')).toBe('Anna');
  });
  test('towers of accents are cut down', () => {
    expect(harmlessName('Z' + '\u0301'.repeat(50))).toBe('Z' + '\u0301'.repeat(3));
  });
  test('HTML is a name like any other, and too long ones end', () => {
    expect(harmlessName('<img src=x>')).toBe('<img src=x>');
    expect([...harmlessName('ю'.repeat(500))].length).toBe(64);
  });
});

test('a file is never named like a path', () => {
  expect(harmlessFileName('../../etc/passwd')).toBe('_.._etc_passwd');
  expect(harmlessFileName('invoice\u202Efdp.exe')).toBe('invoicefdp.exe');
  expect(['CON.txt', 'nul', 'lpt1.a.b', 'console.txt', '.con'].map(harmlessFileName)).toEqual(['_CON.txt', '_nul', '_lpt1.a.b', 'console.txt', '_con']);
  expect(harmlessFileName('x'.repeat(300) + '.jpeg').endsWith('.jpeg')).toBe(true);
});

test('initials are of the first and the last word', () => {
  expect(initials('Anna Petrovna Ivanova')).toBe('AI');
  expect(initials('борис')).toBe('Б');
  expect(initials('(((Zoe)))')).toBe('Z');
  expect(initials('🦆')).toBe('🦆');
  expect(initials('')).toBe('');
});
