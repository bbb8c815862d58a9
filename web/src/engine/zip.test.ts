import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { HostFailure } from './host_failure';
import { isZip, readDirectory, unpack, type PieceReader, type ZipEntry } from './zip';

interface Wanted {
  name: string | Uint8Array;
  bytes: Uint8Array;
  stored?: boolean;
  utf8?: boolean;
  lies?: Partial<Pick<ZipEntry, 'size' | 'packed' | 'crc' | 'method' | 'at'>> & { flags?: number };
  zip64?: boolean;
}

const text = (words: string) => new TextEncoder().encode(words);

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}

/** Numbers of so many bytes, the least first. */
function numbers(...all: [number, 2 | 4 | 8][]): Uint8Array {
  return joined(...all.map(([value, size]) => Uint8Array.from({ length: size }, (_, at) => Number((BigInt(value) >> BigInt(8 * at)) & 255n))));
}

function zip(entries: Wanted[], { comment = '', count = entries.length, end64 = false } = {}): Blob {
  let body = joined();
  let directory = joined();
  for (const { name: called, bytes, stored = false, utf8 = true, lies = {}, zip64 = false } of entries) {
    const name = typeof called === 'string' ? text(called) : called;
    const packed = stored ? bytes : deflateRawSync(bytes);
    const of = { size: bytes.length, packed: packed.length, crc: crc32(bytes), method: stored ? 0 : 8, at: body.length, flags: utf8 ? 1 << 11 : 0, ...lies };
    const extra = zip64 ? numbers([1, 2], [24, 2], [of.size, 8], [of.packed, 8], [of.at, 8]) : joined();
    const many = 0xffff_ffff;
    body = joined(body, numbers([0x04034b50, 4], [20, 2], [of.flags, 2], [of.method, 2], [0, 4], [of.crc, 4], [of.packed, 4], [of.size, 4], [name.length, 2], [3, 2]), name, numbers([0, 2]), text('?'), packed);
    directory = joined(
      directory,
      numbers([0x02014b50, 4], [20, 2], [20, 2], [of.flags, 2], [of.method, 2], [0, 4], [of.crc, 4], [zip64 ? many : of.packed, 4], [zip64 ? many : of.size, 4]),
      numbers([name.length, 2], [extra.length, 2], [2, 2], [0, 2], [0, 2], [0, 4], [zip64 ? many : of.at, 4]),
      name,
      extra,
      text('!!'),
    );
  }
  const place = body.length + directory.length;
  const big = joined(numbers([0x06064b50, 4], [44, 8], [45, 2], [45, 2], [0, 4], [0, 4], [count, 8], [count, 8], [directory.length, 8], [body.length, 8]), numbers([0x07064b50, 4], [0, 4], [place, 8], [1, 4]));
  const [small, at] = end64 ? [0xffff, 0xffff_ffff] : [count, body.length];
  return new Blob([joined(body, directory, end64 ? big : joined(), numbers([0x06054b50, 4], [0, 2], [0, 2], [small, 2], [small, 2], [directory.length, 4], [at, 4], [comment.length, 2]), text(comment))]);
}

async function listed(file: Blob): Promise<ZipEntry[]> {
  const out: ZipEntry[] = [];
  await readDirectory(file, (entry) => (out.push(entry), true));
  return out;
}

async function all(reader: PieceReader): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let piece = await reader.read(1000); piece.length > 0; piece = await reader.read(1000)) {
    expect(piece.length).toBeLessThanOrEqual(1000);
    parts.push(piece.slice());
  }
  return joined(...parts);
}

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return error instanceof HostFailure ? error.errorName : String(error);
  }
  return 'none';
}

const kLong = text('happy new year '.repeat(20_000));

describe('a zip file', () => {
  test('gives what was put into it, packed or not, with a comment behind it and sizes of 64 bits', async () => {
    for (const end64 of [false, true]) {
      const file = zip([{ name: 'a/long.txt', bytes: kLong, zip64: end64 }, { name: 'short', bytes: text('x'), stored: true }, { name: 'empty', bytes: text('') }], { comment: 'PK\x05\x06 is said in it', end64 });
      expect(await isZip(file)).toBe(true);
      const entries = await listed(file);
      expect(entries.map(({ name, size }) => [name, size])).toEqual([['a/long.txt', kLong.length], ['short', 1], ['empty', 0]]);
      expect(Buffer.from(await all(await unpack(file, entries[0]!))).equals(Buffer.from(kLong))).toBe(true);
      expect(await all(await unpack(file, entries[1]!))).toEqual(joined(text('x')));
      expect((await all(await unpack(file, entries[2]!))).length).toBe(0);
    }
  });
  test('has names in UTF-8 whether it says so or not, and in code page 437', async () => {
    const entries = await listed(zip([{ name: 'снимок.jpg', bytes: text('') }, { name: 'снимок.jpg', bytes: text(''), utf8: false }, { name: Uint8Array.of(0x81, 0x62, 0x65, 0x72), bytes: text(''), utf8: false }]));
    expect(entries.map(({ name }) => name)).toEqual(['снимок.jpg', 'снимок.jpg', 'über']);
  });
  test('to whose end something was added is read', async () => {
    const file = new Blob([zip([{ name: 'a', bytes: text('x') }], { comment: 'said' }), new Uint8Array(100)]);
    expect((await listed(file)).map(({ name }) => name)).toEqual(['a']);
  });
  test('is read no further than it is wanted', async () => {
    const names: string[] = [];
    await readDirectory(zip(['1', '2', '3'].map((name) => ({ name, bytes: text('') }))), ({ name }) => (names.push(name), names.length < 2));
    expect(names).toEqual(['1', '2']);
  });
  test('that is something else, cut, or lies about its directory is damaged', async () => {
    const whole = zip([{ name: 'a', bytes: kLong }]);
    expect(await isZip(new Blob(['PK']))).toBe(false);
    for (const bad of [new Blob([]), new Blob(['PK\x03\x04 nothing more']), whole.slice(0, whole.size - 1), whole.slice(0, whole.size / 2), whole.slice(10), zip([{ name: 'a', bytes: text('') }], { count: 2 })]) {
      expect(await failure(listed(bad))).toBe('imports_zip_damaged');
    }
    const bytes = new Uint8Array(await zip([{ name: 'a', bytes: text('x'), zip64: true }], { end64: true }).arrayBuffer());
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at]! ^= 0xff;
      const bad = new Blob([changed]);
      const read = listed(bad).then((entries) => Promise.all(entries.map(async (each) => all(await unpack(bad, each)))));
      expect(['none', 'imports_zip_damaged', 'imports_zip_bomb']).toContain(await failure(read));
    }
  });
});

describe('an entry', () => {
  const refused = async (lies: Wanted['lies'], bytes = kLong, stored = false) => {
    const file = zip([{ name: 'a', bytes, stored, lies }]);
    return failure(unpack(file, (await listed(file))[0]!).then(all));
  };
  test('that is larger than it says is a bomb, before all of it has come', async () => {
    expect(await refused({ size: 500 })).toBe('imports_zip_bomb');
    expect(await refused({ size: 500 }, kLong, true)).toBe('imports_zip_bomb');
  });
  test('that is smaller, does not fit its checksum, breaks off, is locked or packed in another way is damaged', async () => {
    for (const lies of [{ size: kLong.length + 1 }, { crc: 1 }, { packed: 20 }, { packed: 1_000_000 }, { flags: 1 }, { method: 12 }, { at: 4 }, { at: 0xffff_fff0 }]) expect([lies, await refused(lies)]).toEqual([lies, 'imports_zip_damaged']);
  });
  test('whose bytes were changed is damaged', async () => {
    const file = zip([{ name: 'a', bytes: kLong }]);
    const bytes = new Uint8Array(await file.arrayBuffer());
    bytes[60]! ^= 1;
    const bad = new Blob([bytes]);
    expect(await failure(unpack(bad, (await listed(bad))[0]!).then(all))).toBe('imports_zip_damaged');
  });
});
