// Group::join (RFC 9420 §12.4.3.1).

#include "mls/group_state.h"

namespace godwit::mls {
namespace {

// The tree: out of the Welcome, or as it was handed in.
Result<RatchetTree> find_tree(const CipherSuite& suite, const GroupInfoIn& info, std::optional<ByteView> handed_in) {
  const Bytes* carried = find_extension(info.extensions, ExtensionType::kRatchetTree);
  REQUIRE(carried != nullptr || handed_in.has_value(), kMissingRatchetTree,
          "RFC 9420 §12.4.3.3: no ratchet tree at hand");
  auto tree = TRY(codec::decoded<RatchetTree>(carried != nullptr ? ByteView(*carried) : *handed_in));
  REQUIRE(tree.tree_hash(suite) == info.group_context.tree_hash, kBadTreeHash,
          "RFC 9420 §12.4.3.1: the tree is not that of the GroupInfo");
  TRY(tree.validate(suite, info.group_context.group_id, info.group_context.extensions));
  return tree;
}

Status check_group_info(const CipherSuite& suite, const GroupInfoIn& info) {
  REQUIRE(info.group_context.version == ProtocolVersion::kMls10, kUnsupportedVersion,
          "RFC 9420 §12.4.3.1: another protocol version than the key package's");
  REQUIRE(info.group_context.cipher_suite == suite.id, kUnsupportedSuite,
          "RFC 9420 §12.4.3.1: another cipher suite than the key package's");
  TRY(check_no_duplicates(info.extensions));
  return check_no_duplicates(info.group_context.extensions);
}

// Our private keys: the leaf's, and what the Welcome's path_secret gives from the common ancestor with the signer upward.
Result<TreeKemPrivate> find_keys(const CipherSuite& suite, const RatchetTree& tree,
                                 const KeyPackagePrivate& key_package, LeafIndex signer, GroupSecrets& secrets) {
  std::optional<LeafIndex> own;
  for (const LeafIndex index : tree.members()) {
    if (*tree.leaf(index) == key_package.key_package.leaf_node) own = index;
  }
  REQUIRE(own.has_value(), kBadWelcome, "RFC 9420 §12.4.3.1: our leaf is not in the tree");
  TreeKemPrivate keys{*own, {}};
  keys.keys.emplace(to_node(*own),
                    HpkeKeyPair{key_package.encryption_key.clone(), key_package.key_package.leaf_node.encryption_key});
  if (secrets.path_secret) {
    REQUIRE(signer != *own && secrets.path_secret->buffer().size() == suite.hash_size(), kBadWelcome,
            "RFC 9420 §12.4.3.1: a path_secret that cannot be");
    const NodeIndex node = common_ancestor(to_node(*own), to_node(signer));
    static_cast<void>(TRY(keys.implant(suite, tree, signer, node, std::move(*secrets.path_secret))));
  }
  return keys;
}

}  // namespace

Result<Group> Group::join(SuiteTable suites, ByteView welcome_message, const KeyPackagePrivate& key_package,
                          std::optional<ByteView> ratchet_tree, Instant, std::span<const ExternalPsk> psks) {
  const auto message = TRY(codec::decoded<MLSMessage>(welcome_message));
  const auto* welcome = std::get_if<Welcome>(&message.body);
  REQUIRE(welcome != nullptr, kWrongWireFormat, "RFC 9420 §12.4.3.1: not a Welcome");
  const CipherSuite& suite = *TRY(find_suite(suites, welcome->cipher_suite));
  REQUIRE(key_package.key_package.cipher_suite == suite.id, kNotForUs,
          "RFC 9420 §12.4.3.1: another cipher suite than the key package's");
  GroupSecrets secrets = TRY(open_group_secrets(suite, *welcome, key_package.ref(suite), key_package.init_key));
  const auto keys_shared = TRY(resolve_psks(nullptr, secrets.psks, psks));
  const auto member_secret = derive_member_secret(suite, secrets.joiner_secret, psk_secret(suite, keys_shared));
  GroupInfoIn info =
      TRY(open_group_info(suite, derive_welcome_secret(suite, member_secret), welcome->encrypted_group_info));
  TRY(check_group_info(suite, info));
  RatchetTree tree = TRY(find_tree(suite, info, ratchet_tree));
  const LeafNode* signer = tree.leaf(info.signer);
  REQUIRE(signer != nullptr, kUnknownSender, "RFC 9420 §12.4.3.1: the signer's leaf is blank");
  TRY(verify_group_info(info, signer->signature_key));
  TreeKemPrivate keys = TRY(find_keys(suite, tree, key_package, info.signer, secrets));

  NewEpoch epoch = derive_epoch(suite, member_secret, codec::encoded(info.group_context));
  const Bytes tag =
      mls::confirmation_tag(suite, epoch.secrets.confirmation_key, info.group_context.confirmed_transcript_hash);
  REQUIRE(crypto::equal_constant_time(tag, info.confirmation_tag), kBadConfirmationTag,
          "RFC 9420 §12.4.3.1: the confirmation tag does not hold");
  const Bytes interim = interim_transcript_hash(suite, info.group_context.confirmed_transcript_hash, tag);
  SecretTree secret_tree(suite, tree.leaf_count(), epoch.encryption_secret);
  GroupState state{&suite,
                   std::move(info.group_context),
                   std::move(tree),
                   interim,
                   tag,
                   {},
                   false,
                   std::move(epoch.secrets),
                   std::move(secret_tree),
                   {},
                   std::move(keys),
                   key_package.signature_key.clone(),
                   {}};
  return Group(std::make_unique<GroupState>(std::move(state)));
}

}  // namespace godwit::mls
