import { describe, expect, test } from 'vitest';
import { CallFailed, Client, kConnectionLost, type Notice } from './client';
import type { Connection, Listener } from './transport';

/** An engine that answers what the test says. */
class FakeEngine {
  sent: Record<string, unknown>[] = [];
  listener!: Listener;

  connect(listener: Listener): Connection {
    this.listener = listener;
    return { send: (line) => this.sent.push(JSON.parse(line)), close: () => listener.onClose() };
  }

  say(message: unknown): void {
    this.listener.onLine(JSON.stringify(message));
  }
}

function begin() {
  const engine = new FakeEngine();
  const notices: Notice[] = [];
  let closed = 0;
  const client = new Client(engine, { onOpen: () => undefined, onNotice: (each) => notices.push(each), onClose: () => closed++ });
  engine.listener.onOpen();
  return { engine, client, notices, closed: () => closed };
}

describe('Client', () => {
  test('answers find their calls in whatever order they come', async () => {
    const { engine, client } = begin();
    const first = client.call('list_chats', {});
    const second = client.call('make_invite', {});
    engine.say({ jsonrpc: '2.0', id: engine.sent[1]!['id'], result: { link: 'godwit:i#A' } });
    engine.say({ jsonrpc: '2.0', id: engine.sent[0]!['id'], result: { chats: [] } });
    expect(await second).toEqual({ link: 'godwit:i#A' });
    expect(await first).toEqual({ chats: [] });
  });

  test('a refusal has the name of the error', async () => {
    const { engine, client } = begin();
    const call = client.call('read_account', {});
    const data = { code: 700, name: 'engine_no_account', action: 'fix', rule: '', message: 'There is none.' };
    engine.say({ jsonrpc: '2.0', id: 1, error: { code: 700, message: 'There is none.', data } });
    await expect(call).rejects.toMatchObject({ errorName: 'engine_no_account', message: 'There is none.' });
  });

  test('half of a character goes as the sign for one that is damaged', () => {
    const { engine, client } = begin();
    void client.call('send_text', { chat: '00', text: 'half \ud83d, other half \ude00, whole \ud83d\ude00' });
    expect(engine.sent[0]).toMatchObject({ params: { text: 'half \ufffd, other half \ufffd, whole \ud83d\ude00' } });
  });

  test('what waits when the connection ends fails, and so does what is asked later', async () => {
    const { engine, client, closed } = begin();
    const call = client.call('list_chats', {});
    engine.listener.onClose();
    engine.listener.onClose();
    await expect(call).rejects.toMatchObject({ errorName: kConnectionLost });
    await expect(client.call('list_chats', {})).rejects.toBeInstanceOf(CallFailed);
    expect(closed()).toBe(1);
  });

  test('what is asked before the connection is open fails at once, and waits for nobody', async () => {
    const engine = new FakeEngine();
    const client = new Client(engine, { onOpen: () => undefined, onNotice: () => undefined, onClose: () => undefined });
    await expect(client.call('list_chats', {})).rejects.toMatchObject({ errorName: kConnectionLost });
    expect(engine.sent).toEqual([]);
  });

  test('notices are told; an answer to nothing is passed over; what is no JSON ends the connection', () => {
    const { engine, client, notices, closed } = begin();
    expect(client).toBeDefined();
    engine.say({ jsonrpc: '2.0', method: 'devices_changed', params: {} });
    engine.say({ jsonrpc: '2.0', id: 77, result: {} });
    expect(notices).toEqual([{ jsonrpc: '2.0', method: 'devices_changed', params: {} }]);
    engine.listener.onLine('<html>');
    expect(closed()).toBe(1);
  });
});
