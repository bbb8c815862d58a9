// Tree hashes, parent hashes and the checks on a whole tree (RFC 9420 §7.8, §7.9, §12.4.3.1).

#include <algorithm>
#include <iterator>

#include "mls/errors.h"
#include "mls/ratchet_tree.h"

namespace godwit::mls {
namespace {

// LeafNodeHashInput behind its node type (RFC 9420 §7.8).
Bytes hash_leaf(const CipherSuite& suite, LeafIndex index, const LeafNode* leaf) {
  codec::Writer writer;
  writer.u8(1);
  codec::encode(writer, index);
  writer.u8(leaf != nullptr ? 1 : 0);
  if (leaf != nullptr) codec::encode(writer, *leaf);
  return hash(suite, writer.view());
}

// ParentNodeHashInput behind its node type (RFC 9420 §7.8).
Bytes hash_parent(const CipherSuite& suite, const ParentNode* node, const Bytes& left_hash, const Bytes& right_hash) {
  codec::Writer writer;
  writer.u8(2);
  writer.u8(node != nullptr ? 1 : 0);
  if (node != nullptr) codec::encode(writer, *node);
  codec::encode(writer, left_hash);
  codec::encode(writer, right_hash);
  return hash(suite, writer.view());
}

}  // namespace

const Bytes& RatchetTree::tree_hash(const CipherSuite& suite, NodeIndex node) const {
  Bytes& known = hashes_[node.value];
  if (!known.empty()) return known;
  if (is_leaf(node)) {
    known = hash_leaf(suite, to_leaf(node), leaf(to_leaf(node)));
  } else {
    known = hash_parent(suite, parent_node(node), tree_hash(suite, *left(node)), tree_hash(suite, *right(node)));
  }
  return known;
}

// The tree hash as it was before the leaves in `excluded` were added. Subtrees without any of them are looked up.
Bytes RatchetTree::tree_hash_without(const CipherSuite& suite, NodeIndex node,
                                     const std::set<LeafIndex>& excluded) const {
  const uint32_t half = (1U << level(node)) - 1;
  const auto first = excluded.lower_bound({(node.value - half) / 2});
  if (first == excluded.end() || to_node(*first).value > node.value + half) return tree_hash(suite, node);
  if (is_leaf(node)) return hash_leaf(suite, to_leaf(node), nullptr);
  const Bytes left_hash = tree_hash_without(suite, *left(node), excluded);
  const Bytes right_hash = tree_hash_without(suite, *right(node), excluded);
  const ParentNode* own = parent_node(node);
  if (own == nullptr) return hash_parent(suite, nullptr, left_hash, right_hash);
  ParentNode filtered{own->encryption_key, own->parent_hash, {}};
  std::set_difference(own->unmerged_leaves.begin(), own->unmerged_leaves.end(), excluded.begin(), excluded.end(),
                      std::back_inserter(filtered.unmerged_leaves));
  return hash_parent(suite, &filtered, left_hash, right_hash);
}

// ParentHashInput (RFC 9420 §7.9).
Bytes RatchetTree::parent_hash(const CipherSuite& suite, NodeIndex node, NodeIndex copath_child) const {
  const ParentNode* own = parent_node(node);
  ASSERT(own != nullptr);
  const std::set<LeafIndex> unmerged(own->unmerged_leaves.begin(), own->unmerged_leaves.end());
  codec::Writer writer;
  codec::encode(writer, own->encryption_key);
  codec::encode(writer, own->parent_hash);
  codec::encode(writer, tree_hash_without(suite, copath_child, unmerged));
  return hash(suite, writer.view());
}

// True if some node in the resolution of `child` carries the parent hash of `node`, and the others in that resolution
// are exactly the unmerged leaves of `node` below `child` (RFC 9420 §7.9.2).
bool RatchetTree::has_parent_hash_link(const CipherSuite& suite, NodeIndex node, NodeIndex child,
                                       NodeIndex copath_child) const {
  const Bytes expected = parent_hash(suite, node, copath_child);
  const std::vector<NodeIndex> candidates = resolution(child);
  std::set<NodeIndex> unmerged;
  for (const LeafIndex leaf_index : parent_node(node)->unmerged_leaves) {
    if (is_in_subtree(to_node(leaf_index), child)) unmerged.insert(to_node(leaf_index));
  }
  size_t found = 0;
  std::optional<NodeIndex> descendant;
  for (const NodeIndex candidate : candidates) {
    if (unmerged.contains(candidate)) {
      ++found;
    } else if (descendant) {
      return false;
    } else {
      descendant = candidate;
    }
  }
  if (!descendant || found != unmerged.size()) return false;
  if (!is_leaf(*descendant)) return parent_node(*descendant)->parent_hash == expected;
  const LeafNode* below = leaf(to_leaf(*descendant));
  return below->source == LeafNodeSource::kCommit && below->parent_hash == expected;
}

Status RatchetTree::verify_parent_hashes(const CipherSuite& suite) const {
  for (uint32_t i = 1; i < node_count(leaf_count()); i += 2) {
    const NodeIndex node{i};
    if (parent_node(node) == nullptr) continue;
    const NodeIndex l = *left(node);
    const NodeIndex r = *right(node);
    REQUIRE(has_parent_hash_link(suite, node, l, r) || has_parent_hash_link(suite, node, r, l), kBadParentHash,
            "RFC 9420 §7.9.2: a parent node that no node below vouches for");
  }
  return {};
}

Status RatchetTree::verify_unique_keys() const {
  std::set<ByteView, decltype([](ByteView a, ByteView b) {
             return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
           })>
      encryption_keys, signature_keys;
  for (uint32_t i = 0; i < node_count(leaf_count()); ++i) {
    const Bytes* key = encryption_key({i});
    if (key == nullptr) continue;
    REQUIRE(encryption_keys.insert(*key).second, kDuplicateKey,
            "RFC 9420 §7.3: an encryption key stands twice in the tree");
    if (!is_leaf({i})) continue;
    REQUIRE(signature_keys.insert(leaf({i / 2})->signature_key).second, kDuplicateKey,
            "RFC 9420 §7.3: a signature key stands twice in the tree");
  }
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
                kBadTree, "RFC 9420 §12.4.3.1: a leaf is unmerged above but not below");
      }
    }
  }
  return {};
}

Status RatchetTree::verify_leaves(const CipherSuite& suite, const Bytes& group_id,
                                  const Extensions& group_extensions) const {
  std::set<CredentialType> credentials;
  for (const LeafIndex index : members()) credentials.insert(leaf(index)->credential.type);
  for (const LeafIndex index : members()) {
    const LeafNode& one = *leaf(index);
    TRY(validate_leaf_node(suite, one, one.source, {group_id, index}));
    TRY(check_leaf_fits_group(one, group_extensions));
    for (const CredentialType type : credentials) {
      REQUIRE(one.capabilities.supports(type), kUnsupportedCredential,
              "RFC 9420 §7.3: a member does not support a credential in use");
    }
  }
  return {};
}

Result<RatchetTree> RatchetTree::validate(const CipherSuite& suite, RatchetTreeIn in, const Bytes& group_id,
                                          const Extensions& group_context_extensions) {
  RatchetTree out = TRY(unpack(std::move(in)));
  for (const auto& node : out.parents_) {
    REQUIRE(!node || suite.kem->check_public_key(node->encryption_key).has_value(), kBadTree,
            "RFC 9420 §7.1: encryption_key is not a key of the suite that one can encrypt to");
  }
  TRY(out.verify_unmerged_leaves());
  TRY(out.verify_unique_keys());
  TRY(out.verify_parent_hashes(suite));
  TRY(out.verify_leaves(suite, group_id, group_context_extensions));
  return out;
}

}  // namespace godwit::mls
