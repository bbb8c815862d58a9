// How far one's own messages have come, and when it is said that one is lost.

#include "tests/engine/asking.h"
#include "tests/engine/groups.h"

namespace godwit::testworld {
namespace {

using engine::Delivery;
using engine::MessageId;

class Receipts : public Groups {
 protected:
  MessageId send(size_t i, const std::string& text) {
    return must<engine::MessageQueued>(person(i), engine::SendText{group, text}).message.id;
  }
  // Whether somebody was told that a message is lost, now or ever.
  bool told_expired(size_t i) {
    return std::ranges::any_of(person(i).notices, [](const engine::Notice& each) {
      const auto* moved = std::get_if<engine::MessageMoved>(&each);
      return moved != nullptr && moved->delivery == Delivery::kExpired;
    });
  }
};

TEST_F(Receipts, saved_messages_never_expire) {
  group = must<engine::ChatMade>(person(0), engine::OpenSaved{}).chat.chat;
  const MessageId id = send(0, "keep this");
  world.settle();
  world.pass(days(40));
  EXPECT_EQ(message(0, id).delivery, Delivery::kSent);
  EXPECT_FALSE(told_expired(0));
}

TEST_F(Receipts, group_message_that_somebody_has_does_not_expire) {
  make_group(3);
  person(2).kill();
  const MessageId id = send(0, "hello");
  world.settle();
  world.pass(days(31));
  EXPECT_EQ(message(0, id).delivery, Delivery::kSent) << "one has it, one sleeps";
  EXPECT_FALSE(told_expired(0));
}

TEST_F(Receipts, group_message_that_nobody_has_expires) {
  make_group(3);
  person(1).kill();
  person(2).kill();
  const MessageId id = send(0, "hello");
  world.settle();
  world.pass(days(31));
  EXPECT_EQ(message(0, id).delivery, Delivery::kExpired);
  EXPECT_TRUE(told_expired(0));
}

}  // namespace
}  // namespace godwit::testworld
