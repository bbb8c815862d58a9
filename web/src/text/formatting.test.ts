import { describe, expect, test } from 'vitest';
import { makeLink, toggleBlock, toggleMark, toggleQuote, type Chosen } from './formatting';
import { parseMarkup } from './markup';

/** `a «b» c`: b is chosen. */
function chosen(shown: string): Chosen {
  const start = shown.indexOf('«');
  const end = shown.indexOf('»') - 1;
  return { text: shown.replace(/[«»]/g, ''), start, end };
}

function shown({ text, start, end }: Chosen): string {
  return `${text.slice(0, start)}«${text.slice(start, end)}»${text.slice(end)}`;
}

describe('toggleMark', () => {
  const bold = (before: string) => shown(toggleMark(chosen(before), 'bold'));
  test('blanks at the edges stay outside of the marks', () => {
    expect(bold('a «word »b')).toBe('a **«word»** b');
    expect(bold('a« word» b')).toBe('a **«word»** b');
    expect(parseMarkup(toggleMark(chosen('a «word »b'), 'bold').text).spans).toEqual([{ start: 2, length: 4, style: 'bold' }]);
  });
  test('pressed twice, what was is there again', () => {
    for (const style of ['bold', 'italic', 'strike', 'spoiler', 'code'] as const) {
      const once = toggleMark(chosen('a «word» b'), style);
      expect(shown(toggleMark(once, style))).toBe('a «word» b');
    }
    expect(bold('a «**word**» b')).toBe('a «word» b');
    expect(bold('a**«»**b')).toBe('a«»b');
  });
  test('other marks around or within are no reason to take one away', () => {
    expect(bold('__«word»__')).toBe('__**«word»**__');
    expect(shown(toggleMark(chosen('```«word»```'), 'code'))).toBe('````«word»````');
    expect(bold('«**a** and **b** »')).toBe('**«a and b»** ');
  });
  test('each paragraph has marks of its own, and a quotation stays one', () => {
    expect(bold('«one\n\ntwo »')).toBe('«**one**\n\n**two**» ');
    expect(parseMarkup(toggleMark(chosen('«one\n\ntwo »'), 'bold').text).spans.map((each) => each.length)).toEqual([3, 3]);
    expect(bold('«> said»')).toBe('> **«said»**');
  });
  test('nothing but blanks: the marks stand where one writes', () => {
    expect(bold('a «»b')).toBe('a **«»**b');
  });
});

test('toggleQuote quotes whole lines, and takes it back', () => {
  const once = toggleQuote(chosen('one\nt«wo\nthr»ee\nfour'));
  expect(shown(once)).toBe('one\n«> two\n> three»\nfour');
  expect(shown(toggleQuote(once))).toBe('one\n«two\nthree»\nfour');
  expect(shown(toggleQuote(chosen('«one\n»two')))).toBe('«> one»\ntwo');
});

test('toggleBlock stands on lines of its own, and takes it back', () => {
  const once = toggleBlock(chosen('see «x = 1» there'));
  expect(shown(once)).toBe('see \n```\n«x = 1»\n```\n there');
  expect(parseMarkup(once.text).spans).toMatchObject([{ style: 'pre', length: 5 }]);
  expect(shown(toggleBlock(chosen('```\n«x»\n```')))).toBe('«x»');
  expect(shown(toggleBlock(chosen('«```\nx\n```»')))).toBe('«x»');
});

test('makeLink has the address chosen, or the words where an address was chosen', () => {
  expect(shown(makeLink(chosen('see «the page »now')))).toBe('see [the page](«https://») now');
  expect(shown(makeLink(chosen('«https://a.example/(x)»')))).toBe('[«https://a.example/(x)»](https://a.example/(x%29)');
  const odd = makeLink(chosen('«a [1]»'));
  expect(parseMarkup(odd.text.replace('https://', 'https://a.example/'))).toMatchObject({ text: 'a [1]', spans: [{ style: 'link', length: 5 }] });
});
