#include "wire/bundle.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "wire/errors.h"
#include "wire/requests.h"

namespace godwit::wire {
namespace {

Bytes bundle_of(std::vector<Parcel> parcels) { return encode_bundle({std::move(parcels), {}, {}}, crypto::sha256); }
ErrorCode error_of(ByteView bytes) {
  const auto parsed = parse_bundle(bytes, crypto::sha256);
  return parsed ? ErrorCode{0, Action::kDrop, "it was read"} : parsed.error().code;
}

TEST(Bundle, what_is_written_is_read) {
  ASSERT_TRUE(crypto::initialise());
  const std::vector<Parcel> parcels = {{Alias{{1}}, Bytes(512, 7)}, {Alias{{2}}, Bytes(kPayloadSizeMax, 8)}};
  const auto parsed = parse_bundle(bundle_of(parcels), crypto::sha256);
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->parcels.size(), 2U);
  EXPECT_EQ(parsed->parcels[0].alias, parcels[0].alias);
  EXPECT_EQ(parsed->parcels[1].payload, parcels[1].payload);
  EXPECT_EQ(parse_bundle(bundle_of({}), crypto::sha256)->parcels.size(), 0U);
  EXPECT_EQ(bundle_of(parcels)[14], 1) << "older programs read what has parcels only";
}

TEST(Bundle, replies_that_fit_are_as_many_as_can_be_read) {
  EXPECT_EQ(replies_that_fit(0, 0), 7U);
  EXPECT_EQ(replies_that_fit(kBundleRequestsMax, 0), 0U);
  EXPECT_EQ(replies_that_fit(kBundleRequestsMax - 1, 0), 1U);
  EXPECT_EQ(replies_that_fit(0, kBundleSizeMax), 0U);
  // Small ones leave room for fewer large ones.
  Bundle bundle;
  size_t bytes = 0;
  for (size_t size = 1; replies_that_fit(bundle.replies.size(), bytes) > 0;
       size = std::min(2 * size, size_t{kBundleReplySizeMax})) {
    bundle.replies.emplace_back(size, uint8_t{1});
    bytes += size;
  }
  const Bytes whole = encode_bundle(bundle, crypto::sha256);
  EXPECT_GT(whole.size(), kBundleSizeMax - kBundleReplySizeMax - 64);
  const auto parsed = parse_bundle(whole, crypto::sha256);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->replies, bundle.replies);
}

TEST(Bundle, every_changed_byte_and_every_cut_is_noticed) {
  const Bytes whole = bundle_of({{Alias{{1}}, Bytes(64, 7)}});
  for (size_t i = 0; i < whole.size(); ++i) {
    Bytes changed = whole;
    changed[i] ^= 1;
    EXPECT_EQ(error_of(changed), i < 14 ? kNotBundle : kBundleDamaged) << i;
    EXPECT_NE(error_of(ByteView(whole).first(i)).number, 0) << i;
  }
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_EQ(error_of(longer), kBundleDamaged);
}

TEST(Bundle, parcels_above_the_bound_and_newer_versions_are_refused) {
  EXPECT_EQ(error_of(bundle_of({{Alias{{1}}, Bytes(kPayloadSizeMax + 1, 7)}})), kBundleDamaged);
  Bytes newer = bundle_of({});
  newer[14] = 3;
  const auto digest = crypto::sha256(ByteView(newer).first(newer.size() - 8));
  std::copy_n(digest.begin(), 8, newer.end() - 8);
  EXPECT_EQ(error_of(newer), kBundleNewer);
  EXPECT_EQ(error_of(as_bytes("hello")), kNotBundle);
  EXPECT_EQ(error_of({}), kNotBundle);
}

TEST(Bundle, sealed_requests_and_replies_stand_beside_the_parcels) {
  const HomeAddress home{HomeKey{{7}}, {"wss://home.example/ws"}, {}};
  const Bundle bundle{{{Alias{{1}}, Bytes(64, 7)}}, {{home, Bytes(2'000, 8)}}, {Bytes(500, 9), Bytes(17, 1)}};
  const Bytes bytes = encode_bundle(bundle, crypto::sha256);
  EXPECT_EQ(bytes[14], 2);
  const auto parsed = parse_bundle(bytes, crypto::sha256);
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->parcels.size(), 1U);
  ASSERT_EQ(parsed->requests.size(), 1U);
  EXPECT_EQ(parsed->requests[0].home, home);
  EXPECT_EQ(parsed->requests[0].bytes, Bytes(2'000, 8));
  EXPECT_EQ(parsed->replies, bundle.replies);
}

TEST(Bundle, sealed_requests_beyond_their_bounds_are_refused) {
  const HomeAddress home{HomeKey{{7}}, {"wss://home.example/ws"}, {}};
  const auto error = [](const Bundle& bundle) { return error_of(encode_bundle(bundle, crypto::sha256)); };
  EXPECT_EQ(error({{}, {{home, Bytes(kSealedSizeMax + 1, 8)}}, {}}), kBundleDamaged);
  EXPECT_EQ(error({{}, {{home, {}}}, {}}), kBundleDamaged);
  EXPECT_EQ(error({{}, {{HomeAddress{HomeKey{{7}}, {}, {}}, Bytes(9, 8)}}, {}}), kBundleDamaged);
  EXPECT_EQ(error({{}, std::vector<SealedParcel>(kBundleRequestsMax + 1, {home, Bytes(9, 8)}), {}}), kBundleDamaged);
  EXPECT_EQ(error({{}, {}, std::vector<Bytes>(kBundleRequestsMax + 1, Bytes(9, 8))}), kBundleDamaged);
  EXPECT_EQ(error({{}, {}, {Bytes(kBundleReplySizeMax + 1, 8)}}), kBundleDamaged);
}

}  // namespace
}  // namespace godwit::wire
