import { describe, expect, test } from 'vitest';
import type { Member, Role } from '../api/types';
import { inOrder, isLastOwner, mayRemove, rolesFor } from './rights';

function member(name: string, role: Role, own = false): Member {
  return { account: name, name, role, devices: 1, own, in: true };
}

const kOwner = member('Olga', 'owner');
const kAdmin = member('Anna', 'admin');
const kMember = member('Max', 'member');
const kReader = member('Rita', 'reader');
const kAll = [kReader, kMember, kAdmin, kOwner];

describe('rights', () => {
  test('an admin acts on those beneath, an owner on all', () => {
    expect(kAll.map((each) => mayRemove('admin', each))).toEqual([true, true, false, false]);
    expect(kAll.map((each) => mayRemove('owner', each))).toEqual([true, true, true, true]);
    expect(kAll.map((each) => mayRemove('member', each))).toEqual([false, false, false, false]);
    expect(mayRemove('owner', member('me', 'owner', true))).toBe(false);
  });
  test('an admin makes no admins', () => {
    expect(rolesFor('admin', kMember, kAll)).toEqual(['reader']);
    expect(rolesFor('admin', kAdmin, kAll)).toEqual([]);
    expect(rolesFor('owner', kMember, kAll)).toEqual(['reader', 'admin', 'owner']);
    expect(rolesFor('member', kReader, kAll)).toEqual([]);
  });
  test('the last owner stays one', () => {
    expect(rolesFor('owner', kOwner, kAll)).toEqual([]);
    expect(isLastOwner(kAll, kOwner)).toBe(true);
    expect(isLastOwner([...kAll, member('Two', 'owner')], kOwner)).toBe(false);
    expect(isLastOwner(kAll, kAdmin)).toBe(false);
  });
  test('those who have something to say come first', () => {
    expect(inOrder([kReader, kMember, member('me', 'member', true), kAdmin, kOwner]).map((each) => each.name)).toEqual(['Olga', 'Anna', 'me', 'Max', 'Rita']);
  });
});
