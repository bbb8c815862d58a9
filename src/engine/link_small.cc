// Small exchanges: what a link does with a host whose connections fall silent after some 25 packets. Each has a fresh
// connection to itself, is resumed by a ticket, carries one bucket up or down, and is closed after the answer.

#include <algorithm>

#include "engine/link.h"

namespace godwit::engine {
namespace {

// A quarter more or less.
Duration jittered(Duration pause, Random& random) {
  const int64_t quarter = pause.ms / 4;
  return milliseconds(pause.ms - quarter + static_cast<int64_t>(random.below(static_cast<uint64_t>(2 * quarter + 1))));
}

// Packets that a request and its answer take on an established session: data both ways and what acknowledges it.
uint64_t cost(size_t size, bool much_comes) {
  const uint64_t up = (size + routes::kPacketBytes - 1) / routes::kPacketBytes;
  return up + (much_comes ? 4 : 1) + 1;
}

}  // namespace

bool Link::has_small_work() const {
  return std::ranges::any_of(requests_, [this](const auto& entry) {
    const Request& request = entry.second;
    return !request.sent && request.not_before <= world_.now && !request.small.empty();
  });
}

bool Link::has_large_waiting() const {
  return !main_ && policy_.is_small(world_.now) &&
         std::ranges::any_of(requests_, [](const auto& entry) { return entry.second.small.empty(); });
}

// After the first flight: what still fits the connection's budget. The first thing on a connection always goes: it is what
// the connection is for, and may take two buckets if it takes nothing else with it.
bool Link::may_send_small(const Candidate& candidate, const Request& request) const {
  if (request.small.empty()) return false;
  const bool first = !candidate.flight && !candidate.answered && candidate.session->requests_in_flight() == 0;
  if (first) {
    const bool smaller_waits = std::ranges::any_of(requests_, [&](const auto& entry) {
      return !entry.second.sent && entry.second.not_before <= world_.now && !entry.second.small.empty() &&
             entry.second.small.size() <= kSmallRequestMax;
    });
    return request.small.size() <= kSmallRequestMax || !smaller_waits;
  }
  return routes::packets(candidate.carried) + cost(request.small.size(), request.much_comes) <=
         routes::kSmallPacketsMax;
}

// All that was sent is answered, and nothing more fits.
void Link::finish_exchange(PipeId pipe, Candidate& candidate) {
  if (!candidate.ready() || candidate.session->requests_in_flight() > 0) return;
  // A session without a successor is worth waiting for the ticket that comes with its first answer.
  if (tickets_.empty()) return;
  policy_.on_exchanged(candidate.dial.attempt);
  small_works_ = true;
  worked_at_ = world_.now;
  ++world_.counters.small_exchanges;
  plan_poll(candidate.active);
  constexpr Error kDone{session::kGoodbye, "a small exchange ends with its answer"};
  drop(pipe, routes::End::kByUs, kDone, true);
}

void Link::plan_poll(bool active) {
  poll_pause_ = active ? kPollFirst : std::min(milliseconds(poll_pause_.ms * 3 / 2), kPollLast);
  polled_at_ = world_.now;
  poll_at_ = world_.now + jittered(poll_pause_, world_.random);
}

}  // namespace godwit::engine
