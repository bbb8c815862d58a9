// GIF as it is sent: without comments and what programs write beside the picture. The same rules as natively (src/cli/gif.h; GIF89a
// specification, CompuServe 1990).

import { requireMedia } from './require_media';

const kGifBytesMax = 256 * 1024 * 1024;
const kScreenEnd = 13;
const kImage = 0x2c;
const kExtension = 0x21;
const kTrailer = 0x3b;
const kComment = 0xfe;
const kApplication = 0xff;
/** How often it is shown, and its colours: without these it looks otherwise. */
const kKept = ['NETSCAPE2.0', 'ANIMEXTS1.0', 'ICCRGBG1012'];

type Bytes = Uint8Array<ArrayBuffer>;

/** What to send of a GIF; null: it is none, and goes as it is. Fails with engine_bad_media: its blocks are broken. */
export async function gifToSend(file: Blob): Promise<Blob | null> {
  const magic = await file.slice(0, 6).text();
  if (magic !== 'GIF87a' && magic !== 'GIF89a') return null;
  requireMedia(file.size <= kGifBytesMax);
  return new Blob(pieces(new Uint8Array(await file.arrayBuffer())), { type: file.type });
}

function byteAt(bytes: Bytes, at: number): number {
  const byte = bytes[at];
  requireMedia(byte !== undefined);
  return byte;
}

function tableSize(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 << ((flags & 0x07) + 1);
}

// Where the blocks of data that begin at `at` end.
function dataEnd(bytes: Bytes, at: number): number {
  for (;;) {
    const size = byteAt(bytes, at);
    at += 1 + size;
    if (size === 0) return at;
  }
}

function isKept(bytes: Bytes, at: number): boolean {
  const label = byteAt(bytes, at + 1);
  if (label !== kApplication || byteAt(bytes, at + 2) !== 11) return label !== kComment && label !== kApplication;
  return kKept.includes(String.fromCharCode(...bytes.subarray(at + 3, at + 14)));
}

function pieces(bytes: Bytes): Bytes[] {
  let at = kScreenEnd + tableSize(byteAt(bytes, 10));
  requireMedia(at <= bytes.length);
  const out = [bytes.subarray(0, at)];
  let hasImage = false;
  // One that is cut off, or without its end, as many are, can be shown; whatever follows its end is not this picture.
  while (at < bytes.length) {
    const introducer = byteAt(bytes, at);
    if (introducer === kTrailer) {
      out.push(bytes.subarray(at, at + 1));
      break;
    }
    requireMedia(introducer === kImage || introducer === kExtension);
    const image = introducer === kImage;
    const end = dataEnd(bytes, image ? at + 11 + tableSize(byteAt(bytes, at + 9)) : at + 2);
    if (image || isKept(bytes, at)) out.push(bytes.subarray(at, end));
    hasImage ||= image;
    at = end;
  }
  requireMedia(hasImage);
  return out;
}
