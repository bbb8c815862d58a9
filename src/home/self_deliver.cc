// Self-delivery: to the own other devices, 1 to 30 seconds later (self_delivery_seconds), so that it cannot be paired with what was sent to others
// at the same time. It is durable while it waits; when it is due is not stored, after a restart the waiting begins anew.

#include <algorithm>

#include "home/core.h"

namespace godwit::home {
namespace {

constexpr Duration kWaitMin = seconds(1);

}  // namespace

Core::Answer Core::handle(const Caller& caller, const wire::SelfDeliver& request) {
  const wire::MailboxId mailbox = caller.device.mailbox;
  const ShortHash name =
      short_hash("godwit self delivery 1", {mailbox.view(), caller.device.tag.view(), request.delivery_id.view()});
  // Before the mailbox, as in run_self_delivery: the other way round the two wait for each other.
  const auto own_lane = co_await lanes_.exclusive(pending_key(name));
  const auto lane = co_await lanes_.shared(mailbox_key(mailbox));
  CO_TRY(record, co_await own_mailbox(caller));
  if (record.devices.size() < 2) co_return wire::Done{};
  const auto waiting = self_waiting_.find(mailbox);
  const bool room = timers_.size() < options_.limits.self_deliveries_max &&
                    (waiting == self_waiting_.end() || waiting->second < options_.limits.self_deliveries_mailbox_max);
  CO_REQUIRE(room || scheduled_.contains(name), wire::kQuotaFull,
             "home: self_deliveries_max or self_deliveries_mailbox_max");
  if (request.ttl_seconds == 0) {
    schedule({{}, mailbox, caller.device.tag, request.payload});
    co_return wire::Done{};
  }
  // Checked here and not when it is due: what was answered by Done must not fail for its size then.
  for (const DeviceRecord& device : record.devices) {
    if (device.tag == caller.device.tag) continue;
    CO_CHECK(
        co_await make_sure_of_room(queue_key(mailbox, device.tag), wire::Alias{}, request.payload.size(), Allowed{}));
  }
  const SelfDeliveryRecord pending{mailbox, caller.device.tag, request.delivery_id, end_of(now_, request.ttl_seconds),
                                   request.payload};
  CO_CHECK(co_await storing_.put(pending_key(name), codec::encoded(pending)));
  if (!scheduled_.contains(name)) schedule({name, mailbox, {}, {}});
  co_return wire::Done{};
}

// Sets the timer of something that waits.
void Core::schedule(SelfDeliveryTimer timer) {
  const Duration spread = std::max(options_.limits.self_delivery_wait - kWaitMin, Duration{});
  const Duration wait = kWaitMin + milliseconds(static_cast<int64_t>(random_.below(static_cast<uint64_t>(spread.ms) + 1)));
  if (timer.name) scheduled_.insert(*timer.name);
  ++self_waiting_[timer.mailbox];
  timers_.emplace(now_ + wait, std::move(timer));
}

// What waited when the home before this one ended.
Task<Status> Core::take_up_self_deliveries() {
  const Bytes prefix = record_key('s');
  Bytes after;
  while (true) {
    CO_TRY(page, co_await storing_.scan(prefix, after, 64));
    for (const auto& [key, value] : page.records) {
      ShortHash name;
      if (!ShortHash::from(ByteView(key).subspan(prefix.size()), name)) continue;
      const auto pending = decode_record<SelfDeliveryRecord>(value);
      const wire::MailboxId mailbox = pending ? pending->mailbox : wire::MailboxId{};
      if (!scheduled_.contains(name)) schedule({name, mailbox, {}, {}});
    }
    if (!page.more || page.records.empty()) break;
    after = page.records.back().first;
  }
  co_return Status{};
}

// It is due. Whatever fails is tried again after another delay: the record is only erased when every queue has it.
Task<Status> Core::run_self_delivery(ShortHash name, wire::MailboxId mailbox_id) {
  const auto own_lane = co_await lanes_.exclusive(pending_key(name));
  scheduled_.erase(name);
  const auto found = co_await storing_.get(pending_key(name));
  if (found && !found->value) co_return Status{};
  const auto pending =
      found ? decode_record<SelfDeliveryRecord>(*found->value) : Result<SelfDeliveryRecord>(found.error());
  if (!pending) {
    if (pending.error().code != kBadRecord) schedule({name, mailbox_id, {}, {}});
    co_return pending.error();
  }
  const auto lane = co_await lanes_.shared(mailbox_key(pending->mailbox));
  const auto stored = co_await storing_.get(mailbox_key(pending->mailbox));
  if (!stored) schedule({name, mailbox_id, {}, {}});
  CO_CHECK(stored);
  MailboxRecord mailbox;
  if (stored->value) {
    CO_TRY(record, decode_record<MailboxRecord>(*stored->value));
    mailbox = record;
  }
  std::vector<Task<Result<bool>>> parts;
  for (const DeviceRecord& device : mailbox.devices) {
    if (device.tag == pending->from || start_of(pending->expires_hour) <= now_) continue;
    parts.push_back(append_item(queue_key(pending->mailbox, device.tag), pending->delivery_id, wire::Alias{},
                                pending->payload, pending->expires_hour));
  }
  All<Result<bool>> all(parts);
  co_await all;
  bool done = true;
  for (Task<Result<bool>>& part : parts) {
    if (!part.take()) done = false;
  }
  if (done) {
    const auto erased = co_await storing_.erase(pending_key(name));
    if (!erased) done = false;
  }
  if (!done) schedule({name, mailbox_id, {}, {}});
  co_return Status{};
}

// A ttl of 0: to whoever of the other devices is connected now.
Task<Status> Core::run_fleeting(SelfDeliveryTimer delivery) {
  const auto lane = co_await lanes_.shared(mailbox_key(delivery.mailbox));
  CO_TRY(found, co_await storing_.get(mailbox_key(delivery.mailbox)));
  if (!found.value) co_return Status{};
  CO_TRY(mailbox, decode_record<MailboxRecord>(*found.value));
  for (const DeviceRecord& device : mailbox.devices) {
    if (device.tag == delivery.from) continue;
    push_fleeting(queue_key(delivery.mailbox, device.tag), {{0}, {}, delivery.payload});
  }
  co_return Status{};
}

}  // namespace godwit::home
