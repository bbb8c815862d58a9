import { expect, it } from 'vitest';
import { GrowingFile } from './growing_file';

const bytes = (...all: number[]) => new Uint8Array(all);
const content = async (file: GrowingFile) => [...new Uint8Array(await (await file.whole()).arrayBuffer())];

it('has what was appended, in its order, also a part of another file and what is larger than a part', async () => {
  const file = new GrowingFile();
  await file.appendFile(new Blob([bytes(1, 2, 3, 4)]).slice(0, 3));
  await file.append(bytes(5, 6));
  await file.append(bytes());
  const large = new Uint8Array(5_000_000).fill(9);
  await file.append(large);
  await file.append(bytes(7));
  const whole = await file.whole();
  expect(whole.size).toBe(3 + 2 + 5_000_000 + 1);
  expect([...new Uint8Array(await whole.slice(0, 6).arrayBuffer())]).toEqual([1, 2, 3, 5, 6, 9]);
  expect([...new Uint8Array(await whole.slice(-2).arrayBuffer())]).toEqual([9, 7]);
});

it('is cut in the middle of whatever part, and goes on there', async () => {
  for (let at = 0; at <= 6; at++) {
    const file = new GrowingFile();
    await file.appendFile(new Blob([bytes(1, 2)]));
    await file.append(bytes(3, 4));
    await file.append(bytes(5, 6));
    file.cut(at);
    await file.append(bytes(8));
    expect(await content(file)).toEqual([1, 2, 3, 4, 5, 6].slice(0, at).concat(8));
  }
});
