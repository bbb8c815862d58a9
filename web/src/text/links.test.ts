import { describe, expect, test } from 'vitest';
import { findLinks, safeLink } from './links';

describe('links', () => {
  test('addresses end where sentences end', () => {
    const text = 'See https://a.example/x_(y). And (https://b.example), https://c.example/?q=1!';
    expect(findLinks(text).map((each) => text.slice(each.start, each.end))).toEqual([
      'https://a.example/x_(y)',
      'https://b.example',
      'https://c.example/?q=1',
    ]);
  });
  test('links of Godwit are found, shown by their beginning, and of those kinds only that are handed on', () => {
    const link = `godwit:g#${'aB-_'.repeat(40)}`;
    expect(findLinks(`Come: ${link}, or not`)).toEqual([{ href: link, shown: 'godwit:g#aB-_aB-_aB-…', start: 6, end: 6 + link.length }]);
    expect(findLinks(`https://godwit.example/#invite=${link}`).map((each) => each.start)).toEqual([0]);
    expect(findLinks(`godwit:d#${'a'.repeat(40)} godwit:v#${'1'.repeat(60)} godwit:x`)).toEqual([]);
  });
  test('only http and https lead anywhere', () => {
    for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', ' java\nscript:x', 'https://']) {
      expect(safeLink(bad)).toBeNull();
    }
    expect(safeLink('mailto:anna@a.example', true)?.shown).toBe('anna@a.example');
    expect(safeLink('mailto:anna@a.example')).toBeNull();
  });
  test('look-alike letters are shown as what they are', () => {
    expect(safeLink('https://аpple.com/')?.shown).toBe('https://xn--pple-43d.com/');
    expect(safeLink('https://apple.com/путь')?.shown).toBe('https://apple.com/путь');
    expect(safeLink('https://a.example/\u202Egpj.exe')?.shown).toBe('https://a.example/%E2%80%AEgpj.exe');
  });
  test('an address with a name before an @ is no link', () => {
    expect(safeLink('https://bank.example@evil.example/')).toBeNull();
  });
});
