// Ways to the home, in plain words.

import type { ConnectionChangedNotice, Route } from '../api/types';
import { listTime } from '../messages/dates';
import { t } from '../messages/t.svelte';

export const kBulletinPrefix = 'godwit-bulletin:';
const kKinds = new Set(['wss', 'bridge', 'obfs4', 'webtunnel', 'snowflake', 'onion']);

function schemeOf(route: string): string {
  return /^([a-z0-9]+):\/\//i.exec(route)?.[1]?.toLowerCase() ?? '';
}

/** What kind of way it is. */
export function kindOf(route: string): string {
  const scheme = schemeOf(route);
  return kKinds.has(scheme) ? t(`way.kind_${scheme as 'wss' | 'bridge' | 'obfs4' | 'webtunnel' | 'snowflake' | 'onion'}`) : t('way.kind_other');
}

/** Where it leads: the host alone, without keys and options. */
export function hostOf(route: string): string {
  const host = /^[a-z0-9]+:\/\/(?:[^@/?#]*@)?(\[[^\]]*\](?::\d+)?|[^/?#]*)/i.exec(route)?.[1] ?? '';
  return host || route;
}

/** A bridge is good for others; the home's own address they have, or must not need. */
export function isForFriends(route: Route): boolean {
  return schemeOf(route.route) !== 'wss';
}

/** What a page in a browser can make of a way. */
export type ForBrowsers =
  | 'yes'
  | 'never' // it wants a program, or another name than the host's: the engine's host passes it over (src/wasm/host_codec.cc)
  | 'if_trusted'; // it names its own certificate, and a browser takes only those that it trusts itself

export function forBrowsers(route: string): ForBrowsers {
  const scheme = schemeOf(route);
  if (scheme !== 'wss' && scheme !== 'bridge') return 'never';
  const options = new URLSearchParams(/\?([^#]*)/.exec(route)?.[1] ?? '');
  if (options.has('sni')) return 'never';
  return scheme === 'bridge' && options.has('pin') ? 'if_trusted' : 'yes';
}

export function stateOf(route: Route, inBrowser = false): string {
  if (route.in_use) return t('way.in_use');
  const use = inBrowser ? forBrowsers(route.route) : 'yes';
  if (use === 'never') return t('way.never_here');
  if (use === 'if_trusted' && !route.worked_at) return t('way.if_trusted');
  if (route.worked_at) return t('way.worked', { when: listTime(route.worked_at) });
  return t('way.never_worked');
}

/** That a home has no room left; empty: none says so. */
export function roomWords(told: ConnectionChangedNotice | null): string {
  if (told?.home_full) return t('connection.home_full');
  return told?.others_full ? t('connection.others_full') : '';
}

/** The one honest line, and what belongs to it. `told` is null until something has changed since this page is there. */
export function connectionWords(state: 'offline' | 'connecting' | 'connected', told: ConnectionChangedNotice | null, inUse: Route | undefined): string[] {
  const full = roomWords(told);
  if (told?.by_mail) return full ? [t('way.now_mail'), full] : [t('way.now_mail')];
  if (state === 'connecting') return [told && told.trying > 1 ? t('way.now_trying', { n: told.trying }) : t('way.now_connecting')];
  if (state === 'offline') return [t('way.now_offline')];
  const route = told?.route || inUse?.route || '';
  const words = [route ? t(`way.now_${schemeOf(route) === 'wss' ? 'direct' : 'through'}`, { kind: kindOf(route), host: hostOf(route) }) : t('way.now_connected')];
  if (told?.look && told.look !== 'as_given') words.push(t(`way.look_${told.look}`));
  if (told?.small) words.push(t('way.small'));
  if (told?.through_home) words.push(t('way.through_home'));
  if (full) words.push(full);
  return words;
}
