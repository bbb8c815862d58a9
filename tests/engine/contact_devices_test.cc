// A contact gets another device: it is shown, and whose safety number was compared is not written to before that is answered for.

#include "engine/errors.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class ContactDevices : public DeviceChats {
 protected:
  // Bob, who knows the account, sees that the laptop has come.
  Person& link_seen() {
    Person& laptop = link("Laptop");
    EXPECT_TRUE(is_whole(laptop));
    world_.settle();
    return laptop;
  }
  // What was told of new devices.
  static std::vector<ContactDevicesChanged> told(const Person& person) {
    std::vector<ContactDevicesChanged> out;
    for (const Notice& each : person.notices) {
      if (const auto* changed = std::get_if<ContactDevicesChanged>(&each)) out.push_back(*changed);
    }
    return out;
  }
  ErrorCode send(Person& from, const std::string& text) {
    return refusal(from, SendText{from.chats().front().chat, text});
  }
};

TEST_F(ContactDevices, a_new_device_is_shown_and_holds_up_nobody_who_was_not_verified) {
  EXPECT_FALSE(bob_.chat().new_devices);
  link_seen();
  ASSERT_EQ(told(bob_).size(), 1U);
  EXPECT_EQ(told(bob_)[0].name, phone_.chats().empty() ? "" : bob_.chat().name);
  EXPECT_FALSE(told(bob_)[0].held);
  EXPECT_TRUE(bob_.chat().new_devices);
  EXPECT_EQ(send(bob_, "hello"), ErrorCode{});
  ASSERT_TRUE(until_text(phone_, "< hello"));
  must<Nothing>(bob_, AcknowledgeDevices{bob_.chat().chat});
  EXPECT_FALSE(bob_.chat().new_devices);
  bob_.kill();
  bob_.start();
  EXPECT_FALSE(bob_.chat().new_devices) << "also after a restart";
  EXPECT_TRUE(told(phone_).empty()) << "one's own devices are another matter";
}

TEST_F(ContactDevices, who_was_verified_is_not_written_to_before_his_new_device_is_known) {
  const ChatId chat = bob_.chat().chat;
  must<Nothing>(bob_, MarkVerified{chat});
  const MessageId before = bob_.say("before");
  world_.settle();
  Person& laptop = link_seen();
  ASSERT_EQ(told(bob_).size(), 1U);
  EXPECT_TRUE(told(bob_)[0].held);
  bob_.kill();
  bob_.start();
  EXPECT_TRUE(bob_.chat().verified && bob_.chat().new_devices);
  EXPECT_EQ(send(bob_, "secret"), ErrorCode{kNewDevices});
  EXPECT_EQ(refusal(bob_, React{chat, before, "👍"}), ErrorCode{kNewDevices});
  EXPECT_EQ(refusal(bob_, EditMessage{chat, before, "more", {}, {}}), ErrorCode{kNewDevices});
  phone_.say("are you there?");
  EXPECT_TRUE(until_text(bob_, "< are you there?"));
  EXPECT_EQ(refusal(bob_, DeleteMessage{chat, before, true}), ErrorCode{}) << "nothing is told with that";
  must<Nothing>(bob_, AcknowledgeDevices{chat});
  EXPECT_EQ(send(bob_, "secret"), ErrorCode{});
  EXPECT_TRUE(until_text(laptop, "< secret"));
}

TEST_F(ContactDevices, what_waits_to_go_out_does_not_go_to_a_device_that_nobody_knows) {
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  must<ScheduledQueued>(bob_, ScheduleMessage{bob_.chat().chat, world_.now + hours(5), "in five hours", {}, {}, {}});
  Person& laptop = link_seen();
  world_.pass(hours(10));
  EXPECT_EQ(all_texts(laptop), Texts{});
  EXPECT_EQ(all_texts(phone_), Texts{});
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  EXPECT_TRUE(until_text(laptop, "< in five hours"));
  EXPECT_TRUE(until_text(phone_, "< in five hours"));
}

TEST_F(ContactDevices, a_device_that_went_again_is_no_matter_any_more) {
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  Person& laptop = link_seen();
  const DeviceId thief = own_id(laptop);
  EXPECT_TRUE(bob_.chat().new_devices);
  must<Nothing>(phone_, RemoveDevice{thief, {}});
  world_.settle();
  world_.pass(minutes(10));
  EXPECT_FALSE(bob_.chat().new_devices);
  EXPECT_EQ(send(bob_, "hello"), ErrorCode{});
}

TEST_F(ContactDevices, ones_own_devices_agree_about_what_is_known) {
  Person& tablet = world_.add();
  link(bob_, tablet, "Tablet");
  ASSERT_TRUE(is_whole(tablet));
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  world_.settle();
  link_seen();
  EXPECT_TRUE(bob_.chat().new_devices);
  EXPECT_TRUE(tablet.chat().new_devices);
  EXPECT_EQ(send(tablet, "secret"), ErrorCode{kNewDevices});
  must<Nothing>(tablet, AcknowledgeDevices{tablet.chat().chat});
  world_.settle();
  EXPECT_FALSE(bob_.chat().new_devices);
  EXPECT_EQ(send(bob_, "secret"), ErrorCode{});
}

TEST_F(ContactDevices, a_device_that_comes_later_learns_what_is_not_known) {
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  link_seen();
  Person& tablet = world_.add();
  link(bob_, tablet, "Tablet");
  ASSERT_TRUE(is_whole(tablet));
  world_.settle();
  EXPECT_TRUE(tablet.chat().new_devices);
  EXPECT_EQ(send(tablet, "secret"), ErrorCode{kNewDevices});
}

TEST_F(ContactDevices, in_a_group_it_is_shown_and_holds_up_nothing) {
  const ChatInfo direct = bob_.chat();
  const ChatId group = must<ChatMade>(bob_, NewGroup{"friends"}).chat.chat;
  must<Nothing>(bob_, AddMembers{group, {direct.peer}});
  must<Nothing>(bob_, MarkVerified{direct.chat});
  world_.settle();
  bob_.notices.clear();
  Person& laptop = link("Laptop");
  ASSERT_TRUE(is_whole(laptop, 2));
  world_.settle();
  bool in_group = false;
  for (const auto& each : told(bob_)) in_group = in_group || (each.chat == group && !each.held);
  EXPECT_TRUE(in_group);
  EXPECT_EQ(refusal(bob_, SendText{group, "hello all"}), ErrorCode{});
  EXPECT_EQ(refusal(bob_, SendText{direct.chat, "hello"}), ErrorCode{kNewDevices});
}

TEST_F(ContactDevices, who_was_verified_is_so_in_another_chat_of_the_same_account) {
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  must<Nothing>(phone_, MarkVerified{phone_.chat().chat});
  const auto invite = must<InviteMade>(phone_, MakeInvite{});
  const ChatInfo fresh = must<ChatMade>(bob_, AddContact{invite.link}).chat;
  world_.settle();
  EXPECT_TRUE(fresh.verified);
  ASSERT_EQ(phone_.chats().size(), 2U);
  for (const ChatInfo& each : phone_.chats()) EXPECT_TRUE(each.verified);
  EXPECT_FALSE(fresh.new_devices);
}

}  // namespace
}  // namespace godwit::testworld
