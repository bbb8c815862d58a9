// The stored form of a secret tree: a record for each node, each ratchet and each skipped key.

#include <bit>

#include "codec/members.h"
#include "mls/secret_tree.h"

namespace godwit::mls {
namespace {

constexpr const char* kDamaged = "mls.md, secret tree records: damaged";

/// The key of a ratchet's record behind its epoch.
struct RatchetKey {
  LeafIndex leaf;
  RatchetKind kind{};
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.leaf, self.kind);
  }
};

/// The same of a skipped key's record.
struct SkippedKeyKey {
  RatchetKey ratchet;
  uint32_t generation = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.ratchet, self.generation);
  }
};

}  // namespace

// Everything that there is, record by record.
std::vector<SecretTree::Place> SecretTree::places() const {
  std::vector<Place> out;
  for (const auto& [node, secret] : nodes_) out.push_back({StateKind::kSecretNode, node.value});
  for (const auto& [id, one] : ratchets_) {
    out.push_back({StateKind::kRatchet, id.first.value, id.second});
    for (const auto& [generation, key] : one.skipped) {
      out.push_back({StateKind::kSkippedKey, id.first.value, id.second, generation});
    }
  }
  return out;
}

// What the record holds now; none if there is nothing any more.
std::optional<crypto::SecretBuffer> SecretTree::value_at(const Place& place) const {
  if (place.kind == StateKind::kSecretNode) {
    const auto found = nodes_.find({place.index});
    return found == nodes_.end() ? std::nullopt : std::optional(found->second.clone());
  }
  const Ratchet* one = ratchet({place.index}, place.ratchet);
  if (one == nullptr) return std::nullopt;
  SecretWriter writer;
  if (place.kind == StateKind::kRatchet) {
    writer.value(one->generation);
    writer.secret(one->secret);
    return writer.take();
  }
  const auto key = one->skipped.find(place.generation);
  if (key == one->skipped.end()) return std::nullopt;
  writer.secret(key->second.key);
  writer.secret(key->second.nonce);
  return writer.take();
}

void SecretTree::take_changes(uint64_t epoch, StateChanges& out) {
  for (const auto& [place, was_stored] : std::exchange(changed_, {})) {
    auto value = value_at(place);
    if (!value && !was_stored) continue;
    const auto& [kind, index, ratchet, generation] = place;
    Bytes key;
    if (kind == StateKind::kSecretNode) key = state_key(kind, epoch, index);
    if (kind == StateKind::kRatchet) key = state_key(kind, epoch, index, ratchet);
    if (kind == StateKind::kSkippedKey) key = state_key(kind, epoch, index, ratchet, generation);
    out.push_back({std::move(key), std::move(value)});
  }
}

void SecretTree::forget_stored() {
  changed_.clear();
  for (const Place& place : places()) changed_.emplace(place, false);
}

void SecretTree::clear() {
  for (const Place& place : places()) changed_.emplace(place, true);
  nodes_.clear();
  ratchets_.clear();
}

Status SecretTree::read_records(uint64_t epoch, const StateRecords& records) {
  REQUIRE(std::has_single_bit(leaves_.value) && leaves_.value <= kLeavesMax, kBadState, kDamaged);
  for (const auto& [rest, value] : records_under(records, state_key(StateKind::kSecretNode, epoch))) {
    const auto node = TRY(codec::decoded<NodeIndex>(rest));
    REQUIRE(node.value < node_count(leaves_) && value.size() == suite_->hash_size(), kBadState, kDamaged);
    nodes_.emplace(node, crypto::SecretBuffer::copy_of(value));
  }
  for (const auto& [rest, value] : records_under(records, state_key(StateKind::kRatchet, epoch))) {
    const auto key = TRY(codec::decoded<RatchetKey>(rest));
    REQUIRE(key.leaf.value < leaves_.value && key.kind <= RatchetKind::kApplication, kBadState, kDamaged);
    codec::Reader reader(value);
    Ratchet& one = ratchets_[{key.leaf, key.kind}];
    one.generation = TRY(reader.u32());
    one.secret = TRY(read_secret(reader));
    REQUIRE(reader.at_end() && one.secret.size() == suite_->hash_size(), kBadState, kDamaged);
  }
  for (const auto& [rest, value] : records_under(records, state_key(StateKind::kSkippedKey, epoch))) {
    const auto key = TRY(codec::decoded<SkippedKeyKey>(rest));
    const auto found = ratchets_.find({key.ratchet.leaf, key.ratchet.kind});
    REQUIRE(found != ratchets_.end() && key.generation < found->second.generation, kBadState, kDamaged);
    codec::Reader reader(value);
    MessageKey one{TRY(read_secret(reader)), {}};
    one.nonce = TRY(read_secret(reader));
    REQUIRE(reader.at_end() && one.key.size() == suite_->aead->key_size() && one.nonce.size() == crypto::kAeadNonceSize,
            kBadState, kDamaged);
    found->second.skipped.emplace(key.generation, std::move(one));
  }
  return {};
}

// Every leaf has either its ratchets or exactly one node above it, so no record is missing and none is left over. A leaf
// that retired the tree may have neither.
Status SecretTree::check_whole(std::optional<LeafIndex> retired_by) const {
  std::vector<bool> covered(leaves_.value);
  const auto cover = [&](uint32_t first, uint32_t count) -> Status {
    for (uint32_t leaf = first; leaf < first + count; ++leaf) {
      REQUIRE(!covered[leaf], kBadState, kDamaged);
      covered[leaf] = true;
    }
    return {};
  };
  for (const auto& [node, secret] : nodes_) {
    const uint32_t half = (1U << level(node)) - 1;
    TRY(cover((node.value - half) / 2, half + 1));
  }
  for (const auto& [id, one] : ratchets_) {
    const auto& [leaf, kind] = id;
    if (kind == RatchetKind::kHandshake) {
      REQUIRE(!retired_by && ratchets_.contains({leaf, RatchetKind::kApplication}), kBadState, kDamaged);
      continue;
    }
    REQUIRE(retired_by ? leaf != *retired_by : ratchets_.contains({leaf, RatchetKind::kHandshake}), kBadState,
            kDamaged);
    TRY(cover(leaf.value, 1));
  }
  if (retired_by && retired_by->value < leaves_.value) covered[retired_by->value] = true;
  for (const bool one : covered) REQUIRE(one, kBadState, kDamaged);
  return {};
}

Result<SecretTree> SecretTree::restore(const CipherSuite& suite, LeafCount leaves, uint64_t epoch,
                                       const StateRecords& records) {
  SecretTree out(suite, leaves);
  TRY(out.read_records(epoch, records));
  TRY(out.check_whole(std::nullopt));
  return out;
}

Result<SecretTree> SecretTree::restore_retired(const CipherSuite& suite, LeafCount leaves, uint64_t epoch,
                                               const StateRecords& records, LeafIndex own_leaf) {
  SecretTree out(suite, leaves);
  out.is_over_ = true;
  TRY(out.read_records(epoch, records));
  TRY(out.check_whole(own_leaf));
  return out;
}

}  // namespace godwit::mls
