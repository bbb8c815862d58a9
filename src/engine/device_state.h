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
struct Joining {
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

/// RecoverAccount while the home is asked.
struct Recovering {
  CommandId command;
  crypto::Ed25519KeyPair words;
  crypto::Ed25519KeyPair device;
  crypto::Ed25519KeyPair mailbox;
  wire::HomeAddress home;
  std::string name;  ///< Of this device.
};

/// See above.
struct DeviceState {
  DevicesRecord record;
  std::optional<Offering> offering;
  std::optional<Joining> joining;
  std::optional<Recovering> recovering;
  std::map<uint64_t, SyncOutRecord> out;
  std::map<Bytes, SyncFieldRecord> fields;  ///< By the key of their record.
  std::map<DeviceId, std::vector<CommandId>> removers;  ///< Commands that wait for a removal.
  std::map<DeviceId, Bytes> handed;                     ///< The sealed account, so that a repeated put has the same bytes.
  Attempt change;
  Attempt hand_over;
  Attempt sending;
  Attempt backup;
  bool told_removed = false;
};

}  // namespace godwit::engine
