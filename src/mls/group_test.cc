#include "mls/group.h"

#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

Bytes said(Group& receiver, const Bytes& message) {
  auto processed = receiver.process(message, kTestNow);
  EXPECT_TRUE(processed.has_value()) << processed.error().rule;
  return processed ? std::get<ApplicationMessage>(*processed).plaintext : Bytes{};
}

void expect_agreement(const std::vector<Group>& groups) {
  for (const Group& group : groups) {
    EXPECT_EQ(group.epoch(), groups[0].epoch());
    EXPECT_EQ(hex(group.epoch_authenticator()), hex(groups[0].epoch_authenticator()));
    EXPECT_EQ(hex(group.tree_hash()), hex(groups[0].tree_hash()));
    EXPECT_EQ(hex(group.ratchet_tree()), hex(groups[0].ratchet_tree()));
    EXPECT_TRUE(group.members() == groups[0].members());
  }
}

class GroupTest : public ::testing::Test {
 protected:
  crypto::SeededRandom random_{1};
};

// MLS-097
TEST_F(GroupTest, two_members_read_each_other) {
  auto groups = grown({"alice", "bob"}, random_);
  expect_agreement(groups);
  const auto hello = groups[0].protect(text("hello"), text("open"), random_).value();
  const auto processed = groups[1].process(hello, kTestNow);
  ASSERT_TRUE(processed.has_value()) << processed.error().rule;
  const auto& message = std::get<ApplicationMessage>(*processed);
  EXPECT_EQ(message.plaintext, text("hello"));
  EXPECT_EQ(message.authenticated_data, text("open"));
  EXPECT_EQ(message.sender, LeafIndex{0});
  EXPECT_EQ(message.generation, 0U);
  EXPECT_EQ(groups[0].sender_generation(), 1U);
  EXPECT_EQ(said(groups[0], groups[1].protect(text("hello yourself"), {}, random_).value()), text("hello yourself"));
}

// MLS-081
TEST_F(GroupTest, members_export_the_same_secret_and_others_another) {
  const auto groups = grown({"alice", "bob", "carol"}, random_);
  const auto secret = groups[0].exporter("token", text("context"), 48).value();
  EXPECT_EQ(secret.size(), 48U);
  EXPECT_TRUE(secret == groups[2].exporter("token", text("context"), 48).value());
  EXPECT_FALSE(secret == groups[2].exporter("token", text("other"), 48).value());
  EXPECT_FALSE(groups[0].exporter("token", {}, 8161).has_value());
}

// MLS-150
TEST_F(GroupTest, a_removed_member_learns_that_and_reads_no_more) {
  auto groups = grown({"alice", "bob", "carol"}, random_);
  CommitRequest request;
  request.remove = {{1}};
  auto staged = groups[0].stage_commit(request, random_, kTestNow).value();
  auto at_bob = groups[1].process(staged.commit, kTestNow);
  ASSERT_TRUE(at_bob.has_value()) << at_bob.error().rule;
  EXPECT_TRUE(std::get<CommitProcessed>(*at_bob).removed_self);
  EXPECT_FALSE(std::get<CommitProcessed>(*at_bob).successor.has_value());
  auto at_carol = groups[2].process(staged.commit, kTestNow);
  const auto& report = std::get<CommitProcessed>(*at_carol);
  ASSERT_EQ(report.removed.size(), 1U);
  EXPECT_EQ(report.removed[0].identity, text("bob"));
  EXPECT_EQ(report.sender, LeafIndex{0});
  EXPECT_FALSE(staged.welcome.has_value());
  EXPECT_EQ(refusal(groups[1], staged.successor.protect(text("gone?"), {}, random_).value()), kFutureEpoch);
  EXPECT_EQ(staged.successor.members().size(), 2U);
}

// MLS-107, MLS-183, MLS-184
TEST_F(GroupTest, a_commit_that_loses_leaves_the_old_epoch_whole) {
  auto groups = grown({"alice", "bob", "carol"}, random_);
  const auto loser = groups[0].stage_commit({}, random_, kTestNow).value();
  auto winner = groups[1].stage_commit({}, random_, kTestNow).value();
  follow_commit(groups[0], winner.commit);
  follow_commit(groups[2], winner.commit);
  groups[1] = std::move(winner.successor);
  expect_agreement(groups);
  EXPECT_EQ(refusal(groups[2], loser.commit), kStaleEpoch);
}

// MLS-083
TEST_F(GroupTest, two_commits_of_one_member_in_one_epoch_use_different_keys) {
  auto groups = grown({"alice", "bob"}, random_);
  const auto first = groups[0].stage_commit({}, random_, kTestNow).value();
  auto second = groups[0].stage_commit({}, random_, kTestNow).value();
  ASSERT_TRUE(groups[1].clone().process(first.commit, kTestNow).has_value());
  static_cast<void>(groups[1].process(first.commit, kTestNow));  // judged void by the engine
  follow_commit(groups[1], second.commit);
  groups[0] = std::move(second.successor);
  expect_agreement(groups);
}

// MLS-013, MLS-046, MLS-059
TEST_F(GroupTest, a_member_changes_his_key_and_extensions_by_commit) {
  auto groups = grown({"alice", "bob"}, random_);
  CommitRequest request;
  request.leaf.emplace();
  request.leaf->signature_key = crypto::Ed25519KeyPair::generate(random_);
  request.leaf->extensions = Extensions{{kTestExtension, text("address")}};
  auto staged = groups[1].stage_commit(request, random_, kTestNow).value();
  auto processed = groups[0].process(staged.commit, kTestNow).value();
  auto& report = std::get<CommitProcessed>(processed);
  ASSERT_EQ(report.updated.size(), 1U);
  EXPECT_EQ(report.updated[0].signature_key, request.leaf->signature_key->public_key);
  EXPECT_EQ(report.updated[0].extensions, *request.leaf->extensions);
  groups[0] = std::move(*report.successor);
  groups[1] = std::move(staged.successor);
  expect_agreement(groups);
  EXPECT_EQ(said(groups[0], groups[1].protect(text("new key"), {}, random_).value()), text("new key"));
  auto next = groups[1].stage_commit({}, random_, kTestNow).value();
  follow_commit(groups[0], next.commit);
}

// MLS-108, MLS-139, MLS-143
TEST_F(GroupTest, proposals_by_reference_are_committed_by_another_member) {
  auto groups = grown({"alice", "bob", "carol", "dave"}, random_);
  const auto erin = candidate("erin", random_);
  LeafNodeUpdate new_key;
  new_key.signature_key = crypto::Ed25519KeyPair::generate(random_);
  const std::vector<Bytes> proposals{groups[1].propose_update(new_key, random_).value(),
                                     groups[1].propose_add(published(erin), random_, kTestNow).value(),
                                     groups[2].propose_remove({3}, random_).value()};
  for (size_t i = 0; i < groups.size(); ++i) {
    for (size_t j = 0; j < proposals.size(); ++j) {
      if ((j < 2 ? 1U : 2U) == i) continue;
      auto stored = groups[i].process(proposals[j], kTestNow);
      ASSERT_TRUE(stored.has_value()) << stored.error().rule;
      EXPECT_EQ(std::get<ProposalStored>(*stored).sender, LeafIndex{j < 2 ? 1U : 2U});
    }
    EXPECT_EQ(groups[i].pending_proposals(), 3U);
  }
  groups.pop_back();
  auto staged = groups[0].stage_commit(with_proposals(), random_, kTestNow).value();
  follow_commit(groups[1], staged.commit);
  follow_commit(groups[2], staged.commit);
  groups[0] = std::move(staged.successor);
  groups.push_back(Group::join(suites_default(), *staged.welcome, erin, std::nullopt, kTestNow).value());
  expect_agreement(groups);
  EXPECT_EQ(groups[0].members().size(), 4U);
  EXPECT_EQ(groups[0].member({1})->signature_key, new_key.signature_key->public_key);
  EXPECT_EQ(said(groups[3], groups[1].protect(text("hi erin"), {}, random_).value()), text("hi erin"));
  auto again = groups[1].stage_commit({}, random_, kTestNow).value();
  follow_commit(groups[3], again.commit);
}

// MLS-123, MLS-139
TEST_F(GroupTest, pending_proposals_that_contradict_each_other_block_no_commit) {
  auto groups = grown({"alice", "bob", "carol"}, random_);
  const auto update = groups[1].propose_update({}, random_).value();
  const auto removal = groups[2].propose_remove({1}, random_).value();
  const auto removal_of_committer = groups[2].propose_remove({0}, random_).value();
  for (const Bytes& one : {update, removal, removal_of_committer}) {
    ASSERT_TRUE(groups[0].process(one, kTestNow).has_value());
  }
  const auto staged = groups[0].stage_commit(with_proposals(), random_, kTestNow).value();
  EXPECT_EQ(staged.successor.members().size(), 2U);
  EXPECT_FALSE(staged.successor.member({1}).has_value());
}

// Counts how often a key is looked at: once with each leaf's signature, and once for each ciphertext.
class CountingKem final : public crypto::Kem {
 public:
  uint16_t id() const override { return kem_.id(); }
  size_t public_key_size() const override { return kem_.public_key_size(); }
  size_t encapsulated_key_size() const override { return kem_.encapsulated_key_size(); }
  size_t encapsulation_random_size() const override { return kem_.encapsulation_random_size(); }
  crypto::SecretBuffer derive_private_key(ByteView input) const override { return kem_.derive_private_key(input); }
  Result<Bytes> public_key(const crypto::SecretBuffer& key) const override { return kem_.public_key(key); }
  Result<Encapsulation> encapsulate(ByteView key, const crypto::SecretBuffer& randomness) const override {
    ++count;
    return kem_.encapsulate(key, randomness);
  }
  Result<crypto::SecretBuffer> decapsulate(ByteView key, const crypto::SecretBuffer& private_key) const override {
    return kem_.decapsulate(key, private_key);
  }
  Status check_public_key(ByteView key) const override {
    ++count;
    return kem_.check_public_key(key);
  }
  mutable size_t count = 0;

 private:
  const crypto::Kem& kem_ = crypto::dhkem_x25519();
};

TEST_F(GroupTest, a_bad_proposal_among_many_costs_no_second_look_at_the_others) {
  constexpr size_t kMany = 64;
  CountingKem kem;
  CipherSuite suite = suite_0x0003();
  suite.kem = &kem;
  GroupCreate create{text("a group of sixteen bytes"), parameters("alice"), {}};
  Group alice = Group::create(suite, create, random_, kTestNow).value();
  const auto bob = candidate("bob", random_);
  CommitRequest add;
  add.add.push_back(published(bob));
  auto first = alice.stage_commit(add, random_, kTestNow).value();
  Group at_bob = Group::join(suites_default(), *first.welcome, bob, std::nullopt, kTestNow).value();
  alice = std::move(first.successor);
  for (size_t i = 0; i < kMany; ++i) {
    // Two of them are the same person, so the list does not hold as a whole.
    const auto joiner = candidate("joiner " + std::to_string(i == 0 ? 1 : i), random_);
    const Bytes proposal = at_bob.propose_add(published(joiner), random_, kTestNow).value();
    ASSERT_TRUE(alice.process(proposal, kTestNow).has_value());
  }
  kem.count = 0;
  const auto staged = alice.stage_commit(with_proposals(), random_, kTestNow);
  ASSERT_TRUE(staged.has_value()) << staged.error().rule;
  EXPECT_EQ(staged->report.added.size(), kMany - 1);
  EXPECT_LE(kem.count, 2 * kMany);
}

// MLS-160, MLS-167
TEST_F(GroupTest, a_welcome_without_tree_is_joined_with_the_tree_by_reference) {
  Group alice = founded("alice", random_);
  const auto bob = candidate("bob", random_);
  CommitRequest request;
  request.add.push_back(published(bob));
  request.ratchet_tree_in_welcome = false;
  const auto staged = alice.stage_commit(request, random_, kTestNow).value();
  const auto without = Group::join(suites_default(), *staged.welcome, bob, std::nullopt, kTestNow);
  ASSERT_FALSE(without.has_value());
  EXPECT_EQ(without.error().code, kMissingRatchetTree);
  const auto wrong = Group::join(suites_default(), *staged.welcome, bob, alice.ratchet_tree(), kTestNow);
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code, kBadTreeHash);
  const auto joined = Group::join(suites_default(), *staged.welcome, bob, staged.successor.ratchet_tree(), kTestNow);
  ASSERT_TRUE(joined.has_value());
  EXPECT_EQ(hex(joined->epoch_authenticator()), hex(staged.successor.epoch_authenticator()));
}

// MLS-073, MLS-142
TEST_F(GroupTest, an_add_without_path_is_joined_and_followed) {
  auto groups = grown({"alice", "bob"}, random_);
  const auto carol = candidate("carol", random_);
  CommitRequest request;
  request.add.push_back(published(carol));
  request.path_always = false;
  auto staged = groups[0].stage_commit(request, random_, kTestNow).value();
  follow_commit(groups[1], staged.commit);
  groups[0] = std::move(staged.successor);
  groups.push_back(Group::join(suites_default(), *staged.welcome, carol, std::nullopt, kTestNow).value());
  expect_agreement(groups);
  EXPECT_TRUE(groups[2].own_path_is_blank());
  auto fill = groups[2].stage_commit({}, random_, kTestNow).value();
  EXPECT_FALSE(fill.successor.own_path_is_blank());
  follow_commit(groups[0], fill.commit);
  follow_commit(groups[1], fill.commit);
}

// MLS-077, MLS-078, MLS-145
TEST_F(GroupTest, an_external_psk_goes_into_the_epoch_of_those_who_have_it) {
  auto groups = grown({"alice", "bob"}, random_);
  const auto carol = candidate("carol", random_);
  std::vector<ExternalPsk> psks;
  psks.push_back({text("shared"), crypto::SecretBuffer::copy_of(text("a secret of the application"))});
  CommitRequest request;
  request.add.push_back(published(carol));
  request.external_psks = {text("shared")};
  EXPECT_EQ(groups[0].stage_commit(request, random_, kTestNow).error().code, kUnknownPsk);
  auto staged = groups[0].stage_commit(request, random_, kTestNow, psks).value();
  EXPECT_EQ(refusal(groups[1], staged.commit), kUnknownPsk);
  follow_commit(groups[1], staged.commit, psks);
  const auto without = Group::join(suites_default(), *staged.welcome, carol, std::nullopt, kTestNow);
  EXPECT_EQ(without.error().code, kUnknownPsk);
  groups[0] = std::move(staged.successor);
  groups.push_back(Group::join(suites_default(), *staged.welcome, carol, std::nullopt, kTestNow, psks).value());
  expect_agreement(groups);
}

// MLS-115
TEST_F(GroupTest, group_context_extensions_change_by_commit) {
  crypto::SeededRandom random(3);
  Group alice = founded("alice", random, {}, {kTestExtension});
  const auto bob_package = candidate("bob", random, {kTestExtension});
  CommitRequest request;
  request.add.push_back(published(bob_package));
  auto staged = alice.stage_commit(request, random, kTestNow).value();
  Group bob = Group::join(suites_default(), *staged.welcome, bob_package, std::nullopt, kTestNow).value();
  alice = std::move(staged.successor);
  CommitRequest roles;
  roles.group_context_extensions = Extensions{{kTestExtension, text("roles")}};
  auto changed = alice.stage_commit(roles, random, kTestNow).value();
  auto processed = bob.process(changed.commit, kTestNow).value();
  auto& report = std::get<CommitProcessed>(processed);
  EXPECT_TRUE(report.group_context_extensions_changed);
  EXPECT_EQ(report.successor->group_context_extensions(), *roles.group_context_extensions);
  EXPECT_EQ(hex(report.successor->epoch_authenticator()), hex(changed.successor.epoch_authenticator()));
}

// MLS-015, MLS-016
TEST_F(GroupTest, heads_and_recipients_are_read_without_a_group) {
  Group alice = founded("alice", random_);
  const auto bob = candidate("bob", random_);
  CommitRequest request;
  request.add.push_back(published(bob));
  const auto staged = alice.stage_commit(request, random_, kTestNow).value();
  const auto head = peek(staged.commit).value();
  EXPECT_EQ(head.wire_format, WireFormat::kPrivateMessage);
  EXPECT_EQ(head.content_type, ContentType::kCommit);
  EXPECT_EQ(head.group_id, alice.group_id());
  EXPECT_EQ(head.epoch, 0U);
  EXPECT_EQ(peek(*staged.welcome)->wire_format, WireFormat::kWelcome);
  EXPECT_EQ(peek(staged.group_info)->epoch, 1U);
  EXPECT_EQ(welcome_recipients(*staged.welcome).value(), std::vector<Bytes>{bob.ref(suite_0x0003())});
  EXPECT_EQ(welcome_recipients(staged.commit).error().code, kWrongWireFormat);
}

// MLS-026
TEST_F(GroupTest, messages_fill_their_bucket_exactly) {
  auto groups = grown({"alice", "bob"}, random_);
  std::set<size_t> sizes;
  for (size_t size = 0; size < 20'000; size += 61) {
    const auto message = groups[0].protect(Bytes(size, 'x'), {}, random_).value();
    sizes.insert(message.size());
    EXPECT_EQ(said(groups[1], message).size(), size);
  }
  EXPECT_EQ(sizes, (std::set<size_t>{256, 512, 1024, 2048, 4096, 8192, 12288, 16384, 20480}));
  EXPECT_LT(groups[0].protect({}, {}, random_, Padding::kNone).value().size(), 200U);
}

// MLS-060, MLS-136
TEST_F(GroupTest, many_members_stay_in_one_state_through_random_changes) {
  std::vector<Group> groups;
  groups.push_back(founded("member 0", random_));
  uint32_t names = 1;
  for (int round = 0; round < 60; ++round) {
    const size_t committer = random_.below(groups.size());
    CommitRequest request;
    request.path_always = random_.below(4) != 0;
    std::vector<KeyPackagePrivate> joiners;
    for (uint64_t i = random_.below(groups.size() > 12 ? 1 : 4); i > 0; --i) {
      joiners.push_back(candidate("member " + std::to_string(names++), random_));
      request.add.push_back(published(joiners.back()));
    }
    std::set<LeafIndex> removed;
    for (uint64_t i = random_.below(3); i > 0 && groups.size() > 3; --i) {
      const Group& victim = groups[random_.below(groups.size())];
      if (victim.own_leaf() != groups[committer].own_leaf()) removed.insert(victim.own_leaf());
    }
    request.remove.assign(removed.begin(), removed.end());
    auto staged = groups[committer].stage_commit(request, random_, kTestNow);
    ASSERT_TRUE(staged.has_value()) << staged.error().rule;
    std::vector<Group> next;
    for (size_t i = 0; i < groups.size(); ++i) {
      if (i == committer) {
        next.push_back(std::move(staged->successor));
        continue;
      }
      auto processed = groups[i].process(staged->commit, kTestNow);
      ASSERT_TRUE(processed.has_value()) << round << processed.error().rule;
      auto& report = std::get<CommitProcessed>(*processed);
      EXPECT_EQ(report.removed_self, removed.contains(groups[i].own_leaf()));
      if (report.successor) next.push_back(std::move(*report.successor));
    }
    for (const auto& joiner : joiners) {
      auto joined = Group::join(suites_default(), *staged->welcome, joiner, std::nullopt, kTestNow);
      ASSERT_TRUE(joined.has_value()) << round << joined.error().rule;
      next.push_back(std::move(joined).value());
    }
    groups = std::move(next);
    expect_agreement(groups);
    ASSERT_TRUE(GroupAccess::state(groups[0]).tree.verify_parent_hashes(suite_0x0003()));
    const auto words = groups.back().protect(text("round"), {}, random_).value();
    for (size_t i = 0; i + 1 < groups.size(); ++i) EXPECT_EQ(said(groups[i], words), text("round"));
  }
}

}  // namespace
}  // namespace godwit::mls
