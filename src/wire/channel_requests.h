#pragma once
// Requests about channels: logs that one key signs and everybody reads who knows the id (docs/protocol/wire.md, "Channels").
//
// An entry's header is signed, and names the hash of the header before it and of the entry's content. So content can be
// taken away, at the owner's word, without breaking the chain. What content says is not known here (engine/channel_content.h).

#include <optional>
#include <vector>

#include "wire/fields.h"
#include "wire/ids.h"

namespace godwit::wire {

/// Bounds; a home answers kTooLarge above them.
constexpr uint32_t kChannelContentSizeMax = 128 * 1024;  ///< of one entry
constexpr uint32_t kChannelErasesMax = 64;               ///< entries whose content one entry takes away

/// What a channel's id hashes, before the owner's key.
constexpr char kChannelIdLabel[] = "godwit channel 1";
/// What an entry's signature is over, before the channel's id and the encoded header.
constexpr char kChannelEntryLabel[] = "godwit channel entry 1";
/// What the signature of a ChannelDrop is over, before the channel's id.
constexpr char kChannelDropLabel[] = "godwit channel drop 1";

/// What is signed of an entry.
struct ChannelHeader {
  uint64_t sequence{};           ///< counts from 1
  ByteArray<32> previous{};      ///< SHA-256 of the encoded header before it; zeros for the first
  ByteArray<32> content_hash{};  ///< SHA-256
  std::vector<uint64_t> erases;  ///< sequences of earlier entries whose content the home shall forget
  bool head{};                   ///< its content says what the channel is; the newest such one counts
  GODWIT_WIRE_FIELDS(self.sequence, self.previous, self.content_hash, self.erases, self.head)
  friend bool operator==(const ChannelHeader&, const ChannelHeader&) = default;
};
/// One entry.
struct ChannelEntry {
  ChannelHeader header;
  Bytes signature;               ///< Ed25519 by the channel's key
  std::optional<Bytes> content;  ///< none: it was taken away
  GODWIT_WIRE_FIELDS(self.header, self.signature, self.content)
};

/// Asks for the right to make a channel (mailbox session). Counted against the mailbox. Answered by ChannelGranted. kQuotaFull.
struct ChannelGrant {
  GODWIT_WIRE_FIELDS()
};
/// Makes the channel of a key (anonymous session). Idempotent. kChannelRefused: a grant that is not good for it; kQuotaFull.
struct ChannelCreate {
  ChannelKey key;
  Bytes grant;
  GODWIT_WIRE_FIELDS(self.key, self.grant)
};
/// Appends the next entry (anonymous session). Idempotent. kNoSuchChannel; kChannelRefused: not signed by its key;
/// kChannelMoved: it is not the next one; kQuotaFull; kTooManyRequests.
struct ChannelAppend {
  ChannelId channel;
  ChannelEntry entry;
  GODWIT_WIRE_FIELDS(self.channel, self.entry)
};
/// Reads the entries after `after`, oldest first (anonymous session). Answered by ChannelEntries. kNoSuchChannel. Idempotent.
struct ChannelRead {
  ChannelId channel;
  uint64_t after{};      ///< a sequence; 0: from the first
  uint32_t bytes_max{};  ///< at least one entry is given if there is one, however large
  GODWIT_WIRE_FIELDS(self.channel, self.after, self.bytes_max)
};
/// The same; what comes later is pushed, for as long as this session lasts, once such a Follow was answered with everything.
/// Nothing of it is stored.
struct ChannelFollow {
  ChannelId channel;
  uint64_t after{};
  uint32_t bytes_max{};
  GODWIT_WIRE_FIELDS(self.channel, self.after, self.bytes_max)
};
/// Asks what a channel is and how far it has come (anonymous session). Answered by ChannelState. kNoSuchChannel. Idempotent.
struct ChannelLook {
  ChannelId channel;
  GODWIT_WIRE_FIELDS(self.channel)
};
/// Ends a channel with all its entries, at its owner's word (anonymous session). Idempotent. kChannelRefused.
struct ChannelDrop {
  ChannelId channel;
  Bytes signature;
  GODWIT_WIRE_FIELDS(self.channel, self.signature)
};

}  // namespace godwit::wire
