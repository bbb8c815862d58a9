// The stored form of a group (docs/protocol/mls.md, "Storage forms").

#include "mls/group_state.h"

namespace godwit::mls {
namespace {

constexpr const char* kDamaged = "mls.md, group state: damaged";

void write_key_pair(SecretWriter& writer, const HpkeKeyPair& key) {
  writer.secret(key.private_key);
  writer.value(key.public_key);
}

Result<HpkeKeyPair> read_key_pair(codec::Reader& reader) {
  HpkeKeyPair out;
  out.private_key = TRY(read_secret(reader));
  out.public_key = TRY(codec::decode<Bytes>(reader));
  return out;
}

Result<crypto::Ed25519KeyPair> read_signature_key(codec::Reader& reader) {
  const ByteView seed = TRY(reader.opaque());
  REQUIRE(seed.size() == crypto::kEd25519SeedSize, kBadState, kDamaged);
  return crypto::Ed25519KeyPair::from_seed(TRY(crypto::Secret<crypto::kEd25519SeedSize>::copy_of(seed)));
}

void write_secrets(SecretWriter& writer, const EpochSecrets& secrets) {
  writer.secret(secrets.exporter_secret.buffer());
  writer.secret(secrets.external_secret.buffer());
  writer.secret(secrets.confirmation_key.buffer());
  writer.secret(secrets.membership_key.buffer());
  writer.secret(secrets.resumption_psk.buffer());
  writer.secret(secrets.epoch_authenticator.buffer());
  writer.secret(secrets.init_secret.buffer());
}

template <typename Secret>
Status read_schedule_secret(codec::Reader& reader, const CipherSuite& suite, Secret& out) {
  out = Secret(TRY(read_secret(reader)));
  REQUIRE(out.buffer().size() == suite.hash_size(), kBadState, kDamaged);
  return {};
}

Result<EpochSecrets> read_secrets(codec::Reader& reader, const CipherSuite& suite) {
  EpochSecrets out;
  TRY(read_schedule_secret(reader, suite, out.exporter_secret));
  TRY(read_schedule_secret(reader, suite, out.external_secret));
  TRY(read_schedule_secret(reader, suite, out.confirmation_key));
  TRY(read_schedule_secret(reader, suite, out.membership_key));
  TRY(read_schedule_secret(reader, suite, out.resumption_psk));
  TRY(read_schedule_secret(reader, suite, out.epoch_authenticator));
  TRY(read_schedule_secret(reader, suite, out.init_secret));
  return out;
}

// What a member has but once, and what changes with each epoch.
crypto::SecretBuffer write_head(const GroupState& state) {
  SecretWriter writer;
  writer.value(kStateVersion);
  writer.value(state.context.epoch);
  writer.value(state.interim_transcript_hash);
  writer.value(state.confirmation_tag);
  writer.value(state.ended_by);
  write_secrets(writer, state.secrets);
  writer.value(static_cast<uint32_t>(state.resumption_psks.size()));
  for (const auto& [epoch, psk] : state.resumption_psks) {
    writer.value(epoch);
    writer.secret(psk.buffer());
  }
  writer.value(static_cast<uint32_t>(state.keys.keys.size()));
  for (const auto& [node, key] : state.keys.keys) {
    writer.value(node);
    write_key_pair(writer, key);
  }
  writer.opaque(state.signature_key.seed.reveal());
  return writer.take();
}

struct Head {
  Bytes interim_transcript_hash;
  Bytes confirmation_tag;
  std::optional<ReInit> ended_by;
  EpochSecrets secrets;
  std::map<uint64_t, ResumptionPsk> resumption_psks;
  std::map<NodeIndex, HpkeKeyPair> keys;
  crypto::Ed25519KeyPair signature_key;
};

// What follows version and epoch.
Result<Head> read_head(codec::Reader& reader, const CipherSuite& suite) {
  Head out;
  out.interim_transcript_hash = TRY(codec::decode<Bytes>(reader));
  out.confirmation_tag = TRY(codec::decode<Bytes>(reader));
  out.ended_by = TRY(codec::decode<std::optional<ReInit>>(reader));
  out.secrets = TRY(read_secrets(reader, suite));
  const uint32_t psks = TRY(reader.u32());
  for (uint32_t i = 0; i < psks; ++i) {
    const uint64_t epoch = TRY(reader.u64());
    TRY(read_schedule_secret(reader, suite, out.resumption_psks[epoch]));
  }
  const uint32_t keys = TRY(reader.u32());
  for (uint32_t i = 0; i < keys; ++i) {
    const auto node = TRY(codec::decode<NodeIndex>(reader));
    out.keys.insert_or_assign(node, TRY(read_key_pair(reader)));
  }
  out.signature_key = TRY(read_signature_key(reader));
  REQUIRE(reader.at_end(), kBadState, kDamaged);
  return out;
}

// A proposal that waits, with the private keys that belong to it if it is an Update of our own.
crypto::SecretBuffer write_proposal(const GroupState& state, const QueuedProposal& one) {
  SecretWriter writer;
  writer.value(one.ref);
  writer.value(one.sender);
  writer.value(one.proposal);
  const auto own = state.own_updates.find(one.ref);
  if (own == state.own_updates.end()) return writer.take();
  write_key_pair(writer, own->second.encryption_key);
  if (own->second.signature_key) writer.opaque(own->second.signature_key->seed.reveal());
  return writer.take();
}

Status read_proposal(const StateRecord& record, GroupState& state) {
  QueuedProposal one;
  REQUIRE(TRY(codec::decoded<uint32_t>(record.rest)) == state.proposals.size(), kBadState, kDamaged);
  codec::Reader reader(record.value);
  one.ref = TRY(codec::decode<ProposalRef>(reader));
  one.sender = TRY(codec::decode<Sender>(reader));
  one.proposal = TRY(codec::decode<Proposal>(reader));
  if (!reader.at_end()) {
    PendingUpdate update{TRY(read_key_pair(reader)), std::nullopt};
    if (!reader.at_end()) update.signature_key = TRY(read_signature_key(reader));
    REQUIRE(reader.at_end() && std::holds_alternative<Update>(one.proposal.body), kBadState, kDamaged);
    state.own_updates.emplace(one.ref, std::move(update));
  }
  TRY(validate_proposal(*state.suite, state.context, state.tree, one));
  state.proposals.push_back(std::move(one));
  ++state.stored.proposals;
  return {};
}

Result<RatchetTree> read_tree(const StateRecords& records, const EpochPart& part) {
  RatchetTreeIn in;
  for (const auto& [rest, value] : records_under(records, state_key(StateKind::kTreeNode))) {
    const auto node = TRY(codec::decoded<NodeIndex>(rest));
    REQUIRE(part.leaf_count.value <= kLeavesMax && node.value < node_count(part.leaf_count), kBadState, kDamaged);
    in.nodes.resize(node.value + 1);
    in.nodes.back() = TRY(codec::decoded<std::optional<Node>>(value));
  }
  auto tree = TRY(RatchetTree::unpack(std::move(in)));
  REQUIRE(tree.leaf_count() == part.leaf_count && tree.tree_hash(*part.suite) == part.context.tree_hash, kBadState,
          "mls.md, storage forms: a node is missing or of another tree");
  return tree;
}

// The private half fits the public one.
Status check_own_keys(const GroupState& state) {
  const LeafNode* own = state.tree.leaf(state.own_leaf());
  REQUIRE(own != nullptr && equal(own->signature_key, state.signature_key.public_key) &&
              state.keys.keys.contains(to_node(state.own_leaf())),
          kBadState, kDamaged);
  TreeKemPrivate held = state.keys.clone();
  held.prune(state.tree);
  REQUIRE(held.keys.size() == state.keys.keys.size(), kBadState, kDamaged);
  return {};
}

Result<GroupState> read_group(SuiteTable suites, const StateRecords& records) {
  codec::Reader reader(TRY(record_at(records, state_key(StateKind::kHead))));
  REQUIRE(TRY(reader.u8()) == kStateVersion, kUnknownStateVersion, "mls.md, storage forms: another version");
  const uint64_t number = TRY(reader.u64());
  EpochPart part = TRY(read_epoch(suites, records, number));
  Head head = TRY(read_head(reader, *part.suite));
  REQUIRE(TRY(epochs_of(records)).back() == number, kBadState, "mls.md, storage forms: an epoch after the head's");
  auto tree = TRY(read_tree(records, part));
  auto secret_tree = TRY(SecretTree::restore(*part.suite, part.leaf_count, number, records));
  GroupState out{part.suite,
                 std::move(part.context),
                 tree,
                 std::move(head.interim_transcript_hash),
                 std::move(head.confirmation_tag),
                 {},
                 std::move(head.ended_by),
                 std::move(head.secrets),
                 std::move(secret_tree),
                 std::move(head.resumption_psks),
                 {part.own_leaf, std::move(head.keys)},
                 std::move(head.signature_key),
                 {},
                 {std::move(tree), true, {}}};
  out.secrets.sender_data_secret = std::move(part.sender_data_secret);
  TRY(check_own_keys(out));
  for (const StateRecord& one : records_under(records, state_key(StateKind::kProposal, number))) {
    TRY(read_proposal(one, out));
  }
  return out;
}

// The nodes that the tree does not share with what is stored.
void take_tree_changes(GroupState& state, StateChanges& out) {
  const RatchetTree& tree = state.tree;
  for (const NodeIndex node : state.stored.tree ? tree.changed_nodes(*state.stored.tree) : filled_nodes(tree)) {
    out.push_back({state_key(StateKind::kTreeNode, node), std::nullopt});
    if (tree.encryption_key(node) == nullptr) continue;
    out.back().value = crypto::SecretBuffer::adopt(tree.encoded_node(node));
  }
  state.stored.tree = tree;
}

}  // namespace

std::vector<NodeIndex> filled_nodes(const RatchetTree& tree) {
  std::vector<NodeIndex> out;
  for (uint32_t i = 0; i < node_count(tree.leaf_count()); ++i) {
    if (tree.encryption_key({i}) != nullptr) out.push_back({i});
  }
  return out;
}

crypto::SecretBuffer write_epoch(const EpochPart& part) {
  SecretWriter writer;
  writer.value(kStateVersion);
  writer.value(part.suite->id);
  writer.value(part.context);
  writer.value(part.own_leaf);
  writer.value(part.leaf_count);
  writer.secret(part.sender_data_secret.buffer());
  return writer.take();
}

Result<EpochPart> read_epoch(SuiteTable suites, const StateRecords& records, uint64_t epoch) {
  codec::Reader reader(TRY(record_at(records, state_key(StateKind::kEpoch, epoch))));
  REQUIRE(TRY(reader.u8()) == kStateVersion, kUnknownStateVersion, "mls.md, storage forms: another version");
  EpochPart out{TRY(find_suite(suites, TRY(codec::decode<CipherSuiteId>(reader)))), {}, {}, {}, {}};
  out.context = TRY(codec::decode<GroupContext>(reader));
  out.own_leaf = TRY(codec::decode<LeafIndex>(reader));
  out.leaf_count = TRY(codec::decode<LeafCount>(reader));
  TRY(read_schedule_secret(reader, *out.suite, out.sender_data_secret));
  REQUIRE(reader.at_end() && out.context.epoch == epoch && out.context.cipher_suite == out.suite->id &&
              out.own_leaf.value < out.leaf_count.value,
          kBadState, kDamaged);
  return out;
}

StateChanges Group::take_changes() {
  GroupState& state = *state_;
  StateChanges out;
  if (!std::exchange(state.stored.epoch, true)) {
    out.push_back({state_key(StateKind::kHead), write_head(state)});
    const EpochPart part{state.suite, state.context, state.own_leaf(), state.tree.leaf_count(),
                         state.secrets.sender_data_secret.clone()};
    out.push_back({state_key(StateKind::kEpoch, state.context.epoch), write_epoch(part)});
    take_tree_changes(state, out);
  }
  for (uint32_t& i = state.stored.proposals; i < state.proposals.size(); ++i) {  // within an epoch they only become more
    out.push_back({state_key(StateKind::kProposal, state.context.epoch, i), write_proposal(state, state.proposals[i])});
  }
  state.secret_tree.take_changes(state.context.epoch, out);
  return out;
}

Result<Group> Group::restore(SuiteTable suites, const StateRecords& records) {
  return Group(std::make_unique<GroupState>(TRY(state_result(read_group(suites, records)))));
}

}  // namespace godwit::mls
