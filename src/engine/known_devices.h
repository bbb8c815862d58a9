#pragma once
// Which devices of a contact the owner of this profile knows of. An account's devices vouch for each other, so a thief who has one can
// add another: that is shown, and where the safety number was compared nothing more is said until the owner has answered for it.
// What the words have signed outranks all devices, so a device that they add is known.

#include "engine/machine.h"

namespace godwit::engine {

/// True if the other side of this chat of two has a device that its other devices have added and nobody here knows of.
bool has_new_devices(const Machine& m, const Chat& chat);
/// True if nothing is said in this chat because of that: its safety number was compared.
bool is_held_back(const Machine& m, const Chat& chat);
/// The chat of two in which this one's other side speaks since the recovery words brought it back with none of the devices that are
/// here: whatever is said here reaches nobody any more. Nothing: there is no such chat.
std::optional<ChatId> came_back_in(const Machine& m, const Chat& chat);
/// True if a device of the list `now` was added by a device, and is not in the list `before`.
bool adds_device(const DeviceListIn& before, const DeviceListIn& now);
/// A contact's list was seen for the first time, or was another before: that was known.
void note_first_devices(Machine& m, const Chat& chat, const DeviceListIn& known);
/// The devices that the other side of this chat has now are his own, as its owner says.
void know_devices(Machine& m, Chat& chat);
/// Takes the command AcknowledgeDevices.
void acknowledge_devices(Machine& m, CommandId id, const AcknowledgeDevices& command);
/// Another own device has said which devices of an account are known.
void take_known_devices(Machine& m, const AccountId& account);

}  // namespace godwit::engine
