// That this browser once had an account here: known also after the browser has thrown out all that was kept, so that the person who
// then comes back is not met like a stranger. Browsers throw out databases first. A cookie often stays (Chromium, Firefox), local
// storage sometimes (Chromium); of Safari neither is sure. It says nothing but that, and goes to nobody but the page's own home,
// which knows more. A page from a file has no cookies.

import type { KeptWords } from './browser_storage';

const kCookie = 'had=1';
const kKey = 'godwit-had';
/** Browsers take no more than 400 days. */
const kSeconds = 400 * 86_400;

export class HadAccount {
  constructor(
    private readonly window: Window,
    private readonly storage: KeptWords,
  ) {}

  get isSet(): boolean {
    return this.storage.get(kKey) !== null || this.cookies().includes(kCookie);
  }

  /** Again at each start: its time begins anew. */
  set(): void {
    this.storage.set(kKey, '1');
    this.write(`${kCookie}; Max-Age=${kSeconds}`);
  }

  /** The person begins as somebody new. */
  remove(): void {
    this.storage.remove(kKey);
    this.write(`${kCookie}; Max-Age=0`);
  }

  private cookies(): string[] {
    try {
      return this.window.document.cookie.split('; ');
    } catch {
      return []; // this browser keeps none
    }
  }

  private write(cookie: string): void {
    if (this.window.location.protocol !== 'https:') return;
    try {
      this.window.document.cookie = `${cookie}; SameSite=Strict; Secure`;
    } catch {
      // Then there is the other one.
    }
  }
}
