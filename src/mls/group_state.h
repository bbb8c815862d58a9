#pragma once
// What a Group holds, and how one epoch becomes the next. For the group_*.cc files only.

#include "mls/errors.h"
#include "mls/group.h"
#include "mls/message_protection.h"
#include "mls/mls_message.h"
#include "mls/proposal_list.h"
#include "mls/secret_tree.h"
#include "mls/transcript_hash.h"

namespace godwit::mls {

/// How many proposals may wait for a commit: more than any sane epoch collects, few enough to commit at once.
constexpr size_t kPendingProposalsMax = 1024;
/// How many of them may come from outside: strangers and external senders, whom no membership bounds.
constexpr size_t kOutsidersProposalsMax = 16;
/// How many of one member.
constexpr size_t kMembersProposalsMax = 64;
/// Plaintext and authenticated_data of one message, together: with padding and frame below what any reader takes.
constexpr size_t kContentSizeMax = codec::kVectorSizeMax - (64U << 10);
/// How many past epochs' resumption keys are kept for PreSharedKey proposals (RFC 9420 §8.6).
constexpr size_t kResumptionPsksMax = 8;

/// Private keys of an Update that we proposed: they come into force if somebody commits it.
struct PendingUpdate {
  HpkeKeyPair encryption_key;
  std::optional<crypto::Ed25519KeyPair> signature_key;
};

/// What the records of a group hold already.
struct StoredForm {
  std::optional<RatchetTree> tree;  ///< None: there are no records. Of a new epoch: its predecessor's.
  bool epoch = false;               ///< The head and the epoch's own record are this epoch's.
  uint32_t proposals = 0;           ///< How many of them, the oldest first.
  bool entered_anew = false;        ///< By no commit that this member followed: its records replace what there is.
};

/// One epoch of one member.
struct GroupState {
  const CipherSuite* suite;
  // Public to the members.
  GroupContext context;
  RatchetTree tree;
  Bytes interim_transcript_hash;
  Bytes confirmation_tag;
  std::vector<QueuedProposal> proposals;  // as they came, the oldest first
  std::optional<ReInit> ended_by;
  // Shared by the members.
  EpochSecrets secrets;
  SecretTree secret_tree;
  std::map<uint64_t, ResumptionPsk> resumption_psks;
  // Ours alone.
  TreeKemPrivate keys;
  crypto::Ed25519KeyPair signature_key;
  std::map<ProposalRef, PendingUpdate> own_updates;
  StoredForm stored{};

  /// Which leaf is ours.
  LeafIndex own_leaf() const { return keys.leaf; }
  /// The proposal with this reference, or null.
  const QueuedProposal* find_proposal(const ProposalRef& ref) const;
  /// What `group` holds.
  static const GroupState& of(const Group& group) { return *group.state_; }
  /// A second copy, asked for by name.
  GroupState clone() const;
};

/// What late application messages are opened with besides their keys: the record kEpoch, which outlives the epoch.
struct EpochPart {
  const CipherSuite* suite;
  GroupContext context;
  LeafIndex own_leaf;
  LeafCount leaf_count;
  SenderDataSecret sender_data_secret;
};
/// That record.
crypto::SecretBuffer write_epoch(const EpochPart& part);
/// The reverse. Errors are turned into those of Group::restore by the caller.
Result<EpochPart> read_epoch(SuiteTable suites, const StateRecords& records, uint64_t epoch);

/// An epoch that is over.
struct PastEpochState {
  EpochPart is;
  SecretTree secret_tree;
  bool is_last;                         ///< No later epoch tells whose keys these are: `replaced` has them all.
  std::map<LeafIndex, Bytes> replaced;  ///< Signature keys that the next epoch does not have; empty: blank here.
  bool epoch_stored;
  bool replaced_stored;
};

/// The nodes that are not blank, from the left.
std::vector<NodeIndex> filled_nodes(const RatchetTree& tree);

/// A leaf as members() shows it.
Member make_member(LeafIndex index, const LeafNode& leaf);

/// What a commit of `committer` does to the tree `before`, for the one who has to judge it; `after` is the tree with the
/// path, `own` the leaf of the one who judges, if he has one.
CommitReport report_commit(const RatchetTree& before, std::optional<LeafIndex> own, const AppliedProposals& applied,
                           const RatchetTree& after, const Sender& sender, LeafIndex committer, bool has_path,
                           Bytes authenticated_data);

/// The secrets behind `ids` for a commit in `state`, or for a joiner (null). kUnknownPsk: one of them is missing.
Result<std::vector<PreSharedKey>> resolve_psks(const GroupState* state, const std::vector<PreSharedKeyID>& ids,
                                               const KnownPsks& psks);

/// What the two sides of a commit have in common once they know its commit_secret.
struct EpochInputs {
  RatchetTree tree;      ///< With the path.
  GroupContext context;  ///< Complete: of the new epoch.
  JoinerSecret joiner_secret;
  PskSecret psk_secret;
  TreeKemPrivate keys;  ///< Of the new epoch.
  crypto::Ed25519KeyPair signature_key;
  std::optional<ReInit> ended_by;
};
/// The state that a commit or a Welcome leads to, its confirmation_tag and interim_transcript_hash computed; `before` is
/// null for one who joins.
GroupState next_state(const CipherSuite& suite, const GroupState* before, EpochInputs inputs);

/// A private message of another member, opened and its signature checked; the key is not used up yet.
struct OpenedMessage {
  AuthenticatedContent content;
  PendingKey key;
};
/// What opening needs of an epoch.
struct OpeningEpoch {
  const CipherSuite& suite;
  const GroupContext& context;
  LeafIndex own_leaf;
  const SenderDataSecret& sender_data_secret;
  const SecretTree& secret_tree;
};
/// Opens `message`; `signature_key_of(leaf)` is null for blank leaves. Errors as Group::process.
template <typename SignatureKeyOf>
Result<OpenedMessage> open_message(const OpeningEpoch& epoch, const PrivateMessage& message,
                                   const SignatureKeyOf& signature_key_of) {
  const SenderData sender = TRY(open_sender_data(epoch.suite, epoch.sender_data_secret, message));
  const Bytes* signature_key = signature_key_of(sender.leaf);
  REQUIRE(signature_key != nullptr, kUnknownSender, "RFC 9420 §6.3.2, MLS-033: the sender's leaf is blank");
  PendingKey key = TRY(epoch.secret_tree.find(sender.leaf, ratchet_kind(message.content_type), sender.generation));
  auto content = TRY(open_private(epoch.suite, message, sender, key.key));
  auto valid = TRY(AuthenticatedContent::validate(std::move(content), *signature_key, epoch.context));
  // Every member can name our leaf as the sender, so only our signature under a key that we have not used says that this
  // came from here: from another copy of this state.
  REQUIRE(sender.leaf != epoch.own_leaf, kOwnMessage, "RFC 9420 §6.3.2: sent by this very leaf");
  return OpenedMessage{std::move(valid), std::move(key)};
}
/// kWrongGroup, kStaleEpoch, kFutureEpoch, or nothing.
Status check_epoch(const GroupContext& context, const Bytes& group_id, uint64_t epoch);

/// A GroupInfo of this epoch with these extensions, signed by us.
GroupInfoIn make_group_info(const GroupState& state, Extensions extensions);
/// The external_pub of this epoch (RFC 9420 §12.4.3.2).
Extension external_pub_extension(const GroupState& state);
/// The tree of this epoch (RFC 9420 §12.4.3.3).
Extension ratchet_tree_extension(const GroupState& state);
/// Checks a GroupInfo and returns its tree, carried or handed in, both as RFC 9420 §12.4.3.1 asks. kMissingRatchetTree:
/// neither. Others: drop it.
Result<RatchetTree> validate_group_info(const CipherSuite& suite, const GroupInfoIn& info,
                                        std::optional<ByteView> handed_in);

/// Our leaf node with these changes and another source; encryption_key is the old one, and it is unsigned.
LeafNode updated_leaf_node(const GroupState& state, const LeafNodeUpdate& update, LeafNodeSource source);
/// The groups whose keys somebody has who makes or joins a group that follows `old`.
std::vector<const Group*> with_group(const KnownPsks& psks, const Group& old);
/// The id of an external key with a fresh nonce.
PreSharedKeyID external_psk_id(const CipherSuite& suite, const Bytes& psk_id, Random& random);
/// The id of a resumption key with a fresh nonce.
PreSharedKeyID resumption_psk_id(const CipherSuite& suite, ResumptionPSKUsage usage, const ResumptionPskId& id,
                                 Random& random);

/// A path that was put into a tree.
struct DrawnPath {
  UpdatePath path;
  NewPath secrets;
};
/// Puts new keys for `own` and the nodes above it into `tree`, which came out of `before` (RFC 9420 §7.5, §12.4.1), and the
/// new tree hash into `context`, which is otherwise the provisional one. `leaf` lacks encryption_key, parent_hash, signature.
/// kUnsupported..., kDuplicateKey, kBadLeafNode: the leaf does not fit the group.
Result<DrawnPath> draw_path(const CipherSuite& suite, const RatchetTree& before, RatchetTree& tree,
                            GroupContext& context, LeafIndex own, LeafNode leaf, const crypto::Ed25519KeyPair& key,
                            const std::vector<LeafIndex>& added, Random& random);
/// The private keys of a path go to the one who has drawn it.
void adopt_path(TreeKemPrivate& keys, const NewPath& path);

/// A message of ours, and what is in it.
struct SealedMessage {
  Bytes message;
  AuthenticatedContent content;
};
/// kTooLarge: `size` bytes of plaintext and authenticated_data are more than kContentSizeMax.
Status check_size(size_t size);
/// Signs and seals content of ours as an MLSMessage; a PrivateMessage uses up a key. kTooFarAhead, kGroupEnded.
Result<SealedMessage> seal_message(GroupState& state, ContentBody body, const HandshakeFraming& framing,
                                   Random& random);
/// Seals signed content of ours.
Result<Bytes> seal_content(GroupState& state, const AuthenticatedContent& content, const HandshakeFraming& framing,
                           Random& random);

}  // namespace godwit::mls
