// What somebody refuses who is to join: Welcomes that are sealed well and wrong in one point.

#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

class WelcomeRefusalsTest : public ::testing::Test {
 protected:
  // Bob's Welcome with a GroupInfo that was spoilt, signed again by alice if asked, and sealed again.
  ErrorCode refusal_of(const std::function<void(GroupInfoIn&)>& spoil, bool sign) {
    auto message = codec::decoded<MLSMessage>(*staged_.welcome).value();
    auto& welcome = std::get<Welcome>(message.body);
    auto secrets = open_group_secrets(suite_0x0003(), welcome, bob_.ref(suite_0x0003()), bob_.init_key).value();
    const auto member = derive_member_secret(suite_0x0003(), secrets.joiner_secret, psk_secret(suite_0x0003(), {}));
    const auto welcome_secret = derive_welcome_secret(suite_0x0003(), member);
    GroupInfoIn info = open_group_info(suite_0x0003(), welcome_secret, welcome.encrypted_group_info).value();
    spoil(info);
    if (sign) sign_group_info(info, GroupAccess::state(alice_).signature_key);
    welcome.encrypted_group_info = seal_group_info(suite_0x0003(), welcome_secret, info);
    welcome.secrets.clear();
    EXPECT_TRUE(
        add_joiner(suite_0x0003(), welcome, bob_.ref(suite_0x0003()), bob_.key_package.init_key, secrets, random_));
    const auto joined = Group::join(suites_default(), codec::encoded(message), bob_, std::nullopt, kTestNow);
    return joined ? ErrorCode{0, Action::kDrop, "accepted"} : joined.error().code;
  }
  StagedCommit stage() {
    CommitRequest request;
    request.add.push_back(published(bob_));
    request.add.push_back(published(candidate("carol", random_)));
    return alice_.stage_commit(request, random_, kTestNow).value();
  }
  crypto::SeededRandom random_{5};
  Group alice_ = founded("alice", random_);
  KeyPackagePrivate bob_ = candidate("bob", random_);
  StagedCommit staged_ = stage();
};

TEST_F(WelcomeRefusalsTest, a_welcome_that_is_sealed_again_unspoilt_is_joined) {
  EXPECT_EQ(refusal_of([](GroupInfoIn&) {}, true).number, 0);
}

// MLS-007, MLS-015, MLS-155
TEST_F(WelcomeRefusalsTest, a_welcome_for_somebody_else) {
  const auto dave = candidate("dave", random_);
  EXPECT_EQ(Group::join(suites_default(), *staged_.welcome, dave, std::nullopt, kTestNow).error().code, kNotForUs);
  EXPECT_EQ(Group::join({}, *staged_.welcome, bob_, std::nullopt, kTestNow).error().code, kUnsupportedSuite);
  EXPECT_EQ(Group::join(suites_default(), staged_.commit, bob_, std::nullopt, kTestNow).error().code, kWrongWireFormat);
}

// MLS-154
TEST_F(WelcomeRefusalsTest, a_group_info_with_a_forged_signature_or_an_unknown_signer) {
  EXPECT_EQ(refusal_of([](GroupInfoIn& info) { info.signature[0] ^= 1; }, false), kBadSignature);
  EXPECT_EQ(refusal_of([](GroupInfoIn& info) { info.signer = {3}; }, true), kUnknownSender);
  EXPECT_EQ(refusal_of([](GroupInfoIn& info) { info.signer = {2}; }, true), kBadSignature);
}

// MLS-166
TEST_F(WelcomeRefusalsTest, a_group_info_with_a_forged_confirmation_tag) {
  EXPECT_EQ(refusal_of([](GroupInfoIn& info) { info.confirmation_tag[0] ^= 1; }, true), kBadConfirmationTag);
  EXPECT_EQ(refusal_of([](GroupInfoIn& info) { ++info.group_context.epoch; }, true), kBadConfirmationTag);
}

// MLS-160
TEST_F(WelcomeRefusalsTest, a_tree_that_is_not_the_groups) {
  EXPECT_EQ(refusal_of([](GroupInfoIn& info) { info.group_context.tree_hash[0] ^= 1; }, true), kBadTreeHash);
}

// Spoils the tree and makes its hash fit again.
std::function<void(GroupInfoIn&)> with_tree(const std::function<void(RatchetTreeIn&)>& spoil) {
  return [spoil](GroupInfoIn& info) {
    Bytes& data = info.extensions.at(0).data;
    auto tree = codec::decoded<RatchetTreeIn>(data).value();
    spoil(tree);
    data = codec::encoded(tree);
    if (auto unpacked = RatchetTree::unpack(tree)) info.group_context.tree_hash = unpacked->tree_hash(suite_0x0003());
  };
}

// MLS-070
TEST_F(WelcomeRefusalsTest, a_tree_with_a_wrong_parent_hash) {
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) {
                         std::get<ParentNode>(tree.nodes.at(3)->body).encryption_key[0] ^= 1;
                       }),
                       true),
            kBadParentHash);
}

// MLS-047, MLS-161
TEST_F(WelcomeRefusalsTest, a_tree_with_a_leaf_that_is_not_signed) {
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) {
                         std::get<LeafNode>(tree.nodes.at(0)->body).credential.identity = text("mallory");
                       }),
                       true),
            kBadSignature);
}

// MLS-058
TEST_F(WelcomeRefusalsTest, a_tree_with_one_key_twice) {
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) { tree.nodes.at(4) = tree.nodes.at(2); }), true),
            kDuplicateKey);
}

// MLS-035
TEST_F(WelcomeRefusalsTest, a_tree_with_a_key_of_small_order) {
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) {
                         std::get<ParentNode>(tree.nodes.at(3)->body).encryption_key = Bytes(32);
                       }),
                       true),
            kBadTree);
}

// MLS-044, MLS-161
TEST_F(WelcomeRefusalsTest, a_tree_with_a_leaf_that_lives_too_long) {
  const auto carol = parameters("carol");
  CommitRequest request;
  request.add.push_back(published(bob_));
  request.add.push_back(published(candidate("carol", random_)));
  request.path_always = false;  // so that no parent hash vouches for the leaf
  staged_ = alice_.stage_commit(request, random_, kTestNow).value();
  EXPECT_EQ(refusal_of(with_tree([&](RatchetTreeIn& tree) {
                         LeafNode& leaf = std::get<LeafNode>(tree.nodes.at(4)->body);
                         leaf.lifetime.not_after = leaf.lifetime.not_before + uint64_t{369} * 86'400;
                         sign_leaf_node(leaf, carol.signature_key, {});
                       }),
                       true),
            kLifetime);
}

// MLS-034, MLS-162, MLS-174, MLS-175
TEST_F(WelcomeRefusalsTest, a_tree_of_the_wrong_form) {
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) { tree.nodes.emplace_back(); }), true), kBadTree);
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) { std::swap(tree.nodes.at(3), tree.nodes.at(4)); }), true),
            kBadTree);
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) {
                         std::get<ParentNode>(tree.nodes.at(3)->body).unmerged_leaves = {{1}, {1}};
                       }),
                       true),
            kBadTree);
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) {
                         std::get<ParentNode>(tree.nodes.at(3)->body).unmerged_leaves = {{3}};
                       }),
                       true),
            kBadTree);
}

// MLS-164
TEST_F(WelcomeRefusalsTest, a_tree_without_us) {
  EXPECT_EQ(refusal_of(with_tree([](RatchetTreeIn& tree) {
                         tree.nodes.at(2).reset();
                         std::get<ParentNode>(tree.nodes.at(3)->body).unmerged_leaves = {{2}};
                       }),
                       true)
                    .number == 0,
            false);
}

}  // namespace
}  // namespace godwit::mls
