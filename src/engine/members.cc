#include "engine/members.h"

#include "engine/chat_people.h"
#include "engine/chat_suite.h"
#include "engine/fanout.h"
#include "engine/home_move.h"
#include "engine/known_devices.h"

namespace godwit::engine {
namespace {

Bytes member_key(const Chat& chat, const AccountId& account) {
  return record_key(RecordKind::kMember, chat.record.chat.view(), account.view());
}

// What one leaf says of its account. Of several device lists the one of the tree holds that goes on from the others or
// outranks them. What
// leaves said that are gone counts for nothing, since who joins later has never seen it, and all judge alike.
void take_over(MemberRecord& record, MemberInfo info) {
  const auto known = DeviceList::validate(record.account, record.devices);
  const bool less = known && known->judge(info.devices) == ListVerdict::kSame &&
                    record.devices.size() > info.devices.entries().size();
  if (less || (known && known->judge(info.devices) == ListVerdict::kLoses)) return;
  record.name = std::move(info.name);
  record.devices = info.devices.entries();
}

// What one leaf says as its account's address.
struct AddressInLeaf {
  uint32_t number = 0;
  wire::HomeAddress home;
  wire::Alias alias;
  std::optional<SecretField> entry_token;
  ByteView device_key;
};

// The address that was taken last holds, whichever device sleeps; who was thrown out moves nobody.
void take_address(MemberRecord& record, std::vector<AddressInLeaf> addresses) {
  const auto list = DeviceList::validate(record.account, record.devices);
  AddressInLeaf* last = nullptr;
  for (AddressInLeaf& each : addresses) {
    if (last != nullptr && (each.number < last->number || !list || !list->has(each.device_key))) continue;
    last = &each;
  }
  if (last == nullptr) return;
  // New, or back with another address: not there yet. Who has moved is.
  if (record.alias != last->alias && last->number <= record.home_number) record.seen = false;
  record.home = std::move(last->home);
  record.alias = last->alias;
  record.home_number = last->number;
  record.entry_token = std::move(last->entry_token);
}

// What one leaf says as its account's name.
struct NameInLeaf {
  uint32_t number = 0;
  std::string name;
  ByteView device_key;
};

// The name that was changed last holds, whichever device sleeps; who was thrown out names nobody.
void take_name(MemberRecord& record, std::vector<NameInLeaf> names) {
  const auto list = DeviceList::validate(record.account, record.devices);
  uint32_t latest = 0;
  for (NameInLeaf& each : names) {
    if (each.number <= latest || !list || !list->has(each.device_key)) continue;
    latest = each.number;
    record.name = std::move(each.name);
  }
}

Member& add_member(Chat& chat, const AccountId& account) {
  Member member;
  member.record.account = account;
  member.record.number = chat.record.member_next++;
  member.record.since_clock = chat.talk.record.clock;
  chat.accounts[member.record.number] = account;
  return chat.members.insert_or_assign(account, std::move(member)).first->second;
}

// What was known of one account before its leaves were looked at.
struct KnownBefore {
  DeviceListIn devices;
  bool back = false;  // one of its leaves is new, and stands for one that it had lost
};

// The leaves of one account, as they are now; true if they were others.
bool sync_member(Member& member, const std::vector<mls::Member>& leaves, KnownBefore& before) {
  std::vector<LeafRecord> now;
  const bool was_in = !member.record.leaves.empty();
  std::vector<bool> fresh;
  bool changed = leaves.size() != member.record.leaves.size();
  for (const mls::Member& leaf : leaves) {
    LeafRecord record{leaf.leaf.value, leaf_digest(leaf), {}};
    bool known = false;
    for (const LeafRecord& former : member.record.leaves) {
      known = known || (former.leaf == record.leaf && former.digest == record.digest);
    }
    changed = changed || !known;
    fresh.push_back(!known);
    now.push_back(record);
  }
  if (!changed) return false;
  member.record.leaves = std::move(now);
  before.devices = std::exchange(member.record.devices, {});
  std::vector<NameInLeaf> names;
  std::vector<AddressInLeaf> addresses;
  for (size_t i = 0; i < leaves.size(); ++i) {
    const mls::Member& leaf = leaves[i];
    auto info = validate_member(leaf);
    if (!info) continue;
    member.record.leaves[i].home = info->home.key;
    before.back = before.back || (was_in && fresh[i] && info->replaces.has_value());
    addresses.push_back({info->home_number, info->home, info->alias, std::move(info->entry_token), leaf.signature_key});
    if (info->name_number > 0) names.push_back({info->name_number, info->name, leaf.signature_key});
    take_over(member.record, std::move(*info));
  }
  take_address(member.record, std::move(addresses));
  if (!names.empty()) take_name(member.record, std::move(names));
  return true;
}

// What the leaves say of an account's devices now, and what they said before: nothing if it is new here.
void note_devices(Machine& m, const Chat& chat, const Member& member, const DeviceListIn& before, MemberChanges& out) {
  const AccountId& account = member.record.account;
  if (is_self(m, account)) return;
  if (account == chat.record.peer) note_first_devices(m, chat, before.empty() ? member.record.devices : before);
  if (!before.empty() && adds_device(before, member.record.devices)) out.devices.push_back(account);
}

// What a list of an account says of one device of it, on the disk.
void keep_speaker(Machine& m, Chat& chat, const AccountId& account, const DeviceListIn& list,
                  const ByteArray<32>& device_key) {
  if (!adds(list, device_key) || !chat.talk.speakers.insert(device_key).second) return;
  m.journal.put(record_key(RecordKind::kSpeaker, chat.record.chat.view(), ByteView(device_key)),
                SpeakerRecord{account, list});
}

// Of somebody who goes: what he has said last may still be on its way.
void keep_speakers(Machine& m, Chat& chat, const MemberRecord& member) {
  if (is_self(m, member.account)) return;
  for (const DeviceEntry& entry : member.devices) {
    keep_speaker(m, chat, member.account, member.devices, entry.device_key);
  }
}

}  // namespace

void put_member(Machine& m, const Chat& chat, const Member& member) {
  m.journal.put(member_key(chat, member.record.account), member.record);
}

Member* find_member(Chat& chat, const AccountId& account) {
  const auto found = chat.members.find(account);
  return found == chat.members.end() ? nullptr : &found->second;
}

const Member* find_member(const Chat& chat, const AccountId& account) {
  const auto found = chat.members.find(account);
  return found == chat.members.end() ? nullptr : &found->second;
}

bool is_full(const Chat& chat) {
  return chat.members.size() >= kMembersMax || chat.owners.size() >= leaves_max(chat.group->suite());
}

const MemberRecord* peer_of(const Chat& chat) {
  if (chat.record.kind != ChatKind::kDirect) return nullptr;
  const Member* peer = find_member(chat, chat.record.peer);
  return peer == nullptr ? nullptr : &peer->record;
}

std::string member_name(const Chat& chat, const AccountId& account) {
  const Member* member = find_member(chat, account);
  return member == nullptr ? std::string() : shown_name(member->record.name);
}

const wire::HomeAddress* home_of_members(const Chat& chat, const wire::HomeKey& home) {
  for (const auto& [account, member] : chat.members) {
    if (member.record.home.key == home) return &member.record.home;
  }
  return nullptr;
}

std::optional<AccountId> account_at(const Chat& chat, uint64_t epoch, mls::LeafIndex leaf) {
  for (auto it = chat.retired.lower_bound(epoch); it != chat.retired.end(); ++it) {
    for (const FormerLeaf& former : it->second.removed) {
      if (former.leaf == leaf.value) return former.account;
    }
  }
  const auto found = chat.owners.find(leaf.value);
  if (found == chat.owners.end()) return std::nullopt;
  return found->second;
}

std::optional<wire::HomeKey> home_now(const Chat& chat, uint32_t leaf) {
  const auto owner = chat.owners.find(leaf);
  const Member* member = owner == chat.owners.end() ? nullptr : find_member(chat, owner->second);
  if (member == nullptr) return std::nullopt;
  for (const LeafRecord& each : member->record.leaves) {
    if (each.leaf == leaf) return each.home;
  }
  return std::nullopt;
}

std::optional<wire::HomeKey> home_at(const Chat& chat, uint64_t epoch, mls::LeafIndex leaf) {
  for (auto it = chat.retired.lower_bound(epoch); it != chat.retired.end(); ++it) {
    for (const FormerLeaf& former : it->second.removed) {
      if (former.leaf == leaf.value) return former.home;
    }
  }
  return home_now(chat, leaf.value);
}

const GroupSettings* settings_at(const Chat& chat, uint64_t epoch) {
  for (auto it = chat.retired.lower_bound(epoch); it != chat.retired.end(); ++it) {
    if (it->second.settings) return &*it->second.settings;
  }
  return chat.settings ? &*chat.settings : nullptr;
}

MemberSet everybody(const Machine& m, const Chat& chat) {
  MemberSet out;
  for (const auto& [account, member] : chat.members) {
    const bool own = m.self && account == m.self->record.account;
    if (!own || member.record.leaves.size() > 1) out.add(member.record.number);
  }
  return out;
}

MemberSet only(const Chat& chat, const AccountId& account) {
  MemberSet out;
  if (const Member* member = find_member(chat, account)) out.add(member->record.number);
  return out;
}

Status check_members(const mls::Group& group) {
  std::map<AccountId, std::vector<MemberInfo>> accounts;
  std::map<wire::Alias, AccountId> aliases;
  for (const mls::Member& leaf : group.members()) {
    MemberInfo info = TRY(validate_member(leaf));
    REQUIRE(aliases.emplace(info.alias, info.account).first->second == info.account, kBadContent,
            "an alias is of one account");
    auto& known = accounts[info.account];
    for (const MemberInfo& other : known) {
      REQUIRE(other.home_number != info.home_number || (other.alias == info.alias && other.home.key == info.home.key),
              kBadContent, "all devices of an account have one address at a time");
      REQUIRE(info.devices.judge(other.devices) != ListVerdict::kLoses ||
                  other.devices.judge(info.devices) != ListVerdict::kLoses,
              kBadDeviceList, "of two device lists of an account one holds");
    }
    known.push_back(std::move(info));
    REQUIRE(known.size() <= kLeavesPerAccountMax, kBadContent, "an account has at most 8 devices");
  }
  return {};
}

MemberChanges sync_members(Machine& m, Chat& chat) {
  MemberChanges out;
  std::map<AccountId, std::vector<mls::Member>> leaves;
  chat.owners.clear();
  for (mls::Member& leaf : chat.group->members()) {
    AccountId account;
    if (!AccountId::from(leaf.identity, account)) continue;
    chat.owners[leaf.leaf.value] = account;
    leaves[account].push_back(std::move(leaf));
  }
  for (const auto& [account, own] : leaves) {
    Member* member = find_member(chat, account);
    if (member == nullptr) {
      member = &add_member(chat, account);
      out.joined.push_back(account);
    }
    KnownBefore before;
    const std::string name_before = member->record.name;
    const wire::Alias alias_before = member->record.alias;
    if (!sync_member(*member, own, before)) continue;
    if (alias_before != wire::Alias{} && alias_before != member->record.alias) {
      aim_anew(m, chat, *member);
      out.readdressed.push_back(account);
    }
    out.any = true;
    note_devices(m, chat, *member, before.devices, out);
    if (before.back) out.back.push_back(account);
    if (!name_before.empty() && shown_name(name_before) != member->record.name)
      out.renamed.emplace(account, shown_name(name_before));
    put_member(m, chat, *member);
  }
  for (auto it = chat.members.begin(); it != chat.members.end();) {
    if (leaves.contains(it->first)) {
      ++it;
      continue;
    }
    out.any = true;
    out.left.push_back(it->first);
    out.left_names.emplace(it->first, shown_name(it->second.record.name));
    keep_speakers(m, chat, it->second.record);
    m.journal.erase(member_key(chat, it->first));
    chat.accounts.erase(it->second.record.number);
    it = chat.members.erase(it);
  }
  if (auto settings = parse_group_settings(chat.group->group_context_extensions())) {
    out.any = out.any || *settings != chat.settings;
    chat.settings = std::move(*settings);
    if (chat.settings) chat.record.name = shown_name(chat.settings->name);
  }
  note_own_address(m, chat);
  return out;
}

void tell_members(Machine& m, const Chat& chat, const MemberChanges& changes) {
  for (const AccountId& account : changes.devices) {
    m.tell_then(ContactDevicesChanged{chat.record.chat, account, member_name(chat, account), is_held_back(m, chat)});
  }
  for (const auto& [account, before] : changes.renamed) {
    if (account == m.self->record.account) continue;
    m.tell_then(MemberRenamed{chat.record.chat, account, before, member_name(chat, account)});
  }
  if (!changes.any || chat.record.kind != ChatKind::kGroup) return;
  m.tell_then(MembersChanged{chat.record.chat, changes.joined, changes.left});
}

void note_seen(Machine& m, Chat& chat, const AccountId& account, uint64_t epoch) {
  Member* member = find_member(chat, account);
  if (member == nullptr) return;
  if (epoch >= chat.record.keys.base) member->heard = chat.record.keys.base;
  if (member->record.seen) return;
  member->record.seen = true;
  member->token = 0;
  member->refused = 0;
  put_member(m, chat, *member);
}

void note_speaker(Machine& m, Chat& chat, const AccountId& account, mls::LeafIndex leaf,
                  const ByteArray<32>& device_key) {
  if (chat.talk.speakers.contains(device_key)) return;
  // The list in his own leaf has his key, whatever the other devices of his account say.
  const auto now = chat.group ? chat.group->member(leaf) : std::nullopt;
  const auto info = now && now->signature_key == device_key
                        ? validate_member(*now)
                        : Result<MemberInfo>(Error{kBadContent, "his leaf is there"});
  if (info && info->account == account) return keep_speaker(m, chat, account, info->devices.entries(), device_key);
  const Member* member = find_member(chat, account);
  if (member != nullptr) keep_speaker(m, chat, account, member->record.devices, device_key);
}

}  // namespace godwit::engine
