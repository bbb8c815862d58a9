// What one's role in a group allows (docs/protocol/chat.md): the page offers nothing else.

import type { Member, Role } from '../api/types';

const kRank: Record<Role, number> = { none: 0, reader: 1, member: 2, admin: 3, owner: 4 };
/** What somebody can be made. */
export type GivenRole = Exclude<Role, 'none'>;
const kOffered: readonly GivenRole[] = ['reader', 'member', 'admin', 'owner'];

export function isAdmin(role: Role | undefined): boolean {
  return role === 'admin' || role === 'owner';
}

/** Who removes somebody stands above him; owners may remove owners. */
export function mayRemove(own: Role, member: Member): boolean {
  return !member.own && isAdmin(own) && (own === 'owner' || kRank[member.role] < kRank.admin);
}

export function isLastOwner(members: readonly Member[], member: Member): boolean {
  return member.role === 'owner' && members.every((each) => each.role !== 'owner' || each.account === member.account);
}

/** What somebody can be made by one who is `own`; what he is already is left out. */
export function rolesFor(own: Role, member: Member, members: readonly Member[]): GivenRole[] {
  if (!isAdmin(own) || isLastOwner(members, member)) return [];
  return kOffered.filter((role) => role !== member.role && (own === 'owner' || (kRank[member.role] < kRank.admin && kRank[role] < kRank.admin)));
}

/** Owners first, then admins, then others by name; oneself before those of the same role. */
export function inOrder(members: readonly Member[]): Member[] {
  const rank = (each: Member) => Math.max(kRank[each.role], kRank.member);
  return [...members].sort((a, b) => rank(b) - rank(a) || Number(b.own) - Number(a.own) || a.name.localeCompare(b.name));
}
