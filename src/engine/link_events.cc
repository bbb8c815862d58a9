// What a session tells its link.

#include <algorithm>

#include "engine/errors.h"
#include "engine/link.h"
#include "wire/errors.h"

namespace godwit::engine {
namespace {

constexpr Error kSessionOver{session::kPipeLost, "the session is over; its link makes another"};

// Failures of a stream that the same request may outlive.
bool may_come_later(uint16_t code) {
  return code == session::kTooManyRequests.number || code == session::kOutboxFull.number ||
         code == session::kGoingDown.number;
}
// How long a request waits that met one of them without being told how long.
constexpr Duration kStreamPause = seconds(2);

}  // namespace

void Link::take_events() {
  while (session_) {
    auto event = session_->next_event();
    if (!event) return;
    std::visit([this](auto& one) { on_event(one); }, *event);
  }
}

void Link::on_event(const session::ClientEstablished& event) {
  bad_handshakes_ = 0;
  if (event.resumed) {
    ++world_.counters.sessions_resumed;
  } else {
    ++world_.counters.sessions_full;
  }
  if (is_mailbox() && !event.resumed) {
    if (by_ticket_) {
      // The first flight's requests came before the proof, so that this session is anonymous for life.
      return give_up(kSessionOver, Duration{});
    }
    const auto stream = session_->send_request(wire::encode_request(hooks_.prove(event.channel_binding)), world_.now);
    if (!stream) return give_up(kSessionOver, kLinkPenalty);
    proof_stream_ = *stream;
    proof_ = Proof::kSent;
    return;
  }
  if (hooks_.state) hooks_.state(Connection::kConnected, std::nullopt);
}

void Link::on_event(session::Reply& event) {
  if (proof_stream_ == event.stream) return answer_proof(event.bytes);
  const auto found = std::find_if(requests_.begin(), requests_.end(),
                                  [&](const auto& entry) { return entry.second.stream == event.stream; });
  if (found == requests_.end()) return;
  auto reply = wire::decode_reply(event.bytes);
  if (!reply) return give_up(reply.error(), kLinkPenalty);
  const ReplyHandler done = std::move(found->second.done);
  requests_.erase(found);
  done(std::move(reply));
}

void Link::answer_proof(ByteView bytes) {
  proof_stream_.reset();
  const auto reply = wire::decode_reply(bytes);
  if (!reply) return give_up(reply.error(), kLinkPenalty);
  if (const auto pause = hooks_.proved(*reply)) return give_up(kSessionOver, *pause);
  proof_ = Proof::kNotNeeded;
  if (hooks_.state) hooks_.state(Connection::kConnected, std::nullopt);
}

void Link::on_event(session::Push& event) {
  auto reply = wire::decode_reply(event.bytes);
  if (!reply) return give_up(reply.error(), kLinkPenalty);
  if (hooks_.push) hooks_.push(*reply);
}

void Link::on_event(const session::StreamError& event) {
  if (proof_stream_ == event.stream) return give_up(kSessionOver, kLinkPenalty);
  const auto found = std::find_if(requests_.begin(), requests_.end(),
                                  [&](const auto& entry) { return entry.second.stream == event.stream; });
  if (found == requests_.end()) return;
  if (may_come_later(event.code)) {
    found->second.stream.reset();
    found->second.not_before = world_.now + std::max(event.retry_after, kStreamPause);
    return;
  }
  const ReplyHandler done = std::move(found->second.done);
  requests_.erase(found);
  done(Error{wire::kTooLarge, "the session carries requests and replies within its bounds"});
}

// A home that could not take the mailbox's proof grants tickets of an anonymous session: with one of them this link would
// come back as nobody, for life.
void Link::on_event(session::TicketGranted& event) {
  if (event.ticket.kind != kind()) return;
  tickets_.push_back(std::move(event.ticket));
  while (tickets_.size() > session::kTicketsKept) tickets_.pop_front();
  store_tickets();
}

void Link::on_event(const session::TicketRefused&) {
  tickets_.clear();
  store_tickets();
}

void Link::on_event(const session::Closed& event) {
  if (event.code == session::kBadHandshake.number) {
    const bool wrong = is_wrong_home();
    give_up({kWrongHome, "the handshake authenticates the home's key"}, Duration{});
    if (wrong && hooks_.wrong_home) hooks_.wrong_home();
    return;
  }
  const bool quiet = event.code == session::kGoodbye.number || event.code == session::kIdle.number ||
                     event.code == session::kPipeLost.number;
  give_up(kSessionOver, quiet ? event.retry_after : std::max(event.retry_after, seconds(1)));
}

}  // namespace godwit::engine
