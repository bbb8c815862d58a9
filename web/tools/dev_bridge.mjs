// Stands in for `godwit web` while the page is developed: serves the built page and its WebSocket in front of `godwit serve`,
// with the same addresses, headers and rules. It is no part of what is given to people.
//
//   npm run bridge -- --profile FOLDER --key-file FILE [--godwit PATH] [--port N] [--dist FOLDER]
//
// Prints http://127.0.0.1:PORT/#token=HEX. start() is the same for tests.

import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, extname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const kPolicy = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:", 'media-src blob:', "connect-src 'self'",
  "font-src 'self'", "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", 'trusted-types svelte-trusted-html godwit',
].join('; ');
const kHeaders = {
  'Content-Security-Policy': kPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const kTypes = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png',
  '.webmanifest': 'application/manifest+json', '.json': 'application/json',
};
const kSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

// ---- the WebSocket: binary messages whose contents are one stream ----

class FrameReader {
  constructor(onMessage, onClose) {
    Object.assign(this, { rest: Buffer.alloc(0), onMessage, onClose });
  }

  take(bytes) {
    this.rest = Buffer.concat([this.rest, bytes]);
    while (this.step());
  }

  step() {
    const { rest } = this;
    if (rest.length < 6) return false;
    let length = rest[1] & 127;
    let at = 2;
    if (length === 126) [length, at] = [rest.readUInt16BE(2), 4];
    else if (length === 127) {
      if (rest.length < 14) return false;
      [length, at] = [Number(rest.readBigUInt64BE(2)), 10];
    }
    if (rest.length < at + 4 + length) return false;
    const mask = rest.subarray(at, at + 4);
    const payload = Buffer.from(rest.subarray(at + 4, at + 4 + length));
    for (let index = 0; index < payload.length; index++) payload[index] ^= mask[index & 3];
    const opcode = rest[0] & 15;
    this.rest = rest.subarray(at + 4 + length);
    if (opcode === 8) this.onClose();
    else if (opcode <= 2) this.onMessage(payload);
    return true;
  }
}

function frame(payload, opcode = 2) {
  const head = Buffer.alloc(payload.length < 126 ? 2 : payload.length < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = head.length === 2 ? payload.length : head.length === 4 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(payload.length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

function upgrade(request, socket, enginePort) {
  const key = createHash('sha1').update(request.headers['sec-websocket-key'] + kSocketGuid).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
  const engine = connect(enginePort, '127.0.0.1');
  const end = () => (engine.destroy(), socket.destroy());
  const reader = new FrameReader((bytes) => engine.write(bytes), end);
  socket.on('data', (bytes) => reader.take(bytes));
  engine.on('data', (bytes) => socket.write(frame(bytes)));
  for (const each of [socket, engine]) each.on('close', end).on('error', end);
}

// ---- files ----

class Files {
  constructor(token) {
    this.token = token;
    this.folder = mkdtempSync(join(tmpdir(), 'godwit-bridge-'));
  }

  allowed(request) {
    const shown = Buffer.from(String(request.headers.authorization ?? ''));
    const wanted = Buffer.from(`Bearer ${this.token}`);
    return shown.length === wanted.length && timingSafeEqual(shown, wanted);
  }

  fresh() {
    const folder = join(this.folder, randomBytes(16).toString('hex'));
    mkdirSync(folder);
    return folder;
  }

  async handle(request, response, parts) {
    if (!this.allowed(request)) return answer(response, 401);
    if (request.method === 'POST' && parts.length === 1) return answer(response, 201, { path: this.fresh() + '/' });
    const name = basename(decodeURIComponent(parts.at(-1)));
    if (request.method === 'PUT' && parts.length === 2 && name && !name.startsWith('.')) {
      const path = join(this.fresh(), name);
      await pipeline(request, createWriteStream(path));
      return answer(response, 201, { path });
    }
    const path = parts.length === 3 && /^[0-9a-f]{32}$/.test(parts[1]) ? join(this.folder, parts[1], name) : '';
    if (request.method === 'GET' && path && existsSync(path)) return sendRange(request, response, path);
    return answer(response, 404);
  }
}

function sendRange(request, response, path) {
  const { size } = statSync(path);
  const match = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = match ? Number(match[1]) : 0;
  const end = match && match[2] ? Math.min(Number(match[2]), size - 1) : size - 1;
  const headers = { ...kHeaders, 'Content-Type': 'application/octet-stream', 'Content-Length': Math.max(0, end - start + 1), 'Accept-Ranges': 'bytes' };
  if (match) headers['Content-Range'] = `bytes ${start}-${end}/${size}`;
  response.writeHead(match ? 206 : 200, headers);
  if (size === 0) response.end();
  else createReadStream(path, { start, end }).pipe(response);
}

function answer(response, status, json) {
  response.writeHead(status, { ...kHeaders, ...(json ? { 'Content-Type': 'application/json' } : {}) });
  response.end(json ? JSON.stringify(json) : undefined);
}

function sendPage(response, dist, path) {
  const wanted = normalize(path === '/' ? '/index.html' : decodeURIComponent(path));
  const file = join(dist, wanted);
  if (!existsSync(file) || !statSync(file).isFile()) return answer(response, 404);
  response.writeHead(200, { ...kHeaders, 'Content-Type': kTypes[extname(file)] ?? 'application/octet-stream', 'Cache-Control': 'no-cache' });
  createReadStream(file).pipe(response);
}

// ---- together ----

/** Starts `godwit serve` of a profile and the bridge before it. */
export async function start({ godwit, profile, keyFile, port = 0, dist = fileURLToPath(new URL('../dist', import.meta.url)) }) {
  const globals = ['--profile', profile, '--key-file', keyFile];
  const engine = spawn(godwit, [...globals, 'serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const enginePort = await new Promise((resolve, reject) => {
    let text = '';
    engine.stdout.on('data', (bytes) => {
      const match = /^tcp:127\.0\.0\.1:(\d+)$/m.exec((text += bytes));
      if (match) resolve(Number(match[1]));
    });
    engine.on('exit', (code) => reject(new Error(`godwit serve ended with ${code}`)));
  });
  const token = execFileSync(godwit, [...globals, 'token'], { encoding: 'utf8' }).trim();
  const files = new Files(token);
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const parts = path.split('/').slice(1);
    if (parts[0] === 'files') files.handle(request, response, parts).catch(() => response.destroy());
    else if (request.method === 'GET') sendPage(response, dist, path);
    else answer(response, 405);
  });
  const sockets = new Set();
  server.on('upgrade', (request, socket) => {
    if (request.url !== '/api') return socket.destroy();
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    upgrade(request, socket, enginePort);
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return {
    url,
    token,
    link: `${url}#token=${token}`,
    enginePort,
    /** Cuts the page off, as when a laptop sleeps; it may come back. */
    cut: () => sockets.forEach((each) => each.destroy()),
    stop: async () => {
      for (const each of sockets) each.destroy();
      server.close();
      const ended = new Promise((resolve) => engine.on('exit', resolve));
      engine.kill('SIGTERM');
      await ended;
      rmSync(files.folder, { recursive: true, force: true });
    },
  };
}

function option(name, other) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? other : process.argv[at + 1];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const here = fileURLToPath(new URL('../..', import.meta.url));
  const bridge = await start({
    godwit: option('godwit', process.env.GODWIT_BIN ? join(process.env.GODWIT_BIN, 'godwit') : join(here, 'build/release/bin/godwit')),
    profile: option('profile'),
    keyFile: option('key-file'),
    port: Number(option('port', '8377')),
  });
  console.log(bridge.link);
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void bridge.stop().then(() => process.exit(0)));
}
