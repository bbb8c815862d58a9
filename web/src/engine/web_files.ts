// Files on their way: what the page has handed over to be sent, so that a page that is loaded anew in the middle goes on, and what
// has come until the page drops it. They lie in IndexedDB in sealed pieces. (The page's own file system would be quicker, but is
// refused to a page that was opened from a file, and keeps everything in clear.)

import { completed, kFiles, kPieces, result } from './database';
import type { FilePiece, Files } from './host';
import { HostFailure } from './host_failure';
import { withoutNotes } from './without_notes';
import { openPiece, sealPiece, type SealedPiece } from './storage_key';

/** A source that begins so is sent as it is. */
const kAsIs = 'as-is:';
/** What was handed over this long ago is sent by now, or never. */
const kGivenMs = 14 * 86_400_000;
const kPieceSize = 256 * 1024;
/** So the pieces of what was handed over are called; others are of what comes. */
const kGiven = 'given ';
/** And those of files of chats that are only kept, which stay. */
const kMedia = 'media ';
const kMediaFolder = 'media/';

const kPartMissing = 'engine_part_missing';
const kGone = 'browser_file_gone';

/** One whole file, by its source or its path. */
interface Whole {
  pieces: string; // what its pieces are called
  name: string;
  size: number;
  at: number; // when it was handed over or came
}

export class WebFiles implements Files {
  private readonly given = new Map<string, Blob>();
  private readonly made = new Map<string, Blob>(); // by the path at which the page asks for it
  private readonly asSent = new Map<string, Promise<Blob>>();
  private readonly sizes = new Map<string, number>(); // of parts that grow

  constructor(
    private readonly database: IDBDatabase,
    private readonly key: CryptoKey,
  ) {}

  /** The page hands a file over; it may be named to the engine at once. Resolves when it would survive the page. */
  async give(source: string, file: Blob): Promise<void> {
    this.given.set(source, file);
    const pieces = kGiven + source;
    try {
      for (let at = 0; at < file.size; at += kPieceSize) {
        await this.put(pieces, at, new Uint8Array(await file.slice(at, at + kPieceSize).arrayBuffer()), false);
      }
      await this.note(source, { pieces, name: '', size: file.size, at: Date.now() });
    } catch (failure) {
      this.given.delete(source);
      await this.forgetPieces(pieces).catch(() => undefined); // of a file that does not fit nothing is to take up room
      throw failure;
    }
  }

  /** It is not needed any more. */
  async takeBack(source: string): Promise<void> {
    this.given.delete(source);
    this.asSent.delete(source);
    this.made.delete(source);
    await this.forget(source);
  }

  /** What was made for the page waits under this path until it is taken back. It is not stored. */
  hold(path: string, made: Blob): void {
    this.made.set(path, made);
  }

  /** A file that has come, by the path that the engine gave it. */
  async get(path: string): Promise<File | null> {
    const made = this.made.get(path);
    if (made) return new File([made], '');
    const whole = await this.find(path);
    return whole ? new File([await this.blob(whole)], whole.name) : null;
  }

  /** The same a piece at a time: nothing of it is held. Fails with browser_file_gone. */
  async stream(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const whole = await this.find(path);
    if (!whole) throw new HostFailure(kGone);
    let at = 0;
    return new ReadableStream({
      pull: async (controller) => {
        if (at >= whole.size) return controller.close();
        const piece = await this.piece(whole.pieces, at);
        if (!piece) return controller.error(new HostFailure(kGone));
        at += piece.length;
        controller.enqueue(piece);
      },
    });
  }
  streamMedia(name: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.stream(kMediaFolder + name);
  }

  /** Nobody wants it any more. */
  async forget(path: string): Promise<void> {
    const whole = await this.find(path);
    if (!whole) return;
    const transaction = this.database.transaction([kFiles, kPieces], 'readwrite');
    transaction.objectStore(kFiles).delete(path);
    transaction.objectStore(kPieces).delete(piecesFrom(whole.pieces, 0));
    await completed(transaction);
  }

  /** At the start: what was handed over, or came for a page that was closed before it took it, and nobody will ask for. */
  async sweep(): Promise<void> {
    const store = this.database.transaction(kFiles).objectStore(kFiles);
    const [paths, wholes] = await Promise.all([result(store.getAllKeys()), result(store.getAll())]);
    for (const [index, whole] of (wholes as Whole[]).entries()) {
      if (whole.pieces.startsWith(kMedia)) continue;
      if (!whole.pieces.startsWith(kGiven) || whole.at < Date.now() - kGivenMs) await this.forget(paths[index] as string);
    }
    await this.sweepHalves(new Set((wholes as Whole[]).map((each) => each.pieces)));
  }

  // What a page was handing over when it died: nobody knows how to ask for it.
  private async sweepHalves(known: ReadonlySet<string>): Promise<void> {
    for (let after = kGiven; ; ) {
      const next = await result(this.pieces('readonly').openKeyCursor(IDBKeyRange.bound([after, Infinity], [kGiven + '\uffff'])));
      if (!next) return;
      [after] = next.key as [string, number];
      if (!known.has(after) && !this.given.has(after.slice(kGiven.length))) await this.forgetPieces(after);
    }
  }

  // Nothing changes a file under a name that was given once, so its version is always the same.
  async read(source: string, offset: number, size: number): Promise<FilePiece> {
    const asIs = source.startsWith(kAsIs);
    const file = await (asIs ? this.original(source.slice(kAsIs.length)) : this.sent(source));
    try {
      const bytes = new Uint8Array(await file.slice(offset, offset + size).arrayBuffer());
      return { bytes, size: file.size, version: 1 };
    } catch {
      throw new HostFailure(kGone);
    }
  }

  async write(part: string, offset: number, bytes: Uint8Array<ArrayBuffer>, durable: boolean): Promise<void> {
    const pieces = `part ${part}`;
    const size = await this.sizeOf(pieces);
    if (size < offset) throw new HostFailure(kPartMissing);
    if (size > offset) await this.cut(pieces, offset);
    if (bytes.length > 0) await this.put(pieces, offset, bytes, durable);
    this.sizes.set(pieces, offset + bytes.length);
  }

  async finish(destination: string, part: string, name: string, size: number): Promise<string> {
    const pieces = `part ${part}`;
    if ((await this.sizeOf(pieces)) !== size) throw new HostFailure(kPartMissing);
    const path = destination.endsWith('/') ? destination + name : destination;
    await this.note(path, { pieces, name, size, at: Date.now() });
    this.sizes.delete(pieces);
    return path;
  }

  async drop(part: string): Promise<void> {
    const pieces = `part ${part}`;
    this.sizes.delete(pieces);
    await this.forgetPieces(pieces);
  }

  // ---- files of chats that are only kept ----------------------------------------------------------------------------------

  /** A new file goes on: `part` is its name until it is whole. */
  async writeMedia(part: string, at: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.put(kMedia + part, at, bytes, false);
  }

  /** It is whole. One that is there under the name stays: the name has a hash of what is in it. True: there was none. */
  async keepMedia(part: string, name: string, size: number): Promise<boolean> {
    const isNew = !(await this.find(kMediaFolder + name));
    if (isNew) await this.note(kMediaFolder + name, { pieces: kMedia + part, name, size, at: Date.now() });
    else await this.dropMedia(part);
    return isNew;
  }

  async dropMedia(part: string): Promise<void> {
    await this.forgetPieces(kMedia + part);
  }

  /** What was never whole, since its page was closed, goes. Not while one is written. */
  async sweepMedia(): Promise<void> {
    const transaction = this.database.transaction([kFiles, kPieces]);
    const all = IDBKeyRange.bound([kMedia], [`${kMedia}\uffff`]);
    const [wholes, keys] = await Promise.all([result(transaction.objectStore(kFiles).getAll()), result(transaction.objectStore(kPieces).getAllKeys(all))]);
    const kept = new Set((wholes as Whole[]).map((each) => each.pieces));
    const lost = new Set((keys as [string, number][]).map(([pieces]) => pieces).filter((each) => !kept.has(each)));
    for (const pieces of lost) await this.forgetPieces(pieces);
  }

  // ---- whole files ------------------------------------------------------------------------------------------------------

  // Looked through once for what a camera wrote, and not for each piece.
  private sent(source: string): Promise<Blob> {
    let found = this.asSent.get(source);
    if (!found) {
      found = this.original(source).then(withoutNotes);
      this.asSent.set(source, found);
      found.catch(() => this.asSent.delete(source));
    }
    return found;
  }

  private async original(source: string): Promise<Blob> {
    const given = this.given.get(source);
    if (given) return given;
    const whole = await this.find(source);
    if (!whole) throw new HostFailure(kGone);
    const blob = await this.blob(whole);
    this.given.set(source, blob);
    return blob;
  }

  private async find(path: string): Promise<Whole | undefined> {
    return (await result(this.database.transaction(kFiles).objectStore(kFiles).get(path))) as Whole | undefined;
  }

  // Nothing that is there is replaced.
  private async note(path: string, whole: Whole): Promise<void> {
    const transaction = this.database.transaction(kFiles, 'readwrite', { durability: 'strict' });
    transaction.objectStore(kFiles).add(whole, path);
    await completed(transaction);
  }

  private async blob({ pieces, size }: Whole): Promise<Blob> {
    const out: BlobPart[] = [];
    for (let at = 0; at < size; ) {
      const piece = await this.piece(pieces, at);
      if (!piece) throw new HostFailure(kGone);
      out.push(new Blob([piece])); // which the browser may put on its disk
      at += piece.length;
    }
    return new Blob(out);
  }

  // ---- pieces -------------------------------------------------------------------------------------------------------------

  private pieces(mode: IDBTransactionMode, durable = false): IDBObjectStore {
    return this.database.transaction(kPieces, mode, { durability: durable ? 'strict' : 'default' }).objectStore(kPieces);
  }

  private async forgetPieces(pieces: string): Promise<void> {
    await result(this.pieces('readwrite').delete(piecesFrom(pieces, 0)));
  }

  // One that is to survive takes with it those before it: the browser writes them in their order.
  private async put(pieces: string, at: number, bytes: Uint8Array<ArrayBuffer>, durable: boolean): Promise<void> {
    const sealed = await sealPiece(this.key, `${pieces} ${at}`, bytes);
    const store = this.pieces('readwrite', durable);
    store.put(sealed, [pieces, at]);
    await completed(store.transaction);
  }

  private async piece(pieces: string, at: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const sealed = (await result(this.pieces('readonly').get([pieces, at]))) as SealedPiece | undefined;
    return sealed ? openPiece(this.key, `${pieces} ${at}`, sealed) : null;
  }

  private async sizeOf(pieces: string): Promise<number> {
    const known = this.sizes.get(pieces);
    if (known !== undefined) return known;
    const last = await result(this.pieces('readonly').openCursor(piecesFrom(pieces, 0), 'prev'));
    return last ? (last.key as [string, number])[1] + (last.value as SealedPiece).size : 0;
  }

  private async cut(pieces: string, size: number): Promise<void> {
    const before = await result(this.pieces('readonly').openKeyCursor(IDBKeyRange.bound([pieces, 0], [pieces, size], false, true), 'prev'));
    await result(this.pieces('readwrite').delete(piecesFrom(pieces, size)));
    if (!before) return;
    const at = (before.key as [string, number])[1];
    const piece = await this.piece(pieces, at);
    if (piece && at + piece.length > size) await this.put(pieces, at, piece.slice(0, size - at), false);
  }
}

function piecesFrom(pieces: string, at: number): IDBKeyRange {
  return IDBKeyRange.bound([pieces, at], [pieces, Infinity]);
}
