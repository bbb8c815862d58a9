// Channels at a home.

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "home/core.h"
#include "home/testing/house.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

using testing::Client;
using testing::Device;
using testing::House;

// The owner's side of a channel.
struct Owner {
  crypto::Ed25519KeyPair key;
  wire::ChannelId id;
  uint64_t next = 1;
  ByteArray<32> last{};

  explicit Owner(House& house) : key(crypto::Ed25519KeyPair::generate(house.random())) {
    id = channel_id(wire::ChannelKey{key.public_key});
  }
  Bytes sign(std::string_view label, ByteView what) const {
    Bytes message = to_bytes(as_bytes(label));
    append(message, id.view());
    append(message, what);
    return to_bytes(key.sign(message));
  }
  // The next entry; it counts as made.
  wire::ChannelAppend entry(Bytes content, std::vector<uint64_t> erases = {}, bool head = false) {
    wire::ChannelHeader header{next++, last, crypto::sha256(content), std::move(erases), head};
    const Bytes encoded = codec::encoded(header);
    last = crypto::sha256(encoded);
    return {id, {header, sign(wire::kChannelEntryLabel, encoded), std::move(content)}};
  }
};

class Channels : public ::testing::Test {
 protected:
  explicit Channels(Options options = testing::test_options()) : house(options) {}

  House house;
  Device device = house.new_device();
  Client* mailbox = &house.open_mailbox(device);
  Client& writer = house.connect();
  Client& reader = house.connect();
  Owner owner{house};

  Bytes grant() { return std::get<wire::ChannelGranted>(house.ask(*mailbox, wire::ChannelGrant{})).grant; }
  wire::ChannelCreate create_request() { return {wire::ChannelKey{owner.key.public_key}, grant()}; }
  void create() { ASSERT_EQ(house.code_of(writer, create_request()), 0); }
  void post(uint8_t byte) { ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(20, byte))), 0); }
  wire::ChannelEntries read(uint64_t after = 0, uint32_t bytes_max = 100'000) {
    return std::get<wire::ChannelEntries>(house.ask(reader, wire::ChannelRead{owner.id, after, bytes_max}));
  }
};

TEST_F(Channels, readers_read_on_from_any_place) {
  create();
  for (uint8_t i = 1; i <= 10; ++i) post(i);
  EXPECT_EQ(read().entries.size(), 10U);
  const auto late = read(7);
  ASSERT_EQ(late.entries.size(), 3U);
  EXPECT_EQ(late.entries[0].header.sequence, 8U);
  EXPECT_EQ(late.entries[0].content, Bytes(20, 8));
  EXPECT_EQ(late.next, 11U);
  EXPECT_EQ(read(0, 1).entries.size(), 1U);
  EXPECT_TRUE(read(10).entries.empty());
  EXPECT_TRUE(read(UINT64_MAX).entries.empty());
}

TEST_F(Channels, what_is_not_signed_by_the_owner_is_refused) {
  create();
  Owner other{house};
  wire::ChannelAppend forged = other.entry(Bytes(5, 1));
  forged.channel = owner.id;
  EXPECT_EQ(house.code_of(writer, forged), wire::kChannelRefused.number);
  wire::ChannelAppend swapped = owner.entry(Bytes(5, 1));
  swapped.entry.content = Bytes(5, 2);
  EXPECT_EQ(house.code_of(writer, swapped), wire::kChannelRefused.number);
  EXPECT_TRUE(read().entries.empty());
}

TEST_F(Channels, entries_follow_each_other) {
  create();
  const auto first = owner.entry(Bytes(5, 1));
  const auto second = owner.entry(Bytes(5, 2));
  EXPECT_EQ(house.code_of(writer, second), wire::kChannelMoved.number);
  EXPECT_EQ(house.code_of(writer, first), 0);
  EXPECT_EQ(house.code_of(writer, first), 0);  // again
  EXPECT_EQ(house.code_of(writer, second), 0);
  Owner rival{house};
  rival.key = owner.key.clone();
  rival.id = owner.id;
  EXPECT_EQ(house.code_of(writer, rival.entry(Bytes(5, 9))), wire::kChannelMoved.number);
  EXPECT_EQ(read().entries.size(), 2U);
}

TEST_F(Channels, content_is_taken_away_and_the_chain_stays) {
  create();
  post(1);
  post(2);
  ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(3, 3), {1})), 0);
  const auto entries = read().entries;
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_FALSE(entries[0].content.has_value());
  EXPECT_TRUE(entries[1].content.has_value());
  EXPECT_EQ(entries[1].header.previous, crypto::sha256(codec::encoded(entries[0].header)));
  EXPECT_EQ(house.code_of(writer, owner.entry(Bytes(3, 3), {99})), wire::kChannelRefused.number);
}

TEST_F(Channels, the_newest_head_says_what_a_channel_is) {
  create();
  EXPECT_FALSE(std::get<wire::ChannelState>(house.ask(reader, wire::ChannelLook{owner.id})).head.has_value());
  ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(5, 7), {}, true)), 0);
  post(1);
  const auto state = std::get<wire::ChannelState>(house.ask(reader, wire::ChannelLook{owner.id}));
  ASSERT_TRUE(state.head.has_value());
  EXPECT_EQ(state.head->content, Bytes(5, 7));
  EXPECT_EQ(state.next, 3U);
}

TEST_F(Channels, a_grant_makes_one_channel_and_a_mailbox_few) {
  const auto request = create_request();
  EXPECT_EQ(house.code_of(writer, request), 0);
  EXPECT_EQ(house.code_of(writer, request), 0);
  Owner other{house};
  EXPECT_EQ(house.code_of(writer, wire::ChannelCreate{wire::ChannelKey{other.key.public_key}, request.grant}),
            wire::kChannelRefused.number);
  EXPECT_EQ(house.code_of(writer, wire::ChannelCreate{wire::ChannelKey{other.key.public_key}, Bytes(36, 1)}),
            wire::kChannelRefused.number);
  for (int i = 0; i < 3; ++i) grant();
  EXPECT_EQ(house.code_of(*mailbox, wire::ChannelGrant{}), wire::kQuotaFull.number);
  house.advance(days(1));
  mailbox = &house.prove(device);
  EXPECT_FALSE(grant().empty());
}

TEST_F(Channels, who_follows_hears_what_comes_later) {
  create();
  post(1);
  const auto reply = house.ask(reader, wire::ChannelFollow{owner.id, 0, 100'000});
  EXPECT_EQ(std::get<wire::ChannelEntries>(reply).entries.size(), 1U);
  post(2);
  post(3);
  house.settle();
  ASSERT_EQ(reader.channel_pushes.size(), 2U);
  EXPECT_EQ(reader.channel_pushes[0].entries.at(0).header.sequence, 2U);
  EXPECT_EQ(reader.channel_pushes[1].entries.at(0).header.sequence, 3U);
  house.cut(reader);
  post(4);  // nobody hears it, and nothing is kept of who did
}

TEST_F(Channels, more_followers_than_one_step_serves_hear_in_order) {
  create();
  std::vector<Client*> followers;
  for (int i = 0; i < 60; ++i) {
    followers.push_back(&house.connect());
    house.ask(*followers.back(), wire::ChannelFollow{owner.id, 0, 100'000});
  }
  for (uint8_t i = 1; i <= 60; ++i) post(i);
  house.advance(seconds(1));
  house.settle();
  for (Client* follower : followers) {
    ASSERT_EQ(follower->channel_pushes.size(), 60U);
    for (uint64_t i = 0; i < 60; ++i) {
      EXPECT_EQ(follower->channel_pushes[i].entries.at(0).header.sequence, i + 1);
    }
  }
}

TEST_F(Channels, a_large_entry_is_told_and_not_pushed) {
  create();
  house.ask(reader, wire::ChannelFollow{owner.id, 0, 100'000});
  ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(5'000, 1))), 0);
  house.settle();
  ASSERT_EQ(reader.channel_pushes.size(), 1U);
  EXPECT_TRUE(reader.channel_pushes[0].entries.empty());
  EXPECT_EQ(reader.channel_pushes[0].next, 2U);
  EXPECT_EQ(read().entries.size(), 1U);
}

TEST_F(Channels, a_follower_that_was_too_slow_is_told_when_it_reads_again) {
  create();
  ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(120'000, 1))), 0);
  house.ask(reader, wire::ChannelFollow{owner.id, 1, 100'000});
  house.home().pipe_full(reader.pipe);
  for (int i = 0; i < 3; ++i) house.send(reader, wire::ChannelRead{owner.id, 0, 200'000});
  house.settle();
  post(2);
  house.settle();
  EXPECT_TRUE(reader.channel_pushes.empty());
  house.home().pipe_drained(reader.pipe, house.now());
  house.settle();
  ASSERT_EQ(reader.channel_pushes.size(), 1U);
  EXPECT_TRUE(reader.channel_pushes[0].entries.empty());
  EXPECT_EQ(reader.channel_pushes[0].next, 3U);
}

struct SmallOutput : Channels {
  static Options options() {
    Options options = testing::test_options();
    options.limits.output_bytes_max = 600'000;
    return options;
  }
  SmallOutput() : Channels(options()) {}
};

TEST_F(SmallOutput, what_followers_do_not_read_cuts_nobody_off) {
  create();
  ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(120'000, 1))), 0);
  // Somebody who has just asked for much, and whose pipe is slow.
  Client& slow = house.connect();
  house.ask(slow, wire::ChannelLook{owner.id});
  house.home().pipe_full(slow.pipe);
  const uint32_t stream = house.send(slow, wire::ChannelRead{owner.id, 0, 200'000});
  std::vector<Client*> followers;
  for (int i = 0; i < 200; ++i) {
    followers.push_back(&house.connect());
    house.ask(*followers.back(), wire::ChannelFollow{owner.id, 1, 100'000});
    house.home().pipe_full(followers.back()->pipe);
  }
  ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(3'500, 2))), 0);
  house.settle();
  EXPECT_LE(house.home().output_waiting(), 300'000U);
  house.home().pipe_drained(slow.pipe, house.now());
  house.settle();
  EXPECT_FALSE(slow.closed.has_value());
  EXPECT_TRUE(slow.replies.contains(stream));
  for (Client* follower : followers) house.home().pipe_drained(follower->pipe, house.now());
  house.settle();
  house.advance(seconds(2));
  house.settle();
  for (Client* follower : followers) EXPECT_FALSE(follower->channel_pushes.empty());
}

struct SmallChannels : Channels {
  static Options options() {
    Options options = testing::test_options();
    options.limits.channel_day_bytes_max = 10'000;
    options.limits.channel_new_bytes_max = 15'000;
    return options;
  }
  SmallChannels() : Channels(options()) {}
  void tomorrow() {
    house.advance(days(1));
    again = &house.connect();
  }
  uint16_t append(const wire::ChannelAppend& entry) { return house.code_of(*again, entry); }
  Client* again = &writer;
};

TEST_F(SmallChannels, grow_by_so_much_a_day_and_little_while_they_are_new) {
  create();
  EXPECT_EQ(append(owner.entry(Bytes(9'000, 1))), 0);
  const auto second = owner.entry(Bytes(5'000, 2));
  const auto reply = std::get<wire::Refused>(house.ask(writer, second));
  EXPECT_EQ(reply.code, wire::kTooManyRequests.number);
  EXPECT_GT(reply.retry_after_ms, 0U);
  tomorrow();
  EXPECT_EQ(append(second), 0);
  const auto third = owner.entry(Bytes(1'000, 3));
  EXPECT_EQ(append(third), wire::kQuotaFull.number);
  for (int i = 0; i < 60; ++i) tomorrow();
  EXPECT_EQ(append(third), 0);
}

struct FewChannels : Channels {
  static Options options() {
    Options options = testing::test_options();
    options.limits.channels_max = 2;
    options.limits.channels_bytes_max = 10'000;
    options.limits.channel_bytes_max = 6'000;
    options.limits.channel_grants_day_max = 3;
    return options;
  }
  FewChannels() : Channels(options()) {}
  uint16_t create_for(const Owner& one) {
    return house.code_of(writer, wire::ChannelCreate{wire::ChannelKey{one.key.public_key}, grant()});
  }
};

TEST_F(FewChannels, there_are_so_many_of_a_home_and_one_that_ends_makes_room) {
  create();
  Owner second{house};
  Owner third{house};
  ASSERT_EQ(create_for(second), 0);
  const wire::ChannelCreate request{wire::ChannelKey{third.key.public_key}, grant()};
  EXPECT_EQ(house.code_of(writer, request), wire::kQuotaFull.number);
  ASSERT_EQ(house.code_of(writer, wire::ChannelDrop{owner.id, owner.sign(wire::kChannelDropLabel, {})}), 0);
  for (int i = 0; i < 3; ++i) house.advance(minutes(1));
  EXPECT_EQ(house.code_of(house.connect(), request), 0) << "the same grant is good for it";
}

TEST_F(FewChannels, one_channel_has_so_many_bytes_and_all_together_too) {
  create();
  Owner second{house};
  ASSERT_EQ(create_for(second), 0);
  ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(5'000, 1))), 0);
  const auto last = owner.last;
  EXPECT_EQ(house.code_of(writer, owner.entry(Bytes(1'000, 2))), wire::kQuotaFull.number) << "channel_bytes_max";
  owner.next = 2;
  owner.last = last;
  EXPECT_EQ(house.code_of(writer, second.entry(Bytes(4'800, 3))), wire::kQuotaFull.number) << "channels_bytes_max";
  second.next = 1;
  second.last = {};
  const auto smaller = second.entry(Bytes(1'000, 3));
  EXPECT_EQ(house.code_of(writer, smaller), 0);
  ASSERT_EQ(house.code_of(writer, owner.entry(Bytes(1, 4), {1})), 0) << "takes the first away";
  EXPECT_EQ(house.code_of(writer, second.entry(Bytes(4'000, 5))), 0) << "which makes room";
}

TEST_F(FewChannels, a_mailbox_is_granted_so_many_a_day) {
  for (int i = 0; i < 3; ++i) ASSERT_FALSE(grant().empty());
  EXPECT_EQ(house.code_of(*mailbox, wire::ChannelGrant{}), wire::kQuotaFull.number);
  Client& other = house.open_mailbox(house.new_device());
  EXPECT_EQ(house.code_of(other, wire::ChannelGrant{}), 0);
  house.advance(days(1));
  mailbox = &house.prove(device);
  EXPECT_FALSE(grant().empty());
}

TEST_F(Channels, the_owner_ends_a_channel) {
  create();
  post(1);
  EXPECT_EQ(house.code_of(writer, wire::ChannelDrop{owner.id, Bytes(64, 1)}), wire::kChannelRefused.number);
  EXPECT_EQ(house.code_of(writer, wire::ChannelDrop{owner.id, owner.sign(wire::kChannelDropLabel, {})}), 0);
  EXPECT_EQ(house.code_of(reader, wire::ChannelRead{owner.id, 0, 100}), wire::kNoSuchChannel.number);
  create();
  EXPECT_TRUE(read().entries.empty());
}

TEST_F(Channels, what_the_operator_takes_away_does_not_come_back) {
  create();
  post(1);
  const auto removal = std::make_shared<Removal>(Removal{owner.id, {}});
  house.home().remove(removal, house.now());
  house.settle();
  ASSERT_TRUE(removal->outcome.has_value());
  EXPECT_TRUE(removal->outcome->has_value());
  EXPECT_EQ(house.code_of(reader, wire::ChannelLook{owner.id}), wire::kNoSuchChannel.number);
  EXPECT_EQ(house.code_of(writer, create_request()), wire::kChannelRefused.number);
  house.advance(days(900));
  mailbox = &house.prove(device);
  EXPECT_EQ(house.code_of(house.connect(), create_request()), wire::kChannelRefused.number);
}

TEST_F(Channels, a_removal_that_a_crash_cuts_short_is_finished_later) {
  for (uint64_t crash_at = 0;; ++crash_at) {
    ASSERT_LT(crash_at, 200U);
    SCOPED_TRACE(crash_at);
    Owner another(house);
    owner.key = another.key.clone();
    owner.id = another.id;
    owner.next = 1;
    owner.last = {};
    house.restart();
    house.advance(days(1));  // for the grant
    mailbox = &house.prove(device);
    Client& first = house.connect();
    ASSERT_EQ(house.code_of(first, create_request()), 0);
    const Bytes harmful(20, static_cast<uint8_t>(crash_at + 1));
    for (int i = 0; i < 40; ++i) ASSERT_EQ(house.code_of(first, owner.entry(harmful)), 0);
    house.restart(testing::test_options(), {.crash_at = crash_at, .crash_point = store::CrashPoint::kBeforeApply});
    const auto removal = std::make_shared<Removal>(Removal{owner.id, {}});
    house.home().remove(removal, house.now());
    house.settle();
    const bool crashed = house.store().crashed();
    house.restart();
    if (!removal->outcome || !removal->outcome->has_value()) continue;  // the operator does it again
    for (int i = 0; i < 40; ++i) house.advance(minutes(1));
    EXPECT_FALSE(house.disk().holds(harmful));
    EXPECT_EQ(house.code_of(house.connect(), wire::ChannelLook{owner.id}), wire::kNoSuchChannel.number);
    if (!crashed) break;
  }
}

TEST_F(Channels, a_channel_outlives_a_restart) {
  create();
  post(1);
  house.restart();
  Client& again = house.connect();
  EXPECT_EQ(house.code_of(again, owner.entry(Bytes(5, 2))), 0);
  const auto entries = std::get<wire::ChannelEntries>(house.ask(again, wire::ChannelRead{owner.id, 0, 100'000}));
  EXPECT_EQ(entries.entries.size(), 2U);
}

TEST_F(Channels, a_flood_of_entries_has_to_wait) {
  create();
  for (uint8_t i = 0; i < 64; ++i) post(i);
  const auto reply = house.ask(writer, owner.entry(Bytes(1, 1)));
  EXPECT_EQ(std::get<wire::Refused>(reply).code, wire::kTooManyRequests.number);
}

}  // namespace
}  // namespace godwit::home
