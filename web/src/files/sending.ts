// Sends files that were picked: into the engine's reach first, then into the chat.

import type { Conversation, Outgoing } from '../chat/conversation.svelte';
import type { Media } from '../api/types';
import { describeVideo, isVideo } from '../media/videos';
import { describePicture } from './pictures';

let lastId = 0;

export interface Sent {
  blob: Blob;
  name: string;
  caption?: string;
  /** Found out while it is shown as being on its way. */
  describe?: () => Promise<Media | null>;
}

/** Sends one file; fails as the upload and `send_file` do, and with AbortError if the person has stopped it. */
export async function sendFile(conversation: Conversation, file: Sent): Promise<void> {
  const { app, chat } = conversation;
  const name = file.name || 'file';
  const mime = file.blob.type.split(';')[0];
  const entry: Outgoing = { id: ++lastId, name, part: 0, abort: new AbortController() };
  conversation.outgoing = [...conversation.outgoing, entry];
  const tell = (part: number) => {
    conversation.outgoing = conversation.outgoing.map((each) => (each.id === entry.id ? { ...each, part } : each));
  };
  try {
    const media = (await file.describe?.()) ?? null;
    const source = await app.transfers.upload(file.blob, name, tell, entry.abort.signal);
    const replyTo = conversation.replyTo;
    const { message } = await app.session.call('send_file', {
      chat: chat.chat,
      source,
      name,
      ...(mime ? { mime } : {}),
      ...(file.caption ? { caption: file.caption } : {}),
      ...(replyTo ? { reply_to: replyTo.id } : {}),
      ...(media ? { media } : {}),
    });
    if (conversation.replyTo === replyTo) conversation.replyTo = null;
    conversation.onSent(message);
  } finally {
    conversation.outgoing = conversation.outgoing.filter((each) => each.id !== entry.id);
  }
}

/** One after the other, in their order; the caption stands under the first. */
export async function sendFiles(conversation: Conversation, files: readonly File[], asMedia: boolean, caption: string): Promise<void> {
  for (const [index, file] of files.entries()) {
    try {
      await sendFile(conversation, {
        blob: file,
        name: file.name,
        caption: index === 0 ? caption : '',
        describe: async () => (asMedia ? await (isVideo(file) ? describeVideo(file) : describePicture(file)) : null),
      });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') continue;
      conversation.app.toasts.say(conversation.app.sentence(error), true);
      return;
    }
  }
}
