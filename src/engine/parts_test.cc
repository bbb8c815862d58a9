// The parts that stand alone: recovery key, device list, member info, padding, envelope, content, log entry, records.

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "engine/content.h"
#include "engine/envelope.h"
#include "engine/errors.h"
#include "engine/log_entry.h"
#include "engine/member_info.h"
#include "engine/padding.h"
#include "engine/record_key.h"
#include "engine/recovery_key.h"
#include "engine/safety_number.h"

namespace godwit::engine {
namespace {

class Parts : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  crypto::SeededRandom random{7};
};

TEST_F(Parts, recovery_key_is_read_back_however_it_was_written_down) {
  const auto key = crypto::Ed25519KeyPair::generate(random);
  std::string text = recovery_key_text(key);
  EXPECT_EQ(text.size(), 56U + 13U);
  for (char& c : text) c = static_cast<char>(std::tolower(c));
  std::replace(text.begin(), text.end(), '-', ' ');
  std::replace(text.begin(), text.end(), '0', 'O');
  std::replace(text.begin(), text.end(), '1', 'l');
  const auto back = parse_recovery_key(text);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->public_key, key.public_key);
}

TEST_F(Parts, recovery_key_with_a_digit_changed_or_missing_is_refused) {
  const std::string text = recovery_key_text(crypto::Ed25519KeyPair::generate(random));
  size_t accepted = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '-') continue;
    for (const char c : std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ!U")) {
      std::string changed = text;
      if (changed[i] == c) continue;
      changed[i] = c;
      accepted += parse_recovery_key(changed).has_value() ? 1U : 0U;
    }
    std::string shorter = text;
    shorter.erase(i, 1);
    EXPECT_EQ(parse_recovery_key(shorter).error().code, kRecoveryKeyMistyped);
  }
  EXPECT_EQ(accepted, 0U);  // one in 2^20 would pass; this seed has none
}

TEST_F(Parts, device_list_holds_only_for_its_account) {
  const auto recovery = crypto::Ed25519KeyPair::generate(random);
  const auto device = crypto::Ed25519KeyPair::generate(random);
  const auto list = DeviceList::create(recovery, device.public_key);
  const auto whole = DeviceList::validate(account_of(recovery.public_key), list.entries());
  ASSERT_TRUE(whole.has_value());
  EXPECT_TRUE(whole->has(device.public_key));
  EXPECT_FALSE(whole->has(recovery.public_key));
  EXPECT_FALSE(DeviceList::validate(account_of(device.public_key), list.entries()).has_value());
  EXPECT_FALSE(DeviceList::validate(account_of(recovery.public_key), {}).has_value());
}

TEST_F(Parts, device_list_with_any_bit_changed_is_refused) {
  const auto recovery = crypto::Ed25519KeyPair::generate(random);
  const auto list = DeviceList::create(recovery, crypto::Ed25519KeyPair::generate(random).public_key);
  const Bytes bytes = codec::encoded(list.entries());
  for (size_t i = 0; i < bytes.size(); ++i) {
    Bytes changed = bytes;
    changed[i] ^= 1;
    auto in = codec::decoded<DeviceListIn>(changed);
    if (!in) continue;
    EXPECT_FALSE(DeviceList::validate(account_of(recovery.public_key), std::move(*in)).has_value()) << i;
  }
}

TEST_F(Parts, name_that_could_fool_people_is_refused) {
  EXPECT_TRUE(check_name("Алиса").has_value());
  EXPECT_TRUE(check_name(std::string(64, 'a')).has_value());
  EXPECT_EQ(check_name(std::string(65, 'a')).error().code, kTooLong);
  for (const char* name :
       {"", "a\tb", "\x7f", "a\xe2\x80\xae", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x80"}) {
    EXPECT_EQ(check_name(name).error().code, kNotText) << name;
  }
}

TEST_F(Parts, member_is_refused_if_his_key_is_not_in_his_list) {
  const auto recovery = crypto::Ed25519KeyPair::generate(random);
  const auto device = crypto::Ed25519KeyPair::generate(random);
  const AccountId account = account_of(recovery.public_key);
  MemberInfo info{account, "Alice", DeviceList::create(recovery, device.public_key), {}, {}};
  info.home.routes = {"wss://home.example/ws"};
  const mls::Extensions extensions = {member_extension(info)};
  EXPECT_TRUE(validate_member(account.view(), device.public_key, extensions).has_value());
  EXPECT_EQ(validate_member(account.view(), recovery.public_key, extensions).error().code, kBadDeviceList);
  EXPECT_FALSE(validate_member(account.view(), device.public_key, {}).has_value());
  EXPECT_FALSE(validate_member({}, device.public_key, extensions).has_value());
}

TEST_F(Parts, padding_leaves_buckets_only) {
  for (size_t size = 0; size < 20'000; size += 7) {
    const size_t bucket = bucket_for(size);
    EXPECT_GE(bucket, size);
    EXPECT_TRUE(bucket + kPaddingRoom == 512 || bucket + kPaddingRoom == 1024 || bucket + kPaddingRoom == 2048 ||
                (bucket + kPaddingRoom) % 4096 == 0);
  }
}

TEST_F(Parts, envelope_opens_for_its_key_and_alias_only) {
  const auto key = crypto::AeadKey::random(random);
  const wire::Alias alias{{1}};
  const Envelope envelope{EnvelopeKind::kMls, {{5}}, Bytes(100, 1)};
  const Bytes payload = seal_envelope(envelope, key, alias.view(), random);
  EXPECT_EQ(payload.size(), bucket_for(payload.size()));
  const auto back = open_envelope(payload, key, alias.view());
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->body, envelope.body);
  EXPECT_EQ(back->ref, envelope.ref);
  EXPECT_EQ(open_envelope(payload, key, wire::Alias{{2}}.view()).error().code, kBadEnvelope);
  EXPECT_EQ(open_envelope(payload, crypto::AeadKey::random(random), alias.view()).error().code, kBadEnvelope);
  for (size_t i = 0; i < payload.size(); i += 5) {
    Bytes changed = payload;
    changed[i] ^= 1;
    EXPECT_EQ(open_envelope(changed, key, alias.view()).error().code, kBadEnvelope);
  }
}

TEST_F(Parts, envelope_of_an_unknown_kind_or_with_dirty_padding_is_refused) {
  EXPECT_FALSE(parse_envelope({}).has_value());
  Bytes bytes(30, 0);
  bytes[0] = 1;
  bytes[1] = 3;
  EXPECT_TRUE(parse_envelope(bytes).has_value());
  bytes.back() = 1;
  EXPECT_EQ(parse_envelope(bytes).error().code, kBadEnvelope);
  bytes.back() = 0;
  bytes[1] = 10;
  EXPECT_EQ(parse_envelope(bytes).error().code, kBadEnvelope);
}

TEST_F(Parts, log_entry_is_bound_to_its_log_and_epoch) {
  const auto key = crypto::AeadKey::random(random);
  const Bytes entry = seal_log_entry({Bytes(10, 4)}, key, wire::LogId{{1}}, 3, random);
  EXPECT_EQ(open_log_entry(entry, key, wire::LogId{{1}}, 3)->commit, Bytes(10, 4));
  EXPECT_EQ(open_log_entry(entry, key, wire::LogId{{1}}, 4).error().code, kBadLogEntry);
  EXPECT_EQ(open_log_entry(entry, key, wire::LogId{{2}}, 3).error().code, kBadLogEntry);
}

TEST_F(Parts, content_of_an_unknown_kind_is_read_and_bad_text_is_refused) {
  const Content strange{1, {{1}}, 5, static_cast<ContentKind>(77), Bytes(9, 9)};
  EXPECT_TRUE(parse_content(codec::encoded(strange)).has_value());
  EXPECT_FALSE(text_of(strange).has_value());
  EXPECT_FALSE(text_of(Content{1, {}, 5, ContentKind::kText, {0xff}}).has_value());
  EXPECT_FALSE(text_of(Content{1, {}, 5, ContentKind::kText, Bytes(100 * 1024 + 1, 'a')}).has_value());
  EXPECT_FALSE(parse_content(codec::encoded(Content{0, {}, 5, ContentKind::kText, {}})).has_value());
  EXPECT_FALSE(parse_content(codec::encoded(Content{1, {}, UINT64_MAX, ContentKind::kText, {}})).has_value());
  Receipt many;
  many.read.resize(kContentIdsMax + 1);
  EXPECT_FALSE(receipt_of(Content{1, {}, 5, ContentKind::kReceipt, codec::encoded(many)}).has_value());
}

TEST_F(Parts, content_of_a_later_version_is_read_as_far_as_it_is_known) {
  Content content{2, {{1}}, 5, ContentKind::kText, to_bytes(as_bytes("hello"))};
  content.extensions.push_back({static_cast<ExtensionId>(900), Bytes(3, 7)});
  Bytes bytes = codec::encoded(content);
  bytes.push_back(9);  // a member that it has appended
  const auto read = parse_content(bytes);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(text_of(*read).value(), "hello");
  EXPECT_EQ(read->extensions, content.extensions);
  bytes[0] = 1;
  EXPECT_FALSE(parse_content(bytes).has_value());
}

TEST_F(Parts, content_outside_its_bounds_is_refused) {
  Content content{1, {{1}}, 5, ContentKind::kText, {'a'}};
  content.extensions.resize(kExtensionsMax + 1);
  EXPECT_FALSE(parse_content(codec::encoded(content)).has_value());
  content.extensions = {{ExtensionId::kForwarded, Bytes(kExtensionBytesMax + 1)}};
  EXPECT_FALSE(parse_content(codec::encoded(content)).has_value());
  content.extensions.clear();
  for (const uint32_t seconds : {0U, 4U, 367U * 86'400}) {
    content.expire_seconds = seconds;
    EXPECT_FALSE(parse_content(codec::encoded(content)).has_value()) << seconds;
  }
  content.expire_seconds = 5;
  EXPECT_TRUE(parse_content(codec::encoded(content)).has_value());
  content.body.assign(10'000'000, 'a');
  EXPECT_FALSE(parse_content(codec::encoded(content)).has_value());
}

TEST_F(Parts, record_opens_under_its_own_key_only) {
  const auto storage = StorageKey::random(random);
  const Bytes one = record_key(RecordKind::kHistory, Bytes(16, 1), 1);
  const Bytes two = record_key(RecordKind::kHistory, Bytes(16, 1), 2);
  const Bytes sealed = seal_record(storage, random, one, as_bytes("secret"));
  EXPECT_TRUE(open_record(storage, one, sealed).has_value());
  EXPECT_EQ(open_record(storage, two, sealed).error().code, kProfileDamaged);
  EXPECT_LT(one, two);
  EXPECT_GT(after_prefix(record_key(RecordKind::kHistory, Bytes(16, 0xff))),
            record_key(RecordKind::kHistory, Bytes(16, 0xff), UINT64_MAX));
}

TEST_F(Parts, safety_number_does_not_depend_on_the_side) {
  const AccountId one{{1}};
  const AccountId two{{2}};
  EXPECT_EQ(safety_digits(one, two), safety_digits(two, one));
  EXPECT_EQ(safety_digits(one, two).size(), 60U);
  EXPECT_NE(safety_digits(one, two), safety_digits(one, one));
}

}  // namespace
}  // namespace godwit::engine
