// A channel and its posts in words.

import type { Channel, PostShown } from '../api/types';
import { t } from '../messages/t.svelte';
import { harmlessFileName, harmlessName } from '../text/harmless';

export function channelName(channel: Pick<Channel, 'name'>): string {
  return harmlessName(channel.name) || t('chat.nameless');
}

/** One line of a post, for lists. */
export function postPreview(post: PostShown): string {
  const text = post.text.replace(/\s+/gu, ' ').trim();
  const [first] = post.files;
  if (!first) return text;
  const kind = first.file.media.kind === 'picture' ? t('kind.picture') : harmlessFileName(first.file.name) || t('kind.file');
  return text ? t('kind.with_text', { kind, text }) : kind;
}
