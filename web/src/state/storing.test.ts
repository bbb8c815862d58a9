import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aMessage, FakeEngine, readySession } from './fake_engine';
import { Storing } from './storing.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const kFull = { code: 900, name: 'store_disk_full', action: 'retry_later', rule: '', message: 'The disk is full.' } as const;

async function begun() {
  const engine = new FakeEngine();
  const leaving: ((event: { preventDefault(): void }) => void)[] = [];
  const window = { addEventListener: (_: string, listener: never) => void leaving.push(listener) };
  const { stores: storing } = await readySession(engine, (session) => new Storing(session, window as unknown as Window));
  const asks = () => {
    let asked = false;
    leaving.forEach((each) => each({ preventDefault: () => (asked = true) }));
    return asked;
  };
  return { engine, storing, asks };
}

test('what is not answered for a second is shown, and the browser asks before the page is closed', async () => {
  const { storing, asks } = await begun();
  let answer = () => undefined as void;
  const sent = storing.track('c', 'words', new Promise<void>((resolve) => (answer = resolve)));
  await vi.advanceTimersByTimeAsync(900);
  expect([storing.in('c'), asks()]).toEqual([[], false]);
  await vi.advanceTimersByTimeAsync(200);
  expect([storing.in('c').map((each) => each.text), storing.in('d'), asks()]).toEqual([['words'], [], true]);
  answer();
  await sent;
  expect([storing.in('c'), asks()]).toEqual([[], false]);
});

test('what else would be lost is asked about as well', async () => {
  const { storing, asks } = await begun();
  let recorded = false;
  storing.alsoAsk(() => false);
  storing.alsoAsk(() => recorded);
  expect(asks()).toBe(false);
  recorded = true;
  expect(asks()).toBe(true);
});

test('a store that refuses is said until something is stored', async () => {
  const { engine, storing } = await begun();
  engine.tell('trouble', { error: { ...kFull, name: 'wire_quota_full' } });
  expect(storing.refused).toBe(null);
  engine.tell('trouble', { error: kFull });
  engine.tell('typing', { chat: 'c', account: 'b'.repeat(64), typing: true });
  expect(storing.refused?.name).toBe('store_disk_full');
  engine.tell('message_received', { chat: 'c', message: aMessage(1) });
  expect(storing.refused).toBe(null);
  engine.tell('trouble', { error: kFull });
  await storing.track('c', 'words', Promise.resolve());
  expect(storing.refused).toBe(null);
});

test('what failed while its chat was closed comes back into its field, once', async () => {
  const { storing, asks } = await begun();
  storing.giveBack('c', 'one');
  storing.giveBack('c', 'two');
  expect(asks()).toBe(true);
  expect([storing.takeBack('d'), storing.takeBack('c'), storing.takeBack('c')]).toEqual(['', 'one\ntwo', '']);
});
