import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CallRoom } from './call_room';
import type { RoomPlace } from './room_seat';
import type { RoomSignal } from './signals';

const kHome = 'aa'.repeat(32);
const place = (digit: string): RoomPlace => ({ home: kHome, room: digit.repeat(64) });

/** One page's view; `opens`: what its home gives, one after the other. */
function make(opens: (RoomPlace | null | Error)[]) {
  const said: [string, RoomSignal][] = [];
  const places: (RoomPlace | null)[] = [];
  const open = vi.fn(async () => {
    const given = opens.shift() ?? null;
    if (given instanceof Error) throw given;
    return given;
  });
  const room = new CallRoom({ open, send: (to, signal) => said.push([to, signal]), onPlace: (each) => places.push(each) });
  return { room, said, places, open };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first one asks when it has heard of none, the others later', async () => {
  const [first, second] = [make([place('2')]), make([place('1')])];
  first.room.take([], 0);
  second.room.take(['one'], 1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(first.places).toEqual([place('2')]);
  expect(second.open).not.toHaveBeenCalled();
  first.room.take(['two'], 0);
  expect(first.said).toMatchObject([['two', { type: 'room', ...place('2') }]]);
  second.room.hear('one', place('2'));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(second.open).not.toHaveBeenCalled();
  expect(second.places).toEqual([place('2')]);
});

test('of two the smaller key holds, whoever hears it later', () => {
  const { room, said, places } = make([]);
  room.take(['one', 'two'], 5);
  room.hear('one', place('5'));
  room.take(['one', 'two'], 5);
  said.length = 0;
  room.hear('two', place('7'));
  expect(places).toEqual([place('5')]);
  expect(said).toMatchObject([['two', place('5')]]);
  room.hear('two', place('3'));
  expect(places).toEqual([place('5'), place('3')]);
});

test('one that is gone is not taken again, and another one is asked for', async () => {
  const { room, places } = make([place('4'), place('6')]);
  room.take([], 0);
  await vi.advanceTimersByTimeAsync(2_000);
  room.lose(place('4'));
  room.hear('one', place('4'));
  expect(places).toEqual([place('4'), null]);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(places).toEqual([place('4'), null, place('6')]);
});

test('a home without a unit is asked once a minute, one that does not answer sooner', async () => {
  const without = make([null]);
  without.room.take([], 0);
  await vi.advanceTimersByTimeAsync(30_000);
  without.room.take(['one'], 0);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(without.open).toHaveBeenCalledTimes(1);
  without.room.close();
  const silent = make([new Error('lost'), place('1')]);
  silent.room.take([], 0);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(silent.places).toEqual([place('1')]);
  silent.room.close();
});

test('what was asked for is not taken where another one was said meanwhile', async () => {
  let give: (of: RoomPlace) => void = () => undefined;
  const places: (RoomPlace | null)[] = [];
  const room = new CallRoom({ open: () => new Promise((resolve) => (give = resolve)), send: () => undefined, onPlace: (each) => places.push(each) });
  room.take(['one'], 0);
  await vi.advanceTimersByTimeAsync(2_000);
  room.hear('one', place('5'));
  give(place('1'));
  await vi.advanceTimersByTimeAsync(1);
  expect(places).toEqual([place('5')]);
});

test('whoever says ever smaller ones is not believed for long', () => {
  const { room, places } = make([]);
  for (const each of 'fedcba98765') room.hear('one', place(each));
  expect(places).toHaveLength(6);
  room.hear('two', place('1'));
  expect(places).toHaveLength(7);
});
