import { expect, test } from 'vitest';
import { CallFailed } from '../api/client';
import { RoomSeat, type Wish } from './room_seat';

const kNothing = { text: '', feed: 0, lines: [], relays: [] };

test('wishes go one after the other, each with its number', async () => {
  const asked: Wish[] = [];
  let under = 0;
  const seat = new RoomSeat(async (wish) => {
    expect(++under).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    under--;
    asked.push(wish);
    return { ...kNothing, feed: wish.number };
  });
  const answers = await Promise.all([seat.ask('enter'), seat.ask('publish', { text: 'v=0' }), seat.ask('stay')]);
  expect(answers.map((each) => each.feed)).toEqual([1, 2, 3]);
  expect(asked.map(({ wish }) => wish)).toEqual(['enter', 'publish', 'stay']);
  expect(new Set(asked.map((each) => each.seat)).size).toBe(1);
  expect(asked[0]!.seat).toMatch(/^[0-9a-f]{32}$/);
});

test('what may be tried later is said again under the same number, what is refused is not', async () => {
  const numbers: number[] = [];
  const busy = new RoomSeat(async ({ number }) => {
    numbers.push(number);
    if (numbers.length < 3) throw new CallFailed(1, 'wire_unavailable', '', 'retry_later');
    return kNothing;
  }, 1);
  await busy.ask('enter');
  expect(numbers).toEqual([1, 1, 1]);
  let tries = 0;
  const gone = new RoomSeat(async () => {
    tries++;
    throw new CallFailed(557, 'wire_no_such_call_room', '', 'fix');
  }, 1);
  await expect(gone.ask('enter')).rejects.toThrow(CallFailed);
  expect(tries).toBe(1);
});
