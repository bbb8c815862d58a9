// What tabs and the worker that holds the engine say to each other. The tab that started the worker says it to the worker directly,
// other tabs by a BroadcastChannel.

import type { LockState, NewLock } from './lock';

/** Held by the tab whose worker runs the engine; whoever waits for it is the next. */
export const kEngineLock = 'godwit engine';
/** Held by that worker as long as it may write: a worker outlives its tab by a moment. */
export const kStoreLock = 'godwit store';
export const kChannel = 'godwit';
export const kDatabase = 'godwit';
/** Held by each tab as long as it lives, so that the engine sees it end. */
export function tabLock(tab: string): string {
  return `godwit tab ${tab}`;
}

export type ToEngine =
  | { kind: 'who' }
  | { kind: 'join'; connection: string }
  | { kind: 'leave'; connection: string }
  | { kind: 'line'; connection: string; line: string }
  | { kind: 'give_file'; request: number; source: string; file: Blob }
  | { kind: 'lend_file'; source: string; file: Blob }
  | { kind: 'take_back_file'; source: string }
  | { kind: 'get_file'; request: number; path: string }
  /** Answered by `words`. */
  | { kind: 'read_words'; request: number }
  | { kind: 'keep_words'; request: number; words: string }
  | { kind: 'forget_words'; request: number }
  /** Answered by `lock`. */
  | { kind: 'read_lock'; request: number }
  | { kind: 'unlock'; request: number; passphrase: string }
  | { kind: 'set_lock'; request: number; lock: NewLock }
  | { kind: 'set_lock_minutes'; request: number; minutes: number }
  | { kind: 'lock_now' }
  /** The engine is to begin anew: nothing else ends a call that waits for another device. */
  | { kind: 'restart' }
  /** The way to the home is to be looked for now, and not when its turn comes. */
  | { kind: 'look_for_home' }
  /** Somebody is at the page. */
  | { kind: 'active' };

export type FromEngine =
  | { kind: 'ready' }
  /** It waits for the passphrase. */
  | { kind: 'locked' }
  | { kind: 'lock'; request: number; state: LockState; error: string }
  | { kind: 'joined'; connection: string }
  /** The engine does not know it, or no more. */
  | { kind: 'left'; connection: string }
  | { kind: 'line'; connection: string; line: string }
  | { kind: 'file'; request: number; file: File | null; error: string }
  | { kind: 'words'; request: number; words: string | null; error: string }
  | { kind: 'stopped'; error: string; complaint: string };

/** Of which build the page is, or the one that has started the engine, and when it was opened. */
export interface Version {
  build: string;
  since: number;
}

/** True if `other` is of another build that came later: of two builds that meet in a browser, the one opened last was fetched last. */
export function isNewer(other: Version, than: Version): boolean {
  return other.build !== than.build && other.since > than.since;
}

/** `engine` is new with each start, so that a tab sees when it is another one. */
export type Envelope = Version &
  ({ to: 'engine'; tab: string; message: ToEngine } | { to: 'tab'; tab: string; engine: string; message: FromEngine } | { to: 'tabs'; engine: string; message: FromEngine });

/** The first message of all, from the tab that has made the worker. */
export interface StartWorker {
  kind: 'start';
  engine: string;
  tab: string;
  wasm: ArrayBuffer;
  /** The module of imports and archives, packed or not, or its address; null: there is none. */
  moving: ArrayBuffer | string | null;
  version: Version;
  plainLoopback: boolean;
}

/** In a line that may ask for a job, which is not the engine's (moving.ts). */
export const kJob = /"(?:import_chat|archive_chats|restore_chats)"/;

/** A worker that ended so is not started again by itself: it would end the same way. */
export const kLasting = new Set(['storage_refused', 'storage_newer', 'storage_key_damaged', 'engine_unloadable', 'browser_too_old']);
