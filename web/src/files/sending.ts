// Sends files that were picked: into the engine's reach first, then into the chat.

import { isLost } from '../api/client';
import type { Conversation } from '../chat/conversation.svelte';
import type { Media } from '../api/types';
import { describeVideo, isVideo } from '../media/videos';
import { t } from '../messages/t.svelte';
import { harmlessFileName } from '../text/harmless';
import { describePicture, smaller, withoutCameraNotes } from './pictures';

export interface Prepared {
  blob: Blob;
  /** Another one than was picked, if it is drawn anew as something else. */
  name?: string;
  media: Media | null;
}

export interface Sent {
  name: string;
  caption?: string;
  /** What it answers; left out: what the person is answering. */
  replyTo?: string | null;
  /** Done while it is shown as being on its way. */
  prepare: () => Promise<Prepared>;
}

/** How a picture or a video goes: as it is seen in a chat, made smaller if it is larger than that needs; in its own size; as a file. */
export type Look = 'fitting' | 'original' | 'file';

/** Sends one file; fails as the upload and `send_file` do, and with AbortError if the person has stopped it. */
export async function sendFile(conversation: Conversation, file: Sent): Promise<void> {
  const { app } = conversation;
  const { chat } = conversation.chat;
  await app.transfers.onItsWay(chat, file.name || 'file', async (tell, signal) => {
    const { blob, media, name = file.name || 'file' } = await file.prepare();
    signal.throwIfAborted();
    const mime = blob.type.split(';')[0];
    const source = await app.transfers.upload(blob, name, tell, signal);
    const answered = conversation.replyTo;
    const replyTo = file.replyTo === undefined ? answered?.id : file.replyTo;
    const send = app.session.call('send_file', {
      chat,
      source,
      name,
      ...(mime ? { mime } : {}),
      ...(file.caption ? { caption: file.caption } : {}),
      ...(replyTo ? { reply_to: replyTo } : {}),
      ...(media ? { media } : {}),
    });
    const { message } = await send.catch((error: unknown) => {
      if (!isLost(error)) app.transfers.takeBack(source);
      throw error;
    });
    if (file.replyTo === undefined && conversation.replyTo === answered) conversation.replyTo = null;
    app.transfers.onSending(chat, message.id, source);
    app.transfers.hold(chat, message.id, blob);
    conversation.onSent(message);
  });
}

/** A file that was picked, as it goes out, and what is said of it. */
export async function prepared(file: File, look: Look): Promise<Prepared> {
  if (look === 'file') return { blob: file, media: null };
  if (isVideo(file)) return { blob: file, media: await describeVideo(file) };
  const fitting = look === 'fitting' ? await smaller(file) : file;
  const blob = fitting === file ? await withoutCameraNotes(file) : fitting;
  return { blob, name: fitting.name, media: await describePicture(blob) };
}

/** One after the other, in their order; the caption stands under the first. What could not be sent is given back, and said. */
export async function sendFiles(conversation: Conversation, files: readonly File[], look: Look, caption: string): Promise<void> {
  let words = caption;
  for (const [index, file] of files.entries()) {
    try {
      await sendFile(conversation, { name: file.name, caption: words, prepare: () => prepared(file, look) });
      words = '';
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') continue; // this one is not to go, the others are
      const why = t('files.not_sent', { name: harmlessFileName(file.name) || t('kind.file'), why: conversation.app.sentence(error) });
      if (conversation.isLeft) conversation.app.toasts.say(why, true);
      return conversation.giveBack({ files: files.slice(index), look, why }, words);
    }
  }
  if (words !== '') conversation.giveBack({ files: [], look, why: '' }, words);
}
