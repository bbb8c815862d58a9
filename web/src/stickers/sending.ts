// Sends stickers and packs into the chat that is open.

import type { Conversation } from '../chat/conversation.svelte';

export async function sendSticker(conversation: Conversation, pack: string, number: number): Promise<void> {
  const replyTo = conversation.replyTo;
  await conversation.app.attempt(async () => {
    const { message } = await conversation.app.session.call('send_sticker', {
      chat: conversation.chat.chat,
      pack,
      number,
      ...(replyTo ? { reply_to: replyTo.id } : {}),
    });
    if (conversation.replyTo === replyTo) conversation.replyTo = null;
    const picture = await conversation.app.stickers.picture(pack, number).catch(() => null);
    if (picture) conversation.app.transfers.hold(conversation.chat.chat, message.id, picture);
    conversation.onSent(message);
  });
}

export async function sharePack(conversation: Conversation, pack: string): Promise<void> {
  await conversation.app.attempt(async () => {
    const { message } = await conversation.app.session.call('share_sticker_pack', { chat: conversation.chat.chat, pack });
    conversation.app.stickers.added.set(message.id, pack);
    conversation.onSent(message);
  });
}
