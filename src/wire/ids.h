#pragma once
// The names of things that cross the line between a client and a home. All are random unless said otherwise.

#include "base/strong_id.h"

namespace godwit::wire {

/// A mailbox at its home; chosen at random by the client that opens it.
using MailboxId = OpaqueId<struct MailboxIdTag, 16>;
/// The name of an address at its home; public to whoever may write to it.
using Alias = OpaqueId<struct AliasTag, 16>;
/// Names one delivery: the home stores it once however often it arrives.
using DeliveryId = OpaqueId<struct DeliveryIdTag, 16>;
/// Names one taking of a key package: repeating it gives the same package.
using TakeId = OpaqueId<struct TakeIdTag, 16>;
/// A group log at its home.
using LogId = OpaqueId<struct LogIdTag, 16>;
/// Names one transfer of a request in parts.
using TransferId = OpaqueId<struct TransferIdTag, 16>;
/// Names a blob, and is the right to read it.
using BlobId = OpaqueId<struct BlobIdTag, 32>;
/// Names a name: made of it slowly (docs/protocol/chat.md, "Names"), so that it does not say which name.
using NameId = OpaqueId<struct NameIdTag, 32>;
/// Names a channel: SHA-256 of a label and its owner's key (channel_requests.h).
using ChannelId = OpaqueId<struct ChannelIdTag, 32>;
/// The Ed25519 public key that signs a channel's entries.
using ChannelKey = OpaqueId<struct ChannelKeyTag, 32>;
/// A device's mailbox key: Ed25519 public (RFC 8032); each device has its own.
using MailboxKey = OpaqueId<struct MailboxKeyTag, 32>;
/// SHA-256 of a token; all that a home keeps of it.
using TokenHash = OpaqueId<struct TokenHashTag, 32>;
/// A bearer token: 32 bytes that give a right to whoever shows them. On the line only; at rest it is a Secret<32>.
using Token = OpaqueId<struct TokenTag, 32>;
/// SHA-256 of the public key that reopens a mailbox whose devices are lost; zeros: there is none.
using RecoveryHash = OpaqueId<struct RecoveryHashTag, 32>;
/// Names the newest state of an account's device list to its home, which only compares it (engine/device_list.h: SHA-256 of
/// the last entry); zeros: whatever it is.
using ListHead = OpaqueId<struct ListHeadTag, 32>;
/// A place where two devices meet that have no session yet: random, or derived from what the two know.
using MeetingId = OpaqueId<struct MeetingIdTag, 16>;
/// A room of the unit for calls, and the right to a seat in it.
using CallRoomKey = OpaqueId<struct CallRoomKeyTag, 32>;
/// A seat in such a room, and the right to it.
using CallSeatKey = OpaqueId<struct CallSeatKeyTag, 16>;
/// A public P-256 key as Web Push writes it: an uncompressed point (SEC 1 §2.3.3).
using WebPushKey = OpaqueId<struct WebPushKeyTag, 65>;
/// What a browser shares with those who may send to it (RFC 8291 §3.2). On the line and at rest at the home, which could not send without.
using WebPushAuth = OpaqueId<struct WebPushAuthTag, 16>;
/// Where an item stands in a device's queue: counts up from 1, never reused.
using Sequence = StrongNumber<struct SequenceTag, uint64_t>;

}  // namespace godwit::wire
