import { expect, test } from 'vitest';
import { Anew, kAnewForgottenMs, kAnewPausesMs } from './anew';

test('the first is free, each next one waits longer, and there is a longest wait', () => {
  const anew = new Anew();
  const taken: number[] = [];
  for (let now = 0; now <= 60_000; now += 100) if (anew.take(now)) taken.push(now); // somebody who asks ten times a second
  const pauses = taken.slice(1).map((at, each) => at - taken[each]!);
  expect(taken[0]).toBe(0);
  expect(pauses.slice(0, 5)).toEqual(kAnewPausesMs);
  expect(new Set(pauses.slice(5))).toEqual(new Set([kAnewPausesMs.at(-1)]));
  expect(taken.length).toBeLessThan(12);
});

test('what was refused moves nothing', () => {
  const anew = new Anew();
  expect(anew.take(0)).toBe(true);
  expect([anew.take(400), anew.take(900), anew.wait(900)]).toEqual([false, false, 100]);
  expect(anew.take(1_000)).toBe(true);
});

test('who has had media for a while begins at the front again, who has had them by moments does not', () => {
  const anew = new Anew();
  for (let now = 0; now < 60_000; now += 100) {
    anew.take(now);
    anew.flows(now % 1_000 !== 0, now); // a pause each second
  }
  expect(anew.wait(60_000)).toBeGreaterThan(0);
  for (let now = 60_000; now <= 60_000 + kAnewForgottenMs; now += 1_000) anew.flows(true, now);
  expect([anew.take(91_000), anew.take(91_000)]).toEqual([true, false]);
});

test('media that begin anew begin the time of their flowing anew', () => {
  const anew = new Anew();
  let taken = 0;
  for (let now = 0; now < 300_000; now += 500) {
    anew.flows(true, now); // what flows is not interrupted for a peer who lets it flow
    if (anew.take(now)) taken++;
  }
  expect(taken).toBeLessThan(36);
});
