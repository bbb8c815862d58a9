// The service worker: holds the whole page, so that it opens when nothing answers. It answers for the files of the page alone; what
// belongs to a person (/api, /files) never comes through here. tools/precache.mjs writes in what there is.

interface Precache {
  /** Of all the files; another build is another cache. */
  hash: string;
  files: readonly string[];
}

declare const __GODWIT_PRECACHE__: Precache;

// The names of a service worker's surroundings, of which TypeScript's library for pages knows nothing.
interface WorkerScope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void>; matchAll(of: { type: 'window' }): Promise<readonly PageClient[]> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void;
  addEventListener(type: 'message', listener: (event: Lasting & { data: unknown }) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: Clicked) => void): void;
}
interface PageClient {
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
interface Lasting extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetching extends Lasting {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Clicked extends Lasting {
  readonly notification: { close(): void; data?: unknown };
}

const scope = self as unknown as WorkerScope;
const kPrecache = __GODWIT_PRECACHE__;
const kPrefix = 'godwit-page-';
const kCache = kPrefix + kPrecache.hash;
const kEngine = /^godwit-[0-9a-f]+\.wasm\.gz$/;
const kParts = /^(assets\/[^/]+|godwit-[0-9a-f]+\.wasm\.gz)$/;
const base = new URL(scope.registration.scope);
// `godwit web`, which alone is without TLS, has an engine of its own: there the one for browsers is never asked for.
const kFiles = kPrecache.files.filter((each) => base.protocol === 'https:' || !kEngine.test(each));
const known = new Set(kFiles.map((each) => new URL(each, base).href));

// All or nothing: a page with a missing part is worse than the one that is there.
async function install(): Promise<void> {
  const cache = await caches.open(kCache);
  await cache.addAll(kFiles.map((each) => new Request(new URL(each, base), { cache: 'reload' })));
}

// Newest first. A cache is made once, and they are told in the order of making.
async function earlierCaches(): Promise<string[]> {
  return (await caches.keys()).filter((each) => each.startsWith(kPrefix) && each !== kCache).reverse();
}

// Tabs of the version before may be open, and ask for their parts when they need them: those stay until there is yet another version.
async function activate(): Promise<void> {
  const [, ...older] = await earlierCaches();
  await Promise.all(older.map((each) => caches.delete(each)));
  await scope.clients.claim();
}

/** What is asked for as it is held here; null: it is no file of the page. */
function heldAddress(request: Request): string | null {
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== base.origin) return null;
  url.hash = url.search = '';
  const address = url.href === base.href ? new URL('index.html', base).href : url.href;
  return known.has(address) ? address : null;
}

async function answer(request: Request, address: string): Promise<Response> {
  const cache = await caches.open(kCache);
  // A browser may throw a cache away: then the network is asked as if there were none.
  return (await cache.match(address)) ?? fetch(request);
}

/** True of what an earlier version may have had: its parts bear their hashes in their names. */
function isPart(request: Request): boolean {
  return request.method === 'GET' && request.url.startsWith(base.href) && kParts.test(request.url.slice(base.href.length));
}

async function answerEarlier(request: Request): Promise<Response> {
  for (const name of await earlierCaches()) {
    const found = await (await caches.open(name)).match(request);
    if (found) return found;
  }
  return fetch(request);
}

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('fetch', (event) => {
  const address = heldAddress(event.request);
  if (address) event.respondWith(answer(event.request, address));
  else if (isPart(event.request)) event.respondWith(answerEarlier(event.request));
});
// The person has said that the new version shall come.
scope.addEventListener('message', (event) => {
  if (event.data === 'activate') event.waitUntil(scope.skipWaiting());
});
scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const open = async () => {
    const [page] = await scope.clients.matchAll({ type: 'window' });
    page?.postMessage({ open: event.notification.data });
    await page?.focus();
  };
  event.waitUntil(open());
});
