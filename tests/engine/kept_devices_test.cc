// Chats that are only kept, when an account has more than one device.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/errors.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class KeptDevices : public DeviceChats {
 protected:
  static std::vector<ImportEntry> entries(int first, int last) {
    std::vector<ImportEntry> out;
    for (int i = first; i <= last; ++i) {
      ImportEntry each;
      each.sender = i % 3 == 0 ? "Anna" : "Boris";
      each.sent_at = Instant{int64_t{1000} * i};
      each.text = "old words " + std::to_string(i);
      each.key = std::to_string(i);
      if (i > first) each.reply_to_key = std::to_string(i - 1);
      if (i % 2 == 0) each.spans = {{0, 3, SpanStyle::kBold, {}}};
      if (i % 5 == 0) each.reactions = {{"👍", 1, false, {"Anna"}}};
      out.push_back(std::move(each));
    }
    return out;
  }
  static ImportDone import(Person& person, int first, int last) {
    ImportDone all;
    for (int from = first; from <= last; from += 1000) {
      const auto answer =
          person.ask(ImportMessages{"whatsapp Anna", "Anna", std::nullopt, entries(from, std::min(last, from + 999))});
      EXPECT_TRUE(answer.has_value());
      if (!answer) return all;
      all = {std::get<ImportDone>(*answer).chat, all.stored + std::get<ImportDone>(*answer).stored,
             all.known + std::get<ImportDone>(*answer).known};
    }
    return all;
  }
  static uint64_t kept_count(Person& person) {
    for (const ChatInfo& each : person.chats()) {
      if (each.kept) return each.last.value;
    }
    return 0;
  }
  bool until_kept(Person& person, uint64_t count) {
    return world_.run_until([&] { return kept_count(person) == count; });
  }
};

TEST_F(KeptDevices, a_new_device_gets_what_was_imported_and_knows_it_when_it_is_imported_there) {
  const ChatId chat = import(phone_, 1, 600).chat;
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop, 2));
  ASSERT_TRUE(until_kept(laptop, 600));
  EXPECT_EQ(all_texts(laptop, chat), all_texts(phone_, chat));
  const auto here = std::get<Messages>(*phone_.ask(ReadHistory{chat, std::nullopt, 50})).messages;
  const auto there = std::get<Messages>(*laptop.ask(ReadHistory{chat, std::nullopt, 50})).messages;
  ASSERT_EQ(here.size(), there.size());
  for (size_t i = 0; i < here.size(); ++i) {
    EXPECT_EQ(there[i].id, here[i].id);
    EXPECT_EQ(there[i].reply_to, here[i].reply_to);
    EXPECT_EQ(there[i].spans, here[i].spans);
    EXPECT_EQ(there[i].reactions.size(), here[i].reactions.size());
    EXPECT_EQ(there[i].kept->sender, here[i].kept->sender);
  }
  EXPECT_EQ(import(laptop, 1, 600).known, 600U);
  SearchMessages search;
  search.query = "words 417";
  const auto found = laptop.ask(search);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(std::get<SearchResults>(*found).messages.size(), 1U);
}

TEST_F(KeptDevices, what_is_imported_later_reaches_the_other_device_once) {
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  const ChatId chat = import(phone_, 1, 300).chat;
  ASSERT_TRUE(until_kept(laptop, 300));
  import(laptop, 250, 400);  // a later export, on the other device
  ASSERT_TRUE(until_kept(phone_, 400));
  EXPECT_EQ(all_texts(laptop, chat), all_texts(phone_, chat));
  world_.pass(minutes(10));
  world_.settle();
  EXPECT_EQ(kept_count(phone_), 400U);
  EXPECT_EQ(kept_count(laptop), 400U);
  EXPECT_EQ(devices(phone_).histories_to_send + devices(laptop).histories_to_send, 0U);
  EXPECT_EQ(devices(phone_).histories_to_come + devices(laptop).histories_to_come, 0U);
}

TEST_F(KeptDevices, a_long_one_comes_whole_though_both_devices_die_on_the_way) {
  const ChatId chat = import(phone_, 1, 1500).chat;
  Person& laptop = link("Laptop");
  uint64_t kills = 0;
  for (Person* dead = &laptop; dead != nullptr && kills < 40; ++kills) {
    dead = nullptr;
    for (Person* each : {&phone_, &laptop}) {
      each->on_effect = [&dead, each, at = each->batches_ever + kills % 3](const Effect& effect) {
        if (dead != nullptr || !std::holds_alternative<StoreBatch>(effect) || each->batches_ever < at) return;
        dead = each;
        each->kill();
      };
    }
    world_.run_until([&] { return dead != nullptr; }, minutes(5));
    for (Person* each : {&phone_, &laptop}) each->on_effect = nullptr;
    world_.pass(seconds(1));
    if (dead != nullptr) dead->start();
  }
  EXPECT_GT(kills, 6U);
  ASSERT_TRUE(is_whole(laptop, 2));
  ASSERT_TRUE(until_kept(laptop, 1500));
  EXPECT_EQ(all_texts(laptop, chat), all_texts(phone_, chat));
}

TEST_F(KeptDevices, two_that_have_imported_different_parts_have_all_in_the_end) {
  Person& laptop = link("Laptop");
  Person& tablet = link("Tablet");
  ASSERT_TRUE(is_whole(laptop));
  ASSERT_TRUE(is_whole(tablet));
  import(phone_, 1, 100);
  import(laptop, 80, 180);
  for (Person* each : {&phone_, &laptop, &tablet}) ASSERT_TRUE(until_kept(*each, 180));
}

TEST_F(KeptDevices, a_device_offers_what_it_alone_has_to_one_of_which_it_hears_before_it_is_told_of_it) {
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  const ChatId chat = import(phone_, 1, 10).chat;
  ASSERT_TRUE(until_kept(laptop, 10));
  world_.settle();
  ASSERT_TRUE(laptop.ask(DeleteChat{chat, false}).has_value());
  // The word of the new device and that of the one that has linked it come in any order.
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(round);
    Person& fresh = world_.add();
    ASSERT_NO_FATAL_FAILURE(link(laptop, fresh, "Tablet"));
    ASSERT_TRUE(until_kept(fresh, 10));
    ASSERT_TRUE(laptop.ask(RemoveDevice{own_id(fresh), {}}).has_value());
    fresh.kill();
    world_.settle();
  }
}

TEST_F(KeptDevices, one_that_is_deleted_on_its_way_ends_there) {
  const ChatId chat = import(phone_, 1, 3000).chat;
  Person& laptop = link("Laptop");
  ASSERT_TRUE(world_.run_until([&] { return kept_count(laptop) > 0; }));
  ASSERT_TRUE(phone_.ask(DeleteChat{chat, false}).has_value());
  ASSERT_TRUE(world_.run_until([&] { return devices(laptop).histories_to_come == 0; }));
  world_.settle();
  EXPECT_EQ(kept_count(phone_), 0U);
  EXPECT_GT(kept_count(laptop), 0U) << "deleting one is of one device";
  EXPECT_EQ(devices(phone_).histories_to_send, 0U);
}

}  // namespace
}  // namespace godwit::testworld
