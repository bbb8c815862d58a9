// Who was picked for each @ of a text that is being written. Two may have one name: so it is also held where each was put, and
// that moves with the text around it.

import type { AccountId } from '../api/types';
import type { Person } from './markup';

export interface Pick extends Person {
  /** Where its @ stands; -1: its place was overwritten, and only the name is left of it. */
  at: number;
}

/** The picks after `before` has become `after` by one change. */
export function movedPicks(picks: readonly Pick[], before: string, after: string): Pick[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const changedTo = before.length - tail;
  return picks.map((pick) => {
    if (pick.at < 0 || pick.at + 1 + pick.name.length <= head) return pick;
    return { ...pick, at: pick.at >= changedTo ? pick.at + after.length - before.length : -1 };
  });
}

/** The picks of a message that is edited: each mention by its turn. `nameOf` gives nothing for those who have left. */
export function picksOf(text: string, accounts: readonly AccountId[], nameOf: (account: AccountId) => string | undefined): Pick[] {
  const picks: Pick[] = [];
  let from = 0;
  for (const account of accounts) {
    const name = nameOf(account);
    if (!name) continue;
    const at = text.indexOf(`@${name}`, from);
    if (at >= 0) from = at + 1 + name.length;
    picks.push({ name, account, at });
  }
  return picks;
}

/** Where an @ before `cursor` has begun a name that may be of several words; null: nowhere, or it is picked already. */
export function mentionBefore(text: string, cursor: number, picks: readonly Pick[]): { start: number; query: string } | null {
  const match = /(?:^|\s)@((?:[^\s@][^@\n]{0,40})?)$/u.exec(text.slice(0, cursor));
  if (!match) return null;
  const query = match[1]!;
  const start = cursor - query.length - 1;
  const picked = picks.some((each) => each.at === start && query.startsWith(each.name));
  return picked ? null : { start, query };
}
