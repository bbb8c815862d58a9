// Group: founding, looking at it, application messages.

#include "mls/group.h"

#include <algorithm>

#include "mls/group_state.h"

namespace godwit::mls {

Group::Group(std::unique_ptr<GroupState> state) : state_(std::move(state)) {}
Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;
Group::~Group() = default;
Group Group::clone() const { return Group(std::make_unique<GroupState>(state_->clone())); }

// MLS-097
Result<Group> Group::create(const CipherSuite& suite, const GroupCreate& parameters, Random& random, Instant now) {
  HpkeKeyPair key = HpkeKeyPair::generate(suite, random);
  LeafNode leaf = make_leaf_node(suite, parameters.leaf, key.public_key, LeafNodeSource::kKeyPackage, random);
  leaf.lifetime = {(now - kLifetimeMargin).unix_seconds(), (now + days(366)).unix_seconds()};
  sign_leaf_node(leaf, parameters.leaf.signature_key, {});
  TRY(validate_leaf_node(suite, leaf, LeafNodeSource::kKeyPackage, {}));
  TRY(check_group_context_extensions(parameters.group_context_extensions));
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
                   {},
                   std::move(epoch.secrets),
                   std::move(secret_tree),
                   {},
                   std::move(keys),
                   parameters.leaf.signature_key.clone(),
                   {}};
  return Group(std::make_unique<GroupState>(std::move(state)));
}

Result<Bytes> Group::protect(ByteView plaintext, ByteView authenticated_data, Random& random, Padding padding) {
  // So that somebody whose removal was proposed reads nothing of what is said after it. Our own Update and SelfRemove
  // are for others to commit.
  const Sender own = Sender::member(state_->own_leaf());
  const bool quiet = std::all_of(state_->proposals.begin(), state_->proposals.end(), [&](const QueuedProposal& one) {
    const ProposalType type = one.proposal.type();
    return one.sender == own && (type == ProposalType::kUpdate || type == ProposalType::kSelfRemove);
  });
  REQUIRE(quiet, kCommitFirst, "RFC 9420 §12.4, MLS-138: proposals are committed before application data is sent");
  const HandshakeFraming framing{WireFormat::kPrivateMessage, to_bytes(authenticated_data), padding};
  return TRY(seal_message(*state_, to_bytes(plaintext), framing, random)).message;
}

Result<crypto::SecretBuffer> Group::exporter(std::string_view label, ByteView context, size_t size) const {
  REQUIRE(size <= 255 * suite().hash_size(), kMalformed, "RFC 9420 §8.5, MLS-081: more bytes than KDF.Expand gives");
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
const std::optional<ReInit>& Group::ended_by() const { return state_->ended_by; }
bool Group::all_support(ProposalType type) const { return mls::all_support(state_->tree, type); }
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
  Extensions extensions{external_pub_extension(*state_)};
  if (with_ratchet_tree) extensions.push_back(ratchet_tree_extension(*state_));
  return codec::encoded(MLSMessage{make_group_info(*state_, std::move(extensions))});
}

}  // namespace godwit::mls
