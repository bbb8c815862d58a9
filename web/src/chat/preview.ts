// One line that stands for a message: in the list of chats, in a quotation, in a notification.

import type { FileRecord, Message } from '../api/types';
import { duration } from '../messages/dates';
import { t } from '../messages/t.svelte';
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
