// What becomes of the chats when an account gets another device, and when it loses one.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/errors.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

TEST_F(DeviceChats, a_new_device_comes_into_the_chat_with_its_history) {
  phone_.say("one");
  world_.settle();
  const MessageId two = bob_.say("two");
  world_.settle();
  const ChatId chat = phone_.chat().chat;
  ASSERT_TRUE(phone_.ask(React{chat, two, "👍"}).has_value());
  ASSERT_TRUE(phone_.ask(MarkRead{chat, phone_.chat().last}).has_value());
  ASSERT_TRUE(phone_.ask(SetChat{chat, std::nullopt, std::nullopt, true}).has_value());
  world_.settle();
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  EXPECT_EQ(all_texts(laptop), (Texts{"> one", "< two"}));
  const ChatInfo info = laptop.chat();
  EXPECT_EQ(info.chat, chat);
  EXPECT_EQ(info.name, phone_.chat().name);
  EXPECT_EQ(info.read, info.last) << "what was read on the phone is read here";
  EXPECT_TRUE(info.settings.pinned == phone_.chat().settings.pinned);
  ASSERT_EQ(laptop.history().size(), 2U);
  ASSERT_EQ(laptop.history().back().reactions.size(), 1U);
  EXPECT_TRUE(laptop.history().back().reactions.front().own);
  world_.settle();
  EXPECT_EQ(laptop.history().front().delivery, Delivery::kDelivered);
  const auto members = std::get<Members>(*bob_.ask(ListMembers{chat}));
  ASSERT_EQ(members.members.size(), 2U) << "to Bob it is one person";
}

TEST_F(DeviceChats, what_one_device_says_is_on_the_other_and_what_comes_is_on_both) {
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  laptop.say("from the laptop");
  ASSERT_TRUE(until_text(bob_, "< from the laptop"));
  EXPECT_TRUE(until_text(phone_, "> from the laptop"));
  phone_.say("from the phone");
  ASSERT_TRUE(until_text(bob_, "< from the phone"));
  EXPECT_TRUE(until_text(laptop, "> from the phone"));
  bob_.say("hello both");
  EXPECT_TRUE(until_text(phone_, "< hello both"));
  EXPECT_TRUE(until_text(laptop, "< hello both"));
  world_.settle();
  EXPECT_EQ(all_texts(phone_), all_texts(laptop));
  for (const Message& each : bob_.history()) {
    if (each.own) {
      EXPECT_EQ(each.delivery, Delivery::kDelivered);
    }
  }
  for (Person* device : {&phone_, &laptop}) {
    for (const Message& each : device->history()) {
      if (each.own) {
        EXPECT_EQ(each.delivery, Delivery::kDelivered) << each.text;
      }
    }
  }
}

TEST_F(DeviceChats, peers_never_see_the_name_of_a_device) {
  Person& laptop = link("Secret kitchen laptop");
  ASSERT_TRUE(is_whole(laptop));
  laptop.say("hello");
  ASSERT_TRUE(until_text(bob_, "< hello"));
  for (const ChatInfo& each : bob_.chats()) {
    const auto members = bob_.ask(ListMembers{each.chat});
    ASSERT_TRUE(members.has_value());
    for (const MemberShown& member : std::get<Members>(*members).members) {
      EXPECT_EQ(member.name.find("kitchen"), std::string::npos);
    }
  }
}

TEST_F(DeviceChats, a_long_history_comes_whole_though_both_devices_die_on_the_way) {
  const ChatId chat = phone_.chat().chat;
  constexpr int kMessages = 700;
  for (int i = 0; i < kMessages; ++i) {
    (i % 3 == 0 ? bob_ : phone_).give(SendText{i % 3 == 0 ? bob_.chat().chat : chat, "message " + std::to_string(i)});
    if (i % 50 == 0) world_.settle();
  }
  world_.settle();
  const Texts all = all_texts(phone_);
  ASSERT_EQ(all.size(), size_t{kMessages});
  Person& laptop = link("Laptop");
  // Whichever of the two stores one to three batches first dies with that, again and again, until nothing is left to do.
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
  ASSERT_TRUE(is_whole(laptop));
  EXPECT_EQ(all_texts(laptop), all);
}

TEST_F(DeviceChats, what_is_said_while_a_device_comes_in_is_on_it_once) {
  for (int i = 0; i < 20; ++i) bob_.say("before " + std::to_string(i));
  Person& laptop = world_.add();
  link(phone_, laptop, "Laptop");
  for (int i = 0; i < 40; ++i) {
    phone_.say("mine " + std::to_string(i));
    bob_.say("his " + std::to_string(i));
    world_.pass(seconds(1));
  }
  ASSERT_TRUE(is_whole(laptop));
  world_.pass(minutes(5));
  world_.settle();
  EXPECT_EQ(all_texts(phone_).size(), 100U);
  EXPECT_EQ(all_texts(laptop), all_texts(phone_));
}

TEST_F(DeviceChats, chats_that_one_device_makes_later_come_to_the_other) {
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  Person& clara = world_.add();
  ASSERT_TRUE(clara.ask(NewAccount{"Clara", world_.home_link()}).has_value());
  const auto invite = laptop.ask(MakeInvite{});
  ASSERT_TRUE(clara.ask(AddContact{std::get<InviteMade>(*invite).link}).has_value());
  ASSERT_TRUE(world_.run_until([&] { return phone_.chats().size() == 2; }));
  const auto group = phone_.ask(NewGroup{"friends"});
  ASSERT_TRUE(group.has_value());
  const ChatId friends = std::get<ChatMade>(*group).chat.chat;
  std::vector<AccountId> others;
  for (const ChatInfo& each : phone_.chats()) {
    if (!each.group) others.push_back(each.peer);
  }
  ASSERT_EQ(others.size(), 2U);
  ASSERT_TRUE(phone_.ask(AddMembers{friends, others}).has_value());
  ASSERT_TRUE(world_.run_until([&] { return laptop.chats().size() == 3 && clara.chats().size() == 2; }));
  ASSERT_TRUE(laptop.ask(SendText{friends, "hello friends"}).has_value());
  for (Person* person : {&clara, &bob_, &phone_}) {
    EXPECT_TRUE(world_.run_until([&] { return !all_texts(*person, friends).empty(); }));
  }
  EXPECT_EQ(all_texts(clara, friends), Texts{"< hello friends"});
  EXPECT_EQ(all_texts(phone_, friends), Texts{"> hello friends"});
  EXPECT_EQ(devices_in(clara, friends, "Alice"), devices_in(bob_, friends, "Alice"));
}

TEST_F(DeviceChats, a_device_that_slept_longer_than_the_log_is_kept_is_brought_back_by_another_own_one) {
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  const ChatId chat = phone_.chat().chat;
  bob_.say("before");
  world_.settle();
  laptop.kill();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(bob_.ask(RefreshKeys{chat}).has_value());
  bob_.say("meanwhile");
  phone_.say("and this");
  world_.settle();
  auto& disk = world_.home_disk_to_change();
  std::vector<Bytes> entries;
  for (const auto& [key, value] : disk.records()) {
    if (key.size() > 2 && key[0] == 'R' && key[1] == 'e') entries.push_back(key);  // layout.h, records.h
  }
  ASSERT_GT(entries.size(), 1U);
  for (size_t i = 0; i + 1 < entries.size(); ++i) disk.erase(entries[i]);
  disk.sync();
  laptop.start();
  world_.pass(hours(3));
  EXPECT_EQ(laptop.chat().epoch, phone_.chat().epoch);
  bob_.say("hi");
  laptop.say("here again");
  world_.settle();
  EXPECT_EQ(all_texts(phone_), (Texts{"< before", "< meanwhile", "> and this", "< hi", "> here again"}));
  Texts of_laptop = all_texts(laptop);
  std::ranges::sort(of_laptop);
  EXPECT_EQ(of_laptop, (Texts{"< before", "< hi", "< meanwhile", "> and this", "> here again"}));
  EXPECT_EQ(devices_in(bob_, chat, "Alice"), 2U);
}

TEST_F(DeviceChats, saved_messages_are_on_all_own_devices_and_nobody_else_comes_in) {
  const auto made = phone_.ask(OpenSaved{});
  ASSERT_TRUE(made.has_value());
  const ChatId saved = std::get<ChatMade>(*made).chat.chat;
  EXPECT_TRUE(std::get<ChatMade>(*made).chat.saved);
  ASSERT_TRUE(phone_.ask(SendText{saved, "milk"}).has_value());
  const auto milk = phone_.ask(ReadHistory{saved, std::nullopt, 10});
  ASSERT_TRUE(milk.has_value());
  EXPECT_EQ(std::get<Messages>(*milk).messages.at(0).delivery, Delivery::kSent) << "there is nobody to wait for";
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop, 2));
  const auto found = laptop.ask(OpenSaved{});
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(std::get<ChatMade>(*found).chat.chat, saved) << "not one of its own";
  ASSERT_TRUE(laptop.ask(SendText{saved, "bread"}).has_value());
  world_.settle();
  for (Person* each : {&phone_, &laptop}) EXPECT_EQ(all_texts(*each, saved), (Texts{"> milk", "> bread"}));
  const auto add = phone_.ask(AddMembers{saved, {phone_.chats().back().peer, laptop.chats().front().peer}});
  ASSERT_FALSE(add.has_value());
  EXPECT_EQ(add.error().code, kNotAllowed);
  const auto open = phone_.ask(MakeGroupLink{saved, false, 0, 0});
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, kNotAllowed);
}

TEST_F(DeviceChats, a_removed_device_reads_nothing_after_that_and_every_chat_heals) {
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  world_.settle();
  const ChatId chat = phone_.chat().chat;
  const uint64_t epoch = bob_.chat().epoch;
  ASSERT_TRUE(phone_.ask(RemoveDevice{own_id(laptop), {}}).has_value());
  ASSERT_TRUE(world_.run_until([&] { return bob_.chat().epoch > epoch; }));
  world_.settle();
  const auto count = [&](Person& as_seen_by) {
    uint32_t devices = 0;
    const auto members = as_seen_by.ask(ListMembers{chat});
    if (!members) return devices;
    for (const MemberShown& each : std::get<Members>(*members).members) devices += each.devices;
    return devices;
  };
  EXPECT_EQ(count(bob_), 2U);
  EXPECT_EQ(count(phone_), 2U);
  bob_.say("not for the laptop");
  phone_.say("nor this");
  EXPECT_TRUE(until_text(phone_, "< not for the laptop"));
  EXPECT_TRUE(until_text(bob_, "< nor this"));
  world_.pass(hours(2));
  EXPECT_EQ(all_texts(laptop), Texts{});
  EXPECT_EQ(devices(phone_).devices.size(), 1U);
}

TEST_F(DeviceChats, what_is_read_muted_and_drafted_on_one_device_is_so_on_the_other) {
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  bob_.say("read me");
  ASSERT_TRUE(until_text(laptop, "< read me"));
  ASSERT_TRUE(until_text(phone_, "< read me"));
  const ChatId chat = laptop.chat().chat;
  ASSERT_TRUE(laptop.ask(MarkRead{chat, laptop.chat().last}).has_value());
  EXPECT_TRUE(world_.run_until([&] { return phone_.chat().read == phone_.chat().last; }));
  SetChat set;
  set.chat = chat;
  set.pinned = true;
  set.draft = "Dear Bob";
  ASSERT_TRUE(phone_.ask(set).has_value());
  EXPECT_TRUE(world_.run_until([&] { return laptop.chat().settings.draft == "Dear Bob"; }));
  EXPECT_TRUE(laptop.chat().settings.pinned);
  ASSERT_TRUE(laptop.ask(MarkVerified{chat}).has_value());
  EXPECT_TRUE(world_.run_until([&] { return phone_.chat().verified; }));
  const AccountId bob = phone_.chat().peer;
  const auto blocked = [&](Person& person) { return std::get<BlockedAccounts>(*person.ask(ListBlocked{})).accounts; };
  ASSERT_TRUE(laptop.ask(BlockAccount{bob}).has_value());
  EXPECT_TRUE(world_.run_until([&] { return blocked(phone_) == std::vector{bob}; }));
  ASSERT_TRUE(phone_.ask(UnblockAccount{bob}).has_value());
  EXPECT_TRUE(world_.run_until([&] { return blocked(laptop).empty(); }));
}

TEST_F(DeviceChats, three_devices_and_the_one_that_linked_them_is_lost) {
  bob_.say("for all");
  world_.settle();
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop));
  Person& tablet = world_.add();
  link(laptop, tablet, "Tablet");
  ASSERT_TRUE(is_whole(tablet));
  EXPECT_EQ(all_texts(tablet), Texts{"< for all"});
  const DeviceId lost = own_id(phone_);
  phone_.kill();
  ASSERT_TRUE(laptop.ask(RemoveDevice{lost, {}}).has_value());
  world_.pass(minutes(10));
  world_.settle();
  bob_.say("after");
  EXPECT_TRUE(until_text(laptop, "< after"));
  EXPECT_TRUE(until_text(tablet, "< after"));
  phone_.start();
  world_.pass(minutes(30));
  EXPECT_EQ(all_texts(phone_), Texts{"< for all"});
}

class LeavingWithDevices : public DeviceChats {
 protected:
  // A group of Bob's with both devices of Alice in it.
  void make_friends(Person& laptop) {
    const auto made = bob_.ask(NewGroup{"friends"});
    ASSERT_TRUE(made.has_value());
    friends_ = std::get<ChatMade>(*made).chat.chat;
    const auto chats = bob_.chats();
    const AccountId alice = chats.front().group ? chats.back().peer : chats.front().peer;
    ASSERT_TRUE(bob_.ask(AddMembers{friends_, {alice}}).has_value());
    ASSERT_TRUE(
        world_.run_until([&] { return devices_in(bob_, friends_, "Alice") == 2 && laptop.chats().size() == 2; }));
  }
  size_t members() { return std::get<Members>(*bob_.ask(ListMembers{friends_})).members.size(); }
  bool is_member(Person& person) {
    for (const ChatInfo& chat : person.chats()) {
      if (chat.chat == friends_) return chat.member;
    }
    return false;
  }

  ChatId friends_;
};

TEST_F(LeavingWithDevices, who_leaves_a_group_on_one_device_leaves_it_on_all) {
  Person& laptop = link_whole();
  ASSERT_NO_FATAL_FAILURE(make_friends(laptop));
  ASSERT_TRUE(laptop.ask(LeaveGroup{friends_}).has_value());
  EXPECT_TRUE(world_.run_until([&] { return members() == 1; }));
  world_.pass(hours(2));
  EXPECT_EQ(members(), 1U) << "nobody lets the other in again";
}

TEST_F(LeavingWithDevices, one_that_sleeps_is_out_with_the_one_that_leaves) {
  Person& laptop = link_whole();
  ASSERT_NO_FATAL_FAILURE(make_friends(laptop));
  laptop.kill();
  ASSERT_TRUE(phone_.ask(LeaveGroup{friends_}).has_value());
  EXPECT_TRUE(world_.run_until([&] { return members() == 1; }));
  ASSERT_TRUE(bob_.ask(SendText{friends_, "nobody hears this"}).has_value());
  laptop.start();
  EXPECT_TRUE(world_.run_until([&] { return !is_member(laptop); }));
  EXPECT_EQ(all_texts(laptop, friends_), Texts{});
}

TEST_F(DeviceChats, who_comes_back_by_the_words_has_the_names_of_contacts_and_meets_them_again) {
  Person& anna = world_.add();
  const auto made = anna.ask(NewAccount{"Anna", world_.home_link()});
  ASSERT_TRUE(made.has_value());
  const auto invite = bob_.ask(MakeInvite{});
  ASSERT_TRUE(anna.ask(AddContact{std::get<InviteMade>(*invite).link}).has_value());
  ASSERT_TRUE(world_.run_until([&] { return bob_.chats().size() == 2; }));
  world_.settle();
  world_.pass(minutes(5));
  anna.kill();
  Person& fresh = world_.add();
  const auto back =
      fresh.ask(RecoverAccount{std::get<AccountMade>(*made).recovery_key, world_.home_link(), "New phone", {}});
  ASSERT_TRUE(back.has_value()) << back.error().code.name;
  EXPECT_EQ(std::get<AccountRecovered>(*back).contacts, std::vector<std::string>{"Bob"});
  const auto to_meet = [](Person& person) { return std::get<Account>(*person.ask(ReadAccount{})).former_contacts; };
  fresh.kill();
  fresh.start();
  EXPECT_EQ(to_meet(fresh), std::vector<std::string>{"Bob"});
  // It is lost as well, before anybody was met.
  world_.pass(minutes(5));
  fresh.kill();
  Person& third = world_.add();
  const auto once_more =
      third.ask(RecoverAccount{std::get<AccountMade>(*made).recovery_key, world_.home_link(), "Third", {}});
  ASSERT_TRUE(once_more.has_value());
  EXPECT_EQ(std::get<AccountRecovered>(*once_more).contacts, std::vector<std::string>{"Bob"});
  const auto again = bob_.ask(MakeInvite{});
  ASSERT_TRUE(third.ask(AddContact{std::get<InviteMade>(*again).link}).has_value());
  ASSERT_TRUE(world_.run_until([&] { return bob_.chats().size() == 3; }));
  for (const ChatInfo& each : bob_.chats()) {
    if (each.peer == std::get<AccountMade>(*made).account) {
      EXPECT_EQ(each.name, "Anna");
    }
  }
  ASSERT_TRUE(third.ask(SendText{third.chat().chat, "it is me"}).has_value());
  EXPECT_TRUE(world_.run_until([&] { return all_texts(bob_, third.chat().chat) == Texts{"< it is me"}; }));
  EXPECT_TRUE(to_meet(third).empty());
}

}  // namespace
}  // namespace godwit::testworld
