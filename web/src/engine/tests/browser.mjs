// For the tests beside this: Debian's Chromium that trusts a home's certificate, and the least page around the engine.

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { trustingHome } from '../../../tests/served_home.mjs';
import { until } from './engines.mjs';

async function servePage(world) {
  const folder = join(world.folder, 'page');
  const root = fileURLToPath(new URL('./page', import.meta.url));
  await build({
    root, base: './', configFile: false, logLevel: 'error',
    build: { outDir: folder, target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  });
  copyFileSync(fileURLToPath(new URL('../godwit.wasm.gz', import.meta.url)), join(folder, 'godwit.wasm.gz'));
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.gz': 'application/octet-stream' };
  const server = createServer((request, response) => {
    const path = join(folder, normalize(request.url === '/' ? '/index.html' : request.url.split('?')[0]));
    try {
      const body = readFileSync(path);
      response.writeHead(200, { 'Content-Type': types[extname(path)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  world.atEnd(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
  return `http://127.0.0.1:${server.address().port}/`;
}

export class Browsers {
  static async make(world, home) {
    const made = new Browsers();
    Object.assign(made, { world, opened: new Set() });
    world.atEnd(() => made.closeAll());
    made.userHome = await trustingHome(join(world.folder, 'user'), join(home.folder, 'certificate.pem'));
    made.origin = await servePage(world);
    return made;
  }

  /** A browser with a profile of its own, which close() leaves on the disk. */
  async open(name, trusting = true) {
    const context = await chromium.launchPersistentContext(join(this.world.folder, `profile-${name}`), {
      executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-quic'],
      env: { ...process.env, HOME: trusting ? this.userHome : join(this.world.folder, 'nobody') },
    });
    this.opened.add(context);
    context.on('close', () => this.opened.delete(context));
    return context;
  }

  /** Ends those that are still open. */
  async closeAll() {
    await Promise.all([...this.opened].map((each) => each.close()));
  }

  /** A tab with the page, connected to the engine. */
  async tab(context, address = this.origin) {
    const page = await context.newPage();
    page.on('pageerror', (error) => console.error('page:', error));
    await page.goto(address);
    await connected(page);
    return page;
  }
}

/** The page in one file that needs no server; its address. */
export function singleFile(world) {
  const folder = join(world.folder, 'page/assets');
  const text = (pattern) => readFileSync(join(folder, readdirSync(folder).find((each) => pattern.test(each))));
  const wasm = readFileSync(join(folder, '../godwit.wasm.gz'));
  const inlined = JSON.stringify({ wasm: wasm.toString('base64'), worker: text(/^worker.*\.js$/).toString() }).replaceAll('<', '\\u003c');
  const script = text(/^index.*\.js$/).toString().replaceAll('</script', '<\\/script');
  const file = join(world.folder, 'single.html');
  writeFileSync(file, `<!doctype html><meta charset="utf-8"><script>inlined = ${inlined}</script><script type="module">${script}</script>`);
  return `file://${file}`;
}

export function connected(page) {
  return until(() => page.evaluate(() => window.isOpen()).catch(() => false), 'the page is connected to an engine');
}

export async function call(page, method, params = {}) {
  const answer = await page.evaluate(([name, fields]) => window.call(name, fields), [method, params]);
  if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.result;
}
