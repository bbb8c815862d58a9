// What the two sides of a commit and of a message have in common.

#include "mls/group_state.h"

#include <algorithm>

namespace godwit::mls {

GroupState GroupState::clone() const {
  GroupState out{suite,
                 context,
                 tree,
                 interim_transcript_hash,
                 confirmation_tag,
                 proposals,
                 ended,
                 secrets.clone(),
                 secret_tree.clone(),
                 {},
                 keys.clone(),
                 signature_key.clone(),
                 {}};
  for (const auto& [epoch, psk] : resumption_psks) out.resumption_psks.emplace(epoch, psk.clone());
  for (const auto& [ref, update] : own_updates) {
    PendingUpdate copy{update.encryption_key.clone(), std::nullopt};
    if (update.signature_key) copy.signature_key = update.signature_key->clone();
    out.own_updates.emplace(ref, std::move(copy));
  }
  return out;
}

Member make_member(LeafIndex index, const LeafNode& leaf) {
  Member out;
  out.leaf = index;
  out.identity = leaf.credential.identity;
  ASSERT(leaf.signature_key.size() == out.signature_key.size());
  std::copy(leaf.signature_key.begin(), leaf.signature_key.end(), out.signature_key.begin());
  out.extensions = leaf.extensions;
  return out;
}

CommitReport report_commit(const GroupState& state, const AppliedProposals& applied, const RatchetTree& after,
                           const Sender& sender, LeafIndex committer, bool has_path, Bytes authenticated_data) {
  CommitReport out;
  out.authenticated_data = std::move(authenticated_data);
  for (const LeafIndex leaf : applied.added) out.added.push_back(make_member(leaf, *after.leaf(leaf)));
  for (const LeafIndex leaf : applied.removed) {
    out.removed.push_back(make_member(leaf, *state.tree.leaf(leaf)));
    out.removed_self = out.removed_self || leaf == state.own_leaf();
  }
  for (const LeafIndex leaf : applied.updated) out.updated.push_back(make_member(leaf, *after.leaf(leaf)));
  if (sender.type == SenderType::kMember) {
    out.sender = committer;
    if (has_path) out.updated.push_back(make_member(committer, *after.leaf(committer)));
  } else {
    out.added.push_back(make_member(committer, *after.leaf(committer)));
  }
  out.group_context_extensions_changed = applied.extensions_changed;
  out.reinit = applied.reinit.has_value();
  out.pre_shared_keys = applied.psks.size();
  return out;
}

Result<std::vector<PreSharedKey>> resolve_psks(const GroupState* state, const std::vector<PreSharedKeyID>& ids,
                                               std::span<const ExternalPsk> psks) {
  REQUIRE(ids.size() <= UINT16_MAX, kInvalidProposalList, "RFC 9420 §8.4: more pre-shared keys than can be numbered");
  std::vector<PreSharedKey> out;
  for (const PreSharedKeyID& id : ids) {
    if (id.psktype == PSKType::kExternal) {
      const auto found =
          std::find_if(psks.begin(), psks.end(), [&](const ExternalPsk& one) { return one.id == id.psk_id; });
      REQUIRE(found != psks.end(), kUnknownPsk, "RFC 9420 §8.4: an external pre-shared key that is not known here");
      out.push_back({id, found->secret.clone()});
      continue;
    }
    REQUIRE(state != nullptr && id.psk_group_id == state->context.group_id, kUnknownPsk,
            "RFC 9420 §8.6: a resumption key of another group");
    const auto past = state->resumption_psks.find(id.psk_epoch);
    const bool is_current = id.psk_epoch == state->context.epoch;
    REQUIRE(is_current || past != state->resumption_psks.end(), kUnknownPsk,
            "RFC 9420 §8.6: a resumption key that is not kept any more");
    out.push_back({id, (is_current ? state->secrets.resumption_psk : past->second).buffer().clone()});
  }
  return out;
}

GroupState next_state(const GroupState& before, EpochInputs inputs) {
  const CipherSuite& suite = *before.suite;
  const auto member_secret = derive_member_secret(suite, inputs.joiner_secret, inputs.psk_secret);
  NewEpoch epoch = derive_epoch(suite, member_secret, codec::encoded(inputs.context));
  const Bytes tag = confirmation_tag(suite, epoch.secrets.confirmation_key, inputs.context.confirmed_transcript_hash);
  const Bytes interim = interim_transcript_hash(suite, inputs.context.confirmed_transcript_hash, tag);
  SecretTree secret_tree(suite, inputs.tree.leaf_count(), epoch.encryption_secret);
  GroupState out{before.suite,
                 std::move(inputs.context),
                 std::move(inputs.tree),
                 interim,
                 tag,
                 {},
                 inputs.ended,
                 std::move(epoch.secrets),
                 std::move(secret_tree),
                 {},
                 std::move(inputs.keys),
                 std::move(inputs.signature_key),
                 {}};
  for (const auto& [number, psk] : before.resumption_psks) out.resumption_psks.emplace(number, psk.clone());
  out.resumption_psks.emplace(before.context.epoch, before.secrets.resumption_psk.clone());
  while (out.resumption_psks.size() > kResumptionPsksMax) out.resumption_psks.erase(out.resumption_psks.begin());
  return out;
}

Status check_epoch(const GroupContext& context, const Bytes& group_id, uint64_t epoch) {
  REQUIRE(group_id == context.group_id, kWrongGroup, "RFC 9420 §6: a message of another group");
  REQUIRE(epoch >= context.epoch, kStaleEpoch, "RFC 9420 §6: a message of an epoch that is over");
  REQUIRE(epoch <= context.epoch, kFutureEpoch, "RFC 9420 §6: a message of an epoch that has not begun");
  return {};
}

GroupInfoIn make_group_info(const GroupState& state, bool external_pub, bool ratchet_tree) {
  GroupInfoIn out;
  out.group_context = state.context;
  out.confirmation_tag = state.confirmation_tag;
  out.signer = state.own_leaf();
  if (external_pub) {
    const auto key = HpkeKeyPair::derive(*state.suite, state.secrets.external_secret.reveal());
    out.extensions.push_back({ExtensionType::kExternalPub, codec::encoded(ExternalPub{key.public_key})});
  }
  if (ratchet_tree) out.extensions.push_back({ExtensionType::kRatchetTree, codec::encoded(state.tree)});
  sign_group_info(out, state.signature_key);
  return out;
}

LeafNode updated_leaf_node(const GroupState& state, const LeafNodeUpdate& update, Bytes encryption_key,
                           LeafNodeSource source) {
  const LeafNode& before = *state.tree.leaf(state.own_leaf());
  LeafParameters parameters{before.credential.identity, state.signature_key.clone(), before.extensions,
                            before.capabilities.extensions};
  if (update.extensions) parameters.extensions = *update.extensions;
  if (update.signature_key) parameters.signature_key = update.signature_key->clone();
  if (update.supported) parameters.supported = *update.supported;
  LeafNode out = make_leaf_node(*state.suite, parameters, std::move(encryption_key), source);
  out.capabilities.cipher_suites = before.capabilities.cipher_suites;
  out.capabilities.proposals = before.capabilities.proposals;
  return out;
}

Proposal external_psk_proposal(const CipherSuite& suite, ByteView psk_id, Random& random) {
  PreSharedKeyID id;
  id.psk_id = to_bytes(psk_id);
  id.psk_nonce = Bytes(suite.hash_size());
  random.fill(id.psk_nonce);
  return {PreSharedKeyProposal{std::move(id)}};
}

Result<SealedMessage> seal_message(GroupState& state, ContentBody body, ByteView authenticated_data, Padding padding,
                                   Random& random) {
  REQUIRE(!state.ended, kGroupEnded, "RFC 9420 §11.2: a ReInit ended this group");
  FramedContent framed{state.context.group_id, state.context.epoch, Sender::member(state.own_leaf()),
                       to_bytes(authenticated_data), std::move(body)};
  const ContentType type = framed.content_type();
  auto content =
      AuthenticatedContent::sign(WireFormat::kPrivateMessage, std::move(framed), state.signature_key, state.context);
  const PendingKey key = TRY(state.secret_tree.next(state.own_leaf(), ratchet_kind(type)));
  PrivateMessage sealed = seal_private(*state.suite, content, key, state.secrets.sender_data_secret, padding, random);
  return SealedMessage{codec::encoded(MLSMessage{std::move(sealed)}), std::move(content)};
}

}  // namespace godwit::mls
