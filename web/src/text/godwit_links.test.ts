import { describe, expect, test } from 'vitest';
import { findGodwitLink } from './godwit_links';

describe('findGodwitLink', () => {
  test('knows every kind', () => {
    const kinds = ['i', 'm', 'g', 'c', 'd', 'v'].map((letter) => findGodwitLink(`godwit:${letter}#AWf-Q_9`)?.kind);
    expect(kinds).toEqual(['invite', 'request', 'group', 'channel', 'device', 'number']);
    expect(findGodwitLink('godwit-home:AYk2')).toEqual({ kind: 'home', text: 'godwit-home:AYk2' });
  });
  test('finds a link among words', () => {
    expect(findGodwitLink('Come to us!\ngodwit:g#AbC-1 (until Sunday)')).toEqual({ kind: 'group', text: 'godwit:g#AbC-1' });
  });
  test('a link into a call is one of a group with a mark, which other links and other marks are not', () => {
    expect(findGodwitLink('Ring: godwit:g#AbC-1~call.')).toEqual({ kind: 'group', text: 'godwit:g#AbC-1~call' });
    expect(findGodwitLink('https://godwit.example/#invite=godwit%3Ag%23AbC~call')).toEqual({ kind: 'group', text: 'godwit:g#AbC~call' });
    for (const text of ['godwit:g#AbC~cal', 'godwit:g#AbC~calls', 'godwit:g#AbC~call~call']) expect(findGodwitLink(text)).toEqual({ kind: 'group', text: 'godwit:g#AbC' });
    expect(findGodwitLink('godwit:i#AbC~call')).toEqual({ kind: 'invite', text: 'godwit:i#AbC' });
  });
  test('finds what an address of the page brings', () => {
    expect(findGodwitLink('https://godwit.example/#invite=AWfQ')).toEqual({ kind: 'invite', text: 'godwit:i#AWfQ' });
    expect(findGodwitLink('https://godwit.example/#home=a&invite=godwit%3Ag%23AbC')).toEqual({ kind: 'group', text: 'godwit:g#AbC' });
    expect(findGodwitLink('See https://a.example/#b\nCome to us: https://godwit.example/#invite=godwit%3Ag%23AbC (until Sunday)')).toEqual({ kind: 'group', text: 'godwit:g#AbC' });
    expect(findGodwitLink('(https://godwit.example/#invite=AWfQ).')).toEqual({ kind: 'invite', text: 'godwit:i#AWfQ' });
  });
  test('takes names for names, and nothing else', () => {
    expect(findGodwitLink(' anna_k@127.0.0.1:8443 ')).toEqual({ kind: 'name', text: 'anna_k@127.0.0.1:8443' });
    expect(findGodwitLink('аня')?.kind).toBe('name');
    for (const text of ['', 'a', 'two words', 'https://example.org/#x', 'godwit:z#AAAA', 'a@b@c', '<b>anna</b>']) expect(findGodwitLink(text)).toBeNull();
  });
});
