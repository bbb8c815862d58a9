// Message keys: order, replay, forgery, deletion, past epochs.

#include <algorithm>

#include "base/testing/freed_blocks.h"
#include "mls/past_epochs.h"
#include "mls/testing/forger.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

bool contains(ByteView haystack, ByteView needle) {
  return std::search(haystack.begin(), haystack.end(), needle.begin(), needle.end()) != haystack.end();
}

// The secret of one leaf of two in an epoch where nobody has spoken yet (RFC 9420 §9): the root is the only one stored.
crypto::SecretBuffer leaf_secret(const Group& group, LeafIndex leaf) {
  const StateRecords records = GroupAccess::records(group);
  const ByteView root = record_at(records, state_key(StateKind::kSecretNode, group.epoch(), NodeIndex{1})).value();
  return expand_with_label(suite_0x0003(), root, "tree", as_bytes(leaf.value == 0 ? "left" : "right"),
                           suite_0x0003().hash_size());
}

class GroupKeysTest : public ::testing::Test {
 protected:
  Bytes spoken(std::string_view words) { return groups_[0].protect(text(words), {}, random_).value(); }
  crypto::SeededRandom random_{2};
  std::vector<Group> groups_ = grown({"alice", "bob"}, random_);
};

// MLS-085
TEST_F(GroupKeysTest, messages_open_in_any_order_and_only_once) {
  std::vector<Bytes> messages;
  for (int i = 0; i < 20; ++i) messages.push_back(spoken(std::to_string(i)));
  for (const int i : {7, 3, 19, 0, 12}) {
    const auto processed = groups_[1].process(messages[static_cast<size_t>(i)], kTestNow);
    ASSERT_TRUE(processed.has_value()) << processed.error().rule;
    EXPECT_EQ(std::get<ApplicationMessage>(*processed).generation, static_cast<uint32_t>(i));
  }
  for (const int i : {7, 3, 19, 0, 12}) EXPECT_EQ(refusal(groups_[1], messages[static_cast<size_t>(i)]), kReplayed);
  EXPECT_TRUE(groups_[1].process(messages[5], kTestNow).has_value());
}

TEST_F(GroupKeysTest, our_own_message_is_known_as_ours_by_a_copy_that_has_not_sent_it) {
  Group copy = groups_[0].clone();
  const Bytes mine = spoken("mine");
  EXPECT_EQ(refusal(copy, mine), kOwnMessage);
  EXPECT_EQ(refusal(groups_[0], mine), kReplayed);
}

// MLS-020
TEST_F(GroupKeysTest, a_message_in_our_name_that_we_have_not_signed_is_not_ours) {
  const auto& key_of_alice = GroupAccess::state(groups_[0]).signature_key;
  const auto& key_of_bob = GroupAccess::state(groups_[1]).signature_key;
  for (const uint32_t generation : {0U, 7U}) {
    const auto forged = [&](ContentBody body, const crypto::Ed25519KeyPair& key) {
      return forge_as(groups_[1], {0}, generation, std::move(body), key, random_);
    };
    EXPECT_EQ(refusal(groups_[0], forged(Commit{}, key_of_bob)), kBadSignature);
    EXPECT_EQ(refusal(groups_[0], forged(text("me"), key_of_bob)), kBadSignature);
    EXPECT_EQ(refusal(groups_[0], forged(Commit{}, key_of_alice)), kOwnMessage) << "and this test can forge well";
    auto noise = codec::decoded<MLSMessage>(forged(Commit{}, key_of_alice)).value();
    // The sender's data name us and open; the ciphertext does not.
    auto& sealed = std::get<PrivateMessage>(noise.body);
    sealed.ciphertext.back() ^= 1;
    EXPECT_EQ(refusal(groups_[0], codec::encoded(noise)), kDecryptionFailed);
  }
}

// MLS-088
TEST_F(GroupKeysTest, a_past_epoch_makes_no_handshake_ratchet_when_a_leaf_speaks_first) {
  const Bytes late = spoken("late");
  // The secret of a ratchet that has just been made, as a state that splits the leaf stores it.
  Group split = groups_[1].clone();
  ASSERT_TRUE(split.process(late, kTestNow).has_value());
  const auto root = expand_with_label(suite_0x0003(), leaf_secret(groups_[1], {0}).reveal(), "handshake", {},
                                      suite_0x0003().hash_size());
  EXPECT_TRUE(contains(stored_form(split).reveal(), root.reveal()));
  StateRecords disk = GroupAccess::records(groups_[1]);
  PastEpochs past;
  past.retire(groups_[1].clone(), nullptr);
  ASSERT_TRUE(past.open(late, nullptr).has_value());
  apply_changes(disk, past.take_changes());
  EXPECT_FALSE(contains(dump(disk).reveal(), root.reveal()));
}

// MLS-138
TEST_F(GroupKeysTest, nothing_is_said_while_proposals_of_others_wait) {
  ASSERT_TRUE(groups_[0].process(groups_[1].propose_update({}, random_).value(), kTestNow).has_value());
  EXPECT_EQ(groups_[0].protect(text("first things first"), {}, random_).error().code, kCommitFirst);
  EXPECT_TRUE(groups_[1].protect(text("it was mine"), {}, random_).has_value());
  auto staged = groups_[0].stage_commit(with_proposals(), random_, kTestNow).value();
  EXPECT_TRUE(staged.successor.protect(text("now"), {}, random_).has_value());
  // A Remove of our own is ours to commit; an Update of our own is not.
  ASSERT_TRUE(groups_[1].propose_remove({0}, random_).has_value());
  EXPECT_EQ(groups_[1].protect(text("behind his back"), {}, random_).error().code, kCommitFirst);
}

// MLS-030
TEST_F(GroupKeysTest, more_than_readers_take_is_not_sent) {
  const Bytes large(kContentSizeMax);
  EXPECT_EQ(groups_[0].protect(large, text("!"), random_).error().code, kTooLarge);
  CommitRequest request;
  request.authenticated_data.resize(kContentSizeMax + 1);
  EXPECT_EQ(groups_[0].stage_commit(request, random_, kTestNow).error().code, kTooLarge);
  EXPECT_TRUE(groups_[0].protect(large, {}, random_, Padding::kNone).has_value());
}

// MLS-187
TEST_F(GroupKeysTest, a_message_further_ahead_than_the_bound_is_refused) {
  for (uint32_t i = 0; i <= kGenerationsAheadMax; ++i) spoken("lost");
  const Bytes too_far = spoken("too far");
  const auto before = stored_form(groups_[1]);
  EXPECT_EQ(refusal(groups_[1], too_far), kTooFarAhead);
  EXPECT_TRUE(before == stored_form(groups_[1]));
}

TEST_F(GroupKeysTest, whoever_was_not_told_of_thousands_reads_what_comes_next) {
  for (int i = 0; i < 5'000; ++i) spoken("a signal for somebody else");
  EXPECT_TRUE(groups_[1].process(spoken("words"), kTestNow).has_value());
}

// MLS-186
TEST_F(GroupKeysTest, skipped_keys_beyond_the_bound_go_oldest_first) {
  std::vector<Bytes> messages;
  for (size_t i = 0; i < kSkippedKeysMax + 10; ++i) messages.push_back(spoken("kept"));
  ASSERT_TRUE(groups_[1].process(messages[600], kTestNow).has_value());
  ASSERT_TRUE(groups_[1].process(messages.back(), kTestNow).has_value());
  EXPECT_EQ(refusal(groups_[1], messages[0]), kReplayed);
  EXPECT_TRUE(groups_[1].process(messages[601], kTestNow).has_value());
}

// MLS-029, MLS-032, MLS-087
TEST_F(GroupKeysTest, a_forged_message_consumes_nothing) {
  const Bytes message = spoken("genuine");
  const auto before = stored_form(groups_[1]);
  for (size_t at = 0; at < message.size(); ++at) {
    Bytes spoilt = message;
    spoilt[at] ^= 0x20;
    EXPECT_FALSE(groups_[1].process(spoilt, kTestNow).has_value()) << at;
  }
  EXPECT_TRUE(before == stored_form(groups_[1]));
  EXPECT_TRUE(groups_[1].process(message, kTestNow).has_value());
}

// MLS-148
TEST_F(GroupKeysTest, a_forged_commit_consumes_nothing) {
  const Bytes commit = groups_[0].stage_commit({}, random_, kTestNow).value().commit;
  const auto before = stored_form(groups_[1]);
  for (size_t at = 0; at < commit.size(); at += 3) {
    Bytes spoilt = commit;
    spoilt[at] ^= 1;
    EXPECT_FALSE(groups_[1].process(spoilt, kTestNow).has_value()) << at;
  }
  EXPECT_TRUE(before == stored_form(groups_[1]));
  follow_commit(groups_[1], commit);
}

// MLS-085
TEST_F(GroupKeysTest, used_keys_are_gone_from_the_stored_state) {
  const Bytes first = spoken("first");
  const Bytes second = spoken("second");
  const GroupState& bob = GroupAccess::state(groups_[1]);
  const auto first_key = bob.secret_tree.find({0}, RatchetKind::kApplication, 0).value();
  const auto second_key = bob.secret_tree.find({0}, RatchetKind::kApplication, 1).value();
  const auto root_before = stored_form(groups_[1]);
  ASSERT_TRUE(groups_[1].process(second, kTestNow).has_value());
  auto stored = stored_form(groups_[1]);
  EXPECT_TRUE(contains(stored.reveal(), first_key.key.key.reveal()));  // skipped, so it waits
  EXPECT_FALSE(contains(stored.reveal(), second_key.key.key.reveal()));
  EXPECT_FALSE(contains(stored.reveal(), first_key.next_secret.reveal()));
  EXPECT_TRUE(contains(stored.reveal(), second_key.next_secret.reveal()));
  ASSERT_TRUE(groups_[1].process(first, kTestNow).has_value());
  stored = stored_form(groups_[1]);
  EXPECT_FALSE(contains(stored.reveal(), first_key.key.key.reveal()));
}

// MLS-027, MLS-083
TEST_F(GroupKeysTest, a_sender_cannot_open_what_he_sent) {
  const auto key = GroupAccess::state(groups_[0]).secret_tree.find({0}, RatchetKind::kApplication, 0).value();
  spoken("sent");
  EXPECT_FALSE(contains(stored_form(groups_[0]).reveal(), key.key.key.reveal()));
  EXPECT_EQ(GroupAccess::state(groups_[0]).secret_tree.find({0}, RatchetKind::kApplication, 0).error().code, kReplayed);
}

// MLS-086
TEST_F(GroupKeysTest, the_next_epoch_has_none_of_the_secrets_of_the_last) {
  const auto init = GroupAccess::state(groups_[1]).secrets.init_secret.clone();
  const auto exporter = GroupAccess::state(groups_[1]).secrets.exporter_secret.clone();
  const auto staged = groups_[0].stage_commit({}, random_, kTestNow).value();
  follow_commit(groups_[1], staged.commit);
  const auto stored = stored_form(groups_[1]);
  EXPECT_FALSE(contains(stored.reveal(), init.reveal()));
  EXPECT_FALSE(contains(stored.reveal(), exporter.reveal()));
}

// MLS-088
TEST_F(GroupKeysTest, a_late_message_opens_with_the_past_epoch) {
  const Bytes late = spoken("late");
  const Bytes later = spoken("later");
  auto staged = groups_[0].stage_commit({}, random_, kTestNow).value();
  PastEpochs past;
  Group old = groups_[1].clone();
  follow_commit(groups_[1], staged.commit);
  past.retire(std::move(old), &groups_[1]);
  EXPECT_EQ(refusal(groups_[1], late), kStaleEpoch);
  EXPECT_EQ(past.epochs(), std::vector<uint64_t>{1});
  auto opened = past.open(late, &groups_[1]);
  ASSERT_TRUE(opened.has_value()) << opened.error().rule;
  EXPECT_EQ(opened->plaintext, text("late"));
  EXPECT_EQ(past.open(late, &groups_[1]).error().code, kReplayed);
  EXPECT_EQ(past.open(staged.commit, &groups_[1]).error().code, kInvalidProposalList);
  EXPECT_EQ(past.open(later, &groups_[1]).value().plaintext, text("later"));
  const Bytes newest = staged.successor.protect(text("newest"), {}, random_).value();
  EXPECT_EQ(past.open(newest, &groups_[1]).error().code, kStaleEpoch);
}

TEST_F(GroupKeysTest, a_past_epoch_holds_no_key_that_signs_or_commits) {
  const Group before = groups_[1].clone();
  const GroupState& bob = GroupAccess::state(before);
  spoken("so that there is a ratchet");
  StateRecords disk = GroupAccess::records(groups_[1]);
  apply_changes(disk, groups_[1].take_changes());
  PastEpochs past;
  past.retire(std::move(groups_[1]), nullptr);
  apply_changes(disk, past.take_changes());
  const auto stored = dump(disk);
  EXPECT_FALSE(contains(stored.reveal(), bob.signature_key.seed.reveal()));
  EXPECT_FALSE(contains(stored.reveal(), bob.secrets.init_secret.reveal()));
  EXPECT_FALSE(contains(stored.reveal(), bob.secrets.exporter_secret.reveal()));
  EXPECT_FALSE(contains(stored.reveal(), bob.secrets.membership_key.reveal()));
  for (const auto& [node, key] : bob.keys.keys) EXPECT_FALSE(contains(stored.reveal(), key.private_key.reveal()));
}

// MLS-017
TEST_F(GroupKeysTest, messages_of_other_epochs_and_groups_have_codes_of_their_own) {
  const Bytes old = spoken("old");
  auto staged = groups_[0].stage_commit({}, random_, kTestNow).value();
  const Bytes ahead = staged.successor.protect(text("ahead"), {}, random_).value();
  EXPECT_EQ(refusal(groups_[1], ahead), kFutureEpoch);
  follow_commit(groups_[1], staged.commit);
  EXPECT_EQ(refusal(groups_[1], old), kStaleEpoch);
  EXPECT_TRUE(groups_[1].process(ahead, kTestNow).has_value());
  GroupAccess::state(groups_[0]).context.group_id = text("another group");
  EXPECT_EQ(refusal(groups_[1], spoken("elsewhere")), kWrongGroup);
}

TEST_F(GroupKeysTest, no_freed_block_holds_what_was_said) {
  ByteArray<16> marker;
  random_.fill(marker);
  godwit::testing::FreedBlocks freed(marker);
  const Bytes message = groups_[0].protect(marker, {}, random_).value();
  EXPECT_EQ(freed.leaks(), 0U) << "sending";
  PastEpochs past;
  past.retire(groups_[1].clone(), nullptr);
  for (int i = 0; i < 2; ++i) {
    auto plaintext = i == 0 ? std::get<ApplicationMessage>(groups_[1].process(message, kTestNow).value()).plaintext
                            : past.open(message, nullptr).value().plaintext;
    EXPECT_TRUE(equal(plaintext, marker));
    crypto::wipe(plaintext);
  }
  EXPECT_EQ(freed.leaks(), 0U) << "receiving";
}

TEST_F(GroupKeysTest, a_stored_key_package_joins) {
  const auto carol = candidate("carol", random_);
  const auto stored = KeyPackagePrivate::deserialize(carol.serialize().reveal()).value();
  CommitRequest request;
  request.add.push_back(published(carol));
  const auto staged = groups_[0].stage_commit(request, random_, kTestNow).value();
  EXPECT_TRUE(Group::join(suites_default(), *staged.welcome, stored, std::nullopt, kTestNow).has_value());
  EXPECT_FALSE(KeyPackagePrivate::deserialize(carol.serialize().reveal().first(40)).has_value());
}

}  // namespace
}  // namespace godwit::mls
