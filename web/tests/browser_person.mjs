// People whose engine is in their browser: like those of world.mjs, so that the same tests are about both. Each has a browser
// profile of their own on the disk. A tab that shows nothing holds on to the engine and makes calls of its API beside the pages.

import { join } from 'node:path';
import { engineIn, movingIn } from '../tools/engine_beside.mjs';
import { servedPage, ServedWorld, trust } from './served_home.mjs';
import { until } from './world.mjs';

/** In a tab of the page's origin: the transport of the built page, and calls over it. */
async function holdEngine([script, wasm, moving, watched]) {
  const { EngineTransport } = await import(script);
  const troubles = [];
  const options = { wasm, moving, onTrouble: (error, complaint) => troubles.push(`${error} ${complaint}`) };
  if (watched) options.worker = () => URL.createObjectURL(new Blob([watched], { type: 'text/javascript' }));
  const transport = new EngineTransport(options);
  const pending = new Map();
  let lastId = 0;
  let connection = null;
  const connect = () => {
    const made = transport.connect({
      onOpen: () => (connection = made),
      onLine(line) {
        const message = JSON.parse(line);
        if (message.method) globalThis.beside.onNotice?.(message);
        pending.get(message.id)?.(message);
        pending.delete(message.id);
      },
      onClose() {
        connection = null;
        for (const each of pending.values()) each({ error: { message: 'the engine was lost' } });
        pending.clear();
        setTimeout(connect, 100);
      },
    });
  };
  connect();
  globalThis.beside = {
    troubles,
    transport,
    isOpen: () => connection !== null,
    call: (method, params) =>
      new Promise((resolve) => {
        if (!connection) return resolve({ error: { message: 'the engine is not there' } });
        pending.set(++lastId, resolve);
        connection.send(JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params }));
      }),
  };
}

/** Before the worker's own code: keeps hold of the engine's memory. */
const kWatch = `const load = WebAssembly.instantiate;
WebAssembly.instantiate = async (...all) => { const made = await load(...all); self.engineMemory = made.exports.memory; return made; };
const early = [];
self.onmessage = (event) => early.push(event);
`;

export class BrowserPerson {
  constructor(name, world) {
    Object.assign(this, { name, world, url: world.origin, link: `${world.origin}#` });
  }

  /** `watched`: engineMemory() can be asked. */
  async start({ watched = false } = {}) {
    this.context = await this.world.profile(this.name, this.world.browserOptions);
    this.beside = this.context.pages()[0] ?? (await this.context.newPage());
    await this.beside.goto(`${this.url}godwit.webmanifest`);
    const [script, wasm, moving] = [this.world.transportScript, engineIn(this.world.site), movingIn(this.world.site)].map((each) => new URL(each, this.url).href);
    const code = watched && `${kWatch}import('${this.url}${this.world.workerScript}').then(() => early.forEach((each) => self.onmessage(each)));`;
    await this.beside.evaluate(holdEngine, [script, wasm, moving, code]);
    await until(() => this.beside.evaluate(() => globalThis.beside.isOpen()), `the engine of ${this.name} is there`);
  }

  async call(method, params = {}) {
    const { error, result } = await this.beside.evaluate(([name, fields]) => globalThis.beside.call(name, fields), [method, params]);
    if (error) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }

  /** In MB; what a module has once taken it does not give back. */
  async engineMemory() {
    return (await this.beside.workers()[0].evaluate(() => self.engineMemory.buffer.byteLength)) / 1e6;
  }

  async chatWith(name) {
    return until(async () => (await this.call('list_chats')).chats.find((each) => each.name === name), `${this.name} has a chat ${name}`);
  }

  /** The browser goes, with all its pages; what it has stored stays. */
  async stop() {
    await this.context?.close();
    this.context = null;
  }
}

export class BrowserWorld extends ServedWorld {
  /** The first home shows the page. Of the others, browsers trust those that were there before they were started. */
  async home() {
    if (this.served) {
      const other = await this.newHome({ host: '127.0.0.1' });
      await trust(this.userHome, join(other.folder, 'certificate.pem'), `home ${other.port}`);
      return other;
    }
    if (!servedPage) throw new Error('the engine for browsers was not built (make wasm, web/build)');
    await this.begin();
    return this.served;
  }

  async stranger(name) {
    const person = new BrowserPerson(name, this);
    this.started.push(person);
    await person.start();
    return person;
  }

  async person(name, home) {
    const person = await this.stranger(name);
    person.made = await person.call('new_account', { name, home_link: await home.link() });
    return person;
  }

  /** A tab in the person's browser. What it says of errors is collected in `page.problems`. */
  async page(person, { width = 1280, height = 800, theme = 'light', query = '', permissions, geolocation, reducedMotion = null } = {}) {
    const { context } = person;
    await context.clearPermissions();
    await context.grantPermissions(permissions ?? ['clipboard-read', 'clipboard-write'], { origin: new URL(person.url).origin });
    if (geolocation) await context.setGeolocation(geolocation);
    const page = await context.newPage();
    page.problems = [];
    this.watch(page, page);
    page.setDefaultTimeout(60_000);
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme, reducedMotion });
    await page.goto(person.link + query);
    return page;
  }

  /** The browser's other tabs stay. */
  async close(page) {
    await page.close();
  }
}
