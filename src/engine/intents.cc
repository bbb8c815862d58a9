#include "engine/intents.h"

#include <algorithm>

#include "engine/chat_suite.h"
#include "engine/contacts.h"
#include "engine/devices.h"
#include "engine/healing.h"
#include "engine/members.h"

namespace godwit::engine {
namespace {

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

Status check_add(const Machine& m, const Chat& chat, const IntentRecord& intent, Role own) {
  // One's own devices anybody lets in, also into a chat of two.
  REQUIRE(own >= Role::kAdmin || intent.account == m.self->record.account, kNotAllowed, "admins let others in");
  const Member* known = find_member(chat, intent.account);
  REQUIRE(known == nullptr || intent.returns || intent.account == m.self->record.account, kOvertaken,
          "who is let in is not in yet");
  REQUIRE(intent.account != m.self->record.account ||
              (own_list(m).has(intent.device_key) && !has_own_device(m, chat, intent.device_key)),
          kOvertaken, "a device that is let in is on the list and not in yet");
  REQUIRE(chat.owners.size() < kHybridLeavesMax, kGroupFull, "a group has at most 100 devices");
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
}

// Puts one wish into the plan. False: it waits for something.
Result<bool> add_to_plan(Machine& m, const Chat& chat, const IntentRecord& intent, GroupSettings& settings,
                         Plan& plan) {
  switch (intent.kind) {
    case IntentRecord::Kind::kAdd: {
      if (intent.package.empty()) return false;
      mls::KeyPackage package = TRY(package_of(chat, intent, m.wall()));
      const mls::LeafNode& leaf = package.leaf_node();
      const MemberInfo info = TRY(validate_member(package.identity(), leaf.signature_key, leaf.extensions));
      REQUIRE(info.account == intent.account, kOvertaken, "keys are of the one who is let in");
      plan.joiners.push_back({info.account, info.alias, intent.key->value.clone(), package.ref(chat.group->suite())});
      plan.request.add.push_back(std::move(package));
      return true;
    }
    case IntentRecord::Kind::kRemove:
      for (const LeafRecord& leaf : find_member(chat, intent.account)->record.leaves) {
        plan.request.remove.push_back({leaf.leaf});
      }
      settings.set_role(intent.account, Role::kMember);
      return true;
    case IntentRecord::Kind::kRole:
      settings.set_role(intent.account, intent.role);
      return true;
    case IntentRecord::Kind::kSettings:
      apply_settings(intent, settings);
      return true;
  }
  return false;
}

// Two wishes about one member do not go into one commit.
bool is_about_same(const Chat& chat, const std::vector<uint64_t>& taken, const IntentRecord& intent) {
  return intent.kind != IntentRecord::Kind::kSettings && std::ranges::any_of(taken, [&](uint64_t number) {
           const IntentRecord& other = chat.intents.at(number);
           return other.kind != IntentRecord::Kind::kSettings && other.account == intent.account;
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
  }
  return {};
}

bool has_ready_intents(const Chat& chat) {
  return std::ranges::any_of(chat.intents, [](const auto& entry) {
    return entry.second.kind != IntentRecord::Kind::kAdd || !entry.second.package.empty();
  });
}

Plan plan_commit(Machine& m, Chat& chat) {
  Plan plan;
  GroupSettings settings = chat.settings.value_or(GroupSettings{});
  std::vector<std::pair<uint64_t, Error>> failed;
  for (const auto& [number, intent] : chat.intents) {
    if (is_about_same(chat, plan.intents, intent)) continue;
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
  const bool rebase = !staged.report.removed.empty();
  const ChatKeys keys = rebase ? TRY(derive_chat_keys(staged.successor)) : chat.record.keys.clone();
  const crypto::Secret<32> log_key = rebase ? TRY(derive_log_key(staged.successor)) : chat.record.log.key.value.clone();
  for (mls::JoinerWelcome& one : TRY(mls::split_welcome(*staged.welcome))) {
    const auto joiner = std::ranges::find(plan.joiners, one.joiner, &Plan::Joiner::package);
    REQUIRE(joiner != plan.joiners.end(), kNoCommit, "a welcome is for one of those who are let in");
    const WelcomeBody body{std::move(one.welcome), chat.record.log.home, chat.record.log.log,
                           log_key.clone(),        keys.clone(),         chat.talk.record.clock};
    for (Bytes& payload :
         seal_welcome(m, body, joiner->key, joiner->alias,
                      joiner->account == m.self->record.account ? kOwnWelcomePartSize : kWelcomePartSize)) {
      out.push_back({joiner->account, std::move(payload)});
    }
  }
  return out;
}

}  // namespace godwit::engine
