import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type AST } from 'svelte/compiler';
import { describe, expect, test } from 'vitest';
import { kErrors } from '../api/types';
import en from './en.json';
import errorsEn from './errors.en.json';
import errorsRu from './errors.ru.json';
import ru from './ru.json';
import { errorSentence, fill, setLanguage, t } from './t.svelte';

type Catalogue = Record<string, string | Record<string, string>>;
const kAll: Record<string, Catalogue> = { en, ru };
const kSource = join(import.meta.dirname, '..');

function formsOf(message: string | Record<string, string>): string[] {
  return typeof message === 'string' ? [message] : Object.values(message);
}

function placesOf(message: string | Record<string, string>): string[] {
  return [...new Set(formsOf(message).flatMap((each) => each.match(/\{\w+\}/g) ?? []))].sort();
}

function files(folder: string, end: RegExp): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((each) => end.test(each))
    .map((each) => join(folder, each));
}

describe('message files', () => {
  for (const [code, catalogue] of Object.entries(kAll)) {
    test(`${code} has the same keys and the same places to fill as en, in the same order`, () => {
      expect(Object.keys(catalogue)).toEqual(Object.keys(en));
      for (const [key, message] of Object.entries(catalogue)) expect([key, placesOf(message)]).toEqual([key, placesOf((en as Catalogue)[key]!)]);
    });
    test(`${code} has every plural form of its language, and no empty words`, () => {
      const wanted = new Intl.PluralRules(code).resolvedOptions().pluralCategories.slice().sort();
      for (const [key, message] of Object.entries(catalogue)) {
        if (typeof message !== 'string') expect([key, Object.keys(message).sort()]).toEqual([key, wanted]);
        for (const form of formsOf(message)) expect(form.trim(), key).not.toBe('');
      }
    });
  }
  test('every key is used, or is made of a part that is', () => {
    const code = files(kSource, /\.(svelte|ts)$/).filter((each) => !each.endsWith('.test.ts')).map((each) => readFileSync(each, 'utf8')).join('\n');
    const stems = [...code.matchAll(/t\(`([\w.]+)\$\{/g)].map((match) => match[1]!);
    const unused = Object.keys(en).filter((key) => !code.includes(`'${key}'`) && !stems.some((stem) => key.startsWith(stem)));
    expect(unused).toEqual([]);
  });
  test('sentences of errors are of errors that there are', () => {
    const unknown = [...Object.keys(errorsRu), ...Object.keys(errorsEn)].filter((name) => !(name in kErrors) && !['file_not_taken', 'unfit_request'].includes(name));
    expect(unknown).toEqual([]);
  });
});

test('every error that people can meet in the page has a sentence in Russian', () => {
  // Of commands, of a home's own port and certificate, and of requests that a page never makes: these do not reach it.
  const elsewhere = /^(cli|certificate|private|site|address)_/;
  const alone = [
    ...['engine_ambiguous_name', 'engine_wrong_passphrase', 'bad_address', 'bad_net_option', 'bad_socket_path'],
    ...['not_json', 'not_a_request', 'unknown_method', 'unknown_field', 'missing_field', 'wrong_type', 'not_authenticated', 'unknown_notice'].map((each) => `api_${each}`),
  ];
  const missing = Object.keys(kErrors).filter((name) => !(name in errorsRu) && !elsewhere.test(name) && !alone.includes(name));
  expect(missing).toEqual([]);
});

test('an error that comes without words of its own has some', async () => {
  // What the engine's host in a browser says by name alone (engine_files.ts).
  const byName = ['store_disk_full', 'store_unavailable', 'browser_file_gone', 'browser_keeps_no_files', 'browser_part_not_there'];
  for (const code of ['en', 'ru'] as const) {
    await setLanguage(code);
    for (const name of byName) expect([code, name, errorSentence(name, '') !== t('error.unknown')]).toEqual([code, name, true]);
    expect(errorSentence('something_new', '')).toBe(t('error.unknown'));
    expect(errorSentence('something_new', 'What the API says.')).toBe('What the API says.');
  }
  await setLanguage('en');
});

describe('t', () => {
  test('chooses the plural form of the language', async () => {
    expect([1, 2, 5].map((n) => t('chat.members', { n }))).toEqual(['1 member', '2 members', '5 members']);
    await setLanguage('ru');
    expect([1, 2, 5, 21, 1000].map((n) => t('chat.members', { n }))).toEqual(['1 участник', '2 участника', '5 участников', '21 участник', '1\u00a0000 участников']);
    await setLanguage('en');
  });
  test('what is filled in is not filled in again', () => {
    expect(fill('{a} {b} {c}', { a: '{b}', b: 'x' }, String)).toBe('{b} x {c}');
  });
});

// ---- no words in components ----

/** Letters of a text that stands in a component as it is; links, addresses and signs are no words. */
function wordsIn(text: string): boolean {
  return /\p{L}{2}/u.test(text.replace(/^(godwit(-home)?:([a-z]?#)?…|[a-z]+:\/\/(…|[\w.]+\.example)|\w+@[\w.]+\.example)$/, ''));
}

const kSpokenAttributes = new Set(['title', 'aria-label', 'placeholder', 'alt', 'label', 'note', 'lead', 'aria-description']);

function literals(node: unknown, found: string[] = []): string[] {
  if (Array.isArray(node)) node.forEach((each) => literals(each, found));
  else if (node !== null && typeof node === 'object') {
    const { type } = node as { type?: string };
    if (type === 'Text' && wordsIn((node as AST.Text).data)) found.push((node as AST.Text).data.trim());
    if (type === 'Attribute') {
      const attribute = node as AST.Attribute;
      if (!kSpokenAttributes.has(attribute.name)) return found;
    }
    for (const [key, value] of Object.entries(node)) if (key !== 'metadata') literals(value, found);
  }
  return found;
}

test('components have no words of their own', { timeout: 60_000 }, () => {
  const all = files(kSource, /\.svelte$/);
  expect(all.length).toBeGreaterThan(20);
  const found = all.flatMap((path) => literals(parse(readFileSync(path, 'utf8'), { modern: true }).fragment).map((text) => `${path}: ${text}`));
  expect(found).toEqual([]);
});

test('the test for words in components finds them', () => {
  const find = (source: string) => literals(parse(source, { modern: true }).fragment);
  expect(find('<p>Hello</p>')).toEqual(['Hello']);
  expect(find('<button title="Close it">×</button>')).toEqual(['Close it']);
  expect(find('{#if true}<p class="word">{x}</p>{/if}')).toEqual([]);
});
