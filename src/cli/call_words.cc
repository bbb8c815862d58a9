#include "cli/call_words.h"

#include "cli/terminal.h"

namespace godwit::cli {
namespace {

std::string print_duration(uint64_t duration_ms) {
  const uint64_t seconds = duration_ms / 1000;
  const std::string rest = std::to_string(seconds % 60) + " s";
  return seconds < 60 ? rest : std::to_string(seconds / 60) + " min " + rest;
}

}  // namespace

std::string print_outcome(engine::CallOutcome outcome) {
  switch (outcome) {
    case engine::CallOutcome::kAnswered:
      return "ended";
    case engine::CallOutcome::kMissed:
      return "missed";
    case engine::CallOutcome::kDeclined:
      return "declined";
    case engine::CallOutcome::kBusy:
      return "busy";
    case engine::CallOutcome::kCancelled:
      return "cancelled";
    case engine::CallOutcome::kNoAnswer:
      return "no answer";
    case engine::CallOutcome::kElsewhere:
      return "taken or declined on another of your devices";
    case engine::CallOutcome::kFailed:
      return "no connection came about";
    case engine::CallOutcome::kLost:
      return "the connection was lost";
    case engine::CallOutcome::kMerged:
      return "they called at the same moment";
    case engine::CallOutcome::kFull:
      return "there was no place in it";
    case engine::CallOutcome::kRemoved:
      return "you are not in the group any more";
    case engine::CallOutcome::kNone:
      break;
  }
  return "over";
}

std::string print_call(const engine::CallLine& call) {
  const std::string what = call.media == engine::CallMedia::kVideo ? "video call" : "call";
  const std::string lasted = call.duration_ms == 0 ? "" : ", " + print_duration(call.duration_ms);
  if (call.outcome == engine::CallOutcome::kAnswered)
    return (call.outgoing ? "you made a " : "you took a ") + what + lasted;
  const bool missed = call.outcome == engine::CallOutcome::kMissed || call.outcome == engine::CallOutcome::kBusy;
  if (!call.outgoing && missed) return "missed " + what;
  return (call.outgoing ? "your " : "") + what + ": " + print_outcome(call.outcome) + lasted;
}

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
      return "call with " + who + ": " + print_outcome(call.outcome.value_or(engine::CallOutcome::kNone)) +
             (call.duration_ms == 0 ? "" : ", " + print_duration(call.duration_ms));
    case engine::CallState::kCalling:
    case engine::CallState::kAnswering:
      break;
  }
  return std::nullopt;
}

}  // namespace godwit::cli
