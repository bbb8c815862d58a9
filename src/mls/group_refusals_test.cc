// What a member refuses, each rule by itself: messages that are signed and sealed well and wrong in one point.

#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

// Two of the points of small order of Curve25519 (RFC 7748 §6.1): 1, and one of order 8.
Bytes one_point() {
  Bytes out(32);
  out[0] = 1;
  return out;
}
Bytes order_eight_point() { return unhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"); }

class RefusalsTest : public ::testing::Test {
 protected:
  // Expects bob to refuse alice's commit of these proposals by value (with a path) with `code`, unchanged by it.
  void expect_void(std::vector<Proposal> proposals, ErrorCode code) {
    const auto before = stored_form(bob());
    auto path = some_path(alice(), bob(), random_);
    EXPECT_EQ(refusal(bob(), forge_commit(alice(), std::move(proposals), random_, std::move(path))), code);
    EXPECT_TRUE(before == stored_form(bob()));
  }
  // An honest commit of alice's, spoilt by `spoil` and then signed and sealed again.
  Bytes spoilt_commit(const CommitRequest& request, const std::function<void(Commit&)>& spoil) {
    Group copy = alice().clone();
    const auto staged = copy.stage_commit(request, random_, kTestNow).value();
    Commit commit = std::get<Commit>(opened(bob(), staged.commit).content.body);
    spoil(commit);
    return forge(alice(), std::move(commit), random_);
  }
  // Signs the path's leaf anew after it was spoilt.
  void sign_path(Commit& commit) {
    sign_leaf_node(commit.path->leaf_node, GroupAccess::state(alice()).signature_key, {alice().group_id(), {0}});
  }
  Add add(const KeyPackagePrivate& one) { return Add{one.key_package}; }
  Group& alice() { return groups_[0]; }
  Group& bob() { return groups_[1]; }

  crypto::SeededRandom random_{4};
  std::vector<Group> groups_ = grown({"alice", "bob", "carol"}, random_);
};

TEST_F(RefusalsTest, the_builder_makes_messages_that_are_accepted_when_nothing_is_spoilt) {
  EXPECT_TRUE(bob().process(forge(alice(), text("fine"), random_), kTestNow).has_value());
  EXPECT_TRUE(bob().process(forge(alice(), Proposal{Remove{{2}}}, random_), kTestNow).has_value());
  Forgery in_public;
  in_public.wire_format = WireFormat::kPublicMessage;
  EXPECT_TRUE(bob().process(forge(alice(), Proposal{Remove{{2}}}, random_, in_public), kTestNow).has_value());
}

// MLS-008, MLS-020, MLS-087
TEST_F(RefusalsTest, a_forged_signature) {
  Forgery forgery;
  forgery.signed_content = [](AuthenticatedContentIn& in) { in.auth.signature[3] ^= 1; };
  const auto before = stored_form(bob());
  EXPECT_EQ(refusal(bob(), forge(alice(), text("forged"), random_, forgery)), kBadSignature);
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{Remove{{2}}}, random_, forgery)), kBadSignature);
  EXPECT_TRUE(before == stored_form(bob()));
}

// MLS-020
TEST_F(RefusalsTest, one_member_in_the_name_of_another) {
  Forgery forgery;
  forgery.content = [](FramedContent& content) { content.sender = Sender::member({2}); };
  EXPECT_EQ(refusal(bob(), forge(alice(), text("I am carol"), random_, forgery)), kDecryptionFailed);
  forgery.wire_format = WireFormat::kPublicMessage;
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{Remove{{2}}}, random_, forgery)), kBadSignature);
}

// MLS-021, MLS-033
TEST_F(RefusalsTest, a_sender_whose_leaf_is_blank) {
  Forgery forgery;
  forgery.content = [](FramedContent& content) { content.sender = Sender::member({3}); };
  EXPECT_EQ(refusal(bob(), forge(alice(), text("nobody"), random_, forgery)), kUnknownSender);
  forgery.wire_format = WireFormat::kPublicMessage;
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{Remove{{2}}}, random_, forgery)), kUnknownSender);
}

// MLS-107
TEST_F(RefusalsTest, another_epoch) {
  for (const uint64_t epoch : {uint64_t{0}, uint64_t{99}}) {
    Forgery forgery;
    forgery.content = [&](FramedContent& content) { content.epoch = epoch; };
    EXPECT_EQ(refusal(bob(), forge(alice(), text("when?"), random_, forgery)), epoch == 0 ? kStaleEpoch : kFutureEpoch);
  }
}

// MLS-016
TEST_F(RefusalsTest, application_data_in_a_public_message) {
  Forgery forgery;
  forgery.wire_format = WireFormat::kPublicMessage;
  EXPECT_EQ(refusal(bob(), forge(alice(), text("in the clear"), random_, forgery)), kMalformed);
}

// MLS-025
TEST_F(RefusalsTest, a_forged_membership_tag) {
  Forgery forgery;
  forgery.wire_format = WireFormat::kPublicMessage;
  auto message = codec::decoded<MLSMessage>(forge(alice(), Proposal{Remove{{2}}}, random_, forgery)).value();
  std::get<PublicMessage>(message.body).membership_tag[0] ^= 1;
  EXPECT_EQ(refusal(bob(), codec::encoded(message)), kBadMembershipTag);
}

// MLS-023, MLS-117
TEST_F(RefusalsTest, strangers_that_the_group_does_not_know) {
  for (const SenderType type : {SenderType::kExternal, SenderType::kNewMemberCommit}) {
    Forgery forgery;
    forgery.wire_format = WireFormat::kPublicMessage;
    forgery.content = [&](FramedContent& content) { content.sender = {type, {}, 0}; };
    EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{Remove{{2}}}, random_, forgery)), kUnknownSender);
  }
}

// MLS-024
TEST_F(RefusalsTest, who_is_not_a_member_proposes_to_add_himself_and_nothing_else) {
  Forgery forgery;
  forgery.wire_format = WireFormat::kPublicMessage;
  forgery.content = [](FramedContent& content) { content.sender = {SenderType::kNewMemberProposal, {}, 0}; };
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{Remove{{2}}}, random_, forgery)), kInvalidProposal);
  const auto dave = candidate("dave", random_);
  GroupAccess::state(alice()).signature_key = dave.signature_key.clone();
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{add(dave)}, random_, forgery)).number, 0);
}

// MLS-026
TEST_F(RefusalsTest, padding_that_is_not_zeros) {
  const GroupState& state = GroupAccess::state(alice());
  auto message = codec::decoded<MLSMessage>(alice().protect(text("padded"), {}, random_).value()).value();
  auto& sealed = std::get<PrivateMessage>(message.body);
  const auto sender = open_sender_data(*state.suite, state.secrets.sender_data_secret, sealed).value();
  const auto key =
      GroupAccess::state(bob()).secret_tree.find({0}, RatchetKind::kApplication, sender.generation).value();
  Bytes nonce = to_bytes(key.key.nonce.reveal());
  for (size_t i = 0; i < 4; ++i) nonce[i] ^= sender.reuse_guard[i];
  codec::Writer aad;
  codec::encode(aad, sealed.group_id);
  codec::encode(aad, sealed.epoch);
  codec::encode(aad, sealed.content_type);
  codec::encode(aad, sealed.authenticated_data);
  Bytes plaintext = state.suite->aead->open(key.key.key.reveal(), nonce, aad.view(), sealed.ciphertext).value();
  plaintext.back() = 1;
  const Bytes ciphertext = state.suite->aead->seal(key.key.key.reveal(), nonce, aad.view(), plaintext);
  EXPECT_EQ(open_private(*state.suite,
                         {sealed.group_id, sealed.epoch, sealed.content_type, sealed.authenticated_data,
                          sealed.encrypted_sender_data, ciphertext},
                         sender, key.key)
                .error()
                .code,
            kBadPadding);
}

// MLS-147
TEST_F(RefusalsTest, a_forged_confirmation_tag) {
  EXPECT_EQ(refusal(bob(), spoilt_commit({}, [](Commit&) {})), kBadConfirmationTag);
}

// MLS-072
TEST_F(RefusalsTest, a_wrong_parent_hash) {
  EXPECT_EQ(refusal(bob(), spoilt_commit({},
                                         [&](Commit& commit) {
                                           commit.path->leaf_node.parent_hash[0] ^= 1;
                                           sign_path(commit);
                                         })),
            kBadParentHash);
}

// MLS-045
TEST_F(RefusalsTest, a_path_leaf_signed_for_another_place) {
  EXPECT_EQ(refusal(bob(), spoilt_commit({},
                                         [&](Commit& commit) {
                                           sign_leaf_node(commit.path->leaf_node,
                                                          GroupAccess::state(alice()).signature_key,
                                                          {alice().group_id(), {1}});
                                         })),
            kBadSignature);
}

// MLS-055
TEST_F(RefusalsTest, a_path_leaf_that_is_not_of_a_commit) {
  EXPECT_EQ(refusal(bob(), spoilt_commit({},
                                         [&](Commit& commit) {
                                           commit.path->leaf_node.source = LeafNodeSource::kUpdate;
                                           sign_path(commit);
                                         })),
            kBadLeafNodeSource);
}

// MLS-059, MLS-146
TEST_F(RefusalsTest, a_path_that_keeps_the_encryption_key) {
  const Bytes old_key = GroupAccess::state(bob()).tree.leaf({0})->encryption_key;
  EXPECT_EQ(refusal(bob(), spoilt_commit({},
                                         [&](Commit& commit) {
                                           commit.path->leaf_node.encryption_key = old_key;
                                           sign_path(commit);
                                         })),
            kDuplicateKey);
}

// MLS-057, MLS-131
TEST_F(RefusalsTest, a_path_leaf_with_the_signature_key_of_another_member) {
  const auto& key = GroupAccess::state(groups_[2]).signature_key;
  EXPECT_EQ(refusal(bob(), spoilt_commit({},
                                         [&](Commit& commit) {
                                           commit.path->leaf_node.signature_key = to_bytes(key.public_key);
                                           sign_leaf_node(commit.path->leaf_node, key, {alice().group_id(), {0}});
                                         })),
            kDuplicateKey);
}

// MLS-146
TEST_F(RefusalsTest, a_path_with_one_key_twice) {
  EXPECT_EQ(refusal(bob(), spoilt_commit({},
                                         [&](Commit& commit) {
                                           commit.path->nodes[0].encryption_key = commit.path->leaf_node.encryption_key;
                                         })),
            kDuplicateKey);
}

// MLS-061
TEST_F(RefusalsTest, a_path_of_the_wrong_length) {
  EXPECT_EQ(refusal(bob(), spoilt_commit({}, [](Commit& commit) { commit.path->nodes.pop_back(); })), kBadUpdatePath);
  EXPECT_EQ(
      refusal(bob(), spoilt_commit({}, [](Commit& commit) { commit.path->nodes.push_back(commit.path->nodes[0]); })),
      kBadUpdatePath);
}

// MLS-065
TEST_F(RefusalsTest, a_path_with_too_few_or_too_many_ciphertexts) {
  EXPECT_EQ(refusal(bob(), spoilt_commit({}, [](Commit& c) { c.path->nodes[0].encrypted_path_secret.clear(); })),
            kBadUpdatePath);
  EXPECT_EQ(refusal(bob(), spoilt_commit({},
                                         [](Commit& c) {
                                           auto& sealed = c.path->nodes[0].encrypted_path_secret;
                                           sealed.push_back(sealed[0]);
                                         })),
            kBadUpdatePath);
}

// MLS-009, MLS-063, MLS-067
TEST_F(RefusalsTest, a_path_secret_that_does_not_open_or_gives_another_key) {
  EXPECT_EQ(refusal(bob(),
                    spoilt_commit({}, [](Commit& c) { c.path->nodes[0].encrypted_path_secret[0].ciphertext[0] ^= 1; })),
            kCannotFollow);
}

// MLS-067
TEST_F(RefusalsTest, a_commit_whose_part_for_one_member_is_spoilt_is_not_void_and_he_cannot_follow) {
  Group copy = alice().clone();
  const auto staged = copy.stage_commit({}, random_, kTestNow).value();
  const auto secret = commit_secret_of(bob(), staged.commit);
  Commit commit = std::get<Commit>(opened(bob(), staged.commit).content.body);
  // Alice's path: the node above her and bob, then the root, whose ciphertext is carol's.
  commit.path->nodes.at(1).encrypted_path_secret.at(0).ciphertext[0] ^= 1;
  const Bytes message = forge_confirmed(alice(), commit, random_, secret);
  const auto before = stored_form(groups_[2]);
  EXPECT_EQ(refusal(groups_[2], message), kCannotFollow);
  EXPECT_TRUE(before == stored_form(groups_[2]));
  follow_commit(bob(), message);
  EXPECT_EQ(bob().epoch(), groups_[2].epoch() + 1);
}

// MLS-013
TEST_F(RefusalsTest, a_commit_that_is_judged_to_be_void_is_void_for_those_who_could_not_follow_it_too) {
  const CommitJudge nobody_comes = [](const CommitReport& commit) -> Status {
    REQUIRE(commit.added.empty(), kInvalidProposal, "test: nobody comes");
    return {};
  };
  CommitRequest request;
  request.add.push_back(published(candidate("dave", random_)));
  const Bytes message =
      spoilt_commit(request, [](Commit& c) { c.path->nodes[0].encrypted_path_secret[0].ciphertext[0] ^= 1; });
  EXPECT_EQ(bob().process(message, kTestNow, {}, nobody_comes).error().code, kInvalidProposal);
  const Bytes whole = alice().stage_commit(request, random_, kTestNow).value().commit;
  const auto before = stored_form(groups_[2]);
  EXPECT_EQ(groups_[2].process(whole, kTestNow, {}, nobody_comes).error().code, kInvalidProposal);
  EXPECT_TRUE(before == stored_form(groups_[2]));
  EXPECT_TRUE(groups_[2].process(whole, kTestNow).has_value());
}

// MLS-142
TEST_F(RefusalsTest, a_report_tells_reinit_and_pre_shared_keys) {
  const ReInit reinit{text("the next group of ours"), ProtocolVersion::kMls10, CipherSuiteId{3}, {}};
  auto processed = bob().clone().process(forge_confirmed(alice(), {{reinit}}, random_), kTestNow);
  ASSERT_TRUE(processed.has_value()) << processed.error().rule;
  EXPECT_TRUE(std::get<CommitProcessed>(*processed).reinit);
  std::vector<ExternalPsk> psks;
  psks.push_back({text("psk"), crypto::SecretBuffer(32)});
  CommitRequest request;
  request.external_psks = {text("psk")};
  const auto staged = alice().stage_commit(request, random_, kTestNow, psks).value();
  EXPECT_EQ(staged.report.pre_shared_keys, 1U);
  EXPECT_FALSE(staged.report.reinit);
  processed = bob().process(staged.commit, kTestNow, psks);
  ASSERT_TRUE(processed.has_value()) << processed.error().rule;
  EXPECT_EQ(std::get<CommitProcessed>(*processed).pre_shared_keys, 1U);
}

// MLS-035, MLS-036, MLS-089
TEST_F(RefusalsTest, keys_of_small_order_to_which_nobody_can_encrypt) {
  for (const Bytes& point : {Bytes(32), one_point(), order_eight_point()}) {
    auto dave = candidate("dave", random_);
    dave.key_package.leaf_node.encryption_key = point;
    sign_leaf_node(dave.key_package.leaf_node, dave.signature_key, {});
    expect_void({{add(dave)}}, kBadLeafNode);
    dave = candidate("dave", random_);
    dave.key_package.init_key = point;
    sign_key_package(dave);
    expect_void({{add(dave)}}, kBadKeyPackage);
    EXPECT_EQ(refusal(bob(), spoilt_commit({}, [&](Commit& c) { c.path->nodes[0].encryption_key = point; })),
              kBadUpdatePath);
    EXPECT_EQ(refusal(bob(), spoilt_commit({},
                                           [&](Commit& c) {
                                             c.path->leaf_node.encryption_key = point;
                                             sign_path(c);
                                           })),
              kBadLeafNode);
  }
}

TEST_F(RefusalsTest, more_proposals_of_strangers_than_the_bound) {
  Forgery forgery;
  forgery.wire_format = WireFormat::kPublicMessage;
  forgery.content = [](FramedContent& content) { content.sender = {SenderType::kNewMemberProposal, {}, 0}; };
  for (size_t i = 0; i <= kOutsidersProposalsMax; ++i) {
    const auto stranger = candidate("stranger " + std::to_string(i), random_);
    GroupAccess::state(alice()).signature_key = stranger.signature_key.clone();
    const ErrorCode code = refusal(bob(), forge(alice(), Proposal{add(stranger)}, random_, forgery));
    if (i < kOutsidersProposalsMax) {
      EXPECT_EQ(code.number, 0) << code.name;
    } else {
      EXPECT_EQ(code, kTooManyProposals);
    }
  }
  EXPECT_TRUE(bob().process(groups_[2].propose_update({}, random_).value(), kTestNow).has_value());
}

// MLS-141
TEST_F(RefusalsTest, a_commit_that_lacks_its_path) {
  EXPECT_EQ(refusal(bob(), forge_commit(alice(), {}, random_)), kMissingPath);
  EXPECT_EQ(refusal(bob(), forge_commit(alice(), {{Remove{{2}}}}, random_)), kMissingPath);
}

// MLS-010, MLS-108
TEST_F(RefusalsTest, a_reference_to_a_proposal_that_nobody_sent) {
  Commit commit;
  commit.proposals.push_back({ProposalRef(32, 5)});
  EXPECT_EQ(refusal(bob(), forge(alice(), std::move(commit), random_)), kUnknownProposal);
}

// MLS-121
TEST_F(RefusalsTest, removing_oneself) {
  expect_void({{Remove{{0}}}}, kInvalidProposalList);
  CommitRequest request;
  request.remove = {{0}};
  EXPECT_EQ(alice().stage_commit(request, random_, kTestNow).error().code, kInvalidProposalList);
}

// MLS-111, MLS-122
TEST_F(RefusalsTest, removing_somebody_twice_or_nobody) {
  expect_void({{Remove{{2}}}, {Remove{{2}}}}, kInvalidProposalList);
  expect_void({{Remove{{3}}}}, kInvalidProposal);
  expect_void({{Remove{{77}}}}, kInvalidProposal);
  EXPECT_EQ(alice().propose_remove({3}, random_).error().code, kNotAMember);
  CommitRequest request;
  request.remove = {{9}};
  EXPECT_EQ(alice().stage_commit(request, random_, kTestNow).error().code, kNotAMember);
}

// MLS-120
TEST_F(RefusalsTest, an_update_by_the_committer) {
  LeafNode leaf = *GroupAccess::state(alice()).tree.leaf({0});
  leaf.source = LeafNodeSource::kUpdate;
  leaf.encryption_key = HpkeKeyPair::generate(suite_0x0003(), random_).public_key;
  sign_leaf_node(leaf, GroupAccess::state(alice()).signature_key, {alice().group_id(), {0}});
  expect_void({{Update{leaf}}}, kInvalidProposalList);
}

// MLS-047, MLS-056, MLS-110
TEST_F(RefusalsTest, an_update_that_keeps_its_key_or_is_signed_by_another) {
  LeafNode leaf = *GroupAccess::state(alice()).tree.leaf({0});
  leaf.source = LeafNodeSource::kUpdate;
  sign_leaf_node(leaf, GroupAccess::state(alice()).signature_key, {alice().group_id(), {0}});
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{Update{leaf}}, random_)), kDuplicateKey);
  leaf.encryption_key = HpkeKeyPair::generate(suite_0x0003(), random_).public_key;
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{Update{leaf}}, random_)), kBadSignature);
}

// MLS-057, MLS-125
TEST_F(RefusalsTest, adding_a_signature_key_that_is_in_the_group) {
  const auto second_carol = candidate("carol", random_);
  expect_void({{add(second_carol)}}, kDuplicateKey);
  CommitRequest request;
  request.add.push_back(published(second_carol));
  EXPECT_EQ(alice().stage_commit(request, random_, kTestNow).error().code, kDuplicateKey);
}

// MLS-125, MLS-136
TEST_F(RefusalsTest, removing_and_adding_the_same_device_in_one_commit_is_fine) {
  const auto second_carol = candidate("carol", random_);
  CommitRequest request;
  request.remove = {{2}};
  request.add.push_back(published(second_carol));
  const auto staged = alice().stage_commit(request, random_, kTestNow);
  ASSERT_TRUE(staged.has_value()) << staged.error().rule;
  follow_commit(bob(), staged->commit);
}

// MLS-058
TEST_F(RefusalsTest, adding_one_key_package_twice) {
  const auto dave = candidate("dave", random_);
  expect_void({{add(dave)}, {add(dave)}}, kDuplicateKey);
}

// MLS-047, MLS-093, MLS-094, MLS-095, MLS-096
TEST_F(RefusalsTest, adding_a_spoilt_key_package) {
  auto dave = candidate("dave", random_);
  dave.key_package.signature[0] ^= 1;
  expect_void({{add(dave)}}, kBadSignature);
  dave = candidate("dave", random_);
  dave.key_package.leaf_node.signature[0] ^= 1;
  expect_void({{add(dave)}}, kBadSignature);
  dave = candidate("dave", random_);
  dave.key_package.init_key = dave.key_package.leaf_node.encryption_key;
  expect_void({{add(dave)}}, kBadKeyPackage);
  dave = candidate("dave", random_);
  dave.key_package.cipher_suite = CipherSuiteId{0x0001};
  expect_void({{add(dave)}}, kUnsupportedSuite);
  dave = candidate("dave", random_);
  dave.key_package.version = ProtocolVersion{2};
  expect_void({{add(dave)}}, kUnsupportedVersion);
}

// MLS-036, MLS-040, MLS-041, MLS-042, MLS-049, MLS-053, MLS-176
TEST_F(RefusalsTest, leaves_that_contradict_themselves) {
  const auto with = [&](const std::function<void(LeafNode&)>& spoil) {
    auto dave = candidate("dave", random_);
    spoil(dave.key_package.leaf_node);
    sign_leaf_node(dave.key_package.leaf_node, dave.signature_key, {});
    return dave;
  };
  expect_void({{add(with([](LeafNode& leaf) { leaf.extensions.push_back({kTestExtension, {}}); }))}},
              kUnsupportedExtension);
  expect_void({{add(with([](LeafNode& leaf) {
                leaf.extensions = {{ExtensionType::kApplicationId, {}}, {ExtensionType::kApplicationId, {}}};
              }))}},
              kDuplicateExtension);
  expect_void({{add(with([](LeafNode& leaf) { leaf.capabilities.credentials.clear(); }))}}, kUnsupportedCredential);
  expect_void({{add(with([](LeafNode& leaf) { leaf.capabilities.versions.clear(); }))}}, kUnsupportedVersion);
  expect_void({{add(with([](LeafNode& leaf) { leaf.capabilities.cipher_suites.clear(); }))}}, kUnsupportedSuite);
  expect_void({{add(with([](LeafNode& leaf) { leaf.encryption_key.pop_back(); }))}}, kBadLeafNode);
  expect_void({{add(with([](LeafNode& leaf) { leaf.source = LeafNodeSource::kUpdate; }))}}, kBadLeafNodeSource);
}

// MLS-050
TEST_F(RefusalsTest, a_lifetime_that_is_over_not_begun_or_endless) {
  const auto dave = candidate("dave", random_);
  const Bytes message = dave.encode_message();
  EXPECT_EQ(KeyPackage::parse(suite_0x0003(), message, kTestNow + days(31)).error().code, kLifetime);
  EXPECT_EQ(KeyPackage::parse(suite_0x0003(), message, kTestNow - days(2)).error().code, kLifetime);
  const auto in_time = KeyPackage::parse(suite_0x0003(), message, kTestNow).value();
  CommitRequest request;
  request.add.push_back(in_time);
  EXPECT_EQ(alice().stage_commit(request, random_, kTestNow + days(31)).error().code, kLifetime);
  EXPECT_EQ(alice().propose_add(in_time, random_, kTestNow + days(31)).error().code, kLifetime);
}

// MLS-044
TEST_F(RefusalsTest, a_lifetime_that_is_longer_than_we_accept_wherever_it_comes_from) {
  auto dave = candidate("dave", random_);
  const auto with_days = [&](uint64_t days_total) {
    Lifetime& lifetime = dave.key_package.leaf_node.lifetime;
    lifetime.not_after = lifetime.not_before + days_total * 86'400;
    sign_leaf_node(dave.key_package.leaf_node, dave.signature_key, {});
    sign_key_package(dave);
  };
  with_days(369);
  expect_void({{add(dave)}}, kLifetime);
  EXPECT_EQ(refusal(bob(), forge(alice(), Proposal{add(dave)}, random_)), kLifetime);
  with_days(368);
  EXPECT_TRUE(bob().process(forge(alice(), Proposal{add(dave)}, random_), kTestNow).has_value());
}

// MLS-180
TEST_F(RefusalsTest, a_group_whose_extension_a_joiner_does_not_support) {
  Group group = founded("founder", random_, {{kTestExtension, text("roles")}}, {kTestExtension});
  CommitRequest request;
  request.add.push_back(published(candidate("dave", random_)));
  EXPECT_EQ(group.stage_commit(request, random_, kTestNow).error().code, kUnsupportedExtension);
  GroupCreate create{text("an id of sixteen bytes"), parameters("lacks"), {{kTestExtension, {}}}};
  EXPECT_EQ(Group::create(suite_0x0003(), create, random_, kTestNow).error().code, kUnsupportedExtension);
}

// MLS-048, MLS-099, MLS-127
TEST_F(RefusalsTest, extensions_that_a_member_does_not_support) {
  expect_void({{GroupContextExtensions{{{kTestExtension, {}}}}}}, kUnsupportedExtension);
  const RequiredCapabilities proposals{{}, {ProposalType{0xf001}}, {}};
  expect_void({{GroupContextExtensions{{{ExtensionType::kRequiredCapabilities, codec::encoded(proposals)}}}}},
              kUnsupportedProposal);
  const RequiredCapabilities credentials{{}, {}, {CredentialType::kX509}};
  expect_void({{GroupContextExtensions{{{ExtensionType::kRequiredCapabilities, codec::encoded(credentials)}}}}},
              kUnsupportedCredential);
  expect_void({{GroupContextExtensions{}}, {GroupContextExtensions{}}}, kInvalidProposalList);
}

// MLS-106, MLS-112, MLS-126, MLS-103
TEST_F(RefusalsTest, pre_shared_keys_of_the_wrong_kind) {
  PreSharedKeyID id;
  id.psk_id = text("psk");
  id.psk_nonce = Bytes(3);
  expect_void({{PreSharedKeyProposal{id}}}, kInvalidProposal);
  id.psk_nonce = Bytes(32);
  expect_void({{PreSharedKeyProposal{id}}, {PreSharedKeyProposal{id}}}, kInvalidProposalList);
  id.psktype = PSKType::kResumption;
  for (const auto usage : {ResumptionPSKUsage::kReinit, ResumptionPSKUsage::kBranch}) {
    id.usage = usage;
    expect_void({{PreSharedKeyProposal{id}}}, kInvalidProposal);
  }
}

// MLS-113, MLS-128, MLS-129
TEST_F(RefusalsTest, reinit_beside_others_and_external_init_by_a_member) {
  ReInit reinit{text("the next group of ours"), ProtocolVersion::kMls10, CipherSuiteId{3}, {}};
  expect_void({{reinit}, {Remove{{2}}}}, kInvalidProposalList);
  reinit.version = ProtocolVersion{0};
  expect_void({{reinit}}, kInvalidProposal);
  expect_void({{ExternalInit{Bytes(32, 9)}}}, kInvalidProposal);
}

}  // namespace
}  // namespace godwit::mls
