// Sounds in Ogg (RFC 3533) as they are sent: without their comments and covers. The same rules as natively (src/cli/ogg.h): each
// comment becomes an empty one of the same size, what it stood in gets its checksum anew, and no page moves.

import { FileWindow } from './file_window';
import { requireMedia } from './require_media';

const kHead = 27;
const kSegmentsMax = 255;
const kSerialAt = 14;
const kCheckAt = 22;
const kBegins = 2;
const kPagesMax = 10_000_000;
const kCommentsMax = 64 * 1024 * 1024;
const kStreamsMax = 64;
/** Of FLAC (RFC 9639 §8): blocks that say nothing, programs' own, comments, pictures. */
const kPadding = 1;
const kApplication = 2;
const kComments = 4;
const kPicture = 6;

type Bytes = Uint8Array<ArrayBuffer>;
type Empty = (packet: Bytes) => Bytes;

interface Part {
  page: Bytes;
  at: number;
  size: number;
}
interface Stream {
  /** Null: its first packet is to come. */
  empty: Empty | null;
  flac: boolean;
  /** Nothing more of it is changed. */
  over: boolean;
  parts: Part[];
}

/** What to send of such a file; null: it is none, and goes as it is. Fails with engine_bad_media: its pages are broken. */
export async function oggToSend(file: Blob): Promise<Blob | null> {
  if ((await file.slice(0, 4).text()) !== 'OggS') return null;
  const ogg = new Ogg(file);
  await ogg.look();
  return new Blob(ogg.pieces, { type: file.type });
}

const startsWith = (bytes: Bytes, text: string) => [...text].every((each, i) => bytes[i] === each.charCodeAt(0));

function checksum(page: Bytes): number {
  let out = 0;
  for (const byte of page) {
    out ^= byte << 24;
    for (let i = 0; i < 8; ++i) out = (out << 1) ^ (out < 0 ? 0x04c11db7 : 0);
  }
  return out;
}

function checkAnew(page: Bytes): void {
  const view = new DataView(page.buffer, page.byteOffset);
  view.setUint32(kCheckAt, 0);
  view.setInt32(kCheckAt, checksum(page), true);
}

// Comments (Vorbis I §5.2) of the same size that say nothing: the maker is so many blanks, and there is no comment.
const emptyComments =
  (magic: string, framed: boolean, magicSize = magic.length): Empty =>
  (packet) => {
    const around = magicSize + 8 + (framed ? 1 : 0);
    requireMedia(packet.length >= around && startsWith(packet, magic));
    const out = packet.slice();
    out.fill(0x20, magicSize);
    const view = new DataView(out.buffer);
    view.setUint32(magicSize, packet.length - around, true);
    view.setUint32(packet.length - 4 - (framed ? 1 : 0), 0, true);
    if (framed) out[packet.length - 1] = 1;
    return out;
  };

const emptyBlock: Empty = (packet) => {
  const [head] = packet;
  requireMedia(packet.length >= 4 && head !== undefined);
  const type = head & 0x7f;
  if (type === kComments) return emptyComments('', false, 4)(packet);
  const out = packet.slice();
  if (type !== kApplication && type !== kPicture && type !== kPadding) return out;
  out.fill(0, 4);
  out[0] = (head & 0x80) | kPadding;
  return out;
};

/** What is in a stream, by its first packet. */
const kCodecs: [string, Empty][] = [
  ['OpusHead', emptyComments('OpusTags', false)],
  ['\x01vorbis', emptyComments('\x03vorbis', true)],
  ['\x80theora', emptyComments('\x81theora', false)],
  ['Speex   ', emptyComments('', false)],
  ['\x7fFLAC', emptyBlock],
];

class Ogg {
  readonly pieces: BlobPart[] = [];
  private readonly streams = new Map<number, Stream>();
  private readonly window: FileWindow;
  private held = 0;
  private kept = 0; // where the pages begin that stay as they are

  constructor(private readonly file: Blob) {
    this.window = new FileWindow(file);
  }

  async look(): Promise<void> {
    let at = 0;
    for (let pages = 0; at < this.file.size; ++pages) {
      requireMedia(pages < kPagesMax);
      at = await this.page(at);
    }
    for (const stream of this.streams.values()) requireMedia(stream.over);
    this.keepUpTo(at);
  }

  // One page; where the next one begins.
  private async page(at: number): Promise<number> {
    const head = await this.window.read(at, kHead + kSegmentsMax);
    requireMedia(head.length >= kHead && startsWith(head, 'OggS\0'));
    const segments = head[kHead - 1] ?? 0;
    requireMedia(head.length >= kHead + segments);
    const lacing = head.slice(kHead, kHead + segments);
    const end = lacing.reduce((sum, each) => sum + each, at + kHead + segments);
    requireMedia(this.window.hasUpTo(end));
    const serial = new DataView(head.buffer, head.byteOffset).getUint32(kSerialAt, true);
    if (((head[5] ?? 0) & kBegins) !== 0) this.begin(serial);
    const stream = this.streams.get(serial);
    requireMedia(stream !== undefined);
    if (!stream.over) await this.change(stream, at, end, lacing);
    return end;
  }

  private begin(serial: number): void {
    // A later one may have the same number: sounds are put one behind the other.
    const before = this.streams.get(serial);
    requireMedia(before?.over ?? this.streams.size < kStreamsMax);
    this.streams.set(serial, { empty: null, flac: false, over: false, parts: [] });
  }

  // A page in which there may be a part of what is changed.
  private async change(stream: Stream, at: number, end: number, lacing: Bytes): Promise<void> {
    this.held += end - at;
    requireMedia(this.held <= kCommentsMax);
    this.keepUpTo(at);
    this.kept = end;
    const page = (await this.window.read(at, end - at)).slice();
    this.pieces.push(page);
    let next = kHead + lacing.length;
    for (const size of lacing) {
      if (stream.over) return;
      stream.parts.push({ page, at: next, size });
      next += size;
      // A packet ends with a segment that is not full.
      if (size < kSegmentsMax) endPacket(stream);
    }
  }

  private keepUpTo(end: number): void {
    if (this.kept < end) this.pieces.push(this.file.slice(this.kept, end));
    this.kept = end;
  }
}

function endPacket(stream: Stream): void {
  const parts = stream.parts;
  stream.parts = [];
  const packet = new Uint8Array(parts.reduce((sum, each) => sum + each.size, 0));
  let done = 0;
  for (const { page, at, size } of parts) {
    packet.set(page.subarray(at, at + size), done);
    done += size;
  }
  if (stream.empty === null) {
    const codec = kCodecs.find(([magic]) => startsWith(packet, magic));
    stream.over = codec === undefined;
    stream.empty = codec?.[1] ?? null;
    stream.flac = stream.empty === emptyBlock;
    return;
  }
  const instead = stream.empty(packet);
  done = 0;
  for (const { page, at, size } of parts) {
    page.set(instead.subarray(done, done + size), at);
    done += size;
  }
  for (const page of new Set(parts.map((each) => each.page))) checkAnew(page);
  // FLAC has one packet for each block, and the last one says so.
  stream.over = !stream.flac || ((packet[0] ?? 0) & 0x80) !== 0;
}
