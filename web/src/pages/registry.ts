// The pages that lie over the list of chats (left) and beside a chat (right), by name. Each is loaded when it is first opened.

import type { Component } from 'svelte';

type Load = () => Promise<{ default: Component }>;

export const kLeftPages = {
  settings: () => import('./Settings.svelte'),
  invite: () => import('./Invite.svelte'),
  take_invite: () => import('./TakeInvite.svelte'),
  archived: () => import('./ArchivedChats.svelte'),
  new_channel: () => import('../channels/NewChannel.svelte'),
  follow_channel: () => import('../channels/FollowChannel.svelte'),
  devices: () => import('../devices/Devices.svelte'),
  connection: () => import('../ways/Connection.svelte'),
  mail: () => import('../ways/Mail.svelte'),
  bundles: () => import('../ways/Bundles.svelte'),
  account: () => import('../settings/Account.svelte'),
  privacy: () => import('../settings/Privacy.svelte'),
  notifications: () => import('../settings/Notifications.svelte'),
  appearance: () => import('../settings/Appearance.svelte'),
  storage: () => import('../settings/Storage.svelte'),
  moving: () => import('../settings/Moving.svelte'),
  about: () => import('../settings/About.svelte'),
} satisfies Record<string, Load>;

/** These are about the chat or channel that is open: navigation.place. */
export const kRightPages = {
  chat_info: () => import('./ChatInfo.svelte'),
  channel_info: () => import('../channels/ChannelInfo.svelte'),
} satisfies Record<string, Load>;

export type LeftPageName = keyof typeof kLeftPages;
export type RightPageName = keyof typeof kRightPages;
