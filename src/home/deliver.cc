// The deliver family: into the mailbox behind an address, for each of its devices. What is stored was sealed again here,
// under a key from the token, which is then forgotten.

#include <algorithm>

#include "crypto/sealed_item.h"
#include "home/core.h"

namespace godwit::home {
namespace {

// A count this old is made anew before it refuses somebody: items expire without telling us.
constexpr Duration kCountAgeMax = seconds(1);
// Read at once while counting.
constexpr uint32_t kCountBytes = 1024 * 1024;
// Recipients of one DeliverMany that are delivered to at once: so many that what they bring into the store's memory, which is
// for everybody, stays below kManyBytes, but a few at least and not too many. All of these share one fsync.
constexpr size_t kManyBytes = 256 * 1024;
constexpr size_t kManyAtOnceMin = 8;
constexpr size_t kManyAtOnceMax = 64;

size_t many_at_once(size_t payload) {
  return std::clamp(kManyBytes / std::max<size_t>(payload, 1), kManyAtOnceMin, kManyAtOnceMax);
}

// Held by the session's DeliverMany that is under way. Not a key of the store.
Bytes many_lane(SessionId session) {
  Bytes name = to_bytes(as_bytes("deliver many "));
  for (int shift = 56; shift >= 0; shift -= 8) name.push_back(static_cast<uint8_t>(session.value >> shift));
  return name;
}

}  // namespace

Core::Answer Core::handle(const Caller&, const wire::Deliver& request) {
  CO_CHECK(co_await deliver_one(request.recipient, request.ttl_seconds, request.payload));
  co_return wire::Done{};
}

// A few recipients at a time, and one such request of a session at a time: what is under way waits in the store's memory,
// which is for everybody.
Core::Answer Core::handle(const Caller& caller, const wire::DeliverMany& request) {
  const auto lane = co_await lanes_.exclusive(many_lane(caller.session));
  wire::Delivered out;
  const size_t step = many_at_once(request.payload.size());
  for (size_t at = 0; at < request.recipients.size(); at += step) {
    std::vector<Task<Status>> parts;
    const size_t end = std::min(request.recipients.size(), at + step);
    for (size_t i = at; i < end; ++i) {
      parts.push_back(deliver_one(request.recipients[i], request.ttl_seconds, request.payload));
    }
    All<Status> all(parts);
    co_await all;
    for (Task<Status>& part : parts) {
      const Status status = part.take();
      out.codes.push_back(status ? uint16_t{0} : std::get<wire::Refused>(refused(status.error())).code);
    }
  }
  co_return std::move(out);
}

// One recipient. The lanes hold off who would revoke the address or remove a device meanwhile.
Task<Status> Core::deliver_one(const wire::Recipient& recipient, uint32_t ttl_seconds, const Bytes& payload) {
  const auto address_lane = co_await lanes_.shared(address_key(recipient.alias));
  CO_TRY(allowed, co_await check_address(recipient.alias, recipient.token));
  CO_REQUIRE(!allowed.strangers, wire::kAddressRefused, "home: an address for strangers takes contact requests only");
  const auto mailbox_lane = co_await lanes_.shared(mailbox_key(allowed.mailbox));
  CO_TRY(found, co_await storing_.get(mailbox_key(allowed.mailbox)));
  CO_REQUIRE(found.value.has_value(), wire::kAddressRefused, "home: the address's mailbox is gone");
  CO_TRY(mailbox, decode_record<MailboxRecord>(*found.value));
  CO_REQUIRE(!mailbox.devices.empty(), wire::kAddressRefused, "home: the address's mailbox is being dropped");
  if (ttl_seconds == 0) co_return deliver_now(mailbox, allowed, recipient, payload);
  CO_CHECK(co_await deliver_durably(mailbox, allowed, recipient, ttl_seconds, payload));
  co_return Status{};
}

// Only to those who are connected now; nothing is stored or remembered.
Status Core::deliver_now(const MailboxRecord& mailbox, const Allowed& allowed, const wire::Recipient& recipient,
                         const Bytes& payload) {
  REQUIRE(!allowed.old_token, wire::kNobodyConnected, "home: an old token is for what was under way");
  REQUIRE(fleeting_rate_.take(address_key(recipient.alias), now_) == Duration{}, wire::kTooManyRequests,
          "home: kFleetingBurst, kFleetingInterval");
  bool anybody = false;
  for (const DeviceRecord& device : mailbox.devices) {
    const Bytes queue = queue_key(allowed.mailbox, device.tag);
    if (!live_sessions_.contains(queue)) continue;
    const Bytes sealed = crypto::seal_item(recipient.token.view(), recipient.alias.view(), payload, random_);
    if (push_fleeting(queue, {{0}, recipient.alias, sealed})) anybody = true;
  }
  ++(anybody ? counters_.fleeting : counters_.fleeting_dropped);
  REQUIRE(anybody, wire::kNobodyConnected, "home: a ttl of 0 and nobody connected");
  return {};
}

// Into the queue of every device, or an error; what was appended before an error is found again by its delivery id. True: it was
// new to one of them.
Task<Result<bool>> Core::deliver_durably(const MailboxRecord& mailbox, const Allowed& allowed,
                                         const wire::Recipient& recipient, uint32_t ttl_seconds, const Bytes& payload) {
  const size_t size = payload.size() + crypto::kSealedItemOverhead;
  for (const DeviceRecord& device : mailbox.devices) {
    CO_CHECK(co_await make_sure_of_room(queue_key(allowed.mailbox, device.tag), recipient.alias, size, allowed));
  }
  const Hour expires = end_of(now_, ttl_seconds);
  std::vector<Task<Result<bool>>> parts;
  for (const DeviceRecord& device : mailbox.devices) {
    Bytes sealed = crypto::seal_item(recipient.token.view(), recipient.alias.view(), payload, random_);
    parts.push_back(append_item(queue_key(allowed.mailbox, device.tag), recipient.delivery_id, recipient.alias,
                                std::move(sealed), expires));
  }
  All<Result<bool>> all(parts);
  co_await all;
  bool is_new = false;
  for (Task<Result<bool>>& part : parts) {
    CO_TRY(appended, part.take());
    is_new = is_new || appended;
  }
  co_return is_new;
}

// One atomic append; a success says that it is durable. Live sessions of the device see it then. False: it was there already.
Task<Result<bool>> Core::append_item(Bytes queue, wire::DeliveryId delivery, wire::Alias alias, Bytes sealed,
                                     Hour expires) {
  const size_t size = sealed.size();
  store::Append append;
  append.queue = queue;
  append.id = append_id(queue, delivery);
  QueueItemRecord record{alias, std::move(sealed)};
  append.item = codec::encoded(record);
  append.expires = start_of(expires);
  append.remember_until = start_of(day_after(append.expires + days(1)) * 24);
  append.now = now_;
  usage_.reserve(queue, alias, size);
  const auto appended = co_await storing_.append(std::move(append));
  usage_.release(queue, alias, size);
  CO_CHECK(appended);
  if (appended->duplicate) {
    ++counters_.duplicates;
    co_return false;
  }
  ++counters_.delivered;
  usage_.note(queue, appended->sequence, alias, size);
  arrived(queue, appended->sequence, alias, std::move(record.sealed));
  // What own devices tell each other is nothing to wake anybody for.
  if (alias != wire::Alias{}) want_web_push(queue);
  co_return true;
}

// ---- quotas ---------------------------------------------------------------------------------------------------------

// kQuotaFull if `size` more bytes by this address do not fit, even after counting anew.
Task<Status> Core::make_sure_of_room(Bytes queue, wire::Alias alias, size_t size, Allowed allowed) {
  CO_CHECK(co_await count_queue(queue, false));
  Status room = check_quota(queue, alias, size, allowed);
  if (room || now_ - usage_.counted(queue) < kCountAgeMax) co_return std::move(room);
  CO_CHECK(co_await count_queue(queue, true));
  co_return check_quota(queue, alias, size, allowed);
}

Status Core::check_quota(const Bytes& queue, const wire::Alias& alias, size_t size, const Allowed& allowed) const {
  const Limits& limits = options_.limits;
  const Amount total = usage_.of_queue(queue);
  REQUIRE(total.items < limits.queue_items_max, wire::kQuotaFull, "home: queue_items_max");
  REQUIRE(total.bytes + size <= limits.queue_bytes_max, wire::kQuotaFull, "home: queue_bytes_max");
  const Amount by_address = usage_.of_address(queue, alias);
  uint32_t items_max = allowed.old_token ? limits.old_token_items_max : limits.address_items_max;
  if (allowed.strangers) items_max = limits.stranger_items_max;
  REQUIRE(by_address.items < items_max, wire::kQuotaFull,
          "home: address_items_max, old_token_items_max or stranger_items_max");
  REQUIRE(by_address.bytes + size <= limits.address_bytes_max, wire::kQuotaFull, "home: address_bytes_max");
  return {};
}

// Makes usage_ know the queue. `anew`: also if it does.
Task<Status> Core::count_queue(Bytes queue, bool anew) {
  if (!anew && usage_.knows(queue)) co_return Status{};
  const auto lane = co_await lanes_.exclusive(queue);
  if (usage_.knows(queue) && (!anew || usage_.counted(queue) == now_)) co_return Status{};
  usage_.begin(queue);
  uint64_t after = 0;
  while (true) {
    const auto read = co_await storing_.read(queue, after, kCountBytes, now_);
    if (!read) usage_.abandon(queue);
    CO_CHECK(read);
    const store::QueueItems& page = *read;
    for (const store::QueueItem& item : page.items) {
      after = item.sequence;
      const auto record = decode_record<QueueItemRecord>(item.item);
      if (record) usage_.note(queue, item.sequence, record->alias, record->sealed.size());
    }
    if (!page.more || page.items.empty()) break;
  }
  usage_.finish(queue, now_);
  co_return Status{};
}

}  // namespace godwit::home
