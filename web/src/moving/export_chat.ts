// One chat as a file, written by the page: an engine in the browser has no program around it that would (export_chat of the API).

import type { Chat, Message, Position } from '../api/types';
import type { Session } from '../state/session.svelte';
import { firstWords, kPageEnd, pageBegin, pageMessage } from './chat_page';

export type Form = 'page' | 'lines';

// What comes meanwhile moves the parts: they are read twice as long as they were counted, so that none falls between two.
const kCounted = 100;
const kRead = 200;

/** Gives all messages of a chat in their order, some at a time. */
async function readForward(session: Session, { chat }: Chat, signal: AbortSignal, take: (messages: Message[]) => void): Promise<void> {
  // Read from the newest message back; only where each part ends is kept, and then they are read again the other way.
  const ends: (Position | null)[] = [];
  let before: Position | null = null;
  const read = async (count: number) => {
    signal.throwIfAborted();
    return (await session.call('read_history', { chat, before, count })).messages;
  };
  for (let messages = await read(kCounted); messages.length > 0; messages = await read(kCounted)) {
    ends.push(before);
    before = messages[0]!.position;
  }
  // All of them, not the last: positions count arrivals, and parts are in the order of what was said.
  const taken = new Set<Position>();
  for (before of ends.reverse()) {
    const fresh = (await read(kRead)).filter((each) => !taken.has(each.position));
    for (const { position } of fresh) taken.add(position);
    take(fresh);
  }
}

/** How people in one chat are called. */
class Names {
  private readonly members = new Map<string, string>();

  constructor(
    private readonly chat: Chat,
    private readonly own: string,
  ) {}

  static async read(session: Session, chat: Chat): Promise<Names> {
    const names = new Names(chat, session.account?.name ?? '');
    const members = await session.call('list_members', { chat: chat.chat }).catch(() => null); // of a chat that is only kept there are none
    for (const { account, name } of members?.members ?? []) names.members.set(account, name);
    return names;
  }

  /** Empty for a notice. Somebody whose name is not known any more is called by the first digits of his account. */
  senderOf(message: Message): string {
    if (message.kept) return message.kept.sender;
    if (message.own) return this.own;
    return message.author_name || (this.chat.group ? '' : this.chat.name) || message.author.slice(0, 8);
  }

  of(reaction: Message['reactions'][number]): string[] {
    return [...reaction.names, ...reaction.accounts.map((each) => this.members.get(each) ?? '').filter(Boolean)];
  }
}

/**
 * Without its files, and without what is to disappear. `tell`: how many messages were written so far. AbortError if `signal` has stopped it.
 * The browser may put what it gives on its disk.
 */
export async function exportChat(session: Session, chat: Chat, form: Form, tell: (messages: number) => void, signal: AbortSignal): Promise<Blob> {
  const names = await Names.read(session, chat);
  const quotable = new Map<string, string>();
  const line = (message: Message) => {
    const sender = names.senderOf(message);
    quotable.set(message.id, firstWords(message, sender));
    const quoted = message.reply_to ? quotable.get(message.reply_to) : undefined;
    return pageMessage(message, { sender, quoted, names: (reaction) => names.of(reaction) });
  };
  // Without its newest message, which may be one that is to disappear, and without what was begun and not sent.
  const plain: Chat = { ...chat, newest: null, settings: { ...chat.settings, draft: '' } };
  const parts: BlobPart[] = [form === 'page' ? pageBegin(chat.name) : `${JSON.stringify({ chats: [plain] })}\n`];
  let written = 0;
  await readForward(session, chat, signal, (read) => {
    const messages = read.filter((each) => each.expire_seconds === 0);
    parts.push(new Blob([form === 'page' ? messages.map(line).join('') : `${JSON.stringify({ messages })}\n`]));
    tell((written += messages.length));
  });
  if (form === 'page') parts.push(kPageEnd);
  return new Blob(parts);
}
