// Lays the engine for browsers beside the page, where `make wasm` has made one. Without it the page is complete too: `godwit web`
// has an engine of its own.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const kPacked = fileURLToPath(new URL('../src/engine/godwit.wasm.gz', import.meta.url));
export const kName = 'godwit.wasm.gz';

/** For vite.config.ts. */
export function engineBeside() {
  const there = existsSync(kPacked);
  return {
    name: 'godwit-engine',
    apply: 'build',
    generateBundle() {
      // Also asked of the worker's own build, which has no index.html.
      if (there && this.environment?.name === 'client') this.emitFile({ type: 'asset', fileName: kName, source: readFileSync(kPacked) });
    },
    transformIndexHtml: () => (there ? [{ tag: 'meta', attrs: { name: 'godwit-engine', content: `./${kName}` }, injectTo: 'head' }] : []),
  };
}
