import { expect, test } from 'vitest';
import { SeatKeys } from './seat_keys';

const key = () => crypto.getRandomValues(new Uint8Array(32));

async function two() {
  const [anna, boris] = [await SeatKeys.make(), await SeatKeys.make()];
  await anna.meet('boris', boris.share);
  await boris.meet('anna', anna.share);
  return { anna, boris };
}

test('a key goes to one and comes out the same', async () => {
  const { anna, boris } = await two();
  const plain = key();
  const sealed = await anna.seal('boris', 7, plain);
  expect(await boris.open('anna', anna.share, sealed!)).toEqual(plain);
});

test('nobody else opens it: neither another one in the call nor who has sent it', async () => {
  const { anna, boris } = await two();
  const clara = await SeatKeys.make();
  await clara.meet('anna', anna.share);
  const sealed = (await anna.seal('boris', 7, key()))!;
  expect(await clara.open('anna', anna.share, sealed)).toBeNull();
  expect(await anna.open('boris', boris.share, sealed)).toBeNull(); // it is not his
});

test('it is of the number that was said', async () => {
  const { anna, boris } = await two();
  const sealed = (await anna.seal('boris', 7, key()))!;
  expect(await boris.open('anna', anna.share, { ...sealed, kid: 8 })).toBeNull();
  expect(await boris.open('anna', anna.share, { kid: 7, box: sealed.box.slice(0, 5) })).toBeNull();
});

test('what is no point is no half, and who was forgotten is sent nothing', async () => {
  const { anna } = await two();
  expect(await anna.meet('dora', new Uint8Array(65))).toBe(false);
  expect(await anna.seal('dora', 1, key())).toBeNull();
  anna.forget('boris');
  expect(await anna.seal('boris', 1, key())).toBeNull();
});
