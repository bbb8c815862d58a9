// Files on their way, in the browser's own file system for this page (OPFS). In it lie, not sealed, as files that a native
// client sends and receives lie on its disk: what the page has handed over to be sent, so that a page that is loaded anew in the
// middle goes on, and what has come until the page drops it.

import { completed, kFiles, result } from './database';
import { HostFailure, type FilePiece, type Files } from './host';
import { pictureToSend } from './picture';

/** A source that begins so is sent as it is. */
const kAsIs = 'as-is:';
/** What was handed over this long ago is sent by now, or never. */
const kGivenDays = 14;

const kPartMissing = 'engine_part_missing';
const kDiskFull = 'store_disk_full';
const kGone = 'browser_file_gone';

interface Finished {
  part: string;
  name: string;
}

export class WebFiles implements Files {
  private readonly given = new Map<string, Blob>();
  private readonly asSent = new Map<string, Promise<Blob>>();
  private readonly parts = new Map<string, Promise<FileSystemSyncAccessHandle>>();

  constructor(private readonly database: IDBDatabase) {}

  /** The page hands a file over; it may be named to the engine at once. Resolves when it would survive the page. */
  async give(source: string, file: Blob): Promise<void> {
    this.given.set(source, file);
    const handle = await (await this.folder('given')).getFileHandle(fileName(source), { create: true });
    const out = await handle.createSyncAccessHandle();
    try {
      const reader = file.stream().getReader();
      for (let at = 0; ; ) {
        const { done, value } = await reader.read();
        if (done) break;
        at += writeAll(out, value, at);
      }
      out.flush();
    } finally {
      out.close();
    }
  }

  /** It is not needed any more. */
  async takeBack(source: string): Promise<void> {
    this.given.delete(source);
    this.asSent.delete(source);
    await (await this.folder('given')).removeEntry(fileName(source)).catch(() => undefined);
  }

  /** A file that has come, by the path that the engine gave it. */
  async get(path: string): Promise<File | null> {
    const found = (await result(this.database.transaction(kFiles).objectStore(kFiles).get(path))) as Finished | undefined;
    if (!found) return null;
    const handle = await (await this.folder('come')).getFileHandle(found.part).catch(() => null);
    return handle ? handle.getFile() : null;
  }

  /** The page does not want it any more. */
  async forget(path: string): Promise<void> {
    const store = () => this.database.transaction(kFiles, 'readwrite').objectStore(kFiles);
    const found = (await result(store().get(path))) as Finished | undefined;
    if (!found) return;
    await this.drop(found.part);
    await result(store().delete(path));
  }

  /** At the start: what nobody will ask for. */
  async sweep(): Promise<void> {
    const folder = await this.folder('given').catch(() => null);
    if (!folder) return;
    for await (const [name, handle] of folder.entries()) {
      const file = handle.kind === 'file' ? await (handle as FileSystemFileHandle).getFile() : null;
      if (file && file.lastModified < Date.now() - kGivenDays * 86_400_000) await folder.removeEntry(name);
    }
  }

  // Nothing changes a file under a name that was given once, so its version is always the same.
  async read(source: string, offset: number, size: number): Promise<FilePiece> {
    const asIs = source.startsWith(kAsIs);
    const file = await (asIs ? this.find(source.slice(kAsIs.length)) : this.sent(source));
    try {
      const bytes = new Uint8Array(await file.slice(offset, offset + size).arrayBuffer());
      return { bytes, size: file.size, version: 1 };
    } catch {
      throw new HostFailure(kGone);
    }
  }

  async write(part: string, offset: number, bytes: Uint8Array, durable: boolean): Promise<void> {
    const out = await this.openPart(part);
    if (out.getSize() < offset) throw new HostFailure(kPartMissing);
    out.truncate(offset);
    writeAll(out, bytes, offset);
    if (durable) out.flush();
  }

  async finish(destination: string, part: string, name: string, size: number): Promise<string> {
    const out = await this.openPart(part);
    if (out.getSize() !== size) throw new HostFailure(kPartMissing);
    out.flush();
    out.close();
    this.parts.delete(part);
    const path = destination.endsWith('/') ? destination + name : destination;
    const transaction = this.database.transaction(kFiles, 'readwrite', { durability: 'strict' });
    transaction.objectStore(kFiles).add({ part, name } satisfies Finished, path);
    await completed(transaction);
    return path;
  }

  async drop(part: string): Promise<void> {
    const open = this.parts.get(part);
    this.parts.delete(part);
    await open?.then((handle) => handle.close()).catch(() => undefined);
    await (await this.folder('come')).removeEntry(part).catch(() => undefined);
  }

  private sent(source: string): Promise<Blob> {
    let found = this.asSent.get(source);
    if (!found) {
      found = this.find(source).then(async (file) => (await pictureToSend(file)) ?? file);
      this.asSent.set(source, found);
      found.catch(() => this.asSent.delete(source));
    }
    return found;
  }

  private async find(source: string): Promise<Blob> {
    const given = this.given.get(source);
    if (given) return given;
    const handle = await (await this.folder('given')).getFileHandle(fileName(source)).catch(() => null);
    if (!handle) throw new HostFailure(kGone);
    return handle.getFile();
  }

  // One handle for a part as long as it grows: only one may be open.
  private openPart(part: string): Promise<FileSystemSyncAccessHandle> {
    let open = this.parts.get(part);
    if (!open) {
      open = this.folder('come').then(async (folder) => (await folder.getFileHandle(part, { create: true })).createSyncAccessHandle());
      this.parts.set(part, open);
      open.catch(() => this.parts.delete(part));
    }
    return open;
  }

  private async folder(name: string): Promise<FileSystemDirectoryHandle> {
    try {
      return await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
    } catch {
      throw new HostFailure('browser_keeps_no_files');
    }
  }
}

function writeAll(out: FileSystemSyncAccessHandle, bytes: Uint8Array, at: number): number {
  try {
    if (out.write(bytes as Uint8Array<ArrayBuffer>, { at }) === bytes.length) return bytes.length;
  } catch {
    // Says the same.
  }
  throw new HostFailure(kDiskFull);
}

// A source is "page:<id>/<name>"; what the browser sees of it is the id.
function fileName(source: string): string {
  return source.replace(/^page:/, '').replace(/\/.*$/, '');
}
