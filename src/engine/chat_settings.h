#pragma once
// What the owner of this profile has set: for a chat, and for himself. Nobody else sees it.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command SetChat.
void set_chat(Machine& m, CommandId id, const SetChat& command);
/// True if the own devices can be told all of it (kSyncFieldSizeMax): else the draft stays on the device where it was written.
bool fits_field(const ChatSettingsRecord& set);
/// Takes the command SetPrivacy.
void set_privacy(Machine& m, CommandId id, const SetPrivacy& command);
/// Takes the command ReadPrivacy.
void read_privacy(Machine& m, CommandId id);

}  // namespace godwit::engine
