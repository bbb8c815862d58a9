#pragma once
// A member's view of one MLS group (RFC 9420): with past_epochs.h, what an engine needs of mls/.
//
// Values: a Group is one epoch of one member. What ends an epoch returns the successor and leaves the old value whole;
// what fails changes nothing at all. What uses up message keys (protect, propose_*, stage_commit, process) changes this
// value when it succeeds: store take_changes() before anything leaves the device and before anything is acknowledged.
//
// It is not: a clock, a store, a judge of identities (§5.3.1: look at `added` and `updated` before the successor is
// adopted) or of roles.

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "mls/group_extensions.h"
#include "mls/proposal.h"
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
  std::optional<std::vector<ExtensionType>> supported;      ///< As LeafParameters::supported.
  std::optional<std::vector<CipherSuiteId>> cipher_suites;  ///< As LeafParameters::cipher_suites.
};

/// A pre-shared key of the application (RFC 9420 §8.4, external).
struct ExternalPsk {
  Bytes id;
  crypto::SecretBuffer secret;
};

/// Which resumption key: of which epoch of which group (RFC 9420 §8.6).
struct ResumptionPskId {
  Bytes group_id;
  uint64_t epoch = 0;
};

class Group;
/// The pre-shared keys that a caller hands in; he keeps them. A group's own resumption keys need no handing in.
struct KnownPsks {
  std::span<const ExternalPsk> external;
  std::span<const Group* const> groups;  ///< Other groups whose resumption keys may be used (RFC 9420 §8.6).

  KnownPsks() = default;
  KnownPsks(std::span<const ExternalPsk> list) : external(list) {}     // NOLINT(google-explicit-constructor)
  KnownPsks(const std::vector<ExternalPsk>& list) : external(list) {}  // NOLINT(google-explicit-constructor)
  KnownPsks(std::span<const ExternalPsk> list, std::span<const Group* const> others) : external(list), groups(others) {}
};

/// How a proposal or commit of ours travels (RFC 9420 §6).
struct HandshakeFraming {
  WireFormat wire_format = WireFormat::kPrivateMessage;  ///< Or kPublicMessage: signed and tagged, not encrypted.
  Bytes authenticated_data = {};                         ///< Not encrypted: whoever carries the message reads it.
  Padding padding = Padding::kBuckets;                   ///< Of PrivateMessages.
};

/// What a commit shall do; an empty one refreshes the committer's keys only.
struct CommitRequest : HandshakeFraming {
  std::vector<KeyPackage> add;         ///< By value. Parsed with KeyPackage::parse, so their lifetimes hold.
  std::vector<LeafIndex> remove;       ///< By value.
  std::optional<LeafNodeUpdate> leaf;  ///< Of the committer; carried by the path, which is then never left out.
  std::optional<Extensions> group_context_extensions;  ///< All of them, not a difference.
  std::vector<Bytes> external_psks;                    ///< Ids of pre-shared keys; secrets in `psks`.
  std::vector<ResumptionPskId> resumption_psks;        ///< Of this group, or of one in `psks`.
  /// Ends the group (RFC 9420 §11.2), with nothing beside it; by reference if the same was proposed.
  std::optional<ReInit> reinit;
  /// True: commit also those proposals of others in this epoch that fit; a ReInit never in passing.
  bool pending_proposals = false;
  bool ratchet_tree_in_welcome = true;  ///< False: joiners get ratchet_tree() of the successor by another way.
  /// The same, and the Welcome says where the tree will lie, how long it is and what it hashes to.
  std::optional<Bytes> ratchet_tree_place;
  bool path_always = true;  ///< False: no path where RFC 9420 §12.4 lets it be absent.
};

/// How somebody joins without being added (RFC 9420 §12.4.3.2).
struct ExternalCommitRequest {
  LeafParameters leaf;
  /// Which of the members is an earlier self of ours, to be removed by this very commit ("resync"): at most one.
  std::function<bool(const Member&)> is_old_self;
  std::vector<Bytes> self_removes;  ///< SelfRemove proposals of this epoch that members have sent, as MLSMessages.
  std::vector<Bytes> external_psks;
  std::vector<ResumptionPskId> resumption_psks;
  Bytes authenticated_data;
};

/// What every member sees of a commit, alike: who came, who went, what changed.
struct CommitReport {
  std::optional<LeafIndex> sender;  ///< None: an external commit; its sender is in `added`.
  Bytes authenticated_data;
  std::vector<Member> added;    ///< As in the new epoch.
  std::vector<Member> removed;  ///< As in the old epoch.
  std::vector<LeafIndex> self_removed;  ///< Of `removed`, those who asked for it themselves (SelfRemove).
  std::vector<Member> updated;  ///< As in the new epoch: whose leaf changed, the committer included.
  bool removed_self = false;
  bool group_context_extensions_changed = false;
  Extensions group_context_extensions;  ///< All of the new epoch's, if they changed.
  std::optional<ReInit> reinit;  ///< The group ends with it (RFC 9420 §11.2).
  size_t pre_shared_keys = 0;    ///< How many it mixes in.
};
/// Says whether a commit that holds by RFC 9420 is one that the application wants. It is asked before anything is looked at
/// that concerns this member alone, so that all members who judge alike find the same commits void.
using CommitJudge = std::function<Status(const CommitReport&)>;

/// A proposal that holds by RFC 9420, before it is stored.
struct ProposalReport {
  SenderType sender_type{};
  std::optional<LeafIndex> sender;         ///< kMember.
  std::optional<uint32_t> external_index;  ///< kExternal: which of the group's external_senders.
  Bytes authenticated_data;
  const Proposal& proposal;
};
/// Says whether a proposal is one that the application wants to see committed. Without a judge those of members are taken
/// in and those of outsiders are not.
using ProposalJudge = std::function<Status(const ProposalReport&)>;

/// Whether two members, of the old group and of the new one, are the same client to the application (RFC 9420 §11.3).
using SameMember = std::function<bool(const Member& in_old, const Member& in_new)>;

struct StagedCommit;
struct ExternalCommit;
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
  /// That the group id is one of no other group of ours is the caller's to check. kBadWelcome also: the group follows
  /// another, see join_reinitialized and join_branch. `by`, if given, gets the leaf of whoever has signed the Welcome.
  static Result<Group> join(SuiteTable suites, ByteView welcome, const KeyPackagePrivate& key_package,
                            std::optional<ByteView> ratchet_tree, Instant now, const KnownPsks& psks = {},
                            LeafIndex* by = nullptr);
  /// Joins the group that `old`, ended by a ReInit, goes on as (RFC 9420 §11.2). kBadWelcome: it is not that group, or
  /// somebody was left behind. By default members are the same if their identities are.
  static Result<Group> join_reinitialized(SuiteTable suites, ByteView welcome, const KeyPackagePrivate& key_package,
                                          std::optional<ByteView> ratchet_tree, Instant now, const Group& old,
                                          const SameMember& same = {}, const KnownPsks& psks = {});
  /// Joins a group that was branched off `old`, at this or an earlier epoch of it (RFC 9420 §11.3). kBadWelcome: it was
  /// not, or it has members that `old` has not. kUnknownPsk: the epoch is none whose key `old` still has.
  static Result<Group> join_branch(SuiteTable suites, ByteView welcome, const KeyPackagePrivate& key_package,
                                   std::optional<ByteView> ratchet_tree, Instant now, const Group& old,
                                   const SameMember& same = {}, const KnownPsks& psks = {});

  /// Joins by a commit of our own (RFC 9420 §12.4.3.2). `group_info` is an MLSMessage as Group::group_info() gives it;
  /// `ratchet_tree` is needed if it carries none (kMissingRatchetTree). Look at the members before the commit goes out.
  /// kNoExternalPub: the group takes nobody in this way. kUnsupported..., kDuplicateKey: our leaf does not fit the group;
  /// the old self is still there. kInvalidProposalList: two old selves, or one of `self_removes` is none. kUnknownPsk.
  /// Any other error: `group_info` is forged or broken.
  static Result<ExternalCommit> external_commit(SuiteTable suites, ByteView group_info,
                                                std::optional<ByteView> ratchet_tree,
                                                const ExternalCommitRequest& request, Random& random,
                                                const KnownPsks& psks = {});

  /// Makes the group that this one, ended by a ReInit, goes on as, and its first commit (RFC 9420 §11.2); only
  /// `first_commit.add` has to be filled in, with all other members. The Welcome is for them, the commit for nobody.
  /// kNotReinitialized: this group goes on. kUnsupportedSuite: of the ReInit. Else as create and stage_commit.
  Result<StagedCommit> reinitialize(SuiteTable suites, const LeafParameters& leaf, const CommitRequest& first_commit,
                                    Random& random, Instant now, const KnownPsks& psks = {}) const;
  /// Makes a group of some of the members with a key that only members of this one have (RFC 9420 §11.3). Else as
  /// reinitialize.
  Result<StagedCommit> branch(const GroupCreate& parameters, const CommitRequest& first_commit, Random& random,
                              Instant now, const KnownPsks& psks = {}) const;

  /// Makes a commit (RFC 9420 §12.4.1) and the epoch after it. This value stays in its epoch and goes on working, should
  /// somebody else's commit win; it has used up a key for sending, so store both. kLifetime, kUnsupported..., kDuplicateKey:
  /// a key package does not fit the group. kInvalidProposalList: the request contradicts itself or removes ourselves.
  /// kNotAMember: no such leaf. kUnknownPsk. kGroupEnded.
  Result<StagedCommit> stage_commit(const CommitRequest& request, Random& random, Instant now,
                                    const KnownPsks& psks = {});

  /// An application message (RFC 9420 §6.3) as an MLSMessage. `authenticated_data` is not encrypted. kTooFarAhead: 2^32
  /// messages in this epoch; commit. kCommitFirst: proposals wait (RFC 9420 §12.4). kGroupEnded.
  Result<Bytes> protect(ByteView plaintext, ByteView authenticated_data, Random& random,
                        Padding padding = Padding::kBuckets);

  /// Proposals by reference (RFC 9420 §12.1) as MLSMessages; ours are remembered here like those of others. They live until
  /// the epoch ends. Errors as stage_commit.
  Result<Bytes> propose_add(const KeyPackage& key_package, Random& random, Instant now,
                            const HandshakeFraming& framing = {});
  /// Asks to remove a member. kNotAMember.
  Result<Bytes> propose_remove(LeafIndex leaf, Random& random, const HandshakeFraming& framing = {});
  /// Asks to change our own leaf; the new keys wait here for the commit.
  Result<Bytes> propose_update(const LeafNodeUpdate& update, Random& random, const HandshakeFraming& framing = {});
  /// Asks to replace the extensions of the group context.
  Result<Bytes> propose_group_context_extensions(const Extensions& extensions, Random& random,
                                                 const HandshakeFraming& framing = {});
  /// Asks to mix in a pre-shared key of the application.
  Result<Bytes> propose_external_psk(ByteView psk_id, Random& random, const HandshakeFraming& framing = {});
  /// Asks to mix in a resumption key (RFC 9420 §8.6) of this group or another.
  Result<Bytes> propose_resumption_psk(const ResumptionPskId& id, Random& random, const HandshakeFraming& framing = {});
  /// Asks to end the group in favour of another (RFC 9420 §11.2).
  Result<Bytes> propose_reinit(const ReInit& reinit, Random& random, const HandshakeFraming& framing = {});
  /// Leaves: asks the others, those who are about to join included, to remove us (draft-ietf-mls-extensions, SelfRemove).
  /// Always a PublicMessage, once in an epoch (kInvalidProposalList). kUnsupportedProposal: a member does not know it;
  /// ask with propose_remove.
  Result<Bytes> propose_self_remove(Random& random, ByteView authenticated_data = {});

  /// Takes in an MLSMessage of this group: PrivateMessage or PublicMessage. A failure consumes nothing.
  /// kStaleEpoch: try the PastEpochs. kFutureEpoch: process the commits between first. kOwnMessage: we sent it (for a
  /// commit: adopt StagedCommit::successor instead). kReplayed: opened before.
  /// A commit that fails is void for every member alike, what `judge` refuses included, but for three errors that concern
  /// this member alone. kCannotFollow: its part for us does not open; others may be in the next epoch, so ask one of
  /// them. kUnknownPsk: `psks` lacks a key. kUnknownProposal: it names a proposal that we have not seen: fetch it and try
  /// again. kNotWanted: a proposal of an outsider, and no `proposal_judge`. Any other error: drop the message. Adds are not judged by `now`, so that somebody who comes back late reads
  /// the log as the others did.
  Result<Processed> process(ByteView mls_message, Instant now, const KnownPsks& psks = {},
                            const CommitJudge& judge = {}, const ProposalJudge& proposal_judge = {});

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
  /// The ReInit that ended this group, or none.
  const std::optional<ReInit>& ended_by() const;
  /// True if every member knows this type of proposal.
  bool all_support(ProposalType type) const;
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
  friend struct GroupState;
  Result<StagedCommit> stage_linked(const CommitRequest& request, std::optional<PreSharedKeyID> link, Random& random,
                                    Instant now, const KnownPsks& psks);
  explicit Group(std::unique_ptr<GroupState> state);
  std::unique_ptr<GroupState> state_;
};

/// A commit of our own that nobody has accepted yet.
struct StagedCommit {
  Group successor;               ///< The epoch after it; adopt it when the commit is accepted.
  Bytes commit;                  ///< MLSMessage (PrivateMessage or PublicMessage).
  std::optional<Bytes> welcome;  ///< MLSMessage (Welcome) for all who are added, if anybody is; see split_welcome.
  Bytes group_info;              ///< MLSMessage (GroupInfo) of the successor, with external_pub, without the tree.
  CommitReport report;           ///< What it does; leaves of `added` are those they get.
};

/// An external commit of our own that nobody has accepted yet.
struct ExternalCommit {
  Group group;          ///< The epoch that it starts; adopt it when the commit is accepted.
  Bytes commit;         ///< MLSMessage (PublicMessage).
  CommitReport report;  ///< What it does; we are among `added`.
};

/// An application message that was opened; its key is gone.
struct ApplicationMessage {
  LeafIndex sender;
  Bytes plaintext;
  Bytes authenticated_data;
  uint32_t generation = 0;  ///< Of the sender's ratchet: his messages in this epoch counted from 0.
  Bytes signature_key{};    ///< Of the sender's leaf in its epoch, with which the message was checked.
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
  Bytes authenticated_data{};          ///< Of these two; else empty.
  std::optional<LeafIndex> sender{};   ///< Of a PublicMessage by a member.
};

/// Reads the head of an MLSMessage; nothing is authenticated. kMalformed, kUnsupportedVersion, codec errors: drop it.
Result<MessageHead> peek(ByteView mls_message);
/// The KeyPackageRefs to whom a Welcome (MLSMessage) is addressed: which KeyPackagePrivate to join with. Errors as peek.
Result<std::vector<KeyPackageRef>> welcome_recipients(ByteView mls_message);

/// A Welcome for one of several joiners.
struct JoinerWelcome {
  KeyPackageRef joiner;
  Bytes welcome;  ///< MLSMessage with the secrets of this joiner alone.
};
/// Cuts a Welcome for many into one for each: a joiner of a large group needs nobody else's secrets. Each holds all of
/// encrypted_group_info, so leave the tree out of it (CommitRequest::ratchet_tree_place). Errors as peek.
Result<std::vector<JoinerWelcome>> split_welcome(ByteView mls_message);
/// What the Welcome says of a ratchet tree that it does not carry; none if it carries it, or says nothing. Nothing in it
/// is authenticated beyond that whoever wrote it knew the group; join() checks the tree. Errors as Group::join.
Result<std::optional<RatchetTreeReference>> ratchet_tree_reference(SuiteTable suites, ByteView welcome,
                                                                   const KeyPackagePrivate& key_package,
                                                                   const KnownPsks& psks = {});

/// A proposal of one of the group's external_senders (RFC 9420 §12.1.8) as an MLSMessage (PublicMessage): Add, Remove,
/// PreSharedKey, ReInit or GroupContextExtensions. kInvalidProposal: another type, which members would refuse. kTooLarge.
Result<Bytes> external_proposal(const Bytes& group_id, uint64_t epoch, uint32_t sender_index, Proposal proposal,
                                const crypto::Ed25519KeyPair& key, Bytes authenticated_data = {});
/// Asks to be added (RFC 9420 §12.1.8, new_member_proposal), as an MLSMessage (PublicMessage).
Bytes new_member_proposal(const Bytes& group_id, uint64_t epoch, const KeyPackagePrivate& key_package,
                          Bytes authenticated_data = {});

}  // namespace godwit::mls
