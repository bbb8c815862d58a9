// What the person has set for this page on this device: kept by the browser, never sent anywhere.

import type { ChosenDevices } from '../calls/call_devices';
import type { KeptWords } from './browser_storage';

export type Theme = 'auto' | 'light' | 'dark';
export type LanguageSetting = 'auto' | 'en' | 'ru';
export const kTextSizes = ['small', 'normal', 'large', 'largest'] as const;
export type TextSize = (typeof kTextSizes)[number];

interface Kept {
  theme: Theme;
  language: LanguageSetting;
  textSize: TextSize;
  enterSends: boolean;
  /** Notifications while the page lives; with the words of the message; with a sound. */
  notify: boolean;
  notifyText: boolean;
  notifySound: boolean;
  /** The home may wake this browser while no page lives. */
  webPush: boolean;
  /** The hint that there are notifications was answered. */
  notifyHinted: boolean;
  /** So was the one that this browser may throw the profile out. */
  keepHinted: boolean;
  /** Calls may show this device's network address to the other side. */
  callsDirect: boolean;
  /** Of calls. */
  devices: ChosenDevices;
  recentEmoji: string[];
}

const kKey = 'godwit-preferences';
const kRecentMax = 24;
const kSystemsOwn: ChosenDevices = { microphone: '', camera: '', speaker: '' };

export class Preferences {
  theme = $state<Theme>('auto');
  language = $state<LanguageSetting>('auto');
  textSize = $state<TextSize>('normal');
  enterSends = $state(true);
  notify = $state(false);
  notifyText = $state(true);
  notifySound = $state(false);
  webPush = $state(false);
  notifyHinted = $state(false);
  keepHinted = $state(false);
  callsDirect = $state(false);
  devices = $state.raw<ChosenDevices>(kSystemsOwn);
  recentEmoji = $state.raw<readonly string[]>([]);

  constructor(private readonly storage: KeptWords) {
    this.takeKept();
  }

  /** Another tab has set something. */
  onStored(key: string | null): void {
    if (key === kKey) this.takeKept();
  }

  private takeKept(): void {
    const kept = this.read();
    this.theme = kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'auto';
    this.language = kept.language === 'en' || kept.language === 'ru' ? kept.language : 'auto';
    this.textSize = kTextSizes.find((each) => each === kept.textSize) ?? 'normal';
    this.enterSends = kept.enterSends !== false;
    this.notify = kept.notify === true;
    this.notifyText = kept.notifyText !== false;
    this.notifySound = kept.notifySound === true;
    this.webPush = kept.webPush === true;
    this.notifyHinted = kept.notifyHinted === true;
    this.keepHinted = kept.keepHinted === true;
    this.callsDirect = kept.callsDirect === true;
    const idOf = (which: keyof ChosenDevices) => (typeof kept.devices?.[which] === 'string' ? kept.devices[which] : '');
    this.devices = { microphone: idOf('microphone'), camera: idOf('camera'), speaker: idOf('speaker') };
    if (Array.isArray(kept.recentEmoji)) this.recentEmoji = kept.recentEmoji.filter((each) => typeof each === 'string').slice(0, kRecentMax);
  }

  set(change: Partial<Kept>): void {
    Object.assign(this, change);
    const { theme, language, textSize, enterSends, recentEmoji, notify, notifyText, notifySound, webPush, notifyHinted, keepHinted, callsDirect, devices } = this;
    const kept: Kept = { theme, language, textSize, enterSends, recentEmoji: [...recentEmoji], notify, notifyText, notifySound, webPush, notifyHinted, keepHinted, callsDirect, devices };
    this.storage.set(kKey, JSON.stringify(kept));
  }

  useEmoji(emoji: string): void {
    this.set({ recentEmoji: [emoji, ...this.recentEmoji.filter((each) => each !== emoji)].slice(0, kRecentMax) });
  }

  private read(): Partial<Kept> {
    try {
      return JSON.parse(this.storage.get(kKey) ?? '{}') as Partial<Kept>;
    } catch {
      return {};
    }
  }
}
