#include "engine/bundle.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/random_sources.h"

namespace godwit::engine {
namespace {

Bytes bundle_of(std::vector<Parcel> parcels) { return encode_bundle(parcels); }
ErrorCode error_of(ByteView bytes) {
  const auto parsed = parse_bundle(bytes);
  return parsed ? ErrorCode{0, Action::kDrop, "it was read"} : parsed.error().code;
}

TEST(Bundle, what_is_written_is_read) {
  ASSERT_TRUE(crypto::initialise());
  const std::vector<Parcel> parcels = {{wire::Alias{{1}}, Bytes(512, 7)},
                                       {wire::Alias{{2}}, Bytes(wire::kPayloadSizeMax, 8)}};
  const auto parsed = parse_bundle(bundle_of(parcels));
  ASSERT_TRUE(parsed.has_value());
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ((*parsed)[0].alias, parcels[0].alias);
  EXPECT_EQ((*parsed)[1].payload, parcels[1].payload);
  EXPECT_EQ(parse_bundle(bundle_of({}))->size(), 0U);
}

TEST(Bundle, every_changed_byte_and_every_cut_is_noticed) {
  const Bytes whole = bundle_of({{wire::Alias{{1}}, Bytes(64, 7)}});
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
  EXPECT_EQ(error_of(bundle_of({{wire::Alias{{1}}, Bytes(wire::kPayloadSizeMax + 1, 7)}})), kBundleDamaged);
  Bytes newer = bundle_of({});
  newer[14] = 2;
  const auto digest = crypto::sha256(ByteView(newer).first(newer.size() - 8));
  std::copy_n(digest.begin(), 8, newer.end() - 8);
  EXPECT_EQ(error_of(newer), kBundleNewer);
  EXPECT_EQ(error_of(as_bytes("hello")), kNotBundle);
  EXPECT_EQ(error_of({}), kNotBundle);
}

}  // namespace
}  // namespace godwit::engine
