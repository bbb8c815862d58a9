import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Message, ReadHistoryParams } from '../api/types';
import { rowsOf } from '../chat/rows';
import { Chats } from './chats.svelte';
import { aChat, aMessage, FakeEngine, readySession, settled } from './fake_engine';
import { Histories } from './histories.svelte';
import { compareChats, mergeMessages, placeOf } from './order';
import { Session } from './session.svelte';
import { Typing } from './typing.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** `read_history` over messages whose places are 1, 2, ... in their order. */
function historyOf(all: () => readonly Message[]) {
  return ({ before, count = 50 }: ReadHistoryParams) => {
    const until = before == null ? all() : all().filter((each) => each.position < before);
    return { messages: until.slice(-Math.min(count ?? 50, 200)) };
  };
}

describe('Session', () => {
  test('after a loss it connects again with growing pauses and reads all anew', async () => {
    const engine = new FakeEngine({ list_chats: () => ({ chats: [] }) });
    const { session } = await readySession(engine, (each) => new Chats(each));
    expect([session.phase, session.attached]).toEqual(['ready', true]);
    engine.cut();
    expect([session.phase, session.attached]).toEqual(['ready', false]);
    await vi.advanceTimersByTimeAsync(499);
    expect(engine.connections).toBe(1);
    await vi.advanceTimersByTimeAsync(2);
    await settled();
    expect([engine.connections, session.attached]).toEqual([2, true]);
    expect(engine.asked.filter((each) => each.method === 'list_chats')).toHaveLength(2);
  });

  test('a refused token ends it, and no other connection is made', async () => {
    const engine = new FakeEngine({
      authenticate: () => {
        throw new Error('api_not_authenticated');
      },
    });
    let refused = 0;
    const session = new Session(engine, 'f'.repeat(64), () => refused++);
    session.start();
    await settled();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([session.phase, refused, engine.connections]).toEqual(['no_token', 1, 1]);
  });

  test('without an account it is the first minute, and the recovery key is handed on once there is one', async () => {
    const engine = new FakeEngine({
      read_account: () => {
        throw new Error('engine_no_account');
      },
      new_account: () => ({ account: 'a'.repeat(64), recovery_key: 'AAAA-BBBB' }),
    });
    const { session } = await readySession(engine, () => null);
    expect(session.phase).toBe('no_account');
    let told: string[] = [];
    session.onRecoveryKey = (...given) => void (told = given);
    engine.answers.read_account = () => ({ account: 'a'.repeat(64), name: 'Anna', home: '', former_home: '', chats_to_tell: 0, moving_to: '', former_contacts: [] });
    await session.newAccount('Anna', 'godwit-home:A');
    expect([session.phase, told]).toEqual(['ready', ['a'.repeat(64), 'AAAA-BBBB']]);
  });
});

describe('Chats', () => {
  test('unread are the messages of others after the last one that was read', async () => {
    const all = [aMessage(1), aMessage(2, { own: true }), aMessage(3), aMessage(4, { own: true }), aMessage(5)];
    const engine = new FakeEngine({ list_chats: () => ({ chats: [aChat({ last: 5, read: 2, unread: 2, newest: all[4] })] }) });
    const { stores: chats } = await readySession(engine, (session) => new Chats(session));
    const id = aChat().chat;
    expect(chats.unread.get(id)).toBe(2);
    engine.tell('message_received', { chat: id, message: aMessage(6) });
    engine.tell('message_received', { chat: id, message: aMessage(6) });
    expect([chats.unread.get(id), chats.byId.get(id)?.newest?.position]).toEqual([3, 6]);
    await chats.markRead(id, 6);
    expect([chats.unread.get(id), chats.byId.get(id)?.read]).toEqual([0, 6]);
  });

  test('what was read in another tab stays read, though the engine tells late of the time before', async () => {
    const engine = new FakeEngine({
      list_chats: () => ({ chats: [aChat({ last: 1, read: 1 })] }),
      read_history: () => ({ messages: [aMessage(2)] }),
    });
    const { stores: chats } = await readySession(engine, (session) => new Chats(session));
    const { chat } = aChat();
    engine.tell('message_received', { chat, message: aMessage(2) });
    expect(chats.unread.get(chat)).toBe(1);
    chats.onReadElsewhere(chat, 2);
    engine.tell('chat_changed', { chat: aChat({ last: 2, read: 1, newest: aMessage(2) }) });
    await settled();
    expect([chats.unread.get(chat), chats.byId.get(chat)?.read]).toEqual([0, 2]);
  });

  test('a message that belongs before the newest does not become the preview', async () => {
    const engine = new FakeEngine({ list_chats: () => ({ chats: [aChat({ last: 5, read: 5, newest: aMessage(5) })] }) });
    const { stores: chats } = await readySession(engine, (session) => new Chats(session));
    engine.tell('message_received', { chat: aChat().chat, message: aMessage(6, { clock: 2 }) });
    expect(chats.byId.get(aChat().chat)?.newest?.position).toBe(5);
    expect(chats.byId.get(aChat().chat)?.last).toBe(6);
  });

  test('a deleted chat is out of the lists until something is said in it, and one that is gone is nowhere', async () => {
    const engine = new FakeEngine({ list_chats: () => ({ chats: [aChat({ chat: 'a', hidden: true }), aChat({ chat: 'b' })] }) });
    const { stores: chats } = await readySession(engine, (session) => new Chats(session));
    const ids = (list: readonly { chat: string }[]) => list.map((each) => each.chat);
    expect(engine.asked.find((each) => each.method === 'list_chats')?.params).toEqual({ hidden: true });
    expect([ids(chats.listed), ids(chats.hidden), chats.unreadTotal]).toEqual([['b'], ['a'], 0]);
    engine.tell('chat_changed', { chat: aChat({ chat: 'a', newest: aMessage(1) }) });
    engine.tell('chat_changed', { chat: aChat({ chat: 'b', hidden: true }) });
    expect([ids(chats.listed), ids(chats.hidden)]).toEqual([['a'], ['b']]);
    engine.tell('chat_gone', { chat: 'b' });
    expect([ids(chats.hidden), chats.byId.has('b')]).toEqual([[], false]);
  });

  test('pinned chats stand first, then those where something was said last', () => {
    const chat = (name: string, at: number, pinned = false) => aChat({ chat: name, newest: aMessage(at), settings: { ...aChat().settings, pinned } });
    const sorted = [chat('a', 1), chat('b', 3), chat('c', 2, true), aChat({ chat: 'd' })].sort(compareChats);
    expect(sorted.map((each) => each.chat)).toEqual(['c', 'b', 'a', 'd']);
  });
});

describe('History', () => {
  async function opened(total: number) {
    const all = Array.from({ length: total }, (_, index) => aMessage(index + 1));
    const engine = new FakeEngine({
      list_chats: () => ({ chats: [] }),
      read_history: historyOf(() => all),
      read_message: ({ message }) => {
        const found = all.find((each) => each.id === message);
        if (!found) throw new Error('engine_no_such_message');
        return { message: found };
      },
    });
    const { stores } = await readySession(engine, (session) => new Histories(session));
    const history = stores.open(aChat());
    await settled();
    return { all, engine, history };
  }

  test('what was cleared is gone, and nothing older is looked for', async () => {
    const { engine, history } = await opened(100);
    engine.tell('history_cleared', { chat: aChat().chat, through: 99 });
    expect([history.messages.map((each) => each.position), history.hasOlder]).toEqual([[100], false]);
  });
  const places = (messages: readonly Message[]) => messages.map((each) => each.position);
  const without_gaps = (messages: readonly Message[]) => messages.every((each, index) => index === 0 || each.position === messages[index - 1]!.position + 1);

  test('reads backwards until nothing comes', async () => {
    const { history } = await opened(150);
    expect(places(history.messages)).toEqual(Array.from({ length: 60 }, (_, index) => 91 + index));
    for (let count = 0; count < 4; count++) await history.readOlder();
    expect([history.messages.length, history.hasOlder]).toEqual([150, false]);
    expect(without_gaps(history.messages)).toBe(true);
  });

  test('opens around a message far above, and reads on to the newest without gaps', async () => {
    const { all, history } = await opened(2000);
    expect(await history.openAround(all[499]!.id)).toBe(true);
    expect(places(history.messages)).toContain(500);
    expect([history.hasOlder, history.hasNewer]).toEqual([true, true]);
    for (let count = 0; count < 60 && history.hasNewer; count++) await history.readNewer();
    expect([history.hasNewer, history.messages.at(-1)?.position, without_gaps(history.messages)]).toEqual([false, 2000, true]);
    expect(await history.openAround('f'.repeat(32))).toBe(false);
  });

  test('holds so many at most, and gives the other end away', async () => {
    const { history } = await opened(5000);
    for (let count = 0; count < 80; count++) await history.readOlder();
    expect(history.messages.length).toBeLessThanOrEqual(3000);
    expect([history.hasNewer, history.messages[0]?.position, without_gaps(history.messages)]).toEqual([true, 141, true]);
  });

  test('what comes while the history is being read is there, though the answer is of the time before', async () => {
    const { engine, history } = await opened(3);
    const reading = history.openNewest();
    engine.tell('message_received', { chat: aChat().chat, message: aMessage(4) });
    engine.tell('message_gone', { chat: aChat().chat, id: aMessage(1).id });
    await reading;
    expect(places(history.messages)).toEqual([2, 3, 4]);
  });

  test('what is sent while the history is read for the first time stands in it', async () => {
    const { all, history } = await opened(3);
    const reading = history.openNewest(); // the answer is of the time before
    const sent = aMessage(4, { own: true });
    history.onSent(sent);
    await reading;
    expect(places(history.messages)).toEqual([1, 2, 3, 4]);
    const again = history.openNewest();
    history.onRemoved(sent.id);
    all.push(sent);
    await again;
    expect(places(history.messages)).toEqual([1, 2, 3]);
  });

  test('takes what comes: in its place, once, changed, moved, gone', async () => {
    const { engine, history } = await opened(3);
    const chat = aChat().chat;
    engine.tell('message_received', { chat, message: aMessage(4, { clock: 2, id: '2'.padStart(32, '0') + 'x' }) });
    expect(places(history.messages)).toEqual([1, 2, 4, 3]);
    engine.tell('message_received', { chat, message: aMessage(5, { own: true, delivery: 'queued' }) });
    engine.tell('message_received', { chat, message: aMessage(5, { own: true, delivery: 'queued' }) });
    engine.tell('message_moved', { chat, id: aMessage(5).id, delivery: 'read' });
    engine.tell('message_changed', { chat, message: aMessage(1, { text: 'said otherwise' }) });
    engine.tell('message_gone', { chat, id: aMessage(2).id });
    expect(places(history.messages)).toEqual([1, 4, 3, 5]);
    expect([history.messages[0]?.text, history.messages[3]?.delivery]).toEqual(['said otherwise', 'read']);
  });

  test('finds what another device hands over, of which only the chat is told', async () => {
    const { all, engine, history } = await opened(200);
    const handed = all.splice(0);
    await history.openNewest();
    expect([history.messages.length, history.hasOlder]).toEqual([0, false]);
    const told = async (from: number) => {
      all.unshift(...handed.slice(from, 200 - all.length));
      engine.tell('chat_changed', { chat: aChat({ newest: all.at(-1)! }) });
      await settled();
    };
    await told(190); // the newest parcel comes first
    expect(places(history.messages)).toEqual([191, 192, 193, 194, 195, 196, 197, 198, 199, 200]);
    await history.readOlder();
    expect(history.hasOlder).toBe(false);
    await told(100);
    for (let count = 0; count < 4; count++) await history.readOlder();
    expect([history.messages.length, history.hasOlder]).toEqual([100, false]);
    await told(0); // more than a page is held, and all of it is known
    for (let count = 0; count < 4; count++) await history.readOlder();
    expect([history.messages.length, without_gaps(history.messages)]).toEqual([200, true]);
  });

  test('a chat that has changed in another way is not read again from its middle', async () => {
    const { all, engine } = await opened(200);
    const asked = engine.asked.length;
    engine.tell('chat_changed', { chat: aChat({ newest: all.at(-1)! }) });
    await settled();
    expect(engine.asked.length).toBe(asked);
  });

  test('what belongs to a stretch that is not held is not put in', async () => {
    const { engine, history } = await opened(200);
    engine.tell('message_received', { chat: aChat().chat, message: aMessage(300, { clock: 5 }) });
    expect(history.messages.some((each) => each.position === 300)).toBe(false);
  });
});

test('messages of one list are merged once each, in the order of (clock, id)', () => {
  const [a, b, c] = [aMessage(1), aMessage(2), aMessage(3, { clock: 2, id: 'f'.repeat(32) })];
  expect(mergeMessages([a, c], [b, { ...a, text: 'newer' }]).map((each) => each.text)).toEqual(['newer', 'message 2', 'message 3']);
  expect(placeOf([a, b, c], c)).toBe(2);
});

test('typing is over after ten seconds, or with the message', async () => {
  const engine = new FakeEngine();
  const { stores: typing } = await readySession(engine, (session) => new Typing(session));
  const say = (typing: boolean) => engine.tell('typing', { chat: 'c', account: 'b'.repeat(64), typing });
  say(true);
  expect(typing.in('c')).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(9_000);
  say(true);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(typing.in('c')).toHaveLength(1);
  engine.tell('message_received', { chat: 'c', message: aMessage(1) });
  expect(typing.in('c')).toEqual([]);
  say(true);
  await vi.advanceTimersByTimeAsync(10_001);
  expect(typing.in('c')).toEqual([]);
});

describe('rowsOf', () => {
  const kinds = (messages: Message[], after: number | null = null) =>
    rowsOf(messages, after).map((row) => (row.kind === 'message' ? `${row.first ? '(' : ''}${row.message.position}${row.last ? ')' : ''}` : row.kind));

  test('messages of one person that follow closely stand together', () => {
    const at = (position: number, minutes: number, own = false) => aMessage(position, { own, sent_at: Date.UTC(2026, 5, 1, 12, minutes) });
    expect(kinds([at(1, 0), at(2, 1), at(3, 9), at(4, 10, true)])).toEqual(['day', '(1', '2)', '(3)', '(4)']);
  });
  test('a new day and the line of what is unread stand between', () => {
    const at = (position: number, day: number, own = false) => aMessage(position, { own, sent_at: new Date(2026, 5, day, 12).getTime() });
    expect(kinds([at(1, 1), at(2, 2), at(3, 2, true), at(4, 2)], 2)).toEqual(['day', '(1)', 'day', '(2)', '(3)', 'unread', '(4)']);
  });
});
