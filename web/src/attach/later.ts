// Times that are often meant by "later".

import type { Key } from '../messages/t.svelte';

const kHourMs = 3_600_000;

function at(now: number, days: number, hour: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hour).getTime();
}

/** The nearest first; one that is nearly there is left out. */
export function laterTimes(now: number): { key: Key; time: number }[] {
  const all: { key: Key; time: number }[] = [
    { key: 'later.in_an_hour', time: now + kHourMs },
    { key: 'later.this_evening', time: at(now, 0, 19) },
    { key: 'later.tomorrow_morning', time: at(now, 1, 9) },
    { key: 'later.tomorrow_evening', time: at(now, 1, 19) },
  ];
  return all.filter((each) => each.time > now + kHourMs / 2).sort((a, b) => a.time - b.time);
}
