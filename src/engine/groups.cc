#include "engine/groups.h"

#include <algorithm>

#include "engine/account.h"
#include "engine/chat_lines.h"
#include "engine/chat_suite.h"
#include "engine/doors.h"
#include "engine/group_content.h"
#include "engine/history.h"
#include "engine/intents.h"
#include "engine/members.h"
#include "engine/outbox.h"

namespace godwit::engine {
namespace {

// Programs that have words of their own for it go by ChatInfo::saved.
constexpr const char* kSavedName = "Saved messages";

void want(Machine& m, CommandId id, Chat& chat, IntentRecord intent) {
  if (const Status makes_sense = check_intent(m, chat, intent); !makes_sense) return m.fail(id, makes_sense.error());
  want_change(m, chat, std::move(intent), id);
}

IntentRecord intent_of(IntentRecord::Kind kind, const AccountId& account = {}) {
  IntentRecord intent;
  intent.kind = kind;
  intent.account = account;
  return intent;
}

Chat* direct_chat_with(Machine& m, const AccountId& account) {
  for (auto& [id, chat] : m.chats) {
    if (chat.record.kind == ChatKind::kDirect && chat.record.peer == account && chat.group) return &chat;
  }
  return nullptr;
}

Result<Chat> found_group(Machine& m, GroupSettings settings, bool large) {
  Chat chat;
  ChatRecord& record = chat.record;
  record.chat = m.random_id<ChatId>();
  record.kind = ChatKind::kGroup;
  record.ready = true;
  record.own_alias = m.random_id<wire::Alias>();
  record.log = {m.self->record.home, m.random_id<wire::LogId>(), {crypto::Secret<32>::random(m.random)}};
  settings.set_role(m.self->record.account, Role::kOwner);
  const mls::GroupCreate create{
      to_bytes(record.chat.view()), own_leaf(m, record.own_alias), {group_settings_extension(settings)}};
  chat.group = TRY(mls::Group::create(suite_for(large ? kClassicLeavesMax : 2), create, m.random, m.wall()));
  record.keys = TRY(derive_chat_keys(*chat.group));
  sync_members(m, chat);
  return chat;
}

void make(Machine& m, CommandId id, GroupSettings settings, bool large) {
  auto chat = found_group(m, std::move(settings), large);
  if (!chat) return m.fail(id, chat.error());
  const ChatId chat_id = chat->record.chat;
  m.chat_of_alias[chat->record.own_alias] = chat_id;
  Chat& kept = m.chats.insert_or_assign(chat_id, std::move(*chat)).first->second;
  m.put(kept);
  m.put_group(kept);
  m.touch(kept);
  note_made(m, kept);
  m.done_then(id, ChatMade{chat_info(m, kept)});
}

}  // namespace

bool is_saved(const Chat& chat) { return chat.settings && chat.settings->saved; }

void new_group(Machine& m, CommandId id, const NewGroup& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  if (const Status name = check_name(command.name); !name) return m.fail(id, name.error());
  GroupSettings settings;
  settings.name = command.name;
  make(m, id, std::move(settings), command.large);
}

void open_saved(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  for (const auto& [chat_id, chat] : m.chats) {
    if (is_saved(chat) && chat.group) return m.done(id, ChatMade{chat_info(m, chat)});
  }
  GroupSettings settings;
  settings.name = kSavedName;
  settings.saved = true;
  make(m, id, std::move(settings), false);
}

void list_members(Machine& m, CommandId id, const ListMembers& command) {
  const Chat* chat = m.find_chat(command.chat);
  if (chat == nullptr) return m.fail(id, m.no_chat(command.chat));
  Members out;
  for (const auto& [account, member] : chat->members) {
    const bool own = account == m.self->record.account;
    out.members.push_back({account, shown_name(member.record.name), role_of(*chat, account),
                           static_cast<uint32_t>(member.record.leaves.size()), own, own || member.record.seen});
  }
  if (chat->settings) {
    out.announcement_only = chat->settings->announcement_only;
    out.slow_mode_seconds = chat->settings->slow_mode_seconds;
    out.join_by_approval = chat->settings->join_by_approval;
    out.admins_pin = chat->settings->admins_pin();
  }
  out.role = role_of(*chat, m.self->record.account);
  out.post_quantum = chat->group && chat->group->suite().id == mls::suite_xwing().id;
  m.done(id, std::move(out));
}

void add_members(Machine& m, CommandId id, const AddMembers& command) {
  Chat* chat = find_group(m, id, command.chat);
  if (chat == nullptr) return;
  std::vector<AccountId> wanted;
  for (const AccountId& account : command.accounts) {
    if (role_of(*chat, account) != Role::kNone) continue;  // he is in already
    const Status makes_sense = check_intent(m, *chat, intent_of(IntentRecord::Kind::kAdd, account));
    if (!makes_sense) return m.fail(id, makes_sense.error());
    if (direct_chat_with(m, account) == nullptr) {
      return m.fail(id, {kNoSuchContact, "who is asked for keys is a contact"});
    }
    wanted.push_back(account);
  }
  for (const AccountId& account : wanted) {
    const bool asked = std::ranges::any_of(chat->intents, [&](const auto& entry) {
      return entry.second.kind == IntentRecord::Kind::kAdd && entry.second.account == account;
    });
    if (!asked) want_change(m, *chat, intent_of(IntentRecord::Kind::kAdd, account), {});
    queue_content(m, *direct_chat_with(m, account), ContentKind::kKeysWanted, codec::encoded(KeysWanted{command.chat}),
                  &account);
  }
  m.done_then(id, Nothing{});
}

void remove_member(Machine& m, CommandId id, const RemoveMember& command) {
  Chat* chat = find_group(m, id, command.chat);
  if (chat != nullptr) want(m, id, *chat, intent_of(IntentRecord::Kind::kRemove, command.account));
}

void set_role(Machine& m, CommandId id, const SetRole& command) {
  Chat* chat = find_group(m, id, command.chat);
  if (chat == nullptr) return;
  IntentRecord intent = intent_of(IntentRecord::Kind::kRole, command.account);
  intent.role = command.role;
  want(m, id, *chat, std::move(intent));
}

void rename_group(Machine& m, CommandId id, const RenameGroup& command) {
  Chat* chat = find_group(m, id, command.chat);
  if (chat == nullptr) return;
  if (const Status name = check_name(command.name); !name) return m.fail(id, name.error());
  IntentRecord intent = intent_of(IntentRecord::Kind::kSettings);
  intent.name = command.name;
  want(m, id, *chat, std::move(intent));
}

void set_group_settings(Machine& m, CommandId id, const SetGroupSettings& command) {
  Chat* chat = find_group(m, id, command.chat);
  if (chat == nullptr) return;
  if (command.slow_mode_seconds.value_or(0) > kSlowModeSecondsMax) {
    return m.fail(id, {kBadSetting, "slow mode asks for a day at most"});
  }
  const bool others = command.announcement_only || command.slow_mode_seconds || command.join_by_approval;
  if (command.admins_pin) {
    IntentRecord pins = intent_of(IntentRecord::Kind::kPins);
    pins.role = *command.admins_pin ? Role::kAdmin : Role::kMember;
    if (!others) return want(m, id, *chat, std::move(pins));
    // Of both the command is answered with the others, which go into the same commit and are judged alike.
    if (check_intent(m, *chat, pins)) want_change(m, *chat, std::move(pins), {});
  }
  IntentRecord intent = intent_of(IntentRecord::Kind::kSettings);
  intent.announcement_only = command.announcement_only;
  intent.slow_mode_seconds = command.slow_mode_seconds;
  intent.join_by_approval = command.join_by_approval;
  want(m, id, *chat, std::move(intent));
}

}  // namespace godwit::engine
