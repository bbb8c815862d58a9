import { expect, test } from 'vitest';

import { CallRelays, type Relay, type Told } from './relays';

function relay(name: string, expires_at: number): Relay {
  return { urls: ['turns:home.example:443?transport=tcp'], username: name, credential: 'x', expires_at };
}

test('relays are asked for again when their time is nearly over, and not before', async () => {
  let now = 0;
  const answers = [[relay('first', 3_600_000), relay('sooner', 3_000_000)], [relay('second', 7_200_000)]];
  const relays = new CallRelays(async () => ({ relays: answers.shift() ?? [] }), () => now);
  expect((await relays.ask()).map((each) => each.username)).toEqual(['first', 'sooner']);
  now = 2_900_000;
  expect(await relays.renew()).toBeNull();
  expect(answers).toHaveLength(1);
  now = 2_980_000;
  expect((await relays.renew())?.map((each) => each.username)).toEqual(['second']);
  expect(await relays.renew()).toBeNull();
});

test('a call that has lost its way asks anew though its credentials are good, and not again and again', async () => {
  let now = 0;
  const answers = ['first', 'second', 'third'].map((name) => [relay(name, 3_600_000)]);
  const relays = new CallRelays(async () => ({ relays: answers.shift() ?? [] }), () => now);
  await relays.ask();
  expect(await relays.renew(true)).toBeNull();
  now = 10_000;
  expect(await relays.renew()).toBeNull();
  expect((await relays.renew(true))?.map((each) => each.username)).toEqual(['second']);
  now = 19_999;
  expect(await relays.renew(true)).toBeNull();
  expect(answers).toHaveLength(1);
});

test('where the engine cannot say, a call keeps what it has and asks again the next time', async () => {
  let away = false;
  let asked = 0;
  const relays = new CallRelays(
    async () => {
      asked += 1;
      if (away) throw new Error('not connected');
      return { relays: [relay('first', 1)] };
    },
    () => 2,
  );
  expect(await relays.ask()).toHaveLength(1);
  away = true;
  expect(await relays.renew()).toBeNull();
  expect(await relays.renew()).toBeNull();
  expect(asked).toBe(3);
  expect(await relays.ask()).toEqual([]);
});

test('relays by UDP are kept apart, and only as long as the engine says that nothing speaks for a censor', async () => {
  const udp = { ...relay('udp', 9), urls: ['turn:home.example:3478?transport=udp'] };
  const answers: Told[] = [{ relays: [relay('a', 9)], udp: [udp], clear: true }, { relays: [relay('b', 9)], clear: false }, { relays: [relay('of an earlier engine', 9)] }];
  const relays = new CallRelays(async () => answers.shift()!, () => 2);
  expect((await relays.ask()).map((each) => each.username)).toEqual(['a']);
  expect([relays.udp.map((each) => each.urls), relays.clear]).toEqual([[udp.urls], true]);
  await relays.ask();
  expect([relays.udp, relays.clear]).toEqual([[], false]);
  await relays.ask();
  expect([relays.udp, relays.clear]).toEqual([[], true]);
  relays.isHindered();
  expect(relays.clear).toBe(false);
});

test('an engine that cannot say changes nothing of what it said of the network', async () => {
  const answers: (Told | null)[] = [{ relays: [relay('a', 9)], clear: false }, null];
  const relays = new CallRelays(async () => answers.shift() ?? Promise.reject(new Error('not connected')), () => 2);
  await relays.ask();
  await relays.ask();
  expect(relays.clear).toBe(false);
});
