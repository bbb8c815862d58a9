// The service worker: holds the whole page, so that it opens when nothing answers. It answers for the files of the page alone; what
// belongs to a person (/api, /files) never comes through here. When the home wakes it, it says that something came. tools/precache.mjs
// writes in what there is.

interface Precache {
  /** Of all the files; another build is another cache. */
  hash: string;
  files: readonly string[];
}

declare const __GODWIT_PRECACHE__: Precache;

// The names of a service worker's surroundings, of which TypeScript's library for pages knows nothing.
interface WorkerScope {
  readonly registration: {
    readonly scope: string;
    readonly pushManager: PushManager;
    showNotification(title: string, options: NotificationOptions): Promise<void>;
    getNotifications(of: { tag: string }): Promise<readonly { close(): void }[]>;
  };
  readonly clients: {
    claim(): Promise<void>;
    matchAll(of: { type: 'window'; includeUncontrolled?: boolean }): Promise<readonly PageClient[]>;
    openWindow(address: string): Promise<unknown>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void;
  addEventListener(type: 'fetch', listener: (event: Fetching) => void): void;
  addEventListener(type: 'message', listener: (event: Lasting & { data: unknown }) => void): void;
  addEventListener(type: 'push', listener: (event: Lasting) => void): void;
  addEventListener(type: 'pushsubscriptionchange', listener: (event: Changed) => void): void;
  addEventListener(type: 'notificationclick', listener: (event: Clicked) => void): void;
}
interface PageClient {
  readonly visibilityState: DocumentVisibilityState;
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
interface Changed extends Lasting {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}
interface Clicked extends Lasting {
  readonly notification: { close(): void; data?: unknown };
}

const scope = self as unknown as WorkerScope;
const kPrecache = __GODWIT_PRECACHE__;
const kPrefix = 'godwit-page-';
const kCache = kPrefix + kPrecache.hash;
// What is said when the home wakes this worker, in the language of the page, which tells it. Not among the caches of the page's files.
const kWordsCache = 'godwit-words';
const kWords = './wake-words.json';
const kWakeTag = 'godwit-wake';
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

function pages(): Promise<readonly PageClient[]> {
  return scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

interface WakeWords {
  title: string;
  body: string;
}

async function keepWakeWords({ title, body }: WakeWords): Promise<void> {
  await (await caches.open(kWordsCache)).put(kWords, new Response(JSON.stringify({ title: String(title), body: String(body) })));
}

// Never none: a browser may throw a cache away, and shows words of its own where a worker shows nothing.
async function wakeWords(): Promise<WakeWords> {
  try {
    const kept = await (await caches.open(kWordsCache)).match(kWords);
    if (kept) return (await kept.json()) as WakeWords;
  } catch {
    // As if there were none.
  }
  return { title: 'Godwit', body: '' };
}

async function closeShown(): Promise<void> {
  for (const each of await scope.registration.getNotifications({ tag: kWakeTag })) each.close();
}

// All that a push says is that something came: who looks at the page sees it there.
async function wake(): Promise<void> {
  if ((await pages()).some((each) => each.visibilityState === 'visible')) return;
  const { title, body } = await wakeWords();
  await scope.registration.showNotification(title, { body, tag: kWakeTag, icon: './icons/godwit-192.png', data: null });
}

// The browser's address at its push service is another one. The home hears of it from the next page, which compares.
async function changed(event: Changed): Promise<void> {
  const key = event.oldSubscription?.options.applicationServerKey;
  if (!event.newSubscription && key) await scope.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  for (const page of await pages()) page.postMessage({ push: 'changed' });
}

scope.addEventListener('push', (event) => event.waitUntil(wake()));
scope.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(changed(event)));
scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('fetch', (event) => {
  const address = heldAddress(event.request);
  if (address) event.respondWith(answer(event.request, address));
  else if (isPart(event.request)) event.respondWith(answerEarlier(event.request));
});
scope.addEventListener('message', (event) => {
  // The person has said that the new version shall come.
  if (event.data === 'activate') event.waitUntil(scope.skipWaiting());
  // Who sees the page needs no other word that something came.
  if (event.data === 'seen') event.waitUntil(closeShown());
  const { words } = (event.data ?? {}) as { words?: WakeWords };
  if (words) event.waitUntil(keepWakeWords(words));
});
scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const open = async () => {
    const [page] = await pages();
    if (!page) return void (await scope.clients.openWindow(base.href));
    page.postMessage({ open: event.notification.data });
    await page.focus();
  };
  event.waitUntil(open());
});
