#pragma once
// Which lists of proposals are valid, and what they do to a tree and a group context (RFC 9420 §12.2, §12.3).

#include "mls/framing.h"

namespace godwit::mls {

/// A proposal of the list of a commit, with the one who made it.
struct QueuedProposal {
  Proposal proposal;
  Sender sender;
  ProposalRef ref;  ///< Empty if the commit carries it by value.
};

/// What a list of proposals comes to.
struct AppliedProposals {
  RatchetTree tree;       ///< After all of them, before the path.
  Extensions extensions;  ///< Of the new group context.
  bool extensions_changed = false;
  std::vector<LeafIndex> added;
  std::vector<LeafIndex> removed;  ///< By Remove and SelfRemove.
  std::vector<LeafIndex> self_removed;  ///< Of these, those by SelfRemove.
  std::vector<LeafIndex> updated;
  std::vector<PreSharedKeyID> psks;  ///< In the order of the list.
  std::optional<ReInit> reinit;
  std::optional<ExternalInit> external_init;
  bool path_required = false;  ///< RFC 9420 §12.4.
};

/// kInvalidProposal: this kind of sender sends no such proposals (RFC 9420 §12.1.8).
Status check_sender(const Sender& sender, ProposalType type);
/// True if every member of `tree` can process this type.
bool all_support(const RatchetTree& tree, ProposalType type);

/// Checks whether this sender may make such a proposal at all, and what the proposal alone shows to be wrong (RFC 9420
/// §12.1, §12.1.8). kInvalidProposal and what leaf nodes and key packages may break: drop it.
Status validate_proposal(const CipherSuite& suite, const GroupContext& group_context, const RatchetTree& tree,
                         const QueuedProposal& queued);

/// Checks the list for a commit of `committer` (kMember or kNewMemberCommit) and applies it to copies. Each of its proposals
/// has passed validate_proposal in this epoch, which checks signatures and is done once. kInvalidProposalList,
/// kDuplicateKey, kUnsupported...: the commit is void.
Result<AppliedProposals> apply_proposals(const GroupContext& group_context, const RatchetTree& tree,
                                         const std::vector<QueuedProposal>& list, const Sender& committer);

}  // namespace godwit::mls
