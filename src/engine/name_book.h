#pragma once
// What is under way with names, contact requests, invites for many and blocks. Inside engine/ only.

#include <map>
#include <optional>

#include "engine/attempt.h"
#include "engine/name_records.h"
#include "engine/name_text.h"
#include "engine/request_link.h"

namespace godwit::engine {

/// Contact requests kept at most that nobody has opened: above, new ones are dropped.
constexpr size_t kContactRequestsMax = 256;
/// Invites for many at once; the home has a bound of its own for all addresses of this kind.
constexpr size_t kOpenInvitesMax = 8;

/// An address for contact requests, and what waits for it.
struct RequestAddress {
  RequestAddressRecord record;
  bool stored = false;
  std::optional<CommandId> command;  ///< Of MakeOpenInvite.
  Attempt attempt;
};
/// A claim under way.
struct NameClaiming {
  CommandId command;
  NameKeys keys;
  Attempt attempt;
  bool release_first = false;  ///< The home has another name of ours, of a claim that a crash has cut.
};
/// A name being asked for.
struct NameQuestion {
  CommandId command;
  wire::HomeAddress home;
  NameKeys keys;
  ChatId link;  ///< The chain of tickets: for this question only.
  uint64_t work = 0;
  Attempt attempt;
};
/// A contact request on its way out.
struct RequestSending {
  CommandId command;
  RequestLink to;
  std::string greeting;
  wire::Alias invite;  ///< One's own, that it brings.
  Bytes payload;       ///< Empty until the invite is published.
  wire::DeliveryId delivery;
  ChatId link;
  uint64_t work = 0;
  Attempt attempt;
};
/// A contact request on this device.
struct KeptRequest {
  ContactRequestRecord record;
  std::optional<wire::Alias> taking;  ///< The invite in it, once it is being taken.
};
/// A block and the revocations that belong to it.
struct Block {
  BlockRecord record;
  Attempt attempt;
};

/// See above.
struct NameBook {
  std::optional<NameRecord> own;
  std::optional<NameClaiming> claiming;
  bool releasing = false;
  std::optional<CommandId> release;
  Attempt release_attempt;
  std::map<wire::Alias, RequestAddress> addresses;
  std::map<ContactRequestId, KeptRequest> requests;
  std::map<AccountId, Block> blocks;
  std::map<uint64_t, NameQuestion> questions;
  std::map<uint64_t, RequestSending> sending;
  uint64_t last = 0;  ///< Numbers the last two.
};

}  // namespace godwit::engine
