// What the built page may do, written into its HTML: a home that serves it sends no header of ours. `godwit web` sends its own
// besides (src/net/local_web.cc), and a browser obeys both. Frames cannot be forbidden here: the page looks for itself.

import { createHash } from 'node:crypto';

/** Every policy of Trusted Types that the page makes: of Svelte, pwa/trusted_scripts.ts, engine/connect.ts. */
const kTrusted = 'svelte-trusted-html godwit godwit-worker';

/** As a browser hashes what stands between two tags. */
export function hashSource(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** The page of several files by default; one whose scripts and styles stand in it names their hashes. */
export function policy({ scripts = "'self'", styles = "'self'", workers = "'self'" } = {}) {
  return [
    "default-src 'none'",
    `script-src ${scripts} 'wasm-unsafe-eval'`,
    `style-src ${styles}`,
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "connect-src 'self' wss:",
    "font-src 'self'",
    "manifest-src 'self'",
    `worker-src ${workers}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    `trusted-types ${kTrusted}`,
  ].join('; ');
}

/** For vite.config.ts: into index.html, before anything that it says something about. */
export function writePolicy() {
  return {
    name: 'godwit-policy',
    apply: 'build',
    transformIndexHtml: (html) => html.replace(/(<meta charset="utf-8" \/>)/, (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${policy()}" />`),
  };
}
