// The API over the WebSocket of `godwit web`, as a test uses it beside the page: what another person does, and what a page cannot.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

function frame(payload) {
  const extended = payload.length < 126 ? 0 : payload.length < 65536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended);
  head[0] = 0x82;
  head[1] = 0x80 | (extended === 0 ? payload.length : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(payload.length, 2);
  if (extended === 8) head.writeBigUInt64BE(BigInt(payload.length), 2);
  const mask = randomBytes(4);
  const masked = Buffer.from(payload.map((each, at) => each ^ mask[at & 3]));
  return Buffer.concat([head, mask, masked]);
}

export class ApiSocket {
  constructor(port) {
    this.answers = new Map();
    this.lastId = 0;
    this.bytes = Buffer.alloc(0);
    this.text = '';
    this.notices = [];
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('error', () => undefined);
    const origin = `127.0.0.1:${port}`;
    this.socket.write(
      `GET /api HTTP/1.1\r\nHost: ${origin}\r\nOrigin: http://${origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    this.open = new Promise((resolve, reject) => {
      this.socket.on('data', (bytes) => this.take(bytes, resolve));
      this.socket.on('close', () => reject(new Error('the connection was refused or ended')));
    });
    this.open.catch(() => undefined);
  }

  take(bytes, opened) {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    if (!this.upgraded) {
      const end = this.bytes.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.upgraded = true;
      this.bytes = this.bytes.subarray(end + 4);
      opened();
    }
    while (this.step());
  }

  // One frame of the server: without a mask.
  step() {
    const { bytes } = this;
    if (bytes.length < 2) return false;
    const short = bytes[1] & 127;
    const head = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (bytes.length < head) return false;
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < head + length) return false;
    this.decoder ??= new TextDecoder();
    if ((bytes[0] & 15) <= 2) this.text += this.decoder.decode(bytes.subarray(head, head + length), { stream: true });
    this.bytes = bytes.subarray(head + length);
    const lines = this.text.split('\n');
    this.text = lines.pop();
    for (const line of lines) this.onLine(JSON.parse(line));
    return true;
  }

  onLine(message) {
    if (message.method) this.notices.push(message);
    const waiting = this.answers.get(message.id);
    this.answers.delete(message.id);
    waiting?.(message);
  }

  async call(method, params) {
    await this.open;
    const id = ++this.lastId;
    const answer = new Promise((resolve) => this.answers.set(id, resolve));
    this.socket.write(frame(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\n')));
    const message = await answer;
    if (message.error) throw new Error(`${method}: ${JSON.stringify(message.error)}`);
    return message.result;
  }

  end() {
    this.socket.destroy();
  }
}
