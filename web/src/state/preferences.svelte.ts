// What the person has set for this page on this device: kept by the browser, never sent anywhere.

export type Theme = 'auto' | 'light' | 'dark';
export type LanguageSetting = 'auto' | 'en' | 'ru';

interface Kept {
  theme: Theme;
  language: LanguageSetting;
  enterSends: boolean;
  recentEmoji: string[];
}

const kKey = 'godwit-preferences';
const kRecentMax = 24;

export class Preferences {
  theme = $state<Theme>('auto');
  language = $state<LanguageSetting>('auto');
  enterSends = $state(true);
  recentEmoji = $state.raw<readonly string[]>([]);

  constructor(private readonly storage: Storage) {
    const kept = this.read();
    if (kept.theme === 'light' || kept.theme === 'dark') this.theme = kept.theme;
    if (kept.language === 'en' || kept.language === 'ru') this.language = kept.language;
    this.enterSends = kept.enterSends !== false;
    if (Array.isArray(kept.recentEmoji)) this.recentEmoji = kept.recentEmoji.filter((each) => typeof each === 'string').slice(0, kRecentMax);
  }

  set(change: Partial<Kept>): void {
    Object.assign(this, change);
    const { theme, language, enterSends, recentEmoji } = this;
    try {
      this.storage.setItem(kKey, JSON.stringify({ theme, language, enterSends, recentEmoji }));
    } catch {
      // A private window may keep nothing: it holds until the page is closed.
    }
  }

  useEmoji(emoji: string): void {
    this.set({ recentEmoji: [emoji, ...this.recentEmoji.filter((each) => each !== emoji)].slice(0, kRecentMax) });
  }

  private read(): Partial<Kept> {
    try {
      return JSON.parse(this.storage.getItem(kKey) ?? '{}') as Partial<Kept>;
    } catch {
      return {};
    }
  }
}
