// The link between a front and the home that has the store, in the hands of whoever carries its packets.

#include "home/front_link.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "home/errors.h"
#include "home/front_messages.h"

namespace godwit::home {
namespace {

struct Pair {
  explicit Pair(uint64_t seed = 1) : random(seed) {
    EXPECT_TRUE(crypto::initialise());
    keys.emplace(Keys::generate(random));
    call.emplace(key(), FrontInboxId{{1}}, "front", random);
    auto welcome = front_welcome(key(), FrontInboxId{{2}}, "home", call->hello(), random);
    EXPECT_TRUE(welcome.has_value());
    EXPECT_EQ(welcome->front, (FrontInboxId{{1}}));
    EXPECT_EQ(welcome->name, "front");
    welcome_packet = welcome->packet;
    home.emplace(std::move(welcome->link));
    auto answered = call->answered(welcome_packet);
    EXPECT_TRUE(answered.has_value());
    EXPECT_EQ(answered->home, (FrontInboxId{{2}}));
    EXPECT_EQ(answered->name, "home");
    front.emplace(std::move(answered->link));
  }
  FrontClusterKey key() const { return FrontClusterKey::of(*keys); }

  crypto::SeededRandom random;
  std::optional<Keys> keys;
  std::optional<FrontCall> call;
  Bytes welcome_packet;
  std::optional<FrontLink> front;
  std::optional<FrontLink> home;
};

// All packets of one end.
std::vector<Bytes> packets_of(FrontLink& link) {
  std::vector<Bytes> out;
  while (auto packet = link.next_packet()) out.push_back(std::move(*packet));
  return out;
}

std::vector<Bytes> messages_of(FrontLink& link) {
  std::vector<Bytes> out;
  while (auto message = link.next_message()) out.push_back(std::move(*message));
  return out;
}

TEST(FrontLink, messages_come_in_order_whatever_their_size) {
  Pair pair;
  const std::vector<Bytes> sent{{1, 2, 3}, {}, Bytes(kFrontMessageSizeMax, 7), Bytes(300'000, 8), {4}};
  for (const Bytes& each : sent) pair.front->send(each);
  std::vector<Bytes> come;
  for (const Bytes& packet : packets_of(*pair.front)) {
    EXPECT_LE(packet.size(), kFrontPacketSizeMax);
    ASSERT_TRUE(pair.home->receive(packet).has_value());
    for (Bytes& each : messages_of(*pair.home)) come.push_back(std::move(each));
  }
  EXPECT_EQ(come, sent);
  EXPECT_TRUE(pair.home->confirmed());
  EXPECT_EQ(pair.front->waiting(), 0U);
}

TEST(FrontLink, a_doubled_packet_a_changed_one_and_one_of_another_link_are_nothing) {
  Pair pair;
  Pair other(2);
  pair.front->send({1});
  const Bytes packet = packets_of(*pair.front).front();
  other.front->send({9});
  ASSERT_TRUE(pair.home->receive(packets_of(*other.front).front()).has_value());
  for (size_t at = 0; at < packet.size(); ++at) {
    Bytes changed = packet;
    changed[at] ^= 1;
    ASSERT_TRUE(pair.home->receive(changed).has_value()) << at;
  }
  ASSERT_TRUE(pair.home->receive(Bytes(10, 3)).has_value());
  EXPECT_TRUE(messages_of(*pair.home).empty());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(pair.home->receive(packet).has_value());
  EXPECT_EQ(messages_of(*pair.home), (std::vector<Bytes>{{1}}));
  // Nor does a home take its own packets for the front's.
  pair.home->send({5});
  ASSERT_TRUE(pair.home->receive(packets_of(*pair.home).front()).has_value());
  EXPECT_TRUE(messages_of(*pair.home).empty());
}

TEST(FrontLink, a_lost_packet_and_swapped_ones_end_it) {
  Pair pair;
  std::vector<Bytes> packets;
  for (uint8_t i = 0; i < 3; ++i) {
    pair.front->send({i});
    packets.push_back(packets_of(*pair.front).front());
  }
  ASSERT_TRUE(pair.home->receive(packets[0]).has_value());
  const Status lost = pair.home->receive(packets[2]);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, kFrontLinkLost);
}

TEST(FrontLink, an_end_that_is_not_heard_waits_and_holds_no_more_than_its_window_back) {
  Pair pair;
  for (int i = 0; i < 20; ++i) pair.front->send(Bytes(kFrontMessageSizeMax, 1));
  const auto first = packets_of(*pair.front);
  size_t bytes = 0;
  for (const Bytes& each : first) bytes += each.size();
  EXPECT_LE(bytes, kFrontWindow + kFrontPacketSizeMax);
  EXPECT_GT(pair.front->waiting(), size_t{15} << 20);
  size_t come = 0;
  std::vector<Bytes> on_the_way = first;
  while (!on_the_way.empty()) {
    for (const Bytes& each : on_the_way) ASSERT_TRUE(pair.home->receive(each).has_value());
    come += messages_of(*pair.home).size();
    for (const Bytes& each : packets_of(*pair.home)) ASSERT_TRUE(pair.front->receive(each).has_value());
    on_the_way = packets_of(*pair.front);
  }
  EXPECT_EQ(come, 20U);
}

TEST(FrontLink, each_end_is_heard_once_a_second_and_silence_ends_it) {
  Pair pair;
  for (int second = 0; second < 30; ++second) {
    for (const Bytes& each : packets_of(*pair.front)) ASSERT_TRUE(pair.home->receive(each).has_value());
    for (const Bytes& each : packets_of(*pair.home)) ASSERT_TRUE(pair.front->receive(each).has_value());
    ASSERT_TRUE(pair.front->tick().has_value());
    ASSERT_TRUE(pair.home->tick().has_value());
  }
  uint32_t silent = 0;
  while (pair.front->tick()) ++silent;
  EXPECT_GE(silent, kFrontSilentTicksMax - 2) << "an end that has something to say is not asked to say it every second";
  EXPECT_LE(silent, kFrontSilentTicksMax);
  EXPECT_EQ(pair.front->tick().error().code, kFrontLinkLost);
}

TEST(FrontLink, a_message_that_claims_to_be_too_large_ends_it) {
  // Whoever has the keys may be wrong as well.
  crypto::SeededRandom random(1);
  const auto key = [](uint8_t byte) { return *crypto::AeadKey::copy_of(Bytes(32, byte)); };
  FrontLink receiver(FrontLinkId{{1}}, key(1), key(2));
  Bytes inner(8);  // nothing is confirmed
  append(inner, Bytes{0x7f, 0xff, 0xff, 0xff});
  Bytes packet{static_cast<uint8_t>(FrontPacketKind::kRecord)};
  append(packet, FrontLinkId{{1}}.view());
  packet.resize(packet.size() + 8);
  const Bytes head = packet;
  append(packet, crypto::aead_seal(key(2), {}, head, inner));
  EXPECT_EQ(receiver.receive(packet).error().code, kFrontLinkLost);
}

TEST(FrontHandshake, who_has_not_the_clusters_key_is_not_answered_and_does_not_answer) {
  Pair pair;
  Pair stranger(7);
  EXPECT_EQ(front_welcome(pair.key(), {}, "", stranger.call->hello(), pair.random).error().code, kBadFrontMessage);
  auto answer = front_welcome(stranger.key(), {}, "", stranger.call->hello(), pair.random);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(pair.call->answered(answer->packet).error().code, kBadFrontMessage);
}

TEST(FrontHandshake, every_changed_byte_is_noticed) {
  Pair pair;
  const Bytes& hello = pair.call->hello();
  for (size_t at = 0; at < hello.size(); at += at < 40 ? 1 : 97) {
    Bytes changed = hello;
    changed[at] ^= 1;
    EXPECT_FALSE(front_welcome(pair.key(), {}, "", changed, pair.random).has_value()) << at;
  }
  for (size_t at = 0; at < pair.welcome_packet.size(); at += at < 40 ? 1 : 97) {
    Bytes changed = pair.welcome_packet;
    changed[at] ^= 1;
    EXPECT_FALSE(pair.call->answered(changed).has_value()) << at;
  }
}

TEST(FrontHandshake, an_answer_is_good_for_its_own_hello_only_and_a_hello_that_is_sent_again_makes_another_link) {
  Pair pair;
  const FrontCall second(pair.key(), FrontInboxId{{1}}, "front", pair.random);
  EXPECT_FALSE(second.answered(pair.welcome_packet).has_value());
  auto again = front_welcome(pair.key(), FrontInboxId{{2}}, "home", pair.call->hello(), pair.random);
  ASSERT_TRUE(again.has_value());
  pair.front->send({1});
  const Bytes packet = packets_of(*pair.front).front();
  ASSERT_TRUE(again->link.receive(packet).has_value());
  EXPECT_FALSE(again->link.confirmed());
}

TEST(FrontHandshake, another_version_is_told_and_learnt) {
  Pair pair;
  Bytes hello = pair.call->hello();
  hello[2] = 99;
  EXPECT_EQ(front_welcome(pair.key(), {}, "", hello, pair.random).error().code, kOtherFrontVersion);
  EXPECT_EQ(front_inbox_of(hello), (FrontInboxId{{1}}));
  EXPECT_EQ(pair.call->answered(front_other_version()).error().code, kOtherFrontVersion);
}

TEST(FrontMessages, each_comes_back_as_it_was_and_nothing_is_behind_it) {
  crypto::SeededRandom random(1);
  session::TicketRecord record;
  record.id = {random.bytes<16>()};
  record.psk = session::TicketPsk::random(random);
  record.kind = session::SessionKind::kMailbox;
  record.binding = Bytes(50, 3);
  std::vector<FrontMessage> all;
  all.emplace_back(FrontOpened{{1}, {}, Bytes(50, 1), true});
  all.emplace_back(FrontRequest{{2}, {3}, true, Bytes(1000, 1)});
  all.emplace_back(FrontClosed{{4}});
  all.emplace_back(FrontTicketWanted{{5}, record.id});
  all.emplace_back(FrontTicketIssued{FrontTicket{record.clone(), hours(2)}});
  all.emplace_back(FrontTaken{{{{6}, 7}, {{8}, 9}}});
  all.emplace_back(FrontReply{{1}, {2}, Bytes(session::kReplySizeMax, 5)});
  all.emplace_back(FrontRefusal{{1}, {2}, 425, 1000});
  all.emplace_back(FrontPush{{1}, Bytes(3, 3)});
  all.emplace_back(FrontBind{{1}, Bytes(255, 3)});
  all.emplace_back(FrontClose{{1}, true});
  all.emplace_back(FrontTicketFound{{1}, FrontTicket{record.clone(), hours(2)}});
  all.emplace_back(FrontTicketFound{{1}, std::nullopt});
  all.emplace_back(FrontGoingDown{});
  all.emplace_back(FrontGoodbye{});
  for (const FrontMessage& each : all) {
    Bytes bytes = encode_front_message(each);
    EXPECT_LE(bytes.size(), kFrontMessageSizeMax);
    const auto back = decode_front_message(bytes);
    ASSERT_TRUE(back.has_value()) << each.index();
    EXPECT_EQ(back->index(), each.index());
    EXPECT_EQ(encode_front_message(*back), bytes);
    bytes.push_back(0);
    EXPECT_EQ(decode_front_message(bytes).error().code, kBadFrontMessage) << each.index();
    bytes.resize(bytes.size() > 2 ? bytes.size() - 2 : 0);
    EXPECT_FALSE(decode_front_message(bytes).has_value()) << each.index();
  }
}

}  // namespace
}  // namespace godwit::home
