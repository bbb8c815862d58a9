#include "engine/requests.h"

#include <algorithm>

#include "crypto/sealed_item.h"
#include "crypto/x25519.h"
#include "engine/blocks.h"
#include "engine/contacts.h"
#include "engine/invites.h"
#include "engine/members.h"
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

uint32_t waiting(const Machine& m) {
  uint32_t count = 0;
  for (const auto& [id, request] : m.names.requests) {
    const auto address = m.names.addresses.find(request.record.alias);
    if (address != m.names.addresses.end() && address->second.record.of_name && !request.taking) ++count;
  }
  return count;
}

void forget_request(Machine& m, const ContactRequestId& id) {
  m.journal.erase(record_key(RecordKind::kContactRequest, id.view()));
  m.names.requests.erase(id);
  m.tell_then(ContactRequestsChanged{waiting(m)});
}

Result<OpenedRequest> open(const Machine& m, const KeptRequest& request) {
  const auto address = m.names.addresses.find(request.record.alias);
  REQUIRE(address != m.names.addresses.end(), kRequestDamaged, "a request is for an address of this profile");
  const RequestAddressRecord& record = address->second.record;
  return open_request(request.record.payload, record.alias, record.key.value, record.private_key.value);
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
  if (const auto work = work_for(outcome, subject)) {
    sending.work = *work;
    return sending.attempt.cancel();
  }
  if (outcome.error->code.action == Action::kRetryLater) {
    return sending.attempt.fail(m.now, outcome.retry_after, m.random);
  }
  const ErrorCode code = outcome.is(wire::kAddressRefused) ? kInviteRefused : kRefusedByHome;
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
      .submit(wire::ContactDeliver{recipient, {sending.work}, sending.payload},
              [&m, number](const Result<wire::Reply>& reply) { on_delivered(m, number, reply); });
}

// ---- receiving ------------------------------------------------------------------------------------------------------

bool has_chat_with(const Machine& m, const wire::Alias& peer_alias) {
  return std::ranges::any_of(m.chats, [&](const auto& entry) {
    const MemberRecord* peer = peer_of(entry.second);
    return peer != nullptr && peer->alias == peer_alias;
  });
}

// One of an invite for many comes in by himself, once for each use.
void take_by_itself(Machine& m, const ContactRequestId& id, RequestAddress& address) {
  KeptRequest& request = m.names.requests.at(id);
  const auto opened = open(m, request);
  if (!opened || is_blocked(m, opened->account) || address.record.revoked) return forget_request(m, id);
  const auto link = parse_invite_link(opened->request.invite);
  if (!link) return forget_request(m, id);
  request.taking = link->alias;
  if (has_chat_with(m, link->alias)) return;
  if (address.record.uses_left == 1) {
    address.record.revoked = true;
  } else if (address.record.uses_left > 1) {
    --address.record.uses_left;
  }
  put(m, address.record);
  add_contact(m, kNobodysCommand, AddContact{opened->request.invite});
}

void pump_request(Machine& m, const ContactRequestId& id) {
  KeptRequest& request = m.names.requests.at(id);
  if (request.taking) {
    // It is over when the chat is there, or cannot be had. What is being taken stands in being_taken once it is stored.
    const bool stored = m.journal.idle();
    const bool under_way = m.being_taken.contains(*request.taking) || (!stored && m.takings.contains(*request.taking));
    if (has_chat_with(m, *request.taking) || !under_way) forget_request(m, id);
    return;
  }
  const auto address = m.names.addresses.find(request.record.alias);
  if (address == m.names.addresses.end()) return forget_request(m, id);
  if (!address->second.record.of_name) take_by_itself(m, id, address->second);
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
  sending.to = std::move(*link);
  sending.greeting = command.greeting;
  sending.delivery = m.random_id<wire::DeliveryId>();
  sending.link = m.random_id<ChatId>();
  sending.invite = begin_invite(m, std::nullopt);
  m.names.sending.emplace(++m.names.last, std::move(sending));
}

void list_contact_requests(Machine& m, CommandId id) {
  ContactRequests out;
  for (const auto& [number, request] : m.names.requests) {
    const auto address = m.names.addresses.find(request.record.alias);
    if (address == m.names.addresses.end() || !address->second.record.of_name || request.taking) continue;
    out.requests.push_back({number, Instant{request.record.received_ms}});
  }
  std::ranges::sort(out.requests, {}, &ContactRequestInfo::received);
  m.done(id, std::move(out));
}

void open_contact_request(Machine& m, CommandId id, const OpenContactRequest& command) {
  const auto found = m.names.requests.find(command.request);
  if (found == m.names.requests.end()) return m.fail(id, {kNoSuchRequest, "a contact request of this profile"});
  const auto opened = open(m, found->second);
  if (!opened || is_blocked(m, opened->account)) {
    forget_request(m, command.request);
    return m.fail(id, opened ? Error{kNoSuchRequest, "a request of a blocked account is removed"} : opened.error());
  }
  m.done(id, ContactRequestOpened{command.request, opened->account, opened->request.name, opened->request.greeting});
}

void accept_contact_request(Machine& m, CommandId id, const AcceptContactRequest& command) {
  const auto found = m.names.requests.find(command.request);
  if (found == m.names.requests.end()) return m.fail(id, {kNoSuchRequest, "a contact request of this profile"});
  const auto opened = open(m, found->second);
  const auto link = opened ? parse_invite_link(opened->request.invite) : Result<InviteLink>(opened.error());
  if (!link) {
    forget_request(m, command.request);
    return m.fail(id, opened ? Error{kRequestDamaged, "a request brings an invite"} : opened.error());
  }
  found->second.taking = link->alias;
  add_contact(m, id, AddContact{opened->request.invite});
}

void decline_contact_request(Machine& m, CommandId id, const DeclineContactRequest& command) {
  if (!m.names.requests.contains(command.request)) {
    return m.fail(id, {kNoSuchRequest, "a contact request of this profile"});
  }
  forget_request(m, command.request);
  m.done_then(id, Nothing{});
}

void take_request_item(Machine& m, const wire::Item& item) {
  const auto address = m.names.addresses.find(item.alias);
  if (address == m.names.addresses.end()) return;
  auto payload = crypto::open_item(address->second.record.token.value.reveal(), item.alias.view(), item.sealed);
  if (!payload || m.names.requests.size() >= kContactRequestsMax) return;
  KeptRequest request;
  request.record.alias = item.alias;
  request.record.received_ms = m.wall().ms;
  request.record.payload = std::move(*payload);
  const auto id = m.random_id<ContactRequestId>();
  m.journal.put(record_key(RecordKind::kContactRequest, id.view()), request.record);
  m.names.requests.emplace(id, std::move(request));
  if (address->second.record.of_name) m.tell_then(ContactRequestsChanged{waiting(m)});
}

void pump_requests(Machine& m, Instant& wake) {
  if (!m.has_account()) return;
  for (auto& [alias, address] : m.names.addresses) pump_address(m, address, wake);
  std::vector<uint64_t> numbers;
  for (const auto& [number, sending] : m.names.sending) numbers.push_back(number);
  for (const uint64_t number : numbers) pump_sending(m, number, wake);
  std::vector<ContactRequestId> ids;
  for (const auto& [id, request] : m.names.requests) ids.push_back(id);
  for (const ContactRequestId& id : ids) pump_request(m, id);
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
