// Channels, with a real home core.

#include <gtest/gtest.h>

#include "engine/errors.h"
#include "tests/engine/world.h"

namespace godwit::testworld {
namespace {

using namespace engine;

class ChannelTest : public ::testing::Test {
 protected:
  World world;
  Person& alice = world.add();
  Person& bob = world.add();

  void SetUp() override {
    for (Person* person : {&alice, &bob}) {
      person->start();
      ASSERT_TRUE(person->ask(NewAccount{"Somebody", world.home_link()}).has_value());
    }
  }
  template <typename T>
  T must(Person& person, Command command) {
    auto answer = person.ask(std::move(command));
    EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().code.name);
    return answer ? std::get<T>(*answer) : T{};
  }
  ErrorCode refusal(Person& person, Command command) {
    const auto answer = person.ask(std::move(command));
    return answer ? ErrorCode{} : answer.error().code;
  }
  ChannelInfo make(bool is_public) {
    return must<ChannelMade>(alice, NewChannel{"News", "of the day", is_public}).channel;
  }
  std::vector<std::string> texts(Person& person, const wire::ChannelId& channel) {
    std::vector<std::string> out;
    for (const PostInfo& post : must<Posts>(person, ReadChannel{channel}).posts) out.push_back(post.text);
    return out;
  }
  bool shows(Person& person, const wire::ChannelId& channel, const std::vector<std::string>& wanted) {
    return world.run_until([&] { return texts(person, channel) == wanted; });
  }
};

TEST_F(ChannelTest, followers_read_what_was_and_hear_what_comes) {
  for (const bool is_public : {true, false}) {
    const ChannelInfo channel = make(is_public);
    must<Posted>(alice, Post{channel.channel, "first"});
    const ChannelInfo followed = must<ChannelFollowed>(bob, FollowChannel{channel.link}).channel;
    EXPECT_EQ(followed.name, "News");
    EXPECT_FALSE(followed.own);
    EXPECT_TRUE(shows(bob, channel.channel, {"first"}));
    must<Posted>(alice, Post{channel.channel, "second"});
    EXPECT_TRUE(shows(bob, channel.channel, {"first", "second"}));
    EXPECT_TRUE(shows(alice, channel.channel, {"first", "second"}));
  }
}

TEST_F(ChannelTest, posts_are_edited_and_taken_away) {
  const ChannelInfo channel = make(false);
  must<ChannelFollowed>(bob, FollowChannel{channel.link});
  const uint64_t first = must<Posted>(alice, Post{channel.channel, "frist"}).post;
  const uint64_t second = must<Posted>(alice, Post{channel.channel, "second"}).post;
  ASSERT_TRUE(shows(alice, channel.channel, {"frist", "second"}));
  must<Posted>(alice, EditPost{channel.channel, first, "first"});
  must<Posted>(alice, DeletePost{channel.channel, second});
  EXPECT_TRUE(shows(bob, channel.channel, {"first"}));
  EXPECT_TRUE(must<Posts>(bob, ReadChannel{channel.channel}).posts.at(0).edited);
  Person& carol = world.add();
  carol.start();
  ASSERT_TRUE(carol.ask(NewAccount{"Carol", world.home_link()}).has_value());
  must<ChannelFollowed>(carol, FollowChannel{channel.link});
  EXPECT_TRUE(shows(carol, channel.channel, {"first"}));
}

TEST_F(ChannelTest, only_the_owner_writes) {
  const ChannelInfo channel = make(true);
  must<ChannelFollowed>(bob, FollowChannel{channel.link});
  EXPECT_EQ(refusal(bob, Post{channel.channel, "mine"}), kNotChannelOwner);
  EXPECT_EQ(refusal(bob, Post{wire::ChannelId{}, "mine"}), engine::kNoSuchChannel);
  EXPECT_EQ(refusal(alice, EditPost{channel.channel, 99, "x"}), kNoSuchPost);
  EXPECT_EQ(refusal(alice, UnfollowChannel{channel.channel}), engine::kNoSuchChannel);
}

TEST_F(ChannelTest, a_channel_goes_on_after_a_restart_of_either_side) {
  const ChannelInfo channel = make(false);
  must<ChannelFollowed>(bob, FollowChannel{channel.link});
  must<Posted>(alice, Post{channel.channel, "one"});
  ASSERT_TRUE(shows(bob, channel.channel, {"one"}));
  for (Person* person : {&alice, &bob}) {
    person->kill();
    person->start();
  }
  must<Posted>(alice, Post{channel.channel, "two"});
  EXPECT_TRUE(shows(bob, channel.channel, {"one", "two"}));
}

TEST_F(ChannelTest, a_channel_that_ended_is_told_as_gone) {
  const ChannelInfo channel = make(true);
  must<ChannelFollowed>(bob, FollowChannel{channel.link});
  must<Nothing>(alice, EndChannel{channel.channel});
  EXPECT_TRUE(must<Channels>(alice, ListChannels{}).channels.empty());
  EXPECT_TRUE(world.run_until([&] {
    const auto channels = must<Channels>(bob, ListChannels{}).channels;
    return channels.size() == 1 && channels[0].trouble && channels[0].trouble->code == kChannelGone;
  }));
  must<Nothing>(bob, UnfollowChannel{channel.channel});
}

}  // namespace
}  // namespace godwit::testworld
