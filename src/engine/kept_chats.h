#pragma once
// Chats that are only kept: what other messengers have exported. Nobody can write into them.

#include <functional>

#include "engine/machine.h"

namespace godwit::engine {

/// After the last import it takes so long until other devices are told of it: programs import batch after batch.
constexpr Duration kKeptQuiet = seconds(5);

/// Takes a stored record of kKeptChat. kProfileDamaged.
Status restore_kept_chat(Machine& m, ByteView value);
/// After all were restored: reads the newest message of each.
void load_newest_kept(Machine& m, std::function<void()> done);
/// Puts what has changed of its record.
void put_kept(Machine& m, const KeptChat& kept);
/// Puts a message that the chat does not have, behind all others. It is known which it has.
void store_kept_message(Machine& m, KeptChat& kept, const KeptMessageRecord& record);
/// Calls `done` when it is known which messages the chat has: at once, or after they were read. The chat may be gone then.
void with_known_messages(Machine& m, KeptChat& kept, std::function<void()> done);
/// What a record has to be that another own device hands over: as one that was imported. kTooLong, kNotText, kBadFormatting,
/// kBadReaction.
Status check_kept(const KeptMessageRecord& record);
/// The chat as shown in a list.
ChatInfo kept_chat_info(const KeptChat& kept);
/// A message as shown to people. kProfileDamaged.
Result<Message> kept_message(ByteView value, uint64_t position);
/// Takes the command ImportMessages.
void import_messages(Machine& m, CommandId id, ImportMessages command);
/// Takes the command ReadMessage, of a kept chat.
void read_kept_message(Machine& m, CommandId id, const ReadMessage& command);
/// Takes the command ReadHistory, of a kept chat.
void read_kept(Machine& m, CommandId id, const ReadHistory& command);

}  // namespace godwit::engine
