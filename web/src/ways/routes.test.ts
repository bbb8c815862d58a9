import { describe, expect, test } from 'vitest';
import type { ConnectionChangedNotice, Route } from '../api/types';
import { connectionWords, forBrowsers, hostOf, isForFriends, kindOf, roomWords, stateOf } from './routes';

const route = (change: Partial<Route>): Route => ({ route: 'wss://home.example/ws', source: 'invite', in_use: false, small_only: false, worked_at: null, ...change });
const told = (change: Partial<ConnectionChangedNotice>): ConnectionChangedNotice => ({
  connection: 'connected', route: 'wss://home.example/ws', why: null, carrier: 'wss', look: 'as_given', small: false, trying: 0, by_mail: false, through_home: false, nearby: 0, home_full: false, others_full: false, ...change,
});

test('a host is shown without its keys', () => {
  expect(hostOf('obfs4://192.0.2.1:443?cert=abc&iat-mode=0')).toBe('192.0.2.1:443');
  expect(hostOf('bridge://bridge.example/path#pin=x')).toBe('bridge.example');
  expect(hostOf('wss://[2001:db8::1]:444/ws')).toBe('[2001:db8::1]:444');
  expect(hostOf('no route')).toBe('no route');
});

test('a kind that this page does not know is said so', () => {
  expect(kindOf('bridge://b.example')).toBe('Bridge');
  expect(kindOf('pigeon://b.example')).not.toBe('');
  expect(isForFriends(route({}))).toBe(false);
  expect(isForFriends(route({ route: 'bridge://b.example' }))).toBe(true);
});

test('a route says how it fares', () => {
  expect(stateOf(route({ in_use: true, worked_at: 1 }))).toBe('In use now');
  expect(stateOf(route({}))).toBe('Has not worked yet');
});

test('a page in a browser says of which ways it can make nothing', () => {
  const all = ['wss://home.example/ws', 'bridge://b.example/x', 'bridge://192.0.2.1/x?pin=abc', 'wss://home.example/?sni=other.example', 'obfs4://192.0.2.1:443?cert=abc', 'snowflake://x'];
  expect(all.map(forBrowsers)).toEqual(['yes', 'yes', 'if_trusted', 'never', 'never', 'never']);
  expect(stateOf(route({ route: all[4] }), true)).toContain('program');
  expect(stateOf(route({ route: all[4] }))).toBe('Has not worked yet');
  expect(stateOf(route({ route: all[2] }), true)).toContain('certificate');
  expect(stateOf(route({ route: all[2], worked_at: 1 }), true)).toContain('Worked');
});

describe('the honest line', () => {
  test('says the way, and what is unusual about it', () => {
    expect(connectionWords('connected', told({}), undefined)).toHaveLength(1);
    expect(connectionWords('connected', told({ small: true, through_home: true, look: 'other_name' }), undefined)).toHaveLength(4);
    expect(connectionWords('connected', null, route({ in_use: true }))[0]).toContain('home.example');
  });
  test('mail is no connection', () => {
    expect(connectionWords('connected', told({ by_mail: true }), undefined)[0]).toContain('mail');
  });
  test('a home without room is said beside the way, and the own one before that of others', () => {
    expect(connectionWords('connected', told({ home_full: true }), undefined)[1]).toContain('Tell whoever runs it');
    expect(connectionWords('connected', told({ by_mail: true, home_full: true }), undefined)).toHaveLength(2);
    expect(roomWords(told({ home_full: true, others_full: true }))).toContain('Your home');
    expect(roomWords(told({ others_full: true }))).toContain('somebody');
    expect([roomWords(told({})), roomWords(null)]).toEqual(['', '']);
  });
  test('how many ways are tried', () => {
    expect(connectionWords('connecting', told({ connection: 'connecting', trying: 3 }), undefined)[0]).toContain('3');
  });
});
