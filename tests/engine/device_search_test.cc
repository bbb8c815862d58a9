// The search on a device whose history another device of the account hands over.

#include "engine/errors.h"
#include "engine/record_key.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

class DeviceSearch : public DeviceChats {
 protected:
  static constexpr int kMessages = 600;  // several parcels
  static std::string text(int i) { return "story number" + std::to_string(i); }
  void tell_stories(int count = kMessages) {
    for (int i = 0; i < count; ++i) {
      phone_.give(engine::SendText{phone_.chat().chat, text(i)});
      if (i % 50 == 0) world_.settle();
    }
    world_.settle();
  }
  static Texts find(Person& person, const std::string& query) {
    engine::SearchMessages command;
    command.query = query;
    Texts out;
    for (const auto& each : must<engine::SearchResults>(person, command).messages) out.push_back(each.message.text);
    return out;
  }
  // The laptop comes into the chat and hears nothing from that moment on: nothing of the history has come.
  Person& link_and_lose() {
    Person& laptop = world_.add();
    laptop.on_effect = [&laptop](const engine::Effect& effect) {
      const auto* told = std::get_if<engine::Tell>(&effect);
      if (told == nullptr || !std::holds_alternative<engine::ChatChanged>(told->notice)) return;
      laptop.online = false;
      laptop.kill();
    };
    link(phone_, laptop, "Laptop");
    EXPECT_TRUE(world_.run_until([&] { return !laptop.alive(); }));
    laptop.on_effect = nullptr;
    laptop.start();
    EXPECT_EQ(laptop.chats().size(), 1U);
    EXPECT_TRUE(laptop.history().empty());
    EXPECT_EQ(devices(laptop).histories_to_come, 1U);
    return laptop;
  }
  // More than are in memory before they become a segment.
  static void fill(Person& person) {
    for (int64_t batch = 0; batch < 5; ++batch) {
      std::vector<engine::ImportEntry> entries(1000);
      for (int64_t i = 0; i < 1000; ++i) {
        auto& entry = entries[static_cast<size_t>(i)];
        entry.sender = "Anna";
        entry.text = "filler";
        entry.sent_at = Instant{1000 * batch + i};
      }
      must<engine::ImportDone>(person, engine::ImportMessages{"whatsapp Anna", "Anna", std::nullopt, entries});
    }
  }
  static void expect_all_found(Person& person) {
    for (int i = 0; i < kMessages; i += 7) {
      EXPECT_EQ(find(person, "number" + std::to_string(i) + " "), Texts{text(i)});
    }
  }
};

TEST_F(DeviceSearch, history_that_comes_after_the_first_search_is_found) {
  tell_stories();
  Person& laptop = link_and_lose();
  EXPECT_EQ(find(laptop, "story"), Texts{});
  laptop.online = true;
  ASSERT_TRUE(is_whole(laptop));
  expect_all_found(laptop);
  laptop.kill();
  laptop.start();
  expect_all_found(laptop);
}

TEST_F(DeviceSearch, history_that_comes_after_newer_messages_became_a_segment_is_found) {
  tell_stories();
  Person& laptop = link_and_lose();
  EXPECT_EQ(find(laptop, "story"), Texts{});
  must<engine::MessageQueued>(laptop, engine::SendText{phone_.chat().chat, "fresh news"});
  EXPECT_EQ(find(laptop, "fresh"), Texts{"fresh news"}) << "also while the history is on its way";
  for (int i = 0; i < 2; ++i) {
    fill(laptop);
    EXPECT_EQ(find(laptop, "fresh"), Texts{"fresh news"});
    laptop.kill();
    laptop.start();
    EXPECT_EQ(find(laptop, "fresh"), Texts{"fresh news"});
  }
  laptop.online = true;
  ASSERT_TRUE(is_whole(laptop, 2));
  for (int i = 0; i < 2; ++i) {
    expect_all_found(laptop);
    EXPECT_EQ(find(laptop, "fresh"), Texts{"fresh news"});
    laptop.kill();
    laptop.start();
  }
}

TEST_F(DeviceSearch, history_that_comes_while_the_index_is_read_is_found) {
  tell_stories();
  Person& laptop = link_and_lose();
  fill(laptop);
  laptop.kill();
  laptop.online = true;
  laptop.start();
  // The first search begins to read; the others are asked while parcels come.
  ASSERT_TRUE(world_.run_until([&] {
    engine::SearchMessages command;
    command.query = "filler";
    laptop.give(command);
    return devices(laptop).histories_to_come == 0;
  }));
  expect_all_found(laptop);
}

TEST_F(DeviceSearch, history_that_never_comes_is_told_and_holds_up_nothing) {
  tell_stories(2000);
  const auto phone = own_id(phone_);
  Person& laptop = world_.add();
  // The phone dies when the home has taken so much for the laptop: the welcome, and some of the history.
  int taken = 0;
  phone_.on_effect = [this, &taken](const engine::Effect& effect) {
    const auto* batch = std::get_if<engine::StoreBatch>(&effect);
    if (batch == nullptr) return;
    for (const auto& change : batch->changes) {
      if (change.key.front() == static_cast<uint8_t>(engine::RecordKind::kSyncOut) && !change.value) ++taken;
    }
    if (taken == 9) phone_.kill();
  };
  link(phone_, laptop, "Laptop");
  world_.settle();
  ASSERT_FALSE(phone_.alive());
  ASSERT_EQ(laptop.chats().size(), 1U);
  ASSERT_FALSE(laptop.history().empty());
  ASSERT_EQ(devices(laptop).histories_to_come, 1U);
  EXPECT_TRUE(find(laptop, "nothing").empty());
  laptop.say("fresh news");
  fill(laptop);
  must<engine::Nothing>(laptop, engine::RemoveDevice{phone, {}});
  world_.settle();
  EXPECT_EQ(devices(laptop).histories_to_come, 0U);
  EXPECT_TRUE(std::ranges::any_of(laptop.notices, [](const engine::Notice& each) {
    const auto* trouble = std::get_if<engine::Trouble>(&each);
    return trouble != nullptr && trouble->error.code == engine::kHistoryGap;
  }));
  EXPECT_EQ(find(laptop, "fresh"), Texts{"fresh news"});
}

}  // namespace
}  // namespace godwit::testworld
