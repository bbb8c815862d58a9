#include "engine/requests.h"

#include <algorithm>

#include "crypto/sealed_item.h"
#include "crypto/x25519.h"
#include "engine/blocks.h"
#include "engine/contacts.h"
#include "engine/home_move.h"
#include "engine/invites.h"
#include "engine/members.h"
#include "engine/sync.h"
#include "routes/candidates.h"
#include "routes/public_address.h"
#include "routes/route.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr uint32_t kInviteDaysMax = 365;

void put(Machine& m, const RequestAddressRecord& record) {
  m.journal.put(record_key(RecordKind::kRequestAddress, record.alias.view()), record);
}

void forget_address(Machine& m, const wire::Alias& alias) {
  m.journal.erase(record_key(RecordKind::kRequestAddress, alias.view()));
  m.names.addresses.erase(alias);
}

// True if a person is to be asked about it.
bool waits(const KeptRequest& request) { return request.record.by_name && !request.taking; }

uint32_t waiting(const Machine& m) {
  return static_cast<uint32_t>(
      std::ranges::count_if(m.names.requests, [](const auto& entry) { return waits(entry.second); }));
}

void forget_request(Machine& m, const ContactRequestId& id) {
  m.journal.erase(record_key(RecordKind::kContactRequest, id.view()));
  const auto node = m.names.requests.extract(id);
  if (node.mapped().record.by_name) m.tell_then(ContactRequestsChanged{waiting(m)});
}

// ---- addresses ------------------------------------------------------------------------------------------------------

void on_made(Machine& m, const wire::Alias& alias, const Result<wire::Reply>& reply) {
  const auto found = m.names.addresses.find(alias);
  if (found == m.names.addresses.end()) return;
  RequestAddress& address = found->second;
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) {
    address.attempt.succeed();
    address.record.made = true;
    put(m, address.record);
    if (address.command) m.done_then(*address.command, InviteMade{to_text(request_link(m, address.record))});
    address.command.reset();
    return;
  }
  address.attempt.fail(m.now, outcome.retry_after, m.random);
  const bool later = outcome.error->code.action == Action::kRetryLater && !outcome.is(wire::kQuotaFull);
  if (later) return;
  if (address.command) m.fail(*address.command, {kRefusedByHome, outcome.error->rule});
  address.command.reset();
  address.record.revoked = true;
}

void pump_address(Machine& m, RequestAddress& address, Instant& wake) {
  RequestAddressRecord& record = address.record;
  const wire::Alias alias = record.alias;
  const bool over = !record.of_name && record.expires_ms != 0 && m.when(record.expires_ms) <= m.now;
  if (over && !record.revoked) {
    record.revoked = true;
    put(m, record);
  }
  if (!record.of_name && !record.revoked && record.made) wake = std::min(wake, m.when(record.expires_ms));
  if (record.made && !record.revoked) return;
  if (!address.stored || !address.attempt.may_start(m.now, wake)) return;
  address.attempt.start();
  if (!record.revoked) {
    const auto expires_day = record.expires_ms == 0 ? 0 : Instant{record.expires_ms}.day() + 1;
    const wire::AddressCreate request{alias, hash_of(record.token.value), expires_day, true};
    m.mailbox().submit(request, [&m, alias](const Result<wire::Reply>& reply) { on_made(m, alias, reply); });
    return;
  }
  revoke_at_former(m, alias);
  m.mailbox().submit(wire::AddressRevoke{alias}, [&m, alias](const Result<wire::Reply>& reply) {
    const auto found = m.names.addresses.find(alias);
    if (found == m.names.addresses.end()) return;
    const Outcome outcome = outcome_of(reply);
    if (!outcome.ok()) return found->second.attempt.fail(m.now, outcome.retry_after, m.random);
    forget_address(m, alias);
  });
}

// ---- sending --------------------------------------------------------------------------------------------------------

void finish(Machine& m, uint64_t number, std::optional<Error> error) {
  const auto node = m.names.sending.extract(number);
  const RequestSending& sending = node.mapped();
  m.end_link(sending.link, sending.to.home);
  if (!error) return m.done(sending.command, RequestSent{});
  m.fail(sending.command, *error);
  if (const auto invite = m.invites.find(sending.invite); invite != m.invites.end()) invite->second.revoked = true;
}

void on_delivered(Machine& m, uint64_t number, const Result<wire::Reply>& reply) {
  const auto found = m.names.sending.find(number);
  if (found == m.names.sending.end()) return;
  RequestSending& sending = found->second;
  const Outcome outcome = outcome_of(reply);
  if (outcome.ok()) return finish(m, number, {});
  Bytes subject = to_bytes(sending.to.alias.view());
  append(subject, sending.delivery.view());
  if (outcome.is(wire::kProofOfWorkRefused) && sending.work.find(outcome.detail, subject)) {
    return sending.attempt.cancel();
  }
  if (outcome.error->code.action == Action::kRetryLater) {
    return sending.attempt.fail(m.now, outcome.retry_after, m.random);
  }
  ErrorCode code = kRefusedByHome;
  if (outcome.is(wire::kAddressRefused)) code = kInviteRefused;
  if (outcome.is(wire::kProofOfWorkRefused)) code = kTooMuchWork;
  finish(m, number, Error{code, "the home takes a contact request"});
}

void pump_sending(Machine& m, uint64_t number, Instant& wake) {
  RequestSending& sending = m.names.sending.at(number);
  if (sending.payload.empty()) {
    const auto invite = m.invites.find(sending.invite);
    if (invite == m.invites.end() || invite->second.revoked) {
      return finish(m, number, Error{kRefusedByHome, "the own home makes an invite"});
    }
    if (!invite->second.record.published) return;
    ContactRequest request;
    request.name = m.self->record.name;
    request.greeting = sending.greeting;
    request.invite = invite_text(m, invite->second.record);
    request.devices = m.self->record.devices;
    auto sealed = seal_request(std::move(request), m.self->device, sending.to, m.random);
    if (!sealed) return finish(m, number, sealed.error());
    sending.payload = std::move(*sealed);
  }
  if (!sending.attempt.may_start(m.now, wake)) return;
  sending.attempt.start();
  const wire::Recipient recipient{sending.to.alias, to_token(sending.to.token.value), sending.delivery};
  m.link(sending.link, sending.to.home)
      .submit(wire::ContactDeliver{recipient, {sending.work.nonce()}, sending.payload},
              [&m, number](const Result<wire::Reply>& reply) { on_delivered(m, number, reply); });
}

// ---- receiving ------------------------------------------------------------------------------------------------------

bool has_chat_at(const Machine& m, const wire::Alias& peer_alias) {
  return std::ranges::any_of(m.chats, [&](const auto& entry) {
    const MemberRecord* peer = peer_of(entry.second);
    return peer != nullptr && peer->alias == peer_alias;
  });
}

bool has_chat_with(const Machine& m, const AccountId& account) {
  return std::ranges::any_of(m.chats, [&](const auto& entry) {
    return entry.second.record.kind == ChatKind::kDirect && entry.second.record.peer == account;
  });
}

// True if a home is said to be in this machine or its networks.
bool names_inner_address(const wire::HomeAddress& home) {
  return std::ranges::any_of(home.routes, [](const std::string& uri) {
    const auto route = routes::parse_route(uri);
    const auto address = route ? routes::parse_address(route->host) : std::nullopt;
    return address && !routes::is_public_address(*address);
  });
}

// Whether a request that holds is kept. What comes in by itself is dialled without a word of the person, so not into his own
// networks, unless his home is there as well.
bool is_wanted(const Machine& m, const RequestAddressRecord& address, const AccountId& account,
               const InviteLink& invite) {
  if (is_blocked(m, account) || account == m.self->record.account) return false;
  const bool again = std::ranges::any_of(m.names.requests, [&](const auto& entry) {
    return entry.second.record.alias == address.alias && entry.second.record.account == account;
  });
  if (again) return false;
  if (address.of_name) return true;
  const bool inner = names_inner_address(invite.home) && !names_inner_address(m.self->record.home);
  return !inner && !has_chat_with(m, account);
}

// The oldest of an address goes, so that nobody's are kept out for good.
void make_room(Machine& m, const wire::Alias& alias) {
  size_t count = 0;
  const KeptRequest* oldest = nullptr;
  ContactRequestId which;
  for (const auto& [id, request] : m.names.requests) {
    if (request.record.alias != alias) continue;
    ++count;
    if (request.taking || (oldest != nullptr && oldest->record.received_ms <= request.record.received_ms)) continue;
    oldest = &request;
    which = id;
  }
  if (count >= kContactRequestsMax && oldest != nullptr) forget_request(m, which);
}

// ---- by themselves --------------------------------------------------------------------------------------------------

// To the own devices: it waits no longer.
SyncItem done_item(const ContactRequestRecord& record) {
  return {SyncItem::Kind::kRequestDone, codec::encoded(SyncRequestDone{record.alias, record.invite_alias})};
}

// The chat stands: that is a use of the invite for many, once.
void came_in(Machine& m, const ContactRequestId& id) {
  const KeptRequest& request = m.names.requests.at(id);
  if (request.record.by_name && request.taking) send_items(m, {done_item(request.record)});
  const auto address = m.names.addresses.find(request.record.alias);
  forget_request(m, id);
  if (address == m.names.addresses.end() || address->second.record.of_name || address->second.record.revoked) return;
  RequestAddressRecord& record = address->second.record;
  ++record.chats;
  const bool last = record.uses_left == 1 || (record.uses_left == 0 && record.chats >= kOpenInviteChatsMax);
  if (record.uses_left > 1) --record.uses_left;
  record.revoked = last;
  put(m, record);
  if (last) m.tell_then(OpenInviteUsedUp{record.alias, record.chats});
}

void give_up(Machine& m, const ContactRequestId& id) {
  stop_taking(m, m.names.requests.at(id).record.invite_alias, true);
  forget_request(m, id);
}

// What became of one.
void pump_request(Machine& m, const ContactRequestId& id, Instant& wake) {
  KeptRequest& request = m.names.requests.at(id);
  const ContactRequestRecord& record = request.record;
  const bool look = request.taking || std::exchange(request.looked_among, m.chats.size()) != m.chats.size();
  if (look && has_chat_at(m, record.invite_alias)) return came_in(m, id);
  // What is being taken stands in being_taken once it is stored.
  const bool under_way =
      m.being_taken.contains(record.invite_alias) || (!m.journal.idle() && m.takings.contains(record.invite_alias));
  if (record.by_name) {
    if (request.taking && !under_way) forget_request(m, id);
    return;
  }
  const auto address = m.names.addresses.find(record.alias);
  const bool open = address != m.names.addresses.end() && !address->second.record.revoked;
  const Instant patience = m.when(record.received_ms) + kTakingPatience;
  const bool late = patience <= m.now;
  if (!open || late || is_blocked(m, record.account) || (request.taking && !under_way)) return give_up(m, id);
  wake = std::min(wake, patience);
}

void begin_taking(Machine& m, KeptRequest& request) {
  request.taking = true;
  request.began = m.now;
  add_contact(m, kNobodysCommand, AddContact{request.record.invite});
}

// Lets in who has waited longest since his last turn.
void take_turns(Machine& m, Instant& wake) {
  std::vector<KeptRequest*> waiting;
  std::vector<KeptRequest*> at_work;
  for (auto& [id, request] : m.names.requests) {
    if (!request.record.by_name) (request.taking ? at_work : waiting).push_back(&request);
  }
  std::ranges::sort(waiting, {}, [](const KeptRequest* one) { return std::pair(one->began, one->record.received_ms); });
  std::ranges::sort(at_work, {}, &KeptRequest::began);
  size_t places = kTakingsMax - std::min(kTakingsMax, at_work.size());
  for (KeptRequest* request : waiting) {
    if (places == 0 && !at_work.empty() && at_work.front()->began + kTakingTurn <= m.now) {
      stop_taking(m, at_work.front()->record.invite_alias, false);
      at_work.front()->taking = false;
      at_work.erase(at_work.begin());
      ++places;
    }
    if (places == 0) {
      if (!at_work.empty()) wake = std::min(wake, at_work.front()->began + kTakingTurn);
      return;
    }
    --places;
    begin_taking(m, *request);
  }
}

}  // namespace

wire::Alias begin_request_address(Machine& m, bool of_name, uint32_t uses, int64_t expires_ms,
                                  std::optional<CommandId> command) {
  RequestAddress address;
  address.command = command;
  address.record.alias = m.random_id<wire::Alias>();
  address.record.token.value = crypto::Secret<32>::random(m.random);
  address.record.key.value = crypto::Secret<32>::random(m.random);
  address.record.private_key.value = crypto::Secret<32>::random(m.random);
  address.record.of_name = of_name;
  address.record.uses_left = uses;
  address.record.expires_ms = expires_ms;
  const wire::Alias alias = address.record.alias;
  put(m, address.record);
  m.names.addresses.insert_or_assign(alias, std::move(address));
  m.journal.then([&m, alias] {
    if (const auto found = m.names.addresses.find(alias); found != m.names.addresses.end()) found->second.stored = true;
  });
  return alias;
}

void revoke_request_address(Machine& m, const wire::Alias& alias) {
  const auto found = m.names.addresses.find(alias);
  if (found == m.names.addresses.end()) return;
  found->second.record.revoked = true;
  put(m, found->second.record);
}

bool adopt_request_address(Machine& m, SharedName&& shared) {
  // A device that was thrown out may have named one that is for something else.
  const wire::Alias& alias = shared.alias;
  if (m.names.addresses.contains(alias) || m.chat_of_alias.contains(alias) || m.invites.contains(alias) ||
      m.doors.doors.contains(alias))
    return false;
  RequestAddress address;
  address.stored = true;
  RequestAddressRecord& record = address.record;
  record.alias = shared.alias;
  record.token = std::move(shared.token);
  record.key = std::move(shared.key);
  record.private_key = std::move(shared.private_key);
  record.of_name = true;
  record.made = true;
  put(m, record);
  m.names.addresses.emplace(shared.alias, std::move(address));
  return true;
}

void take_request_done(Machine& m, const SyncRequestDone& done) {
  const auto found = std::ranges::find_if(m.names.requests, [&](const auto& entry) {
    const ContactRequestRecord& record = entry.second.record;
    return waits(entry.second) && record.alias == done.address && record.invite_alias == done.invite;
  });
  if (found != m.names.requests.end()) forget_request(m, ContactRequestId(found->first));
}

RequestLink request_link(const Machine& m, const RequestAddressRecord& record) {
  const AccountRecord& own = m.self->record;
  const auto pair = crypto::X25519KeyPair::from_private(record.private_key.value.clone());
  return {1, own.account, own.name, own.home, record.alias, record.token.clone(), record.key.clone(), pair.public_key};
}

void make_open_invite(Machine& m, CommandId id, const MakeOpenInvite& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  if (command.days == 0 || command.days > kInviteDaysMax) {
    return m.fail(id, {kBadInviteDays, "an invite is good for 1 to 365 days"});
  }
  const auto open =
      std::ranges::count_if(m.names.addresses, [](const auto& entry) { return !entry.second.record.of_name; });
  if (static_cast<size_t>(open) >= kOpenInvitesMax) return m.fail(id, {kRefusedByHome, "at most 8 invites for many"});
  const Instant expires = m.wall() + days(command.days);
  begin_request_address(m, false, command.uses, expires.ms, id);
}

void list_open_invites(Machine& m, CommandId id) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  OpenInvites out;
  for (const auto& [alias, address] : m.names.addresses) {
    const RequestAddressRecord& record = address.record;
    if (record.of_name || record.revoked || !record.made) continue;
    out.invites.push_back({alias, record.uses_left, Instant{record.expires_ms}, to_text(request_link(m, record))});
  }
  m.done(id, std::move(out));
}

void revoke_open_invite(Machine& m, CommandId id, const RevokeOpenInvite& command) {
  const auto found = m.names.addresses.find(command.invite);
  if (found == m.names.addresses.end() || found->second.record.of_name || found->second.record.revoked) {
    return m.fail(id, {kNoSuchInvite, "an invite for many of this profile"});
  }
  revoke_request_address(m, command.invite);
  m.done_then(id, Nothing{});
}

void send_contact_request(Machine& m, CommandId id, const SendContactRequest& command) {
  if (!m.has_account()) return m.fail(id, {kNoAccount, "a profile has an account"});
  auto link = parse_request_link(command.link);
  if (!link) return m.fail(id, link.error());
  if (link->account == m.self->record.account) return m.fail(id, {kLinkOwn, "a request is for somebody else"});
  RequestSending sending;
  sending.command = id;
  sending.greeting = command.greeting;
  sending.delivery = m.random_id<wire::DeliveryId>();
  sending.link = m.random_id<ChatId>();
  sending.invite = begin_invite(m, std::nullopt, link->account);
  sending.to = std::move(*link);
  m.names.sending.emplace(++m.names.last, std::move(sending));
}

void list_contact_requests(Machine& m, CommandId id) {
  ContactRequests out;
  for (const auto& [number, request] : m.names.requests) {
    if (waits(request)) out.requests.push_back({number, Instant{request.record.received_ms}});
  }
  std::ranges::sort(out.requests, {}, &ContactRequestInfo::received);
  m.done(id, std::move(out));
}

namespace {

// One that waits for a person; null: there is none, or not any more.
KeptRequest* find_waiting(Machine& m, const ContactRequestId& id) {
  const auto found = m.names.requests.find(id);
  if (found == m.names.requests.end() || !waits(found->second)) return nullptr;
  if (!is_blocked(m, found->second.record.account)) return &found->second;
  forget_request(m, id);
  return nullptr;
}

}  // namespace

void open_contact_request(Machine& m, CommandId id, const OpenContactRequest& command) {
  const KeptRequest* request = find_waiting(m, command.request);
  if (request == nullptr) return m.fail(id, {kNoSuchRequest, "a contact request of this profile"});
  const ContactRequestRecord& record = request->record;
  m.done(id, ContactRequestOpened{command.request, record.account, record.name, record.greeting});
}

void accept_contact_request(Machine& m, CommandId id, const AcceptContactRequest& command) {
  KeptRequest* request = find_waiting(m, command.request);
  if (request == nullptr) return m.fail(id, {kNoSuchRequest, "a contact request of this profile"});
  request->taking = true;
  add_contact(m, id, AddContact{request->record.invite});
}

void decline_contact_request(Machine& m, CommandId id, const DeclineContactRequest& command) {
  const KeptRequest* request = find_waiting(m, command.request);
  if (request == nullptr) return m.fail(id, {kNoSuchRequest, "a contact request of this profile"});
  send_items(m, {done_item(request->record)});
  forget_request(m, command.request);
  m.done_then(id, Nothing{});
}

void decline_contact_requests(Machine& m, CommandId id) {
  std::vector<ContactRequestId> all;
  for (const auto& [number, request] : m.names.requests) {
    if (waits(request)) all.push_back(number);
  }
  std::vector<SyncItem> items;
  for (const ContactRequestId& number : all) {
    items.push_back(done_item(m.names.requests.at(number).record));
    forget_request(m, number);
  }
  if (!items.empty()) send_items(m, std::move(items));
  m.done_then(id, Nothing{});
}

void take_request_item(Machine& m, const wire::HomeKey& home, const wire::Item& item) {
  const auto found = m.names.addresses.find(item.alias);
  if (found == m.names.addresses.end() || found->second.record.revoked || !m.has_account()) return;
  const RequestAddressRecord& address = found->second.record;
  const auto payload = crypto::open_item(address.token.value.reveal(), item.alias.view(), item.sealed);
  if (!payload) return;
  RequestLink link = request_link(m, address);
  link.home.key = home;  // it may have been given out before the account moved
  auto opened = open_request(*payload, link, address.private_key.value);
  const auto invite = opened ? parse_invite_link(opened->request.invite) : Result<InviteLink>(opened.error());
  if (!invite || !is_wanted(m, address, opened->account, *invite)) return;
  make_room(m, item.alias);
  KeptRequest request;
  ContactRequest& said = opened->request;
  request.record = {kRecordVersion,  item.alias,           address.of_name,          m.wall().ms,
                    opened->account, std::move(said.name), std::move(said.greeting), std::move(said.invite),
                    invite->alias};
  const auto id = m.random_id<ContactRequestId>();
  m.journal.put(record_key(RecordKind::kContactRequest, id.view()), request.record);
  m.names.requests.emplace(id, std::move(request));
  if (address.of_name) m.tell_then(ContactRequestsChanged{waiting(m)});
}

void make_request_addresses_anew(Machine& m) {
  for (auto& [alias, address] : m.names.addresses) {
    if (address.record.of_name || address.record.revoked || !address.record.made) continue;
    address.record.made = false;
    put(m, address.record);
  }
}

void pump_requests(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  for (auto& [alias, address] : m.names.addresses) pump_address(m, address, wake);
  std::vector<uint64_t> numbers;
  for (const auto& [number, sending] : m.names.sending) numbers.push_back(number);
  for (const uint64_t number : numbers) pump_sending(m, number, wake);
  std::vector<ContactRequestId> ids;
  for (const auto& [id, request] : m.names.requests) ids.push_back(id);
  for (const ContactRequestId& id : ids) pump_request(m, id, wake);
  take_turns(m, wake);
}

void restore_request_address(Machine& m, RequestAddressRecord record) {
  RequestAddress address;
  address.stored = true;
  address.record = std::move(record);
  if (!address.record.made) address.record.revoked = true;  // nobody has seen its link
  const wire::Alias alias = address.record.alias;
  m.names.addresses.insert_or_assign(alias, std::move(address));
}

}  // namespace godwit::engine
