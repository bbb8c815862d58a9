// Taking an invite, wherever it comes from: the address, the clipboard, a camera.

import { CallFailed } from '../api/client';
import { t } from '../messages/t.svelte';
import { openGodwitLink } from '../people/open_link';
import type { App } from '../state/app.svelte';
import { findGodwitLink } from '../text/godwit_links';
import { harmlessName } from '../text/harmless';

const kChannelPrefix = 'godwit:c#';

/** Follows a channel and opens it. Fails as `follow_channel` does. */
export async function followChannel(app: App, link: string): Promise<void> {
  const { channel } = await app.session.call('follow_channel', { link: link.trim() });
  app.channels.take(channel);
  app.navigation.go({ left: null, channel: channel.channel, right: null });
}

/** Opens the chat with whoever gave the invite, or the channel behind a link. Fails as `add_contact` does. */
export async function takeInvite(app: App, link: string): Promise<void> {
  if (link.trim().startsWith(kChannelPrefix)) return followChannel(app, link);
  const { chat } = await app.session.call('add_contact', { link: link.trim() });
  app.chats.take(chat);
  app.navigation.go({ left: null, chat: chat.chat, right: null });
}

/** The invite with which the page was opened: taken once, whatever comes of it. */
export async function takeBroughtInvite(app: App): Promise<void> {
  const link = app.brought.invite;
  if (!link) return;
  app.brought = { ...app.brought, invite: undefined };
  // What is no invite for one is looked at by its page: people say something to it, or choose first.
  const kind = findGodwitLink(link)?.kind;
  if (kind !== 'invite' && kind !== 'channel') {
    return openGodwitLink(app, link);
  }
  try {
    await takeInvite(app, link);
  } catch (error) {
    app.toasts.say(app.sentence(error), true);
    // Nothing is lost for want of a network: it can be taken again from where links are pasted.
    if (error instanceof CallFailed && error.action === 'retry_later') app.joining.link = link;
  }
}

/** The name of a chat as it is shown. */
export function chatName(chat: { name: string; saved: boolean }): string {
  return chat.saved ? t('chat.saved') : harmlessName(chat.name) || t('chat.nameless');
}
