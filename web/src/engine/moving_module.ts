// The module of imports and archives (src/wasm/moving_exports.cc). A call in it that waits for JavaScript leaves the module, and enters it
// again when the answer is there (Asyncify of Binaryen).

import { HostFailure } from './host_failure';
import { systemCalls } from './module';
import type { PieceReader, ZipEntry } from './zip';

interface Exports extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  input(size: number): number;
  area(): number;
  source(size: number, bytes: number, isZip: number): void;
  entry(size: number, bytes: number, packed: number): number;
  fail(size: number): void;
  run(size: number): number;
  output(): number;
  asyncify_get_state(): number;
  asyncify_start_unwind(area: number): void;
  asyncify_stop_unwind(): void;
  asyncify_start_rewind(area: number): void;
  asyncify_stop_rewind(): void;
}

const kUnwinding = 1;
const kRewinding = 2;

/** What the module asks for. Each may fail with a HostFailure. */
export interface MovingHost {
  /** A line of the API to the engine; gives the line that answers it; empty: it was not answered within `limitMs`. */
  ask(line: string, limitMs: number): Promise<string>;
  /** An entry of the zip file that was lent, by its place. */
  openEntry(entry: number): Promise<PieceReader>;
  /** The file that was lent as it is. */
  openWhole(): Promise<PieceReader>;
  /** A file of chats that are only kept. */
  openMedia(name: string): Promise<PieceReader>;
  /** One that the engine has fetched to this path: it goes with its reader. */
  openFetched(path: string): Promise<PieceReader>;
  mediaBegin(): Promise<void>;
  mediaWrite(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** True: there was none of this name. */
  mediaKeep(name: string): Promise<boolean>;
  mediaDrop(): Promise<void>;
  /** The archive that is made begins, */
  archiveBegin(): void;
  /** with so many bytes of the one that was lent, or with none. */
  archiveCopy(size: number): Promise<void>;
  archiveWrite(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  archiveCut(size: number): void;
  /** It is whole. */
  archiveKeep(): Promise<void>;
  /** True: somebody wants it to end. */
  stopped(): boolean;
  /** So many messages were looked at. */
  show(messages: number): void;
}

// Besides the entries of a zip file (moving_host.h).
const kWhole = 0xffff_ffff;
const kMedia = 0xffff_fffe;
const kFetched = 0xffff_fffd;

/** Of a time of the wall clock here, in milliseconds as if it were UTC: when it was. */
export function fromLocal(localMs: number): number {
  const at = new Date(localMs);
  const found = new Date(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()).getTime();
  return Number.isNaN(found) ? localMs : found + (((localMs % 1000) + 1000) % 1000);
}

/** One module does one job, and is dropped with its memory. */
export class MovingModule {
  private readonly utf8 = new TextEncoder();
  private readonly files = new Map<number, PieceReader>();
  private lastFile = 0;
  private exports!: Exports;
  private area = 0;
  private taken: Uint8Array = new Uint8Array(0);
  private waited: Promise<() => number> = Promise.resolve(() => 0);
  private came: () => number = () => 0;

  private constructor(private readonly host: MovingHost) {}

  /** Fails with engine_unloadable. */
  static async load(module: WebAssembly.Module, host: MovingHost, onComplaint: (text: string) => void): Promise<MovingModule> {
    const made = new MovingModule(host);
    try {
      const system = systemCalls(() => made.exports.memory, onComplaint);
      const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: system, moving: made.imports() });
      made.exports = instance.exports as Exports;
    } catch {
      throw new HostFailure('engine_unloadable');
    }
    made.exports._initialize();
    made.area = made.exports.area();
    return made;
  }

  /** What the job reads. */
  source(name: string, size: number, isZip: boolean): void {
    this.exports.source(this.put(name), size, isZip ? 1 : 0);
  }
  /** The next entry of its directory. False: no more are wanted. */
  entry({ name, size, packed }: ZipEntry): boolean {
    return this.exports.entry(this.put(name), size, packed) !== 0;
  }
  /** The job is to end with this error. */
  fail(error: string): void {
    this.exports.fail(this.put(error));
  }
  /** Does what a line of the API asks for; gives the line that answers it. */
  async run(line: string): Promise<string> {
    const given = this.put(line);
    let size = this.exports.run(given);
    while (this.exports.asyncify_get_state() === kUnwinding) {
      this.exports.asyncify_stop_unwind();
      this.came = await this.waited;
      this.exports.asyncify_start_rewind(this.area);
      size = this.exports.run(given);
    }
    return this.text(this.exports.output(), size);
  }

  private put(text: string): number {
    const bytes = this.utf8.encode(text);
    const at = this.exports.input(bytes.length);
    this.bytes(at, bytes.length).set(bytes);
    return bytes.length;
  }

  private bytes(at: number, size: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.exports.memory.buffer as ArrayBuffer, at >>> 0, size >>> 0);
  }
  private text(at: number, size: number): string {
    return new TextDecoder().decode(this.bytes(at, size));
  }

  // `work` is given what the module has given, and gives what is done when the module goes on: what came is put into it then.
  private waiting(work: (...given: number[]) => Promise<() => number>): (...given: number[]) => number {
    return (...given) => {
      if (this.exports.asyncify_get_state() === kRewinding) {
        this.exports.asyncify_stop_rewind();
        return this.came();
      }
      this.waited = work(...given).catch((failure: unknown) => () => -this.take(failure instanceof HostFailure ? failure.errorName : 'store_unavailable'));
      this.exports.asyncify_start_unwind(this.area);
      return 0;
    };
  }

  private open(what: number, name: string): Promise<PieceReader> {
    const { host } = this;
    switch (what) {
      case kWhole:
        return host.openWhole();
      case kMedia:
        return host.openMedia(name);
      case kFetched:
        return host.openFetched(name);
      default:
        return host.openEntry(what);
    }
  }

  private take(text: string): number {
    this.taken = this.utf8.encode(text);
    return this.taken.length;
  }

  private imports(): WebAssembly.ModuleImports {
    const { host } = this;
    const done = () => 0;
    return {
      ask: this.waiting(async (at, size, limitMs) => {
        const answer = await host.ask(this.text(at!, size!), limitMs!);
        return () => this.take(answer);
      }),
      open: this.waiting(async (what, at, size) => {
        const file = await this.open(what! >>> 0, this.text(at!, size!));
        this.files.set(++this.lastFile, file);
        const opened = this.lastFile;
        return () => opened;
      }),
      read: this.waiting(async (file, at, most) => {
        const piece = await this.files.get(file!)!.read(most!);
        return () => (this.bytes(at!, piece.length).set(piece), piece.length);
      }),
      media_begin: this.waiting(async () => (await host.mediaBegin(), done)),
      media_write: this.waiting(async (at, size) => (await host.mediaWrite(this.bytes(at!, size!).slice()), done)),
      media_keep: this.waiting(async (at, size) => {
        const isNew = await host.mediaKeep(this.text(at!, size!));
        return () => (isNew ? 1 : 0);
      }),
      media_drop: this.waiting(async () => (await host.mediaDrop(), done)),
      archive_begin: () => host.archiveBegin(),
      archive_copy: this.waiting(async (size) => (await host.archiveCopy(size!), done)),
      archive_write: this.waiting(async (at, size) => (await host.archiveWrite(this.bytes(at!, size!).slice()), done)),
      archive_cut: (size: number) => host.archiveCut(size),
      archive_keep: this.waiting(async () => (await host.archiveKeep(), done)),
      pause: this.waiting(async (ms) => (await new Promise((resolve) => setTimeout(resolve, ms)), done)),
      close: (file: number) => {
        this.files.get(file)?.close();
        this.files.delete(file);
      },
      take: (at: number) => this.bytes(at, this.taken.length).set(this.taken),
      stopped: () => (host.stopped() ? 1 : 0),
      show: (messages: number) => host.show(messages),
      from_local: fromLocal,
    };
  }
}
