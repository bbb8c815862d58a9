// Zip files, read by slices: the directory at the end, then one entry at a time. Which entries are wanted, and how much they may unpack
// into, others decide (src/imports/zip_contents.h). Source: APPNOTE.TXT 6.3.10 of PKWARE.

import { FileWindow } from './file_window';
import { HostFailure } from './host_failure';

type Bytes = Uint8Array<ArrayBuffer>;

export interface ZipEntry {
  name: string;
  /** Bytes outside the file, and in it. */
  size: number;
  packed: number;
  crc: number;
  method: number;
  encrypted: boolean;
  /** Where its head lies. */
  at: number;
}

const kEnd = 0x06054b50;
const kEndSize = 22;
const kCommentMax = 0xffff;
const kEnd64Place = 0x07064b50;
const kEnd64PlaceSize = 20;
const kEnd64 = 0x06064b50;
const kEnd64Size = 56;
const kCentral = 0x02014b50;
const kCentralSize = 46;
const kLocal = 0x04034b50;
const kLocalSize = 30;
const kOf64 = 1; // among what stands extra
const kMany32 = 0xffff_ffff;
const kMany16 = 0xffff;
const kStored = 0;
const kDeflated = 8;
const kUtf8 = 1 << 11;

const kDamaged = 'imports_zip_damaged';

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function damaged(): HostFailure {
  return new HostFailure(kDamaged);
}

/** True if it begins as a zip file does. */
export async function isZip(file: Blob): Promise<boolean> {
  const head = viewOf(await bytesOf(file.slice(0, 4)));
  return head.byteLength === 4 && head.getUint32(0, true) === kLocal;
}

/** Gives the entries in their order to `take` until it says false. Fails with imports_zip_damaged, browser_file_gone. */
export async function readDirectory(file: Blob, take: (entry: ZipEntry) => boolean): Promise<void> {
  const { entries, at: begin } = await findDirectory(file);
  const window = new FileWindow(file);
  const read = async (from: number, size: number) => {
    const bytes = await failing(window.read(from, size));
    if (bytes.length !== size) throw damaged();
    return bytes;
  };
  let at = begin;
  for (let index = 0; index < entries; index++) {
    const head = viewOf(await read(at, kCentralSize));
    if (head.getUint32(0, true) !== kCentral) throw damaged();
    const fixed = readFixed(head);
    const rest = await read(at + kCentralSize, fixed.nameSize + fixed.extraSize);
    const entry = { ...fixed.entry, name: nameOf(rest.subarray(0, fixed.nameSize), fixed.utf8) };
    takeSizes64(entry, rest.subarray(fixed.nameSize));
    if (!take(entry)) return;
    at += kCentralSize + fixed.nameSize + fixed.extraSize + fixed.commentSize;
  }
}

function readFixed(head: DataView) {
  const flags = head.getUint16(8, true);
  return {
    entry: {
      method: head.getUint16(10, true),
      crc: head.getUint32(16, true),
      packed: head.getUint32(20, true),
      size: head.getUint32(24, true),
      at: head.getUint32(42, true),
      encrypted: (flags & 1) !== 0,
    },
    utf8: (flags & kUtf8) !== 0,
    nameSize: head.getUint16(28, true),
    extraSize: head.getUint16(30, true),
    commentSize: head.getUint16(32, true),
  };
}

// What has no room in 32 bits stands there in this order, and nothing else of it.
function takeSizes64(entry: ZipEntry, extra: Bytes): void {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length; ) {
    const [kind, size] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    const end = at + 4 + size;
    if (end > extra.length) throw damaged();
    if (kind === kOf64) {
      let from = at + 4;
      for (const field of ['size', 'packed', 'at'] as const) {
        if (entry[field] !== kMany32) continue;
        if (from + 8 > end) throw damaged();
        entry[field] = Number(view.getBigUint64(from, true));
        from += 8;
      }
    }
    at = end;
  }
}

async function findDirectory(file: Blob): Promise<{ entries: number; at: number }> {
  const size = Math.min(file.size, kEndSize + kCommentMax);
  const tail = await bytesOf(file.slice(file.size - size));
  const view = viewOf(tail);
  const at = findEnd(view);
  const entries = view.getUint16(at + 10, true);
  const begin = view.getUint32(at + 16, true);
  if (entries !== kMany16 && begin !== kMany32) return { entries, at: begin };
  return findDirectory64(file, file.size - size + at - kEnd64PlaceSize);
}

// The last one whose comment ends with the file; else, since something may have been added to it, the last one whose comment is in it.
function findEnd(view: DataView): number {
  let inside = -1;
  for (let at = view.byteLength - kEndSize; at >= 0; at--) {
    if (view.getUint32(at, true) !== kEnd) continue;
    const end = at + kEndSize + view.getUint16(at + 20, true);
    if (end === view.byteLength) return at;
    if (inside < 0 && end < view.byteLength) inside = at;
  }
  if (inside < 0) throw damaged();
  return inside;
}

async function findDirectory64(file: Blob, at: number): Promise<{ entries: number; at: number }> {
  if (at < 0) throw damaged();
  const place = viewOf(await bytesOf(file.slice(at, at + kEnd64PlaceSize)));
  if (place.getUint32(0, true) !== kEnd64Place) throw damaged();
  const from = Number(place.getBigUint64(8, true));
  const end = viewOf(await bytesOf(file.slice(from, from + kEnd64Size)));
  if (end.byteLength !== kEnd64Size || end.getUint32(0, true) !== kEnd64) throw damaged();
  return { entries: Number(end.getBigUint64(32, true)), at: Number(end.getBigUint64(48, true)) };
}

/** The second half of code page 437, in which names are written that are not UTF-8. */
const k437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

// Many write UTF-8 and do not say so.
function nameOf(bytes: Bytes, utf8: boolean): string {
  try {
    return new TextDecoder('utf-8', { fatal: !utf8, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : k437[byte - 128]!)).join('');
  }
}

/** One file from its beginning. */
export class PieceReader {
  private waiting: Bytes = new Uint8Array(0);
  private readonly reader: ReadableStreamDefaultReader<Bytes>;

  /** `onClose`: nobody reads it any more. */
  constructor(
    stream: ReadableStream<Bytes>,
    private readonly onClose: () => void = () => undefined,
  ) {
    this.reader = stream.getReader();
  }

  /** The next bytes, `most` of them; empty at the end. */
  async read(most: number): Promise<Bytes> {
    while (this.waiting.length === 0) {
      const { done, value } = await this.reader.read();
      if (done) return new Uint8Array(0);
      this.waiting = value;
    }
    const piece = this.waiting.subarray(0, most);
    this.waiting = this.waiting.subarray(most);
    return piece;
  }

  close(): void {
    void this.reader.cancel().catch(() => undefined);
    this.onClose();
  }
}

/** A file as it is. Fails with browser_file_gone. */
export function wholeFile(file: Blob): PieceReader {
  return new PieceReader(telling(file.stream(), 'browser_file_gone'));
}

/**
 * An entry unpacked. Fails with imports_zip_damaged; with imports_zip_bomb, before more than its size has come, if it is larger than the
 * directory says.
 */
export async function unpack(file: Blob, entry: ZipEntry): Promise<PieceReader> {
  const head = viewOf(await bytesOf(file.slice(entry.at, entry.at + kLocalSize)));
  const known = entry.method === kStored || entry.method === kDeflated;
  if (!known || entry.encrypted || head.byteLength !== kLocalSize || head.getUint32(0, true) !== kLocal) throw damaged();
  const from = entry.at + kLocalSize + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = file.slice(from, from + entry.packed);
  if (packed.size !== entry.packed) throw damaged();
  const stream = packed.stream() as ReadableStream<Bytes>;
  const plain = entry.method === kStored ? stream : stream.pipeThrough(new DecompressionStream('deflate-raw') as ReadableWritablePair<Bytes, Bytes>);
  return new PieceReader(telling(plain, kDamaged).pipeThrough(checked(entry)));
}

function checked({ size, crc }: ZipEntry): TransformStream<Bytes, Bytes> {
  let [total, sum] = [0, 0xffff_ffff];
  return new TransformStream({
    transform(bytes, controller) {
      total += bytes.length;
      if (total > size) throw new HostFailure('imports_zip_bomb');
      sum = crc32(sum, bytes);
      controller.enqueue(bytes);
    },
    flush() {
      if (total !== size || (sum ^ 0xffff_ffff) >>> 0 !== crc) throw damaged();
    },
  });
}

const kCrcs = Uint32Array.from({ length: 256 }, (_, byte) => {
  let out = byte;
  for (let bit = 0; bit < 8; bit++) out = out & 1 ? (out >>> 1) ^ 0xedb8_8320 : out >>> 1;
  return out >>> 0;
});

function crc32(sum: number, bytes: Bytes): number {
  for (let at = 0; at < bytes.length; at++) sum = kCrcs[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
  return sum;
}

// What a stream fails with has no name of ours.
function telling(stream: ReadableStream<Bytes>, error: string): ReadableStream<Bytes> {
  const reader = stream.getReader();
  return new ReadableStream<Bytes>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch {
        controller.error(new HostFailure(error));
      }
    },
    cancel: () => reader.cancel(),
  });
}

async function failing<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch {
    throw new HostFailure('browser_file_gone');
  }
}

async function bytesOf(blob: Blob): Promise<Bytes> {
  return new Uint8Array(await failing(blob.arrayBuffer()));
}
