// The links that this device keeps.

#include "engine/doors.h"

#include <algorithm>

#include "crypto/x25519.h"
#include "engine/home_move.h"
#include "engine/intents.h"
#include "engine/members.h"
#include "engine/sync.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr uint32_t kDoorUsesMax = 1000;
constexpr uint32_t kDoorDaysMax = 365;
// For so long after its address has gone a link is known, for what had come to it before and is on its way through the mailbox.
constexpr Duration kDoorGrace = hours(1);

void forget_ended(Machine& m) {
  for (auto at = m.doors.doors.begin(); at != m.doors.doors.end();) {
    const auto door = at++;
    if (!door->second.ends || *door->second.ends > m.now) continue;
    m.journal.erase(record_key(RecordKind::kDoor, door->first.view()));
    m.doors.doors.erase(door);
  }
}

DoorEntry entry_of(const Machine& m, const DoorRecord& record) {
  const uint32_t last_day = record.expires_ms == 0 ? 0 : Instant{record.expires_ms}.day() + 1;
  return {record.alias, m.self->record.account, record.approval, record.uses, last_day};
}

bool is_wanted(const Chat& chat, const wire::Alias& alias) {
  return std::ranges::any_of(chat.intents, [&](const auto& entry) {
    return entry.second.kind == IntentRecord::Kind::kOpenDoor && entry.second.opens &&
           entry.second.opens->alias == alias;
  });
}

bool is_closing(const Chat& chat, const wire::Alias& alias) {
  return std::ranges::any_of(chat.intents, [&](const auto& entry) {
    return entry.second.kind == IntentRecord::Kind::kCloseDoor && entry.second.door == alias;
  });
}

void close_door(Machine& m, Chat& chat, const wire::Alias& alias) {
  IntentRecord intent;
  intent.kind = IntentRecord::Kind::kCloseDoor;
  intent.door = alias;
  if (!is_closing(chat, alias) && check_intent(m, chat, intent)) want_change(m, chat, std::move(intent), {});
}

void give_up(Machine& m, Door& door, Error error) {
  if (door.command) m.fail(*door.command, error);
  door.command.reset();
  if (std::exchange(door.record.revoked, true)) return;
  put_door(m, door);
}

// Its address is there: all are to see it, unless they have before the account moved.
void announce(Machine& m, Door& door) {
  Chat* chat = m.find_chat(door.record.group);
  if (chat != nullptr && chat->settings && chat->settings->door(door.record.alias) != nullptr) return;
  if (chat == nullptr || !chat->group) return give_up(m, door, {kNotMember, "members open links"});
  IntentRecord intent;
  intent.kind = IntentRecord::Kind::kOpenDoor;
  intent.opens = entry_of(m, door.record);
  if (const Status allowed = check_intent(m, *chat, intent); !allowed) return give_up(m, door, allowed.error());
  want_change(m, *chat, std::move(intent), {});
}

void on_made(Machine& m, const wire::Alias& alias, const Result<wire::Reply>& reply) {
  const auto found = m.doors.doors.find(alias);
  if (found == m.doors.doors.end()) return;
  Door& door = found->second;
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) {
    door.attempt.succeed();
    door.record.made = true;
    put_door(m, door);
    return announce(m, door);
  }
  door.attempt.fail(m.now, outcome.retry_after, m.random);
  const bool later = outcome.error->code.action == Action::kRetryLater && !outcome.is(wire::kQuotaFull);
  if (!later) give_up(m, door, {kRefusedByHome, outcome.error->rule});
}

void create(Machine& m, const DoorRecord& record) {
  const uint32_t last_day = record.expires_ms == 0 ? 0 : Instant{record.expires_ms}.day() + 1;
  const wire::AddressCreate request{record.alias, hash_of(record.token.value), last_day, true};
  m.mailbox().submit(request,
                     [&m, alias = record.alias](const Result<wire::Reply>& reply) { on_made(m, alias, reply); });
}

void take_back(Machine& m, const wire::Alias& alias) {
  revoke_at_former(m, alias);
  m.mailbox().submit(wire::AddressRevoke{alias}, [&m, alias](const Result<wire::Reply>& reply) {
    const auto found = m.doors.doors.find(alias);
    if (found == m.doors.doors.end()) return;
    const Outcome outcome = outcome_of(reply);
    if (!outcome.ok()) return found->second.attempt.fail(m.now, outcome.retry_after, m.random);
    found->second.attempt.succeed();
    found->second.ends = m.now + kDoorGrace;
    const Bytes* told = find_field(m, SyncKind::kGroupLink, alias.view());
    if (told != nullptr && !told->empty()) put_field(m, SyncKind::kGroupLink, to_bytes(alias.view()), {});
  });
}

// What the group's settings say of a link that the home has.
void follow_settings(Machine& m, Door& door, Instant& wake) {
  DoorRecord& record = door.record;
  Chat* chat = m.find_chat(record.group);
  const bool member = chat != nullptr && chat->group && chat->settings;
  if (member && chat->settings->door(record.alias) != nullptr) {
    if (!std::exchange(record.listed, true)) {
      put_door(m, door);
      tell_group_link(m, record);
    }
    if (door.command) m.done_then(*door.command, GroupLinkMade{record.alias, to_text(group_link(m, *chat, record))});
    door.command.reset();
    if (record.expires_ms == 0) return;
    // Its address ends by itself a day later; until then who comes is told.
    const Instant ends = m.when(record.expires_ms) + days(1);
    if (ends > m.now) return void(wake = std::min(wake, ends));
    return close_door(m, *chat, record.alias);
  }
  if (member && !record.listed && is_wanted(*chat, record.alias)) return;
  give_up(m, door, {kOvertaken, "an admin opens a link"});
}

// A link of another own device, which makes and closes it; this one only knows it.
void pump_door_of_other(Machine& m, Door& door) {
  DoorRecord& record = door.record;
  const Chat* chat = m.find_chat(record.group);
  if (chat == nullptr || !chat->group || !chat->settings) return;  // the group may come to this device yet
  const bool stands = chat->settings->door(record.alias) != nullptr;
  if (stands && !std::exchange(record.listed, true)) put_door(m, door);
  if (!stands && record.listed) door.ends = m.now + kDoorGrace;
}

void pump_door(Machine& m, Door& door, Instant& wake) {
  if (door.ends) return void(wake = std::min(wake, *door.ends));
  if (door.record.of_other) return pump_door_of_other(m, door);
  if (door.record.made && !door.record.revoked) follow_settings(m, door, wake);
  if (door.record.made && !door.record.revoked) return;
  if (!door.stored || !door.attempt.may_start(m.now, wake)) return;
  door.attempt.start();
  door.record.revoked ? take_back(m, door.record.alias) : create(m, door.record);
}

}  // namespace

void make_doors_anew(Machine& m) {
  for (auto& [alias, door] : m.doors.doors) {
    if (door.record.revoked || !door.record.made || door.record.of_other) continue;
    door.record.made = false;
    put_door(m, door);
  }
}

GroupLink group_link(const Machine& m, const Chat& chat, const DoorRecord& record) {
  const auto pair = crypto::X25519KeyPair::from_private(record.private_key.value.clone());
  GroupLink link;
  link.group = record.group;
  link.name = chat.record.name;
  link.keeper = m.self->record.account;
  link.home = m.self->record.home;
  link.alias = record.alias;
  link.token = record.token.clone();
  link.key = record.key.clone();
  link.public_key = pair.public_key;
  link.suite = static_cast<uint16_t>(chat.group->suite().id);
  link.approval = record.approval || (chat.settings && chat.settings->join_by_approval);
  link.expires_ms = record.expires_ms;
  return link;
}

void tell_group_link(Machine& m, const DoorRecord& record) {
  const SharedDoor shared{record.group,    record.token.clone(), record.key.clone(), record.private_key.clone(),
                          record.approval, record.uses,          record.expires_ms,  record.taken};
  put_field(m, SyncKind::kGroupLink, to_bytes(record.alias.view()), codec::encoded(shared));
}

void put_door(Machine& m, const Door& door) {
  m.journal.put(record_key(RecordKind::kDoor, door.record.alias.view()), door.record);
}

Chat* find_group(Machine& m, CommandId id, const ChatId& chat_id, bool changes) {
  Chat* chat = m.find_chat(chat_id);
  std::optional<Error> error;
  if (chat == nullptr) {
    error = m.no_chat(chat_id);
  } else if (chat->record.kind != ChatKind::kGroup) {
    error = Error{kNotGroup, "a chat of two has neither roles nor settings nor links"};
  } else if (changes && (!chat->group || chat->record.leaving)) {
    error = Error{kNotMember, "members change a group"};
  }
  if (error) m.fail(id, *error);
  return error ? nullptr : chat;
}

void make_group_link(Machine& m, CommandId id, const MakeGroupLink& command) {
  const Chat* chat = find_group(m, id, command.chat);
  if (chat == nullptr) return;
  if (role_of(*chat, m.self->record.account) < Role::kAdmin) return m.fail(id, {kNotAllowed, "admins open links"});
  if (command.uses > kDoorUsesMax || command.days > kDoorDaysMax) {
    return m.fail(id, {kBadLinkTerms, "a link is good for at most 1,000 people and 365 days"});
  }
  const auto open = std::ranges::count_if(
      m.doors.doors, [](const auto& entry) { return !entry.second.record.revoked && !entry.second.record.of_other; });
  if (static_cast<size_t>(open) >= kOwnDoorsMax || chat->settings->doors.size() >= kDoorsMax) {
    return m.fail(id, {kGroupLinksFull, "a device keeps at most 8 links, a group has at most 32"});
  }
  Door door;
  door.command = id;
  door.record.alias = m.random_id<wire::Alias>();
  door.record.group = command.chat;
  door.record.token.value = crypto::Secret<32>::random(m.random);
  door.record.key.value = crypto::Secret<32>::random(m.random);
  door.record.private_key.value = crypto::Secret<32>::random(m.random);
  door.record.approval = command.approval;
  door.record.uses = command.uses;
  if (command.days > 0) door.record.expires_ms = (m.wall() + days(command.days)).ms;
  const wire::Alias alias = door.record.alias;
  put_door(m, door);
  m.doors.doors.insert_or_assign(alias, std::move(door));
  m.journal.then([&m, alias] {
    if (const auto found = m.doors.doors.find(alias); found != m.doors.doors.end()) found->second.stored = true;
  });
}

void list_group_links(Machine& m, CommandId id, const ListGroupLinks& command) {
  const Chat* chat = find_group(m, id, command.chat, false);
  if (chat == nullptr) return;
  GroupLinks out;
  for (const DoorEntry& entry : chat->settings ? chat->settings->doors : std::vector<DoorEntry>{}) {
    GroupLinkShown shown{entry.alias, entry.keeper, entry.approval, entry.uses, entry.expires_day, false, 0, {}};
    const auto own = m.doors.doors.find(entry.alias);
    if (own != m.doors.doors.end() && chat->group) {
      shown.own = true;
      shown.used = static_cast<uint32_t>(own->second.record.taken.size());
      shown.text = to_text(group_link(m, *chat, own->second.record));
    }
    out.links.push_back(std::move(shown));
  }
  m.done(id, std::move(out));
}

void revoke_group_link(Machine& m, CommandId id, const RevokeGroupLink& command) {
  Chat* chat = find_group(m, id, command.chat);
  if (chat == nullptr) return;
  if (chat->settings->door(command.link) == nullptr) {
    return m.fail(id, {kNoSuchGroupLink, "a link of this group"});
  }
  IntentRecord intent;
  intent.kind = IntentRecord::Kind::kCloseDoor;
  intent.door = command.link;
  if (const Status allowed = check_intent(m, *chat, intent); !allowed) return m.fail(id, allowed.error());
  want_change(m, *chat, std::move(intent), id);
}

void pump_doors(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  forget_ended(m);
  for (auto& [alias, door] : m.doors.doors) pump_door(m, door, wake);
  pump_join_requests(m, wake);
  pump_joining(m, wake);
}

void take_group_link(Machine& m, ByteView key, ByteView value) {
  wire::Alias alias;
  if (!wire::Alias::from(key, alias)) return;
  const auto known = m.doors.doors.find(alias);
  if (value.empty()) {
    if (known != m.doors.doors.end() && known->second.record.of_other) known->second.ends = m.now + kDoorGrace;
    return;
  }
  auto shared = codec::decoded<SharedDoor>(value);
  const bool full = m.doors.doors.size() >= kOwnDoorsMax * kLeavesPerAccountMax;
  if (!shared || shared->taken.size() > kDoorUsesMax) return;
  if (known != m.doors.doors.end()) {
    known->second.record.taken = std::move(shared->taken);
    return put_door(m, known->second);
  }
  if (full) return;
  Door door;
  door.stored = true;
  door.record.alias = alias;
  door.record.group = shared->group;
  door.record.token = std::move(shared->token);
  door.record.key = std::move(shared->key);
  door.record.private_key = std::move(shared->private_key);
  door.record.approval = shared->approval;
  door.record.uses = shared->uses;
  door.record.expires_ms = shared->expires_ms;
  door.record.taken = std::move(shared->taken);
  door.record.made = true;
  door.record.of_other = true;
  put_door(m, door);
  m.doors.doors.emplace(alias, std::move(door));
}

void tell_all_group_links(Machine& m) {
  for (const auto& [alias, door] : m.doors.doors) {
    const DoorRecord& record = door.record;
    const bool stands = record.listed && !record.revoked && !record.of_other && !door.ends;
    if (stands && find_field(m, SyncKind::kGroupLink, alias.view()) == nullptr) tell_group_link(m, record);
  }
}

bool doors_idle(const Machine& m) {
  return std::ranges::none_of(m.doors.doors,
                              [](const auto& entry) {
                                const Door& door = entry.second;
                                return !door.ends && (door.command || !door.record.made || door.record.revoked);
                              }) &&
         std::ranges::none_of(m.doors.joining, [](const auto& entry) { return !entry.second.record.sent; }) &&
         std::ranges::none_of(m.doors.requests, [](const auto& entry) {
           return entry.second.record.state == JoinRequestRecord::State::kAdmitting;
         });
}

void restore_door(Machine& m, DoorRecord record) {
  Door door;
  door.stored = true;
  door.record = std::move(record);
  if (!door.record.made) door.record.revoked = true;  // nobody has seen its link
  const wire::Alias alias = door.record.alias;
  m.doors.doors.insert_or_assign(alias, std::move(door));
}

}  // namespace godwit::engine
