#pragma once
// A member's view of one MLS group (RFC 9420): the only entrance to mls/ that the engine needs.
//
// Values: a Group is one epoch of one member. What ends an epoch returns the successor and leaves the old value whole;
// what fails changes nothing at all. What uses up message keys (protect, propose_*, stage_commit, process) changes this
// value when it succeeds: store take_changes() before anything leaves the device and before anything is acknowledged.
//
// It is not: a clock, a store, a judge of identities (§5.3.1: look at `added` and `updated` before the successor is
// adopted) or of roles. It sends PrivateMessages only; it reads PublicMessages too.

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "mls/key_package.h"
#include "mls/state_records.h"
#include "mls/wire_format.h"

namespace godwit::mls {

struct GroupState;
class PastEpochs;
struct GroupAccess;  // of tests: mls/testing/group_access.h

/// Who somebody is in a group.
struct Member {
  LeafIndex leaf;
  Bytes identity;  ///< Of the basic credential; empty for other credentials.
  crypto::Ed25519PublicKey signature_key{};
  Extensions extensions;  ///< Of the leaf node.
  friend bool operator==(const Member&, const Member&) = default;
};

/// What makes a new group.
struct GroupCreate {
  Bytes group_id;                       ///< Unique among all groups for ever: 16 random bytes or more.
  LeafParameters leaf;                  ///< Of its first member.
  Extensions group_context_extensions;  ///< Every member has to support each of them.
};

/// How a member changes his own leaf; what is absent stays. The encryption key is always a fresh one.
struct LeafNodeUpdate {
  std::optional<Extensions> extensions;
  std::optional<crypto::Ed25519KeyPair> signature_key;
  std::optional<std::vector<ExtensionType>> supported;  ///< As LeafParameters::supported.
};

/// A pre-shared key of the application (RFC 9420 §8.4, external).
struct ExternalPsk {
  Bytes id;
  crypto::SecretBuffer secret;
};

/// What a commit shall do; an empty one refreshes the committer's keys only.
struct CommitRequest {
  std::vector<KeyPackage> add;         ///< By value. Parsed with KeyPackage::parse, so their lifetimes hold.
  std::vector<LeafIndex> remove;       ///< By value.
  std::optional<LeafNodeUpdate> leaf;  ///< Of the committer; carried by the path, which is then never left out.
  std::optional<Extensions> group_context_extensions;  ///< All of them, not a difference.
  std::vector<Bytes> external_psks;                    ///< Ids of pre-shared keys; secrets in `psks`.
  Bytes authenticated_data;                            ///< Not encrypted: whoever carries the message reads it.
  bool pending_proposals = false;       ///< True: commit also those proposals of others in this epoch that fit.
  bool ratchet_tree_in_welcome = true;  ///< False: joiners fetch ratchet_tree() of the successor by reference.
  bool path_always = true;              ///< False: no path where RFC 9420 §12.4 lets it be absent (Adds alone).
  Padding padding = Padding::kBuckets;
};

/// What every member sees of a commit, alike: who came, who went, what changed.
struct CommitReport {
  std::optional<LeafIndex> sender;  ///< None: an external commit; its sender is in `added`.
  Bytes authenticated_data;
  std::vector<Member> added;    ///< As in the new epoch.
  std::vector<Member> removed;  ///< As in the old epoch.
  std::vector<Member> updated;  ///< As in the new epoch: whose leaf changed, the committer included.
  bool removed_self = false;
  bool group_context_extensions_changed = false;
  bool reinit = false;         ///< The group ends with it (RFC 9420 §11.2).
  size_t pre_shared_keys = 0;  ///< How many it mixes in.
};
/// Says whether a commit that holds by RFC 9420 is one that the application wants. It is asked before anything is looked at
/// that concerns this member alone, so that all members who judge alike find the same commits void.
using CommitJudge = std::function<Status(const CommitReport&)>;

struct StagedCommit;
struct ApplicationMessage;
struct ProposalStored;
struct CommitProcessed;
/// What came of a message.
using Processed = std::variant<ApplicationMessage, ProposalStored, CommitProcessed>;

/// One epoch of one group as one member holds it. Move-only; a moved-from one may only be assigned or destroyed.
class Group {
 public:
  Group(Group&&) noexcept;
  Group& operator=(Group&&) noexcept;
  ~Group();
  /// A second copy, asked for by name: two copies that both send would use keys twice.
  Group clone() const;

  /// A group of one at epoch 0 (RFC 9420 §11). kUnsupportedExtension, kDuplicateExtension, kBadLeafNode: `parameters`
  /// contradict themselves.
  static Result<Group> create(const CipherSuite& suite, const GroupCreate& parameters, Random& random, Instant now);

  /// Joins by a Welcome, an MLSMessage (RFC 9420 §12.4.3.1), as the owner of `key_package`. `ratchet_tree`: the tree as
  /// Group::ratchet_tree() gives it, if the Welcome does not carry it (kMissingRatchetTree: fetch it, join again).
  /// kNotForUs: the Welcome names other key packages (see welcome_recipients). kUnknownPsk: the Welcome needs a
  /// pre-shared key that `psks` lacks. Lifetimes of the leaves are not looked at: old members stay members. Any other
  /// error: the Welcome is forged or broken, drop it. Then delete `key_package` for good, unless it is a last resort.
  static Result<Group> join(SuiteTable suites, ByteView welcome, const KeyPackagePrivate& key_package,
                            std::optional<ByteView> ratchet_tree, Instant now, std::span<const ExternalPsk> psks = {});

  /// Makes a commit (RFC 9420 §12.4.1) and the epoch after it. This value stays in its epoch and goes on working, should
  /// somebody else's commit win; it has used up a key for sending, so store both. kLifetime, kUnsupported..., kDuplicateKey:
  /// a key package does not fit the group. kInvalidProposalList: the request contradicts itself or removes ourselves.
  /// kNotAMember: no such leaf. kUnknownPsk. kGroupEnded.
  Result<StagedCommit> stage_commit(const CommitRequest& request, Random& random, Instant now,
                                    std::span<const ExternalPsk> psks = {});

  /// An application message (RFC 9420 §6.3) as an MLSMessage. `authenticated_data` is not encrypted. kTooFarAhead: 2^32
  /// messages in this epoch; commit. kCommitFirst: proposals of others wait (RFC 9420 §12.4). kGroupEnded.
  Result<Bytes> protect(ByteView plaintext, ByteView authenticated_data, Random& random,
                        Padding padding = Padding::kBuckets);

  /// Proposals by reference (RFC 9420 §12.1) as MLSMessages; ours are remembered here like those of others. They live until
  /// the epoch ends. Errors as stage_commit.
  Result<Bytes> propose_add(const KeyPackage& key_package, Random& random, Instant now);
  /// Asks to remove a member. kNotAMember.
  Result<Bytes> propose_remove(LeafIndex leaf, Random& random);
  /// Asks to change our own leaf; the new keys wait here for the commit.
  Result<Bytes> propose_update(const LeafNodeUpdate& update, Random& random);
  /// Asks to replace the extensions of the group context.
  Result<Bytes> propose_group_context_extensions(const Extensions& extensions, Random& random);
  /// Asks to mix in a pre-shared key of the application.
  Result<Bytes> propose_external_psk(ByteView psk_id, Random& random);

  /// Takes in an MLSMessage of this group: PrivateMessage or PublicMessage. A failure consumes nothing.
  /// kStaleEpoch: try the PastEpochs. kFutureEpoch: process the commits between first. kOwnMessage: we sent it (for a
  /// commit: adopt StagedCommit::successor instead). kReplayed: opened before.
  /// A commit that fails is void for every member alike, what `judge` refuses included, but for three errors that concern
  /// this member alone. kCannotFollow: its part for us does not open; others may be in the next epoch, so ask one of
  /// them. kUnknownPsk: `psks` lacks a key. kUnknownProposal: it names a proposal that we have not seen: fetch it and try
  /// again. Any other error: drop the message. Adds are not judged by `now`, so that somebody who comes back late reads
  /// the log as the others did.
  Result<Processed> process(ByteView mls_message, Instant now, std::span<const ExternalPsk> psks = {},
                            const CommitJudge& judge = {});

  /// MLS-Exporter (RFC 9420 §8.5): `size` bytes that every member of this epoch can compute; at most 8,160.
  Result<crypto::SecretBuffer> exporter(std::string_view label, ByteView context, size_t size) const;
  /// This epoch's number; 0 for a new group.
  uint64_t epoch() const;
  /// The group's id, as its creator chose it.
  const Bytes& group_id() const;
  /// The suite that it was made with.
  const CipherSuite& suite() const;
  /// 32 bytes that members compare to see that they are in the same state (RFC 9420 §8.7).
  Bytes epoch_authenticator() const;
  /// The tree hash of this epoch (RFC 9420 §7.8).
  Bytes tree_hash() const;
  /// Those of this epoch.
  const Extensions& group_context_extensions() const;
  /// The members, by leaf from the left.
  std::vector<Member> members() const;
  /// One member, or none if the leaf is blank.
  std::optional<Member> member(LeafIndex leaf) const;
  /// Which leaf is ours; the same for as long as we are a member.
  LeafIndex own_leaf() const;
  /// True if this leaf sits alone below a blank or unmerged parent: a commit of it would make others' commits smaller.
  bool own_path_is_blank() const;
  /// The ratchet_tree extension's data (RFC 9420 §12.4.3.3): what joiners take when the Welcome does not carry it.
  Bytes ratchet_tree() const;
  /// How many application messages this leaf has protected in this epoch.
  uint32_t sender_generation() const;
  /// How many proposals wait for a commit, our own included.
  size_t pending_proposals() const;
  /// An MLSMessage (mls_group_info) of this epoch with external_pub, signed by us; with the tree if asked.
  Bytes group_info(bool with_ratchet_tree) const;

  /// What has to be stored since the last call, private keys included: for sealed storage only. All of it for a group that
  /// was never stored; for the successor of a stored one, what the commit has changed, and not what it has ended (hand the
  /// predecessor to PastEpochs::retire). Of several copies of a value only one may go on and be stored.
  StateChanges take_changes();
  /// The reverse, out of all the records of one group, those of PastEpochs included. kBadState: a record is missing,
  /// damaged or of somewhere else. kUnknownStateVersion: another version of the program has written them.
  /// kUnsupportedSuite.
  static Result<Group> restore(SuiteTable suites, const StateRecords& records);

 private:
  friend class PastEpochs;
  friend struct GroupAccess;
  explicit Group(std::unique_ptr<GroupState> state);
  std::unique_ptr<GroupState> state_;
};

/// A commit of our own that nobody has accepted yet.
struct StagedCommit {
  Group successor;               ///< The epoch after it; adopt it when the commit is accepted.
  Bytes commit;                  ///< MLSMessage (PrivateMessage).
  std::optional<Bytes> welcome;  ///< MLSMessage (Welcome) for all who are added, if anybody is.
  Bytes group_info;              ///< MLSMessage (GroupInfo) of the successor, with external_pub, without the tree.
  CommitReport report;           ///< What it does; leaves of `added` are those they get.
};

/// An application message that was opened; its key is gone.
struct ApplicationMessage {
  LeafIndex sender;
  Bytes plaintext;
  Bytes authenticated_data;
  uint32_t generation = 0;  ///< Of the sender's ratchet: his messages in this epoch counted from 0.
};

/// A proposal that now waits for a commit.
struct ProposalStored {
  std::optional<LeafIndex> sender;  ///< None: an external sender or somebody who wants to join.
  ProposalType type{};
  Bytes proposal_ref;  ///< 32 bytes (RFC 9420 §5.2).
};

/// A commit that holds. Look at who came and who changed (§5.3.1), then adopt `successor` or drop it.
struct CommitProcessed : CommitReport {
  std::optional<Group> successor;  ///< None if we were removed: retire this group.
};

/// What anybody can read off an MLSMessage without a group.
struct MessageHead {
  WireFormat wire_format{};
  Bytes group_id;              ///< Empty for Welcome and KeyPackage.
  uint64_t epoch = 0;          ///< 0 for Welcome and KeyPackage.
  ContentType content_type{};  ///< Meaningful for PublicMessage and PrivateMessage.
};

/// Reads the head of an MLSMessage; nothing is authenticated. kMalformed, kUnsupportedVersion, codec errors: drop it.
Result<MessageHead> peek(ByteView mls_message);
/// The KeyPackageRefs to whom a Welcome (MLSMessage) is addressed: which KeyPackagePrivate to join with. Errors as peek.
Result<std::vector<KeyPackageRef>> welcome_recipients(ByteView mls_message);

}  // namespace godwit::mls
