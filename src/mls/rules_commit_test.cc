// What members refuse in commits, lists of proposals and framing, rule by rule.

#include <algorithm>

#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

class RulesCommitTest : public ::testing::Test {
 protected:
  // The verdict of `receiver`, whom what he refuses has not changed.
  ErrorCode verdict(Group& receiver, const Bytes& message) {
    const auto before = stored_form(receiver);
    const ErrorCode code = refusal(receiver, message);
    EXPECT_TRUE(code.number == 0 || before == stored_form(receiver));
    return code;
  }
  // Bob's verdict on alice's commit of these proposals by value, with a path.
  ErrorCode verdict(std::vector<Proposal> proposals) {
    auto path = some_path(alice(), bob(), random_);
    return verdict(bob(), forge_commit(alice(), std::move(proposals), random_, std::move(path)));
  }
  // All but its sender take a proposal in.
  ProposalRef heard(const Bytes& proposal) {
    for (Group& one : groups_) static_cast<void>(one.process(proposal, kTestNow));
    return GroupAccess::state(alice()).proposals.back().ref;
  }
  Commit commit_of(const std::vector<ProposalRef>& refs, bool path = true) {
    Commit out;
    for (const ProposalRef& ref : refs) out.proposals.push_back({ref});
    if (path) out.path = some_path(alice(), carol(), random_);
    return out;
  }
  // Alice and bob, who support kTestExtension, and carol, who does not.
  std::vector<Group> two_of_three_support() {
    std::vector<Group> out;
    out.push_back(founded("alice", random_, {}, {kTestExtension}));
    std::vector<KeyPackagePrivate> joiners;
    joiners.push_back(candidate("bob", random_, {kTestExtension}));
    joiners.push_back(candidate("carol", random_));
    CommitRequest request;
    for (const auto& one : joiners) request.add.push_back(published(one));
    auto staged = out[0].stage_commit(request, random_, kTestNow).value();
    out[0] = std::move(staged.successor);
    for (const auto& one : joiners)
      out.push_back(Group::join(suites_default(), *staged.welcome, one, std::nullopt, kTestNow).value());
    return out;
  }
  Group& alice() { return groups_[0]; }
  Group& bob() { return groups_[1]; }
  Group& carol() { return groups_[2]; }

  crypto::SeededRandom random_{41};
  std::vector<Group> groups_ = grown({"alice", "bob", "carol"}, random_);
};

// MLS-063
TEST_F(RulesCommitTest, a_path_secret_that_opens_and_is_not_that_of_its_node) {
  const CipherSuite& suite = suite_0x0003();
  Group copy = alice().clone();
  const auto staged = copy.stage_commit({}, random_, kTestNow).value();
  const auto commit_secret = commit_secret_of(carol(), staged.commit);
  Commit commit = std::get<Commit>(opened(bob(), staged.commit).content.body);
  GroupContext context = GroupAccess::state(staged.successor).context;
  context.confirmed_transcript_hash = GroupAccess::state(bob()).context.confirmed_transcript_hash;
  const Bytes bobs_key = *GroupAccess::state(bob()).tree.encryption_key({2});
  for (const size_t size : {size_t{31}, size_t{32}, size_t{33}}) {
    // Alice's path: the node above her and bob, then the root, whose ciphertext is carol's.
    commit.path->nodes.at(0).encrypted_path_secret.at(0) =
        encrypt_with_label(suite, bobs_key, "UpdatePathNode", codec::encoded(context), Bytes(size, 7), random_).value();
    const Bytes message = forge_confirmed(alice(), commit, random_, commit_secret);
    EXPECT_EQ(verdict(bob(), message), kCannotFollow) << size;
    EXPECT_EQ(refusal(carol(), message).number, 0);
  }
}

// MLS-063
TEST_F(RulesCommitTest, a_path_secret_of_another_size_that_gives_the_keys_of_its_path) {
  const CipherSuite& suite = suite_0x0003();
  const GroupState& state = GroupAccess::state(alice());
  for (const size_t size : {size_t{31}, size_t{32}, size_t{33}}) {
    RatchetTree tree = state.tree;
    NewPath path = NewPath::generate(suite, tree, {0}, random_);
    PathSecret secret(crypto::SecretBuffer::copy_of(Bytes(size, 7)));
    for (size_t i = 0; i < path.steps.size(); ++i) {
      path.node_keys[i] = HpkeKeyPair::derive(suite, derive_secret(suite, secret.reveal(), "node").reveal());
      PathSecret next(derive_secret(suite, secret.reveal(), "path"));
      path.path_secrets[i] = std::move(secret);
      secret = std::move(next);
    }
    LeafNode leaf = *tree.leaf({0});
    leaf.source = LeafNodeSource::kCommit;
    leaf.encryption_key = path.leaf_key.public_key;
    leaf.parent_hash = tree.set_path(suite, {0}, path.encryption_keys());
    sign_leaf_node(leaf, state.signature_key, {alice().group_id(), {0}});
    tree.set_leaf({0}, leaf);
    GroupContext context = state.context;
    ++context.epoch;
    context.tree_hash = tree.tree_hash(suite);
    Commit commit;
    commit.path = UpdatePath{leaf, encrypt_path(suite, tree, path, {}, codec::encoded(context), random_).value()};
    const Bytes message = forge_confirmed(alice(), commit, random_, CommitSecret(secret.buffer().clone()));
    const ErrorCode code = verdict(bob(), message);
    EXPECT_EQ(code.number, size == 32 ? 0 : kCannotFollow.number) << size;
  }
}

// MLS-064
TEST_F(RulesCommitTest, private_keys_that_a_commit_replaced_are_gone) {
  std::vector<Bytes> replaced;
  for (const auto& [node, key] : GroupAccess::state(bob()).keys.keys)
    if (node != NodeIndex{2}) replaced.push_back(to_bytes(key.private_key.reveal()));
  ASSERT_FALSE(replaced.empty());
  const auto holds = [&](const Bytes& key) {
    const auto form = stored_form(bob());
    const ByteView all = form.reveal();
    return std::search(all.begin(), all.end(), key.begin(), key.end()) != all.end();
  };
  for (const Bytes& key : replaced) EXPECT_TRUE(holds(key));
  follow_commit(bob(), alice().stage_commit({}, random_, kTestNow).value().commit);
  for (const Bytes& key : replaced) EXPECT_FALSE(holds(key));
}

// MLS-122
TEST_F(RulesCommitTest, two_updates_or_an_update_and_a_remove_of_one_leaf) {
  const ProposalRef first = heard(bob().propose_update({}, random_).value());
  const ProposalRef second = heard(bob().propose_update({}, random_).value());
  Group copy = carol().clone();
  const Bytes remove = forge(copy, Proposal{Remove{{1}}}, random_);
  ASSERT_TRUE(alice().process(remove, kTestNow).has_value());
  ASSERT_TRUE(bob().process(remove, kTestNow).has_value());
  const ProposalRef third = GroupAccess::state(alice()).proposals.back().ref;
  EXPECT_EQ(verdict(carol(), forge(alice(), commit_of({first, second}), random_)), kInvalidProposalList);
  Commit commit = commit_of({first});
  commit.proposals.push_back({Proposal{Remove{{1}}}});
  EXPECT_EQ(verdict(carol(), forge(alice(), commit, random_)), kInvalidProposalList);
  EXPECT_EQ(verdict(bob(), forge(alice(), commit_of({first, third}), random_)), kInvalidProposalList);
}

// MLS-196
TEST_F(RulesCommitTest, a_self_remove_beside_another_change_of_the_leaf) {
  const ProposalRef update = heard(bob().propose_update({}, random_).value());
  const ProposalRef leaving = heard(bob().propose_self_remove(random_).value());
  Forgery in_public;
  in_public.wire_format = WireFormat::kPublicMessage;
  in_public.content = [](FramedContent& content) { content.authenticated_data = text("again"); };
  const ProposalRef again = heard(forge(bob(), Proposal{SelfRemove{}}, random_, in_public));
  ASSERT_NE(leaving, again);
  EXPECT_EQ(verdict(carol(), forge(alice(), commit_of({leaving, again}), random_)), kInvalidProposalList);
  EXPECT_EQ(verdict(carol(), forge(alice(), commit_of({update, leaving}), random_)), kInvalidProposalList);
  Commit commit = commit_of({leaving});
  commit.proposals.push_back({Proposal{Remove{{1}}}});
  EXPECT_EQ(verdict(carol(), forge(alice(), commit, random_)), kInvalidProposalList);
}

// MLS-141 MLS-194
TEST_F(RulesCommitTest, an_update_or_new_extensions_without_a_path) {
  const ProposalRef update = heard(carol().propose_update({}, random_).value());
  EXPECT_EQ(verdict(bob(), forge(alice(), commit_of({update}, false), random_)), kMissingPath);
  EXPECT_EQ(verdict(bob(), forge_commit(alice(), {{GroupContextExtensions{}}}, random_)), kMissingPath);
  const ProposalRef leaving = heard(carol().propose_self_remove(random_).value());
  EXPECT_EQ(verdict(bob(), forge(alice(), commit_of({leaving}, false), random_)), kMissingPath);
}

// MLS-137
TEST_F(RulesCommitTest, an_add_is_judged_by_the_extensions_that_come_with_it) {
  groups_ = two_of_three_support();
  const Extension required = required_capabilities_extension({{kTestExtension}, {}, {}});
  const auto unable = candidate("dave", random_);
  EXPECT_EQ(verdict({{Remove{{2}}}, {GroupContextExtensions{{required}}}, {Add{unable.key_package}}}),
            kUnsupportedExtension);
  EXPECT_EQ(verdict({{Add{unable.key_package}}, {GroupContextExtensions{{required}}}, {Remove{{2}}}}),
            kUnsupportedExtension);
}

// MLS-099
TEST_F(RulesCommitTest, a_requirement_that_only_a_removed_member_lacks) {
  groups_ = two_of_three_support();
  const Extension required = required_capabilities_extension({{kTestExtension}, {}, {}});
  EXPECT_EQ(verdict({{GroupContextExtensions{{required}}}}), kUnsupportedExtension);
  CommitRequest request;
  request.group_context_extensions = Extensions{required};
  request.remove = {{2}};
  const auto staged = alice().stage_commit(request, random_, kTestNow);
  ASSERT_TRUE(staged.has_value()) << staged.error().rule;
  follow_commit(bob(), staged->commit);
}

// MLS-115
TEST_F(RulesCommitTest, new_extensions_replace_all_that_were_there) {
  groups_ = two_of_three_support();
  CommitRequest request;
  request.remove = {{2}};
  request.group_context_extensions = Extensions{{kTestExtension, text("a")}, required_capabilities_extension({})};
  auto staged = alice().stage_commit(request, random_, kTestNow).value();
  follow_commit(bob(), staged.commit);
  EXPECT_EQ(bob().group_context_extensions().size(), 2U);
  CommitRequest one;
  one.group_context_extensions = Extensions{{kTestExtension, text("b")}};
  follow_commit(bob(), staged.successor.stage_commit(one, random_, kTestNow).value().commit);
  EXPECT_EQ(bob().group_context_extensions(), *one.group_context_extensions);
}

// MLS-103 MLS-106 MLS-112
TEST_F(RulesCommitTest, a_pre_shared_key_of_usage_reinit_or_branch_or_with_a_nonce_of_another_size) {
  PreSharedKeyID id{PSKType::kResumption, {},       ResumptionPSKUsage::kApplication, bob().group_id(),
                    bob().epoch(),        Bytes(32)};
  EXPECT_EQ(verdict({{PreSharedKeyProposal{id}}}), kBadConfirmationTag);  // nothing else is wrong
  for (const auto usage : {ResumptionPSKUsage::kReinit, ResumptionPSKUsage::kBranch}) {
    id.usage = usage;
    EXPECT_EQ(verdict({{PreSharedKeyProposal{id}}}), kInvalidProposal);
    EXPECT_EQ(verdict(bob(), forge(alice(), Proposal{PreSharedKeyProposal{id}}, random_)), kInvalidProposal);
  }
  id.usage = ResumptionPSKUsage::kApplication;
  for (const size_t size : {size_t{31}, size_t{33}}) {
    id.psk_nonce = Bytes(size);
    EXPECT_EQ(verdict({{PreSharedKeyProposal{id}}}), kInvalidProposal);
  }
}

// MLS-080 MLS-082 MLS-145
TEST_F(RulesCommitTest, resumption_keys_of_other_groups_and_of_epochs_long_over) {
  for (size_t i = 0; i <= kResumptionPsksMax; ++i) {
    auto staged = alice().stage_commit({}, random_, kTestNow).value();
    follow_commit(bob(), staged.commit);
    alice() = std::move(staged.successor);
  }
  const auto verdict_on = [&](const Bytes& group_id, uint64_t epoch) {
    const PreSharedKeyID id{PSKType::kResumption, {}, ResumptionPSKUsage::kApplication, group_id, epoch, Bytes(32)};
    return verdict(bob(), forge_commit(alice(), {{PreSharedKeyProposal{id}}}, random_));
  };
  const uint64_t epoch = bob().epoch();
  EXPECT_EQ(verdict_on(bob().group_id(), epoch - kResumptionPsksMax - 1), kUnknownPsk);
  EXPECT_EQ(verdict_on(bob().group_id(), epoch + 1), kUnknownPsk);
  EXPECT_EQ(verdict_on(text("another group"), epoch), kUnknownPsk);
  CommitRequest request;
  request.resumption_psks = {{bob().group_id(), epoch - 1}, {bob().group_id(), epoch - kResumptionPsksMax}};
  follow_commit(bob(), alice().stage_commit(request, random_, kTestNow).value().commit);
}

// MLS-130
TEST_F(RulesCommitTest, a_commit_with_a_proposal_of_a_type_that_nobody_supports) {
  Forgery in_public;
  in_public.wire_format = WireFormat::kPublicMessage;
  Commit commit;
  commit.proposals.push_back({Proposal{SelfRemove{}}});
  Bytes message = forge(alice(), commit, random_, in_public);
  // A list of three bytes: a proposal by value, of type 0x000a, without a body.
  const Bytes list = unhex("0301000a");
  const auto at = std::search(message.begin(), message.end(), list.begin(), list.end());
  ASSERT_NE(at, message.end());
  at[2] = 0xf0;
  at[3] = 0x01;
  EXPECT_EQ(verdict(bob(), message), kUnsupportedProposal);
}

// MLS-179
TEST_F(RulesCommitTest, an_extension_twice_in_new_extensions_a_reinit_or_a_new_group) {
  groups_ = two_of_three_support();
  follow_commit(bob(), [&] {
    CommitRequest request;
    request.remove = {{2}};
    auto staged = alice().stage_commit(request, random_, kTestNow).value();
    alice() = std::move(staged.successor);
    return staged.commit;
  }());
  const Extensions twice{{kTestExtension, {}}, {kTestExtension, {}}};
  EXPECT_EQ(verdict({{GroupContextExtensions{twice}}}), kDuplicateExtension);
  const ReInit reinit{text("the next group of ours"), ProtocolVersion::kMls10, CipherSuiteId{3}, twice};
  EXPECT_EQ(verdict(bob(), forge_commit(alice(), {{reinit}}, random_)), kDuplicateExtension);
  GroupCreate create{text("an id of sixteen bytes"), parameters("founder", {kTestExtension}), twice};
  EXPECT_EQ(Group::create(suite_0x0003(), create, random_, kTestNow).error().code, kDuplicateExtension);
}

// MLS-140
TEST_F(RulesCommitTest, a_commit_that_leaves_out_a_proposal_that_the_receiver_has_seen) {
  ASSERT_TRUE(bob().process(carol().propose_remove({0}, random_).value(), kTestNow).has_value());
  follow_commit(bob(), alice().stage_commit({}, random_, kTestNow).value().commit);
  EXPECT_EQ(bob().members().size(), 3U);
  EXPECT_EQ(bob().pending_proposals(), 0U);
}

// MLS-018
TEST_F(RulesCommitTest, a_signature_over_another_wire_format_or_group_context) {
  const GroupState& state = GroupAccess::state(alice());
  GroupContext other = state.context;
  ++other.epoch;
  for (const WireFormat sent : {WireFormat::kPublicMessage, WireFormat::kPrivateMessage}) {
    const bool open = sent == WireFormat::kPublicMessage;
    const auto signed_as = [&](WireFormat format, const GroupContext& context) {
      Forgery forgery;
      forgery.wire_format = sent;
      forgery.signed_content = [&](AuthenticatedContentIn& in) {
        in.auth.signature =
            AuthenticatedContent::sign(format, in.content, state.signature_key, context).auth().signature;
      };
      return verdict(bob(), forge(alice(), Proposal{Remove{{2}}}, random_, forgery));
    };
    EXPECT_EQ(signed_as(sent, state.context).number, 0);
    EXPECT_EQ(signed_as(open ? WireFormat::kPrivateMessage : WireFormat::kPublicMessage, state.context), kBadSignature);
    EXPECT_EQ(signed_as(sent, other), kBadSignature);
  }
}

// MLS-024
TEST_F(RulesCommitTest, a_stranger_who_does_not_have_the_key_of_the_key_package) {
  const auto dave = candidate("dave", random_);
  auto stolen = dave.clone();
  stolen.signature_key = parameters("mallory").signature_key.clone();
  EXPECT_EQ(verdict(bob(), new_member_proposal(alice().group_id(), alice().epoch(), stolen)), kBadSignature);
  EXPECT_EQ(verdict(bob(), new_member_proposal(alice().group_id(), alice().epoch(), dave)).number, 0);
}

// MLS-029 MLS-032
TEST_F(RulesCommitTest, a_private_message_whose_envelope_says_something_else) {
  const Bytes whole = alice().propose_remove({2}, random_).value();
  const auto spoilt = [&](const std::function<void(PrivateMessage&)>& spoil) {
    auto message = codec::decoded<MLSMessage>(whole).value();
    spoil(std::get<PrivateMessage>(message.body));
    return verdict(bob(), codec::encoded(message));
  };
  EXPECT_EQ(spoilt([](PrivateMessage& m) { m.authenticated_data = text("more"); }), kDecryptionFailed);
  EXPECT_EQ(spoilt([](PrivateMessage& m) { m.content_type = ContentType::kCommit; }), kDecryptionFailed);
  EXPECT_EQ(spoilt([](PrivateMessage& m) { m.encrypted_sender_data[0] ^= 1; }), kDecryptionFailed);
  EXPECT_EQ(spoilt([](PrivateMessage&) {}).number, 0);
}

// MLS-014 MLS-015
TEST_F(RulesCommitTest, a_message_of_another_version_or_an_unknown_wire_format) {
  Bytes message = alice().propose_remove({2}, random_).value();
  message.at(1) = 2;
  EXPECT_EQ(verdict(bob(), message), kUnsupportedVersion);
  message.at(1) = 1;
  for (const uint8_t format : {uint8_t{0}, uint8_t{6}}) {
    message.at(3) = format;
    EXPECT_EQ(verdict(bob(), message), kWrongWireFormat);
  }
}

template <typename T>
ErrorCode decoding_of(std::string_view hexadecimal) {
  const auto out = codec::decoded<T>(unhex(std::string(hexadecimal)));
  return out ? ErrorCode{0, Action::kDrop, "accepted"} : out.error().code;
}

// MLS-005
TEST(RulesFormTest, numbers_that_select_nothing) {
  const std::string framed = "000000000000000000" "0100000000" "00";  // group_id, epoch; sender; authenticated_data
  EXPECT_EQ(decoding_of<FramedContent>(framed + "0100").number, 0);
  EXPECT_EQ(decoding_of<FramedContent>(framed + "0000"), kMalformed);
  EXPECT_EQ(decoding_of<FramedContent>(framed + "0400"), kMalformed);
  EXPECT_EQ(decoding_of<Sender>("0000000000"), kMalformed);
  EXPECT_EQ(decoding_of<Sender>("0500000000"), kMalformed);
  EXPECT_EQ(decoding_of<Node>("02000000").number, 0);
  EXPECT_EQ(decoding_of<Node>("00000000"), kMalformed);
  EXPECT_EQ(decoding_of<Node>("03000000"), kMalformed);
  EXPECT_EQ(decoding_of<ProposalOrRef>("0200").number, 0);
  EXPECT_EQ(decoding_of<ProposalOrRef>("0000"), kMalformed);
  EXPECT_EQ(decoding_of<ProposalOrRef>("0300"), kMalformed);
  EXPECT_EQ(decoding_of<PreSharedKeyID>("010000").number, 0);
  EXPECT_EQ(decoding_of<PreSharedKeyID>("000000"), kMalformed);
  EXPECT_EQ(decoding_of<PreSharedKeyID>("030000"), kMalformed);
  EXPECT_EQ(decoding_of<PreSharedKeyID>("020100000000000000000000").number, 0);
  EXPECT_EQ(decoding_of<PreSharedKeyID>("020000000000000000000000"), kMalformed);
  EXPECT_EQ(decoding_of<PreSharedKeyID>("020400000000000000000000"), kMalformed);
  for (const uint8_t source : {uint8_t{0}, uint8_t{4}}) {
    LeafNode leaf;
    leaf.source = LeafNodeSource{source};
    EXPECT_EQ(codec::decoded<LeafNode>(codec::encoded(leaf)).error().code, kMalformed);
  }
}

class RulesExternalCommitTest : public RulesCommitTest {
 protected:
  // Bob's verdict on dave's external commit, spoilt and signed again, with `signer`'s key.
  ErrorCode verdict_on(const std::function<void(Commit&)>& spoil, std::string_view signer = "dave") {
    ExternalCommitRequest request;
    request.leaf = parameters("dave");
    const Bytes info = alice().group_info(true);
    const auto made = Group::external_commit(suites_default(), info, std::nullopt, request, random_).value();
    auto message = codec::decoded<MLSMessage>(made.commit).value();
    auto& open = std::get<PublicMessage>(message.body);
    spoil(std::get<Commit>(open.content.body));
    auto content = AuthenticatedContent::sign(WireFormat::kPublicMessage, open.content,
                                              parameters(signer).signature_key, GroupAccess::state(alice()).context);
    open.auth.signature = content.auth().signature;
    return verdict(bob(), codec::encoded(message));
  }
  ErrorCode verdict_beside(const Proposal& proposal) {
    return verdict_on([&](Commit& commit) { commit.proposals.push_back({proposal}); });
  }
  // The same with the path's leaf spoilt and signed.
  ErrorCode verdict_on_leaf(const std::function<void(LeafNode&)>& spoil, std::string_view signer = "dave",
                            uint32_t place = 3) {
    return verdict_on(
        [&](Commit& commit) {
          spoil(commit.path->leaf_node);
          sign_leaf_node(commit.path->leaf_node, parameters(signer).signature_key, {alice().group_id(), {place}});
        },
        signer);
  }
};

// MLS-172
TEST_F(RulesExternalCommitTest, an_external_commit_that_its_leaf_has_not_signed) {
  EXPECT_EQ(verdict_on([](Commit&) {}, "mallory"), kBadSignature);
  EXPECT_EQ(verdict_on([](Commit&) {}, "alice"), kBadSignature);
}

// MLS-045 MLS-171
TEST_F(RulesExternalCommitTest, a_leaf_that_was_signed_for_another_place_than_the_leftmost_blank_one) {
  EXPECT_EQ(verdict_on_leaf([](LeafNode&) {}, "dave", 4), kBadSignature);
  EXPECT_EQ(verdict_on_leaf([](LeafNode&) {}, "dave", 2), kBadSignature);
}

// MLS-042 MLS-055 MLS-057 MLS-058 MLS-072 MLS-131
TEST_F(RulesExternalCommitTest, a_leaf_that_no_commit_of_a_member_could_bring) {
  EXPECT_EQ(verdict_on_leaf([](LeafNode& leaf) { leaf.source = LeafNodeSource::kUpdate; }), kBadLeafNodeSource);
  EXPECT_EQ(verdict_on_leaf([](LeafNode& leaf) { leaf.extensions = {{kTestExtension, {}}}; }), kUnsupportedExtension);
  EXPECT_EQ(verdict_on_leaf([](LeafNode& leaf) { leaf.parent_hash[0] ^= 1; }), kBadParentHash);
  const Bytes key = *GroupAccess::state(bob()).tree.encryption_key({4});
  EXPECT_EQ(verdict_on_leaf([&](LeafNode& leaf) { leaf.encryption_key = key; }), kDuplicateKey);
  const auto as_carol = [](LeafNode& leaf) {
    leaf.signature_key = to_bytes(parameters("carol").signature_key.public_key);
  };
  EXPECT_EQ(verdict_on_leaf(as_carol, "carol"), kDuplicateKey);
}

// MLS-061 MLS-065 MLS-146
TEST_F(RulesExternalCommitTest, a_path_of_another_form) {
  EXPECT_EQ(verdict_on([](Commit& commit) { commit.path->nodes.pop_back(); }), kBadUpdatePath);
  EXPECT_EQ(verdict_on([](Commit& commit) { commit.path->nodes.at(0).encrypted_path_secret.clear(); }), kBadUpdatePath);
  const Bytes key = *GroupAccess::state(bob()).tree.encryption_key({2});
  EXPECT_EQ(verdict_on([&](Commit& commit) { commit.path->nodes.at(0).encryption_key = key; }), kDuplicateKey);
}

// MLS-135
TEST_F(RulesExternalCommitTest, an_update_or_a_reinit_in_an_external_commit) {
  LeafNode leaf = *GroupAccess::state(bob()).tree.leaf({0});
  leaf.source = LeafNodeSource::kUpdate;
  leaf.encryption_key = HpkeKeyPair::generate(suite_0x0003(), random_).public_key;
  sign_leaf_node(leaf, parameters("alice").signature_key, {alice().group_id(), {0}});
  EXPECT_EQ(verdict_beside({Update{leaf}}), kInvalidProposal);
  const ReInit reinit{text("the next group of ours"), ProtocolVersion::kMls10, CipherSuiteId{3}, {}};
  EXPECT_EQ(verdict_beside({reinit}), kInvalidProposalList);
}

// MLS-192
TEST_F(RulesExternalCommitTest, a_self_remove_of_somebody_who_is_no_member) {
  Forgery forgery;
  forgery.wire_format = WireFormat::kPublicMessage;
  forgery.content = [](FramedContent& content) { content.sender = {SenderType::kNewMemberProposal, {}, 0}; };
  EXPECT_EQ(verdict(bob(), forge(alice(), Proposal{SelfRemove{}}, random_, forgery)), kInvalidProposal);
  EXPECT_EQ(verdict_beside({SelfRemove{}}), kInvalidProposal);
}

// MLS-118
TEST_F(RulesCommitTest, what_external_senders_may_propose) {
  const auto service = parameters("service");
  const ExternalSender sender{to_bytes(service.signature_key.public_key), Credential::basic(text("service"))};
  Group group = founded("founder", random_, {external_senders_extension({sender})});
  const ReInit reinit{text("the next group of ours"), ProtocolVersion::kMls10, CipherSuiteId{3}, {}};
  const PreSharedKeyProposal psk{{PSKType::kExternal, text("psk"), {}, {}, 0, Bytes(32)}};
  for (const Proposal& one : {Proposal{Add{candidate("dave", random_).key_package}}, Proposal{Remove{{0}}},
                              Proposal{psk}, Proposal{reinit}, Proposal{GroupContextExtensions{}}}) {
    const Bytes message = external_proposal(group.group_id(), 0, 0, one, service.signature_key).value();
    EXPECT_EQ(verdict(group, message).number, 0) << static_cast<int>(one.type());
  }
}

}  // namespace
}  // namespace godwit::mls
