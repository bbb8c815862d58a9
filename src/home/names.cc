// The name family and contact requests: what strangers may ask of a mailbox. A name is the slow hash that clients make of it;
// the home never sees the name itself, nor what stands behind it.

#include "crypto/hash.h"
#include "crypto/proof_of_work.h"
#include "home/admission.h"
#include "home/core.h"

namespace godwit::home {
namespace {

// What asking for a name costs, and what it costs once a name was asked for more often than people do: 2^22 hashes are about a
// second, so that a passcode is guessed slowly and nobody is locked out by somebody who guesses.
constexpr uint8_t kResolveWorkBits = 16;
constexpr uint8_t kResolveWorkBitsBusy = 22;
// What a contact request costs while the address is empty; more as it fills (work_bits).
constexpr uint8_t kContactWorkBits = 16;
constexpr uint32_t kContactTtlSeconds = wire::kTtlSecondsMax;

bool work_done(std::initializer_list<ByteView> subject, const wire::ProofOfWork& work, uint8_t bits) {
  Bytes joined;
  for (const ByteView part : subject) append(joined, part);
  return crypto::work_is_done(wire::kWorkLabel, joined, work.nonce, bits);
}

Bytes bytes_of(const wire::ProofOfWork& work) {
  codec::Writer writer;
  writer.u64(work.nonce);
  return writer.take();
}

wire::Reply wait_for(Duration wait) {
  return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
}

wire::Reply wants_work(uint8_t bits) { return wire::Refused{wire::kProofOfWorkRefused.number, 0, bits}; }

}  // namespace

// ---- the owner ------------------------------------------------------------------------------------------------------

Core::Answer Core::handle(const Caller& caller, const wire::NameClaim& request) {
  const auto name_lane = co_await lanes_.exclusive(name_key(request.name));
  const auto mailbox_lane = co_await lanes_.exclusive(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_TRY(owned, co_await storing_.get(name_owner_key(caller.device.mailbox)));
  const Bytes owner = codec::encoded(NameOwnerRecord{request.name});
  CO_REQUIRE(!owned.value || *owned.value == owner, wire::kHasName, "home: a mailbox has one name");
  // One that is this mailbox's already tells nothing; others say whether they are taken.
  const Duration wait = owned.value ? Duration{} : claim_rate_.take(mailbox_key(caller.device.mailbox), now_);
  if (wait > Duration{}) co_return wait_for(wait);
  CO_TRY(found, co_await storing_.get(name_key(request.name)));
  if (found.value) {
    CO_TRY(stored, decode_record<NameRecord>(*found.value));
    CO_REQUIRE(stored.mailbox == caller.device.mailbox, wire::kNameTaken, "home: the name is another mailbox's");
  }
  // The index first: without a name behind it, it is taken away by NameRelease or with the mailbox.
  CO_CHECK(co_await storing_.put(name_owner_key(caller.device.mailbox), owner));
  const Bytes value = codec::encoded(NameRecord{caller.device.mailbox, request.access_hash, request.card});
  CO_TRY(swapped, co_await storing_.swap(name_key(request.name), found.value, value));
  CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node changed it meanwhile");
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller& caller, const wire::NameRelease&) {
  const auto mailbox_lane = co_await lanes_.exclusive(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_CHECK(co_await erase_name(caller.device.mailbox));
  co_return wire::Done{};
}

// Takes away the name of a mailbox, if it has one. May be repeated from any point on. Under the lane of the mailbox.
Task<Status> Core::erase_name(wire::MailboxId mailbox) {
  CO_TRY(owned, co_await storing_.get(name_owner_key(mailbox)));
  if (!owned.value) co_return Status{};
  CO_TRY(owner, decode_record<NameOwnerRecord>(*owned.value));
  CO_TRY(found, co_await storing_.get(name_key(owner.name)));
  if (found.value) {
    CO_TRY(record, decode_record<NameRecord>(*found.value));
    if (record.mailbox == mailbox) {
      CO_TRY(swapped, co_await storing_.swap(name_key(owner.name), found.value, std::nullopt));
      CO_REQUIRE(swapped.swapped, wire::kUnavailable, "home: another node changed it meanwhile");
    }
  }
  CO_CHECK(co_await storing_.erase(name_owner_key(mailbox)));
  co_return Status{};
}

// ---- strangers ------------------------------------------------------------------------------------------------------

// A name that is not there and a wrong passcode take the same steps and give the same answer. Rates count before that is
// looked at, so they tell nothing either. Work that was accepted already is answered again and takes no token: it asks for the
// same name with the same passcode, so it tells nothing new, and who repeats it keeps nobody out.
Core::Answer Core::handle(const Caller&, const wire::NameResolve& request) {
  const auto done = [&](uint8_t bits) {
    return work_done({request.name.view(), request.access.view()}, request.work, bits);
  };
  if (!done(kResolveWorkBits)) co_return wants_work(kResolveWorkBits);
  const Bytes name = name_key(request.name);
  const ShortHash work =
      short_hash("godwit spent name work 1", {request.name.view(), request.access.view(), bytes_of(request.work)});
  if (!spent_resolves_.has(work, now_)) {
    const bool busy = resolve_rate_.take(name, now_) > Duration{};
    if (busy && !done(kResolveWorkBitsBusy)) co_return wants_work(kResolveWorkBitsBusy);
    const Duration wait = busy ? resolve_busy_rate_.take(name, now_) : Duration{};
    if (wait > Duration{}) co_return wait_for(wait);
    spent_resolves_.note(work, now_);
  }
  CO_TRY(found, co_await storing_.get(name));
  NameRecord record;
  if (found.value) {
    CO_TRY(stored, decode_record<NameRecord>(*found.value));
    record = stored;
  }
  const bool fits = crypto::equal_constant_time(crypto::sha256(request.access.view()), record.access_hash.view());
  CO_REQUIRE(fits && found.value.has_value(), wire::kNameRefused, "home: the name and its passcode");
  co_return wire::NameCard{std::move(record.card)};
}

// The mailbox behind an address for strangers. Under its lane.
Task<Result<MailboxRecord>> Core::stranger_mailbox(wire::MailboxId id) {
  CO_TRY(found, co_await storing_.get(mailbox_key(id)));
  CO_REQUIRE(found.value.has_value(), wire::kAddressRefused, "home: the address's mailbox is gone");
  CO_TRY(mailbox, decode_record<MailboxRecord>(*found.value));
  CO_REQUIRE(!mailbox.devices.empty(), wire::kAddressRefused, "home: the address's mailbox is being dropped");
  co_return std::move(mailbox);
}

// How many contact requests wait by one address, on the device for which most do.
Task<Result<uint64_t>> Core::strangers_waiting(const MailboxRecord& mailbox, wire::MailboxId id, wire::Alias alias) {
  uint64_t waiting = 0;
  for (const DeviceRecord& device : mailbox.devices) {
    const Bytes queue = queue_key(id, device.tag);
    CO_CHECK(co_await count_queue(queue, false));
    waiting = std::max<uint64_t>(waiting, usage_.of_address(queue, alias).items);
  }
  co_return waiting;
}

// The same request again asks for no more work and takes no token, and one that turns out to be an old one gives its token back:
// work that was done once keeps nobody else out.
Core::Answer Core::handle(const Caller&, const wire::ContactDeliver& request) {
  const wire::Recipient& recipient = request.recipient;
  const auto done = [&](uint8_t bits) {
    return work_done({recipient.alias.view(), recipient.delivery_id.view()}, request.work, bits);
  };
  if (!done(kContactWorkBits)) co_return wants_work(kContactWorkBits);
  const Bytes address = address_key(recipient.alias);
  const auto address_lane = co_await lanes_.shared(address);
  CO_TRY(allowed, co_await check_address(recipient.alias, recipient.token));
  CO_REQUIRE(allowed.strangers, wire::kAddressRefused, "home: an address of one contact takes no contact requests");
  const auto mailbox_lane = co_await lanes_.shared(mailbox_key(allowed.mailbox));
  CO_TRY(mailbox, co_await stranger_mailbox(allowed.mailbox));
  CO_TRY(waiting, co_await strangers_waiting(mailbox, allowed.mailbox, recipient.alias));
  const ShortHash work =
      short_hash("godwit spent contact work 1", {recipient.alias.view(), recipient.delivery_id.view()});
  const bool again = spent_contacts_.has(work, now_);
  if (!again) {
    const uint64_t taken = contact_rate_.burst() - contact_rate_.left(address, now_);
    const uint8_t wanted = std::max(work_bits(kContactWorkBits, waiting, options_.limits.stranger_items_max),
                                    work_bits(kContactWorkBits, taken, contact_rate_.burst()));
    if (!done(wanted)) co_return wants_work(wanted);
    const Duration wait = contact_rate_.take(address, now_);
    if (wait > Duration{}) co_return wait_for(wait);
    spent_contacts_.note(work, now_);
  }
  CO_TRY(is_new, co_await deliver_durably(mailbox, allowed, recipient, kContactTtlSeconds, request.payload));
  if (!again && !is_new) contact_rate_.give_back(address, now_);
  co_return wire::Done{};
}

}  // namespace godwit::home
