// Links of groups: which chat one leads to, and whether it is meant for the group's call.

import { fromBase64url } from './base64';

const kPrefix = 'godwit:g#';
/** Behind a link that leads into the call of its group. Nobody signs it: nothing follows from it but what is offered first. */
export const kCallMark = '~call';
const kVersion = 1;
const kIdSize = 16;

export function isCallLink(link: string): boolean {
  return link.startsWith(kPrefix) && link.endsWith(kCallMark);
}

/** The same link without the mark, as an engine of any version takes it. */
export function withoutCallMark(link: string): string {
  return isCallLink(link) ? link.slice(0, -kCallMark.length) : link;
}

/**
 * The chat's id: behind the version, the first 16 bytes of a group's link. The engine checks the rest. Null: it is no link of a group, or a newer
 * one.
 */
export function chatOfGroupLink(link: string): string | null {
  if (!link.startsWith(kPrefix)) return null;
  const bytes = fromBase64url(withoutCallMark(link).slice(kPrefix.length));
  if (!bytes || bytes.length <= kIdSize || bytes[0] !== kVersion) return null;
  return [...bytes.subarray(1, 1 + kIdSize)].map((each) => each.toString(16).padStart(2, '0')).join('');
}
