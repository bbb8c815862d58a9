// The page as one file (tools/make_single.mjs): what other pages fetch stands in it, in blocks that the browser does not run.

const kWasm = 'godwit-wasm';
const kMoving = 'godwit-moving';
const kWorker = 'godwit-worker';
const kFrameWorker = 'godwit-frame-worker';

function block(id: string): string | null {
  return document.getElementById(id)?.textContent ?? null;
}

export function isSingleFile(): boolean {
  return block(kWasm) !== null && block(kWorker) !== null;
}

function bytesIn(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text.trim()), (each) => each.charCodeAt(0)).buffer;
}

/** The engine's module, packed. */
export async function inlinedWasm(): Promise<ArrayBuffer> {
  return bytesIn(block(kWasm)!);
}

/** The module of imports and archives, packed. */
export function inlinedMoving(): ArrayBuffer | null {
  const text = block(kMoving);
  return text === null ? null : bytesIn(text);
}

/** Tells one such file from another. */
export function inlinedBuild(): string {
  return document.getElementById(kWasm)?.dataset['build'] ?? '';
}

/** An address for the code of its worker. */
export function inlinedWorker(): string {
  return addressOf(block(kWorker)!);
}

/** The same of the worker that seals the frames of calls; null: it lies beside the page. */
export function inlinedFrameWorker(): string | null {
  const code = block(kFrameWorker);
  return code === null ? null : addressOf(code);
}

function addressOf(code: string): string {
  return URL.createObjectURL(new Blob([JSON.parse(code) as string], { type: 'text/javascript' }));
}

/** SHA-256 of the file that this page was loaded from, as hexadecimal digits; null: the browser does not let a page read it. */
export async function ownHash(): Promise<string | null> {
  if (window.location.protocol === 'file:') return null;
  try {
    const answer = await fetch(window.location.pathname + window.location.search, { cache: 'force-cache' });
    return answer.ok ? await hashOf(await answer.arrayBuffer()) : null;
  } catch {
    return null;
  }
}

export async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
