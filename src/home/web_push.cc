// Web Push: a device's subscription, and the one push that says that something waits for it. What is pushed, and how, is the host's
// business (main_web_push.h); here stands who is pushed to, and when.

#include <algorithm>

#include "home/core.h"

namespace godwit::home {
namespace {

// A host that has not answered by then is not going to.
constexpr Duration kTimeout = minutes(2);

// The record of the device whose queue this is, and the other way round: both are named by mailbox and tag.
Bytes record_of(const Bytes& queue) { return record_key('z', {ByteView(queue).subspan(1)}); }
Bytes queue_of(ByteView record) { return record_key('q', {record.subspan(1)}); }

}  // namespace

Core::Answer Core::handle(const Caller& caller, const wire::WebPushLook&) {
  const auto lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_TRY(found, co_await storing_.get(web_push_key(caller.device.mailbox, caller.device.tag)));
  co_return wire::WebPushState{web_push_public_, found.value.has_value()};
}

Core::Answer Core::handle(const Caller& caller, const wire::WebPushSet& request) {
  CO_REQUIRE(web_push_public_.has_value(), wire::kWebPushOff, "home: `web_push` is off");
  const auto lane = co_await lanes_.exclusive(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  const Bytes key = web_push_key(caller.device.mailbox, caller.device.tag);
  const Bytes value = codec::encoded(WebPushRecord{request.subscription});
  CO_TRY(found, co_await storing_.get(key));
  if (found.value == value) co_return wire::Done{};  // what is known of it stays
  CO_CHECK(co_await storing_.put(key, value));
  web_pushes_.learn(queue_key(caller.device.mailbox, caller.device.tag), now_);
  co_return wire::Done{};
}

Core::Answer Core::handle(const Caller& caller, const wire::WebPushDrop&) {
  const auto lane = co_await lanes_.exclusive(mailbox_key(caller.device.mailbox));
  CO_CHECK(co_await own_mailbox(caller));
  CO_CHECK(co_await erase_web_push(caller.device.mailbox, caller.device.tag));
  co_return wire::Done{};
}

// Under the mailbox's exclusive lane.
Task<Status> Core::erase_web_push(wire::MailboxId mailbox, DeviceTag tag) {
  CO_CHECK(co_await storing_.erase(web_push_key(mailbox, tag)));
  web_pushes_.forget(queue_key(mailbox, tag));
  co_return Status{};
}

// What an earlier home left.
Task<Status> Core::take_up_web_pushes() {
  const Bytes prefix = record_key('z');
  Bytes after;
  while (true) {
    CO_TRY(page, co_await storing_.scan(prefix, after, 256));
    for (const auto& [key, value] : page.records) web_pushes_.learn(queue_of(key), now_);
    if (!page.more || page.records.empty()) co_return Status{};
    after = page.records.back().first;
  }
}

void Core::set_web_push_key(std::optional<wire::WebPushKey> key) { web_push_public_ = key; }

// Something waits for this device. Who is connected has it already.
void Core::want_web_push(const Bytes& queue) {
  if (web_push_public_ && !live_sessions_.contains(queue)) web_pushes_.wanted(queue, now_);
}

// Those whose time has come, as many as may be under way.
void Core::start_web_pushes() {
  while (web_pushes_running_ < options_.limits.web_pushes_max) {
    auto queue = web_pushes_.take_due(now_);
    if (!queue) return;
    if (live_sessions_.contains(*queue)) {  // it has come back meanwhile
      web_pushes_.seen(*queue);
      continue;
    }
    ++web_pushes_running_;
    tasks_.start(send_web_push(std::move(*queue)));
  }
}

Task<Status> Core::send_web_push(Bytes queue) {
  const Bytes key = record_of(queue);
  const auto found = co_await storing_.get(key);
  if (!found || !found->value) {
    --web_pushes_running_;
    if (found) web_pushes_.forget(queue);
    if (!found) web_pushes_.finished(queue, {}, now_);
    co_return found ? Status{} : Status(found.error());
  }
  const auto record = decode_record<WebPushRecord>(*found->value);
  if (!record) {
    --web_pushes_running_;
    web_pushes_.forget(queue);
    co_return record.error();
  }
  const WebPushId id{next_web_push_++};
  web_pushes_out_.emplace(id, WebPushOut{std::move(queue), *found->value, now_ + kTimeout});
  sessions_.send_web_push(id, record->subscription);
  co_return Status{};
}

void Core::web_pushed(WebPushId push, const WebPushResult& result, Instant now) {
  now_ = now;
  end_web_push(push, result);
  run();
}

void Core::end_web_push(WebPushId push, const WebPushResult& result) {
  auto node = web_pushes_out_.extract(push);
  if (node.empty()) return;
  --web_pushes_running_;
  if (result.kind == WebPushResult::Kind::kSent) ++counters_.web_pushes;
  if (web_pushes_.finished(node.mapped().queue, result, now_)) {
    tasks_.start(drop_web_push(std::move(node.mapped().queue), std::move(node.mapped().record)));
  }
  start_web_pushes();
}

// The push service takes nothing for it any more. One that was set meanwhile stays.
Task<Status> Core::drop_web_push(Bytes queue, Bytes record) {
  const Bytes key = record_of(queue);
  wire::MailboxId mailbox;
  std::copy_n(queue.begin() + 1, mailbox.value.size(), mailbox.value.begin());
  const auto lane = co_await lanes_.exclusive(mailbox_key(mailbox));
  CO_TRY(swapped, co_await storing_.swap(key, record, std::nullopt));
  if (swapped.swapped) web_pushes_.forget(queue);
  co_return Status{};
}

// When start_web_pushes() or a wait's end is due.
Instant Core::web_push_deadline() const {
  const Instant late = web_pushes_out_.empty() ? kNever : web_pushes_out_.begin()->second.deadline;
  const bool room = web_pushes_running_ < options_.limits.web_pushes_max;
  return std::min(late, room ? web_pushes_.next_due() : kNever);
}

void Core::expire_web_pushes() {
  while (!web_pushes_out_.empty() && web_pushes_out_.begin()->second.deadline <= now_) {
    end_web_push(web_pushes_out_.begin()->first, {});
  }
  start_web_pushes();
}

}  // namespace godwit::home
