// SelfRemove, capabilities and GREASE, key packages of the last resort, what a commit prefers, and Welcomes for many.

#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

class GroupRulesTest : public ::testing::Test {
 protected:
  void expect_void(std::vector<Proposal> proposals, ErrorCode code) {
    const auto before = stored_form(bob());
    auto path = some_path(alice(), bob(), random_);
    EXPECT_EQ(refusal(bob(), forge_commit(alice(), std::move(proposals), random_, std::move(path))), code);
    EXPECT_TRUE(before == stored_form(bob()));
  }
  void everybody_hears(const Bytes& message) {
    for (Group& one : groups_) {
      const auto heard = one.process(message, kTestNow);
      const bool own = !heard && (heard.error().code == kOwnMessage || heard.error().code == kReplayed);
      EXPECT_TRUE(heard || own) << heard.error().rule;
    }
  }
  // A key package whose leaf was changed and signed again.
  KeyPackagePrivate with_leaf(std::string_view name, const std::function<void(LeafNode&)>& change) {
    auto out = candidate(name, random_);
    change(out.key_package.leaf_node);
    sign_leaf_node(out.key_package.leaf_node, out.signature_key, {});
    sign_key_package(out);
    return out;
  }
  Group& alice() { return groups_[0]; }
  Group& bob() { return groups_[1]; }

  crypto::SeededRandom random_{11};
  std::vector<Group> groups_ = grown({"alice", "bob", "carol"}, random_);
};

// MLS-195, MLS-198
TEST_F(GroupRulesTest, a_member_leaves_by_self_remove) {
  const Bytes leaving = groups_[2].propose_self_remove(random_).value();
  EXPECT_EQ(peek(leaving)->wire_format, WireFormat::kPublicMessage);
  EXPECT_EQ(groups_[2].propose_self_remove(random_).error().code, kInvalidProposalList);
  everybody_hears(leaving);
  const auto staged = alice().stage_commit(with_proposals(), random_, kTestNow).value();
  EXPECT_EQ(staged.report.removed.at(0).leaf, LeafIndex{2});
  auto at_carol = groups_[2].process(staged.commit, kTestNow).value();
  EXPECT_TRUE(std::get<CommitProcessed>(at_carol).removed_self);
  follow_commit(bob(), staged.commit);
  EXPECT_EQ(bob().members().size(), 2U);
}

// MLS-199
TEST_F(GroupRulesTest, somebody_who_joins_takes_out_who_leaves) {
  const Bytes leaving = groups_[2].propose_self_remove(random_).value();
  everybody_hears(leaving);
  ExternalCommitRequest request;
  request.leaf = parameters("dave");
  request.self_removes = {leaving};
  const Bytes info = alice().group_info(true);
  auto dave = Group::external_commit(suites_default(), info, std::nullopt, request, random_).value();
  EXPECT_EQ(dave.group.own_leaf(), LeafIndex{2});
  follow_commit(alice(), dave.commit);
  EXPECT_EQ(alice().epoch_authenticator(), dave.group.epoch_authenticator());
  request.self_removes = {bob().propose_remove({0}, random_, {WireFormat::kPublicMessage, {}, Padding::kNone}).value()};
  EXPECT_EQ(Group::external_commit(suites_default(), info, std::nullopt, request, random_).error().code,
            kInvalidProposalList);
}

// MLS-190, MLS-191, MLS-194, MLS-196, MLS-197
TEST_F(GroupRulesTest, self_remove_is_sent_in_the_open_and_committed_by_reference) {
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{SelfRemove{}}, random_)), kInvalidProposal);
  expect_void({{SelfRemove{}}}, kInvalidProposalList);
  const Bytes leaving = alice().propose_self_remove(random_).value();
  everybody_hears(leaving);
  Commit own;
  own.proposals.push_back({GroupAccess::state(bob()).proposals.at(0).ref});
  own.path = some_path(alice(), bob(), random_);
  EXPECT_EQ(refusal(bob(), forge(alice(), own, random_)), kInvalidProposalList);
  Commit pathless;
  pathless.proposals = own.proposals;
  EXPECT_EQ(refusal(groups_[2], forge(bob(), pathless, random_)), kMissingPath);
  own.proposals.push_back({Proposal{Remove{{0}}}});
  own.path = some_path(bob(), groups_[2], random_);
  EXPECT_EQ(refusal(groups_[2], forge(bob(), own, random_)), kInvalidProposalList);
}

// MLS-130, MLS-193
TEST_F(GroupRulesTest, self_remove_needs_members_who_know_it) {
  const auto dave = with_leaf("dave", [](LeafNode& leaf) { leaf.capabilities.proposals.clear(); });
  const Bytes leaving = groups_[2].propose_self_remove(random_).value();
  everybody_hears(leaving);
  EXPECT_EQ(alice().stage_commit(with_proposals(), random_, kTestNow)->report.removed.size(), 1U);
  CommitRequest request;
  request.add.push_back(published(dave));
  auto staged = alice().stage_commit(request, random_, kTestNow).value();
  follow_commit(bob(), staged.commit);
  EXPECT_FALSE(bob().all_support(ProposalType::kSelfRemove));
  EXPECT_EQ(bob().propose_self_remove(random_).error().code, kUnsupportedProposal);
  Forgery in_public;
  in_public.wire_format = WireFormat::kPublicMessage;
  EXPECT_EQ(refusal(bob(), forge(staged.successor, Proposal{SelfRemove{}}, random_, in_public)), kUnsupportedProposal);
}

// MLS-130, MLS-182
TEST_F(GroupRulesTest, a_proposal_of_unknown_or_grease_type) {
  for (const uint16_t type : {uint16_t{0x0a0a}, uint16_t{0xf005}}) {
    codec::Writer writer;
    writer.u16(type);
    EXPECT_EQ(codec::decoded<Proposal>(writer.view()).error().code, kUnsupportedProposal);
  }
}

// MLS-181, MLS-182
TEST_F(GroupRulesTest, capabilities_list_grease_and_do_not_mean_it) {
  const auto dave = candidate("dave", random_);
  const Capabilities& able = dave.key_package.leaf_node.capabilities;
  const auto is_listed = [](const auto& list) {
    return std::count_if(list.begin(), list.end(), [](auto one) { return is_grease(one); }) == 1;
  };
  EXPECT_TRUE(is_listed(able.cipher_suites) && is_listed(able.extensions));
  EXPECT_TRUE(is_listed(able.proposals) && is_listed(able.credentials));
  for (const ExtensionType type : able.extensions) EXPECT_FALSE(able.supports(type));
  const ExtensionType listed = GroupAccess::state(alice()).tree.leaf({0})->capabilities.extensions.at(0);
  expect_void({{GroupContextExtensions{{{listed, {}}}}}}, kUnsupportedExtension);
}

TEST_F(GroupRulesTest, a_leaf_that_changes_keeps_its_capabilities) {
  const Capabilities before = GroupAccess::state(alice()).tree.leaf({0})->capabilities;
  CommitRequest request;
  request.leaf.emplace();
  request.leaf->supported = std::vector<ExtensionType>{kTestExtension};
  const auto staged = alice().stage_commit(request, random_, kTestNow).value();
  const Capabilities& after = GroupAccess::state(staged.successor).tree.leaf({0})->capabilities;
  EXPECT_EQ(after.proposals, before.proposals);
  EXPECT_TRUE(after.supports(kTestExtension));
  EXPECT_EQ(std::count_if(after.extensions.begin(), after.extensions.end(), [](auto t) { return is_grease(t); }), 1);
}

// MLS-039
TEST_F(GroupRulesTest, a_leaf_lists_every_suite_that_its_client_speaks) {
  LeafParameters leaf = parameters("dave");
  leaf.cipher_suites = {suite_xwing().id, suite_0x0003().id};
  const auto made = KeyPackagePrivate::generate(suite_0x0003(), leaf, days(1), random_, kTestNow);
  const Capabilities& able = made.key_package.leaf_node.capabilities;
  EXPECT_TRUE(able.supports(suite_xwing().id) && able.supports(suite_0x0003().id));
  EXPECT_EQ(able.cipher_suites.size(), 3U);
  CommitRequest request;
  request.leaf.emplace().cipher_suites = leaf.cipher_suites;
  const auto staged = alice().stage_commit(request, random_, kTestNow).value();
  EXPECT_TRUE(GroupAccess::state(staged.successor).tree.leaf({0})->capabilities.supports(suite_xwing().id));
}

// MLS-188
TEST_F(GroupRulesTest, a_key_package_of_the_last_resort_says_so) {
  KeyPackageOptions options;
  options.last_resort = true;
  auto made = KeyPackagePrivate::generate(suite_0x0003(), parameters("dave"), days(1), random_, kTestNow, options);
  EXPECT_TRUE(published(made).is_last_resort() && made.is_last_resort());
  EXPECT_TRUE(made.key_package.leaf_node.capabilities.supports(ExtensionType::kLastResort));
  EXPECT_FALSE(published(candidate("erin", random_)).is_last_resort());
  made.key_package.extensions.at(0).data = text("more");
  sign_key_package(made);
  expect_void({{Add{made.key_package}}}, kBadKeyPackage);
}

TEST_F(GroupRulesTest, an_init_key_that_is_used_elsewhere) {
  const auto dave = candidate("dave", random_);
  auto erin = candidate("erin", random_);
  erin.key_package.init_key = dave.key_package.init_key;
  sign_key_package(erin);
  expect_void({{Add{dave.key_package}}, {Add{erin.key_package}}}, kDuplicateKey);
  erin.key_package.init_key = GroupAccess::state(bob()).tree.leaf({2})->encryption_key;
  sign_key_package(erin);
  expect_void({{Add{erin.key_package}}}, kDuplicateKey);
  erin.key_package.init_key = dave.key_package.leaf_node.encryption_key;
  sign_key_package(erin);
  expect_void({{Add{dave.key_package}}, {Add{erin.key_package}}}, kDuplicateKey);
}

// MLS-179
TEST_F(GroupRulesTest, extensions_of_a_group_that_are_malformed_are_refused_when_they_come) {
  const Extension senders{ExtensionType::kExternalSenders, text("?")};
  const Extension required{ExtensionType::kRequiredCapabilities, text("?")};
  expect_void({{GroupContextExtensions{{senders}}}}, kBadGroupContextExtension);
  expect_void({{GroupContextExtensions{{required}}}}, kBadGroupContextExtension);
  expect_void({{GroupContextExtensions{{{ExtensionType::kApplicationId, {}}, {ExtensionType::kApplicationId, {}}}}}},
              kDuplicateExtension);
  const ExternalSender short_key{Bytes(31), Credential::basic({})};
  expect_void({{GroupContextExtensions{{external_senders_extension({short_key})}}}}, kBadGroupContextExtension);
  GroupCreate create{text("an id of sixteen bytes"), parameters("founder"), {senders}};
  EXPECT_EQ(Group::create(suite_0x0003(), create, random_, kTestNow).error().code, kBadGroupContextExtension);
  EXPECT_EQ(alice().propose_group_context_extensions({required}, random_).error().code, kBadGroupContextExtension);
}

// MLS-091, MLS-092
TEST_F(GroupRulesTest, a_key_package_with_an_extension_that_its_leaf_does_not_list) {
  KeyPackageOptions options;
  options.extensions = {{kTestExtension, text("anything")}};
  auto dave = KeyPackagePrivate::generate(suite_0x0003(), parameters("dave"), days(30), random_, kTestNow, options);
  EXPECT_TRUE(KeyPackage::parse(suite_0x0003(), dave.encode_message(), kTestNow).has_value());
  LeafNode& leaf = dave.key_package.leaf_node;
  std::erase(leaf.capabilities.extensions, kTestExtension);
  sign_leaf_node(leaf, dave.signature_key, {});
  sign_key_package(dave);
  EXPECT_EQ(KeyPackage::parse(suite_0x0003(), dave.encode_message(), kTestNow).error().code, kUnsupportedExtension);
  EXPECT_TRUE(KeyPackage::validate(suite_0x0003(), dave.key_package).has_value()) << "whoever else has added it";
}

// MLS-051
TEST_F(GroupRulesTest, an_add_whose_lifetime_is_over_is_left_out) {
  ASSERT_TRUE(
      alice()
          .process(bob().propose_add(published(candidate("dave", random_)), random_, kTestNow).value(), kTestNow)
          .has_value());
  Group copy = alice().clone();
  EXPECT_EQ(copy.stage_commit(with_proposals(), random_, kTestNow)->report.added.size(), 1U);
  EXPECT_EQ(alice().stage_commit(with_proposals(), random_, kTestNow + days(400))->report.added.size(), 0U);
}

// MLS-099
TEST_F(GroupRulesTest, a_commit_may_bring_what_its_committer_supports_from_then_on) {
  Group group = founded("founder", random_);
  CommitRequest request;
  request.group_context_extensions = Extensions{{kTestExtension, {}}};
  EXPECT_EQ(group.stage_commit(request, random_, kTestNow).error().code, kUnsupportedExtension);
  request.leaf.emplace().supported = std::vector<ExtensionType>{kTestExtension};
  EXPECT_TRUE(group.stage_commit(request, random_, kTestNow).has_value());
}

// MLS-022
TEST_F(GroupRulesTest, an_external_sender_with_another_credential_is_not_listened_to) {
  const auto key = parameters("service").signature_key.clone();
  const ExternalSender certified{to_bytes(key.public_key), {CredentialType::kX509, {}, {}}};
  Group group = founded("founder", random_, {external_senders_extension({certified})});
  const Bytes message = external_proposal(group.group_id(), 0, 0, {Remove{{0}}}, key).value();
  EXPECT_EQ(refusal(group, message), kUnknownSender);
}

// MLS-048, MLS-099, MLS-137, MLS-180
TEST_F(GroupRulesTest, what_a_group_requires_every_leaf_supports) {
  const RequiredCapabilities required{{kTestExtension}, {ProposalType::kSelfRemove}, {CredentialType::kBasic}};
  Group group = founded("founder", random_, {required_capabilities_extension(required)}, {kTestExtension});
  const auto able = candidate("able", random_, {kTestExtension});
  CommitRequest request;
  request.add.push_back(published(candidate("unable", random_)));
  EXPECT_EQ(group.stage_commit(request, random_, kTestNow).error().code, kUnsupportedExtension);
  EXPECT_EQ(group.propose_add(request.add[0], random_, kTestNow).error().code, kUnsupportedExtension);
  request.add = {published(able)};
  auto staged = group.stage_commit(request, random_, kTestNow).value();
  Group joined = Group::join(suites_default(), *staged.welcome, able, std::nullopt, kTestNow).value();
  LeafNodeUpdate less;
  less.supported = std::vector<ExtensionType>{};
  EXPECT_EQ(joined.propose_update(less, random_).error().code, kUnsupportedExtension);
  CommitRequest own;
  own.leaf = std::move(less);
  EXPECT_EQ(joined.stage_commit(own, random_, kTestNow).error().code, kUnsupportedExtension);
  // The same by somebody who does not look: a commit whose leaf no longer supports what the group requires.
  Commit commit;
  commit.path = some_path(joined, staged.successor, random_);
  commit.path->leaf_node.capabilities.extensions.clear();
  sign_leaf_node(commit.path->leaf_node, able.signature_key, {joined.group_id(), {1}});
  EXPECT_EQ(refusal(staged.successor, forge(joined, commit, random_)), kUnsupportedExtension);
  ExternalCommitRequest stranger;
  stranger.leaf = parameters("stranger");
  const Bytes info = joined.group_info(true);
  EXPECT_EQ(Group::external_commit(suites_default(), info, std::nullopt, stranger, random_).error().code,
            kUnsupportedExtension);
}

TEST_F(GroupRulesTest, an_update_that_no_longer_fits_the_group_is_void_when_committed) {
  const RequiredCapabilities required{{kTestExtension}, {}, {}};
  Group group = founded("founder", random_, {required_capabilities_extension(required)}, {kTestExtension});
  const auto able = candidate("able", random_, {kTestExtension});
  CommitRequest request;
  request.add.push_back(published(able));
  auto staged = group.stage_commit(request, random_, kTestNow).value();
  Group joined = Group::join(suites_default(), *staged.welcome, able, std::nullopt, kTestNow).value();
  LeafNode leaf = *GroupAccess::state(joined).tree.leaf({1});
  leaf.source = LeafNodeSource::kUpdate;
  leaf.encryption_key = HpkeKeyPair::generate(suite_0x0003(), random_).public_key;
  leaf.capabilities.extensions.clear();
  sign_leaf_node(leaf, able.signature_key, {joined.group_id(), {1}});
  const Bytes update = forge(joined, Proposal{Update{leaf}}, random_);
  ASSERT_TRUE(staged.successor.process(update, kTestNow).has_value());
  const auto commit = staged.successor.stage_commit(with_proposals(), random_, kTestNow).value();
  EXPECT_EQ(commit.report.updated.size(), 1U);  // the committer alone: the Update stayed out
}

// MLS-123
TEST_F(GroupRulesTest, the_newest_update_is_preferred) {
  const Bytes first = bob().propose_update({}, random_).value();
  const Bytes second = bob().propose_update({}, random_).value();
  for (const Bytes& one : {first, second}) everybody_hears(one);
  const auto& newest = std::get<Update>(GroupAccess::state(bob()).proposals.at(1).proposal.body).leaf_node;
  const auto staged = alice().clone().stage_commit(with_proposals(), random_, kTestNow).value();
  EXPECT_EQ(GroupAccess::state(staged.successor).tree.leaf({1})->encryption_key, newest.encryption_key);
  follow_commit(bob(), staged.commit);
}

// MLS-123
TEST_F(GroupRulesTest, a_remove_is_preferred_to_updates) {
  everybody_hears(bob().propose_update({}, random_).value());
  everybody_hears(groups_[2].propose_remove({1}, random_).value());
  const auto staged = alice().stage_commit(with_proposals(), random_, kTestNow).value();
  EXPECT_EQ(staged.report.removed.at(0).leaf, LeafIndex{1});
  EXPECT_TRUE(groups_[2].process(staged.commit, kTestNow).has_value());
}

TEST_F(GroupRulesTest, a_proposal_that_comes_twice_waits_once) {
  const Bytes proposal = alice().propose_remove({2}, random_, {WireFormat::kPublicMessage, {}, Padding::kNone}).value();
  ASSERT_TRUE(bob().process(proposal, kTestNow).has_value());
  ASSERT_TRUE(bob().process(proposal, kTestNow).has_value());
  EXPECT_EQ(bob().pending_proposals(), 1U);
}

TEST_F(GroupRulesTest, each_joiner_of_many_gets_a_welcome_of_his_own) {
  const auto dave = candidate("dave", random_);
  const auto erin = candidate("erin", random_);
  CommitRequest request;
  request.add.push_back(published(dave));
  request.add.push_back(published(erin));
  request.ratchet_tree_place = text("a place");
  const auto staged = alice().stage_commit(request, random_, kTestNow).value();
  const auto parts = split_welcome(*staged.welcome).value();
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].joiner, erin.ref(suite_0x0003()));
  EXPECT_LT(parts[1].welcome.size(), 2000U);
  EXPECT_EQ(Group::join(suites_default(), parts[0].welcome, erin, std::nullopt, kTestNow).error().code, kNotForUs);
  EXPECT_EQ(Group::join(suites_default(), parts[1].welcome, erin, std::nullopt, kTestNow).error().code,
            kMissingRatchetTree);
  const Bytes tree = staged.successor.ratchet_tree();
  const auto reference = ratchet_tree_reference(suites_default(), parts[1].welcome, erin).value();
  ASSERT_TRUE(reference.has_value());
  EXPECT_EQ(reference->place, text("a place"));
  EXPECT_EQ(reference->size, tree.size());
  EXPECT_EQ(Group::join(suites_default(), parts[1].welcome, erin, alice().ratchet_tree(), kTestNow).error().code,
            kBadTreeHash);
  const auto joined = Group::join(suites_default(), parts[1].welcome, erin, tree, kTestNow);
  ASSERT_TRUE(joined.has_value()) << joined.error().rule;
  EXPECT_EQ(joined->epoch_authenticator(), staged.successor.epoch_authenticator());
  EXPECT_EQ(split_welcome(staged.commit).error().code, kWrongWireFormat);
}

TEST_F(GroupRulesTest, a_welcome_that_carries_its_tree_refers_to_none) {
  const auto dave = candidate("dave", random_);
  CommitRequest request;
  request.add.push_back(published(dave));
  const auto staged = alice().stage_commit(request, random_, kTestNow).value();
  EXPECT_FALSE(ratchet_tree_reference(suites_default(), *staged.welcome, dave)->has_value());
}

}  // namespace
}  // namespace godwit::mls
