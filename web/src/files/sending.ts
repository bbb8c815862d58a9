// Sends files that were picked: into the engine's reach first, then into the chat.

import type { Conversation, Outgoing } from '../chat/conversation.svelte';
import { describePicture, withoutCameraNotes } from './pictures';

let lastId = 0;

async function sendOne(conversation: Conversation, given: File, asPicture: boolean, caption: string): Promise<void> {
  const { app, chat } = conversation;
  const entry: Outgoing = { id: ++lastId, name: given.name, part: 0, abort: new AbortController() };
  conversation.outgoing = [...conversation.outgoing, entry];
  const tell = (part: number) => {
    conversation.outgoing = conversation.outgoing.map((each) => (each.id === entry.id ? { ...each, part } : each));
  };
  try {
    const file = asPicture ? await withoutCameraNotes(given) : given;
    const media = asPicture ? await describePicture(file) : null;
    const source = await app.transfers.upload(file, file.name || 'file', tell, entry.abort.signal);
    const { message } = await app.session.call('send_file', {
      chat: chat.chat,
      source,
      name: file.name || 'file',
      ...(file.type ? { mime: file.type } : {}),
      ...(caption ? { caption } : {}),
      ...(conversation.replyTo ? { reply_to: conversation.replyTo.id } : {}),
      ...(media ? { media } : {}),
    });
    conversation.replyTo = null;
    app.transfers.hold(message.id, file);
    conversation.onSent(message);
  } finally {
    conversation.outgoing = conversation.outgoing.filter((each) => each.id !== entry.id);
  }
}

/** One after the other, in their order; the caption stands under the first. */
export async function sendFiles(conversation: Conversation, files: readonly File[], asPictures: boolean, caption: string): Promise<void> {
  for (const [index, file] of files.entries()) {
    try {
      await sendOne(conversation, file, asPictures, index === 0 ? caption : '');
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') continue;
      conversation.app.toasts.say(conversation.app.sentence(error), true);
      return;
    }
  }
}
