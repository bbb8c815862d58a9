// Tells the service worker what the page consists of: after a build, every file of it, with one hash of them all. When a file
// changes, so does sw.js, and that is how browsers learn of another version.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const kWorker = 'sw.js';
const kPlace = /\b__GODWIT_PRECACHE__\b/;

/** What lies beside the page and is no part of it: the page as one file. Nor is kept what imports, which few ever need. */
const kBeside = /^(godwit(\.html|_moving-)|assets\/moving-)/;

/** The files of a built page, by their addresses relative to it; the service worker is none of them. */
export function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath ?? each.path, each.name).slice(folder.length + 1).replaceAll('\\', '/'))
    .filter((each) => each !== kWorker && !kBeside.test(each))
    .sort();
}

function hashOf(folder, files) {
  const hash = createHash('sha256');
  for (const each of files) hash.update(`${each}\n`).update(readFileSync(join(folder, each)));
  return hash.digest('hex').slice(0, 20);
}

/** Writes into `folder`/sw.js what there is in `folder`. */
export function writePrecache(folder) {
  const path = join(folder, kWorker);
  const code = readFileSync(path, 'utf8');
  if (!kPlace.test(code)) throw new Error(`${path} has no place for its list of files`);
  const files = filesOf(folder);
  const list = JSON.stringify({ hash: hashOf(folder, files), files });
  writeFileSync(path, code.replace(kPlace, () => `(${list})`));
  return files.length;
}

/** For vite.config.ts. */
export function precache() {
  let folder = '';
  return {
    name: 'godwit-precache',
    apply: 'build',
    configResolved: (config) => void (folder = resolve(config.root, config.build.outDir)),
    // Not closeBundle: that comes after a failure too, and hides it.
    writeBundle: () => void writePrecache(folder),
  };
}
