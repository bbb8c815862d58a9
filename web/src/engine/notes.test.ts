import { describe, expect, it } from 'vitest';
import { gifToSend } from './gif';
import { stillToSend } from './still';
import { taggedSoundToSend } from './tagged_sound';
import { withoutNotes } from './without_notes';

const number = (value: number, size: number) => [...Array(size).keys()].map((at) => String.fromCharCode(Math.floor(value / 2 ** (8 * (size - 1 - at))) & 0xff)).join('');
const box = (type: string, body: string) => number(body.length + 8, 4) + type + body;
const block = (data: string) => number(data.length, 1) + data;
const blobOf = (text: string) => new Blob([Uint8Array.from(text, (each) => each.charCodeAt(0))]);

type ToSend = (file: Blob) => Promise<Blob | null>;

async function sent(toSend: ToSend, text: string): Promise<string> {
  const blob = await toSend(blobOf(text));
  return blob ? [...new Uint8Array(await blob.arrayBuffer())].map((each) => String.fromCharCode(each)).join('') : '';
}

async function expectNeverSent(toSend: ToSend, whole: string, from: number): Promise<void> {
  for (let size = from; size < whole.length; ++size) {
    const out = await sent(toSend, whole.slice(0, size)).catch((error: unknown) => String(error));
    expect(out).not.toContain('GPS');
  }
}

/** A picture (item 1), EXIF in the file (2) and XMP in the head (3). */
function heic(method = 0): string {
  const item = (id: number, kind: string) => box('infe', number(2, 1) + number(0, 3) + number(id, 2) + number(0, 2) + kind + number(0, 1));
  const kinds = box('iinf', number(0, 4) + number(3, 2) + item(1, 'hvc1') + item(2, 'Exif') + item(3, 'mime'));
  const place = (id: number, way: number, offset: number, length: number) => number(id, 2) + number(way, 2) + number(0, 2) + number(1, 2) + number(offset, 4) + number(length, 4);
  const places = (mdat: number) =>
    box('iloc', number(1, 1) + number(0, 3) + number(0x44, 1) + number(0, 1) + number(3, 2) + place(1, 0, mdat, 6) + place(2, method, mdat + 6, 9) + place(3, 1, 4, 10));
  const ftyp = box('ftyp', `heic${number(0, 4)}mif1`);
  const meta = (mdat: number) => box('meta', number(0, 4) + kinds + places(mdat) + box('idat', 'GRIDGPS by XMP'));
  const mdat = ftyp.length + meta(0).length + 8;
  return ftyp + meta(mdat) + box('mdat', 'pixelsGPS Exif!') + box('uuid', '0123456789abcdef GPS of a maker');
}

describe('a HEIC', () => {
  it('goes without EXIF and XMP, and nothing in it moves', async () => {
    const out = await sent(stillToSend, heic());
    expect(out.length).toBe(heic().length);
    expect(out).not.toContain('GPS');
    for (const word of ['pixels', 'GRID', 'iloc', 'ftypheic']) expect(out.indexOf(word)).toBe(heic().indexOf(word));
    expect(await sent(stillToSend, out)).toBe(out);
  });

  it('is refused if it is cut, or says that its notes lie elsewhere', async () => {
    await expectNeverSent(stillToSend, heic(), 12);
    await expect(sent(stillToSend, heic(2))).rejects.toThrow('engine_bad_media');
    expect(await stillToSend(blobOf(box('ftyp', 'isom')))).toBeNull();
  });
});

describe('a GIF', () => {
  const application = (name: string, data: string) => `!\xff${block(name)}${block(data)}\0`;
  const frame = `,${number(0, 9)}${number(2, 1)}${block('pixels')}\0`;
  const screen = `GIF89a\x40\0\x20\0\x80\0\0colour`;
  const gif = `${screen}${application('NETSCAPE2.0', 'loop')}!\xfe${block('GPS in a comment')}\0${application('XMP DataXMP', 'GPS')}!\xf9${block('wait')}\0${frame};GPS behind`;

  it('goes without comments and programs, and still moves', async () => {
    const out = await sent(gifToSend, gif);
    expect(out).not.toContain('GPS');
    for (const word of ['GIF89a', 'colour', 'NETSCAPE2.0', 'loop', 'wait', 'pixels']) expect(out).toContain(word);
    expect(out.endsWith(';')).toBe(true);
    expect(await sent(gifToSend, out)).toBe(out);
  });

  it('is refused if it is cut within a block', async () => {
    await expectNeverSent(gifToSend, gif, 6);
    await expect(sent(gifToSend, screen)).rejects.toThrow('engine_bad_media');
  });
});

describe('a sound', () => {
  const tag = (body: string) => `ID3\x04\0\0\0\0${number(Math.floor(body.length / 128), 1)}${number(body.length % 128, 1)}${body}`;

  it('goes without its tags', async () => {
    const music = 'm'.repeat(1000);
    const file = tag(`GPS${' '.repeat(300)}`) + tag('PHONE') + music;
    expect(await sent(taggedSoundToSend, file)).toBe(music);
    expect(await sent(taggedSoundToSend, `${file}TAG${'x'.repeat(125)}`)).toBe(music);
    expect(await taggedSoundToSend(blobOf(music))).toBeNull();
    await expect(sent(taggedSoundToSend, tag('nothing'))).rejects.toThrow('engine_bad_media');
    expect(await sent(withoutNotes, file)).toBe(music);
  });

  it('is refused if it is a picture behind a tag', async () => {
    await expect(sent(withoutNotes, tag('GPS') + 'GIF89a')).rejects.toThrow('engine_bad_media');
  });
});
