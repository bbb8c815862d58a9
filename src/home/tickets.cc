// Tickets at rest: sealed by the session layer's vault, taken out of the store in one step, so that each works once, also
// across a restart.

#include <algorithm>

#include "home/core.h"

namespace godwit::home {
namespace {

Bytes ticket_key(const session::TicketVault& vault, const session::TicketId& ticket) {
  return record_key('t', {vault.name(ticket)});
}

}  // namespace

void Core::keep_ticket(const session::TicketRecord& record, Instant now) {
  now_ = now;
  // Anybody gets tickets, so those of nobody must not push out those of people who live here.
  const uint64_t places = options_.limits.tickets_max / (record.kind == session::SessionKind::kMailbox ? 1 : 2);
  if (tickets_ >= places) return;
  ++tickets_;
  const StoredTicketRecord stored{day_after(record.expires), vault_.seal(record, random_)};
  tasks_.start(store_ticket(ticket_key(vault_, record.id), codec::encoded(stored)));
  run();
}

// If this fails nothing is lost but a round trip: the client falls back to a full handshake.
Task<Status> Core::store_ticket(Bytes key, Bytes value) {
  const auto stored = co_await storing_.put(std::move(key), std::move(value));
  if (!stored) ticket_gone();
  CO_CHECK(stored);
  co_return Status{};
}

void Core::ticket_gone() { tickets_ -= std::min<uint64_t>(tickets_, 1); }

void Core::take_ticket(SessionId session, const session::TicketId& ticket, Instant now) {
  now_ = now;
  tasks_.start(redeem(session, ticket));
  run();
}

Task<Status> Core::redeem(SessionId session, session::TicketId ticket) {
  auto record = co_await redeemed(ticket);
  sessions_.provide_ticket(session, record ? std::move(*record) : std::nullopt);
  co_return Status{};
}

// The ticket, if it was there and is good; it is spent in any case. A mailbox's ticket is good while its device is there.
Task<Result<std::optional<session::TicketRecord>>> Core::redeemed(session::TicketId ticket) {
  const Bytes key = ticket_key(vault_, ticket);
  CO_TRY(found, co_await storing_.get(key));
  if (!found.value) co_return std::nullopt;
  CO_TRY(swapped, co_await storing_.swap(key, found.value, std::nullopt));
  if (!swapped.swapped) co_return std::nullopt;
  ticket_gone();
  CO_TRY(stored, decode_record<StoredTicketRecord>(*found.value));
  auto record = vault_.open(ticket, stored.sealed);
  if (!record || record->expires <= now_) co_return std::nullopt;
  if (record->kind == session::SessionKind::kMailbox) {
    const auto device = codec::decoded<DeviceBinding>(record->binding);
    if (!device) co_return std::nullopt;
    const Caller caller{SessionId{}, {}, *device};
    CO_CHECK(co_await own_mailbox(caller));
  }
  co_return std::optional<session::TicketRecord>(std::move(record).value());
}

}  // namespace godwit::home
