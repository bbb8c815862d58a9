#pragma once
// The stored form of a group: small records, each written when what it holds has changed (docs/protocol/mls.md, "Storage
// forms"). A store keeps them under their keys and knows nothing else about them.

#include <map>
#include <optional>
#include <vector>

#include "codec/codec.h"
#include "crypto/secret.h"
#include "mls/errors.h"

namespace godwit::mls {

/// A record to write or, without a value, to erase. Values are for sealed storage only.
struct StateChange {
  Bytes key;  ///< Not secret; 1 to 18 bytes, unique within one group.
  std::optional<crypto::SecretBuffer> value;

  /// For records that are sealed, and for nothing else.
  void encode_to(codec::Writer& writer) const;
  /// As Reader::opaque.
  static Result<StateChange> decode_from(codec::Reader& reader);
};
/// What has to be stored together, or not at all.
using StateChanges = std::vector<StateChange>;
/// All the records of one group.
using StateRecords = std::map<Bytes, crypto::SecretBuffer>;

/// Makes the changes in `records`, as a store does.
void apply_changes(StateRecords& records, const StateChanges& changes);

// What follows is for those who write records.

/// The version of every form here.
constexpr uint8_t kStateVersion = 2;

/// The first byte of a key. What belongs to one epoch has the epoch's number next, so that it stays where it is when the
/// epoch is over.
enum class StateKind : uint8_t {
  kHead = 'h',          ///< What a member has but once.
  kTreeNode = 'n',      ///< u32 node
  kEpoch = 'e',         ///< u64 epoch
  kProposal = 'p',      ///< u64 epoch, u32 number of its arrival
  kSecretNode = 's',    ///< u64 epoch, u32 node
  kRatchet = 'r',       ///< u64 epoch, u32 leaf, u8 ratchet
  kSkippedKey = 'k',    ///< u64 epoch, u32 leaf, u8 ratchet, u32 generation
  kReplacedKeys = 'b',  ///< u64 epoch
};

/// A key, or how all keys of a kind or of an epoch begin.
template <typename... Parts>
Bytes state_key(StateKind kind, const Parts&... parts) {
  codec::Writer writer;
  codec::encode(writer, kind);
  (codec::encode(writer, parts), ...);
  return writer.take();
}

/// A record, as a reader sees it.
struct StateRecord {
  ByteView rest;  ///< Of the key, after the prefix.
  ByteView value;
};
/// The records whose keys begin with `prefix`, in the order of their keys.
std::vector<StateRecord> records_under(const StateRecords& records, const Bytes& prefix);
/// The value of one record. kBadState: there is none.
Result<ByteView> record_at(const StateRecords& records, const Bytes& key);
/// The epochs of which there are records, in their order. kBadState: a key is of no kind, or an epoch lacks its kEpoch.
Result<std::vector<uint64_t>> epochs_of(const StateRecords& records);

/// What a reader gives to its caller: whatever is wrong with stored bytes is kBadState, but for kUnknownStateVersion and
/// kUnsupportedSuite.
template <typename T>
Result<T> state_result(Result<T> result) {
  if (result || result.error().code == kUnknownStateVersion || result.error().code == kUnsupportedSuite) return result;
  return Error{kBadState, result.error().rule};
}

}  // namespace godwit::mls
