// Chats and histories are deleted: out of sight at once, off the disk soon, on all own devices, and for good.

#include "engine/deleting.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/errors.h"
#include "tests/engine/asking.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

// Records that tell what was said, or that something was.
constexpr RecordKind kOfHistory[] = {RecordKind::kHistory, RecordKind::kState,  RecordKind::kOrder,
                                     RecordKind::kPlace,   RecordKind::kPinned, RecordKind::kExpiry};

class Deleting : public Groups {
 protected:
  size_t count(Person& who, RecordKind kind, const ChatId& chat) {
    const Bytes prefix = record_key(kind, chat.view());
    return static_cast<size_t>(std::ranges::count_if(who.disk().records(), [&](const auto& entry) {
      return entry.first.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), entry.first.begin());
    }));
  }
  size_t count_of_history(Person& who, const ChatId& chat) {
    size_t out = 0;
    for (const RecordKind kind : kOfHistory) out += count(who, kind, chat);
    return out;
  }
  // Of any kind but what says that the chat was deleted; and not those that stand under something else's id.
  size_t count_all(Person& who, const ChatId& chat) {
    return static_cast<size_t>(std::ranges::count_if(who.disk().records(), [&](const auto& entry) {
      const auto kind = static_cast<RecordKind>(entry.first.front());
      const ByteView id = ByteView(entry.first).subspan(1);
      return kind != RecordKind::kDeletion && id.size() >= ChatId::kSize && equal(id.first(ChatId::kSize), chat.view());
    }));
  }
  Texts texts(Person& who, const ChatId& chat) {
    const auto answer = who.ask(ReadHistory{chat, std::nullopt, 200});
    Texts out;
    if (!answer) return out;
    for (const Message& each : std::get<Messages>(*answer).messages) {
      if (!each.line) out.push_back(each.text);
    }
    return out;
  }
  std::vector<ChatInfo> chats(Person& who, bool hidden) { return must<Chats>(who, ListChats{hidden}).chats; }
  static bool has(const std::vector<ChatInfo>& all, const ChatId& chat) {
    return std::ranges::any_of(all, [&](const ChatInfo& each) { return each.chat == chat; });
  }
  size_t found(Person& who, const std::string& query) {
    SearchMessages command;
    command.query = query;
    command.count = 100;
    return must<SearchResults>(who, command).messages.size();
  }
  template <typename T>
  static size_t told(const Person& person) {
    return static_cast<size_t>(
        std::ranges::count_if(person.notices, [](const Notice& each) { return std::holds_alternative<T>(each); }));
  }
  void restart(Person& who) {
    who.kill();
    who.start();
    world.settle();
  }
  ChatId direct() {
    meet(0, 1);
    return person(0).chat().chat;
  }
  ChatId imported(Person& who, size_t messages, const std::string& word) {
    ChatId chat;
    for (size_t first = 0; first < messages; first += 1000) {
      ImportMessages batch{"whatsapp Clara", "Clara", std::nullopt, {}};
      for (size_t i = first; i < std::min(messages, first + 1000); ++i) {
        batch.messages.push_back({"Clara",
                                  false,
                                  Instant{1'000'000 + static_cast<int64_t>(i)},
                                  word + " " + std::to_string(i),
                                  "",
                                  "",
                                  false,
                                  false,
                                  false,
                                  false,
                                  {}});
      }
      chat = must<ImportDone>(who, std::move(batch)).chat;
    }
    return chat;
  }
  // It dies when the disk has taken so many batches, before the next one goes there.
  static void kill_at_batch(Person& who, size_t at, size_t* largest = nullptr) {
    who.on_effect = [&who, at, largest, batches = size_t{0}](const Effect& effect) mutable {
      const auto* batch = std::get_if<StoreBatch>(&effect);
      if (batch == nullptr) return;
      if (largest != nullptr) *largest = std::max(*largest, batch->changes.size());
      if (++batches > at) who.kill();
    };
  }
  // Its disk is as it was.
  void go_back_to(Person& who, const std::map<Bytes, Bytes>& records) {
    who.kill();
    for (const auto& [key, value] : std::map<Bytes, Bytes>(who.disk().records())) who.disk().erase(key);
    for (const auto& [key, value] : records) who.disk().put(key, value);
    who.start();
    world.settle();
  }
  Person& second_device() {
    Person& fresh = world.add(quiet());
    const auto offered = must<LinkingOffered>(person(0), StartLinking{});
    const CommandId id = fresh.give(LinkDevice{"Laptop", offered.link, {}, {}});
    person(0).notices.clear();
    EXPECT_TRUE(world.run_until([&] { return told<DeviceAsks>(person(0)) > 0; }));
    EXPECT_TRUE(person(0).ask(ConfirmLinking{true}).has_value());
    EXPECT_TRUE(world.run_until([&] { return fresh.answer(id) != nullptr; }));
    EXPECT_TRUE(world.run_until([&] {
      const auto devices = must<engine::OwnDevices>(fresh, ListDevices{});
      return !fresh.chats().empty() && devices.histories_to_come == 0;
    }));
    world.pass(minutes(10));
    return fresh;
  }
};

TEST_F(Deleting, a_chat_is_out_of_sight_until_the_next_message_and_nothing_of_its_history_is_on_the_disk) {
  const ChatId chat = direct();
  for (size_t i = 0; i < 20; ++i) person(i % 2).say("turnip " + std::to_string(i));
  world.settle();
  must<Nothing>(person(0), SetChat{chat, {}, true, true, {}, "draft"});
  const MessageId pinned = person(0).say("turnip pinned");
  must<Nothing>(person(0), PinMessage{chat, pinned, true});
  must<ScheduledQueued>(person(0), ScheduleMessage{chat, world.now + days(1), "later"});
  world.settle();
  ASSERT_EQ(found(person(0), "turnip"), 21U);
  person(0).notices.clear();
  must<Nothing>(person(0), DeleteChat{chat});
  EXPECT_TRUE(texts(person(0), chat).empty());
  EXPECT_EQ(found(person(0), "turnip"), 0U);
  EXPECT_TRUE(must<Messages>(person(0), ListPinned{chat}).messages.empty());
  EXPECT_TRUE(must<ScheduledMessages>(person(0), ListScheduled{chat}).scheduled.empty());
  EXPECT_EQ(testworld::refusal(person(0), ReadMessage{chat, pinned}), kNoSuchMessage);
  EXPECT_TRUE(chats(person(0), false).empty());
  const auto hidden = chats(person(0), true);
  ASSERT_EQ(hidden.size(), 1U);
  EXPECT_TRUE(hidden[0].hidden);
  EXPECT_FALSE(hidden[0].newest.has_value());
  EXPECT_TRUE(hidden[0].settings.draft.empty());
  EXPECT_FALSE(hidden[0].settings.pinned);
  EXPECT_EQ(told<HistoryCleared>(person(0)), 1U);
  world.settle();
  EXPECT_EQ(count_of_history(person(0), chat), 0U);
  EXPECT_EQ(texts(person(1), chat).size(), 21U) << "the other one keeps what he has";
  restart(person(0));
  EXPECT_TRUE(chats(person(0), false).empty());
  EXPECT_TRUE(texts(person(0), chat).empty());
  EXPECT_EQ(count_of_history(person(0), chat), 0U);
  // What is said now begins anew.
  person(0).notices.clear();
  person(1).say("hello again");
  world.settle();
  ASSERT_EQ(chats(person(0), false).size(), 1U);
  EXPECT_FALSE(chats(person(0), false)[0].hidden);
  EXPECT_EQ(texts(person(0), chat), Texts{"hello again"});
  EXPECT_EQ(told<MessageReceived>(person(0)), 1U);
  must<MessageQueued>(person(0), SendText{chat, "and to you"});
  world.settle();
  restart(person(0));
  EXPECT_EQ(texts(person(0), chat), (Texts{"hello again", "and to you"}));
}

TEST_F(Deleting, the_history_alone_may_go_and_the_chat_stays_in_sight) {
  const ChatId chat = direct();
  for (int i = 0; i < 5; ++i) person(1).say("turnip");
  world.settle();
  must<Nothing>(person(0), SetChat{chat, {}, {}, true, {}, "dear"});
  must<Nothing>(person(0), DeleteChat{chat, true});
  ASSERT_EQ(chats(person(0), false).size(), 1U);
  const ChatInfo info = chats(person(0), false)[0];
  EXPECT_EQ(info.settings.draft, "dear");
  EXPECT_TRUE(info.settings.pinned);
  EXPECT_EQ(info.read, info.last) << "nothing is unread";
  EXPECT_TRUE(texts(person(0), chat).empty());
  world.settle();
  EXPECT_EQ(count_of_history(person(0), chat), 0U);
}

TEST_F(Deleting, a_long_history_goes_some_at_a_time_and_a_crash_anywhere_brings_nothing_back) {
  const ChatId chat = direct();
  person(1).online = false;
  world.cut(person(1));
  constexpr size_t kMany = 1'500;
  for (size_t i = 0; i < kMany; ++i) must<MessageQueued>(person(0), SendText{chat, "turnip " + std::to_string(i)});
  person(1).online = true;
  world.pass(hours(1));
  restart(person(0));
  ASSERT_EQ(texts(person(0), chat).size(), 200U);
  const auto before = person(0).disk().records();
  size_t largest = 0;
  size_t halves = 0;
  size_t survived = 0;
  for (size_t batches = 1; survived < 2; ++batches) {
    SCOPED_TRACE(batches);
    ASSERT_LT(batches, 100U);
    go_back_to(person(0), before);
    kill_at_batch(person(0), batches, &largest);
    person(0).give(DeleteChat{chat});
    world.settle();
    person(0).on_effect = nullptr;
    if (person(0).alive()) ++survived;
    const size_t left = count(person(0), RecordKind::kHistory, chat);
    if (left > 0 && left < kMany) ++halves;
    person(0).kill();
    person(0).start();
    EXPECT_TRUE(texts(person(0), chat).empty());
    EXPECT_EQ(found(person(0), "turnip"), 0U);
    EXPECT_TRUE(chats(person(0), false).empty());
    world.settle();
    EXPECT_EQ(count_of_history(person(0), chat), 0U);
  }
  EXPECT_GE(halves, 4U) << "it is not one batch";
  EXPECT_LT(largest, 4'000U);
  EXPECT_EQ(texts(person(1), chat).size(), 200U);
}

TEST_F(Deleting, a_message_that_comes_while_records_are_erased_stays) {
  const ChatId chat = direct();
  for (int i = 0; i < 40; ++i) person(1).say("turnip");
  world.settle();
  person(0).give(DeleteChat{chat});
  person(1).say("stays");
  world.settle();
  EXPECT_EQ(texts(person(0), chat), Texts{"stays"});
  EXPECT_EQ(count(person(0), RecordKind::kHistory, chat), 1U);
  restart(person(0));
  EXPECT_EQ(texts(person(0), chat), Texts{"stays"});
  EXPECT_EQ(found(person(0), "stays"), 1U);
  EXPECT_EQ(found(person(0), "turnip"), 0U);
}

TEST_F(Deleting, what_has_not_gone_out_is_not_sent_any_more) {
  const ChatId chat = direct();
  person(0).online = false;
  world.cut(person(0));
  const MessageId regretted = must<MessageQueued>(person(0), SendText{chat, "regretted"}).message.id;
  must<Nothing>(person(0), EditMessage{chat, regretted, "regretted even more"});
  must<Nothing>(person(0), DeleteChat{chat});
  person(0).online = true;
  world.pass(minutes(10));
  EXPECT_TRUE(texts(person(1), chat).empty());
}

TEST_F(Deleting, an_edit_of_before_is_not_kept_to_be_said_again) {
  const ChatId chat = direct();
  const MessageId message = person(0).say("first");
  world.settle();
  must<Nothing>(person(0), EditMessage{chat, message, "second"});
  must<Nothing>(person(0), React{chat, message, "+", false});
  world.settle();
  ASSERT_EQ(count(person(0), RecordKind::kSaid, chat), 2U);
  must<Nothing>(person(0), DeleteChat{chat});
  world.settle();
  EXPECT_EQ(count(person(0), RecordKind::kSaid, chat), 1U) << "the reaction tells nothing of what was said";
}

TEST_F(Deleting, the_other_one_may_be_blocked_as_well) {
  const ChatId chat = direct();
  person(1).say("rude");
  world.settle();
  must<Nothing>(person(0), DeleteChat{chat, false, true});
  world.settle();
  EXPECT_EQ(must<BlockedAccounts>(person(0), ListBlocked{}).accounts, std::vector{account(1)});
  person(1).say("ruder");
  world.pass(minutes(10));
  EXPECT_TRUE(chats(person(0), false).empty());
  EXPECT_TRUE(texts(person(0), chat).empty());
}

TEST_F(Deleting, a_group_that_one_has_left_goes_wholly) {
  make_group(3);
  for (size_t i = 0; i < 3; ++i) say(i, "turnip");
  world.settle();
  must<Nothing>(person(1), LeaveGroup{group});
  world.pass(minutes(5));
  ASSERT_FALSE(info(1).member);
  ASSERT_GT(count_all(person(1), group), 0U);
  person(1).notices.clear();
  must<Nothing>(person(1), DeleteChat{group});
  EXPECT_FALSE(has(chats(person(1), true), group));
  EXPECT_EQ(told<ChatGone>(person(1)), 1U);
  EXPECT_EQ(refusal(1, ReadHistory{group, std::nullopt, 10}), kNoSuchChat);
  EXPECT_EQ(refusal(1, SendText{group, "x"}), kNoSuchChat);
  EXPECT_EQ(refusal(1, DeleteChat{group}), kNoSuchChat);
  EXPECT_EQ(found(person(1), "turnip"), 0U);
  world.settle();
  EXPECT_EQ(count_all(person(1), group), 0U);
  restart(person(1));
  EXPECT_FALSE(has(chats(person(1), true), group));
  EXPECT_EQ(count_all(person(1), group), 0U);
  EXPECT_EQ(count(person(1), RecordKind::kDeletion, group), 0U) << "the next start has nothing left to look for";
  EXPECT_EQ(found(person(1), "turnip"), 0U);
  // The others go on; and who comes back begins anew.
  must<Nothing>(person(0), AddMembers{group, {account(1)}});
  world.pass(minutes(5));
  say(0, "welcome back");
  world.settle();
  ASSERT_TRUE(has(chats(person(1), false), group));
  EXPECT_EQ(heard(1), Texts{"welcome back"});
  restart(person(1));
  EXPECT_EQ(heard(1), Texts{"welcome back"});
}

TEST_F(Deleting, who_comes_back_before_the_program_ends_begins_anew_as_well) {
  make_group(2);
  say(0, "turnip");
  world.settle();
  must<Nothing>(person(1), LeaveGroup{group});
  world.pass(minutes(5));
  must<Nothing>(person(1), DeleteChat{group});
  world.settle();
  must<Nothing>(person(0), AddMembers{group, {account(1)}});
  world.pass(minutes(5));
  say(0, "welcome back");
  say(1, "thanks");
  world.settle();
  EXPECT_EQ(heard(1), Texts{"welcome back"});
  EXPECT_EQ(heard(0), Texts{"thanks"});
  restart(person(1));
  EXPECT_EQ(heard(1), Texts{"welcome back"});
  EXPECT_EQ(found(person(1), "welcome"), 1U);
  EXPECT_EQ(found(person(1), "turnip"), 0U);
  say(0, "turnip again");
  world.settle();
  EXPECT_EQ(heard(1), (Texts{"welcome back", "turnip again"}));
  EXPECT_EQ(found(person(1), "turnip"), 1U);
}

TEST_F(Deleting, a_crash_in_the_middle_of_a_group_that_goes_is_no_damage) {
  make_group(3);
  for (int i = 0; i < 30; ++i) say(0, "turnip " + std::to_string(i));
  world.settle();
  must<Nothing>(person(1), LeaveGroup{group});
  world.pass(minutes(5));
  const auto before = person(1).disk().records();
  size_t survived = 0;
  for (size_t batches = 1; survived < 2; ++batches) {
    ASSERT_LT(batches, 100U);
    SCOPED_TRACE(batches);
    go_back_to(person(1), before);
    kill_at_batch(person(1), batches);
    person(1).give(DeleteChat{group});
    world.settle();
    person(1).on_effect = nullptr;
    if (person(1).alive()) ++survived;
    person(1).kill();
    person(1).start();
    world.settle();
    EXPECT_EQ(told<Trouble>(person(1)), 0U);
    EXPECT_FALSE(has(chats(person(1), true), group));
    EXPECT_EQ(count_all(person(1), group), 0U);
  }
}

TEST_F(Deleting, a_group_that_is_deleted_before_one_leaves_goes_when_one_has_left) {
  make_group(3);
  say(0, "turnip");
  world.settle();
  must<Nothing>(person(1), LeaveGroup{group});
  must<Nothing>(person(1), DeleteChat{group});
  EXPECT_FALSE(has(chats(person(1), false), group));
  world.pass(minutes(5));
  EXPECT_FALSE(has(chats(person(1), true), group));
  EXPECT_EQ(count_all(person(1), group), 0U);
}

TEST_F(Deleting, an_imported_chat_goes_wholly_and_may_be_imported_again) {
  Person& who = person(0);
  const ChatId chat = imported(who, 6'000, "turnip");
  ASSERT_EQ(found(who, "turnip"), 100U) << "and there are more";
  ASSERT_GT(count(who, RecordKind::kKeptMessage, chat), 0U);
  EXPECT_EQ(refusal(0, DeleteChat{chat, true}), kChatOnlyKept);
  who.notices.clear();
  must<Nothing>(who, DeleteChat{chat});
  EXPECT_EQ(told<ChatGone>(who), 1U);
  EXPECT_TRUE(chats(who, true).empty());
  EXPECT_EQ(found(who, "turnip"), 0U);
  EXPECT_EQ(refusal(0, ReadHistory{chat, std::nullopt, 10}), kNoSuchChat);
  world.settle();
  EXPECT_EQ(count_all(who, chat), 0U);
  EXPECT_EQ(count(who, RecordKind::kDeletion, chat), 0U);
  restart(who);
  EXPECT_TRUE(chats(who, true).empty());
  EXPECT_EQ(found(who, "turnip"), 0U);
  EXPECT_EQ(imported(who, 10, "parsnip"), chat);
  EXPECT_EQ(found(who, "parsnip"), 10U);
  EXPECT_EQ(found(who, "turnip"), 0U);
  restart(who);
  EXPECT_EQ(found(who, "parsnip"), 10U);
}

TEST_F(Deleting, an_imported_chat_whose_deleting_was_cut_short_does_not_come_back) {
  Person& who = person(0);
  const ChatId chat = imported(who, 6'000, "turnip");
  restart(who);
  kill_at_batch(who, 2);
  who.give(DeleteChat{chat});
  world.settle();
  ASSERT_FALSE(who.alive());
  who.on_effect = nullptr;
  ASSERT_GT(count(who, RecordKind::kKeptMessage, chat), 0U);
  who.start();
  EXPECT_TRUE(chats(who, true).empty());
  EXPECT_EQ(found(who, "turnip"), 0U);
  world.settle();
  EXPECT_EQ(count_all(who, chat), 0U);
}

TEST_F(Deleting, it_goes_on_all_own_devices_and_nothing_that_was_not_seen_goes) {
  const ChatId chat = direct();
  for (int i = 0; i < 10; ++i) person(1).say("turnip");
  world.settle();
  Person& laptop = second_device();
  ASSERT_EQ(texts(laptop, chat).size(), 10U);
  // The phone sleeps: what comes meanwhile only the laptop has.
  must<Nothing>(person(0), DeleteChat{chat});
  world.settle();
  EXPECT_TRUE(texts(laptop, chat).empty());
  EXPECT_TRUE(chats(laptop, false).empty());
  EXPECT_EQ(count_of_history(laptop, chat), 0U);
  EXPECT_EQ(found(laptop, "turnip"), 0U);
  person(1).say("hello again");
  world.settle();
  for (Person* each : {&person(0), &laptop}) {
    EXPECT_EQ(texts(*each, chat), Texts{"hello again"});
    EXPECT_EQ(chats(*each, false).size(), 1U);
  }
  // What the phone has not got when it deletes stays with the laptop, which nobody has looked at.
  person(0).kill();
  person(1).say("while the phone slept");
  world.settle();
  person(0).start({});
  person(0).online = false;
  must<Nothing>(person(0), DeleteChat{chat, true});
  person(0).online = true;
  world.pass(minutes(5));
  EXPECT_EQ(texts(person(0), chat), Texts{"while the phone slept"});
  EXPECT_EQ(texts(laptop, chat), Texts{"while the phone slept"});
}

TEST_F(Deleting, a_device_that_slept_and_one_that_is_new_do_not_bring_it_back) {
  const ChatId chat = direct();
  for (int i = 0; i < 10; ++i) person(1).say("turnip");
  world.settle();
  Person& laptop = second_device();
  laptop.kill();
  must<Nothing>(person(0), DeleteChat{chat});
  world.settle();
  person(1).say("kept");
  world.settle();
  laptop.start();
  world.pass(minutes(2));
  EXPECT_EQ(texts(laptop, chat), Texts{"kept"});
  EXPECT_EQ(count(laptop, RecordKind::kHistory, chat), 1U);
  Person& tablet = world.add(quiet());
  const auto offered = must<LinkingOffered>(laptop, StartLinking{});
  const CommandId id = tablet.give(LinkDevice{"Tablet", offered.link, {}, {}});
  laptop.notices.clear();
  ASSERT_TRUE(world.run_until([&] { return told<DeviceAsks>(laptop) > 0; }));
  must<Nothing>(laptop, ConfirmLinking{true});
  ASSERT_TRUE(world.run_until([&] { return tablet.answer(id) != nullptr; }));
  world.pass(minutes(30));
  EXPECT_EQ(texts(tablet, chat), Texts{"kept"});
}

TEST_F(Deleting, a_new_device_does_not_show_a_chat_that_is_out_of_sight) {
  const ChatId chat = direct();
  meet(0, 2);
  person(1).say("turnip");
  world.settle();
  must<Nothing>(person(0), DeleteChat{chat});
  world.settle();
  Person& laptop = second_device();
  EXPECT_FALSE(has(chats(laptop, false), chat));
  EXPECT_TRUE(has(chats(laptop, true), chat));
  must<MessageQueued>(person(1), SendText{chat, "hello again"});
  world.settle();
  EXPECT_TRUE(has(chats(laptop, false), chat));
  EXPECT_EQ(texts(laptop, chat), Texts{"hello again"});
}

}  // namespace
}  // namespace godwit::testworld
