// What a picture says of itself in its first bytes. It is read before anything decodes it: a file of a few bytes can claim a size
// that would fill the memory (a "bomb"). What is not known here is not shown, but offered to be saved.

export interface PictureHeader {
  mime: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp';
  /** As it is seen: of a photo that stands upright by what the camera wrote, upright. */
  width: number;
  height: number;
}

/** No camera makes more; a phone decodes this much. */
export const kPixelsMax = 64_000_000;
export const kSideMax = 20_000;
/** So much of a file is read to find its header. */
export const kHeaderBytes = 256 * 1024;

export function isDecodable(header: PictureHeader): boolean {
  const { width, height } = header;
  return width > 0 && height > 0 && width <= kSideMax && height <= kSideMax && width * height <= kPixelsMax;
}

export function ascii(view: DataView, at: number, length: number): string {
  let text = '';
  for (let index = at; index < at + length && index < view.byteLength; index++) text += String.fromCharCode(view.getUint8(index));
  return text;
}

function png(view: DataView): PictureHeader | null {
  if (view.byteLength < 24 || view.getUint32(0) !== 0x89504e47 || ascii(view, 12, 4) !== 'IHDR') return null;
  return { mime: 'image/png', width: view.getUint32(16), height: view.getUint32(20) };
}

// The screen is what it says of the whole, but a browser decodes its first frame, which may be larger.
function gif(view: DataView): PictureHeader | null {
  if (view.byteLength < 13 || !/^GIF8[79]a$/.test(ascii(view, 0, 6))) return null;
  const frame = firstFrameOfGif(view);
  if (frame < 0 || frame + 10 > view.byteLength) return null;
  const side = (at: number) => view.getUint16(at, true);
  const width = Math.max(side(6), side(frame + 1) + side(frame + 5));
  const height = Math.max(side(8), side(frame + 3) + side(frame + 7));
  return { mime: 'image/gif', width, height };
}

/** Where the first frame is described; less than 0: not in these bytes. */
function firstFrameOfGif(view: DataView): number {
  const table = view.getUint8(10);
  for (let at = 13 + (table & 0x80 ? 3 * 2 ** ((table & 7) + 1) : 0); at + 2 < view.byteLength; ) {
    if (view.getUint8(at) === 0x2c) return at;
    if (view.getUint8(at) !== 0x21) return -1;
    // An extension: its label, then pieces that say how long they are, until an empty one.
    for (at += 2; at < view.byteLength && view.getUint8(at) !== 0; ) at += 1 + view.getUint8(at);
    at++;
  }
  return -1;
}

function webp(view: DataView): PictureHeader | null {
  if (view.byteLength < 30 || ascii(view, 0, 4) !== 'RIFF' || ascii(view, 8, 4) !== 'WEBP') return null;
  const mime = 'image/webp';
  switch (ascii(view, 12, 4)) {
    case 'VP8 ':
    case 'VP8L':
      return { mime, ...sizeInWebp(view, 12)! };
    case 'VP8X':
      return { mime, width: three(view, 24) + 1, height: three(view, 27) + 1 };
    default:
      return null;
  }
}

/** A number of three bytes, as WebP has them. */
export function three(view: DataView, at: number): number {
  return view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
}

/** The size that a chunk of WebP has which is decoded (VP8 or VP8L) and of which at least 18 bytes are there; null: it is another one. */
export function sizeInWebp(view: DataView, at: number): { width: number; height: number } | null {
  if (ascii(view, at, 4) === 'VP8 ') return { width: view.getUint16(at + 14, true) & 0x3fff, height: view.getUint16(at + 16, true) & 0x3fff };
  if (ascii(view, at, 4) !== 'VP8L') return null;
  const bits = view.getUint32(at + 9, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

// Segments follow each other until the one that begins a frame.
function jpeg(view: DataView): PictureHeader | null {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let lies: boolean | null = null;
  for (let at = 2; at + 9 < view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++;
      continue;
    }
    // These have no length: what stands behind them may be read in another way by whoever decodes it.
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9)) return null;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    const [high, wide] = [view.getUint16(at + 5), view.getUint16(at + 7)];
    if (isFrame) return { mime: 'image/jpeg', width: lies ? high : wide, height: lies ? wide : high };
    const length = view.getUint16(at + 2);
    if (length < 2) return null;
    if (marker === 0xe1) lies ??= liesOnItsSide(view, at + 4, Math.min(at + 2 + length, view.byteLength));
    at += 2 + length;
  }
  return null;
}

/** Whether the camera was held upright and says so (EXIF, tag Orientation); null: it says nothing of that. */
function liesOnItsSide(view: DataView, begin: number, end: number): boolean | null {
  const tiff = begin + 6;
  if (ascii(view, begin, 4) !== 'Exif' || tiff + 8 > end) return null;
  const little = view.getUint16(tiff) === 0x4949;
  const table = tiff + view.getUint32(tiff + 4, little);
  if (table + 2 > end) return null;
  const count = view.getUint16(table, little);
  for (let at = table + 2; at + 12 <= Math.min(end, table + 2 + count * 12); at += 12) {
    if (view.getUint16(at, little) !== 0x0112) continue;
    const turn = view.getUint16(at + 8, little);
    return turn >= 5 && turn <= 8;
  }
  return null;
}

/** The header of a picture; null if it is none that is known here. */
export function readPictureHeader(bytes: Uint8Array): PictureHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return png(view) ?? jpeg(view) ?? gif(view) ?? webp(view);
}

export async function headerOf(blob: Blob): Promise<PictureHeader | null> {
  return readPictureHeader(new Uint8Array(await blob.slice(0, kHeaderBytes).arrayBuffer()));
}
