#include "cli/call_door.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cli/terminal.h"
#include "net/stun_start.h"
#include "routes/pace.h"

namespace godwit::cli {
namespace {

// An allocation lasts 10 min unless its client renews it (RFC 8656 §3.2).
constexpr Duration kIdle = minutes(11);
// Whoever connects says at once what he wants, and waits no longer for his turn than a browser does.
constexpr Duration kPatience = seconds(20);
constexpr Duration kPauseMax = seconds(15);
// That nothing comes for a while is usual: the other side may be silent, and the page notices by itself when media stop.
constexpr routes::StallTimes kStall{milliseconds(2500), seconds(30)};

}  // namespace

struct CallDoor::Passage {
  Passage(net::EventLoop& loop, std::function<void()> on_end) : joined(loop, kIdle, std::move(on_end)), patience(loop) {}

  net::JoinedPipes joined;
  net::Timer patience;
  Bytes first;
  bool begun = false;
};

CallDoor::CallDoor(net::EventLoop& loop, std::function<std::optional<engine::HomeWay>()> way, net::DialOptions dial)
    : loop_(loop), way_(std::move(way)), dial_(std::move(dial)), pause_(routes::kDialSpacing), spacing_(loop) {
  dial_.tickets = nullptr;  // they would join one person's calls
  dial_.stall = kStall;
}

CallDoor::~CallDoor() = default;

bool CallDoor::open() {
  if (closed_ || listener_) return !closed_;
  auto made = net::StreamListener::create(
      loop_, 0, [this](net::Arrival arrival) { return accept(std::move(arrival)); }, kIdle);
  if (made) {
    listener_ = std::move(*made);
  } else {
    print_error(made.error());
  }
  return listener_ != nullptr;
}

bool CallDoor::goes_straight() const {
  const auto way = way_();
  return way && way->route.carrier == routes::Carrier::kWss && !dial_.connect.proxy;
}

void CallDoor::take_over(std::vector<engine::CallRelay>& relays) {
  std::erase_if(relays, [this](const engine::CallRelay& relay) { return relay.own ? !open() : !goes_straight(); });
  for (engine::CallRelay& relay : relays) {
    if (!relay.own) continue;
    relay.urls = {"turn:127.0.0.1:" + std::to_string(listener_->port()) + "?transport=tcp"};
    until_ = std::max(until_, relay.expires_at);
  }
}

void CallDoor::close() {
  closed_ = true;
  listener_.reset();
  waiting_.clear();
  dialling_.reset();
  spacing_.cancel();
  passages_.clear();
}

net::PipeEvents CallDoor::accept(net::Arrival arrival) {
  if (passages_.size() >= kConnectionsMax || loop_.now() > until_) return {};  // the pipe goes with the arrival
  const uint64_t id = next_++;
  auto made = std::make_unique<Passage>(loop_, [this, id] { end(id); });
  made->patience.set(kPatience, [this, id] { end(id); });
  made->joined.set(net::JoinedPipes::Side::kNear, std::move(arrival.pipe));
  net::PipeEvents events = made->joined.events(net::JoinedPipes::Side::kNear);
  events.on_bytes = [this, id](ByteView bytes) { bytes_came(id, bytes); };
  passages_[id] = std::move(made);
  return events;
}

void CallDoor::bytes_came(uint64_t id, ByteView bytes) {
  const auto found = passages_.find(id);
  if (found == passages_.end()) return;
  Passage& passage = *found->second;
  if (passage.begun) return passage.joined.bytes_came(net::JoinedPipes::Side::kNear, bytes);
  const bool waits = net::stun_start(passage.first) == net::StunStart::kYes;
  append(passage.first, bytes);
  const net::StunStart start = net::stun_start(passage.first);
  // A client says no more before it is answered.
  if (start == net::StunStart::kNo || passage.first.size() > 2 * net::kStunFirstMax) return end(id);
  if (start != net::StunStart::kYes || waits) return;
  waiting_.push_back(id);
  dial_next();
}

void CallDoor::dial_next() {
  if (dialling_ || waiting_.empty()) return;
  const Instant now = loop_.steady_now();
  if (now < not_before_) {
    spacing_.set(not_before_ - now, [this] { dial_next(); });
    return;
  }
  const uint64_t id = waiting_.front();
  waiting_.pop_front();
  dialling_ = id;
  dial_waiting(id, *passages_.at(id));
}

void CallDoor::dial_waiting(uint64_t id, Passage& passage) {
  const auto way = way_();
  if (!way) return end(id);
  net::DialOptions options = dial_;
  options.early_bytes = std::exchange(passage.first, Bytes());
  options.look = way->hello;
  if (way->pin) options.home_pin = way->pin->value;
  net::PipeEvents events = passage.joined.events(net::JoinedPipes::Side::kFar);
  events.on_open = [this, id] { dialled(id, true); };
  auto pipe = net::dial(loop_, way->route, std::move(options), std::move(events));
  if (!pipe) return end(id);
  passage.patience.cancel();
  passage.begun = true;
  passage.joined.set(net::JoinedPipes::Side::kFar, std::move(*pipe));
}

void CallDoor::dialled(uint64_t id, bool works) {
  if (dialling_ != id) return;
  dialling_.reset();
  pause_ = works ? routes::kDialSpacing : std::min(pause_ + pause_, kPauseMax);
  not_before_ = loop_.steady_now() + pause_;
  dial_next();
}

void CallDoor::end(uint64_t id) {
  std::erase(waiting_, id);
  passages_.erase(id);
  dialled(id, false);
}

}  // namespace godwit::cli
