#include "session/sealed_request.h"

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "crypto/xwing.h"

namespace godwit::session {
namespace {

class SealedRequestTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  SealedRequest sealed(const std::vector<Bytes>& requests) {
    return *seal_requests(home_public_, requests, now_ + days(2), random_);
  }
  crypto::SeededRandom random_{5};
  crypto::SecretBuffer home_key_ = crypto::SecretBuffer::random(random_, 32);
  Bytes home_public_ = *crypto::kem_xwing().public_key(home_key_);
  Instant now_{days(20'000).ms};
  const std::vector<Bytes> requests_{{1, 2, 3}, {}, Bytes(5000, 7)};
};

TEST_F(SealedRequestTest, requests_and_replies_cross_in_their_order) {
  const SealedRequest request = sealed(requests_);
  const auto opened = open_requests(home_key_, request.bytes);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->requests, requests_);
  EXPECT_EQ(opened->expires, now_ + days(2));
  EXPECT_EQ(opened->reply_key.id(), request.reply_key.id());
  const std::vector<Bytes> replies{{9}, {8, 8}, {}};
  const Bytes reply = opened->reply_key.seal(replies, random_);
  EXPECT_EQ(*request.reply_key.open(reply), replies);
  const auto head = request.reply_key.reply_head();
  EXPECT_TRUE(equal(ByteView(reply).first(head.size()), head));
}

TEST_F(SealedRequestTest, both_sides_have_a_binding_that_no_other_request_has) {
  auto setup = SealedSetup::create(home_public_, random_);
  auto other = SealedSetup::create(home_public_, random_);
  ASSERT_TRUE(setup && other);
  const ChannelBinding binding = setup->binding();
  EXPECT_NE(binding, other->binding());
  const auto request = std::move(*setup).seal({{1}}, now_ + days(2), random_);
  ASSERT_TRUE(request);
  EXPECT_EQ(open_requests(home_key_, request->bytes)->binding, binding);
}

TEST_F(SealedRequestTest, a_reply_key_survives_storage) {
  const SealedRequest request = sealed({{1}});
  const auto stored = SealedReplyKey::parse(request.reply_key.serialise());
  ASSERT_TRUE(stored);
  EXPECT_TRUE(stored->open(open_requests(home_key_, request.bytes)->reply_key.seal({{2}}, random_)));
  EXPECT_FALSE(SealedReplyKey::parse(crypto::SecretBuffer(47)));
}

TEST_F(SealedRequestTest, sizes_are_those_of_buckets) {
  for (const size_t size : {size_t{1}, size_t{200}, size_t{4000}, size_t{9000}}) {
    const size_t plaintext = sealed({Bytes(size)}).bytes.size() - 1 - crypto::kXWingCiphertextSize - 16;
    EXPECT_TRUE(plaintext == 256 || plaintext % 4096 == 0) << plaintext;
  }
}

TEST_F(SealedRequestTest, every_change_and_every_truncation_is_refused) {
  const SealedRequest request = sealed({{1}});
  for (size_t i = 0; i < request.bytes.size(); i += 13) {
    Bytes changed = request.bytes;
    changed[i] ^= 1;
    const auto refused = open_requests(home_key_, changed);
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error().code, kBadSealedRequest);
    EXPECT_FALSE(open_requests(home_key_, ByteView(request.bytes).first(i))) << i;
  }
  const Bytes reply = open_requests(home_key_, request.bytes)->reply_key.seal({{2}}, random_);
  for (size_t i = 0; i < reply.size(); ++i) {
    Bytes changed = reply;
    changed[i] ^= 1;
    EXPECT_FALSE(request.reply_key.open(changed)) << i;
    EXPECT_FALSE(request.reply_key.open(ByteView(reply).first(i))) << i;
  }
}

TEST_F(SealedRequestTest, another_homes_key_and_another_requests_reply_key_do_not_open) {
  const SealedRequest request = sealed({{1}});
  const SealedRequest other = sealed({{1}});
  EXPECT_FALSE(open_requests(crypto::SecretBuffer::random(random_, 32), request.bytes));
  EXPECT_FALSE(open_requests(crypto::SecretBuffer(5), request.bytes));
  EXPECT_FALSE(other.reply_key.open(open_requests(home_key_, request.bytes)->reply_key.seal({{2}}, random_)));
}

TEST_F(SealedRequestTest, too_many_or_too_large_requests_and_bad_keys_are_refused) {
  EXPECT_EQ(seal_requests(home_public_, {}, now_, random_).error().code, kMessageTooLarge);
  EXPECT_EQ(seal_requests(home_public_, std::vector<Bytes>(65), now_, random_).error().code, kMessageTooLarge);
  EXPECT_EQ(seal_requests(home_public_, {Bytes(kSealedSizeMax + 1)}, now_, random_).error().code, kMessageTooLarge);
  EXPECT_TRUE(seal_requests(home_public_, {Bytes(kSealedSizeMax)}, now_, random_));
  EXPECT_FALSE(seal_requests(ByteView(home_public_).first(100), {{1}}, now_, random_));
}

TEST_F(SealedRequestTest, a_replay_is_refused_until_the_request_expires_and_after) {
  SealedReplays replays(2);
  const SealedId a{{1}};
  const SealedId b{{2}};
  const SealedId c{{3}};
  EXPECT_TRUE(replays.note(a, now_ + hours(1), now_));
  EXPECT_EQ(replays.note(a, now_ + hours(1), now_).error().code, kSealedReplay);
  EXPECT_TRUE(replays.note(b, now_ + hours(9), now_));
  EXPECT_EQ(replays.note(c, now_ + hours(9), now_).error().code, kOutboxFull) << "refused rather than forgotten";
  EXPECT_EQ(replays.note(a, now_ + hours(1), now_ + hours(1)).error().code, kSealedReplay) << "expired";
  EXPECT_TRUE(replays.note(c, now_ + hours(9), now_ + hours(1))) << "there is room again";
  EXPECT_EQ(replays.note(a, now_ + days(40), now_).error().code, kSealedReplay) << "nobody remembers for so long";
}

}  // namespace
}  // namespace godwit::session
