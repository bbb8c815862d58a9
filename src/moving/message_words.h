#pragma once
// What a message says, in plain words: for terminals, and for archives, which have polls, places and what was done to a group as text.
// The words of one message are the same wherever they are made: an archive that goes on compares them.

#include <string>

#include "engine/call_notices.h"
#include "engine/notices.h"

namespace godwit::moving {

/// What a message says, or its file's facts and how to get it; safe for a terminal.
std::string print_body(const engine::Message& message);
/// "3.4 MB".
std::string print_size(uint64_t bytes);
/// "2 min 3 s".
std::string print_duration(uint64_t duration_ms);
/// A call that is over, as a line among messages: "missed call".
std::string print_call(const engine::CallLine& call);
/// How one's own call that nobody talked in, or that ended, went: "no answer".
std::string print_outcome(engine::CallOutcome outcome);

}  // namespace godwit::moving
