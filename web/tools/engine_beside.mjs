// Lays the engine for browsers beside the page, where `make wasm` has made one. Without it the page is complete too: `godwit web`
// has an engine of its own.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const kPacked = fileURLToPath(new URL('../src/engine/godwit.wasm.gz', import.meta.url));
const kName = /^godwit-[0-9a-f]+\.wasm\.gz$/;

/** With its hash, as all parts of the page have: a tab of an earlier version does not get the engine of a later one. */
function nameOf(packed) {
  return `godwit-${createHash('sha256').update(packed).digest('hex').slice(0, 10)}.wasm.gz`;
}

/** The engine's name in a built page; undefined: none lies there. */
export function engineIn(folder) {
  return existsSync(folder) ? readdirSync(folder).find((each) => kName.test(each)) : undefined;
}

/** For vite.config.ts. */
export function engineBeside() {
  const packed = existsSync(kPacked) ? readFileSync(kPacked) : null;
  return {
    name: 'godwit-engine',
    apply: 'build',
    generateBundle() {
      // Also asked of the worker's own build, which has no index.html.
      if (packed && this.environment?.name === 'client') this.emitFile({ type: 'asset', fileName: nameOf(packed), source: packed });
    },
    transformIndexHtml: () => (packed ? [{ tag: 'meta', attrs: { name: 'godwit-engine', content: `./${nameOf(packed)}` }, injectTo: 'head' }] : []),
  };
}
