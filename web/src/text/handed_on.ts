// What is given to somebody who is to come in.

import { findGodwitLink, type GodwitLinkKind } from './godwit_links';

const kLeadIn: ReadonlySet<GodwitLinkKind> = new Set(['invite', 'request', 'group', 'channel'] as const);
const kInvitePrefix = 'godwit:i#';
const kHomePrefix = 'godwit-home:';

/**
 * A link that leads in, as an address of this page: whoever opens it needs nothing but a browser, and a phone's own camera can read
 * it. It stands behind the "#", which no server is told. Other links, and where the page is at no address of the network (`page`
 * null), stay as they are. `homeLink`: of a home that asks for a code, for who has no account yet.
 */
export function handedOn(link: string, page: string | null, homeLink = ''): string {
  const kind = findGodwitLink(link)?.kind;
  if (page === null || !kind || !kLeadIn.has(kind)) return link;
  const short = link.startsWith(kInvitePrefix) ? link.slice(kInvitePrefix.length) : link;
  const home = homeLink === '' ? '' : `home=${encodeURIComponent(homeLink.replace(kHomePrefix, ''))}&`;
  return `${page}#${home}invite=${encodeURIComponent(short)}`;
}

/** The address of the page for handedOn(), of a page whose engine is in the browser; null: it is not served by https. */
export function addressOf(location: Pick<Location, 'protocol' | 'origin' | 'pathname'>): string | null {
  return location.protocol === 'https:' ? location.origin + location.pathname : null;
}
