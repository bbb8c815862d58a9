// The whole page as one file, with the engine in it: node tools/make_single.mjs FOLDER writes FOLDER/godwit.html and prints its
// SHA-256. It is handed on by any means, and opened from a disk or served by any host.

import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { kPacked, kPackedMoving } from './engine_beside.mjs';
import { hashSource, policy } from './policy.mjs';

const kRoot = fileURLToPath(new URL('..', import.meta.url));
const kIcon = './icons/godwit.svg';

/** The script as a whole, the styles as a whole, and the worker: all that others fetch, in a folder of its own. */
async function parts() {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-single-'));
  try {
    await build({ root: kRoot, mode: 'single', logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
    const assets = readdirSync(join(folder, 'assets'));
    const only = (pattern) => {
      const found = assets.filter((each) => pattern.test(each));
      if (found.length !== 1) throw new Error(`${found.length} files are like ${pattern}: ${assets}`);
      return readFileSync(join(folder, 'assets', found[0]), 'utf8');
    };
    return { html: readFileSync(join(folder, 'index.html'), 'utf8'), script: only(/^index-.*\.js$/), style: only(/\.css$/), worker: only(/^worker-.*\.js$/), frames: only(/^frame_worker-.*\.js$/) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// What would end a script's element, or begin a comment in it, is written so that it means the same in a string.
function inElement(script) {
  return script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}

function withIcon(text) {
  const icon = readFileSync(join(kRoot, 'public', kIcon)).toString('base64');
  return text.replaceAll(kIcon, `data:image/svg+xml;base64,${icon}`);
}

function assemble({ html, script, style, worker, frames }) {
  const old = inElement(readFileSync(join(kRoot, 'public/old_browser.js'), 'utf8'));
  const page = inElement(withIcon(script));
  const data = (code) => JSON.stringify(code).replaceAll('<', '\\u003c');
  const engine = readFileSync(kPacked);
  const moving = readFileSync(kPackedMoving);
  const own = createHash('sha256').update(page).update(worker).update(frames).update(engine).update(moving).digest('hex').slice(0, 16);
  const rules = policy({ scripts: `${hashSource(page)} ${hashSource(old)}`, styles: hashSource(style), workers: 'blob:' });
  const body = [
    `<script>${old}</script>`,
    `<script type="application/json" id="godwit-worker">${data(worker)}</script>`,
    `<script type="application/json" id="godwit-frame-worker">${data(frames)}</script>`,
    `<script type="text/plain" id="godwit-wasm" data-build="${own}">${engine.toString('base64')}</script>`,
    `<script type="text/plain" id="godwit-moving">${moving.toString('base64')}</script>`,
    `<script type="module">${page}</script>`,
  ];
  const kept = withIcon(html)
    .replace(/\s*<link rel="(?:manifest|apple-touch-icon|stylesheet|modulepreload)"[^>]*>/g, '')
    .replace(/\s*<script\b[^>]*><\/script>/g, '');
  const out = kept
    .replace(/(<meta charset="utf-8" \/>)/, (charset) => `${charset}\n    <meta http-equiv="Content-Security-Policy" content="${rules}" />`)
    .replace('</head>', () => `  <style>${style}</style>\n  </head>`)
    .replace('</body>', () => `  ${body.join('\n    ')}\n  </body>`);
  if (/(?:src|href)="\.\//.test(out.slice(0, out.indexOf('<style>')))) throw new Error('the single file still points at others');
  return out;
}

const folder = resolve(process.argv[2] ?? 'dist');
const text = assemble(await parts());
const hash = createHash('sha256').update(text).digest('hex');
writeFileSync(join(folder, 'godwit.html'), text);
writeFileSync(join(folder, 'godwit.html.sha256'), `${hash}  godwit.html\n`);
console.log(`${hash}  ${join(folder, 'godwit.html')}`);
