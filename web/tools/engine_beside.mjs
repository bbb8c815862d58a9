// Lays the engine for browsers beside the page, where `make wasm` has made one. Without it the page is complete too: `godwit web`
// has an engine of its own.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const kPacked = fileURLToPath(new URL('../src/engine/godwit.wasm.gz', import.meta.url));
/** The module of imports and archives, which the engine's worker fetches when it is needed. */
export const kPackedMoving = fileURLToPath(new URL('../src/engine/godwit_moving.wasm.gz', import.meta.url));
const kName = /^godwit-[0-9a-f]+\.wasm\.gz$/;
const kMovingName = /^godwit_moving-[0-9a-f]+\.wasm\.gz$/;

/** With its hash, as all parts of the page have: a tab of an earlier version does not get the engine of a later one. */
function nameOf(packed, stem = 'godwit') {
  return `${stem}-${createHash('sha256').update(packed).digest('hex').slice(0, 10)}.wasm.gz`;
}

/** The engine's name in a built page; undefined: none lies there. */
export function engineIn(folder) {
  return existsSync(folder) ? readdirSync(folder).find((each) => kName.test(each)) : undefined;
}

/** The same of the module of imports and archives. */
export function movingIn(folder) {
  return existsSync(folder) ? readdirSync(folder).find((each) => kMovingName.test(each)) : undefined;
}

/** For vite.config.ts. */
export function engineBeside() {
  const beside = [
    { meta: 'godwit-engine', stem: 'godwit', packed: kPacked },
    { meta: 'godwit-moving', stem: 'godwit_moving', packed: kPackedMoving },
  ].flatMap(({ meta, stem, packed }) => {
    if (!existsSync(kPacked) || !existsSync(packed)) return [];
    const source = readFileSync(packed);
    return [{ meta, fileName: nameOf(source, stem), source }];
  });
  return {
    name: 'godwit-engine',
    apply: 'build',
    generateBundle() {
      // Also asked of the worker's own build, which has no index.html.
      if (this.environment?.name !== 'client') return;
      for (const { fileName, source } of beside) this.emitFile({ type: 'asset', fileName, source });
    },
    transformIndexHtml: () => beside.map(({ meta, fileName }) => ({ tag: 'meta', attrs: { name: meta, content: `./${fileName}` }, injectTo: 'head' })),
  };
}
