// People whom one has met: those with whom there is a chat of two.

import type { AccountId, Chat } from '../api/types';
import { chatName } from '../pages/taking';
import type { App } from '../state/app.svelte';

/** Those who can be asked for something, in the order of their names. */
export function contactsOf(app: App): Chat[] {
  return [...app.chats.byId.values()]
    .filter((each) => !each.group && !each.kept && each.ready && each.member && !app.blocked.accounts.has(each.peer))
    .sort((a, b) => chatName(a).localeCompare(chatName(b)) || (a.chat < b.chat ? -1 : 1));
}

/** An account as people can tell it from another of the same name. */
export function shortAccount(account: AccountId): string {
  return `${account.slice(0, 4)} ${account.slice(4, 8)} … ${account.slice(-4)}`;
}

/** True of a name in which somebody looks for `query`. */
export function matches(name: string, query: string): boolean {
  return name.toLocaleLowerCase().includes(query.trim().toLocaleLowerCase());
}
