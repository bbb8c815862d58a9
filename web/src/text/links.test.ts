import { describe, expect, test } from 'vitest';
import { endOf, findLinks, kAddressMax, safeLink } from './links';

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
    expect(findLinks(`Come: ${link}~call, or not`)[0]?.href).toBe(`${link}~call`);
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
  test('a host that is not written as it is asked for is shown as it is asked for', () => {
    expect(safeLink('https://evil.example\\.bank.example/login')?.shown).toBe('https://evil.example/.bank.example/login');
    expect(safeLink('https:evil.example/a')?.shown).toBe('https://evil.example/a');
    expect(safeLink('https://bank%2eexample/')?.shown).toBe('https://bank.example/');
    expect(safeLink('https://a.example/\u3164x')?.shown).toBe('https://a.example/%E3%85%A4x');
    for (const plain of ['https://A.example', 'https://a.example:443/', 'http://a.example:80/x', 'https://a.example:8443/?q']) expect(safeLink(plain)?.shown).toBe(plain);
  });
  // All of these end by the time-out of the whole file if somebody brings a loop in a loop back.
  test('100 KiB of brackets and dots are looked at once', () => {
    const many = 100 * 1024;
    for (const tail of [')', '.)', ']}.', ')]', '....)', '…'].map((each) => each.repeat(many / each.length))) {
      expect(findLinks(`https://a${tail}`)).toEqual([{ href: 'https://a/', shown: 'https://a', start: 0, end: 9 }]);
      expect(endOf(`https://a${tail}x`)).toBe(tail.length + 10);
      expect(findLinks(`https://a${tail}x`)).toEqual([]);
    }
    expect(endOf(`https://a/${'('.repeat(many)}${')'.repeat(many)}`)).toBe(10 + 2 * many);
    expect(findLinks('https://a '.repeat(many)).length).toBe(1000);
  });
  test('an address has an end', () => {
    const longest = `https://a/${'x'.repeat(kAddressMax - 10)}`;
    expect(findLinks(longest).length).toBe(1);
    expect(findLinks(longest + 'x')).toEqual([]);
  });
});
