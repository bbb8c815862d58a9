// What the address's fragment brings: a token for this page, a home's link, an invite. It is read once and removed, so that
// neither the history of the browser nor a copied address keeps it; the tab keeps it over a reload, until it is used.

import type { KeptWords } from './browser_storage';

export interface Brought {
  token?: string;
  home?: string;
  invite?: string;
}

const kTokenKey = 'godwit-token';
const kBroughtKeys = { home: 'godwit-brought-home', invite: 'godwit-brought-invite' } as const;
const kHomePrefix = 'godwit-home:';
const kInvitePrefix = 'godwit:i#';

function whole(prefix: string, value: string): string {
  return value.startsWith('godwit') ? value : prefix + value;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Reads `#token=...&home=...&invite=...`; links may stand there whole or without what all of their kind begin with. */
export function parseFragment(hash: string): Brought {
  const brought: Brought = {};
  for (const part of hash.replace(/^#/, '').split('&')) {
    const at = part.indexOf('=');
    if (at < 0) continue;
    const value = decoded(part.slice(at + 1)).trim();
    if (value === '') continue;
    const key = part.slice(0, at);
    if (key === 'token' && /^[0-9a-f]{64}$/.test(value)) brought.token = value;
    if (key === 'home') brought.home = whole(kHomePrefix, value);
    if (key === 'invite') brought.invite = whole(kInvitePrefix, value);
  }
  return brought;
}

/** Takes what the address has brought, and removes it there; or what this tab has of it. */
export function takeFragment(window: Window, tab: KeptWords): Brought {
  const brought = parseFragment(window.location.hash);
  if (window.location.hash !== '') {
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search);
  }
  if (brought.token) keepToken(tab, brought.token);
  for (const key of ['home', 'invite'] as const) brought[key] ??= tab.get(kBroughtKeys[key]) ?? undefined;
  keepBrought(tab, brought);
  return { ...brought, token: tab.get(kTokenKey) ?? brought.token };
}

/** What of it was not used yet, for a reload of this tab: a phone reloads pages by itself. */
export function keepBrought(tab: KeptWords, brought: Brought): void {
  for (const key of ['home', 'invite'] as const) {
    const link = brought[key];
    if (link) tab.set(kBroughtKeys[key], link);
    else tab.remove(kBroughtKeys[key]);
  }
}

/** The token that takeFragment() will give. */
export function keptToken(window: Window, tab: KeptWords): string | undefined {
  return parseFragment(window.location.hash).token ?? tab.get(kTokenKey) ?? undefined;
}

/** The one that this tab has kept, where the address brings another; before takeFragment(), which forgets it. */
export function formerToken(window: Window, tab: KeptWords): string | undefined {
  const kept = tab.get(kTokenKey) ?? undefined;
  return kept === keptToken(window, tab) ? undefined : kept;
}

/** The token that keptToken() gives from now on. */
export function keepToken(tab: KeptWords, token: string): void {
  tab.set(kTokenKey, token);
}

export function forgetToken(tab: KeptWords): void {
  tab.remove(kTokenKey);
}
