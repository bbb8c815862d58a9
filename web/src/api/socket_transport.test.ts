import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newNonce, provesEngine } from './engine_proof';
import { SocketTransport } from './socket_transport';

const kToken = '0123456789abcdef'.repeat(4);
const kNonce = 'fedcba9876543210'.repeat(4);
// Made by another program: Python's hmac.
const kProof = '4ce32973405f130a885fc346f0394d9077298ec3d78d71433f1a4d3d99573adf';

const proofLine = (proof: string) => JSON.stringify({ jsonrpc: '2.0', method: 'engine_proof', params: { proof } });

/** A browser's socket, as far as the transport uses it: the test is the other side. */
class Socket {
  static last: Socket;
  sent: string[] = [];
  closed = false;
  onopen = () => undefined as void;
  onclose = () => undefined as void;
  onmessage = (event: { data: ArrayBuffer }) => void event;

  constructor(readonly url: string) {
    Socket.last = this;
  }

  send(bytes: Uint8Array): void {
    this.sent.push(new TextDecoder().decode(bytes));
  }

  close(): void {
    this.closed = true;
    this.onclose();
  }

  say(text: string): void {
    this.onmessage({ data: new TextEncoder().encode(text).buffer as ArrayBuffer });
  }
}

beforeEach(() => void vi.stubGlobal('WebSocket', Socket));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function begin() {
  const told: string[] = [];
  const listener = { onOpen: () => told.push('open'), onLine: (line: string) => told.push(line), onClose: () => told.push('closed'), onStranger: () => told.push('stranger') };
  const connection = new SocketTransport('ws://127.0.0.1:1/api', () => kToken).connect(listener as never);
  Socket.last.onopen();
  return { told, connection, socket: Socket.last };
}

async function proofFor(socket: Socket): Promise<string> {
  const nonce = new URL(socket.url).searchParams.get('nonce')!;
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey('raw', encoder.encode(kToken), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return [...new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(nonce)))].map((each) => each.toString(16).padStart(2, '0')).join('');
}

test('the proof is that of the token and the nonce', async () => {
  expect(await provesEngine(proofLine(kProof), kToken, kNonce)).toBe(true);
  expect(await provesEngine(proofLine(kProof), kToken, 'a' + kNonce.slice(1))).toBe(false);
  expect(await provesEngine(proofLine(kProof), 'a' + kToken.slice(1), kNonce)).toBe(false);
  const others = [proofLine(kProof.replace(/^./, 'z')), proofLine(''), proofLine(kProof + '00'), proofLine(kProof).replace('engine_proof', 'other'), '', 'null', '{}', '{"jsonrpc":"2.0","id":1,"result":{}}'];
  for (const line of others) expect(await provesEngine(line, kToken, kNonce)).toBe(false);
});

test('a nonce is 32 bytes in hex, and never the same', () => {
  expect(newNonce()).toMatch(/^[0-9a-f]{64}$/);
  expect(newNonce()).not.toBe(newNonce());
});

test('who proves it is talked with, and the proof is told to nobody', async () => {
  const { told, connection, socket } = begin();
  expect(told).toEqual([]);
  socket.say(proofLine(await proofFor(socket)) + '\n{"early":1}\n');
  await vi.waitFor(() => expect(told).toEqual(['open', '{"early":1}']));
  socket.say('{"later":1}\n');
  expect(told.at(-1)).toBe('{"later":1}');
  connection.send('{"id":1}');
  expect(socket.sent).toEqual(['{"id":1}\n']);
});

test('who has a wrong proof, or says something else first, is told nothing', async () => {
  for (const line of [proofLine(kProof), '{"jsonrpc":"2.0","method":"devices_changed","params":{}}', 'x']) {
    const { told, socket } = begin();
    socket.say(line + '\n');
    await vi.waitFor(() => expect(told).toEqual(['stranger', 'closed']));
    expect(socket.closed).toBe(true);
    socket.say(proofLine(await proofFor(socket)) + '\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(told).toEqual(['stranger', 'closed']);
    expect(socket.sent).toEqual([]);
  }
});

test('who says nothing for 10 s is a stranger; who ends before that is only gone', async () => {
  vi.useFakeTimers();
  const silent = begin();
  vi.advanceTimersByTime(9_999);
  expect(silent.told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(silent.told).toEqual(['stranger', 'closed']);
  const gone = begin();
  gone.socket.close();
  vi.advanceTimersByTime(20_000);
  expect(gone.told).toEqual(['closed']);
});
