// For the tests beside this: real homes, real native clients, and engines in this process that are the page's own: the module, the
// host and the pipes, with records that outlive them. Everything that is started here is ended here, by its own process object.

import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createServer } from 'vite';

const run = promisify(execFile);
export const kBin = process.env.GODWIT_BIN ?? fileURLToPath(new URL('../../../../build/release/bin', import.meta.url));
export const kWasm = process.env.GODWIT_WASM ?? fileURLToPath(new URL('../../../../build/wasm/bin/godwit.wasm', import.meta.url));
const kFolder = fileURLToPath(new URL('..', import.meta.url));
const kWaitMs = 60_000; // for what takes milliseconds: a test is never decided by time, only ended by it

for (const needed of [join(kBin, 'godwit'), join(kBin, 'godwit-home'), kWasm]) {
  if (!existsSync(needed)) throw new Error(`${needed} is missing: make, make wasm, or GODWIT_BIN and GODWIT_WASM`);
}

export async function until(condition, text, timeout = kWaitMs) {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${timeout} ms: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The modules of the page's engine, as they are. */
export async function sources() {
  const server = await createServer({
    root: kFolder, configFile: false, appType: 'custom', logLevel: 'error',
    server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true },
  });
  const load = (name) => server.ssrLoadModule(join(kFolder, name));
  const all = { ...(await load('module.ts')), ...(await load('host.ts')), ...(await load('host_failure.ts')), ...(await load('web_pipes.ts')), ...(await load('codec.ts')), ...(await load('picture.ts')) };
  return { ...all, close: () => server.close() };
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

export class World {
  constructor(name) {
    this.folder = mkdtempSync(join(tmpdir(), `godwit-${name}-`));
    this.ends = [];
  }
  atEnd(end) {
    this.ends.unshift(end);
  }
  async end() {
    for (const end of this.ends) await end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

let lastPort = 20_000 + ((process.pid * 31) % 11_000);

export class Home {
  static async make(world, options = []) {
    const home = new Home();
    home.folder = join(world.folder, `home${world.ends.length}`);
    do home.port = ++lastPort; while (await listens(home.port));
    const place = ['--folder', home.folder, '--host', '127.0.0.1', '--address', '127.0.0.1', '--port', String(home.port), '--path', '/ws'];
    await run(join(kBin, 'godwit-home'), ['init', ...place, ...options]);
    world.atEnd(() => home.stop());
    await home.start();
    return home;
  }
  async start() {
    this.process = spawn(join(kBin, 'godwit-home'), ['run', '--folder', this.folder], { stdio: 'ignore' });
    await until(() => listens(this.port), 'the home listens');
  }
  async link() {
    const { stdout } = await run(join(kBin, 'godwit-home'), ['invite', '--folder', this.folder]);
    return stdout.trim().split('\n').at(-1);
  }
  async stop() {
    if (!this.process) return;
    const ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
    this.process = null;
  }
}

/** Calls of the JSON API over whatever carries lines. */
export class Calls {
  constructor(name, send) {
    this.name = name;
    this.sendLine = send;
    this.answers = new Map();
    this.notices = [];
    this.lastId = 0;
  }
  take(line) {
    const message = JSON.parse(line);
    if (message.method) return this.notices.push(message);
    this.answers.get(message.id)?.(message);
    this.answers.delete(message.id);
  }
  call(method, params = {}) {
    return new Promise((resolve, reject) => {
      const id = ++this.lastId;
      this.answers.set(id, (message) => {
        if (message.error) reject(Object.assign(new Error(`${this.name}: ${method}: ${JSON.stringify(message.error)}`), message.error));
        else resolve(message.result);
      });
      this.sendLine(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }
  async chatWith(name) {
    return until(async () => (await this.call('list_chats')).chats.find((each) => each.name === name), `${this.name} has a chat ${name}`);
  }
  async texts(chat) {
    return (await this.call('read_history', { chat, before: null, count: 100 })).messages.map((each) => each.text).filter(Boolean);
  }
}

/** A native client: `godwit rpc` on a profile of its own. */
export class NativePerson extends Calls {
  static async make(world, name, home) {
    const profile = join(world.folder, name);
    const key = ['--profile', profile, '--key-file', `${profile}.key`];
    await run(join(kBin, 'godwit'), [...key, 'new', '--name', name, '--home', await home.link()]);
    const program = spawn(join(kBin, 'godwit'), [...key, 'rpc'], { stdio: ['pipe', 'pipe', 'inherit'] });
    const person = new NativePerson(name, (line) => program.stdin.write(`${line}\n`));
    let rest = '';
    program.stdout.setEncoding('utf8');
    program.stdout.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) person.take(line);
    });
    world.atEnd(async () => {
      const ended = new Promise((resolve) => program.on('exit', resolve));
      program.kill('SIGTERM');
      await ended;
    });
    return person;
  }
}

/** Records that outlive the engine, as a disk does. `hook` is told of each batch before and after it is there. */
export class Disk {
  constructor() {
    this.records = new Map(); // by the key in hexadecimal digits, whose order is that of the bytes
    this.batches = 0;
    this.hook = null;
  }
  async store(changes) {
    const batch = ++this.batches;
    this.hook?.('before', batch);
    await new Promise((resolve) => setImmediate(resolve));
    for (const { key, value } of changes) {
      const name = Buffer.from(key).toString('hex');
      if (value === null) this.records.delete(name);
      else this.records.set(name, value);
    }
    this.hook?.('after', batch);
  }
  async load({ first, last, countMax, backwards }) {
    const [from, to] = [first, last].map((each) => Buffer.from(each).toString('hex'));
    const names = [...this.records.keys()].filter((each) => each >= from && each < to).sort();
    if (backwards) names.reverse();
    return names.slice(0, countMax).map((each) => [new Uint8Array(Buffer.from(each, 'hex')), this.records.get(each)]);
  }
}

const kNoFiles = {
  read: () => Promise.reject(new Error('no files here')), write: () => Promise.reject(new Error('no files here')),
  finish: () => Promise.reject(new Error('no files here')), drop: async () => undefined,
};

/** An engine in this process. kill() ends it as a closed tab would; start() takes up what is on the disk. */
export class WasmPerson extends Calls {
  constructor(world, code, name, pipes = {}) {
    super(name, (line) => this.host?.line(1, line));
    Object.assign(this, { code, pipeOptions: pipes, disk: new Disk(), key: crypto.getRandomValues(new Uint8Array(32)), stops: [] });
    world.atEnd(() => this.kill());
  }
  async start() {
    const module = await WebAssembly.compile(readFileSync(kWasm));
    this.module = await this.code.EngineModule.load(module, (text) => this.stops.push(text));
    this.host = new this.code.Host(this.module, {
      records: this.disk,
      pipes: new this.code.WebPipes(this.pipeOptions),
      files: kNoFiles,
      onLine: (_peer, line) => this.take(line),
      onStop: (error, complaint) => this.stops.push(`${error}: ${complaint}`),
    });
    this.host.start(this.key.slice());
  }
  kill() {
    this.host?.stop();
    this.host = null;
    this.answers.clear();
  }
}
