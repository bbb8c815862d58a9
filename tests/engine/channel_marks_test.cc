// What is unread in a channel, and what of it is told; with a real home core.

#include <algorithm>

#include "engine/channel_marks.h"
#include "engine/errors.h"
#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

// Bob writes, the account of the phone reads.
class ChannelMarks : public DeviceChats {
 protected:
  void follow(const std::vector<std::string>& before = {}) {
    channel_ = must<ChannelMade>(bob_, NewChannel{"News", "", false}).channel;
    for (const std::string& text : before) post(text);
    must<ChannelFollowed>(phone_, FollowChannel{channel_.link});
    world_.settle();
  }
  uint64_t post(const std::string& text) { return must<Posted>(bob_, engine::Post{channel_.channel, text}).post; }
  ChannelInfo info(Person& person) {
    for (const ChannelInfo& each : must<Channels>(person, ListChannels{}).channels) {
      if (each.channel == channel_.channel) return each;
    }
    return {};
  }
  std::string newest(Person& person) {
    const ChannelInfo found = info(person);
    return found.newest ? found.newest->text : "";
  }
  bool unread(Person& person, uint32_t count) {
    return world_.run_until([&] { return info(person).unread == count; });
  }
  static Texts news(const Person& person) {
    Texts out;
    for (const Notice& each : person.notices) {
      const auto* posted = std::get_if<ChannelPosted>(&each);
      if (posted != nullptr && posted->news) out.push_back(posted->post.text);
    }
    return out;
  }
  void restart(Person& person) {
    person.kill();
    person.start();
    world_.settle();
  }
  ChannelInfo channel_;
};

TEST_F(ChannelMarks, posts_that_come_are_unread_and_news_and_those_of_before_are_not) {
  follow({"old", "older"});
  ASSERT_TRUE(world_.run_until([&] { return newest(phone_) == "older"; }));
  EXPECT_EQ(info(phone_).unread, 0U);
  EXPECT_TRUE(news(phone_).empty());
  const uint64_t first = post("first");
  const uint64_t second = post("second");
  ASSERT_TRUE(unread(phone_, 2));
  EXPECT_EQ(news(phone_), (Texts{"first", "second"}));
  EXPECT_EQ(newest(phone_), "second");
  restart(phone_);
  EXPECT_EQ(info(phone_).unread, 2U);
  EXPECT_EQ(newest(phone_), "second") << "also when nothing has come since the start";
  must<Nothing>(phone_, MarkChannelRead{channel_.channel, first});
  EXPECT_EQ(info(phone_).unread, 1U);
  EXPECT_EQ(info(phone_).read, first);
  must<Nothing>(phone_, MarkChannelRead{channel_.channel, second + 1'000});
  must<Nothing>(phone_, MarkChannelRead{channel_.channel, first});
  EXPECT_EQ(info(phone_).unread, 0U) << "nothing becomes unread again";
  restart(phone_);
  EXPECT_EQ(info(phone_).unread, 0U);
  post("third");
  EXPECT_TRUE(unread(phone_, 1)) << "what comes later is unread, whatever was marked";
  // Its writer has none.
  EXPECT_EQ(info(bob_).unread, 0U);
  EXPECT_EQ(newest(bob_), "third");
  EXPECT_TRUE(news(bob_).empty());
  EXPECT_EQ(refusal(phone_, MarkChannelRead{{}, 1}), kNoSuchChannel);
  EXPECT_EQ(refusal(phone_, SetChannel{{}, Instant{1}}), kNoSuchChannel);
}

TEST_F(ChannelMarks, a_list_has_the_beginning_of_the_newest_post) {
  follow();
  std::string text = "x";
  while (text.size() < 10'000) text += "я";
  must<Posted>(bob_,
               engine::Post{channel_.channel, text, {}, {{0, 601, SpanStyle::kBold}, {601, 2, SpanStyle::kItalic}}});
  ASSERT_TRUE(unread(phone_, 1));
  const ChannelInfo found = info(phone_);
  ASSERT_TRUE(found.newest.has_value());
  EXPECT_EQ(found.newest->text, text.substr(0, 511)) << "cut between characters";
  ASSERT_EQ(found.newest->spans.size(), 1U);
  EXPECT_EQ(found.newest->spans.front().length, 511U);
  const auto read = must<Posts>(phone_, ReadChannel{channel_.channel, 0, 1}).posts;
  ASSERT_EQ(read.size(), 1U);
  EXPECT_EQ(read.front().text, text);
  EXPECT_EQ(read.front().spans.size(), 2U);
}

TEST_F(ChannelMarks, an_edit_is_no_news_and_what_is_taken_away_is_not_unread) {
  follow();
  const uint64_t first = post("frist");
  const uint64_t second = post("second");
  ASSERT_TRUE(unread(phone_, 2));
  must<Posted>(bob_, EditPost{channel_.channel, first, "first"});
  must<Posted>(bob_, EditPost{channel_.channel, second, "second!"});
  ASSERT_TRUE(world_.run_until([&] { return newest(phone_) == "second!"; }));
  EXPECT_EQ(info(phone_).unread, 2U);
  EXPECT_EQ(news(phone_), (Texts{"frist", "second"}));
  must<Posted>(bob_, DeletePost{channel_.channel, second});
  ASSERT_TRUE(unread(phone_, 1));
  EXPECT_TRUE(world_.run_until([&] { return newest(phone_) == "first"; })) << "the one before is the newest now";
  must<Nothing>(phone_, MarkChannelRead{channel_.channel, first});
  must<Posted>(bob_, EditPost{channel_.channel, first, "first!"});
  ASSERT_TRUE(world_.run_until([&] { return newest(phone_) == "first!"; }));
  EXPECT_EQ(info(phone_).unread, 0U) << "what was read is not unread for being edited";
  must<Posted>(bob_, DeletePost{channel_.channel, first});
  EXPECT_TRUE(world_.run_until([&] { return !info(phone_).newest; }));
}

TEST_F(ChannelMarks, a_post_that_was_edited_before_it_came_is_news_once) {
  follow();
  phone_.kill();
  const uint64_t first = post("frist");
  must<Posted>(bob_, EditPost{channel_.channel, first, "fisrt"});
  must<Posted>(bob_, EditPost{channel_.channel, first, "first"});
  phone_.start();
  ASSERT_TRUE(unread(phone_, 1));
  EXPECT_EQ(news(phone_), (Texts{"first"}));
}

TEST_F(ChannelMarks, what_one_device_has_read_is_read_on_the_others_also_on_one_that_comes_later) {
  follow();
  const uint64_t first = post("first");
  post("second");
  ASSERT_TRUE(unread(phone_, 2));
  must<Nothing>(phone_, MarkChannelRead{channel_.channel, first});
  Person& laptop = link_whole();
  ASSERT_TRUE(unread(laptop, 1)) << "it is told what the others have read";
  EXPECT_TRUE(news(laptop).empty()) << "what was there when it came is told by nobody";
  const uint64_t third = post("third");
  ASSERT_TRUE(unread(laptop, 2) && unread(phone_, 2));
  must<Nothing>(laptop, MarkChannelRead{channel_.channel, third});
  EXPECT_TRUE(unread(phone_, 0));
  restart(phone_);
  EXPECT_EQ(info(phone_).unread, 0U);
  // Seen on the laptop while the phone was away: it is no news there.
  phone_.kill();
  const uint64_t fourth = post("fourth");
  ASSERT_TRUE(unread(laptop, 1));
  must<Nothing>(laptop, MarkChannelRead{channel_.channel, fourth});
  world_.settle();
  phone_.start();
  ASSERT_TRUE(world_.run_until([&] { return newest(phone_) == "fourth" && info(phone_).read == fourth; }));
  EXPECT_EQ(info(phone_).unread, 0U);
}

TEST_F(ChannelMarks, a_channel_is_muted_on_all_devices) {
  follow();
  Person& laptop = link_whole();
  ASSERT_TRUE(world_.run_until([&] { return info(laptop).channel == channel_.channel; }));
  EXPECT_FALSE(info(laptop).muted_until);
  must<Nothing>(laptop, SetChannel{channel_.channel, Instant{1'900'000'000'000}});
  EXPECT_EQ(info(laptop).muted_until, Instant{1'900'000'000'000});
  EXPECT_TRUE(world_.run_until([&] { return info(phone_).muted_until == Instant{1'900'000'000'000}; }));
  must<Nothing>(phone_, SetChannel{channel_.channel, {}});
  EXPECT_TRUE(info(phone_).muted_until) << "what is left out stays";
  restart(phone_);
  EXPECT_TRUE(info(phone_).muted_until);
  post("quiet");
  EXPECT_TRUE(unread(phone_, 1)) << "it is unread as others are";
  must<Nothing>(phone_, SetChannel{channel_.channel, Instant{0}});
  EXPECT_TRUE(world_.run_until([&] { return !info(laptop).muted_until; }));
}

TEST_F(ChannelMarks, who_follows_again_begins_anew) {
  follow();
  post("first");
  ASSERT_TRUE(unread(phone_, 1));
  must<Nothing>(phone_, UnfollowChannel{channel_.channel});
  must<ChannelFollowed>(phone_, FollowChannel{channel_.link});
  ASSERT_TRUE(world_.run_until([&] { return newest(phone_) == "first"; }));
  EXPECT_EQ(info(phone_).unread, 0U);
  post("second");
  EXPECT_TRUE(unread(phone_, 1));
}

TEST(ChannelMark, counts_a_thousand_posts_and_not_more) {
  Channel channel;
  channel.mark.begun = true;
  constexpr uint64_t kAll = kUnreadPostsMax + 5;
  const ChannelContent content;
  for (uint64_t each = 1; each <= kAll; ++each) EXPECT_TRUE(note_post(channel, each, content));
  EXPECT_EQ(channel.mark.unread.size(), kUnreadPostsMax);
  EXPECT_EQ(channel.mark.unread.front(), 6U) << "the newest are";
  EXPECT_FALSE(note_post(channel, 3, content)) << "an edit of one that is not counted";
  EXPECT_EQ(channel.mark.unread.size(), kUnreadPostsMax);
  EXPECT_EQ(channel.newest->post, kAll);
}

}  // namespace
}  // namespace godwit::testworld
