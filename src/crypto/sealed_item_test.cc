#include "crypto/sealed_item.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/random_sources.h"

namespace godwit::crypto {
namespace {

const Bytes kToken(32, 1);
const Bytes kAlias(16, 2);
const Bytes kPayload(300, 3);

TEST(SealedItem, the_token_opens_what_was_sealed_under_it) {
  SeededRandom random(1);
  const Bytes item = seal_item(kToken, kAlias, kPayload, random);
  EXPECT_EQ(item.size(), kPayload.size() + kSealedItemOverhead);
  const auto opened = open_item(kToken, kAlias, item);
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(*opened, kPayload);
}

TEST(SealedItem, another_token_or_alias_or_a_changed_byte_does_not_open_it) {
  SeededRandom random(1);
  const Bytes item = seal_item(kToken, kAlias, kPayload, random);
  EXPECT_FALSE(open_item(Bytes(32, 9), kAlias, item).has_value());
  EXPECT_FALSE(open_item(kToken, Bytes(16, 9), item).has_value());
  for (size_t i = 0; i < item.size(); i += 13) {
    Bytes changed = item;
    changed[i] ^= 1;
    EXPECT_FALSE(open_item(kToken, kAlias, changed).has_value());
  }
  for (size_t size = 0; size < kSealedItemOverhead + 1; ++size) {
    EXPECT_FALSE(open_item(kToken, kAlias, ByteView(item).first(size)).has_value());
  }
}

TEST(SealedItem, two_copies_of_one_payload_have_no_sixteen_bytes_in_common) {
  SeededRandom random(1);
  const Bytes a = seal_item(kToken, kAlias, kPayload, random);
  const Bytes b = seal_item(kToken, kAlias, kPayload, random);
  for (size_t i = 0; i + 16 <= a.size(); ++i) {
    const ByteView part = ByteView(a).subspan(i, 16);
    EXPECT_EQ(std::search(b.begin(), b.end(), part.begin(), part.end()), b.end());
  }
}

}  // namespace
}  // namespace godwit::crypto
