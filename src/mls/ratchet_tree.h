#pragma once
// The ratchet tree's public half (RFC 9420 §7): nodes, what happens to them, and what they hash to.

#include <memory>
#include <span>
#include <variant>

#include "codec/members.h"
#include "mls/leaf_node.h"

namespace godwit::mls {

/// ParentNode (RFC 9420 §7.1).
struct ParentNode {
  Bytes encryption_key;
  Bytes parent_hash;
  std::vector<LeafIndex> unmerged_leaves;  ///< Ascending.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.encryption_key, self.parent_hash, self.unmerged_leaves);
  }
  friend bool operator==(const ParentNode&, const ParentNode&) = default;
};

/// A node as the ratchet_tree extension carries it (RFC 9420 §12.4.3.3).
struct Node {
  std::variant<LeafNode, ParentNode> body;
  void encode_to(codec::Writer& writer) const;
  /// kMalformed: an unknown node type.
  static Result<Node> decode_from(codec::Reader& reader);
  friend bool operator==(const Node&, const Node&) = default;
};

/// The data of the ratchet_tree extension, unchecked.
struct RatchetTreeIn {
  std::vector<std::optional<Node>> nodes;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.nodes);
  }
};

/// A node of a filtered direct path and its child that is not on the path (RFC 9420 §4.1.2).
struct PathStep {
  NodeIndex node;
  NodeIndex copath_child;
};

/// The public tree. Leaves and parents are reached by index; a blank one is a null pointer. Nodes never change but are
/// replaced, and copies of a tree share them: a copy costs a pointer per node, and what two trees of one group do not share
/// is what changed between them.
class RatchetTree {
 public:
  /// A tree of one leaf.
  explicit RatchetTree(LeafNode only_leaf);
  /// Checks the form only: kinds of nodes at their places, no blank at the end, at most kLeavesMax leaves, unmerged leaves
  /// ascending and below their node. kBadTree: drop it.
  static Result<RatchetTree> unpack(RatchetTreeIn in);
  /// All of RFC 9420 §12.4.3.1 that concerns a tree and that unpack() has not seen to: parent hashes, unmerged leaves,
  /// leaf nodes, unique keys. kBadTree, kBadParentHash, kDuplicateKey and those of validate_leaf_node: drop it.
  Status validate(const CipherSuite& suite, const Bytes& group_id, const Extensions& group_context_extensions) const;
  /// The data of the ratchet_tree extension (RFC 9420 §12.4.3.3).
  void encode_to(codec::Writer& writer) const;
  /// The reverse, through unpack(). Codec errors and kBadTree: drop it.
  static Result<RatchetTree> decode_from(codec::Reader& reader);

  /// Leaves, blank ones included.
  LeafCount leaf_count() const { return {static_cast<uint32_t>(leaves_.size())}; }
  /// Null if the leaf is blank or beyond the tree.
  const LeafNode* leaf(LeafIndex index) const;
  /// Null if the node is blank, a leaf or beyond the tree.
  const ParentNode* parent_node(NodeIndex index) const;
  /// The encryption key of any node; null if blank.
  const Bytes* encryption_key(NodeIndex index) const;
  /// The leaves that are not blank, from the left.
  std::vector<LeafIndex> members() const;
  /// How many leaves are not blank.
  size_t member_count() const { return member_count_; }

  /// The nodes that this tree does not share with `before`, ascending: those that were replaced, became blank or came into
  /// being, and those of `before` beyond this tree, if it shrank. O(nodes) comparisons of pointers.
  std::vector<NodeIndex> changed_nodes(const RatchetTree& before) const;
  /// One element of the ratchet_tree extension, an optional<Node>, encoded; a blank for what is beyond the tree.
  Bytes encoded_node(NodeIndex node) const;

  /// RFC 9420 §4.1.1.
  std::vector<NodeIndex> resolution(NodeIndex node) const;
  /// RFC 9420 §4.1.2, from the leaf upward.
  std::vector<PathStep> filtered_direct_path(LeafIndex leaf) const;

  /// Puts the leaf into the leftmost blank or grows the tree (RFC 9420 §12.1.1). kTooManyMembers.
  Result<LeafIndex> add_leaf(LeafNode leaf);
  /// Replaces the leaf and blanks its direct path (RFC 9420 §12.1.2); only a leaf that is not blank.
  void update_leaf(LeafIndex index, LeafNode leaf);
  /// Blanks the leaf and its direct path and truncates the tree (RFC 9420 §12.1.3); only a leaf that is not blank.
  void remove_leaf(LeafIndex index);
  /// Blanks the direct path of `index` and puts these keys on its filtered direct path, with the parent hashes that
  /// follow; returns the leaf's parent_hash (RFC 9420 §7.5, §7.9). As many keys as filtered_direct_path has nodes.
  Bytes set_path(const CipherSuite& suite, LeafIndex index, const std::vector<Bytes>& encryption_keys);
  /// Replaces a leaf and nothing else: the last step of an UpdatePath.
  void set_leaf(LeafIndex index, LeafNode leaf);

  /// RFC 9420 §7.8; kept until a node below changes.
  Bytes tree_hash(const CipherSuite& suite, NodeIndex node) const;
  /// The root's.
  Bytes tree_hash(const CipherSuite& suite) const { return tree_hash(suite, root(leaf_count())); }
  /// Checks every parent hash of the tree (RFC 9420 §7.9.2). kBadParentHash.
  Status verify_parent_hashes(const CipherSuite& suite) const;
  /// Checks that no encryption key and no signature key stands twice (RFC 9420 §7.3). kDuplicateKey.
  Status verify_unique_keys() const;
  /// The same of a tree that came out of `before`, whose keys are unique: only what they do not share is looked up.
  Status verify_unique_keys(const RatchetTree& before) const;

  /// Compares contents.
  friend bool operator==(const RatchetTree& a, const RatchetTree& b);

 private:
  /// A tree of blanks.
  explicit RatchetTree(LeafCount leaves) { resize(leaves); }
  void resize(LeafCount leaves);
  /// `next_node(node)` gives one after the other, blank or not, and says false after the last one.
  template <typename NextNode>
  static Result<RatchetTree> build(const NextNode& next_node);
  Status put(NodeIndex index, Node node);
  Status check_unmerged_leaves_form() const;
  /// What stands at a node, whatever it is; null if it is blank or beyond the tree.
  const void* object(NodeIndex node) const;
  bool is_blank_subtree(NodeIndex node) const;
  void blank_direct_path(LeafIndex index);
  void forget_hashes(LeafIndex index);
  void collect_resolution(NodeIndex node, std::vector<NodeIndex>& out) const;
  Status verify_unmerged_leaves() const;
  Status verify_leaves(const CipherSuite& suite, const Bytes& group_id, const Extensions& group_extensions) const;
  ByteView cached_tree_hash(const CipherSuite& suite, NodeIndex node) const;
  Bytes tree_hash_without(const CipherSuite& suite, NodeIndex node, std::span<const LeafIndex> excluded) const;
  Bytes parent_hash(const CipherSuite& suite, const ParentNode& node, NodeIndex copath_child) const;
  bool has_parent_hash_link(const CipherSuite& suite, NodeIndex node, NodeIndex child, NodeIndex copath_child) const;
  Status verify_unique_keys(const std::vector<NodeIndex>& changed) const;

  std::vector<std::shared_ptr<const LeafNode>> leaves_;
  std::vector<std::shared_ptr<const ParentNode>> parents_;
  size_t member_count_ = 0;
  uint32_t first_blank_ = 0;              // no leaf to the left of it is blank
  mutable std::vector<bool> hash_known_;  // by node
  mutable Bytes hashes_;                  // by node, KDF.Nh bytes each
};

}  // namespace godwit::mls
