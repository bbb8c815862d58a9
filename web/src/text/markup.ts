// Formatting as it is typed: **bold**, __italic__, ~~struck~~, ||hidden||, `code`, ```a block```, > quotation, [words](address).
// A backslash before a mark makes it a letter. markup() is the way back, for editing.

import type { AccountId, Mention, SpanStyle, TextSpan } from '../api/types';
import { safeLink } from './links';
import { byteLength, unitsByByte } from './utf8';

export interface Formatted {
  text: string;
  spans: TextSpan[];
  mentions: Mention[];
}

const kMarks: readonly [string, SpanStyle][] = [
  ['```', 'pre'],
  ['**', 'bold'],
  ['__', 'italic'],
  ['~~', 'strike'],
  ['||', 'spoiler'],
  ['`', 'code'],
];
const kLiteral = new Set<SpanStyle>(['pre', 'code']);
const kEscapable = /[\\*_~|`[\]>@]/;

/** The mark of a style, for the buttons of the composer. */
export function markOf(style: SpanStyle): string {
  return kMarks.find(([, each]) => each === style)?.[0] ?? '';
}

/** Who may be named with an @. */
export interface Person {
  name: string;
  account: AccountId;
  /** Where the @ of his own stands in what was typed, if others have his name; less than 0: nowhere. */
  at?: number;
}

// Behind the @ of somebody who was picked there stands, while the text is read, a sign that is no letter of any text.
const kSignFirst = 0xfdd0;
const kSigns = 32;
const kSign = /[\uFDD0-\uFDEF]/gu;

/** What was typed, with a sign behind the @ of each of `people` that has a place; at most kSigns of them. */
function signed(typed: string, people: readonly Person[]): string {
  const plain = typed.replace(kSign, '?'); // nobody types such a sign by mistake; of the same length
  const placed = people.slice(0, kSigns).flatMap(({ name, at }, index) => (at !== undefined && at >= 0 && plain.startsWith(`@${name}`, at) ? [{ at, index }] : []));
  let out = '';
  let from = 0;
  for (const { at, index } of placed.sort((a, b) => a.at - b.at)) {
    out += plain.slice(from, at + 1) + String.fromCharCode(kSignFirst + index);
    from = at + 1;
  }
  return out + plain.slice(from);
}

class Reader {
  private out = '';
  private readonly spans: { start: number; end: number; style: SpanStyle; link?: string }[] = [];
  private readonly mentions: { start: number; end: number; account: AccountId }[] = [];

  private readonly longest: readonly Person[];

  constructor(private readonly people: readonly Person[]) {
    this.longest = [...people].sort((a, b) => b.name.length - a.name.length);
  }

  read(typed: string): Formatted {
    const lines = typed.split('\n');
    for (let index = 0; index < lines.length; ) {
      if (index > 0) this.out += '\n';
      const start = this.out.length;
      const quoted = [];
      while (index < lines.length && /^> ?/.test(lines[index]!)) quoted.push(lines[index++]!.replace(/^> ?/, ''));
      if (quoted.length > 0) {
        this.inline(quoted.join('\n'));
        if (this.out.length > start) this.spans.push({ start, end: this.out.length, style: 'quote' });
        continue;
      }
      const plain = [lines[index++]!];
      let fences = plain[0]!.split('```').length - 1;
      while (index < lines.length && (fences % 2 === 1 || !/^> ?/.test(lines[index]!))) {
        fences += lines[index]!.split('```').length - 1;
        plain.push(lines[index++]!);
      }
      this.inline(plain.join('\n'));
    }
    return this.done();
  }

  private inline(text: string): void {
    let at = 0;
    while (at < text.length) at = this.step(text, at);
  }

  private step(text: string, at: number): number {
    if (text[at] === '\\' && at + 1 < text.length && kEscapable.test(text[at + 1]!)) {
      this.out += text[at + 1]!;
      return at + 2;
    }
    const marked = this.marked(text, at) ?? this.linked(text, at) ?? this.named(text, at);
    if (marked !== null) return marked;
    if (!/[\uFDD0-\uFDEF]/u.test(text[at]!)) this.out += text[at]!;
    return at + 1;
  }

  private marked(text: string, at: number): number | null {
    for (const [mark, style] of kMarks) {
      if (!text.startsWith(mark, at)) continue;
      const from = at + mark.length;
      const end = closing(text, from, mark);
      if (end < 0) continue;
      const inside = text.slice(from, end);
      const start = this.out.length;
      if (style === 'pre') this.out += inside.replace(kSign, '').replace(/^\n|\n$/g, '');
      else if (kLiteral.has(style)) this.out += inside.replace(kSign, '');
      else this.inline(inside);
      if (this.out.length > start) this.spans.push({ start, end: this.out.length, style });
      return end + mark.length;
    }
    return null;
  }

  private linked(text: string, at: number): number | null {
    const match = /^\[((?:\\.|[^\]\\\n])+)\]\((https?:\/\/[^\s)]+|mailto:[^\s)]+)\)/i.exec(text.slice(at, at + 4096));
    if (!match || !safeLink(match[2]!, true)) return null;
    const start = this.out.length;
    this.inline(match[1]!);
    this.spans.push({ start, end: this.out.length, style: 'link', link: match[2]! });
    return at + match[0].length;
  }

  private named(text: string, at: number): number | null {
    if (text[at] !== '@') return null;
    const sign = text.charCodeAt(at + 1) - kSignFirst;
    const picked = sign >= 0 && sign < kSigns ? this.people[sign] : undefined;
    if (picked && text.startsWith(picked.name, at + 2)) return this.mention(picked, at + 2);
    const person = this.longest.find((each) => text.startsWith(each.name, at + 1));
    return person ? this.mention(person, at + 1) : null;
  }

  private mention(person: Person, at: number): number {
    this.mentions.push({ start: this.out.length, end: this.out.length + person.name.length + 1, account: person.account });
    this.out += '@' + person.name;
    return at + person.name.length;
  }

  // What stands before and after the words is no part of the message, and no part of any span.
  private done(): Formatted {
    const text = this.out.trim();
    const cut = this.out.length - this.out.trimStart().length;
    const place = (range: { start: number; end: number }) => {
      const start = Math.max(0, range.start - cut);
      const end = Math.min(text.length, range.end - cut);
      const bytes = byteLength(text, start);
      return { start: bytes, length: byteLength(text, end) - bytes };
    };
    return {
      text,
      spans: this.spans
        .map((each) => ({ ...place(each), style: each.style, ...(each.link ? { link: each.link } : {}) }))
        .filter((each) => each.length > 0)
        .sort((a, b) => a.start - b.start || b.length - a.length),
      mentions: this.mentions.map((each) => ({ ...place(each), account: each.account })),
    };
  }
}

function closing(text: string, from: number, mark: string): number {
  let end = text.indexOf(mark, from);
  while (end > 0 && text[end - 1] === '\\') end = text.indexOf(mark, end + 1);
  if (end <= from) return -1;
  const inside = text.slice(from, end);
  if (mark === '```') return end;
  // Marks hug their words, on one paragraph; `__` inside of a word (snake__case) is a letter.
  if (/^\s|\s$/.test(inside) || inside.includes('\n\n')) return -1;
  if (mark === '__' && (/\w/.test(text[from - 3] ?? '') || /\w/.test(text[end + 2] ?? ''))) return -1;
  return end;
}

/** What was typed, as the API takes it. `people`: who may be named with an @, as they were picked. */
export function parseMarkup(typed: string, people: readonly Person[] = []): Formatted {
  return new Reader(people).read(signed(typed, people));
}

/** The text of a message as it would have been typed. */
export function markup(text: string, spans: readonly TextSpan[]): string {
  const places = unitsByByte(text);
  const opens = new Map<number, string>();
  const closes = new Map<number, string>();
  const literal: [number, number][] = [];
  const links: [number, number][] = [];
  const lines = new Set<number>();
  for (const span of spans) {
    const [start, end] = [places.get(span.start), places.get(span.start + span.length)];
    if (start === undefined || end === undefined || end <= start) continue;
    if (kLiteral.has(span.style)) literal.push([start, end]);
    if (span.style === 'link') links.push([start, end]);
    if (span.style === 'quote') {
      for (let at = start; at < end; at++) if (at === start || text[at - 1] === '\n') lines.add(at);
      continue;
    }
    const [open, close] = span.style === 'link' ? ['[', `](${span.link ?? ''})`] : [markOf(span.style), markOf(span.style)];
    opens.set(start, (opens.get(start) ?? '') + open);
    closes.set(end, close + (closes.get(end) ?? ''));
  }
  let out = '';
  for (let at = 0; at <= text.length; at++) {
    out += closes.get(at) ?? '';
    if (lines.has(at)) out += '> ';
    out += opens.get(at) ?? '';
    const within = (ranges: readonly [number, number][]) => ranges.some(([start, end]) => at >= start && at < end);
    if (at < text.length) out += !within(literal) && within(links) && '[]'.includes(text[at]!) ? `\\${text[at]}` : escaped(text, at, within(literal));
  }
  return out;
}

// Only what would be read as a mark.
function escaped(text: string, at: number, literal: boolean): string {
  const letter = text[at]!;
  if (literal) return letter;
  const doubled = (letter === text[at + 1] || letter === text[at - 1]) && '*_~|'.includes(letter);
  const quotes = letter === '>' && (at === 0 || text[at - 1] === '\n');
  return doubled || quotes || letter === '`' || (letter === '\\' && kEscapable.test(text[at + 1] ?? '')) ? '\\' + letter : letter;
}
