// What somebody refuses who joins, rule by rule: Welcomes that are sealed, signed and confirmed well and break one rule.

#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

/// What a Welcome gives away to the one whom it is for.
struct WelcomeParts {
  GroupInfoIn info;
  GroupSecrets secrets;
};
using Spoil = std::function<void(WelcomeParts&)>;

class RulesJoiningTest : public ::testing::Test {
 protected:
  // The Welcome for `joiner`, spoilt, its confirmation tag made to fit, signed by `signer` and sealed.
  Bytes spoilt(const Bytes& welcome_message, const KeyPackagePrivate& joiner, const Spoil& spoil,
               std::string_view signer = "alice", const KnownPsks& psks = {}) {
    const CipherSuite& suite = suite_0x0003();
    auto message = codec::decoded<MLSMessage>(welcome_message).value();
    auto& welcome = std::get<Welcome>(message.body);
    WelcomeParts parts{{}, open_group_secrets(suite, welcome, joiner.ref(suite), joiner.init_key).value()};
    const auto shared = resolve_psks(nullptr, parts.secrets.psks, psks).value();
    const auto member = derive_member_secret(suite, parts.secrets.joiner_secret, psk_secret(suite, shared));
    const auto welcome_secret = derive_welcome_secret(suite, member);
    parts.info = open_group_info(suite, welcome_secret, welcome.encrypted_group_info).value();
    spoil(parts);
    const GroupContext& context = parts.info.group_context;
    const auto epoch = derive_epoch(suite, member, codec::encoded(context));
    parts.info.confirmation_tag =
        confirmation_tag(suite, epoch.secrets.confirmation_key, context.confirmed_transcript_hash);
    sign_group_info(parts.info, parameters(signer).signature_key);
    welcome.encrypted_group_info = seal_group_info(suite, welcome_secret, parts.info);
    welcome.secrets.clear();
    EXPECT_TRUE(add_joiner(suite, welcome, joiner.ref(suite), joiner.key_package.init_key, parts.secrets, random_));
    return codec::encoded(message);
  }
  ErrorCode verdict(const Bytes& welcome, const KeyPackagePrivate& joiner, const KnownPsks& psks = {}) {
    const auto joined = Group::join(suites_default(), welcome, joiner, std::nullopt, kTestNow, psks);
    return joined ? ErrorCode{0, Action::kDrop, "accepted"} : joined.error().code;
  }
  // Bob's verdict on the Welcome to a tree with alice, bob and carol, spoilt.
  ErrorCode verdict(const Spoil& spoil, std::string_view signer = "alice") {
    return verdict(spoilt(*staged_.welcome, bob_, spoil, signer), bob_);
  }
  StagedCommit stage(bool path) {
    CommitRequest request;
    request.add.push_back(published(bob_));
    request.add.push_back(published(candidate("carol", random_, {kTestExtension})));
    request.path_always = path;
    return alice_.stage_commit(request, random_, kTestNow).value();
  }
  // Frank's Welcome to a tree of five leaves; he is unmerged at nodes 3 and 7, which have keys.
  Bytes welcome_of_unmerged(const KeyPackagePrivate& frank) {
    auto groups = grown({"alice", "bob", "carol", "dave", "erin"}, random_);
    CommitRequest without_dave;
    without_dave.remove = {{3}};
    const auto staged = groups[2].stage_commit(without_dave, random_, kTestNow).value();
    follow_commit(groups[0], staged.commit);
    CommitRequest request;
    request.add.push_back(published(frank));
    request.path_always = false;
    return *groups[0].stage_commit(request, random_, kTestNow).value().welcome;
  }

  crypto::SeededRandom random_{21};
  Group alice_ = founded("alice", random_, {}, {kTestExtension});
  KeyPackagePrivate bob_ = candidate("bob", random_, {kTestExtension});
  StagedCommit staged_ = stage(true);
};

// Spoils the tree and makes its hash fit again.
Spoil with_tree(const std::function<void(RatchetTreeIn&)>& spoil) {
  return [spoil](WelcomeParts& parts) {
    Bytes& data = parts.info.extensions.at(0).data;
    auto tree = codec::decoded<RatchetTreeIn>(data).value();
    spoil(tree);
    data = codec::encoded(tree);
    parts.info.group_context.tree_hash = RatchetTree::unpack(std::move(tree)).value().tree_hash(suite_0x0003());
  };
}
LeafNode& leaf_at(RatchetTreeIn& tree, size_t node) { return std::get<LeafNode>(tree.nodes.at(node)->body); }
ParentNode& parent_at(RatchetTreeIn& tree, size_t node) { return std::get<ParentNode>(tree.nodes.at(node)->body); }

TEST_F(RulesJoiningTest, the_builder_makes_welcomes_that_are_joined_when_nothing_is_spoilt) {
  EXPECT_EQ(verdict([](WelcomeParts&) {}).number, 0);
  EXPECT_EQ(verdict(with_tree([](RatchetTreeIn&) {})).number, 0);
  const auto frank = candidate("frank", random_);
  const Bytes welcome = welcome_of_unmerged(frank);
  EXPECT_EQ(verdict(spoilt(welcome, frank, with_tree([](RatchetTreeIn& tree) {
                             EXPECT_EQ(parent_at(tree, 3).unmerged_leaves, std::vector<LeafIndex>{{3}});
                             EXPECT_EQ(parent_at(tree, 7).unmerged_leaves, std::vector<LeafIndex>{{3}});
                           })),
                    frank)
                .number,
            0);
}

// MLS-063 MLS-165
TEST_F(RulesJoiningTest, a_path_secret_that_gives_other_keys_or_cannot_be) {
  const auto secret = [](WelcomeParts& parts) { return to_bytes(parts.secrets.path_secret.value().buffer().reveal()); };
  EXPECT_EQ(verdict([&](WelcomeParts& parts) {
              Bytes bytes = secret(parts);
              bytes[0] ^= 1;
              parts.secrets.path_secret = PathSecret(crypto::SecretBuffer::copy_of(bytes));
            }),
            kBadUpdatePath);
  EXPECT_EQ(verdict([&](WelcomeParts& parts) {
              Bytes bytes = secret(parts);
              bytes.pop_back();
              parts.secrets.path_secret = PathSecret(crypto::SecretBuffer::copy_of(bytes));
            }),
            kBadWelcome);
  // From bob himself: there is no common ancestor.
  EXPECT_EQ(verdict([](WelcomeParts& parts) { parts.info.signer = {1}; }, "bob"), kBadWelcome);
}

// MLS-071
TEST_F(RulesJoiningTest, a_parent_hash_link_beside_a_leaf_that_is_not_unmerged) {
  const auto frank = candidate("frank", random_);
  const Bytes welcome = welcome_of_unmerged(frank);
  EXPECT_EQ(verdict(spoilt(welcome, frank,
                           with_tree([](RatchetTreeIn& tree) { parent_at(tree, 7).unmerged_leaves.clear(); })),
                    frank),
            kBadParentHash);
}

// MLS-163
TEST_F(RulesJoiningTest, a_leaf_that_is_unmerged_above_and_not_below) {
  const auto frank = candidate("frank", random_);
  const Bytes welcome = welcome_of_unmerged(frank);
  EXPECT_EQ(verdict(spoilt(welcome, frank,
                           with_tree([](RatchetTreeIn& tree) { parent_at(tree, 3).unmerged_leaves.clear(); })),
                    frank),
            kBadTree);
}

// MLS-058
TEST_F(RulesJoiningTest, a_parent_node_with_the_key_of_another_node) {
  EXPECT_EQ(verdict(with_tree(
                [](RatchetTreeIn& tree) { parent_at(tree, 3).encryption_key = parent_at(tree, 1).encryption_key; })),
            kDuplicateKey);
  EXPECT_EQ(verdict(with_tree(
                [](RatchetTreeIn& tree) { parent_at(tree, 3).encryption_key = leaf_at(tree, 4).encryption_key; })),
            kDuplicateKey);
}

// MLS-070
TEST_F(RulesJoiningTest, a_root_with_a_parent_hash) {
  EXPECT_EQ(verdict(with_tree([](RatchetTreeIn& tree) { parent_at(tree, 3).parent_hash = Bytes(32); })),
            kBadParentHash);
}

// MLS-164
TEST_F(RulesJoiningTest, a_tree_without_our_leaf_or_with_another_of_ours) {
  staged_ = stage(false);  // no parent nodes: no other check meets these trees
  EXPECT_EQ(verdict(with_tree([](RatchetTreeIn& tree) { tree.nodes.at(2).reset(); })), kBadWelcome);
  EXPECT_EQ(verdict(with_tree([&](RatchetTreeIn& tree) {
              ++leaf_at(tree, 2).lifetime.not_before;
              sign_leaf_node(leaf_at(tree, 2), bob_.signature_key, {});
            })),
            kBadWelcome);
}

// MLS-156 MLS-159
TEST_F(RulesJoiningTest, another_suite_or_version_than_the_key_package_has) {
  EXPECT_EQ(verdict([](WelcomeParts& parts) { parts.info.group_context.cipher_suite = CipherSuiteId{1}; }),
            kUnsupportedSuite);
  EXPECT_EQ(verdict([](WelcomeParts& parts) { parts.info.group_context.version = ProtocolVersion{2}; }),
            kUnsupportedVersion);
  auto message = codec::decoded<MLSMessage>(*staged_.welcome).value();
  std::get<Welcome>(message.body).cipher_suite = CipherSuiteId{1};
  EXPECT_EQ(Group::join(suites_for_tests(), codec::encoded(message), bob_, std::nullopt, kTestNow).error().code,
            kNotForUs);
}

// MLS-152
TEST_F(RulesJoiningTest, an_extension_of_the_group_that_the_joiner_does_not_support) {
  const auto dave = candidate("dave", random_);
  CommitRequest request;
  request.add.push_back(published(dave));
  const Bytes welcome = *alice_.stage_commit(request, random_, kTestNow).value().welcome;
  const Spoil with_extension = [](WelcomeParts& parts) {
    parts.info.group_context.extensions.push_back({kTestExtension, {}});
  };
  EXPECT_EQ(verdict(with_extension).number, 0);  // bob supports it
  EXPECT_EQ(verdict(spoilt(welcome, dave, with_extension), dave), kUnsupportedExtension);
}

// MLS-048 MLS-161
TEST_F(RulesJoiningTest, a_tree_with_a_leaf_that_lacks_what_the_group_requires) {
  const auto requires_it = [&](const RequiredCapabilities& required) {
    return verdict([&](WelcomeParts& parts) {
      parts.info.group_context.extensions.push_back(required_capabilities_extension(required));
    });
  };
  EXPECT_EQ(requires_it({{kTestExtension}, {ProposalType::kSelfRemove}, {CredentialType::kBasic}}).number, 0);
  EXPECT_EQ(requires_it({{ExtensionType{0xf002}}, {}, {}}), kUnsupportedExtension);
  EXPECT_EQ(requires_it({{}, {ProposalType{0xf001}}, {}}), kUnsupportedProposal);
  EXPECT_EQ(requires_it({{}, {}, {CredentialType::kX509}}), kUnsupportedCredential);
}

// MLS-178
TEST_F(RulesJoiningTest, an_extension_that_stands_twice_in_group_info_or_group_context) {
  const auto twice = [](Extensions& extensions) { extensions.insert(extensions.end(), 2, {kTestExtension, {}}); };
  EXPECT_EQ(verdict([&](WelcomeParts& parts) { twice(parts.info.extensions); }), kDuplicateExtension);
  EXPECT_EQ(verdict([&](WelcomeParts& parts) { twice(parts.info.group_context.extensions); }), kDuplicateExtension);
}

// MLS-151 MLS-182
TEST_F(RulesJoiningTest, extensions_of_a_group_info_that_nobody_knows_are_ignored) {
  EXPECT_EQ(verdict([](WelcomeParts& parts) {
              parts.info.extensions.push_back({ExtensionType{0x0a0a}, text("grease")});
              parts.info.extensions.push_back({ExtensionType{0xf00d}, text("unknown")});
            }).number,
            0);
}

// MLS-157
TEST_F(RulesJoiningTest, secrets_and_group_info_that_do_not_belong_together) {
  const CipherSuite& suite = suite_0x0003();
  auto message = codec::decoded<MLSMessage>(*staged_.welcome).value();
  auto& welcome = std::get<Welcome>(message.body);
  const auto secrets = open_group_secrets(suite, welcome, bob_.ref(suite), bob_.init_key).value();
  const auto member = derive_member_secret(suite, secrets.joiner_secret, psk_secret(suite, {}));
  const auto welcome_secret = derive_welcome_secret(suite, member);
  GroupInfoIn info = open_group_info(suite, welcome_secret, welcome.encrypted_group_info).value();
  // Signed well and sealed with the right key, and not what the sealed secrets are bound to.
  info.extensions.push_back({ExtensionType{0xf00d}, {}});
  sign_group_info(info, parameters("alice").signature_key);
  welcome.encrypted_group_info = seal_group_info(suite, welcome_secret, info);
  EXPECT_EQ(verdict(codec::encoded(message), bob_), kDecryptionFailed);
  // Bound, and sealed with another key than the secrets give.
  const auto another = derive_welcome_secret(
      suite, derive_member_secret(suite, JoinerSecret(crypto::SecretBuffer(32)), psk_secret(suite, {})));
  welcome.encrypted_group_info = seal_group_info(suite, another, info);
  welcome.secrets.clear();
  ASSERT_TRUE(add_joiner(suite, welcome, bob_.ref(suite), bob_.key_package.init_key, secrets, random_));
  EXPECT_EQ(verdict(codec::encoded(message), bob_), kDecryptionFailed);
}

// MLS-045
TEST_F(RulesJoiningTest, a_tree_with_a_leaf_that_was_signed_for_another_group_or_place) {
  const auto key = parameters("alice").signature_key.clone();
  EXPECT_EQ(verdict(with_tree(
                [&](RatchetTreeIn& tree) { sign_leaf_node(leaf_at(tree, 0), key, {text("another group"), {0}}); })),
            kBadSignature);
  EXPECT_EQ(
      verdict(with_tree([&](RatchetTreeIn& tree) { sign_leaf_node(leaf_at(tree, 0), key, {alice_.group_id(), {1}}); })),
      kBadSignature);
}

// MLS-011 MLS-036 MLS-037 MLS-040 MLS-041 MLS-042 MLS-044 MLS-161 MLS-176
TEST_F(RulesJoiningTest, a_tree_with_a_leaf_that_contradicts_itself) {
  staged_ = stage(false);  // so that no parent hash vouches for the leaf
  const auto key = parameters("carol").signature_key.clone();
  const auto with_leaf = [&](const std::function<void(LeafNode&)>& spoil) {
    return verdict(with_tree([&](RatchetTreeIn& tree) {
      spoil(leaf_at(tree, 4));
      sign_leaf_node(leaf_at(tree, 4), key, {});
    }));
  };
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { ++leaf.lifetime.not_before; }).number, 0);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { leaf.encryption_key.pop_back(); }), kBadLeafNode);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { leaf.signature_key.push_back(0); }), kBadLeafNode);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { leaf.capabilities.versions.clear(); }), kUnsupportedVersion);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { leaf.capabilities.cipher_suites.clear(); }), kUnsupportedSuite);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { leaf.capabilities.credentials.clear(); }), kUnsupportedCredential);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) {
              leaf.credential = {CredentialType::kX509, {}, {text("a chain")}};
              leaf.capabilities.credentials.push_back(CredentialType::kX509);
            }),
            kUnsupportedCredential);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { leaf.extensions.push_back({ExtensionType{0xf002}, {}}); }),
            kUnsupportedExtension);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { leaf.extensions.assign(2, {kTestExtension, {}}); }), kDuplicateExtension);
  EXPECT_EQ(with_leaf([](LeafNode& leaf) { leaf.lifetime.not_before = leaf.lifetime.not_after + 1; }), kLifetime);
}

// MLS-057
TEST_F(RulesJoiningTest, a_tree_with_one_signature_key_twice) {
  staged_ = stage(false);
  const auto key = parameters("alice").signature_key.clone();
  EXPECT_EQ(verdict(with_tree([&](RatchetTreeIn& tree) {
              leaf_at(tree, 4).signature_key = to_bytes(key.public_key);
              sign_leaf_node(leaf_at(tree, 4), key, {});
            })),
            kDuplicateKey);
}

// MLS-052
TEST_F(RulesJoiningTest, a_tree_whose_leaves_have_outlived_themselves_is_joined) {
  EXPECT_TRUE(Group::join(suites_default(), *staged_.welcome, bob_, std::nullopt, kTestNow + days(400)).has_value());
}

class RulesJoiningByPskTest : public RulesJoiningTest {
 protected:
  Bytes welcome() {
    CommitRequest request;
    request.add.push_back(published(bob_));
    request.external_psks = {text("first"), text("second")};
    return *alice_.stage_commit(request, random_, kTestNow, psks_).value().welcome;
  }
  ErrorCode verdict_on(const Spoil& spoil) {
    return verdict(spoilt(welcome(), bob_, spoil, "alice", psks_), bob_, psks_);
  }
  std::vector<ExternalPsk> known() {
    std::vector<ExternalPsk> out;
    out.push_back({text("first"), crypto::SecretBuffer::copy_of(Bytes(32, 1))});
    out.push_back({text("second"), crypto::SecretBuffer::copy_of(Bytes(32, 2))});
    return out;
  }
  std::vector<ExternalPsk> psks_ = known();
};

// MLS-077
TEST_F(RulesJoiningByPskTest, pre_shared_keys_in_another_order_than_the_commits) {
  EXPECT_EQ(verdict_on([](WelcomeParts&) {}).number, 0);
  EXPECT_EQ(verdict_on([](WelcomeParts& parts) { std::swap(parts.secrets.psks.at(0), parts.secrets.psks.at(1)); }),
            kDecryptionFailed);
}

// MLS-145
TEST_F(RulesJoiningByPskTest, a_pre_shared_key_that_the_joiner_lacks) {
  EXPECT_EQ(verdict(welcome(), bob_), kUnknownPsk);
}

// MLS-112 MLS-126
TEST_F(RulesJoiningByPskTest, a_pre_shared_key_with_a_short_nonce_or_twice) {
  EXPECT_EQ(verdict_on([](WelcomeParts& parts) { parts.secrets.psks.at(1).psk_nonce.pop_back(); }), kBadWelcome);
  EXPECT_EQ(verdict_on([](WelcomeParts& parts) { parts.secrets.psks.push_back(parts.secrets.psks.at(0)); }),
            kBadWelcome);
}

// MLS-158
TEST_F(RulesJoiningByPskTest, a_key_of_usage_reinit_or_branch_in_a_welcome_to_an_ordinary_group) {
  for (const auto usage : {ResumptionPSKUsage::kReinit, ResumptionPSKUsage::kBranch}) {
    EXPECT_EQ(verdict_on([&](WelcomeParts& parts) {
                parts.secrets.psks.push_back({PSKType::kResumption, {}, usage, alice_.group_id(), 0, Bytes(32)});
              }),
              kBadWelcome);
  }
}

class RulesJoiningByCommitTest : public RulesJoiningTest {
 protected:
  ErrorCode verdict_on(const std::function<void(GroupInfoIn&)>& spoil, std::string_view signer = "alice") {
    auto message = codec::decoded<MLSMessage>(staged_.successor.group_info(true)).value();
    auto& info = std::get<GroupInfoIn>(message.body);
    spoil(info);
    sign_group_info(info, parameters(signer).signature_key);
    ExternalCommitRequest request;
    request.leaf = parameters("dave", {kTestExtension});
    const auto made = Group::external_commit(suites_default(), codec::encoded(message), std::nullopt, request, random_);
    return made ? ErrorCode{0, Action::kDrop, "accepted"} : made.error().code;
  }
};

// Spoils the tree of a GroupInfo and makes its hash fit again.
std::function<void(GroupInfoIn&)> with_tree_of_info(const std::function<void(RatchetTreeIn&)>& spoil) {
  return [spoil](GroupInfoIn& info) {
    for (Extension& one : info.extensions) {
      if (one.type != ExtensionType::kRatchetTree) continue;
      auto tree = codec::decoded<RatchetTreeIn>(one.data).value();
      spoil(tree);
      one.data = codec::encoded(tree);
      info.group_context.tree_hash = RatchetTree::unpack(std::move(tree)).value().tree_hash(suite_0x0003());
    }
  };
}

// MLS-169
TEST_F(RulesJoiningByCommitTest, group_info_and_tree_are_checked_as_by_who_is_added) {
  EXPECT_EQ(verdict_on([](GroupInfoIn&) {}).number, 0);
  EXPECT_EQ(verdict_on([](GroupInfoIn&) {}, "bob"), kBadSignature);
  EXPECT_EQ(verdict_on([](GroupInfoIn& info) { info.signer = {3}; }), kUnknownSender);
  EXPECT_EQ(verdict_on([](GroupInfoIn& info) { info.group_context.version = ProtocolVersion{2}; }),
            kUnsupportedVersion);
  EXPECT_EQ(verdict_on([](GroupInfoIn& info) { info.extensions.push_back(info.extensions.at(0)); }),
            kDuplicateExtension);
  EXPECT_EQ(verdict_on([](GroupInfoIn& info) { info.group_context.tree_hash[0] ^= 1; }), kBadTreeHash);
  EXPECT_EQ(verdict_on(with_tree_of_info([](RatchetTreeIn& tree) { parent_at(tree, 3).encryption_key[0] ^= 1; })),
            kBadParentHash);
  EXPECT_EQ(verdict_on(with_tree_of_info([](RatchetTreeIn& tree) { leaf_at(tree, 0).credential.identity.clear(); })),
            kBadSignature);
}

// MLS-169
TEST_F(RulesJoiningByCommitTest, an_external_pub_that_nobody_can_encrypt_to) {
  for (const Bytes& key : {Bytes(31, 9), Bytes(32)}) {
    EXPECT_NE(verdict_on([&](GroupInfoIn& info) {
                for (Extension& one : info.extensions) {
                  if (one.type == ExtensionType::kExternalPub) one.data = codec::encoded(ExternalPub{key});
                }
              }).number,
              0);
  }
}

}  // namespace
}  // namespace godwit::mls
