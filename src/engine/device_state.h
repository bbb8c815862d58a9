#pragma once
// What the engine holds in memory about the account's devices: a member of Machine.

#include <map>
#include <optional>
#include <vector>

#include "engine/attempt.h"
#include "engine/device_records.h"
#include "engine/ids.h"
#include "engine/linking_channel.h"

namespace godwit::engine {

/// Another message of a meeting is asked for so long after an empty answer.
constexpr Duration kMeetingPoll = seconds(1);

/// An offer of this device to a new one. In memory only: after a restart people begin again.
struct Offering {
  /// What is waited for.
  enum class Stage : uint8_t { kOpening, kHello, kReplying, kRequest, kPerson };
  Stage stage = Stage::kOpening;
  CommandId command;
  bool by_code = false;
  std::string code;
  LinkOffer offer;
  Instant ends{};
  Bytes reply;  ///< An encoded LinkReply.
  std::optional<LinkKeys> keys;
  std::optional<LinkRequest> request;
  Attempt attempt;
  Instant poll_at{};
};

/// This profile on its way to becoming a device of an account.
struct BeingLinked {
  /// What is done next.
  enum class Stage : uint8_t { kHello, kReply, kRequest, kAnswer };
  Stage stage = Stage::kHello;
  std::optional<CommandId> command;
  wire::HomeAddress home;
  wire::MeetingId meeting;
  std::optional<LinkAsker> asker;  ///< Until the reply has come.
  LinkingRecord record;
  Attempt attempt;
  Instant poll_at{};
};

/// How far the leaves of one chat are from the device list, as it was looked at.
struct ChatHealing {
  uint64_t epoch = UINT64_MAX;
  uint64_t list = 0;    ///< DeviceState::list_changes.
  Instant at = kNever;  ///< When this device does something about it; kNever: there is nothing to do.
};

/// A parcel of history on its way to the home.
struct ParcelOut {
  /// What is done next.
  enum class Stage : uint8_t { kReading, kAsking, kPutting };
  Stage stage = Stage::kReading;
  HistoryParcel parcel;
  uint64_t first = 0;  ///< The smallest position in it,
  uint64_t last = 0;   ///< and the largest.
  Bytes bytes;
  Bytes grant;
  uint32_t next = 0;  ///< Chunk.
};

/// RecoverAccount while the home is asked.
struct Recovering {
  CommandId command;
  crypto::Ed25519KeyPair words;
  crypto::Ed25519KeyPair device;
  crypto::Ed25519KeyPair mailbox;
  wire::HomeLink home_link;
  std::string name;      ///< Of this device.
  std::string own_name;  ///< Of the person, if what was kept does not open; never empty.
  bool at_new_home;
};

/// See above.
struct DeviceState {
  DevicesRecord record;
  std::optional<Offering> offering;
  std::optional<BeingLinked> joining;
  std::optional<Recovering> recovering;
  std::map<uint64_t, SyncOutRecord> out;
  std::map<uint64_t, SyncEarlyRecord> early;           ///< In the order in which they came.
  std::pair<uint64_t, uint32_t> early_seen;            ///< list_changes and sync_since, when these were last looked at.
  std::map<Bytes, SyncFieldRecord> fields;              ///< By the key of their record.
  std::map<DeviceId, std::vector<CommandId>> removers;  ///< Commands that wait for a removal.
  std::map<DeviceId, Bytes> handed;  ///< The sealed account, so that a repeated put has the same bytes.
  std::map<ChatId, ChatHealing> healing;
  uint64_t list_changes = 1;                  ///< Grows with each change of the list.
  std::map<ChatId, EnteringRecord> entering;  ///< Chats into which other own devices let this one.
  std::map<ChatId, KeptComingRecord> kept_coming;  ///< Chats that are only kept, on their way to this device.
  Instant kept_quiet_at{};                    ///< Before that, more may be imported at any moment.
  wire::BlobId fetching;                      ///< The parcel of which something is here.
  Bytes fetched;                              ///< As much of it as is here.
  uint32_t fetched_chunks = 0;
  std::optional<ParcelOut> parcel;  ///< Of the first of the histories.
  Attempt parcel_out;
  Attempt parcel_in;
  Attempt change;
  Attempt hand_over;
  Attempt sending;
  Attempt backup;
  bool told_removed = false;
};

}  // namespace godwit::engine
