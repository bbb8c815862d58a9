import { describe, expect, test } from 'vitest';
import { markup, parseMarkup } from './markup';

const marks = (typed: string) => {
  const { text, spans } = parseMarkup(typed);
  const bytes = new TextEncoder().encode(text);
  return [text, spans.map((each) => [each.style, new TextDecoder().decode(bytes.slice(each.start, each.start + each.length))])];
};

describe('parseMarkup', () => {
  test('marks become spans', () => {
    expect(marks('Привет **мир** и __ты__')).toEqual(['Привет мир и ты', [['bold', 'мир'], ['italic', 'ты']]]);
    expect(marks('**a __b__**')).toEqual(['a b', [['bold', 'a b'], ['italic', 'b']]]);
    expect(marks('`**a**`')).toEqual(['**a**', [['code', '**a**']]]);
    expect(marks('```\nx > y\n> z\n```')).toEqual(['x > y\n> z', [['pre', 'x > y\n> z']]]);
  });
  test('quotations are lines', () => {
    expect(marks('> one\n> two\nthree')).toEqual(['one\ntwo\nthree', [['quote', 'one\ntwo']]]);
  });
  test('what is no mark stays', () => {
    for (const plain of ['2 ** 3 ** 4', 'snake__case__name', 'a || b || c', '** x **', 'a > b', '[x](javascript:alert(1))', '5 * 3', '~/x']) {
      expect(marks(plain)).toEqual([plain, []]);
    }
    expect(marks('\\**a**')).toEqual(['**a**', []]);
  });
  test('links have words and an address', () => {
    const { text, spans } = parseMarkup('see [the **page**](https://a.example/x)');
    expect(text).toBe('see the page');
    expect(spans[0]).toEqual({ start: 4, length: 8, style: 'link', link: 'https://a.example/x' });
  });
  test('those who were picked are named, the longest name first', () => {
    const people = [{ name: 'Ann', account: 'a' }, { name: 'Anna Ю', account: 'b' }];
    expect(parseMarkup('Hi @Anna Ю!', people)).toEqual({ text: 'Hi @Anna Ю!', spans: [], mentions: [{ start: 3, length: 8, account: 'b' }] });
  });
  test('blanks around it are no part of the message', () => {
    expect(parseMarkup('\n  **a**  \n').spans).toEqual([{ start: 0, length: 1, style: 'bold' }]);
  });
});

test('markup() gives what parseMarkup() reads to the same', () => {
  const all = ['**a** and __b__', '> one\n> two\nthree', '`x`\n```\nblock\n```', '[words](https://a.example/)', '[a \\[1\\]](https://a.example/)', '\\*\\*not\\*\\*', 'a\\`b', '\\> x', '~~s~~ ||t||'];
  for (const typed of all) {
    const first = parseMarkup(typed);
    expect(parseMarkup(markup(first.text, first.spans))).toEqual(first);
  }
});
