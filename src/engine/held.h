#pragma once
// Messages read from the disk with all that has become of them.

#include <deque>
#include <vector>

#include "engine/machine.h"

namespace godwit::engine {

/// Gets messages by position; those that are gone are missing.
using HeldHandler = std::function<void(std::map<uint64_t, Held>)>;

/// Positions without gaps between them.
struct PositionRun {
  uint64_t first = 0;
  uint64_t last = 0;
};
/// All of `positions` as runs, from the lowest on, so that they are read in few pieces and nothing between them is.
std::deque<PositionRun> runs_of(std::vector<uint64_t> positions);

/// Reads the messages at these positions. What has been put into the journal before must be stored: call it from Journal::then().
void load_held(Machine& m, const ChatId& chat, const std::vector<uint64_t>& positions, HeldHandler done);
/// Reads one message, wherever it is in the history, after all that is on its way to the disk; `work` gets it, or null. One such work
/// is done at a time, so that it may change what it got and store it.
void with_message(Machine& m, Chat& chat, const MessageId& id, std::function<void(Chat&, Held*)> work);
/// Does `work` in the same line: it calls late_done() when it is through.
void do_late(Machine& m, Chat& chat, std::function<void()> work);
/// See do_late().
void late_done(Machine& m, const ChatId& chat);

/// The key of a message's record of kOrder.
Bytes order_key(const ChatId& chat, const OrderKey& at);

}  // namespace godwit::engine
