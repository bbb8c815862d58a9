#pragma once
// Messages that a newer program has said and that the program of this profile did not understand when they came. What they said was kept as it
// came (HistoryRecord::newer); once the profile is opened by a program that knows more, they are what they are.

#include "engine/machine.h"

namespace godwit::engine {

/// Reads a message again that was not understood. False: it was, or it still is not.
bool read_again(HistoryRecord& history);
/// When the profile is opened: makes those among the messages of the index that are understood now what they are, also for what was done to them,
/// for searching, and for the timer of the chat. Older ones are shown as what they are whenever they are read, and are not found by searching
/// until the index is made anew.
void read_newer_again(Machine& m, Chat& chat);

}  // namespace godwit::engine
