// Addresses in what people write. Only http and https ever become a link, and a host is shown as what it is: with letters that
// are not of ASCII it is written in punycode, since nobody can tell а from a.

const kAddress = /\bhttps?:\/\/[^\s<>"'«»“”]+/giu;
// Of Godwit's own links those that people hand to each other; they are long, and shown by their beginning.
const kGodwit = /\bgodwit:(?:[imc]#[\w-]{16,}|g#[\w-]{16,}(?:~call(?![\w~-]))?)/g;
const kGodwitShown = 20;
// What ends a sentence, not an address.
const kTrailing = new Set('.,:;!?…\'"»”’');
const kOpening: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
/** What is longer is no link, whatever it begins with. */
export const kAddressMax = 2048;
/** A text that has more was made to have them. */
const kLinksMax = 1000;

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
  return { href: url.href, shown: isPlain(address, url) ? address : url.href };
}

// The host has to stand there just as it is asked for: no other letters, no backslash that ends it unseen, nothing encoded.
function isPlain(address: string, url: URL): boolean {
  const host = /^https?:\/\/([\x21-\x7e]*?)(?:[/?#]|$)/i.exec(address)?.[1]?.toLowerCase();
  const port = url.protocol === 'https:' ? ':443' : ':80';
  return (host === url.host || host === url.host + port) && !/[\\\u2800]|\p{Cf}|\p{Default_Ignorable_Code_Point}/u.test(address);
}

export interface FoundLink extends Link {
  start: number;
  end: number;
}

/** The addresses in `text`, with their places. */
export function findLinks(text: string): FoundLink[] {
  const found: FoundLink[] = [];
  for (const match of text.matchAll(kAddress)) {
    const address = match[0].slice(0, endOf(match[0]));
    if (address.length > kAddressMax) continue;
    if (found.length >= kLinksMax) break;
    const link = safeLink(address);
    if (link) found.push({ ...link, start: match.index, end: match.index + address.length });
  }
  for (const match of text.matchAll(kGodwit)) {
    const [href] = match;
    if (href.length > kAddressMax) continue;
    if (found.length >= kLinksMax) break;
    const [start, end] = [match.index, match.index + href.length];
    if (found.some((each) => each.start < end && start < each.end)) continue; // it is a piece of another address
    found.push({ href, shown: `${href.slice(0, kGodwitShown)}…`, start, end });
  }
  return found.sort((a, b) => a.start - b.start);
}

/** Where an address ends that has grown into its sentence. Whoever writes it may write 100 KiB of brackets: each is looked at once. */
export function endOf(address: string): number {
  const counts = new Map<string, number>();
  for (const letter of address) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let end = address.length;
  for (; end > 0; end--) {
    const last = address[end - 1]!;
    if (kTrailing.has(last)) continue;
    // A bracket belongs to the address only with its other half.
    const opening = kOpening[last];
    const closings = counts.get(last) ?? 0;
    if (!opening || closings <= (counts.get(opening) ?? 0)) break;
    counts.set(last, closings - 1);
  }
  return end;
}
