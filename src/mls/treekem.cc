#include "mls/treekem.h"

#include <algorithm>

#include "mls/errors.h"
#include "mls/key_set.h"

namespace godwit::mls {
namespace {

constexpr std::string_view kPathLabel = "UpdatePathNode";

PathSecret next_path_secret(const CipherSuite& suite, const PathSecret& path_secret) {
  return PathSecret(derive_secret(suite, path_secret.reveal(), "path"));
}

HpkeKeyPair node_key(const CipherSuite& suite, const PathSecret& path_secret) {
  return HpkeKeyPair::derive(suite, derive_secret(suite, path_secret.reveal(), "node").reveal());
}

// The resolution without leaves that this very commit adds: those get their secret by Welcome (RFC 9420 §7.6).
// MLS-060
std::vector<NodeIndex> recipients(const RatchetTree& tree, NodeIndex node, const std::set<LeafIndex>& added) {
  std::vector<NodeIndex> out = tree.resolution(node);
  std::erase_if(out, [&](NodeIndex one) { return is_leaf(one) && added.contains(to_leaf(one)); });
  return out;
}

// The keys of a path are new: to one another, to every node of the tree it is put into, and the leaf's signature key to
// every other leaf (RFC 9420 §7.3, §12.4.2).
Status verify_new_keys(const RatchetTree& tree, LeafIndex sender, const UpdatePath& path) {
  std::vector<std::string_view> keys{as_text(path.leaf_node.encryption_key)};
  for (const UpdatePathNode& node : path.nodes) keys.push_back(as_text(node.encryption_key));
  const KeySet fresh(std::move(keys));
  REQUIRE(!fresh.has_duplicates(), kDuplicateKey, "RFC 9420 §12.4.2, MLS-146: a key stands twice in an UpdatePath");
  for (uint32_t i = 0; i < node_count(tree.leaf_count()); ++i) {
    const Bytes* key = tree.encryption_key({i});
    if (key == nullptr) continue;
    REQUIRE(!fresh.contains(*key), kDuplicateKey,
            "RFC 9420 §12.4.2, MLS-146: a key of the UpdatePath is in the tree already");
    REQUIRE(!is_leaf({i}) || to_leaf({i}) == sender ||
                tree.leaf(to_leaf({i}))->signature_key != path.leaf_node.signature_key,
            kDuplicateKey, "RFC 9420 §7.3: the signature key of the path's leaf is another member's");
  }
  return {};
}

}  // namespace

std::vector<Bytes> UpdatePath::encryption_keys() const {
  std::vector<Bytes> out;
  for (const UpdatePathNode& node : nodes) out.push_back(node.encryption_key);
  return out;
}

TreeKemPrivate TreeKemPrivate::clone() const {
  TreeKemPrivate out{leaf, {}};
  for (const auto& [node, key] : keys) out.keys.emplace(node, key.clone());
  return out;
}

// MLS-064
void TreeKemPrivate::prune(const RatchetTree& tree) {
  std::erase_if(keys, [&](const auto& entry) {
    const Bytes* key = entry.first.value < node_count(tree.leaf_count()) ? tree.encryption_key(entry.first) : nullptr;
    return key == nullptr || *key != entry.second.public_key;
  });
}

Result<CommitSecret> TreeKemPrivate::implant(const CipherSuite& suite, const RatchetTree& tree, LeafIndex sender,
                                             NodeIndex node, PathSecret path_secret) {
  bool reached = false;
  std::map<NodeIndex, HpkeKeyPair> fresh;
  for (const PathStep& step : tree.filtered_direct_path(sender)) {
    reached = reached || step.node == node;
    if (!reached) continue;
    HpkeKeyPair key = node_key(suite, path_secret);
    const Bytes* expected = tree.encryption_key(step.node);
    REQUIRE(expected != nullptr && *expected == key.public_key, kBadUpdatePath,
            "RFC 9420 §7.5, MLS-063, MLS-165: a path secret does not give the public key of its node");
    fresh.insert_or_assign(step.node, std::move(key));
    path_secret = next_path_secret(suite, path_secret);
  }
  REQUIRE(reached, kBadUpdatePath, "RFC 9420 §7.5: a path secret for a node that is not on the path");
  for (auto& [index, key] : fresh) keys.insert_or_assign(index, std::move(key));
  return CommitSecret(path_secret.buffer().clone());
}

// MLS-059
NewPath NewPath::generate(const CipherSuite& suite, const RatchetTree& tree, LeafIndex leaf, Random& random) {
  NewPath out;
  out.leaf_key = HpkeKeyPair::generate(suite, random);
  out.steps = tree.filtered_direct_path(leaf);
  PathSecret path_secret(crypto::SecretBuffer::random(random, suite.hash_size()));
  for (size_t i = 0; i < out.steps.size(); ++i) {
    out.node_keys.push_back(node_key(suite, path_secret));
    PathSecret next = next_path_secret(suite, path_secret);
    out.path_secrets.push_back(std::move(path_secret));
    path_secret = std::move(next);
  }
  out.commit_secret = CommitSecret(path_secret.buffer().clone());
  return out;
}

std::vector<Bytes> NewPath::encryption_keys() const {
  std::vector<Bytes> out;
  for (const HpkeKeyPair& key : node_keys) out.push_back(key.public_key);
  return out;
}

const PathSecret& NewPath::path_secret_for(LeafIndex other) const {
  const auto found = std::find_if(steps.begin(), steps.end(), [&](const PathStep& step) {
    return is_in_subtree(to_node(other), step.copath_child);
  });
  ASSERT(found != steps.end());
  return path_secrets[static_cast<size_t>(found - steps.begin())];
}

Result<std::vector<UpdatePathNode>> encrypt_path(const CipherSuite& suite, const RatchetTree& tree, const NewPath& path,
                                                 const std::set<LeafIndex>& added, ByteView group_context,
                                                 Random& random) {
  const crypto::HpkeInfo info = encryption_info(suite, kPathLabel, group_context);
  std::vector<UpdatePathNode> out;
  for (size_t i = 0; i < path.steps.size(); ++i) {
    UpdatePathNode& node = out.emplace_back();
    node.encryption_key = path.node_keys[i].public_key;
    for (const NodeIndex recipient : recipients(tree, path.steps[i].copath_child, added)) {
      node.encrypted_path_secret.push_back(
          TRY(encrypt_with_label(suite, *tree.encryption_key(recipient), info, path.path_secrets[i].reveal(), random)));
    }
  }
  return out;
}

Result<DecryptedPath> decrypt_path(const CipherSuite& suite, const RatchetTree& tree, const TreeKemPrivate& own,
                                   LeafIndex sender, const UpdatePath& path, const std::set<LeafIndex>& added,
                                   ByteView group_context) {
  const auto steps = tree.filtered_direct_path(sender);
  ASSERT(steps.size() == path.nodes.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!is_in_subtree(to_node(own.leaf), steps[i].copath_child)) continue;
    const auto nodes = recipients(tree, steps[i].copath_child, added);
    for (size_t j = 0; j < nodes.size() && j < path.nodes[i].encrypted_path_secret.size(); ++j) {
      const auto key = own.keys.find(nodes[j]);
      if (key == own.keys.end()) continue;
      auto secret = TRY(decrypt_with_label(suite, key->second.private_key, kPathLabel, group_context,
                                           path.nodes[i].encrypted_path_secret[j]));
      REQUIRE(secret.size() == suite.hash_size(), kBadUpdatePath,
              "RFC 9420 §7.4, MLS-063: a path secret has KDF.Nh bytes");
      return DecryptedPath{steps[i].node, PathSecret(std::move(secret))};
    }
  }
  return Error{kBadUpdatePath, "RFC 9420 §7.6: the path holds no ciphertext for this member"};
}

Status merge_path(const CipherSuite& suite, RatchetTree& tree, LeafIndex sender, const UpdatePath& path,
                  const std::set<LeafIndex>& added, const Bytes& group_id) {
  const auto steps = tree.filtered_direct_path(sender);
  REQUIRE(steps.size() == path.nodes.size(), kBadUpdatePath,
          "RFC 9420 §7.5, MLS-061: the path has as many nodes as the filtered direct path");
  for (size_t i = 0; i < steps.size(); ++i) {
    REQUIRE(path.nodes[i].encrypted_path_secret.size() == recipients(tree, steps[i].copath_child, added).size(),
            kBadUpdatePath, "RFC 9420 §12.4.2, MLS-065: one ciphertext for each node of the resolution");
    REQUIRE(suite.kem->check_public_key(path.nodes[i].encryption_key).has_value(), kBadUpdatePath,
            "RFC 9420 §7.1, MLS-035: encryption_key is not a key of the suite that one can encrypt to");
  }
  TRY(verify_new_keys(tree, sender, path));
  TRY(validate_leaf_node(suite, path.leaf_node, LeafNodeSource::kCommit, {group_id, sender}));
  const Bytes parent_hash = tree.set_path(suite, sender, path.encryption_keys());
  REQUIRE(path.leaf_node.parent_hash == parent_hash, kBadParentHash,
          "RFC 9420 §7.9.2, MLS-072: the leaf's parent_hash is not that of its path");
  tree.set_leaf(sender, path.leaf_node);
  return {};
}

}  // namespace godwit::mls
