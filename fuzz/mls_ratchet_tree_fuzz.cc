// Decodes a ratchet tree, walks all over it and changes it; what has the right form packs to the same bytes.

#include "mls/ratchet_tree.h"

using namespace godwit;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteView input(data, size);
  const mls::CipherSuite& suite = mls::suite_0x0003();
  auto tree = codec::decoded<mls::RatchetTree>(input);
  if (!tree) return 0;
  ASSERT(equal(codec::encoded(*tree), input));
  static_cast<void>(tree->validate(suite, {}, {}).has_value());
  ASSERT(tree->tree_hash(suite).size() == suite.hash_size());
  static_cast<void>(tree->verify_parent_hashes(suite).has_value());
  static_cast<void>(tree->verify_unique_keys().has_value());
  const auto members = tree->members();
  ASSERT(members.size() == tree->member_count());
  if (members.size() < 2) return 0;
  const mls::RatchetTree before = *tree;
  const mls::LeafIndex last = members.back();
  const std::vector<Bytes> keys(tree->filtered_direct_path(last).size(), Bytes(32, 1));
  static_cast<void>(tree->set_path(suite, last, keys));
  const mls::LeafNode leaf = *tree->leaf(last);
  tree->remove_leaf(members.front());
  ASSERT(tree->members().size() == members.size() - 1);
  ASSERT(tree->add_leaf(leaf).has_value());
  tree->update_leaf(last, leaf);
  ASSERT(!tree->changed_nodes(before).empty());
  ASSERT(tree->tree_hash(suite).size() == suite.hash_size());
  return 0;
}
