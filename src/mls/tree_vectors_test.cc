// tree-operations, tree-validation and treekem of the working group's vectors.

#include "mls/proposal_list.h"
#include "mls/testing/vector_runner.h"
#include "mls/treekem.h"

namespace godwit::mls::testing {
namespace {

RatchetTree read_tree(const Json& one, const char* member) {
  return hex_decoded<RatchetTree>(one, member);
}

LeafIndex member_of(const RatchetTree& tree, uint32_t index) {
  if (tree.leaf({index}) == nullptr) throw std::runtime_error("there is no leaf " + std::to_string(index));
  return {index};
}

const Bytes& key_of(const RatchetTree& tree, NodeIndex node) {
  const Bytes* key = tree.encryption_key(node);
  if (key == nullptr) throw std::runtime_error("node " + std::to_string(node.value) + " is blank");
  return *key;
}

}  // namespace

void verify_tree_operations(const CipherSuite& suite, const Json& one) {
  RatchetTree tree = read_tree(one, "tree_before");
  EXPECT_EQ(hex(tree.tree_hash(suite)), one.at("tree_hash_before"));
  const auto proposal = hex_decoded<Proposal>(one, "proposal");
  if (const auto* add = std::get_if<Add>(&proposal.body)) {
    must(tree.add_leaf(add->key_package.leaf_node), "proposal");
  } else if (const auto* update = std::get_if<Update>(&proposal.body)) {
    tree.update_leaf(member_of(tree, number<uint32_t>(one, "proposal_sender")), update->leaf_node);
  } else {
    tree.remove_leaf(member_of(tree, std::get<Remove>(proposal.body).removed.value));
  }
  EXPECT_EQ(hex(codec::encoded(tree)), one.at("tree_after"));
  EXPECT_EQ(hex(tree.tree_hash(suite)), one.at("tree_hash_after"));
}

void verify_tree_validation(const CipherSuite& suite, const Json& one) {
  const RatchetTree tree = read_tree(one, "tree");
  must(tree.validate(suite, hex_bytes(one, "group_id"), {}), "tree");
  ASSERT_EQ(node_count(tree.leaf_count()), one.at("tree_hashes").size());
  for (uint32_t i = 0; i < node_count(tree.leaf_count()); ++i) {
    EXPECT_EQ(hex(tree.tree_hash(suite, {i})), one.at("tree_hashes").at(i));
    std::vector<uint32_t> resolution;
    for (const NodeIndex node : tree.resolution({i})) resolution.push_back(node.value);
    EXPECT_EQ(resolution, one.at("resolutions").at(i).get<std::vector<uint32_t>>());
  }
}

namespace {

// The private state of every leaf of a treekem case.
std::map<LeafIndex, TreeKemPrivate> read_private(const CipherSuite& suite, const Json& one, const RatchetTree& tree) {
  std::map<LeafIndex, TreeKemPrivate> out;
  for (const Json& leaf : one.at("leaves_private")) {
    TreeKemPrivate own{member_of(tree, number<uint32_t>(leaf, "index")), {}};
    auto leaf_key = hex_secret(leaf, "encryption_priv");
    const Bytes public_key = must(suite.kem->public_key(leaf_key), "encryption_priv");
    EXPECT_EQ(hex(public_key), hex(key_of(tree, to_node(own.leaf))));
    own.keys.emplace(to_node(own.leaf), HpkeKeyPair{std::move(leaf_key), public_key});
    for (const Json& secret : leaf.at("path_secrets")) {
      const NodeIndex node{number<uint32_t>(secret, "node")};
      const auto node_secret = derive_secret(suite, hex_bytes(secret, "path_secret"), "node");
      auto key = HpkeKeyPair::derive(suite, node_secret.reveal());
      EXPECT_EQ(hex(key.public_key), hex(key_of(tree, node)));
      own.keys.emplace(node, std::move(key));
    }
    out.emplace(own.leaf, std::move(own));
  }
  return out;
}

GroupContext read_context(const CipherSuite& suite, const Json& one, const Bytes& tree_hash) {
  GroupContext out;
  out.cipher_suite = suite.id;
  out.group_id = hex_bytes(one, "group_id");
  out.epoch = number<uint64_t>(one, "epoch");
  out.tree_hash = tree_hash;
  out.confirmed_transcript_hash = hex_bytes(one, "confirmed_transcript_hash");
  return out;
}

// The published path: everybody gets his path secret out of it, and all the same commit secret.
void verify_path(const CipherSuite& suite, const Json& one, const Json& published, const RatchetTree& before) {
  const LeafIndex sender = member_of(before, number<uint32_t>(published, "sender"));
  const auto path = hex_decoded<UpdatePath>(published, "update_path");
  RatchetTree tree = before;
  const auto merged = merge_path(suite, tree, sender, path, {}, hex_bytes(one, "group_id"));
  ASSERT_TRUE(merged.has_value()) << merged.error().rule;
  EXPECT_EQ(hex(tree.tree_hash(suite)), published.at("tree_hash_after"));
  const Bytes context = codec::encoded(read_context(suite, one, tree.tree_hash(suite)));
  for (auto& [leaf, own] : read_private(suite, one, before)) {
    if (leaf == sender) continue;
    auto opened = decrypt_path(suite, tree, own, sender, path, {}, context);
    ASSERT_TRUE(opened.has_value()) << opened.error().rule;
    EXPECT_EQ(hex(opened->path_secret.reveal()), published.at("path_secrets").at(leaf.value));
    const auto commit_secret = own.implant(suite, tree, sender, opened->node, std::move(opened->path_secret));
    ASSERT_TRUE(commit_secret.has_value()) << commit_secret.error().rule;
    EXPECT_EQ(hex(commit_secret->reveal()), published.at("commit_secret"));
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
  while (number<uint32_t>(one.at("leaves_private").at(at), "index") != sender.value) ++at;
  const auto key = hex_signature_key(one.at("leaves_private").at(at), "signature_priv");
  sign_leaf_node(leaf, key, {hex_bytes(one, "group_id"), sender});
  tree.set_leaf(sender, leaf);
  const Bytes context = codec::encoded(read_context(suite, one, tree.tree_hash(suite)));
  auto nodes = encrypt_path(suite, tree, path, {}, context, random);
  ASSERT_TRUE(nodes.has_value());
  const UpdatePath sent{leaf, std::move(nodes).value()};
  RatchetTree received = before;
  ASSERT_TRUE(merge_path(suite, received, sender, sent, {}, hex_bytes(one, "group_id")));
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

}  // namespace

void verify_treekem(const CipherSuite& suite, const Json& one) {
  const RatchetTree before = read_tree(one, "ratchet_tree");
  for (const Json& published : one.at("update_paths")) {
    verify_path(suite, one, published, before);
    verify_own_path(suite, one, {number<uint32_t>(published, "sender")}, before);
  }
}

}  // namespace godwit::mls::testing
