// Still pictures in boxes as they are sent: HEIC and AVIF without what a camera writes beside the picture. The same rules as natively
// (src/cli/still.h): the items EXIF, XMP and the like are overwritten with zeros where they lie, so no offset changes.

import { requireMedia } from './require_media';

const kBrands = 'heic heix heim heis hevc hevx mif1 msf1 avif avis'.split(' ');
const kNotes = ['Exif', 'mime', 'uri '];
const kAway = 'uuid udta free skip'.split(' ');
const kBoxesMax = 10_000;
const kMetaMax = 4 * 1024 * 1024;
const kItemsMax = 100_000;

interface Box {
  type: string;
  body: number;
  end: number;
}
interface Range {
  start: number;
  end: number;
}

/** What to send of such a picture; null: it is none. Fails with engine_bad_media: what says where its items are is broken. */
export async function stillToSend(file: Blob): Promise<Blob | null> {
  const head = await file.slice(4, 12).text();
  if (!head.startsWith('ftyp') || !kBrands.includes(head.slice(4))) return null;
  const away: Range[] = [];
  let hasMeta = false;
  let count = 0;
  for (let at = 0; at < file.size; ) {
    requireMedia(++count < kBoxesMax);
    const box = boxIn(new DataView(await file.slice(at, at + 16).arrayBuffer()), at, file.size, 0, true);
    if (box.type === 'meta') {
      requireMedia(!hasMeta && box.end - box.body <= kMetaMax);
      hasMeta = true;
      away.push(...notesOf(new DataView(await file.slice(box.body, box.end).arrayBuffer()), box.body, file.size));
    }
    if (kAway.includes(box.type)) away.push({ start: box.body, end: box.end });
    at = box.end;
  }
  requireMedia(hasMeta);
  return without(file, away);
}

/** The box that begins at `at` and lies before `end`; `view` begins at `base`. */
function boxIn(view: DataView, at: number, end: number, base = 0, outermost = false): Box {
  const from = outermost ? 0 : at - base;
  requireMedia(view.byteLength - from >= 8 && end - at >= 8);
  const type = String.fromCharCode(...[4, 5, 6, 7].map((each) => view.getUint8(from + each)));
  let size = view.getUint32(from);
  let body = at + 8;
  if (size === 1) {
    requireMedia(view.byteLength - from >= 16);
    size = Number(view.getBigUint64(from + 8));
    body = at + 16;
  }
  if (size === 0) {
    requireMedia(outermost && type === 'mdat');
    size = end - at;
  }
  requireMedia(size >= body - at && size <= end - at);
  return { type, body, end: at + size };
}

class Cursor {
  private at = 0;
  constructor(private readonly view: DataView) {}
  number(size: number): number {
    requireMedia(this.at + size <= this.view.byteLength);
    let out = 0;
    for (let i = 0; i < size; ++i) out = out * 256 + this.view.getUint8(this.at++);
    return out;
  }
}

function within(view: DataView, base: number, box: Box, skip = 0): Cursor {
  requireMedia(box.end - box.body >= skip);
  return new Cursor(new DataView(view.buffer, view.byteOffset + box.body - base + skip, box.end - box.body - skip));
}

/** Where the notes of the picture lie in the file; `view` is the content of its "meta". */
function notesOf(view: DataView, base: number, fileSize: number): Range[] {
  const end = base + view.byteLength;
  const boxes = new Map<string, Box>();
  for (let at = base + 4; at < end; ) {
    const box = boxIn(view, at, end, base);
    boxes.set(box.type, box);
    at = box.end;
  }
  const info = boxes.get('iinf');
  const places = boxes.get('iloc');
  if (!info || !places) return [];
  return placesOf(within(view, base, places), kindsIn(view, base, info), boxes.get('idat'), fileSize);
}

/** ItemInfoBox (ISO/IEC 14496-12 §8.11.6): which items are notes. */
function kindsIn(view: DataView, base: number, info: Box): Set<number> {
  const out = new Set<number>();
  const version = within(view, base, info).number(1);
  for (let at = info.body + (version === 0 ? 6 : 8); at < info.end; ) {
    const box = boxIn(view, at, info.end, base);
    at = box.end;
    if (box.type !== 'infe') continue;
    const cursor = within(view, base, box);
    const entry = cursor.number(1);
    requireMedia(entry === 2 || entry === 3);
    cursor.number(3);
    const item = cursor.number(entry === 2 ? 2 : 4);
    cursor.number(2);
    const kind = String.fromCharCode(cursor.number(1), cursor.number(1), cursor.number(1), cursor.number(1));
    if (kNotes.includes(kind)) out.add(item);
  }
  return out;
}

/** ItemLocationBox (§8.11.3): where they lie. */
function placesOf(cursor: Cursor, notes: Set<number>, inside: Box | undefined, fileSize: number): Range[] {
  const out: Range[] = [];
  const version = cursor.number(1);
  requireMedia(version <= 2);
  cursor.number(3);
  const sizes = cursor.number(1);
  const more = cursor.number(1);
  const items = cursor.number(version < 2 ? 2 : 4);
  requireMedia(items <= kItemsMax);
  for (let i = 0; i < items; ++i) {
    const item = cursor.number(version < 2 ? 2 : 4);
    const method = version === 0 ? 0 : cursor.number(2) & 0x0f;
    const elsewhere = cursor.number(2);
    const first = cursor.number(more >> 4);
    const extents = cursor.number(2);
    for (let k = 0; k < extents; ++k) {
      if (version > 0) cursor.number(more & 0x0f);
      const offset = cursor.number(sizes >> 4);
      const length = cursor.number(sizes & 0x0f);
      if (!notes.has(item)) continue;
      requireMedia(method <= 1 && elsewhere === 0 && length > 0);
      const whole = method === 1 ? { start: inside?.body ?? 0, end: inside?.end ?? 0 } : { start: 0, end: fileSize };
      const start = whole.start + first + offset;
      requireMedia(start + length <= whole.end);
      out.push({ start, end: start + length });
    }
  }
  return out;
}

function without(file: Blob, away: Range[]): Blob {
  const out: BlobPart[] = [];
  let at = 0;
  for (const each of away.sort((a, b) => a.start - b.start)) {
    const start = Math.max(at, each.start);
    if (each.end <= start) continue; // two notes in one place
    out.push(file.slice(at, start), new Uint8Array(each.end - start));
    at = each.end;
  }
  return new Blob([...out, file.slice(at)], { type: file.type });
}
