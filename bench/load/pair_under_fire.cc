#include "bench/load/pair_under_fire.h"

#include <algorithm>
#include <cstring>

namespace godwit::bench::load {
namespace {

constexpr size_t kWindow = 24;
constexpr size_t kPayload = 512;
constexpr Duration kDialAgain = milliseconds(20);

}  // namespace

PairUnderFire::PairUnderFire(net::EventLoop& loop, Random& random, const HomeHost& home, size_t number)
    : loop_(loop),
      random_(random),
      home_(home),
      mailbox_(random),
      receiver_timer_(loop),
      sender_timer_(loop),
      dials_(number) {
  dial_receiver();
}

void PairUnderFire::begin() {
  sending_ = true;
  dial_sender();
}

size_t PairUnderFire::lost() const {
  return static_cast<size_t>(
      std::ranges::count_if(acknowledged_, [this](uint64_t one) { return !come_.contains(one); }));
}

// ---- the receiver ---------------------------------------------------------------------------------------------------

void PairUnderFire::dial_receiver() {
  opening_ = addressing_ = fetching_ = acknowledging_ = {};
  acknowledged_through_ = {};
  fetch_again_ = false;
  ClientEvents events;
  events.on_established = [this] {
    // Opening is idempotent: a home that died before its answer may have done it.
    opening_ = receiver_->request(mailbox_.open(*receiver_, home_.admission_code()));
  };
  events.on_reply = [this](session::StreamId stream, const wire::Reply& reply) { take_reply(stream, reply); };
  events.on_push = [this](const wire::Reply& push) { take_push(std::get<wire::Items>(push)); };
  events.on_lost = [this] { receiver_timer_.set(kDialAgain, [this] { dial_receiver(); }); };
  events.on_refused = [this](session::StreamId, uint16_t) {
    receiver_timer_.set(kDialAgain, [this] { dial_receiver(); });
  };
  receiver_.emplace(loop_, random_, home_, nullptr, std::move(events));
  receiver_->go_by(home_.route_of(dials_++));
  receiver_->connect(0);
}

void PairUnderFire::take_reply(session::StreamId stream, const wire::Reply& reply) {
  if (stream == opening_ && !open_) {
    addressing_ = receiver_->request(mailbox_.create_address());
  } else if (stream == opening_ || stream == addressing_) {
    open_ = true;
    fetch();
  } else if (stream == fetching_) {
    const auto& items = std::get<wire::Items>(reply);
    fetching_ = {};
    take_items(items);
    if (items.more || std::exchange(fetch_again_, false)) fetch();
  } else if (stream == acknowledging_) {
    acknowledging_ = {};
    acknowledge();
  }
}

void PairUnderFire::fetch() {
  fetch_again_ = fetching_ != session::StreamId{};
  if (!fetch_again_) fetching_ = receiver_->request(wire::Fetch{seen_, 64 * 1024, true});
}

// A small push overtakes the reply to a Fetch: a gap is an item on its way.
void PairUnderFire::take_push(const wire::Items& items) {
  if (!items.items.empty() && items.items.front().sequence.value > seen_.value + 1) return fetch();
  take_items(items);
}

// A sequence that was seen before is passed over, as a client does: whether a message was stored twice shows by its number.
void PairUnderFire::take_items(const wire::Items& items) {
  for (const wire::Item& item : items.items) {
    if (item.sequence <= seen_) continue;
    seen_ = item.sequence;
    const Bytes payload = mailbox_.open_item(item);
    uint64_t number = 0;
    std::memcpy(&number, payload.data(), sizeof number);
    if (!come_.insert(number).second) ++doubled_;
  }
  acknowledge();
}

void PairUnderFire::acknowledge() {
  if (acknowledging_ != session::StreamId{} || seen_ == acknowledged_through_) return;
  acknowledged_through_ = seen_;
  acknowledging_ = receiver_->request(wire::Acknowledge{seen_});
}

// ---- the sender -----------------------------------------------------------------------------------------------------

void PairUnderFire::dial_sender() {
  streams_.clear();
  connected_ = false;
  ClientEvents events;
  events.on_established = [this] {
    connected_ = true;
    for (const auto& [number, deliver] : waiting_) send(number);
    send_more();
  };
  events.on_reply = [this](session::StreamId stream, const wire::Reply&) {
    const auto found = streams_.find(stream);
    if (found == streams_.end()) return;  // a refusal has ended this connection already; it is sent again on the next
    waiting_.erase(found->second);
    acknowledged_.insert(found->second);
    streams_.erase(found);
    send_more();
  };
  const auto again = [this] {
    connected_ = false;
    streams_.clear();
    sender_timer_.set(kDialAgain, [this] { dial_sender(); });
  };
  events.on_lost = again;
  events.on_refused = [again](session::StreamId, uint16_t) { again(); };
  sender_.emplace(loop_, random_, home_, nullptr, std::move(events));
  sender_->go_by(home_.route_of(dials_++));
  sender_->connect(0);
}

// Asking may bring answers that lead here again: one loop is enough.
void PairUnderFire::send_more() {
  if (std::exchange(filling_, true)) return;
  while (connected_ && sending_ && streams_.size() < kWindow) {
    Bytes payload(kPayload);
    std::memcpy(payload.data(), &next_, sizeof next_);
    waiting_.emplace(next_, mailbox_.deliver(std::move(payload), random_));
    send(next_++);
  }
  filling_ = false;
}

// The connection may be lost in this call.
void PairUnderFire::send(uint64_t number) {
  if (!connected_) return;
  const session::StreamId stream = sender_->request(waiting_.at(number));
  if (connected_) streams_[stream] = number;
}

}  // namespace godwit::bench::load
