import { describe, expect, test } from 'vitest';
import type { Message } from '../api/types';
import { aChat, aMessage, FakeEngine, readySession } from '../state/fake_engine';
import { exportChat } from './export_chat';

const kAll = Array.from({ length: 450 }, (_, index) => aMessage(index + 1));

async function sessionOf(messages: Message[]) {
  const engine = new FakeEngine({
    read_history: ({ before, count }) => ({ messages: messages.filter((each) => before == null || each.position < before).slice(-count!) }),
    list_members: () => {
      throw new Error('engine_not_member');
    },
  });
  return { engine, session: (await readySession(engine, () => null)).session };
}

describe('a chat is written by the page', () => {
  test('as JSON lines: the chat, then its messages from the first on, in parts', async () => {
    const { session } = await sessionOf(kAll);
    const told: number[] = [];
    const goes = aMessage(451, { text: 'goes', expire_seconds: 60 });
    const chat = aChat({ newest: goes, settings: { ...aChat().settings, draft: 'begun' } });
    const blob = await exportChat(session, chat, 'lines', (count) => told.push(count), new AbortController().signal);
    const lines = (await blob.text()).trimEnd().split('\n').map((each) => JSON.parse(each) as Record<string, unknown>);
    expect(lines[0]).toEqual({ chats: [aChat()] });
    expect(lines.slice(1).map(({ messages }) => (messages as Message[]).length)).toEqual([50, 100, 100, 100, 100]);
    expect(lines.slice(1).flatMap(({ messages }) => messages)).toEqual(kAll);
    expect(told).toEqual([50, 150, 250, 350, 450]);
  });
  test('as a page: what is to disappear is left out, and an answer leads to what it answers though that stands in another part', async () => {
    const last = kAll.at(-1)!;
    const messages = [...kAll.slice(0, -1), { ...last, reply_to: aMessage(3).id }, aMessage(451, { text: 'goes', expire_seconds: 60 })];
    const { session } = await sessionOf(messages);
    const html = await (await exportChat(session, aChat(), 'page', () => undefined, new AbortController().signal)).text();
    expect(html.match(/message \d+(?=<\/div>)/g)).toEqual(kAll.map((each) => each.text));
    expect(html).toContain(`<a href="#m-${aMessage(3).id}"><bdi>Boris: message 3</bdi></a>`);
    expect(html).not.toContain('goes');
  });
  test('what came late, and stands before what came earlier, is written like all else', async () => {
    // Every second one has arrived after all others.
    const all = kAll.map((each, at) => ({ ...each, position: at % 2 === 0 ? at / 2 + 1 : 226 + (at - 1) / 2 }));
    const engine = new FakeEngine({
      read_history: ({ before, count }) => {
        const end = before == null ? all.length : all.findIndex((each) => each.position === before);
        return { messages: all.slice(Math.max(0, end - count!), end) };
      },
      list_members: () => {
        throw new Error('engine_not_member');
      },
    });
    const { session } = await readySession(engine, () => null);
    const blob = await exportChat(session, aChat(), 'lines', () => undefined, new AbortController().signal);
    const lines = (await blob.text()).trimEnd().split('\n').slice(1).map((each) => JSON.parse(each) as { messages: Message[] });
    expect(lines.flatMap(({ messages }) => messages)).toEqual(all);
  });
  test('what comes while it is written pushes nothing out', async () => {
    const all = [...kAll];
    const { session } = await sessionOf(all);
    const told = () => {
      for (let i = 0; i < 20; i++) all.push(aMessage(all.length + 1));
    };
    const blob = await exportChat(session, aChat(), 'lines', told, new AbortController().signal);
    const lines = (await blob.text()).trimEnd().split('\n').slice(1).map((each) => JSON.parse(each) as { messages: Message[] });
    expect(lines.flatMap(({ messages }) => messages.map((each) => each.position))).toEqual(Array.from({ length: 530 }, (_, index) => index + 1));
  });
  test('an empty chat is a page without messages', async () => {
    const { session } = await sessionOf([]);
    const html = await (await exportChat(session, aChat(), 'page', () => undefined, new AbortController().signal)).text();
    expect(html).toMatch(/<h1><bdi>Boris<\/bdi><\/h1>\n<\/body>\n<\/html>\n$/);
  });
  test('it ends when it is stopped, and asks for no more', async () => {
    const { engine, session } = await sessionOf(kAll);
    const stop = new AbortController();
    const done = exportChat(session, aChat(), 'lines', () => stop.abort(), stop.signal);
    await expect(done).rejects.toThrow();
    // Back to the beginning in five parts and the empty one before it, and forward the first of them.
    expect(engine.asked.filter(({ method }) => method === 'read_history')).toHaveLength(7);
  });
});
