// The key under which the engine seals its records, and how it is itself kept while there is no lock: wrapped under a key that
// the browser does not hand to scripts.
//
// This protects records that are copied out of the database by themselves, and keeps the key out of reach of whatever can read the
// database but not run here (an export of the page's data, a bug in an inspector). It does NOT protect against anybody who has the
// browser's whole folder, or the unlocked device: browsers keep such keys beside the data and unencrypted. For that there will be
// the lock: a passphrase and Argon2id in the engine (src/engine/profile_key.h); its header will stand in the same place, told
// apart by `kind`.

import { completed, kKeys, result } from './database';
import { HostFailure } from './host';

const kName = 'storage';
const kKeySize = 32;
const kNonceSize = 12;

const kFilesName = 'files';

interface KeptByBrowser {
  kind: 'browser';
  wrapping: CryptoKey;
  nonce: Uint8Array<ArrayBuffer>;
  wrapped: ArrayBuffer;
}

/** The key of this browser's profile, made at the first call. Whoever gets it wipes it. */
export async function storageKey(database: IDBDatabase): Promise<Uint8Array> {
  const kept = (await result(database.transaction(kKeys).objectStore(kKeys).get(kName))) as KeptByBrowser | undefined;
  if (kept === undefined) return make(database);
  if (kept.kind !== 'browser') throw new HostFailure('storage_newer');
  try {
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: kept.nonce }, kept.wrapping, kept.wrapped));
  } catch {
    throw new HostFailure('storage_key_damaged');
  }
}

// Stored before it is used: what is sealed under a key that is lost is lost.
async function make(database: IDBDatabase): Promise<Uint8Array> {
  const key = crypto.getRandomValues(new Uint8Array(kKeySize));
  const nonce = crypto.getRandomValues(new Uint8Array(kNonceSize));
  const wrapping = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, wrapping, key);
  const transaction = database.transaction(kKeys, 'readwrite', { durability: 'strict' });
  transaction.objectStore(kKeys).put({ kind: 'browser', wrapping, nonce, wrapped } satisfies KeptByBrowser, kName);
  await completed(transaction);
  return key;
}

/** The key of files on their way, which the engine does not seal. Kept as the wrapping key is, and worth as much. */
export async function filesKey(database: IDBDatabase): Promise<CryptoKey> {
  const kept = (await result(database.transaction(kKeys).objectStore(kKeys).get(kFilesName))) as CryptoKey | undefined;
  if (kept) return kept;
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const transaction = database.transaction(kKeys, 'readwrite', { durability: 'strict' });
  transaction.objectStore(kKeys).put(key, kFilesName);
  await completed(transaction);
  return key;
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
