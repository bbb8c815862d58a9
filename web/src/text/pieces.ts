// A message's text cut into what is shown alike: blocks (paragraph, quotation, code), and in them pieces with their styles. What
// comes in is from other people: spans may overlap in any way, lie outside of the text or inside of a letter; those are passed over.

import type { AccountId, Mention, SpanStyle, TextSpan } from '../api/types';
import { closedDirections } from './directions';
import { findLinks, safeLink } from './links';
import { unitsByByte } from './utf8';

export interface Piece {
  text: string;
  styles: ReadonlySet<SpanStyle>;
  href?: string;
  /** The words of the link are not its address: say where it leads before it is followed. */
  disguised?: boolean;
  mention?: AccountId;
}

export interface Block {
  kind: 'plain' | 'quote' | 'pre';
  pieces: Piece[];
}

interface Range {
  start: number;
  end: number;
}

type Styled = Range & { style: SpanStyle; link?: string | null };

function rangeOf(places: Map<number, number>, span: { start: number; length: number }): Range | null {
  const start = places.get(span.start);
  const end = places.get(span.start + span.length);
  return start === undefined || end === undefined || end <= start ? null : { start, end };
}

function covers(range: Range, start: number, end: number): boolean {
  return range.start <= start && range.end >= end;
}

/** Cuts [0, length) at every border that somebody has. */
function cuts(length: number, ranges: readonly Range[]): number[] {
  const all = new Set([0, length]);
  for (const { start, end } of ranges) all.add(start).add(end);
  return [...all].filter((each) => each <= length).sort((a, b) => a - b);
}

/** The blocks of a text with its formatting; addresses in it become links. */
export function blocksOf(text: string, spans: readonly TextSpan[] = [], mentions: readonly Mention[] = []): Block[] {
  const plain = spans.length === 0 && mentions.length === 0;
  const places = plain ? new Map<number, number>() : unitsByByte(text);
  const styled: Styled[] = [];
  for (const span of spans) {
    const range = rangeOf(places, span);
    if (range) styled.push({ ...range, style: span.style, link: span.link });
  }
  const named = mentions.flatMap((each) => {
    const range = rangeOf(places, each);
    return range ? [{ ...range, account: each.account }] : [];
  });
  const literal = styled.filter((each) => each.style === 'code' || each.style === 'pre' || each.style === 'link');
  const found = findLinks(text).filter((link) => !literal.some((each) => each.start < link.end && link.start < each.end));
  const blocks: Block[] = [];
  // An address that is shown in other letters than it was written in is never cut: its pieces would be shown as they were written.
  const whole = found.filter((link) => link.shown !== text.slice(link.start, link.end));
  const cut = cuts(text.length, [...styled, ...named, ...found]);
  const borders = cut.filter((at) => !whole.some((link) => link.start < at && at < link.end));
  for (let index = 0; index + 1 < borders.length; index++) {
    const [start, end] = [borders[index]!, borders[index + 1]!];
    const piece = pieceAt(text, start, end, styled.filter((each) => covers(each, start, end)));
    const mention = named.find((each) => covers(each, start, end));
    if (mention) piece.mention = mention.account;
    const link = found.find((each) => covers(each, start, end));
    if (link) Object.assign(piece, { href: link.href, text: start === link.start && end === link.end ? link.shown : piece.text });
    piece.text = closedDirections(piece.text);
    add(blocks, piece);
  }
  return trimmed(blocks);
}

function pieceAt(text: string, start: number, end: number, over: readonly Styled[]): Piece {
  const piece: Piece = { text: text.slice(start, end), styles: new Set(over.map((each) => each.style)) };
  const address = over.find((each) => each.style === 'link')?.link;
  const link = address ? safeLink(address, true) : null;
  if (link) Object.assign(piece, { href: link.href, disguised: piece.text !== address || link.shown !== address });
  return piece;
}

function add(blocks: Block[], piece: Piece): void {
  const kind = piece.styles.has('pre') ? 'pre' : piece.styles.has('quote') ? 'quote' : 'plain';
  const last = blocks.at(-1);
  if (last?.kind === kind) last.pieces.push(piece);
  else blocks.push({ kind, pieces: [piece] });
}

/** A block begins and ends on its own line: the line break beside it is not shown as well. */
function trimmed(blocks: Block[]): Block[] {
  blocks.forEach((block, index) => {
    const first = block.pieces[0]!;
    const last = block.pieces.at(-1)!;
    if (index > 0) first.text = first.text.replace(/^\n/, '');
    if (index + 1 < blocks.length) last.text = last.text.replace(/\n$/, '');
    block.pieces = block.pieces.filter((each) => each.text !== '');
  });
  return blocks.filter((each) => each.pieces.length > 0);
}

const kOnlyEmoji = /^(?:\p{RI}\p{RI}|[#*0-9]\uFE0F?\u20E3|\p{Emoji}(?:\p{EMod}|\uFE0F)?(?:[\u{E0020}-\u{E007E}]+\u{E007F})?(?:\u200D\p{Emoji}(?:\p{EMod}|\uFE0F)?)*)$/u;

const kLongText = 1_800;
const kLongLines = 32;

/** Too long to stand in a chat whole before somebody wants to read it. */
export function isLong(text: string): boolean {
  return text.length > kLongText || text.split('\n', kLongLines + 1).length > kLongLines;
}

/** How many emoji a text is, if it is nothing else and at most `max`; else 0. */
export function emojiCount(text: string, max = 3): number {
  if (text.length > max * 20 || text === '') return 0;
  const letters = [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text.replace(/\s/g, ''))];
  if (letters.length === 0 || letters.length > max) return 0;
  return letters.every(({ segment }) => kOnlyEmoji.test(segment) && !/^[#*0-9]$/.test(segment)) ? letters.length : 0;
}
