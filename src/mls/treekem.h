#pragma once
// TreeKEM (RFC 9420 §7.4 to §7.7): the private half of the tree, and how an UpdatePath carries new secrets to the others.

#include <map>
#include <set>

#include "codec/members.h"
#include "mls/key_schedule.h"
#include "mls/ratchet_tree.h"

namespace godwit::mls {

/// UpdatePathNode (RFC 9420 §7.6).
struct UpdatePathNode {
  Bytes encryption_key;
  std::vector<HPKECiphertext> encrypted_path_secret;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.encryption_key, self.encrypted_path_secret);
  }
  friend bool operator==(const UpdatePathNode&, const UpdatePathNode&) = default;
};

/// UpdatePath (RFC 9420 §7.6).
struct UpdatePath {
  LeafNode leaf_node;
  std::vector<UpdatePathNode> nodes;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.leaf_node, self.nodes);
  }
  /// The encryption keys of the nodes, in their order.
  std::vector<Bytes> encryption_keys() const;
  friend bool operator==(const UpdatePath&, const UpdatePath&) = default;
};

/// path_secret[n] of one node (RFC 9420 §7.4).
using PathSecret = ScheduleSecret<struct PathSecretTag>;

/// The private keys that one member holds.
struct TreeKemPrivate {
  LeafIndex leaf;
  std::map<NodeIndex, HpkeKeyPair> keys;  ///< Of the own leaf and of nodes above it.

  /// A second copy, asked for by name.
  TreeKemPrivate clone() const;
  /// Forgets keys that the tree no longer has.
  void prune(const RatchetTree& tree);
  /// Takes in the path secret of a node on the filtered direct path of `sender` and all that follow from it upward.
  /// kBadUpdatePath: a derived key is not the one in the tree.
  Result<CommitSecret> implant(const CipherSuite& suite, const RatchetTree& tree, LeafIndex sender, NodeIndex node,
                               PathSecret path_secret);
};

/// New secrets for the filtered direct path of a committer, before they are encrypted.
struct NewPath {
  HpkeKeyPair leaf_key;
  std::vector<PathStep> steps;
  std::vector<PathSecret> path_secrets;  ///< One for each step.
  std::vector<HpkeKeyPair> node_keys;    ///< One for each step.
  CommitSecret commit_secret;

  /// Fresh secrets for `leaf` in `tree` (RFC 9420 §7.4).
  static NewPath generate(const CipherSuite& suite, const RatchetTree& tree, LeafIndex leaf, Random& random);
  /// The public keys of the steps.
  std::vector<Bytes> encryption_keys() const;
  /// The path secret at the lowest common ancestor of the committer and another leaf: what a joiner gets.
  const PathSecret& path_secret_for(LeafIndex other) const;
};

/// Encrypts the path secrets to the resolutions of the copath without `added` (RFC 9420 §7.6). `group_context` is the
/// encoded provisional one. `tree` has the new path. Errors of encrypt_with_label: a key in the tree is of no use.
Result<std::vector<UpdatePathNode>> encrypt_path(const CipherSuite& suite, const RatchetTree& tree, const NewPath& path,
                                                 const std::set<LeafIndex>& added, ByteView group_context,
                                                 Random& random);

/// A path secret and the node that it belongs to.
struct DecryptedPath {
  NodeIndex node;
  PathSecret path_secret;
};
/// What an UpdatePath of `sender` carries for the owner of `own` (RFC 9420 §7.6). `tree` has the new path, `own` its keys of
/// before. kBadUpdatePath, kDecryptionFailed: the commit is void.
Result<DecryptedPath> decrypt_path(const CipherSuite& suite, const RatchetTree& tree, const TreeKemPrivate& own,
                                   LeafIndex sender, const UpdatePath& path, const std::set<LeafIndex>& added,
                                   ByteView group_context);

/// Checks the form of an UpdatePath of `sender` and puts it into `tree`, which has the commit's proposals applied:
/// number of nodes and of ciphertexts, key sizes, keys that are new, the leaf node, its parent hash (RFC 9420 §7.5, §7.9,
/// §12.4.2). kBadUpdatePath, kBadParentHash, kDuplicateKey, those of validate_leaf_node: the commit is void.
Status merge_path(const CipherSuite& suite, RatchetTree& tree, LeafIndex sender, const UpdatePath& path,
                  const std::set<LeafIndex>& added, const Bytes& group_id);

}  // namespace godwit::mls
