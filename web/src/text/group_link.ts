// Which chat a group's link leads to: behind the version, its first 16 bytes are the chat's id. The engine checks the rest.

import { fromBase64url } from './base64';

const kPrefix = 'godwit:g#';
const kVersion = 1;
const kIdSize = 16;

/** The chat's id; null: it is no link of a group, or a newer one. */
export function chatOfGroupLink(link: string): string | null {
  if (!link.startsWith(kPrefix)) return null;
  const bytes = fromBase64url(link.slice(kPrefix.length));
  if (!bytes || bytes.length <= kIdSize || bytes[0] !== kVersion) return null;
  return [...bytes.subarray(1, 1 + kIdSize)].map((each) => each.toString(16).padStart(2, '0')).join('');
}
