// What is alike on all devices of an account beside the chats themselves.

#include "engine/errors.h"
#include "engine/scheduled.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class DeviceSync : public DeviceChats {
 protected:
  void schedule(Person& person, const std::string& text, Duration after) {
    must<ScheduledQueued>(person, ScheduleMessage{bob_.chat().chat, world_.now + after, text, {}, {}, {}});
    world_.settle();
  }
  std::vector<ScheduledInfo> scheduled(Person& person) {
    return must<ScheduledMessages>(person, ListScheduled{bob_.chat().chat}).scheduled;
  }
};

TEST_F(DeviceSync, what_is_written_for_later_is_on_all_devices_and_said_once) {
  schedule(phone_, "before the laptop", hours(48));
  Person& laptop = link_whole();
  schedule(phone_, "on the phone", hours(48));
  schedule(laptop, "on the laptop", hours(48));
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(scheduled(phone_).size(), 3U);
    EXPECT_EQ(scheduled(laptop).size(), 3U);
    for (Person* each : {&phone_, &laptop}) {
      each->kill();
      each->start();
    }
  }
  world_.pass(hours(50));
  world_.settle();
  EXPECT_EQ(bob_.texts(false).size(), 3U);
  for (Person* each : {&phone_, &laptop}) {
    EXPECT_TRUE(scheduled(*each).empty());
    EXPECT_EQ(each->texts(true).size(), 3U);
  }
}

TEST_F(DeviceSync, a_draft_too_long_to_be_told_stays_and_keeps_back_nothing_else) {
  Person& laptop = link_whole();
  const ChatId chat = bob_.chat().chat;
  const std::string draft(20'000, 'd');
  SetChat set{chat, {}, {}, true, {}, draft};
  ASSERT_TRUE(phone_.ask(set).has_value());
  world_.settle();
  EXPECT_TRUE(laptop.chat().settings.pinned);
  EXPECT_EQ(laptop.chat().settings.draft, "");
  ASSERT_TRUE(laptop.ask(SetChat{chat, {}, true, {}, {}, {}}).has_value());
  world_.settle();
  EXPECT_TRUE(phone_.chat().settings.archived);
  EXPECT_EQ(phone_.chat().settings.draft, draft);
}

TEST_F(DeviceSync, what_is_set_for_a_chat_while_it_comes_to_a_device_is_so_there) {
  const ChatId chat = bob_.chat().chat;
  // It may happen at any moment between the offer of the chat and its welcome.
  for (int effects = 1; effects < 60; effects += 7) {
    SCOPED_TRACE(effects);
    Person& fresh = link("Laptop " + std::to_string(effects));
    const bool pinned = effects % 2 == 1;
    int seen = 0;
    fresh.on_effect = [&](const Effect&) {
      if (++seen == effects) phone_.give(SetChat{chat, {}, {}, pinned, {}, "draft " + std::to_string(effects)});
    };
    ASSERT_TRUE(is_whole(fresh));
    world_.settle();
    fresh.on_effect = nullptr;
    ASSERT_GE(seen, effects);
    for (Person* each : {&phone_, &fresh}) {
      EXPECT_EQ(each->chat().settings.pinned, pinned);
      EXPECT_EQ(each->chat().settings.draft, "draft " + std::to_string(effects));
    }
    for (const DeviceInfo& device : devices(phone_).devices) {
      if (!device.own) must<Nothing>(phone_, RemoveDevice{device.device, {}});
    }
    fresh.kill();
    world_.settle();
  }
}

TEST_F(DeviceSync, a_name_that_another_device_has_claimed_is_not_lost_by_claiming_one) {
  must<NameClaimed>(phone_, ClaimName{"anna", ""});
  Person& laptop = link_whole();
  EXPECT_EQ(refusal(laptop, ClaimName{"other", ""}), kHasName);
  world_.settle();
  must<NameResolved>(bob_, ResolveName{"anna", "", world_.home_link()});
  EXPECT_EQ(refusal(bob_, ResolveName{"other", "", world_.home_link()}), kNoSuchName);
  must<Nothing>(phone_, ReleaseName{});
  world_.settle();
  must<NameClaimed>(laptop, ClaimName{"other", ""});
}

TEST_F(DeviceSync, what_was_read_before_it_came_as_history_disappears_too) {
  const ChatId chat = bob_.chat().chat;
  must<MessageQueued>(bob_, SetDisappearing{chat, 60});
  bob_.say("burn this");
  world_.settle();
  Person& laptop = link("Laptop");
  bool read = false;
  laptop.on_batch = [&](const StoreBatch&) {
    // As soon as the chat is there, and before its history is.
    if (read || !has_notice<ChatChanged>(laptop)) return;
    read = true;
    laptop.give(MarkRead{chat, Position{1'000}});
  };
  ASSERT_TRUE(is_whole(laptop));
  laptop.on_batch = nullptr;
  ASSERT_TRUE(read);
  world_.pass(minutes(3));
  // On the phone nobody has read it, and so its time has not begun there.
  for (const std::string& text : all_texts(laptop, chat)) EXPECT_EQ(text.find("burn"), std::string::npos) << text;
}

TEST_F(DeviceSync, what_was_written_for_later_on_a_device_that_is_off_is_said_by_another_once) {
  Person& laptop = link_whole();
  const Instant due = world_.now + hours(24);
  schedule(phone_, "good morning", hours(24));
  phone_.kill();
  world_.pass(due + kScheduledPatience - minutes(2) - world_.now);
  EXPECT_TRUE(bob_.texts(false).empty());
  world_.pass(minutes(10));
  world_.settle();
  EXPECT_EQ(bob_.texts(false), Texts{"good morning"});
  phone_.start();
  world_.settle();
  world_.pass(hours(1));
  EXPECT_EQ(bob_.texts(false), Texts{"good morning"});
  EXPECT_EQ(phone_.texts(true), Texts{"good morning"});
  EXPECT_EQ(laptop.texts(true), Texts{"good morning"});
  EXPECT_TRUE(scheduled(phone_).empty());
}

TEST_F(DeviceSync, what_was_written_for_later_goes_with_its_chat) {
  Person& laptop = link_whole();
  schedule(phone_, "never said", hours(24));
  schedule(laptop, "nor this", hours(24));
  must<Nothing>(laptop, DeleteChat{bob_.chat().chat});
  world_.settle();
  EXPECT_TRUE(scheduled(phone_).empty());
  EXPECT_TRUE(scheduled(laptop).empty());
  world_.pass(hours(26));
  world_.settle();
  EXPECT_TRUE(bob_.texts(false).empty());
}

TEST_F(DeviceSync, what_was_written_for_later_is_taken_back_on_any_device) {
  Person& laptop = link_whole();
  schedule(phone_, "on the phone", hours(5));
  schedule(laptop, "on the laptop", hours(5));
  for (const ScheduledInfo& each : scheduled(laptop)) {
    must<Nothing>(laptop, CancelScheduled{bob_.chat().chat, each.number});
  }
  world_.settle();
  EXPECT_TRUE(scheduled(phone_).empty());
  EXPECT_TRUE(scheduled(laptop).empty());
  EXPECT_EQ(refusal(laptop, CancelScheduled{bob_.chat().chat, 1}), ErrorCode{kNoSuchMessage});
  world_.pass(hours(6));
  EXPECT_TRUE(bob_.texts(false).empty());
}

TEST_F(DeviceSync, a_channel_that_is_followed_is_so_on_all_devices) {
  const ChannelInfo channel = must<ChannelMade>(bob_, NewChannel{"News", "of the day", false}).channel;
  must<Posted>(bob_, Post{channel.channel, "first"});
  must<ChannelFollowed>(phone_, FollowChannel{channel.link});
  Person& laptop = link_whole();
  const auto channels = [&](Person& person) { return must<Channels>(person, ListChannels{}).channels; };
  ASSERT_TRUE(world_.run_until([&] { return channels(laptop).size() == 1; }));
  EXPECT_EQ(channels(laptop)[0].name, "News");
  EXPECT_TRUE(world_.run_until([&] { return must<Posts>(laptop, ReadChannel{channel.channel}).posts.size() == 1; }));
  const ChannelInfo other = must<ChannelMade>(bob_, NewChannel{"Weather", "", true}).channel;
  must<ChannelFollowed>(laptop, FollowChannel{other.link});
  EXPECT_TRUE(world_.run_until([&] { return channels(phone_).size() == 2; })) << "also what is followed later";
  must<Nothing>(laptop, UnfollowChannel{channel.channel});
  EXPECT_TRUE(world_.run_until([&] { return channels(phone_).size() == 1; }));
  phone_.kill();
  phone_.start();
  world_.settle();
  ASSERT_EQ(channels(phone_).size(), 1U);
  EXPECT_EQ(channels(phone_)[0].name, "Weather");
}

}  // namespace
}  // namespace godwit::testworld
