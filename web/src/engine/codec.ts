// What the engine asks of its host, and what the host tells it, as bytes: the other side of src/wasm/host_codec.h, where the
// encoding is written down.

/** A record's change; no value removes it. */
export interface RecordChange {
  key: Uint8Array<ArrayBuffer>;
  value: Uint8Array<ArrayBuffer> | null;
}
export type StoredRecord = [key: Uint8Array<ArrayBuffer>, value: Uint8Array<ArrayBuffer>];

export interface RecordRange {
  first: Uint8Array<ArrayBuffer>;
  last: Uint8Array<ArrayBuffer>;
  countMax: number;
  backwards: boolean;
}

export type Effect =
  | { kind: 'open_pipe'; pipe: number; url: string; early: Uint8Array<ArrayBuffer>; pinned: boolean }
  | { kind: 'send_bytes'; pipe: number; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'close_pipe'; pipe: number }
  | { kind: 'store_batch'; batch: number; changes: RecordChange[] }
  | { kind: 'load_records'; load: number; range: RecordRange }
  | { kind: 'line'; peer: number; line: string }
  | { kind: 'read_file'; op: number; source: string; offset: number; size: number }
  | { kind: 'write_file'; op: number; destination: string; part: string; offset: number; bytes: Uint8Array<ArrayBuffer>; durable: boolean }
  | { kind: 'finish_file'; op: number; destination: string; part: string; name: string; size: number }
  | { kind: 'drop_file'; destination: string; part: string };

export type Event =
  | { kind: 'pipe_opened'; pipe: number }
  | { kind: 'pipe_bytes'; pipe: number; bytes: Uint8Array }
  | { kind: 'pipe_closed'; pipe: number; error: string }
  | { kind: 'batch_stored'; batch: number }
  | { kind: 'batch_failed'; batch: number; error: string }
  | { kind: 'records_loaded'; load: number; records: StoredRecord[] }
  | { kind: 'network_changed'; network: Uint8Array }
  | { kind: 'file_read'; op: number; bytes: Uint8Array; size: number; version: number; error: string }
  | { kind: 'file_written'; op: number; path: string; error: string };

const text = new TextDecoder();
const utf8 = new TextEncoder();

/** Reads what the engine has written. Everything is copied: the memory is the engine's, and used again. */
class Fields {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }
  u8(): number {
    return this.bytes[this.at++]!;
  }
  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4);
  }
  // Counters, offsets and sizes: none of them comes near 2^53.
  u64(): number {
    this.at += 8;
    return Number(this.view.getBigUint64(this.at - 8));
  }
  opaque(): Uint8Array<ArrayBuffer> {
    const size = this.length();
    this.at += size;
    return this.bytes.slice(this.at - size, this.at) as Uint8Array<ArrayBuffer>;
  }
  text(): string {
    const size = this.length();
    this.at += size;
    return text.decode(this.bytes.subarray(this.at - size, this.at));
  }
  hex(): string {
    return Array.from(this.opaque(), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  // RFC 9420 §2.1.2
  private length(): number {
    const first = this.bytes[this.at]!;
    if (first < 0x40) return this.u8();
    if (first >= 0x80) return this.u32() & 0x3fffffff;
    this.at += 2;
    return this.view.getUint16(this.at - 2) & 0x3fff;
  }
}

/** Writes what the engine reads. */
class Writer {
  private readonly pieces: Uint8Array[] = [];
  private size = 0;

  number(value: number, size: 1 | 4 | 8): this {
    const piece = new Uint8Array(8);
    new DataView(piece.buffer).setBigUint64(0, BigInt(value));
    return this.raw(piece.subarray(8 - size));
  }
  opaque(bytes: Uint8Array): this {
    const size = bytes.length;
    if (size < 0x40) this.number(size, 1);
    else if (size < 0x4000) this.raw(new Uint8Array([0x40 | (size >> 8), size & 0xff]));
    else this.raw(new Uint8Array([0x80 | (size >>> 24), (size >>> 16) & 0xff, (size >>> 8) & 0xff, size & 0xff]));
    return this.raw(bytes);
  }
  text(value: string): this {
    return this.opaque(utf8.encode(value));
  }
  take(): Uint8Array {
    const out = new Uint8Array(this.size);
    let at = 0;
    for (const piece of this.pieces) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }

  private raw(bytes: Uint8Array): this {
    this.pieces.push(bytes);
    this.size += bytes.length;
    return this;
  }
}

function change(fields: Fields): RecordChange {
  const key = fields.opaque();
  return { key, value: fields.u8() ? fields.opaque() : null };
}

// Fields are read in the order in which they are written down: JavaScript evaluates an object's properties in their order.
function effect(fields: Fields): Effect {
  switch (fields.u8()) {
    case 1:
      return { kind: 'open_pipe', pipe: fields.u64(), url: fields.text(), early: fields.opaque(), pinned: fields.u8() === 1 };
    case 2:
      return { kind: 'send_bytes', pipe: fields.u64(), bytes: fields.opaque() };
    case 3:
      return { kind: 'close_pipe', pipe: fields.u64() };
    case 4:
      return { kind: 'store_batch', batch: fields.u64(), changes: Array.from({ length: fields.u32() }, () => change(fields)) };
    case 5: {
      const load = fields.u64();
      const range = { first: fields.opaque(), last: fields.opaque(), countMax: fields.u32(), backwards: fields.u8() === 1 };
      return { kind: 'load_records', load, range };
    }
    case 6:
      return { kind: 'line', peer: fields.u32(), line: fields.text() };
    case 7:
      return { kind: 'read_file', op: fields.u64(), source: fields.text(), offset: fields.u64(), size: fields.u32() };
    case 8:
      return {
        kind: 'write_file', op: fields.u64(), destination: fields.text(), part: fields.hex(), offset: fields.u64(),
        bytes: fields.opaque(), durable: fields.u8() === 1,
      };
    case 9:
      return {
        kind: 'finish_file', op: fields.u64(), destination: fields.text(), part: fields.hex(), name: fields.text(), size: fields.u64(),
      };
    case 10:
      return { kind: 'drop_file', destination: fields.text(), part: fields.hex() };
    default:
      throw new Error('the engine and its host are not of one version');
  }
}

/** All effects of one call. */
export function readEffects(bytes: Uint8Array): Effect[] {
  const fields = new Fields(bytes);
  const out: Effect[] = [];
  while (!fields.done) out.push(effect(fields));
  return out;
}

export function writeEvent(event: Event): Uint8Array {
  const out = new Writer();
  switch (event.kind) {
    case 'pipe_opened':
      return out.number(1, 1).number(event.pipe, 8).take();
    case 'pipe_bytes':
      return out.number(2, 1).number(event.pipe, 8).opaque(event.bytes).take();
    case 'pipe_closed':
      return out.number(3, 1).number(event.pipe, 8).text(event.error).take();
    case 'batch_stored':
      return out.number(4, 1).number(event.batch, 8).take();
    case 'batch_failed':
      return out.number(5, 1).number(event.batch, 8).text(event.error).take();
    case 'records_loaded':
      out.number(6, 1).number(event.load, 8).number(event.records.length, 4);
      for (const [key, value] of event.records) out.opaque(key).opaque(value);
      return out.take();
    case 'network_changed':
      return out.number(7, 1).opaque(event.network).take();
    case 'file_read':
      out.number(8, 1).number(event.op, 8).opaque(event.bytes).number(event.size, 8).number(event.version, 8);
      return out.text(event.error).take();
    case 'file_written':
      return out.number(9, 1).number(event.op, 8).text(event.path).text(event.error).take();
  }
}
