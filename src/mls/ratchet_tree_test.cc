// The tree as a data structure; its hashes and paths are in tree_vectors_test.cc.

#include "mls/ratchet_tree.h"

#include <gtest/gtest.h>

#include "mls/errors.h"

namespace godwit::mls {
namespace {

// A leaf whose keys and name say a number; no signature, which the tree does not look at.
LeafNode leaf(uint8_t number) {
  LeafNode out;
  out.encryption_key = Bytes(32, number);
  out.signature_key = Bytes(32, number);
  out.credential = Credential::basic(Bytes{number});
  return out;
}

RatchetTree tree_of(uint8_t members) {
  RatchetTree out(leaf(0));
  for (uint8_t i = 1; i < members; ++i) EXPECT_TRUE(out.add_leaf(leaf(i)));
  return out;
}

std::vector<Bytes> path_keys(const RatchetTree& tree, LeafIndex of, uint8_t number) {
  std::vector<Bytes> out;
  for (size_t i = 0; i < tree.filtered_direct_path(of).size(); ++i) {
    out.push_back(Bytes(32, static_cast<uint8_t>(number + i)));
  }
  return out;
}

std::vector<uint32_t> numbers(const std::vector<NodeIndex>& nodes) {
  std::vector<uint32_t> out;
  for (const NodeIndex node : nodes) out.push_back(node.value);
  return out;
}

TEST(RatchetTree, a_copy_shares_all_its_nodes_and_a_change_unshares_its_own) {
  const RatchetTree before = tree_of(5);
  RatchetTree tree = before;
  EXPECT_TRUE(tree.changed_nodes(before).empty());
  tree.set_path(suite_0x0003(), {1}, path_keys(tree, {1}, 100));
  tree.set_leaf({1}, leaf(50));
  EXPECT_EQ(numbers(tree.changed_nodes(before)), (std::vector<uint32_t>{1, 2, 3, 7}));
  EXPECT_EQ(before.leaf({1})->signature_key, Bytes(32, 1));
}

TEST(RatchetTree, an_added_leaf_changes_itself_and_the_parents_where_it_is_unmerged) {
  RatchetTree before = tree_of(5);
  before.set_path(suite_0x0003(), {4}, path_keys(before, {4}, 100));  // nodes 9 and 11 are filtered out of it
  RatchetTree tree = before;
  EXPECT_EQ(tree.add_leaf(leaf(5)).value(), LeafIndex{5});
  EXPECT_EQ(numbers(tree.changed_nodes(before)), (std::vector<uint32_t>{7, 10}));
  EXPECT_EQ(tree.parent_node({7})->unmerged_leaves, std::vector<LeafIndex>{{5}});
}

TEST(RatchetTree, a_tree_that_shrank_changed_where_it_ended) {
  const RatchetTree before = tree_of(3);
  RatchetTree tree = before;
  tree.remove_leaf({2});
  EXPECT_EQ(tree.leaf_count(), LeafCount{2});
  EXPECT_EQ(numbers(tree.changed_nodes(before)), std::vector<uint32_t>{4});
  EXPECT_EQ(tree.encoded_node({4}), Bytes{0});
}

TEST(RatchetTree, its_encoded_nodes_make_it_again) {
  RatchetTree tree = tree_of(6);
  tree.set_path(suite_0x0003(), {3}, path_keys(tree, {3}, 100));
  tree.remove_leaf({1});
  RatchetTreeIn in;
  for (uint32_t i = 0; i < 11; ++i) {
    in.nodes.push_back(codec::decoded<std::optional<Node>>(tree.encoded_node({i})).value());
  }
  const auto again = RatchetTree::unpack(in);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(*again == tree);
  EXPECT_EQ(again->member_count(), 5U);
  EXPECT_EQ(again->tree_hash(suite_0x0003()), tree.tree_hash(suite_0x0003()));
  EXPECT_TRUE(codec::decoded<RatchetTree>(codec::encoded(tree)).value() == tree);
}

// MLS-174
TEST(RatchetTree, a_thousand_blank_nodes_are_a_tree_only_if_something_stands_behind_them) {
  Bytes blanks(1000, 0);
  codec::Writer nothing_behind;
  nothing_behind.opaque(blanks);
  EXPECT_EQ(codec::decoded<RatchetTree>(nothing_behind.view()).error().code, kBadTree);
  append(blanks, codec::encoded(std::optional(Node{leaf(1)})));
  codec::Writer behind;
  behind.opaque(blanks);
  const auto tree = codec::decoded<RatchetTree>(behind.view());
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->leaf_count(), LeafCount{512});
  EXPECT_EQ(tree->members(), std::vector<LeafIndex>{LeafIndex{500}});
  EXPECT_TRUE(codec::encoded(*tree) == behind.take());
}

TEST(RatchetTree, a_new_leaf_takes_the_leftmost_blank) {
  RatchetTree tree = tree_of(8);
  for (const uint32_t blank : {6U, 2U, 5U}) tree.remove_leaf({blank});
  EXPECT_EQ(tree.member_count(), 5U);
  for (const uint32_t expected : {2U, 5U, 6U, 8U}) EXPECT_EQ(tree.add_leaf(leaf(20)).value(), LeafIndex{expected});
  EXPECT_EQ(tree.member_count(), 9U);
  EXPECT_EQ(tree.members().size(), 9U);
}

// MLS-057, MLS-058
TEST(RatchetTree, a_key_that_stands_twice_is_found_wherever_it_is_new) {
  const RatchetTree before = tree_of(5);
  EXPECT_TRUE(before.verify_unique_keys());
  const auto refusal_of = [&](const std::function<void(RatchetTree&)>& change) {
    RatchetTree tree = before;
    change(tree);
    const Status by_change = tree.verify_unique_keys(before);
    EXPECT_EQ(by_change.has_value(), tree.verify_unique_keys().has_value());
    return by_change.has_value() ? ErrorCode{} : by_change.error().code;
  };
  LeafNode same_encryption_key = leaf(9);
  same_encryption_key.encryption_key = leaf(3).encryption_key;
  LeafNode same_signature_key = leaf(9);
  same_signature_key.signature_key = leaf(3).signature_key;
  const auto add = [](const LeafNode& one) { return [one](RatchetTree& tree) { EXPECT_TRUE(tree.add_leaf(one)); }; };
  EXPECT_EQ(refusal_of(add(leaf(9))), ErrorCode{});
  EXPECT_EQ(refusal_of(add(same_encryption_key)), kDuplicateKey);
  EXPECT_EQ(refusal_of(add(same_signature_key)), kDuplicateKey);
  EXPECT_EQ(refusal_of([](RatchetTree& tree) {  // twice among what is new
              EXPECT_TRUE(tree.add_leaf(leaf(9)));
              EXPECT_TRUE(tree.add_leaf(leaf(9)));
            }),
            kDuplicateKey);
  EXPECT_EQ(refusal_of([](RatchetTree& tree) {  // a parent with the key of a leaf
              tree.set_path(suite_0x0003(), {0}, path_keys(tree, {0}, 2));
            }),
            kDuplicateKey);
  EXPECT_EQ(refusal_of([&](RatchetTree& tree) { tree.set_leaf({3}, same_signature_key); }), ErrorCode{});
}

TEST(RatchetTree, the_filtered_direct_path_leaves_out_what_has_only_blanks_beside) {
  RatchetTree tree = tree_of(5);
  EXPECT_EQ(tree.filtered_direct_path({4}).size(), 1U);  // 9 and 11 have nobody on their other side
  EXPECT_EQ(tree.filtered_direct_path({0}).size(), 3U);
  tree.remove_leaf({1});
  EXPECT_EQ(tree.filtered_direct_path({0}).size(), 2U);
}

}  // namespace
}  // namespace godwit::mls
