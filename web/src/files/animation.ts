// Pictures that move, GIF and WebP. A browser that is given a whole one decodes what it likes of it, so all of its frames are read
// first: how many they are, and that none is larger than the picture says. What is not whole, or claims too much, stands still.

import { ascii, headerOf, isDecodable, sizeInWebp, three } from './picture_header';

/** A larger one is not shown moving. */
const kMovingBytesMax = 10 * 1024 * 1024;
/** Of all frames together: 400 MB if a browser held them all. */
const kMovingPixelsMax = 100_000_000;
const kFramesMax = 2000;
/** So much is read to see whether it moves at all. */
const kLookBytes = 64 * 1024;

export interface Animation {
  frames: number;
  width: number;
  height: number;
}

/** Past the pieces that say how long they are, and the empty one that ends them; less than 0: they do not end. */
function afterPieces(view: DataView, at: number): number {
  while (at < view.byteLength && view.getUint8(at) !== 0) at += 1 + view.getUint8(at);
  return at < view.byteLength ? at + 1 : -1;
}

const tableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

function gif(view: DataView): Animation | null {
  if (view.byteLength < 14 || !/^GIF8[79]a$/.test(ascii(view, 0, 6))) return null;
  const side = (at: number) => view.getUint16(at, true);
  const [width, height] = [side(6), side(8)];
  let frames = 0;
  for (let at = 13 + tableBytes(view.getUint8(10)); at >= 0 && at < view.byteLength; ) {
    const kind = view.getUint8(at);
    if (kind === 0x3b) return { frames, width, height };
    if (kind === 0x21) {
      at = afterPieces(view, at + 2);
    } else if (kind === 0x2c && at + 11 <= view.byteLength) {
      const [x, y, wide, high] = [side(at + 1), side(at + 3), side(at + 5), side(at + 7)];
      if (wide === 0 || high === 0 || x + wide > width || y + high > height || ++frames > kFramesMax) return null;
      at = afterPieces(view, at + 11 + tableBytes(view.getUint8(at + 9)));
    } else {
      return null;
    }
  }
  return null;
}

interface Chunk {
  kind: string;
  /** Where it stands, its 8 bytes of kind and size included. */
  at: number;
  end: number;
}

/** The chunks of a RIFF file between two places; null: they are not whole. */
function chunksIn(view: DataView, begin: number, end: number): Chunk[] | null {
  const all: Chunk[] = [];
  for (let at = begin; at < end; ) {
    if (at + 8 > end) return null;
    const size = view.getUint32(at + 4, true);
    const next = at + 8 + size + (size & 1);
    if (next > end || all.length > 3 * kFramesMax) return null;
    all.push({ kind: ascii(view, at, 4), at, end: next });
    at = next;
  }
  return all;
}

/** The chunks of a WebP that is whole and of the extended kind, of which alone one can move. */
function chunksOfWebp(view: DataView): Chunk[] | null {
  if (view.byteLength < 30 || ascii(view, 0, 4) !== 'RIFF' || ascii(view, 8, 8) !== 'WEBPVP8X') return null;
  const end = view.getUint32(4, true) + 8;
  return end > view.byteLength ? null : chunksIn(view, 12, end);
}

/** A frame of a WebP is what it says, and lies within the picture. */
function isFrameWithin(view: DataView, { at, end }: Chunk, width: number, height: number): boolean {
  const begin = at + 8;
  if (end - begin < 16 + 18) return false;
  const [x, y, wide, high] = [three(view, begin) * 2, three(view, begin + 3) * 2, three(view, begin + 6) + 1, three(view, begin + 9) + 1];
  if (x + wide > width || y + high > height) return false;
  const inner = chunksIn(view, begin + 16, end - ((end - begin) & 1)) ?? [];
  const sizes = inner.flatMap((each) => (each.end - each.at >= 18 ? (sizeInWebp(view, each.at) ?? []) : []));
  return sizes.length === 1 && sizes[0]!.width === wide && sizes[0]!.height === high;
}

function webp(view: DataView): Animation | null {
  const chunks = chunksOfWebp(view);
  if (!chunks || !(view.getUint8(20) & 0x02) || chunks.filter((each) => each.kind === 'VP8X').length !== 1) return null;
  const [width, height] = [three(view, 24) + 1, three(view, 27) + 1];
  const frames = chunks.filter((each) => each.kind === 'ANMF');
  if (frames.length > kFramesMax || !frames.every((each) => isFrameWithin(view, each, width, height))) return null;
  return { frames: frames.length, width, height };
}

/** What a whole GIF or WebP shows one after the other; null: it is none, or not one that could be believed. */
export function readAnimation(bytes: Uint8Array): Animation | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return gif(view) ?? webp(view);
}

/** True: its frames may be given to the browser all at once. */
export function isMoving({ frames, width, height }: Animation): boolean {
  return frames > 1 && frames * width * height <= kMovingPixelsMax;
}

/** A picture that moves, of the kind that it is, for an <img>; null: it stands still, or is not to be shown otherwise. */
export async function movingOf(blob: Blob): Promise<Blob | null> {
  if (blob.size > kMovingBytesMax) return null;
  const header = await headerOf(blob);
  if (!header || !isDecodable(header) || (header.mime !== 'image/gif' && header.mime !== 'image/webp')) return null;
  const animation = readAnimation(new Uint8Array(await blob.arrayBuffer()));
  return animation && isMoving(animation) ? new Blob([blob], { type: header.mime }) : null;
}

/** Whether a picture says that it moves, which it would not any more if it were drawn anew: a WebP, or a PNG with an `acTL`. */
export async function hasMotion(blob: Blob): Promise<boolean> {
  const bytes = new Uint8Array(await blob.slice(0, kLookBytes).arrayBuffer());
  const view = new DataView(bytes.buffer);
  if (ascii(view, 8, 8) === 'WEBPVP8X') return view.byteLength > 20 && (view.getUint8(20) & 0x02) !== 0;
  if (ascii(view, 1, 3) !== 'PNG') return false;
  for (let at = 8; at + 8 <= view.byteLength; at += 12 + view.getUint32(at)) {
    const kind = ascii(view, at + 4, 4);
    if (kind === 'acTL') return true;
    if (kind === 'IDAT') return false;
  }
  return false;
}

/** A WebP of the extended kind without the chunks that hold what a camera or a program wrote (EXIF, XMP and those that nobody knows), and
 * without what follows it. Null: it is not whole. */
export function webpWithoutNotes(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kept = chunksOfWebp(view)?.filter((each) => ['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ANIM', 'ANMF', 'ICCP'].includes(each.kind));
  if (!kept) return null;
  const size = kept.reduce((sum, each) => sum + each.end - each.at, 12);
  const out = new Uint8Array(size);
  out.set(bytes.subarray(0, 12));
  let to = 12;
  for (const { at, end } of kept) {
    out.set(bytes.subarray(at, end), to);
    to += end - at;
  }
  new DataView(out.buffer).setUint32(4, size - 8, true);
  out[20]! &= ~0x0c; // that there are such notes
  return out;
}
