// A chat as a page to read: one HTML file that needs nothing else and runs nothing. What the program writes beside an engine of its own
// (src/cli/export_page.cc) looks the same; here what is not a text is said in the words of the page.

import type { Message, TextSpan } from '../api/types';
import { lineWords, previewOf } from '../chat/preview';
import { t } from '../messages/t.svelte';
import { unitsByByte } from '../text/utf8';

/** What stands beside a message there. */
export interface Beside {
  sender: string;
  /** Who has given a reaction, as far as it is known. */
  names(reaction: Message['reactions'][number]): string[];
  /** Of an answer: the first words of what it answers; undefined: that is not there. */
  quoted: string | undefined;
}

const kEntities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for HTML: what has a meaning there, and control characters, is not text any more. */
export function htmlText(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f]/g, '').replace(/[&<>"']/g, (each) => kEntities[each]!);
}

const kTags: Record<Exclude<TextSpan['style'], 'link'>, [string, string]> = {
  bold: ['<b>', '</b>'],
  italic: ['<i>', '</i>'],
  strike: ['<s>', '</s>'],
  code: ['<code>', '</code>'],
  pre: ['<code>', '</code>'],
  quote: ['<span class="quote">', '</span>'],
  spoiler: ['<span class="spoiler">', '</span>'],
};

function tagsOf(span: TextSpan): [string, string] {
  if (span.style !== 'link') return kTags[span.style];
  return [`<a rel="noreferrer" href="${htmlText(span.link ?? '')}">`, '</a>'];
}

/** Text for HTML, formatted. Pieces may lie over one another: from each edge to the next one the text has tags of its own. */
export function htmlFormatted(text: string, spans: readonly TextSpan[]): string {
  if (spans.length === 0) return htmlText(text);
  const places = unitsByByte(text);
  const ranges = spans.flatMap((span) => {
    const [start, end] = [places.get(span.start), places.get(span.start + span.length)];
    return start === undefined || end === undefined ? [] : [{ start, end, tags: tagsOf(span) }];
  });
  const edges = [...new Set([0, text.length, ...ranges.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
  let out = '';
  for (let index = 0; index + 1 < edges.length; index++) {
    const [from, to] = [edges[index]!, edges[index + 1]!];
    const over = ranges.filter(({ start, end }) => start <= from && end >= to);
    out += over.map(({ tags }) => tags[0]).join('') + htmlText(text.slice(from, to)) + over.map(({ tags }) => tags[1]).reverse().join('');
  }
  return out;
}

/** The page up to its first message. */
export function pageBegin(name: string): string {
  return `<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${htmlText(name)}</title>
<style>
body { font-family: sans-serif; max-width: 45em; margin: 1em auto; padding: 0 1em; }
.m { margin: .6em 0; padding: .4em .7em; border-radius: .5em; background: #f2f2f2; }
.own { background: #e3f1e3; }
.notice { background: none; color: #666; font-style: italic; }
.quoted { color: #555; border-left: .2em solid #aaa; padding-left: .5em; font-size: .9em; }
.quote { border-left: .2em solid #aaa; padding-left: .3em; }
.spoiler { background: #444; color: #444; }
.spoiler:hover { color: #fff; }
.who { font-weight: bold; }
.when { color: #777; font-size: .85em; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
</style>
</head>
<body>
<h1><bdi>${htmlText(name)}</bdi></h1>
`;
}

export const kPageEnd = '</body>\n</html>\n';

/** True if what it says is a text of its own, and not a poll, a place and the like. */
function isPlain(message: Message): boolean {
  return message.kept !== null || message.file !== null || (message.kind === 'text' && !message.deleted);
}

/** What it says, all of it. */
function wordsOf(message: Message): string {
  if (message.deleted) return message.deleted.by_admin ? t('message.deleted_by_admin') : previewOf(message);
  if (message.line) return lineWords([message]);
  const { poll, location, contact } = message;
  if (poll) return [poll.question, ...poll.options.map(({ text, votes }) => `- ${text} (${votes})`)].join('\n');
  if (location) return `${previewOf(message)} ${location.latitude / 1e6}, ${location.longitude / 1e6} ${location.name}`.trim();
  if (contact) return `${previewOf(message)} ${contact.text}`.trim();
  return previewOf(message);
}

/** The first words of a message, for those that answer it. */
export function firstWords(message: Message, sender: string): string {
  const words = (isPlain(message) && message.text !== '' ? message.text : wordsOf(message)).replace(/\s+/g, ' ');
  const letters = [...words];
  const some = letters.length > 60 ? `${letters.slice(0, 57).join('')}...` : words;
  return sender === '' ? some : `${sender}: ${some}`;
}

/** The wall clock's time here, which reads the same in every language. */
export function printTime(ms: number): string {
  const at = new Date(ms);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

function small(words: string): string {
  return `<div class="when">${words}</div>`;
}

function named(label: string, name: string): string {
  return small(name === '' ? htmlText(label) : `${htmlText(label)}: <bdi>${htmlText(name)}</bdi>`);
}

function headOf(message: Message, sender: string): string {
  const besides = [printTime(message.sent_at)];
  const { kept } = message;
  if (kept?.forwarded_from) besides.push(t('message.forwarded_from', { name: kept.forwarded_from }));
  else if (message.forwarded) besides.push(t('message.forwarded'));
  if (kept?.edited || (isPlain(message) && message.edits > 0)) besides.push(t('message.edited'));
  if (kept?.deleted) besides.push(t('message.deleted'));
  const who = sender === '' || message.line ? '' : `<bdi class="who">${htmlText(sender)}</bdi>`;
  return who + besides.map((each) => ` <bdi class="when">${htmlText(each)}</bdi>`).join('');
}

function reactionsOf(message: Message, { names }: Beside): string {
  if (message.reactions.length === 0) return '';
  const all = message.reactions.map((reaction) => {
    const by = names(reaction).map(htmlText).join(', ');
    const shown = htmlText(reaction.reaction) + (reaction.count > 1 ? String(reaction.count) : '');
    return by === '' ? shown : `<span title="${by}">${shown}</span>`;
  });
  return small(all.join(' '));
}

function quotationOf(message: Message, quoted: string | undefined): string {
  if (!message.reply_to) return '';
  const words = `<bdi>${htmlText(quoted ?? t('message.quoted'))}</bdi>`;
  return `<div class="quoted">${quoted === undefined ? words : `<a href="#m-${htmlText(message.reply_to)}">${words}</a>`}</div>`;
}

function fileOf({ kept, file }: Message): string {
  if (kept?.omitted) return named(t('kind.omitted'), kept.media);
  if (kept?.media) return named(t('kind.file'), kept.media.replace(/^[0-9a-f]{16}-/, ''));
  return file ? named(t('kind.file'), file.name) : '';
}

/** One message. */
export function pageMessage(message: Message, beside: Beside): string {
  const plain = isPlain(message);
  const notice = message.line !== null || message.kept?.notice === true;
  const classes = `m${message.own ? ' own' : ''}${notice ? ' notice' : ''}`;
  const text = plain ? htmlFormatted(message.text, message.spans) : htmlText(wordsOf(message));
  const { preview } = message;
  const about = preview ? [preview.link, preview.title, preview.text ?? ''].filter(Boolean).map((each) => `<bdi>${htmlText(each)}</bdi>`) : [];
  return (
    `<div class="${classes}" id="m-${htmlText(message.id)}">${headOf(message, beside.sender)}` +
    (plain ? quotationOf(message, beside.quoted) : '') +
    (text === '' ? '' : `<div class="text" dir="auto">${text}</div>`) +
    (about.length === 0 ? '' : small(about.join(' '))) +
    (plain ? reactionsOf(message, beside) : '') +
    fileOf(message) +
    '</div>\n'
  );
}
