import { expect, test, vi } from 'vitest';
import { CallWindow } from './call_window';

// The locks of one browser, which its windows share.
class Locks {
  held: { name: string }[] = [];
  async request(name: string, work: () => Promise<void>) {
    const lock = { name };
    this.held.push(lock);
    await work();
    this.held.splice(this.held.indexOf(lock), 1);
  }
  query() {
    return Promise.resolve({ held: this.held });
  }
}

test('a call is free once the window that had it is gone, and not while another one has it', async () => {
  vi.useFakeTimers();
  const locks = new Locks();
  const told: boolean[] = [];
  const of = (onFree: (free: boolean) => void) => new CallWindow(onFree, locks as unknown as LockManager);
  const [first, second, third] = [of(() => undefined), of((free) => told.push(free)), of(() => undefined)];
  first.hold('ca');
  second.watch('ca');
  await vi.advanceTimersByTimeAsync(6_000);
  expect(told.some((free) => free)).toBe(false);
  first.letGo();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told.at(-1)).toBe(true);
  third.hold('ca'); // a third window goes on with it
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told.at(-1)).toBe(false);
  third.hold('cb');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(told.at(-1)).toBe(true);
  second.letGo();
  const count = told.length;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([told.length, told.at(-1)]).toEqual([count, false]);
  vi.useRealTimers();
});
