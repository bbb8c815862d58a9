#include "home/home.h"

#include <algorithm>
#include <deque>

#include "home/core.h"
#include "home/front_desk.h"
#include "home/pipes.h"

namespace godwit::home {
/// Pipes of this home, and of its fronts, above the core.
class Home::State final : public Sessions {
 public:
  State(Keys keys, Options options, store::HomeStore& store, Random& random)
      : keys_(std::move(keys)),
        options_(options),
        own_core_(core_),
        pipes_(keys_, options_.limits, random, own_core_),
        fronts_(keys_, options_.limits, random, own_core_),
        core_(keys_, options_, store, random, *this) {}

  void start(Instant now) {
    now_ = now;
    core_.start(now);
  }
  void handle_expiry() {
    core_.handle_expiry(now_);
    pipes_.handle_expiry();
    fronts_.handle_expiry();
  }
  void drain() {
    pipes_.drain(true);
    fronts_.drain();
  }
  std::optional<Output> next_output();
  Instant next_deadline() const {
    return std::min({pipes_.next_deadline(), fronts_.next_deadline(), core_.next_deadline()});
  }
  bool idle() const { return core_.idle(); }
  size_t output_waiting() const { return pipes_.output_waiting() + fronts_.output_waiting(); }
  Gauges gauges() const;
  Core& core() { return core_; }
  Pipes& pipes() { return pipes_; }
  FrontDesk& fronts() { return fronts_; }
  void at(Instant now) {
    if (now < now_) core_.clock_went_back(now_ - now);
    now_ = now;
    pipes_.at(now);
    fronts_.at(now);
  }

  // Sessions, called by the core.
  void reply(SessionId session, session::StreamId stream, Bytes bytes) override {
    if (FrontDesk::is_of_front(session)) return fronts_.reply(session, stream, std::move(bytes));
    pipes_.reply(session, stream, std::move(bytes));
  }
  bool push(SessionId session, Bytes items, size_t waiting_max) override {
    if (FrontDesk::is_of_front(session)) return fronts_.push(session, std::move(items), waiting_max);
    return pipes_.push(session, std::move(items), waiting_max);
  }
  Spare push_spare(SessionId session, const Bytes& entries, size_t waiting_max) override {
    if (FrontDesk::is_of_front(session)) return fronts_.push_spare(session, entries, waiting_max);
    return pipes_.push_spare(session, entries, waiting_max);
  }
  bool bind(SessionId session, Bytes binding) override {
    if (FrontDesk::is_of_front(session)) return fronts_.bind(session, std::move(binding));
    return pipes_.bind(session, std::move(binding));
  }
  void refuse(SessionId session, session::StreamId stream, ErrorCode code) override {
    if (FrontDesk::is_of_front(session)) return fronts_.refuse(session, stream, code);
    pipes_.refuse(session, stream, code);
  }
  void close(SessionId session) override {
    if (FrontDesk::is_of_front(session)) return fronts_.close(session);
    pipes_.close(session);
  }
  void provide_ticket(SessionId session, std::optional<session::TicketRecord> record) override {
    if (FrontDesk::is_of_front(session)) return fronts_.provide_ticket(session, std::move(record));
    pipes_.provide_ticket(session, std::move(record));
  }
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
  const Keys keys_;
  const Options options_;
  Instant now_;
  bool stop_told_ = false;
  bool trouble_told_ = false;
  std::deque<Output> outputs_;  // that are of no pipe
  OwnCore own_core_;
  Pipes pipes_;
  FrontDesk fronts_;
  Core core_;  // last: it is told of the other members
};

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
  if (auto output = pipes_.next_output()) {
    if (auto* bytes = std::get_if<SendBytes>(&*output)) return std::move(*bytes);
    return std::get<ClosePipe>(*output);
  }
  if (auto packet = fronts_.next_output()) return std::move(*packet);  // last, with all that was said meanwhile
  return std::nullopt;
}

Gauges Home::State::gauges() const {
  Gauges out = core_.gauges();
  out.pipes = pipes_.size();
  out.output_waiting = output_waiting();
  out.sources_remembered = pipes_.sources_remembered();
  return out;
}

// ---- the public face ------------------------------------------------------------------------------------------------

Home::Home(Keys keys, Options options, store::HomeStore& store, Random& random)
    : state_(std::make_unique<State>(std::move(keys), options, store, random)) {}

Home::~Home() = default;

void Home::start(Instant now) { state_->start(now); }

void Home::pipe_opened(PipeId pipe, session::Form form, Bytes source, Instant now) {
  state_->at(now);
  state_->pipes().opened(pipe, form, std::move(source));
}

void Home::pipe_bytes(PipeId pipe, ByteView bytes, Instant now) {
  state_->at(now);
  state_->pipes().bytes(pipe, bytes);
  state_->pipes().settle();
}

void Home::pipe_closed(PipeId pipe, Instant now) {
  state_->at(now);
  state_->pipes().closed(pipe);
  state_->pipes().settle();
}

void Home::pipe_full(PipeId pipe) { state_->pipes().full(pipe); }

void Home::pipe_drained(PipeId pipe, Instant now) {
  state_->at(now);
  state_->pipes().drained(pipe);
}

void Home::set_bulletin(BulletinPlan plan) { state_->core().set_bulletin(std::move(plan)); }

void Home::set_call_relay(std::optional<CallRelayPlan> plan) { state_->core().set_call_relay(std::move(plan)); }

void Home::set_call_unit(std::optional<CallUnitPlan> plan, Instant now) {
  state_->at(now);
  state_->core().set_call_unit(std::move(plan));
  state_->pipes().settle();
}

void Home::unit_answered(UnitAskId ask, Result<wire::CallRoomSaid> said, Instant now) {
  state_->at(now);
  state_->core().unit_answered(ask, std::move(said), now);
  state_->pipes().settle();
}

void Home::sealed_arrived(SealedArrivalId arrival, Bytes sealed, Instant now) {
  state_->at(now);
  state_->core().sealed_arrived(arrival, std::move(sealed), now);
  state_->pipes().settle();
}

void Home::remove(std::shared_ptr<Removal> removal, Instant now) {
  state_->at(now);
  state_->core().remove(std::move(removal), now);
  state_->pipes().settle();
}

void Home::forwarded(ForwardId forward, Result<Bytes> reply, Instant now) {
  state_->at(now);
  state_->core().forwarded(forward, std::move(reply), now);
  state_->pipes().settle();
}

void Home::set_web_push_key(std::optional<wire::WebPushKey> key) { state_->core().set_web_push_key(key); }

void Home::web_pushed(WebPushId push, const WebPushResult& result, Instant now) {
  state_->at(now);
  state_->core().web_pushed(push, result, now);
  state_->pipes().settle();
}

void Home::open_to_fronts(std::string name) { state_->fronts().open(std::move(name)); }

void Home::front_packet(ByteView packet, Instant now) {
  state_->at(now);
  state_->fronts().packet(packet);
  state_->pipes().settle();
}

void Home::leave_fronts(Instant now) {
  state_->at(now);
  state_->fronts().end();
  state_->pipes().settle();
}

const FrontInboxId& Home::front_inbox() const { return state_->fronts().inbox(); }

size_t Home::fronts() const { return state_->fronts().fronts(); }

size_t Home::front_sessions() const { return state_->fronts().sessions(); }

void Home::store_ready(Instant now) {
  state_->at(now);
  state_->core().store_ready(now);
  state_->pipes().settle();
}

std::optional<Output> Home::next_output() { return state_->next_output(); }

Instant Home::next_deadline() const { return state_->next_deadline(); }

void Home::handle_expiry(Instant now) {
  state_->at(now);
  state_->handle_expiry();
  state_->pipes().settle();
}

void Home::drain(Instant now) {
  state_->at(now);
  state_->drain();
  state_->pipes().settle();
}

bool Home::idle() const { return state_->idle(); }

size_t Home::output_waiting() const { return state_->output_waiting(); }

const Counters& Home::counters() const { return state_->core().counters(); }

Gauges Home::gauges() const { return state_->gauges(); }

}  // namespace godwit::home
