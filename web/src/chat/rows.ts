// What the list of messages is made of: messages, and what stands between them.

import type { Message } from '../api/types';
import { dayOf } from '../messages/dates';

export type Row =
  | { key: string; kind: 'begin' }
  | { key: string; kind: 'day'; time: number }
  | { key: string; kind: 'unread' }
  | { key: string; kind: 'notice'; message: Message; lines: readonly Message[] }
  | { key: string; kind: 'message'; message: Message; first: boolean; last: boolean };

/** Messages of one person that follow each other so closely stand together. */
const kTogetherMs = 5 * 60_000;

function isNotice(message: Message): boolean {
  return message.kind === 'settings' || message.kind === 'line' || (message.kept?.notice ?? false);
}

function together(a: Message | undefined, b: Message | undefined): boolean {
  if (!a || !b || isNotice(a) || isNotice(b)) return false;
  const sameAuthor = a.own === b.own && a.author === b.author && a.kept?.sender === b.kept?.sender;
  return sameAuthor && Math.abs(b.sent_at - a.sent_at) < kTogetherMs && dayOf(a.sent_at) === dayOf(b.sent_at);
}

/** Several who came in a row, by one hand or by links, stand in one line. `message` is the last of `lines`. */
function withNotice(row: Row | undefined, message: Message): Row {
  const before = row?.kind === 'notice' ? row.lines.at(-1)?.line : undefined;
  const line = message.line;
  const comes = line?.what === 'added' || line?.what === 'joined';
  const together = comes && before?.what === line?.what && before?.by === line?.by && !before?.own && !line?.own;
  if (row?.kind !== 'notice' || !together) return { key: message.id, kind: 'notice', message, lines: message.line ? [message] : [] };
  return { ...row, message, lines: [...row.lines, message] };
}

/** `begin`: it is the beginning of the chat. `unreadAfter`: the line "unread" stands before the first message of others with a later place; null: there is none. */
export function rowsOf(messages: readonly Message[], unreadAfter: number | null, begin = false): Row[] {
  const rows: Row[] = begin ? [{ key: 'begin', kind: 'begin' }] : [];
  let marked = unreadAfter === null;
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    if (!before || dayOf(before.sent_at) !== dayOf(message.sent_at)) {
      rows.push({ key: `day ${dayOf(message.sent_at)} ${message.id}`, kind: 'day', time: message.sent_at });
    }
    const marks = !marked && !message.own && message.kind !== 'line' && message.position > unreadAfter!;
    if (marks) {
      marked = true;
      rows.push({ key: 'unread', kind: 'unread' });
    }
    if (isNotice(message)) {
      const row = withNotice(rows.at(-1), message);
      if (row.key === rows.at(-1)?.key) rows.pop();
      rows.push(row);
      return;
    }
    const first = marks || !together(before, message);
    rows.push({ key: message.id, kind: 'message', message, first, last: !together(message, messages[index + 1]) });
  });
  return rows;
}
