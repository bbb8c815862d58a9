#include "engine/link.h"

#include <algorithm>

#include "engine/errors.h"
#include "wire/errors.h"

namespace godwit::engine {

Link::Link(LinkWorld& world, LinkKey key, wire::HomeAddress home, LinkHooks hooks)
    : world_(world), key_(key), home_(std::move(home)), hooks_(std::move(hooks)) {}

RequestId Link::submit(const wire::Request& request, ReplyHandler done) {
  const RequestId id{++last_request_};
  requests_.emplace(id, Request{wire::encode_request(request), wire::is_idempotent(request), std::move(done), {}, {}});
  return id;
}

void Link::cancel(RequestId request) {
  const auto found = requests_.find(request);
  if (found == requests_.end()) return;
  if (session_ && found->second.stream) session_->cancel(*found->second.stream);
  requests_.erase(found);
}

void Link::cancel_all() {
  while (!requests_.empty()) cancel(requests_.begin()->first);
}

bool Link::wanted() const { return is_mailbox() || !requests_.empty(); }

// ---- dialling -------------------------------------------------------------------------------------------------------

// The route to try now. Those that only a newer version understands are passed over.
std::optional<routes::Route> Link::next_route() {
  for (size_t tried = 0; tried < home_.routes.size(); ++tried) {
    if (auto route = routes::parse_route(home_.routes[route_])) return std::move(route).value();
    route_ = (route_ + 1) % home_.routes.size();
  }
  return std::nullopt;
}

void Link::prepare() {
  if (world_.now < not_before_) return;
  const auto route = next_route();
  if (!route) {
    not_before_ = world_.now + routes::kDialPauseMax;
    return;
  }
  host_ = route->host;
  if (world_.now < world_.pacer.next_dial(host_)) return;
  world_.pacer.on_dial(host_, world_.now);
  state_ = State::kPreparing;
  if (hooks_.state) hooks_.state(Connection::kConnecting, std::nullopt);
  auto ticket = take_ticket();
  if (!ticket) return dial(*route, std::nullopt);
  // A ticket is forgotten on disk before it is used: each works once.
  store_tickets();
  auto shared = std::make_shared<session::Ticket>(std::move(*ticket));
  world_.journal.then([this, route = *route, shared] { dial(route, std::move(*shared)); });
}

void Link::dial(const routes::Route& route, std::optional<session::Ticket> ticket) {
  if (hooks_.before_dial) hooks_.before_dial();
  form_ = routes::carried_form(route.carrier) == routes::CarriedForm::kStream ? session::Form::kStream
                                                                               : session::Form::kWebSocket;
  make_session(std::move(ticket));
  state_ = State::kDialling;
  pipe_ = PipeId{++world_.last_pipe};
  heard_ = false;
  stall_ = routes::StallWatch{};
  world_.effects.push_back(OpenPipe{*pipe_, route, session_->take_output(world_.now), home_.pin});
}

void Link::make_session(std::optional<session::Ticket> ticket) {
  session::ClientOptions options;
  options.home_key = home_.key.value;
  options.form = form_;
  const size_t kept = std::min<size_t>(tickets_.size(), session::kTicketsKept - 1);
  options.tickets_wanted = static_cast<uint8_t>(session::kTicketsKept - kept);
  by_ticket_ = false;
  if (ticket) {
    std::vector<Bytes> flight;
    std::vector<Request*> carried;
    for (auto& [id, request] : requests_) {
      if (!request.idempotent || request.not_before > world_.now || flight.size() == session::kRequestsInFlightMax)
        continue;
      flight.push_back(request.bytes);
      carried.push_back(&request);
    }
    auto resumed =
        session::ClientSession::resume(options, std::move(*ticket), std::move(flight), world_.random, world_.now);
    if (resumed) {
      for (uint32_t i = 0; i < carried.size(); ++i) carried[i]->stream = session::StreamId{i + 1};
      session_ = std::move(*resumed);
      by_ticket_ = true;
    }
  }
  if (!by_ticket_) session_ = session::ClientSession::connect(options, world_.random, world_.now);
  proof_ = is_mailbox() && !by_ticket_ ? Proof::kNeeded : Proof::kNotNeeded;
  proof_stream_.reset();
}

// ---- the pump -------------------------------------------------------------------------------------------------------

void Link::pump() {
  if (state_ == State::kIdle && wanted()) prepare();
  if (!session_) return;
  if (session_->next_deadline() <= world_.now) session_->handle_expiry(world_.now);
  if (state_ == State::kOpen && stall_.deadline() <= world_.now &&
      stall_.on_expiry(world_.now) == routes::StallWatch::Verdict::kDead) {
    session_->pipe_lost();
  }
  take_events();
  if (!session_) return;
  if (session_->established() && proof_ == Proof::kNotNeeded) send_requests();
  if (idle_since_ != kNever && idle_since_ + kLinkIdle <= world_.now) session_->close();
  flush();
  take_events();
}

void Link::send_requests() {
  for (auto& [id, request] : requests_) {
    if (request.stream || request.not_before > world_.now) continue;
    const auto stream = session_->send_request(request.bytes, world_.now);
    if (!stream) break;  // as many as may be are under way; the next answer makes room
    request.stream = *stream;
  }
  if (requests_.empty() && !is_mailbox()) {
    if (idle_since_ == kNever) idle_since_ = world_.now;
  } else {
    idle_since_ = kNever;
  }
}

// Hands the session's bytes to the pipe once it is open.
void Link::flush() {
  if (state_ != State::kOpen) return;
  stall_.on_awaiting(session_->requests_in_flight() > 0 || !session_->established(), world_.now);
  Bytes bytes = session_->take_output(world_.now);
  if (bytes.empty()) return;
  stall_.on_sent(world_.now);
  world_.effects.push_back(SendBytes{*pipe_, std::move(bytes)});
}

void Link::pipe_opened(PipeId pipe) {
  if (pipe_ != pipe || state_ != State::kDialling) return;
  state_ = State::kOpen;
  opened_at_ = world_.now;
  world_.pacer.on_outcome(host_, routes::DialOutcome::kOpened, world_.now, world_.random);
  stall_.on_sent(world_.now);
}

void Link::pipe_bytes(PipeId pipe, ByteView bytes) {
  if (pipe_ != pipe || !session_) return;
  heard_ = true;
  stall_.on_received(world_.now);
  // An error shows as a Closed event as well.
  static_cast<void>(session_->receive(bytes, world_.now));
  take_events();
}

void Link::pipe_closed(PipeId pipe, Error error) {
  if (pipe_ != pipe) return;
  const bool mute = state_ == State::kOpen && !heard_ && world_.now <= opened_at_ + kMuteCloseMax;
  if (state_ == State::kDialling) {
    world_.pacer.on_outcome(host_, routes::DialOutcome::kFailed, world_.now, world_.random);
    route_ = (route_ + 1) % home_.routes.size();
  } else {
    world_.pacer.on_pipe_closed(host_, world_.now, world_.random);
  }
  pipe_.reset();
  const bool wrong = mute && is_wrong_home();
  lost(wrong ? Error{kWrongHome, "a home answers a handshake made for its key"} : error);
  if (wrong && hooks_.wrong_home) hooks_.wrong_home();
}

Instant Link::deadline() const {
  Instant at = kNever;
  if (state_ == State::kIdle && wanted()) {
    // While another link dials the same host, the end of that dial wakes this one.
    at = std::max(not_before_, host_.empty() ? world_.now : world_.pacer.next_dial(host_));
  }
  if (!session_) return at;
  at = std::min(at, session_->next_deadline());
  if (state_ == State::kOpen) at = std::min(at, stall_.deadline());
  if (idle_since_ != kNever) at = std::min(at, idle_since_ + kLinkIdle);
  for (const auto& [id, request] : requests_) {
    if (!request.stream && request.not_before > world_.now) at = std::min(at, request.not_before);
  }
  return at;
}

// ---- the end of a session -------------------------------------------------------------------------------------------

// Ends the session ourselves and lets the next one wait.
void Link::give_up(Error why, Duration pause) {
  not_before_ = world_.now + pause;
  if (state_ == State::kDialling) {
    world_.pacer.on_outcome(host_, routes::DialOutcome::kFailed, world_.now, world_.random);
    route_ = (route_ + 1) % home_.routes.size();
  } else {
    world_.pacer.on_pipe_closed(host_, world_.now, world_.random);
  }
  if (pipe_) {
    Bytes last = state_ == State::kOpen ? session_->take_output(world_.now) : Bytes{};
    if (!last.empty()) world_.effects.push_back(SendBytes{*pipe_, std::move(last)});
    world_.effects.push_back(ClosePipe{*pipe_});
  }
  pipe_.reset();
  lost(why);
}

// One more handshake has failed on an open pipe. True: that is enough to say so.
bool Link::is_wrong_home() {
  if (++bad_handshakes_ < kBadHandshakesMax) return false;
  bad_handshakes_ = 0;
  return true;
}

// Requests without an answer wait for the next session.
void Link::lost(Error why) {
  for (auto& [id, request] : requests_) request.stream.reset();
  session_.reset();
  state_ = State::kIdle;
  idle_since_ = kNever;
  if (hooks_.state) hooks_.state(Connection::kOffline, why);
}

// ---- tickets --------------------------------------------------------------------------------------------------------

Bytes Link::tickets_key() const {
  Bytes id = to_bytes(key_.chat.view());
  append(id, key_.home.view());
  return record_key(RecordKind::kTickets, id);
}

void Link::restore_tickets(TicketsRecord record) {
  for (const SecretBlob& blob : record.tickets) {
    auto ticket = session::Ticket::parse(blob.value);
    if (ticket && ticket->kind == kind()) tickets_.push_back(std::move(*ticket));
  }
}

std::optional<session::Ticket> Link::take_ticket() {
  while (!tickets_.empty()) {
    session::Ticket ticket = std::move(tickets_.back());
    tickets_.pop_back();
    if (ticket.expires > world_.now) return ticket;
  }
  return std::nullopt;
}

void Link::store_tickets() {
  if (tickets_.empty()) return world_.journal.erase(tickets_key());
  TicketsRecord record;
  for (const session::Ticket& ticket : tickets_) record.tickets.push_back({ticket.serialise()});
  world_.journal.put(tickets_key(), record);
}

}  // namespace godwit::engine
