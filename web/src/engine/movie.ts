// Films as they are sent: without where, when and with what they were taken. The same rules as natively (src/cli/movie.h): MP4,
// MOV and M4A (ISO/IEC 14496-12, QuickTime); everything is overwritten in place, so no offset in the file changes. Only the heads
// of boxes are read.

import { requireMedia } from './require_media';

const kDepthMax = 8;
const kBoxesMax = 1_000_000;
const kZeros = new Uint8Array(1024 * 1024);
/** Those that are gone into. */
const kContainers = 'moov trak mdia minf moof traf'.split(' ');
/** Places, names, devices, covers, everybody's own; and what is free may hold what was there before. */
const kNotes = 'udta meta uuid prft loci Xtra free skip wide'.split(' ');
const kDated = 'mvhd tkhd mdhd'.split(' ');
/** Old films begin with any of these, and a text may do so by chance. */
const kUnsureFirst = 'moov wide mdat free skip'.split(' ');
/** A raw picture of Canon's lies in boxes too, and is found by its "uuid". Still pictures of other kinds are still.ts's. */
const kRaw = 'crx ';

interface Box {
  type: string;
  offset: number;
  body: number;
  end: number;
}

/** What to send of a film; null: it is none, and goes as it is. Fails with engine_bad_media: its boxes are broken. */
export async function movieToSend(file: Blob): Promise<Blob | null> {
  const first = await textAt(file, 4);
  const sure = first === 'ftyp';
  if (sure ? (await textAt(file, 8)) === kRaw : !kUnsureFirst.includes(first)) return null;
  const movie = new Movie(file);
  try {
    await movie.boxes(0, file.size, 0);
  } catch (error) {
    if (sure) throw error;
    return null;
  }
  return movie.isOne ? new Blob(movie.pieces, { type: file.type }) : null;
}

async function textAt(file: Blob, at: number): Promise<string> {
  return String.fromCharCode(...new Uint8Array(await file.slice(at, at + 4).arrayBuffer()));
}

class Movie {
  readonly pieces: BlobPart[] = [];
  isOne = false;
  private count = 0;

  constructor(private readonly file: Blob) {}

  async boxes(start: number, end: number, depth: number): Promise<void> {
    requireMedia(depth < kDepthMax);
    for (let at = start; at < end; ) {
      if (depth > 0 && end - at < 8) return this.blank(end - at); // QuickTime ends some lists with zeros
      const box = await this.boxAt(at, end, depth);
      this.isOne ||= depth === 0 && box.type === 'moov';
      await this.take(box, depth);
      at = box.end;
    }
  }

  private async boxAt(offset: number, end: number, depth: number): Promise<Box> {
    requireMedia(++this.count < kBoxesMax && end - offset >= 8);
    const head = new DataView(await this.file.slice(offset, Math.min(offset + 16, end)).arrayBuffer());
    const type = await textAt(this.file, offset + 4);
    let size = head.getUint32(0);
    let body = offset + 8;
    if (size === 1) {
      requireMedia(head.byteLength === 16);
      size = Number(head.getBigUint64(8));
      body = offset + 16;
    }
    if (size === 0) {
      requireMedia(depth === 0 && type === 'mdat');
      size = end - offset;
    }
    requireMedia(size >= body - offset && size <= end - offset);
    return { type, offset, body, end: offset + size };
  }

  private async take(box: Box, depth: number): Promise<void> {
    if (kContainers.includes(box.type)) {
      this.keep(box.offset, box.body);
      return this.boxes(box.body, box.end, depth + 1);
    }
    if (kNotes.includes(box.type)) {
      this.keep(box.offset, box.offset + 4);
      this.pieces.push('free');
      this.keep(box.offset + 8, box.body);
      return this.blank(box.end - box.body);
    }
    if (kDated.includes(box.type)) {
      const [version] = new Uint8Array(await this.file.slice(box.body, box.body + 1).arrayBuffer());
      requireMedia(version === 0 || version === 1);
      return this.keepAround(box, 4, version === 1 ? 16 : 8);
    }
    // Its name is the camera's or the program's.
    if (box.type === 'hdlr') return this.keepAround(box, 12, box.end - box.body - 12);
    this.keep(box.offset, box.end);
  }

  private keepAround(box: Box, from: number, size: number): void {
    requireMedia(size >= 0 && box.body + from + size <= box.end);
    this.keep(box.offset, box.body + from);
    this.blank(size);
    this.keep(box.body + from + size, box.end);
  }

  private keep(start: number, end: number): void {
    if (start < end) this.pieces.push(this.file.slice(start, end));
  }

  private blank(size: number): void {
    for (let left = size; left > 0; left -= kZeros.length) this.pieces.push(kZeros.subarray(0, Math.min(left, kZeros.length)));
  }
}
