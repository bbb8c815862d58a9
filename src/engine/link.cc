#include "engine/link.h"

#include <algorithm>

#include "engine/errors.h"
#include "routes/end.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr Error kSilence{session::kPeerSilent, "a route answers within seconds or is dead"};

// How a request is asked where only a bucket comes through; nothing if it is too large for that and may not come in parts.
Bytes small_form(const wire::Request& request, const Bytes& bytes) {
  if (const auto* fetch = std::get_if<wire::Fetch>(&request)) {
    return wire::encode_request(wire::Fetch{fetch->after, std::min(fetch->bytes_max, kSmallReplyBytes), false});
  }
  if (const auto* read = std::get_if<wire::LogRead>(&request)) {
    wire::LogRead small = *read;
    small.bytes_max = std::min(small.bytes_max, kSmallReplyBytes);
    return wire::encode_request(small);
  }
  if (std::holds_alternative<wire::ChannelFollow>(request)) return {};
  const bool fits = bytes.size() <= kSmallRequestMax;
  return fits || (wire::may_come_in_parts(request) && bytes.size() <= wire::kPartTotalMax) ? bytes : Bytes{};
}

// What the answer to a request may take. Those that say little may all the same be long when things went wrong.
enum class AnswerSize : uint8_t { kSmall, kSmallMostly, kMuch };
struct AnswerSizeOf {
  template <typename T>
  AnswerSize operator()(const T&) const {
    return AnswerSize::kSmall;
  }
  AnswerSize operator()(const wire::AddressList&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::Fetch&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::KeyPackageTake&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::LogAppend&) const { return AnswerSize::kSmallMostly; }  // or a Conflict
  AnswerSize operator()(const wire::LogRead&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::Sealed&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::Forward&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::BulletinGet&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::BlobGet&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::NameResolve&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::ChannelRead&) const { return AnswerSize::kMuch; }
  AnswerSize operator()(const wire::ChannelLook&) const { return AnswerSize::kMuch; }
};

bool is_routine(const wire::Request& request) {
  return std::holds_alternative<wire::Fetch>(request) || std::holds_alternative<wire::Acknowledge>(request);
}

}  // namespace

Link::Link(LinkWorld& world, LinkKey key, wire::HomeAddress home, LinkHooks hooks)
    : world_(world),
      key_(key),
      home_(std::move(home)),
      hooks_(std::move(hooks)),
      policy_(world.homes.policy_of(home_)),
      racer_{++world.last_racer},
      worked_at_(world.now) {}

Link::~Link() {
  for (const auto& [pipe, candidate] : candidates_) {
    policy_.on_ended(candidate.dial.attempt, routes::End::kByUs, candidate.carried, world_.now);
    if (candidate.phase != Phase::kPreparing) world_.effects.push_back(ClosePipe{pipe});
  }
  policy_.forget(racer_);
}

RequestId Link::submit(const wire::Request& request, ReplyHandler done) {
  const RequestId id{++last_request_};
  Request asked;
  asked.bytes = wire::encode_request(request);
  asked.small = small_form(request, asked.bytes);
  asked.idempotent = wire::is_idempotent(request);
  const AnswerSize comes = std::visit(AnswerSizeOf{}, request);
  asked.begins = std::holds_alternative<wire::Fetch>(request);
  asked.in_parts = asked.small.size() > kSmallRequestMax || comes != AnswerSize::kSmall;
  asked.much_comes = comes == AnswerSize::kMuch;
  asked.answers = wire::answers_to(request);
  asked.room = room_use(request);
  asked.done = std::move(done);
  asked.asked_at = world_.now;
  requests_.emplace(id, std::move(asked));
  if (!is_routine(request)) world_.active_at = world_.now;
  return id;
}

void Link::cancel(RequestId request) {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return;
  if (found->second.sent) {
    if (Candidate* candidate = find(found->second.sent->first)) candidate->session->cancel(found->second.sent->second);
  }
  requests_.erase(found);
}

void Link::cancel_all() {
  while (!requests_.empty()) cancel(requests_.begin()->first);
}

Link::Candidate* Link::find(PipeId pipe) {
  const auto found = candidates_.find(pipe);
  return found == candidates_.end() ? nullptr : &found->second;
}

// ---- the pump -------------------------------------------------------------------------------------------------------

void Link::pump() {
  // Whoever has just said something expects an answer soon.
  if (is_mailbox() && world_.active_at > polled_at_ && poll_at_ > world_.active_at + kPollFirst) {
    poll_at_ = world_.active_at + kPollFirst;
    poll_pause_ = kPollFirst;
  }
  start();
  std::vector<PipeId> pipes;
  for (const auto& [pipe, candidate] : candidates_) pipes.push_back(pipe);
  for (const PipeId pipe : pipes) serve(pipe);
  start();  // where something has ended just now
}

void Link::serve(PipeId pipe) {
  Candidate* candidate = find(pipe);
  if (candidate == nullptr || candidate->phase == Phase::kPreparing) return;
  if (candidate->phase == Phase::kDialling && candidate->dial.open_by <= world_.now) {
    return drop(pipe, routes::End::kTimeout, kSilence, true);
  }
  if (candidate->session->next_deadline() <= world_.now) candidate->session->handle_expiry(world_.now);
  if (candidate->phase == Phase::kOpen && candidate->stall.deadline() <= world_.now &&
      candidate->stall.on_expiry(world_.now) == routes::StallWatch::Verdict::kDead) {
    return drop(pipe, routes::End::kSilent, kSilence, true);
  }
  take_events(pipe);
  candidate = find(pipe);
  if (candidate == nullptr) return;
  // Where a session stands, what is asked goes there: a live Fetch that a small exchange carries is not live.
  if (candidate->ready() && candidate->dial.small && !main_) send_small(pipe, *candidate);
  if (candidate->ready() && main_ == pipe) send_requests(pipe, *candidate);
  if (candidate->idle_since != kNever && candidate->idle_since + kLinkIdle <= world_.now) candidate->session->close();
  flush(pipe, *candidate);
  take_events(pipe);
  candidate = find(pipe);
  if (candidate != nullptr && candidate->dial.small) finish_exchange(pipe, *candidate);
}

void Link::send_requests(PipeId pipe, Candidate& candidate) {
  for (auto& [id, request] : requests_) {
    if (request.sent || request.not_before > world_.now) continue;
    const auto stream = candidate.session->send_request(request.bytes, world_.now);
    if (!stream) break;  // as many as may be are under way; the next answer makes room
    request.sent = {pipe, *stream};
  }
  if (requests_.empty() && !is_mailbox()) {
    if (candidate.idle_since == kNever) candidate.idle_since = world_.now;
  } else {
    candidate.idle_since = kNever;
  }
}

// Hands the session's bytes to the pipe once it is open.
void Link::flush(PipeId pipe, Candidate& candidate) {
  if (candidate.phase != Phase::kOpen) return;
  const session::ClientSession& session = *candidate.session;
  const bool wants_tickets = candidate.dial.small && tickets_.empty();
  candidate.stall.on_awaiting(session.requests_in_flight() > 0 || !session.established() || wants_tickets, world_.now);
  Bytes bytes = candidate.session->take_output(world_.now);
  if (bytes.empty()) return;
  candidate.carried.sent(bytes.size());
  candidate.stall.on_sent(world_.now);
  world_.effects.push_back(SendBytes{pipe, std::move(bytes)});
}

void Link::pipe_secured(PipeId pipe) {
  if (const Candidate* candidate = find(pipe)) policy_.on_secured(candidate->dial.attempt);
}

void Link::pipe_opened(PipeId pipe) {
  Candidate* candidate = find(pipe);
  if (candidate == nullptr || candidate->phase != Phase::kDialling) return;
  candidate->phase = Phase::kOpen;
  candidate->opened_at = world_.now;
  policy_.on_opened(candidate->dial.attempt, world_.now);
  candidate->stall.on_sent(world_.now);
}

void Link::pipe_bytes(PipeId pipe, ByteView bytes) {
  Candidate* candidate = find(pipe);
  if (candidate == nullptr || !candidate->session) return;
  candidate->heard = true;
  candidate->carried.received(bytes.size());
  candidate->stall.on_received(world_.now);
  policy_.on_carried(candidate->dial.attempt, candidate->carried);
  // An error shows as a Closed event as well.
  static_cast<void>(candidate->session->receive(bytes, world_.now));
  take_events(pipe);
}

void Link::pipe_closed(PipeId pipe, Error error) {
  const Candidate* candidate = find(pipe);
  if (candidate == nullptr) return;
  const bool open = candidate->phase == Phase::kOpen;
  const bool stood = open && candidate->session->established();
  const bool mute = open && !candidate->heard && world_.now <= candidate->opened_at + kMuteCloseMax;
  routes::End end = routes::end_of_failure(error.code.name);
  if (open)
    end = end == routes::End::kTimeout ? routes::End::kSilent : stood ? routes::End::kLost : routes::End::kReset;
  if (mute) end = routes::End::kGarbled;
  if (end == routes::End::kUnknown) end = routes::End::kReset;
  const bool wrong = mute && routes::is_closed_by_peer(error.code.name) && is_wrong_home();
  drop(pipe, end, wrong ? Error{kWrongHome, "a home answers a handshake made for its key"} : error, false);
  if (wrong && hooks_.wrong_home) hooks_.wrong_home();
}

void Link::network_changed() {
  while (!candidates_.empty()) {
    drop(candidates_.begin()->first, routes::End::kByUs, {session::kPipeLost, "another network"}, true);
  }
  not_before_ = Instant{};
  poll_at_ = Instant{};
  small_works_ = false;
}

Instant Link::deadline() const {
  Instant at = kNever;
  if (world_.now < not_before_) {
    if (wanted()) at = not_before_;
  } else if (wanted()) {
    at = policy_.next_dial_at(racer_, wants(), world_.now);
    if (is_mailbox() && !main_ && poll_at_ > world_.now && policy_.is_small(world_.now)) at = std::min(at, poll_at_);
  }
  for (const auto& [pipe, candidate] : candidates_) {
    if (candidate.phase == Phase::kPreparing) continue;
    at = std::min(at, candidate.session->next_deadline());
    if (candidate.phase == Phase::kDialling) at = std::min(at, candidate.dial.open_by);
    if (candidate.phase == Phase::kOpen) at = std::min(at, candidate.stall.deadline());
    if (candidate.idle_since != kNever) at = std::min(at, candidate.idle_since + kLinkIdle);
  }
  for (const auto& [id, request] : requests_) {
    if (!request.sent && request.not_before > world_.now) at = std::min(at, request.not_before);
  }
  return at;
}

// ---- the end of a candidate -----------------------------------------------------------------------------------------

// Requests without an answer wait for the next session.
void Link::drop(PipeId pipe, routes::End end, Error why, bool close) {
  const auto node = candidates_.extract(pipe);
  if (node.empty()) return;
  const Candidate& candidate = node.mapped();
  for (auto& [id, request] : requests_) {
    if (request.sent && request.sent->first == pipe) request.sent.reset();
  }
  if (main_ == pipe) {
    worked_at_ = world_.now;
    main_.reset();
  }
  if (close && candidate.phase != Phase::kPreparing) world_.effects.push_back(ClosePipe{pipe});
  policy_.on_ended(candidate.dial.attempt, end, candidate.carried, world_.now);
  if (candidate.dial.small && end != routes::End::kByUs) small_works_ = false;
  tell_state(why);
}

// Ends a session ourselves and lets the next one wait.
void Link::give_up(PipeId pipe, routes::End end, Error why, Duration pause) {
  Candidate* candidate = find(pipe);
  if (candidate == nullptr) return;
  if (pause > Duration{}) not_before_ = world_.now + pause;
  flush(pipe, *candidate);  // what the session has to say at its end
  drop(pipe, end, why, true);
}

// One more handshake has failed on an open pipe. True: that is enough to say so.
bool Link::is_wrong_home() {
  const auto unknown = std::ranges::count_if(candidates_, [](const auto& entry) { return !entry.second.dial.small; });
  if (main_ || unknown > 1 || ++world_.bad_handshakes[home_.key] < kBadHandshakesMax) return false;
  world_.bad_handshakes.erase(home_.key);
  return true;
}

// ---- what is shown --------------------------------------------------------------------------------------------------

LinkState Link::state() const {
  LinkState out;
  if (main_ && candidates_.at(*main_).ready()) {
    out.connection = Connection::kConnected;
    out.way = policy_.shown(candidates_.at(*main_).dial.attempt);
    return out;
  }
  out.way = policy_.best(world_.now);
  if (small_works_ && policy_.is_small(world_.now)) {
    out.connection = Connection::kConnected;
    return out;
  }
  for (const auto& [pipe, candidate] : candidates_) {
    if (out.trying++ == 0) out.way = policy_.shown(candidate.dial.attempt);
  }
  out.connection = out.trying > 0 ? Connection::kConnecting : Connection::kOffline;
  return out;
}

void Link::tell_state(std::optional<Error> why) {
  if (!hooks_.state) return;
  LinkState now = state();
  if (now.connection == Connection::kOffline) now.why = why;
  hooks_.state(now);
}

std::optional<routes::Route> Link::route_of(PipeId pipe) const {
  const auto found = candidates_.find(pipe);
  return found == candidates_.end() ? std::nullopt : std::optional(found->second.dial.route);
}

}  // namespace godwit::engine
