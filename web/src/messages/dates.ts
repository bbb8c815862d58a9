// Times and days as people write them in the language of the page.

import { language, locale, t } from './t.svelte';

const kDayMs = 86_400_000;
/** The last that a Date can be. */
const kTimeMost = 8.64e15;
const kept = new Map<string, Intl.DateTimeFormat>();

function format(time: number, options: Intl.DateTimeFormatOptions): string {
  const key = locale() + JSON.stringify(options);
  let formatter = kept.get(key);
  if (!formatter) kept.set(key, (formatter = new Intl.DateTimeFormat(locale(), options)));
  return formatter.format(Math.min(Math.max(time, -kTimeMost), kTimeMost)); // what others claim may be no time at all
}

/** Which day of the calendar, here: two times of one day have the same number. */
export function dayOf(time: number): number {
  const date = new Date(Math.min(Math.max(time, -kTimeMost), kTimeMost));
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / kDayMs);
}

export function clockTime(time: number): string {
  return format(time, { hour: '2-digit', minute: '2-digit' });
}

/** Where it has to go on in another line, that begins with the time of day. */
export function fullTime(time: number): string {
  const words = format(time, { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' });
  return words.replace(/ /g, '\u00a0').replace(/\u00a0(\S+\u00a0)?(\d{1,2}:\d\d)/, ' $1$2');
}

/** Above the messages of a day. */
export function dayName(time: number, now = Date.now()): string {
  const ago = dayOf(now) - dayOf(time);
  if (ago === 0) return t('day.today');
  if (ago === 1) return t('day.yesterday');
  if (ago > 1 && ago < 7) return format(time, { weekday: 'long' });
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return format(time, { day: 'numeric', month: 'long', ...(sameYear ? {} : { year: 'numeric' }) });
}

/** In the list of chats: as short as it is clear. */
export function listTime(time: number, now = Date.now()): string {
  const ago = dayOf(now) - dayOf(time);
  if (ago === 0) return clockTime(time);
  if (ago > 0 && ago < 7) return format(time, { weekday: 'short' });
  return format(time, { day: '2-digit', month: '2-digit', year: '2-digit' });
}

/** A day that is counted from 1970-01-01, as the last day of a link is. */
export function dayDate(day: number): string {
  return format(day * kDayMs + kDayMs / 2, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
}

/** A span of time, of the units that suit it. */
export function duration(seconds: number): string {
  if (seconds >= 86_400 * 7 && seconds % (86_400 * 7) === 0) return t('time.weeks', { n: seconds / 86_400 / 7 });
  if (seconds >= 86_400) return t('time.days', { n: Math.round(seconds / 86_400) });
  if (seconds >= 3600) return t('time.hours', { n: Math.round(seconds / 3600) });
  if (seconds >= 60) return t('time.minutes', { n: Math.round(seconds / 60) });
  return t('time.seconds', { n: seconds });
}

/** How large a file is. */
export function sizeOf(bytes: number): string {
  const kUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < kUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit > 1 && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language(), { style: 'unit', unit: kUnits[unit]!, unitDisplay: unit === 0 ? 'long' : 'short', maximumFractionDigits: digits }).format(value);
}
