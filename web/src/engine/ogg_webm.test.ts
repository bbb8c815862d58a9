import { describe, expect, it } from 'vitest';
import { oggToSend } from './ogg';
import { webmToSend } from './webm';
import { withoutNotes } from './without_notes';

const chars = (...bytes: number[]) => String.fromCharCode(...bytes.map((each) => each & 0xff));
const little = (value: number, size: number) => chars(...Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i))));
const blobOf = (text: string) => new Blob([Uint8Array.from(text, (each) => each.charCodeAt(0))]);

async function sent(text: string): Promise<string> {
  const out = await withoutNotes(blobOf(text));
  return [...new Uint8Array(await out.arrayBuffer())].map((each) => chars(each)).join('');
}

async function expectClean(file: string, words: string[]): Promise<string> {
  const out = await sent(file);
  expect(out.length).toBe(file.length);
  for (const word of words) {
    expect(file).toContain(word);
    expect(out).not.toContain(word);
  }
  expect(await sent(out)).toBe(out);
  return out;
}

async function expectRefused(file: string): Promise<void> {
  await expect(sent(file)).rejects.toThrow('engine_bad_media');
}

describe('a sound in Ogg', () => {
  // By long division of the bits (RFC 3533 §6, field 7).
  function checkOf(bytes: string): number {
    let rest = 0n;
    for (const each of `${bytes}\0\0\0\0`) {
      for (let bit = 7; bit >= 0; --bit) {
        rest = (rest << 1n) | BigInt((each.charCodeAt(0) >> bit) & 1);
        if (rest >> 32n) rest ^= 0x104c11db7n;
      }
    }
    return Number(rest);
  }
  const checked = (page: string) => page.slice(0, 22) + little(checkOf(`${page.slice(0, 22)}\0\0\0\0${page.slice(26)}`), 4) + page.slice(26);
  function page(flags: number, serial: number, number: number, packets: string[], ends = true): string {
    const lacing = packets.map((each, i) => '\xff'.repeat(Math.floor(each.length / 255)) + (ends || i + 1 < packets.length ? chars(each.length % 255) : '')).join('');
    return checked(`OggS\0${chars(flags)}${little(0, 8)}${little(serial, 4)}${little(number, 4)}\0\0\0\0${chars(lacing.length)}${lacing}${packets.join('')}`);
  }
  const comments = (magic: string, word: string) => `${magic}${little(5, 4)}PHONE${little(1, 4)}${little(word.length + 9, 4)}LOCATION=${word}`;
  const opus = (serial: number, word: string) =>
    page(2, serial, 0, ['OpusHead 12345678901']) + page(0, serial, 1, [comments('OpusTags', word)]) + page(4, serial, 2, ['sound']);
  function expectPages(file: string): void {
    for (let at = 0; at < file.length; ) {
      const segments = file.charCodeAt(at + 26);
      const end = [...file.slice(at + 27, at + 27 + segments)].reduce((sum, each) => sum + each.charCodeAt(0), at + 27 + segments);
      expect(checked(file.slice(at, end))).toBe(file.slice(at, end));
      at = end;
    }
  }
  const words = ['GPS', 'PHONE', 'LOCATION'];

  it('goes without its comments, and no page moves', async () => {
    expect(checkOf('123456789')).toBe(0x89a1897f);
    const file = opus(7, 'GPS 1') + opus(7, 'GPS 2');
    const out = await expectClean(file, words);
    expectPages(out);
    expect(out.endsWith(page(4, 7, 2, ['sound']))).toBe(true);
  });

  it('goes without those that are over many pages, and without covers', async () => {
    const packet = `${comments('\x03vorbis', `GPS${'c'.repeat(1000)}`)}\x01`;
    const vorbis =
      page(2, 1, 0, ['\x01vorbis head']) +
      page(2, 2, 0, ['\x80theora head']) +
      page(0, 1, 1, [packet.slice(0, 510)], false) +
      page(0, 2, 1, [comments('\x81theora', 'GPS'), 'film tables']) +
      page(1, 1, 2, [packet.slice(510), '\x05vorbis tables']) +
      page(4, 1, 3, ['sound']);
    const out = await expectClean(vorbis, words);
    expectPages(out);
    for (const word of ['film tables', '\x05vorbis tables', 'sound']) expect(out.indexOf(word)).toBe(vorbis.indexOf(word));
    const block = (type: number, body: string) => chars(type, 0, body.length >> 8, body.length) + body;
    const flac =
      page(2, 3, 0, [`\x7fFLAC\x01\0\0\x03fLaC${block(0, 'rates')}`]) +
      page(0, 3, 1, [block(4, comments('', 'GPS')), block(0x80 | 6, 'GPS of a cover')]) +
      page(4, 3, 2, ['sound']);
    expectPages(await expectClean(flac, words));
    expectPages(await expectClean(page(2, 4, 0, ['Speex   1.2']) + page(4, 4, 1, [comments('', 'GPS'), 'sound']), words));
  });

  it('is refused if it is cut, and stays if nobody knows what is in it', async () => {
    const whole = opus(7, 'GPS');
    const last = whole.indexOf('sound') - 28;
    for (let size = 4; size < whole.length; ++size) {
      if (size !== last) await expectRefused(whole.slice(0, size));
    }
    await expectRefused(`${whole}trailing`);
    await expectRefused(page(2, 7, 0, ['OpusHead']) + page(0, 7, 1, ['sound']));
    const other = page(2, 5, 0, ['something else']) + page(4, 5, 1, ['with GPS in it']);
    expect(await sent(other)).toBe(other);
    expect(await oggToSend(blobOf('OggX'))).toBeNull();
  });
});

describe('a film in WebM', () => {
  function element(id: number, body: string, wide = 1): string {
    const name = [24, 16, 8, 0].map((shift) => id / 2 ** shift).filter((each) => each >= 1);
    if (wide === 0) return `${chars(...name)}\x01${'\xff'.repeat(7)}${body}`;
    const size = [...Array(wide).keys()].map((i) => Math.floor(body.length / 2 ** (8 * (wide - 1 - i))) & 0xff);
    size[0] = (size[0] ?? 0) | (0x80 >> (wide - 1));
    return chars(...name, ...size) + body;
  }
  const head = element(0x1a45dfa3, element(0x4282, 'webm'));
  const seek = (id: string) => element(0x4dbb, element(0x53ab, id) + element(0x53ac, '\x40'));
  const info = element(
    0x1549a966,
    element(0xbf, 'crc!') + element(0x2ad7b1, 'scale') + element(0x7ba9, 'TITLE') + element(0x4461, 'MADEDATE') + element(0x4d80, 'PHONE') + element(0x5741, 'PHONE', 2),
  );
  const tracks = element(0x1654ae6b, element(0xae, element(0xd7, '\x01') + element(0x536e, 'PHONE camera', 8) + element(0x86, 'V_VP9')));
  const tags = element(0x1254c367, element(0x7373, 'GPS+55.75+37.62'), 4);
  const cluster = (wide: number) => element(0x1f43b675, element(0xe7, 't') + element(0xa3, 'pixels'), wide);
  const film = (segment: number, clusters: number) =>
    head +
    element(
      0x18538067,
      element(0x114d9b74, seek('\x12\x54\xc3\x67') + seek('\x16\x54\xae\x6b')) +
        element(0xec, 'GPS of a film before') +
        info +
        tracks +
        cluster(clusters) +
        cluster(clusters) +
        tags +
        element(0x1941a469, 'PHONE cover', 3) +
        cluster(clusters),
      segment,
    );

  it('goes without titles, dates, programs and tags, and nothing moves', async () => {
    for (const [segment, clusters] of [[8, 2], [0, 0], [0, 3], [4, 0]] as const) {
      const file = film(segment, clusters);
      const out = await expectClean(file, ['GPS', 'PHONE', 'TITLE', 'MADE', 'crc!', '\x12\x54\xc3\x67']);
      for (const word of ['pixels', 'V_VP9', 'scale', 'webm', '\x16\x54\xae\x6b']) expect(out.indexOf(word)).toBe(file.indexOf(word));
      expect(out.lastIndexOf('pixels')).toBe(file.lastIndexOf('pixels'));
    }
    const out = await sent(head + element(0x18538067, tags + cluster(1)));
    expect(out.slice(head.length + 5, head.length + 13)).toBe(`\xec\x02${'\0'.repeat(5)}${chars(tags.length - 8)}`);
  });

  it('keeps the times of chapters, and none of their titles', async () => {
    const inner = element(0xb6, element(0x91, 'time 2') + element(0x80, element(0x85, 'TITLE two'), 2));
    const chapter = element(
      0xb6,
      element(0x91, 'time 1') + element(0x5654, 'TITLEUID') + element(0x80, element(0x85, 'TITLE one')) + element(0x6944, 'TITLE of a program') + inner,
      2,
    );
    const edition = element(0x45b9, element(0x4520, element(0x4521, 'TITLE of all')) + chapter, 2);
    const file = head + element(0x18538067, tracks + element(0x1043a770, edition, 2) + cluster(1), 8);
    const out = await expectClean(file, ['TITLE']);
    for (const word of ['time 1', 'time 2', 'pixels']) expect(out.indexOf(word)).toBe(file.indexOf(word));
    let deep = element(0x80, element(0x85, 'TITLE'));
    for (let i = 0; i < 1000; ++i) deep = element(0xb6, deep, 4);
    expect(await sent(head + element(0x18538067, element(0x1043a770, element(0x45b9, deep, 4), 4) + cluster(1), 8))).not.toContain('TITLE');
  });

  it('is refused if it is cut, or goes without its notes', async () => {
    const whole = film(8, 2);
    for (let size = 4; size < whole.length; ++size) await expectRefused(whole.slice(0, size));
    const streamed = film(0, 0);
    for (let size = 4; size < streamed.length; ++size) {
      const out = await sent(streamed.slice(0, size)).catch((error: unknown) => String(error));
      for (const word of ['GPS', 'PHONE', 'TITLE']) expect(out).not.toContain(word);
    }
    await expectRefused(head);
    await expectRefused(`${head}text`);
    await expectRefused(head + element(0x18538067, element(0x1654ae6b, tracks, 0)));
    expect(await webmToSend(blobOf('text'))).toBeNull();
  });
});
