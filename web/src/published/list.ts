// The list of published files, signed by whoever publishes them (tools/publish.mjs):
//
//   Godwit: published files
//   2026-11-28 0.1.0 5d1f0c3e...64 digits...
//   signature base64url of ECDSA P-256 with SHA-256, r || s, over all bytes before this line

import { fromBase64url } from '../text/base64url';

export const kListHead = 'Godwit: published files';
const kSignature = 'signature ';
const kEntry = /^(\d{4}-\d\d-\d\d) ([\w.-]{1,40}) ([0-9a-f]{64})$/;
/** Bytes of a list at most: thousands of files. */
export const kListSizeMax = 1 << 20;

/** What a list says of a file. `no_list`: it is none, or is damaged; `other_publisher`: nobody signed it whom this file knows. */
export type Verdict = { kind: 'published'; version: string; day: string } | { kind: 'unknown'; latest: string } | { kind: 'no_list' } | { kind: 'other_publisher' };

const kAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** Looks a SHA-256 up, as hexadecimal digits. `publisher`: the uncompressed point of his key, as base64url. */
export async function lookUp(list: string, hash: string, publisher: string): Promise<Verdict> {
  const text = list.replaceAll('\r\n', '\n');
  const at = text.lastIndexOf(`\n${kSignature}`) + 1;
  const lines = text.slice(0, at).split('\n');
  if (at === 0 || lines[0] !== kListHead) return { kind: 'no_list' };
  const [point, signature] = [fromBase64url(publisher), fromBase64url(text.slice(at + kSignature.length).trim())];
  if (!signature) return { kind: 'no_list' };
  if (!point) return { kind: 'other_publisher' };
  const key = await crypto.subtle.importKey('raw', point, kAlgorithm, false, ['verify']);
  const signed = new TextEncoder().encode(text.slice(0, at));
  if (!(await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, signed))) return { kind: 'other_publisher' };
  const entries = lines.slice(1).flatMap((line) => kEntry.exec(line) ?? []);
  for (let i = 0; i < entries.length; i += 4) {
    if (entries[i + 3] === hash) return { kind: 'published', day: entries[i + 1]!, version: entries[i + 2]! };
  }
  return { kind: 'unknown', latest: entries.at(-2) ?? '' };
}

/** The publisher whom this page was built to believe; empty: nobody. */
export function publisherOf(page: Document): string {
  return page.querySelector('meta[name="godwit-publisher"]')?.getAttribute('content') ?? '';
}
