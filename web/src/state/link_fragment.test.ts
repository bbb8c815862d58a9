import { describe, expect, test } from 'vitest';
import { parseFragment } from './link_fragment';

describe('parseFragment', () => {
  test('links may be whole, encoded, or without their beginning', () => {
    expect(parseFragment('#home=AYk2&invite=AWfQ')).toEqual({ home: 'godwit-home:AYk2', invite: 'godwit:i#AWfQ' });
    expect(parseFragment('#home=godwit-home:AYk2')).toEqual({ home: 'godwit-home:AYk2' });
    expect(parseFragment('#invite=godwit%3Ai%23AWfQ')).toEqual({ invite: 'godwit:i#AWfQ' });
  });
  test('a token is 64 hexadecimal digits or is none', () => {
    expect(parseFragment(`#token=${'a1'.repeat(32)}`).token).toBe('a1'.repeat(32));
    expect(parseFragment('#token=abc')).toEqual({});
    expect(parseFragment('#token=%zz')).toEqual({});
  });
});
