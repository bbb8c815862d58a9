#pragma once
// The chats follow the device list: a device that is on it and has no leaf in a chat is let in, a leaf that is not on it is
// removed. Every device of the account does that where it has a leaf itself, the one with the first leaf at once and the others
// later, in case it is not there; who is too late finds nothing to do. Then the one that has let a new device in hands it the
// chat's history.

#include "engine/machine.h"
#include "engine/sync_message.h"

namespace godwit::engine {

/// How much later than the one before it each own device does what is to be done, and after how long it is tried again.
constexpr Duration kHealTurn = minutes(2);
constexpr Duration kHealRepeat = minutes(30);

/// Leaves of the own account in a chat that are not, or no longer, on its list: our next commit removes them.
std::vector<mls::LeafIndex> stale_leaves(const Machine& m, const Chat& chat);
/// True if this device of the own account has a leaf in the chat.
bool has_own_device(const Machine& m, const Chat& chat, const ByteArray<32>& device_key);
/// How many chats are still to follow the list.
uint32_t count_healing(const Machine& m);

/// Does what is to be done in the chats; lowers `wake`.
void pump_healing(Machine& m, Instant& wake);
/// A new device gives the keys with which it can be let into a chat.
void take_chat_keys(Machine& m, SyncChatKeys keys, const ByteArray<32>& sender);
/// A device of ours that has lost the epoch of a chat asks us to put its new leaf into the place of the old one.
void on_own_return_asked(Machine& m, ByteView body, const ByteArray<32>& sender);
/// A commit of ours has let own devices in: their welcomes go to them, and then the history.
void welcome_own_devices(Machine& m, Chat& chat, const StagedRecord& staged);

}  // namespace godwit::engine
