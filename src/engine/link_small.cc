// Small exchanges: what a link does with a host whose connections fall silent after some 25 packets. Each has a fresh
// connection to itself, is resumed by a ticket, carries one bucket up or down, and is closed after the answer.

#include <algorithm>

#include "engine/link.h"
#include "session/record.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

// A quarter more or less.
Duration jittered(Duration pause, Random& random) {
  const int64_t quarter = pause.ms / 4;
  return milliseconds(pause.ms - quarter + static_cast<int64_t>(random.below(static_cast<uint64_t>(2 * quarter + 1))));
}

// Packets that so many bytes take in a record, padded.
uint64_t packets_of(size_t size) {
  constexpr size_t kAround = 32;  // frame, record and tag
  return (session::bucket_for(size + kAround) + routes::kPacketBytes - 1) / routes::kPacketBytes;
}

// The same for a request and its answer on an established session, with what acknowledges them.
uint64_t cost(size_t up, size_t down) { return packets_of(up) + packets_of(down) + 1; }

// Bytes that fit so many packets.
uint32_t bytes_for(uint64_t packets, uint32_t most) {
  if (packets >= packets_of(most)) return most;
  if (packets >= packets_of(kHalfBucketBytes)) return kHalfBucketBytes;
  return packets >= packets_of(kQuarterBucketBytes) ? kQuarterBucketBytes : 0;
}

}  // namespace

bool Link::has_small_work() const {
  return std::ranges::any_of(requests_, [this](const auto& entry) {
    const Request& request = entry.second;
    return !request.sent && request.not_before <= world_.now && !request.small.empty();
  });
}

// What may be asked now: what goes whole first, then what goes in parts, the least left first, so that a text does not wait
// for a picture.
std::vector<RequestId> Link::small_order() const {
  std::vector<std::pair<uint64_t, RequestId>> order;
  for (const auto& [id, request] : requests_) {
    if (request.sent || request.not_before > world_.now || request.small.empty()) continue;
    const uint64_t left = request.parts ? request.parts->left() : request.small.size();
    order.emplace_back(request.in_parts ? left : 0, id);
  }
  std::ranges::sort(order);
  std::vector<RequestId> out;
  for (const auto& [left, id] : order) out.push_back(id);
  return out;
}

RequestParts& Link::parts_of(Request& request) {
  if (!request.parts) {
    wire::TransferId transfer;
    world_.random.fill(transfer.value);
    request.parts.emplace(transfer, static_cast<uint32_t>(request.small.size()), request.much_comes);
  }
  return *request.parts;
}

// What goes with the handshake: one bucket up or one down, not both, since each is half of what a connection may carry.
std::vector<std::pair<RequestId, Bytes>> Link::small_flight() {
  constexpr size_t kAround = session::kFirstFlightSizeMax - session::kFirstFlightRequestMax;
  std::vector<std::pair<RequestId, Bytes>> out;
  size_t up = 0;
  bool much_comes = false;
  for (const RequestId id : small_order()) {
    if (out.size() == session::kRequestsInFlightMax) break;
    Request& request = requests_.at(id);
    if (!request.idempotent && !request.in_parts) continue;
    const bool much = request.in_parts && parts_of(request).wants_much();
    const size_t up_max = much || much_comes ? kSmallBesideReply : session::kFirstFlightSizeMax;
    if ((much && much_comes) || up + kAround >= up_max) continue;
    const size_t room = up_max - up - kAround;
    // A sliver of a part is not worth its frame, unless there is no more of it.
    const size_t wanted = request.in_parts ? std::min(kPartWorthwhile, parts_of(request).up_left() + kPartOverhead)
                                           : request.small.size();
    if (room < wanted) continue;
    std::optional<Bytes> bytes = request.small;
    if (request.in_parts) bytes = parts_of(request).next(request.small, room, kPartReplyBytes);
    if (!bytes) continue;
    up += bytes->size() + kAround;
    much_comes = much_comes || much;
    out.emplace_back(id, std::move(*bytes));
  }
  return out;
}

// What of a request fits so many packets, which are taken off. The first thing on a connection always goes: it is what the
// connection is for.
std::optional<Bytes> Link::small_piece(Request& request, uint64_t& packets_left, bool first) {
  const uint64_t left = first ? UINT64_MAX : packets_left;
  size_t down = kLittleReplyBytes;
  std::optional<Bytes> out;
  if (!request.in_parts) {
    if (cost(request.small.size(), down) <= left) out = request.small;
  } else if (left > 2) {
    const RequestParts& parts = parts_of(request);
    if (parts.wants_much()) {
      down = bytes_for(left - 2, kPartReplyBytes);
      out = parts.next(request.small, kSmallBesideReply, static_cast<uint32_t>(down));
    } else {
      out = parts.next(request.small, bytes_for(left - 2, kSmallRequestMax), kLittleReplyBytes);
    }
  }
  if (out) packets_left -= std::min(packets_left, cost(out->size(), down));
  return out;
}

// After the first flight, when all of it is answered: what still fits the connection's budget.
void Link::send_small(PipeId pipe, Candidate& candidate) {
  if (candidate.session->requests_in_flight() > 0) return;
  const uint64_t used = routes::packets(candidate.carried);
  uint64_t left = routes::kSmallPacketsMax - std::min(used, routes::kSmallPacketsMax);
  bool first = !candidate.flight && !candidate.answered;
  for (const RequestId id : small_order()) {
    Request& request = requests_.at(id);
    const auto bytes = small_piece(request, left, first);
    if (!bytes) continue;
    const auto stream = candidate.session->send_request(*bytes, world_.now);
    if (!stream) break;
    request.sent = {pipe, *stream};
    first = false;
  }
}

// The answer to a PartPut or PartGet.
void Link::take_part(PipeId pipe, RequestId id, const wire::Reply& reply) {
  Candidate& candidate = *find(pipe);
  Request& request = requests_.at(id);
  RequestParts& parts = parts_of(request);
  request.sent.reset();
  const bool was_active = std::exchange(candidate.active, true);
  if (const auto* refused = std::get_if<wire::Refused>(&reply)) {
    const ErrorCode code = wire::refusal(*refused);
    if (code == wire::kNoSuchTransfer) {
      const uint32_t doublings = std::min(parts.begun_again(), kPartPauseDoublings);
      request.not_before = world_.now + kPartPause * (int64_t{1} << doublings);
      return parts.begin_again();
    }
    if (code.action != Action::kRetryLater) return answer(id, reply);
    request.not_before = world_.now + std::max(milliseconds(refused->retry_after_ms), kPartRefusedPause);
    return;
  }
  constexpr Error kNonsense{wire::kMalformed, "parts are answered by their state, and in the end by what fits the request"};
  const auto* state = std::get_if<wire::PartState>(&reply);
  const auto step = state == nullptr ? RequestParts::Step::kNonsense : parts.take(*state);
  if (step == RequestParts::Step::kNonsense) {
    parts.begin_again();
    return give_up(pipe, routes::End::kByUs, kNonsense, kLinkPenalty);
  }
  if (step == RequestParts::Step::kNothing) request.not_before = world_.now + kPartPause;
  if (step != RequestParts::Step::kWhole) return;
  auto whole = wire::decode_reply(parts.reply());
  if (!whole || !wire::is_among(request.answers, *whole)) {
    parts.begin_again();
    return give_up(pipe, routes::End::kByUs, whole ? kNonsense : whole.error(), kLinkPenalty);
  }
  const auto* items = std::get_if<wire::Items>(&*whole);
  candidate.active = was_active || items == nullptr || !items->items.empty();
  answer(id, std::move(whole));
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
