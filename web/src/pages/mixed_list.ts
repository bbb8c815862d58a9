// Chats and channels in one list, the one with the newest thing first, as people know it; pinned chats stand before everything.

import type { Channel, ChannelId, Chat } from '../api/types';

export type Row = { key: string; chat: Chat; channel?: undefined } | { key: string; chat?: undefined; channel: Channel };

/** `chats` are in the order in which they are shown; channels are put between them, by when something last happened in each. */
export function mixed(chats: readonly Chat[], channels: readonly Channel[], activity: ReadonlyMap<ChannelId, number>): Row[] {
  const timeOf = (channel: Channel) => activity.get(channel.channel) ?? 0;
  const waiting = [...channels].sort((a, b) => timeOf(b) - timeOf(a));
  const rows: Row[] = [];
  for (const chat of chats) {
    while (!chat.settings.pinned && waiting.length > 0 && timeOf(waiting[0]!) > (chat.newest?.sent_at ?? 0)) {
      const channel = waiting.shift()!;
      rows.push({ key: channel.channel, channel });
    }
    rows.push({ key: chat.chat, chat });
  }
  return [...rows, ...waiting.map((channel) => ({ key: channel.channel, channel }))];
}
