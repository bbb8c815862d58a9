// How a link comes to a pipe: the policy's word, a ticket taken off the disk, a session, the dial.

#include <algorithm>

#include "engine/link.h"

namespace godwit::engine {
namespace {

// Tickets that a look for a better way leaves for what has to work.
constexpr size_t kTicketsForProbes = session::kTicketsKept / 2;

session::Form form_of(routes::Carrier carrier) {
  return routes::carried_form(carrier) == routes::CarriedForm::kStream ? session::Form::kStream
                                                                       : session::Form::kWebSocket;
}

}  // namespace

routes::Wants Link::wants() const {
  if (world_.now < not_before_) return {};
  const bool poll = is_mailbox() && poll_at_ <= world_.now;
  return {wanted(), poll || has_small_work(), wanted()};
}

void Link::start() {
  while (auto next = policy_.next_dial(racer_, wants(), world_.now)) prepare(std::move(*next));
}

void Link::prepare(routes::Dial next) {
  const bool alone = std::ranges::none_of(candidates_, [](const auto& one) { return !one.second.dial.small; });
  // The first candidate carries the requests; those that race it only need a session.
  const bool by_ticket = next.small || alone || (next.probe && tickets_.size() > kTicketsForProbes);
  const PipeId pipe{++world_.last_pipe};
  Candidate& candidate = candidates_[pipe];
  candidate.dial = std::move(next);
  if (candidate.dial.small) last_exchange_ = ++world_.last_exchange;
  tell_state();
  auto ticket = by_ticket ? take_ticket() : std::nullopt;
  if (!ticket) return dial(pipe, std::nullopt);
  // A ticket is forgotten on disk before it is used: each works once.
  store_tickets();
  auto shared = std::make_shared<session::Ticket>(std::move(*ticket));
  world_.journal.then([this, alive = std::weak_ptr<bool>(alive_), pipe, shared] {
    if (!alive.expired() && find(pipe) != nullptr) dial(pipe, std::move(*shared));
  });
}

void Link::dial(PipeId pipe, std::optional<session::Ticket> ticket) {
  Candidate& candidate = *find(pipe);
  make_session(pipe, candidate, std::move(ticket));
  candidate.phase = Phase::kDialling;
  candidate.stall = routes::StallWatch(routes::stall_times_of(candidate.dial.route.carrier));
  Bytes early = candidate.session->take_output(world_.now);
  candidate.carried.sent(early.size());
  HomeWay way = way_of(candidate.dial);
  world_.effects.push_back(OpenPipe{pipe, std::move(way.route), std::move(early), std::move(way.pin),
                                    to_bytes(key_.chat.view()), way.hello});
}

// The pin of the home is for the home's own certificate, not for a bridge's.
HomeWay Link::way_of(const routes::Dial& dial) const {
  const bool own = dial.route.carrier == routes::Carrier::kWss;
  return {dial.route, own ? world_.homes.pin_of(home_) : std::nullopt, dial.hello};
}

std::optional<HomeWay> Link::way() const {
  if (!main_ || !candidates_.at(*main_).ready()) return std::nullopt;
  return way_of(candidates_.at(*main_).dial);
}

std::vector<RequestId> Link::first_flight() const {
  std::vector<RequestId> out;
  for (const auto& [id, request] : requests_) {
    if (!request.idempotent || request.sent || request.not_before > world_.now) continue;
    if (out.size() == session::kRequestsInFlightMax) break;
    out.push_back(id);
  }
  return out;
}

void Link::make_session(PipeId pipe, Candidate& candidate, std::optional<session::Ticket> ticket) {
  session::ClientOptions options;
  options.home_key = home_.key.value;
  options.form = form_of(candidate.dial.route.carrier);
  const size_t kept = std::min<size_t>(tickets_.size(), session::kTicketsKept - 1);
  options.tickets_wanted = static_cast<uint8_t>(session::kTicketsKept - kept);
  if (ticket) {
    // A look for a better way carries nothing: what is asked is under way on the session that stands.
    std::vector<RequestId> carried;
    std::vector<Bytes> flight;
    if (!candidate.dial.probe) {
      if (hooks_.begin_session) hooks_.begin_session();
      candidate.begun = candidate.dial.small || !is_mailbox();
      if (candidate.dial.small) {
        for (auto& [id, bytes] : small_flight()) {
          carried.push_back(id);
          flight.push_back(std::move(bytes));
        }
      } else {
        carried = first_flight();
        for (const RequestId id : carried) {
          flight.push_back(requests_.at(id).bytes);
          candidate.begun = candidate.begun || requests_.at(id).begins;
        }
      }
    }
    auto resumed =
        session::ClientSession::resume(options, std::move(*ticket), std::move(flight), world_.random, world_.now);
    if (resumed) {
      for (uint32_t i = 0; i < carried.size(); ++i) requests_.at(carried[i]).sent = {pipe, session::StreamId{i + 1}};
      candidate.session = std::move(*resumed);
      candidate.by_ticket = true;
      candidate.flight = !carried.empty();
      return;
    }
  }
  candidate.session = session::ClientSession::connect(options, world_.random, world_.now);
  candidate.proof = is_mailbox() ? Proof::kNeeded : Proof::kNotNeeded;
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
