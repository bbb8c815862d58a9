// Words kept for the page of `godwit web`, sealed under its token: they survive a tab that is killed, and are there again when the
// program's address is opened again while it runs. The next run has another token and another port, so nothing that is kept here
// outlives the program; whoever is at the port after it has no token and can open nothing.

import { derivedKey, openPiece, sealPiece, type SealedPiece } from '../engine/storage_key';

const kName = 'godwit-recovery';
const kStore = 'keys';

/** Where words stay until the person has them on paper. */
export interface WordsKept {
  keepWords(words: string): Promise<void>;
  /** Null: there are none. Fails if they cannot be read or opened: that says nothing of them. */
  readWords(): Promise<string | null>;
  forgetWords(): Promise<void>;
}

export class KeptByToken implements WordsKept {
  /** `token` gives the 64 hexadecimal digits of this run, or nothing: then nothing is kept. */
  constructor(private readonly token: () => string) {}

  async keepWords(words: string): Promise<void> {
    const piece = await sealPiece(await this.key(), kName, new TextEncoder().encode(words));
    await inStore('readwrite', (store) => store.put(piece, kName));
  }

  async readWords(): Promise<string | null> {
    const piece = await inStore<SealedPiece | undefined>('readonly', (store) => store.get(kName));
    return piece === undefined ? null : new TextDecoder().decode(await openPiece(await this.key(), kName, piece));
  }

  async forgetWords(): Promise<void> {
    await inStore('readwrite', (store) => store.clear());
  }

  private key(): Promise<CryptoKey> {
    const token = this.token();
    if (!/^[0-9a-f]{64}$/.test(token)) return Promise.reject(new Error('no token'));
    return derivedKey(Uint8Array.from(token.match(/../g)!, (byte) => parseInt(byte, 16)), 'godwit words of the page');
  }
}

function inStore<Value>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<Value> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(kName, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(kStore);
    opening.onerror = () => reject(opening.error!);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(kStore, mode, { durability: 'strict' });
      const request = work(transaction.objectStore(kStore));
      transaction.oncomplete = () => (database.close(), resolve(request.result as Value));
      transaction.onabort = () => (database.close(), reject(transaction.error!));
    };
  });
}
