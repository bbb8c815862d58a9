// How devices are called on the page.

import { t } from '../messages/t.svelte';
import { harmlessName } from '../text/harmless';

/** What the engine calls the device on which an account is made, until a person gives it a name (src/engine/devices.h). */
const kFirst = 'First device';

export function deviceName(name: string): string {
  return name === kFirst ? t('device.first') : harmlessName(name) || t('device.nameless');
}
