// Whom the page believes about which files are published: what tools/publish.mjs has printed, in publisher.txt; without it, nobody.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const kFile = fileURLToPath(new URL('../publisher.txt', import.meta.url));

/** For vite.config.ts. */
export function namePublisher() {
  const publisher = existsSync(kFile) ? readFileSync(kFile, 'utf8').trim() : '';
  return {
    name: 'godwit-publisher',
    transformIndexHtml: () => (publisher ? [{ tag: 'meta', attrs: { name: 'godwit-publisher', content: publisher }, injectTo: 'head' }] : []),
  };
}
