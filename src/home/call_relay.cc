// Credentials for the relay of calls. Nothing of them is stored, and nothing tells afterwards to whom they were given.

#include "home/call_relay.h"

#include <algorithm>

#include "home/core.h"

namespace godwit::home {

void Core::set_call_relay(std::optional<CallRelayPlan> plan) { call_relay_ = std::move(plan); }

wire::TurnCredentials turn_credentials(const CallRelayPlan& plan, Random& random, Instant now) {
  const Instant until = now + kTurnLife;
  wire::TurnCredentials out;
  out.urls = plan.urls;
  out.username = std::to_string(until.ms / 1000) + ":" + to_base64url(random.bytes<12>());
  out.password = plan.password_of(out.username, until);
  out.ttl_seconds = static_cast<uint32_t>(kTurnLife.ms / 1000);
  return out;
}

Core::Answer Core::handle(const Caller& caller, const wire::TurnGet&) {
  CO_CHECK(co_await own_mailbox(caller));
  CO_REQUIRE(call_relay_.has_value(), wire::kCallsOff, "home: `calls` is off, or its relay does not run");
  const Duration wait = turn_rate_.take(mailbox_key(caller.device.mailbox), now_);
  if (wait > Duration{}) co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  co_return turn_credentials(*call_relay_, random_, now_);
}

void Core::set_call_unit(std::optional<CallUnitPlan> plan) {
  call_unit_ = std::move(plan);
  if (call_unit_) return;
  while (!unit_asks_.empty()) {
    end_unit_ask(unit_asks_.begin()->first, Error{wire::kUnavailable, "home: the unit does not run any more"});
  }
  run();
}

Core::Answer Core::handle(const Caller& caller, const wire::CallRoomOpen&) {
  CO_CHECK(co_await own_mailbox(caller));
  CO_REQUIRE(call_unit_.has_value(), wire::kCallsOff, "home: there is no unit, or it does not run");
  const Bytes mailbox = mailbox_key(caller.device.mailbox);
  const Duration wait = room_rate_.take(mailbox, now_);
  if (wait > Duration{}) co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  CO_TRY(room, call_unit_->open(mailbox));
  co_return wire::CallRoom{room};
}

// Whoever has the room's key: it is asked nothing else, so that a call of several homes is one.
Core::Answer Core::handle(const Caller& caller, const wire::CallRoomAsk& request) {
  CO_REQUIRE(call_unit_.has_value(), wire::kCallsOff, "home: there is no unit, or it does not run");
  const auto of_session =
      std::ranges::count_if(unit_asks_, [&](const auto& each) { return each.second.session == caller.session; });
  const bool room = unit_asks_.size() < kCallAsksMax && static_cast<size_t>(of_session) < kCallAsksOfSession;
  CO_REQUIRE(room, wire::kTooManyRequests, "home: wishes on their way to the unit");
  const Duration wait = ask_rate_.take(codec::encoded(caller.session), now_);
  if (wait > Duration{}) co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  const UnitAskId id{next_unit_ask_++};
  const auto awaited = std::make_shared<AwaitedUnit>();
  unit_asks_.emplace(id, UnitAsk{caller.session, awaited});
  call_unit_->ask(id, request);
  struct Arrival {
    std::shared_ptr<AwaitedUnit> awaited;
    bool await_ready() const noexcept { return awaited->result.has_value(); }
    void await_suspend(std::coroutine_handle<> waiting) noexcept { awaited->waiting = waiting; }
    Result<wire::CallRoomSaid> await_resume() { return std::move(*awaited->result); }
  };
  Arrival arrival{awaited};
  CO_TRY(said, co_await arrival);
  co_return wire::Reply(std::move(said));
}

void Core::unit_answered(UnitAskId ask, Result<wire::CallRoomSaid> said, Instant now) {
  now_ = now;
  end_unit_ask(ask, std::move(said));
  run();
}

void Core::end_unit_ask(UnitAskId ask, Result<wire::CallRoomSaid> said) {
  const auto found = unit_asks_.find(ask);
  if (found == unit_asks_.end()) return;
  const auto awaited = found->second.awaited;
  unit_asks_.erase(found);
  awaited->result.emplace(std::move(said));
  if (const auto waiting = std::exchange(awaited->waiting, nullptr)) waiting.resume();
}

}  // namespace godwit::home
