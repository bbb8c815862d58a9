import { expect, test } from 'vitest';
import { FakeEngine, readySession } from '../state/fake_engine';
import type { FileWays } from './file_ways';
import { Transfers } from './transfers.svelte';

async function begun() {
  const { stores } = await readySession(new FakeEngine(), (session) => new Transfers(session, {} as FileWays));
  return stores;
}

const kPhoto = new File(['a'], 'photo.jpg');
const kNegative = new File(['b'], 'negative.dng');

test('two sends of a closed chat that failed come back each with its own look', async () => {
  const transfers = await begun();
  transfers.giveBack('c', { files: [kPhoto], look: 'fitting', why: 'full' });
  transfers.giveBack('c', { files: [kNegative], look: 'file', why: 'gone' });
  expect(transfers.isUnsafe).toBe(true);
  expect(transfers.takeUnsent('c').map((each) => [each.files[0]?.name, each.look])).toEqual([
    ['photo.jpg', 'fitting'],
    ['negative.dng', 'file'],
  ]);
  expect([transfers.takeUnsent('c'), transfers.isUnsafe]).toEqual([[], false]);
});

test('what was picked for a post stays with its channel, and would be lost with the page', async () => {
  const transfers = await begun();
  transfers.setForPost('c', { files: [{ file: kPhoto, asFile: false }], original: true });
  expect([transfers.forPost('c').original, transfers.forPost('d').files, transfers.isUnsafe]).toEqual([true, [], true]);
  transfers.setForPost('c', { files: [], original: true });
  expect([transfers.forPost('c').original, transfers.isUnsafe]).toEqual([false, false]);
});
