#pragma once
// The array representation of a left-balanced binary tree (RFC 9420 §4.1 and appendix C): arithmetic only, no contents.
// Leaf i is node 2i. Trees are always full here: the count of leaves is a power of two (RFC 9420 §7.7).

#include <optional>
#include <vector>

#include "base/strong_id.h"

namespace godwit::mls {

/// Which leaf, counted from the left from 0.
using LeafIndex = StrongNumber<struct LeafIndexTag, uint32_t>;
/// Which node, in the array order of RFC 9420 appendix C.
using NodeIndex = StrongNumber<struct NodeIndexTag, uint32_t>;
/// How many leaves a tree has, blank ones included: a power of two.
using LeafCount = StrongNumber<struct LeafCountTag, uint32_t>;

/// No tree grows beyond this: 2^20 leaves is far above what one group log can serve.
constexpr uint32_t kLeavesMax = 1U << 20;

/// How many nodes a tree of `leaves` has: 2 * leaves - 1; 0 for none.
constexpr uint32_t node_count(LeafCount leaves) { return leaves.value == 0 ? 0 : 2 * leaves.value - 1; }
/// The node of a leaf.
constexpr NodeIndex to_node(LeafIndex leaf) { return {2 * leaf.value}; }
/// True if the node is a leaf.
constexpr bool is_leaf(NodeIndex node) { return node.value % 2 == 0; }
/// The leaf of a leaf's node; only if is_leaf(node).
LeafIndex to_leaf(NodeIndex node);
/// The level of a node: 0 for leaves.
uint32_t level(NodeIndex node);
/// The root of a tree with `leaves` leaves.
NodeIndex root(LeafCount leaves);
/// The left child; none for a leaf.
std::optional<NodeIndex> left(NodeIndex node);
/// The right child; none for a leaf.
std::optional<NodeIndex> right(NodeIndex node);
/// The parent; none for the root.
std::optional<NodeIndex> parent(NodeIndex node, LeafCount leaves);
/// The sibling; none for the root.
std::optional<NodeIndex> sibling(NodeIndex node, LeafCount leaves);
/// From the parent of `node` to the root, in this order; empty for the root (RFC 9420 §4.1.2).
std::vector<NodeIndex> direct_path(NodeIndex node, LeafCount leaves);
/// The siblings of `node` and of its direct path without the root, in this order (RFC 9420 §4.1.2).
std::vector<NodeIndex> copath(NodeIndex node, LeafCount leaves);
/// True if `inner` is `outer` or below it.
bool is_in_subtree(NodeIndex inner, NodeIndex outer);
/// The lowest node that has both below it (or is one of them).
NodeIndex common_ancestor(NodeIndex a, NodeIndex b);

}  // namespace godwit::mls
