#pragma once
// What the own devices tell each other through the home (SelfDeliver): the device list, the key that they share, and small
// things that shall be alike on all of them. Sealed under the shared key and signed by the device that says it; the home sees
// sizes and times. For what is alike the last writer wins, field by field, by a Lamport count.

#include "engine/machine.h"
#include "engine/sync_message.h"

namespace godwit::engine {

/// Things that are alike on all devices. Append only; a kind that a version does not know is kept for a later one.
enum class SyncKind : uint16_t {
  kDeviceName = 1,    ///< By device key.
  kRead = 2,          ///< By chat: the id of the newest message that was seen.
  kVerified = 3,      ///< By account: the safety number was compared.
  kChatSettings = 4,  ///< By chat: a ChatSettingsRecord (muted, archived, pinned, marked unread, draft).
  kPrivacy = 5,       ///< A PrivacyRecord.
  kBlocked = 6,       ///< By account: one byte, 1: blocked, 0: not any more.
  kKnownDevices = 7,  ///< By account: the keys of the devices that are known to be this contact's.
  kScheduled = 8,     ///< By device, chat and number: a ScheduledRecord; nothing: it is over.
  kFollowed = 9,      ///< By channel: a BackupFollowed; nothing: it is not followed any more.
  kOwnName = 10,      ///< An OwnName (own_name.h).
  kDeleted = 11,      ///< By chat: a DeletedThrough (deleting.h).
  kHome = 12,         ///< A MovedTo (home_move.h).
  kOwnChannel = 13,   ///< By channel: a BackupChannel, with which a device writes into it; nothing: it has ended.
  kGroupLink = 14,    ///< By alias: a SharedDoor (door_records.h), with which a device lets in who comes by it; nothing: it is closed.
  kStickerPack = 15,  ///< By pack: a SyncedStickers; nothing: it was removed.
  kName = 16,         ///< A SharedName (name_records.h); nothing: it was given up.
  kChannelRead = 17,      ///< By channel: the newest post that was seen, 8 bytes; nothing: it is not followed any more.
  kChannelSettings = 18,  ///< By channel: a ChannelSettingsRecord.
};

/// Fields that are kept at most; more are told and not kept.
constexpr size_t kSyncFieldsMax = 20'000;
/// Bytes of a key and a value together.
constexpr size_t kSyncFieldSizeMax = 16 * 1024;
/// Messages that wait for the home at most; above, the oldest fields are given up (a list or key never is).
constexpr size_t kSyncOutMax = 512;
/// Messages that are kept until the key or the list has come under which they can be taken: so many, of so many bytes together, for
/// so long. A home delivers in any order, within half a minute.
constexpr size_t kSyncEarlyMax = 512;
constexpr size_t kSyncEarlyBytesMax = 4 * 1024 * 1024;
constexpr Duration kSyncEarlyTime = hours(24);

/// Tells the other devices; what is for one alone names it.
void send_items(Machine& m, std::vector<SyncItem> items);
/// A message has come that another device has seen already: it is read here too.
void note_read_elsewhere(Machine& m, Chat& chat, const MessageId& id);
/// Sets a field here and tells the other devices.
void put_field(Machine& m, SyncKind kind, Bytes key, Bytes value);
/// Tells a field that was set to those devices that have their mailbox at `home`, once.
void send_field_by(Machine& m, SyncKind kind, ByteView key, const wire::HomeAddress& home);
/// The value of a field as it was last set by any device; null: by none.
const Bytes* find_field(const Machine& m, SyncKind kind, ByteView key);

/// Tells the other devices the list and what is known of the devices in it.
void send_list(Machine& m);
/// The same, with another shared key of the list entry `since`, sealed to each device in the book, and used from now on.
void send_list_and_key(Machine& m, uint32_t since);
/// Tells the other devices that this one is there, and hands a new one all fields.
void send_here(Machine& m);

/// Takes an item that came by SelfDeliver. What does not open, or is signed by no device of the list, waits for a while: what it
/// takes may come after it.
void take_sync(Machine& m, ByteView payload);
/// Takes of what waits for that what the list and the keys of now let it take.
void take_early_sync(Machine& m);
/// Brings what waits to the home.
void pump_sync(Machine& m, Instant& wake);

/// A stored message, when the profile is read.
void restore_sync_out(Machine& m, uint64_t number, SyncOutRecord record);
/// What waits to be taken, likewise.
void restore_sync_early(Machine& m, uint64_t number, SyncEarlyRecord record);
/// A stored field, likewise.
void restore_sync_field(Machine& m, Bytes key, SyncFieldRecord record);

}  // namespace godwit::engine
