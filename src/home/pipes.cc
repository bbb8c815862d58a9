#include "home/pipes.h"

#include <algorithm>

#include "session/errors.h"

namespace godwit::home {
namespace {

// Asked of a session at once, so that small messages can overtake large ones on a slow pipe.
constexpr size_t kOutputSizeMax = 64 * 1024;
// Asked of everybody while more handshakes come than limits.handshakes_per_second.
constexpr uint8_t kWorkBitsUnderLoad = 14;

session::HandshakeGate::Limits gate_limits(const Limits& limits) {
  session::HandshakeGate::Limits out;
  out.burst = limits.handshakes_source_burst;
  out.interval = limits.handshakes_source_interval;
  return out;
}

}  // namespace

Pipes::Pipes(const Keys& keys, const Limits& limits, Random& random, SessionCore& core)
    : keys_(keys),
      limits_(limits),
      random_(random),
      core_(core),
      gate_(crypto::Secret<32>::random(random), gate_limits(limits)) {}

// ---- pipes ----------------------------------------------------------------------------------------------------------

void Pipes::opened(PipeId pipe, session::Form form, Bytes source) {
  const auto others = pipes_of_.find(source);
  const bool many = !source.empty() && others != pipes_of_.end() && others->second >= limits_.pipes_source_max;
  if (draining_ || many || lines_.size() >= limits_.sessions_max) {
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
void Pipes::watch_load() {
  if (now_ - second_began_ >= seconds(1) || now_ < second_began_) {
    const bool load = opened_this_second_ > limits_.handshakes_per_second;
    gate_.set_work_bits(load ? kWorkBitsUnderLoad : 0);
    second_began_ = now_;
    opened_this_second_ = 0;
  }
  ++opened_this_second_;
}

void Pipes::bytes(PipeId pipe, ByteView bytes) {
  const auto found = lines_.find(pipe);
  if (found == lines_.end() || found->second.closed) return;
  static_cast<void>(found->second.session.receive(bytes, now_));  // an error comes as Closed, too
  touch(pipe);
}

void Pipes::closed(PipeId pipe) {
  const auto found = lines_.find(pipe);
  if (found == lines_.end()) return;
  deadlines_.erase({found->second.deadline, pipe});
  if (!found->second.established) ++core_.counting().handshakes_failed;
  output_waiting_ -= found->second.waiting;
  in_flight_ -= found->second.in_flight;
  if (const auto others = pipes_of_.find(found->second.source); others != pipes_of_.end()) {
    if (--others->second == 0) pipes_of_.erase(others);
  }
  lines_.erase(found);
  touched_.erase(pipe);
  talking_.erase(pipe);
  core_.session_closed(SessionId{pipe.value}, now_);
}

void Pipes::full(PipeId pipe) {
  const auto found = lines_.find(pipe);
  if (found != lines_.end()) found->second.full = true;
}

void Pipes::drained(PipeId pipe) {
  const auto found = lines_.find(pipe);
  if (found == lines_.end()) return;
  found->second.full = false;
  talking_.insert(pipe);
}

void Pipes::handle_expiry() {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_) {
    const PipeId pipe = deadlines_.begin()->second;
    Line& line = lines_.at(pipe);
    deadlines_.erase(deadlines_.begin());
    line.deadline = kNever;
    line.session.handle_expiry(now_);
    touch(pipe);
  }
}

void Pipes::drain(bool draining) {
  draining_ = draining;
  if (!draining_) return;
  for (auto& [pipe, line] : lines_) {
    if (line.in_flight == 0) line.session.close(session::kGoingDown, kComeBackAfter);
    touch(pipe);
  }
}

void Pipes::end_all() {
  for (auto& [pipe, line] : lines_) {
    line.session.close(session::kGoingDown, kComeBackAfter);
    touch(pipe);
  }
}

Instant Pipes::next_deadline() const { return deadlines_.empty() ? kNever : deadlines_.begin()->first; }

void Pipes::note_deadline(PipeId pipe, Line& line) {
  const Instant deadline = line.closed ? kNever : line.session.next_deadline();
  if (deadline == line.deadline) return;
  deadlines_.erase({line.deadline, pipe});
  line.deadline = deadline;
  if (deadline != kNever) deadlines_.insert({deadline, pipe});
}

// ---- events of sessions ---------------------------------------------------------------------------------------------

void Pipes::settle() {
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

void Pipes::take_events(PipeId pipe, Line& line) {
  while (!line.closed) {
    auto event = line.session.next_event();
    if (!event) return;
    take_event(pipe, line, std::move(*event));
  }
}

void Pipes::take_event(PipeId pipe, Line& line, session::HomeEvent event) {
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
    in_flight_ -= std::exchange(line.in_flight, 0);
    core_.session_closed(id, now_);
  }
  // Cancelled: the request goes on; its answer finds no stream and is dropped.
}

void Pipes::take_request(PipeId pipe, Line& line, const session::Request& request) {
  if (draining_) {
    static_cast<void>(line.session.refuse(request.stream, session::kGoingDown, kComeBackAfter, now_));
    return;
  }
  ++line.in_flight;
  ++in_flight_;
  core_.handle_request(SessionId{pipe.value}, request.stream, request.bytes, request.first_flight, now_);
}

// ---- what the core asks ---------------------------------------------------------------------------------------------

Pipes::Line* Pipes::find(SessionId session) {
  const auto found = lines_.find(PipeId{session.value});
  if (found == lines_.end() || found->second.closed) return nullptr;
  touch(found->first);
  return &found->second;
}

void Pipes::answered(Line& line) {
  if (line.in_flight == 0) return;  // a front's other end is not to be believed
  --line.in_flight;
  --in_flight_;
  if (draining_ && line.in_flight == 0) line.session.close(session::kGoingDown, kComeBackAfter);
}

// What waits for this session may have changed.
void Pipes::count_output(Line& line) {
  const size_t waiting = line.session.output_waiting();
  output_waiting_ = output_waiting_ - line.waiting + waiting;
  line.waiting = waiting;
}

// Room for `size` more bytes of output. If there is none, the session for which most waits is cut off, since a client that
// asks and does not read must not cost the others their answers; it resumes when it can. False: nobody has much.
bool Pipes::make_room(size_t size) {
  while (output_waiting_ + size > limits_.output_bytes_max) {
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

void Pipes::reply(SessionId session, session::StreamId stream, Bytes bytes) {
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

void Pipes::refuse(SessionId session, session::StreamId stream, ErrorCode code, Duration retry_after) {
  Line* line = find(session);
  if (line == nullptr) return;
  static_cast<void>(line->session.refuse(stream, code, retry_after, now_));
  answered(*line);
}

bool Pipes::push(SessionId session, Bytes items, size_t waiting_max) {
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

Sessions::Spare Pipes::push_spare(SessionId session, const Bytes& entries, size_t waiting_max) {
  const auto found = lines_.find(PipeId{session.value});
  if (found == lines_.end() || found->second.closed) return Sessions::Spare::kSlow;
  Line& line = found->second;
  const bool full = output_waiting_ + entries.size() > limits_.output_bytes_max / 2;
  const bool taken = !full && line.waiting <= waiting_max && line.session.push(entries, now_).has_value();
  if (taken) count_output(line);
  if (taken || !full) touch(found->first);
  line.wants_push = line.wants_push || !taken;
  return full ? Sessions::Spare::kFull : taken ? Sessions::Spare::kTaken : Sessions::Spare::kSlow;
}

bool Pipes::bind(SessionId session, Bytes binding) {
  Line* line = find(session);
  return line != nullptr && line->session.bind_mailbox(std::move(binding)).has_value();
}

void Pipes::close(SessionId session, ErrorCode code, Duration retry_after) {
  Line* line = find(session);
  if (line != nullptr) line->session.close(code, retry_after);
}

void Pipes::provide_ticket(SessionId session, std::optional<session::TicketRecord> record) {
  Line* line = find(session);
  if (line != nullptr) line->session.provide_ticket(std::move(record), now_);
}

// ---- outputs --------------------------------------------------------------------------------------------------------

std::optional<Pipes::Output> Pipes::next_output() {
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
        closed(pipe);
        return ClosePipe{pipe};
      }
    }
    talking_.erase(pipe);
  }
  return std::nullopt;
}

size_t Pipes::waiting_of(SessionId session) const {
  const auto found = lines_.find(PipeId{session.value});
  return found == lines_.end() ? 0 : found->second.waiting;
}

}  // namespace godwit::home
