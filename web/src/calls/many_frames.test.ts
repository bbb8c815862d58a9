import { expect, test } from 'vitest';
import type { FromFrames, SaidKey } from './frame_protocol';
import { ManyFrames } from './many_frames';

type Said = FromFrames & { device?: string };

function side() {
  const said: Said[] = [];
  return { said, frames: new ManyFrames((message) => said.push(message)) };
}

async function keyOf(of: ReturnType<typeof side>): Promise<SaidKey> {
  await of.frames.hear({ do: 'make_key', request: 1 });
  const answer = of.said.findLast((each) => each.said === 'key');
  if (answer?.said !== 'key') throw new Error('no key');
  return answer.key;
}

const sound = (byte: number) => ({ data: Uint8Array.from([0x78, byte, 2, 3]).buffer });
const sent = { side: 'sent', kind: 'audio' } as const;
const line = (mid: string) => ({ side: 'received', kind: 'audio', line: mid }) as const;

async function three() {
  const [anna, boris, here] = [side(), side(), side()];
  await here.frames.hear({ do: 'take_key_of', device: 'anna', key: await keyOf(anna) });
  await here.frames.hear({ do: 'take_key_of', device: 'boris', key: await keyOf(boris) });
  await here.frames.hear({ do: 'whose', line: '0', device: 'anna' });
  await here.frames.hear({ do: 'whose', line: '2', device: 'boris' });
  return { anna, boris, here };
}

test('each line is opened with the keys of who sits there', async () => {
  const { anna, boris, here } = await three();
  const [one, two] = [await anna.frames.pass(sent, sound(1)), await boris.frames.pass(sent, sound(2))];
  expect(new Uint8Array((await here.frames.pass(line('0'), one!))!.data)[1]).toBe(1);
  expect(new Uint8Array((await here.frames.pass(line('2'), two!))!.data)[1]).toBe(2);
  expect(here.said.filter((each) => each.said === 'first').map((each) => each.device)).toEqual(['anna', 'boris']);
  expect(here.frames.counts.received.audio).toEqual({ seen: 2, passed: 2, dropped: 0, keyless: 0, replayed: 0 });
});

test('frames of one that a unit hands out as those of another are opened by nobody', async () => {
  const { anna, here } = await three();
  const frame = await anna.frames.pass(sent, sound(1));
  expect(await here.frames.pass(line('2'), frame!)).toBeNull();
  expect(here.frames.counts.received.audio).toMatchObject({ passed: 0, dropped: 1 });
});

test('a line that was nobody\'s opens nothing, and is counted', async () => {
  const { anna, here } = await three();
  const frame = await anna.frames.pass(sent, sound(1));
  expect(await here.frames.pass(line('9'), frame!)).toBeNull();
  expect(here.frames.counts.received.audio).toMatchObject({ seen: 1, keyless: 1 });
});

test('who has left is not heard any more, whatever keys he had, and what was counted stays', async () => {
  const { anna, here } = await three();
  expect(await here.frames.pass(line('0'), (await anna.frames.pass(sent, sound(1)))!)).not.toBeNull();
  await here.frames.hear({ do: 'forget', device: 'anna' });
  expect(await here.frames.pass(line('0'), (await anna.frames.pass(sent, sound(2)))!)).toBeNull();
  expect(here.frames.counts.received.audio).toMatchObject({ seen: 2, passed: 1, dropped: 1 });
});

test('a line goes to another one, and the one before is not taken for him', async () => {
  const { anna, boris, here } = await three();
  await here.frames.hear({ do: 'whose', line: '0', device: 'boris' });
  expect(await here.frames.pass(line('0'), (await anna.frames.pass(sent, sound(1)))!)).toBeNull();
  expect(await here.frames.pass(line('0'), (await boris.frames.pass(sent, sound(2)))!)).not.toBeNull();
});
