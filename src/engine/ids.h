#pragma once
// The names of things inside a client.

#include "base/strong_id.h"

namespace godwit::engine {

/// A person: SHA-256 of the recovery public key.
using AccountId = OpaqueId<struct AccountIdTag, 32>;
/// A device: the public half of its signature key, as in the account's device list.
using DeviceId = OpaqueId<struct DeviceIdTag, 32>;
/// A chat on this device: its MLS group id.
using ChatId = OpaqueId<struct ChatIdTag, 16>;
/// A message, the same on every device that has it: chosen at random by its sender.
using MessageId = OpaqueId<struct MessageIdTag, 16>;
/// A call, the same on all devices that take part in it: chosen at random by the device that calls.
using CallId = OpaqueId<struct CallIdTag, 16>;
/// A pack of stickers, the same for everybody who has it: sticker_pack_id().
using StickerPackId = OpaqueId<struct StickerPackIdTag, 16>;
/// Numbers a pipe that the host was asked to open; never reused within a run.
using PipeId = StrongNumber<struct PipeIdTag, uint64_t>;
/// Numbers a batch that the host was asked to store.
using BatchId = StrongNumber<struct BatchIdTag, uint64_t>;
/// Numbers a range of records that the host was asked to read.
using LoadId = StrongNumber<struct LoadIdTag, uint64_t>;
/// Numbers a piece of work on a file that the host was asked to do.
using FileOpId = StrongNumber<struct FileOpIdTag, uint64_t>;
/// Chosen by whoever gives a command, to find its answer.
using CommandId = StrongNumber<struct CommandIdTag, uint64_t>;
/// Numbers one letter by mail; never used again within a run.
using LetterId = StrongNumber<struct LetterIdTag, uint64_t>;
/// Numbers a connection on the local network; chosen by the host, never reused within a run.
using LanId = StrongNumber<struct LanIdTag, uint64_t>;
/// Where a message stands in this device's history of its chat: counts up from 1.
using Position = StrongNumber<struct PositionTag, uint64_t>;

}  // namespace godwit::engine
