// Coming back into a group whose log does not reach back to one's epoch any more.

#include "engine/record_key.h"
#include "engine/records.h"
#include "home/records.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

// A record of the home that is an entry of a log, or what is said of a log; layout.h and records.h. The log's id follows.
constexpr size_t kLogAt = 2;
bool is_of_kind(const Bytes& key, char kind) {
  return key.size() >= kLogAt + wire::LogId::kSize && key[0] == 'R' && key[1] == static_cast<uint8_t>(kind);
}
Bytes log_of(const Bytes& key) { return to_bytes(ByteView(key).subspan(kLogAt, wire::LogId::kSize)); }

class Returning : public Groups {
 protected:
  // All programs but that of `sleeper` go on for some epochs.
  void go_on_without(size_t sleeper, size_t epochs = 3) {
    const size_t who = sleeper == 1 ? 2 : 1;
    for (size_t i = 0; i < epochs; ++i) ASSERT_TRUE(person(who).ask(engine::RefreshKeys{group}).has_value());
    world.settle();
  }
  // The home keeps the last entry of each group log alone, which begins there, as when it was full.
  void trim_logs() {
    auto& disk = world.home_disk_to_change();
    std::map<Bytes, std::vector<Bytes>> entries;  // by log
    for (const auto& [key, value] : disk.records()) {
      if (is_of_kind(key, 'e')) entries[log_of(key)].push_back(key);
    }
    ASSERT_FALSE(entries.empty());
    for (const auto& [log, keys] : entries) {
      if (keys.size() < 2) continue;
      const auto before = home::decode_record<home::EntryRecord>(disk.records().at(keys[keys.size() - 2])).value();
      Bytes opening{'R', 'g'};
      append(opening, log);
      auto record = home::decode_record<home::LogRecord>(disk.records().at(opening)).value();
      ByteArray<8> epoch{};
      std::copy_n(keys.back().end() - 9, epoch.size(), epoch.begin());
      record.epoch = 0;
      for (const uint8_t byte : epoch) record.epoch = (record.epoch << 8) | byte;
      record.epoch_token_hash = before.next_epoch_token_hash;
      record.read_token_hash = before.read_token_hash;
      disk.put(opening, codec::encoded(record));
      for (size_t i = 0; i + 1 < keys.size(); ++i) disk.erase(keys[i]);
    }
    disk.sync();
  }
  // How often the others were told that somebody came or went since `from`.
  size_t comings(size_t as_told_to, size_t from) {
    size_t count = 0;
    const auto& notices = person(as_told_to).notices;
    for (size_t i = from; i < notices.size(); ++i) {
      const auto* changed = std::get_if<engine::MembersChanged>(&notices[i]);
      if (changed != nullptr) count += changed->joined.size() + changed->left.size();
    }
    return count;
  }
  void expect_all_talk(size_t count) {
    for (size_t i = 0; i < count; ++i) say(i, "all " + std::to_string(i));
    world.settle();
    for (size_t i = 0; i < count; ++i) {
      const Texts texts = heard(i);
      for (size_t j = 0; j < count; ++j) {
        EXPECT_EQ(std::ranges::count(texts, "all " + std::to_string(j)), i == j ? 0 : 1) << i << " of " << j;
      }
      EXPECT_EQ(info(i).epoch, info(0).epoch) << i;
      EXPECT_EQ(members(i).members.size(), count) << i;
    }
  }
};

TEST_F(Returning, who_slept_longer_than_the_log_is_kept_comes_back_with_everything) {
  make_group(4);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(2), Role::kAdmin}).has_value());
  say(1, "before");
  world.settle();
  person(2).kill();
  go_on_without(2);
  say(1, "meanwhile");
  world.settle();
  trim_logs();
  const size_t told = person(1).notices.size();
  person(2).start();
  world.settle();
  EXPECT_TRUE(info(2).member);
  EXPECT_EQ(heard(2), (Texts{"before", "meanwhile"}));
  EXPECT_EQ(role(2, 3), Role::kAdmin);
  EXPECT_EQ(comings(1, told), 0U) << "to the others he was never away";
  ASSERT_EQ(lines(1).back().line->what, engine::LineKind::kBack);
  EXPECT_EQ(lines(1).back().line->account, account(2));
  EXPECT_EQ(lines(2).back().id, lines(1).back().id) << "and stand there once, for all";
  EXPECT_EQ(lines(2).back().clock, lines(1).back().clock);
  expect_all_talk(4);
}

TEST_F(Returning, only_owner_comes_back_with_the_help_of_a_member) {
  make_group(3);
  person(0).kill();
  go_on_without(0);
  trim_logs();
  person(0).start();
  world.settle();
  EXPECT_EQ(role(0, 1), Role::kOwner);
  ASSERT_TRUE(person(0).ask(engine::RenameGroup{group, "still mine"}).has_value());
  world.settle();
  EXPECT_EQ(info(2).name, "still mine");
  expect_all_talk(3);
}

TEST_F(Returning, who_has_no_contact_there_asks_over_the_chat) {
  make_group(4);
  person(2).kill();
  go_on_without(2);
  trim_logs();
  person(0).kill();  // the only contact of person 2
  person(2).start();
  world.settle();
  person(0).start();
  world.settle();
  expect_all_talk(4);
}

TEST_F(Returning, after_a_remove_and_the_end_of_the_old_tokens_a_contact_helps) {
  make_group(4);
  person(2).kill();
  ASSERT_TRUE(person(0).ask(engine::RemoveMember{group, account(3)}).has_value());
  world.settle();
  go_on_without(2);
  world.pass(days(10));
  trim_logs();
  person(2).start();
  world.pass(hours(2));
  world.settle();
  expect_all_talk(3);
}

TEST_F(Returning, who_was_removed_meanwhile_does_not_come_back) {
  make_group(4);
  say(0, "before");
  world.settle();
  const engine::AccountId removed = account(3);
  person(3).kill();
  ASSERT_TRUE(person(0).ask(engine::RemoveMember{group, removed}).has_value());
  world.settle();
  go_on_without(3);
  trim_logs();
  person(3).start();
  world.settle();
  say(0, "without him");
  world.settle();
  EXPECT_FALSE(info(3).member);
  EXPECT_EQ(heard(3), Texts{"before"});
  EXPECT_EQ(members(0).members.size(), 3U);
  EXPECT_EQ(refusal(3, engine::SendText{group, "still here"}), ErrorCode{engine::kNotMember});
}

TEST_F(Returning, what_waits_to_be_said_is_said_once) {
  make_group(3);
  person(2).online = false;
  world.cut(person(2));
  say(2, "written without a network");
  go_on_without(2);
  trim_logs();
  person(2).online = true;
  world.pass(hours(1));
  world.settle();
  EXPECT_EQ(heard(0), Texts{"written without a network"});
  EXPECT_EQ(heard(1), Texts{"written without a network"});
  expect_all_talk(3);
}

TEST_F(Returning, two_who_slept_both_come_back) {
  make_group(4);
  person(2).kill();
  person(3).kill();
  go_on_without(2);
  trim_logs();
  person(2).start();
  person(3).start();
  world.pass(hours(1));
  world.settle();
  expect_all_talk(4);
}

TEST_F(Returning, chat_of_two_is_mended_as_well) {
  meet(0, 1);
  group = person(0).chats().at(0).chat;
  say(0, "before");
  world.settle();
  person(1).kill();
  for (size_t i = 0; i < 3; ++i) ASSERT_TRUE(person(0).ask(engine::RefreshKeys{group}).has_value());
  world.settle();
  trim_logs();
  person(1).start();
  world.pass(hours(1));
  world.settle();
  say(0, "after");
  say(1, "back");
  world.settle();
  EXPECT_EQ(heard(1), (Texts{"before", "after"}));
  EXPECT_EQ(heard(0), Texts{"back"});
  EXPECT_EQ(person(0).chats().size(), 1U);
  EXPECT_EQ(person(1).chats().size(), 1U);
}

TEST_F(Returning, log_that_is_gone_for_all_is_told_and_stops_no_messages) {
  make_group(3);
  auto& disk = world.home_disk_to_change();
  std::vector<Bytes> keys;
  for (const auto& [key, value] : disk.records()) {
    if (is_of_kind(key, 'e') || is_of_kind(key, 'g')) keys.push_back(key);
  }
  ASSERT_FALSE(keys.empty());
  for (const Bytes& key : keys) disk.erase(key);
  disk.sync();
  for (size_t i = 0; i < 3; ++i) person(i).kill();
  for (size_t i = 0; i < 3; ++i) person(i).start();
  world.pass(hours(1));
  say(1, "still heard");
  world.pass(hours(1));
  EXPECT_EQ(heard(0), Texts{"still heard"});
  EXPECT_EQ(heard(2), Texts{"still heard"});
}

TEST_F(Returning, member_whom_the_asked_one_does_not_know_yet_is_not_sent_away) {
  make_group(3);
  meet(1, 3);
  ASSERT_TRUE(person(0).ask(engine::SetRole{group, account(1), Role::kAdmin}).has_value());
  world.settle();
  person(0).kill();
  ASSERT_TRUE(person(1).ask(engine::AddMembers{group, {account(3)}}).has_value());
  world.settle();
  ASSERT_TRUE(info(3).member);
  person(2).kill();
  person(3).kill();
  ASSERT_TRUE(person(1).ask(engine::RefreshKeys{group}).has_value());
  person(1).kill();
  // Person 3 cannot read from where he is, and the one whom he asks has not read that he came.
  auto& disk = world.home_disk_to_change();
  const auto entries = [&] {
    std::map<Bytes, Bytes> out;
    for (const auto& [key, value] : disk.records()) {
      if (is_of_kind(key, 'e')) out.emplace(key, value);
    }
    return out;
  };
  const auto all = entries();
  ASSERT_FALSE(all.empty());
  for (const auto& [key, value] : all) disk.erase(key);
  disk.sync();
  person(3).start();
  world.pass(minutes(2));
  for (const auto& [key, value] : all) disk.put(key, value);
  disk.sync();
  person(3).online = false;
  world.cut(person(3));
  person(0).start();
  world.settle();
  person(3).online = true;
  person(1).start();
  person(2).start();
  world.pass(hours(2));
  world.settle();
  expect_all_talk(4);
}

TEST_F(Returning, helper_whose_welcome_never_comes_locks_nobody_out) {
  make_group(3);
  person(2).kill();
  go_on_without(2);
  trim_logs();
  person(1).kill();
  const auto entries = [&] {
    return std::ranges::count_if(world.home_disk().records(),
                                 [](const auto& entry) { return is_of_kind(entry.first, 'e'); });
  };
  const auto before = entries();
  bool committed = false;
  person(0).on_effect = [&](const engine::Effect&) {
    if (entries() == before) return;
    committed = true;
    person(0).kill();
  };
  person(2).start();
  world.pass(minutes(2));
  person(0).on_effect = {};
  ASSERT_TRUE(committed);
  person(1).start();
  world.pass(hours(3));
  say(1, "heard again");
  world.settle();
  EXPECT_EQ(heard(2), Texts{"heard again"});
  person(0).start();
  world.settle();
  expect_all_talk(3);
}

TEST_F(Returning, welcome_that_leads_to_another_log_is_refused) {
  make_group(3);
  person(2).kill();
  go_on_without(2);
  trim_logs();
  person(0).kill();
  person(1).kill();
  // The helper has a copy of the log under another id.
  const Bytes key = engine::record_key(engine::RecordKind::kChat, group.view());
  auto value = engine::open_record(person(0).key(), key, person(0).disk().records().at(key));
  auto record = codec::decoded<engine::ChatRecord>(value->reveal()).value();
  const wire::LogId forged{random.bytes<16>()};
  auto& disk = world.home_disk_to_change();
  std::map<Bytes, Bytes> copies;
  for (const auto& [from, entry] : disk.records()) {
    const bool of_a_log = is_of_kind(from, 'e') || is_of_kind(from, 'g');
    if (!of_a_log || !equal(log_of(from), record.log.log.view())) continue;
    Bytes to = from;
    std::ranges::copy(forged.view(), to.begin() + kLogAt);
    copies.emplace(to, entry);
  }
  ASSERT_FALSE(copies.empty());
  for (const auto& [to, entry] : copies) disk.put(to, entry);
  disk.sync();
  record.log.log = forged;
  person(0).disk().put(key, engine::seal_record(person(0).key(), random, key, codec::encoded(record)));
  person(0).disk().sync();
  person(0).start();
  person(2).start();
  world.pass(minutes(5));
  person(0).kill();
  person(1).start();
  world.pass(hours(3));
  say(1, "in the one log");
  world.settle();
  EXPECT_EQ(heard(2), Texts{"in the one log"});
  EXPECT_EQ(info(2).epoch, info(1).epoch);
}

// The program of person `who` dies at one of its batches while person 2 comes back.
class ReturningCrash : public Returning, public testing::WithParamInterface<int> {};

TEST_P(ReturningCrash, sleeper_and_helper_survive_crashes_between_records) {
  make_group(3);
  say(1, "before");
  world.settle();
  person(2).kill();
  go_on_without(2);
  trim_logs();
  const size_t who = GetParam() % 2 == 0 ? 2 : 0;
  const uint64_t dies_at = 1 + static_cast<uint64_t>(GetParam()) / 2;
  person(2).start();
  uint64_t batches = 0;
  person(who).on_effect = [&](const engine::Effect& effect) {
    if (std::holds_alternative<engine::StoreBatch>(effect) && ++batches == dies_at) person(who).kill();
  };
  world.settle();
  person(who).on_effect = {};
  if (!person(who).alive()) person(who).start();
  world.pass(hours(3));
  world.settle();
  EXPECT_EQ(heard(2), Texts{"before"});
  expect_all_talk(3);
}

INSTANTIATE_TEST_SUITE_P(AtEachBatch, ReturningCrash, testing::Range(0, 20));

}  // namespace
}  // namespace godwit::testworld
