// What an account has again that came back with its words: whom it had verified, its channels, and those that it followed.

#include "engine/errors.h"
#include "tests/engine/asking.h"

namespace godwit::testworld {
namespace {

using namespace godwit::engine;

class Words : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(crypto::initialise());
    words_ = must<AccountMade>(phone_, NewAccount{"Anna", world_.home_link()}).recovery_key;
    must<AccountMade>(bob_, NewAccount{"Bob", world_.home_link()});
    meet(phone_);
  }
  void meet(Person& person) {
    const auto invite = must<InviteMade>(person, MakeInvite{});
    must<ChatMade>(bob_, AddContact{invite.link});
    world_.settle();
  }
  // The phone is lost, and a new one has the account.
  Person& recover() {
    world_.settle();
    world_.pass(minutes(5));
    phone_.kill();
    Person& fresh = world_.add();
    must<AccountRecovered>(fresh, RecoverAccount{words_, world_.home_link(), "New phone", {}});
    return fresh;
  }
  static std::vector<std::string> posts(Person& person, const wire::ChannelId& channel) {
    std::vector<std::string> out;
    for (const PostInfo& post : must<Posts>(person, ReadChannel{channel}).posts) out.push_back(post.text);
    return out;
  }
  bool shows(Person& person, const wire::ChannelId& channel, const std::vector<std::string>& wanted) {
    return world_.run_until([&] { return posts(person, channel) == wanted; });
  }

  World world_;
  Person& phone_ = world_.add();
  Person& bob_ = world_.add();
  std::string words_;
};

TEST_F(Words, who_came_back_is_not_written_to_where_nobody_reads) {
  const ChatId old = bob_.chat().chat;
  must<MessageQueued>(bob_, SendText{old, "Are you there?"});
  Person& fresh = recover();
  const auto before = must<Chats>(bob_, ListChats{true});
  ASSERT_EQ(before.chats.size(), 1U);
  EXPECT_FALSE(before.chats.front().came_back_in);
  must<MessageQueued>(bob_, SendText{old, "Not known yet"});
  meet(fresh);
  const ChatId now = fresh.chat().chat;
  for (const ChatInfo& chat : must<Chats>(bob_, ListChats{true}).chats) {
    EXPECT_EQ(chat.came_back_in, chat.chat == old ? std::optional(now) : std::nullopt);
  }
  const auto refused = bob_.ask(SendText{old, "Lost"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, kCameBack);
  must<MessageQueued>(bob_, SendText{now, "Here you are"});
  EXPECT_TRUE(world_.run_until([&] {
    const auto said = must<Messages>(fresh, ReadHistory{now, {}, 10});
    return !said.messages.empty() && said.messages.front().text == "Here you are";
  }));
  bob_.kill();
  bob_.start();
  EXPECT_EQ(bob_.ask(SendText{old, "Lost"}).error().code, kCameBack);
}

TEST_F(Words, bring_back_who_was_verified) {
  must<Nothing>(phone_, MarkVerified{phone_.chat().chat});
  Person& fresh = recover();
  meet(fresh);
  EXPECT_TRUE(fresh.chat().verified);
  fresh.kill();
  fresh.start();
  EXPECT_TRUE(fresh.chat().verified);
  const auto invite = must<InviteMade>(fresh, MakeInvite{});
  Person& carol = world_.add();
  must<AccountMade>(carol, NewAccount{"Carol", world_.home_link()});
  must<ChatMade>(carol, AddContact{invite.link});
  world_.settle();
  for (const ChatInfo& each : fresh.chats()) EXPECT_EQ(each.verified, each.name == "Bob");
}

TEST_F(Words, bring_back_an_own_channel_into_which_one_writes_on) {
  const ChannelInfo open = must<ChannelMade>(phone_, NewChannel{"News", "of the day", true}).channel;
  const ChannelInfo closed = must<ChannelMade>(phone_, NewChannel{"Letters", "", false}).channel;
  for (const ChannelInfo& each : {open, closed}) {
    must<Posted>(phone_, Post{each.channel, "first"});
    must<Posted>(phone_, Post{each.channel, "second"});
    must<ChannelFollowed>(bob_, FollowChannel{each.link});
  }
  Person& fresh = recover();
  const auto channels = must<Channels>(fresh, ListChannels{}).channels;
  ASSERT_EQ(channels.size(), 2U);
  for (const ChannelInfo& each : channels) {
    EXPECT_TRUE(each.own);
    EXPECT_EQ(each.name, each.channel == open.channel ? "News" : "Letters");
    EXPECT_EQ(each.is_public, each.channel == open.channel);
  }
  for (const ChannelInfo& each : {open, closed}) {
    const uint64_t post = must<Posted>(fresh, Post{each.channel, "third"}).post;
    EXPECT_TRUE(shows(bob_, each.channel, {"first", "second", "third"})) << "his copy goes on without a break";
    EXPECT_TRUE(shows(fresh, each.channel, {"first", "second", "third"}));
    must<Posted>(fresh, EditPost{each.channel, post, "third!"});
    EXPECT_TRUE(shows(bob_, each.channel, {"first", "second", "third!"}));
  }
  for (const ChannelInfo& each : must<Channels>(bob_, ListChannels{}).channels) EXPECT_FALSE(each.trouble.has_value());
}

TEST_F(Words, begin_the_account_at_another_home_when_its_own_is_gone) {
  must<Nothing>(bob_, MarkVerified{bob_.chat().chat});
  const AccountId account = must<Account>(phone_, ReadAccount{}).account;
  world_.add_home("haven.example");
  phone_.kill();
  Person& fresh = world_.add();
  RecoverAccount command{words_, world_.home_link_at("haven.example"), "New phone", "Anna B"};
  EXPECT_EQ(refusal(fresh, command), kNoSuchAccount);
  command.at_new_home = true;
  const auto back = must<AccountRecovered>(fresh, command);
  EXPECT_EQ(std::tie(back.account, back.name), std::make_tuple(account, std::string("Anna B")));
  EXPECT_EQ(must<OwnDevices>(fresh, ListDevices{}).devices.front().name, "New phone");
  fresh.kill();
  fresh.start();
  meet(fresh);
  for (const ChatInfo& each : bob_.chats()) EXPECT_TRUE(each.verified) << "it is the same account";
  fresh.say("from another home");
  EXPECT_TRUE(world_.run_until([&] { return fresh.history().back().delivery == Delivery::kDelivered; }));
  // The new home keeps what it needs for the next time.
  world_.settle();
  world_.pass(minutes(5));
  fresh.kill();
  Person& third = world_.add();
  const auto again =
      must<AccountRecovered>(third, RecoverAccount{words_, world_.home_link_at("haven.example"), "Third", {}});
  EXPECT_EQ(std::tie(again.name, again.contacts),
            std::make_tuple(std::string("Anna B"), std::vector<std::string>{"Bob"}));
}

TEST_F(Words, bring_back_which_channels_were_followed) {
  const ChannelInfo channel = must<ChannelMade>(bob_, NewChannel{"News", "of the day", false}).channel;
  must<Posted>(bob_, Post{channel.channel, "first"});
  must<ChannelFollowed>(phone_, FollowChannel{channel.link});
  Person& fresh = recover();
  EXPECT_TRUE(shows(fresh, channel.channel, {"first"}));
  const auto channels = must<Channels>(fresh, ListChannels{}).channels;
  ASSERT_EQ(channels.size(), 1U);
  EXPECT_FALSE(channels[0].own);
  EXPECT_EQ(channels[0].name, "News");
}

}  // namespace
}  // namespace godwit::testworld
