// Group::process (RFC 9420 §6, §12.4.2).

#include <algorithm>
#include <set>

#include "mls/group_state.h"

namespace godwit::mls {
namespace {

// The key that must have signed a PublicMessage (RFC 9420 §6.1).
Result<Bytes> sender_key(const GroupState& state, const FramedContent& content) {
  switch (content.sender.type) {
    case SenderType::kMember: {
      const LeafNode* leaf = state.tree.leaf(content.sender.leaf);
      REQUIRE(leaf != nullptr, kUnknownSender, "RFC 9420 §6.1, MLS-021: the sender's leaf is blank");
      return leaf->signature_key;
    }
    case SenderType::kExternal: {
      const auto senders = external_senders(state.context.extensions);
      REQUIRE(content.sender.sender_index < senders.size(), kUnknownSender,
              "RFC 9420 §12.1.8.1, MLS-022, MLS-117: no such external sender");
      const ExternalSender& sender = senders[content.sender.sender_index];
      REQUIRE(sender.credential.type == CredentialType::kBasic, kUnknownSender,
              "RFC 9420 §5.3, MLS-022: an external sender whose credential is not one that we support");
      return sender.signature_key;
    }
    case SenderType::kNewMemberProposal: {
      const auto* proposal = std::get_if<Proposal>(&content.body);
      const auto* add = proposal == nullptr ? nullptr : std::get_if<Add>(&proposal->body);
      REQUIRE(add != nullptr, kInvalidProposal, "RFC 9420 §12.1.8, MLS-024: who is not a member yet proposes only Add");
      return add->key_package.leaf_node.signature_key;
    }
    case SenderType::kNewMemberCommit: {
      const auto* commit = std::get_if<Commit>(&content.body);
      REQUIRE(commit != nullptr && commit->path, kMissingPath,
              "RFC 9420 §12.4.3.2, MLS-170: an external commit has a path");
      // MLS-172
      return commit->path->leaf_node.signature_key;
    }
  }
  return Error{kMalformed, "RFC 9420 §6: an unknown sender_type"};
}

Result<AuthenticatedContent> open_public_message(const GroupState& state, const PublicMessage& message) {
  TRY(check_epoch(state.context, message.content.group_id, message.content.epoch));
  const bool is_commit = message.content.content_type() == ContentType::kCommit;
  const SenderType type = message.content.sender.type;
  REQUIRE(type == SenderType::kMember || is_commit == (type == SenderType::kNewMemberCommit), kUnknownSender,
          "RFC 9420 §6, MLS-023: this kind of sender does not send such content");
  auto in = TRY(open_public(*state.suite, message, state.secrets.membership_key, state.context));
  const Bytes key = TRY(sender_key(state, message.content));
  auto out = TRY(AuthenticatedContent::validate(std::move(in), key, state.context));
  REQUIRE(message.content.sender != Sender::member(state.own_leaf()), kOwnMessage,
          "RFC 9420 §6.1: sent by this very leaf");
  return out;
}

// A commit on its way to become an epoch.
struct Incoming {
  const Commit& commit;
  const Sender sender;
  const AuthenticatedContent& content;
  LeafIndex committer;
  AppliedProposals applied;
  TreeKemPrivate keys;
  crypto::Ed25519KeyPair signature_key;
  GroupContext context;
};

Result<std::vector<QueuedProposal>> resolve_proposals(const GroupState& state, const Commit& commit,
                                                      const Sender& sender) {
  std::vector<QueuedProposal> out;
  std::set<ProposalRef> named;  // each but once: a name is small, what it stands for is not
  for (const ProposalOrRef& one : commit.proposals) {
    if (const auto* value = std::get_if<Proposal>(&one.body)) {
      out.push_back({*value, sender, {}});
      TRY(validate_proposal(*state.suite, state.context, state.tree, out.back()));
      continue;
    }
    const QueuedProposal* known = state.find_proposal(std::get<ProposalRef>(one.body));
    REQUIRE(known != nullptr, kUnknownProposal, "RFC 9420 §12.4.2, MLS-108: a reference to a proposal not seen");
    REQUIRE(named.insert(known->ref).second, kInvalidProposalList, "RFC 9420 §12.2: one proposal twice");
    out.push_back(*known);
  }
  return out;
}

// Takes over the keys of those of our own Updates that the commit puts into force.
void adopt_own_update(const GroupState& state, const std::vector<QueuedProposal>& list, Incoming& incoming) {
  for (const QueuedProposal& one : list) {
    const auto own = state.own_updates.find(one.ref);
    if (own == state.own_updates.end()) continue;
    incoming.keys.keys.insert_or_assign(to_node(state.own_leaf()), own->second.encryption_key.clone());
    if (own->second.signature_key) incoming.signature_key = own->second.signature_key->clone();
  }
}

// Who joins again does not keep his encryption key (RFC 9420 §12.2, as §12.1.2 of an Update).
Status check_resync_leaf(const RatchetTree& before, const LeafNode& leaf, const std::vector<LeafIndex>& removed) {
  for (const LeafIndex one : removed) {
    REQUIRE(before.leaf(one)->encryption_key != leaf.encryption_key, kDuplicateKey,
            "RFC 9420 §12.2, MLS-134: an external commit keeps the encryption key of the leaf that it removes");
  }
  return {};
}

// The path into the tree: the public half of a commit, the same for every member.
Status merge_commit_path(const GroupState& state, Incoming& incoming) {
  const CipherSuite& suite = *state.suite;
  AppliedProposals& applied = incoming.applied;
  if (incoming.commit.path) {
    const LeafNode& leaf = incoming.commit.path->leaf_node;
    // MLS-131
    TRY(check_leaf_fits_group(leaf, applied.extensions));
    if (incoming.sender.type == SenderType::kNewMemberCommit) {
      TRY(check_resync_leaf(state.tree, leaf, applied.removed));
      // MLS-171
      incoming.committer = TRY(applied.tree.add_leaf({}));
    }
    const std::set<LeafIndex> added(applied.added.begin(), applied.added.end());
    TRY(merge_path(suite, applied.tree, incoming.committer, *incoming.commit.path, added, state.context.group_id));
  }
  ++incoming.context.epoch;
  incoming.context.extensions = applied.extensions;
  incoming.context.tree_hash = applied.tree.tree_hash(suite);
  return {};
}

Result<CommitSecret> open_commit_secret(const GroupState& state, Incoming& incoming) {
  if (!incoming.commit.path) return zero_commit_secret(*state.suite);
  const CipherSuite& suite = *state.suite;
  const RatchetTree& tree = incoming.applied.tree;
  const std::set<LeafIndex> added(incoming.applied.added.begin(), incoming.applied.added.end());
  auto path = TRY(decrypt_path(suite, tree, incoming.keys, incoming.committer, *incoming.commit.path, added,
                               codec::encoded(incoming.context)));
  return incoming.keys.implant(suite, tree, incoming.committer, path.node, std::move(path.path_secret));
}

// init_secret of an external commit (RFC 9420 §8.3).
// MLS-075
Result<InitSecret> external_init_secret(const GroupState& state, const ExternalInit& init) {
  const auto key = HpkeKeyPair::derive(*state.suite, state.secrets.external_secret.reveal());
  const auto context = crypto::hpke_setup_receiver(state.suite->hpke(), init.kem_output, key.private_key, {});
  REQUIRE(context.has_value(), kInvalidProposal, "RFC 9420 §8.3, MLS-114: a kem_output that is of no use");
  return InitSecret(context->export_secret(as_bytes("MLS 1.0 external init secret"), state.suite->hash_size()));
}

Result<GroupState> enter_epoch(const GroupState& state, Incoming incoming, const KnownPsks& psks) {
  const CipherSuite& suite = *state.suite;
  // Before the path: it fails for every member alike.
  InitSecret init_secret = incoming.applied.external_init
                               ? TRY(external_init_secret(state, *incoming.applied.external_init))
                               : state.secrets.init_secret.clone();
  const auto commit_secret = open_commit_secret(state, incoming);
  REQUIRE(commit_secret.has_value(), kCannotFollow,
          "RFC 9420 §7.6, MLS-067: the path holds no secret that this member can use");
  const auto keys_shared = TRY(resolve_psks(&state, incoming.applied.psks, psks));
  incoming.context.confirmed_transcript_hash =
      confirmed_transcript_hash(suite, state.interim_transcript_hash, incoming.content.value());
  auto joiner_secret = derive_joiner_secret(suite, init_secret, *commit_secret, codec::encoded(incoming.context));
  incoming.keys.prune(incoming.applied.tree);
  GroupState next = next_state(suite, &state,
                               {std::move(incoming.applied.tree), std::move(incoming.context), std::move(joiner_secret),
                                psk_secret(suite, keys_shared), std::move(incoming.keys),
                                std::move(incoming.signature_key), std::move(incoming.applied.reinit)});
  REQUIRE(crypto::equal_constant_time(next.confirmation_tag, *incoming.content.auth().confirmation_tag),
          kBadConfirmationTag, "RFC 9420 §12.4.2, MLS-147: the confirmation tag does not hold");
  return next;
}

// Everything about a commit but the wrapping of its successor.
struct CommitOutcome {
  CommitProcessed report;
  std::optional<GroupState> next;
};

// MLS-148
Result<CommitOutcome> process_commit(const GroupState& state, const AuthenticatedContent& content,
                                     const KnownPsks& psks, const CommitJudge& judge) {
  const Commit& commit = std::get<Commit>(content.content().body);
  const Sender& sender = content.content().sender;
  REQUIRE(!state.ended_by, kGroupEnded, "RFC 9420 §11.2, MLS-149: a ReInit ended this group");
  const auto list = TRY(resolve_proposals(state, commit, sender));
  auto applied = TRY(apply_proposals(state.context, state.tree, list, sender));
  REQUIRE(commit.path.has_value() || !applied.path_required, kMissingPath,
          "RFC 9420 §12.4, MLS-141: a path is missing");
  Incoming incoming{
      commit,       sender, content, sender.leaf, std::move(applied), state.keys.clone(), state.signature_key.clone(),
      state.context};
  adopt_own_update(state, list, incoming);
  TRY(merge_commit_path(state, incoming));
  CommitOutcome out{{report_commit(state.tree, state.own_leaf(), incoming.applied, incoming.applied.tree, sender,
                                   incoming.committer, commit.path.has_value(), content.content().authenticated_data),
                     std::nullopt},
                    std::nullopt};
  if (judge) TRY(judge(out.report));
  // MLS-150
  if (!out.report.removed_self) out.next = TRY(enter_epoch(state, std::move(incoming), psks));
  return out;
}

// Whether the application wants to see it committed.
Status judge_proposal(const AuthenticatedContent& content, const ProposalJudge& judge) {
  const FramedContent& framed = content.content();
  const Sender& sender = framed.sender;
  REQUIRE(judge || sender.type == SenderType::kMember, kNotWanted,
          "RFC 9420 §12.1.8, MLS-119: an external proposal that nobody authorises");
  if (!judge) return {};
  ProposalReport report{sender.type, std::nullopt, std::nullopt, framed.authenticated_data,
                        std::get<Proposal>(framed.body)};
  if (sender.type == SenderType::kMember) report.sender = sender.leaf;
  if (sender.type == SenderType::kExternal) report.external_index = sender.sender_index;
  return judge(report);
}

Result<ProposalStored> store_proposal(GroupState& state, const AuthenticatedContent& content,
                                      const ProposalJudge& judge) {
  const FramedContent& framed = content.content();
  const bool of_member = framed.sender.type == SenderType::kMember;
  QueuedProposal queued{std::get<Proposal>(framed.body), framed.sender, content.proposal_ref(*state.suite)};
  const ProposalType type = queued.proposal.type();
  REQUIRE(!state.ended_by, kGroupEnded, "RFC 9420 §11.2, MLS-149: a ReInit ended this group");
  REQUIRE(state.proposals.size() < kPendingProposalsMax, kTooManyProposals,
          "an epoch has at most kPendingProposalsMax proposals");
  const auto rivals = std::count_if(state.proposals.begin(), state.proposals.end(), [&](const QueuedProposal& one) {
    return of_member ? one.sender == framed.sender : one.sender.type != SenderType::kMember;
  });
  REQUIRE(static_cast<size_t>(rivals) < (of_member ? kMembersProposalsMax : kOutsidersProposalsMax), kTooManyProposals,
          "an epoch has at most kMembersProposalsMax proposals of a member, kOutsidersProposalsMax of all others");
  REQUIRE(type != ProposalType::kSelfRemove || content.value().wire_format == WireFormat::kPublicMessage,
          kInvalidProposal, "draft-ietf-mls-extensions, SelfRemove, MLS-191: sent as a PublicMessage");
  REQUIRE(is_default(type) || all_support(state.tree, type), kUnsupportedProposal,
          "RFC 9420 §12.2, MLS-130: a proposal of a type that some member does not support");
  TRY(validate_proposal(*state.suite, state.context, state.tree, queued));
  TRY(judge_proposal(content, judge));
  ProposalStored out{std::nullopt, type, queued.ref};
  if (of_member) out.sender = framed.sender.leaf;
  if (state.find_proposal(queued.ref) == nullptr) state.proposals.push_back(std::move(queued));
  return out;
}

bool is_about_generation(const ErrorCode& code) { return code == kTooFarAhead || code == kReplayed; }

}  // namespace

Result<Processed> Group::process(ByteView mls_message, Instant, const KnownPsks& psks, const CommitJudge& judge,
                                 const ProposalJudge& proposal_judge) {
  GroupState& state = *state_;
  const auto message = TRY(codec::decoded<MLSMessage>(mls_message));
  std::optional<PendingKey> key;
  std::optional<AuthenticatedContent> content;
  if (const auto* sealed = std::get_if<PrivateMessage>(&message.body)) {
    TRY(check_epoch(state.context, sealed->group_id, sealed->epoch));
    const OpeningEpoch epoch{*state.suite, state.context, state.own_leaf(), state.secrets.sender_data_secret,
                             state.secret_tree};
    auto opened = open_message(epoch, *sealed, [&](LeafIndex leaf) {
      const LeafNode* found = state.tree.leaf(leaf);
      return found == nullptr ? nullptr : &found->signature_key;
    });
    // Whether the key of a commit is still there depends on what this member was shown before: no verdict on the commit.
    REQUIRE(opened || sealed->content_type != ContentType::kCommit || !is_about_generation(opened.error().code),
            kCannotFollow, "RFC 9420 §9.1: this member has not the key that the commit is sealed with");
    if (!opened) return opened.error();
    key = std::move(opened->key);
    content = std::move(opened->content);
  } else {
    const auto* open = std::get_if<PublicMessage>(&message.body);
    REQUIRE(open != nullptr, kWrongWireFormat, "RFC 9420 §6, MLS-015: not a message to a group");
    content = TRY(open_public_message(state, *open));
  }

  std::optional<Processed> out;
  const FramedContent& framed = content->content();
  if (std::holds_alternative<Bytes>(framed.body)) {
    out = ApplicationMessage{framed.sender.leaf, content->take_application_data(), framed.authenticated_data,
                             key->generation, state.tree.leaf(framed.sender.leaf)->signature_key};
  } else if (std::holds_alternative<Proposal>(framed.body)) {
    out = TRY(store_proposal(state, *content, proposal_judge));
  } else {
    auto outcome = TRY(process_commit(state, *content, psks, judge));
    if (outcome.next) {
      outcome.report.successor = Group(std::make_unique<GroupState>(std::move(*outcome.next)));
    }
    out = std::move(outcome.report);
  }
  // MLS-087
  if (key) state.secret_tree.consume(std::move(*key));
  return std::move(*out);
}

}  // namespace godwit::mls
