// What the buttons of a field do with what is chosen in it: marks around words (markup.ts), and away again.

import type { SpanStyle } from '../api/types';
import { markOf, parseMarkup } from './markup';
import { lettersOver } from './utf8';

/** A text and what is chosen in it. */
export interface Chosen {
  text: string;
  start: number;
  end: number;
}

export type MarkStyle = Exclude<SpanStyle, 'link' | 'quote' | 'pre'>;

/** What stands where an address is to be written. */
const kAddress = 'https://';

/** How many of the mark's letter stand together at the end of `text` (or at its beginning). */
function run(text: string, letter: string, atEnd: boolean): number {
  let count = 0;
  while (count < text.length && text[atEnd ? text.length - 1 - count : count] === letter) count++;
  return count;
}

/** Marks hug their words: blanks, and the sign of a quotation, stay outside. */
function hugged({ text, start, end }: Chosen): [number, number] {
  const atLine = start === 0 || text[start - 1] === '\n';
  const words = text.slice(start, end);
  const before = (atLine ? /^\s*(?:> ?)?\s*/ : /^\s*/).exec(words)![0].length;
  const after = /\s*$/.exec(words.slice(before))![0].length;
  return before === words.length ? [start, end] : [start + before, end - after];
}

/** One pair of marks takes the place of those that are in it already. */
function withoutMarks(words: string, mark: string): string {
  const letter = `\\${mark[0]}`;
  return words.replace(new RegExp(`(?<!${letter})${letter}{${mark.length}}(?!${letter})`, 'g'), '');
}

/** Without the mark that stands just within or just around what is chosen; null: there is none. */
function unmarked({ text, start, end }: Chosen, mark: string): Chosen | null {
  const size = mark.length;
  const inside = text.slice(start, end);
  const has = (part: string, atEnd: boolean) => run(part, mark[0]!, atEnd) === size;
  const alone = !inside.slice(size, -size).includes(mark);
  if (inside.length > 2 * size && alone && has(inside, false) && has(inside, true)) {
    return { text: text.slice(0, start) + inside.slice(size, -size) + text.slice(end), start, end: end - 2 * size };
  }
  if (has(text.slice(0, start), true) && has(text.slice(end), false)) {
    return { text: text.slice(0, start - size) + inside + text.slice(end + size), start: start - size, end: end - size };
  }
  return null;
}

/** Marks around what is chosen, in each of its paragraphs; pressed again, they go away. */
export function toggleMark(chosen: Chosen, style: MarkStyle): Chosen {
  const mark = markOf(style);
  const [start, end] = hugged(chosen);
  const { text } = chosen;
  const without = unmarked({ text, start, end }, mark);
  if (without) return without;
  if (start === end) {
    return { text: text.slice(0, start) + mark + mark + text.slice(end), start: start + mark.length, end: end + mark.length };
  }
  // No mark reaches over an empty line.
  const parts = text.slice(start, end).split(/(\n\s*\n)/);
  const marked = parts.map((part, index) => {
    if (index % 2 === 1 || part.trim() === '') return part;
    const [from, to] = hugged({ text: part, start: 0, end: part.length });
    return part.slice(0, from) + mark + withoutMarks(part.slice(from, to), mark) + mark + part.slice(to);
  });
  const now = marked.join('');
  const alone = parts.length === 1 ? mark.length : 0;
  return { text: text.slice(0, start) + now + text.slice(end), start: start + alone, end: start + now.length - alone };
}

/** The lines that are chosen as a quotation; pressed again, as what they were. */
export function toggleQuote({ text, start, end }: Chosen): Chosen {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const line = text.indexOf('\n', end > start && text[end - 1] === '\n' ? end - 1 : end);
  const to = line < 0 ? text.length : line;
  const lines = text.slice(from, to).split('\n');
  const quoted = lines.every((each) => each.startsWith('>'));
  const now = lines.map((each) => (quoted ? each.replace(/^> ?/, '') : `> ${each}`)).join('\n');
  return { text: text.slice(0, from) + now + text.slice(to), start: from, end: from + now.length };
}

/** What is chosen as a block of code on lines of its own; pressed again, as what it was. */
export function toggleBlock({ text, start, end }: Chosen): Chosen {
  const fence = markOf('pre');
  const words = text.slice(start, end);
  const around = /```\n?$/.exec(text.slice(0, start));
  const behind = /^\n?```/.exec(text.slice(end));
  if (around && behind) {
    const from = start - around[0].length;
    return { text: text.slice(0, from) + words + text.slice(end + behind[0].length), start: from, end: from + words.length };
  }
  const within = /^```\n?([\s\S]+?)\n?```$/.exec(words.trim());
  if (within) return { text: text.slice(0, start) + within[1]! + text.slice(end), start, end: start + within[1]!.length };
  const open = `${start > 0 && text[start - 1] !== '\n' ? '\n' : ''}${fence}\n`;
  const close = `\n${fence}${end < text.length && text[end] !== '\n' ? '\n' : ''}`;
  const inside = words.replace(/^\n+|\n+$/g, '');
  return { text: text.slice(0, start) + open + inside + close + text.slice(end), start: start + open.length, end: start + open.length + inside.length };
}

/** What is chosen as a link, with what is to be written next chosen: the address, or the words if it is one. */
export function makeLink(chosen: Chosen): Chosen {
  const { text } = chosen;
  const [start, end] = hugged(chosen);
  const chosenWords = text.slice(start, end);
  const isAddress = /^(https?:\/\/|mailto:)\S+$/i.test(chosenWords);
  const address = isAddress ? chosenWords.replaceAll(')', '%29') : kAddress;
  const words = chosenWords.replace(/\s*\n\s*/g, ' ').replace(/[[\]]/g, '\\$&');
  const now = `[${words}](${address})`;
  const next = isAddress ? start + 1 : start + words.length + 3;
  return { text: text.slice(0, start) + now + text.slice(end), start: next, end: next + (isAddress ? words.length : address.length) };
}

/** How many letters of what was typed are too many for a message of at most `max` bytes: its marks are no part of it. */
export function tooLong(typed: string, max: number): number {
  return lettersOver(typed, max) === 0 ? 0 : lettersOver(parseMarkup(typed).text, max);
}
