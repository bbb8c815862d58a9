// Words that the page has to keep until the person has them on paper: the recovery key of an account that was just made, which the
// engine tells once. They lie beside the records, sealed under the storage key, so that they survive a tab that is killed and the
// lock is theirs as well.

import { completed, kKeys, result } from './database';
import { openPiece, sealPiece, type SealedPiece } from './storage_key';

const kName = 'words';

export class SealedWords {
  /** `database` has the store kKeys; `key` is made for nothing else. */
  constructor(
    private readonly database: IDBDatabase,
    private readonly key: CryptoKey,
  ) {}

  /** In place of those from before. Resolves when they survive whatever happens. Fails with store_disk_full or store_unavailable. */
  async keep(words: string): Promise<void> {
    const piece = await sealPiece(this.key, kName, new TextEncoder().encode(words));
    await this.change((store) => store.put(piece, kName));
  }

  /** Null: there are none, or they cannot be opened. */
  async read(): Promise<string | null> {
    try {
      const piece = (await result(this.database.transaction(kKeys).objectStore(kKeys).get(kName))) as SealedPiece | undefined;
      return piece === undefined ? null : new TextDecoder().decode(await openPiece(this.key, kName, piece));
    } catch {
      return null;
    }
  }

  /** Fails with store_unavailable. */
  async forget(): Promise<void> {
    await this.change((store) => store.delete(kName));
  }

  private async change(work: (store: IDBObjectStore) => IDBRequest): Promise<void> {
    const transaction = this.database.transaction(kKeys, 'readwrite', { durability: 'strict' });
    work(transaction.objectStore(kKeys));
    await completed(transaction);
  }
}
