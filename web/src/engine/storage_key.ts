// The key under which the engine seals its records, and how it is itself kept.
//
// Without a lock it is wrapped under a key that the browser does not hand to scripts. This protects records that are copied out of
// the database by themselves, and keeps the key out of reach of whatever can read the database but not run here (an export of the
// page's data, a bug in an inspector). It does NOT protect against anybody who has the browser's whole folder, or the unlocked
// device: browsers keep such keys beside the data and unencrypted. Against those there is the lock (lock.ts): the key is sealed under
// a passphrase then.

import { completed, kKeys, result } from './database';
import { HostFailure } from './host_failure';

const kName = 'storage';
const kKeySize = 32;
const kNonceSize = 12;

export interface KeptByBrowser {
  kind: 'browser';
  wrapping: CryptoKey;
  nonce: Uint8Array<ArrayBuffer>;
  wrapped: ArrayBuffer;
}
export interface KeptByPassphrase {
  kind: 'passphrase';
  header: Uint8Array<ArrayBuffer>;
  /** See LockState in lock.ts. */
  minutes: number;
}
export type Kept = KeptByBrowser | KeptByPassphrase;

/** How the key of this browser's profile is kept; it is made at the first call. Fails with storage_newer. */
export async function readKept(database: IDBDatabase): Promise<Kept> {
  const kept = (await result(database.transaction(kKeys).objectStore(kKeys).get(kName))) as Kept | undefined;
  if (kept === undefined) return keepByBrowser(database, crypto.getRandomValues(new Uint8Array(kKeySize)));
  if (kept.kind !== 'browser' && kept.kind !== 'passphrase') throw new HostFailure('storage_newer');
  return kept;
}

/** The key. Fails with storage_key_damaged. Whoever gets it wipes it. */
export async function openedByBrowser(kept: KeptByBrowser): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: kept.nonce }, kept.wrapping, kept.wrapped));
  } catch {
    throw new HostFailure('storage_key_damaged');
  }
}

/** Keeps it without a lock. */
export async function keepByBrowser(database: IDBDatabase, key: Uint8Array<ArrayBuffer>): Promise<KeptByBrowser> {
  const nonce = crypto.getRandomValues(new Uint8Array(kNonceSize));
  const wrapping = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, wrapping, key);
  return keep(database, { kind: 'browser', wrapping, nonce, wrapped });
}

/** Keeps it under a passphrase: `header` is what the engine has made of both. */
export function keepByPassphrase(database: IDBDatabase, header: Uint8Array<ArrayBuffer>, minutes: number): Promise<KeptByPassphrase> {
  return keep(database, { kind: 'passphrase', header, minutes });
}

// Stored before it is used: what is sealed under a key that is lost is lost.
async function keep<Way extends Kept>(database: IDBDatabase, kept: Way): Promise<Way> {
  const transaction = database.transaction(kKeys, 'readwrite', { durability: 'strict' });
  transaction.objectStore(kKeys).put(kept, kName);
  await completed(transaction);
  return kept;
}

/** The key of files on their way, which the engine does not seal: out of the storage key, so that the lock is theirs as well. */
export function filesKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return derivedKey(key, 'godwit files of the page');
}

/** The key of the recovery key until it was written down (kept_words.ts): in the same way. */
export function wordsKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return derivedKey(key, 'godwit words of the page');
}

/** A key for one purpose out of a secret of 32 bytes; scripts cannot read it out. */
export async function derivedKey(from: Uint8Array<ArrayBuffer>, purpose: string): Promise<CryptoKey> {
  const secret = await crypto.subtle.importKey('raw', from, 'HKDF', false, ['deriveKey']);
  const how = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: new TextEncoder().encode(purpose) };
  return crypto.subtle.deriveKey(how, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

export interface SealedPiece {
  nonce: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
  size: number;
}

/** Seals a piece of a file for its place. */
export async function sealPiece(key: CryptoKey, place: string, bytes: Uint8Array<ArrayBuffer>): Promise<SealedPiece> {
  const nonce = crypto.getRandomValues(new Uint8Array(kNonceSize));
  const additionalData = new TextEncoder().encode(place);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, bytes);
  return { nonce, sealed, size: bytes.length };
}

/** Fails with browser_file_gone: it is damaged, or of another place. */
export async function openPiece(key: CryptoKey, place: string, piece: SealedPiece): Promise<Uint8Array<ArrayBuffer>> {
  const additionalData = new TextEncoder().encode(place);
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: piece.nonce, additionalData }, key, piece.sealed));
  } catch {
    throw new HostFailure('browser_file_gone');
  }
}
