// The page's IndexedDB: the engine's records (sealed by the engine), the storage key, and files on their way.

import type { RecordChange, RecordRange, StoredRecord } from './codec';
import type { Records } from './host';
import { HostFailure } from './host_failure';

export const kRecords = 'records';
export const kKeys = 'keys';
export const kFiles = 'files';
export const kPieces = 'pieces';
const kVersion = 1;
/** Of so many from the end a cursor is not slower than to count what stands before them. */
const kWalkMost = 256;

/** Opens it. Fails with storage_refused: the browser keeps nothing for pages (blocked, or a private window of some). */
export function openDatabase(name: string, onGone: (error: string) => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    let request: IDBOpenDBRequest;
    try {
      request = indexedDB.open(name, kVersion);
    } catch {
      return reject(new HostFailure('storage_refused'));
    }
    request.onupgradeneeded = () => {
      for (const store of [kRecords, kKeys, kFiles, kPieces]) request.result.createObjectStore(store);
    };
    request.onerror = () => reject(new HostFailure(request.error?.name === 'VersionError' ? 'storage_newer' : 'storage_refused'));
    request.onsuccess = () => {
      const database = request.result;
      // Cleared by a person or thrown out by the browser; and a page of a newer version that wants to change it.
      database.onclose = () => onGone('storage_evicted');
      database.onversionchange = ({ newVersion }) => {
        database.close();
        onGone(newVersion === null ? 'storage_evicted' : 'storage_newer');
      };
      resolve(database);
    };
  });
}

/** What a request gives. */
export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(failure(request.error));
  });
}

/** Resolves when what was done in it survives whatever happens. */
export function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(failure(transaction.error));
    // Said at once, so that the disk is not waited for twice.
    transaction.commit?.();
  });
}

function failure(error: DOMException | null): HostFailure {
  return new HostFailure(error?.name === 'QuotaExceededError' ? 'store_disk_full' : 'store_unavailable');
}

/** Loads that were asked for in one turn, and before anything was stored in it. */
interface Turn {
  readonly store: IDBObjectStore;
  readonly loads: Promise<StoredRecord[]>[];
  /** All of them have been answered. */
  readonly over: Promise<unknown>;
}

/**
 * The records. A batch is one transaction; the browser runs transactions in the order in which they were begun. The loads of one
 * turn share one, which costs a browser more than what is read in it, and are answered together: what follows from them (a chat's
 * state after its index, for each of a hundred chats) is asked for in one turn again.
 */
export class IndexedRecords implements Records {
  private turn: Turn | null = null;

  constructor(private readonly database: IDBDatabase) {}

  async store(changes: RecordChange[]): Promise<void> {
    this.turn = null; // a load after this sees what is stored
    const transaction = this.begin('readwrite');
    const store = transaction.objectStore(kRecords);
    for (const { key, value } of changes) {
      if (value === null) store.delete(key);
      else store.put(value, key);
    }
    await completed(transaction);
  }

  async load(range: RecordRange): Promise<StoredRecord[]> {
    if (indexedDB.cmp(range.first, range.last) >= 0) return [];
    const turn = this.reading();
    const loading = this.loadFrom(turn.store, range);
    turn.loads.push(loading);
    await turn.over;
    return loading;
  }

  private reading(): Turn {
    if (!this.turn) {
      const loads: Promise<StoredRecord[]>[] = [];
      const over = new Promise((resolve) =>
        queueMicrotask(() => {
          this.turn = null; // the transaction takes nothing more once the browser has its turn
          resolve(Promise.allSettled(loads));
        }),
      );
      this.turn = { store: this.begin('readonly').objectStore(kRecords), loads, over };
    }
    return this.turn;
  }

  private async loadFrom(store: IDBObjectStore, { first, last, countMax, backwards }: RecordRange): Promise<StoredRecord[]> {
    const range = IDBKeyRange.bound(first, last, false, true);
    if (!backwards) return this.read(store, range, countMax);
    if (countMax <= kWalkMost) return this.walkBack(store, range, countMax);
    // At once what a cursor would give one by one: where the last so many begin, and then all of those.
    const count = await result(store.count(range));
    const begin = count > countMax ? await this.keyAt(store, range, count - countMax) : first;
    return (await this.read(store, IDBKeyRange.bound(begin, last, false, true), countMax)).reverse();
  }

  private async read(store: IDBObjectStore, range: IDBKeyRange, countMax: number): Promise<StoredRecord[]> {
    const [keys, values] = await Promise.all([result(store.getAllKeys(range, countMax)), result(store.getAll(range, countMax))]);
    return keys.map((key, at) => [new Uint8Array(key as ArrayBuffer), values[at] as Uint8Array<ArrayBuffer>]);
  }

  // The key that so many others stand before; there are more than `before` of them.
  private keyAt(store: IDBObjectStore, range: IDBKeyRange, before: number): Promise<IDBValidKey> {
    return new Promise((resolve, reject) => {
      const request = store.openKeyCursor(range);
      let there = false;
      request.onerror = () => reject(failure(request.error));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor) return reject(new HostFailure('store_unavailable'));
        if (there) return resolve(cursor.key);
        there = true;
        cursor.advance(before);
      };
    });
  }

  // From the end there is only a cursor. The engine reads so by pages of a history, which are some tens of records.
  private walkBack(store: IDBObjectStore, range: IDBKeyRange, countMax: number): Promise<StoredRecord[]> {
    return new Promise((resolve, reject) => {
      const out: StoredRecord[] = [];
      const request = store.openCursor(range, 'prev');
      request.onerror = () => reject(failure(request.error));
      request.onsuccess = () => {
        const cursor = request.result;
        if (!cursor || out.length >= countMax) return resolve(out);
        out.push([new Uint8Array(cursor.key as ArrayBuffer), cursor.value as Uint8Array<ArrayBuffer>]);
        cursor.continue();
      };
    });
  }

  private begin(mode: IDBTransactionMode): IDBTransaction {
    try {
      return this.database.transaction(kRecords, mode, { durability: 'strict' });
    } catch {
      throw new HostFailure('store_unavailable'); // the database has been closed
    }
  }
}
