#include "session/home_session.h"

#include <algorithm>
#include <list>
#include <set>

#include "session/handshake.h"
#include "session/handshake_messages.h"
#include "session/pipe_buffer.h"
#include "session/stream_window.h"
#include "session/transport.h"

namespace godwit::session {
namespace {

constexpr const char* kRule = "docs/protocol/session.md, Handshake: a message that does not belong here";
// The largest message of a client before the session stands: a first flight with one bucket in it.
constexpr size_t kMessageSizeMax = 1 + TicketId::kSize + 32 + kFirstFlightSizeMax + 16;
// What may wait unread while a ticket is being looked up: a client has nothing to say then.
constexpr size_t kEarlyBytesMax = 4096;
// Resume, refused; hello; hello with work. More is no client.
constexpr uint8_t kMessagesMax = 4;
// Frames without a message that may wait, such as errors.
constexpr size_t kControlWaitingMax = 1024;
// Wish beside kOutboxFull: by then a pipe of any use has moved some of it.
constexpr Duration kOutboxRetry = seconds(1);

}  // namespace

class HomeSession::State {
 public:
  State(const HomeOptions& options, Random& random, Instant now)
      : options_(options), random_(random), now_(now), deadline_(now + options.handshake_timeout) {}

  /// The time of the call that follows.
  State& at(Instant now) {
    now_ = now;
    return *this;
  }
  Status receive(ByteView bytes);
  void provide_ticket(std::optional<TicketRecord> record);
  Status bind_mailbox(Bytes binding);
  Status answer(StreamId stream, FrameKind kind, Bytes bytes);
  Status push(Bytes bytes);
  void finish(ErrorCode code, Duration retry_after);
  void end(uint16_t code, bool by_peer, Duration retry_after);
  Bytes take_output(size_t size_max);
  void handle_expiry();

  enum class Phase {
    kAwaitHello,   ///< nothing came yet, or a ticket was refused
    kAwaitTicket,  ///< the host looks for the ticket
    kHolding,      ///< resumed; message 2 waits for the first replies
    kAwaitRecord,  ///< message 2 is out, the client has not shown that it has the keys
    kEstablished,
    kOver,
  };
  Phase phase_ = Phase::kAwaitHello;
  std::list<HomeEvent> events_;
  Outbox outbox_;  ///< while message 2 is held back; afterwards the transport's counts
  std::optional<Transport> transport_;
  SessionKind kind_ = SessionKind::kAnonymous;
  Instant deadline() const { return phase_ == Phase::kOver ? kNever : deadline_; }
  Outbox& outbox() { return transport_ ? transport_->outbox() : outbox_; }

 private:
  Status receive_message(const PipeBuffer::Message& message);
  Status receive_hello(const Hello& hello);
  Status receive_resume(Resume resume);
  Status resume_with(const TicketRecord& record);
  void refuse_handshake(ErrorCode code, Duration retry_after);
  void release();
  Status receive_record(ByteView record);
  Status receive_frames(const std::vector<Frame>& frames, bool first_flight);
  Status receive_frame(const Frame& frame, bool first_flight);
  Status receive_request(const Frame& frame, bool first_flight);
  Status receive_cancel(StreamId stream);
  void send_error(StreamId stream, ErrorCode code, Duration retry_after);
  void settle();
  void issue_tickets();
  void draw_tickets();
  Status fail(Error error);
  Duration idle_max() const {
    return kind_ == SessionKind::kMailbox ? options_.idle_max : std::min(options_.idle_max, kIdleAnonymousMax);
  }

  HomeOptions options_;
  Random& random_;
  PipeBuffer pipe_;
  Bytes handshake_output_;
  Instant now_;
  Instant deadline_;
  uint8_t messages_ = 0;
  std::optional<Resume> resume_;
  bool resume_tried_ = false;
  std::unique_ptr<HomeResume> resuming_;  ///< not a part of this: it would be three quarters of it, long after its time
  ChannelBinding channel_binding_{};
  TicketChain tickets_;
  uint8_t version_ = 0;
  bool resumed_ = false;
  bool settled_ = false;
  Bytes binding_;
  StreamWindow window_;
  std::set<StreamId> open_;  ///< requests that are not answered, those in parts included
  uint32_t tickets_wanted_ = 0;
  uint32_t tickets_announced_ = 0;  ///< told to the client
  uint32_t tickets_issued_ = 0;     ///< and drawn
};

// ---- handshake ----------------------------------------------------------------------------------------------------

Status HomeSession::State::receive(ByteView bytes) {
  REQUIRE(phase_ != Phase::kOver, kClosed, "the session is over");
  pipe_.add(bytes);
  while (phase_ == Phase::kAwaitHello) {
    if (pipe_.claimed_message_size().value_or(0) > kMessageSizeMax) return fail({kBadHandshake, kRule});
    const auto message = pipe_.next_message();
    if (!message) return {};
    const Status done = receive_message(*message);
    if (!done) return fail(done.error());
  }
  if (phase_ == Phase::kAwaitTicket || phase_ == Phase::kHolding) {
    if (pipe_.size() > kEarlyBytesMax) return fail({kBadHandshake, kRule});
    return {};
  }
  while (phase_ == Phase::kAwaitRecord || phase_ == Phase::kEstablished) {
    const auto record = pipe_.next_record();
    if (!record) return {};
    const Status done = receive_record(*record);
    if (!done) return fail(done.error());
  }
  return Error{kClosed, "the session is over"};
}

Status HomeSession::State::receive_message(const PipeBuffer::Message& message) {
  REQUIRE(++messages_ <= kMessagesMax, kBadHandshake, kRule);
  const auto kind = static_cast<MessageKind>(message.kind);
  if (kind == MessageKind::kHello) return receive_hello(TRY(Hello::parse(message.body, false)));
  if (kind == MessageKind::kHelloWithWork) return receive_hello(TRY(Hello::parse(message.body, true)));
  if (kind == MessageKind::kResume && !resume_tried_) return receive_resume(TRY(Resume::parse(message.body)));
  return Error{kBadHandshake, kRule};
}

Status HomeSession::State::receive_hello(const Hello& hello) {
  const auto version = choose_version(hello.version_highest);
  if (!version) {
    refuse_handshake(kVersionUnsupported, {});
    return version.error();
  }
  const auto verdict = options_.gate->judge(options_.source, hello.noise, hello.work, now_);
  if (const auto* refuse = std::get_if<HandshakeGate::Refuse>(&verdict)) {
    refuse_handshake(refuse->code, refuse->retry_after);
    return Error{refuse->code, "docs/protocol/session.md, Proof of work"};
  }
  if (const auto* work = std::get_if<HandshakeGate::WantWork>(&verdict)) {
    write_message(handshake_output_, MessageKind::kCookie, work->cookie);
    return {};
  }
  HomeFull full = TRY(home_full(*options_.identity, options_.form, hello.version_highest, hello.noise, random_));
  write_message(handshake_output_, MessageKind::kWelcome, full.second_message);
  channel_binding_ = full.outcome.channel_binding;
  version_ = full.outcome.version;
  tickets_ = std::move(full.outcome.tickets);
  transport_.emplace(full.outcome, Outbox(), now_);
  phase_ = Phase::kAwaitRecord;
  return {};
}

Status HomeSession::State::receive_resume(Resume resume) {
  resume_tried_ = true;
  const auto version = choose_version(resume.version_highest);
  if (!version) {
    refuse_handshake(kVersionUnsupported, {});
    return version.error();
  }
  events_.push_back(TicketWanted{resume.id});
  resume_ = std::move(resume);
  phase_ = Phase::kAwaitTicket;
  return {};
}

void HomeSession::State::provide_ticket(std::optional<TicketRecord> record) {
  if (phase_ != Phase::kAwaitTicket) return;
  const bool usable = record && record->id == resume_->id && now_ < record->expires;
  const Status resumed = usable ? resume_with(*record) : Status(Error{kUnknownTicket, "no such ticket"});
  resume_.reset();
  if (resumed) return;
  if (resumed.error().code == kBadHandshake || resumed.error().code == kUnknownTicket) {
    // The ticket is spent or was never there. The client goes on with a full handshake on this pipe.
    phase_ = Phase::kAwaitHello;
    refuse_handshake(kUnknownTicket, {});
    static_cast<void>(receive({}));  // it may have come already
    return;
  }
  refuse_handshake(resumed.error().code, {});
  static_cast<void>(fail(resumed.error()));
}

Status HomeSession::State::resume_with(const TicketRecord& record) {
  HomeResume resuming =
      TRY(HomeResume::start(record, options_.form, resume_->version_highest, resume_->noise, random_));
  const std::vector<Frame> frames = TRY(parse_frames(resuming.payload()));
  kind_ = record.kind;
  binding_ = record.binding;
  version_ = resuming.version();
  resumed_ = settled_ = true;
  events_.push_back(HomeEstablished{{}, kind_, binding_, true, version_});
  TRY(receive_frames(frames, true));
  resuming_ = std::make_unique<HomeResume>(std::move(resuming));
  phase_ = Phase::kHolding;
  deadline_ = now_ + kReplyHold;
  if (open_.empty()) release();
  return {};
}

// Only what an honest client is to hear is refused aloud; everybody else gets silence.
void HomeSession::State::refuse_handshake(ErrorCode code, Duration retry_after) {
  const Refused refused{code.number, retry_after};
  write_message(handshake_output_, MessageKind::kRefused, refused.encode());
}

// Message 2 of a resumption goes, with the answers that are there.
void HomeSession::State::release() {
  issue_tickets();
  Bytes payload;
  if (outbox_.ready()) payload = outbox_.fill(kFirstFlightSizeMax - 1);
  payload.resize(bucket_for(payload.size() + 1) - 1);
  const auto second_message = resuming_->finish(payload);
  if (!second_message) {
    resuming_.reset();
    return end(kBadHandshake.number, false, {});
  }
  write_message(handshake_output_, MessageKind::kResumed, *second_message);
  HandshakeOutcome outcome = resuming_->outcome();
  resuming_.reset();
  tickets_ = std::move(outcome.tickets);
  transport_.emplace(outcome, std::exchange(outbox_, Outbox()), now_);
  if (phase_ != Phase::kOver) phase_ = Phase::kEstablished;
  deadline_ = now_ + idle_max();
  draw_tickets();
}

// ---- records and frames -------------------------------------------------------------------------------------------

Status HomeSession::State::receive_record(ByteView record) {
  const Bytes plaintext = TRY(transport_->open(record));
  deadline_ = now_ + idle_max();
  if (phase_ == Phase::kAwaitRecord) {
    phase_ = Phase::kEstablished;
    events_.push_back(HomeEstablished{channel_binding_, kind_, {}, false, version_});
  }
  TRY(receive_frames(TRY(transport_->frames_in(plaintext)), false));
  if (phase_ == Phase::kEstablished) transport_->give_credit();
  return {};
}

Status HomeSession::State::receive_frames(const std::vector<Frame>& frames, bool first_flight) {
  for (const Frame& frame : frames) {
    TRY(receive_frame(frame, first_flight));
    if (phase_ == Phase::kOver) return {};
    REQUIRE(outbox().control_waiting() <= kControlWaitingMax, kOutboxFull,
            "docs/protocol/session.md, Bounds: a client that asks has to read");
  }
  return {};
}

Status HomeSession::State::receive_frame(const Frame& frame, bool first_flight) {
  REQUIRE(!first_flight || frame.kind == FrameKind::kRequest || frame.kind == FrameKind::kTicket, kNotInFirstFlight,
          "docs/protocol/session.md, Resumption: requests and wishes for tickets only");
  switch (frame.kind) {
    case FrameKind::kRequest:
      return receive_request(frame, first_flight);
    case FrameKind::kCancel:
      return receive_cancel(frame.stream);
    case FrameKind::kCredit:
      outbox().add_credit(frame.stream, number_in(frame.payload));
      return {};
    case FrameKind::kTicket:
      REQUIRE(frame.payload.size() == 1, kBadFrame, "docs/protocol/session.md, Tickets");
      tickets_wanted_ = std::min(tickets_wanted_ + frame.payload[0], kTicketsPerSessionMax);
      if (!first_flight) issue_tickets();  // of a first flight: in release()
      return {};
    case FrameKind::kKeepalive:
      outbox().answer_keepalive();
      return {};
    case FrameKind::kClose: {
      const Refusal refusal = refusal_in(frame);
      end(refusal.code, true, refusal.retry_after);
      return {};
    }
    default:
      return Error{kBadFrame, "docs/protocol/session.md, Frames: not from a client"};
  }
}

Status HomeSession::State::receive_request(const Frame& frame, bool first_flight) {
  constexpr const char* kStreamRule = "docs/protocol/session.md, Streams";
  REQUIRE(!first_flight || frame.flags == kFlagWhole, kNotInFirstFlight,
          "docs/protocol/session.md, Resumption: whole requests only");
  const StreamWindow::Place place = window_.place(frame.stream);
  REQUIRE(place != StreamWindow::Place::kOutside, kBadFrame, kStreamRule);
  const bool first = (frame.flags & kFlagFirst) != 0;
  REQUIRE(!first || place == StreamWindow::Place::kNew, kStreamReused, kStreamRule);
  REQUIRE(first || place == StreamWindow::Place::kUsed, kBadFrame, kStreamRule);
  if (first) {
    window_.use(frame.stream);
    if (open_.size() >= kRequestsInFlightMax) {
      send_error(frame.stream, kTooManyRequests, {});
      return {};  // further parts of it find no stream and are ignored
    }
    open_.insert(frame.stream);
  } else if (!open_.contains(frame.stream)) {
    return {};
  }
  Inbox whole_only;
  Inbox& inbox = first_flight ? whole_only : transport_->inbox();
  Inbox::Outcome outcome = TRY(inbox.take(frame, kRequestSizeMax));
  if (auto* whole = std::get_if<Inbox::Whole>(&outcome)) {
    events_.push_back(Request{frame.stream, std::move(whole->bytes), first_flight});
  } else if (const auto* failed = std::get_if<Inbox::Failed>(&outcome)) {
    open_.erase(frame.stream);
    send_error(frame.stream, failed->code, {});
  }
  return {};
}

Status HomeSession::State::receive_cancel(StreamId stream) {
  const StreamWindow::Place place = window_.place(stream);
  REQUIRE(place != StreamWindow::Place::kOutside, kBadFrame, "docs/protocol/session.md, Streams");
  if (place == StreamWindow::Place::kNew) window_.use(stream);
  outbox().drop(stream);
  if (open_.erase(stream) == 0) return {};
  const bool host_knows = !transport_->inbox().assembling(stream);
  transport_->inbox().drop(stream);
  if (host_knows) events_.push_back(Cancelled{stream});
  return {};
}

void HomeSession::State::send_error(StreamId stream, ErrorCode code, Duration retry_after) {
  outbox().add_control(FrameKind::kError, stream, encode_refusal(code.number, retry_after));
}

// ---- kind and tickets ---------------------------------------------------------------------------------------------

Status HomeSession::State::bind_mailbox(Bytes binding) {
  REQUIRE(phase_ == Phase::kEstablished && !settled_ && !open_.empty(), kKindSettled,
          "docs/protocol/session.md, Kinds: the first request decides");
  ASSERT(binding.size() <= 255);
  kind_ = SessionKind::kMailbox;
  binding_ = std::move(binding);
  deadline_ = now_ + idle_max();
  settle();
  return {};
}

void HomeSession::State::settle() {
  if (settled_) return;
  settled_ = true;
  issue_tickets();
}

void HomeSession::State::issue_tickets() {
  if (!settled_ || tickets_wanted_ == 0) return;
  const uint32_t left = (resumed_ ? kTicketsPerResumptionMax : kTicketsPerSessionMax) - tickets_announced_;
  const auto count = static_cast<uint8_t>(std::min(std::exchange(tickets_wanted_, 0U), left));
  if (count == 0) return;
  const auto lifetime = static_cast<uint32_t>(options_.ticket_lifetime.ms / 1000);
  Bytes payload{count, static_cast<uint8_t>(kind_)};
  for (int shift = 24; shift >= 0; shift -= 8) payload.push_back(static_cast<uint8_t>(lifetime >> shift));
  outbox().add_control(FrameKind::kTicket, StreamId{}, payload);
  tickets_announced_ += count;
  if (transport_) draw_tickets();
}

// What was announced is drawn as soon as there is a chain: in a first flight's answer that is after message 2.
void HomeSession::State::draw_tickets() {
  for (; tickets_issued_ < tickets_announced_; ++tickets_issued_) {
    TicketChain::Drawn drawn = tickets_.draw();
    events_.push_back(TicketIssued{{drawn.id, std::move(drawn.psk), kind_, binding_, now_ + options_.ticket_lifetime}});
  }
}

// ---- what the host says -------------------------------------------------------------------------------------------

Status HomeSession::State::answer(StreamId stream, FrameKind kind, Bytes bytes) {
  REQUIRE(phase_ == Phase::kEstablished || phase_ == Phase::kHolding, kClosed, "the session is over");
  const bool whole = open_.contains(stream) && !(transport_ && transport_->inbox().assembling(stream));
  REQUIRE(whole, kNoSuchStream, "cancelled or answered before");
  open_.erase(stream);
  settle();
  const bool large = kind == FrameKind::kReply && bytes.size() > kReplySizeMax;
  const bool full = kind == FrameKind::kReply && outbox().waiting() + bytes.size() > kOutboxSizeMax;
  if (large) {
    send_error(stream, kMessageTooLarge, {});
  } else if (full) {
    send_error(stream, kOutboxFull, kOutboxRetry);
  } else if (kind == FrameKind::kReply) {
    outbox().add_message(kind, stream, std::move(bytes));
  } else {
    outbox().add_control(kind, stream, bytes);
  }
  if (phase_ == Phase::kHolding && open_.empty()) release();
  REQUIRE(!large, kMessageTooLarge, "docs/protocol/session.md, Bounds: a reply");
  REQUIRE(!full, kOutboxFull, "docs/protocol/session.md, Bounds: too much waits to be sent");
  return {};
}

Status HomeSession::State::push(Bytes bytes) {
  REQUIRE(phase_ == Phase::kEstablished || phase_ == Phase::kHolding, kClosed, "the session is over");
  REQUIRE(bytes.size() <= kPushSizeMax, kMessageTooLarge, "docs/protocol/session.md, Bounds: a push");
  REQUIRE(outbox().waiting() + bytes.size() <= kOutboxSizeMax, kOutboxFull,
          "docs/protocol/session.md, Bounds: too much waits to be sent");
  outbox().add_push(std::move(bytes));
  return {};
}

void HomeSession::State::finish(ErrorCode code, Duration retry_after) {
  if (phase_ == Phase::kOver) return;
  const bool says_so = transport_ || phase_ == Phase::kHolding;
  if (says_so) outbox().finish(encode_refusal(code.number, retry_after));
  if (phase_ == Phase::kAwaitTicket) refuse_handshake(code, retry_after);
  end(code.number, false, {});
}

void HomeSession::State::end(uint16_t code, bool by_peer, Duration retry_after) {
  if (phase_ == Phase::kOver) {
    if (code == kPipeLost.number) outbox().clear();  // not even its last words leave
    return;
  }
  phase_ = Phase::kOver;
  if (by_peer || code == kPipeLost.number) {
    outbox().clear();
    resuming_.reset();
  }
  events_.push_back(Closed{code, by_peer, retry_after});
}

// What went wrong in a handshake was answered where that is due; later the peer is told.
Status HomeSession::State::fail(Error error) {
  if (transport_) {
    finish(error.code, {});
  } else {
    end(error.code.number, false, {});
  }
  return error;
}

Bytes HomeSession::State::take_output(size_t size_max) {
  if (phase_ == Phase::kOver && resuming_) release();  // closed while message 2 was held back
  Bytes out = std::exchange(handshake_output_, {});
  if (!transport_ || (!out.empty() && out.size() >= size_max)) return out;
  append(out, transport_->take_output(now_, size_max - out.size()));
  return out;
}

void HomeSession::State::handle_expiry() {
  if (now_ < deadline()) return;
  switch (phase_) {
    case Phase::kOver:
      return;
    case Phase::kHolding:
      return release();
    case Phase::kEstablished:
      return finish(kIdle, {});
    default:
      return end(kHandshakeTimeout.number, false, {});
  }
}

// ---- the public face ----------------------------------------------------------------------------------------------

HomeSession::HomeSession(const HomeOptions& options, Random& random, Instant now)
    : state_(std::make_unique<State>(options, random, now)) {}
HomeSession::HomeSession(HomeSession&&) noexcept = default;
HomeSession& HomeSession::operator=(HomeSession&&) noexcept = default;
HomeSession::~HomeSession() = default;

Status HomeSession::receive(ByteView bytes, Instant now) { return state_->at(now).receive(bytes); }
void HomeSession::pipe_lost() { state_->end(kPipeLost.number, false, {}); }
void HomeSession::provide_ticket(std::optional<TicketRecord> record, Instant now) {
  state_->at(now).provide_ticket(std::move(record));
}
Status HomeSession::bind_mailbox(Bytes binding) { return state_->bind_mailbox(std::move(binding)); }
Status HomeSession::reply(StreamId stream, Bytes bytes, Instant now) {
  return state_->at(now).answer(stream, FrameKind::kReply, std::move(bytes));
}
Status HomeSession::refuse(StreamId stream, ErrorCode code, Duration retry_after, Instant now) {
  return state_->at(now).answer(stream, FrameKind::kError, encode_refusal(code.number, retry_after));
}
Status HomeSession::push(Bytes bytes, Instant now) { return state_->at(now).push(std::move(bytes)); }
void HomeSession::close(ErrorCode code, Duration retry_after) { state_->finish(code, retry_after); }
Bytes HomeSession::take_output(Instant now, size_t size_max) { return state_->at(now).take_output(size_max); }
Instant HomeSession::next_deadline() const { return state_->deadline(); }
void HomeSession::handle_expiry(Instant now) { state_->at(now).handle_expiry(); }
bool HomeSession::established() const {
  return state_->phase_ == State::Phase::kEstablished || state_->phase_ == State::Phase::kHolding;
}
SessionKind HomeSession::kind() const { return state_->kind_; }
size_t HomeSession::output_waiting() const { return state_->outbox().waiting(); }

std::optional<HomeEvent> HomeSession::next_event() {
  if (state_->events_.empty()) return {};
  HomeEvent event = std::move(state_->events_.front());
  state_->events_.pop_front();
  return event;
}

}  // namespace godwit::session
