// The stored form: what is written at each step, what comes back, and what is no state.

#include <algorithm>

#include "mls/testing/forger.h"
#include "mls/testing/stored_group.h"

namespace godwit::mls {
namespace {

using namespace testing;  // NOLINT: a test

Bytes text(std::string_view words) { return to_bytes(as_bytes(words)); }

size_t count(const StateRecords& records, StateKind kind) { return records_under(records, state_key(kind)).size(); }

size_t bytes(const StateChanges& changes) {
  size_t out = 0;
  for (const StateChange& one : changes) out += one.key.size() + (one.value ? one.value->size() : 0);
  return out;
}

class RecordsTest : public ::testing::Test {
 protected:
  crypto::SeededRandom random_{5};
};

// MLS-027
TEST_F(RecordsTest, a_stored_group_goes_on_where_it_was) {
  auto groups = grown({"alice", "bob"}, random_);
  StoredGroup bob(std::move(groups[1]));
  const Bytes proposal = bob.group().propose_update({}, random_).value();
  const Bytes skipped = groups[0].protect(text("skipped"), {}, random_).value();
  ASSERT_TRUE(bob.group().process(groups[0].protect(text("read"), {}, random_).value(), kTestNow).has_value());
  bob.reload();
  EXPECT_TRUE(stored_form(bob.group().clone()) == stored_form(bob.group()));
  EXPECT_TRUE(bob.group().process(skipped, kTestNow).has_value());
  bob.reload();
  ASSERT_TRUE(groups[0].process(proposal, kTestNow).has_value());
  const auto staged = groups[0].stage_commit(with_proposals(), random_, kTestNow).value();
  auto commit = bob.group().process(staged.commit, kTestNow).value();
  bob.enter(std::move(std::get<CommitProcessed>(commit).successor));  // his own Update came into force
  EXPECT_EQ(hex(bob.group().epoch_authenticator()), hex(staged.successor.epoch_authenticator()));
  EXPECT_EQ(count(bob.disk(), StateKind::kProposal), 0U);
}

TEST_F(RecordsTest, nothing_changes_between_two_calls) {
  auto groups = grown({"alice", "bob"}, random_);
  EXPECT_FALSE(groups[0].take_changes().empty());
  EXPECT_TRUE(groups[0].take_changes().empty());
  EXPECT_FALSE(groups[0].process(text("noise"), kTestNow).has_value());
  EXPECT_TRUE(groups[0].take_changes().empty());
}

// Everything that can happen to a member: messages in any order and late, proposals, commits, joins, removals.
class Walk {
 public:
  explicit Walk(uint64_t seed) : random_(seed) {
    members_.emplace_back(founded("member 0", random_));
    for (int i = 0; i < 4; ++i) commit();
  }
  void step() {
    switch (random_.below(8)) {
      case 0:
        return propose();
      case 1:
        return commit();
      case 2:
      case 3:
        return say();
      default:
        return deliver();
    }
  }

 private:
  struct Letter {
    size_t to;
    Bytes message;
    Bytes words;
  };
  size_t any_member() {
    std::vector<size_t> in;
    for (size_t i = 0; i < members_.size(); ++i) {
      if (!gone_.contains(i)) in.push_back(i);
    }
    return in[random_.below(in.size())];
  }
  template <typename Work>
  void others(size_t but, const Work& work) {
    for (size_t i = 0; i < members_.size(); ++i) {
      if (i != but && !gone_.contains(i)) work(i);
    }
  }
  void say() {
    const size_t from = any_member();
    const Bytes words = to_bytes(random_.bytes<8>());
    const auto message = members_[from].group().protect(words, {}, random_);
    if (!message) return;  // proposals of others wait
    members_[from].reload();
    others(from, [&](size_t to) { letters_.push_back({to, *message, words}); });
  }
  void deliver() {
    if (letters_.empty()) return;
    const size_t at = random_.below(letters_.size());
    const Letter letter = letters_[at];
    letters_.erase(letters_.begin() + static_cast<std::ptrdiff_t>(at));
    StoredGroup& to = members_[letter.to];
    const uint64_t epoch = peek(letter.message)->epoch;
    const auto known = to.past().epochs();
    if (std::find(known.begin(), known.end(), epoch) != known.end()) {
      const auto opened = to.open_late(letter.message);
      ASSERT_TRUE(opened.has_value()) << opened.error().rule;
      EXPECT_EQ(opened->plaintext, letter.words);
      to.reload();
      EXPECT_EQ(to.open_late(letter.message).error().code, kReplayed);
    } else if (!gone_.contains(letter.to) && epoch == to.group().epoch()) {
      const auto opened = to.group().process(letter.message, kTestNow);
      ASSERT_TRUE(opened.has_value()) << opened.error().rule;
      EXPECT_EQ(std::get<ApplicationMessage>(*opened).plaintext, letter.words);
      to.reload();
      EXPECT_EQ(to.group().process(letter.message, kTestNow).error().code, kReplayed);
    }
  }
  void propose() {
    const size_t from = any_member();
    Group& group = members_[from].group();
    const bool update = random_.below(2) == 0;
    LeafNodeUpdate change;
    if (random_.below(2) == 0) change.signature_key = crypto::Ed25519KeyPair::generate(random_);
    const auto message = update ? group.propose_update(change, random_)
                                : group.propose_add(published(candidate("added", random_)), random_, kTestNow);
    ASSERT_TRUE(message.has_value()) << message.error().rule;
    members_[from].reload();
    others(from, [&](size_t to) {
      ASSERT_TRUE(members_[to].group().process(*message, kTestNow).has_value());
      members_[to].reload();
    });
  }
  // Of anybody, who adds somebody or removes somebody; everybody follows.
  void commit() {
    const size_t from = any_member();
    CommitRequest request = with_proposals();
    std::optional<KeyPackagePrivate> joiner;
    if (members_.size() - gone_.size() < 6) {
      joiner = candidate("member " + std::to_string(members_.size()), random_);
      request.add.push_back(published(*joiner));
    } else {
      const size_t leaves = any_member();
      if (leaves != from) request.remove.push_back(members_[leaves].group().own_leaf());
    }
    auto staged = members_[from].group().stage_commit(request, random_, kTestNow);
    ASSERT_TRUE(staged.has_value()) << staged.error().rule;
    others(from, [&](size_t to) {
      auto processed = members_[to].group().process(staged->commit, kTestNow);
      ASSERT_TRUE(processed.has_value()) << processed.error().rule;
      auto& done = std::get<CommitProcessed>(*processed);
      if (done.removed_self) gone_.insert(to);
      members_[to].enter(std::move(done.successor));
      if (members_[to].past().epochs().size() > 3) members_[to].past().drop_oldest();
    });
    if (joiner) {
      members_.emplace_back(Group::join(suites_for_tests(), *staged->welcome, *joiner, std::nullopt, kTestNow).value());
    }
    members_[from].enter(std::move(staged->successor));
  }

  crypto::SeededRandom random_;
  std::vector<StoredGroup> members_;
  std::set<size_t> gone_;
  std::vector<Letter> letters_;
};

TEST(GroupRecords, a_member_who_is_restored_after_every_step_is_the_one_he_was) {
  ASSERT_TRUE(crypto::initialise());
  for (uint64_t seed = 0; seed < 4; ++seed) {
    Walk walk(seed);
    for (int i = 0; i < 100; ++i) {
      walk.step();
      ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed << ", step " << i;
    }
  }
}

// Two members of a group of `members`, stored: who founded it, and who joined last.
std::pair<Group, Group> group_of(size_t members, Random& random) {
  Group founder = founded("founder", random);
  CommitRequest request;
  std::optional<KeyPackagePrivate> last;
  for (size_t i = 1; i < members; ++i) {
    last = candidate("member " + std::to_string(i), random);
    request.add.push_back(published(*last));
  }
  auto staged = founder.stage_commit(request, random, kTestNow).value();
  Group joined = Group::join(suites_default(), *staged.welcome, *last, std::nullopt, kTestNow).value();
  static_cast<void>(staged.successor.take_changes());
  static_cast<void>(joined.take_changes());
  return {std::move(staged.successor), std::move(joined)};
}

// The same of 1,000, made once.
std::pair<Group, Group> group_of_1000() {
  static const auto* const made = [] {
    crypto::SeededRandom random(1000);
    return new std::pair(group_of(1000, random));
  }();
  return {made->first.clone(), made->second.clone()};
}

struct Written {
  size_t first_sent;
  size_t sent;
  size_t first_received;
  size_t received;
  size_t skipped_one;
};
Written written_by_messages(Group& alice, Group& bob, Random& random) {
  const auto send = [&] { return alice.protect(text("words"), {}, random).value(); };
  const auto receive = [&](const Bytes& message) {
    EXPECT_TRUE(bob.process(message, kTestNow).has_value());
    return bytes(bob.take_changes());
  };
  Written out{};
  const Bytes first = send();
  out.first_sent = bytes(alice.take_changes());
  const Bytes second = send();
  out.sent = bytes(alice.take_changes());
  send();
  const Bytes fourth = send();
  out.first_received = receive(first);
  out.received = receive(second);
  out.skipped_one = receive(fourth);
  return out;
}

TEST_F(RecordsTest, a_message_writes_its_senders_ratchet_whatever_the_size_of_the_group) {
  auto [alice_of_2, bob_of_2] = group_of(2, random_);
  auto [alice, bob] = group_of_1000();
  const Written small = written_by_messages(alice_of_2, bob_of_2, random_);
  const Written large = written_by_messages(alice, bob, random_);
  EXPECT_LE(small.sent, 64U);
  EXPECT_EQ(large.sent, small.sent);
  EXPECT_EQ(large.received, small.received);
  EXPECT_EQ(large.skipped_one, small.skipped_one);
  // The first message of a sender splits the nodes above him: one for each level.
  EXPECT_LE(large.first_sent, small.first_sent + 9 * 64);
  EXPECT_LE(large.first_received, small.first_received + 9 * 64);
}

TEST_F(RecordsTest, a_commit_in_a_group_of_1000_writes_its_path) {
  auto [alice, bob] = group_of_1000();
  const auto staged = alice.stage_commit({}, random_, kTestNow).value();
  auto processed = bob.process(staged.commit, kTestNow).value();
  Group successor = std::move(*std::get<CommitProcessed>(processed).successor);
  const StateChanges changes = successor.take_changes();
  EXPECT_LE(std::count_if(
                changes.begin(), changes.end(),
                [](const StateChange& one) { return one.key.front() == static_cast<uint8_t>(StateKind::kTreeNode); }),
            11);
  EXPECT_LE(bytes(changes), 4000U);
  PastEpochs past;
  past.retire(std::move(bob), &successor);
  EXPECT_LE(bytes(past.take_changes()), 200U + 11 * 64);
}

TEST_F(RecordsTest, a_skipped_key_is_a_record_and_gone_when_it_was_used) {
  auto groups = grown({"alice", "bob"}, random_);
  StoredGroup bob(std::move(groups[1]));
  std::vector<Bytes> messages;
  for (size_t i = 0; i < kSkippedKeysMax + 10; ++i) {
    messages.push_back(groups[0].protect(text("words"), {}, random_).value());
  }
  ASSERT_TRUE(bob.group().process(messages[500], kTestNow).has_value());
  bob.reload();
  EXPECT_EQ(count(bob.disk(), StateKind::kSkippedKey), 500U);
  ASSERT_TRUE(bob.group().process(messages[7], kTestNow).has_value());
  bob.reload();
  EXPECT_EQ(count(bob.disk(), StateKind::kSkippedKey), 499U);
  ASSERT_TRUE(bob.group().process(messages.back(), kTestNow).has_value());
  bob.reload();
  EXPECT_EQ(count(bob.disk(), StateKind::kSkippedKey), kSkippedKeysMax);
  EXPECT_EQ(bob.group().process(messages[0], kTestNow).error().code, kReplayed);
}

TEST_F(RecordsTest, an_epoch_that_is_over_keeps_the_ratchets_of_others_for_what_they_said) {
  auto groups = grown({"alice", "bob", "carol"}, random_);
  StoredGroup bob(std::move(groups[1]));
  static_cast<void>(bob.group().protect(text("mine"), {}, random_).value());
  ASSERT_TRUE(bob.group().process(groups[0].protect(text("hers"), {}, random_).value(), kTestNow).has_value());
  bob.reload();
  EXPECT_EQ(count(bob.disk(), StateKind::kRatchet), 4U);
  const auto staged = groups[0].stage_commit({}, random_, kTestNow).value();
  auto commit = bob.group().process(staged.commit, kTestNow).value();
  bob.enter(std::move(std::get<CommitProcessed>(commit).successor));
  EXPECT_EQ(count(bob.disk(), StateKind::kRatchet), 1U);
  EXPECT_TRUE(
      bob.disk().contains(state_key(StateKind::kRatchet, uint64_t{2}, LeafIndex{0}, RatchetKind::kApplication)));
}

TEST_F(RecordsTest, dropping_the_last_past_epoch_leaves_what_a_fresh_store_has) {
  auto groups = grown({"alice", "bob", "carol"}, random_);
  StoredGroup bob(std::move(groups[1]));
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(bob.group().process(groups[0].protect(text("words"), {}, random_).value(), kTestNow).has_value());
    auto staged = groups[0].stage_commit({}, random_, kTestNow).value();
    auto commit = bob.group().process(staged.commit, kTestNow).value();
    bob.enter(std::move(std::get<CommitProcessed>(commit).successor));
    groups[0] = std::move(staged.successor);
  }
  while (!bob.past().epochs().empty()) bob.past().drop_oldest();
  bob.reload();
  EXPECT_TRUE(dump(bob.disk()) == stored_form(bob.group()));
}

TEST_F(RecordsTest, who_was_removed_keeps_what_opens_late_messages_and_nothing_else) {
  auto groups = grown({"alice", "bob", "carol"}, random_);
  StoredGroup bob(std::move(groups[1]));
  const Bytes late = groups[0].protect(text("late"), {}, random_).value();
  CommitRequest request;
  request.remove.push_back(bob.group().own_leaf());
  const auto staged = groups[0].stage_commit(request, random_, kTestNow).value();
  auto commit = bob.group().process(staged.commit, kTestNow).value();
  ASSERT_TRUE(std::get<CommitProcessed>(commit).removed_self);
  bob.enter(std::nullopt);
  for (const StateKind kind : {StateKind::kHead, StateKind::kTreeNode, StateKind::kProposal}) {
    EXPECT_EQ(count(bob.disk(), kind), 0U);
  }
  EXPECT_EQ(Group::restore(suites_default(), bob.disk()).error().code, kBadState);
  EXPECT_EQ(bob.open_late(late)->plaintext, text("late"));
  bob.past().drop_oldest();
  bob.reload();
  EXPECT_TRUE(bob.disk().empty());
}

TEST_F(RecordsTest, a_late_message_of_somebody_who_changed_his_key_or_left_opens) {
  auto groups = grown({"alice", "bob", "carol"}, random_);
  StoredGroup bob(std::move(groups[1]));
  const Bytes of_alice = groups[0].protect(text("alice"), {}, random_).value();
  const Bytes of_carol = groups[2].protect(text("carol"), {}, random_).value();
  CommitRequest request;
  request.leaf.emplace().signature_key = crypto::Ed25519KeyPair::generate(random_);
  request.remove.push_back({2});
  auto staged = groups[0].stage_commit(request, random_, kTestNow).value();
  auto commit = bob.group().process(staged.commit, kTestNow).value();
  bob.enter(std::move(std::get<CommitProcessed>(commit).successor));
  // And somebody else takes carol's leaf.
  CommitRequest add;
  add.add.push_back(published(candidate("dave", random_)));
  const auto second = staged.successor.stage_commit(add, random_, kTestNow).value();
  commit = bob.group().process(second.commit, kTestNow).value();
  bob.enter(std::move(std::get<CommitProcessed>(commit).successor));
  EXPECT_EQ(bob.open_late(of_alice)->plaintext, text("alice"));
  EXPECT_EQ(bob.open_late(of_carol)->plaintext, text("carol"));
}

// A record of each kind, and past epochs.
StateRecords rich_records(Random& random) {
  auto groups = grown({"alice", "bob", "carol"}, random);
  StoredGroup bob(std::move(groups[1]));
  const auto hear = [&](const Bytes& message) { EXPECT_TRUE(bob.group().process(message, kTestNow).has_value()); };
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(groups[0].protect(text("skipped"), {}, random).value());
    hear(groups[0].protect(text("heard"), {}, random).value());
    auto staged = groups[0].stage_commit({}, random, kTestNow).value();
    auto commit = bob.group().process(staged.commit, kTestNow).value();
    bob.enter(std::move(std::get<CommitProcessed>(commit).successor));
    groups[0] = std::move(staged.successor);
  }
  static_cast<void>(groups[0].protect(text("skipped"), {}, random).value());
  hear(groups[0].protect(text("heard"), {}, random).value());
  static_cast<void>(bob.group().propose_update({}, random).value());
  bob.reload();
  StateRecords out;
  for (const auto& [key, value] : bob.disk()) out.emplace(key, value.clone());
  return out;
}

// What both halves say to these records.
std::optional<ErrorCode> restoring(const StateRecords& records) {
  const auto group = Group::restore(suites_default(), records);
  if (!group) return group.error().code;
  const auto past = PastEpochs::restore(suites_default(), records, &*group);
  if (!past) return past.error().code;
  return std::nullopt;
}

TEST_F(RecordsTest, a_missing_record_is_refused) {
  StateRecords records = rich_records(random_);
  for (const auto kind :
       {StateKind::kHead, StateKind::kTreeNode, StateKind::kEpoch, StateKind::kProposal, StateKind::kSecretNode,
        StateKind::kRatchet, StateKind::kSkippedKey, StateKind::kReplacedKeys}) {
    EXPECT_GT(count(records, kind), 0U) << static_cast<char>(kind);
  }
  std::vector<Bytes> keys;
  for (const auto& [key, value] : records) keys.push_back(key);
  for (const Bytes& key : keys) {
    const auto kind = static_cast<StateKind>(key.front());
    // Without these some message or commit does not open, and the state is one all the same.
    if (kind == StateKind::kProposal || kind == StateKind::kSkippedKey) continue;
    auto node = records.extract(key);
    EXPECT_EQ(restoring(records), kBadState) << hex(key);
    records.insert(std::move(node));
  }
  EXPECT_EQ(restoring(records), std::nullopt);
}

TEST_F(RecordsTest, a_record_that_is_cut_off_or_goes_on_is_refused) {
  StateRecords records = rich_records(random_);
  for (auto& [key, value] : records) {
    const auto whole = value.clone();
    for (size_t size = 0; size < whole.size(); ++size) {
      value = crypto::SecretBuffer::copy_of(whole.reveal().first(size));
      if (key.front() == static_cast<uint8_t>(StateKind::kProposal)) continue;  // its private keys may be absent
      EXPECT_EQ(restoring(records), kBadState) << hex(key) << " " << size;
    }
    Bytes longer = to_bytes(whole.reveal());
    longer.push_back(0);
    value = crypto::SecretBuffer::adopt(std::move(longer));
    EXPECT_EQ(restoring(records), kBadState) << hex(key);
    value = whole.clone();
  }
}

TEST_F(RecordsTest, a_record_of_something_else_is_refused) {
  StateRecords records = rich_records(random_);
  const StateRecords others = rich_records(random_);
  EXPECT_EQ(restoring(others), std::nullopt);
  for (auto& [key, value] : records) {
    const auto kind = static_cast<StateKind>(key.front());
    if (kind != StateKind::kTreeNode && kind != StateKind::kHead) continue;
    const auto own = std::exchange(value, others.at(key).clone());
    EXPECT_EQ(restoring(records), kBadState) << hex(key);
    value = own.clone();
  }
  for (const Bytes& key : {Bytes{}, Bytes{'z'}, Bytes{'n', 0}, state_key(StateKind::kTreeNode, uint32_t{7}),
                           state_key(StateKind::kEpoch, uint64_t{99}), state_key(StateKind::kRatchet, uint64_t{99})}) {
    records.emplace(key, crypto::SecretBuffer::copy_of(text("odd")));
    EXPECT_EQ(restoring(records), kBadState) << hex(key);
    records.erase(key);
  }
}

// MLS-007
TEST_F(RecordsTest, records_of_another_version_or_suite_say_so) {
  StateRecords records = rich_records(random_);
  EXPECT_EQ(Group::restore({}, records).error().code, kUnsupportedSuite);
  for (auto& [key, value] : records) {
    const auto kind = static_cast<StateKind>(key.front());
    if (kind != StateKind::kHead && kind != StateKind::kEpoch) continue;
    value.fill()[0] = 9;
    EXPECT_EQ(restoring(records), kUnknownStateVersion) << hex(key);
    value.fill()[0] = kStateVersion;
  }
}

}  // namespace
}  // namespace godwit::mls
