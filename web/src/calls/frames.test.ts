import { expect, test } from 'vitest';
import type { FromFrames, Kind, SaidKey } from './frame_protocol';
import { Frames, type Frame } from './frames';

class End {
  readonly said: FromFrames[] = [];
  readonly frames = new Frames((message) => this.said.push(message));

  async makeKey(): Promise<SaidKey> {
    await this.frames.hear({ do: 'make_key', request: 1 });
    return (this.said.findLast((each) => each.said === 'key') as { key: SaidKey }).key;
  }
  take(key: SaidKey): Promise<void> {
    return this.frames.hear({ do: 'take_key', key });
  }
  use(kid: number): Promise<void> {
    return this.frames.hear({ do: 'use_key', kid });
  }
  send(kind: Kind, frame: Frame): Promise<Frame | null> {
    return this.frames.pass({ side: 'sent', kind }, frame);
  }
  receive(kind: Kind, frame: Frame): Promise<Frame | null> {
    return this.frames.pass({ side: 'received', kind }, frame);
  }
}

const bytes = (size: number, from = 0) => Uint8Array.from({ length: size }, (_, at) => (at + from) & 255);
const frame = (size: number, type?: string): Frame => ({ data: bytes(size).buffer, ...(type ? { type } : {}) });
const copy = (each: Frame): Frame => ({ ...each, data: each.data.slice(0) });
const read = (each: Frame | null) => each && new Uint8Array(each.data);

async function two() {
  const [a, b] = [new End(), new End()];
  await b.take(await a.makeKey());
  return { a, b };
}

test('ten bytes of a key frame, three of another and one of sound stay clear; all else is sealed', async () => {
  const { a, b } = await two();
  for (const [kind, type, clear] of [['video', 'key', 10], ['video', 'delta', 3], ['audio', undefined, 1]] as const) {
    const sealed = (await a.send(kind, frame(200, type)))!;
    const out = read(sealed)!;
    expect(out.subarray(0, clear)).toEqual(bytes(clear));
    expect(Buffer.from(out).includes(Buffer.from(bytes(8, clear)))).toBe(false);
    expect(read(await b.receive(kind, copy(sealed)))).toEqual(bytes(200));
  }
  expect(a.frames.counts.sent).toEqual({ audio: { seen: 1, passed: 1, dropped: 0, keyless: 0, replayed: 0 }, video: { seen: 2, passed: 2, dropped: 0, keyless: 0, replayed: 0 } });
  expect(b.frames.counts.received).toEqual(a.frames.counts.sent);
});

test('frames shorter than their clear bytes come out as they were', async () => {
  const { a, b } = await two();
  for (const size of [1, 2, 3]) {
    const sealed = (await a.send('video', frame(size, 'delta')))!;
    const opened = await b.receive('video', copy(sealed));
    // Of a header that was cut, sealed bytes stand where clear ones are read: it is dropped, not misread.
    expect(size < 3 ? opened : read(opened)).toEqual(size < 3 ? null : bytes(size));
  }
});

test('a frame of no bytes, by which Opus says nothing, passes as it is, and is not the first one', async () => {
  const { a, b } = await two();
  expect(read(await b.receive('audio', (await a.send('audio', frame(0)))!))).toEqual(bytes(0));
  expect([...a.said, ...b.said].filter((each) => each.said === 'first')).toEqual([]);
  expect(a.frames.counts.sent.audio.passed).toBe(1);
});

test('nothing leaves before there is a key, and the first frame that leaves is said once', async () => {
  const a = new End();
  expect(await a.send('audio', frame(50))).toBeNull();
  await a.makeKey();
  await a.send('audio', frame(50));
  await a.send('audio', frame(50));
  expect(a.frames.counts.sent.audio).toEqual({ seen: 3, passed: 2, dropped: 1, keyless: 1, replayed: 0 });
  expect(a.said.filter((each) => each.said === 'first')).toEqual([{ said: 'first', of: { side: 'sent', kind: 'audio' } }]);
});

test('plain frames, garbage, doubles and sound in the place of picture are counted and dropped', async () => {
  const { a, b } = await two();
  const sealed = (await a.send('video', frame(80, 'delta')))!;
  const changed = copy(sealed);
  new Uint8Array(changed.data)[1]! ^= 1; // a clear byte
  const once = copy(sealed);
  expect(await b.receive('video', once)).not.toBeNull();
  for (const each of [frame(80, 'delta'), frame(1, 'delta'), frame(4, 'key'), changed, copy(sealed)]) expect(await b.receive('video', each)).toBeNull();
  const sound = (await a.send('audio', frame(80)))!;
  expect(await b.receive('video', { ...copy(sound), type: 'delta' })).toBeNull();
  // What stands where a header would be is random in the last one, so its reason is too.
  expect(b.frames.counts.received.video).toMatchObject({ seen: 7, passed: 1, dropped: 6 });
});

test('a call goes on through a change of its key', async () => {
  const { a, b } = await two();
  const early = (await a.send('audio', frame(50)))!;
  const next = await a.makeKey();
  expect(next.kid).toBe(1);
  expect(read(await b.receive('audio', (await a.send('audio', frame(51)))!))).toEqual(bytes(51)); // still the first
  await b.take(next);
  await a.use(next.kid);
  const late = (await a.send('audio', frame(52)))!;
  expect(new Uint8Array(late.data)[1]! >> 4).toBe(1); // its KID
  expect(read(await b.receive('audio', late))).toEqual(bytes(52));
  expect(read(await b.receive('audio', early))).toEqual(bytes(50));
  await a.use(0);
  expect(new Uint8Array((await a.send('audio', frame(53)))!.data)[1]! >> 4).toBe(1); // never back
});

test('keys that are none are passed over', async () => {
  const { a, b } = await two();
  for (const key of [{ kid: -1, key: bytes(32) }, { kid: 0.5, key: bytes(32) }, { kid: 3, key: bytes(31) }, { kid: 0, key: bytes(32) }]) await b.take(key);
  await a.use(77);
  expect(read(await b.receive('audio', (await a.send('audio', frame(50)))!))).toEqual(bytes(50));
});

// ---- as in a call of a group ----

async function agreed() {
  const [a, b] = [new End(), new End()];
  for (const each of [a, b]) await each.frames.hear({ do: 'agree' });
  return { a, b, said: await round(a, b) };
}

// An offer of `a` and its answer.
async function round(a: End, b: End): Promise<[SaidKey, SaidKey]> {
  const offered = await a.makeKey();
  await b.take(offered);
  const answered = await b.makeKey();
  await a.take(answered);
  return [offered, answered];
}

test('who reads all that two say of their keys opens nothing of what they have agreed upon', async () => {
  const { a, b, said } = await agreed();
  for (const [from, to] of [[a, b], [b, a]] as const) {
    const sealed = (await from.send('audio', frame(80)))!;
    expect(read(await to.receive('audio', copy(sealed)))).toEqual(bytes(80));
    const reader = new End(); // another member of the group, with each key as it was said
    for (const { kid, key } of said) await reader.take({ kid, key });
    expect(await reader.receive('audio', copy(sealed))).toBeNull();
    const agrees = new End(); // and who takes part in the agreement with a half of his own
    await agrees.frames.hear({ do: 'agree' });
    for (const each of said) await agrees.take(each);
    expect(await agrees.receive('audio', copy(sealed))).toBeNull();
  }
});

test('with each round both sides have new keys, which those of before do not open', async () => {
  const { a, b } = await agreed();
  const before = (await a.send('audio', frame(80)))!;
  await round(a, b);
  const after = (await a.send('audio', frame(80)))!;
  expect(read(await b.receive('audio', copy(after)))).toEqual(bytes(80));
  const answered = (await b.send('audio', frame(80)))!; // b has heard a's new key in use
  expect(read(await a.receive('audio', copy(answered)))).toEqual(bytes(80));
  const kid = (each: Frame) => new Uint8Array(each.data)[1]! >> 4;
  expect(kid(before)).toBe(0);
  expect(kid(after)).toBe(1);
  expect(kid(answered)).toBe(1);
});

test('who answers seals with his new key from the first frame on that came under the new one of the other', async () => {
  const { a, b } = await agreed();
  const offered = await a.makeKey();
  await b.take(offered);
  const answered = await b.makeKey(); // which is lost on its way, and comes later
  const kid = (each: Frame) => new Uint8Array(each.data)[1]! >> 4;
  const meanwhile = (await b.send('audio', frame(80)))!;
  expect(kid(meanwhile)).toBe(0);
  expect(read(await a.receive('audio', copy(meanwhile)))).toEqual(bytes(80));
  await a.take(answered);
  const first = (await a.send('audio', frame(80)))!;
  expect(kid(first)).toBe(1);
  await b.receive('audio', first);
  expect(kid((await b.send('audio', frame(80)))!)).toBe(1);
});

test('a key without a half, and a half that is none, open nothing', async () => {
  const [a, b] = [new End(), new End()];
  for (const each of [a, b]) await each.frames.hear({ do: 'agree' });
  const { kid, key } = await a.makeKey();
  await b.take({ kid, key });
  await b.take({ kid, key, share: bytes(65) });
  expect(await a.send('audio', frame(80))).toBeNull(); // nothing is sealed before the answer either
  expect(b.frames.counts.received.audio.passed).toBe(0);
});
