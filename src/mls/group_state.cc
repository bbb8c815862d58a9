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
                 ended_by,
                 secrets.clone(),
                 secret_tree.clone(),
                 {},
                 keys.clone(),
                 signature_key.clone(),
                 {},
                 stored};
  for (const auto& [epoch, psk] : resumption_psks) out.resumption_psks.emplace(epoch, psk.clone());
  for (const auto& [ref, update] : own_updates) {
    PendingUpdate copy{update.encryption_key.clone(), std::nullopt};
    if (update.signature_key) copy.signature_key = update.signature_key->clone();
    out.own_updates.emplace(ref, std::move(copy));
  }
  return out;
}

const QueuedProposal* GroupState::find_proposal(const ProposalRef& ref) const {
  const auto found =
      std::find_if(proposals.begin(), proposals.end(), [&](const QueuedProposal& one) { return one.ref == ref; });
  return found == proposals.end() ? nullptr : &*found;
}

std::vector<const Group*> with_group(const KnownPsks& psks, const Group& old) {
  std::vector<const Group*> out(psks.groups.begin(), psks.groups.end());
  out.push_back(&old);
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

CommitReport report_commit(const RatchetTree& before, std::optional<LeafIndex> own, const AppliedProposals& applied,
                           const RatchetTree& after, const Sender& sender, LeafIndex committer, bool has_path,
                           Bytes authenticated_data) {
  CommitReport out;
  out.authenticated_data = std::move(authenticated_data);
  for (const LeafIndex leaf : applied.added) out.added.push_back(make_member(leaf, *after.leaf(leaf)));
  for (const LeafIndex leaf : applied.removed) {
    out.removed.push_back(make_member(leaf, *before.leaf(leaf)));
    out.removed_self = out.removed_self || leaf == own;
  }
  out.self_removed = applied.self_removed;
  for (const LeafIndex leaf : applied.updated) out.updated.push_back(make_member(leaf, *after.leaf(leaf)));
  if (sender.type == SenderType::kMember) {
    out.sender = committer;
    if (has_path) out.updated.push_back(make_member(committer, *after.leaf(committer)));
  } else {
    out.added.push_back(make_member(committer, *after.leaf(committer)));
  }
  out.group_context_extensions_changed = applied.extensions_changed;
  if (applied.extensions_changed) out.group_context_extensions = applied.extensions;
  out.reinit = applied.reinit;
  out.pre_shared_keys = applied.psks.size();
  return out;
}

namespace {

// The resumption key of an epoch that this state still has; null: none.
// MLS-080
const crypto::SecretBuffer* find_resumption_psk(const GroupState& state, const PreSharedKeyID& id) {
  if (id.psk_group_id != state.context.group_id) return nullptr;
  if (id.psk_epoch == state.context.epoch) return &state.secrets.resumption_psk.buffer();
  const auto past = state.resumption_psks.find(id.psk_epoch);
  return past == state.resumption_psks.end() ? nullptr : &past->second.buffer();
}

}  // namespace

Result<std::vector<PreSharedKey>> resolve_psks(const GroupState* state, const std::vector<PreSharedKeyID>& ids,
                                               const KnownPsks& psks) {
  REQUIRE(ids.size() <= UINT16_MAX, kInvalidProposalList,
          "RFC 9420 §8.4, MLS-079: more pre-shared keys than can be numbered");
  std::vector<PreSharedKey> out;
  for (const PreSharedKeyID& id : ids) {
    const crypto::SecretBuffer* found = nullptr;
    if (id.psktype == PSKType::kExternal) {
      for (const ExternalPsk& one : psks.external) {
        if (one.id == id.psk_id) found = &one.secret;
      }
    } else {
      if (state != nullptr) found = find_resumption_psk(*state, id);
      for (const Group* group : psks.groups) {
        if (found == nullptr) found = find_resumption_psk(GroupState::of(*group), id);
      }
    }
    REQUIRE(found != nullptr, kUnknownPsk, "RFC 9420 §8.4, MLS-080, MLS-145: a pre-shared key that is not known here");
    out.push_back({id, found->clone()});
  }
  return out;
}

GroupState next_state(const CipherSuite& suite, const GroupState* before, EpochInputs inputs) {
  const auto member_secret = derive_member_secret(suite, inputs.joiner_secret, inputs.psk_secret);
  NewEpoch epoch = derive_epoch(suite, member_secret, codec::encoded(inputs.context));
  const Bytes tag = confirmation_tag(suite, epoch.secrets.confirmation_key, inputs.context.confirmed_transcript_hash);
  const Bytes interim = interim_transcript_hash(suite, inputs.context.confirmed_transcript_hash, tag);
  SecretTree secret_tree(suite, inputs.tree.leaf_count(), epoch.encryption_secret);
  GroupState out{&suite,
                 std::move(inputs.context),
                 std::move(inputs.tree),
                 interim,
                 tag,
                 {},
                 std::move(inputs.ended_by),
                 std::move(epoch.secrets),
                 std::move(secret_tree),
                 {},
                 std::move(inputs.keys),
                 std::move(inputs.signature_key),
                 {}};
  out.stored.entered_anew = before == nullptr;
  if (before == nullptr) return out;
  out.stored.tree = before->stored.tree;
  for (const auto& [number, psk] : before->resumption_psks) out.resumption_psks.emplace(number, psk.clone());
  out.resumption_psks.emplace(before->context.epoch, before->secrets.resumption_psk.clone());
  // MLS-082
  while (out.resumption_psks.size() > kResumptionPsksMax) out.resumption_psks.erase(out.resumption_psks.begin());
  return out;
}

Status check_epoch(const GroupContext& context, const Bytes& group_id, uint64_t epoch) {
  REQUIRE(group_id == context.group_id, kWrongGroup, "RFC 9420 §6, MLS-017: a message of another group");
  REQUIRE(epoch >= context.epoch, kStaleEpoch, "RFC 9420 §6, MLS-107: a message of an epoch that is over");
  REQUIRE(epoch <= context.epoch, kFutureEpoch, "RFC 9420 §6, MLS-107: a message of an epoch that has not begun");
  return {};
}

GroupInfoIn make_group_info(const GroupState& state, Extensions extensions) {
  GroupInfoIn out;
  out.group_context = state.context;
  out.extensions = std::move(extensions);
  out.confirmation_tag = state.confirmation_tag;
  out.signer = state.own_leaf();
  sign_group_info(out, state.signature_key);
  return out;
}

Extension external_pub_extension(const GroupState& state) {
  const auto key = HpkeKeyPair::derive(*state.suite, state.secrets.external_secret.reveal());
  return {ExtensionType::kExternalPub, codec::encoded(ExternalPub{key.public_key})};
}

Extension ratchet_tree_extension(const GroupState& state) {
  return {ExtensionType::kRatchetTree, codec::encoded(state.tree)};
}

LeafNode updated_leaf_node(const GroupState& state, const LeafNodeUpdate& update, LeafNodeSource source) {
  LeafNode out = *state.tree.leaf(state.own_leaf());
  out.source = source;
  out.lifetime = {};
  out.parent_hash.clear();
  if (update.signature_key) out.signature_key = to_bytes(update.signature_key->public_key);
  if (update.extensions) out.extensions = *update.extensions;
  if (update.cipher_suites) {
    auto& suites = out.capabilities.cipher_suites;
    std::erase_if(suites, [&](CipherSuiteId id) { return !is_grease(id) && id != state.suite->id; });
    for (const CipherSuiteId id : *update.cipher_suites) {
      if (std::find(suites.begin(), suites.end(), id) == suites.end()) suites.push_back(id);
    }
  }
  auto& listed = out.capabilities.extensions;
  if (update.supported) {
    std::erase_if(listed, [](ExtensionType type) { return !is_grease(type); });
    listed.insert(listed.end(), update.supported->begin(), update.supported->end());
  }
  listed = listed_types(listed, out.extensions);
  return out;
}

namespace {

// MLS-078
Bytes fresh_nonce(const CipherSuite& suite, Random& random) {
  Bytes out(suite.hash_size());
  random.fill(out);
  return out;
}

}  // namespace

PreSharedKeyID external_psk_id(const CipherSuite& suite, const Bytes& psk_id, Random& random) {
  PreSharedKeyID out;
  out.psk_id = psk_id;
  out.psk_nonce = fresh_nonce(suite, random);
  return out;
}

PreSharedKeyID resumption_psk_id(const CipherSuite& suite, ResumptionPSKUsage usage, const ResumptionPskId& id,
                                 Random& random) {
  PreSharedKeyID out;
  out.psktype = PSKType::kResumption;
  out.usage = usage;
  out.psk_group_id = id.group_id;
  out.psk_epoch = id.epoch;
  out.psk_nonce = fresh_nonce(suite, random);
  return out;
}

Result<Bytes> seal_content(GroupState& state, const AuthenticatedContent& content, const HandshakeFraming& framing,
                           Random& random) {
  const CipherSuite& suite = *state.suite;
  if (framing.wire_format == WireFormat::kPublicMessage) {
    return codec::encoded(MLSMessage{seal_public(suite, content, state.secrets.membership_key, state.context)});
  }
  const PendingKey key = TRY(state.secret_tree.next(state.own_leaf(), ratchet_kind(content.content().content_type())));
  return codec::encoded(
      MLSMessage{seal_private(suite, content, key, state.secrets.sender_data_secret, framing.padding, random)});
}

Status check_size(size_t size) {
  REQUIRE(size <= kContentSizeMax, kTooLarge, "RFC 9420 §2.1.2, MLS-030: a message with more bytes than readers take");
  return {};
}

Result<SealedMessage> seal_message(GroupState& state, ContentBody body, const HandshakeFraming& framing,
                                   Random& random) {
  REQUIRE(!state.ended_by, kGroupEnded, "RFC 9420 §11.2, MLS-149: a ReInit ended this group");
  const auto* plaintext = std::get_if<Bytes>(&body);
  TRY(check_size((plaintext == nullptr ? 0 : plaintext->size()) + framing.authenticated_data.size()));
  FramedContent framed{state.context.group_id, state.context.epoch, Sender::member(state.own_leaf()),
                       framing.authenticated_data, std::move(body)};
  auto content = AuthenticatedContent::sign(framing.wire_format, std::move(framed), state.signature_key, state.context);
  Bytes message = TRY(seal_content(state, content, framing, random));
  return SealedMessage{std::move(message), std::move(content)};
}

}  // namespace godwit::mls
