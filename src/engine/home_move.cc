#include "engine/home_move.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/proof_of_work.h"
#include "engine/blocks.h"
#include "engine/chat_keys.h"
#include "engine/devices.h"
#include "engine/doors.h"
#include "engine/home_of_link.h"
#include "engine/inbox.h"
#include "engine/members.h"
#include "engine/names.h"
#include "engine/requests.h"
#include "engine/sync.h"
#include "engine/taking_over.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// A home that does not answer is not gone to.
constexpr Duration kOpeningMax = minutes(5);
// The other devices are told through the home that is left. If it does not answer, they hear of it in their chats.
constexpr Duration kTellingMax = seconds(60);
// Chats are told one after the other, so that the homes of their logs do not see all commits of one moment.
constexpr Duration kChatSpread = minutes(10);
// If the device that has moved the account is gone, the others tell the chats.
constexpr Duration kOthersWait = days(1);
// A home that does not answer to the last request is left without it.
constexpr Duration kDropPatience = days(7);
// Homes where the account was that are looked into at most.
constexpr size_t kFormerHomesMax = 4;
constexpr size_t kFormerAliasesMax = 8;

using Stage = HomeMoveRecord::Stage;

ChatId mover() {
  ChatId id;
  constexpr std::string_view kName = "godwit home move";
  static_assert(kName.size() == ChatId::kSize);
  std::copy(kName.begin(), kName.end(), id.value.begin());
  return id;
}

bool is_opening(const Machine& m) { return m.move.record.stage == Stage::kOpening; }

void end_stage(Machine& m) {
  HomeMoveRecord& record = m.move.record;
  if (record.stage == Stage::kOpening) m.end_link(mover(), record.to);
  record.stage = Stage::kNone;
  record.admission_code.clear();
  m.move.attempt = {};
  put_move(m);
}

void fail_move(Machine& m, const Error& error) {
  if (m.move.record.stage == Stage::kNone) return;
  if (m.move.command) m.fail(*m.move.command, error);
  m.move.command.reset();
  end_stage(m);
}

// ---- opening the mailbox ----

std::optional<Duration> on_opened(Machine& m, const wire::Reply& reply) {
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok() || !is_opening(m)) return std::nullopt;
  if (outcome.is(wire::kProofOfWorkRefused) && outcome.detail > 0 && outcome.detail <= kProofBitsMax) {
    m.move.work = crypto::find_work(wire::kWorkLabel, m.self->record.mailbox.view(),
                                    static_cast<uint8_t>(outcome.detail), m.move.work);
    return Duration{};
  }
  if (outcome.error->code.action == Action::kRetryLater) return std::max(outcome.retry_after, kLinkPenalty);
  fail_move(m, {kRefusedByHome, "the home opens a mailbox for its link"});
  return hours(1);
}

Link& mover_link(Machine& m) {
  LinkHooks hooks;
  hooks.prove = [&m](const session::ChannelBinding& binding) {
    return opening_proof(m, binding, m.move.record.admission_code, m.move.work);
  };
  hooks.proved = [&m](const wire::Reply& reply) { return on_opened(m, reply); };
  const wire::HomeAddress& home = m.move.record.to;
  auto& link = m.link_of[LinkKey{mover(), home.key}];
  if (!link) {
    hooks.wrong_home = [&m] { fail_move(m, {kWrongHome, "a home holds the key that its link names"}); };
    link = std::make_unique<Link>(m.links, LinkKey{mover(), home.key}, home, std::move(hooks));
  }
  return *link;
}

void begin_telling(Machine& m) {
  HomeMoveRecord& record = m.move.record;
  m.end_link(mover(), record.to);
  record.stage = Stage::kTelling;
  record.since_ms = m.wall().ms;
  put_move(m);
  put_field(m, SyncKind::kHome, {}, codec::encoded(MovedTo{m.self->record.home_number + 1, record.to}));
}

void on_added(Machine& m, const Result<wire::Reply>& reply) {
  if (!is_opening(m)) return;
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) return m.move.attempt.succeed();  // and the list is read again
  if (outcome.error->code.action == Action::kRetryLater)
    return m.move.attempt.fail(m.now, outcome.retry_after, m.random);
  fail_move(m, {kRefusedByHome, "the home takes all devices of an account"});
}

void on_devices(Machine& m, const Result<wire::Reply>& reply) {
  if (!is_opening(m)) return;
  const auto* there = reply ? std::get_if<wire::Devices>(&*reply) : nullptr;
  if (there == nullptr) return m.move.attempt.fail(m.now, outcome_of(reply).retry_after, m.random);
  for (const OwnDevice& device : m.devices.record.devices) {
    const wire::MailboxKey& key = device.mailbox_key;
    if (std::ranges::find(there->keys, key) != there->keys.end()) continue;
    mover_link(m).submit(wire::DeviceAdd{key, {}, {}}, [&m](const Result<wire::Reply>& added) { on_added(m, added); });
    return;
  }
  m.move.attempt.succeed();
  begin_telling(m);
}

void pump_opening(Machine& m, Instant& wake) {
  const Instant end = m.when(m.move.record.since_ms) + kOpeningMax;
  if (m.now >= end) return fail_move(m, {kHomeSilent, "the new home answers within five minutes"});
  wake = std::min(wake, end);
  if (!m.move.attempt.may_start(m.now, wake)) return;
  m.move.attempt.start();
  m.journal.then([&m] {
    if (!is_opening(m)) return;
    mover_link(m).submit(wire::DeviceList{}, [&m](const Result<wire::Reply>& reply) { on_devices(m, reply); });
  });
}

// ---- going over ----

// Where an account takes messages of a chat from the move on that brings it to `home` under `number`. All own devices know it before
// the chat says so, and it tells nothing to who does not know the chat.
wire::Alias alias_after_move(const Machine& m, const ChatId& chat, const wire::HomeKey& home, uint32_t number) {
  codec::Writer writer;
  writer.raw(as_bytes("godwit moved address 1"));
  writer.raw(chat.view());
  writer.raw(m.self->record.account.view());
  writer.raw(home.view());
  writer.u32(number);
  wire::Alias alias;
  const auto digest = crypto::sha256(writer.view());
  std::copy_n(digest.begin(), alias.value.size(), alias.value.begin());
  return alias;
}

void expect_next_address(Machine& m, Chat& chat) {
  ChatRecord& record = chat.record;
  const AccountRecord& account = m.self->record;
  const wire::Alias next = alias_after_move(m, record.chat, account.home.key, account.home_number);
  // Under the one before something may still come, of which this device has not read in the log.
  if (record.next_alias != wire::Alias{} && record.next_alias != next) keep_former_alias(m, record, record.next_alias);
  if (record.next_alias != next) record.next_created = false;
  record.next_alias = next;
  m.chat_of_alias[record.next_alias] = record.chat;
  chat.next_address = {};
  chat.move_at = {};
  m.put(chat);
  m.touch(chat);
}

// What is asked of the mailbox at the home that is left need not be answered there any more: it is asked at the new one.
void ask_anew(Machine& m) {
  for (Attempt* each : {&m.devices.sending, &m.devices.change, &m.devices.hand_over, &m.devices.backup}) *each = {};
  for (auto& [alias, invite] : m.invites) invite.attempt = {};
  for (auto& [alias, door] : m.doors.doors) door.attempt = {};
  for (auto& [alias, address] : m.names.addresses) address.attempt = {};
  for (auto& [account, block] : m.names.blocks) block.attempt = {};
  for (auto& [id, deletion] : m.deletions) deletion.attempt = {};
  for (auto& [id, chat] : m.chats) chat.address = {};
  ask_web_push_anew(m);
  m.devices.parcel.reset();  // its blob was for the home before
  m.devices.parcel_out = {};
}

void forget_former(Machine& m, const wire::HomeKey& home) {
  const FormerHome* former = find_former_home(m, home);
  if (former == nullptr) return;
  m.end_link(ChatId{}, wire::HomeAddress(former->home));
  m.move.queues.erase(home);
  m.move.attempt = {};
  std::erase_if(m.move.record.formers, [&](const FormerHome& each) { return each.home.key == home; });
}

void add_former(Machine& m, const wire::HomeAddress& home, uint32_t number) {
  auto& formers = m.move.record.formers;
  if (formers.size() >= kFormerHomesMax) forget_former(m, wire::HomeKey(formers.front().home.key));
  formers.push_back({home, number, m.wall().ms, {}});
  m.move.queues[home.key] = {};
}

void expect_next_addresses(Machine& m) {
  for (auto& [id, chat] : m.chats) {
    if (chat.group) expect_next_address(m, chat);
  }
}

// The queue at the home where the account is now, and the one at the home that it leaves.
void exchange_queues(Machine& m, const wire::HomeAddress& home) {
  const AccountRecord& account = m.self->record;
  auto& formers = m.move.record.formers;
  MailboxQueue next;
  if (const auto found = m.move.queues.find(home.key); found != m.move.queues.end()) {  // back to where it was
    next = found->second;
    m.move.queues.erase(found);
    std::erase_if(formers, [&](const FormerHome& each) { return each.home.key == home.key; });
  }
  add_former(m, account.home, account.home_number);
  formers.back().through = m.queue.cursor;
  m.move.queues[account.home.key] = std::exchange(m.queue, next);
  m.journal.put(record_key(RecordKind::kCursor), CursorRecord{m.queue.cursor});
}

// From here on the account lives at `home`; where it was it is still looked for.
void go_over(Machine& m, const wire::HomeAddress& home, uint32_t number, bool mover) {
  AccountRecord& account = m.self->record;
  if (!mover) fail_move(m, {kMoveUnderWay, "another device has moved the account meanwhile"});
  exchange_queues(m, home);
  const wire::HomeAddress before = std::exchange(account.home, home);
  account.home_number = number;
  account.admission_code.clear();
  m.journal.put(record_key(RecordKind::kAccount), account);
  m.move.record.mover = mover;
  end_stage(m);
  m.added_routes.clear();
  m.journal.erase(record_key(RecordKind::kAddedRoutes));
  leave_name(m, before, mover);
  make_doors_anew(m);
  make_request_addresses_anew(m);
  ask_anew(m);
  m.told_connection.reset();
  m.told_wrong_home = false;
  m.devices.record.backup_wanted = true;
  put_devices(m);
  expect_next_addresses(m);
  settle_name(m);  // another device may have told of one at the new home before
  m.tell_then(AccountChanged{});
  m.journal.then([&m] {
    if (m.has_account()) m.mailbox();
  });
}

void pump_telling(Machine& m, Instant& wake) {
  const HomeMoveRecord& record = m.move.record;
  const Instant end = m.when(record.since_ms) + kTellingMax;
  if (!m.devices.out.empty() && m.now < end) {
    wake = std::min(wake, end);
    return;
  }
  go_over(m, wire::HomeAddress(record.to), m.self->record.home_number + 1, true);
  if (m.move.command) m.done_then(*m.move.command, Nothing{});
  m.move.command.reset();
}

// ---- afterwards ----

void end_former(Machine& m, const wire::HomeKey& home) {
  forget_former(m, home);
  put_move(m);
  m.tell_then(AccountChanged{});
}

// Out of the mailbox there, which ends with its last device.
void leave_mailbox(Machine& m, const wire::HomeAddress& home) {
  m.move.attempt.start();
  const wire::DeviceRemove request{wire::MailboxKey{m.self->mailbox.public_key}, {}, {}};
  m.mailbox_at(home).submit(request, [&m, key = home.key](const Result<wire::Reply>& reply) {
    if (find_former_home(m, key) == nullptr) return;
    const Outcome outcome = outcome_of(reply);
    if (!outcome.ok() && outcome.error->code.action == Action::kRetryLater)
      return m.move.attempt.fail(m.now, outcome.retry_after, m.random);
    end_former(m, key);
  });
}

void pump_former(Machine& m, const FormerHome& former, Instant& wake) {
  m.mailbox_at(former.home);
  MailboxQueue& queue = m.move.queues.at(former.home.key);
  if (queue.fetch_at <= m.now) {
    queue.fetch_at = kNever;
    fetch_from(m, former.home.key);
  }
  wake = std::min(wake, queue.fetch_at);
  const Instant over = m.when(former.left_ms) + kFormerHomeKept;
  if (m.now < over) {
    wake = std::min(wake, over);
    return;
  }
  if (m.now >= over + kDropPatience) return end_former(m, former.home.key);
  wake = std::min(wake, over + kDropPatience);
  // What another device has said meanwhile comes first: it may have gone back there.
  const bool knows = m.queue.fetched && queue.fetched && std::ranges::all_of(m.chats, [](const auto& entry) {
    return !entry.second.group || entry.second.log_seen_at != Instant{};
  });
  if (knows && chats_to_tell(m) == 0 && m.move.attempt.may_start(m.now, wake)) leave_mailbox(m, former.home);
}

bool is_next_ready(const ChatRecord& record) {
  return record.next_alias != wire::Alias{} && record.next_created && record.next_base == record.keys.base;
}

bool is_to_tell(const Machine& m, const Chat& chat) {
  return m.has_account() && chat.group && !chat.record.leaving &&
         chat.record.home_number < m.self->record.home_number && !is_cut_off(m, chat);
}

// When this device tells a chat.
Instant turn_of(Machine& m) {
  const auto drawn = [&](Duration spread) {
    return milliseconds(static_cast<int64_t>(m.random.below(static_cast<uint64_t>(spread.ms))));
  };
  const HomeMoveRecord& record = m.move.record;
  if (record.mover || record.formers.empty()) return m.now + drawn(kChatSpread);
  return m.when(record.formers.back().left_ms) + kOthersWait + drawn(kOthersWait);
}

void on_next_address(Machine& m, const ChatId& id, const wire::Alias& alias, uint64_t base,
                     const Result<wire::Reply>& reply) {
  Chat* chat = m.find_chat(id);
  if (chat == nullptr) return;
  m.touch(*chat);
  const Outcome outcome = outcome_of(reply);
  ChatRecord& record = chat->record;
  if (record.next_alias == alias && (outcome.is(wire::kIdTaken) || outcome.is(wire::kAddressRefused))) {
    // It is there already: by another device, under the token of then. Or by somebody else, who has guessed it.
    if (record.next_created) {
      keep_former_alias(m, record, alias);
      record.next_alias = m.random_id<wire::Alias>();
      m.chat_of_alias[record.next_alias] = record.chat;
    }
    record.next_created = !record.next_created;
    m.put(*chat);
    return chat->next_address.fail(m.now, outcome.retry_after, m.random);
  }
  if (!outcome.ok()) return chat->next_address.fail(m.now, outcome.retry_after, m.random);
  chat->next_address.succeed();
  if (record.next_alias != alias) return;
  chat->record.next_created = true;
  chat->record.next_base = base;
  m.put(*chat);
}

void ask_for_address(Machine& m, Chat& chat) {
  ChatRecord& record = chat.record;
  if (record.next_alias == wire::Alias{}) expect_next_address(m, chat);
  if (!chat.next_address.may_start(m.now, chat.wake)) return;
  chat.next_address.start();
  m.journal.then([&m, id = record.chat] {
    const Chat* ready = m.find_chat(id);
    if (ready == nullptr) return;
    const ChatRecord& now = ready->record;
    const wire::TokenHash hash = hash_of(address_token(now.keys, now.next_alias));
    wire::Request request = wire::AddressCreate{now.next_alias, hash, 0};
    if (now.next_created) request = wire::AddressToken{now.next_alias, hash, 0};
    m.mailbox().submit(request, [&m, id, alias = now.next_alias, base = now.keys.base](const auto& reply) {
      on_next_address(m, id, alias, base, reply);
    });
  });
}

// Whether a device of this account's list says so: in a chat that has not heard of its removal one may still say what it likes.
bool is_said_by_own_device(const Machine& m, const Chat& chat, const Member& own) {
  const DeviceList list = own_list(m);
  return std::ranges::any_of(own.record.leaves, [&](const LeafRecord& each) {
    const auto leaf = chat.group->member({each.leaf});
    const auto said = leaf ? validate_member(*leaf) : Result<MemberInfo>(Error{kBadContent, "a leaf is there"});
    return said && said->home_number == own.record.home_number && list.has(leaf->signature_key);
  });
}

void count_move(Machine& m, uint32_t number) {
  AccountRecord& account = m.self->record;
  account.home_number = number;
  m.journal.put(record_key(RecordKind::kAccount), account);
  expect_next_addresses(m);
}

// Two devices have moved the account at once. The home with the larger key stands, under the next number: whoever sees it first says
// so, and every chat hears of one home in the end.
void settle_moves(Machine& m, const wire::HomeAddress& other, uint32_t number) {
  fail_move(m, {kMoveUnderWay, "another device has moved the account meanwhile"});
  const bool stays = other.key < m.self->record.home.key;
  stays ? count_move(m, number + 1) : go_over(m, other, number + 1, true);
  put_field(m, SyncKind::kHome, {}, codec::encoded(MovedTo{number + 1, m.self->record.home}));
  if (!stays) return;
  // There they listen who have gone there, and whom they have told.
  if (find_former_home(m, other.key) == nullptr) add_former(m, other, number);
  put_move(m);
  send_field_by(m, SyncKind::kHome, {}, other);
}

void adopt_home(Machine& m, const wire::HomeAddress& home, uint32_t number) {
  const AccountRecord& account = m.self->record;
  if (number < account.home_number || number > account.home_number + kMovesAtOnceMax) return;
  const bool same = home.key == account.home.key;
  if (number > account.home_number) return same ? count_move(m, number) : go_over(m, home, number, false);
  if (!same) settle_moves(m, home, number);
}

}  // namespace

void move_account(Machine& m, CommandId id, const MoveAccount& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  auto link = home_of_link(command.home_link);
  if (!link) return m.fail(id, link.error());
  if (link->home.key == m.self->record.home.key) return m.fail(id, {kSameHome, "another home than the account's"});
  HomeMoveRecord& record = m.move.record;
  // Asked again, or for another home, while nothing has moved yet: the latest command counts.
  if (is_opening(m)) fail_move(m, {kMoveUnderWay, "another command moves the account"});
  if (record.stage == Stage::kTelling && record.to.key == link->home.key && !m.move.command) {
    m.move.command = id;
    return;
  }
  // A chat whose log is at a home that is gone can be told of nothing: it holds up no further move for ever.
  const auto& formers = record.formers;
  const bool lately = !formers.empty() && m.now < m.when(formers.back().left_ms) + kOthersWait;
  if (!home_move_idle(m) || (lately && chats_to_tell(m) > 0))
    return m.fail(id, {kMoveUnderWay, "one move after the other"});
  if (m.devices.offering || !m.devices.record.hand_overs.empty())
    return m.fail(id, {kMoveUnderWay, "a device is being linked"});
  m.move.command = id;
  m.move.attempt = {};
  m.move.work = 0;
  record.stage = Stage::kOpening;
  record.to = std::move(link->home);
  record.admission_code = std::move(link->admission_code);
  record.since_ms = m.wall().ms;
  put_move(m);
}

void take_home(Machine& m, ByteView value) {
  const auto moved = codec::decoded<MovedTo>(value);
  if (!moved || !m.has_account() || !wire::check_home_address(moved->home)) return;
  adopt_home(m, moved->home, moved->number);
}

const wire::HomeAddress* home_by_number(const Machine& m, uint32_t number) {
  if (number == m.self->record.home_number) return &m.self->record.home;
  for (const FormerHome& former : m.move.record.formers) {
    if (former.number == number) return &former.home;
  }
  return nullptr;
}

std::optional<OwnAddress> address_by_number(const Machine& m, const wire::Alias& alias, uint32_t number) {
  const wire::HomeAddress* home = home_by_number(m, number);
  return home == nullptr ? std::optional<OwnAddress>() : OwnAddress{alias, *home, number};
}

void keep_former_alias(Machine& m, ChatRecord& record, const wire::Alias& alias) {
  record.former_aliases.push_back(alias);
  if (record.former_aliases.size() <= kFormerAliasesMax) return;
  m.chat_of_alias.erase(record.former_aliases.front());
  record.former_aliases.erase(record.former_aliases.begin());
}

void forget_aliases(Machine& m, const ChatRecord& record) {
  m.chat_of_alias.erase(record.own_alias);
  m.chat_of_alias.erase(record.next_alias);
  for (const wire::Alias& each : record.former_aliases) m.chat_of_alias.erase(each);
}

std::optional<ChatId> chat_after_return(const Machine& m, const wire::HomeKey& home, const wire::Alias& alias) {
  const AccountRecord& account = m.self->record;
  if (account.home.key == home) return std::nullopt;
  for (const auto& [id, chat] : m.chats) {
    if (!chat.group) continue;
    for (uint32_t step = 1; step <= kMovesAtOnceMax; ++step) {
      if (alias_after_move(m, id, home, account.home_number + step) == alias) return id;
    }
  }
  return std::nullopt;
}

FormerHome* find_former_home(Machine& m, const wire::HomeKey& home) {
  auto& formers = m.move.record.formers;
  const auto found = std::ranges::find_if(formers, [&](const FormerHome& each) { return each.home.key == home; });
  return found == formers.end() ? nullptr : &*found;
}

uint32_t chats_to_tell(const Machine& m) {
  return static_cast<uint32_t>(
      std::ranges::count_if(m.chats, [&](const auto& entry) { return is_to_tell(m, entry.second); }));
}

OwnAddress own_address(const Machine& m, const Chat& chat) {
  const AccountRecord& account = m.self->record;
  const ChatRecord& record = chat.record;
  const Member* own = find_member(chat, account.account);
  if (own == nullptr) return {record.own_alias, account.home, account.home_number};
  const MemberRecord& said = own->record;
  // Others take no more of a step at once.
  const uint32_t next = std::min(account.home_number, said.home_number + kMovesAtOnceMax);
  if (said.home_number < account.home_number && is_next_ready(record)) return {record.next_alias, account.home, next};
  return {said.alias, said.home.key == account.home.key ? account.home : said.home, said.home_number};
}

void note_own_address(Machine& m, Chat& chat) {
  const Member* own = m.has_account() ? find_member(chat, m.self->record.account) : nullptr;
  if (own == nullptr) return;
  const MemberRecord& said = own->record;
  const AccountRecord& account = m.self->record;
  const bool other = said.home_number > account.home_number ||
                     (said.home_number == account.home_number && said.home.key != account.home.key);
  if (other && is_said_by_own_device(m, chat, *own)) adopt_home(m, said.home, said.home_number);
  ChatRecord& record = chat.record;
  // A chat that begins with keys from before the move.
  if (said.home_number < account.home_number && record.next_alias == wire::Alias{}) expect_next_address(m, chat);
  if (said.home_number == record.home_number) return;
  record.home_number = said.home_number;
  if (said.alias != record.own_alias) {
    keep_former_alias(m, record, std::exchange(record.own_alias, said.alias));
    chat.address = {};
    m.chat_of_alias[record.own_alias] = record.chat;
    record.address_ready = true;
  }
  if (record.home_number < m.self->record.home_number || record.next_alias == wire::Alias{}) return;
  m.tell_then(AccountChanged{});  // one chat fewer is still to hear of it
  if (record.next_alias != record.own_alias) m.chat_of_alias.erase(record.next_alias);
  record.next_alias = {};
  record.next_created = false;
}

void revoke_at_former(Machine& m, const wire::Alias& alias) {
  for (const FormerHome& former : m.move.record.formers)
    m.mailbox_at(former.home).submit(wire::AddressRevoke{alias}, [](const Result<wire::Reply>&) {});
}

std::optional<Duration> on_proved_at_former(Machine& m, const wire::HomeKey& home, const wire::Reply& reply) {
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) {
    if (const FormerHome* former = find_former_home(m, home)) sweep_mailbox(m, former->home);
    return std::nullopt;
  }
  if (outcome.is(wire::kNoSuchMailbox)) end_former(m, home);
  return std::max(outcome.retry_after, Duration(hours(1)));
}

void pump_home_move(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  if (m.move.record.stage == Stage::kOpening) pump_opening(m, wake);
  if (m.move.record.stage == Stage::kTelling) pump_telling(m, wake);
  const auto formers = m.move.record.formers;  // one may end
  for (const FormerHome& former : formers) pump_former(m, former, wake);
}

void pump_address_move(Machine& m, Chat& chat) {
  if (!is_to_tell(m, chat)) return;
  if (chat.move_at == Instant{}) chat.move_at = turn_of(m);
  if (!chat.outbox.empty()) chat.move_at = std::min(chat.move_at, m.now);
  if (chat.move_at > m.now) {
    chat.wake = std::min(chat.wake, chat.move_at);
    return;
  }
  if (!is_next_ready(chat.record)) return ask_for_address(m, chat);
  if (chat.record.refresh_wanted) return;
  chat.record.refresh_wanted = true;
  m.put(chat);
}

bool home_move_idle(const Machine& m) { return m.move.record.stage == Stage::kNone; }

void put_move(Machine& m) { m.journal.put(record_key(RecordKind::kHomeMove), m.move.record); }

Status restore_home_move(Machine& m, HomeMoveRecord record) {
  if (record.stage != Stage::kNone) TRY(wire::check_home_address(record.to));
  for (const FormerHome& former : record.formers) {
    TRY(wire::check_home_address(former.home));
    MailboxQueue& queue = m.move.queues[former.home.key];
    queue.cursor = queue.stored = former.through;
  }
  m.move.record = std::move(record);
  return {};
}

}  // namespace godwit::engine
