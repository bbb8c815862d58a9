#include "imports/zip_contents.h"

#include <gtest/gtest.h>

#include "imports/errors.h"

namespace godwit::imports {
namespace {

constexpr uint64_t kFile = 1'000'000;

TEST(ZipContents, chat_is_what_is_called_as_the_file_then_what_whatsapp_and_telegram_call_it) {
  ZipContents named("/somewhere/WhatsApp Chat with Anna.zip", kFile);
  ASSERT_TRUE(named.add("_chat.txt", 10, 10));
  ASSERT_TRUE(named.add("WhatsApp Chat with Boris.txt", 10, 10));
  ASSERT_TRUE(named.add("WhatsApp Chat with Anna.txt", 10, 10));
  ASSERT_TRUE(named.add("result.json", 10, 10));
  ASSERT_TRUE(named.finish());
  EXPECT_EQ(named.chat(), 2u);
  ZipContents deep("export.zip", kFile);
  ASSERT_TRUE(deep.add("a/", 0, 0));
  ASSERT_TRUE(deep.add("a/b/_chat.txt", 10, 10));
  ASSERT_TRUE(deep.add("a/result.json", 10, 10));
  ASSERT_TRUE(deep.finish());
  EXPECT_EQ(deep.chat(), 2u);
}

TEST(ZipContents, files_are_found_beside_the_chat_and_nowhere_else) {
  ZipContents zip("export.zip", kFile);
  ASSERT_TRUE(zip.add("x.jpg", 10, 10));
  ASSERT_TRUE(zip.add("in/result.json", 10, 10));
  ASSERT_TRUE(zip.add("in/photos/y.jpg", 10, 10));
  ASSERT_TRUE(zip.add("in/../x.jpg", 10, 10));
  ASSERT_TRUE(zip.add("in/photos/y.jpg", 20, 20));
  ASSERT_TRUE(zip.finish());
  EXPECT_EQ(zip.find("photos/y.jpg"), 2u);
  EXPECT_FALSE(zip.find("x.jpg"));
  EXPECT_FALSE(zip.find("../x.jpg"));
  EXPECT_FALSE(zip.find("/x.jpg"));
}

TEST(ZipContents, zip_without_a_chat_is_refused) {
  ZipContents zip("photos.zip", kFile);
  ASSERT_TRUE(zip.add("x.jpg", 10, 10));
  ASSERT_TRUE(zip.add("../_chat.txt", 10, 10));
  EXPECT_EQ(zip.finish().error().code, kZipNoChat);
}

TEST(ZipContents, entries_that_overlap_or_are_larger_than_the_file_are_a_bomb) {
  ZipContents overlap("x.zip", kFile);
  ASSERT_TRUE(overlap.add("_chat.txt", 600'000, 600'000));
  EXPECT_EQ(overlap.add("y.jpg", 600'000, 600'000).error().code, kZipBomb);
  ZipContents large("x.zip", kFile);
  EXPECT_EQ(large.add("_chat.txt", 10, kFile + 1).error().code, kZipBomb);
  EXPECT_EQ(large.add("_chat.txt", kZipBytesMax + 1, 10).error().code, kZipBomb);
}

TEST(ZipContents, sums_that_no_disk_takes_are_a_bomb_also_where_they_would_overflow) {
  ZipContents zip("x.zip", kFile);
  ASSERT_TRUE(zip.add("_chat.txt", kZipBytesMax, 10));
  EXPECT_EQ(zip.add("y.jpg", 1, 10).error().code, kZipBomb);
  EXPECT_EQ(zip.add("z.jpg", UINT64_MAX, 10).error().code, kZipBomb);
}

TEST(ZipContents, what_shrinks_more_than_texts_do_is_a_bomb_unless_it_is_small) {
  ZipContents bomb("x.zip", kFile);
  ASSERT_TRUE(bomb.add("_chat.txt", kFile * kZipRatioMax + kZipRatioMax, 1000));
  EXPECT_EQ(bomb.finish().error().code, kZipBomb);
  ZipContents harmless("x.zip", 1000);
  ASSERT_TRUE(harmless.add("_chat.txt", kZipBytesHarmless, 1000));
  EXPECT_TRUE(harmless.finish());
}

TEST(ZipContents, too_many_entries_are_a_bomb) {
  ZipContents zip("x.zip", kFile);
  for (uint64_t i = 0; i < kZipEntriesMax; ++i) ASSERT_TRUE(zip.add("x", 0, 0));
  EXPECT_EQ(zip.add("x", 0, 0).error().code, kZipBomb);
}

}  // namespace
}  // namespace godwit::imports
