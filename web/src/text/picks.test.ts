import { describe, expect, test } from 'vitest';
import { parseMarkup } from './markup';
import { mentionBefore, movedPicks, picksOf } from './picks';

const anna = (account: string, at: number) => ({ name: 'Anna', account, at });

describe('two of one name', () => {
  test('each @ names the one that was picked for it', () => {
    const text = 'Hi @Anna and **@Anna**';
    const { mentions } = parseMarkup(text, [anna('a', 3), anna('b', 15)]);
    expect(mentions).toEqual([{ start: 3, length: 5, account: 'a' }, { start: 13, length: 5, account: 'b' }]);
    expect(parseMarkup(text, [anna('b', 3), anna('a', 15)]).mentions.map((each) => each.account)).toEqual(['b', 'a']);
  });
  test('in a quotation, behind code and after an escaped @ they are not confused', () => {
    const text = '`@Anna` \\@Anna\n> @Anna 😀 @Anna';
    const [first, second] = [text.indexOf('> @') + 2, text.lastIndexOf('@')];
    const { text: read, mentions } = parseMarkup(text, [anna('a', first), anna('b', second)]);
    expect(read).toBe('@Anna @Anna\n@Anna 😀 @Anna');
    expect(mentions.map((each) => [each.start, each.account])).toEqual([[12, 'a'], [23, 'b']]);
  });
});

test('picks move with the text around them', () => {
  const picks = [anna('a', 3), anna('b', 9)];
  expect(movedPicks(picks, 'Hi @Anna @Anna', 'Hi, @Anna @Anna').map((each) => each.at)).toEqual([4, 10]);
  expect(movedPicks(picks, 'Hi @Anna @Anna', 'Hi @Anna or @Anna').map((each) => each.at)).toEqual([3, 12]);
  expect(movedPicks(picks, 'Hi @Anna @Anna', 'Hi @Ana @Anna').map((each) => each.at)).toEqual([-1, 8]);
  expect(movedPicks(picks, 'Hi @Anna @Anna', 'Hi ').map((each) => each.at)).toEqual([-1, -1]);
});

test('the mentions of a message that is edited are picked again, each in its turn', () => {
  const names: Record<string, string> = { a: 'Anna', b: 'Anna', c: 'Clara' };
  expect(picksOf('@Anna @Clara @Anna', ['a', 'c', 'gone', 'b'], (each) => names[each])).toEqual([
    { name: 'Anna', account: 'a', at: 0 },
    { name: 'Clara', account: 'c', at: 6 },
    { name: 'Anna', account: 'b', at: 13 },
  ]);
});

test('a name of several words is looked for, and none once it was picked', () => {
  expect(mentionBefore('Hi @Anna M', 10, [])).toEqual({ start: 3, query: 'Anna M' });
  expect(mentionBefore('Hi @', 4, [])).toEqual({ start: 3, query: '' });
  expect(mentionBefore('a@b.example', 11, [])).toBeNull();
  expect(mentionBefore('Hi @ x', 6, [])).toBeNull();
  expect(mentionBefore('Hi @Anna m', 10, [anna('a', 3)])).toBeNull();
  expect(mentionBefore('@Anna\nnext', 10, [])).toBeNull();
});
