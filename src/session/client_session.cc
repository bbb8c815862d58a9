#include "session/client_session.h"

#include <algorithm>
#include <deque>
#include <map>

#include "session/handshake.h"
#include "session/handshake_messages.h"
#include "session/pipe_buffer.h"
#include "session/transport.h"

namespace godwit::session {
namespace {

constexpr const char* kRule = "docs/protocol/session.md, Handshake: a message that does not belong here";
// The largest answer in a handshake: the second message of a resumption with one bucket in it.
constexpr size_t kAnswerSizeMax = 32 + kFirstFlightSizeMax + 16;

// What a home wishes, within reason: a broken or hostile one must not keep us away for weeks.
Duration clamped(Duration retry_after) { return std::min(retry_after, kRetryAfterMax); }

}  // namespace

class ClientSession::State {
 public:
  State(const ClientOptions& options, Random& random, Instant now)
      : options_(options),
        random_(random),
        handshake_deadline_(now + options.handshake_timeout),
        keepalive_interval_(options.keepalive_first),
        tickets_asked_(options.tickets_wanted) {}

  void start_full();
  Status start_resume(Ticket ticket, std::vector<Bytes> first_flight);

  Status receive(ByteView bytes, Instant now);
  Result<StreamId> send_request(Bytes request);
  void cancel(StreamId stream);
  void want_tickets(uint8_t count);
  void finish(ErrorCode code);
  void end(uint16_t code, bool by_peer, Duration retry_after);
  Bytes take_output(Instant now, size_t size_max);
  Instant next_deadline() const;
  void handle_expiry(Instant now);

  enum class Phase { kFull, kResuming, kEstablished, kOver };
  Phase phase_ = Phase::kFull;
  std::deque<ClientEvent> events_;
  /// Requests without an answer; the bytes are kept until the session stands, in case a ticket is not known.
  std::map<StreamId, Bytes> in_flight_;
  ClientOptions options_;
  Duration keepalive_interval() const { return keepalive_interval_; }

 private:
  Status receive_message(const PipeBuffer::Message& message, Instant now);
  Status receive_welcome(ByteView body, Instant now);
  Status receive_cookie(ByteView body);
  Status receive_resumed(ByteView body, Instant now);
  Status receive_refused(ByteView body);
  Status receive_record(ByteView record, Instant now);
  Status receive_frames(const std::vector<Frame>& frames, Instant now);
  Status receive_frame(const Frame& frame, Instant now);
  Status receive_reply(const Frame& frame);
  Status receive_push(const Frame& frame);
  Status receive_tickets(const Frame& frame, Instant now);
  void establish(HandshakeOutcome outcome, SessionKind kind, bool resumed, Instant now);
  void stream_failed(StreamId stream, uint16_t code, Duration retry_after);
  Status fail(Error error);
  void plan_keepalive(Instant now);

  Random& random_;
  PipeBuffer pipe_;
  Bytes handshake_output_;
  Instant handshake_deadline_;
  std::unique_ptr<ClientHandshake> handshake_;  ///< as HomeSession's
  std::optional<Transport> transport_;
  bool worked_ = false;
  TicketId ticket_id_;
  SessionKind ticket_kind_ = SessionKind::kAnonymous;
  TicketChain tickets_;
  uint32_t next_stream_ = 1;
  std::vector<StreamId> sent_in_first_flight_;
  std::vector<StreamId> cancelled_early_;
  Duration keepalive_interval_;
  Instant keepalive_at_ = kNever;
  Instant answer_by_ = kNever;
  uint8_t tickets_asked_;
  std::optional<StreamId> unfinished_push_;
};

// ---- the start ----------------------------------------------------------------------------------------------------

void ClientSession::State::start_full() {
  phase_ = Phase::kFull;
  auto handshake = ClientHandshake::full(options_.home_key, options_.form, random_);
  if (!handshake) return end(kBadHandshake.number, false, {});
  handshake_ = std::make_unique<ClientHandshake>(*std::move(handshake));
  const Hello hello{{}, kVersionHighest, handshake_->first_message()};
  write_message(handshake_output_, MessageKind::kHello, hello.encode());
}

Status ClientSession::State::start_resume(Ticket ticket, std::vector<Bytes> first_flight) {
  phase_ = Phase::kResuming;
  ticket_id_ = ticket.id;
  ticket_kind_ = ticket.kind;
  for (Bytes& request : first_flight) TRY(send_request(std::move(request)));
  Bytes payload;
  if (tickets_asked_ != 0) {
    write_frame(payload, FrameKind::kTicket, 0, StreamId{}, ByteView(&tickets_asked_, 1));
    tickets_asked_ = 0;
  }
  for (const auto& [stream, request] : in_flight_) {
    if (payload.size() + kFrameHeaderSize + request.size() > kFirstFlightSizeMax) break;
    write_frame(payload, FrameKind::kRequest, kFlagWhole, stream, request);
    sent_in_first_flight_.push_back(stream);
  }
  payload.resize(bucket_for(payload.size()));
  auto handshake = ClientHandshake::resume(ticket, options_.form, payload, random_);
  crypto::wipe(payload);
  handshake_ = std::make_unique<ClientHandshake>(TRY(std::move(handshake)));
  const Resume resume{kVersionHighest, ticket.id, handshake_->first_message()};
  write_message(handshake_output_, MessageKind::kResume, resume.encode());
  return {};
}

// ---- the handshake's answers --------------------------------------------------------------------------------------

Status ClientSession::State::receive(ByteView bytes, Instant now) {
  REQUIRE(phase_ != Phase::kOver, kClosed, "the session is over");
  pipe_.add(bytes);
  while (phase_ == Phase::kFull || phase_ == Phase::kResuming) {
    if (pipe_.claimed_message_size().value_or(0) > kAnswerSizeMax) return fail({kBadHandshake, kRule});
    const auto message = pipe_.next_message();
    if (!message) return {};
    const Status done = receive_message(*message, now);
    if (!done) return fail(done.error());
  }
  while (phase_ == Phase::kEstablished) {
    const auto record = pipe_.next_record();
    if (!record) break;
    const Status done = receive_record(*record, now);
    if (!done) return fail(done.error());
  }
  REQUIRE(phase_ != Phase::kOver, kClosed, "the peer closed the session");
  return {};
}

Status ClientSession::State::receive_message(const PipeBuffer::Message& message, Instant now) {
  const auto kind = static_cast<MessageKind>(message.kind);
  if (kind == MessageKind::kRefused) return receive_refused(message.body);
  if (kind == MessageKind::kWelcome && phase_ == Phase::kFull) return receive_welcome(message.body, now);
  if (kind == MessageKind::kCookie && phase_ == Phase::kFull) return receive_cookie(message.body);
  if (kind == MessageKind::kResumed && phase_ == Phase::kResuming) return receive_resumed(message.body, now);
  return Error{kBadHandshake, kRule};
}

Status ClientSession::State::receive_welcome(ByteView body, Instant now) {
  HandshakeOutcome outcome = TRY(handshake_->finish(body));
  establish(std::move(outcome), SessionKind::kAnonymous, false, now);
  return {};
}

Status ClientSession::State::receive_cookie(ByteView body) {
  REQUIRE(body.size() == kCookieSize && !worked_, kBadHandshake, kRule);
  worked_ = true;
  Cookie cookie;
  std::ranges::copy(body, cookie.begin());
  const Hello hello{TRY(do_work(cookie)), kVersionHighest, handshake_->first_message()};
  write_message(handshake_output_, MessageKind::kHelloWithWork, hello.encode());
  return {};
}

Status ClientSession::State::receive_resumed(ByteView body, Instant now) {
  HandshakeOutcome outcome = TRY(handshake_->finish(body));
  const Bytes payload = std::move(outcome.payload);
  const std::vector<Frame> frames = TRY(parse_frames(payload));
  establish(std::move(outcome), ticket_kind_, true, now);
  return receive_frames(frames, now);
}

Status ClientSession::State::receive_refused(ByteView body) {
  const Refused refused = TRY(Refused::parse(body));
  if (phase_ == Phase::kResuming && refused.code == kUnknownTicket.number) {
    events_.push_back(TicketRefused{ticket_id_});
    sent_in_first_flight_.clear();
    tickets_asked_ = options_.tickets_wanted;
    start_full();
    return {};
  }
  end(refused.code, true, refused.retry_after);
  return {};
}

void ClientSession::State::establish(HandshakeOutcome outcome, SessionKind kind, bool resumed, Instant now) {
  handshake_.reset();
  handshake_deadline_ = kNever;
  transport_.emplace(outcome, Outbox(), now);
  tickets_ = std::move(outcome.tickets);
  phase_ = Phase::kEstablished;
  events_.push_back(
      ClientEstablished{resumed ? ChannelBinding{} : outcome.channel_binding, kind, resumed, outcome.version});
  if (tickets_asked_ != 0) want_tickets(std::exchange(tickets_asked_, uint8_t{0}));
  for (const StreamId stream : cancelled_early_) transport_->outbox().add_control(FrameKind::kCancel, stream, {});
  for (auto& [stream, request] : in_flight_) {
    const bool sent = std::ranges::find(sent_in_first_flight_, stream) != sent_in_first_flight_.end();
    if (!sent) transport_->outbox().add_message(FrameKind::kRequest, stream, std::move(request));
    request.clear();
  }
  plan_keepalive(now);
}

// ---- records and frames -------------------------------------------------------------------------------------------

Status ClientSession::State::receive_record(ByteView record, Instant now) {
  const Bytes plaintext = TRY(transport_->open(record));
  if (answer_by_ != kNever) {
    // The pipe held for a whole interval: the next one may be longer.
    keepalive_interval_ = std::min(keepalive_interval_ * 2, std::max(kKeepaliveLast, options_.keepalive_first));
    answer_by_ = kNever;
  }
  plan_keepalive(now);
  return receive_frames(TRY(transport_->frames_in(plaintext)), now);
}

Status ClientSession::State::receive_frames(const std::vector<Frame>& frames, Instant now) {
  for (const Frame& frame : frames) {
    TRY(receive_frame(frame, now));
    if (phase_ == Phase::kOver) return {};
  }
  transport_->give_credit();
  return {};
}

Status ClientSession::State::receive_frame(const Frame& frame, Instant now) {
  switch (frame.kind) {
    case FrameKind::kReply:
      return receive_reply(frame);
    case FrameKind::kPush:
      return receive_push(frame);
    case FrameKind::kTicket:
      return receive_tickets(frame, now);
    case FrameKind::kCredit:
      transport_->outbox().add_credit(frame.stream, number_in(frame.payload));
      return {};
    case FrameKind::kError: {
      const Refusal refusal = refusal_in(frame);
      REQUIRE(frame.stream.value < next_stream_, kBadFrame, "docs/protocol/session.md, Frames: a stream never opened");
      if (in_flight_.contains(frame.stream)) stream_failed(frame.stream, refusal.code, refusal.retry_after);
      return {};
    }
    case FrameKind::kClose: {
      const Refusal refusal = refusal_in(frame);
      end(refusal.code, true, refusal.retry_after);
      return {};
    }
    case FrameKind::kKeepalive:
      return {};
    default:
      return Error{kBadFrame, "docs/protocol/session.md, Frames: not from a home"};
  }
}

Status ClientSession::State::receive_reply(const Frame& frame) {
  REQUIRE(frame.stream.value < next_stream_, kBadFrame, "docs/protocol/session.md, Frames: a stream never opened");
  if (!in_flight_.contains(frame.stream)) return {};  // cancelled meanwhile
  Inbox::Outcome outcome = TRY(transport_->inbox().take(frame, kReplySizeMax));
  if (auto* whole = std::get_if<Inbox::Whole>(&outcome)) {
    // The home may answer before it has all of a request; what is left of that is not sent any more.
    transport_->outbox().drop(frame.stream);
    in_flight_.erase(frame.stream);
    events_.push_back(Reply{frame.stream, std::move(whole->bytes)});
  } else if (const auto* failed = std::get_if<Inbox::Failed>(&outcome)) {
    transport_->outbox().add_control(FrameKind::kCancel, frame.stream, {});
    stream_failed(frame.stream, failed->code.number, {});
  }
  return {};
}

Status ClientSession::State::receive_push(const Frame& frame) {
  if ((frame.flags & kFlagFirst) != 0) {
    REQUIRE(!unfinished_push_, kBadFrame, "docs/protocol/session.md, Order and credit: one push after another");
    unfinished_push_ = frame.stream;
  }
  if ((frame.flags & kFlagLast) != 0 && unfinished_push_ == frame.stream) unfinished_push_.reset();
  Inbox::Outcome outcome = TRY(transport_->inbox().take(frame, kPushSizeMax));
  if (auto* whole = std::get_if<Inbox::Whole>(&outcome)) events_.push_back(Push{std::move(whole->bytes)});
  if (const auto* failed = std::get_if<Inbox::Failed>(&outcome)) {
    return Error{failed->code, "docs/protocol/session.md, Frames: a push beyond its bounds"};
  }
  return {};
}

// Count, kind, lifetime in seconds.
Status ClientSession::State::receive_tickets(const Frame& frame, Instant now) {
  const ByteView payload = frame.payload;
  REQUIRE(payload.size() == 6 && payload[0] <= kTicketsPerSessionMax && (payload[1] == 1 || payload[1] == 2), kBadFrame,
          "docs/protocol/session.md, Tickets");
  for (uint8_t i = 0; i < payload[0]; ++i) {
    TicketChain::Drawn drawn = tickets_.draw();
    const Instant expires = now + seconds(number_in(payload.subspan(2)));
    events_.push_back(TicketGranted{
        {drawn.id, std::move(drawn.psk), static_cast<SessionKind>(payload[1]), expires, options_.home_key}});
  }
  return {};
}

void ClientSession::State::stream_failed(StreamId stream, uint16_t code, Duration retry_after) {
  transport_->outbox().drop(stream);
  transport_->inbox().drop(stream);
  in_flight_.erase(stream);
  events_.push_back(StreamError{stream, code, clamped(retry_after)});
}

// ---- what the host asks -------------------------------------------------------------------------------------------

Result<StreamId> ClientSession::State::send_request(Bytes request) {
  REQUIRE(phase_ != Phase::kOver, kClosed, "the session is over");
  REQUIRE(request.size() <= kRequestSizeMax, kMessageTooLarge, "docs/protocol/session.md, Bounds: a request");
  REQUIRE(in_flight_.size() < kRequestsInFlightMax, kTooManyRequests, "docs/protocol/session.md, Bounds: requests");
  if (phase_ == Phase::kEstablished) {
    // A home tells new streams from old ones within a window of so many ids above the lowest it has not seen.
    REQUIRE(next_stream_ < uint64_t{transport_->outbox().lowest_unsent()} + kRequestsInFlightMax, kTooManyRequests,
            "docs/protocol/session.md, Streams: an earlier request has not left yet");
  }
  REQUIRE(next_stream_ < kPushStreamBit, kTooManyRequests, "docs/protocol/session.md, Streams: all ids are used");
  const StreamId stream{next_stream_++};
  if (phase_ == Phase::kEstablished) {
    in_flight_[stream];
    transport_->outbox().add_message(FrameKind::kRequest, stream, std::move(request));
  } else {
    in_flight_[stream] = std::move(request);
  }
  return stream;
}

void ClientSession::State::cancel(StreamId stream) {
  if (phase_ == Phase::kOver || in_flight_.erase(stream) == 0) return;
  if (phase_ != Phase::kEstablished) {
    // The home would miss this stream's id: it gets the cancel frame when the session stands.
    cancelled_early_.push_back(stream);
    return;
  }
  transport_->outbox().drop(stream);
  transport_->inbox().drop(stream);
  transport_->outbox().add_control(FrameKind::kCancel, stream, {});
}

void ClientSession::State::want_tickets(uint8_t count) {
  if (phase_ == Phase::kEstablished) {
    transport_->outbox().add_control(FrameKind::kTicket, StreamId{}, ByteView(&count, 1));
  } else {
    tickets_asked_ = static_cast<uint8_t>(std::min(255, tickets_asked_ + count));
  }
}

// ---- the end ------------------------------------------------------------------------------------------------------

// This side ends it: the peer is told, if there is a way to.
void ClientSession::State::finish(ErrorCode code) {
  if (phase_ == Phase::kOver) return;
  if (phase_ == Phase::kEstablished) transport_->outbox().finish(encode_refusal(code.number, {}));
  end(code.number, false, {});
}

void ClientSession::State::end(uint16_t code, bool by_peer, Duration retry_after) {
  if (phase_ == Phase::kOver) return;
  phase_ = Phase::kOver;
  handshake_.reset();
  handshake_output_.clear();
  if (by_peer && transport_) transport_->outbox().clear();
  events_.push_back(Closed{code, by_peer, clamped(retry_after)});
}

Status ClientSession::State::fail(Error error) {
  finish(error.code);
  return error;
}

Bytes ClientSession::State::take_output(Instant now, size_t size_max) {
  Bytes out = std::exchange(handshake_output_, {});
  if (!transport_ || (!out.empty() && out.size() >= size_max)) return out;
  const Bytes records = transport_->take_output(now, size_max - out.size());
  if (!records.empty()) plan_keepalive(now);
  append(out, records);
  return out;
}

// ---- time ---------------------------------------------------------------------------------------------------------

void ClientSession::State::plan_keepalive(Instant now) {
  if (phase_ != Phase::kEstablished) return;
  const int64_t span = keepalive_interval_.ms * kKeepaliveJitterPercent / 100;
  const auto jitter = static_cast<int64_t>(random_.below(static_cast<uint64_t>(2 * span + 1))) - span;
  keepalive_at_ = now + keepalive_interval_ + milliseconds(jitter);
}

Instant ClientSession::State::next_deadline() const {
  if (phase_ == Phase::kOver) return kNever;
  if (phase_ != Phase::kEstablished) return handshake_deadline_;
  return std::min(keepalive_at_, answer_by_);
}

void ClientSession::State::handle_expiry(Instant now) {
  if (phase_ == Phase::kOver || now < next_deadline()) return;
  if (phase_ != Phase::kEstablished) return finish(kHandshakeTimeout);
  if (now >= answer_by_) return finish(kPeerSilent);
  transport_->outbox().add_control(FrameKind::kKeepalive, StreamId{}, {});
  if (answer_by_ == kNever) answer_by_ = now + options_.keepalive_answer_max;
  plan_keepalive(now);
}

// ---- the public face ----------------------------------------------------------------------------------------------

ClientSession::ClientSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
ClientSession::ClientSession(ClientSession&&) noexcept = default;
ClientSession& ClientSession::operator=(ClientSession&&) noexcept = default;
ClientSession::~ClientSession() = default;

ClientSession ClientSession::connect(const ClientOptions& options, Random& random, Instant now) {
  auto state = std::make_unique<State>(options, random, now);
  state->start_full();
  return ClientSession(std::move(state));
}

Result<ClientSession> ClientSession::resume(const ClientOptions& options, Ticket ticket,
                                            std::vector<Bytes> first_flight, Random& random, Instant now) {
  REQUIRE(ticket.home_key == options.home_key, kBadTicket, "a ticket is good at its own home only");
  REQUIRE(now < ticket.expires, kBadTicket, "a ticket lives for a day");
  auto state = std::make_unique<State>(options, random, now);
  TRY(state->start_resume(std::move(ticket), std::move(first_flight)));
  return ClientSession(std::move(state));
}

Status ClientSession::receive(ByteView bytes, Instant now) { return state_->receive(bytes, now); }
void ClientSession::pipe_lost() { state_->end(kPipeLost.number, false, {}); }
Result<StreamId> ClientSession::send_request(Bytes request, Instant) {
  return state_->send_request(std::move(request));
}
void ClientSession::cancel(StreamId stream) { state_->cancel(stream); }
void ClientSession::want_tickets(uint8_t count) { state_->want_tickets(count); }
void ClientSession::close() { state_->finish(kGoodbye); }
Bytes ClientSession::take_output(Instant now, size_t size_max) { return state_->take_output(now, size_max); }
Instant ClientSession::next_deadline() const { return state_->next_deadline(); }
void ClientSession::handle_expiry(Instant now) { state_->handle_expiry(now); }
bool ClientSession::established() const { return state_->phase_ == State::Phase::kEstablished; }
size_t ClientSession::requests_in_flight() const { return state_->in_flight_.size(); }
Duration ClientSession::keepalive_interval() const { return state_->keepalive_interval(); }

std::optional<ClientEvent> ClientSession::next_event() {
  if (state_->events_.empty()) return {};
  ClientEvent event = std::move(state_->events_.front());
  state_->events_.pop_front();
  return event;
}

}  // namespace godwit::session
