// Real homes, real engines, a real browser: what the tests and the screenshots are made of. Everything that is started here is
// ended here, by its own process object.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { ApiSocket } from './api_socket.mjs';

const run = promisify(execFile);
export const kBin = process.env.GODWIT_BIN ?? fileURLToPath(new URL('../../build/release/bin', import.meta.url));
const kPage = process.env.GODWIT_PAGE ?? fileURLToPath(new URL('../dist', import.meta.url));
const kWaitMs = 60_000; // for what takes milliseconds: a test is never decided by time, only ended by it
let lastPort = 20_000 + ((process.pid * 31) % 11_000); // two tests that begin together are far apart

export async function until(condition, text, timeout = kWaitMs) {
  const end = Date.now() + timeout;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${timeout} ms: ${text}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

export function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
    socket.on('error', () => resolve(false));
  });
}

class Home {
  /** `site` is the folder that it shows to browsers, `page` where it says that the page is; a certificate for `host` is made. */
  constructor(folder, { host, site, page } = {}) {
    this.folder = folder;
    this.host = host;
    this.site = site;
    this.page = page;
    this.port = ++lastPort;
  }

  async start() {
    while (await listens(this.port)) this.port = ++lastPort;
    const options = ['--folder', this.folder, '--address', '127.0.0.1', '--port', String(this.port), '--path', '/ws'];
    await run(join(kBin, 'godwit-home'), ['init', ...options, ...(this.host ? ['--host', this.host] : [])]);
    this.configure('self_delivery_seconds', '3'); // the default of 30 is for those who are watched
    if (this.site) this.configure('site', JSON.stringify(this.site));
    if (this.page) this.configure('page', JSON.stringify(this.page));
    await this.resume();
  }

  configure(key, value) {
    const path = join(this.folder, 'config.toml');
    const text = readFileSync(path, 'utf8');
    const line = new RegExp(`^${key} = .*$`, 'm');
    if (!line.test(text)) throw new Error(`${path} has no ${key}`);
    writeFileSync(path, text.replace(line, `${key} = ${value}`));
  }

  async resume() {
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

/** One profile with its `godwit web`, and calls of its API beside the page. */
class Person {
  /** `passphrase`: opens the profile; none: a key file does. */
  constructor(name, folder, { passphrase } = {}) {
    this.name = name;
    this.passphrase = passphrase;
    this.folder = join(folder, name);
    this.port = 0;
    this.page = kPage;
  }

  async start() {
    const byFile = this.passphrase === undefined;
    const globals = ['--profile', this.folder, ...(byFile ? ['--key-file', `${this.folder}.key`] : [])];
    const env = { ...process.env, ...(byFile ? {} : { GODWIT_PASSPHRASE: this.passphrase }) };
    const options = ['--page', this.page, '--port', String(this.port)];
    this.process = spawn(join(kBin, 'godwit'), [...globals, 'web', ...options], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    this.link = await new Promise((resolve, reject) => {
      let text = '';
      this.process.stdout.on('data', (bytes) => (text += bytes).endsWith('\n') && resolve(text.trim()));
      this.process.on('exit', (code) => reject(new Error(`godwit web ended with ${code}`)));
    });
    [this.url, this.token] = this.link.split('#token=');
    this.port = Number(new URL(this.url).port);
    this.socket = new ApiSocket(this.port);
    await this.call('authenticate', { token: this.token });
  }

  call(method, params = {}) {
    return this.socket.call(method, params);
  }

  async chatWith(name) {
    return until(async () => (await this.call('list_chats')).chats.find((each) => each.name === name), `${this.name} has a chat ${name}`);
  }

  async stop() {
    if (!this.process) return;
    this.socket?.end();
    const ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
    this.process = null;
  }
}

export class World {
  /** `args`: what the browsers of these people are started with. */
  browserOptions = {};

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'godwit-web-test-'));
    this.started = [];
  }

  home() {
    return this.newHome();
  }

  async newHome(options = {}) {
    const home = new Home(join(this.folder, `home${this.started.length}`), options);
    this.started.push(home);
    await home.start();
    return home;
  }

  /** Somebody whose profile has no account yet. */
  async stranger(name, options) {
    const person = new Person(name, this.folder, options);
    this.started.push(person);
    await person.start();
    return person;
  }

  async person(name, home) {
    const person = await this.stranger(name);
    await person.call('new_account', { name, home_link: await home.link() });
    return person;
  }

  /** The chat of two that know each other from now on; gives its id. */
  async pair(a, b) {
    const { link } = await a.call('make_invite');
    const { chat } = await b.call('add_contact', { link });
    await until(async () => (await a.call('list_chats')).chats.find((each) => each.chat === chat.chat)?.ready, 'both are in');
    await until(async () => (await b.call('list_chats')).chats.find((each) => each.chat === chat.chat)?.ready, 'both are in');
    return chat.chat;
  }

  async browser() {
    const { args = [] } = this.browserOptions;
    this.chromium ??= await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', ...args] });
    return this.chromium;
  }

  /** A page in a browser profile of its own. What it says of errors is collected in `page.problems`. */
  async page(person, { width = 1280, height = 800, language = 'en', theme = 'light', query = '', ...more } = {}) {
    const browser = await this.browser();
    const context = await browser.newContext({
      viewport: { width, height },
      locale: language === 'ru' ? 'ru-RU' : 'en-GB',
      colorScheme: theme,
      permissions: ['clipboard-read', 'clipboard-write'],
      hasTouch: width < 500,
      ...more,
    });
    const page = await context.newPage();
    page.problems = [];
    page.on('pageerror', (error) => page.problems.push(String(error.stack ?? error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') page.problems.push(message.text());
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(person.url) && !/^(blob|data):/.test(url)) page.problems.push(`a request to others: ${url}`);
    });
    page.setDefaultTimeout(kWaitMs);
    await page.goto(person.link + query);
    return page;
  }

  /** A page, and the browser profile that it alone has. */
  async close(page) {
    await page.context().close();
  }

  async end() {
    await this.chromium?.close();
    for (const each of this.started.reverse()) await each.stop().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
