// Which of Godwit's links a text has in it: people paste whole messages, addresses of pages, and what a camera has read.

import { parseFragment } from '../state/link_fragment';

export type GodwitLinkKind =
  | 'invite' // of one person, for one person
  | 'request' // of one person, for whoever has it: an invite for many
  | 'group'
  | 'channel'
  | 'device' // for a new device of an account
  | 'number' // what two people compare
  | 'home'
  | 'name'; // name@home, or a name alone

export interface GodwitLink {
  kind: GodwitLinkKind;
  text: string;
}

const kLetters: Record<string, GodwitLinkKind> = { i: 'invite', m: 'request', g: 'group', c: 'channel', d: 'device', v: 'number' };
const kLink = /(godwit:([a-z])#[\w-]+)(~call(?![\w~-]))?/; // behind a group's: it leads into the call
const kAddress = /https?:\/\/[^\s#]+#(\S+)/g;
const kHome = /godwit-home:[\w-]+/;
// What can be a name is judged by the engine; here is decided only whether somebody meant one.
const kName = /^[\p{L}\p{N}._-]{3,32}(@[^\s@#/]{1,255})?$/u;

export function findGodwitLink(text: string): GodwitLink | null {
  const found = kLink.exec(text);
  const kind = found ? kLetters[found[2]!] : undefined;
  if (found && kind) return { kind, text: kind === 'group' ? found[0] : found[1]! };
  for (const [, fragment] of text.matchAll(kAddress)) {
    const { invite } = parseFragment(fragment!);
    if (invite) return findGodwitLink(invite);
  }
  const home = kHome.exec(text);
  if (home) return { kind: 'home', text: home[0] };
  const name = text.trim();
  return kName.test(name) ? { kind: 'name', text: name } : null;
}
