#include "home/home.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "home/core.h"
#include "session/home_session.h"

namespace godwit::home {
namespace {

// Asked of a session at once, so that small messages can overtake large ones on a slow pipe.
constexpr size_t kOutputSizeMax = 64 * 1024;
// Asked of everybody while more handshakes come than options.limits.handshakes_per_second.
constexpr uint8_t kWorkBitsUnderLoad = 14;
// A session for which no more than this waits is not cut off to make room.
constexpr size_t kOutputShare = 64 * 1024;
// When to ask again if nobody could be cut off.
constexpr Duration kOutputRetry = seconds(1);
// A session that refused a push gets the next one when no more than this waits.
constexpr size_t kPushAgainBelow = 64 * 1024;
// When a client should come back to a home that is going down.
constexpr Duration kComeBackAfter = seconds(5);

session::HandshakeGate::Limits gate_limits(const Limits& limits) {
  session::HandshakeGate::Limits out;
  out.burst = limits.handshakes_source_burst;
  out.interval = limits.handshakes_source_interval;
  return out;
}

}  // namespace

/// Pipes, each with its session, above the core.
class Home::State final : public Sessions {
 public:
  State(Keys keys, Options options, store::HomeStore& store, Random& random)
      : keys_(std::move(keys)),
        options_(options),
        random_(random),
        gate_(crypto::Secret<32>::random(random), gate_limits(options.limits)),
        core_(keys_, options_, store, random, *this) {}

  void start(Instant now) {
    now_ = now;
    core_.start(now);
  }
  void pipe_opened(PipeId pipe, session::Form form, Bytes source);
  void pipe_bytes(PipeId pipe, ByteView bytes);
  void pipe_closed(PipeId pipe);
  void pipe_full(PipeId pipe);
  void pipe_drained(PipeId pipe);
  void handle_expiry();
  void drain();
  std::optional<Output> next_output();
  Instant next_deadline() const;
  bool idle() const { return core_.idle(); }
  size_t output_waiting() const { return output_waiting_; }
  Gauges gauges() const;
  Core& core() { return core_; }
  void at(Instant now) {
    if (now < now_) core_.clock_went_back(now_ - now);
    now_ = now;
  }
  // What the sessions have to tell; at the end of every call from outside.
  void settle();

  // Sessions, called by the core.
  void reply(SessionId session, session::StreamId stream, Bytes bytes) override;
  bool push(SessionId session, Bytes items, size_t waiting_max) override;
  Spare push_spare(SessionId session, const Bytes& entries, size_t waiting_max) override;
  bool bind(SessionId session, Bytes binding) override;
  void refuse(SessionId session, session::StreamId stream, ErrorCode code) override;
  void close(SessionId session) override;
  void provide_ticket(SessionId session, std::optional<session::TicketRecord> record) override;
  void answer_sealed(SealedArrivalId arrival, Result<Bytes> reply) override {
    outputs_.emplace_back(SealedAnswer{arrival, std::move(reply)});
  }
  void forward(ForwardId forward, wire::HomeAddress home, Bytes sealed) override {
    outputs_.emplace_back(ForwardSealed{forward, std::move(home), std::move(sealed)});
  }
  void send_web_push(WebPushId push, wire::WebPushSubscription subscription) override {
    outputs_.emplace_back(SendWebPush{push, std::move(subscription)});
  }

 private:
  struct Line {
    session::HomeSession session;
    Bytes source;
    uint32_t in_flight = 0;
    size_t waiting = 0;       // of output_waiting_, this session's
    bool wants_push = false;  // it refused one
    bool full = false;        // the host takes no bytes for now
    bool established = false;
    bool closed = false;  // the session is over: its last bytes go, then the pipe is closed
    Instant deadline = kNever;
  };
  Line* find(SessionId session);
  void touch(PipeId pipe) { touched_.insert(pipe); }
  void take_events(PipeId pipe, Line& line);
  void take_event(PipeId pipe, Line& line, session::HomeEvent event);
  void take_request(PipeId pipe, Line& line, const session::Request& request);
  void answered(Line& line);
  void note_deadline(PipeId pipe, Line& line);
  void watch_load();
  void count_output(Line& line);
  bool make_room(size_t size);

  const Keys keys_;
  const Options options_;
  Random& random_;
  session::HandshakeGate gate_;
  Instant now_;
  bool draining_ = false;
  bool stop_told_ = false;
  bool trouble_told_ = false;
  std::map<PipeId, Line> lines_;
  std::map<Bytes, uint32_t> pipes_of_;              // by source, where that is real
  size_t output_waiting_ = 0;                       // of all sessions
  std::set<PipeId> touched_;                        // their events are to be read
  std::set<PipeId> talking_;                        // they may have bytes to send
  std::set<std::pair<Instant, PipeId>> deadlines_;  // of the sessions
  std::vector<PipeId> turned_away_;
  std::deque<Output> outputs_;  // that are of no pipe
  uint64_t opened_this_second_ = 0;
  Instant second_began_;
  Core core_;  // last: it is told of the other members
};

// ---- pipes ----------------------------------------------------------------------------------------------------------

void Home::State::pipe_opened(PipeId pipe, session::Form form, Bytes source) {
  const auto others = pipes_of_.find(source);
  const bool many = !source.empty() && others != pipes_of_.end() && others->second >= options_.limits.pipes_source_max;
  if (draining_ || many || lines_.size() >= options_.limits.sessions_max) {
    ++(many ? core_.counting().pipes_refused_source : core_.counting().pipes_refused_full);
    turned_away_.push_back(pipe);
    return;
  }
  watch_load();
  ++core_.counting().handshakes_begun;
  if (!source.empty()) ++pipes_of_[source];
  session::HomeOptions options{&keys_.identity, &gate_, form, source};
  const auto [line, added] = lines_.emplace(pipe, Line{session::HomeSession(options, random_, now_), source});
  ASSERT(added);  // the host never uses a number twice
  note_deadline(pipe, line->second);
}

// More than so many new pipes in a second: from the next second on, handshakes cost their clients something.
void Home::State::watch_load() {
  if (now_ - second_began_ >= seconds(1) || now_ < second_began_) {
    const bool load = opened_this_second_ > options_.limits.handshakes_per_second;
    gate_.set_work_bits(load ? kWorkBitsUnderLoad : 0);
    second_began_ = now_;
    opened_this_second_ = 0;
  }
  ++opened_this_second_;
}

void Home::State::pipe_bytes(PipeId pipe, ByteView bytes) {
  const auto found = lines_.find(pipe);
  if (found == lines_.end() || found->second.closed) return;
  static_cast<void>(found->second.session.receive(bytes, now_));  // an error comes as Closed, too
  touch(pipe);
}

void Home::State::pipe_closed(PipeId pipe) {
  const auto found = lines_.find(pipe);
  if (found == lines_.end()) return;
  deadlines_.erase({found->second.deadline, pipe});
  if (!found->second.established) ++core_.counting().handshakes_failed;
  output_waiting_ -= found->second.waiting;
  if (const auto others = pipes_of_.find(found->second.source); others != pipes_of_.end()) {
    if (--others->second == 0) pipes_of_.erase(others);
  }
  lines_.erase(found);
  touched_.erase(pipe);
  talking_.erase(pipe);
  core_.session_closed(SessionId{pipe.value}, now_);
}

void Home::State::pipe_full(PipeId pipe) {
  const auto found = lines_.find(pipe);
  if (found != lines_.end()) found->second.full = true;
}

void Home::State::pipe_drained(PipeId pipe) {
  const auto found = lines_.find(pipe);
  if (found == lines_.end()) return;
  found->second.full = false;
  talking_.insert(pipe);
}

void Home::State::handle_expiry() {
  core_.handle_expiry(now_);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_) {
    const PipeId pipe = deadlines_.begin()->second;
    Line& line = lines_.at(pipe);
    deadlines_.erase(deadlines_.begin());
    line.deadline = kNever;
    line.session.handle_expiry(now_);
    touch(pipe);
  }
}

void Home::State::drain() {
  draining_ = true;
  for (auto& [pipe, line] : lines_) {
    if (line.in_flight == 0) line.session.close(session::kGoingDown, kComeBackAfter);
    touch(pipe);
  }
}

Instant Home::State::next_deadline() const {
  const Instant session = deadlines_.empty() ? kNever : deadlines_.begin()->first;
  return std::min(session, core_.next_deadline());
}

void Home::State::note_deadline(PipeId pipe, Line& line) {
  const Instant deadline = line.closed ? kNever : line.session.next_deadline();
  if (deadline == line.deadline) return;
  deadlines_.erase({line.deadline, pipe});
  line.deadline = deadline;
  if (deadline != kNever) deadlines_.insert({deadline, pipe});
}

// ---- events of sessions ---------------------------------------------------------------------------------------------

void Home::State::settle() {
  while (!touched_.empty()) {
    const PipeId pipe = *touched_.begin();
    touched_.erase(touched_.begin());
    const auto found = lines_.find(pipe);
    if (found == lines_.end()) continue;
    take_events(pipe, found->second);
    note_deadline(pipe, found->second);
    talking_.insert(pipe);
  }
}

void Home::State::take_events(PipeId pipe, Line& line) {
  while (!line.closed) {
    auto event = line.session.next_event();
    if (!event) return;
    take_event(pipe, line, std::move(*event));
  }
}

void Home::State::take_event(PipeId pipe, Line& line, session::HomeEvent event) {
  const SessionId id{pipe.value};
  if (const auto* established = std::get_if<session::HomeEstablished>(&event)) {
    line.established = true;
    core_.session_opened(id, established->channel_binding, established->binding, established->resumed, now_);
  } else if (const auto* request = std::get_if<session::Request>(&event)) {
    take_request(pipe, line, *request);
  } else if (const auto* wanted = std::get_if<session::TicketWanted>(&event)) {
    core_.take_ticket(id, wanted->id, now_);
  } else if (const auto* issued = std::get_if<session::TicketIssued>(&event)) {
    core_.keep_ticket(issued->record, now_);
  } else if (std::holds_alternative<session::Closed>(event)) {
    line.closed = true;
    core_.session_closed(id, now_);
  }
  // Cancelled: the request goes on; its answer finds no stream and is dropped.
}

void Home::State::take_request(PipeId pipe, Line& line, const session::Request& request) {
  if (draining_) {
    static_cast<void>(line.session.refuse(request.stream, session::kGoingDown, kComeBackAfter, now_));
    return;
  }
  ++line.in_flight;
  core_.handle_request(SessionId{pipe.value}, request.stream, request.bytes, request.first_flight, now_);
}

// ---- what the core asks ---------------------------------------------------------------------------------------------

Home::State::Line* Home::State::find(SessionId session) {
  const auto found = lines_.find(PipeId{session.value});
  if (found == lines_.end() || found->second.closed) return nullptr;
  touch(found->first);
  return &found->second;
}

void Home::State::answered(Line& line) {
  --line.in_flight;
  if (draining_ && line.in_flight == 0) line.session.close(session::kGoingDown, kComeBackAfter);
}

// What waits for this session may have changed.
void Home::State::count_output(Line& line) {
  const size_t waiting = line.session.output_waiting();
  output_waiting_ = output_waiting_ - line.waiting + waiting;
  line.waiting = waiting;
}

// Room for `size` more bytes of output. If there is none, the session for which most waits is cut off, since a client that
// asks and does not read must not cost the others their answers; it resumes when it can. False: nobody has much.
bool Home::State::make_room(size_t size) {
  while (output_waiting_ + size > options_.limits.output_bytes_max) {
    const auto most = std::max_element(
        lines_.begin(), lines_.end(), [](const auto& a, const auto& b) { return a.second.waiting < b.second.waiting; });
    if (most == lines_.end() || most->second.waiting <= kOutputShare) return false;
    most->second.session.pipe_lost();
    ++core_.counting().sessions_cut;
    count_output(most->second);
    touch(most->first);
  }
  return true;
}

void Home::State::reply(SessionId session, session::StreamId stream, Bytes bytes) {
  Line* line = find(session);
  if (line == nullptr) return;
  if (make_room(bytes.size())) {
    static_cast<void>(line->session.reply(stream, std::move(bytes), now_));  // kNoSuchStream, kOutboxFull: told there
  } else {
    static_cast<void>(line->session.refuse(stream, session::kOutboxFull, kOutputRetry, now_));
  }
  count_output(*line);
  answered(*line);
}

void Home::State::refuse(SessionId session, session::StreamId stream, ErrorCode code) {
  Line* line = find(session);
  if (line == nullptr) return;
  static_cast<void>(line->session.refuse(stream, code, {}, now_));
  answered(*line);
}

bool Home::State::push(SessionId session, Bytes items, size_t waiting_max) {
  Line* line = find(session);
  if (line == nullptr || line->waiting > waiting_max) return false;
  if (!make_room(items.size())) {
    line->session.close(session::kGoingDown, kComeBackAfter);  // it fetches when it comes back
    return false;
  }
  const bool taken = line->session.push(std::move(items), now_).has_value();
  if (!taken) line->wants_push = true;
  count_output(*line);
  return taken;
}

Sessions::Spare Home::State::push_spare(SessionId session, const Bytes& entries, size_t waiting_max) {
  const auto found = lines_.find(PipeId{session.value});
  if (found == lines_.end() || found->second.closed) return Spare::kSlow;
  Line& line = found->second;
  const bool full = output_waiting_ + entries.size() > options_.limits.output_bytes_max / 2;
  const bool taken = !full && line.waiting <= waiting_max && line.session.push(entries, now_).has_value();
  if (taken) count_output(line);
  if (taken || !full) touch(found->first);
  line.wants_push = line.wants_push || !taken;
  return full ? Spare::kFull : taken ? Spare::kTaken : Spare::kSlow;
}

bool Home::State::bind(SessionId session, Bytes binding) {
  Line* line = find(session);
  return line != nullptr && line->session.bind_mailbox(std::move(binding)).has_value();
}

void Home::State::close(SessionId session) {
  Line* line = find(session);
  if (line != nullptr) line->session.close();
}

void Home::State::provide_ticket(SessionId session, std::optional<session::TicketRecord> record) {
  Line* line = find(session);
  if (line != nullptr) line->session.provide_ticket(std::move(record), now_);
}

// ---- outputs --------------------------------------------------------------------------------------------------------

std::optional<Output> Home::State::next_output() {
  if (core_.must_stop() && !std::exchange(stop_told_, true)) return Stop{*core_.must_stop()};
  if (core_.trouble().has_value() != trouble_told_) {
    trouble_told_ = core_.trouble().has_value();
    if (trouble_told_) return StoreTroubleBegan{*core_.trouble()};
    return StoreTroubleEnded{};
  }
  if (!outputs_.empty()) {
    Output output = std::move(outputs_.front());
    outputs_.pop_front();
    return output;
  }
  if (!turned_away_.empty()) {
    const PipeId pipe = turned_away_.back();
    turned_away_.pop_back();
    return ClosePipe{pipe};
  }
  while (!talking_.empty()) {
    const PipeId pipe = *talking_.begin();
    const auto found = lines_.find(pipe);
    if (found != lines_.end() && !found->second.full) {
      Bytes bytes = found->second.session.take_output(now_, kOutputSizeMax);
      count_output(found->second);
      if (found->second.wants_push && found->second.waiting <= kPushAgainBelow) {
        found->second.wants_push = false;
        core_.push_possible(SessionId{pipe.value}, now_);
      }
      if (!bytes.empty()) return SendBytes{pipe, std::move(bytes)};
      note_deadline(pipe, found->second);
      if (found->second.closed) {
        pipe_closed(pipe);
        return ClosePipe{pipe};
      }
    }
    talking_.erase(pipe);
  }
  return std::nullopt;
}

Gauges Home::State::gauges() const {
  Gauges out = core_.gauges();
  out.pipes = lines_.size();
  out.output_waiting = output_waiting_;
  out.sources_remembered = gate_.sources_remembered();
  return out;
}

// ---- the public face ------------------------------------------------------------------------------------------------

Home::Home(Keys keys, Options options, store::HomeStore& store, Random& random)
    : state_(std::make_unique<State>(std::move(keys), options, store, random)) {}

Home::~Home() = default;

void Home::start(Instant now) { state_->start(now); }

void Home::pipe_opened(PipeId pipe, session::Form form, Bytes source, Instant now) {
  state_->at(now);
  state_->pipe_opened(pipe, form, std::move(source));
}

void Home::pipe_bytes(PipeId pipe, ByteView bytes, Instant now) {
  state_->at(now);
  state_->pipe_bytes(pipe, bytes);
  state_->settle();
}

void Home::pipe_closed(PipeId pipe, Instant now) {
  state_->at(now);
  state_->pipe_closed(pipe);
  state_->settle();
}

void Home::pipe_full(PipeId pipe) { state_->pipe_full(pipe); }

void Home::pipe_drained(PipeId pipe, Instant now) {
  state_->at(now);
  state_->pipe_drained(pipe);
}

void Home::set_bulletin(BulletinPlan plan) { state_->core().set_bulletin(std::move(plan)); }

void Home::set_call_relay(std::optional<CallRelayPlan> plan) { state_->core().set_call_relay(std::move(plan)); }

void Home::set_call_unit(std::optional<CallUnitPlan> plan, Instant now) {
  state_->at(now);
  state_->core().set_call_unit(std::move(plan));
  state_->settle();
}

void Home::unit_answered(UnitAskId ask, Result<wire::CallRoomSaid> said, Instant now) {
  state_->at(now);
  state_->core().unit_answered(ask, std::move(said), now);
  state_->settle();
}

void Home::sealed_arrived(SealedArrivalId arrival, Bytes sealed, Instant now) {
  state_->at(now);
  state_->core().sealed_arrived(arrival, std::move(sealed), now);
  state_->settle();
}

void Home::remove(std::shared_ptr<Removal> removal, Instant now) {
  state_->at(now);
  state_->core().remove(std::move(removal), now);
  state_->settle();
}

void Home::forwarded(ForwardId forward, Result<Bytes> reply, Instant now) {
  state_->at(now);
  state_->core().forwarded(forward, std::move(reply), now);
  state_->settle();
}

void Home::set_web_push_key(std::optional<wire::WebPushKey> key) { state_->core().set_web_push_key(key); }

void Home::web_pushed(WebPushId push, const WebPushResult& result, Instant now) {
  state_->at(now);
  state_->core().web_pushed(push, result, now);
  state_->settle();
}

void Home::store_ready(Instant now) {
  state_->at(now);
  state_->core().store_ready(now);
  state_->settle();
}

std::optional<Output> Home::next_output() { return state_->next_output(); }

Instant Home::next_deadline() const { return state_->next_deadline(); }

void Home::handle_expiry(Instant now) {
  state_->at(now);
  state_->handle_expiry();
  state_->settle();
}

void Home::drain(Instant now) {
  state_->at(now);
  state_->drain();
  state_->settle();
}

bool Home::idle() const { return state_->idle(); }

size_t Home::output_waiting() const { return state_->output_waiting(); }

const Counters& Home::counters() const { return state_->core().counters(); }

Gauges Home::gauges() const { return state_->gauges(); }

}  // namespace godwit::home
