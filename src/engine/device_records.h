#pragma once
// What a profile keeps about the account's devices (records.h names the other records).

#include "codec/members.h"
#include "engine/chat_keys.h"
#include "engine/content_records.h"
#include "engine/device_list.h"
#include "engine/secret_field.h"
#include "wire/home_link.h"

namespace godwit::engine {

constexpr uint8_t kDeviceRecordVersion = 1;

/// One device of one's own account, as the own devices know it.
struct OwnDevice {
  ByteArray<32> device_key{};    ///< In the device list.
  wire::MailboxKey mailbox_key;  ///< At the home.
  Bytes sync_key;                ///< X-Wing public key: what is for this device alone is sealed to it.
  std::string name;              ///< Shown to own devices only.
  int64_t added_ms = 0;
  int64_t seen_ms = 0;  ///< When something last came from it; 0: never.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.device_key, self.mailbox_key, self.sync_key, self.name, self.added_ms, self.seen_ms);
  }
};

/// The account that waits to be handed to a device that was confirmed.
struct HandOver {
  ByteArray<32> device_key{};  ///< Whom it is for.
  wire::MeetingId meeting;
  SecretField key;
  int64_t ends_ms = 0;  ///< When the meeting is over, and with it the chance.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.device_key, self.meeting, self.key, self.ends_ms);
  }
};

/// A change of the device list that the home has not let through yet. A device's entry is made anew at each try, on top of the
/// list as it is then: signatures are deterministic, so a repeated try on the same list has the same entry.
struct ListChange {
  DeviceChange change = DeviceChange::kAdd;
  OwnDevice device;
  SecretBlob signer;                  ///< The DeviceListIn that the words signed; empty: this device signs.
  int64_t asked_ms = 0;               ///< When the person asked for it.
  std::optional<HandOver> hand_over;  ///< Of kRemove: ends_ms, when the home's order counts no more.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.change, self.device, self.signer, self.asked_ms, self.hand_over);
  }
};

/// A chat whose history this device hands to a new one, the newest messages first.
struct HistoryOut {
  ByteArray<32> device_key{};
  ChatId chat;
  uint64_t next = 0;     ///< The largest position that has not been handed over; 0: all have.
  uint32_t parcels = 0;  ///< So far.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.device_key, self.chat, self.next, self.parcels);
  }
};

/// A contact of before a recovery, with whom there is no chat yet; and a contact as it is kept at the home.
struct FormerContact {
  AccountId account;
  std::string name;
  wire::HomeAddress home;
  wire::Alias alias;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.account, self.name, self.home, self.alias);
  }
};

/// The own devices, this one among them.
struct DevicesRecord {
  uint8_t version = kDeviceRecordVersion;
  std::vector<OwnDevice> devices;
  SecretField sync_seed;                   ///< X-Wing seed of this device.
  SecretField sync_key;                    ///< Shared by the own devices; another one after each removal.
  uint32_t sync_since = 1;                 ///< Sequence of the list entry with which it came.
  std::vector<SecretField> old_sync_keys;  ///< Newest last, for what is under way; few.
  wire::RecoveryHash recovery;             ///< Given to the home when it opened the mailbox.
  SecretBlob recovery_seed;                ///< Only until the home has opened it; shown once, then gone.
  Bytes backup_key;            ///< X-Wing public key of the words: what is kept at the home is sealed to it.
  bool backup_wanted = false;  ///< What is kept there is not what it should be.
  uint32_t backup_chats = 0;   ///< Of how many chats the contacts are kept.
  std::vector<FormerContact> former_contacts;  ///< Kept at the home until there are chats with them.
  std::vector<ListChange> changes;             ///< In their order.
  std::vector<HandOver> hand_overs;
  std::vector<HistoryOut> histories;
  uint64_t clock = 0;     ///< Lamport's, of sync.h.
  uint64_t next_out = 1;  ///< Numbers SyncOutRecords.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.devices, self.sync_seed, self.sync_key, self.sync_since,
                          self.old_sync_keys, self.recovery, self.recovery_seed, self.backup_key, self.backup_wanted,
                          self.backup_chats, self.former_contacts, self.changes, self.hand_overs, self.histories,
                          self.clock, self.next_out);
  }
};

/// A new device between its request and the account: what a restart needs to go on.
struct LinkingRecord {
  uint8_t version = kDeviceRecordVersion;
  wire::HomeAddress home;
  wire::MeetingId meeting;
  SecretField by_old;
  SecretField device_seed;
  SecretField mailbox_seed;
  SecretField sync_seed;
  std::string name;
  Bytes request;  ///< Sealed, as it is left in the meeting.
  int64_t ends_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.home, self.meeting, self.by_old, self.device_seed, self.mailbox_seed,
                          self.sync_seed, self.name, self.request, self.ends_ms);
  }
};

/// What a new device is told of a chat that it is to come into.
struct ChatOffer {
  ChatId chat;
  uint16_t suite = 0;        ///< Of its group (RFC 9420 §17.1).
  wire::Alias alias;         ///< The account's address in it,
  uint32_t home_number = 0;  ///< at this home (MemberInfo).
  Position last;             ///< Messages of the history have positions up to this on all devices that were there.
  Position read;
  bool verified = false;
  TalkRecord talk;
  ChatSettingsRecord settings;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.chat, self.suite, self.alias, self.home_number, self.last, self.read, self.verified,
                          self.talk, self.settings);
  }
};
/// Some messages of the history, as a blob at the own home.
struct HistoryParcel {
  wire::BlobId blob;
  wire::HomeKey home;  ///< Since the account may move before it is fetched.
  SecretField key;     ///< Opens its chunks (file_chunks.h).
  uint64_t size = 0;
  uint32_t parcels = 0;  ///< How many there are in all; 0: this is not the last.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.blob, self.home, self.key, self.size, self.parcels);
  }
};
/// A chat that this device is coming into: until all of its history is here.
struct EnteringRecord {
  uint8_t version = kDeviceRecordVersion;
  ChatOffer offer;
  std::vector<HistoryParcel> parcels;  ///< To be fetched.
  uint32_t taken = 0;
  uint32_t count = 0;              ///< 0: not known yet.
  std::vector<ChatKeys> previous;  ///< Of SyncWelcome, like the next.
  std::optional<SecretField> entry_token;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.offer, self.parcels, self.taken, self.count, self.previous,
                          self.entry_token);
  }
};

/// A chat that is only kept, as a device that has it offers it to the other ones.
struct KeptOffer {
  ChatId chat;
  std::string name;
  std::optional<ChatId> older_of;
  uint64_t messages = 0;   ///< 0: that device does not have it any more.
  ByteArray<16> digest{};  ///< The exclusive or of the ids of its messages: who has the same has all of them.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.chat, self.name, self.older_of, self.messages, self.digest);
  }
};
/// A device and what it offers.
struct KeptOfferFrom {
  ByteArray<32> device_key{};
  KeptOffer offer;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.device_key, self.offer);
  }
};
/// Which one of a kept chat's parcels it is, from 1: they are told in any order, and stored in theirs.
struct KeptParcel {
  uint32_t number = 0;
  HistoryParcel parcel;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.number, self.parcel);
  }
};
/// A chat that is only kept and is being handed to this device: until all of it is here.
struct KeptComingRecord {
  uint8_t version = kDeviceRecordVersion;
  KeptOfferFrom from;
  std::vector<KeptParcel> parcels;  ///< To be fetched.
  uint32_t taken = 0;
  uint32_t count = 0;                ///< 0: not known yet.
  std::vector<KeptOfferFrom> later;  ///< What was offered meanwhile, to be looked at then: the last one of each device.
  bool gaps = false;                 ///< Something of it could not be had.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.from, self.parcels, self.taken, self.count, self.later, self.gaps);
  }
};

/// Sealed for the own other devices, until the home has it.
struct SyncOutRecord {
  ByteArray<16> delivery{};
  Bytes payload;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.delivery, self.payload);
  }
};

/// What another own device has said, until the key or the list under which it can be taken has come.
struct SyncEarlyRecord {
  Bytes payload;
  int64_t came_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.payload, self.came_ms);
  }
};

/// One thing that the own devices keep alike: the last writer wins.
struct SyncFieldRecord {
  uint16_t kind = 0;
  Bytes key;
  Bytes value;
  uint64_t count = 0;      ///< Lamport count of the writer.
  ByteArray<32> writer{};  ///< Decides between equal counts.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.kind, self.key, self.value, self.count, self.writer);
  }
};

}  // namespace godwit::engine
