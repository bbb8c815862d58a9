#pragma once
// The devices of one's own account: the list, its changes, one after the other and each let through by the home, and what has to
// follow each: the mailbox, the key that the own devices share, the chats.

#include "engine/machine.h"

namespace godwit::engine {

/// The name of a device that was not named yet.
constexpr std::string_view kFirstDeviceName = "First device";

/// This account's list as it is known here.
DeviceList own_list(const Machine& m);
/// What of the own devices is new with an account: its record is put into the journal. `name` is this device's.
void make_devices(Machine& m, const crypto::Ed25519KeyPair& recovery, const std::string& name);
/// The list in the account's record has changed: what depends on it is looked at again, once the record is written.
void list_changed(Machine& m);
/// Writes the record of the own devices.
void put_devices(Machine& m);
/// This device in its own book.
OwnDevice make_own_device(const crypto::Ed25519PublicKey& device, const crypto::Ed25519PublicKey& mailbox,
                          const crypto::Secret<32>& sync_seed, std::string name, Instant now);

/// Takes the command ListDevices.
void list_devices(Machine& m, CommandId id);
/// Takes the command RenameDevice.
void rename_device(Machine& m, CommandId id, const RenameDevice& command);
/// Takes the command RemoveDevice.
void remove_device(Machine& m, CommandId id, const RemoveDevice& command);

/// A new device that was confirmed is to be put into the list.
void add_device(Machine& m, OwnDevice device, HandOver hand_over);
/// Another device has changed the list: goes over to it if it continues or outranks what is known here.
void take_list(Machine& m, DeviceListIn list, std::vector<OwnDevice> devices);
/// Has the home drop mailbox keys that are of no device, since a stolen one may have put some there besides its own; and has the
/// account's present home take devices that it was not told of.
void sweep_mailbox(Machine& m, const wire::HomeAddress& home);
/// Goes on with what is under way.
void pump_devices(Machine& m, Instant& wake);
/// True if nothing waits for the home.
bool devices_idle(const Machine& m);

}  // namespace godwit::engine
