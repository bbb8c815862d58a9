// Runs one engine: does what it asks, in the order in which it asks, and tells it what came of it (the loop is in
// src/engine/engine.h). It decides nothing. Where records, pipes and files really are is somebody else's: a worker's
// (worker.ts), or a test's.

import { readEffects, writeEvent, type Effect, type Event, type RecordChange, type RecordRange, type StoredRecord } from './codec';
import { HostFailure } from './host_failure';
import type { EngineModule } from './module';

/** The engine's records. Calls take effect in their order. */
export interface Records {
  /** All or nothing, durably. Fails with store_disk_full or store_unavailable. */
  store(changes: RecordChange[]): Promise<void>;
  load(range: RecordRange): Promise<StoredRecord[]>;
}

/** What pipes tell. */
export interface PipeListener {
  onOpen(pipe: number): void;
  onBytes(pipe: number, bytes: Uint8Array): void;
  onClose(pipe: number, error: string): void;
}

export interface Pipes {
  open(pipe: number, url: string, early: Uint8Array<ArrayBuffer>, pinned: boolean, listener: PipeListener): void;
  send(pipe: number, bytes: Uint8Array<ArrayBuffer>): void;
  /** Nothing more is told of it. */
  close(pipe: number): void;
  closeAll(): void;
}

export interface FilePiece {
  bytes: Uint8Array;
  size: number;
  version: number;
}

/** Files on their way; see ReadFile, WriteFile, FinishFile and DropFile in src/engine/effects.h. */
export interface Files {
  read(source: string, offset: number, size: number): Promise<FilePiece>;
  write(part: string, offset: number, bytes: Uint8Array<ArrayBuffer>, durable: boolean): Promise<void>;
  finish(destination: string, part: string, name: string, size: number): Promise<string>;
  drop(part: string): Promise<void>;
}

export interface HostParts {
  records: Records;
  pipes: Pipes;
  files: Files;
  onLine(peer: number, line: string): void;
  /** Called once: nothing more is done, and a new host has to take up what is stored. */
  onStop(error: string, complaint: string): void;
}

/** setTimeout counts in 32 bits. */
const kTimeoutMax = 0x7fffffff;
/** A clock that has jumped by more than this between two looks: the device has slept. */
const kLook = 10_000;
const kSlept = 30_000;
const kNothing = new Uint8Array(0);

export class Host implements PipeListener {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lookTimer: ReturnType<typeof setTimeout> | undefined;
  private pumping = false;
  private stopped = false;

  constructor(
    private readonly module: EngineModule,
    private readonly parts: HostParts,
  ) {}

  /** First call, once. The key is wiped. */
  start(key: Uint8Array): void {
    this.enter(() => this.module.start(key, Date.now()));
    this.look(Date.now());
  }

  line(peer: number, line: string): void {
    this.enter(() => this.module.line(peer, line, Date.now()));
  }

  leave(peer: number): void {
    this.enter(() => this.module.leave(peer));
  }

  /** The device is on another network, or awake again. */
  networkChanged(): void {
    this.tell({ kind: 'network_changed', network: kNothing });
  }

  /** Ends without a word, as if the program had been killed. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.lookTimer);
    this.parts.pipes.closeAll();
  }

  onOpen(pipe: number): void {
    this.tell({ kind: 'pipe_opened', pipe });
  }
  onBytes(pipe: number, bytes: Uint8Array): void {
    this.tell({ kind: 'pipe_bytes', pipe, bytes });
  }
  onClose(pipe: number, error: string): void {
    this.tell({ kind: 'pipe_closed', pipe, error });
  }

  private tell(event: Event): void {
    this.enter(() => this.module.event(writeEvent(event), Date.now()));
  }

  // Calls the engine and does what it wants then. What throws inside is a fault in the engine or here: there is no going on.
  private enter(call: () => void): void {
    if (this.stopped) return;
    try {
      call();
      this.pump();
    } catch (fault) {
      this.fail('engine_crashed', fault);
    }
  }

  // What happens inside (a line is answered by another) comes back to enter(), and the loop below goes on with it.
  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    for (;;) {
      const effects = readEffects(this.module.effects(Date.now()));
      if (effects.length === 0) break;
      for (const effect of effects) {
        if (this.stopped) return;
        this.perform(effect);
      }
    }
    this.pumping = false;
    this.setTimer();
  }

  private setTimer(): void {
    clearTimeout(this.timer);
    const deadline = this.module.deadline();
    if (deadline === Infinity) return;
    const wait = Math.min(Math.max(deadline - Date.now(), 0), kTimeoutMax);
    this.timer = setTimeout(() => this.enter(() => this.module.expire(Date.now())), wait);
  }

  private perform(effect: Effect): void {
    const { pipes, files } = this.parts;
    switch (effect.kind) {
      case 'open_pipe':
        return pipes.open(effect.pipe, effect.url, effect.early, effect.pinned, this);
      case 'send_bytes':
        return pipes.send(effect.pipe, effect.bytes);
      case 'close_pipe':
        return pipes.close(effect.pipe);
      case 'store_batch':
        return void this.store(effect.batch, effect.changes);
      case 'load_records':
        return void this.load(effect.load, effect.range);
      case 'line':
        return this.parts.onLine(effect.peer, effect.line);
      case 'read_file':
        return void this.read(effect.op, effect.source, effect.offset, effect.size);
      case 'write_file':
        return void this.written(effect.op, files.write(effect.part, effect.offset, effect.bytes, effect.durable).then(() => ''));
      case 'finish_file':
        return void this.written(effect.op, files.finish(effect.destination, effect.part, effect.name, effect.size));
      case 'drop_file':
        return void files.drop(effect.part).catch(() => undefined); // no answer is wanted
    }
  }

  private async store(batch: number, changes: RecordChange[]): Promise<void> {
    try {
      await this.parts.records.store(changes);
    } catch (failure) {
      return this.tell({ kind: 'batch_failed', batch, error: nameOf(failure, 'store_unavailable') });
    }
    this.tell({ kind: 'batch_stored', batch });
  }

  // Without its records the engine cannot go on, and must not guess.
  private async load(load: number, range: RecordRange): Promise<void> {
    let records: StoredRecord[];
    try {
      records = await this.parts.records.load(range);
    } catch (failure) {
      return this.fail('storage_unreadable', failure);
    }
    this.tell({ kind: 'records_loaded', load, records });
  }

  private async read(op: number, source: string, offset: number, size: number): Promise<void> {
    const nothing = { bytes: kNothing, size: 0, version: 0 };
    let piece: FilePiece = nothing;
    let error = '';
    try {
      piece = await this.parts.files.read(source, offset, size);
    } catch (failure) {
      error = nameOf(failure, 'browser_file_gone');
    }
    this.tell({ kind: 'file_read', op, ...piece, error });
  }

  private async written(op: number, done: Promise<string>): Promise<void> {
    let path = '';
    let error = '';
    try {
      path = await done;
    } catch (failure) {
      error = nameOf(failure, 'browser_keeps_no_files');
    }
    this.tell({ kind: 'file_written', op, path, error });
  }

  // Timers stand still while a device sleeps, and no browser says that it has slept.
  private look(before: number): void {
    if (this.stopped) return;
    const now = Date.now();
    if (now - before > kLook + kSlept) this.networkChanged();
    this.lookTimer = setTimeout(() => this.look(now), kLook);
    // A test's process ends although this waits.
    (this.lookTimer as { unref?: () => void }).unref?.();
  }

  private fail(error: string, fault: unknown): void {
    if (this.stopped) return;
    this.stop();
    this.parts.onStop(error, fault instanceof Error ? `${fault.message}\n${fault.stack ?? ''}` : String(fault));
  }
}

function nameOf(failure: unknown, otherwise: string): string {
  return failure instanceof HostFailure ? failure.errorName : otherwise;
}
