// The address family: create, new token, revoke, list; and checking the token that somebody shows.

#include "crypto/hash.h"
#include "home/core.h"

namespace godwit::home {
namespace {

bool is_over(const AddressRecord& record, Instant now) {
  return record.expires_day != 0 && now.day() > record.expires_day;
}

}  // namespace

// Unknown, expired, revoked and a wrong token take the same steps and give the same answer, so that a guess learns nothing.
Task<Result<Core::Allowed>> Core::check_address(const wire::Alias& alias, const wire::Token& token) {
  CO_TRY(found, co_await storing_.get(address_key(alias)));
  AddressRecord record;
  if (found.value) {
    CO_TRY(stored, decode_record<AddressRecord>(*found.value));
    record = stored;
  }
  const auto hash = crypto::sha256(token.view());
  const OldToken old = record.old_token.value_or(OldToken{});
  const bool current = crypto::equal_constant_time(hash, record.token_hash.view());
  const bool before = crypto::equal_constant_time(hash, old.hash.view()) && now_.day() <= old.until_day;
  const bool alive = found.value.has_value() && !is_over(record, now_);
  const bool allowed = alive && (current || (record.old_token.has_value() && before));
  CO_REQUIRE(allowed, wire::kAddressRefused, "home: the address and its token");
  co_return Allowed{record.mailbox, !current, record.strangers};
}

// An address of the caller's mailbox. kAddressRefused: there is none, or it is another's.
Task<Result<AddressRecord>> Core::own_address(const Caller& caller, const wire::Alias& alias) {
  CO_TRY(found, co_await storing_.get(address_key(alias)));
  CO_REQUIRE(found.value.has_value(), wire::kAddressRefused, "home: no such address");
  CO_TRY(record, decode_record<AddressRecord>(*found.value));
  CO_REQUIRE(record.mailbox == caller.device.mailbox, wire::kAddressRefused, "home: another mailbox's address");
  co_return std::move(record);
}

Core::Answer Core::handle(const Caller& caller, const wire::AddressCreate& request) {
  const auto address_lane = co_await lanes_.exclusive(address_key(request.alias));
  const wire::MailboxId mailbox = caller.device.mailbox;
  const auto mailbox_lane = co_await lanes_.exclusive(mailbox_key(mailbox));
  // Whoever has all that he may have is refused before anything is read, however often he asks.
  if (!address_counts_.has(mailbox, request.alias)) CO_CHECK(check_address_limits(mailbox, request));
  CO_CHECK(co_await own_mailbox(caller));
  CO_TRY(found, co_await storing_.get(address_key(request.alias)));
  if (found.value) {
    CO_TRY(record, decode_record<AddressRecord>(*found.value));
    const bool same = record.mailbox == mailbox && record.token_hash == request.token_hash;
    CO_REQUIRE(same, wire::kIdTaken, "home: the alias is taken");
    co_return wire::Done{};
  }
  CO_CHECK(co_await count_addresses(mailbox, request.strangers));
  CO_CHECK(check_address_limits(mailbox, request));
  // The index first: an index entry without its address is harmless and goes with the mailbox.
  const auto indexed = co_await storing_.put(owner_key(mailbox, request.alias), {});
  if (!indexed) address_counts_.forget(mailbox);  // it may be there
  CO_CHECK(indexed);
  address_counts_.add(mailbox, request.alias);
  const AddressRecord record{mailbox, request.token_hash, {}, request.expires_day, request.strangers};
  const Bytes value = codec::encoded(record);
  const auto swapped = co_await storing_.swap(address_key(request.alias), std::nullopt, value);
  if (!swapped) address_counts_.forget(mailbox);
  CO_CHECK(swapped);
  CO_REQUIRE(swapped->swapped, wire::kUnavailable, "home: another node made it meanwhile");
  if (request.strangers) address_counts_.add_stranger(mailbox, request.alias, request.expires_day);
  co_return wire::Done{};
}

// kQuotaFull: the mailbox has as many others as it may, by what is counted of it. What is not counted yet refuses nobody.
Status Core::check_address_limits(const wire::MailboxId& mailbox, const wire::AddressCreate& request) const {
  const size_t others = address_counts_.count(mailbox) - (address_counts_.has(mailbox, request.alias) ? 1 : 0);
  REQUIRE(others < options_.limits.addresses_max, wire::kQuotaFull, "home: addresses_max");
  const bool fits = !request.strangers || !address_counts_.knows_strangers(mailbox) ||
                    address_counts_.strangers(mailbox, now_.day()) < options_.limits.stranger_addresses_max;
  REQUIRE(fits, wire::kQuotaFull, "home: stranger_addresses_max");
  return {};
}

Core::Answer Core::handle(const Caller& caller, const wire::AddressToken& request) {
  const auto address_lane = co_await lanes_.exclusive(address_key(request.alias));
  const auto mailbox_lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_TRY(record, co_await own_address(caller, request.alias));
  if (record.token_hash == request.token_hash) co_return wire::Done{};
  AddressRecord changed = record;
  changed.token_hash = request.token_hash;
  changed.old_token.reset();
  if (request.old_days > 0) changed.old_token = OldToken{record.token_hash, now_.day() + request.old_days};
  CO_TRY(swapped, co_await storing_.swap(address_key(request.alias), codec::encoded(record), codec::encoded(changed)));
  CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node changed it meanwhile");
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller& caller, const wire::AddressRevoke& request) {
  const auto address_lane = co_await lanes_.exclusive(address_key(request.alias));
  const auto mailbox_lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_CHECK(co_await erase_address(caller.device.mailbox, request.alias));
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller& caller, const wire::AddressList&) {
  const auto lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_TRY(mailbox, co_await own_mailbox(caller));
  CO_TRY(aliases, co_await aliases_of(caller.device.mailbox));
  std::vector<Bytes> queues;
  for (const DeviceRecord& device : mailbox.devices) {
    queues.push_back(queue_key(caller.device.mailbox, device.tag));
    CO_CHECK(co_await count_queue(queues.back(), true));
  }
  wire::Addresses out;
  for (const wire::Alias& alias : aliases) {
    CO_TRY(found, co_await storing_.get(address_key(alias)));
    if (!found.value) continue;
    CO_TRY(record, decode_record<AddressRecord>(*found.value));
    if (record.mailbox != caller.device.mailbox || is_over(record, now_)) continue;
    uint64_t items = 0;
    for (const Bytes& queue : queues) items = std::max(items, usage_.of_address(queue, alias).items);
    out.addresses.push_back({alias, record.expires_day, static_cast<uint32_t>(items), record.token_hash});
  }
  co_return std::move(out);
}

// Makes address_counts_ know the mailbox, and which of its addresses are for strangers if that is wanted. Under its exclusive lane: nobody
// adds to it meanwhile. What others remove (the sweep, AddressRevoke before it) is taken out as it goes.
Task<Status> Core::count_addresses(wire::MailboxId mailbox, bool strangers) {
  if (!address_counts_.knows(mailbox)) {
    address_counts_.begin(mailbox);
    auto aliases = co_await aliases_of(mailbox);
    if (!aliases) {
      address_counts_.forget(mailbox);
      co_return aliases.error();
    }
    address_counts_.finish(mailbox, std::move(*aliases));
  }
  if (strangers && !address_counts_.knows_strangers(mailbox)) CO_CHECK(co_await count_stranger_addresses(mailbox));
  CO_REQUIRE(address_counts_.knows(mailbox), wire::kUnavailable, "home: the count was forgotten while it was made");
  co_return Status{};
}

Task<Status> Core::count_stranger_addresses(wire::MailboxId mailbox) {
  for (const wire::Alias& alias : address_counts_.aliases(mailbox)) {
    CO_TRY(found, co_await storing_.get(address_key(alias)));
    if (!found.value) continue;
    CO_TRY(record, decode_record<AddressRecord>(*found.value));
    if (record.strangers) address_counts_.add_stranger(mailbox, alias, record.expires_day);
  }
  address_counts_.finish_strangers(mailbox);
  co_return Status{};
}

// The aliases in the index of one mailbox.
Task<Result<std::vector<wire::Alias>>> Core::aliases_of(wire::MailboxId mailbox) {
  const Bytes prefix = owner_prefix(mailbox);
  std::vector<wire::Alias> aliases;
  Bytes after;
  while (true) {
    CO_TRY(page, co_await storing_.scan(prefix, after, 256));
    for (const auto& [key, value] : page.records) {
      wire::Alias alias;
      if (wire::Alias::from(ByteView(key).subspan(prefix.size()), alias)) aliases.push_back(alias);
    }
    if (!page.more || page.records.empty()) break;
    after = page.records.back().first;
  }
  co_return std::move(aliases);
}

// Ends an address, if it is the mailbox's; else only the mailbox's index entry. May be repeated from any point on. What was
// delivered by it stays to be fetched.
Task<Status> Core::erase_address(wire::MailboxId mailbox, wire::Alias alias) {
  CO_TRY(found, co_await storing_.get(address_key(alias)));
  if (found.value) {
    CO_TRY(record, decode_record<AddressRecord>(*found.value));
    if (record.mailbox == mailbox) {
      CO_CHECK(co_await erase_pool(alias));
      CO_CHECK(co_await storing_.swap(address_key(alias), found.value, std::nullopt));
    }
  }
  const auto erased = co_await storing_.erase(owner_key(mailbox, alias));
  if (!erased) address_counts_.forget(mailbox);  // it may be there
  CO_CHECK(erased);
  address_counts_.remove(mailbox, alias);
  co_return Status{};
}

}  // namespace godwit::home
