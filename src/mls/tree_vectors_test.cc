// tree-operations, tree-validation and treekem of the working group's vectors.

#include "mls/proposal_list.h"
#include "mls/testing/support.h"
#include "mls/treekem.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

RatchetTree read_tree(const Json& one, const char* member) {
  return codec::decoded<RatchetTree>(unhex(one, member)).value();
}

TEST(MlsVectors, tree_operations) {
  for_each_case("mls/tree-operations.json", [](const CipherSuite& suite, const Json& one) {
    RatchetTree tree = read_tree(one, "tree_before");
    EXPECT_EQ(hex(tree.tree_hash(suite)), one["tree_hash_before"]);
    const auto proposal = codec::decoded<Proposal>(unhex(one, "proposal"));
    ASSERT_TRUE(proposal.has_value());
    if (const auto* add = std::get_if<Add>(&proposal->body)) {
      ASSERT_TRUE(tree.add_leaf(add->key_package.leaf_node));
    } else if (const auto* update = std::get_if<Update>(&proposal->body)) {
      tree.update_leaf({one["proposal_sender"].get<uint32_t>()}, update->leaf_node);
    } else {
      tree.remove_leaf(std::get<Remove>(proposal->body).removed);
    }
    EXPECT_EQ(hex(codec::encoded(tree)), one["tree_after"]);
    EXPECT_EQ(hex(tree.tree_hash(suite)), one["tree_hash_after"]);
  });
}

TEST(MlsVectors, tree_validation) {
  for_each_case("mls/tree-validation.json", [](const CipherSuite& suite, const Json& one) {
    const auto tree = codec::decoded<RatchetTree>(unhex(one, "tree"));
    ASSERT_TRUE(tree.has_value());
    const Status valid = tree->validate(suite, unhex(one, "group_id"), {});
    ASSERT_TRUE(valid.has_value()) << valid.error().rule;
    ASSERT_EQ(node_count(tree->leaf_count()), one["tree_hashes"].size());
    for (uint32_t i = 0; i < node_count(tree->leaf_count()); ++i) {
      EXPECT_EQ(hex(tree->tree_hash(suite, {i})), one["tree_hashes"][i]);
      std::vector<uint32_t> resolution;
      for (const NodeIndex node : tree->resolution({i})) resolution.push_back(node.value);
      EXPECT_EQ(resolution, one["resolutions"][i].get<std::vector<uint32_t>>());
    }
  });
}

// The private state of every leaf of a treekem case.
std::map<LeafIndex, TreeKemPrivate> read_private(const CipherSuite& suite, const Json& one, const RatchetTree& tree) {
  std::map<LeafIndex, TreeKemPrivate> out;
  for (const Json& leaf : one["leaves_private"]) {
    TreeKemPrivate own{{leaf["index"].get<uint32_t>()}, {}};
    auto leaf_key = unhex_secret(leaf, "encryption_priv");
    const Bytes public_key = suite.kem->public_key(leaf_key).value();
    EXPECT_EQ(hex(public_key), hex(*tree.encryption_key(to_node(own.leaf))));
    own.keys.emplace(to_node(own.leaf), HpkeKeyPair{std::move(leaf_key), public_key});
    for (const Json& secret : leaf["path_secrets"]) {
      const NodeIndex node{secret["node"].get<uint32_t>()};
      const auto node_secret = derive_secret(suite, unhex(secret, "path_secret"), "node");
      auto key = HpkeKeyPair::derive(suite, node_secret.reveal());
      EXPECT_EQ(hex(key.public_key), hex(*tree.encryption_key(node)));
      own.keys.emplace(node, std::move(key));
    }
    out.emplace(own.leaf, std::move(own));
  }
  return out;
}

GroupContext read_context(const CipherSuite& suite, const Json& one, const Bytes& tree_hash) {
  GroupContext out;
  out.cipher_suite = suite.id;
  out.group_id = unhex(one, "group_id");
  out.epoch = one["epoch"].get<uint64_t>();
  out.tree_hash = tree_hash;
  out.confirmed_transcript_hash = unhex(one, "confirmed_transcript_hash");
  return out;
}

// The published path: everybody gets his path secret out of it, and all the same commit secret.
void verify_path(const CipherSuite& suite, const Json& one, const Json& published, const RatchetTree& before) {
  const LeafIndex sender{published["sender"].get<uint32_t>()};
  const auto path = codec::decoded<UpdatePath>(unhex(published, "update_path"));
  ASSERT_TRUE(path.has_value());
  RatchetTree tree = before;
  const auto merged = merge_path(suite, tree, sender, *path, {}, unhex(one, "group_id"));
  ASSERT_TRUE(merged.has_value()) << merged.error().rule;
  EXPECT_EQ(hex(tree.tree_hash(suite)), published["tree_hash_after"]);
  const Bytes context = codec::encoded(read_context(suite, one, tree.tree_hash(suite)));
  for (auto& [leaf, own] : read_private(suite, one, before)) {
    if (leaf == sender) continue;
    auto opened = decrypt_path(suite, tree, own, sender, *path, {}, context);
    ASSERT_TRUE(opened.has_value()) << opened.error().rule;
    EXPECT_EQ(hex(opened->path_secret.reveal()), published["path_secrets"][leaf.value]);
    const auto commit_secret = own.implant(suite, tree, sender, opened->node, std::move(opened->path_secret));
    ASSERT_TRUE(commit_secret.has_value()) << commit_secret.error().rule;
    EXPECT_EQ(hex(commit_secret->reveal()), published["commit_secret"]);
  }
}

// A path of our own for the same sender.
void verify_own_path(const CipherSuite& suite, const Json& one, LeafIndex sender, const RatchetTree& before) {
  crypto::SystemRandom random;
  RatchetTree tree = before;
  NewPath path = NewPath::generate(suite, tree, sender, random);
  LeafNode leaf = *tree.leaf(sender);
  leaf.encryption_key = path.leaf_key.public_key;
  leaf.source = LeafNodeSource::kCommit;
  leaf.parent_hash = tree.set_path(suite, sender, path.encryption_keys());
  size_t at = 0;
  while (one["leaves_private"][at]["index"].get<uint32_t>() != sender.value) ++at;
  const auto key = unhex_signature_key(one["leaves_private"][at], "signature_priv");
  sign_leaf_node(leaf, key, {unhex(one, "group_id"), sender});
  tree.set_leaf(sender, leaf);
  const Bytes context = codec::encoded(read_context(suite, one, tree.tree_hash(suite)));
  auto nodes = encrypt_path(suite, tree, path, {}, context, random);
  ASSERT_TRUE(nodes.has_value());
  const UpdatePath sent{leaf, std::move(nodes).value()};
  RatchetTree received = before;
  ASSERT_TRUE(merge_path(suite, received, sender, sent, {}, unhex(one, "group_id")));
  EXPECT_TRUE(received == tree);
  EXPECT_TRUE(received.verify_parent_hashes(suite));
  for (auto& [other, own] : read_private(suite, one, before)) {
    if (other == sender) continue;
    auto opened = decrypt_path(suite, received, own, sender, sent, {}, context);
    ASSERT_TRUE(opened.has_value()) << opened.error().rule;
    EXPECT_EQ(hex(opened->path_secret.reveal()), hex(path.path_secret_for(other).reveal()));
    const auto commit_secret = own.implant(suite, received, sender, opened->node, std::move(opened->path_secret));
    ASSERT_TRUE(commit_secret.has_value());
    EXPECT_TRUE(*commit_secret == path.commit_secret);
  }
}

TEST(MlsVectors, treekem) {
  for_each_case("mls/treekem.json", [](const CipherSuite& suite, const Json& one) {
    const RatchetTree before = read_tree(one, "ratchet_tree");
    for (const Json& published : one["update_paths"]) {
      verify_path(suite, one, published, before);
      verify_own_path(suite, one, {published["sender"].get<uint32_t>()}, before);
      if (::testing::Test::HasFatalFailure()) return;
    }
  });
}

}  // namespace
}  // namespace godwit::mls
