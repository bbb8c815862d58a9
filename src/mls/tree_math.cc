#include "mls/tree_math.h"

#include <bit>

#include "base/assert.h"

namespace godwit::mls {

LeafIndex to_leaf(NodeIndex node) {
  ASSERT(is_leaf(node));
  return {node.value / 2};
}

uint32_t level(NodeIndex node) { return static_cast<uint32_t>(std::countr_one(node.value)); }

NodeIndex root(LeafCount leaves) {
  ASSERT(std::has_single_bit(leaves.value));
  return {leaves.value - 1};
}

std::optional<NodeIndex> left(NodeIndex node) {
  if (is_leaf(node)) return std::nullopt;
  return NodeIndex{node.value ^ (1U << (level(node) - 1))};
}

std::optional<NodeIndex> right(NodeIndex node) {
  if (is_leaf(node)) return std::nullopt;
  return NodeIndex{node.value ^ (3U << (level(node) - 1))};
}

std::optional<NodeIndex> parent(NodeIndex node, LeafCount leaves) {
  if (node == root(leaves)) return std::nullopt;
  const uint32_t k = level(node);
  const uint32_t bit = (node.value >> (k + 1)) & 1U;
  return NodeIndex{(node.value | (1U << k)) ^ (bit << (k + 1))};
}

std::optional<NodeIndex> sibling(NodeIndex node, LeafCount leaves) {
  const auto above = parent(node, leaves);
  if (!above) return std::nullopt;
  return node < *above ? right(*above) : left(*above);
}

std::vector<NodeIndex> direct_path(NodeIndex node, LeafCount leaves) {
  std::vector<NodeIndex> out;
  for (auto above = parent(node, leaves); above; above = parent(*above, leaves)) out.push_back(*above);
  return out;
}

std::vector<NodeIndex> copath(NodeIndex node, LeafCount leaves) {
  std::vector<NodeIndex> out;
  for (std::optional<NodeIndex> at = node; at; at = parent(*at, leaves)) {
    if (const auto beside = sibling(*at, leaves)) out.push_back(*beside);
  }
  return out;
}

bool is_in_subtree(NodeIndex inner, NodeIndex outer) {
  const uint32_t height = level(outer);
  return level(inner) <= height && (inner.value >> (height + 1)) == (outer.value >> (height + 1));
}

NodeIndex common_ancestor(NodeIndex a, NodeIndex b) {
  for (uint32_t height = std::max(level(a), level(b));; ++height) {
    ASSERT(height < 31);
    if ((a.value >> (height + 1)) != (b.value >> (height + 1))) continue;
    return {((a.value >> (height + 1)) << (height + 1)) | ((1U << height) - 1)};
  }
}

}  // namespace godwit::mls
