// Tree hashes, parent hashes and the checks on a whole tree (RFC 9420 §7.8, §7.9, §12.4.3.1).

#include <algorithm>
#include <iterator>

#include "mls/errors.h"
#include "mls/key_set.h"
#include "mls/ratchet_tree.h"

namespace godwit::mls {
namespace {

// LeafNodeHashInput behind its node type (RFC 9420 §7.8).
// MLS-069
Bytes hash_leaf(const CipherSuite& suite, LeafIndex index, const LeafNode* leaf) {
  codec::Writer writer;
  writer.u8(1);
  codec::encode(writer, index);
  writer.u8(leaf != nullptr ? 1 : 0);
  if (leaf != nullptr) codec::encode(writer, *leaf);
  return hash(suite, writer.view());
}

// ParentNodeHashInput behind its node type (RFC 9420 §7.8).
// MLS-069
Bytes hash_parent(const CipherSuite& suite, const ParentNode* node, ByteView left_hash, ByteView right_hash) {
  codec::Writer writer;
  writer.u8(2);
  writer.u8(node != nullptr ? 1 : 0);
  if (node != nullptr) codec::encode(writer, *node);
  writer.opaque(left_hash);
  writer.opaque(right_hash);
  return hash(suite, writer.view());
}

}  // namespace

// Valid until the tree changes.
ByteView RatchetTree::cached_tree_hash(const CipherSuite& suite, NodeIndex node) const {
  const size_t size = suite.hash_size();
  hashes_.resize(hash_known_.size() * size);
  const ByteSpan cached = ByteSpan(hashes_).subspan(node.value * size, size);
  if (!hash_known_[node.value]) {
    const Bytes found = is_leaf(node) ? hash_leaf(suite, to_leaf(node), leaf(to_leaf(node)))
                                      : hash_parent(suite, parent_node(node), cached_tree_hash(suite, *left(node)),
                                                    cached_tree_hash(suite, *right(node)));
    std::copy(found.begin(), found.end(), cached.begin());
    hash_known_[node.value] = true;
  }
  return cached;
}

Bytes RatchetTree::tree_hash(const CipherSuite& suite, NodeIndex node) const {
  return to_bytes(cached_tree_hash(suite, node));
}

// The tree hash as it was before the leaves in `excluded`, which ascend, were added. Subtrees without any of them are
// looked up.
Bytes RatchetTree::tree_hash_without(const CipherSuite& suite, NodeIndex node,
                                     std::span<const LeafIndex> excluded) const {
  const uint32_t half = (1U << level(node)) - 1;
  const auto first = std::lower_bound(excluded.begin(), excluded.end(), LeafIndex{(node.value - half) / 2});
  const auto last = std::upper_bound(first, excluded.end(), LeafIndex{(node.value + half) / 2});
  if (first == last) return tree_hash(suite, node);
  if (is_leaf(node)) return hash_leaf(suite, to_leaf(node), nullptr);
  const std::span<const LeafIndex> below(first, last);
  const Bytes left_hash = tree_hash_without(suite, *left(node), below);
  const Bytes right_hash = tree_hash_without(suite, *right(node), below);
  const ParentNode* own = parent_node(node);
  if (own == nullptr) return hash_parent(suite, nullptr, left_hash, right_hash);
  ParentNode filtered{own->encryption_key, own->parent_hash, {}};
  std::set_difference(own->unmerged_leaves.begin(), own->unmerged_leaves.end(), first, last,
                      std::back_inserter(filtered.unmerged_leaves));
  return hash_parent(suite, &filtered, left_hash, right_hash);
}

// ParentHashInput (RFC 9420 §7.9).
Bytes RatchetTree::parent_hash(const CipherSuite& suite, const ParentNode& node, NodeIndex copath_child) const {
  codec::Writer writer;
  codec::encode(writer, node.encryption_key);
  codec::encode(writer, node.parent_hash);
  codec::encode(writer, tree_hash_without(suite, copath_child, node.unmerged_leaves));
  return hash(suite, writer.view());
}

// True if some node in the resolution of `child` carries the parent hash of `node`, and the others in that resolution
// are exactly the unmerged leaves of `node` below `child` (RFC 9420 §7.9.2).
// MLS-071
bool RatchetTree::has_parent_hash_link(const CipherSuite& suite, NodeIndex node, NodeIndex child,
                                       NodeIndex copath_child) const {
  const ParentNode& own = *parent_node(node);
  const auto is_unmerged = [&](NodeIndex one) {
    return is_leaf(one) && std::binary_search(own.unmerged_leaves.begin(), own.unmerged_leaves.end(), to_leaf(one));
  };
  const auto unmerged = std::count_if(own.unmerged_leaves.begin(), own.unmerged_leaves.end(),
                                      [&](LeafIndex one) { return is_in_subtree(to_node(one), child); });
  const std::vector<NodeIndex> candidates = resolution(child);
  const auto descendant = std::find_if_not(candidates.begin(), candidates.end(), is_unmerged);
  if (descendant == candidates.end() || std::count_if(candidates.begin(), candidates.end(), is_unmerged) != unmerged ||
      candidates.size() != static_cast<size_t>(unmerged) + 1) {
    return false;
  }
  const Bytes expected = parent_hash(suite, own, copath_child);
  if (!is_leaf(*descendant)) return parent_node(*descendant)->parent_hash == expected;
  const LeafNode* below = leaf(to_leaf(*descendant));
  return below->source == LeafNodeSource::kCommit && below->parent_hash == expected;
}

Status RatchetTree::verify_parent_hashes(const CipherSuite& suite) const {
  const ParentNode* top = parent_node(root(leaf_count()));
  REQUIRE(top == nullptr || top->parent_hash.empty(), kBadParentHash, "RFC 9420 §7.9: the root has no parent_hash");
  for (uint32_t i = 1; i < node_count(leaf_count()); i += 2) {
    const NodeIndex node{i};
    if (parent_node(node) == nullptr) continue;
    const NodeIndex l = *left(node);
    const NodeIndex r = *right(node);
    REQUIRE(has_parent_hash_link(suite, node, l, r) || has_parent_hash_link(suite, node, r, l), kBadParentHash,
            "RFC 9420 §7.9.2, MLS-070: a parent node that no node below vouches for");
  }
  return {};
}

Status RatchetTree::verify_unique_keys() const {
  std::vector<NodeIndex> all(node_count(leaf_count()));
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = {i};
  return verify_unique_keys(all);
}

Status RatchetTree::verify_unique_keys(const RatchetTree& before) const {
  const auto changed = changed_nodes(before);
  return changed.empty() ? Status{} : verify_unique_keys(changed);
}

// The keys of the nodes in `changed`, which ascend, among themselves and against all others.
Status RatchetTree::verify_unique_keys(const std::vector<NodeIndex>& changed) const {
  std::vector<std::string_view> encryption, signature;
  for (const NodeIndex node : changed) {
    const Bytes* key = encryption_key(node);
    if (key == nullptr) continue;
    encryption.push_back(as_text(*key));
    if (is_leaf(node)) signature.push_back(as_text(leaf(to_leaf(node))->signature_key));
  }
  const KeySet encryption_keys(std::move(encryption));
  const KeySet signature_keys(std::move(signature));
  bool unique = !encryption_keys.has_duplicates() && !signature_keys.has_duplicates();
  auto skip = changed.begin();
  for (uint32_t i = 0; unique && i < node_count(leaf_count()); ++i) {
    if (skip != changed.end() && *skip == NodeIndex{i}) {
      ++skip;
    } else if (const Bytes* key = encryption_key({i})) {
      unique =
          !encryption_keys.contains(*key) && !(is_leaf({i}) && signature_keys.contains(leaf({i / 2})->signature_key));
    }
  }
  REQUIRE(unique, kDuplicateKey,
          "RFC 9420 §7.3, MLS-057, MLS-058, MLS-124, MLS-125: an encryption key or a signature key stands twice in the "
          "tree");
  return {};
}

Status RatchetTree::verify_unmerged_leaves() const {
  for (uint32_t i = 1; i < node_count(leaf_count()); i += 2) {
    const ParentNode* node = parent_node({i});
    if (node == nullptr) continue;
    for (const LeafIndex unmerged : node->unmerged_leaves) {
      for (const NodeIndex between : direct_path(to_node(unmerged), leaf_count())) {
        if (between == NodeIndex{i}) break;
        const ParentNode* other = parent_node(between);
        REQUIRE(other == nullptr ||
                    std::binary_search(other->unmerged_leaves.begin(), other->unmerged_leaves.end(), unmerged),
                kBadTree, "RFC 9420 §12.4.3.1, MLS-163: a leaf is unmerged above but not below");
      }
    }
  }
  return {};
}

// MLS-161
Status RatchetTree::verify_leaves(const CipherSuite& suite, const Bytes& group_id,
                                  const Extensions& group_extensions) const {
  for (const LeafIndex index : members()) {
    const LeafNode& one = *leaf(index);
    TRY(validate_leaf_node(suite, one, one.source, {group_id, index}));
    TRY(check_leaf_fits_group(one, group_extensions));
  }
  return {};
}

Status RatchetTree::validate(const CipherSuite& suite, const Bytes& group_id,
                             const Extensions& group_context_extensions) const {
  for (const auto& node : parents_) {
    REQUIRE(!node || suite.kem->check_public_key(node->encryption_key).has_value(), kBadTree,
            "RFC 9420 §7.1, MLS-035: encryption_key is not a key of the suite that one can encrypt to");
  }
  TRY(verify_unmerged_leaves());
  TRY(verify_unique_keys());
  TRY(verify_parent_hashes(suite));
  return verify_leaves(suite, group_id, group_context_extensions);
}

}  // namespace godwit::mls
