#include "codec/codec.h"

#include <gtest/gtest.h>

#include "base/testing/freed_blocks.h"

namespace godwit::codec {
namespace {

enum class Colour : uint16_t { kRed = 1, kBlue = 0x0203 };
struct Inner {
  uint8_t a{};
  std::optional<uint16_t> b;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.a, self.b);
  }
  friend bool operator==(const Inner&, const Inner&) = default;
};
struct Outer {
  Colour colour{};
  Bytes data;
  std::vector<Inner> items;
  ByteArray<3> fixed{};
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.colour, self.data, self.items, self.fixed);
  }
  friend bool operator==(const Outer&, const Outer&) = default;
};

// A secret as a member that writes itself, in a list so long that every buffer has to grow.
struct Secrets {
  std::vector<ByteArray<16>> list;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.list);
  }
};

TEST(Codec, no_block_that_a_writer_gives_back_holds_what_was_written) {
  const ByteArray<16> marker{'a', ' ', 's', 'e', 'c', 'r', 'e', 't', ' ', 'm', 'a', 'r', 'k', 'e', 'r', '!'};
  const Secrets secrets{{100, marker}};
  godwit::testing::FreedBlocks freed(marker);
  {
    const Bytes unwiped(marker.begin(), marker.end());
  }
  EXPECT_EQ(freed.leaks(), 1U) << "this is how one shows";
  {
    Writer writer;
    encode(writer, secrets);
    EXPECT_EQ(freed.leaks(), 1U);
  }
  EXPECT_EQ(freed.leaks(), 1U);
  {
    Writer growing;
    for (int i = 0; i < 100; ++i) growing.raw(marker);
  }
  EXPECT_EQ(freed.leaks(), 1U);
  Bytes out = encoded(secrets);
  std::fill(out.begin(), out.end(), uint8_t{0});
  EXPECT_EQ(freed.leaks(), 1U);
}

TEST(Codec, a_writer_that_counts_counts_what_another_writes) {
  Outer outer{Colour::kRed, Bytes(70, 1), {}, {}};
  for (uint16_t i = 0; i < 6'000; ++i) outer.items.push_back({1, i % 3 == 0 ? std::optional(i) : std::nullopt});
  for (const size_t items : {6'000U, 100U, 10U, 1U, 0U}) {
    outer.items.resize(items);
    Writer counting{Writer::Counting{}};
    encode(counting, outer);
    EXPECT_EQ(counting.size(), encoded(outer).size()) << items;
    EXPECT_EQ(decoded<Outer>(encoded(outer)).value(), outer);
  }
}

Outer sample() { return {Colour::kBlue, {9, 8}, {{1, {}}, {2, uint16_t{0x0506}}}, {7, 7, 7}}; }

TEST(Codec, structures_are_written_as_the_rfc_lays_them_out) {
  EXPECT_EQ(to_hex(encoded(sample())), "0203" "020908" "06" "0100" "02010506" "070707");
}

TEST(Codec, structures_round_trip) { EXPECT_EQ(*decoded<Outer>(encoded(sample())), sample()); }

TEST(Codec, every_truncation_is_refused) {
  const Bytes whole = encoded(sample());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decoded<Outer>(ByteView(whole).first(size))) << size;
  }
}

template <typename T>
ErrorCode refusal(std::string_view hex) {
  Bytes bytes;
  EXPECT_TRUE(from_hex(hex, bytes));
  const auto result = decoded<T>(bytes);
  EXPECT_FALSE(result) << hex;
  return result ? ErrorCode{} : result.error().code;
}

// MLS-001, MLS-002, MLS-003, MLS-004, MLS-006
TEST(Codec, strictness_has_a_name_for_each_fault) {
  EXPECT_EQ(refusal<uint16_t>("01"), kTruncated);
  EXPECT_EQ(refusal<uint16_t>("010203"), kTrailingBytes);
  EXPECT_EQ(refusal<Bytes>("4001ff"), kNonMinimalVarint);
  EXPECT_EQ(refusal<Bytes>("80000001ff"), kNonMinimalVarint);
  EXPECT_EQ(refusal<Bytes>("c000000000000001ff"), kBadVarintPrefix);
  EXPECT_EQ(refusal<Bytes>("bfffffff"), kOversizeVector);
  EXPECT_EQ(refusal<Bytes>("02ff"), kTruncated);
  EXPECT_EQ(refusal<std::optional<uint8_t>>("0201"), kBadOptional);
  EXPECT_EQ(refusal<std::vector<uint16_t>>("03010203"), kTruncated);
  EXPECT_EQ(refusal<bool>("02"), kUnknownEnum);
}

TEST(Codec, varints_change_length_at_their_bounds) {
  for (const uint32_t value : {0U, 63U, 64U, 16383U, 16384U, kVarintMax}) {
    Writer writer;
    writer.varint(value);
    EXPECT_EQ(writer.view().size(), value < 64 ? 1U : value < 16384 ? 2U : 4U);
    Reader reader(writer.view());
    EXPECT_EQ(*reader.varint(), value);
  }
}

}  // namespace
}  // namespace godwit::codec
