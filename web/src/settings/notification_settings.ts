// The part of the settings about notifications is made elsewhere; without it there is no row that leads to nothing.

import type { Component } from 'svelte';

type Load = () => Promise<{ default: Component }>;

/** Undefined: this build has none. */
export const loadNotificationSettings: Load | undefined = Object.values(
  import.meta.glob<{ default: Component }>(['./NotificationSettings.svelte', '../pages/NotificationSettings.svelte', '../notifications/NotificationSettings.svelte']),
)[0];
