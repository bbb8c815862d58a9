// Those who ask to be let in by a link: at its keeper, and at the other admins, whom he tells.

#include <algorithm>

#include "crypto/sealed_item.h"
#include "engine/blocks.h"
#include "engine/doors.h"
#include "engine/fanout.h"
#include "engine/group_content.h"
#include "engine/groups.h"
#include "engine/healing.h"
#include "engine/intents.h"
#include "engine/members.h"
#include "engine/outbox.h"

namespace godwit::engine {
namespace {

using State = JoinRequestRecord::State;
// How long he who is refused is told so, if his home does not answer.
constexpr Duration kRefusalLifetime = days(1);
// Who comes by a link alone is in by then; if he is not, the other admins are told, so that one of them lets him in.
constexpr Duration kInByThen = seconds(10);

// What another admin tells of one who asks counts for so long: clocks may be a day off, and later he may have come and gone.
constexpr Duration kToldLate = days(3);

using Requests = std::map<std::pair<ChatId, AccountId>, KeptJoinRequest>;

Bytes request_key(const JoinRequestRecord& record) {
  return record_key(RecordKind::kJoinRequest, record.group.view(), record.account.view());
}

void put(Machine& m, const JoinRequestRecord& record) { m.journal.put(request_key(record), record); }

uint32_t waiting(const Machine& m, const ChatId& group) {
  return static_cast<uint32_t>(std::ranges::count_if(m.doors.requests, [&](const auto& entry) {
    return entry.first.first == group && entry.second.record.state == State::kWaiting;
  }));
}

void tell_waiting(Machine& m, const ChatId& group) { m.tell_then(JoinRequestsChanged{group, waiting(m, group)}); }

Requests::iterator forget(Machine& m, Requests::iterator at) {
  const ChatId group = at->first.first;
  const bool waited = at->second.record.state == State::kWaiting;
  m.journal.erase(request_key(at->second.record));
  const auto next = m.doors.requests.erase(at);
  if (waited) tell_waiting(m, group);
  return next;
}

void change(Machine& m, KeptJoinRequest& request, State state) {
  const bool waited = request.record.state == State::kWaiting;
  request.record.state = state;
  request.attempt = Attempt{};
  put(m, request.record);
  if (waited != (state == State::kWaiting)) tell_waiting(m, request.record.group);
}

bool is_admin(const Machine& m, const Chat& chat) {
  return chat.group && role_of(chat, m.self->record.account) >= Role::kAdmin;
}

// Whether he may come by this link, which this device keeps.
JoinRefusal judge_request(const Machine& m, const Door& door, const AccountId& account) {
  if (door.record.expires_ms != 0 && door.record.expires_ms <= m.wall().ms) return JoinRefusal::kExpired;
  const auto chat = m.chats.find(door.record.group);
  if (chat == m.chats.end() || !chat->second.settings || !is_admin(m, chat->second)) return JoinRefusal::kGone;
  const GroupSettings& settings = *chat->second.settings;
  if (door.record.revoked || settings.door(door.record.alias) == nullptr) return JoinRefusal::kGone;
  if (is_blocked(m, account)) return JoinRefusal::kRefused;
  if (settings.is_barred(account)) return JoinRefusal::kBarred;
  if (role_of(chat->second, account) != Role::kNone) return JoinRefusal::kAlreadyIn;
  if (is_full(chat->second)) return JoinRefusal::kFull;
  const auto& taken = door.record.taken;
  const bool used_up = door.record.uses > 0 && taken.size() >= door.record.uses;
  if (used_up && std::ranges::find(taken, account) == taken.end()) return JoinRefusal::kUsedUp;
  return JoinRefusal::kNone;
}

void take_use(Machine& m, Door& door, const AccountId& account) {
  auto& taken = door.record.taken;
  if (door.record.uses == 0 || std::ranges::find(taken, account) != taken.end()) return;
  taken.push_back(account);
  put_door(m, door);
  if (door.record.listed) tell_group_link(m, door.record);
}

// He does not come: somebody else may.
void give_use_back(Machine& m, const JoinRequestRecord& record) {
  const auto door = m.doors.doors.find(record.door);
  if (door == m.doors.doors.end() || std::erase(door->second.record.taken, record.account) == 0) return;
  put_door(m, door->second);
  if (door->second.record.listed) tell_group_link(m, door->second.record);
}

void refuse(Machine& m, KeptJoinRequest& request, JoinRefusal why) {
  JoinRequestRecord& record = request.record;
  record.refusal = why;
  record.received_ms = m.wall().ms;  // he does not wait any more
  record.delivery = m.random_id<wire::DeliveryId>();
  record.payload = seal_envelope({EnvelopeKind::kRefusal, {}, Bytes{static_cast<uint8_t>(why)}, 0},
                                 invite_welcome_key(record.key.value), record.alias.view(), m.random);
  change(m, request, State::kRefused);
}

void admit(Machine& m, KeptJoinRequest& request, bool by_itself, CommandId command) {
  JoinRequestRecord& record = request.record;
  IntentRecord intent;
  intent.kind = IntentRecord::Kind::kAdd;
  intent.account = record.account;
  intent.package = record.package;
  intent.key = record.key.clone();
  if (by_itself) intent.door = record.door;
  record.by_itself = by_itself;
  change(m, request, State::kAdmitting);
  want_change(m, m.chats.at(record.group), std::move(intent), command);
}

bool has_intent(const Chat& chat, const AccountId& account) {
  return std::ranges::any_of(chat.intents, [&](const auto& entry) {
    return entry.second.kind == IntentRecord::Kind::kAdd && entry.second.account == account &&
           !entry.second.package.empty();
  });
}

// Who asks, out of what he sent.
Result<JoinRequestRecord> read_request(const Machine& m, const Chat& chat, const wire::Alias& door,
                                       JoinAskedBody asked) {
  const MemberInfo info = TRY(joiner_of(chat, asked.package, m.wall()));
  JoinRequestRecord record;
  record.group = chat.record.chat;
  record.account = info.account;
  record.name = info.name;
  record.greeting = std::move(asked.greeting);
  record.home = info.home;
  record.alias = info.alias;
  record.token = info.entry_token->clone();
  record.key = std::move(asked.key);
  record.package = std::move(asked.package);
  record.door = door;
  record.received_ms = m.wall().ms;
  return record;
}

// Room for one more who waits. Those who are only to be told that they are refused take nobody's place, and the oldest of them go.
bool make_room(Machine& m, const ChatId& group) {
  size_t waiting = 0;
  size_t refused = 0;
  auto oldest = m.doors.requests.end();
  for (auto at = m.doors.requests.begin(); at != m.doors.requests.end(); ++at) {
    const JoinRequestRecord& record = at->second.record;
    if (at->first.first != group) continue;
    if (record.state != State::kRefused) {
      ++waiting;
      continue;
    }
    ++refused;
    if (oldest == m.doors.requests.end() || record.received_ms < oldest->second.record.received_ms) oldest = at;
  }
  if (waiting >= kJoinRequestsMax) return false;
  if (refused >= kJoinRequestsMax) forget(m, oldest);
  return true;
}

// The request as it is kept from now on; null: there is no room, or he is being let in. Who asks again has other keys.
KeptJoinRequest* keep(Machine& m, JoinRequestRecord record) {
  const std::pair key{record.group, record.account};
  const auto known = m.doors.requests.find(key);
  const bool is_new = known == m.doors.requests.end();
  if (!is_new && known->second.record.state == State::kAdmitting) return nullptr;
  if (is_new && !make_room(m, key.first)) return nullptr;
  KeptJoinRequest request;
  request.record = std::move(record);
  put(m, request.record);
  return &m.doors.requests.insert_or_assign(key, std::move(request)).first->second;
}

// ---- what waits -------------------------------------------------------------------------------------------------------

void deliver_refusal(Machine& m, KeptJoinRequest& request, Instant& wake) {
  if (!request.attempt.may_start(m.now, wake)) return;
  request.attempt.start();
  m.journal.then([&m, key = std::pair{request.record.group, request.record.account}] {
    const auto found = m.doors.requests.find(key);
    if (found == m.doors.requests.end() || found->second.record.state != State::kRefused) return;
    const JoinRequestRecord& record = found->second.record;
    const wire::Recipient to{record.alias, to_token(record.token.value), record.delivery};
    m.link(record.group, record.home)
        .submit(wire::Deliver{to, time_to_live(m.random), record.payload}, [&m, key](const Result<wire::Reply>& reply) {
          const auto told = m.doors.requests.find(key);
          if (told == m.doors.requests.end() || told->second.record.state != State::kRefused) return;
          const Outcome outcome = outcome_of(reply);
          const bool later = outcome.error && outcome.error->code.action == Action::kRetryLater;
          if (later) return told->second.attempt.fail(m.now, outcome.retry_after, m.random);
          forget(m, told);  // he has it, or wants nothing more
        });
  });
}

// Another own device has made the link by which he comes: what it does at once, this one does after kHealTurn if nobody has.
Instant own_turn(const Machine& m, const JoinRequestRecord& record) {
  const auto door = m.doors.doors.find(record.door);
  const bool of_other = door != m.doors.doors.end() && door->second.record.of_other;
  return of_other ? m.when(record.received_ms) + kHealTurn : m.now;
}

// When this device lets in somebody of whom the keeper of the link has told it: the admins one after the other, kHealTurn apart.
Instant turn_for_keeper(const Machine& m, const GroupSettings& settings, const DoorEntry& entry,
                        const JoinRequestRecord& record) {
  const auto before = std::ranges::count_if(settings.roles, [&](const RoleEntry& each) {
    return each.role >= Role::kAdmin && each.account != entry.keeper && each.account < m.self->record.account;
  });
  return m.when(record.received_ms) + kHealTurn * (1 + before);
}

// The keeper tells the other admins, also those who become it later.
void tell_admins(Machine& m, Chat& chat, JoinRequestRecord& record) {
  const auto door = m.doors.doors.find(record.door);
  if (door == m.doors.doors.end() || door->second.record.of_other || !chat.settings) return;
  bool told = false;
  for (const auto& [account, role] : chat.settings->roles) {
    if (role < Role::kAdmin || account == m.self->record.account || find_member(chat, account) == nullptr) continue;
    if (std::ranges::find(record.told, account) != record.told.end()) continue;
    const JoinAskedBody asked{record.door, record.key.clone(), record.package, record.greeting};
    queue_content(m, chat, ContentKind::kJoinAsked, codec::encoded(asked), &account);
    record.told.push_back(account);
    told = true;
  }
  if (told) put(m, record);
}

// The keeper lets him in, and has not got through.
void tell_if_late(Machine& m, Chat& chat, JoinRequestRecord& record, Instant& wake) {
  const Instant late = m.when(record.received_ms) + kInByThen;
  late > m.now ? void(wake = std::min(wake, late)) : tell_admins(m, chat, record);
}

// An intent that is not there any more has failed, or he is in.
void follow_intent(Machine& m, Chat& chat, KeptJoinRequest& request) {
  const JoinRequestRecord& record = request.record;
  if (has_intent(chat, record.account) || chat.staged) return;
  if (!record.by_itself) return change(m, request, State::kWaiting);
  const auto door = m.doors.doors.find(record.door);
  const JoinRefusal why =
      door == m.doors.doors.end() ? JoinRefusal::kGone : judge_request(m, door->second, record.account);
  give_use_back(m, record);
  refuse(m, request, why == JoinRefusal::kNone ? JoinRefusal::kGone : why);
}

bool asks_admins(const Chat& chat, const Door& door) {
  return door.record.approval || (chat.settings && chat.settings->join_by_approval);
}

bool asks_admins(const GroupSettings& settings, const DoorEntry& entry) {
  return entry.approval || settings.join_by_approval;
}

// Who has come by a link of this account: refused, waiting for an admin, or let in.
void answer(Machine& m, const Chat& chat, Door& door, KeptJoinRequest& request) {
  const JoinRefusal why = judge_request(m, door, request.record.account);
  if (why != JoinRefusal::kNone) return refuse(m, request, why);
  take_use(m, door, request.record.account);
  if (!asks_admins(chat, door)) return admit(m, request, true, {});
  if (request.record.state == State::kWaiting) return tell_waiting(m, request.record.group);
  change(m, request, State::kWaiting);
}

// The keeper of the link has told of him and does not get through, it seems. He has judged how often the link may be used; what says the
// group itself is judged here, now and in the epoch that the commit ends.
Requests::iterator answer_for_keeper(Machine& m, const Chat& chat, Requests::iterator at, Instant& wake) {
  KeptJoinRequest& request = at->second;
  const JoinRequestRecord& record = request.record;
  const DoorEntry* entry = chat.settings ? chat.settings->door(record.door) : nullptr;
  const bool open = entry != nullptr && entry->keeper != m.self->record.account &&
                    (entry->expires_day == 0 || entry->expires_day > m.wall().day());
  const bool welcome = open && !chat.settings->is_barred(record.account) && !is_blocked(m, record.account);
  if (!welcome || is_full(chat)) return forget(m, at);  // the keeper tells him
  const Instant turn = turn_for_keeper(m, *chat.settings, *entry, record);
  if (turn > m.now) {
    wake = std::min(wake, turn);
  } else if (asks_admins(*chat.settings, *entry)) {
    change(m, request, State::kWaiting);
  } else {
    admit(m, request, true, {});
  }
  return std::next(at);
}

// No own device before this one has answered him, it seems.
Requests::iterator answer_deferred(Machine& m, const Chat& chat, Requests::iterator at, Instant& wake) {
  KeptJoinRequest& request = at->second;
  const auto door = m.doors.doors.find(request.record.door);
  // He came meanwhile, and has gone again.
  const auto has_gone = [&](const auto& epoch) {
    return std::ranges::find(epoch.second.removed, request.record.account, &FormerLeaf::account) !=
           epoch.second.removed.end();
  };
  if (std::ranges::any_of(chat.retired, has_gone)) return forget(m, at);
  if (door == m.doors.doors.end()) return answer_for_keeper(m, chat, at, wake);
  const Instant turn = own_turn(m, request.record);
  turn > m.now ? void(wake = std::min(wake, turn)) : answer(m, chat, door->second, request);
  return std::next(at);
}

Requests::iterator pump_one(Machine& m, Requests::iterator at, Instant& wake) {
  KeptJoinRequest& request = at->second;
  Chat* chat = m.find_chat(at->first.first);
  if (chat == nullptr) return forget(m, at);
  if (request.record.state == State::kRefused) {
    const Instant ends = m.when(request.record.received_ms) + kRefusalLifetime;
    if (ends <= m.now) return forget(m, at);
    wake = std::min(wake, ends);
    deliver_refusal(m, request, wake);
    return std::next(at);
  }
  if (role_of(*chat, request.record.account) != Role::kNone) {
    const auto door = m.doors.doors.find(request.record.door);
    if (door != m.doors.doors.end()) take_use(m, door->second, request.record.account);
    return forget(m, at);
  }
  const bool old = m.when(request.record.received_ms) + kJoiningLifetime <= m.now;
  if (!is_admin(m, *chat) || old) {
    if (request.record.state == State::kDeferred) return forget(m, at);
    if (!request.record.by_itself && request.record.state == State::kWaiting) {
      give_use_back(m, request.record);
      return forget(m, at);
    }
  }
  if (request.record.state == State::kAdmitting) {
    const bool for_keeper = request.record.by_itself && !m.doors.doors.contains(request.record.door);
    if (for_keeper && !has_intent(*chat, request.record.account) && !chat->staged) return forget(m, at);
    if (request.record.by_itself) tell_if_late(m, *chat, request.record, wake);
    follow_intent(m, *chat, request);
  } else if (request.record.state == State::kDeferred) {
    return answer_deferred(m, *chat, at, wake);
  } else {
    tell_admins(m, *chat, request.record);
  }
  return std::next(at);
}

// The request that a command is about; none after the command has failed.
Requests::iterator find_request(Machine& m, CommandId id, const ChatId& group, const AccountId& account) {
  const Chat* chat = find_group(m, id, group);
  if (chat == nullptr) return m.doors.requests.end();
  if (!is_admin(m, *chat)) {
    m.fail(id, {kNotAllowed, "admins let others in"});
    return m.doors.requests.end();
  }
  const auto found = m.doors.requests.find({group, account});
  if (found != m.doors.requests.end() && found->second.record.state == State::kWaiting) return found;
  m.fail(id, {kNoSuchJoinRequest, "somebody who waits for an admin"});
  return m.doors.requests.end();
}

}  // namespace

bool take_door_item(Machine& m, const wire::HomeKey& home, const wire::Item& item) {
  const auto found = m.doors.doors.find(item.alias);
  if (found == m.doors.doors.end()) return false;
  Door& door = found->second;
  const auto payload = crypto::open_item(door.record.token.value.reveal(), item.alias.view(), item.sealed);
  Chat* chat = m.find_chat(door.record.group);
  if (!payload || chat == nullptr || !chat->group) return true;
  GroupLink link = group_link(m, *chat, door.record);
  link.home.key = home;  // it may have been given out before the account moved
  auto opened = open_join_request(*payload, link, door.record.private_key.value);
  if (!opened || opened->group != door.record.group) return true;
  auto record =
      read_request(m, *chat, item.alias,
                   {item.alias, std::move(opened->key), std::move(opened->package), std::move(opened->greeting)});
  if (!record || record->account == m.self->record.account) return true;
  const AccountId account = record->account;
  KeptJoinRequest* request = keep(m, std::move(*record));
  if (request == nullptr) return true;
  // Whoever waits for an admin is shown on all own devices; what goes by itself, one of them does.
  const bool shown = asks_admins(*chat, door) && judge_request(m, door, account) == JoinRefusal::kNone;
  if (door.record.of_other && !shown) {
    change(m, *request, State::kDeferred);
  } else {
    answer(m, *chat, door, *request);
  }
  return true;
}

void on_join_asked(Machine& m, Chat& chat, const Author& author, const Content& content) {
  const auto now = static_cast<uint64_t>(m.wall().ms);
  if (content.sent_ms < now && now - content.sent_ms >= static_cast<uint64_t>(kToldLate.ms)) return;
  auto asked = codec::decoded<JoinAskedBody>(content.body);
  if (!asked || !chat.settings || !author.is_admin() || !is_admin(m, chat)) return;
  const wire::Alias door = asked->door;
  const DoorEntry* entry = chat.settings->door(door);
  // The keeper knows his own.
  if (entry == nullptr || m.doors.doors.contains(door)) return;
  // What others than the keeper tell, a person looks at.
  const bool by_itself = author.account == entry->keeper && !asks_admins(*chat.settings, *entry);
  auto record = read_request(m, chat, door, std::move(*asked));
  if (!record || role_of(chat, record->account) != Role::kNone || is_blocked(m, record->account)) return;
  KeptJoinRequest* request = keep(m, std::move(*record));
  if (request == nullptr) return;
  by_itself ? change(m, *request, State::kDeferred) : tell_waiting(m, chat.record.chat);
}

void on_join_settled(Machine& m, Chat& chat, const Author& author, ByteView body) {
  const auto settled = codec::decoded<JoinSettledBody>(body);
  if (!settled || !author.is_admin()) return;
  const auto found = m.doors.requests.find({chat.record.chat, settled->account});
  if (found == m.doors.requests.end() || found->second.record.state != State::kWaiting) return;
  give_use_back(m, found->second.record);
  forget(m, found);
}

void list_join_requests(Machine& m, CommandId id, const ListJoinRequests& command) {
  if (find_group(m, id, command.chat, false) == nullptr) return;
  JoinRequests out;
  for (const auto& [key, request] : m.doors.requests) {
    const JoinRequestRecord& record = request.record;
    if (key.first != command.chat || record.state != State::kWaiting) continue;
    out.requests.push_back({record.account, record.name, record.greeting, Instant{record.received_ms}});
  }
  std::ranges::sort(out.requests, {}, &JoinRequestShown::received);
  m.done(id, std::move(out));
}

void approve_join(Machine& m, CommandId id, const ApproveJoin& command) {
  const auto found = find_request(m, id, command.chat, command.account);
  if (found == m.doors.requests.end()) return;
  if (is_full(m.chats.at(command.chat))) return m.fail(id, {kGroupFull, "a group has so many people and devices"});
  admit(m, found->second, false, id);
}

void refuse_join(Machine& m, CommandId id, const RefuseJoin& command) {
  const auto found = find_request(m, id, command.chat, command.account);
  if (found == m.doors.requests.end()) return;
  Chat& chat = m.chats.at(command.chat);
  for (const auto& [account, member] : chat.members) {
    if (account == m.self->record.account || role_of(chat, account) < Role::kAdmin) continue;
    queue_content(m, chat, ContentKind::kJoinSettled, codec::encoded(JoinSettledBody{command.account}), &account);
  }
  give_use_back(m, found->second.record);
  refuse(m, found->second, JoinRefusal::kRefused);
  m.done_then(id, Nothing{});
}

void pump_join_requests(Machine& m, Instant& wake) {
  for (auto at = m.doors.requests.begin(); at != m.doors.requests.end();) at = pump_one(m, at, wake);
}

void restore_join_request(Machine& m, JoinRequestRecord record) {
  KeptJoinRequest request;
  request.record = std::move(record);
  const std::pair key{request.record.group, request.record.account};
  m.doors.requests.insert_or_assign(key, std::move(request));
}

}  // namespace godwit::engine
