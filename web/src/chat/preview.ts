// One line that stands for a message: in the list of chats, in a quotation, in a notification.

import type { FileRecord, Line, Message } from '../api/types';
import { callLineWords } from '../calls/call_words';
import { duration } from '../messages/dates';
import { language, t } from '../messages/t.svelte';
import { harmlessFileName, harmlessName } from '../text/harmless';

function fileWords(file: FileRecord): string {
  switch (file.media.kind) {
    case 'picture':
      return t('kind.picture');
    case 'video':
      return t('kind.video');
    case 'voice':
      return t('kind.voice');
    case 'sticker':
      return t('kind.sticker', { emoji: file.media.emoji ?? '' });
    case 'sticker_pack':
      return t('kind.sticker_pack', { name: harmlessName(file.media.pack ?? '') });
    default:
      return harmlessFileName(file.name) || t('kind.file');
  }
}

/** What a message of settings says. */
export function settingsWords(message: Message): string {
  const who = message.own ? t('chat.you') : harmlessName(message.author_name) || t('chat.nameless');
  const seconds = message.disappear_seconds ?? 0;
  if (message.own) return seconds > 0 ? t('settings_message.own_on', { time: duration(seconds) }) : t('settings_message.own_off');
  return seconds > 0 ? t('settings_message.on', { who, time: duration(seconds) }) : t('settings_message.off', { who });
}

function nameWords(name: string): string {
  return harmlessName(name) || t('chat.nameless');
}

function lineSettingWords(line: Line): string {
  switch (line.what) {
    case 'writers':
      return t(line.on ? 'line.writers_on' : 'line.writers_off');
    case 'approval':
      return t(line.on ? 'line.approval_on' : 'line.approval_off');
    default:
      return line.seconds ? t('line.slow_on', { time: duration(line.seconds) }) : t('line.slow_off');
  }
}

function roleWords(line: Line): string {
  switch (line.role) {
    case 'reader':
      return t('line.as_reader');
    case 'admin':
      return t('line.as_admin');
    case 'owner':
      return t('line.as_owner');
    default:
      return t('line.as_member');
  }
}

/** What a quiet line of a group says; several that tell of one thing that was done, as one. */
export function lineWords(lines: readonly Message[]): string {
  const all = lines.flatMap((each) => (each.line ? [each.line] : []));
  const line = all[0];
  if (!line) return '';
  const who = new Intl.ListFormat(language(), { type: 'conjunction' }).format(all.map((each) => nameWords(each.name)));
  const by = nameWords(line.by_name);
  const text = harmlessName(line.text);
  // Who has done it: this side, somebody, or it is not known who.
  const hand = line.by_own ? 'own' : line.by ? 'by' : 'nobody';
  switch (line.what) {
    case 'made':
      return line.by_own ? t('line.made_own') : t('line.made', { by });
    case 'added':
      if (line.own) return line.by && !line.by_own ? t('line.added_you', { by }) : t('line.added_you_nobody');
      return { own: t('line.added_own', { who }), by: t('line.added', { by, who }), nobody: t('line.added_nobody', { who }) }[hand];
    case 'joined':
      return line.own ? t('line.joined_own') : t('line.joined', { who });
    case 'removed':
      if (line.own) return line.by && !line.by_own ? t('line.removed_you', { by }) : t('line.removed_you_nobody');
      return { own: t('line.removed_own', { who }), by: t('line.removed', { by, who }), nobody: t('line.removed_nobody', { who }) }[hand];
    case 'left':
      return line.own ? t('line.left_own') : t('line.left', { who });
    case 'role': {
      const role = roleWords(line);
      if (line.own) return line.by && !line.by_own ? t('line.role_you', { by, role }) : t('line.role_you_nobody', { role });
      return { own: t('line.role_own', { who, role }), by: t('line.role', { by, who, role }), nobody: t('line.role_nobody', { who, role }) }[hand];
    }
    case 'renamed':
      return { own: t('line.renamed_own', { name: text }), by: t('line.renamed', { by, name: text }), nobody: t('line.renamed_nobody', { name: text }) }[hand];
    case 'writers':
    case 'slow_mode':
    case 'approval': {
      const what = lineSettingWords(line);
      return { own: t('line.set_own', { what }), by: t('line.set', { by, what }), nobody: t('line.set_nobody', { what }) }[hand];
    }
    case 'named':
      return line.own ? t('line.named_own', { name: who }) : t('chat.renamed', { before: nameWords(line.before), name: who });
    case 'log_moved':
      return t('line.log_moved', { host: text });
    case 'back':
      return line.own ? t('line.back_own') : t('line.back', { who });
    case 'call':
      return line.call ? callLineWords(line.call) : '';
  }
}

function kindWords(message: Message): string {
  switch (message.kind) {
    case 'file':
      return message.file ? fileWords(message.file) : t('kind.file');
    case 'location':
      return t('kind.location');
    case 'contact':
      return t('kind.contact', { name: harmlessName(message.contact?.name ?? '') });
    case 'poll':
      return t('kind.poll', { question: message.poll?.question ?? '' });
    case 'settings':
      return settingsWords(message);
    case 'line':
      return lineWords([message]);
    case 'newer':
      return t('kind.newer');
    default:
      return '';
  }
}

/** The file of a message in a chat that is only kept: before its name stand digits that tell it from others. */
export function keptFileName(media: string): string {
  return harmlessFileName(media.replace(/^[0-9a-f]{16}-/, '')) || t('kind.file');
}

export function previewOf(message: Message): string {
  if (message.deleted) return t('message.deleted');
  if (message.kept?.omitted) return t('kind.omitted');
  const words = message.kind === 'text' ? '' : kindWords(message);
  if (words !== '' && message.kind !== 'file') return words;
  const text = message.text.slice(0, 300).replace(/\s+/g, ' ').trim();
  if (words === '') return text === '' && message.kept?.media ? keptFileName(message.kept.media) : text;
  return text === '' ? words : t('kind.with_text', { kind: words, text });
}
