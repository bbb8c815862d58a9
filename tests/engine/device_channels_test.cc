// Own channels on all devices of an account.

#include <algorithm>

#include "tests/engine/asking.h"
#include "tests/engine/device_chats.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class OwnChannel : public DeviceChats {
 protected:
  std::vector<ChannelInfo> channels(Person& person) { return must<Channels>(person, ListChannels{}).channels; }
  Texts posts(Person& person) {
    Texts out;
    ReadChannel all{channel_.channel};
    all.count = 200;
    for (const PostInfo& each : must<Posts>(person, all).posts) out.push_back(each.text);
    std::ranges::sort(out);
    return out;
  }
  bool show(const std::vector<Person*>& people, Texts wanted) {
    std::ranges::sort(wanted);
    return world_.run_until(
        [&] { return std::ranges::all_of(people, [&](Person* each) { return posts(*each) == wanted; }); });
  }
  void make() { channel_ = must<ChannelMade>(phone_, NewChannel{"News", "of the day", false}).channel; }
  ChannelInfo channel_;
};

TEST_F(OwnChannel, is_written_by_all_devices) {
  make();
  const uint64_t first = must<Posted>(phone_, Post{channel_.channel, "first"}).post;
  must<ChannelFollowed>(bob_, FollowChannel{channel_.link});
  Person& laptop = link_whole();
  ASSERT_TRUE(world_.run_until([&] { return channels(laptop).size() == 1 && channels(laptop)[0].name == "News"; }));
  EXPECT_TRUE(channels(laptop)[0].own);
  must<Posted>(laptop, Post{channel_.channel, "second"});
  must<Posted>(laptop, EditPost{channel_.channel, first, "first!"});
  must<Posted>(phone_, Post{channel_.channel, "third"});
  EXPECT_TRUE(show({&bob_, &phone_, &laptop}, {"first!", "second", "third"}));
  must<Nothing>(laptop, DescribeChannel{channel_.channel, "Good news", "", {}});
  EXPECT_TRUE(world_.run_until([&] { return channels(phone_)[0].name == "Good news"; }));
  must<Nothing>(laptop, EndChannel{channel_.channel});
  EXPECT_TRUE(world_.run_until([&] { return channels(phone_).empty(); }));
  for (Person* each : {&phone_, &laptop}) {
    each->kill();
    each->start();
    world_.settle();
    EXPECT_TRUE(channels(*each).empty());
  }
}

TEST_F(OwnChannel, an_old_post_is_taken_back_by_a_device_that_came_later) {
  make();
  const uint64_t first = must<Posted>(phone_, Post{channel_.channel, "old"}).post;
  for (int i = 0; i < 60; ++i) must<Posted>(phone_, Post{channel_.channel, "newer"});
  Person& laptop = link_whole();
  ASSERT_TRUE(world_.run_until([&] { return channels(laptop).size() == 1; }));
  must<Posted>(laptop, DeletePost{channel_.channel, first});
  EXPECT_TRUE(show({&phone_, &laptop}, Texts(60, "newer")));
}

TEST_F(OwnChannel, made_later_or_followed_before_is_there_too) {
  Person& laptop = link_whole();
  make();
  ASSERT_TRUE(world_.run_until([&] { return channels(laptop).size() == 1; }));
  must<Posted>(laptop, Post{channel_.channel, "hello"});
  EXPECT_TRUE(show({&phone_, &laptop}, {"hello"}));
  // A device from before this was told: it only follows.
  laptop.kill();
  make();
  const std::string link = channel_.link;
  world_.settle();
  laptop.start();
  must<ChannelFollowed>(laptop, FollowChannel{link});
  EXPECT_TRUE(world_.run_until([&] {
    const auto all = channels(laptop);
    return all.size() == 2 && all[0].own && all[1].own;
  }));
}

TEST_F(OwnChannel, has_each_post_once_when_two_devices_write_at_once_and_one_dies_at_any_moment) {
  make();
  Person& laptop = link_whole();
  ASSERT_TRUE(world_.run_until([&] { return channels(laptop).size() == 1; }));
  must<ChannelFollowed>(bob_, FollowChannel{channel_.link});
  size_t of_phone = 0;
  for (int dies_at = 1; dies_at < 40; dies_at += 2) {
    SCOPED_TRACE(dies_at);
    int effects = 0;
    phone_.on_effect = [&](const Effect&) {
      if (++effects == dies_at) phone_.kill();
    };
    phone_.give(Post{channel_.channel, "phone"});
    must<Posted>(laptop, Post{channel_.channel, "laptop"});
    world_.settle();
    phone_.on_effect = nullptr;
    if (!phone_.alive()) phone_.start();
    world_.settle();
    // It died before anything of it was safe, or it is there.
    const auto count = [&](Person& person, const char* text) {
      return static_cast<size_t>(std::ranges::count(posts(person), text));
    };
    const size_t laptops = static_cast<size_t>(dies_at / 2 + 1);
    ASSERT_TRUE(world_.run_until([&] { return count(bob_, "laptop") == laptops && posts(phone_) == posts(bob_); }));
    const size_t now = count(bob_, "phone");
    ASSERT_TRUE(now == of_phone || now == of_phone + 1) << now;
    of_phone = now;
    ASSERT_EQ(posts(laptop), posts(bob_));
  }
  EXPECT_GT(of_phone, 5U);
}

}  // namespace
}  // namespace godwit::testworld
