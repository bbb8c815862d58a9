#pragma once
// What the owner of this profile has set: for a chat, and for himself. Nobody else sees it.

#include "engine/machine.h"

namespace godwit::engine {

/// Takes the command SetChat.
void set_chat(Machine& m, CommandId id, const SetChat& command);
/// True if the own devices can be told all of it (kSyncFieldSizeMax): else the draft stays on the device where it was written.
bool fits_field(const ChatSettingsRecord& set);
/// What another device has set for a chat, as a field of SyncKind::kChatSettings. False: it is nothing that this version knows.
bool take_chat_settings(Machine& m, Chat& chat, ByteView value);
/// A chat has come to this device: what others had set for it before holds, if it is newer.
void take_settings_told_before(Machine& m, Chat& chat);
/// Takes the command SetPrivacy.
void set_privacy(Machine& m, CommandId id, const SetPrivacy& command);
/// Takes the command ReadPrivacy.
void read_privacy(Machine& m, CommandId id);

}  // namespace godwit::engine
