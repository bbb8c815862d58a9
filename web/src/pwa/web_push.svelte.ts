// Being woken by the home while no page lives (Web Push): one yes of the person, a subscription at the browser's push service, and the
// home told of it. The browser's subscription, the engine's and the wish are brought into line whenever the page starts.

import type { Notice } from '../api/client';
import type { WebPushInfoResult } from '../api/types';
import { t } from '../messages/t.svelte';
import type { Preferences } from '../state/preferences.svelte';
import type { Follower, Session } from '../state/session.svelte';
import { base64url, fromBase64url } from '../text/base64url';
import type { Installed } from './installed.svelte';

/** Why this browser is not woken though it should be, or cannot be. */
export type PushTrouble =
  | 'no_push' // a page from a file or of `godwit web`, a browser without push
  | 'denied' // the person or the browser has said no to notifications
  | 'home_off' // the home sends none
  | 'no_home' // it is not reached now
  | 'refused'; // the browser's push service gives no address now

/** Who has said yes waits so long for the home. */
const kPatienceMs = 20_000;

class Refused extends Error {
  constructor(readonly trouble: PushTrouble) {
    super(trouble);
  }
}

export class WebPush implements Follower {
  /** Null: as far as is known it can be done, or is. */
  trouble = $state<PushTrouble | null>(null);
  private lining: Promise<void> = Promise.resolve();

  constructor(
    private readonly session: Session,
    private readonly preferences: Preferences,
    private readonly installed: Installed,
  ) {
    session.follow(this);
    // The browser has given another address out: the worker says so to the pages that are open.
    navigator.serviceWorker?.addEventListener('message', (event: MessageEvent<{ push?: unknown } | null>) => {
      if (event.data?.push === 'changed') this.bringIntoLine();
    });
    document.addEventListener('visibilitychange', () => this.sayIsSeen());
  }

  get on(): boolean {
    return this.preferences.webPush && this.trouble === null;
  }

  onReady(): void {
    this.sayIsSeen();
    void this.installed.registered.then((registration) => {
      if (!registration?.pushManager) this.trouble = 'no_push';
      else this.bringIntoLine();
    });
  }

  onNotice(notice: Notice): void {
    if (notice.method === 'web_push_ended') this.bringIntoLine();
  }

  /** The words of the notification, in the language of the page. */
  keepWords(): void {
    const words = { title: t('app.title'), body: t('push.woken') };
    if (this.preferences.webPush) void this.tellWorker({ words });
  }

  private async tellWorker(what: unknown): Promise<void> {
    (await this.installed.registered)?.active?.postMessage(what);
  }

  /** The person has read what it means and said yes. Fails with what the engine says; what the browser says is in `trouble`. */
  async turnOn(): Promise<void> {
    this.trouble = null;
    if ((await Notification.requestPermission()) !== 'granted') return this.fail('denied');
    this.preferences.set({ webPush: true });
    try {
      const late = new Promise<never>((_, refuse) => setTimeout(() => refuse(new Refused('no_home')), kPatienceMs));
      await this.subscribe(await Promise.race([this.session.call('read_web_push', {}), late]));
      this.keepWords();
    } catch (error) {
      this.preferences.set({ webPush: false });
      if (!(error instanceof Refused)) throw error;
      this.fail(error.trouble);
    }
  }

  async turnOff(): Promise<void> {
    this.preferences.set({ webPush: false });
    if (this.trouble !== 'no_push') this.trouble = null;
    // Without it the home's pushes lead nowhere, whether or not it hears of it now.
    await (await this.current())?.unsubscribe().catch(() => false);
    await this.session.call('set_web_push', { subscription: null });
  }

  private fail(trouble: PushTrouble): void {
    this.trouble = trouble;
  }

  private async current(): Promise<PushSubscription | null> {
    const registration = await this.installed.registered;
    return (await registration?.pushManager?.getSubscription().catch(() => null)) ?? null;
  }

  // One after the other: notices may come while the last one is being done.
  private bringIntoLine(): void {
    if (!this.preferences.webPush) return;
    this.lining = this.lining.then(async () => {
      try {
        if (typeof Notification === 'undefined' || Notification.permission !== 'granted') throw new Refused('denied');
        await this.subscribe(await this.session.call('read_web_push', {}));
        this.trouble = null;
        this.keepWords();
      } catch (error) {
        // What the engine says is said by the line about the connection; it is tried again when the page is opened.
        if (error instanceof Refused) this.fail(error.trouble);
      }
    });
  }

  // A subscription for the key that the home shows now, which the home has.
  private async subscribe({ home_key: homeKey, endpoint }: WebPushInfoResult): Promise<void> {
    if (!this.preferences.webPush) return; // meanwhile it was turned off
    const key = fromBase64url(homeKey);
    if (!key?.length) throw new Refused('home_off');
    const manager = (await this.installed.registered)?.pushManager;
    if (!manager) throw new Refused('no_push');
    let subscription = await manager.getSubscription();
    const its = subscription?.options.applicationServerKey;
    if (subscription && (!its || base64url(new Uint8Array(its)) !== homeKey)) {
      await subscription.unsubscribe(); // made for a home where the account was before
      subscription = null;
    }
    try {
      subscription ??= await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    } catch {
      throw new Refused(Notification.permission === 'granted' ? 'refused' : 'denied');
    }
    if (!this.preferences.webPush) return void (await subscription.unsubscribe()); // while the browser asked its service
    if (subscription.endpoint === endpoint) return;
    const [own, auth] = [subscription.getKey('p256dh'), subscription.getKey('auth')];
    if (!own || !auth) throw new Refused('refused');
    await this.session.call('set_web_push', {
      subscription: { endpoint: subscription.endpoint, key: base64url(new Uint8Array(own)), auth: base64url(new Uint8Array(auth)), home_key: homeKey },
    });
  }

  private sayIsSeen(): void {
    if (document.visibilityState === 'visible') void this.tellWorker('seen');
  }
}
