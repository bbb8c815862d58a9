#pragma once
// What was said: messages in their order on this device, how far one's own have come, and the list of chats.

#include "engine/machine.h"

namespace godwit::engine {

/// Messages in one answer: 100 KiB each at most, so that an answer stays below 20 MiB.
constexpr uint32_t kHistoryPageMax = 200;
/// A message that its receiver's home took and that was not fetched lies there so long at most.
constexpr Duration kMessageLifetime = days(30);

/// Appends a text, or a file, to the history; stored with the next batch.
Message append_message(Machine& m, Chat& chat, const MessageId& id, bool own, int64_t sent_ms, std::string text,
                       std::optional<FileBody> file = std::nullopt, const AccountId& author = {});
/// A message of one's own has come further: stores and tells. Backwards moves are ignored.
void move_message(Machine& m, Chat& chat, uint64_t position, Delivery delivery);
/// Marks as expired what was taken and not delivered in time; lowers the chat's sweep_at to the next such moment.
void sweep_messages(Machine& m, Chat& chat);
/// The chat as shown in a list.
ChatInfo chat_info(const Chat& chat);
/// Reads a message of the history, also as it was stored before messages had files. kProfileDamaged.
Result<HistoryRecord> parse_history(ByteView bytes);
/// A message of its records.
Message to_message(const HistoryRecord& history, const IndexRecord* index, uint64_t position);

/// Takes the command ListChats.
void list_chats(Machine& m, CommandId id);
/// Takes the command ReadHistory.
void read_history(Machine& m, CommandId id, const ReadHistory& command);

}  // namespace godwit::engine
