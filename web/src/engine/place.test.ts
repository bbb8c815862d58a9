import { expect, test } from 'vitest';
import { placeOf, type Surroundings } from './place';

const home: Surroundings = { protocol: 'https:', hostname: 'home.example.org', hasToken: false, besides: 'engine' };
const own: Surroundings = { protocol: 'http:', hostname: '127.0.0.1', hasToken: true, besides: 'engine' };

test('a home serves the engine with the page; one that does not has none to offer', () => {
  expect(placeOf(home)).toBe('browser');
  expect(placeOf({ ...home, besides: 'nothing' })).toBe('native');
});

test('a token counts on this machine only', () => {
  expect(placeOf(own)).toBe('native');
  expect(placeOf({ ...own, hostname: 'localhost', besides: 'nothing' })).toBe('native');
  expect(placeOf({ ...home, hasToken: true })).toBe('browser');
});

test('without its token the page of godwit web begins no other profile', () => {
  expect(placeOf({ ...own, hasToken: false })).toBe('native');
});

test('the single file is its own engine, from a disk and from any host', () => {
  const file: Surroundings = { protocol: 'file:', hostname: '', hasToken: false, besides: 'inside' };
  expect(placeOf(file)).toBe('browser');
  expect(placeOf({ ...file, protocol: 'http:', hostname: 'localhost' })).toBe('browser');
});
