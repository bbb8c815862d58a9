// What can be done to a chat from wherever it is shown.

import type { Chat } from '../api/types';
import { fullTime } from '../messages/dates';
import { t } from '../messages/t.svelte';
import type { MenuItem } from '../parts/Menu.svelte';
import type { App } from '../state/app.svelte';

const kYearMs = 365 * 86_400_000;

/** `last`: it takes something away, and stands after everything else. */
export interface ChatAction extends MenuItem {
  last?: boolean;
}

export function chatActions(app: App, chat: Chat): ChatAction[] {
  const set = (change: Omit<Parameters<App['chats']['change']>[0], 'chat'>) => () =>
    void app.attempt(() => app.chats.change({ chat: chat.chat, ...change }));
  const unread = (app.chats.unread.get(chat.chat) ?? 0) > 0 || chat.settings.marked_unread;
  const { pinned, archived } = chat.settings;
  const muted = app.chats.isMuted(chat);
  const items: ChatAction[] = [
    unread
      ? { label: t('chat.mark_read'), icon: 'check', run: () => void app.attempt(() => app.chats.markRead(chat.chat, chat.last)) }
      : { label: t('chat.mark_unread'), icon: 'unread', run: set({ marked_unread: true }) },
    { label: t(pinned ? 'chat.unpin' : 'chat.pin'), icon: 'pin', run: set({ pinned: !pinned }) },
    muted ? { label: t('chat.unmute'), icon: 'bell', run: set({ muted_until: 0 }) } : { label: t('chat.mute'), icon: 'bell_off', run: () => (app.muting = chat.chat) },
    { label: t(archived ? 'chat.unarchive' : 'chat.archive'), icon: 'archive', run: set({ archived: !archived }) },
  ];
  const ask = (historyOnly: boolean) => () => (app.deleting = { chat, historyOnly });
  const ends: ChatAction[] = [{ label: t('delete_chat.do'), icon: 'trash', bad: true, last: true, run: ask(false) }];
  if (chat.kept) return [...items.filter((each) => each.icon === 'archive' || each.icon === 'pin'), ...ends];
  return [...items, { label: t('delete_chat.history'), icon: 'trash', bad: true, last: true, run: ask(true) }, ...ends];
}

/** For how long it is quiet, if that ends within a year. */
export function mutedWords(chat: Chat): string {
  const until = chat.settings.muted_until ?? 0;
  return until < Date.now() + kYearMs ? t('chat.muted_until', { when: fullTime(until) }) : t('chat.muted');
}
