import { describe, expect, test } from 'vitest';
import { blocksOf, emojiCount, isLong } from './pieces';

const flat = (text: string, ...more: Parameters<typeof blocksOf> extends [string, ...infer Rest] ? Rest : never) =>
  blocksOf(text, ...more).map((block) => [block.kind, block.pieces.map((each) => [each.text, [...each.styles].join('+'), each.href ?? ''])]);

describe('blocksOf', () => {
  test('spans are counted in bytes of UTF-8', () => {
    expect(flat('Привет 🦆 x', [{ start: 13, length: 4, style: 'bold' }])).toEqual([
      ['plain', [['Привет ', '', ''], ['🦆', 'bold', ''], [' x', '', '']]],
    ]);
  });
  test('spans that lie outside, overlap, or cut a letter do no harm', () => {
    expect(flat('ю', [{ start: 1, length: 1, style: 'bold' }, { start: 0, length: 99, style: 'code' }])).toEqual([['plain', [['ю', '', '']]]]);
    expect(flat('abcd', [{ start: 0, length: 3, style: 'bold' }, { start: 2, length: 2, style: 'italic' }])).toEqual([
      ['plain', [['ab', 'bold', ''], ['c', 'bold+italic', ''], ['d', 'italic', '']]],
    ]);
  });
  test('quotations and code are blocks of their own, without the line breaks beside them', () => {
    expect(flat('a\nb\nc', [{ start: 2, length: 1, style: 'quote' }])).toEqual([
      ['plain', [['a', '', '']]],
      ['quote', [['b', 'quote', '']]],
      ['plain', [['c', '', '']]],
    ]);
  });
  test('addresses become links but not in code; a script does not', () => {
    expect(flat('see https://a.example.')[0]![1]).toEqual([['see ', '', ''], ['https://a.example', '', 'https://a.example/'], ['.', '', '']]);
    expect(flat('https://a.example', [{ start: 0, length: 17, style: 'code' }])[0]![1]).toEqual([['https://a.example', 'code', '']]);
    expect(flat('x', [{ start: 0, length: 1, style: 'link', link: 'javascript:alert(1)' }])[0]![1]).toEqual([['x', 'link', '']]);
  });
  test('a link whose words are not its address is marked as such', () => {
    const [block] = blocksOf('bank', [{ start: 0, length: 4, style: 'link', link: 'https://evil.example/' }]);
    expect(block!.pieces[0]).toMatchObject({ disguised: true, href: 'https://evil.example/' });
  });
  test('an address with look-alike letters is shown in plain ones, also when it is cut by formatting', () => {
    const text = 'x https://аpple.com/ y';
    const length = 'https://аpple.com/'.length + 1; // in bytes
    for (const span of [{ start: 0, length: 6 }, { start: 4, length: 2 }, { start: 2, length }, { start: 10, length: 12 }, { start: 0, length: length + 4 }]) {
      const pieces = blocksOf(text, [{ ...span, style: 'bold' }]).flatMap((each) => each.pieces);
      expect(pieces.filter((each) => each.href).map((each) => each.text)).toEqual(['https://xn--pple-43d.com/']);
      expect(pieces.map((each) => each.text).join('')).toBe('x https://xn--pple-43d.com/ y');
    }
  });
  test('a link whose words are its address, but not as it is asked for, is marked too', () => {
    for (const link of ['https://аpple.com/', 'https://evil.example\\.bank.example/', 'https://evil.example/\u202Emoc']) {
      const span = { start: 0, length: new TextEncoder().encode(link).length, style: 'link' as const, link };
      expect(blocksOf(link, [span])[0]!.pieces[0]).toMatchObject({ disguised: true });
    }
    const plain = 'https://a.example/x';
    expect(blocksOf(plain, [{ start: 0, length: plain.length, style: 'link', link: plain }])[0]!.pieces[0]).toMatchObject({ disguised: false });
  });
  test('marks of direction end before the link behind them', () => {
    const pieces = blocksOf('\u202E https://evil.example/moc.knab//:sptth')[0]!.pieces;
    expect(pieces.map((each) => each.text)).toEqual(['\u202E \u202C', 'https://evil.example/moc.knab//:sptth']);
  });
});

test('a few emoji alone are counted, and nothing else is', () => {
  expect(emojiCount('👍')).toBe(1);
  expect(emojiCount('👩‍👩‍👧🇷🇺 ❤️')).toBe(3);
  expect(emojiCount('👍👍👍👍')).toBe(0);
  expect(emojiCount('1')).toBe(0);
  expect(emojiCount('ok 👍')).toBe(0);
  expect(emojiCount('')).toBe(0);
});

test('a text is long by its letters or by its lines', () => {
  expect(isLong('a'.repeat(1_800))).toBe(false);
  expect(isLong('a'.repeat(1_801))).toBe(true);
  expect(isLong('a\n'.repeat(31))).toBe(false);
  expect(isLong('a\n'.repeat(32))).toBe(true);
});
