// Where the words that were looked for stand in what was found. The engine also finds words with other endings: those are marked
// by what they have in common with the word that was asked for.

export interface Piece {
  text: string;
  hit: boolean;
}

/** So many letters stand before the first hit of a long text. */
const kBefore = 40;
const kExcerpt = 240;
/** A word with another ending has all but so many of its letters in common. */
const kEnding = 3;
const kStemMin = 3;
/** With the signs that stand over and under its letters. */
const kWord = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;

function folded(text: string): string {
  return text.normalize('NFC').toLocaleLowerCase().replaceAll('ё', 'е');
}

/** The words of a query, without the signs of a phrase. */
export function wordsOf(query: string): string[] {
  return [...new Set(folded(query).match(kWord) ?? [])];
}

function fits(word: string, wanted: string): boolean {
  if (word.startsWith(wanted)) return true;
  const stem = wanted.slice(0, Math.max(kStemMin, wanted.length - kEnding));
  return wanted.length > kStemMin && stem.length < wanted.length && word.startsWith(stem) && word.length <= wanted.length + kEnding;
}

/** A whole text, cut into what was looked for and what stands between. */
export function hitsIn(text: string, query: string): Piece[] {
  const wanted = wordsOf(query);
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(kWord)) {
    if (!wanted.some((each) => fits(folded(match[0]), each))) continue;
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), hit: false });
    at = match.index + match[0].length;
    pieces.push({ text: match[0], hit: true });
  }
  if (at < text.length) pieces.push({ text: text.slice(at), hit: false });
  return pieces;
}

/** The text around its first hit, cut into what was looked for and what stands between. */
export function highlight(text: string, query: string): Piece[] {
  const wanted = wordsOf(query);
  const plain = text.replace(/\s+/g, ' ').trim();
  const hits = [...plain.matchAll(kWord)].filter((match) => wanted.some((each) => fits(folded(match[0]), each)));
  const first = hits[0]?.index ?? 0;
  const start = first > kBefore * 2 ? plain.lastIndexOf(' ', first - kBefore) + 1 : 0;
  const end = Math.min(plain.length, start + kExcerpt);
  const pieces: Piece[] = [];
  let at = start;
  const put = (to: number, hit: boolean) => {
    if (to > at) pieces.push({ text: plain.slice(at, to), hit });
    at = Math.max(at, to);
  };
  for (const match of hits) {
    if (match.index + match[0].length > end) break;
    put(match.index, false);
    put(match.index + match[0].length, true);
  }
  put(end, false);
  if (start > 0) pieces.unshift({ text: '…', hit: false });
  if (end < plain.length) pieces.push({ text: '…', hit: false });
  return pieces;
}
