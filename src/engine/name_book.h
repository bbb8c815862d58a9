#pragma once
// What is under way with names, contact requests, invites for many and blocks. Inside engine/ only.

#include <map>
#include <optional>

#include "engine/attempt.h"
#include "engine/name_records.h"
#include "engine/name_text.h"
#include "engine/request_link.h"
#include "engine/work.h"

namespace godwit::engine {

/// Contact requests kept at most that came by one address: above, the oldest goes.
constexpr size_t kContactRequestsMax = 64;
/// Of those who come in by an invite for many, how many are let in at once. One whose home does not answer gives way to those who
/// wait after the second, and waits again; after the third he is given up.
constexpr size_t kTakingsMax = 8;
constexpr Duration kTakingTurn = minutes(10);
constexpr Duration kTakingPatience = days(1);
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
  wire::Alias alias;  ///< Where requests by it shall come: a new address, also where only the passcode is new.
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
  WorkInHand work;
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
  WorkInHand work;
  Attempt attempt;
};
/// A contact request on this device.
struct KeptRequest {
  ContactRequestRecord record;
  size_t looked_among = 0;  ///< The chats among which its own was looked for: it may have begun on another device.
  bool taking = false;  ///< The invite in it is being taken.
  Instant began{};      ///< Since when, or when that was tried last.
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
