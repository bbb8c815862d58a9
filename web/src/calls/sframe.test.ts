import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeHeader, deriveKey, encodeHeader, FrameOpener, FrameSealer, kReplayWindow, sealAs } from './sframe';

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fill = (byte: number, size = 32) => new Uint8Array(size).fill(byte);
const text = (words: string) => new Uint8Array(new TextEncoder().encode(words));
const kClear = fromHex('9d012a');

// From the RFC's appendix C, and one of our own for what a call uses: a base key of 32 bytes, a short KID.
const kHeaders: [bigint, bigint, string][] = [
  [0n, 0n, '00'],
  [0n, 255n, '08ff'],
  [1n, 65536n, '1a010000'],
  [255n, 1n, '81ff'],
  [256n, 18446744073709551615n, '9f0100ffffffffffffffff'],
  [7n, 7n, '77'],
  [8n, 8n, '880808'],
];
const kSealed = {
  base_key: '000102030405060708090a0b0c0d0e0f', kid: 291, ctr: 17767, sframe_salt: '84991c167b8cd23c93708ec7', metadata: '4945544620534672616d65205747',
  pt: '64726166742d696574662d736672616d652d656e63', ct: '990123456794f509d36e9beacb0e261d99c7d1e972f1fed787d4049f17ca21353c1cc24d56ceabced279',
};

async function pair(kid = 1n) {
  const key = await deriveKey(fill(7), kid);
  const opener = new FrameOpener();
  opener.add(await deriveKey(fill(7), kid));
  return { key, sealer: new FrameSealer(key), opener };
}

describe('the header', () => {
  test('is written and read as the RFC has it', () => {
    for (const [kid, ctr, encoded] of kHeaders) {
      expect(toHex(encodeHeader({ kid, ctr }))).toBe(encoded);
      expect(decodeHeader(fromHex(encoded))).toEqual({ kid, ctr, size: encoded.length / 2 });
    }
  });
  test('that is cut off anywhere is none', () => {
    for (const [, , encoded] of kHeaders) {
      for (let size = 0; size < encoded.length / 2; size++) expect(decodeHeader(fromHex(encoded).subarray(0, size))).toBeNull();
    }
  });
  test('of numbers above 64 bits is not written', () => expect(() => encodeHeader({ kid: 2n ** 64n, ctr: 0n })).toThrow());
});

async function checkSealed(vector: typeof kSealed): Promise<void> {
  const key = await deriveKey(fromHex(vector.base_key), BigInt(vector.kid));
  expect(toHex(key.salt)).toBe(vector.sframe_salt);
  expect(toHex(await sealAs(key, BigInt(vector.ctr), fromHex(vector.pt), fromHex(vector.metadata)))).toBe(vector.ct);
  const opener = new FrameOpener();
  opener.add(key);
  const plain = await opener.open(fromHex(vector.ct), fromHex(vector.metadata));
  expect(toHex(plain as Uint8Array)).toBe(vector.pt);
}

test('a frame of suite 5 of the RFC is sealed and opened', () => checkSealed(kSealed));

const kShared = join(process.env['GODWIT_SHARED'] ?? join(import.meta.dirname, '../../../../shared'), 'vectors/sframe/rfc9605.json');
describe.skipIf(!existsSync(kShared))(`vectors of RFC 9605${existsSync(kShared) ? '' : ' (SKIPPED: GODWIT_SHARED has none)'}`, () => {
  // Numbers of 64 bits lose their end in JSON.parse, so they are read as text.
  const read = () =>
    JSON.parse(readFileSync(kShared, 'utf8').replace(/"(kid|ctr)": (\d+)/g, '"$1": "$2"')) as { header: { kid: string; ctr: string; encoded: string }[]; sframe: (typeof kSealed & { cipher_suite: number })[] };
  test('every header', () => {
    const { header } = read();
    expect(header.length).toBeGreaterThan(50);
    for (const each of header) {
      const [kid, ctr] = [BigInt(each.kid), BigInt(each.ctr)];
      expect(toHex(encodeHeader({ kid, ctr }))).toBe(each.encoded);
      expect(decodeHeader(fromHex(each.encoded))).toEqual({ kid, ctr, size: each.encoded.length / 2 });
    }
  });
  test('every frame of suite 5', async () => {
    const ours = read().sframe.filter((each) => each.cipher_suite === 5);
    expect(ours.length).toBeGreaterThan(0);
    for (const each of ours) await checkSealed(each);
  });
});

describe('frames', () => {
  test('go through, each with a counter of its own', async () => {
    const { sealer, opener } = await pair();
    const sealed = await Promise.all(['one', 'two', 'three'].map((each) => sealer.seal(text(each), kClear)));
    expect(sealed.map((each) => decodeHeader(each)!.ctr)).toEqual([0n, 1n, 2n]);
    for (const at of [2, 0, 1]) expect(await opener.open(sealed[at]!, kClear)).toEqual(text(['one', 'two', 'three'][at]!));
  });
  test('of nothing go through too', async () => {
    const { sealer, opener } = await pair();
    expect(await opener.open(await sealer.seal(text(''), fromHex('')), fromHex(''))).toEqual(text(''));
  });
  test('are opened once, and never when too old to tell', async () => {
    const { key, opener } = await pair();
    const at = (ctr: bigint) => sealAs(key, ctr, text('x'), kClear);
    const first = await at(5n);
    expect((await Promise.all([opener.open(first, kClear), opener.open(first, kClear)])).filter((each) => each === 'replayed').length).toBe(1);
    expect(await opener.open(first, kClear)).toBe('replayed');
    expect(await opener.open(await at(5n + kReplayWindow), kClear)).toEqual(text('x'));
    expect(await opener.open(await at(5n), kClear)).toBe('replayed');
    expect(await opener.open(await at(4n), kClear)).toBe('replayed');
    expect(await opener.open(await at(6n), kClear)).toEqual(text('x'));
  });
  test('of a long call leave no memory behind, and are still opened once', async () => {
    const { key, opener } = await pair();
    const sealed = await Promise.all(Array.from({ length: 2500 }, (_, at) => sealAs(key, BigInt(at), text('x'), kClear)));
    for (const each of sealed) expect(await opener.open(each, kClear)).toEqual(text('x'));
    for (const at of [0, 1400, 1476, 2000, 2499]) expect(await opener.open(sealed[at]!, kClear)).toBe('replayed');
    const inside = [...(opener as unknown as { keys: Map<bigint, { opened: Set<bigint> }> }).keys.values()][0]!;
    expect(inside.opened.size).toBeLessThan(2 * Number(kReplayWindow));
  });
  test('that anything was changed of are not opened, and make no later one old', async () => {
    const { key, sealer, opener } = await pair();
    const sealed = await sealer.seal(text('hello'), kClear);
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed.slice();
      other[at]! ^= 1;
      expect(typeof (await opener.open(other, kClear))).toBe('string');
    }
    expect(await opener.open(sealed, fromHex('9d012b'))).toBe('not_authentic');
    const far = (await sealAs(key, 2n ** 40n, text('x'), kClear)).slice();
    far[far.length - 1]! ^= 1;
    expect(await opener.open(far, kClear)).toBe('not_authentic');
    expect(await opener.open(sealed, kClear)).toEqual(text('hello'));
  });
  test('of a key that is not known, or of another key with its KID, are not opened', async () => {
    const { opener } = await pair(1n);
    expect(await opener.open(await new FrameSealer(await deriveKey(fill(7), 2n)).seal(text('x'), kClear), kClear)).toBe('no_key');
    expect(await opener.open(await new FrameSealer(await deriveKey(fill(8), 1n)).seal(text('x'), kClear), kClear)).toBe('not_authentic');
  });
  test('of anything at all never throw', async () => {
    const { opener } = await pair();
    let seed = 1;
    const next = () => (seed = (seed * 48271) % 2147483647);
    for (let round = 0; round < 400; round++) {
      const bytes = Uint8Array.from({ length: next() % 60 }, () => next() & 255);
      if (round % 2 === 0 && bytes.length > 0) bytes[0] = 0x10; // the KID that is known
      expect(['cut_off', 'no_key', 'not_authentic']).toContain(await opener.open(bytes, kClear));
    }
  });
  test('go on through a change of key, and the oldest key goes', async () => {
    const opener = new FrameOpener(2);
    const keys = await Promise.all([1n, 2n, 3n].map((kid) => deriveKey(fill(Number(kid)), kid)));
    const early = await new FrameSealer(keys[0]!).seal(text('early'), kClear);
    opener.add(keys[0]!);
    opener.add(keys[1]!);
    expect(await opener.open(await new FrameSealer(keys[1]!).seal(text('new'), kClear), kClear)).toEqual(text('new'));
    expect(await opener.open(early, kClear)).toEqual(text('early'));
    opener.add(keys[2]!);
    expect(await opener.open(await sealAs(keys[0]!, 9n, text('late'), kClear), kClear)).toBe('no_key');
  });
  test('a KID keeps its first key', async () => {
    const { sealer, opener } = await pair(1n);
    opener.add(await deriveKey(fill(9), 1n));
    expect(await opener.open(await sealer.seal(text('x'), kClear), kClear)).toEqual(text('x'));
  });
});
