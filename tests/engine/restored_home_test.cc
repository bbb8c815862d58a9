// The home is put back to what it was before it heard of something.

#include <map>

#include "home/records.h"
#include "store/layout.h"
#include "tests/engine/device_chats.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

using Records = std::map<Bytes, Bytes>;

Records starting_with(const World& world, const Bytes& prefix) {
  const auto range = store::layout::starting_with(prefix);
  const auto& all = world.home_disk().records();
  return {all.lower_bound(range.first), all.lower_bound(range.last)};
}
// Records of the home of one kind (home/records.h).
Records of_kind(const World& world, char kind) {
  return starting_with(world, store::layout::record(home::record_key(kind)));
}
// The home dies, and starts anew without some of what it had, and with something else.
void put_back(World& world, const Records& without, const Records& with) {
  world.kill_home();
  for (const auto& [key, value] : without) world.home_disk_to_change().erase(key);
  for (const auto& [key, value] : with) world.home_disk_to_change().put(key, value);
  world.home_disk_to_change().sync();
  world.start_home();
}

class RestoredHome : public Groups {
 protected:
  Records addresses() const { return of_kind(world, 'a'); }
  Records items() const { return starting_with(world, {store::layout::kItems}); }
  // Neither does it take a ticket of before, as after `godwit-home restore`.
  void restore(const Records& before, const Records& without = {}) {
    Records gone = of_kind(world, 't');
    ASSERT_FALSE(gone.empty());
    gone.insert(without.begin(), without.end());
    put_back(world, gone, before);
  }
  // What the record of an address would be, had the home another token for it.
  static Bytes with_token(const Bytes& value, const wire::TokenHash& hash) {
    auto record = home::decode_record<home::AddressRecord>(value).value();
    record.token_hash = hash;
    record.old_token.reset();
    return codec::encoded(record);
  }
  bool hears(size_t who, const std::string& text) {
    return world.run_until([&] { return std::ranges::count(heard(who), text) == 1; }, minutes(5));
  }
};

TEST_F(RestoredHome, is_told_the_tokens_that_it_has_not_heard_of) {
  make_group(3);
  Records before;
  for (const auto& [key, value] : addresses()) before[key] = with_token(value, wire::TokenHash{random.bytes<32>()});
  ASSERT_GE(before.size(), 3U);
  const Records told = addresses();
  restore(before);
  say(0, "at the restored home");
  EXPECT_TRUE(hears(1, "at the restored home"));
  EXPECT_TRUE(hears(2, "at the restored home"));
  world.settle();
  size_t same = 0;
  for (const auto& [key, value] : addresses()) {
    const auto now = home::decode_record<home::AddressRecord>(value).value();
    if (now.token_hash == home::decode_record<home::AddressRecord>(told.at(key)).value().token_hash) ++same;
  }
  EXPECT_GE(same, 3U + 4U) << "the members' of the group, and those of two chats of two";
}

TEST_F(RestoredHome, is_told_again_as_often_as_it_is_put_back) {
  make_group(2);
  for (int i = 0; i < 3; ++i) {
    Records before;
    for (const auto& [key, value] : addresses()) before[key] = with_token(value, wire::TokenHash{random.bytes<32>()});
    restore(before);
    const std::string text = "time " + std::to_string(i);
    say(1, text);
    EXPECT_TRUE(hears(0, text)) << i;
  }
}

TEST_F(RestoredHome, is_told_nothing_where_it_knows_all) {
  make_group(3);
  const Records before = addresses();
  restore({});
  say(0, "as before");
  EXPECT_TRUE(hears(1, "as before"));
  world.settle();
  EXPECT_EQ(addresses(), before) << "a token that is told again would be there";
}

TEST_F(RestoredHome, is_given_the_addresses_that_it_has_lost) {
  make_group(2);
  restore({}, addresses());
  say(0, "to an address that was made anew");
  EXPECT_TRUE(hears(1, "to an address that was made anew"));
}

TEST_F(RestoredHome, is_told_again_what_was_taken_if_it_has_forgotten_that_as_it_died) {
  meet(0, 1);
  person(0).online = false;
  world.cut(person(0));
  person(1).say("while he was away");
  world.settle();
  const Records waiting = items();
  ASSERT_FALSE(waiting.empty());
  person(0).online = true;
  ASSERT_TRUE(world.run_until([&] { return items().empty(); }, minutes(5)));
  restore(waiting);
  ASSERT_FALSE(items().empty());
  world.settle();
  EXPECT_TRUE(items().empty());
}

// The token of before somebody was removed is his too, and would be good for a week again.
TEST_F(DeviceChats, a_device_that_is_behind_brings_no_token_of_before_a_removal_back) {
  const auto made = phone_.ask(engine::NewGroup{"friends"});
  ASSERT_TRUE(made.has_value());
  const auto group = std::get<engine::ChatMade>(*made).chat.chat;
  const auto bob = std::get<engine::Account>(*bob_.ask(engine::ReadAccount{})).account;
  ASSERT_TRUE(phone_.ask(engine::AddMembers{group, {bob}}).has_value());
  world_.settle();
  Person& laptop = link_whole();
  laptop.online = false;
  world_.cut(laptop);
  ASSERT_TRUE(phone_.ask(engine::RemoveMember{group, bob}).has_value());
  world_.settle();
  world_.pass(days(8));  // the home takes the one of before no more
  world_.settle();
  const Records told = of_kind(world_, 'a');
  Records tickets = of_kind(world_, 't');
  put_back(world_, tickets, {});
  laptop.online = true;
  world_.settle();
  EXPECT_EQ(of_kind(world_, 'a'), told);
}

TEST_F(DeviceChats, a_history_of_which_the_home_has_lost_a_piece_is_handed_over_anew) {
  for (char each = 'a'; each < 'e'; ++each) phone_.say(std::string(60'000, each));
  world_.settle();
  bool lost = false;
  phone_.on_effect = [&](const engine::Effect& effect) {
    if (lost || !std::holds_alternative<engine::SendBytes>(effect) || of_kind(world_, 'd').size() < 2) return;
    lost = true;
    Records blobs = of_kind(world_, 'b');
    blobs.merge(of_kind(world_, 'd'));
    put_back(world_, blobs, {});
  };
  Person& laptop = link("Laptop");
  EXPECT_TRUE(is_whole(laptop));
  EXPECT_TRUE(lost);
  EXPECT_EQ(all_texts(laptop), all_texts(phone_));
}

}  // namespace
}  // namespace godwit::testworld
