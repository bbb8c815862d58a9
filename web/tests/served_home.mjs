// A home that serves the page, and browsers that trust its certificate: for the tests of the engine in the browser, and the
// screenshots.

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { engineIn } from '../tools/engine_beside.mjs';
import { World } from './world.mjs';

const run = promisify(execFile);
const kPage = process.env.GODWIT_PAGE ?? fileURLToPath(new URL('../dist', import.meta.url));
const kWaitMs = 60_000; // for what takes a second: a test is never decided by time, only ended by it

/** The page as it was built, with the engine for browsers; null: that was not built here. */
export const servedPage = engineIn(kPage) && existsSync(join(kPage, 'godwit.html')) ? kPage : null;

/** A folder that is HOME of a browser which trusts `certificate`: by the browser's own store, not by ignoring errors. */
export async function trustingHome(folder, certificate) {
  const store = join(folder, '.pki/nssdb');
  mkdirSync(store, { recursive: true });
  await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
  await trust(folder, certificate, 'home');
  return folder;
}

/** Browsers that are started from now on trust this one, too. */
export async function trust(folder, certificate, name) {
  await run('certutil', ['-d', `sql:${join(folder, '.pki/nssdb')}`, '-A', '-t', 'P,,', '-n', name, '-i', certificate]);
}

export class ServedWorld extends World {
  /** A home whose site is the page, and browsers that trust it. */
  async begin() {
    this.site = join(this.folder, 'site');
    cpSync(servedPage, this.site, { recursive: true });
    this.served = await this.newHome({ host: '127.0.0.1', site: this.site });
    this.userHome = await trustingHome(join(this.folder, 'user'), join(this.served.folder, 'certificate.pem'));
    this.origin = `https://127.0.0.1:${this.served.port}/`;
    this.contexts = [];
    const parts = readdirSync(join(this.site, 'assets'));
    [this.transportScript, this.workerScript] = [/^connect-.*\.js$/, /^worker-.*\.js$/].map((name) => `assets/${parts.find((each) => name.test(each))}`);
  }

  /** A browser with a profile on the disk. What its pages say of errors is in `problems`, whom they asked for anything in `asked`. */
  async profile(name, { width = 1280, height = 800, language = 'en', theme = 'light', args = [] } = {}) {
    const context = await chromium.launchPersistentContext(join(this.folder, `profile-${name}`), {
      executablePath: '/usr/bin/chromium', headless: true, args: ['--no-sandbox', '--disable-quic', ...args],
      env: { ...process.env, HOME: this.userHome },
      viewport: { width, height }, locale: language === 'ru' ? 'ru-RU' : 'en-GB', colorScheme: theme, acceptDownloads: true,
    });
    context.problems = [];
    context.asked = new Set();
    context.setDefaultTimeout(kWaitMs);
    context.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url())) context.asked.add(new URL(request.url()).origin);
    });
    context.on('page', (page) => this.watch(context, page));
    context.pages().forEach((page) => this.watch(context, page));
    this.contexts.push(context);
    return context;
  }

  /** Collects in `of` what the page says of errors, and whom it asked. */
  watch(of, page) {
    page.on('pageerror', (error) => of.problems.push(String(error.stack ?? error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') of.problems.push(message.text());
    });
    page.on('websocket', (socket) => of.asked?.add(new URL(socket.url()).origin));
  }

  async tab(context, address = this.origin) {
    const page = await context.newPage();
    await page.goto(address);
    return page;
  }

  async end() {
    for (const each of this.contexts ?? []) await each.close().catch(() => undefined);
    await super.end();
  }
}
