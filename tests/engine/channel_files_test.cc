// Files in a channel's posts, and what is said about posts elsewhere; with a real home core.

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/errors.h"
#include "engine/file_chunks.h"
#include "engine/record_key.h"
#include "tests/engine/asking.h"

namespace godwit::testworld {
namespace {

using namespace engine;

class ChannelFiles : public ::testing::Test {
 protected:
  World world;
  Person& alice = world.add();
  Person& bob = world.add();
  ChannelInfo channel;
  Bytes photo = Bytes(300'000);
  Bytes video = Bytes(3'000'000);

  void SetUp() override {
    for (Person* person : {&alice, &bob}) {
      person->start();
      ASSERT_TRUE(person->ask(NewAccount{"Somebody", world.home_link()}).has_value());
    }
    crypto::SeededRandom(7).fill(photo);
    crypto::SeededRandom(8).fill(video);
    alice.files["/home/alice/photo.jpg"] = photo;
    alice.files["/home/alice/video.mp4"] = video;
    follow(false);
  }
  void follow(bool is_public) {
    channel = must<ChannelMade>(alice, NewChannel{"News", "", is_public}).channel;
    must<ChannelFollowed>(bob, FollowChannel{channel.link});
  }
  Post with(const std::vector<std::string>& names, const std::string& text = "look") {
    Post command{channel.channel, text};
    for (const std::string& name : names) command.files.push_back({"/home/alice/" + name});
    return command;
  }
  std::vector<PostInfo> posts(Person& person) { return must<Posts>(person, ReadChannel{channel.channel}).posts; }
  bool sees(Person& person, size_t count) {
    return world.run_until([&] { return posts(person).size() == count; });
  }
  static GetFile get(const ChannelInfo& of, const PostInfo& post, size_t which, const std::string& where) {
    return {{}, post.files.at(which).id, where, of.channel, post.post};
  }
  // Records of this person whose key begins so.
  static size_t count(Person& person, RecordKind kind) {
    return static_cast<size_t>(std::ranges::count_if(person.disk().records(), [&](const auto& record) {
      return record.first.front() == static_cast<uint8_t>(kind);
    }));
  }
  // What begins as a JPEG.
  static Bytes small_picture(size_t size) {
    Bytes out(size, 1);
    std::ranges::copy(Bytes{0xff, 0xd8, 0xff}, out.begin());
    return out;
  }
  void kill_at_write(Person& person, size_t at) {
    person.on_effect = [&person, at, writes = size_t{0}](const Effect& effect) mutable {
      if (std::holds_alternative<WriteFile>(effect) && ++writes == at) person.kill();
    };
  }
};

TEST_F(ChannelFiles, followers_fetch_the_files_of_a_post) {
  for (const bool is_public : {false, true}) {
    SCOPED_TRACE(is_public);
    follow(is_public);
    Post command = with({"photo.jpg", "video.mp4"});
    command.files[0].media = MediaInfo{MediaKind::kPicture, 640, 480, 0, {}, small_picture(100), {}, {}};
    command.files[1].name = "../film\n.mp4";
    must<Posted>(alice, command);
    ASSERT_TRUE(sees(bob, 1));
    const PostInfo post = posts(bob)[0];
    EXPECT_EQ(post.text, "look");
    ASSERT_EQ(post.files.size(), 2U);
    EXPECT_EQ(post.files[0].file.name, "photo.jpg");
    EXPECT_EQ(post.files[0].file.mime, "image/jpeg");
    EXPECT_EQ(post.files[0].file.media.kind, MediaKind::kPicture);
    EXPECT_EQ(post.files[0].file.media.width, 640U);
    EXPECT_EQ(post.files[1].file.name, "film_.mp4");
    EXPECT_EQ(post.files[1].file.size, video.size());
    const std::string where = is_public ? "/home/bob/public/" : "/home/bob/";
    EXPECT_EQ(must<FileSaved>(bob, get(channel, post, 0, where)).path, where + "photo.jpg");
    must<FileSaved>(bob, get(channel, post, 1, where));
    EXPECT_EQ(bob.files.at(where + "photo.jpg"), photo);
    EXPECT_EQ(bob.files.at(where + "film_.mp4"), video);
    world.settle();
    EXPECT_EQ(count(alice, RecordKind::kPostUpload), 0U);
    EXPECT_EQ(count(bob, RecordKind::kPostDownload), 0U);
    EXPECT_TRUE(alice.engine().idle());
    EXPECT_TRUE(bob.engine().idle());
  }
}

TEST_F(ChannelFiles, the_home_of_a_link_only_channel_reads_neither_names_nor_files) {
  must<Posted>(alice, with({"photo.jpg"}));
  EXPECT_FALSE(world.home_disk().holds(as_bytes("photo.jpg")));
  EXPECT_FALSE(world.home_disk().holds(ByteView(photo).first(32)));
}

TEST_F(ChannelFiles, files_alone_are_a_post_and_nothing_is_none) {
  must<Posted>(alice, with({"photo.jpg"}, ""));
  EXPECT_EQ(posts(alice).at(0).files.size(), 1U);
  EXPECT_EQ(refusal(alice, Post{channel.channel, ""}), kNotText);
}

TEST_F(ChannelFiles, what_is_written_later_comes_later_though_it_has_no_file) {
  alice.give(with({"video.mp4"}, "first"));
  world.run_until([&] { return count(alice, RecordKind::kPostUpload) == 1; });
  must<Posted>(alice, Post{channel.channel, "second"});
  ASSERT_TRUE(sees(bob, 2));
  EXPECT_EQ(posts(bob)[0].text, "first");
  EXPECT_EQ(posts(bob)[1].text, "second");
}

TEST_F(ChannelFiles, a_post_goes_on_after_its_owner_died_at_any_moment) {
  size_t made = 0;
  for (int dies_at = 1; dies_at < 40; dies_at += 3) {
    SCOPED_TRACE(dies_at);
    int effects = 0;
    alice.on_effect = [&](const Effect&) {
      if (++effects == dies_at) alice.kill();
    };
    alice.give(with({"photo.jpg"}, std::to_string(dies_at)));
    world.settle();
    alice.on_effect = nullptr;
    if (!alice.alive()) alice.start();
    world.settle();
    // It died before anything of it was safe, or it is there.
    const auto all = posts(alice);
    if (all.size() == made) continue;
    ASSERT_EQ(all.size(), ++made) << "once, and nothing else";
    ASSERT_TRUE(sees(bob, made));
    const std::string where = "/home/bob/" + std::to_string(dies_at);
    must<FileSaved>(bob, get(channel, posts(bob).back(), 0, where));
    EXPECT_EQ(bob.files.at(where), photo);
  }
  EXPECT_GT(made, 5U);
}

TEST_F(ChannelFiles, a_follower_who_died_in_it_goes_on_where_it_was_safe) {
  must<Posted>(alice, with({"video.mp4"}));
  ASSERT_TRUE(sees(bob, 1));
  const PostInfo post = posts(bob)[0];
  kill_at_write(bob, 30);
  bob.give(get(channel, post, 0, "/home/bob/"));
  world.settle();
  ASSERT_FALSE(bob.alive());
  size_t writes = 0;
  bob.on_effect = [&](const Effect& effect) { writes += std::holds_alternative<WriteFile>(effect); };
  bob.start();
  world.settle();
  EXPECT_EQ(writes, 0U) << "until it is asked for again";
  must<FileSaved>(bob, get(channel, post, 0, "/home/bob/"));
  EXPECT_EQ(bob.files.at("/home/bob/video.mp4"), video);
  EXPECT_LT(writes, chunk_count(video.size()) - 10);
  EXPECT_EQ(bob.engine().counters().blob_resumed, 1U);
}

TEST_F(ChannelFiles, a_home_that_dies_in_the_middle_costs_nothing_but_time) {
  size_t reads = 0;
  alice.on_effect = [&](const Effect& effect) { reads += std::holds_alternative<ReadFile>(effect); };
  alice.give(with({"video.mp4"}));
  ASSERT_TRUE(world.run_until([&] { return reads > 12; }));
  world.kill_home();
  world.pass(minutes(1));
  world.start_home();
  ASSERT_TRUE(sees(bob, 1));
  must<FileSaved>(bob, get(channel, posts(bob)[0], 0, "/home/bob/"));
  EXPECT_EQ(bob.files.at("/home/bob/video.mp4"), video);
}

TEST_F(ChannelFiles, an_edit_keeps_the_files) {
  const uint64_t post = must<Posted>(alice, with({"photo.jpg"})).post;
  must<Posted>(alice, EditPost{channel.channel, post, "look there"});
  ASSERT_TRUE(world.run_until([&] { return !posts(bob).empty() && posts(bob)[0].edited; }));
  must<FileSaved>(bob, get(channel, posts(bob)[0], 0, "/home/bob/"));
  EXPECT_EQ(bob.files.at("/home/bob/photo.jpg"), photo);
}

TEST_F(ChannelFiles, a_post_that_is_taken_away_takes_half_fetched_files_with_it) {
  const uint64_t number = must<Posted>(alice, with({"video.mp4"})).post;
  ASSERT_TRUE(sees(bob, 1));
  const PostInfo post = posts(bob)[0];
  kill_at_write(bob, 30);
  bob.give(get(channel, post, 0, "/home/bob/"));
  world.settle();
  bob.on_effect = nullptr;
  must<Posted>(alice, DeletePost{channel.channel, number});
  bob.start();
  ASSERT_TRUE(sees(bob, 0));
  world.settle();
  EXPECT_EQ(count(bob, RecordKind::kPostDownload), 0U);
  EXPECT_TRUE(bob.parts.empty());
  EXPECT_EQ(refusal(bob, get(channel, post, 0, "/home/bob/")), kNoSuchFile);
}

TEST_F(ChannelFiles, a_channel_that_is_forgotten_takes_half_fetched_files_with_it) {
  must<Posted>(alice, with({"video.mp4"}));
  ASSERT_TRUE(sees(bob, 1));
  const PostInfo post = posts(bob)[0];
  kill_at_write(bob, 30);
  bob.give(get(channel, post, 0, "/home/bob/"));
  world.settle();
  bob.on_effect = nullptr;
  bob.online = false;
  bob.start();
  const auto fetching = bob.give(get(channel, post, 0, "/home/bob/"));
  EXPECT_TRUE(posts(bob)[0].files[0].file.fetching);
  EXPECT_FALSE(bob.parts.empty());
  must<Nothing>(bob, UnfollowChannel{channel.channel});
  world.settle();
  const auto* answer = bob.answer(fetching);
  ASSERT_TRUE(answer != nullptr && !answer->has_value());
  EXPECT_EQ(answer->error().code, engine::kNoSuchChannel);
  EXPECT_EQ(count(bob, RecordKind::kPostDownload), 0U);
  EXPECT_TRUE(bob.parts.empty());
  EXPECT_TRUE(bob.engine().idle());
}

TEST_F(ChannelFiles, a_source_that_changed_fails_its_post_alone) {
  size_t reads = 0;
  alice.on_effect = [&](const Effect& effect) {
    reads += std::holds_alternative<ReadFile>(effect);
    if (reads == 12) alice.versions["/home/alice/video.mp4"] = 1;
  };
  const auto first = alice.give(with({"photo.jpg", "video.mp4"}, "first"));
  world.run_until([&] { return count(alice, RecordKind::kPostUpload) > 0; });
  must<Posted>(alice, Post{channel.channel, "second"});
  const auto* answer = alice.answer(first);
  ASSERT_TRUE(answer != nullptr && !answer->has_value());
  EXPECT_EQ(answer->error().code, kFileChanged);
  ASSERT_TRUE(sees(bob, 1));
  EXPECT_EQ(posts(bob)[0].text, "second");
  world.settle();
  EXPECT_EQ(count(alice, RecordKind::kPostUpload), 0U);
  EXPECT_TRUE(alice.engine().idle());
}

TEST_F(ChannelFiles, a_file_ends_at_its_home_after_30_days) {
  must<Posted>(alice, with({"photo.jpg"}));
  ASSERT_TRUE(sees(bob, 1));
  for (Person* person : {&alice, &bob}) person->kill();
  world.pass(days(33));
  bob.start();
  EXPECT_EQ(refusal(bob, get(channel, posts(bob)[0], 0, "/home/bob/")), kFileGone);
}

TEST_F(ChannelFiles, what_cannot_be_posted_or_fetched_is_refused_at_once) {
  EXPECT_FALSE(alice.ask(with({"nothing"})).has_value());
  EXPECT_EQ(refusal(alice, with(std::vector<std::string>(9, "photo.jpg"))), kTooLong);
  EXPECT_EQ(refusal(bob, with({"photo.jpg"})), kNotChannelOwner);
  Post large = with(std::vector<std::string>(8, "photo.jpg"));
  for (PostFile& file : large.files) file.media = MediaInfo{MediaKind::kPicture, 1, 1, 0, {}, small_picture(16'000), {}, {}};
  EXPECT_EQ(refusal(alice, large), kTooLong);
  Post bad = with({"photo.jpg"});
  bad.files[0].media = MediaInfo{MediaKind::kPicture, 1, 1, 0, {}, small_picture(17'000), {}, {}};
  EXPECT_EQ(refusal(alice, bad), kBadMedia);
  EXPECT_EQ(refusal(bob, GetFile{{}, MessageId{}, "/home/bob/", channel.channel, 99}), kNoSuchFile);
  EXPECT_EQ(refusal(bob, GetFile{{}, MessageId{}, "/home/bob/", wire::ChannelId{}, 1}), engine::kNoSuchChannel);
  EXPECT_EQ(refusal(bob, GetFile{{}, MessageId{}, "/home/bob/"}), kNoSuchChat);
  EXPECT_TRUE(posts(alice).empty());
}

TEST_F(ChannelFiles, a_report_names_the_files_to_the_operator) {
  const uint64_t post = must<Posted>(alice, with({"photo.jpg"})).post;
  ASSERT_TRUE(sees(bob, 1));
  const Bytes report = must<PostReported>(bob, ReportPost{channel.channel, post}).report;
  const auto checked = must<ReportChecked>(alice, CheckReport{report});
  ASSERT_EQ(checked.files.size(), 1U);
  EXPECT_EQ(checked.files[0].name, "photo.jpg");
  EXPECT_EQ(checked.files[0].size, photo.size());
  const auto reply = world.ask_home(wire::BlobLook{checked.files[0].blob});
  ASSERT_TRUE(std::holds_alternative<wire::BlobState>(reply));
  EXPECT_EQ(std::get<wire::BlobState>(reply).chunks, chunk_count(photo.size()));
}

TEST_F(ChannelFiles, a_follower_comes_into_the_discussion_and_comments_on_a_post) {
  const auto group = must<ChatMade>(alice, NewGroup{"About news"}).chat.chat;
  const std::string link = must<GroupLinkMade>(alice, MakeGroupLink{group, false, 0, 0}).text;
  must<Nothing>(alice, SetDiscussion{channel.channel, link});
  const auto discussion = [&] { return must<Channels>(bob, ListChannels{}).channels.at(0).discussion; };
  ASSERT_TRUE(world.run_until([&] { return discussion() == link; }));
  const uint64_t post = must<Posted>(alice, Post{channel.channel, "news"}).post;
  ASSERT_TRUE(bob.ask(JoinGroup{discussion(), ""}).has_value());
  world.settle();
  SendMessage comment{group, "well said"};
  comment.about = PostRef{channel.channel, post};
  must<MessageQueued>(bob, comment);
  world.settle();
  const auto heard = must<Messages>(alice, ReadHistory{group, {}, 50}).messages;
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.back().text, "well said");
  EXPECT_EQ(heard.back().about, (PostRef{channel.channel, post}));
  // Described anew it keeps its discussion, until its owner ends that.
  must<Nothing>(alice, DescribeChannel{channel.channel, "Old news", "", {}});
  must<Nothing>(alice, SetDiscussion{channel.channel, ""});
  EXPECT_TRUE(world.run_until([&] { return discussion().empty(); }));
  EXPECT_EQ(must<Channels>(bob, ListChannels{}).channels.at(0).name, "Old news");
}

TEST_F(ChannelFiles, only_a_groups_link_is_a_discussion) {
  EXPECT_EQ(refusal(alice, SetDiscussion{channel.channel, channel.link}), kLinkOther);
  EXPECT_EQ(refusal(alice, SetDiscussion{channel.channel, "https://example.org"}), kLinkNotGodwit);
  EXPECT_EQ(refusal(bob, SetDiscussion{channel.channel, ""}), kNotChannelOwner);
}

}  // namespace
}  // namespace godwit::testworld
