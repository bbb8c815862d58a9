// Groups that follow another, and the resumption keys that tie them together (RFC 9420 §8.6, §11.2, §11.3).

#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

class GroupReinitTest : public ::testing::Test {
 protected:
  // Alice ends the group in favour of this one; all follow.
  void end(const ReInit& reinit) {
    CommitRequest request;
    request.reinit = reinit;
    auto staged = alice().stage_commit(request, random_, kTestNow).value();
    EXPECT_EQ(staged.report.reinit, reinit);
    follow_commit(bob(), staged.commit);
    follow_commit(groups_[2], staged.commit);
    alice() = std::move(staged.successor);
  }
  CommitRequest adding(const std::vector<const KeyPackagePrivate*>& joiners) {
    CommitRequest out;
    for (const auto* one : joiners) out.add.push_back(published(*one));
    return out;
  }
  // The Welcome of a first commit in a group founded by alice with these ids of keys.
  Bytes linked(const GroupCreate& create, std::vector<PreSharedKeyID> links, const CommitRequest& request) {
    Group group = Group::create(suite_0x0003(), create, random_, kTestNow).value();
    auto staged = group.stage_commit(request, random_, kTestNow).value();
    auto message = codec::decoded<MLSMessage>(*staged.welcome).value();
    auto& welcome = std::get<Welcome>(message.body);
    // Sealed again as if these keys had gone into it: the joiner looks at their ids before he derives anything.
    auto secrets = open_group_secrets(suite_0x0003(), welcome, bob_.ref(suite_0x0003()), bob_.init_key).value();
    secrets.psks = std::move(links);
    welcome.secrets.clear();
    EXPECT_TRUE(
        add_joiner(suite_0x0003(), welcome, bob_.ref(suite_0x0003()), bob_.key_package.init_key, secrets, random_));
    return codec::encoded(message);
  }
  PreSharedKeyID link(ResumptionPSKUsage usage, uint64_t epoch) {
    return resumption_psk_id(suite_0x0003(), usage, {alice().group_id(), epoch}, random_);
  }
  ErrorCode branch_refusal(const Bytes& welcome) {
    const auto joined = Group::join_branch(suites_default(), welcome, bob_, std::nullopt, kTestNow, bob());
    return joined ? ErrorCode{0, Action::kDrop, "accepted"} : joined.error().code;
  }
  ErrorCode reinit_refusal(const Bytes& welcome) {
    const auto joined = Group::join_reinitialized(suites_default(), welcome, bob_, std::nullopt, kTestNow, bob());
    return joined ? ErrorCode{0, Action::kDrop, "accepted"} : joined.error().code;
  }
  GroupCreate create() { return {text("a branch of sixteen bytes"), parameters("alice"), {}}; }
  Group& alice() { return groups_[0]; }
  Group& bob() { return groups_[1]; }

  crypto::SeededRandom random_{10};
  std::vector<Group> groups_ = grown({"alice", "bob", "carol"}, random_);
  KeyPackagePrivate bob_ = candidate("bob", random_);
  KeyPackagePrivate carol_ = candidate("carol", random_);
  ReInit next_{text("the group that comes after"), ProtocolVersion::kMls10, suite_0x0003().id, {}};
};

// MLS-144, MLS-149
TEST_F(GroupReinitTest, a_group_goes_on_as_another) {
  EXPECT_EQ(alice().reinitialize(suites_default(), parameters("alice"), {}, random_, kTestNow).error().code,
            kNotReinitialized);
  end(next_);
  EXPECT_EQ(*bob().ended_by(), next_);
  EXPECT_EQ(alice().protect(text("too late"), {}, random_).error().code, kGroupEnded);
  EXPECT_EQ(alice().stage_commit({}, random_, kTestNow).error().code, kGroupEnded);
  EXPECT_EQ(alice().propose_remove({1}, random_).error().code, kGroupEnded);
  const auto made =
      alice().reinitialize(suites_default(), parameters("alice"), adding({&bob_, &carol_}), random_, kTestNow).value();
  EXPECT_EQ(made.successor.epoch(), 1U);
  EXPECT_EQ(made.successor.group_id(), next_.group_id);
  EXPECT_EQ(Group::join(suites_default(), *made.welcome, bob_, std::nullopt, kTestNow).error().code, kBadWelcome);
  EXPECT_EQ(branch_refusal(*made.welcome), kBadWelcome);
  const auto joined = Group::join_reinitialized(suites_default(), *made.welcome, bob_, std::nullopt, kTestNow, bob());
  ASSERT_TRUE(joined.has_value()) << joined.error().rule;
  EXPECT_EQ(joined->epoch_authenticator(), made.successor.epoch_authenticator());
}

// MLS-128
TEST_F(GroupReinitTest, a_reinit_that_was_proposed_is_committed_by_reference_and_never_in_passing) {
  const Bytes proposal = bob().propose_reinit(next_, random_).value();
  ASSERT_TRUE(alice().process(proposal, kTestNow).has_value());
  Group copy = alice().clone();
  EXPECT_FALSE(copy.stage_commit(with_proposals(), random_, kTestNow)->report.reinit);
  CommitRequest request;
  request.reinit = next_;
  const auto staged = alice().stage_commit(request, random_, kTestNow).value();
  const auto content = opened(bob(), staged.commit).content;
  EXPECT_EQ(std::get<Commit>(content.body).proposals.at(0).body.index(), 1U);
  follow_commit(bob(), staged.commit);
  EXPECT_TRUE(bob().ended_by().has_value());
}

// MLS-128, MLS-179
TEST_F(GroupReinitTest, a_reinit_stands_alone) {
  CommitRequest request;
  request.reinit = next_;
  request.remove = {{2}};
  EXPECT_EQ(alice().stage_commit(request, random_, kTestNow).error().code, kInvalidProposalList);
  ReInit twice = next_;
  twice.extensions = {{ExtensionType::kApplicationId, {}}, {ExtensionType::kApplicationId, {}}};
  EXPECT_EQ(alice().propose_reinit(twice, random_).error().code, kDuplicateExtension);
}

// MLS-149
TEST_F(GroupReinitTest, a_group_that_ended_takes_no_proposals) {
  end(next_);
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{Remove{{2}}}, random_)), kGroupEnded);
  EXPECT_EQ(refusal(bob(), forge_commit(alice(), {}, random_)), kGroupEnded);
}

// MLS-100, MLS-101, MLS-102, MLS-158, MLS-168
TEST_F(GroupReinitTest, a_successor_that_is_not_the_one_announced) {
  end(next_);
  const uint64_t epoch = alice().epoch();
  const auto key = [&] { return link(ResumptionPSKUsage::kReinit, epoch); };
  const auto request = adding({&bob_, &carol_});
  const auto make = [&](const ReInit& reinit, const CommitRequest& first) {
    Group other = alice().clone();
    GroupAccess::state(other).ended_by = reinit;
    return *other.reinitialize(suites_default(), parameters("alice", {kTestExtension}), first, random_, kTestNow)
                .value()
                .welcome;
  };
  EXPECT_EQ(reinit_refusal(make(next_, request)).number, 0);
  ReInit other = next_;
  other.group_id = text("some other group of ours");
  EXPECT_EQ(reinit_refusal(make(other, request)), kBadWelcome);
  other = next_;
  other.extensions = {{ExtensionType::kRequiredCapabilities, codec::encoded(RequiredCapabilities{})}};
  EXPECT_EQ(reinit_refusal(make(other, request)), kBadWelcome);
  EXPECT_EQ(reinit_refusal(make(next_, adding({&bob_}))), kBadWelcome);  // carol is left behind
  const GroupCreate plain{next_.group_id, parameters("alice"), {}};
  EXPECT_EQ(reinit_refusal(linked(plain, {}, request)), kBadWelcome);
  EXPECT_EQ(reinit_refusal(linked(plain, {key(), key()}, request)), kBadWelcome);
  EXPECT_EQ(reinit_refusal(linked(plain, {link(ResumptionPSKUsage::kReinit, epoch - 1)}, request)), kBadWelcome);
  EXPECT_EQ(reinit_refusal(linked(plain, {link(ResumptionPSKUsage::kBranch, epoch)}, request)), kBadWelcome);
  PreSharedKeyID of_another = key();
  of_another.psk_group_id = text("another group");
  EXPECT_EQ(reinit_refusal(linked(plain, {of_another}, request)), kBadWelcome);
  PreSharedKeyID short_nonce = key();
  short_nonce.psk_nonce.pop_back();
  EXPECT_EQ(reinit_refusal(linked(plain, {short_nonce}, request)), kBadWelcome);
}

// MLS-168
TEST_F(GroupReinitTest, who_was_not_in_a_group_that_ended_cannot_join_its_successor) {
  const auto welcome = linked({next_.group_id, parameters("alice"), {}}, {}, adding({&bob_}));
  EXPECT_EQ(reinit_refusal(welcome), kNotReinitialized);
}

// MLS-104, MLS-105
TEST_F(GroupReinitTest, a_branch_has_members_of_the_group_alone) {
  auto made = alice().branch(create(), adding({&bob_}), random_, kTestNow).value();
  EXPECT_EQ(Group::join(suites_default(), *made.welcome, bob_, std::nullopt, kTestNow).error().code, kBadWelcome);
  const auto joined = Group::join_branch(suites_default(), *made.welcome, bob_, std::nullopt, kTestNow, bob());
  ASSERT_TRUE(joined.has_value()) << joined.error().rule;
  EXPECT_EQ(joined->epoch_authenticator(), made.successor.epoch_authenticator());
  EXPECT_EQ(branch_refusal(linked(create(), {}, adding({&bob_}))), kBadWelcome);
  EXPECT_EQ(branch_refusal(linked(create(), {link(ResumptionPSKUsage::kBranch, 99)}, adding({&bob_}))), kUnknownPsk);
  const auto stranger = candidate("stranger", random_);
  const auto larger = alice().branch(create(), adding({&bob_, &stranger}), random_, kTestNow).value();
  EXPECT_EQ(branch_refusal(*larger.welcome), kBadWelcome);
  const SameMember anybody = [](const Member&, const Member&) { return true; };
  EXPECT_TRUE(
      Group::join_branch(suites_default(), *larger.welcome, bob_, std::nullopt, kTestNow, bob(), anybody).has_value());
}

// MLS-104
TEST_F(GroupReinitTest, a_branch_that_is_older_than_its_first_commit) {
  Group copy = alice().clone();
  auto made = copy.branch(create(), adding({&carol_}), random_, kTestNow).value();
  CommitRequest later = adding({&bob_});
  auto staged = made.successor.stage_commit(later, random_, kTestNow).value();
  EXPECT_EQ(branch_refusal(*staged.welcome), kBadWelcome);
}

// MLS-080, MLS-145
TEST_F(GroupReinitTest, resumption_keys_of_this_group_and_of_another) {
  auto others = grown({"alice", "bob"}, random_);
  GroupAccess::state(others[0]).context.group_id = text("the other group");
  GroupAccess::state(others[1]).context.group_id = text("the other group");
  CommitRequest request;
  request.resumption_psks = {{alice().group_id(), alice().epoch() - 1}, {others[0].group_id(), others[0].epoch()}};
  EXPECT_EQ(alice().stage_commit(request, random_, kTestNow).error().code, kUnknownPsk);
  const std::vector<const Group*> of_alice{&others[0]};
  const std::vector<const Group*> of_bob{&others[1]};
  const auto staged = alice().stage_commit(request, random_, kTestNow, {{}, of_alice}).value();
  EXPECT_EQ(staged.report.pre_shared_keys, 2U);
  EXPECT_EQ(refusal(bob(), staged.commit), kUnknownPsk);
  EXPECT_EQ(refusal(bob(), staged.commit, {{}, of_bob}).number, 0);
  const Bytes proposal = alice().propose_resumption_psk({alice().group_id(), 0}, random_).value();
  EXPECT_TRUE(bob().process(proposal, kTestNow).has_value());
}

}  // namespace
}  // namespace godwit::mls
