// The engine's WebAssembly module (src/wasm/exports.cc) and the few system calls that it makes. Not here: what its effects mean
// (host.ts).

import { HostFailure } from './host_failure';

interface Exports extends WebAssembly.Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  input(size: number): number;
  start(size: number, now: number): void;
  line(peer: number, size: number, now: number): void;
  leave(peer: number): void;
  event(size: number, now: number): void;
  expire(now: number): void;
  deadline(): number;
  effects(now: number): number;
  output(): number;
  make_lock(size: number): number;
  open_lock(header_size: number, size: number): number;
}

/** getRandomValues gives no more at a time (Web Cryptography §10.1.1). */
const kRandomMax = 65_536;

const kStorageKeySize = 32;

/** One engine. Any call may throw: the engine has found a fault of its own, and nothing of it may be used any more. */
export class EngineModule {
  private readonly utf8 = new TextEncoder();
  private constructor(private readonly exports: Exports) {}

  /** What it says of itself before it ends goes to `onComplaint`. */
  static async load(module: WebAssembly.Module, onComplaint: (text: string) => void): Promise<EngineModule> {
    let memory: WebAssembly.Memory | null = null;
    const imports = systemCalls(() => memory!, onComplaint);
    const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: imports });
    const exports = instance.exports as Exports;
    memory = exports.memory;
    exports._initialize();
    return new EngineModule(exports);
  }

  /** Takes the storage key, which is wiped on both sides. */
  start(key: Uint8Array, now: number): void {
    this.put(key);
    key.fill(0);
    this.exports.start(key.length, now);
  }
  line(peer: number, line: string, now: number): void {
    this.exports.line(peer, this.put(this.utf8.encode(line)), now);
  }
  leave(peer: number): void {
    this.exports.leave(peer);
  }
  event(bytes: Uint8Array, now: number): void {
    this.exports.event(this.put(bytes), now);
  }
  expire(now: number): void {
    this.exports.expire(now);
  }
  /** When expire() wants to be called; infinite: never. */
  deadline(): number {
    return this.exports.deadline();
  }
  /** What is to be done next (codec.ts); empty: nothing for now. Good until the next call of anything here. */
  effects(now: number): Uint8Array {
    const size = this.exports.effects(now);
    return new Uint8Array(this.exports.memory.buffer, this.exports.output(), size);
  }
  /** Seals the storage key under a passphrase; gives the header. Fails with crypto_out_of_memory. Not in a module that has been started. */
  makeLock(key: Uint8Array, passphrase: string): Uint8Array<ArrayBuffer> {
    const words = this.utf8.encode(passphrase);
    const size = this.exports.make_lock(this.put(joined(key, words)));
    if (size === 0) throw new HostFailure('crypto_out_of_memory');
    return new Uint8Array(this.exports.memory.buffer, this.exports.output(), size).slice();
  }
  /** Opens it. Fails with engine_wrong_passphrase, storage_key_damaged, crypto_out_of_memory. */
  openLock(header: Uint8Array, passphrase: string): Uint8Array<ArrayBuffer> {
    const size = this.exports.open_lock(header.length, this.put(joined(header, this.utf8.encode(passphrase))));
    if (size !== kStorageKeySize) throw new HostFailure(size === 0 ? 'engine_wrong_passphrase' : size === -2 ? 'crypto_out_of_memory' : 'storage_key_damaged');
    return new Uint8Array(this.exports.memory.buffer, this.exports.output(), size).slice();
  }
  /** Overwrites all that it has in memory; it is no engine any more. */
  wipe(): void {
    new Uint8Array(this.exports.memory.buffer).fill(0);
  }
  /** Bytes of memory that the engine has taken; they never become fewer. */
  get memorySize(): number {
    return this.exports.memory.buffer.byteLength;
  }

  private put(bytes: Uint8Array): number {
    const at = this.exports.input(bytes.length);
    new Uint8Array(this.exports.memory.buffer, at, bytes.length).set(bytes);
    return bytes.length;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  second.fill(0); // a passphrase
  return whole;
}

/** WASI preview 1, of which our modules need randomness and a place for last words. Everything else answers ENOSYS. */
export function systemCalls(memory: () => WebAssembly.Memory, onComplaint: (text: string) => void): WebAssembly.ModuleImports {
  const kNoSuchCall = 52;
  return {
    random_get(at: number, size: number): number {
      for (let done = 0; done < size; done += kRandomMax) {
        crypto.getRandomValues(new Uint8Array(memory().buffer, at + done, Math.min(kRandomMax, size - done)));
      }
      return 0;
    },
    fd_write(_file: number, vectors: number, count: number, written: number): number {
      const view = new DataView(memory().buffer);
      let size = 0;
      for (let i = 0; i < count; ++i) {
        const length = view.getUint32(vectors + 8 * i + 4, true);
        onComplaint(new TextDecoder().decode(new Uint8Array(memory().buffer, view.getUint32(vectors + 8 * i, true), length)));
        size += length;
      }
      view.setUint32(written, size, true);
      return 0;
    },
    fd_close: () => kNoSuchCall,
    fd_seek: () => kNoSuchCall,
    fd_fdstat_get: () => kNoSuchCall,
    poll_oneoff: () => kNoSuchCall,
    proc_exit(code: number): never {
      throw new WebAssembly.RuntimeError(`the engine has ended with ${code}`);
    },
  };
}
