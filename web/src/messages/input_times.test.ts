import { expect, test } from 'vitest';
import { inputDay, inputTime, timeOfInput } from './input_times';

test('a time comes back as it went into an input, to the minute', () => {
  const time = new Date(2026, 0, 5, 7, 9).getTime();
  expect(inputTime(time)).toBe('2026-01-05T07:09');
  expect(timeOfInput(inputTime(time))).toBe(time);
});

test('a day is its first moment on this device', () => {
  expect(timeOfInput(inputDay(new Date(2026, 10, 30, 23, 59).getTime()))).toBe(new Date(2026, 10, 30).getTime());
});

test('what is no time is none', () => {
  expect([timeOfInput(''), timeOfInput('soon'), timeOfInput('2026-13-40')]).toEqual([null, null, null]);
});
