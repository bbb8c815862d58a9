// A message of one's own that nobody has got, said anew: a new message, with the same reply.

import { sendFile } from '../files/sending';
import type { Message } from '../api/types';
import type { Conversation } from './conversation.svelte';

/** Nobody has got it, and nobody will. */
export function isLostOnTheWay(message: Message): boolean {
  return message.own && !message.deleted && (message.delivery === 'failed' || message.delivery === 'expired');
}

/** True for what sendAgain() can say anew: not a poll, whose votes are of the one that was, nor what is being said anew or was. */
export function canSendAgain(conversation: Conversation, message: Message): boolean {
  const { kind, file } = message;
  if (conversation.history.saidAnew.has(message.id)) return false;
  if (kind === 'file') return file !== null && file.media.kind !== 'sticker' && file.media.kind !== 'sticker_pack';
  return kind === 'text' || kind === 'location' || kind === 'contact';
}

/** Sends it anew, once; fails as the commands for it do, and then it may be tried again. Of a file: as get_file does, if it is not at hand any more. */
export async function sendAgain(conversation: Conversation, message: Message): Promise<void> {
  const { saidAnew } = conversation.history;
  if (saidAnew.has(message.id)) return;
  saidAnew.add(message.id);
  try {
    await sayAnew(conversation, message);
  } catch (error) {
    saidAnew.delete(message.id);
    throw error;
  }
}

async function sayAnew(conversation: Conversation, message: Message): Promise<void> {
  const { app } = conversation;
  const { chat } = conversation.chat;
  const reply_to = message.reply_to;
  if (message.kind === 'file') return sendFileAgain(conversation, message);
  const sent = async () => {
    if (message.location) return app.session.call('send_location', { chat, ...message.location });
    if (message.contact) return app.session.call('send_contact', { chat, ...message.contact });
    const { text, spans, mentions, about, preview } = message;
    const words = app.session.call('send_message', { chat, text, spans, mentions, reply_to, about, preview });
    return app.storing.track(chat, text, words);
  };
  conversation.onSent((await sent()).message);
}

async function sendFileAgain(conversation: Conversation, message: Message): Promise<void> {
  const { name, mime, media } = message.file!;
  const prepare = async () => {
    const blob = await conversation.app.transfers.get(conversation.chat.chat, message.id);
    return { blob: new Blob([blob], { type: mime }), media: media.kind === 'file' ? null : media };
  };
  await sendFile(conversation, { name, caption: message.text, replyTo: message.reply_to, prepare });
}
