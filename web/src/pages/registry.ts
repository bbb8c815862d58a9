// The pages that lie over the list of chats (left) and beside a chat (right), by name. Each is loaded when it is first opened.

import type { Component } from 'svelte';

type Load = () => Promise<{ default: Component }>;

export const kLeftPages = {
  settings: () => import('./Settings.svelte'),
  invite: () => import('./Invite.svelte'),
  take_invite: () => import('../people/TakeLink.svelte'),
  install: () => import('./Install.svelte'),
  notifications: () => import('./Notifications.svelte'),
  archived: () => import('./ArchivedChats.svelte'),
  call_link: () => import('../calls/MakeCallLink.svelte'),
  new_group: () => import('../groups/NewGroup.svelte'),
  requests: () => import('../people/ContactRequests.svelte'),
  reach: () => import('../people/Reach.svelte'),
  blocked: () => import('../people/Blocked.svelte'),
  new_channel: () => import('../channels/NewChannel.svelte'),
  follow_channel: () => import('../channels/FollowChannel.svelte'),
  devices: () => import('../devices/Devices.svelte'),
  connection: () => import('../ways/Connection.svelte'),
  mail: () => import('../ways/Mail.svelte'),
  bundles: () => import('../ways/Bundles.svelte'),
  account: () => import('../settings/Account.svelte'),
  recovery: () => import('./RecoveryKey.svelte'),
  privacy: () => import('../settings/Privacy.svelte'),
  lock: () => import('../settings/Lock.svelte'),
  appearance: () => import('../settings/Appearance.svelte'),
  storage: () => import('../settings/Storage.svelte'),
  moving: () => import('../settings/Moving.svelte'),
  about: () => import('../settings/About.svelte'),
} satisfies Record<string, Load>;

/** These are about the chat or channel that is open: navigation.place. */
export const kRightPages = {
  chat_info: () => import('./ChatInfo.svelte'),
  verify: () => import('../people/Verify.svelte'),
  add_members: () => import('../groups/AddMembers.svelte'),
  group_settings: () => import('../groups/GroupSettings.svelte'),
  group_links: () => import('../groups/GroupLinks.svelte'),
  join_requests: () => import('../groups/JoinRequests.svelte'),
  scheduled: () => import('./ScheduledPage.svelte'),
  search: () => import('../search/SearchInChat.svelte'),
  channel_info: () => import('../channels/ChannelInfo.svelte'),
} satisfies Record<string, Load>;

export type LeftPageName = keyof typeof kLeftPages;
export type RightPageName = keyof typeof kRightPages;
