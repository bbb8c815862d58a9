// The recovery key of an account that was just made, until the person has written it down. The engine tells it once, and keeps it
// nowhere. The page keeps it as long as its tab is open, also across a reload: sealed in the storage of the tab, under a key that the
// browser gives no script. Neither of the two is enough by itself, and both go when the words were written down.

import type { Notice } from '../api/client';
import type { AccountId } from '../api/types';
import type { KeptWords } from './browser_storage';
import type { Follower, Session } from './session.svelte';

const kName = 'godwit-recovery';
const kStore = 'keys';

interface Sealed {
  account: AccountId;
  nonce: number[];
  words: number[];
}

export class RecoveryWords implements Follower {
  words = $state<string | null>(null);

  constructor(
    private readonly session: Session,
    private readonly tab: KeptWords,
  ) {
    session.follow(this);
    session.onRecoveryKey = (account, words) => void this.keep(account, words);
  }

  async onReady(): Promise<void> {
    if (this.words === null) this.words = await this.kept();
  }

  onNotice(_: Notice): void {
    // Nothing of it is the engine's.
  }

  /** The person has them now. */
  forget(): void {
    this.words = null;
    this.tab.remove(kName);
    void withKeys('readwrite', (keys) => keys.clear()).catch(() => undefined);
  }

  private async keep(account: AccountId, words: string): Promise<void> {
    this.words = words;
    try {
      const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
      const nonce = crypto.getRandomValues(new Uint8Array(12));
      const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key, new TextEncoder().encode(words));
      await withKeys('readwrite', (keys) => keys.put(key, account));
      if (this.words === null) return this.forget(); // written down meanwhile
      const kept: Sealed = { account, nonce: [...nonce], words: [...new Uint8Array(sealed)] };
      this.tab.set(kName, JSON.stringify(kept));
    } catch {
      // It is there until the page is loaded anew.
    }
  }

  private async kept(): Promise<string | null> {
    try {
      const kept = JSON.parse(this.tab.get(kName) ?? 'null') as Sealed | null;
      if (kept === null || kept.account !== this.session.account?.account) return null;
      const key = await withKeys<CryptoKey | undefined>('readonly', (keys) => keys.get(kept.account));
      if (!key) return null;
      const words = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(kept.nonce) }, key, new Uint8Array(kept.words));
      return new TextDecoder().decode(words);
    } catch {
      return null;
    }
  }
}

function withKeys<Value>(mode: IDBTransactionMode, work: (keys: IDBObjectStore) => IDBRequest): Promise<Value> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(kName, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(kStore);
    opening.onerror = () => reject(opening.error!);
    opening.onsuccess = () => {
      const database = opening.result;
      const transaction = database.transaction(kStore, mode);
      const request = work(transaction.objectStore(kStore));
      transaction.oncomplete = () => (database.close(), resolve(request.result as Value));
      transaction.onabort = () => (database.close(), reject(transaction.error!));
    };
  });
}
