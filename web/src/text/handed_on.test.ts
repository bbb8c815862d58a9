import { expect, test } from 'vitest';
import { parseFragment } from '../state/link_fragment';
import { findGodwitLink } from './godwit_links';
import { addressOf, handedOn } from './handed_on';

const kPage = 'https://home.example/';

test('a link that leads in becomes an address of the page, and is found again', () => {
  for (const link of ['godwit:i#abc-_1', 'godwit:m#abc', 'godwit:g#abc', 'godwit:c#abc']) {
    const address = handedOn(link, kPage);
    expect(address.startsWith(`${kPage}#invite=`)).toBe(true);
    expect(parseFragment(new URL(address).hash).invite).toBe(link);
    expect(findGodwitLink(`Come in: ${address}`.slice(9))?.text).toBe(link);
  }
});
test('the link of a home that asks for a code goes along', () => {
  const address = handedOn('godwit:i#abc', kPage, 'godwit-home:def');
  expect(address).toBe(`${kPage}#home=def&invite=abc`);
  expect(parseFragment(new URL(address).hash)).toEqual({ home: 'godwit-home:def', invite: 'godwit:i#abc' });
});
test('what opens more than a talk stays as it is', () => {
  for (const link of ['godwit:d#abc', 'godwit:v#abc', 'godwit-home:abc', 'anna@home.example', 'anything']) expect(handedOn(link, kPage)).toBe(link);
});
test('a page that is not at an address hands on the link itself', () => {
  expect(handedOn('godwit:i#abc', null)).toBe('godwit:i#abc');
  expect(addressOf({ protocol: 'file:', origin: 'null', pathname: '/home/anna/godwit.html' })).toBeNull();
  expect(addressOf({ protocol: 'http:', origin: 'http://127.0.0.1:9', pathname: '/' })).toBeNull();
  expect(addressOf({ protocol: 'https:', origin: 'https://home.example', pathname: '/godwit.html' })).toBe('https://home.example/godwit.html');
});
