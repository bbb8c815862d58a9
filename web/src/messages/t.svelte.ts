// The words of the page. Every one is in en.json and in the file of each other language; a component has none of its own.
//
//   t('chat.members', { n: 5 })      a message that depends on a number is an object of plural forms (Intl.PluralRules)

import en from './en.json';
import errorsEn from './errors.en.json';

export type Key = keyof typeof en;
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>>;
type Catalogue = Record<Key, string | Forms>;
export type LanguageCode = 'en' | 'ru';

const kLanguages: Record<LanguageCode, () => Promise<{ default: Catalogue }>> = {
  en: () => Promise.resolve({ default: en }),
  ru: () => import('./ru.json'),
};
/** The sentences of errors that are not the API's own: those in English speak of commands of a terminal. */
const kErrorSentences: Record<LanguageCode, () => Promise<{ default: Record<string, string> }>> = {
  en: () => Promise.resolve({ default: errorsEn }),
  ru: () => import('./errors.ru.json'),
};
const kRightToLeft = new Set<string>(['ar', 'fa', 'he', 'ur']);

class Words {
  code = $state<LanguageCode>('en');
  catalogue = $state.raw<Catalogue>(en);
  errors = $state.raw<Record<string, string>>(errorsEn);
  plurals = $derived(new Intl.PluralRules(this.code));
}

const words = new Words();

/** The language that suits the setting and the browser. */
export function languageFor(setting: 'auto' | LanguageCode, wanted: readonly string[]): LanguageCode {
  if (setting !== 'auto') return setting;
  for (const each of wanted) {
    const code = each.slice(0, 2).toLowerCase();
    if (code in kLanguages) return code as LanguageCode;
  }
  return 'en';
}

/** Shows the page in a language from now on. */
export async function setLanguage(code: LanguageCode): Promise<void> {
  const [catalogue, errors] = await Promise.all([kLanguages[code](), kErrorSentences[code]()]);
  words.code = code;
  words.catalogue = catalogue.default;
  words.errors = errors.default;
  if (typeof document === 'undefined') return;
  document.documentElement.lang = code;
  document.documentElement.dir = kRightToLeft.has(code) ? 'rtl' : 'ltr';
}

export function language(): LanguageCode {
  return words.code;
}

/** With the region that the browser names: 24 hours here, 12 there. */
export function locale(): string {
  const wanted = typeof navigator === 'undefined' ? [] : navigator.languages;
  return wanted.find((each) => each.toLowerCase().startsWith(words.code)) ?? words.code;
}

export type Values = Record<string, string | number>;

/** `{name}` in `template` becomes the value. */
export function fill(template: string, values: Values, format: (n: number) => string): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? format(value) : value;
  });
}

export function t(key: Key, values: Values = {}): string {
  const found: string | Forms = words.catalogue[key] ?? en[key];
  const template = typeof found === 'string' ? found : (found[words.plurals.select(Number(values['n'] ?? 0))] ?? found.other ?? key);
  return fill(template, values, (n) => new Intl.NumberFormat(words.code).format(n));
}

/** The sentence of an error for people: by its name in their language, else the API's own; never none. */
export function errorSentence(name: string, sentence: string): string {
  return words.errors[name] || sentence || t('error.unknown');
}
