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
  young.apply(group_of("k", "first"), 1);
  const uint64_t version = young.note_reader();
  young.apply(group_of("k", "second"), 1);
  young.apply(group_of("k", std::nullopt), 1);
  young.apply(group_of("l", "later"), 1);
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
  young.apply(group_of("k", "v", true), 1);
  young.apply(group_of("k", std::nullopt), 1);
  EXPECT_TRUE(young.empty());
}

TEST(Young, what_is_fresh_and_goes_while_somebody_reads_is_there_for_him) {
  Young young;
  young.apply(group_of("k", "v", true), 1);
  const uint64_t version = young.note_reader();
  young.apply(group_of("k", std::nullopt), 1);
  EXPECT_EQ(young.read(b("k"), version), b("v"));
  young.forget_reader();
  ASSERT_NE(young.find(b("k"), Young::kNewest), nullptr);
  EXPECT_TRUE(young.find(b("k"), Young::kNewest)->fresh) << "the database has nothing of it either";
}

TEST(Young, what_the_database_may_have_stays_erased) {
  Young young;
  young.apply(group_of("k", "v", true), 1);
  young.forget_fresh();
  young.apply(group_of("k", std::nullopt), 1);
  ASSERT_FALSE(young.empty());
  young.apply(group_of("k", "again", true), 1);
  young.apply(group_of("k", std::nullopt), 1);
  EXPECT_FALSE(young.empty()) << "that it is written anew does not take it out of the database";
}

TEST(Young, what_the_database_has_of_a_file_of_the_journal_is_forgotten_and_what_came_later_stays) {
  Young young;
  young.apply(group_of("a", "first", true), 1);
  young.apply(group_of("b", "first", true), 1);
  young.apply(group_of("b", "second"), 2);
  young.apply(group_of("c", "first", true), 2);
  ASSERT_TRUE(young.forget_through(1));
  EXPECT_EQ(young.find(b("a"), Young::kNewest), nullptr);
  ASSERT_NE(young.find(b("b"), Young::kNewest), nullptr);
  EXPECT_EQ(young.find(b("b"), Young::kNewest)->value, b("second"));
  young.apply(group_of("b", std::nullopt), 3);
  young.apply(group_of("c", std::nullopt), 3);
  EXPECT_TRUE(young.empty()) << "the database has heard of neither";
  young.apply(group_of("a", std::nullopt), 3);
  EXPECT_FALSE(young.empty()) << "it has that one";
}

TEST(Young, while_somebody_reads_nothing_is_forgotten_and_a_copy_has_what_came_later) {
  Young young;
  young.apply(group_of("a", "first", true), 1);
  young.apply(group_of("b", "first", true), 1);
  const uint64_t version = young.note_reader();
  young.apply(group_of("b", "second"), 2);
  young.apply(group_of("a", std::nullopt), 2);
  EXPECT_FALSE(young.forget_through(1));
  const auto later = young.copy_after(1);
  EXPECT_EQ(young.read(b("a"), version), b("first"));
  EXPECT_EQ(young.read(b("b"), version), b("first"));
  EXPECT_EQ(later->read(b("b"), later->note_reader()), b("second"));
  EXPECT_EQ(later->all().size(), 1U) << "the other came and went";
  young.forget_reader();
  EXPECT_TRUE(young.forget_through(1));
}

TEST(Young, a_long_range_comes_in_pieces) {
  Young young;
  Changes group;
  for (uint8_t i = 0; i < 200; ++i) group[Bytes{i}].value = Bytes{i};
  young.apply(std::move(group), 1);
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
