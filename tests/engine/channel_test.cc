// Channels, with a real home core.

#include <gtest/gtest.h>

#include "engine/channel_records.h"
#include "engine/errors.h"
#include "engine/record_key.h"
#include "home/records.h"
#include "tests/engine/asking.h"

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
  ChannelInfo make(bool is_public) {
    return must<ChannelMade>(alice, NewChannel{"News", "of the day", is_public}).channel;
  }
  std::vector<std::string> texts(Person& person, const wire::ChannelId& channel) {
    std::vector<std::string> out;
    for (const PostInfo& post : must<Posts>(person, ReadChannel{channel}).posts) out.push_back(post.text);
    return out;
  }
  // Appends behind the last entry as the owner's own engine does not: a post that takes others away.
  void post_and_erase(const wire::ChannelId& channel, const std::string& text, std::vector<uint64_t> erased,
                      Bytes beside = {}) {
    const Bytes key = record_key(RecordKind::kChannel, channel.view());
    const auto value = open_record(alice.key(), key, alice.disk().records().at(key));
    const auto record = codec::decoded<ChannelRecord>(value->reveal());
    const auto owner = crypto::Ed25519KeyPair::from_seed(record->seed->value.clone());
    crypto::SeededRandom random(5);
    const ChannelContent content{1, 0, ChannelContentKind::kPost, 0, text, {}, std::move(beside)};
    const Bytes sealed = seal_content(content, record->link, record->next, random);
    const wire::ChannelHeader header{record->next, record->last_hash, {}, std::move(erased), false};
    const auto reply = world.ask_home(wire::ChannelAppend{channel, sign_entry(owner, header, sealed)});
    EXPECT_TRUE(std::holds_alternative<wire::Done>(reply));
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

TEST_F(ChannelTest, words_of_a_post_are_formatted_as_those_of_a_chat) {
  for (const bool is_public : {true, false}) {
    const ChannelInfo channel = make(is_public);
    must<ChannelFollowed>(bob, FollowChannel{channel.link});
    const TextSpan bold{0, 5, SpanStyle::kBold, {}};
    const TextSpan link{6, 7, SpanStyle::kLink, "https://tides.example/"};
    const AccountId who = must<Account>(bob, ReadAccount{}).account;
    const Mention mention{14, 3, who};
    const uint64_t post = must<Posted>(alice, Post{channel.channel, "Storm warning Bob", {}, {bold, link}, {mention}}).post;
    must<Posted>(alice, Post{channel.channel, "plain"});
    ASSERT_TRUE(shows(bob, channel.channel, {"Storm warning Bob", "plain"}));
    for (Person* person : {&alice, &bob}) {
      const auto posts = must<Posts>(*person, ReadChannel{channel.channel}).posts;
      EXPECT_EQ(posts.at(0).spans, (std::vector<TextSpan>{bold, link}));
      EXPECT_EQ(posts.at(0).mentions, (std::vector<Mention>{mention}));
      EXPECT_TRUE(posts.at(1).spans.empty());
    }
    must<Posted>(alice, EditPost{channel.channel, post, "Storm over", {TextSpan{6, 4, SpanStyle::kItalic, {}}}});
    ASSERT_TRUE(shows(bob, channel.channel, {"Storm over", "plain"}));
    const auto edited = must<Posts>(bob, ReadChannel{channel.channel}).posts.at(0);
    EXPECT_EQ(edited.spans, (std::vector<TextSpan>{{6, 4, SpanStyle::kItalic, {}}}));
    EXPECT_TRUE(edited.mentions.empty());
    const TextSpan outside{3, 9, SpanStyle::kBold, {}};
    EXPECT_EQ(refusal(alice, Post{channel.channel, "short", {}, {outside}}), kBadFormatting);
    EXPECT_EQ(refusal(alice, EditPost{channel.channel, post, "short", {outside}}), kBadFormatting);
    // What an owner says of his formatting that is wrong is left out, and the text stands.
    post_and_erase(channel.channel, "broken", {}, Bytes{0x05, 1, 2});
    ASSERT_TRUE(shows(bob, channel.channel, {"Storm over", "plain", "broken"}));
    EXPECT_TRUE(must<Posts>(bob, ReadChannel{channel.channel}).posts.at(2).spans.empty());
  }
}

TEST_F(ChannelTest, the_home_forgets_what_a_post_said_before_and_what_was_taken_away) {
  const ChannelInfo channel = make(true);
  const uint64_t post = must<Posted>(alice, Post{channel.channel, "words that were wrong"}).post;
  must<Posted>(alice, EditPost{channel.channel, post, "words that are better"});
  EXPECT_FALSE(world.home_disk().holds(to_bytes(as_bytes("words that were wrong"))));
  EXPECT_TRUE(world.home_disk().holds(to_bytes(as_bytes("words that are better"))));
  must<Posted>(alice, DeletePost{channel.channel, post});
  EXPECT_FALSE(world.home_disk().holds(to_bytes(as_bytes("words that are better"))));
  EXPECT_EQ(refusal(alice, EditPost{channel.channel, post, "again"}), kNoSuchPost);
  EXPECT_TRUE(texts(alice, channel.channel).empty());
}

TEST_F(ChannelTest, the_home_of_a_link_only_channel_reads_nothing) {
  const ChannelInfo channel = make(false);
  must<Posted>(alice, Post{channel.channel, "for those with the link"});
  EXPECT_FALSE(world.home_disk().holds(to_bytes(as_bytes("for those with the link"))));
}

TEST_F(ChannelTest, a_report_proves_one_post_and_opens_no_other) {
  for (const bool is_public : {true, false}) {
    const ChannelInfo channel = make(is_public);
    must<Posted>(alice, Post{channel.channel, "harmless"});
    const uint64_t post = must<Posted>(alice, Post{channel.channel, "harmful"}).post;
    must<ChannelFollowed>(bob, FollowChannel{channel.link});
    ASSERT_TRUE(shows(bob, channel.channel, {"harmless", "harmful"}));
    EXPECT_EQ(refusal(bob, ReportPost{channel.channel, 99}), kNoSuchPost);
    const Bytes report = must<PostReported>(bob, ReportPost{channel.channel, post}).report;
    const auto checked = must<ReportChecked>(alice, CheckReport{report});
    EXPECT_EQ(checked.channel, channel.channel);
    EXPECT_EQ(checked.post, post);
    EXPECT_EQ(checked.text, "harmful");
    for (size_t at = 0; at < report.size(); at += 5) {
      Bytes changed = report;
      changed[at] ^= 1;
      EXPECT_EQ(refusal(alice, CheckReport{changed}), kReportDamaged) << at;
    }
    EXPECT_EQ(refusal(alice, CheckReport{Bytes(report.begin(), report.end() - 1)}), kReportDamaged);
  }
}

TEST_F(ChannelTest, a_channel_that_was_forgotten_can_be_followed_again) {
  const ChannelInfo channel = make(false);
  must<ChannelFollowed>(bob, FollowChannel{channel.link});
  for (int i = 0; i < 40; ++i) must<Posted>(alice, Post{channel.channel, std::to_string(i)});
  ASSERT_TRUE(world.run_until([&] { return texts(bob, channel.channel).size() == 40; }));
  bob.give(UnfollowChannel{channel.channel});
  must<ChannelFollowed>(bob, FollowChannel{channel.link});
  EXPECT_EQ(texts(bob, channel.channel).size(), 40U);
  must<Nothing>(bob, UnfollowChannel{channel.channel});
  bob.kill();
  bob.start();
  world.settle();
  EXPECT_TRUE(must<Channels>(bob, ListChannels{}).channels.empty());
}

TEST_F(ChannelTest, what_an_entry_takes_away_goes_from_followers_as_well) {
  const ChannelInfo channel = make(false);
  must<ChannelFollowed>(bob, FollowChannel{channel.link});
  const uint64_t first = must<Posted>(alice, Post{channel.channel, "first"}).post;
  must<Posted>(alice, Post{channel.channel, "second"});
  ASSERT_TRUE(shows(bob, channel.channel, {"first", "second"}));
  world.settle();
  post_and_erase(channel.channel, "third", {first});
  EXPECT_TRUE(shows(bob, channel.channel, {"second", "third"}));
}

TEST_F(ChannelTest, of_one_channel_so_many_bytes_are_kept_and_the_oldest_go) {
  Options options;
  options.channel_bytes_max = 20'000;
  Person& carol = world.add(options);
  carol.start();
  ASSERT_TRUE(carol.ask(NewAccount{"Carol", world.home_link()}).has_value());
  const ChannelInfo channel = make(true);
  must<ChannelFollowed>(carol, FollowChannel{channel.link});
  for (int i = 0; i < 40; ++i) {
    must<Posted>(alice, Post{channel.channel, std::string(2'000, 'x') + std::to_string(i)});
  }
  const auto is_newest = [&] {
    const auto all = texts(carol, channel.channel);
    return !all.empty() && all.back().ends_with("39");
  };
  ASSERT_TRUE(world.run_until(is_newest));
  world.settle();
  EXPECT_LE(texts(carol, channel.channel).size(), 9U);
  EXPECT_GE(texts(carol, channel.channel).size(), 5U);
  EXPECT_EQ(texts(alice, channel.channel).size(), 40U) << "its owner keeps all";
}

TEST_F(ChannelTest, a_home_that_blanks_a_post_is_told) {
  const ChannelInfo channel = make(true);
  const uint64_t post = must<Posted>(alice, Post{channel.channel, "unwelcome"}).post;
  const uint64_t other = must<Posted>(alice, Post{channel.channel, "frist"}).post;
  must<Posted>(alice, EditPost{channel.channel, other, "first"});
  world.settle();
  const auto withheld = [&] { return must<Channels>(bob, ListChannels{}).channels.at(0).withheld; };
  auto& disk = world.home_disk_to_change();
  Bytes key = home::channel_entry_key(channel.channel, post);
  key.insert(key.begin(), 'R');
  const Bytes whole = disk.records().at(key);
  auto entry = codec::decoded<wire::ChannelEntry>(whole).value();
  entry.content.reset();
  disk.put(key, codec::encoded(entry));
  must<ChannelFollowed>(bob, FollowChannel{channel.link});
  EXPECT_TRUE(shows(bob, channel.channel, {"first"}));
  EXPECT_EQ(withheld(), 1U) << "and not what its owner has replaced";
  // Its owner says that it goes: then the home has not withheld it.
  must<Posted>(alice, DeletePost{channel.channel, post});
  EXPECT_TRUE(world.run_until([&] { return withheld() == 0; }));
}

TEST_F(ChannelTest, posts_are_read_page_by_page) {
  const ChannelInfo channel = make(true);
  for (int i = 0; i < 7; ++i) must<Posted>(alice, Post{channel.channel, std::to_string(i)});
  const auto newest = must<Posts>(alice, ReadChannel{channel.channel, 0, 3}).posts;
  ASSERT_EQ(newest.size(), 3U);
  EXPECT_EQ(newest[0].text, "4");
  const auto before = must<Posts>(alice, ReadChannel{channel.channel, newest[0].post, 3}).posts;
  ASSERT_EQ(before.size(), 3U);
  EXPECT_EQ(before[2].text, "3");
  EXPECT_TRUE(must<Posts>(alice, ReadChannel{channel.channel, 1, 3}).posts.empty());
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
