// The pages that lie over the list of chats (left) and beside a chat (right), by name. Each is loaded when it is first opened.

import type { Component } from 'svelte';

type Load = () => Promise<{ default: Component }>;

export const kLeftPages = {
  settings: () => import('./Settings.svelte'),
  invite: () => import('./Invite.svelte'),
  take_invite: () => import('./TakeInvite.svelte'),
  notifications: () => import('./Notifications.svelte'),
  archived: () => import('./ArchivedChats.svelte'),
} satisfies Record<string, Load>;

/** These are about the chat that is open: navigation.place.chat. */
export const kRightPages = {
  chat_info: () => import('./ChatInfo.svelte'),
  scheduled: () => import('./ScheduledPage.svelte'),
  search: () => import('../search/SearchInChat.svelte'),
} satisfies Record<string, Load>;

export type LeftPageName = keyof typeof kLeftPages;
export type RightPageName = keyof typeof kRightPages;
