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
  put_node(root(leaves), encryption_secret.buffer().clone());
}

SecretTree SecretTree::clone() const {
  SecretTree out(*suite_, leaves_);
  out.is_over_ = is_over_;
  for (const auto& [node, secret] : nodes_) out.nodes_.emplace(node, secret.clone());
  for (const auto& [id, from] : ratchets_) {
    Ratchet& to = out.ratchets_[id];
    to.secret = from.secret.clone();
    to.generation = from.generation;
    for (const auto& [generation, key] : from.skipped) to.skipped.emplace(generation, key.clone());
  }
  out.changed_ = changed_;
  return out;
}

void SecretTree::put_node(NodeIndex node, crypto::SecretBuffer secret) {
  nodes_.insert_or_assign(node, std::move(secret));
  changed_.emplace(Place{StateKind::kSecretNode, node.value}, false);
}

void SecretTree::drop_node(NodeIndex node) {
  if (nodes_.erase(node) > 0) changed_.emplace(Place{StateKind::kSecretNode, node.value}, true);
}

void SecretTree::put_ratchet(LeafIndex leaf, RatchetKind kind, crypto::SecretBuffer secret) {
  ratchets_[{leaf, kind}].secret = std::move(secret);
  changed_.emplace(Place{StateKind::kRatchet, leaf.value, kind}, false);
}

void SecretTree::drop_ratchet(LeafIndex leaf, RatchetKind kind) {
  const auto found = ratchets_.find({leaf, kind});
  if (found == ratchets_.end()) return;
  for (const auto& [generation, key] : found->second.skipped) {
    changed_.emplace(Place{StateKind::kSkippedKey, leaf.value, kind, generation}, true);
  }
  changed_.emplace(Place{StateKind::kRatchet, leaf.value, kind}, true);
  ratchets_.erase(found);
}

const SecretTree::Ratchet* SecretTree::ratchet(LeafIndex leaf, RatchetKind kind) const {
  const auto found = ratchets_.find({leaf, kind});
  return found == ratchets_.end() ? nullptr : &found->second;
}

// The secret of a leaf whose ratchets do not exist yet; none if they are gone.
std::optional<crypto::SecretBuffer> SecretTree::leaf_secret(LeafIndex leaf) const {
  NodeIndex at = to_node(leaf);
  while (!nodes_.contains(at)) {
    const auto above = parent(at, leaves_);
    if (!above) return std::nullopt;
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

std::optional<crypto::SecretBuffer> SecretTree::first_secret(LeafIndex leaf, RatchetKind kind) const {
  const auto secret = leaf_secret(leaf);
  if (!secret) return std::nullopt;
  const char* label = kind == RatchetKind::kHandshake ? "handshake" : "application";
  return expand_with_label(*suite_, secret->reveal(), label, {}, suite_->hash_size());
}

void SecretTree::split_down_to(LeafIndex leaf) {
  if (ratchets_.contains({leaf, RatchetKind::kApplication})) return;
  NodeIndex at = to_node(leaf);
  while (!nodes_.contains(at)) at = *parent(at, leaves_);
  while (at != to_node(leaf)) {
    const crypto::SecretBuffer secret = std::move(nodes_.at(at));
    drop_node(at);
    put_node(*left(at), child_secret(*suite_, secret, true));
    put_node(*right(at), child_secret(*suite_, secret, false));
    at = to_node(leaf) < at ? *left(at) : *right(at);
  }
  if (!is_over_) put_ratchet(leaf, RatchetKind::kHandshake, *first_secret(leaf, RatchetKind::kHandshake));
  put_ratchet(leaf, RatchetKind::kApplication, *first_secret(leaf, RatchetKind::kApplication));
  drop_node(to_node(leaf));
}

MessageKey SecretTree::derive_key(const crypto::SecretBuffer& secret, uint32_t generation) const {
  return {derive_tree_secret(*suite_, secret.reveal(), "key", generation, suite_->aead->key_size()),
          derive_tree_secret(*suite_, secret.reveal(), "nonce", generation, crypto::kAeadNonceSize)};
}

crypto::SecretBuffer SecretTree::derive_next(const crypto::SecretBuffer& secret, uint32_t generation) const {
  return derive_tree_secret(*suite_, secret.reveal(), "secret", generation, suite_->hash_size());
}

// MLS-087
Result<PendingKey> SecretTree::find(LeafIndex leaf, RatchetKind kind, uint32_t generation) const {
  REQUIRE(leaf.value < leaves_.value, kUnknownSender, "RFC 9420 §6.3.2, MLS-033: a sender beyond the tree");
  REQUIRE(!is_over_ || kind == RatchetKind::kApplication, kReplayed,
          "RFC 9420 §9.2, MLS-088: the handshake keys of this epoch are deleted");
  const Ratchet* known = ratchet(leaf, kind);
  PendingKey out{leaf, kind, generation, {}, false, {}, {}};
  uint32_t at = known == nullptr ? 0 : known->generation;
  if (generation < at) {
    const auto skipped = known->skipped.find(generation);
    REQUIRE(skipped != known->skipped.end(), kReplayed,
            "RFC 9420 §9.2, MLS-085: the key of this message was used and deleted");
    out.key = skipped->second.clone();
    out.was_skipped = true;
    return out;
  }
  REQUIRE(generation - at <= kGenerationsAheadMax && generation < UINT32_MAX, kTooFarAhead,
          "RFC 9420 §9.2, MLS-187, MLS-083: a generation further ahead than kGenerationsAheadMax");
  auto secret = known == nullptr ? first_secret(leaf, kind) : known->secret.clone();
  REQUIRE(secret.has_value(), kReplayed, "RFC 9420 §9.2: our own keys of an epoch that is over are deleted");
  out.next_secret = std::move(*secret);
  for (; at < generation; ++at) {
    if (generation - at <= kSkippedKeysMax) out.skipped.emplace_back(at, derive_key(out.next_secret, at));
    out.next_secret = derive_next(out.next_secret, at);
  }
  out.key = derive_key(out.next_secret, at);
  out.next_secret = derive_next(out.next_secret, at);
  return out;
}

// MLS-186
void SecretTree::consume(PendingKey pending) {
  split_down_to(pending.leaf);
  Ratchet& own = ratchets_.at({pending.leaf, pending.kind});
  const auto skipped_key = [&](uint32_t generation) {
    return Place{StateKind::kSkippedKey, pending.leaf.value, pending.kind, generation};
  };
  if (pending.was_skipped) {
    own.skipped.erase(pending.generation);
    changed_.emplace(skipped_key(pending.generation), true);
    return;
  }
  for (auto& [generation, key] : pending.skipped) {
    own.skipped.emplace(generation, std::move(key));
    changed_.emplace(skipped_key(generation), false);
  }
  while (own.skipped.size() > kSkippedKeysMax) {
    changed_.emplace(skipped_key(own.skipped.begin()->first), true);
    own.skipped.erase(own.skipped.begin());
  }
  own.secret = std::move(pending.next_secret);
  own.generation = pending.generation + 1;
  changed_.emplace(Place{StateKind::kRatchet, pending.leaf.value, pending.kind}, true);
}

// MLS-083
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

void SecretTree::retire(LeafIndex own_leaf) {
  is_over_ = true;
  split_down_to(own_leaf);  // else a node above it would give our keys again
  for (const Place& place : places()) {
    if (place.kind != StateKind::kRatchet) continue;
    const LeafIndex leaf{place.index};
    if (leaf == own_leaf || place.ratchet == RatchetKind::kHandshake) drop_ratchet(leaf, place.ratchet);
  }
  drop_node(to_node(own_leaf));
}

}  // namespace godwit::mls
