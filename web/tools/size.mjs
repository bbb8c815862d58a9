// How large the page is for whoever fetches it: `npm run size` [FOLDER], each number beside its goal. Engine and page together are
// what a person waits for at the first opening; emoji and icons are data.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { engineIn, movingIn } from './engine_beside.mjs';

export const kTogetherMost = 450; // kB, of issue 6
/** What the engine's worker fetches together with the module of imports and archives. */
const kImporting = /^assets\/moving-/;

/** What index.html loads before anything can be seen: its own script and style, and what they are made of. */
function firstFiles(folder) {
  const seen = new Set(['index.html']);
  const todo = [...readFileSync(join(folder, 'index.html'), 'utf8').matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((match) => match[1]);
  while (todo.length > 0) {
    const file = todo.pop();
    if (seen.has(file)) continue;
    seen.add(file);
    if (!file.endsWith('.js')) continue;
    // import ... from "./x.js" and import "./x.js", not import("./x.js")
    for (const match of readFileSync(join(folder, file), 'utf8').matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) todo.push(`assets/${match[1]}`);
  }
  return [...seen];
}

/** In kB (1000 bytes), packed as by gzip -9; `engine` is null where none lies beside the page. */
export function sizes(folder) {
  const kb = (paths) => paths.reduce((sum, each) => sum + gzipSync(readFileSync(join(folder, each)), { level: 9 }).length, 0) / 1000;
  const all = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath ?? each.path, each.name).slice(folder.length + 1))
    .filter((each) => !each.startsWith('godwit.') && each !== engineIn(folder) && each !== movingIn(folder)) // the engine is packed already; one file is another way to have all of this
    .filter((each) => !kImporting.test(each));
  // The data of emoji is the only thing of that size that is data.
  const emoji = all.filter((each) => /assets\/(en|ru)-/.test(each) && readFileSync(join(folder, each), 'utf8').includes('😀'));
  const first = firstFiles(folder);
  const icons = all.filter((each) => each.startsWith('icons/'));
  const later = all.filter((each) => ![...emoji, ...first, ...icons].includes(each));
  const own = (name) => (existsSync(join(folder, name)) ? statSync(join(folder, name)).size / 1000 : null);
  const importing = readdirSync(join(folder, 'assets')).map((each) => `assets/${each}`).filter((each) => kImporting.test(each));
  return { first: kb(first), later: kb(later), emoji: kb(emoji), icons: kb(icons), engine: own(engineIn(folder) ?? 'none'), moving: movingIn(folder) ? own(movingIn(folder)) + kb(importing) : null, single: own('godwit.html') };
}

function main(folder) {
  const of = sizes(folder);
  const line = (what, value, most) => {
    const goal = most === undefined ? '' : `   ≤ ${most} kB${value > most ? '   MISSED' : ''}`;
    console.log(`${what.padEnd(52)} ${value.toFixed(value < 10 ? 1 : 0).padStart(8)} kB${goal}`);
  };
  line('what the first page needs', of.first);
  line('parts that come when they are asked for', of.later);
  line('page, all parts, gzip', of.first + of.later);
  if (of.engine === null) console.log('no engine lies beside it: make wasm');
  else {
    line('engine, gzip', of.engine);
    line('engine and page together', of.engine + of.first + of.later, kTogetherMost);
  }
  if (of.moving !== null) line('what imports and archives, fetched when needed, apart', of.moving);
  line('data of emoji, apart', of.emoji);
  line('icons, apart', of.icons);
  if (of.single !== null) line('godwit.html, as it is', of.single);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const beside = fileURLToPath(new URL('../../build/release/share/godwit/web', import.meta.url));
  const dist = fileURLToPath(new URL('../dist', import.meta.url));
  main(process.argv[2] ? resolve(process.argv[2]) : existsSync(beside) ? beside : dist);
}
