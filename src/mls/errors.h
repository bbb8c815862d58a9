#pragma once
// Errors of mls/: block 300. The action says what the one who handed the bytes in must do.

#include "base/error.h"

namespace godwit::mls {

// What a message is not.
inline constexpr ErrorCode kUnsupportedVersion{300, Action::kDrop, "mls_unsupported_version"};
inline constexpr ErrorCode kUnsupportedSuite{301, Action::kDrop, "mls_unsupported_suite"};
inline constexpr ErrorCode kMalformed{302, Action::kDrop, "mls_malformed"};
inline constexpr ErrorCode kWrongWireFormat{303, Action::kDrop, "mls_wrong_wire_format"};
inline constexpr ErrorCode kWrongGroup{304, Action::kDrop, "mls_wrong_group"};
/// The message belongs to an epoch before this one: the PastEpochs may open it, else it cannot be opened any more.
inline constexpr ErrorCode kStaleEpoch{305, Action::kDrop, "mls_stale_epoch"};
/// The message belongs to an epoch after this one: process the commits between first, then try it again.
inline constexpr ErrorCode kFutureEpoch{306, Action::kRetryLater, "mls_future_epoch"};
/// The message was sent by this very leaf: its keys are gone, and the sender knows what it says.
inline constexpr ErrorCode kOwnMessage{307, Action::kDrop, "mls_own_message"};
/// The message was opened before.
inline constexpr ErrorCode kReplayed{308, Action::kDrop, "mls_replayed"};
/// The message lies further ahead in its sender's ratchet than kGenerationsAheadMax.
inline constexpr ErrorCode kTooFarAhead{309, Action::kDrop, "mls_too_far_ahead"};

// What a message lacks to be authentic.
inline constexpr ErrorCode kDecryptionFailed{310, Action::kDrop, "mls_decryption_failed"};
inline constexpr ErrorCode kBadSignature{311, Action::kDrop, "mls_bad_signature"};
inline constexpr ErrorCode kBadMembershipTag{312, Action::kDrop, "mls_bad_membership_tag"};
inline constexpr ErrorCode kBadConfirmationTag{313, Action::kDrop, "mls_bad_confirmation_tag"};
inline constexpr ErrorCode kUnknownSender{314, Action::kDrop, "mls_unknown_sender"};
inline constexpr ErrorCode kBadPadding{315, Action::kDrop, "mls_bad_padding"};

// What is wrong with a leaf, a key package or a tree.
inline constexpr ErrorCode kBadLeafNode{320, Action::kDrop, "mls_bad_leaf_node"};
inline constexpr ErrorCode kBadLeafNodeSource{321, Action::kDrop, "mls_bad_leaf_node_source"};
inline constexpr ErrorCode kUnsupportedCredential{322, Action::kDrop, "mls_unsupported_credential"};
inline constexpr ErrorCode kUnsupportedExtension{323, Action::kDrop, "mls_unsupported_extension"};
inline constexpr ErrorCode kUnsupportedProposal{324, Action::kDrop, "mls_unsupported_proposal"};
inline constexpr ErrorCode kDuplicateExtension{325, Action::kDrop, "mls_duplicate_extension"};
inline constexpr ErrorCode kLifetime{326, Action::kDrop, "mls_lifetime"};
inline constexpr ErrorCode kBadKeyPackage{327, Action::kDrop, "mls_bad_key_package"};
inline constexpr ErrorCode kDuplicateKey{328, Action::kDrop, "mls_duplicate_key"};
inline constexpr ErrorCode kBadTree{329, Action::kDrop, "mls_bad_tree"};
inline constexpr ErrorCode kBadTreeHash{330, Action::kDrop, "mls_bad_tree_hash"};
inline constexpr ErrorCode kBadParentHash{331, Action::kDrop, "mls_bad_parent_hash"};
inline constexpr ErrorCode kTooManyMembers{332, Action::kFix, "mls_too_many_members"};

/// An extension that is to stand in a group context is of another form than its specification says.
inline constexpr ErrorCode kBadGroupContextExtension{333, Action::kDrop, "mls_bad_group_context_extension"};

// What is wrong with proposals and commits.
/// More than kContentSizeMax bytes to send in one message.
inline constexpr ErrorCode kTooLarge{334, Action::kFix, "mls_too_large"};
/// A proposal of an outsider, and nobody who says that it is wanted.
inline constexpr ErrorCode kNotWanted{336, Action::kDrop, "mls_not_wanted"};
/// The group goes on: no ReInit has ended it.
inline constexpr ErrorCode kNotReinitialized{337, Action::kFix, "mls_not_reinitialized"};
/// The GroupInfo has no external_pub: nobody joins this group by himself.
inline constexpr ErrorCode kNoExternalPub{338, Action::kFix, "mls_no_external_pub"};
/// Proposals wait that we can commit: do so before saying anything else.
inline constexpr ErrorCode kCommitFirst{339, Action::kFix, "mls_commit_first"};
inline constexpr ErrorCode kUnknownProposal{340, Action::kFix, "mls_unknown_proposal"};
inline constexpr ErrorCode kInvalidProposal{341, Action::kDrop, "mls_invalid_proposal"};
inline constexpr ErrorCode kInvalidProposalList{342, Action::kDrop, "mls_invalid_proposal_list"};
inline constexpr ErrorCode kMissingPath{343, Action::kDrop, "mls_missing_path"};
inline constexpr ErrorCode kBadUpdatePath{344, Action::kDrop, "mls_bad_update_path"};
inline constexpr ErrorCode kTooManyProposals{345, Action::kDrop, "mls_too_many_proposals"};
inline constexpr ErrorCode kUnknownPsk{346, Action::kFix, "mls_unknown_psk"};
inline constexpr ErrorCode kNotAMember{347, Action::kFix, "mls_not_a_member"};
/// A commit with a ReInit proposal ended this group: make the group that it announces.
inline constexpr ErrorCode kGroupEnded{348, Action::kFix, "mls_group_ended"};
/// What every member sees of this commit holds, and its part for this member does not open: the others may have followed
/// it. Stand still, and get into their epoch by another way.
inline constexpr ErrorCode kCannotFollow{349, Action::kFix, "mls_cannot_follow"};

// What is wrong with a Welcome.
inline constexpr ErrorCode kNotForUs{350, Action::kDrop, "mls_not_for_us"};
/// The Welcome carries no tree: fetch it and join again with it.
inline constexpr ErrorCode kMissingRatchetTree{351, Action::kFix, "mls_missing_ratchet_tree"};
inline constexpr ErrorCode kBadWelcome{352, Action::kDrop, "mls_bad_welcome"};

// What is wrong with stored bytes.
inline constexpr ErrorCode kBadState{360, Action::kStop, "mls_bad_state"};
inline constexpr ErrorCode kUnknownStateVersion{361, Action::kStop, "mls_unknown_state_version"};

}  // namespace godwit::mls
