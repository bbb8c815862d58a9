import { expect, test } from 'vitest';
import { fromBase64url, toBase64url } from './base64';
import { chatOfGroupLink } from './group_link';

test('bytes come back as they were, also many', () => {
  for (const length of [0, 1, 2, 3, 255, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) & 255);
    expect(fromBase64url(toBase64url(bytes))).toEqual(bytes);
  }
  expect(toBase64url(Uint8Array.of(251, 255))).toBe('-_8');
});

test('what is no base64url has no bytes', () => {
  expect(fromBase64url('ä')).toBeNull();
  expect(fromBase64url('a*b')).toBeNull();
});

test('a link of a group names its chat', () => {
  const link = (version: number, size = 40) => 'godwit:g#' + toBase64url(Uint8Array.from({ length: size }, (_, at) => (at === 0 ? version : at)));
  expect(chatOfGroupLink(link(1))).toBe('0102030405060708090a0b0c0d0e0f10');
  for (const bad of [link(2), link(1, 16), 'godwit:c#AQID', 'godwit:g#*', '']) expect(chatOfGroupLink(bad)).toBeNull();
});
