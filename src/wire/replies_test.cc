#include "wire/replies.h"

#include <gtest/gtest.h>

#include <functional>

#include "wire/errors.h"
#include "wire/testing/samples.h"

namespace godwit::wire {
namespace {

using testing::sample_replies;
using testing::sample_requests;

TEST(Replies, there_is_a_sample_of_every_kind) {
  const auto samples = sample_replies();
  ASSERT_EQ(samples.size(), std::variant_size_v<ReplyVariant>);
  for (size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(samples[i].index(), i);
}

TEST(Replies, every_kind_comes_back_as_it_was) {
  for (const Reply& reply : sample_replies()) {
    const Bytes bytes = encode_reply(reply);
    const auto back = decode_reply(bytes);
    ASSERT_TRUE(back.has_value()) << reply.index();
    EXPECT_EQ(back->index(), reply.index());
    EXPECT_EQ(encode_reply(*back), bytes);
  }
}

TEST(Replies, whatever_is_not_exactly_a_reply_is_malformed) {
  for (const Reply& reply : sample_replies()) {
    Bytes bytes = encode_reply(reply);
    for (size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_FALSE(decode_reply(ByteView(bytes).first(size)).has_value()) << reply.index() << " cut to " << size;
    }
    bytes.push_back(0);
    const auto longer = decode_reply(bytes);
    ASSERT_FALSE(longer.has_value());
    EXPECT_EQ(longer.error().code, kMalformed);
  }
  EXPECT_FALSE(decode_reply(encode_request(sample_requests().front())).has_value());
}

TEST(Replies, credentials_for_a_call_are_printable_and_name_relays) {
  const TurnCredentials good{{"turns:home.example:443?transport=tcp"}, "1:a", "b", 1};
  EXPECT_TRUE(check_turn_credentials(good).has_value());
  const auto refuses = [&](const std::function<void(TurnCredentials&)>& change) {
    TurnCredentials changed = good;
    change(changed);
    return !check_turn_credentials(changed).has_value();
  };
  EXPECT_TRUE(refuses([](auto& it) { it.urls.clear(); }));
  EXPECT_TRUE(refuses([](auto& it) { it.urls.resize(kTurnUrlsMax + 1, it.urls[0]); }));
  EXPECT_TRUE(refuses([](auto& it) { it.urls[0] = "stun:home.example"; }));
  EXPECT_TRUE(refuses([](auto& it) { it.urls.push_back("turn:a b"); }));
  EXPECT_TRUE(refuses([](auto& it) { it.username.clear(); }));
  EXPECT_TRUE(refuses([](auto& it) { it.username = std::string(kTurnTextMax + 1, 'a'); }));
  EXPECT_TRUE(refuses([](auto& it) { it.password = "\"\n"; }));
}

TEST(Replies, a_refusal_means_the_same_on_both_sides) {
  EXPECT_EQ(refusal(Refused{kAddressRefused.number, 0, 0}), kAddressRefused);
  EXPECT_EQ(refusal(Refused{kNobodyConnected.number, 0, 0}).action, Action::kDrop);
  EXPECT_EQ(refusal(Refused{kUnavailable.number, 0, 0}).action, Action::kRetryLater);
  for (const ErrorCode& code : {kNoSuchMeeting, kListMoved, kCallsOff, kHomeFull}) {
    EXPECT_EQ(refusal(Refused{code.number, 0, 0}), code);
  }
  EXPECT_EQ(refusal(Refused{1, 0, 0}), kUnknownRequest) << "a newer home's number";
  EXPECT_EQ(refusal(Refused{529, 0, 0}), kUnavailable) << "one that says 'not now': nothing is thrown away for it";
  EXPECT_EQ(refusal(Refused{530, 0, 0}), kUnknownRequest);
}

}  // namespace
}  // namespace godwit::wire
