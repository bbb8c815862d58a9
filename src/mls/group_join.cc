// Group::join and what is read off a Welcome (RFC 9420 §12.4.3.1).

#include <algorithm>

#include "crypto/hash.h"
#include "mls/group_state.h"

namespace godwit::mls {
namespace {

Status check_context(const CipherSuite& suite, const GroupInfoIn& info) {
  REQUIRE(info.group_context.version == ProtocolVersion::kMls10, kUnsupportedVersion,
          "RFC 9420 §12.4.3.1, MLS-159: another protocol version than the key package's");
  REQUIRE(info.group_context.cipher_suite == suite.id, kUnsupportedSuite,
          "RFC 9420 §12.4.3.1, MLS-159: another cipher suite than the key package's");
  REQUIRE(info.group_context.epoch <= UINT64_MAX / 2, kMalformed, "an epoch that no group lives to see");
  // MLS-178
  TRY(check_no_duplicates(info.extensions));
  return check_group_context_extensions(info.group_context.extensions);
}

// The tree's data: carried, or handed in and, if the GroupInfo says how long they are and what they hash to, just those.
Result<ByteView> find_tree(const GroupInfoIn& info, std::optional<ByteView> handed_in) {
  if (const Bytes* carried = find_extension(info.extensions, ExtensionType::kRatchetTree)) return ByteView(*carried);
  REQUIRE(handed_in.has_value(), kMissingRatchetTree, "RFC 9420 §12.4.3.3, MLS-167: no ratchet tree at hand");
  if (const Bytes* data = find_extension(info.extensions, ExtensionType::kRatchetTreeReference)) {
    const auto reference = TRY(codec::decoded<RatchetTreeReference>(*data));
    REQUIRE(handed_in->size() == reference.size && crypto::sha256(*handed_in) == reference.hash, kBadTreeHash,
            "mls.md, ratchet_tree_reference: other data than the GroupInfo refers to");
  }
  return *handed_in;
}

// Our private keys: the leaf's, and what the Welcome's path_secret gives from the common ancestor with the signer upward.
Result<TreeKemPrivate> find_keys(const CipherSuite& suite, const RatchetTree& tree,
                                 const KeyPackagePrivate& key_package, LeafIndex signer, GroupSecrets& secrets) {
  std::optional<LeafIndex> own;
  for (const LeafIndex index : tree.members()) {
    if (*tree.leaf(index) == key_package.key_package.leaf_node) own = index;
  }
  REQUIRE(own.has_value(), kBadWelcome, "RFC 9420 §12.4.3.1, MLS-164: our leaf is not in the tree");
  TreeKemPrivate keys{*own, {}};
  keys.keys.emplace(to_node(*own),
                    HpkeKeyPair{key_package.encryption_key.clone(), key_package.key_package.leaf_node.encryption_key});
  if (secrets.path_secret) {
    REQUIRE(signer != *own && secrets.path_secret->buffer().size() == suite.hash_size(), kBadWelcome,
            "RFC 9420 §12.4.3.1, MLS-063, MLS-165: a path_secret that cannot be");
    const NodeIndex node = common_ancestor(to_node(*own), to_node(signer));
    static_cast<void>(TRY(keys.implant(suite, tree, signer, node, std::move(*secrets.path_secret))));
  }
  return keys;
}

// A Welcome that was opened; its GroupInfo's signature is still to be checked.
struct OpenedWelcome {
  const CipherSuite& suite;
  GroupSecrets secrets;
  std::vector<PreSharedKey> psks;
  GroupInfoIn info;
};

// Keys that tie a group to another belong into its first Welcome, one and no more (RFC 9420 §12.4.3.1).
Status check_welcome_psks(const CipherSuite& suite, const std::vector<PreSharedKeyID>& psks,
                          std::optional<ResumptionPSKUsage> expected, const Group* old) {
  REQUIRE(psks.size() <= kPsksMax, kBadWelcome, "a Welcome names at most kPsksMax pre-shared keys");
  size_t links = 0;
  for (size_t i = 0; i < psks.size(); ++i) {
    const PreSharedKeyID& id = psks[i];
    REQUIRE(id.psk_nonce.size() == suite.hash_size(), kBadWelcome,
            "RFC 9420 §8.4, MLS-112: psk_nonce has KDF.Nh bytes");
    // MLS-126
    REQUIRE(std::find(psks.begin(), psks.begin() + static_cast<ptrdiff_t>(i), id) ==
                psks.begin() + static_cast<ptrdiff_t>(i),
            kBadWelcome, "RFC 9420 §12.2: one pre-shared key twice");
    if (id.psktype == PSKType::kExternal || id.usage == ResumptionPSKUsage::kApplication) continue;
    ++links;
    REQUIRE(expected == id.usage, kBadWelcome,
            "RFC 9420 §8.6: a key of usage reinit or branch in a Welcome to another kind of group");
    REQUIRE(id.psk_group_id == old->group_id(), kBadWelcome, "RFC 9420 §11.2, §11.3: a key of another group");
    REQUIRE(id.usage != ResumptionPSKUsage::kReinit || id.psk_epoch == old->epoch(), kBadWelcome,
            "RFC 9420 §11.2, MLS-168: a key of another epoch than the one that the ReInit led to");
  }
  REQUIRE(links <= 1, kBadWelcome, "RFC 9420 §12.4.3.1, MLS-158: two keys of usage reinit or branch");
  REQUIRE(links == 1 || !expected, kBadWelcome,
          "RFC 9420 §11.2, §11.3, MLS-101, MLS-104: no key ties the group to the one before it");
  return {};
}

Result<OpenedWelcome> open_welcome(SuiteTable suites, ByteView welcome_message, const KeyPackagePrivate& key_package,
                                   const KnownPsks& psks, std::optional<ResumptionPSKUsage> expected,
                                   const Group* old) {
  const auto message = TRY(codec::decoded<MLSMessage>(welcome_message));
  const auto* welcome = std::get_if<Welcome>(&message.body);
  REQUIRE(welcome != nullptr, kWrongWireFormat, "RFC 9420 §12.4.3.1, MLS-015: not a Welcome");
  const CipherSuite& suite = *TRY(find_suite(suites, welcome->cipher_suite));
  REQUIRE(key_package.key_package.cipher_suite == suite.id, kNotForUs,
          "RFC 9420 §12.4.3.1, MLS-156: another cipher suite than the key package's");
  GroupSecrets secrets = TRY(open_group_secrets(suite, *welcome, key_package.ref(suite), key_package.init_key));
  TRY(check_welcome_psks(suite, secrets.psks, expected, old));
  auto shared = TRY(resolve_psks(nullptr, secrets.psks, psks));
  const auto member_secret = derive_member_secret(suite, secrets.joiner_secret, psk_secret(suite, shared));
  GroupInfoIn info =
      TRY(open_group_info(suite, derive_welcome_secret(suite, member_secret), welcome->encrypted_group_info));
  return OpenedWelcome{suite, std::move(secrets), std::move(shared), std::move(info)};
}

Result<GroupState> enter_group(OpenedWelcome opened, const KeyPackagePrivate& key_package,
                               std::optional<ByteView> ratchet_tree) {
  const CipherSuite& suite = opened.suite;
  GroupInfoIn& info = opened.info;
  RatchetTree tree = TRY(validate_group_info(suite, info, ratchet_tree));
  TreeKemPrivate keys = TRY(find_keys(suite, tree, key_package, info.signer, opened.secrets));
  GroupState state =
      next_state(suite, nullptr,
                 {std::move(tree), std::move(info.group_context), std::move(opened.secrets.joiner_secret),
                  psk_secret(suite, opened.psks), std::move(keys), key_package.signature_key.clone(), std::nullopt});
  REQUIRE(crypto::equal_constant_time(state.confirmation_tag, info.confirmation_tag), kBadConfirmationTag,
          "RFC 9420 §12.4.3.1, MLS-166: the confirmation tag does not hold");
  return state;
}

// True if everybody in `inner` is somebody in `outer`.
bool is_subset(const std::vector<Member>& inner, const std::vector<Member>& outer,
               const std::function<bool(const Member& of_inner, const Member& of_outer)>& same) {
  return std::all_of(inner.begin(), inner.end(), [&](const Member& one) {
    return std::any_of(outer.begin(), outer.end(), [&](const Member& other) { return same(one, other); });
  });
}

bool have_one_identity(const Member& in_old, const Member& in_new) { return in_old.identity == in_new.identity; }

}  // namespace

Result<RatchetTree> validate_group_info(const CipherSuite& suite, const GroupInfoIn& info,
                                        std::optional<ByteView> handed_in) {
  TRY(check_context(suite, info));
  auto tree = TRY(codec::decoded<RatchetTree>(TRY(find_tree(info, handed_in))));
  REQUIRE(tree.tree_hash(suite) == info.group_context.tree_hash, kBadTreeHash,
          "RFC 9420 §12.4.3.1, MLS-160: the tree is not that of the GroupInfo");
  TRY(tree.validate(suite, info.group_context.group_id, info.group_context.extensions));
  const LeafNode* signer = tree.leaf(info.signer);
  REQUIRE(signer != nullptr, kUnknownSender, "RFC 9420 §12.4.3.1, MLS-154: the signer's leaf is blank");
  TRY(verify_group_info(info, signer->signature_key));
  return tree;
}

Result<Group> Group::join(SuiteTable suites, ByteView welcome, const KeyPackagePrivate& key_package,
                          std::optional<ByteView> ratchet_tree, Instant, const KnownPsks& psks, LeafIndex* by) {
  auto opened = TRY(open_welcome(suites, welcome, key_package, psks, std::nullopt, nullptr));
  if (by != nullptr) *by = opened.info.signer;
  auto state = TRY(enter_group(std::move(opened), key_package, ratchet_tree));
  return Group(std::make_unique<GroupState>(std::move(state)));
}

Result<Group> Group::join_reinitialized(SuiteTable suites, ByteView welcome, const KeyPackagePrivate& key_package,
                                        std::optional<ByteView> ratchet_tree, Instant, const Group& old,
                                        const SameMember& same, const KnownPsks& psks) {
  REQUIRE(old.ended_by(), kNotReinitialized, "RFC 9420 §11.2, MLS-168: no ReInit ended the old group");
  const auto groups = with_group(psks, old);
  auto opened =
      TRY(open_welcome(suites, welcome, key_package, {psks.external, groups}, ResumptionPSKUsage::kReinit, &old));
  const GroupContext& context = opened.info.group_context;
  const ReInit& reinit = *old.ended_by();
  REQUIRE(context.epoch == 1, kBadWelcome, "RFC 9420 §11.2, MLS-101: the epoch of the Welcome is 1");
  REQUIRE(context.version == reinit.version && context.cipher_suite == reinit.cipher_suite, kBadWelcome,
          "RFC 9420 §11.2, MLS-100: another version or suite than the ReInit's");
  REQUIRE(context.group_id == reinit.group_id, kBadWelcome,
          "RFC 9420 §11.2, MLS-100: another group_id than the ReInit's");
  REQUIRE(context.extensions == reinit.extensions, kBadWelcome,
          "RFC 9420 §11.2, MLS-100: other extensions than the ReInit's");
  auto state = TRY(enter_group(std::move(opened), key_package, ratchet_tree));
  Group group(std::make_unique<GroupState>(std::move(state)));
  const SameMember& is_same = same ? same : SameMember(have_one_identity);
  REQUIRE(is_subset(old.members(), group.members(), is_same), kBadWelcome,
          "RFC 9420 §12.4.3.1, MLS-102: a member of the old group is not in the new one");
  return group;
}

Result<Group> Group::join_branch(SuiteTable suites, ByteView welcome, const KeyPackagePrivate& key_package,
                                 std::optional<ByteView> ratchet_tree, Instant, const Group& old,
                                 const SameMember& same, const KnownPsks& psks) {
  const auto groups = with_group(psks, old);
  auto opened =
      TRY(open_welcome(suites, welcome, key_package, {psks.external, groups}, ResumptionPSKUsage::kBranch, &old));
  const GroupContext& context = opened.info.group_context;
  const GroupContext& before = GroupState::of(old).context;
  REQUIRE(context.epoch == 1, kBadWelcome, "RFC 9420 §11.3, MLS-104: the epoch of the Welcome is 1");
  REQUIRE(context.version == before.version && context.cipher_suite == before.cipher_suite, kBadWelcome,
          "RFC 9420 §11.3, MLS-104: another version or suite than the old group's");
  auto state = TRY(enter_group(std::move(opened), key_package, ratchet_tree));
  Group group(std::make_unique<GroupState>(std::move(state)));
  const SameMember& is_same = same ? same : SameMember(have_one_identity);
  REQUIRE(is_subset(group.members(), old.members(),
                    [&](const Member& in_new, const Member& in_old) { return is_same(in_old, in_new); }),
          kBadWelcome, "RFC 9420 §11.3, MLS-105: a member of the branch is not in the old group");
  return group;
}

Result<std::optional<RatchetTreeReference>> ratchet_tree_reference(SuiteTable suites, ByteView welcome,
                                                                   const KeyPackagePrivate& key_package,
                                                                   const KnownPsks& psks) {
  const auto opened = TRY(open_welcome(suites, welcome, key_package, psks, std::nullopt, nullptr));
  const Bytes* data = find_extension(opened.info.extensions, ExtensionType::kRatchetTreeReference);
  if (data == nullptr) return std::optional<RatchetTreeReference>{};
  return std::optional(TRY(codec::decoded<RatchetTreeReference>(*data)));
}

}  // namespace godwit::mls
