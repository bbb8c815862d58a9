// Who comes from outside: external commits and external proposals (RFC 9420 §12.4.3.2, §12.1.8), and messages in the open.

#include "codec/errors.h"
#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

HandshakeFraming in_public() { return {WireFormat::kPublicMessage, text("on the envelope")}; }

class GroupExternalTest : public ::testing::Test {
 protected:
  ExternalCommitRequest request_of(std::string_view name) {
    ExternalCommitRequest out;
    out.leaf = parameters(name);
    return out;
  }
  Result<ExternalCommit> come(const ExternalCommitRequest& request, const KnownPsks& psks = {}) {
    return Group::external_commit(suites_default(), alice().group_info(true), std::nullopt, request, random_, psks);
  }
  // An external commit of dave's, spoilt between its making and its signing; its tag is that of the unspoilt one.
  Bytes spoilt(const std::function<void(Commit&)>& spoil, const ExternalCommitRequest& request) {
    const auto made = come(request).value();
    auto message = codec::decoded<MLSMessage>(made.commit).value();
    auto& open = std::get<PublicMessage>(message.body);
    spoil(std::get<Commit>(open.content.body));
    auto content = AuthenticatedContent::sign(WireFormat::kPublicMessage, open.content, request.leaf.signature_key,
                                              GroupAccess::state(alice()).context);
    open.auth.signature = content.auth().signature;
    return codec::encoded(message);
  }
  ErrorCode refusal_of(const std::function<void(Commit&)>& spoil) {
    const auto before = stored_form(bob());
    const ErrorCode out = refusal(bob(), spoilt(spoil, request_of("dave")));
    EXPECT_TRUE(before == stored_form(bob()));
    return out;
  }
  // A group whose founder names "service" as the one external sender.
  Group served() {
    const auto service = parameters("service");
    const ExternalSender sender{to_bytes(service.signature_key.public_key), Credential::basic(text("service"))};
    return founded("founder", random_, {external_senders_extension({sender})});
  }
  Bytes from_service(const Group& group, Proposal proposal, uint32_t index = 0) {
    return external_proposal(group.group_id(), group.epoch(), index, std::move(proposal),
                             parameters("service").signature_key)
        .value();
  }
  Group& alice() { return groups_[0]; }
  Group& bob() { return groups_[1]; }

  crypto::SeededRandom random_{9};
  std::vector<Group> groups_ = grown({"alice", "bob", "carol"}, random_);
};

TEST_F(GroupExternalTest, handshake_messages_in_the_open_are_followed) {
  const Bytes proposal = alice().propose_remove({2}, random_, in_public()).value();
  EXPECT_EQ(peek(proposal)->wire_format, WireFormat::kPublicMessage);
  ASSERT_TRUE(bob().process(proposal, kTestNow).has_value());
  CommitRequest request = with_proposals();
  request.wire_format = WireFormat::kPublicMessage;
  request.authenticated_data = text("read by all");
  auto staged = alice().stage_commit(request, random_, kTestNow).value();
  EXPECT_EQ(peek(staged.commit)->wire_format, WireFormat::kPublicMessage);
  EXPECT_EQ(staged.report.authenticated_data, text("read by all"));
  follow_commit(bob(), staged.commit);
  EXPECT_EQ(bob().epoch_authenticator(), staged.successor.epoch_authenticator());
  EXPECT_EQ(bob().members().size(), 2U);
}

// MLS-075, MLS-076, MLS-171
TEST_F(GroupExternalTest, somebody_joins_by_a_commit_of_his_own) {
  auto dave = come(request_of("dave")).value();
  EXPECT_EQ(dave.group.own_leaf(), LeafIndex{3});
  EXPECT_EQ(dave.report.added.size(), 1U);
  for (Group& one : groups_) {
    auto processed = one.process(dave.commit, kTestNow);
    ASSERT_TRUE(processed.has_value()) << processed.error().rule;
    auto& report = std::get<CommitProcessed>(*processed);
    EXPECT_FALSE(report.sender.has_value());
    EXPECT_EQ(report.added.at(0).identity, text("dave"));
    EXPECT_EQ(report.successor->epoch_authenticator(), dave.group.epoch_authenticator());
    one = std::move(*report.successor);
  }
  auto next = dave.group.stage_commit({}, random_, kTestNow).value();
  for (Group& one : groups_) follow_commit(one, next.commit);
  auto after = alice().stage_commit({}, random_, kTestNow).value();
  follow_commit(next.successor, after.commit);
  EXPECT_EQ(next.successor.epoch_authenticator(), after.successor.epoch_authenticator());
}

// MLS-169
TEST_F(GroupExternalTest, somebody_joins_with_a_tree_that_is_handed_in) {
  const Bytes info = alice().group_info(false);
  const auto request = request_of("dave");
  const auto join = [&](std::optional<ByteView> tree) {
    return Group::external_commit(suites_default(), info, tree, request, random_);
  };
  EXPECT_EQ(join(std::nullopt).error().code, kMissingRatchetTree);
  const Bytes tree = alice().ratchet_tree();
  auto joined = join(tree);
  ASSERT_TRUE(joined.has_value()) << joined.error().rule;
  follow_commit(bob(), joined->commit);
}

// MLS-171
TEST_F(GroupExternalTest, a_member_who_lost_his_state_comes_back_under_the_same_key) {
  auto request = request_of("bob");
  EXPECT_EQ(come(request).error().code, kDuplicateKey);
  request.is_old_self = [](const Member& member) { return member.identity == text("bob"); };
  auto back = come(request).value();
  EXPECT_EQ(back.group.own_leaf(), LeafIndex{1});
  EXPECT_FALSE(back.report.removed_self);
  auto processed = alice().process(back.commit, kTestNow).value();
  auto& report = std::get<CommitProcessed>(processed);
  EXPECT_EQ(report.removed.at(0).leaf, LeafIndex{1});
  EXPECT_EQ(report.added.at(0).leaf, LeafIndex{1});
  EXPECT_EQ(report.successor->epoch_authenticator(), back.group.epoch_authenticator());
  auto at_old_self = bob().process(back.commit, kTestNow).value();
  EXPECT_TRUE(std::get<CommitProcessed>(at_old_self).removed_self);
  follow_commit(groups_[2], back.commit);
  auto next = groups_[2].stage_commit({}, random_, kTestNow).value();
  follow_commit(back.group, next.commit);
}

// MLS-133
TEST_F(GroupExternalTest, only_one_old_self_is_removed) {
  auto request = request_of("dave");
  request.is_old_self = [](const Member& member) { return member.leaf.value > 0; };
  EXPECT_EQ(come(request).error().code, kInvalidProposalList);
}

TEST_F(GroupExternalTest, an_external_commit_mixes_in_pre_shared_keys) {
  std::vector<ExternalPsk> psks;
  psks.push_back({text("shared"), crypto::SecretBuffer::copy_of(text("a secret"))});
  auto request = request_of("dave");
  request.external_psks = {text("shared")};
  request.resumption_psks = {{alice().group_id(), alice().epoch()}};
  EXPECT_EQ(come(request).error().code, kUnknownPsk);
  const std::vector<const Group*> known{&alice()};
  auto dave = come(request, {psks, known}).value();
  EXPECT_EQ(refusal(bob(), dave.commit), kUnknownPsk);
  follow_commit(bob(), dave.commit, psks);
  EXPECT_EQ(bob().epoch_authenticator(), dave.group.epoch_authenticator());
}

// MLS-169
TEST_F(GroupExternalTest, a_group_info_of_another_kind_is_refused) {
  const auto request = request_of("dave");
  const auto refused = [&](const Bytes& info, SuiteTable suites = suites_default()) {
    return Group::external_commit(suites, info, std::nullopt, request, random_).error().code;
  };
  EXPECT_EQ(refused(alice().group_info(true), {}), kUnsupportedSuite);
  EXPECT_EQ(refused(request_of("x").authenticated_data), codec::kTruncated);
  EXPECT_EQ(refused(candidate("erin", random_).encode_message()), kWrongWireFormat);
  auto message = codec::decoded<MLSMessage>(alice().group_info(true)).value();
  auto& info = std::get<GroupInfoIn>(message.body);
  std::erase_if(info.extensions, [](const Extension& one) { return one.type == ExtensionType::kExternalPub; });
  EXPECT_EQ(refused(codec::encoded(message)), kBadSignature);
  sign_group_info(info, GroupAccess::state(alice()).signature_key);
  EXPECT_EQ(refused(codec::encoded(message)), kNoExternalPub);
}

// MLS-114, MLS-132, MLS-133, MLS-135
TEST_F(GroupExternalTest, an_external_commit_whose_list_breaks_a_rule) {
  EXPECT_EQ(refusal_of([](Commit&) {}).number, 0);
  EXPECT_EQ(refusal_of([](Commit& c) { c.proposals.clear(); }), kInvalidProposalList);
  EXPECT_EQ(refusal_of([](Commit& c) { c.proposals.push_back(c.proposals.at(0)); }), kInvalidProposalList);
  EXPECT_EQ(refusal_of([](Commit& c) {
              c.proposals.push_back({Proposal{Remove{{1}}}});
              c.proposals.push_back({Proposal{Remove{{2}}}});
            }),
            kInvalidProposalList);
  EXPECT_EQ(refusal_of([](Commit& c) { c.proposals.push_back({Proposal{GroupContextExtensions{}}}); }),
            kInvalidProposalList);
  EXPECT_EQ(
      refusal_of([&](Commit& c) { c.proposals.push_back({Proposal{Add{candidate("erin", random_).key_package}}}); }),
      kInvalidProposalList);
  EXPECT_EQ(refusal_of([](Commit& c) { c.proposals.push_back({Proposal{SelfRemove{}}}); }), kInvalidProposal);
  EXPECT_EQ(refusal_of([](Commit& c) {
              std::get<ExternalInit>(std::get<Proposal>(c.proposals.at(0).body).body).kem_output.pop_back();
            }),
            kInvalidProposal);
  EXPECT_EQ(refusal_of([](Commit& c) {
              std::get<ExternalInit>(std::get<Proposal>(c.proposals.at(0).body).body).kem_output = Bytes(32);
            }),
            kInvalidProposal);
}

// MLS-173
TEST_F(GroupExternalTest, an_external_commit_takes_no_proposal_by_reference) {
  ASSERT_TRUE(bob().process(alice().propose_remove({2}, random_).value(), kTestNow).has_value());
  const ProposalRef ref = GroupAccess::state(bob()).proposals.at(0).ref;
  EXPECT_EQ(refusal_of([&](Commit& c) { c.proposals.push_back({ref}); }), kInvalidProposalList);
}

// MLS-170, MLS-172
TEST_F(GroupExternalTest, an_external_commit_without_a_path_or_with_anothers_leaf) {
  EXPECT_EQ(refusal_of([](Commit& c) { c.path.reset(); }), kMissingPath);
  EXPECT_EQ(refusal_of([](Commit& c) { c.path->leaf_node.signature_key[0] ^= 1; }), kBadSignature);
  EXPECT_EQ(refusal_of([](Commit& c) { c.path->leaf_node.source = LeafNodeSource::kUpdate; }), kBadLeafNodeSource);
}

// MLS-134
TEST_F(GroupExternalTest, who_comes_back_does_not_keep_his_encryption_key) {
  auto request = request_of("bob");
  request.is_old_self = [](const Member& member) { return member.identity == text("bob"); };
  const Bytes old_key = GroupAccess::state(alice()).tree.leaf({1})->encryption_key;
  const Bytes message = spoilt(
      [&](Commit& c) {
        c.path->leaf_node.encryption_key = old_key;
        sign_leaf_node(c.path->leaf_node, request.leaf.signature_key, {alice().group_id(), {1}});
      },
      request);
  EXPECT_EQ(refusal(alice(), message), kDuplicateKey);
}

// MLS-023
TEST_F(GroupExternalTest, a_commit_of_an_external_sender_or_a_proposal_of_a_new_committer) {
  const auto made = come(request_of("dave")).value();
  auto message = codec::decoded<MLSMessage>(made.commit).value();
  std::get<PublicMessage>(message.body).content.sender = {SenderType::kExternal, {}, 0};
  EXPECT_EQ(refusal(bob(), codec::encoded(message)), kUnknownSender);
  std::get<PublicMessage>(message.body).content.sender = {SenderType::kNewMemberProposal, {}, 0};
  EXPECT_EQ(refusal(bob(), codec::encoded(message)), kUnknownSender);
}

// MLS-134
TEST_F(GroupExternalTest, the_application_may_refuse_a_resync) {
  auto request = request_of("bob");
  request.is_old_self = [](const Member& member) { return member.identity == text("bob"); };
  const auto back = come(request).value();
  const CommitJudge no_resync = [](const CommitReport& commit) -> Status {
    REQUIRE(commit.sender || commit.removed.empty(), kInvalidProposal, "test: nobody comes back");
    return {};
  };
  EXPECT_EQ(alice().process(back.commit, kTestNow, {}, no_resync).error().code, kInvalidProposal);
}

TEST_F(GroupExternalTest, an_external_senders_proposal_is_committed_if_the_application_wants_it) {
  Group group = served();
  const auto erin = candidate("erin", random_);
  const Bytes proposal = from_service(group, {Add{erin.key_package}});
  EXPECT_EQ(group.process(proposal, kTestNow).error().code, kNotWanted);
  const ProposalJudge nobody = [](const ProposalReport&) -> Status {
    return Error{kInvalidProposal, "test: nobody is wanted"};
  };
  EXPECT_EQ(group.process(proposal, kTestNow, {}, {}, nobody).error().code, kInvalidProposal);
  EXPECT_EQ(group.pending_proposals(), 0U);
  const ProposalJudge service = [](const ProposalReport& report) -> Status {
    REQUIRE(report.external_index == 0U && report.proposal.type() == ProposalType::kAdd, kInvalidProposal, "test");
    return {};
  };
  ASSERT_TRUE(group.process(proposal, kTestNow, {}, {}, service).has_value());
  const auto staged = group.stage_commit(with_proposals(), random_, kTestNow).value();
  EXPECT_EQ(staged.report.added.at(0).identity, text("erin"));
  EXPECT_TRUE(Group::join(suites_default(), *staged.welcome, erin, std::nullopt, kTestNow).has_value());
}

// MLS-022, MLS-118, MLS-192
TEST_F(GroupExternalTest, external_senders_that_are_unknown_forged_or_send_what_they_may_not) {
  Group group = served();
  const Add add{candidate("erin", random_).key_package};
  EXPECT_EQ(refusal(group, from_service(group, {add}, 1)), kUnknownSender);
  EXPECT_EQ(refusal(alice(), from_service(alice(), {add})), kUnknownSender);
  const Bytes forged = external_proposal(group.group_id(), 0, 0, {add}, parameters("mallory").signature_key).value();
  EXPECT_EQ(refusal(group, forged), kBadSignature);
  const auto key = parameters("service").signature_key.clone();
  for (const Proposal& one : {Proposal{Update{}}, Proposal{ExternalInit{Bytes(32)}}, Proposal{SelfRemove{}}}) {
    EXPECT_EQ(external_proposal(group.group_id(), 0, 0, one, key).error().code, kInvalidProposal);
    const FramedContent framed{group.group_id(), 0, {SenderType::kExternal, {}, 0}, {}, one};
    const auto content = AuthenticatedContent::sign(WireFormat::kPublicMessage, framed, key, {});
    const MLSMessage message{PublicMessage{content.content(), content.auth(), {}}};
    EXPECT_EQ(refusal(group, codec::encoded(message)), kInvalidProposal) << static_cast<int>(one.type());
  }
}

// MLS-119
TEST_F(GroupExternalTest, a_stranger_asks_to_be_added) {
  const auto dave = candidate("dave", random_);
  const Bytes message = new_member_proposal(alice().group_id(), alice().epoch(), dave);
  EXPECT_EQ(alice().process(message, kTestNow).error().code, kNotWanted);
  ASSERT_TRUE(alice().process(message, kTestNow, {}, {}, any_proposal).has_value());
  ASSERT_TRUE(bob().process(message, kTestNow, {}, {}, any_proposal).has_value());
  const auto staged = alice().stage_commit(with_proposals(), random_, kTestNow).value();
  follow_commit(bob(), staged.commit);
  const auto joined = Group::join(suites_default(), *staged.welcome, dave, std::nullopt, kTestNow);
  ASSERT_TRUE(joined.has_value()) << joined.error().rule;
  EXPECT_EQ(joined->epoch_authenticator(), bob().epoch_authenticator());
}

}  // namespace
}  // namespace godwit::mls
