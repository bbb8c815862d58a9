// Group: founding, looking at it, sending.

#include "mls/group.h"

#include <algorithm>

#include "mls/group_state.h"

namespace godwit::mls {

Group::Group(std::unique_ptr<GroupState> state) : state_(std::move(state)) {}
Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;
Group::~Group() = default;
Group Group::clone() const { return Group(std::make_unique<GroupState>(state_->clone())); }

Result<Group> Group::create(const CipherSuite& suite, const GroupCreate& parameters, Random& random, Instant now) {
  HpkeKeyPair key = HpkeKeyPair::generate(suite, random);
  LeafNode leaf = make_leaf_node(suite, parameters.leaf, key.public_key, LeafNodeSource::kKeyPackage);
  leaf.lifetime = {(now - kLifetimeMargin).unix_seconds(), (now + days(366)).unix_seconds()};
  sign_leaf_node(leaf, parameters.leaf.signature_key, {});
  TRY(validate_leaf_node(suite, leaf, LeafNodeSource::kKeyPackage, {}));
  TRY(check_no_duplicates(parameters.group_context_extensions));
  TRY(check_leaf_fits_group(leaf, parameters.group_context_extensions));

  RatchetTree tree(std::move(leaf));
  GroupContext context;
  context.cipher_suite = suite.id;
  context.group_id = parameters.group_id;
  context.tree_hash = tree.tree_hash(suite);
  context.extensions = parameters.group_context_extensions;
  NewEpoch epoch = derive_epoch(suite, EpochSecret(crypto::SecretBuffer::random(random, suite.hash_size())));
  const Bytes tag = mls::confirmation_tag(suite, epoch.secrets.confirmation_key, context.confirmed_transcript_hash);
  const Bytes interim = interim_transcript_hash(suite, context.confirmed_transcript_hash, tag);
  TreeKemPrivate keys;
  keys.keys.emplace(NodeIndex{0}, std::move(key));
  SecretTree secret_tree(suite, tree.leaf_count(), epoch.encryption_secret);
  GroupState state{&suite,
                   std::move(context),
                   std::move(tree),
                   interim,
                   tag,
                   {},
                   false,
                   std::move(epoch.secrets),
                   std::move(secret_tree),
                   {},
                   std::move(keys),
                   parameters.leaf.signature_key.clone(),
                   {}};
  return Group(std::make_unique<GroupState>(std::move(state)));
}

Result<Bytes> Group::protect(ByteView plaintext, ByteView authenticated_data, Random& random, Padding padding) {
  // So that somebody whose removal was proposed reads nothing of what is said after it.
  const Sender own = Sender::member(state_->own_leaf());
  const bool quiet = std::all_of(state_->proposals.begin(), state_->proposals.end(),
                                 [&](const auto& entry) { return entry.second.sender == own; });
  REQUIRE(quiet, kCommitFirst, "RFC 9420 §12.4: proposals of others are committed before application data is sent");
  return TRY(seal_message(*state_, to_bytes(plaintext), authenticated_data, padding, random)).message;
}

namespace {

// Seals a proposal and remembers it; `update` are the private keys that belong to it, if it is an Update.
Result<Bytes> propose(GroupState& state, Proposal proposal, std::optional<PendingUpdate> update, Random& random) {
  const Sender sender = Sender::member(state.own_leaf());
  REQUIRE(state.proposals.size() < kPendingProposalsMax, kTooManyProposals,
          "an epoch has at most kPendingProposalsMax proposals");
  TRY(validate_proposal(*state.suite, state.context, state.tree, {proposal, sender, {}}));
  auto sealed = TRY(seal_message(state, proposal, {}, Padding::kBuckets, random));
  const ProposalRef ref = sealed.content.proposal_ref(*state.suite);
  state.proposals.insert_or_assign(ref, QueuedProposal{std::move(proposal), sender, ref});
  if (update) state.own_updates.insert_or_assign(ref, std::move(*update));
  return std::move(sealed.message);
}

}  // namespace

Result<Bytes> Group::propose_add(const KeyPackage& key_package, Random& random, Instant now) {
  TRY(key_package.leaf_node().lifetime.check(now));
  TRY(check_leaf_fits_group(key_package.leaf_node(), state_->context.extensions));
  return propose(*state_, {Add{key_package.content()}}, std::nullopt, random);
}

Result<Bytes> Group::propose_remove(LeafIndex leaf, Random& random) {
  REQUIRE(state_->tree.leaf(leaf) != nullptr, kNotAMember, "RFC 9420 §12.1.3: the leaf to remove is blank");
  return propose(*state_, {Remove{leaf}}, std::nullopt, random);
}

Result<Bytes> Group::propose_update(const LeafNodeUpdate& update, Random& random) {
  PendingUpdate pending{HpkeKeyPair::generate(*state_->suite, random), std::nullopt};
  if (update.signature_key) pending.signature_key = update.signature_key->clone();
  LeafNode leaf = updated_leaf_node(*state_, update, pending.encryption_key.public_key, LeafNodeSource::kUpdate);
  sign_leaf_node(leaf, pending.signature_key ? *pending.signature_key : state_->signature_key,
                 {state_->context.group_id, state_->own_leaf()});
  TRY(check_leaf_fits_group(leaf, state_->context.extensions));
  return propose(*state_, {Update{std::move(leaf)}}, std::move(pending), random);
}

Result<Bytes> Group::propose_group_context_extensions(const Extensions& extensions, Random& random) {
  return propose(*state_, {GroupContextExtensions{extensions}}, std::nullopt, random);
}

Result<Bytes> Group::propose_external_psk(ByteView psk_id, Random& random) {
  return propose(*state_, external_psk_proposal(suite(), psk_id, random), std::nullopt, random);
}

Result<crypto::SecretBuffer> Group::exporter(std::string_view label, ByteView context, size_t size) const {
  REQUIRE(size <= 255 * suite().hash_size(), kMalformed, "RFC 9420 §8.5: more bytes than KDF.Expand gives");
  return export_secret(*state_->suite, state_->secrets.exporter_secret, label, context, size);
}

uint64_t Group::epoch() const { return state_->context.epoch; }
const Bytes& Group::group_id() const { return state_->context.group_id; }
const CipherSuite& Group::suite() const { return *state_->suite; }
Bytes Group::epoch_authenticator() const { return to_bytes(state_->secrets.epoch_authenticator.reveal()); }
Bytes Group::tree_hash() const { return state_->context.tree_hash; }
const Extensions& Group::group_context_extensions() const { return state_->context.extensions; }
LeafIndex Group::own_leaf() const { return state_->own_leaf(); }
size_t Group::pending_proposals() const { return state_->proposals.size(); }
Bytes Group::ratchet_tree() const { return codec::encoded(state_->tree); }

std::vector<Member> Group::members() const {
  std::vector<Member> out;
  for (const LeafIndex index : state_->tree.members()) out.push_back(make_member(index, *state_->tree.leaf(index)));
  return out;
}

std::optional<Member> Group::member(LeafIndex leaf) const {
  const LeafNode* found = state_->tree.leaf(leaf);
  if (found == nullptr) return std::nullopt;
  return make_member(leaf, *found);
}

bool Group::own_path_is_blank() const {
  const auto path = state_->tree.filtered_direct_path(own_leaf());
  return std::any_of(path.begin(), path.end(), [&](const PathStep& step) {
    const ParentNode* node = state_->tree.parent_node(step.node);
    return node == nullptr ||
           std::binary_search(node->unmerged_leaves.begin(), node->unmerged_leaves.end(), own_leaf());
  });
}

uint32_t Group::sender_generation() const {
  return state_->secret_tree.generation(own_leaf(), RatchetKind::kApplication);
}

Bytes Group::group_info(bool with_ratchet_tree) const {
  return codec::encoded(MLSMessage{make_group_info(*state_, true, with_ratchet_tree)});
}

}  // namespace godwit::mls
