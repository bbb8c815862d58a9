#include "mls/ratchet_tree.h"

#include <algorithm>
#include <bit>

#include "mls/errors.h"

namespace godwit::mls {
namespace {

enum class NodeType : uint8_t { kLeaf = 1, kParent = 2 };

size_t parent_slot(NodeIndex node) { return node.value / 2; }

}  // namespace

void Node::encode_to(codec::Writer& writer) const {
  codec::encode(writer, body.index() == 0 ? NodeType::kLeaf : NodeType::kParent);
  std::visit([&](const auto& one) { codec::encode(writer, one); }, body);
}

Result<Node> Node::decode_from(codec::Reader& reader) {
  const auto type = TRY(codec::decode<NodeType>(reader));
  if (type == NodeType::kLeaf) return Node{TRY(codec::decode<LeafNode>(reader))};
  REQUIRE(type == NodeType::kParent, kMalformed, "RFC 9420 §7: an unknown node type");
  return Node{TRY(codec::decode<ParentNode>(reader))};
}

RatchetTree::RatchetTree(LeafNode only_leaf) : hashes_(1) { leaves_.emplace_back(std::move(only_leaf)); }

Result<RatchetTree> RatchetTree::unpack(RatchetTreeIn in) {
  REQUIRE(!in.nodes.empty() && in.nodes.back().has_value(), kBadTree, "RFC 9420 §12.4.3.3: the last node is blank");
  REQUIRE(in.nodes.size() < 2 * size_t{kLeavesMax}, kBadTree, "a tree has more leaves than kLeavesMax");
  RatchetTree out;
  out.leaves_.resize(std::bit_ceil((in.nodes.size() + 2) / 2));
  out.parents_.resize(out.leaves_.size() - 1);
  out.hashes_.resize(node_count(out.leaf_count()));
  for (uint32_t i = 0; i < in.nodes.size(); ++i) {
    if (!in.nodes[i]) continue;
    auto& body = in.nodes[i]->body;
    REQUIRE(is_leaf({i}) == (body.index() == 0), kBadTree,
            "RFC 9420 §12.4.3.3: leaves stand at even places, parents at odd");
    if (is_leaf({i})) {
      out.leaves_[i / 2] = std::move(std::get<LeafNode>(body));
    } else {
      out.parents_[i / 2] = std::move(std::get<ParentNode>(body));
    }
  }
  for (uint32_t i = 1; i < node_count(out.leaf_count()); i += 2) {
    const auto& node = out.parents_[i / 2];
    if (!node) continue;
    const auto& unmerged = node->unmerged_leaves;
    REQUIRE(std::adjacent_find(unmerged.begin(), unmerged.end(), std::greater_equal<>()) == unmerged.end(), kBadTree,
            "RFC 9420 §7.1: unmerged_leaves ascend");
    for (const LeafIndex leaf : unmerged) {
      REQUIRE(out.leaf(leaf) != nullptr && is_in_subtree(to_node(leaf), {i}), kBadTree,
              "RFC 9420 §12.4.3.1: an unmerged leaf is blank or not below its node");
    }
  }
  return out;
}

RatchetTreeIn RatchetTree::pack() const {
  RatchetTreeIn out;
  for (uint32_t i = 0; i < node_count(leaf_count()); ++i) {
    auto& slot = out.nodes.emplace_back();
    if (is_leaf({i}) && leaves_[i / 2]) slot = Node{*leaves_[i / 2]};
    if (!is_leaf({i}) && parents_[i / 2]) slot = Node{*parents_[i / 2]};
  }
  while (!out.nodes.empty() && !out.nodes.back()) out.nodes.pop_back();
  return out;
}

const LeafNode* RatchetTree::leaf(LeafIndex index) const {
  if (index.value >= leaves_.size() || !leaves_[index.value]) return nullptr;
  return &*leaves_[index.value];
}

const ParentNode* RatchetTree::parent_node(NodeIndex index) const {
  if (is_leaf(index) || parent_slot(index) >= parents_.size() || !parents_[parent_slot(index)]) return nullptr;
  return &*parents_[parent_slot(index)];
}

const Bytes* RatchetTree::encryption_key(NodeIndex index) const {
  if (is_leaf(index)) {
    const LeafNode* found = leaf(to_leaf(index));
    return found == nullptr ? nullptr : &found->encryption_key;
  }
  const ParentNode* found = parent_node(index);
  return found == nullptr ? nullptr : &found->encryption_key;
}

std::vector<LeafIndex> RatchetTree::members() const {
  std::vector<LeafIndex> out;
  for (uint32_t i = 0; i < leaves_.size(); ++i) {
    if (leaves_[i]) out.push_back({i});
  }
  return out;
}

std::vector<NodeIndex> RatchetTree::filled_nodes() const {
  std::vector<NodeIndex> out;
  for (uint32_t i = 0; i < node_count(leaf_count()); ++i) {
    if (encryption_key({i}) != nullptr) out.push_back({i});
  }
  return out;
}

void RatchetTree::collect_resolution(NodeIndex node, std::vector<NodeIndex>& out) const {
  if (is_leaf(node)) {
    if (leaf(to_leaf(node)) != nullptr) out.push_back(node);
    return;
  }
  if (const ParentNode* own = parent_node(node)) {
    out.push_back(node);
    for (const LeafIndex unmerged : own->unmerged_leaves) out.push_back(to_node(unmerged));
    return;
  }
  collect_resolution(*left(node), out);
  collect_resolution(*right(node), out);
}

std::vector<NodeIndex> RatchetTree::resolution(NodeIndex node) const {
  std::vector<NodeIndex> out;
  collect_resolution(node, out);
  return out;
}

std::vector<PathStep> RatchetTree::filtered_direct_path(LeafIndex index) const {
  std::vector<PathStep> out;
  NodeIndex below = to_node(index);
  for (const NodeIndex node : direct_path(below, leaf_count())) {
    const NodeIndex beside = *sibling(below, leaf_count());
    if (!resolution(beside).empty()) out.push_back({node, beside});
    below = node;
  }
  return out;
}

void RatchetTree::forget_hashes(LeafIndex index) {
  hashes_[to_node(index).value].clear();
  for (const NodeIndex node : direct_path(to_node(index), leaf_count())) hashes_[node.value].clear();
}

void RatchetTree::blank_direct_path(LeafIndex index) {
  for (const NodeIndex node : direct_path(to_node(index), leaf_count())) parents_[parent_slot(node)].reset();
  forget_hashes(index);
}

Result<LeafIndex> RatchetTree::add_leaf(LeafNode new_leaf) {
  auto blank = std::find(leaves_.begin(), leaves_.end(), std::nullopt);
  const LeafIndex index{static_cast<uint32_t>(blank - leaves_.begin())};
  if (blank == leaves_.end()) {
    REQUIRE(leaves_.size() < kLeavesMax, kTooManyMembers, "a tree has at most kLeavesMax leaves");
    leaves_.resize(leaves_.size() * 2);
    parents_.resize(leaves_.size() - 1);
    hashes_.resize(node_count(leaf_count()));
  }
  leaves_[index.value] = std::move(new_leaf);
  for (const NodeIndex node : direct_path(to_node(index), leaf_count())) {
    auto& above = parents_[parent_slot(node)];
    if (!above) continue;
    auto& unmerged = above->unmerged_leaves;
    unmerged.insert(std::lower_bound(unmerged.begin(), unmerged.end(), index), index);
  }
  forget_hashes(index);
  return index;
}

void RatchetTree::update_leaf(LeafIndex index, LeafNode new_leaf) {
  set_leaf(index, std::move(new_leaf));
  blank_direct_path(index);
}

void RatchetTree::set_leaf(LeafIndex index, LeafNode new_leaf) {
  ASSERT(leaf(index) != nullptr);
  leaves_[index.value] = std::move(new_leaf);
  forget_hashes(index);
}

void RatchetTree::remove_leaf(LeafIndex index) {
  ASSERT(leaf(index) != nullptr);
  blank_direct_path(index);
  leaves_[index.value].reset();
  size_t used = leaves_.size();
  while (used > 0 && !leaves_[used - 1]) --used;
  ASSERT(used > 0);
  const size_t size = std::bit_ceil(used);
  leaves_.resize(size);
  parents_.resize(size - 1);
  hashes_.resize(node_count(leaf_count()));
}

Bytes RatchetTree::set_path(const CipherSuite& suite, LeafIndex index, const std::vector<Bytes>& encryption_keys) {
  const auto path = filtered_direct_path(index);
  ASSERT(path.size() == encryption_keys.size());
  blank_direct_path(index);
  for (size_t i = 0; i < path.size(); ++i) parents_[parent_slot(path[i].node)] = ParentNode{encryption_keys[i], {}, {}};
  Bytes above;
  for (size_t i = path.size(); i > 0; --i) {
    parents_[parent_slot(path[i - 1].node)]->parent_hash = std::move(above);
    above = parent_hash(suite, path[i - 1].node, path[i - 1].copath_child);
  }
  forget_hashes(index);
  return above;
}

}  // namespace godwit::mls
