#pragma once
// Chats that are only kept: what other messengers have exported. Nobody can write into them.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes a stored record of kKeptChat. kProfileDamaged.
Status restore_kept_chat(Machine& m, ByteView value);
/// After all were restored: reads the newest message of each.
void load_newest_kept(Machine& m, std::function<void()> done);
/// The chat as shown in a list.
ChatInfo kept_chat_info(const KeptChat& kept);
/// A message as shown to people. kProfileDamaged.
Result<Message> kept_message(ByteView value, uint64_t position);
/// Takes the command ImportMessages.
void import_messages(Machine& m, CommandId id, ImportMessages command);
/// Takes the command ReadHistory, of a kept chat.
void read_kept(Machine& m, CommandId id, const ReadHistory& command);

}  // namespace godwit::engine
