// The page as a thing that is kept by the browser: the service worker that holds it, and the news of another version.

import { trustedScript } from './trusted_scripts';

/** A tab that stays open for days looks for another version so often. */
const kLookMs = 60 * 60 * 1000;

/** The browser's offer to install the page, which it makes once. */
interface InstallOffer extends Event {
  prompt(): Promise<void>;
}

/** How this page becomes an app: the browser offers it, the person finds it with Apple's browsers or in another's menu; null: not, or it is. */
export type InstallWay = 'offer' | 'apple' | 'menu' | null;

export class Installed {
  /** Another version is there, or was taken in another tab: this one has to be loaded anew. */
  updated = $state(false);
  offer = $state.raw<InstallOffer | null>(null);
  registration: ServiceWorkerRegistration | null = null;
  /** The same, once it is known whether there is one. */
  readonly registered: Promise<ServiceWorkerRegistration | null>;
  private found!: (registration: ServiceWorkerRegistration | null) => void;
  private waiting: ServiceWorker | null = null;
  private reloads = false;

  constructor(private readonly window: Window) {
    this.registered = new Promise((resolve) => (this.found = resolve));
    window.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault();
      this.offer = event as InstallOffer;
    });
    window.addEventListener('appinstalled', () => (this.offer = null));
  }

  get way(): InstallWay {
    const { navigator, location } = this.window;
    const isApp = this.window.matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true;
    if (isApp || location.protocol !== 'https:') return null;
    if ('standalone' in navigator) return 'apple'; // only browsers of the iPhone and iPad know the word
    return this.offer ? 'offer' : 'menu';
  }

  /** There is none and will be none: a page from a file. */
  none(): void {
    this.found(null);
  }

  /** Once the page is shown: it is not to be made slower by what is for the next time. */
  async start(): Promise<void> {
    const container = this.window.navigator.serviceWorker as ServiceWorkerContainer | undefined;
    if (!container) return this.none(); // a private window, or a page from a file
    // `godwit web` has a port of its own with each start, without TLS: a worker that stays there would answer for whoever gets it
    // next.
    if (this.window.location.protocol !== 'https:') {
      const left = await container.getRegistrations().catch(() => []);
      await Promise.all(left.map((each) => each.unregister().catch(() => false)));
      return this.none();
    }
    const hadOne = container.controller !== null;
    container.addEventListener('controllerchange', () => {
      if (this.reloads) this.window.location.reload();
      else if (hadOne) this.updated = true;
    });
    try {
      this.registration = await container.register(trustedScript('./sw.js'), { updateViaCache: 'none' });
    } catch {
      return this.none(); // the browser does not want one here: everything works, but not without a server
    }
    const { registration } = this;
    this.found(registration);
    this.look(registration.waiting);
    registration.addEventListener('updatefound', () => {
      const next = registration.installing;
      next?.addEventListener('statechange', () => next.state === 'installed' && this.look(next));
    });
    setInterval(() => void registration.update().catch(() => undefined), kLookMs);
  }

  // The first one of all is no news.
  private look(worker: ServiceWorker | null): void {
    if (!worker || !this.window.navigator.serviceWorker.controller) return;
    this.waiting = worker;
    this.updated = true;
  }

  reload(): void {
    if (!this.waiting || this.waiting.state === 'activated') return this.window.location.reload();
    this.reloads = true;
    this.waiting.postMessage('activate');
  }

  async install(): Promise<void> {
    const { offer } = this;
    this.offer = null;
    await offer?.prompt();
  }
}
