#pragma once
// Calls that are over: a quiet line in the history of their chat, and the list that ReadCalls answers with. One of each for one call, on
// every own device under the same id, however many devices tell of it.

#include "engine/machine.h"

namespace godwit::engine {

/// Keeps a call; what is known of it already gives way, unless this device took part. `clock`: where the line stands, 0: where we are.
void keep_call(Machine& m, const KeepCall& call, uint64_t clock);
/// The history of a chat was deleted: its calls are forgotten.
void forget_calls(Machine& m, const ChatId& chat);
/// As people and programs are shown the line of a call; nothing: it is of no call, or a later version has made it.
std::optional<LineInfo> call_line_info(const HistoryRecord& history);
/// What ReadCalls answers with of the past.
void list_past_calls(Machine& m, const ReadCalls& command, Calls& out);

}  // namespace godwit::engine
