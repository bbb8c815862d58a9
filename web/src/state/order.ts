// Messages stand in the order of (clock, id), the same on every device (docs/protocol/api.md, `message`).

import type { Chat, Message } from '../api/types';

export function compareMessages(a: Message, b: Message): number {
  if (a.clock !== b.clock) return a.clock - b.clock;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Kept messages were imported, and stand in the order in which they were: their clocks say nothing. */
export function comparatorOf(chat: { kept: boolean }): (a: Message, b: Message) => number {
  return chat.kept ? (a, b) => a.position - b.position : compareMessages;
}

/** Where `message` is or belongs in `list`, which is in order. */
export function placeOf(list: readonly Message[], message: Message, compare = compareMessages): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(list[middle]!, message) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** One list of two that are in order; of the same message the one in `newer` counts. */
export function mergeMessages(older: readonly Message[], newer: readonly Message[], compare = compareMessages): Message[] {
  const byId = new Map(older.map((each) => [each.id, each]));
  for (const each of newer) byId.set(each.id, each);
  return [...byId.values()].sort(compare);
}

/** When something last happened in a chat, as far as people care. */
export function activityOf(chat: Chat): number {
  return chat.newest?.sent_at ?? 0;
}

/** The order of the list of chats: pinned ones first, then the one with the latest message. */
export function compareChats(a: Chat, b: Chat): number {
  if (a.settings.pinned !== b.settings.pinned) return a.settings.pinned ? -1 : 1;
  return activityOf(b) - activityOf(a) || (a.chat < b.chat ? -1 : 1);
}
