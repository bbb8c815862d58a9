// Credentials for the relay of calls. Nothing of them is stored, and nothing tells afterwards to whom they were given.

#include "home/call_relay.h"

#include "home/core.h"

namespace godwit::home {

void Core::set_call_relay(std::optional<CallRelayPlan> plan) { call_relay_ = std::move(plan); }

// The relay takes "<seconds>:<anything>" for a name until that second, and counts what it allows by the second half: so that is
// random, and two calls of one person look like calls of two.
Core::Answer Core::handle(const Caller& caller, const wire::TurnGet&) {
  CO_CHECK(co_await own_mailbox(caller));
  CO_REQUIRE(call_relay_.has_value(), wire::kCallsOff, "home: `calls` is off, or its relay does not run");
  const Duration wait = turn_rate_.take(mailbox_key(caller.device.mailbox), now_);
  if (wait > Duration{}) co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  const Instant until = now_ + kTurnLife;
  wire::TurnCredentials out;
  out.urls = call_relay_->urls;
  out.username = std::to_string(until.ms / 1000) + ":" + to_base64url(random_.bytes<12>());
  out.password = call_relay_->password_of(out.username, until);
  out.ttl_seconds = static_cast<uint32_t>(kTurnLife.ms / 1000);
  co_return out;
}

}  // namespace godwit::home
