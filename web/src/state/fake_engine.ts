// For unit tests of the stores: an engine that answers by functions of the test.

import type { Connection, Listener, Transport } from '../api/transport';
import type { Chat, Message, Methods, Notices } from '../api/types';
import { Session } from './session.svelte';

type Answers = { [Name in keyof Methods]?: (params: Methods[Name]['params']) => Methods[Name]['result'] };

export class FakeEngine implements Transport {
  asked: { method: string; params: Record<string, unknown> }[] = [];
  connections = 0;
  private listener: Listener | null = null;

  constructor(readonly answers: Answers = {}) {}

  connect(listener: Listener): Connection {
    this.connections++;
    this.listener = listener;
    queueMicrotask(() => listener.onOpen());
    return { send: (line) => this.answer(listener, line), close: () => listener.onClose() };
  }

  tell<Name extends keyof Notices>(method: Name, params: Notices[Name]): void {
    this.listener?.onLine(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  cut(): void {
    this.listener?.onClose();
  }

  private answer(listener: Listener, line: string): void {
    const { id, method, params } = JSON.parse(line) as { id: number; method: keyof Methods; params: never };
    this.asked.push({ method, params });
    queueMicrotask(() => {
      try {
        listener.onLine(JSON.stringify({ jsonrpc: '2.0', id, result: this.answers[method]?.(params) ?? {} }));
      } catch (error) {
        const name = (error as Error).message;
        listener.onLine(JSON.stringify({ jsonrpc: '2.0', id, error: { code: 1, message: name, data: { name, message: name, action: 'fix' } } }));
      }
    });
  }
}

export const kAccount = { account: 'a'.repeat(64), name: 'Anna', home: 'wss://home.example/ws', former_home: '', chats_to_tell: 0, moving_to: '', former_contacts: [] };

/** A session that has an account, with the stores that `build` makes. */
export async function readySession<Stores>(engine: FakeEngine, build: (session: Session) => Stores): Promise<{ session: Session; stores: Stores }> {
  engine.answers.read_account ??= () => kAccount;
  const session = new Session(engine, 'f'.repeat(64), () => undefined);
  const stores = build(session);
  session.start();
  await settled();
  return { session, stores };
}

/** Lets all that waits for answers go on. */
export async function settled(): Promise<void> {
  for (let count = 0; count < 50; count++) await Promise.resolve();
}

export function aMessage(position: number, more: Partial<Message> = {}): Message {
  return {
    id: position.toString(16).padStart(32, '0'), position, own: false, author: 'b'.repeat(64), author_name: 'Boris', kind: 'text', text: `message ${position}`,
    spans: [], mentions: [], sent_at: 1_790_000_000_000 + position * 60_000, delivery: 'delivered', clock: position, reply_to: null, forwarded: false,
    reactions: [], edits: 0, deleted: null, pinned: false, delivered_to: 0, read_by: 0, expire_seconds: 0, expires_at: null, file: null, poll: null,
    location: null, contact: null, about: null, preview: null, disappear_seconds: null, line: null, kept: null, ...more,
  };
}

export function aChat(more: Partial<Chat> = {}): Chat {
  return {
    chat: 'c'.repeat(32), peer: 'b'.repeat(64), name: 'Boris', verified: false, new_devices: false, came_back_in: null, inviter: true, ready: true, group: false, saved: false, member: true,
    members: 2, epoch: 1, last: 0, read: 0, unread: 0, newest: null,
    settings: { muted_until: null, archived: false, pinned: false, marked_unread: false, draft: '' },
    disappear_seconds: 0, kept: false, older_of: null, hidden: false, ...more,
  };
}
