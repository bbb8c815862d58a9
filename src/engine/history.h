#pragma once
// What was said: messages in their order, how far one's own have come, and the list of chats.

#include "codec/members.h"
#include "engine/machine.h"

namespace godwit::engine {

/// Messages in one answer: 100 KiB each at most, so that an answer stays below 20 MiB.
constexpr uint32_t kHistoryPageMax = 200;
/// A message that its receiver's home took and that was not fetched lies there so long at most.
constexpr Duration kMessageLifetime = days(30);

/// A message with what has become of it, as one own device hands it to another.
struct HandedMessage {
  uint64_t position = 0;
  HistoryRecord history;
  IndexRecord index;
  StateRecord state;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.position, self.history, self.index, self.state);
  }
};

/// The clock of the next thing that is said in this chat.
uint64_t next_clock(Machine& m, Chat& chat);
/// The clock by which something is ordered whose sender claims `claimed`; ours is moved, but not too far (kClockJumpMax).
uint64_t take_clock(Machine& m, Chat& chat, uint64_t claimed);
/// Appends a message to the history, and does to it what has waited for it; stored with the next batch. `history` has all but its
/// final clock: 0 for one's own new ones, else what its sender claims.
Message append_message(Machine& m, Chat& chat, HistoryRecord history);
/// Takes a message in that another own device has had for long, at the same position if that is kept for it, else (0, or there is
/// another already) after all others. Nothing is told. The caller writes the chat.
void take_old_message(Machine& m, Chat& chat, HandedMessage old);
/// A message of one's own has come further: stores and tells. Backwards moves are ignored.
void move_message(Machine& m, Chat& chat, uint64_t position, Delivery delivery);
/// Marks as expired what was taken and not delivered in time; lowers the chat's sweep_at to the next such moment.
void sweep_messages(Machine& m, Chat& chat);
/// Writes the record of kIndex of a message in the window.
void put_index(Machine& m, const Chat& chat, uint64_t position);
/// The newest message in memory was changed or has gone: reads what it is now.
void refresh_newest(Machine& m, Chat& chat);
/// The chat as shown in a list.
ChatInfo chat_info(const Machine& m, const Chat& chat);
/// Reads a message of the history. kProfileDamaged.
Result<HistoryRecord> parse_history(ByteView bytes);

/// Takes the command ListChats.
void list_chats(Machine& m, CommandId id, const ListChats& command);
/// Takes the command ReadHistory.
void read_history(Machine& m, CommandId id, const ReadHistory& command);

}  // namespace godwit::engine
