// Posts of channels are found as messages are, and not any more when they are gone.

#include <gtest/gtest.h>

#include "engine/record_key.h"
#include "engine/search_index.h"
#include "tests/engine/asking.h"

namespace godwit::testworld {
namespace {

using namespace engine;
using Texts = std::vector<std::string>;

class ChannelSearch : public ::testing::Test {
 protected:
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  ChannelInfo channel;

  void SetUp() override {
    world.meet(alice, bob);
    channel = must<ChannelMade>(alice, NewChannel{"News", "", false}).channel;
  }
  void follow() {
    must<ChannelFollowed>(bob, FollowChannel{channel.link});
    world.settle();
  }
  uint64_t post(const std::string& text) {
    const uint64_t made = must<Posted>(alice, Post{channel.channel, text}).post;
    EXPECT_TRUE(world.run_until([&] { return here(bob).empty() || here(bob).back().post >= made; }));
    return made;
  }
  std::vector<PostInfo> here(Person& person) {
    const auto posts = person.ask(ReadChannel{channel.channel, 0, 200});
    return posts ? std::get<Posts>(*posts).posts : std::vector<PostInfo>{};
  }
  Texts find(Person& person, const std::string& query, SearchMessages command = {}) {
    command.query = query;
    Texts out;
    for (const FoundPost& each : must<SearchResults>(person, command).posts) {
      EXPECT_EQ(each.channel, channel.channel);
      out.push_back(each.post.text);
    }
    return out;
  }
  void restart(Person& person) {
    person.kill();
    person.start();
    world.settle();
  }
  size_t records_with(std::string_view text) {
    size_t found = 0;
    for (const auto& [key, value] : bob.disk().records()) {
      const auto opened = open_record(bob.key(), key, value);
      if (opened && as_text(opened->reveal()).find(text) != std::string_view::npos) ++found;
    }
    return found;
  }
};

TEST_F(ChannelSearch, posts_are_found_before_and_after_a_start_newest_first) {
  post("tea at four");
  post("coffee");
  follow();
  post("more tea");
  for (Person* each : {&bob, &alice}) EXPECT_EQ(find(*each, "tea"), (Texts{"more tea", "tea at four"}));
  restart(bob);
  EXPECT_EQ(find(bob, "tea"), (Texts{"more tea", "tea at four"}));
  post("the last tea");
  EXPECT_EQ(find(bob, "tea"), (Texts{"the last tea", "more tea", "tea at four"}));
  EXPECT_TRUE(find(bob, "cocoa").empty());
}

TEST_F(ChannelSearch, what_was_edited_is_found_as_it_is_now_and_what_was_taken_away_is_not) {
  follow();
  const uint64_t first = post("tea");
  const uint64_t second = post("tea too");
  EXPECT_EQ(find(bob, "tea").size(), 2U);
  must<Posted>(alice, EditPost{channel.channel, first, "cocoa"});
  must<Posted>(alice, DeletePost{channel.channel, second});
  ASSERT_TRUE(world.run_until([&] { return here(bob).size() == 1 && here(bob)[0].text == "cocoa"; }));
  for (int start = 0; start < 2; ++start) {
    EXPECT_TRUE(find(bob, "tea").empty());
    EXPECT_EQ(find(bob, "cocoa"), (Texts{"cocoa"}));
    restart(bob);
  }
}

TEST_F(ChannelSearch, one_channel_or_chat_or_author_is_looked_into_and_pages_count_both) {
  follow();
  post("tea one");
  post("tea two");
  must<MessageQueued>(bob, SendText{bob.chat().chat, "tea of mine"});
  world.settle();
  SearchMessages command;
  command.channel = channel.channel;
  EXPECT_EQ(find(bob, "tea", command), (Texts{"tea two", "tea one"}));
  command.query = "tea";
  EXPECT_TRUE(must<SearchResults>(bob, command).messages.empty());
  SearchMessages in_chat;
  in_chat.chat = bob.chat().chat;
  EXPECT_TRUE(find(bob, "tea", in_chat).empty());
  SearchMessages by_news;
  by_news.sender = "news";
  EXPECT_EQ(find(bob, "tea", by_news).size(), 2U);
  SearchMessages own;
  own.sender = "me";
  EXPECT_TRUE(find(bob, "tea", own).empty());
  EXPECT_EQ(find(alice, "tea", own).size(), 2U) << "what one has written oneself";
  size_t messages = 0;
  size_t posts = 0;
  for (uint32_t skip = 0; skip < 3; ++skip) {
    SearchMessages page;
    page.query = "tea";
    page.skip = skip;
    page.count = 1;
    const auto results = must<SearchResults>(bob, page);
    EXPECT_EQ(results.more, skip < 2);
    messages += results.messages.size();
    posts += results.posts.size();
  }
  EXPECT_EQ(messages, 1U);
  EXPECT_EQ(posts, 2U);
}

TEST_F(ChannelSearch, nothing_of_a_channel_that_is_not_followed_any_more_is_found_until_it_is_again) {
  follow();
  post("tea");
  EXPECT_EQ(find(bob, "tea").size(), 1U);
  must<Nothing>(bob, UnfollowChannel{channel.channel});
  world.settle();
  EXPECT_TRUE(find(bob, "tea").empty());
  EXPECT_EQ(records_with("tea"), 0U);
  follow();
  ASSERT_TRUE(world.run_until([&] { return here(bob).size() == 1; }));
  EXPECT_EQ(find(bob, "tea"), (Texts{"tea"}));
}

// More than fit into memory: they are in segments, and what is taken away leaves those.
TEST_F(ChannelSearch, posts_in_segments_are_found_and_leave_them) {
  follow();
  const uint64_t first = post("cocoa");
  std::vector<ImportEntry> batch;
  for (size_t i = 0; i < kSearchTailMax + 10; ++i) {
    ImportEntry entry;
    entry.sender = "Anna";
    entry.text = "filler " + std::to_string(i);
    entry.sent_at = Instant{static_cast<int64_t>(i)};
    batch.push_back(std::move(entry));
    if (batch.size() < 1'000) continue;
    must<ImportDone>(bob, ImportMessages{"source", "Anna", std::nullopt, std::exchange(batch, {})});
  }
  must<ImportDone>(bob, ImportMessages{"source", "Anna", std::nullopt, std::move(batch)});
  EXPECT_EQ(find(bob, "cocoa"), (Texts{"cocoa"}));
  restart(bob);
  post("cocoa again");
  EXPECT_EQ(find(bob, "cocoa"), (Texts{"cocoa again", "cocoa"}));
  must<Posted>(alice, DeletePost{channel.channel, first});
  ASSERT_TRUE(world.run_until([&] { return here(bob).size() == 1; }));
  EXPECT_EQ(find(bob, "cocoa"), (Texts{"cocoa again"}));
}

}  // namespace
}  // namespace godwit::testworld
