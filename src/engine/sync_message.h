#pragma once
// The bytes of what own devices tell each other (docs/protocol/chat.md, "Own devices").

#include "codec/members.h"
#include "engine/device_records.h"

namespace godwit::engine {

/// One thing that is told.
struct SyncItem {
  /// What `body` is.
  enum class Kind : uint8_t {
    kList = 1,
    kNewKey = 2,
    kField = 3,
    kHere = 4,
    kChatOffer = 5,
    kChatKeys = 6,
    kWelcome = 7,
    kHistory = 8,
    kReturnAsked = 9,  ///< ReturnAskedBody: the sender has lost the epoch of a chat.
    kKeptOffer = 10,
    kKeptWanted = 11,
    kKeptParcel = 12,
    kStickersWanted = 13,  ///< SyncStickersWanted, SyncStickersParcel: sticker_records.h.
    kStickersParcel = 14,
    kRequestDone = 15,  ///< SyncRequestDone: name_records.h.
  };
  Kind kind{};
  Bytes body;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.kind, self.body);
  }
};
/// Of kList.
struct SyncList {
  DeviceListIn list;
  std::vector<OwnDevice> devices;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.list, self.devices);
  }
};
/// The new key, for one device.
struct SealedSyncKey {
  ByteArray<32> device_key{};
  Bytes kem_output;
  Bytes ciphertext;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.device_key, self.kem_output, self.ciphertext);
  }
};
/// Of kNewKey.
struct SyncNewKey {
  uint32_t since = 0;  ///< Sequence of the list entry that made it necessary: of two keys the later one stays.
  std::vector<SealedSyncKey> keys;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.since, self.keys);
  }
};
/// Of kChatOffer: a device that is in a chat offers to let another one in.
struct SyncChatOffer {
  ByteArray<32> to{};
  ChatOffer offer;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.to, self.offer);
  }
};
/// Of kChatKeys: its answer.
struct SyncChatKeys {
  ByteArray<32> to{};
  ChatId chat;
  SecretField key;  ///< Seals the welcome.
  Bytes package;    ///< A KeyPackage (MLSMessage) for the offer's suite and alias.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.to, self.chat, self.key, self.package);
  }
};
/// Of kWelcome: an envelope, as it would come to the chat's address.
struct SyncWelcome {
  wire::Alias alias;
  Bytes payload;
  std::vector<ChatKeys> previous;          ///< ChatRecord::previous: not everybody is as far as the Welcome.
  std::optional<SecretField> entry_token;  ///< ChatRecord::entry_token: nor does everybody know that we are in.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.alias, self.payload, self.previous, self.entry_token);
  }
};
/// Of kHistory.
struct SyncHistory {
  ByteArray<32> to{};
  ChatId chat;
  HistoryParcel parcel;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.to, self.chat, self.parcel);
  }
};
/// Of kKeptOffer.
struct SyncKeptOffer {
  std::optional<ByteArray<32>> to;  ///< None: all other devices.
  KeptOffer offer;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.to, self.offer);
  }
};
/// Of kKeptWanted: its answer, if the one that answers does not have all of it.
struct SyncKeptWanted {
  ByteArray<32> to{};
  ChatId chat;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.to, self.chat);
  }
};
/// Of kKeptParcel: as kHistory for a chat that is only kept.
struct SyncKeptParcel {
  ByteArray<32> to{};
  ChatId chat;
  KeptParcel parcel;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.to, self.chat, self.parcel);
  }
};
/// What is sealed under the shared key.
struct SyncMessage {
  uint8_t version = 1;
  ByteArray<32> sender{};  ///< A device of the list.
  uint64_t clock = 0;
  std::vector<SyncItem> items;
  ByteArray<64> signature{};  ///< By the sender over "godwit sync 1" and the members before.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.version, self.sender, self.clock, self.items, self.signature);
  }
};

/// Signs and seals a message.
Bytes seal_sync(const crypto::Secret<32>& key, SyncMessage message, const crypto::Ed25519KeyPair& device,
                Random& random);
/// kBadSync: another key, damaged, or not signed by the device that it names. Whether that is one of the account's, the
/// caller looks.
Result<SyncMessage> open_sync(const crypto::Secret<32>& key, ByteView payload);

}  // namespace godwit::engine
