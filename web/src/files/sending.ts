// Sends files that were picked: into the engine's reach first, then into the chat.

import { isLost } from '../api/client';
import type { Conversation, Outgoing } from '../chat/conversation.svelte';
import type { Media } from '../api/types';
import { describeVideo, isVideo } from '../media/videos';
import { describePicture, withoutCameraNotes } from './pictures';

let lastId = 0;

export interface Prepared {
  blob: Blob;
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

/** Sends one file; fails as the upload and `send_file` do, and with AbortError if the person has stopped it. */
export async function sendFile(conversation: Conversation, file: Sent): Promise<void> {
  const { app, chat } = conversation;
  const name = file.name || 'file';
  const entry: Outgoing = { id: ++lastId, name, part: 0, abort: new AbortController() };
  conversation.outgoing = [...conversation.outgoing, entry];
  const tell = (part: number) => {
    conversation.outgoing = conversation.outgoing.map((each) => (each.id === entry.id ? { ...each, part } : each));
  };
  try {
    const { blob, media } = await file.prepare();
    const mime = blob.type.split(';')[0];
    const source = await app.transfers.upload(blob, name, tell, entry.abort.signal);
    const answered = conversation.replyTo;
    const replyTo = file.replyTo === undefined ? answered?.id : file.replyTo;
    const send = app.session.call('send_file', {
      chat: chat.chat,
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
    app.transfers.onSending(chat.chat, message.id, source);
    app.transfers.hold(chat.chat, message.id, blob);
    conversation.onSent(message);
  } finally {
    conversation.outgoing = conversation.outgoing.filter((each) => each.id !== entry.id);
  }
}

async function prepared(file: File, asMedia: boolean): Promise<Prepared> {
  if (!asMedia) return { blob: file, media: null };
  if (isVideo(file)) return { blob: file, media: await describeVideo(file) };
  const blob = await withoutCameraNotes(file);
  return { blob, media: await describePicture(blob) };
}

/** One after the other, in their order; the caption stands under the first. */
export async function sendFiles(conversation: Conversation, files: readonly File[], asMedia: boolean, caption: string): Promise<void> {
  for (const [index, file] of files.entries()) {
    try {
      await sendFile(conversation, {
        name: file.name,
        caption: index === 0 ? caption : '',
        prepare: () => prepared(file, asMedia),
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') continue;
      conversation.app.toasts.say(conversation.app.sentence(error), true);
      return;
    }
  }
}
