// The dedicated worker that holds the engine: records in IndexedDB, files in it too, pipes by WebSocket, and the tabs that
// share it.

import { IndexedRecords, openDatabase } from './database';
import { Host, HostFailure } from './host';
import { EngineModule } from './module';
import {
  kChannel, kDatabase, kStoreLock, tabLock, type Envelope, type FromEngine, type StartWorker, type ToEngine,
} from './protocol';
import { filesKey, storageKey } from './storage_key';
import { WebFiles } from './web_files';
import { WebPipes } from './web_pipes';

interface Scope {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
  addEventListener(type: string, listener: () => void): void;
  navigator: { onLine: boolean; locks: LockManager };
}
const scope = self as unknown as Scope;

class EngineWorker {
  private readonly channel = new BroadcastChannel(kChannel);
  private readonly peers = new Map<string, { number: number; tab: string }>(); // by connection
  private readonly connections = new Map<number, string>();
  private readonly tabs = new Set<string>();
  private lastPeer = 0;
  private host: Host | null = null;
  private files: WebFiles | null = null;
  private complaint = '';

  constructor(private readonly begun: StartWorker) {
    this.channel.onmessage = ({ data }: MessageEvent<Envelope>) => this.receive(data);
  }

  async start(): Promise<void> {
    try {
      await this.holdStore();
      const database = await openDatabase(kDatabase, (error) => this.stop(error, ''));
      this.files = new WebFiles(database, await filesKey(database));
      const key = await storageKey(database);
      const module = await this.load();
      this.host = new Host(module, {
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
    void this.files.sweep().catch(() => undefined);
    this.tellAll({ kind: 'ready' });
  }

  receive(envelope: Envelope): void {
    if (envelope.to !== 'engine' || !this.host) return;
    this.follow(envelope.tab);
    void this.take(envelope.tab, envelope.message);
  }

  private async take(tab: string, message: ToEngine): Promise<void> {
    switch (message.kind) {
      case 'who':
        return this.tell(tab, { kind: 'ready' });
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
        return this.host?.line(peer.number, message.line);
      }
      case 'give_file':
        return this.answer(tab, message.request, async () => (await this.files!.give(message.source, message.file), null));
      case 'get_file':
        return this.answer(tab, message.request, () => this.files!.get(message.path));
      case 'take_back_file':
        return void this.files!.takeBack(message.source).catch(() => undefined);
      case 'forget_file':
        return void this.files!.forget(message.path).catch(() => undefined);
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
  }

  private tellLine(number: number, line: string): void {
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

  private async load(): Promise<EngineModule> {
    try {
      const module = await WebAssembly.compile(this.begun.wasm);
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
