// The least page: an engine, and calls of its API for the test that looks on (browser.test.mjs).

import type { Connection } from '../../../api/transport';
import { EngineTransport } from '../../connect';
import { IndexedRecords, openDatabase } from '../../database';
import { filesKey } from '../../storage_key';
import { WebFiles } from '../../web_files';

interface Answer {
  id: number;
  error?: unknown;
  result?: unknown;
}

const troubles: string[] = [];
const begun = performance.now();
// Of the page as one file: what could not be fetched from a disk.
const inlined = (globalThis as { inlined?: { wasm: string; worker: string } }).inlined;
const onTrouble = (error: string, complaint: string) => void troubles.push(`${error} ${complaint}`);
const engine = new EngineTransport(
  inlined
    ? {
        onTrouble,
        wasm: async () => Uint8Array.from(atob(inlined.wasm), (each) => each.charCodeAt(0)).buffer,
        worker: () => URL.createObjectURL(new Blob([inlined.worker], { type: 'text/javascript' })),
      }
    : { onTrouble, wasm: './godwit.wasm.gz' },
);
const pending = new Map<number, (answer: Answer) => void>();
const notices: { method: string }[] = [];
let connection: Connection | null = null;
let openings = 0;
let openedAfter = 0;
let lastId = 0;

function connect(): void {
  const made = engine.connect({
    onOpen() {
      connection = made;
      openings += 1;
      openedAfter ||= performance.now() - begun;
    },
    onLine(line) {
      const message = JSON.parse(line) as Answer & { method: string };
      if (message.method) return void notices.push(message);
      pending.get(message.id)?.(message);
      pending.delete(message.id);
    },
    onClose() {
      connection = null;
      for (const each of pending.values()) each({ id: 0, error: 'connection_lost' });
      pending.clear();
      setTimeout(connect, 100);
    },
  });
}
connect();

function call(method: string, params: unknown): Promise<Answer> {
  return new Promise((resolve) => {
    if (!connection) return resolve({ id: 0, error: 'not_connected' });
    pending.set(++lastId, resolve);
    connection.send(JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params }));
  });
}

/** The storage of a worker, by itself. */
async function storage(): Promise<{ records: IndexedRecords; files: () => Promise<WebFiles> }> {
  const database = await openDatabase('storage test', () => undefined);
  return { records: new IndexedRecords(database), files: async () => new WebFiles(database, await filesKey(new Uint8Array(32))) };
}

Object.assign(window, {
  storage, engine, call, troubles, notices,
  openings: () => openings,
  openedAfter: () => openedAfter,
  isOpen: () => connection !== null,
});
