// A connection on a local network: names, handshake, records.

#include "engine/lan_channel.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "session/errors.h"

namespace godwit::engine {
namespace {

constexpr Instant kNow{1'800'000'000'000};

class Lan : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  LanChannel dial() { return *LanChannel::dial(name, psk(), random); }
  crypto::Secret<32> psk() const { return lan_psk(listener_key, dialler_key, name); }
  LanChannel::PskOf knows() const {
    return [this](const LanName& asked) -> std::optional<crypto::Secret<32>> {
      if (asked != name) return std::nullopt;
      return psk();
    };
  }
  // Carries bytes until nobody has more to say; gives what the listener heard.
  std::vector<LanMessage> carry(LanChannel& dialler, LanChannel& listener) {
    std::vector<LanMessage> heard;
    while (true) {
      const Bytes there = dialler.take_output();
      auto messages = listener.receive(there, knows(), kNow);
      EXPECT_TRUE(messages.has_value());
      for (auto& each : *messages) heard.push_back(std::move(each));
      const Bytes back = listener.take_output();
      EXPECT_TRUE(dialler.receive(back, knows(), kNow).has_value());
      if (there.empty() && back.empty()) return heard;
    }
  }
  crypto::SeededRandom random{1};
  crypto::AeadKey listener_key = crypto::AeadKey::random(random);
  crypto::AeadKey dialler_key = crypto::AeadKey::random(random);
  LanName name = lan_name(listener_key, 500'000);
};

TEST_F(Lan, names_change_with_the_hour_and_the_key) {
  EXPECT_EQ(lan_name(listener_key, 500'000), name);
  EXPECT_NE(lan_name(listener_key, 500'001), name);
  EXPECT_NE(lan_name(dialler_key, 500'000), name);
}

TEST_F(Lan, the_key_says_who_listens_and_under_which_name) {
  EXPECT_FALSE(equal(psk().reveal(), lan_psk(dialler_key, listener_key, name).reveal()));
  EXPECT_FALSE(equal(psk().reveal(), lan_psk(listener_key, dialler_key, lan_name(listener_key, 1)).reveal()));
}

TEST_F(Lan, both_sides_talk) {
  LanChannel dialler = dial();
  LanChannel listener = LanChannel::listen(random);
  EXPECT_TRUE(carry(dialler, listener).empty());
  ASSERT_TRUE(dialler.is_open());
  ASSERT_TRUE(listener.is_open());
  EXPECT_EQ(listener.name(), name);
  const Bytes small{1, 2, 3};
  Bytes large(kLanBodyMax);
  random.fill(large);
  ASSERT_TRUE(dialler.send(LanKind::kTaken, small));
  ASSERT_TRUE(dialler.send(LanKind::kParcel, large));
  ASSERT_TRUE(dialler.send(LanKind::kParcel, {}));
  const auto heard = carry(dialler, listener);
  ASSERT_EQ(heard.size(), 3U);
  EXPECT_EQ(heard[0].body, small);
  EXPECT_EQ(heard[1].body, large);
  EXPECT_TRUE(heard[2].body.empty());
}

TEST_F(Lan, bytes_may_come_one_by_one) {
  LanChannel dialler = dial();
  LanChannel listener = LanChannel::listen(random);
  carry(dialler, listener);
  ASSERT_TRUE(dialler.send(LanKind::kParcel, Bytes(1000, 7)));
  size_t heard = 0;
  for (const uint8_t byte : dialler.take_output()) heard += listener.receive(Bytes{byte}, knows(), kNow)->size();
  EXPECT_EQ(heard, 1U);
}

TEST_F(Lan, some_messages_of_unknown_kinds_are_passed_over_and_a_flood_ends_it) {
  LanChannel dialler = dial();
  LanChannel listener = LanChannel::listen(random);
  carry(dialler, listener);
  for (uint32_t i = 0; i < kLanUnknownMax; ++i) ASSERT_TRUE(dialler.send(LanKind{9}, Bytes(i)));
  ASSERT_TRUE(dialler.send(LanKind::kParcel, Bytes(3, 7)));
  const auto heard = carry(dialler, listener);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].body, Bytes(3, 7));
  ASSERT_TRUE(dialler.send(LanKind{9}, {}));
  EXPECT_EQ(listener.receive(dialler.take_output(), knows(), kNow).error().code, session::kBadRecord);
}

TEST_F(Lan, text_of_any_length_below_a_bucket_looks_the_same) {
  LanChannel dialler = dial();
  LanChannel listener = LanChannel::listen(random);
  carry(dialler, listener);
  ASSERT_TRUE(dialler.send(LanKind::kParcel, Bytes(1)));
  const size_t size = dialler.take_output().size();
  ASSERT_TRUE(dialler.send(LanKind::kParcel, Bytes(200)));
  EXPECT_EQ(dialler.take_output().size(), size);
}

TEST_F(Lan, whoever_has_another_key_is_refused_and_hears_nothing) {
  LanChannel stranger = *LanChannel::dial(name, crypto::Secret<32>::random(random), random);
  LanChannel listener = LanChannel::listen(random);
  const auto heard = listener.receive(stranger.take_output(), knows(), kNow);
  EXPECT_EQ(heard.error().code, session::kBadHandshake);
  EXPECT_TRUE(listener.take_output().empty());
}

TEST_F(Lan, a_name_that_nobody_answers_to_is_refused_and_hears_nothing) {
  LanChannel dialler = *LanChannel::dial(lan_name(dialler_key, 1), psk(), random);
  LanChannel listener = LanChannel::listen(random);
  EXPECT_FALSE(listener.receive(dialler.take_output(), knows(), kNow).has_value());
  EXPECT_TRUE(listener.take_output().empty());
}

TEST_F(Lan, a_first_message_that_is_played_again_opens_nothing) {
  LanChannel dialler = dial();
  const Bytes first = dialler.take_output();
  LanChannel listener = LanChannel::listen(random);
  ASSERT_TRUE(listener.receive(first, knows(), kNow).has_value());
  EXPECT_FALSE(listener.is_open());
  // He who plays it again can only play the rest as well, which was for another ephemeral key.
  LanChannel other = LanChannel::listen(random);
  ASSERT_TRUE(other.receive(first, knows(), kNow).has_value());
  ASSERT_TRUE(dialler.receive(listener.take_output(), knows(), kNow).has_value());
  EXPECT_FALSE(other.receive(dialler.take_output(), knows(), kNow).has_value());
  EXPECT_FALSE(other.is_open());
}

TEST_F(Lan, whoever_answers_for_another_is_refused) {
  LanChannel dialler = dial();
  LanChannel impostor = LanChannel::listen(random);
  const auto wrong = [this](const LanName&) { return std::optional(crypto::Secret<32>::random(random)); };
  EXPECT_FALSE(impostor.receive(dialler.take_output(), wrong, kNow).has_value());
  EXPECT_FALSE(dialler.receive(Bytes(48, 9), knows(), kNow).has_value());
}

TEST_F(Lan, a_record_that_was_changed_or_came_twice_ends_it) {
  for (const bool twice : {false, true}) {
    LanChannel dialler = dial();
    LanChannel listener = LanChannel::listen(random);
    carry(dialler, listener);
    ASSERT_TRUE(dialler.send(LanKind::kParcel, Bytes(10)));
    Bytes record = dialler.take_output();
    if (twice) {
      ASSERT_TRUE(listener.receive(record, knows(), kNow).has_value());
    } else {
      record.back() ^= 1;
    }
    EXPECT_EQ(listener.receive(record, knows(), kNow).error().code, session::kBadRecord);
  }
}

TEST_F(Lan, the_wire_begins_with_the_name_and_nothing_that_is_always_the_same) {
  const Bytes one = dial().take_output();
  const Bytes two = dial().take_output();
  ASSERT_EQ(one.size(), 54U);
  EXPECT_TRUE(equal(ByteView(one).first(6), name.view()));
  size_t same = 0;
  for (size_t i = 6; i < one.size(); ++i) same += one[i] == two[i] ? 1U : 0U;
  EXPECT_LT(same, 8U);
}

}  // namespace
}  // namespace godwit::engine
