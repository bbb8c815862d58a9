// Films and sounds in WebM and Matroska (RFC 9559) as they are sent: without titles (of chapters too), dates, programs, tags and attachments. The same
// rules as natively (src/cli/webm.h): what goes becomes emptiness of the same size, so that nothing in the file moves.

import { FileWindow } from './file_window';
import { requireMedia } from './require_media';

const kEbml = 0x1a45dfa3;
const kVoid = 0xec;
const kCrc32 = 0xbf;
const kSegment = 0x18538067;
const kSeekHead = 0x114d9b74;
const kSeek = 0x4dbb;
const kInfo = 0x1549a966;
const kTracks = 0x1654ae6b;
const kTrackEntry = 0xae;
const kCluster = 0x1f43b675;
const kTags = 0x1254c367;
const kAttachments = 0x1941a469;
const kChapters = 0x1043a770;
const kEdition = 0x45b9;
const kChapter = 0xb6;
/** What an edition or a chapter is called, and programs of a player; the times of chapters stay. */
const kOfChapters = [0x4520, 0x80, 0x5654, 0x6944];
/** Chapters within chapters; deeper ones go. */
const kChapterDepthMax = 8;
/** What muxed and wrote it: they have to be there, and are empty. */
const kApps = [0x4d80, 0x5741];
/** Titles, dates, names of files, numbers of films and the like. */
const kOfInfo = [0x7ba9, 0x4461, 0x73a4, 0x7384, 0x3cb923, 0x3c83ab, 0x3eb923, 0x3e83bb, 0x4444];
/** What a track is called, and its codec. */
const kOfTrack = [0x536e, 0x258688];
/** Where one of them begins, a Cluster of unknown length is over. */
const kOfSegment = [kSeekHead, kInfo, kTracks, kCluster, kTags, kAttachments, 0x1c53bb6b, kChapters, kSegment, kEbml];
const kElementsMax = 10_000_000;
const kSizeMax = 8;
const kSeekMax = 256;
const kZeros = new Uint8Array(1024 * 1024);

type Bytes = Uint8Array<ArrayBuffer>;

interface Element {
  id: number;
  offset: number;
  body: number;
  /** Infinity: as far as it goes. */
  end: number;
}

/** What to send of such a film; null: it is none, and goes as it is. Fails with engine_bad_media: its elements are broken. */
export async function webmToSend(file: Blob): Promise<Blob | null> {
  const magic = new DataView(await file.slice(0, 4).arrayBuffer());
  if (magic.byteLength < 4 || magic.getUint32(0) !== kEbml) return null;
  const film = new WebM(file);
  await film.look();
  return new Blob(film.pieces, { type: file.type });
}

// Bytes that a number of variable size takes, by its first one (RFC 8794 §4.1); more than eight: none.
const widthOf = (first: number) => Math.clz32(first) - 23;

// An emptiness that takes `size` bytes with its head; `head` bytes were the head of what was there.
function voidHead(size: number, head: number): Bytes {
  const width = Math.min(kSizeMax, head - 1);
  const out = new Uint8Array(1 + width);
  out[0] = kVoid;
  let body = size - 1 - width;
  for (let i = width; i > 0; --i) {
    out[i] = body % 256;
    body = Math.floor(body / 256);
  }
  out[1] = (out[1] ?? 0) | (0x80 >> (width - 1));
  return out;
}

class WebM {
  readonly pieces: BlobPart[] = [];
  private readonly window: FileWindow;
  private count = 0;
  private depth = 0; // of chapters

  constructor(private readonly file: Blob) {
    this.window = new FileWindow(file);
  }

  async look(): Promise<void> {
    let hasSegment = false;
    for (let at = 0; at < this.file.size; ) {
      const element = await this.elementAt(at, Infinity);
      if (element.id === kSegment) {
        hasSegment = true;
        this.keep(element.offset, element.body);
        at = await this.walk(element);
        continue;
      }
      requireMedia(element.end !== Infinity && (element.id === kEbml || element.id === kVoid));
      if (element.id === kVoid) this.empty(element);
      else this.keep(element.offset, element.end);
      at = element.end;
    }
    requireMedia(hasSegment);
  }

  private async elementAt(at: number, end: number): Promise<Element> {
    requireMedia(++this.count < kElementsMax);
    const head = await this.window.read(at, 12);
    const width = widthOf(head[0] ?? 0);
    requireMedia(width <= 4 && head.length > width);
    const first = head[width] ?? 0;
    const wide = widthOf(first);
    requireMedia(wide <= kSizeMax && head.length >= width + wide);
    let id = 0;
    for (const byte of head.subarray(0, width)) id = id * 256 + byte;
    const most = 0xff >> wide;
    let size = first & most;
    let ones = size === most;
    for (const byte of head.subarray(width + 1, width + wide)) {
      size = size * 256 + byte;
      ones &&= byte === 0xff;
    }
    const body = at + width + wide;
    if (ones) return { id, offset: at, body, end: Infinity };
    requireMedia(body + size <= end && this.window.hasUpTo(body + size));
    return { id, offset: at, body, end: body + size };
  }

  // What stands in one of these; where it ends.
  private async walk(outer: Element): Promise<number> {
    let at = outer.body;
    while (at < outer.end) {
      if (outer.end === Infinity && at >= this.file.size) return at;
      const inner = await this.elementAt(at, outer.end);
      // A Segment without a length ends where the next file begins.
      if (outer.end === Infinity && (inner.id === kEbml || inner.id === kSegment)) return at;
      at = await this.take(outer, inner);
    }
    return at;
  }

  private async take(outer: Element, inner: Element): Promise<number> {
    if (inner.end === Infinity) {
      requireMedia(outer.id === kSegment && inner.id === kCluster);
      return this.cluster(inner, outer.end);
    }
    const goesIn =
      (outer.id === kSegment && [kInfo, kTracks, kSeekHead].includes(inner.id)) || (outer.id === kTracks && inner.id === kTrackEntry);
    if (goesIn) {
      this.keep(inner.offset, inner.body);
      return this.walk(inner);
    }
    if (isOfChapters(outer.id, inner.id) && this.depth < kChapterDepthMax) {
      this.keep(inner.offset, inner.body);
      ++this.depth;
      const end = await this.walk(inner);
      --this.depth;
      return end;
    }
    // A checksum would be that of what was there; what is empty may have what was there before.
    if (inner.id === kVoid || inner.id === kCrc32 || isNote(outer.id, inner.id) || (await this.leadsToNote(inner))) {
      this.empty(inner);
    } else if (outer.id === kInfo && kApps.includes(inner.id)) {
      this.keep(inner.offset, inner.body);
      this.blank(inner.end - inner.body);
    } else {
      this.keep(inner.offset, inner.end);
    }
    return inner.end;
  }

  // Where tags were, there is nothing to be found any more.
  private async leadsToNote(seek: Element): Promise<boolean> {
    if (seek.id !== kSeek) return false;
    requireMedia(seek.end - seek.body <= kSeekMax);
    const body = (await this.window.read(seek.body, seek.end - seek.body)).slice();
    const view = new DataView(body.buffer);
    for (let at = 0; at + 4 <= body.length; ++at) {
      if ([kTags, kAttachments].includes(view.getUint32(at))) return true;
    }
    return false;
  }

  // A Cluster without a length, as what is recorded in a browser has it.
  private async cluster(outer: Element, end: number): Promise<number> {
    let at = outer.body;
    while (at < end && at < this.file.size) {
      const inner = await this.elementAt(at, end);
      if (kOfSegment.includes(inner.id)) break;
      requireMedia(inner.end !== Infinity);
      at = inner.end;
    }
    this.keep(outer.offset, at);
    return at;
  }

  private keep(from: number, to: number): void {
    if (from < to) this.pieces.push(this.file.slice(from, to));
  }

  private blank(size: number): void {
    for (let left = size; left > 0; left -= kZeros.length) this.pieces.push(kZeros.subarray(0, Math.min(left, kZeros.length)));
  }

  private empty(element: Element): void {
    const head = voidHead(element.end - element.offset, element.body - element.offset);
    this.pieces.push(head);
    this.blank(element.end - element.offset - head.length);
  }
}

function isOfChapters(outer: number, inner: number): boolean {
  return (
    (outer === kSegment && inner === kChapters) ||
    (outer === kChapters && inner === kEdition) ||
    ([kEdition, kChapter].includes(outer) && inner === kChapter)
  );
}

function isNote(outer: number, id: number): boolean {
  return (
    (outer === kSegment && (id === kTags || id === kAttachments)) ||
    (outer === kChapter && id === kChapter) || // too deep
    ([kEdition, kChapter].includes(outer) && kOfChapters.includes(id)) ||
    (outer === kInfo && kOfInfo.includes(id)) ||
    (outer === kTrackEntry && kOfTrack.includes(id))
  );
}
