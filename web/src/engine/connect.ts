// The page's side of the engine in the browser: a Transport like that of the native engine (api/transport.ts). Nobody has to
// authenticate: whoever runs in this origin is the page.
//
// All tabs of a browser profile share one engine. The tab that holds a lock runs the worker; when it goes, the lock passes to
// another tab, which starts a worker of its own on what is stored. For every connection that is the end, as if the network had
// been lost: the page connects again.

import type { Connection, Listener, Transport } from '../api/transport';
import workerUrl from './worker.ts?worker&url';
import type { LockState, NewLock } from './lock';
import { isNewer, kChannel, kEngineLock, kLasting, tabLock, type Envelope, type FromEngine, type StartWorker, type ToEngine, type Version } from './protocol';
import { unzipped } from './unzipped';
import { ownWorker } from './worker_address';

export interface EngineOptions {
  /** The engine's module, gzipped or not: its address, or where it cannot be fetched (a page that is one file), what gives it. */
  wasm: string | (() => Promise<ArrayBuffer>);
  /** The module of imports and archives, gzipped or not, or its address: it is fetched when it is needed. */
  moving?: string | (() => ArrayBuffer | null);
  /** Gives an address of the worker's code, where that cannot be fetched either. */
  worker?: () => string;
  /** Tells builds apart; may be left out where the addresses of engine and worker do. */
  build?: string;
  /** A tab of a newer version runs the engine from now on. This one goes on with it, and never runs its own again. */
  onOutdated?: () => void;
  /** The engine waits for the passphrase (true), or has it. */
  onLocked?: (locked: boolean) => void;
  /** As in web_pipes.ts: for tests and development. */
  plainLoopback?: boolean;
  /**
   * Something is wrong with the engine as a whole. Of those that last (isLasting) nothing gets better by itself:
   *   storage_refused      the browser keeps nothing for this page: blocked, or some private windows
   *   storage_newer        a newer version of the page has changed what is stored: load it again
   *   storage_key_damaged  what is stored cannot be opened any more
   *   engine_unloadable    the engine could not be fetched or compiled
   *   browser_too_old      it lacks Web Locks, BroadcastChannel, IndexedDB, WebAssembly or WebCrypto
   * and of these an engine is started anew:
   *   storage_evicted      a person or the browser has cleared what was stored
   *   storage_unreadable   the browser could not read what is stored
   *   engine_crashed       a fault of ours; `complaint` is what it said
   *   engine_restarted     a page has asked for it (restart)
   *   engine_locked        the lock has closed: whatever the page shows has to go
   */
  onTrouble?: (error: string, complaint: string) => void;
}

export interface StorageState {
  /** The browser will not throw it out by itself. */
  persisted: boolean;
  usage: number;
  quota: number;
}

/** The file was not taken, or is not there; by the names of src/wasm/errors.h. */
export class FileFailure extends Error {
  constructor(readonly errorName: string) {
    super(errorName);
  }
}

/** So seldom it is said that somebody is at the page. */
const kActiveMs = 5_000;
const kRestartFirst = 500;
const kRestartLast = 60_000;
/** An engine that has lived so long has not crashed at the start. */
const kLongLived = 60_000;
/** Within this another tab of the newer version has started an engine, or there is none. */
const kTakeOverMs = 10_000;

interface Opening {
  listener: Listener;
  open: boolean;
}
interface Request {
  resolve(file: File | null): void;
  reject(failure: FileFailure): void;
}

export class EngineTransport implements Transport {
  private readonly tab = crypto.randomUUID();
  private readonly connections = new Map<string, Opening>();
  private readonly requests = new Map<number, Request>();
  private readonly wordRequests = new Map<number, { resolve(words: string | null): void; reject(failure: FileFailure): void }>();
  private readonly channel: BroadcastChannel | null = null;
  private worker: Worker | null = null;
  private engine = ''; // that is ready; empty: none is known
  private ownEngine = ''; // of this tab's worker, which also speaks to it directly
  private present = false; // the tab's lock is held
  private readonly lockRequests = new Map<number, { resolve(state: LockState): void; reject(failure: FileFailure): void }>();
  private locked = ''; // the engine that waits for the passphrase
  private lastActive = 0;
  private lastRequest = 0;
  private lasting = '';
  private outdated = false;
  private readonly version: Version;
  private release: (() => void) | null = null;
  private endWorker: ((error: string) => void) | null = null;

  constructor(private readonly options: EngineOptions) {
    this.version = { build: options.build ?? `${workerUrl} ${String(options.wasm)}`, since: Date.now() };
    if (!isNewEnough()) {
      this.lasting = 'browser_too_old';
      queueMicrotask(() => this.options.onTrouble?.(this.lasting, ''));
      return;
    }
    try {
      this.channel = new BroadcastChannel(kChannel);
    } catch (failure) {
      this.refuse(failure);
      return;
    }
    this.channel.onmessage = ({ data }: MessageEvent<Envelope>) => this.hear(data);
    // Nothing is said before the lock is held: an engine that could take it would think that this tab has gone.
    const held = navigator.locks.request(tabLock(this.tab), () => {
      this.present = true;
      void navigator.locks.request(kEngineLock, () => this.runEngine());
      this.send({ kind: 'who' }); // there may be one in another tab
      return new Promise<never>(() => undefined);
    });
    held.catch((failure: unknown) => this.refuse(failure));
  }

  // A browser that keeps nothing for the page gives it no locks either.
  private refuse(failure: unknown): void {
    queueMicrotask(() => this.lose('storage_refused', String(failure)));
  }

  connect(listener: Listener): Connection {
    const connection = crypto.randomUUID();
    this.connections.set(connection, { listener, open: false });
    if (this.lasting) queueMicrotask(() => this.end(connection));
    else if (this.engine) this.send({ kind: 'join', connection });
    return {
      send: (line) => this.send({ kind: 'line', connection, line }),
      close: () => {
        this.send({ kind: 'leave', connection });
        queueMicrotask(() => this.end(connection));
      },
    };
  }

  /**
   * Hands a file over to be sent; gives what to name as `source` to send_file. "as-is:" before it sends a picture with all that
   * the camera wrote. The file can be sent at once, and survives the page from the moment at which this resolves; takeBack() when
   * it has gone out.
   */
  async giveFile(file: Blob, name: string): Promise<string> {
    const source = `page:${crypto.randomUUID()}/${name}`;
    await this.ask((request) => ({ kind: 'give_file', request, source, file }));
    return source;
  }
  /** Lends a file to what only reads it, once; takeBackFile() ends that, and what reads it. Nothing of it is copied or kept. */
  lendFile(file: Blob, name: string): string {
    const source = `page:${crypto.randomUUID()}/${name}`;
    this.send({ kind: 'lend_file', source, file });
    return source;
  }
  takeBackFile(source: string): void {
    this.send({ kind: 'take_back_file', source });
  }

  /** What to name as `destination` of get_file; its answer's `path` is for takeFile(), and for takeBackFile() when it is not needed in this browser any more. */
  newDestination(): string {
    return `page:${crypto.randomUUID()}/`;
  }
  async takeFile(path: string): Promise<File> {
    const file = await this.ask((request) => ({ kind: 'get_file', request, path }));
    if (!file) throw new FileFailure('browser_file_gone');
    return file;
  }

  /** Words that are kept sealed beside the records until they are forgotten (kept_words.ts). Each fails as a FileFailure. */
  async keepWords(words: string): Promise<void> {
    await this.askWords((request) => ({ kind: 'keep_words', request, words }));
  }
  readWords(): Promise<string | null> {
    return this.askWords((request) => ({ kind: 'read_words', request }));
  }
  async forgetWords(): Promise<void> {
    await this.askWords((request) => ({ kind: 'forget_words', request }));
  }

  /** How the lock stands; opening, setting (lock.ts: NewLock) and taking it away. Each fails as a FileFailure by the error's name. */
  readLock(): Promise<LockState> {
    return this.askLock((request) => ({ kind: 'read_lock', request }));
  }
  unlock(passphrase: string): Promise<LockState> {
    return this.askLock((request) => ({ kind: 'unlock', request, passphrase }));
  }
  setLock(lock: NewLock): Promise<LockState> {
    return this.askLock((request) => ({ kind: 'set_lock', request, lock }));
  }
  setLockMinutes(minutes: number): Promise<LockState> {
    return this.askLock((request) => ({ kind: 'set_lock_minutes', request, minutes }));
  }
  lockNow(): void {
    this.send({ kind: 'lock_now' });
  }
  /** The engine begins anew, with what is stored: every call that waits fails as if the connection had been lost. */
  restart(): void {
    this.send({ kind: 'restart' });
  }
  /** Looks for the way to the home now. */
  lookForHome(): void {
    this.send({ kind: 'look_for_home' });
  }
  /** Somebody is at the page: the lock waits. May be called as often as one likes. */
  noteActivity(): void {
    if (!this.present || Date.now() - this.lastActive < kActiveMs) return;
    this.lastActive = Date.now();
    this.send({ kind: 'active' });
  }

  /** How much room there is. Zeros where the browser does not say. */
  async storage(): Promise<StorageState> {
    const [persisted, estimate] = await Promise.all([navigator.storage?.persisted?.() ?? false, navigator.storage?.estimate?.() ?? {}]);
    return { persisted, usage: estimate.usage ?? 0, quota: estimate.quota ?? 0 };
  }
  /** Asks the browser never to throw the profile out by itself. Some ask the person, so: at the account's making. */
  async keepStorage(): Promise<boolean> {
    return (await navigator.storage?.persist?.()) ?? false;
  }

  /** True if this tab runs the engine; when it is closed, another takes over. */
  get runsEngine(): boolean {
    return this.worker !== null;
  }

  // ---- what comes -----------------------------------------------------------------------------------------------------

  private hear(envelope: Envelope): void {
    const byNewer = isNewer(envelope, this.version);
    if (byNewer) this.yieldToNewer();
    if (envelope.to === 'engine') return this.lasting && !byNewer ? this.tellLasting(envelope.tab) : undefined;
    if (envelope.engine !== this.ownEngine) this.receive(envelope);
  }

  // A tab that has been opened later asks in vain: there is no engine, and this tab knows why.
  private tellLasting(tab: string): void {
    const message: FromEngine = { kind: 'stopped', error: this.lasting, complaint: '' };
    if (this.ownEngine) this.channel?.postMessage({ ...this.version, to: 'tab', tab, engine: this.ownEngine, message } satisfies Envelope);
  }

  private receive(envelope: Envelope): void {
    if (envelope.to === 'engine' || (envelope.to === 'tab' && envelope.tab !== this.tab)) return;
    const { engine, message } = envelope;
    if (!this.present) return;
    if (message.kind === 'ready') return this.onReady(engine);
    if (message.kind === 'locked') return this.onLocked(engine);
    if (message.kind === 'lock' && engine === this.locked) return this.take(message);
    if (engine !== this.engine && !(message.kind === 'stopped' && !this.engine)) return; // of one that is gone
    this.take(message);
  }

  private take(message: FromEngine): void {
    switch (message.kind) {
      case 'joined': {
        const found = this.connections.get(message.connection);
        if (!found || found.open) return;
        found.open = true;
        return found.listener.onOpen();
      }
      case 'left':
        return this.end(message.connection);
      case 'line':
        return this.connections.get(message.connection)?.listener.onLine(message.line);
      case 'file': {
        const request = this.requests.get(message.request);
        this.requests.delete(message.request);
        return message.error ? request?.reject(new FileFailure(message.error)) : request?.resolve(message.file);
      }
      case 'lock': {
        const request = this.lockRequests.get(message.request);
        this.lockRequests.delete(message.request);
        return message.error ? request?.reject(new FileFailure(message.error)) : request?.resolve(message.state);
      }
      case 'words': {
        const request = this.wordRequests.get(message.request);
        this.wordRequests.delete(message.request);
        return message.error ? request?.reject(new FileFailure(message.error)) : request?.resolve(message.words);
      }
      case 'stopped':
        this.lose(message.error, message.complaint);
        return;
      case 'ready':
      case 'locked':
        return;
    }
  }

  private onLocked(engine: string): void {
    if (engine !== this.locked) {
      // What another worker was asked, it has not answered.
      for (const request of this.lockRequests.values()) request.reject(new FileFailure('engine_lost'));
      this.lockRequests.clear();
    }
    this.locked = engine;
    this.options.onLocked?.(true);
  }

  private onReady(engine: string): void {
    if (engine === this.engine) return;
    if (engine !== this.locked) this.locked = '';
    this.loseEngine();
    this.engine = engine;
    this.options.onLocked?.(false);
    for (const connection of this.connections.keys()) this.send({ kind: 'join', connection });
  }

  // Connections that were open are over; those that never were wait for the next engine.
  private loseEngine(): void {
    this.engine = '';
    for (const [connection, { open }] of [...this.connections]) {
      if (open) this.end(connection);
    }
    for (const requests of [this.requests, this.wordRequests, this.locked ? new Map<number, Request>() : this.lockRequests]) {
      for (const request of requests.values()) request.reject(new FileFailure('engine_lost'));
      requests.clear();
    }
  }

  private lose(error: string, complaint: string): string {
    if (kLasting.has(error)) {
      if (this.lasting) return error;
      this.lasting = error;
    }
    this.loseEngine();
    if (this.lasting) {
      for (const connection of [...this.connections.keys()]) this.end(connection);
    }
    this.options.onTrouble?.(error, complaint);
    return error;
  }

  private end(connection: string): void {
    const found = this.connections.get(connection);
    this.connections.delete(connection);
    found?.listener.onClose();
  }

  // ---- what goes ------------------------------------------------------------------------------------------------------

  private send(message: ToEngine): void {
    const envelope: Envelope = { ...this.version, to: 'engine', tab: this.tab, message };
    if (this.worker) this.worker.postMessage(envelope);
    else this.channel?.postMessage(envelope);
  }

  private ask(message: (request: number) => ToEngine): Promise<File | null> {
    return new Promise((resolve, reject) => {
      if (!this.engine) return reject(new FileFailure('engine_lost'));
      const request = ++this.lastRequest;
      this.requests.set(request, { resolve, reject });
      this.send(message(request));
    });
  }

  private askWords(message: (request: number) => ToEngine): Promise<string | null> {
    return new Promise((resolve, reject) => {
      if (!this.engine) return reject(new FileFailure('engine_lost'));
      const request = ++this.lastRequest;
      this.wordRequests.set(request, { resolve, reject });
      this.send(message(request));
    });
  }

  private askLock(message: (request: number) => ToEngine): Promise<LockState> {
    return new Promise((resolve, reject) => {
      if (!this.engine && !this.locked) return reject(new FileFailure('engine_lost'));
      const request = ++this.lastRequest;
      this.lockRequests.set(request, { resolve, reject });
      this.send(message(request));
    });
  }

  // ---- the engine, in the tab that holds the lock -----------------------------------------------------------------------

  private async runEngine(): Promise<void> {
    if (this.outdated) return;
    this.loseEngine(); // the one of the tab that held the lock before
    for (let pause = kRestartFirst; ; pause = Math.min(pause * 2, kRestartLast)) {
      const begun = Date.now();
      const error = await this.runWorker();
      this.worker = null;
      if (this.outdated) return this.loseEngine();
      if (kLasting.has(error)) break;
      if (Date.now() - begun > kLongLived) pause = kRestartFirst;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    // The lock is kept: another tab of this version would fare no better.
    await new Promise<void>((resolve) => (this.release = resolve));
  }

  // Resolves with why it ended.
  private async runWorker(): Promise<string> {
    const engine = crypto.randomUUID();
    this.ownEngine = engine;
    const { wasm: from } = this.options;
    let wasm: ArrayBuffer;
    try {
      wasm = await unzipped(await (typeof from === 'string' ? fetched(from) : from()));
    } catch (failure) {
      return this.lose('engine_unloadable', String(failure));
    }
    const worker = this.options.worker ? new Worker(trusted(this.options.worker())) : new Worker(trusted(workerUrl), { type: 'module' });
    this.worker = worker;
    const error = await new Promise<string>((resolve) => {
      this.endWorker = resolve;
      worker.onerror = (event) => resolve(this.lose('engine_crashed', event.message));
      worker.onmessage = ({ data }: MessageEvent<Envelope>) => {
        if (data.to === 'tabs' && data.message.kind === 'stopped') return resolve(this.lose(data.message.error, data.message.complaint));
        this.receive(data);
      };
      const { moving: given, plainLoopback = false } = this.options;
      const moving = (typeof given === 'function' ? given() : given) ?? null;
      const start: StartWorker = { kind: 'start', engine, tab: this.tab, version: this.version, wasm, moving, plainLoopback };
      worker.postMessage(start, [wasm]);
    });
    worker.terminate();
    this.endWorker = null;
    return error;
  }

  // What a newer engine has written an older one may not understand, and its worker and its engine belong together.
  private yieldToNewer(): void {
    this.release?.();
    if (this.outdated || this.lasting) return;
    this.outdated = true;
    this.options.onOutdated?.();
    this.endWorker?.('outdated');
    void this.followNewer();
  }

  // A lock that all may share is given when no engine holds its own.
  private async followNewer(): Promise<void> {
    while (!this.lasting) {
      await navigator.locks.request(kEngineLock, { mode: 'shared' }, () => this.loseEngine());
      this.locked = '';
      for (const end = Date.now() + kTakeOverMs; !this.engine && !this.locked && Date.now() < end; ) await new Promise((resolve) => setTimeout(resolve, 200));
      if (!this.engine && !this.locked) this.lose('storage_newer', '');
    }
  }
}

/** True if nothing gets better by itself. */
export function isLasting(error: string): boolean {
  return kLasting.has(error);
}

function isNewEnough(): boolean {
  const needed = [globalThis.BroadcastChannel, globalThis.WebAssembly, globalThis.Worker, navigator.locks, globalThis.crypto?.subtle];
  return needed.every(Boolean) && 'indexedDB' in globalThis && 'DecompressionStream' in globalThis;
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown };
}
// A page whose policy requires trusted types makes no worker of a mere text. `vite` alone serves the worker under another name.
const createScriptURL = (url: string) => (import.meta.env.DEV ? url : ownWorker(url, location.href));
const trust = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('godwit-worker', { createScriptURL });

function trusted(url: string): string {
  return (trust?.createScriptURL(url) ?? createScriptURL(url)) as string;
}

async function fetched(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.arrayBuffer();
}
