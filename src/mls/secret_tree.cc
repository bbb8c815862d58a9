#include "mls/secret_tree.h"

#include <bit>

#include "mls/errors.h"

namespace godwit::mls {
namespace {

// One of the two children's secrets (RFC 9420 §9).
crypto::SecretBuffer child_secret(const CipherSuite& suite, const crypto::SecretBuffer& secret, bool is_left) {
  return expand_with_label(suite, secret.reveal(), "tree", as_bytes(is_left ? "left" : "right"), suite.hash_size());
}

}  // namespace

SecretTree::SecretTree(const CipherSuite& suite, LeafCount leaves, const EncryptionSecret& encryption_secret)
    : suite_(&suite), leaves_(leaves) {
  nodes_.emplace(root(leaves), encryption_secret.buffer().clone());
}

SecretTree SecretTree::clone() const {
  SecretTree out(*suite_);
  out.leaves_ = leaves_;
  for (const auto& [node, secret] : nodes_) out.nodes_.emplace(node, secret.clone());
  for (const auto& [id, from] : ratchets_) {
    Ratchet& to = out.ratchets_[id];
    to.secret = from.secret.clone();
    to.generation = from.generation;
    for (const auto& [generation, key] : from.skipped) to.skipped.emplace(generation, key.clone());
  }
  return out;
}

const SecretTree::Ratchet* SecretTree::ratchet(LeafIndex leaf, RatchetKind kind) const {
  const auto found = ratchets_.find({leaf, kind});
  return found == ratchets_.end() ? nullptr : &found->second;
}

// The secret of a leaf whose ratchets do not exist yet.
crypto::SecretBuffer SecretTree::leaf_secret(LeafIndex leaf) const {
  NodeIndex at = to_node(leaf);
  while (!nodes_.contains(at)) {
    const auto above = parent(at, leaves_);
    ASSERT(above.has_value());
    at = *above;
  }
  crypto::SecretBuffer secret = nodes_.at(at).clone();
  while (at != to_node(leaf)) {
    const bool goes_left = to_node(leaf) < at;
    secret = child_secret(*suite_, secret, goes_left);
    at = goes_left ? *left(at) : *right(at);
  }
  return secret;
}

crypto::SecretBuffer SecretTree::first_secret(LeafIndex leaf, RatchetKind kind) const {
  const char* label = kind == RatchetKind::kHandshake ? "handshake" : "application";
  return expand_with_label(*suite_, leaf_secret(leaf).reveal(), label, {}, suite_->hash_size());
}

void SecretTree::split_down_to(LeafIndex leaf) {
  if (ratchets_.contains({leaf, RatchetKind::kApplication})) return;
  NodeIndex at = to_node(leaf);
  while (!nodes_.contains(at)) at = *parent(at, leaves_);
  while (at != to_node(leaf)) {
    const crypto::SecretBuffer secret = std::move(nodes_.at(at));
    nodes_.erase(at);
    nodes_.emplace(*left(at), child_secret(*suite_, secret, true));
    nodes_.emplace(*right(at), child_secret(*suite_, secret, false));
    at = to_node(leaf) < at ? *left(at) : *right(at);
  }
  for (const RatchetKind kind : {RatchetKind::kHandshake, RatchetKind::kApplication}) {
    ratchets_[{leaf, kind}].secret = first_secret(leaf, kind);
  }
  nodes_.erase(to_node(leaf));
}

MessageKey SecretTree::derive_key(const crypto::SecretBuffer& secret, uint32_t generation) const {
  return {derive_tree_secret(*suite_, secret.reveal(), "key", generation, suite_->aead->key_size()),
          derive_tree_secret(*suite_, secret.reveal(), "nonce", generation, crypto::kAeadNonceSize)};
}

crypto::SecretBuffer SecretTree::derive_next(const crypto::SecretBuffer& secret, uint32_t generation) const {
  return derive_tree_secret(*suite_, secret.reveal(), "secret", generation, suite_->hash_size());
}

Result<PendingKey> SecretTree::find(LeafIndex leaf, RatchetKind kind, uint32_t generation) const {
  REQUIRE(leaf.value < leaves_.value, kUnknownSender, "RFC 9420 §6.3.2: a sender beyond the tree");
  const Ratchet* known = ratchet(leaf, kind);
  REQUIRE(known != nullptr || !ratchets_.contains({leaf, RatchetKind::kApplication}), kReplayed,
          "RFC 9420 §9.2: the handshake keys of this epoch are deleted");
  PendingKey out{leaf, kind, generation, {}, false, {}, {}};
  uint32_t at = known == nullptr ? 0 : known->generation;
  if (generation < at) {
    const auto skipped = known->skipped.find(generation);
    REQUIRE(skipped != known->skipped.end(), kReplayed, "RFC 9420 §9.2: the key of this message was used and deleted");
    out.key = skipped->second.clone();
    out.was_skipped = true;
    return out;
  }
  REQUIRE(generation - at <= kGenerationsAheadMax && generation < UINT32_MAX, kTooFarAhead,
          "RFC 9420 §9.2: a generation further ahead than kGenerationsAheadMax");
  out.next_secret = known == nullptr ? first_secret(leaf, kind) : known->secret.clone();
  for (; at < generation; ++at) {
    out.skipped.emplace_back(at, derive_key(out.next_secret, at));
    out.next_secret = derive_next(out.next_secret, at);
  }
  out.key = derive_key(out.next_secret, at);
  out.next_secret = derive_next(out.next_secret, at);
  return out;
}

void SecretTree::consume(PendingKey pending) {
  split_down_to(pending.leaf);
  Ratchet& own = ratchets_.at({pending.leaf, pending.kind});
  if (pending.was_skipped) {
    own.skipped.erase(pending.generation);
    return;
  }
  for (auto& [generation, key] : pending.skipped) own.skipped.emplace(generation, std::move(key));
  while (own.skipped.size() > kSkippedKeysMax) own.skipped.erase(own.skipped.begin());
  own.secret = std::move(pending.next_secret);
  own.generation = pending.generation + 1;
}

Result<PendingKey> SecretTree::next(LeafIndex leaf, RatchetKind kind) {
  PendingKey out = TRY(find(leaf, kind, generation(leaf, kind)));
  PendingKey used{leaf, kind, out.generation, {}, false, {}, std::move(out.next_secret)};
  consume(std::move(used));
  return out;
}

uint32_t SecretTree::generation(LeafIndex leaf, RatchetKind kind) const {
  const Ratchet* known = ratchet(leaf, kind);
  return known == nullptr ? 0 : known->generation;
}

void SecretTree::forget_handshake() {
  std::erase_if(ratchets_, [](const auto& entry) { return entry.first.second == RatchetKind::kHandshake; });
}

void SecretTree::encode_to(SecretWriter& writer) const {
  writer.value(leaves_);
  writer.value(static_cast<uint32_t>(nodes_.size()));
  for (const auto& [node, secret] : nodes_) {
    writer.value(node);
    writer.secret(secret);
  }
  writer.value(static_cast<uint32_t>(ratchets_.size()));
  for (const auto& [id, one] : ratchets_) {
    writer.value(id.first);
    writer.value(id.second);
    writer.secret(one.secret);
    writer.value(one.generation);
    writer.value(static_cast<uint32_t>(one.skipped.size()));
    for (const auto& [generation, key] : one.skipped) {
      writer.value(generation);
      writer.secret(key.key);
      writer.secret(key.nonce);
    }
  }
}

Result<SecretTree> SecretTree::decode_from(const CipherSuite& suite, codec::Reader& reader) {
  SecretTree out(suite);
  out.leaves_ = TRY(codec::decode<LeafCount>(reader));
  REQUIRE(std::has_single_bit(out.leaves_.value) && out.leaves_.value <= kLeavesMax, kBadState,
          "mls.md, secret tree state: damaged");
  const uint32_t nodes = TRY(reader.u32());
  for (uint32_t i = 0; i < nodes; ++i) {
    const auto node = TRY(codec::decode<NodeIndex>(reader));
    out.nodes_.insert_or_assign(node, TRY(read_secret(reader)));
  }
  const uint32_t ratchets = TRY(reader.u32());
  for (uint32_t i = 0; i < ratchets; ++i) {
    const auto leaf = TRY(codec::decode<LeafIndex>(reader));
    const auto kind = TRY(codec::decode<RatchetKind>(reader));
    Ratchet& one = out.ratchets_[{leaf, kind}];
    one.secret = TRY(read_secret(reader));
    one.generation = TRY(reader.u32());
    const uint32_t skipped = TRY(reader.u32());
    for (uint32_t j = 0; j < skipped; ++j) {
      const uint32_t generation = TRY(reader.u32());
      MessageKey key;
      key.key = TRY(read_secret(reader));
      key.nonce = TRY(read_secret(reader));
      one.skipped.insert_or_assign(generation, std::move(key));
    }
  }
  return out;
}

}  // namespace godwit::mls
