// Proposals of ours by reference (RFC 9420 §12.1), and those of parties outside a group (§12.1.8).

#include <algorithm>

#include "mls/group_state.h"

namespace godwit::mls {
namespace {

// Seals a proposal and remembers it; `update` are the private keys that belong to it, if it is an Update.
Result<Bytes> propose(GroupState& state, Proposal proposal, std::optional<PendingUpdate> update,
                      const HandshakeFraming& framing, Random& random) {
  const Sender sender = Sender::member(state.own_leaf());
  REQUIRE(state.proposals.size() < kPendingProposalsMax, kTooManyProposals,
          "an epoch has at most kPendingProposalsMax proposals");
  TRY(validate_proposal(*state.suite, state.context, state.tree, {proposal, sender, {}}));
  auto sealed = TRY(seal_message(state, proposal, framing, random));
  const ProposalRef ref = sealed.content.proposal_ref(*state.suite);
  state.proposals.push_back({std::move(proposal), sender, ref});
  if (update) state.own_updates.insert_or_assign(ref, std::move(*update));
  return std::move(sealed.message);
}

// A proposal of somebody who has no keys of the group.
Bytes propose_from_outside(const Bytes& group_id, uint64_t epoch, const Sender& sender, Proposal proposal,
                           const crypto::Ed25519KeyPair& key, Bytes authenticated_data) {
  FramedContent framed{group_id, epoch, sender, std::move(authenticated_data), std::move(proposal)};
  // The group context is signed by members and by new_member_commit alone.
  const auto content = AuthenticatedContent::sign(WireFormat::kPublicMessage, std::move(framed), key, {});
  return codec::encoded(MLSMessage{PublicMessage{content.content(), content.auth(), {}}});
}

}  // namespace

Result<Bytes> Group::propose_add(const KeyPackage& key_package, Random& random, Instant now,
                                 const HandshakeFraming& framing) {
  TRY(key_package.leaf_node().lifetime.check(now));
  TRY(check_leaf_fits_group(key_package.leaf_node(), state_->context.extensions));
  return propose(*state_, {Add{key_package.content()}}, std::nullopt, framing, random);
}

Result<Bytes> Group::propose_remove(LeafIndex leaf, Random& random, const HandshakeFraming& framing) {
  REQUIRE(state_->tree.leaf(leaf) != nullptr, kNotAMember, "RFC 9420 §12.1.3: the leaf to remove is blank");
  return propose(*state_, {Remove{leaf}}, std::nullopt, framing, random);
}

Result<Bytes> Group::propose_update(const LeafNodeUpdate& update, Random& random, const HandshakeFraming& framing) {
  PendingUpdate pending{HpkeKeyPair::generate(*state_->suite, random), std::nullopt};
  if (update.signature_key) pending.signature_key = update.signature_key->clone();
  LeafNode leaf = updated_leaf_node(*state_, update, LeafNodeSource::kUpdate);
  leaf.encryption_key = pending.encryption_key.public_key;
  sign_leaf_node(leaf, pending.signature_key ? *pending.signature_key : state_->signature_key,
                 {state_->context.group_id, state_->own_leaf()});
  TRY(check_leaf_fits_group(leaf, state_->context.extensions));
  return propose(*state_, {Update{std::move(leaf)}}, std::move(pending), framing, random);
}

Result<Bytes> Group::propose_group_context_extensions(const Extensions& extensions, Random& random,
                                                      const HandshakeFraming& framing) {
  return propose(*state_, {GroupContextExtensions{extensions}}, std::nullopt, framing, random);
}

Result<Bytes> Group::propose_external_psk(ByteView psk_id, Random& random, const HandshakeFraming& framing) {
  auto id = external_psk_id(*state_->suite, to_bytes(psk_id), random);
  return propose(*state_, {PreSharedKeyProposal{std::move(id)}}, std::nullopt, framing, random);
}

Result<Bytes> Group::propose_resumption_psk(const ResumptionPskId& id, Random& random,
                                            const HandshakeFraming& framing) {
  auto named = resumption_psk_id(*state_->suite, ResumptionPSKUsage::kApplication, id, random);
  return propose(*state_, {PreSharedKeyProposal{std::move(named)}}, std::nullopt, framing, random);
}

Result<Bytes> Group::propose_reinit(const ReInit& reinit, Random& random, const HandshakeFraming& framing) {
  return propose(*state_, {reinit}, std::nullopt, framing, random);
}

Result<Bytes> Group::propose_self_remove(Random& random, ByteView authenticated_data) {
  REQUIRE(all_support(ProposalType::kSelfRemove), kUnsupportedProposal,
          "draft-ietf-mls-extensions, SelfRemove, MLS-193: all members support it");
  const Sender self = Sender::member(own_leaf());
  const bool first = std::none_of(state_->proposals.begin(), state_->proposals.end(), [&](const QueuedProposal& one) {
    return one.sender == self && one.proposal.type() == ProposalType::kSelfRemove;
  });
  REQUIRE(first, kInvalidProposalList, "draft-ietf-mls-extensions, SelfRemove, MLS-198: once in an epoch");
  const HandshakeFraming framing{WireFormat::kPublicMessage, to_bytes(authenticated_data)};
  return propose(*state_, {SelfRemove{}}, std::nullopt, framing, random);
}

Result<Bytes> external_proposal(const Bytes& group_id, uint64_t epoch, uint32_t sender_index, Proposal proposal,
                                const crypto::Ed25519KeyPair& key, Bytes authenticated_data) {
  const Sender sender{SenderType::kExternal, {}, sender_index};
  TRY(check_sender(sender, proposal.type()));
  TRY(check_size(authenticated_data.size()));
  return propose_from_outside(group_id, epoch, sender, std::move(proposal), key, std::move(authenticated_data));
}

Bytes new_member_proposal(const Bytes& group_id, uint64_t epoch, const KeyPackagePrivate& key_package,
                          Bytes authenticated_data) {
  return propose_from_outside(group_id, epoch, {SenderType::kNewMemberProposal, {}, 0}, {Add{key_package.key_package}},
                              key_package.signature_key, std::move(authenticated_data));
}

}  // namespace godwit::mls
