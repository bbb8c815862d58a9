#include "engine/judge.h"

#include <algorithm>

#include "engine/chat_suite.h"
#include "engine/members.h"

namespace godwit::engine {
namespace {

// What is judged, and by whom it was made.
struct Case {
  const Chat& chat;
  const mls::CommitReport& commit;
  AccountId sender;
  Role role = Role::kNone;
};

Result<AccountId> account_of_leaf(const mls::Member& leaf) {
  AccountId account;
  REQUIRE(AccountId::from(leaf.identity, account), kBadLogEntry, "a leaf's identity is an account id");
  return account;
}

// What a leaf of an account that is known says must fit what is known of it: its address, or a later one. A device that has
// not heard of a move says what another leaf of its account still says.
Status check_same_member(const Case& one, const Member& known, const MemberInfo& info) {
  const MemberRecord& record = known.record;
  if (info.home_number > record.home_number) {
    REQUIRE(info.home_number - record.home_number <= kMovesAtOnceMax, kBadLogEntry, "moves are counted");
    return {};
  }
  if (info.home_number == record.home_number && info.alias == record.alias && info.home.key == record.home.key)
    return {};
  const bool is_said = std::ranges::any_of(record.leaves, [&](const LeafRecord& leaf) {
    const auto member = one.chat.group->member({leaf.leaf});
    const auto said = member ? address_in_leaf(*member) : std::nullopt;
    return said && said->home_number == info.home_number && said->alias == info.alias && said->home == info.home.key;
  });
  REQUIRE(is_said, kBadLogEntry, "all devices of a member have his address");
  return {};
}

// The list that holds for an account: what is known, unless a leaf shows one that goes on from it or outranks it.
Status take_list(std::map<AccountId, DeviceList>& lists, const Chat& chat, MemberInfo info) {
  if (!lists.contains(info.account)) {
    const Member* known = find_member(chat, info.account);
    if (known != nullptr) lists.emplace(info.account, TRY(DeviceList::validate(info.account, known->record.devices)));
  }
  const auto found = lists.find(info.account);
  if (found == lists.end()) {
    lists.emplace(info.account, std::move(info.devices));
    return {};
  }
  const ListVerdict verdict = found->second.judge(info.devices);
  REQUIRE(verdict != ListVerdict::kLoses, kBadLogEntry,
          "a device list goes on from the one that is known, or outranks it");
  if (verdict != ListVerdict::kSame) found->second = std::move(info.devices);
  return {};
}

// After a commit that has changed leaves of an account, all its leaves are of devices on its list: who shows a list on which a
// device is not any more removes its leaf as well.
Status judge_devices(const Case& one) {
  std::map<AccountId, DeviceList> lists;
  std::map<uint32_t, mls::Member> leaves;
  for (const auto* changed : {&one.commit.updated, &one.commit.added}) {
    for (const mls::Member& leaf : *changed) {
      TRY(take_list(lists, one.chat, TRY(validate_member(leaf))));
      leaves.insert_or_assign(leaf.leaf.value, leaf);
    }
  }
  std::set<uint32_t> gone;
  for (const mls::Member& leaf : one.commit.removed) gone.insert(leaf.leaf.value);
  for (const auto& [leaf, account] : one.chat.owners) {
    if (!lists.contains(account) || gone.contains(leaf) || leaves.contains(leaf)) continue;
    if (auto member = one.chat.group->member({leaf})) leaves.emplace(leaf, std::move(*member));
  }
  for (const auto& [leaf, member] : leaves) {
    AccountId account = TRY(account_of_leaf(member));
    REQUIRE(lists.at(account).has(member.signature_key), kBadLogEntry, "a leaf is of a device on its account's list");
  }
  return {};
}

// Whose leaf changed: his own it was, and he stays who he is.
Status judge_updated(const Case& one) {
  for (const mls::Member& leaf : one.commit.updated) {
    const auto before = one.chat.owners.find(leaf.leaf.value);
    REQUIRE(before != one.chat.owners.end(), kBadLogEntry, "who changes a leaf has one");
    // MLS lets a leaf be changed by its owner's proposal too; only the log carries anything, so here it is the sender's.
    REQUIRE(leaf.leaf == one.commit.sender, kBadLogEntry, "nobody changes another's leaf");
    const MemberInfo info = TRY(validate_member(leaf));
    REQUIRE(info.account == before->second, kBadLogEntry, "a member stays who he is");
    const Member* member = find_member(one.chat, info.account);
    REQUIRE(member != nullptr, kBadLogEntry, "a member is known");
    TRY(check_same_member(one, *member, info));
  }
  return {};
}

bool says_other_address(const Case& one, const mls::Member& leaf) {
  AccountId account;
  const Member* known = AccountId::from(leaf.identity, account) ? find_member(one.chat, account) : nullptr;
  const auto said = address_in_leaf(leaf);
  return known == nullptr || !said || said->alias != known->record.alias ||
         said->home_number != known->record.home_number;
}

// Who joins later sees all leaves and nothing else (check_members): the tree after the commit must be one that he takes.
Status judge_addresses(const Case& one) {
  std::map<uint32_t, mls::Member> leaves;
  bool other = false;
  for (const auto* changed : {&one.commit.updated, &one.commit.added}) {
    for (const mls::Member& leaf : *changed) {
      other = other || says_other_address(one, leaf);
      leaves.insert_or_assign(leaf.leaf.value, leaf);
    }
  }
  if (!other) return {};
  std::set<uint32_t> gone;
  for (const mls::Member& leaf : one.commit.removed) gone.insert(leaf.leaf.value);
  for (const auto& [leaf, account] : one.chat.owners) {
    if (gone.contains(leaf) || leaves.contains(leaf)) continue;
    if (auto member = one.chat.group->member({leaf})) leaves.emplace(leaf, std::move(*member));
  }
  std::map<wire::Alias, AccountId> aliases;
  std::map<std::pair<AccountId, uint32_t>, SaidAddress> addresses;
  for (const auto& [leaf, member] : leaves) {
    const AccountId account = TRY(account_of_leaf(member));
    const auto said = address_in_leaf(member);
    REQUIRE(said.has_value(), kBadLogEntry, "a leaf says where its member is reached");
    REQUIRE(aliases.emplace(said->alias, account).first->second == account, kBadLogEntry,
            "an address is of one member");
    const SaidAddress& first = addresses.emplace(std::pair{account, said->home_number}, *said).first->second;
    REQUIRE(first.alias == said->alias && first.home == said->home, kBadLogEntry,
            "all devices of a member have one address at a time");
  }
  return {};
}

size_t leaves_that_stay(const Case& one, const AccountId& account) {
  const Member* member = find_member(one.chat, account);
  const auto gone = std::ranges::count_if(
      one.commit.removed, [&](const mls::Member& leaf) { return equal(leaf.identity, account.view()); });
  return member == nullptr ? 0 : member->record.leaves.size() - static_cast<size_t>(gone);
}

size_t leaves_after(const Case& one, const AccountId& account) {
  const auto of = [&](const std::vector<mls::Member>& leaves) {
    return static_cast<size_t>(
        std::ranges::count_if(leaves, [&](const mls::Member& leaf) { return equal(leaf.identity, account.view()); }));
  };
  const Member* member = find_member(one.chat, account);
  const size_t before = member == nullptr ? 0 : member->record.leaves.size();
  return before + of(one.commit.added) - of(one.commit.removed);
}

// A member who had lost the epoch, back with the help of another.
bool comes_back(const Case& one, const mls::Member& added) {
  return std::ranges::any_of(one.commit.removed, [&](const mls::Member& gone) { return stands_for(added, gone); });
}

// The reverse: once, so that one leaf does not become several.
bool is_replaced(const Case& one, const mls::Member& removed) {
  return std::ranges::count_if(one.commit.added,
                               [&](const mls::Member& added) { return stands_for(added, removed); }) == 1;
}

// Who came: new members by an admin; new devices of a member by himself or by an admin, to whom he has shown himself.
Status judge_added(const Case& one) {
  std::map<wire::Alias, AccountId> aliases;
  for (const auto& [account, member] : one.chat.members) aliases.emplace(member.record.alias, account);
  for (const mls::Member& leaf : one.commit.added) {
    const MemberInfo info = TRY(validate_member(leaf));
    const Member* known = find_member(one.chat, info.account);
    const bool own = info.account == one.sender;
    REQUIRE(own || !one.chat.settings || !one.chat.settings->saved, kBadLogEntry, "saved messages are of one account");
    if (one.chat.record.kind == ChatKind::kDirect) {
      REQUIRE(known != nullptr, kBadLogEntry, "a chat of two stays one of these two");
    } else {
      REQUIRE(own || one.role >= Role::kAdmin || comes_back(one, leaf), kBadLogEntry, "admins let others in");
    }
    // Who was away for long comes back with another address, once all his old leaves are gone.
    const bool returns = known != nullptr && leaves_that_stay(one, info.account) == 0;
    if (known != nullptr && !returns) TRY(check_same_member(one, *known, info));
    if (known != nullptr && comes_back(one, leaf)) {
      const auto devices = TRY(DeviceList::validate(info.account, known->record.devices));
      REQUIRE(info.devices.continues(devices), kBadLogEntry, "a device list is only appended to");
    }
    const auto alias = aliases.emplace(info.alias, info.account).first;
    REQUIRE(alias->second == info.account, kBadLogEntry, "an address is of one member");
    REQUIRE(leaves_after(one, info.account) <= kLeavesPerAccountMax, kBadLogEntry, "a member has at most 8 devices");
  }
  return {};
}

// Who goes loses his role with it: else he would be what he was when somebody lets him in again.
Status check_roles(const Case& one, const GroupSettings& after) {
  bool owner = false;
  for (const RoleEntry& entry : after.roles) {
    REQUIRE(leaves_after(one, entry.account) > 0, kBadLogEntry, "roles are of members");
    owner = owner || entry.role == Role::kOwner;
  }
  REQUIRE(owner, kBadLogEntry, "a group has an owner");
  return {};
}

// Whether one of this account's devices has proposed to leave: it speaks for all of them, and not for some.
bool leaves_by_itself(const Case& one, const AccountId& account) {
  return std::ranges::any_of(one.commit.self_removed, [&](const mls::LeafIndex& leaf) {
    const auto owner = one.chat.owners.find(leaf.value);
    return owner != one.chat.owners.end() && owner->second == account;
  });
}

// Who went: each of his own will, or by somebody above him, one device or all; who comes back by the same commit has gone before.
// In a chat of two either may take away the other's lost devices, if others of his remain or come in the same commit.
Status judge_removed(const Case& one) {
  for (const mls::Member& leaf : one.commit.removed) {
    const AccountId account = TRY(account_of_leaf(leaf));
    const bool self = std::ranges::find(one.commit.self_removed, leaf.leaf) != one.commit.self_removed.end();
    const bool leaves = self || (leaves_by_itself(one, account) && leaves_after(one, account) == 0);
    if (account == one.sender || leaves || is_replaced(one, leaf)) continue;
    if (one.chat.record.kind == ChatKind::kDirect) continue;  // seen to below
    const Role role = role_of(one.chat, account);
    REQUIRE(one.role >= Role::kAdmin && (one.role == Role::kOwner || role < Role::kAdmin), kBadLogEntry,
            "who removes somebody stands above him");
  }
  if (one.chat.record.kind == ChatKind::kDirect) {
    for (const auto& [account, member] : one.chat.members) {
      REQUIRE(leaves_after(one, account) > 0, kBadLogEntry, "a chat of two stays one of these two");
    }
  }
  return {};
}

// Other roles: owners give any; admins only make readers of members, and the other way round.
Status judge_roles(const Case& one, const GroupSettings& before, const GroupSettings& after) {
  std::vector<AccountId> touched;
  for (const RoleEntry& entry : before.roles) touched.push_back(entry.account);
  for (const RoleEntry& entry : after.roles) touched.push_back(entry.account);
  for (const AccountId& account : touched) {
    const Role was = before.role_of(account);
    const Role is = after.role_of(account);
    if (was == is) continue;
    const bool gone = leaves_after(one, account) == 0;
    if (gone && is == Role::kMember) continue;  // tidied away
    REQUIRE(one.role == Role::kOwner || (one.role == Role::kAdmin && was < Role::kAdmin && is < Role::kAdmin),
            kBadLogEntry, "who changes a role stands above it");
  }
  return {};
}

Status judge_settings(const Case& one) {
  if (!one.commit.group_context_extensions_changed) {
    return one.chat.settings ? check_roles(one, *one.chat.settings) : Status{};
  }
  REQUIRE(one.chat.settings.has_value(), kBadLogEntry, "a chat of two keeps its context");
  const auto after = parse_group_settings(one.commit.group_context_extensions);
  REQUIRE(after && *after && one.commit.group_context_extensions.size() == 1, kBadLogEntry,
          "a group's context has its settings, well-formed, and nothing else");
  REQUIRE((*after)->saved == one.chat.settings->saved, kBadLogEntry, "what a group is it stays");
  TRY(judge_roles(one, *one.chat.settings, **after));
  TRY(check_roles(one, **after));
  // What is tidied away behind those who go, anybody does.
  GroupSettings expected = *one.chat.settings;
  for (const mls::Member& leaf : one.commit.removed) {
    const AccountId account = TRY(account_of_leaf(leaf));
    if (leaves_after(one, account) == 0) expected.set_role(account, Role::kMember);
  }
  expected.roles = (*after)->roles;
  REQUIRE(**after == expected || one.role >= Role::kAdmin, kBadLogEntry, "admins change name and settings");
  for (const DoorEntry& door : (*after)->doors) {
    const DoorEntry* before = one.chat.settings->door(door.alias);
    REQUIRE(before == nullptr ? door.keeper == one.sender : *before == door, kBadLogEntry,
            "a link is opened by its keeper, and stays as it is");
  }
  return {};
}

}  // namespace

bool stands_for(const mls::Member& added, const mls::Member& gone) {
  if (added.identity != gone.identity || added.signature_key != gone.signature_key) return false;
  const auto info = validate_member(added);
  if (!info || !info->replaces) return false;
  const auto digest = leaf_digest(gone);
  if (*info->replaces == digest) return true;
  const auto before = validate_member(gone);
  return before && before->replaces == info->replaces && leaf_digest(added) != digest;
}

bool begins_base(const mls::CommitReport& commit) {
  return std::ranges::any_of(commit.removed, [&](const mls::Member& gone) {
    return std::ranges::none_of(commit.added, [&](const mls::Member& added) { return stands_for(added, gone); });
  });
}

Status judge_commit(const Chat& chat, const mls::CommitReport& commit) {
  REQUIRE(commit.sender.has_value(), kBadLogEntry, "members commit");
  REQUIRE(!commit.reinit && commit.pre_shared_keys == 0, kBadLogEntry, "a chat goes on, by its own secrets");
  const auto sender = chat.owners.find(commit.sender->value);
  REQUIRE(sender != chat.owners.end(), kBadLogEntry, "members commit");
  const Case one{chat, commit, sender->second, role_of(chat, sender->second)};
  TRY(judge_updated(one));
  TRY(judge_added(one));
  TRY(judge_removed(one));
  TRY(judge_devices(one));
  TRY(judge_addresses(one));
  const size_t leaves = chat.owners.size() + commit.added.size() - commit.removed.size();
  REQUIRE(leaves <= leaves_max(chat.group->suite()), kBadLogEntry, "a group has so many devices as its suite bears");
  return judge_settings(one);
}

}  // namespace godwit::engine
