// Who has given a reaction, as far as it is known here.

import type { Reaction } from '../api/types';
import { t } from '../messages/t.svelte';
import { harmlessName } from '../text/harmless';
import type { Conversation } from './conversation.svelte';

/** At most 32 are known by name (Reaction.accounts): there may be more. */
export function reactionNames(conversation: Conversation, reaction: Reaction): string[] {
  const { app, chat } = conversation;
  const all = reaction.accounts.map((account) => {
    if (account === app.session.account?.account) return t('chat.you');
    const name = app.members.nameOf(chat.chat, account) ?? (account === chat.peer ? chat.name : '');
    return harmlessName(name) || t('chat.nameless');
  });
  return [...all, ...reaction.names.map((name) => harmlessName(name) || t('chat.nameless'))];
}
