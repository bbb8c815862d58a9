#include "cli/call_words.h"

#include "base/safe_text.h"
#include "moving/message_words.h"

namespace godwit::cli {

std::optional<std::string> print_call_change(const engine::CallInfo& call) {
  const std::string who = safe_line(call.peer_name);
  switch (call.state) {
    case engine::CallState::kRingingHere:
      return who + " calls. Answer on the page: end this, and start `godwit web` at once.";
    case engine::CallState::kRingingThere:
      return "it rings at " + who + "'s";
    case engine::CallState::kConnecting:
      return who + " has answered; talk on the page";
    case engine::CallState::kActive:
      return "talking with " + who;
    case engine::CallState::kReconnecting:
      return "the connection is gone; it is tried again";
    case engine::CallState::kOver:
      return "call with " + who + ": " + moving::print_outcome(call.outcome.value_or(engine::CallOutcome::kNone)) +
             (call.duration_ms == 0 ? "" : ", " + moving::print_duration(call.duration_ms));
    case engine::CallState::kCalling:
    case engine::CallState::kAnswering:
    case engine::CallState::kTaking:
      break;
  }
  return std::nullopt;
}

}  // namespace godwit::cli
