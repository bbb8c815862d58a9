#include "engine/intents.h"

#include <algorithm>

#include "engine/chat_suite.h"
#include "engine/contacts.h"
#include "engine/devices.h"
#include "engine/groups.h"
#include "engine/healing.h"
#include "engine/judge.h"
#include "engine/members.h"
#include "wire/requests.h"

namespace godwit::engine {
namespace {

// Key packages in one commit, so that an entry of the log has room for the path beside them: at worst it is encrypted to every
// leaf. Others wait for the next commit.
size_t package_bytes_max(const Chat& chat) {
  const size_t ciphertext = chat.group->suite().kem->encapsulated_key_size() + 52;
  constexpr size_t kRest = 16 * 1024;  // nodes of the path, settings, padding
  const size_t taken = kRest + chat.owners.size() * ciphertext;
  return taken < wire::kEntrySizeMax ? wire::kEntrySizeMax - taken : 0;
}

Bytes intent_key(const Chat& chat, uint64_t number) {
  return record_key(RecordKind::kIntent, chat.record.chat.view(), number);
}

Result<mls::KeyPackage> package_of(const Chat& chat, const IntentRecord& intent, Instant now) {
  return mls::KeyPackage::parse(chat.group->suite(), intent.package, now);
}

// Others' owners but this one.
bool has_other_owner(const Chat& chat, const AccountId& account) {
  return std::ranges::any_of(chat.members, [&](const auto& entry) {
    return entry.first != account && role_of(chat, entry.first) == Role::kOwner;
  });
}

// The leaf that the keys of a member stand for who comes back; nothing if it is not there any more.
std::optional<uint32_t> leaf_replaced_by(const Machine& m, const Chat& chat, const IntentRecord& intent) {
  const auto package = package_of(chat, intent, m.wall());
  if (!package) return std::nullopt;
  const mls::LeafNode& leaf = package->leaf_node();
  const auto info = validate_member(package->identity(), leaf.signature_key, leaf.extensions);
  const Member* member = find_member(chat, intent.account);
  if (!info || !info->replaces || info->account != intent.account || member == nullptr) return std::nullopt;
  mls::Member added{mls::LeafIndex{}, to_bytes(package->identity()), {}, leaf.extensions};
  if (leaf.signature_key.size() != added.signature_key.size()) return std::nullopt;
  std::ranges::copy(leaf.signature_key, added.signature_key.begin());
  for (const LeafRecord& known : member->record.leaves) {
    const auto gone = chat.group->member(mls::LeafIndex{known.leaf});
    if (gone && stands_for(added, *gone)) return known.leaf;
  }
  return std::nullopt;
}

Status check_add(const Machine& m, const Chat& chat, const IntentRecord& intent, Role own) {
  if (intent.returns) {  // it takes no right to help
    REQUIRE(leaf_replaced_by(m, chat, intent).has_value(), kOvertaken, "who comes back has the leaf that he replaces");
    return {};
  }
  REQUIRE(!is_saved(chat) || intent.account == m.self->record.account, kNotAllowed, "saved messages are one's own");
  // One's own devices anybody lets in, also into a chat of two.
  REQUIRE(own >= Role::kAdmin || intent.account == m.self->record.account, kNotAllowed, "admins let others in");
  const Member* known = find_member(chat, intent.account);
  REQUIRE(known == nullptr || intent.account == m.self->record.account, kOvertaken, "who is let in is not in yet");
  REQUIRE(intent.account != m.self->record.account ||
              (own_list(m).has(intent.device_key) && !has_own_device(m, chat, intent.device_key)),
          kOvertaken, "a device that is let in is on the list and not in yet");
  REQUIRE(!is_full(chat) || (known != nullptr && chat.owners.size() < leaves_max(chat.group->suite())), kGroupFull,
          "a group has so many people, and devices as its suite bears");
  if (intent.door) {
    REQUIRE(chat.settings && chat.settings->door(*intent.door) != nullptr && !chat.settings->is_barred(intent.account),
            kOvertaken, "who comes by a link comes by one that is open, and was not removed");
  }
  return {};
}

Status check_open_door(const Machine& m, const Chat& chat, const IntentRecord& intent, Role own) {
  REQUIRE(!is_saved(chat), kNotAllowed, "saved messages are one's own");
  REQUIRE(own >= Role::kAdmin && intent.opens->keeper == m.self->record.account, kNotAllowed, "admins open links");
  REQUIRE(chat.settings->doors.size() < kDoorsMax, kGroupLinksFull, "a group has at most 32 links");
  REQUIRE(chat.settings->door(intent.opens->alias) == nullptr, kOvertaken, "a link is opened once");
  return {};
}

Status check_remove(const Machine& m, const Chat& chat, const IntentRecord& intent, Role own) {
  const Role role = role_of(chat, intent.account);
  REQUIRE(role != Role::kNone, kNoSuchMember, "who is removed is a member");
  REQUIRE(intent.account != m.self->record.account, kNotAllowed, "who wants to go leaves");
  REQUIRE(own >= Role::kAdmin && (own == Role::kOwner || role < Role::kAdmin), kNotAllowed,
          "who removes somebody stands above him");
  return {};
}

Status check_role(const Chat& chat, const IntentRecord& intent, Role own) {
  const Role role = role_of(chat, intent.account);
  REQUIRE(role != Role::kNone, kNoSuchMember, "roles are of members");
  REQUIRE(intent.role != Role::kNone && intent.role <= Role::kOwner, kBadSetting, "a role that is one");
  REQUIRE(own == Role::kOwner || (own == Role::kAdmin && role < Role::kAdmin && intent.role < Role::kAdmin),
          kNotAllowed, "who changes a role stands above it");
  REQUIRE(role != Role::kOwner || intent.role == Role::kOwner || has_other_owner(chat, intent.account), kLastOwner,
          "a group has an owner");
  return {};
}

void apply_settings(const IntentRecord& intent, GroupSettings& settings) {
  if (intent.name) settings.name = *intent.name;
  if (intent.announcement_only) settings.announcement_only = *intent.announcement_only;
  if (intent.slow_mode_seconds) settings.slow_mode_seconds = *intent.slow_mode_seconds;
  if (intent.join_by_approval) settings.join_by_approval = *intent.join_by_approval;
  if (intent.opens) settings.doors.push_back(*intent.opens);
  if (intent.door) std::erase_if(settings.doors, [&](const DoorEntry& door) { return door.alias == *intent.door; });
}

// Puts one wish into the plan. False: it waits for something.
Result<bool> add_to_plan(Machine& m, const Chat& chat, const IntentRecord& intent, GroupSettings& settings,
                         Plan& plan) {
  switch (intent.kind) {
    case IntentRecord::Kind::kAdd: {
      if (intent.package.empty()) return false;
      const size_t leaves = chat.owners.size() + plan.request.add.size() - plan.request.remove.size();
      REQUIRE(intent.returns || leaves < leaves_max(chat.group->suite()), kGroupFull,
              "a group has so many devices as its suite bears");
      if (plan.package_bytes > 0 && plan.package_bytes + intent.package.size() > package_bytes_max(chat)) return false;
      plan.package_bytes += intent.package.size();
      mls::KeyPackage package = TRY(package_of(chat, intent, m.wall()));
      const mls::LeafNode& leaf = package.leaf_node();
      const MemberInfo info = TRY(validate_member(package.identity(), leaf.signature_key, leaf.extensions));
      REQUIRE(info.account == intent.account, kOvertaken, "keys are of the one who is let in");
      if (!intent.door && !intent.returns) settings.unbar(info.account);
      if (intent.returns) plan.request.remove.push_back({leaf_replaced_by(m, chat, intent).value_or(0)});
      plan.joiners.push_back({info.account, info.alias, intent.key->value.clone(), package.ref(chat.group->suite())});
      plan.request.add.push_back(std::move(package));
      return true;
    }
    case IntentRecord::Kind::kRemove:
      for (const LeafRecord& leaf : find_member(chat, intent.account)->record.leaves) {
        plan.request.remove.push_back({leaf.leaf});
      }
      settings.set_role(intent.account, Role::kMember);
      settings.bar(intent.account);
      return true;
    case IntentRecord::Kind::kRole:
      settings.set_role(intent.account, intent.role);
      return true;
    case IntentRecord::Kind::kSettings:
    case IntentRecord::Kind::kOpenDoor:
    case IntentRecord::Kind::kCloseDoor:
      apply_settings(intent, settings);
      return true;
    case IntentRecord::Kind::kPins:
      settings.set_admins_pin(intent.role == Role::kAdmin);
      return true;
  }
  return false;
}

bool is_about_member(const IntentRecord& intent) {
  return intent.kind == IntentRecord::Kind::kAdd || intent.kind == IntentRecord::Kind::kRemove ||
         intent.kind == IntentRecord::Kind::kRole;
}

// Two wishes about one member do not go into one commit.
bool is_about_same(const Chat& chat, const std::vector<uint64_t>& taken, const IntentRecord& intent) {
  return is_about_member(intent) && std::ranges::any_of(taken, [&](uint64_t number) {
           const IntentRecord& other = chat.intents.at(number);
           return is_about_member(other) && other.account == intent.account;
         });
}

}  // namespace

void want_change(Machine& m, Chat& chat, IntentRecord intent, CommandId command) {
  const uint64_t number = chat.record.intent_next++;
  m.journal.put(intent_key(chat, number), intent);
  chat.intents.emplace(number, std::move(intent));
  if (command != CommandId{}) chat.wishers.emplace(number, command);
  chat.blocked_until = {};
  m.put(chat);
  m.touch(chat);
}

Status check_intent(const Machine& m, const Chat& chat, const IntentRecord& intent) {
  const Role own = role_of(chat, m.self->record.account);
  REQUIRE(own != Role::kNone, kNotMember, "members change a group");
  switch (intent.kind) {
    case IntentRecord::Kind::kAdd:
      return check_add(m, chat, intent, own);
    case IntentRecord::Kind::kRemove:
      return check_remove(m, chat, intent, own);
    case IntentRecord::Kind::kRole:
      return check_role(chat, intent, own);
    case IntentRecord::Kind::kSettings:
      REQUIRE(own >= Role::kAdmin, kNotAllowed, "admins change name and settings");
      return {};
    case IntentRecord::Kind::kPins:
      REQUIRE(own >= Role::kAdmin, kNotAllowed, "admins change name and settings");
      REQUIRE(!chat.settings || chat.settings->version <= 2, kBadSetting, "who pins was set by a later version");
      return {};
    case IntentRecord::Kind::kOpenDoor:
      return check_open_door(m, chat, intent, own);
    case IntentRecord::Kind::kCloseDoor:
      REQUIRE(own >= Role::kAdmin, kNotAllowed, "admins close links");
      REQUIRE(chat.settings->door(*intent.door) != nullptr, kOvertaken, "a link is closed once");
      return {};
  }
  return {};
}

bool has_ready_intents(const Chat& chat) {
  return std::ranges::any_of(chat.intents, [](const auto& entry) {
    return entry.second.kind != IntentRecord::Kind::kAdd || !entry.second.package.empty();
  });
}

Plan plan_commit(Machine& m, Chat& chat, std::optional<uint64_t> only) {
  Plan plan;
  GroupSettings settings = chat.settings.value_or(GroupSettings{});
  std::vector<std::pair<uint64_t, Error>> failed;
  for (const auto& [number, intent] : chat.intents) {
    if ((only && number != *only) || is_about_same(chat, plan.intents, intent)) continue;
    const Status makes_sense = check_intent(m, chat, intent);
    const auto taken = makes_sense ? add_to_plan(m, chat, intent, settings, plan) : Result<bool>(makes_sense.error());
    if (!taken) {
      failed.emplace_back(number, taken.error());
    } else if (*taken) {
      plan.intents.push_back(number);
    }
  }
  for (const auto& [number, error] : failed) settle_intents(m, chat, {number}, error);
  if (chat.settings && settings != *chat.settings)
    plan.request.group_context_extensions = {group_settings_extension(settings)};
  plan.request.ratchet_tree_in_welcome = true;
  // In a large group nobody encrypts to all only to let somebody in; in a smaller one each commit also fills the tree.
  plan.request.path_always = chat.owners.size() <= kHybridLeavesMax || chat.record.refresh_wanted;
  return plan;
}

void settle_intents(Machine& m, Chat& chat, const std::vector<uint64_t>& intents, std::optional<Error> error) {
  for (const uint64_t number : intents) {
    m.journal.erase(intent_key(chat, number));
    chat.intents.erase(number);
    const auto wisher = chat.wishers.extract(number);
    if (wisher.empty()) continue;
    error ? m.fail(wisher.mapped(), *error) : m.done_then(wisher.mapped(), Nothing{});
  }
}

Result<std::vector<StagedWelcome>> seal_welcomes(Machine& m, const Chat& chat, const Plan& plan,
                                                 const mls::StagedCommit& staged) {
  std::vector<StagedWelcome> out;
  if (!staged.welcome) return out;
  const bool rebase = begins_base(staged.report);
  const ChatKeys keys = rebase ? TRY(derive_chat_keys(staged.successor)) : chat.record.keys.clone();
  const crypto::Secret<32> log_key = rebase ? TRY(derive_log_key(staged.successor)) : chat.record.log.key.value.clone();
  for (mls::JoinerWelcome& one : TRY(mls::split_welcome(*staged.welcome))) {
    const auto joiner = std::ranges::find(plan.joiners, one.joiner, &Plan::Joiner::package);
    REQUIRE(joiner != plan.joiners.end(), kNoCommit, "a welcome is for one of those who are let in");
    const WelcomeBody body{std::move(one.welcome), chat.record.log.home,   chat.record.log.log, log_key.clone(),
                           keys.clone(),           chat.talk.record.clock, chat.record.moves};
    for (Bytes& payload :
         seal_welcome(m, body, joiner->key, joiner->alias,
                      joiner->account == m.self->record.account ? kOwnWelcomePartSize : kWelcomePartSize)) {
      out.push_back({joiner->account, std::move(payload)});
    }
  }
  return out;
}

}  // namespace godwit::engine
