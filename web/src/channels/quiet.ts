// Whether one is told of a channel's posts.

import type { Channel } from '../api/types';
import { fullTime } from '../messages/dates';
import { t } from '../messages/t.svelte';
import type { MenuItem } from '../parts/Menu.svelte';
import type { App } from '../state/app.svelte';

const kYearMs = 365 * 86_400_000;

/** Of an own channel nobody is told. */
export function quietItems(app: App, channel: Channel): MenuItem[] {
  if (channel.own) return [];
  const { channel: id } = channel;
  return app.channels.isMuted(channel)
    ? [{ label: t('chat.unmute'), icon: 'bell', run: () => void app.attempt(() => app.channels.mute(id, 0)) }]
    : [{ label: t('chat.mute'), icon: 'bell_off', run: () => (app.muting = id) }];
}

/** For how long it is quiet, if that ends within a year. */
export function quietWords(channel: Channel): string {
  const until = channel.muted_until ?? 0;
  return until < Date.now() + kYearMs ? t('chat.muted_until', { when: fullTime(until) }) : t('chat.muted');
}
