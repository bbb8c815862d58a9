#include "mls/ratchet_tree.h"

#include <algorithm>
#include <bit>

#include "mls/errors.h"

namespace godwit::mls {
namespace {

enum class NodeType : uint8_t { kLeaf = 1, kParent = 2 };

size_t parent_slot(NodeIndex node) { return node.value / 2; }

// optional<Node> (RFC 9420 §12.4.3.3); at most one of the two is there.
void write_node(codec::Writer& writer, const LeafNode* leaf, const ParentNode* parent) {
  writer.u8(leaf != nullptr || parent != nullptr ? 1 : 0);
  if (leaf != nullptr) {
    codec::encode(writer, NodeType::kLeaf);
    codec::encode(writer, *leaf);
  } else if (parent != nullptr) {
    codec::encode(writer, NodeType::kParent);
    codec::encode(writer, *parent);
  }
}

}  // namespace

void Node::encode_to(codec::Writer& writer) const {
  codec::encode(writer, body.index() == 0 ? NodeType::kLeaf : NodeType::kParent);
  std::visit([&](const auto& one) { codec::encode(writer, one); }, body);
}

Result<Node> Node::decode_from(codec::Reader& reader) {
  const auto type = TRY(codec::decode<NodeType>(reader));
  if (type == NodeType::kLeaf) return Node{TRY(codec::decode<LeafNode>(reader))};
  REQUIRE(type == NodeType::kParent, kMalformed, "RFC 9420 §7, MLS-005: an unknown node type");
  return Node{TRY(codec::decode<ParentNode>(reader))};
}

RatchetTree::RatchetTree(LeafNode only_leaf) : RatchetTree(LeafCount{1}) {
  leaves_[0] = std::make_shared<const LeafNode>(std::move(only_leaf));
  member_count_ = 1;
}

void RatchetTree::resize(LeafCount leaves) {
  leaves_.resize(leaves.value);
  parents_.resize(leaves.value - 1);
  hash_known_.resize(node_count(leaves));
}

Status RatchetTree::put(NodeIndex index, Node node) {
  while (index.value >= node_count(leaf_count())) resize(LeafCount{2 * leaf_count().value});
  REQUIRE(is_leaf(index) == (node.body.index() == 0), kBadTree,
          "RFC 9420 §12.4.3.3, MLS-175: leaves stand at even places, parents at odd");
  if (is_leaf(index)) {
    leaves_[to_leaf(index).value] = std::make_shared<const LeafNode>(std::move(std::get<LeafNode>(node.body)));
    ++member_count_;
  } else {
    parents_[parent_slot(index)] = std::make_shared<const ParentNode>(std::move(std::get<ParentNode>(node.body)));
  }
  return {};
}

Status RatchetTree::check_unmerged_leaves_form() const {
  for (uint32_t i = 1; i < node_count(leaf_count()); i += 2) {
    const ParentNode* node = parent_node({i});
    if (node == nullptr) continue;
    const auto& unmerged = node->unmerged_leaves;
    REQUIRE(std::adjacent_find(unmerged.begin(), unmerged.end(), std::greater_equal<>()) == unmerged.end(), kBadTree,
            "RFC 9420 §7.1, MLS-034: unmerged_leaves ascend");
    for (const LeafIndex unmerged_leaf : unmerged) {
      REQUIRE(leaf(unmerged_leaf) != nullptr && is_in_subtree(to_node(unmerged_leaf), {i}), kBadTree,
              "RFC 9420 §12.4.3.1, MLS-162: an unmerged leaf is blank or not below its node");
    }
  }
  return {};
}

template <typename NextNode>
Result<RatchetTree> RatchetTree::build(const NextNode& next_node) {
  RatchetTree out(LeafCount{1});
  bool last_is_blank = true;
  for (uint32_t i = 0;; ++i) {
    std::optional<Node> node;
    if (!TRY(next_node(node))) break;
    REQUIRE(i < 2 * kLeavesMax - 1, kBadTree, "a tree has more leaves than kLeavesMax");
    last_is_blank = !node;
    if (node) TRY(out.put({i}, std::move(*node)));
  }
  REQUIRE(!last_is_blank, kBadTree, "RFC 9420 §12.4.3.3, MLS-174: the last node is blank");
  TRY(out.check_unmerged_leaves_form());
  return out;
}

Result<RatchetTree> RatchetTree::unpack(RatchetTreeIn in) {
  size_t at = 0;
  return build([&](std::optional<Node>& node) -> Result<bool> {
    if (at == in.nodes.size()) return false;
    node = std::move(in.nodes[at++]);
    return true;
  });
}

void RatchetTree::encode_to(codec::Writer& writer) const {
  uint32_t used = node_count(leaf_count());
  while (used > 0 && object({used - 1}) == nullptr) --used;
  codec::Writer nodes;
  for (uint32_t i = 0; i < used; ++i) nodes.raw(encoded_node({i}));
  writer.opaque(nodes.view());
}

Result<RatchetTree> RatchetTree::decode_from(codec::Reader& reader) {
  // Node by node: a blank is one byte here, and hundreds in a list of nodes.
  codec::Reader nodes(TRY(reader.opaque()));
  return build([&](std::optional<Node>& node) -> Result<bool> {
    if (nodes.at_end()) return false;
    node = TRY(codec::decode<std::optional<Node>>(nodes));
    return true;
  });
}

const LeafNode* RatchetTree::leaf(LeafIndex index) const {
  return index.value < leaves_.size() ? leaves_[index.value].get() : nullptr;
}

const ParentNode* RatchetTree::parent_node(NodeIndex index) const {
  return !is_leaf(index) && parent_slot(index) < parents_.size() ? parents_[parent_slot(index)].get() : nullptr;
}

const Bytes* RatchetTree::encryption_key(NodeIndex index) const {
  if (is_leaf(index)) {
    const LeafNode* found = leaf(to_leaf(index));
    return found == nullptr ? nullptr : &found->encryption_key;
  }
  const ParentNode* found = parent_node(index);
  return found == nullptr ? nullptr : &found->encryption_key;
}

const void* RatchetTree::object(NodeIndex node) const {
  if (is_leaf(node)) return leaf(to_leaf(node));
  return parent_node(node);
}

std::vector<LeafIndex> RatchetTree::members() const {
  std::vector<LeafIndex> out;
  out.reserve(member_count_);
  for (uint32_t i = 0; i < leaves_.size(); ++i) {
    if (leaves_[i]) out.push_back({i});
  }
  return out;
}

std::vector<NodeIndex> RatchetTree::changed_nodes(const RatchetTree& before) const {
  std::vector<NodeIndex> out;
  for (uint32_t i = 0; i < node_count(std::max(leaf_count(), before.leaf_count())); ++i) {
    if (object({i}) != before.object({i})) out.push_back({i});
  }
  return out;
}

Bytes RatchetTree::encoded_node(NodeIndex node) const {
  codec::Writer writer;
  write_node(writer, is_leaf(node) ? leaf(to_leaf(node)) : nullptr, parent_node(node));
  return writer.take();
}

bool operator==(const RatchetTree& a, const RatchetTree& b) {
  const auto equal_nodes = [](const auto& one, const auto& other) {
    return one == other || (one && other && *one == *other);
  };
  return std::equal(a.leaves_.begin(), a.leaves_.end(), b.leaves_.begin(), b.leaves_.end(), equal_nodes) &&
         std::equal(a.parents_.begin(), a.parents_.end(), b.parents_.begin(), b.parents_.end(), equal_nodes);
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

// True if the resolution would be empty.
bool RatchetTree::is_blank_subtree(NodeIndex node) const {
  if (object(node) != nullptr) return false;
  return is_leaf(node) || (is_blank_subtree(*left(node)) && is_blank_subtree(*right(node)));
}

std::vector<PathStep> RatchetTree::filtered_direct_path(LeafIndex index) const {
  std::vector<PathStep> out;
  NodeIndex below = to_node(index);
  for (const NodeIndex node : direct_path(below, leaf_count())) {
    const NodeIndex beside = *sibling(below, leaf_count());
    if (!is_blank_subtree(beside)) out.push_back({node, beside});
    below = node;
  }
  return out;
}

void RatchetTree::forget_hashes(LeafIndex index) {
  hash_known_[to_node(index).value] = false;
  for (const NodeIndex node : direct_path(to_node(index), leaf_count())) hash_known_[node.value] = false;
}

void RatchetTree::blank_direct_path(LeafIndex index) {
  for (const NodeIndex node : direct_path(to_node(index), leaf_count())) parents_[parent_slot(node)].reset();
  forget_hashes(index);
}

// MLS-068, MLS-109
Result<LeafIndex> RatchetTree::add_leaf(LeafNode new_leaf) {
  while (first_blank_ < leaves_.size() && leaves_[first_blank_]) ++first_blank_;
  const LeafIndex index{first_blank_};
  if (index.value == leaves_.size()) {
    REQUIRE(leaves_.size() < kLeavesMax, kTooManyMembers, "a tree has at most kLeavesMax leaves");
    resize({2 * leaf_count().value});
  }
  leaves_[index.value] = std::make_shared<const LeafNode>(std::move(new_leaf));
  ++member_count_;
  for (const NodeIndex node : direct_path(to_node(index), leaf_count())) {
    auto& above = parents_[parent_slot(node)];
    if (!above) continue;
    ParentNode changed = *above;
    auto& unmerged = changed.unmerged_leaves;
    unmerged.insert(std::lower_bound(unmerged.begin(), unmerged.end(), index), index);
    above = std::make_shared<const ParentNode>(std::move(changed));
  }
  forget_hashes(index);
  return index;
}

// MLS-109
void RatchetTree::update_leaf(LeafIndex index, LeafNode new_leaf) {
  set_leaf(index, std::move(new_leaf));
  blank_direct_path(index);
}

void RatchetTree::set_leaf(LeafIndex index, LeafNode new_leaf) {
  ASSERT(leaf(index) != nullptr);
  leaves_[index.value] = std::make_shared<const LeafNode>(std::move(new_leaf));
  forget_hashes(index);
}

// MLS-068, MLS-109
void RatchetTree::remove_leaf(LeafIndex index) {
  ASSERT(leaf(index) != nullptr && member_count_ > 1);
  blank_direct_path(index);
  leaves_[index.value].reset();
  --member_count_;
  first_blank_ = std::min(first_blank_, index.value);
  size_t used = leaves_.size();
  while (!leaves_[used - 1]) --used;
  resize({static_cast<uint32_t>(std::bit_ceil(used))});
}

// MLS-062
Bytes RatchetTree::set_path(const CipherSuite& suite, LeafIndex index, const std::vector<Bytes>& encryption_keys) {
  const auto path = filtered_direct_path(index);
  ASSERT(path.size() == encryption_keys.size());
  blank_direct_path(index);
  Bytes above;
  for (size_t i = path.size(); i > 0; --i) {
    ParentNode node{encryption_keys[i - 1], std::move(above), {}};
    above = parent_hash(suite, node, path[i - 1].copath_child);
    parents_[parent_slot(path[i - 1].node)] = std::make_shared<const ParentNode>(std::move(node));
  }
  return above;
}

}  // namespace godwit::mls
