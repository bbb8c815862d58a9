#include "wire/requests.h"

#include <gtest/gtest.h>

#include "wire/errors.h"
#include "wire/testing/samples.h"

namespace godwit::wire {
namespace {

using testing::id_of;
using testing::sample_requests;

ErrorCode error_of(const Request& request) {
  const auto decoded = decode_request(encode_request(request));
  EXPECT_FALSE(decoded.has_value());
  return decoded.has_value() ? ErrorCode{0, Action::kDrop, "none"} : decoded.error().code;
}

TEST(Requests, there_is_a_sample_of_every_kind) {
  const auto samples = sample_requests();
  ASSERT_EQ(samples.size(), std::variant_size_v<RequestVariant>);
  for (size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(samples[i].index(), i);
}

TEST(Requests, every_kind_comes_back_as_it_was) {
  for (const Request& request : sample_requests()) {
    const Bytes bytes = encode_request(request);
    const auto back = decode_request(bytes);
    ASSERT_TRUE(back.has_value()) << request.index();
    EXPECT_EQ(back->index(), request.index());
    EXPECT_EQ(encode_request(*back), bytes);
  }
}

TEST(Requests, an_encoding_starts_with_its_kind) {
  EXPECT_EQ(to_hex(encode_request(DeviceList{})), "0005");
  EXPECT_EQ(to_hex(encode_request(Acknowledge{{258}})), "000f0000000000000102");
}

TEST(Requests, a_prefix_of_a_request_is_malformed) {
  for (const Request& request : sample_requests()) {
    const Bytes bytes = encode_request(request);
    for (size_t size = 0; size < bytes.size(); ++size) {
      const auto cut = decode_request(ByteView(bytes).first(size));
      ASSERT_FALSE(cut.has_value()) << request.index() << " cut to " << size;
      EXPECT_EQ(cut.error().code, kMalformed);
    }
  }
}

TEST(Requests, a_byte_after_a_request_is_malformed) {
  for (const Request& request : sample_requests()) {
    Bytes bytes = encode_request(request);
    bytes.push_back(0);
    const auto longer = decode_request(bytes);
    ASSERT_FALSE(longer.has_value());
    EXPECT_EQ(longer.error().code, kMalformed);
  }
}

TEST(Requests, an_unknown_kind_is_named) {
  for (const Bytes& bytes :
       {Bytes{0, 0}, Bytes{0, std::variant_size_v<RequestVariant> + 1}, Bytes{0x40, 1}, Bytes{255, 255, 1, 2}}) {
    const auto request = decode_request(bytes);
    ASSERT_FALSE(request.has_value());
    EXPECT_EQ(request.error().code, kUnknownRequest);
  }
}

TEST(Requests, bounds_of_deliveries_are_checked) {
  const Recipient recipient{id_of<Alias>(1), id_of<Token>(2), id_of<DeliveryId>(3)};
  EXPECT_TRUE(decode_request(encode_request(Deliver{recipient, kTtlSecondsMax, Bytes(kPayloadSizeMax)})).has_value());
  EXPECT_EQ(error_of(Deliver{recipient, 1, Bytes(kPayloadSizeMax + 1)}), kTooLarge);
  EXPECT_EQ(error_of(Deliver{recipient, kTtlSecondsMax + 1, Bytes(1)}), kTooLarge);
  EXPECT_EQ(error_of(SelfDeliver{id_of<DeliveryId>(3), 1, Bytes(kPayloadSizeMax + 1)}), kTooLarge);
  EXPECT_EQ(error_of(SelfDeliver{id_of<DeliveryId>(3), kTtlSecondsMax + 1, {}}), kTooLarge);
  EXPECT_EQ(error_of(DeliverMany{{}, 1, {}}), kMalformed);
  EXPECT_EQ(error_of(DeliverMany{std::vector<Recipient>(kDeliverManyMax + 1, recipient), 1, {}}), kTooLarge);
  EXPECT_EQ(error_of(DeliverMany{{recipient}, 1, Bytes(kPayloadSizeMax + 1)}), kTooLarge);
  EXPECT_EQ(error_of(DeliverMany{std::vector<Recipient>(33, recipient), 1, Bytes(kPayloadSizeMax)}), kTooLarge);
  EXPECT_EQ(error_of(Deliver{recipient, 0, Bytes(kFleetingSizeMax + 1)}), kTooLarge);
  EXPECT_EQ(error_of(SelfDeliver{{}, 0, Bytes(kFleetingSizeMax + 1)}), kTooLarge);
}

TEST(Requests, bounds_of_the_other_families_are_checked) {
  const auto alias = id_of<Alias>(1);
  EXPECT_EQ(error_of(MailboxOpen{{}, {}, Bytes(63), {}, {}}), kMalformed);
  EXPECT_EQ(error_of(MailboxOpen{{}, {}, Bytes(64), Bytes(kOpenCodeSizeMax + 1), {}}), kTooLarge);
  EXPECT_EQ(error_of(MailboxProve{{}, {}, Bytes(65)}), kMalformed);
  EXPECT_EQ(error_of(AddressToken{alias, {}, kOldDaysMax + 1}), kTooLarge);
  EXPECT_EQ(error_of(KeyPackagePublish{alias, std::vector<Bytes>(kKeyPackagesMax + 1), {}}), kTooLarge);
  EXPECT_EQ(error_of(KeyPackagePublish{alias, {Bytes(kKeyPackageSizeMax + 1)}, {}}), kTooLarge);
  EXPECT_EQ(error_of(KeyPackagePublish{alias, {}, Bytes(kKeyPackageSizeMax + 1)}), kTooLarge);
  EXPECT_EQ(error_of(LogAppend{{}, 1, kAttemptsMax, {}, {}, {}, {}}), kTooLarge);
  EXPECT_EQ(error_of(LogAppend{{}, 1, 0, {}, {}, {}, Bytes(kEntrySizeMax + 1)}), kTooLarge);
}

TEST(Requests, bounds_of_what_devices_ask_are_checked) {
  EXPECT_EQ(error_of(MeetingPut{{}, kMeetingMessages, Bytes(1)}), kTooLarge);
  EXPECT_EQ(error_of(MeetingPut{{}, 0, Bytes(kMeetingMessageSizeMax + 1)}), kTooLarge);
  EXPECT_EQ(error_of(MeetingPut{{}, 0, {}}), kMalformed);
  EXPECT_EQ(error_of(MeetingGet{{}, kMeetingMessages}), kTooLarge);
  EXPECT_EQ(error_of(MailboxRecover{{}, {}, Bytes(64), {}, Bytes(63)}), kMalformed);
  EXPECT_EQ(error_of(MailboxRecover{{}, {}, Bytes(65), {}, Bytes(64)}), kMalformed);
  EXPECT_EQ(error_of(BackupPut{Bytes(kBackupSizeMax + 1)}), kTooLarge);
}

TEST(Requests, a_subscription_is_for_an_https_address_and_an_uncompressed_point) {
  const auto with = [](std::string endpoint, uint8_t first = 4) {
    WebPushSubscription subscription{std::move(endpoint), id_of<WebPushKey>(4), {}};
    subscription.key.value.front() = first;
    return WebPushSet{subscription};
  };
  for (const char* good : {"https://push.example", "https://push.example:8443/a?b=c", "https://[2001:db8::1]/x",
                           "https://push.example?token=%2fa"}) {
    EXPECT_TRUE(decode_request(encode_request(with(good))).has_value()) << good;
  }
  for (const char* bad :
       {"", "http://push.example/", "HTTPS://push.example/", "https://", "https:///x", "https://:443/x",
        "https://anna@push.example/", "https://push.example/#x", "https://push.example/a b",
        "https://push.example/\r\nX: y", "https://push.example\\@other/", "https://p\xc3\xa4.example/"}) {
    EXPECT_EQ(error_of(with(bad)), kMalformed) << bad;
  }
  EXPECT_EQ(error_of(with("https://push.example/", 2)), kMalformed);
  EXPECT_EQ(error_of(with("https://push.example/", 0)), kMalformed);
  const std::string head = "https://push.example/";
  EXPECT_TRUE(
      decode_request(encode_request(with(head + std::string(kWebPushEndpointMax - head.size(), 'a')))).has_value());
  EXPECT_EQ(error_of(with(head + std::string(kWebPushEndpointMax, 'a'))), kTooLarge);
}

TEST(Requests, only_what_may_be_repeated_at_any_time_may_travel_in_a_first_flight) {
  const Recipient recipient{id_of<Alias>(1), id_of<Token>(2), id_of<DeliveryId>(3)};
  EXPECT_TRUE(is_idempotent(Deliver{recipient, 60, {}}));
  EXPECT_TRUE(is_idempotent(Fetch{{1}, 100, true}));
  EXPECT_TRUE(is_idempotent(Acknowledge{{1}}));
  EXPECT_TRUE(is_idempotent(LogAppend{}));
  EXPECT_FALSE(is_idempotent(Deliver{recipient, 0, {}})) << "nobody remembers it";
  EXPECT_FALSE(is_idempotent(DeviceAdd{})) << "would bring a removed device back";
  EXPECT_FALSE(is_idempotent(AddressToken{})) << "would bring an old token back";
  EXPECT_FALSE(is_idempotent(MailboxProve{}));
  EXPECT_FALSE(is_idempotent(MailboxDrop{}));
  EXPECT_FALSE(is_idempotent(WebPushSet{})) << "would bring a subscription back";
  EXPECT_TRUE(is_idempotent(WebPushLook{}));
  EXPECT_TRUE(is_idempotent(PageLook{}));
}

}  // namespace
}  // namespace godwit::wire
