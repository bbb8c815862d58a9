import { describe, expect, test } from 'vitest';
import { highlight, hitsIn, wordsOf } from './highlight';

const marked = (text: string, query: string) => highlight(text, query).map((each) => (each.hit ? `[${each.text}]` : each.text)).join('');

test('hitsIn leaves nothing of the text out', () => {
  const text = ' Godwits,\n  no  cats: godwit ';
  expect(hitsIn(text, 'godwit').filter((each) => each.hit).map((each) => each.text)).toEqual(['Godwits', 'godwit']);
  for (const query of ['godwit', 'cat no', 'x', '']) expect(hitsIn(text, query).map((each) => each.text).join('')).toBe(text);
});

describe('highlight', () => {
  test('marks whole words that begin with what was asked for', () => {
    expect(marked('The godwits are back: Godwit!', 'godw')).toBe('The [godwits] are back: [Godwit]!');
    expect(marked('cat concat', 'cat')).toBe('[cat] concat');
  });
  test('marks words with other endings, as the engine finds them', () => {
    expect(marked('Мы видели птиц на косе', 'птица')).toBe('Мы видели [птиц] на косе');
    expect(marked('ещё один ёж', 'еж')).toBe('ещё один [ёж]');
  });
  test('of a phrase all words are marked', () => {
    expect(wordsOf('"half past" five five')).toEqual(['half', 'past', 'five']);
    expect(marked('at half past five', '"half past"')).toBe('at [half] [past] five');
  });
  test('of a long text the surroundings of the first hit are shown', () => {
    const text = `${'word '.repeat(200)}needle ${'more '.repeat(200)}`;
    const shown = marked(text, 'needle');
    expect(shown).toMatch(/^…word (word )+\[needle\] more .*…$/);
    expect(shown.length).toBeLessThan(260);
  });
  test('what has no hit in its text is shown from its beginning', () => {
    expect(marked('nothing here', 'else')).toBe('nothing here');
    expect(highlight('', 'x')).toEqual([]);
  });
  test('signs of a pattern are only letters', () => {
    expect(marked('a.b (c)', '.* (')).toBe('a.b (c)');
  });
});
