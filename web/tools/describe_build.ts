// What the page is built of, for the page itself to tell: the commit, and the code of others that is in it with its licence.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

interface Package {
  version: string;
  license: string;
  dependencies: Record<string, string>;
}

function read(path: string): Package {
  return JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as Package;
}

const kRoot = new URL('../../', import.meta.url);

// Empty where the sources are not in a repository, or git is not there.
function git(...words: string[]): string {
  try {
    return execFileSync('git', words, { cwd: kRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
}

// Of which commit, and of which day that is. The day on which it was built is not said: the same sources give the same page.
function commit() {
  return { name: git('describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'), day: git('show', '-s', '--format=%cs', 'HEAD') };
}

// What is linked into the engine for browsers (cmake/dependencies_wasm.cmake); the versions stand where they are chosen.
function engineParts() {
  const versionIn = (path: string, pattern: RegExp) => pattern.exec(readFileSync(new URL(path, kRoot), 'utf8'))?.[1] ?? '';
  return [
    { name: 'libsodium', version: versionIn('cmake/cache.cmake', /sodium_version ([\d.]+)/), licence: 'ISC' },
    { name: 'libstemmer', version: versionIn('cmake/dependencies_wasm.cmake', /libstemmer-([\d.]+)/), licence: 'BSD-3-Clause' },
    { name: 'JSON for Modern C++', version: '', licence: 'MIT' },
    { name: 'libc++', version: '', licence: 'Apache-2.0 WITH LLVM-exception' },
    { name: 'wasi-libc', version: '', licence: 'Apache-2.0 WITH LLVM-exception' },
  ];
}

export function describeBuild() {
  const { version, license, dependencies } = read('package.json');
  // These end up in the page though they are needed only to build it.
  const names = ['svelte', 'emoji-picker-element-data', ...Object.keys(dependencies)].sort();
  const parts = names.map((name) => {
    const about = read(`node_modules/${name}/package.json`);
    return { name, version: about.version, licence: about.license.replace(/^\((.*)\)$/, '$1') };
  });
  return { version, licence: license, commit: commit(), parts, engineParts: engineParts() };
}
