#include "home/front.h"

#include <deque>
#include <map>
#include <utility>

#include "home/errors.h"
#include "home/front_messages.h"
#include "session/errors.h"

namespace godwit::home {
namespace {

// How often a link is kept, and a Hello sent while there is none.
constexpr Duration kTick = seconds(1);
constexpr Duration kCallAgain = milliseconds(500);
// A message of FrontTaken that tells of more is two.
constexpr size_t kTookInOne = 4'096;

}  // namespace

/// Pipes above the core of another home.
class Front::State final : public SessionCore {
 public:
  State(Keys keys, const Limits& limits, Random& random, std::string name)
      : keys_(std::move(keys)),
        limits_(limits),
        random_(random),
        key_(FrontClusterKey::of(keys_)),
        name_(std::move(name)),
        inbox_{random.bytes<FrontInboxId::kSize>()},
        pipes_(keys_, limits_, random, *this) {
    pipes_.drain(true);  // until there is a link
  }

  void at(Instant now);
  void call();
  void packet(ByteView packet);
  std::optional<FrontOutput> next_output();
  Instant next_deadline() const { return std::min(tick_at_, pipes_.next_deadline()); }
  void handle_expiry();
  void drain();
  void end();
  Pipes& pipes() { return pipes_; }
  const Pipes& pipes() const { return pipes_; }
  const FrontInboxId& inbox() const { return inbox_; }
  bool linked() const { return link_.has_value(); }
  const std::string& home() const { return home_name_; }
  bool other_version() const { return other_version_; }
  const Counters& counters() const { return counters_; }

  // SessionCore, called by the pipes.
  void session_opened(SessionId session, const session::ChannelBinding& channel, ByteView binding, bool resumed,
                      Instant) override;
  void handle_request(SessionId session, session::StreamId stream, ByteView request, bool first_flight,
                      Instant) override;
  void session_closed(SessionId session, Instant) override;
  void push_possible(SessionId, Instant) override {}  // the home knows from what was taken
  void take_ticket(SessionId session, const session::TicketId& ticket, Instant) override;
  void keep_ticket(const session::TicketRecord& record, Instant now) override;
  Counters& counting() override { return counters_; }

 private:
  void take_welcome(ByteView packet);
  void lose_link(bool says_goodbye);
  void say(const FrontMessage& message) {
    if (link_) link_->send(encode_front_message(message));
  }
  bool know(SessionId session) { return link_ && known_.try_emplace(session, 0).second; }
  void holds(SessionId session, size_t size);
  void note_taken(SessionId session, bool at_once);
  void tell_taken();

  // False: the home says what none says.
  bool take_message(FrontMessage message);
  bool take(const FrontReply& reply);
  bool take(const FrontRefusal& refusal);
  bool take(FrontPush push);
  bool take(FrontBind bind);
  bool take(const FrontClose& close);
  bool take(FrontTicketFound found);
  bool take(const FrontGoingDown&);

  const Keys keys_;
  const Limits limits_;
  Random& random_;
  const FrontClusterKey key_;
  const std::string name_;
  const FrontInboxId inbox_;
  Counters counters_;
  Pipes pipes_;
  Instant now_;
  Instant tick_at_ = kNever;
  bool draining_ = false;
  bool accepts_ = false;  // FrontLinked was told last
  bool other_version_ = false;
  std::optional<FrontCall> call_;  // none while a link stands
  std::optional<FrontLink> link_;
  FrontInboxId home_;
  std::string home_name_;
  std::map<SessionId, size_t> known_;  // that the home knows, and how many bytes of each it thinks wait
  std::deque<FrontOutput> outputs_;
};

// ---- the link -----------------------------------------------------------------------------------------------------------

void Front::State::at(Instant now) {
  now_ = now;
  pipes_.at(now);
  if (tick_at_ != kNever && tick_at_ > now + kTick) tick_at_ = now + kTick;  // the clock went back
}

void Front::State::call() {
  call_.emplace(key_, inbox_, name_, random_);
  outputs_.emplace_back(SendFrontPacket{std::nullopt, call_->hello()});
  tick_at_ = now_ + kCallAgain;
}

void Front::State::packet(ByteView packet) {
  const auto kind = front_packet_kind(packet);
  if (kind == FrontPacketKind::kWelcome || kind == FrontPacketKind::kOtherVersion) return take_welcome(packet);
  if (!link_ || front_link_of(packet) != link_->id()) return;
  bool well = link_->receive(packet).has_value();
  while (well && link_) {
    auto bytes = link_->next_message();
    if (!bytes) break;
    auto message = decode_front_message(*bytes);
    crypto::wipe(*bytes);
    well = message && take_message(std::move(*message));
  }
  if (!well) lose_link(true);
}

void Front::State::take_welcome(ByteView packet) {
  if (!call_ || link_ || draining_) return;
  auto answered = call_->answered(packet);
  if (!answered) {
    other_version_ = other_version_ || answered.error().code == kOtherFrontVersion;
    return;
  }
  call_.reset();
  other_version_ = false;
  link_.emplace(std::move(answered->link));
  home_ = answered->home;
  home_name_ = std::move(answered->name);
  tick_at_ = now_ + kTick;
  pipes_.drain(false);
  accepts_ = true;
  outputs_.emplace_back(FrontLinked{home_name_});
}

// `says_goodbye`: so that the home need not wait until it hears nothing.
void Front::State::lose_link(bool says_goodbye) {
  if (says_goodbye) {
    say(FrontGoodbye{});
    while (auto packet = link_->next_packet()) outputs_.emplace_back(SendFrontPacket{home_, std::move(*packet)});
  }
  link_.reset();
  known_.clear();
  if (std::exchange(accepts_, false)) outputs_.emplace_back(FrontLost{});
  pipes_.drain(true);  // until there is another
  pipes_.end_all();
  if (!draining_) call();
}

void Front::State::handle_expiry() {
  pipes_.handle_expiry();
  if (now_ < tick_at_) return;
  if (!link_) {
    if (draining_) {
      tick_at_ = kNever;
    } else {
      call();
    }
    return;
  }
  tick_at_ = now_ + kTick;
  tell_taken();
  if (!link_->tick()) lose_link(true);
}

void Front::State::drain() {
  draining_ = true;
  if (std::exchange(accepts_, false)) outputs_.emplace_back(FrontLost{});
  pipes_.drain(true);
}

void Front::State::end() {
  draining_ = true;
  if (link_) lose_link(true);
}

// ---- what the home says -------------------------------------------------------------------------------------------------

bool Front::State::take_message(FrontMessage message) {
  return std::visit(
      [&](auto& one) {
        if constexpr (requires { this->take(std::move(one)); }) {
          return take(std::move(one));
        } else {
          return false;  // a Goodbye, or what only a front says
        }
      },
      message);
}

// The bytes are on this side now.
void Front::State::holds(SessionId session, size_t size) {
  const auto found = known_.find(session);
  if (found != known_.end()) found->second += size;
}

bool Front::State::take(const FrontReply& reply) {
  const SessionId session{reply.session.value};
  holds(session, reply.reply.size());
  pipes_.reply(session, reply.stream, reply.reply);
  note_taken(session, false);
  return true;
}

bool Front::State::take(const FrontRefusal& refusal) {
  const auto code = front_refusal(refusal.code);
  if (!code) return false;
  pipes_.refuse(SessionId{refusal.session.value}, refusal.stream, *code, milliseconds(refusal.retry_ms));
  return true;
}

// One that does not go leaves a gap that nobody would notice: the client comes again, and fetches.
bool Front::State::take(FrontPush push) {
  const SessionId session{push.session.value};
  holds(session, push.push.size());
  if (!pipes_.push(session, std::move(push.push), SIZE_MAX)) pipes_.close(session, session::kGoingDown, kComeBackAfter);
  note_taken(session, false);
  return true;
}

bool Front::State::take(FrontBind bind) {
  const SessionId session{bind.session.value};
  if (!pipes_.bind(session, std::move(bind.binding))) pipes_.close(session);
  return true;
}

bool Front::State::take(const FrontClose& close) {
  const SessionId session{close.session.value};
  if (close.comes_back) {
    pipes_.close(session, session::kGoingDown, kComeBackAfter);
  } else {
    pipes_.close(session);
  }
  return true;
}

bool Front::State::take(FrontTicketFound found) {
  if (!found.ticket) {
    pipes_.provide_ticket(SessionId{found.session.value}, std::nullopt);
    return true;
  }
  found.ticket->record.expires = now_ + found.ticket->left;
  pipes_.provide_ticket(SessionId{found.session.value}, std::move(found.ticket->record));
  return true;
}

bool Front::State::take(const FrontGoingDown&) {
  if (std::exchange(accepts_, false)) outputs_.emplace_back(FrontLost{});
  pipes_.drain(true);
  return true;
}

// ---- what the sessions ask ----------------------------------------------------------------------------------------------

void Front::State::session_opened(SessionId session, const session::ChannelBinding& channel, ByteView binding,
                                  bool resumed, Instant) {
  resumed ? ++counters_.sessions_resumed : ++counters_.sessions_full;
  know(session);
  say(FrontOpened{{session.value}, channel, to_bytes(binding), resumed});
}

void Front::State::handle_request(SessionId session, session::StreamId stream, ByteView request, bool first_flight,
                                  Instant) {
  ++counters_.requests;
  if (!link_ || !known_.contains(session)) return pipes_.refuse(session, stream, session::kGoingDown, kComeBackAfter);
  if (link_->waiting() + request.size() > kWaitingMax)
    return pipes_.refuse(session, stream, session::kOutboxFull, kOutputRetry);
  say(FrontRequest{{session.value}, stream, first_flight, to_bytes(request)});
}

void Front::State::session_closed(SessionId session, Instant) {
  if (known_.erase(session) > 0) say(FrontClosed{{session.value}});
}

void Front::State::take_ticket(SessionId session, const session::TicketId& ticket, Instant) {
  if (!link_) return pipes_.provide_ticket(session, std::nullopt);
  know(session);
  say(FrontTicketWanted{{session.value}, ticket});
}

void Front::State::keep_ticket(const session::TicketRecord& record, Instant now) {
  say(FrontTicketIssued{FrontTicket{record.clone(), record.expires - now}});
}

// ---- what clients have taken --------------------------------------------------------------------------------------------

void Front::State::note_taken(SessionId session, bool at_once) {
  const auto found = known_.find(session);
  if (found == known_.end() || !link_) return;
  const size_t waiting = pipes_.waiting_of(session);
  if (found->second <= waiting) return;
  const size_t taken = found->second - waiting;
  if (!at_once && taken < kTookStep) return;
  found->second = waiting;
  say(FrontTaken{{{{session.value}, static_cast<uint32_t>(taken)}}});
}

// The rest, which is little of each.
void Front::State::tell_taken() {
  FrontTaken all;
  for (auto& [session, held] : known_) {
    const size_t waiting = pipes_.waiting_of(session);
    if (held <= waiting) continue;
    all.sessions.push_back({{session.value}, static_cast<uint32_t>(held - waiting)});
    held = waiting;
    if (all.sessions.size() == kTookInOne) say(std::exchange(all, {}));
  }
  if (!all.sessions.empty()) say(all);
}

// ---- outputs ------------------------------------------------------------------------------------------------------------

std::optional<FrontOutput> Front::State::next_output() {
  if (!outputs_.empty()) {
    FrontOutput output = std::move(outputs_.front());
    outputs_.pop_front();
    return output;
  }
  if (auto output = pipes_.next_output()) {
    if (auto* bytes = std::get_if<SendBytes>(&*output)) {
      note_taken(SessionId{bytes->pipe.value}, false);
      return std::move(*bytes);
    }
    return std::get<ClosePipe>(*output);
  }
  if (!link_) return std::nullopt;
  auto packet = link_->next_packet();  // last, with all that was said meanwhile
  if (!packet) return std::nullopt;
  return SendFrontPacket{home_, std::move(*packet)};
}

// ---- the public face ----------------------------------------------------------------------------------------------------

Front::Front(Keys keys, const Limits& limits, Random& random, std::string name)
    : state_(std::make_unique<State>(std::move(keys), limits, random, std::move(name))) {}

Front::~Front() = default;

void Front::start(Instant now) {
  state_->at(now);
  state_->call();
}

void Front::packet(ByteView packet, Instant now) {
  state_->at(now);
  state_->packet(packet);
  state_->pipes().settle();
}

void Front::pipe_opened(PipeId pipe, session::Form form, Bytes source, Instant now) {
  state_->at(now);
  state_->pipes().opened(pipe, form, std::move(source));
}

void Front::pipe_bytes(PipeId pipe, ByteView bytes, Instant now) {
  state_->at(now);
  state_->pipes().bytes(pipe, bytes);
  state_->pipes().settle();
}

void Front::pipe_closed(PipeId pipe, Instant now) {
  state_->at(now);
  state_->pipes().closed(pipe);
}

void Front::pipe_full(PipeId pipe) { state_->pipes().full(pipe); }

void Front::pipe_drained(PipeId pipe, Instant now) {
  state_->at(now);
  state_->pipes().drained(pipe);
}

std::optional<FrontOutput> Front::next_output() { return state_->next_output(); }

Instant Front::next_deadline() const { return state_->next_deadline(); }

void Front::handle_expiry(Instant now) {
  state_->at(now);
  state_->handle_expiry();
  state_->pipes().settle();
}

void Front::drain(Instant now) {
  state_->at(now);
  state_->drain();
  state_->pipes().settle();
}

bool Front::idle() const { return state_->pipes().answered_all(); }

void Front::end(Instant now) {
  state_->at(now);
  state_->end();
  state_->pipes().settle();
}

const FrontInboxId& Front::inbox() const { return state_->inbox(); }

std::optional<std::string> Front::home() const {
  return state_->linked() ? std::optional(state_->home()) : std::nullopt;
}

bool Front::hears_other_version() const { return state_->other_version(); }

size_t Front::output_waiting() const { return state_->pipes().output_waiting(); }

size_t Front::pipes() const { return state_->pipes().size(); }

const Counters& Front::counters() const { return state_->counters(); }

}  // namespace godwit::home
