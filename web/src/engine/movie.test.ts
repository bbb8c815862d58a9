import { describe, expect, it } from 'vitest';
import { movieToSend } from './movie';

function box(type: string, body: string, large = false): string {
  const number = (value: number, size: number) => [...Array(size).keys()].map((at) => String.fromCharCode((value / 2 ** (8 * (size - 1 - at))) & 0xff)).join('');
  return large ? number(1, 4) + type + number(body.length + 16, 8) + body : number(body.length + 8, 4) + type + body;
}

const dated = (type: string) => box(type, '\0\0\0\0MADEDATEkept');
const handler = box('hdlr', '\0'.repeat(8) + 'vide' + '\0'.repeat(12) + 'PHONE');
const media = box('mdia', dated('mdhd') + handler + box('minf', box('stbl', box('stco', 'offsets'))));
const moov = box('moov', dated('mvhd') + box('trak', dated('tkhd') + media + box('meta', 'GPS')) + box('udta', box('\xa9xyz', 'GPS') + '\0\0\0\0'));
const film = box('ftyp', 'isom\0\0\0\0') + box('free', 'GPS before') + box('mdat', 'pixels', true) + moov + box('uuid', 'PHONE');

const blobOf = (text: string) => new Blob([Uint8Array.from(text, (each) => each.charCodeAt(0))], { type: 'video/mp4' });

async function sent(text: string): Promise<string> {
  const blob = await movieToSend(blobOf(text));
  return blob ? String.fromCharCode(...new Uint8Array(await blob.arrayBuffer())) : '';
}

describe('a film', () => {
  it('goes without place, device and times, and nothing in it moves', async () => {
    const out = await sent(film);
    expect(out.length).toBe(film.length);
    for (const word of ['GPS', 'PHONE', 'MADE', 'xyz', 'meta', 'uuid']) {
      expect(film).toContain(word);
      expect(out).not.toContain(word);
    }
    for (const word of ['pixels', 'vide', 'offsets', 'kept', 'ftypisom']) expect(out.indexOf(word)).toBe(film.indexOf(word));
    expect(await sent(out)).toBe(out);
    expect((await movieToSend(blobOf(film)))?.type).toBe('video/mp4');
  });

  it('is refused if it is cut, and what only looks like one is left alone', async () => {
    for (let size = 17; size < film.length; ++size) {
      const out = await sent(film.slice(0, size)).catch((error: unknown) => String(error));
      expect(out).not.toContain('GPS');
    }
    await expect(sent(film.slice(0, -2))).rejects.toThrow('engine_bad_media');
    for (const text of ['', "I'm free at noon", 'moov', box('free', 'text'), box('ftyp', 'crx ') + moov]) expect(await movieToSend(blobOf(text))).toBeNull();
  });
});
