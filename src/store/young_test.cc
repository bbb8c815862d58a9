#include "store/young.h"

#include <gtest/gtest.h>

#include "store/store_testing.h"

namespace godwit::store {
namespace {

Changes group_of(std::string_view key, std::optional<std::string_view> value, bool fresh = false) {
  Changes group;
  Change& change = group[b(key)];
  if (value) change.value = b(*value);
  change.fresh = fresh;
  return group;
}

TEST(Young, a_reader_sees_what_was_there_when_he_began) {
  Young young;
  young.apply(group_of("k", "first"));
  const uint64_t version = young.note_reader();
  young.apply(group_of("k", "second"));
  young.apply(group_of("k", std::nullopt));
  young.apply(group_of("l", "later"));
  EXPECT_EQ(young.read(b("k"), version), b("first"));
  EXPECT_EQ(young.read(b("l"), version), std::nullopt);
  const auto seen = young.piece(b("a"), b("z"), version);
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].second, b("first"));
  const uint64_t now = young.note_reader();
  EXPECT_EQ(young.read(b("k"), now), std::make_optional<std::optional<Bytes>>());
  EXPECT_EQ(young.read(b("l"), now), b("later"));
}

TEST(Young, what_is_fresh_and_goes_again_leaves_nothing) {
  Young young;
  young.apply(group_of("k", "v", true));
  young.apply(group_of("k", std::nullopt));
  EXPECT_TRUE(young.empty());
}

TEST(Young, what_is_fresh_and_goes_while_somebody_reads_is_there_for_him) {
  Young young;
  young.apply(group_of("k", "v", true));
  const uint64_t version = young.note_reader();
  young.apply(group_of("k", std::nullopt));
  EXPECT_EQ(young.read(b("k"), version), b("v"));
  young.forget_reader();
  ASSERT_NE(young.find(b("k"), Young::kNewest), nullptr);
  EXPECT_TRUE(young.find(b("k"), Young::kNewest)->fresh) << "the database has nothing of it either";
}

TEST(Young, what_the_database_may_have_stays_erased) {
  Young young;
  young.apply(group_of("k", "v", true));
  young.forget_fresh();
  young.apply(group_of("k", std::nullopt));
  ASSERT_FALSE(young.empty());
  young.apply(group_of("k", "again", true));
  young.apply(group_of("k", std::nullopt));
  EXPECT_FALSE(young.empty()) << "that it is written anew does not take it out of the database";
}

TEST(Young, a_long_range_comes_in_pieces) {
  Young young;
  Changes group;
  for (uint8_t i = 0; i < 200; ++i) group[Bytes{i}].value = Bytes{i};
  young.apply(std::move(group));
  Bytes first;
  size_t count = 0;
  for (;;) {
    const auto seen = young.piece(first, Bytes{150}, Young::kNewest);
    if (seen.empty()) break;
    EXPECT_LE(seen.size(), Young::kPieceCountMax);
    count += seen.size();
    first = seen.back().first;
    first.push_back(0);
  }
  EXPECT_EQ(count, 150U);
}

}  // namespace
}  // namespace godwit::store
