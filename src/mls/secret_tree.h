#pragma once
// The secret tree and its ratchets (RFC 9420 §9): message keys, each of which exists until it was used.

#include <map>
#include <optional>

#include "mls/key_schedule.h"
#include "mls/secret_writer.h"
#include "mls/state_records.h"

namespace godwit::mls {

/// How far ahead of the newest opened message of a sender a message may be: a sender who lost this many is better
/// served by a new epoch, and a forged generation costs no more than this many hashes. Signals of a call go to who is in it
/// alone, and each takes a generation: whoever was not in a long one of many is so far behind afterwards.
constexpr uint32_t kGenerationsAheadMax = 32'768;
/// How many keys of messages that were skipped are kept for each ratchet; the oldest go first.
constexpr size_t kSkippedKeysMax = 1024;

/// Which of the two ratchets of a leaf (RFC 9420 §9).
enum class RatchetKind : uint8_t { kHandshake = 0, kApplication = 1 };

/// Key and nonce of one message.
struct MessageKey {
  crypto::SecretBuffer key;
  crypto::SecretBuffer nonce;
  /// A second copy, asked for by name.
  MessageKey clone() const { return {key.clone(), nonce.clone()}; }
};

/// A message key that was looked up but not used up yet.
struct PendingKey {
  LeafIndex leaf;
  RatchetKind kind{};
  uint32_t generation = 0;
  MessageKey key;
  bool was_skipped = false;                              ///< The key waits among the skipped ones.
  std::vector<std::pair<uint32_t, MessageKey>> skipped;  ///< Generations passed on the way.
  crypto::SecretBuffer next_secret;
};

/// The secrets of one epoch. What has been split or used is gone (RFC 9420 §9.2).
class SecretTree {
 public:
  SecretTree(const CipherSuite& suite, LeafCount leaves, const EncryptionSecret& encryption_secret);
  /// A second copy, asked for by name.
  SecretTree clone() const;

  /// The key of a message; changes nothing. kReplayed: it was used, or dropped beyond kSkippedKeysMax or by retire().
  /// kTooFarAhead: further ahead than kGenerationsAheadMax. kUnknownSender: no such leaf.
  Result<PendingKey> find(LeafIndex leaf, RatchetKind kind, uint32_t generation) const;
  /// Uses the key up, once its message has proved authentic. Only straight after find().
  void consume(PendingKey pending);
  /// The next key of a sender, used up at once. kTooFarAhead: 2^32 - 1 messages; commit.
  Result<PendingKey> next(LeafIndex leaf, RatchetKind kind);
  /// The generation that next() would give.
  uint32_t generation(LeafIndex leaf, RatchetKind kind) const;
  /// How many leaves it is for.
  LeafCount leaf_count() const { return leaves_; }
  /// The epoch is over: nothing but application messages of others is opened. Forgets all handshake ratchets and those of
  /// `own_leaf`, and makes none of them from now on.
  void retire(LeafIndex own_leaf);

  /// What of this has changed since the last call, as records of `epoch`.
  void take_changes(uint64_t epoch, StateChanges& out);
  /// As take_changes, as if nothing had ever been stored.
  void forget_stored();
  /// Forgets everything; take_changes() then gives what is to be erased.
  void clear();
  /// The reverse, of a tree that is not over. Any error: the records are damaged.
  static Result<SecretTree> restore(const CipherSuite& suite, LeafCount leaves, uint64_t epoch,
                                    const StateRecords& records);
  /// The same of one that was retired by `own_leaf`.
  static Result<SecretTree> restore_retired(const CipherSuite& suite, LeafCount leaves, uint64_t epoch,
                                            const StateRecords& records, LeafIndex own_leaf);

 private:
  struct Ratchet {
    crypto::SecretBuffer secret;  // of `generation`
    uint32_t generation = 0;
    std::map<uint32_t, MessageKey> skipped;
  };
  using RatchetId = std::pair<LeafIndex, RatchetKind>;
  // What one record holds.
  struct Place {
    StateKind kind{};
    uint32_t index = 0;  // a node of kSecretNode, else a leaf
    RatchetKind ratchet{};
    uint32_t generation = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  SecretTree(const CipherSuite& suite, LeafCount leaves) : suite_(&suite), leaves_(leaves) {}
  const Ratchet* ratchet(LeafIndex leaf, RatchetKind kind) const;
  std::optional<crypto::SecretBuffer> leaf_secret(LeafIndex leaf) const;
  std::optional<crypto::SecretBuffer> first_secret(LeafIndex leaf, RatchetKind kind) const;
  void split_down_to(LeafIndex leaf);
  MessageKey derive_key(const crypto::SecretBuffer& secret, uint32_t generation) const;
  crypto::SecretBuffer derive_next(const crypto::SecretBuffer& secret, uint32_t generation) const;

  void put_node(NodeIndex node, crypto::SecretBuffer secret);
  void drop_node(NodeIndex node);
  void put_ratchet(LeafIndex leaf, RatchetKind kind, crypto::SecretBuffer secret);
  void drop_ratchet(LeafIndex leaf, RatchetKind kind);
  std::vector<Place> places() const;
  std::optional<crypto::SecretBuffer> value_at(const Place& place) const;
  Status read_records(uint64_t epoch, const StateRecords& records);
  Status check_whole(std::optional<LeafIndex> retired_by) const;

  const CipherSuite* suite_;
  LeafCount leaves_;
  bool is_over_ = false;
  std::map<NodeIndex, crypto::SecretBuffer> nodes_;  // those whose parents are gone and whose children do not exist yet
  std::map<RatchetId, Ratchet> ratchets_;
  std::map<Place, bool> changed_;  // since take_changes(), and whether a record of it is stored
};

}  // namespace godwit::mls
