#include "engine/own_name.h"

#include <algorithm>

#include "engine/devices.h"
#include "engine/groups.h"
#include "engine/sync.h"

namespace godwit::engine {
namespace {

// A commit that was made before the change may have to end its epoch first: then it is looked again.
constexpr Duration kLookAgain = minutes(5);

OwnName last_change(const Machine& m) {
  const Bytes* field = find_field(m, SyncKind::kOwnName, {});
  auto name = field == nullptr ? Result<OwnName>(OwnName{}) : codec::decoded<OwnName>(*field);
  return name ? std::move(*name) : OwnName{};
}

void set_name(Machine& m, std::string name) {
  m.self->record.name = std::move(name);
  m.journal.put(record_key(RecordKind::kAccount), m.self->record);
  m.devices.record.backup_wanted = true;
  put_devices(m);
  for (auto& [id, chat] : m.chats) {
    chat.name_looked = false;
    m.touch(chat);
  }
  m.tell_then(AccountChanged{});
}

bool says_own_name(const Machine& m, const Chat& chat) {
  const auto leaf = chat.group->member(chat.group->own_leaf());
  return !leaf || name_in_leaf(*leaf) == m.self->record.name;
}

Instant drawn(Machine& m, Instant from, Duration spread) {
  return from + milliseconds(static_cast<int64_t>(m.random.below(static_cast<uint64_t>(spread.ms))));
}

}  // namespace

void rename_account(Machine& m, CommandId id, const RenameAccount& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  if (const Status name = check_name(command.name); !name) return m.fail(id, name.error());
  if (command.name == m.self->record.name) return m.done(id, Nothing{});
  const uint32_t before = own_name_number(m);
  const OwnName now{before == UINT32_MAX ? before : before + 1, m.wall().ms, command.name};
  put_field(m, SyncKind::kOwnName, {}, codec::encoded(now));
  set_name(m, command.name);
  m.done_then(id, Nothing{});
}

void take_own_name(Machine& m, ByteView value) {
  const auto name = codec::decoded<OwnName>(value);
  if (!name || !check_given_name(name->name).has_value() || !m.has_account() || name->name == m.self->record.name)
    return;
  set_name(m, name->name);
}

uint32_t own_name_number(const Machine& m) { return last_change(m).number; }

void pump_own_name(Machine& m, Chat& chat) {
  if (!chat.group || !chat.record.ready || chat.record.leaving || is_saved(chat)) return;
  if (!std::exchange(chat.name_looked, true)) {
    const Instant changed = m.when(last_change(m).changed_ms);
    chat.name_at = kNever;
    if (!says_own_name(m, chat))
      chat.name_at = std::max(drawn(m, changed, kRenameSpread), drawn(m, m.now, kRenameLateSpread));
  }
  if (chat.name_at == kNever) return;
  if (chat.name_at > m.now && chat.outbox.empty()) {
    chat.wake = std::min(chat.wake, chat.name_at);
    return;
  }
  if (says_own_name(m, chat)) {
    chat.name_at = kNever;
    return;
  }
  chat.name_at = m.now + kLookAgain;
  chat.wake = std::min(chat.wake, chat.name_at);
  if (chat.record.refresh_wanted) return;
  chat.record.refresh_wanted = true;
  m.put(chat);
}

}  // namespace godwit::engine
