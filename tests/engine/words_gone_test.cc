// Words that are gone: in no record of their author's profile.

#include "engine/errors.h"
#include "engine/record_key.h"
#include "tests/engine/asking.h"

namespace godwit::testworld {
namespace {

using engine::MessageId;
using Texts = std::vector<std::string>;

class WordsGone : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    world.meet(alice, bob);
    world.settle();
  }
  engine::ChatId chat() { return bob.chat().chat; }
  // Bob says something and says it otherwise.
  MessageId say_twice() {
    const MessageId id = bob.say("blackberry");
    must<engine::Nothing>(bob, engine::EditMessage{chat(), id, "elderberry", {}, {}});
    return id;
  }
  // Records on Bob's disk that have this in them once they are opened, of all kinds.
  size_t records_with(std::string_view text) {
    size_t found = 0;
    for (const auto& [key, value] : bob.disk().records()) {
      const auto opened = engine::open_record(bob.key(), key, value);
      EXPECT_TRUE(opened.has_value());
      if (opened && as_text(opened->reveal()).find(text) != std::string_view::npos) ++found;
    }
    return found;
  }
  size_t records_with_words() { return records_with("blackberry") + records_with("elderberry"); }

  World world;
  Person& alice = world.add();
  Person& bob = world.add();
};

TEST_F(WordsGone, edited_message_that_was_taken_back) {
  const MessageId id = say_twice();
  const MessageId other = bob.say("gooseberry");
  must<engine::Nothing>(bob, engine::EditMessage{chat(), other, "cranberry", {}, {}});
  world.settle();
  EXPECT_GT(records_with_words(), 0U);
  must<engine::Nothing>(bob, engine::DeleteMessage{chat(), id, true});
  world.settle();
  EXPECT_EQ(records_with_words(), 0U);
  EXPECT_EQ(records_with("cranberry"), 2U) << "what was said otherwise of another one stays, to be said again";
}

TEST_F(WordsGone, edited_message_that_was_taken_back_after_a_restart) {
  const MessageId id = say_twice();
  world.settle();
  bob.kill();
  bob.start();
  must<engine::Nothing>(bob, engine::DeleteMessage{chat(), id, true});
  world.settle();
  EXPECT_EQ(records_with_words(), 0U);
}

TEST_F(WordsGone, edited_message_that_has_disappeared) {
  must<engine::MessageQueued>(bob, engine::SetDisappearing{chat(), 3600});
  say_twice();
  world.settle();
  EXPECT_GT(records_with_words(), 0U);
  world.pass(hours(3));
  EXPECT_EQ(records_with_words(), 0U);
}

TEST_F(WordsGone, edit_that_nobody_has_fetched_goes_with_its_message) {
  const MessageId id = bob.say("blackberry");
  world.settle();
  bob.online = false;
  world.cut(bob);
  must<engine::Nothing>(bob, engine::EditMessage{chat(), id, "elderberry", {}, {}});
  must<engine::Nothing>(bob, engine::DeleteMessage{chat(), id, true});
  world.pass(minutes(1));
  EXPECT_EQ(records_with_words(), 0U) << "neither said nor waiting to be";
  bob.online = true;
  world.settle();
  world.pass(minutes(10));
  const auto got = must<engine::MessageFound>(alice, engine::ReadMessage{chat(), id}).message;
  EXPECT_TRUE(got.deleted.has_value()) << "that it is taken back is still told";
}

TEST_F(WordsGone, message_removed_here_alone) {
  const MessageId id = say_twice();
  world.settle();
  must<engine::Nothing>(bob, engine::DeleteMessage{chat(), id, false});
  world.settle();
  EXPECT_EQ(records_with_words(), 0U);
  EXPECT_EQ(alice.texts(false), Texts{"elderberry"});
}

}  // namespace
}  // namespace godwit::testworld
