// What the page is built of, for the page itself to tell: its version, and the code of others that is in it with its licence.

import { readFileSync } from 'node:fs';

interface Package {
  version: string;
  license: string;
  dependencies: Record<string, string>;
}

function read(path: string): Package {
  return JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as Package;
}

export function describeBuild() {
  const { version, license, dependencies } = read('package.json');
  // These end up in the page though they are needed only to build it.
  const names = ['svelte', 'emoji-picker-element-data', ...Object.keys(dependencies)].sort();
  const parts = names.map((name) => {
    const about = read(`node_modules/${name}/package.json`);
    return { name, version: about.version, licence: about.license.replace(/^\((.*)\)$/, '$1') };
  });
  return { version, licence: license, parts };
}
