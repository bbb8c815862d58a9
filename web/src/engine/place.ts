// Where the engine of this page is. One page is served by `godwit web`, which is an engine itself, by homes, which are none, and
// lies on disks as one file.

export type Place =
  | 'native' // behind a WebSocket of `godwit web`
  | 'browser'; // in a worker of this page

/** What the page knows of how it was opened. */
export interface Surroundings {
  protocol: string;
  hostname: string;
  /** A token for `godwit web` came with the address, or before in this tab. */
  hasToken: boolean;
  /** An engine for browsers lies beside the page (index.html says so), or in it. */
  besides: 'nothing' | 'engine' | 'inside';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
}

/**
 * A home always has TLS and `godwit web` never has: without its token, its page asks for the link rather than to begin a second
 * life in the browser.
 */
export function placeOf(of: Surroundings): Place {
  if (of.hasToken && isLoopback(of.hostname)) return 'native';
  if (of.besides === 'inside') return 'browser';
  return of.besides === 'engine' && of.protocol !== 'http:' ? 'browser' : 'native';
}

/** Where the engine lies, as the build has written it into index.html. */
export function engineAddress(document: Document): string | null {
  return document.querySelector<HTMLMetaElement>('meta[name=godwit-engine]')?.content ?? null;
}

/** Where the module of imports and archives lies, whole; undefined: nowhere. */
export function movingAddress(document: Document): string | undefined {
  const address = document.querySelector<HTMLMetaElement>('meta[name=godwit-moving]')?.content;
  return address && new URL(address, document.baseURI).href;
}
