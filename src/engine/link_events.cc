// What a session tells its link.

#include <algorithm>

#include "engine/errors.h"
#include "engine/link.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr Error kOfAnother{wire::kMalformed, "a reply fits its request"};
constexpr Error kSessionOver{session::kPipeLost, "the session is over; its link makes another"};

// Failures of a stream that the same request may outlive.
bool may_come_later(uint16_t code) {
  return code == session::kTooManyRequests.number || code == session::kOutboxFull.number ||
         code == session::kGoingDown.number;
}
// Why the home has ended a session, where it is worth telling apart from a connection that was lost.
Error why_over(uint16_t code) {
  for (const ErrorCode& told :
       {session::kVersionUnsupported, session::kTooManyHandshakes, session::kTooMuchWork, session::kGoingDown}) {
    if (code == told.number) return {told, "a home lets in who comes"};
  }
  return kSessionOver;
}
// How long a request waits that met one of them without being told how long.
constexpr Duration kStreamPause = seconds(2);

}  // namespace

void Link::take_events(PipeId pipe) {
  for (;;) {
    Candidate* candidate = find(pipe);
    if (candidate == nullptr || !candidate->session) return;
    auto event = candidate->session->next_event();
    if (!event) return;
    std::visit([&](auto& one) { on_event(pipe, one); }, *event);
  }
}

void Link::on_event(PipeId pipe, const session::ClientEstablished& event) {
  Candidate& candidate = *find(pipe);
  policy_.on_established(candidate.dial.attempt, world_.now);
  world_.bad_handshakes.erase(home_.key);
  if (event.resumed) {
    ++world_.counters.sessions_resumed;
  } else {
    ++world_.counters.sessions_full;
  }
  if (!candidate.dial.small) {
    std::vector<PipeId> others;
    for (const auto& [other, one] : candidates_) {
      if (other != pipe && !one.dial.small) others.push_back(other);
    }
    main_ = pipe;
    for (const PipeId other : others) drop(other, routes::End::kByUs, kSessionOver, true);
  }
  if (!is_mailbox() || event.resumed) return ready(pipe);
  // A first flight whose ticket was refused came before the proof, so that this session is anonymous for life.
  if (candidate.flight) return give_up(pipe, routes::End::kByUs, kSessionOver, Duration{});
  const wire::Request proof = hooks_.prove(event.channel_binding);
  const auto stream = candidate.session->send_request(wire::encode_request(proof), world_.now);
  if (!stream) return give_up(pipe, routes::End::kByUs, kSessionOver, kLinkPenalty);
  candidate.proof_room = room_use(proof);
  candidate.proof_stream = *stream;
  candidate.proof = Proof::kSent;
}

// The session may be used.
void Link::ready(PipeId pipe) {
  Candidate& candidate = *find(pipe);
  candidate.proof = Proof::kNotNeeded;
  if (!std::exchange(candidate.begun, true) && hooks_.begin_session) hooks_.begin_session();
  tell_state();
}

std::map<RequestId, Link::Request>::iterator Link::find_request(PipeId pipe, session::StreamId stream) {
  return std::find_if(requests_.begin(), requests_.end(),
                      [&](const auto& entry) { return entry.second.sent == std::pair(pipe, stream); });
}

void Link::on_event(PipeId pipe, session::Reply& event) {
  Candidate& candidate = *find(pipe);
  if (candidate.proof_stream == event.stream) return answer_proof(pipe, event.bytes);
  const auto found = find_request(pipe, event.stream);
  if (found == requests_.end()) return;
  auto reply = wire::decode_reply(event.bytes);
  if (!reply) return give_up(pipe, routes::End::kByUs, reply.error(), kLinkPenalty);
  const bool part = candidate.dial.small && found->second.in_parts;
  if (!part && !wire::is_among(found->second.answers, *reply)) return give_up(pipe, routes::End::kByUs, kOfAnother, kLinkPenalty);
  candidate.answered = true;
  worked_at_ = world_.now;
  if (part) return take_part(pipe, found->first, *reply);
  const auto* items = std::get_if<wire::Items>(&*reply);
  candidate.active = candidate.active || items == nullptr || !items->items.empty();
  answer(found->first, std::move(reply));
}

void Link::answer(RequestId id, Result<wire::Reply> reply) {
  const auto node = requests_.extract(id);
  if (reply) world_.full_homes.note(home_.key, node.mapped().room, *reply, world_.now);
  node.mapped().done(std::move(reply));
}

void Link::answer_proof(PipeId pipe, ByteView bytes) {
  Candidate& candidate = *find(pipe);
  candidate.proof_stream.reset();
  const auto reply = wire::decode_reply(bytes);
  if (!reply) return give_up(pipe, routes::End::kByUs, reply.error(), kLinkPenalty);
  world_.full_homes.note(home_.key, candidate.proof_room, *reply, world_.now);
  if (const auto pause = hooks_.proved(*reply)) return give_up(pipe, routes::End::kByUs, kSessionOver, *pause);
  ready(pipe);
}

void Link::on_event(PipeId pipe, session::Push& event) {
  auto reply = wire::decode_reply(event.bytes);
  if (!reply) return give_up(pipe, routes::End::kByUs, reply.error(), kLinkPenalty);
  if (hooks_.push) hooks_.push(*reply);
}

void Link::on_event(PipeId pipe, const session::StreamError& event) {
  if (find(pipe)->proof_stream == event.stream) return give_up(pipe, routes::End::kByUs, kSessionOver, kLinkPenalty);
  const auto found = find_request(pipe, event.stream);
  if (found == requests_.end()) return;
  if (may_come_later(event.code)) {
    found->second.sent.reset();
    found->second.not_before = world_.now + std::max(event.retry_after, kStreamPause);
    return;
  }
  answer(found->first, Error{wire::kTooLarge, "the session carries requests and replies within its bounds"});
}

// A home that could not take the mailbox's proof grants tickets of an anonymous session: with one of them this link would
// come back as nobody, for life.
void Link::on_event(PipeId, session::TicketGranted& event) {
  if (event.ticket.kind != kind()) return;
  tickets_.push_back(std::move(event.ticket));
  while (tickets_.size() > session::kTicketsKept) tickets_.pop_front();
  store_tickets();
}

void Link::on_event(PipeId, const session::TicketRefused&) {
  tickets_.clear();
  store_tickets();
}

void Link::on_event(PipeId pipe, const session::Closed& event) {
  const auto is = [&](const ErrorCode& code) { return event.code == code.number; };
  if (is(session::kBadHandshake)) {
    const bool wrong = is_wrong_home();
    give_up(pipe, routes::End::kGarbled, {kWrongHome, "the handshake authenticates the home's key"}, Duration{});
    if (wrong && hooks_.wrong_home) hooks_.wrong_home();
    return;
  }
  const bool quiet = is(session::kGoodbye) || is(session::kIdle) || is(session::kPipeLost);
  // A home that refuses a session has been reached all the same.
  routes::End end = event.by_peer && main_ == pipe ? routes::End::kLost : routes::End::kByUs;
  if (is(session::kPeerSilent) || is(session::kHandshakeTimeout)) end = routes::End::kSilent;
  give_up(pipe, end, why_over(event.code), quiet ? event.retry_after : std::max(event.retry_after, seconds(1)));
}

}  // namespace godwit::engine
