// Addresses in what people write. Only http and https ever become a link, and a host is shown as what it is: with letters that
// are not of ASCII it is written in punycode, since nobody can tell а from a.

const kAddress = /\bhttps?:\/\/[^\s<>"'«»“”]+/giu;
// Of Godwit's own links those that people hand to each other; they are long, and shown by their beginning.
const kGodwit = /\bgodwit:[igmc]#[\w-]{16,}/g;
const kGodwitShown = 20;
// What ends a sentence, not an address.
const kTrailing = /[.,:;!?…'"»”’]+$/u;

export interface Link {
  /** Where it leads; safe to be given to an <a>. */
  href: string;
  /** How it is shown. */
  shown: string;
}

/** A link that may be followed; null for anything but http and https (and mailto if `mail`). */
export function safeLink(address: string, mail = false): Link | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (mail && url.protocol === 'mailto:') return { href: url.href, shown: url.pathname };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  // Whoever writes https://bank.example@evil.example wants the reader to misread it.
  if (url.username !== '' || url.password !== '') return null;
  return { href: url.href, shown: isPlain(address) ? address : url.href };
}

function isPlain(address: string): boolean {
  const host = /^https?:\/\/([^/?#]*)/i.exec(address)?.[1] ?? '';
  return /^[\x21-\x7e]*$/.test(host) && !/\p{Cf}/u.test(address);
}

export interface FoundLink extends Link {
  start: number;
  end: number;
}

/** The addresses in `text`, with their places. */
export function findLinks(text: string): FoundLink[] {
  const found: FoundLink[] = [];
  for (const match of text.matchAll(kAddress)) {
    let address = match[0].replace(kTrailing, '');
    // A bracket belongs to the address only with its other half.
    while (/[)\]}]$/.test(address) && !closes(address)) address = address.slice(0, -1).replace(kTrailing, '');
    const link = safeLink(address);
    if (link) found.push({ ...link, start: match.index, end: match.index + address.length });
  }
  for (const match of text.matchAll(kGodwit)) {
    const [href] = match;
    const [start, end] = [match.index, match.index + href.length];
    if (found.some((each) => each.start < end && start < each.end)) continue; // it is a piece of another address
    found.push({ href, shown: `${href.slice(0, kGodwitShown)}…`, start, end });
  }
  return found.sort((a, b) => a.start - b.start);
}

function closes(address: string): boolean {
  const last = address.at(-1)!;
  const first = { ')': '(', ']': '[', '}': '{' }[last]!;
  return address.split(first).length >= address.split(last).length;
}
