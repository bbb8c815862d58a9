// Pictures as they are sent: without what cameras and programs write beside the picture itself. The same rules as natively
// (src/cli/picture.h, which knows WebP too): JPEG (ITU-T T.81) and PNG (W3C PNG, 3rd edition) by their first bytes; nothing is decoded, pieces of the
// file are left out.

import { requireMedia } from './require_media';

// What is larger and calls itself a picture is none that anybody took.
const kPictureBytesMax = 256 * 1024 * 1024;
const kPartsMax = 100_000;

const kSoi = 0xd8;
const kEoi = 0xd9;
const kSos = 0xda;
const kApp0 = 0xe0;
const kApp1 = 0xe1;
const kApp2 = 0xe2;
const kApp14 = 0xee;
const kApp15 = 0xef;
const kComment = 0xfe;
/** A JFIF header without a small picture in it, which may show what was cut away. */
const kJfifSize = 14;
const kPngMagic = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Without these a PNG looks otherwise, or does not move. */
const kPngKept = 'tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD pHYs acTL fcTL fdAT'.split(' ');

type Bytes = Uint8Array<ArrayBuffer>;

/** What to send of a file; null: as it is. Fails with engine_bad_media: it begins as a picture and is broken. */
export async function pictureToSend(file: Blob): Promise<Blob | null> {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  const isPng = kPngMagic.every((byte, at) => head[at] === byte);
  const isJpeg = head[0] === 0xff && head[1] === kSoi && head[2] === 0xff;
  if (!isPng && !isJpeg) return null;
  requireMedia(file.size <= kPictureBytesMax);
  const bytes = new Uint8Array(await file.arrayBuffer());
  return new Blob(isPng ? png(bytes) : jpeg(bytes), { type: file.type });
}

function ascii(bytes: Bytes, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

// ---- JPEG -------------------------------------------------------------------------------------------------------------

function isRestart(marker: number): boolean {
  return marker >= 0xd0 && marker <= 0xd7;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

// JFIF, colours, and how Adobe has turned them: without these the picture looks otherwise.
function isKept(marker: number, body: Bytes): boolean {
  if (marker === kComment) return false;
  if (marker < kApp0 || marker > kApp15) return true;
  if (marker === kApp0) return ascii(body, 0, 5) === 'JFIF\0' && body.length === kJfifSize;
  if (marker === kApp2) return ascii(body, 0, 12) === 'ICC_PROFILE\0';
  return marker === kApp14 && ascii(body, 0, 5) === 'Adobe';
}

// The tag Orientation (Exif 2.32 §4.6.4) of the first directory; 0: none.
function orientationIn(body: Bytes): number {
  if (ascii(body, 0, 6) !== 'Exif\0\0' || body.length < 14) return 0;
  const tiff = new DataView(body.buffer, body.byteOffset + 6, body.length - 6);
  const little = tiff.getUint8(0) === 0x49;
  const directory = tiff.getUint32(4, little);
  if (directory > tiff.byteLength - 2) return 0;
  const count = tiff.getUint16(directory, little);
  for (let i = 0; i < count; ++i) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.byteLength) return 0;
    if (tiff.getUint16(entry, little) !== 0x0112) continue;
    const value = tiff.getUint16(entry + 8, little);
    return value >= 1 && value <= 8 ? value : 0;
  }
  return 0;
}

// SOI, and an Exif that says which way is up and nothing else.
function jpegHead(orientation: number): Bytes {
  if (orientation <= 1) return new Uint8Array([0xff, kSoi]);
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0];
  return new Uint8Array([0xff, kSoi, 0xff, kApp1, 0, 34, ...exif, 0, 0, 0, 0]);
}

// Where the entropy-coded bytes of a scan end: at the next marker that is not one of theirs.
function scanEnd(bytes: Bytes, start: number): number {
  for (let at = start; at + 1 < bytes.length; ++at) {
    const next = bytes[at + 1]!;
    if (bytes[at] === 0xff && next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  return bytes.length;
}

function jpeg(bytes: Bytes): Bytes[] {
  const out: Bytes[] = [];
  let orientation = 0;
  let scanned = false;
  let framed = false;
  let at = 2;
  for (let parts = 0; ; ++parts) {
    requireMedia(parts < kPartsMax);
    if (scanned && at >= bytes.length) break; // cut off: what is there can be shown
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) ++at; // B.1.1.2: any number of them
    const marker = bytes[at + 1];
    requireMedia(bytes[at] === 0xff && marker !== undefined && marker !== 0);
    if (marker === kEoi) {
      out.push(bytes.subarray(at, at + 2));
      break; // whatever follows is not this picture
    }
    requireMedia(marker !== kSoi && !isRestart(marker) && at + 4 <= bytes.length);
    const size = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const end = at + 2 + size;
    requireMedia(size >= 2 && end <= bytes.length);
    const body = bytes.subarray(at + 4, end);
    if (marker === kApp1 && orientation === 0) orientation = orientationIn(body);
    framed ||= isFrame(marker);
    const partEnd = marker === kSos ? scanEnd(bytes, end) : end;
    scanned ||= marker === kSos;
    if (isKept(marker, body)) out.push(bytes.subarray(at, partEnd));
    at = partEnd;
  }
  requireMedia(scanned && framed);
  return [jpegHead(orientation), ...out];
}

// ---- PNG --------------------------------------------------------------------------------------------------------------

function png(bytes: Bytes): Bytes[] {
  const view = new DataView(bytes.buffer);
  const out = [bytes.subarray(0, kPngMagic.length)];
  let at = kPngMagic.length;
  for (let parts = 0; ; ++parts) {
    requireMedia(parts < kPartsMax && at + 12 <= bytes.length);
    const type = ascii(bytes, at + 4, 4);
    const size = view.getUint32(at) + 12;
    requireMedia((parts === 0) === (type === 'IHDR') && at + size <= bytes.length);
    const critical = type[0]! >= 'A' && type[0]! <= 'Z';
    if (critical || kPngKept.includes(type)) out.push(bytes.subarray(at, at + size));
    at += size;
    if (type === 'IEND') return out; // whatever follows is not this picture
  }
}
