// The dedicated worker that holds the engine: records in IndexedDB, files in it too, pipes by WebSocket, and the tabs that
// share it.

import { IndexedRecords, openDatabase } from './database';
import { Host } from './host';
import { HostFailure, refusal } from './host_failure';
import { SealedWords } from './kept_words';
import { Lock } from './lock';
import { EngineModule } from './module';
import type { Moving } from './moving';
import {
  kChannel, kDatabase, kJob, kStoreLock, tabLock, type Envelope, type FromEngine, type StartWorker, type ToEngine,
} from './protocol';
import { filesKey, wordsKey } from './storage_key';
import { WebFiles } from './web_files';
import { WebPipes } from './web_pipes';

interface Scope {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  addEventListener(type: string, listener: () => void): void;
  navigator: { onLine: boolean; locks: LockManager };
}
const scope = self as unknown as Scope;

/** So often it is looked whether the lock is due: also when the device has slept. */
const kLockLookMs = 5_000;
/** What imports and archives is among the programs of the engine; tabs count from 1. */
const kMovingPeer = 0xffff_fffe;

class EngineWorker {
  private readonly channel = new BroadcastChannel(kChannel);
  private readonly peers = new Map<string, { number: number; tab: string }>(); // by connection
  private readonly connections = new Map<number, string>();
  private readonly tabs = new Set<string>();
  private lastPeer = 0;
  private host: Host | null = null;
  private files: WebFiles | null = null;
  private words: SealedWords | null = null;
  private moving: Promise<Moving> | null = null;
  private lock: Lock | null = null;
  private onKey: ((key: Uint8Array<ArrayBuffer>) => void) | null = null; // while a passphrase is waited for
  private complaint = '';

  constructor(private readonly begun: StartWorker) {
    this.channel.onmessage = ({ data }: MessageEvent<Envelope>) => this.receive(data);
  }

  async start(): Promise<void> {
    try {
      await this.holdStore();
      const database = await openDatabase(kDatabase, (error) => this.stop(error, ''));
      const module = await this.compile();
      this.lock = new Lock(database, module);
      const key = (await this.lock.read()) ?? (await this.unlocked());
      this.files = new WebFiles(database, await filesKey(key));
      this.words = new SealedWords(database, await wordsKey(key));
      this.host = new Host(await this.load(module), {
        records: new IndexedRecords(database),
        pipes: new WebPipes({ plainLoopback: this.begun.plainLoopback, online: () => scope.navigator.onLine }),
        files: this.files,
        onLine: (peer, line) => this.tellLine(peer, line),
        onStop: (error, complaint) => this.stop(error, `${this.complaint}${complaint}`),
      });
      this.host.start(key);
    } catch (failure) {
      return this.stop(failure instanceof HostFailure ? failure.errorName : 'storage_refused', String(failure));
    }
    scope.addEventListener('online', () => this.host?.networkChanged());
    setInterval(() => this.lock?.isDue && this.close(), kLockLookMs);
    void this.files.sweep().catch(() => undefined);
    this.tellAll({ kind: 'ready' });
  }

  receive(envelope: Envelope): void {
    if (envelope.to !== 'engine') return;
    const { tab, message } = envelope;
    if (this.host) {
      this.follow(tab);
      void this.take(tab, message);
    } else if (this.onKey && message.kind === 'unlock') {
      void this.answerLock(tab, message.request, async () => this.onKey?.(await this.lock!.open(message.passphrase)));
    } else if (this.onKey && message.kind === 'who') {
      this.tell(tab, { kind: 'locked' });
    }
  }

  // Whoever types it first opens it for all tabs.
  private unlocked(): Promise<Uint8Array<ArrayBuffer>> {
    this.tellAll({ kind: 'locked' });
    return new Promise((resolve) => {
      this.onKey = (key) => {
        this.onKey = null;
        resolve(key);
      };
    });
  }

  // The end of the worker is the end of the key and of all that was opened with it.
  private close(): void {
    this.stop('engine_locked', '');
  }

  private async answerLock(tab: string, request: number, work: () => Promise<unknown>): Promise<void> {
    let error = '';
    try {
      await work();
    } catch (failure) {
      error = failure instanceof HostFailure ? failure.errorName : 'engine_crashed';
    }
    this.tell(tab, { kind: 'lock', request, state: this.lock!.state, error });
  }

  private async take(tab: string, message: ToEngine): Promise<void> {
    switch (message.kind) {
      case 'who':
        return this.tell(tab, { kind: 'ready' });
      case 'read_lock':
        return this.answerLock(tab, message.request, async () => undefined);
      case 'unlock': // another tab was quicker
        return this.answerLock(tab, message.request, async () => undefined);
      case 'set_lock':
        return this.answerLock(tab, message.request, () => this.lock!.set(message.lock));
      case 'set_lock_minutes':
        return this.answerLock(tab, message.request, () => this.lock!.setMinutes(message.minutes));
      case 'lock_now':
        return this.lock!.state.on ? this.close() : undefined;
      case 'restart':
        return this.stop('engine_restarted', '');
      case 'look_for_home':
        return this.host?.networkChanged();
      case 'active':
        // Whoever opens a device that has slept is asked before he counts as somebody.
        return this.lock!.isDue ? this.close() : this.lock!.noteActivity();
      case 'join': {
        const number = ++this.lastPeer;
        this.peers.set(message.connection, { number, tab });
        this.connections.set(number, message.connection);
        return this.tell(tab, { kind: 'joined', connection: message.connection });
      }
      case 'leave':
        return this.leave(message.connection);
      case 'line': {
        const peer = this.peers.get(message.connection);
        if (!peer) return this.tell(tab, { kind: 'left', connection: message.connection });
        return kJob.test(message.line) ? this.bringIn(peer.number, message.line) : this.host?.line(peer.number, message.line);
      }
      case 'give_file':
        return this.answer(tab, message.request, async () => (await this.files!.give(message.source, message.file), null));
      case 'get_file':
        return this.answer(tab, message.request, () => this.files!.get(message.path));
      case 'lend_file':
        return this.movingThere().then((moving) => moving.lend(message.source, message.file), () => undefined);
      case 'take_back_file':
        this.tellMoving((moving) => moving.takeBack(message.source));
        return void this.files!.takeBack(message.source).catch(() => undefined);
      case 'read_words':
        return this.answerWords(tab, message.request, () => this.words!.read());
      case 'keep_words':
        return this.answerWords(tab, message.request, async () => (await this.words!.keep(message.words), null));
      case 'forget_words':
        return this.answerWords(tab, message.request, async () => (await this.words!.forget(), null));
    }
  }

  // Few ever need it: it is fetched for who does.
  private movingThere(): Promise<Moving> {
    this.moving ??= import('./moving').then(
      ({ Moving }) =>
        new Moving({
          module: this.begun.moving,
          files: this.files!,
          say: (line) => this.host?.line(kMovingPeer, line),
          tell: (peer, line) => this.tellLine(peer, line),
          onComplaint: (text) => (this.complaint = text),
        }),
    );
    this.moving.catch(() => (this.moving = null)); // the network may be back the next time
    return this.moving;
  }

  private tellMoving(what: (moving: Moving) => void): void {
    void this.moving?.then(what, () => undefined);
  }

  private async bringIn(peer: number, line: string): Promise<void> {
    try {
      if (!(await this.movingThere()).take(peer, line)) this.host?.line(peer, line);
    } catch {
      this.tellLine(peer, refusal((JSON.parse(line) as { id?: unknown }).id, 'browser_part_not_there'));
    }
  }

  private async answerWords(tab: string, request: number, work: () => Promise<string | null>): Promise<void> {
    try {
      this.tell(tab, { kind: 'words', request, words: await work(), error: '' });
    } catch (failure) {
      this.tell(tab, { kind: 'words', request, words: null, error: failure instanceof HostFailure ? failure.errorName : 'store_unavailable' });
    }
  }

  private async answer(tab: string, request: number, work: () => Promise<File | null>): Promise<void> {
    let file: File | null = null;
    let error = '';
    try {
      file = await work();
    } catch (failure) {
      error = failure instanceof HostFailure ? failure.errorName : 'browser_keeps_no_files';
    }
    this.tell(tab, { kind: 'file', request, file, error });
  }

  // A tab that ends says nothing reliably; its lock does.
  private follow(tab: string): void {
    if (this.tabs.has(tab)) return;
    this.tabs.add(tab);
    void scope.navigator.locks.request(tabLock(tab), () => {
      this.tabs.delete(tab);
      for (const [connection, peer] of this.peers) {
        if (peer.tab === tab) this.leave(connection);
      }
    });
  }

  private leave(connection: string): void {
    const peer = this.peers.get(connection);
    if (!peer) return;
    this.peers.delete(connection);
    this.connections.delete(peer.number);
    this.host?.leave(peer.number);
    this.tellMoving((moving) => moving.leave(peer.number));
  }

  private tellLine(number: number, line: string): void {
    if (number === kMovingPeer) return this.tellMoving((moving) => moving.hear(line));
    const connection = this.connections.get(number);
    const peer = connection === undefined ? undefined : this.peers.get(connection);
    if (connection !== undefined && peer) this.tell(peer.tab, { kind: 'line', connection, line });
  }

  private tell(tab: string, message: FromEngine): void {
    const envelope: Envelope = { ...this.begun.version, to: 'tab', tab, engine: this.begun.engine, message };
    if (tab === this.begun.tab) scope.postMessage(envelope);
    else this.channel.postMessage(envelope);
  }

  private tellAll(message: FromEngine): void {
    const envelope: Envelope = { ...this.begun.version, to: 'tabs', engine: this.begun.engine, message };
    scope.postMessage(envelope);
    this.channel.postMessage(envelope);
  }

  // Held until this worker ends, whichever way. One of a tab that has just been closed may still be at work.
  private holdStore(): Promise<void> {
    return new Promise((resolve) => {
      void scope.navigator.locks.request(kStoreLock, () => {
        resolve();
        return new Promise<never>(() => undefined);
      });
    });
  }

  private async compile(): Promise<WebAssembly.Module> {
    try {
      return await WebAssembly.compile(this.begun.wasm);
    } catch {
      throw new HostFailure('engine_unloadable');
    }
  }

  private async load(module: WebAssembly.Module): Promise<EngineModule> {
    try {
      return await EngineModule.load(module, (text) => (this.complaint = text));
    } catch {
      throw new HostFailure('engine_unloadable');
    }
  }

  private stop(error: string, complaint: string): void {
    this.host?.stop();
    this.host = null;
    this.tellAll({ kind: 'stopped', error, complaint });
  }
}

let worker: EngineWorker | null = null;
scope.onmessage = ({ data }: MessageEvent<StartWorker | Envelope>) => {
  if ('kind' in data) {
    worker = new EngineWorker(data);
    void worker.start();
  } else {
    worker?.receive(data);
  }
};
