#include "store/journal.h"

#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include "store/errors.h"
#include "store/journal_format.h"
#include "store/store_testing.h"
#include "store/temporary_folder_test.h"

namespace godwit::store {
namespace {

class JournalTest : public testing::Test {
 protected:
  JournalTest() { std::filesystem::create_directory(path()); }

  std::string path() { return folder_ / "db"; }
  std::string file(uint64_t number) { return path() + "/00000" + std::to_string(number) + ".journal"; }
  rocksdb::FileSystem& files() { return *rocksdb::FileSystem::Default(); }

  std::unique_ptr<Journal> begin(uint64_t number, uint64_t before_ends = 0, uint64_t room = 0) {
    std::unique_ptr<Journal> none;
    auto journal = Journal::begin(files(), path(), number, before_ends, room, none);
    EXPECT_TRUE(journal.has_value());
    return std::move(*journal);
  }
  std::unique_ptr<Journal> begin_over(std::unique_ptr<Journal> over, uint64_t number, uint64_t before_ends) {
    auto journal = Journal::begin(files(), path(), number, before_ends, 0, over);
    EXPECT_TRUE(journal.has_value());
    EXPECT_EQ(over, nullptr);
    return std::move(*journal);
  }
  void add(Journal& journal, std::string_view key, std::optional<std::string_view> value, ByteView before = {}) {
    Changes changes;
    Change& change = changes[b(key)];
    if (value) change.value = b(*value);
    EXPECT_TRUE(journal.append(before, changes, true));
  }
  /// What is read, as text: "key=value" or "key" for erased.
  std::vector<std::string> replayed(uint64_t through = 0) {
    Changes changes;
    const auto last = replay_journal(files(), path(), through, changes);
    EXPECT_TRUE(last.has_value());
    std::vector<std::string> out;
    for (const auto& [key, change] : changes) {
      std::string text(as_text(key));
      if (change.value) text.append("=").append(as_text(*change.value));
      out.push_back(std::move(text));
    }
    return out;
  }
  ErrorCode refused() {
    Changes changes;
    const auto last = replay_journal(files(), path(), 0, changes);
    EXPECT_FALSE(last.has_value());
    return last ? kUnavailable : last.error().code;
  }
  void cut(uint64_t number, uint64_t bytes) {
    std::filesystem::resize_file(file(number), std::filesystem::file_size(file(number)) - bytes);
  }

  TemporaryFolder folder_;
};

using Texts = std::vector<std::string>;

TEST_F(JournalTest, what_was_added_is_read_and_the_newest_counts) {
  auto journal = begin(1);
  EXPECT_TRUE(journal->empty());
  add(*journal, "a", "1");
  add(*journal, "b", "2");
  add(*journal, "a", "3");
  add(*journal, "b", std::nullopt);
  add(*journal, "", "of no key");
  EXPECT_EQ(replayed(), (Texts{"=of no key", "a=3", "b"}));
}

TEST_F(JournalTest, what_was_held_back_comes_before_what_it_goes_with) {
  auto journal = begin(1);
  add(*journal, "a", "1");
  add(*journal, "b", "1");
  Changes erased;
  erased[b("a")];
  erased[b("b")];
  Bytes before;
  write_journal_changes(erased, before);
  add(*journal, "b", "2", before);
  EXPECT_EQ(replayed(), (Texts{"a", "b=2"}));
  cut(1, 1);
  EXPECT_EQ(replayed(), (Texts{"a=1", "b=1"})) << "all of it or nothing";
}

TEST_F(JournalTest, files_are_read_in_their_order_above_what_the_database_has) {
  auto first = begin(1);
  add(*first, "a", "1");
  auto second = begin(2, first->end());
  add(*second, "a", "2");
  add(*second, "b", "2");
  auto third = begin(3, second->end());
  add(*third, "a", "3");
  EXPECT_EQ(replayed(), (Texts{"a=3", "b=2"}));
  EXPECT_EQ(replayed(2), (Texts{"a=3"}));
  remove_journal(files(), path(), {third->name()});
  EXPECT_EQ(replayed(2), (Texts{"a=3"}));
  EXPECT_EQ(refused(), kCorrupted) << "the first two are missing";
}

TEST_F(JournalTest, a_torn_end_is_left_out) {
  auto journal = begin(1);
  add(*journal, "a", "1");
  add(*journal, "b", "2");
  for (int i = 0; i < 10; ++i) {
    cut(1, 1);
    EXPECT_EQ(replayed(), (Texts{"a=1"}));
  }
}

TEST_F(JournalTest, a_start_that_was_torn_holds_nothing) {
  auto first = begin(1);
  add(*first, "a", "1");
  begin(2, first->end());
  for (int i = 0; i < 36; ++i) {
    cut(2, 1);
    EXPECT_EQ(replayed(), (Texts{"a=1"}));
  }
}

TEST_F(JournalTest, any_changed_byte_with_a_whole_group_behind_it_is_damage) {
  auto journal = begin(1);
  add(*journal, "a", "1");
  const uint64_t end = journal->end();
  add(*journal, "b", "2");
  const std::string whole = contents_of(file(1));
  for (uint64_t at = 0; at < end; ++at) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    std::ofstream(file(1), std::ios::binary) << damaged;
    EXPECT_EQ(refused(), kCorrupted) << at;
  }
}

TEST_F(JournalTest, a_group_that_failed_does_not_count_although_it_is_there) {
  auto first = begin(1);
  add(*first, "a", "1");
  const uint64_t end = first->end();
  add(*first, "a", "answered as failed");
  auto second = begin(2, end);
  EXPECT_EQ(replayed(), (Texts{"a=1"}));
  cut(1, std::filesystem::file_size(file(1)) - end + 1);
  EXPECT_EQ(refused(), kCorrupted) << "shorter than the next one says";
}

TEST_F(JournalTest, a_file_that_is_written_over_shows_nothing_of_what_it_held) {
  auto first = begin(1, 0, 4096);
  for (const char* key : {"a", "b", "c", "d"}) add(*first, key, "of the first file");
  auto second = begin(2, first->end(), 4096);
  add(*second, "a", "2");
  const uint64_t end = second->end();
  auto third = begin_over(std::move(first), 3, end);
  EXPECT_EQ(replayed(1), (Texts{"a=2"}));
  for (const char* key : {"b", "c"}) add(*third, key, "3");
  EXPECT_EQ(replayed(1), (Texts{"a=2", "b=3", "c=3"}));
  EXPECT_EQ(std::filesystem::file_size(file(1)), 4096U) << "it is as long as it was";
  EXPECT_FALSE(std::filesystem::exists(file(3)));
  // Each end of a torn write, with what stood there before behind it.
  const std::string whole = contents_of(file(1));
  const uint64_t before = third->end();
  add(*third, "b", "4");
  const std::string more = contents_of(file(1));
  for (uint64_t torn = before; torn < third->end(); ++torn) {
    std::ofstream(file(1), std::ios::binary) << more.substr(0, torn) + whole.substr(torn);
    EXPECT_EQ(replayed(1), (Texts{"a=2", "b=3", "c=3"})) << torn;
  }
}

TEST_F(JournalTest, a_file_that_was_not_begun_over_is_the_old_one) {
  auto first = begin(1, 0, 4096);
  add(*first, "a", "1");
  const std::string before = contents_of(file(1));
  auto second = begin(2, first->end(), 4096);
  add(*second, "b", "2");
  begin_over(std::move(first), 3, second->end());
  std::ofstream(file(1), std::ios::binary) << before;  // the disk did not take the new start
  EXPECT_EQ(replayed(1), (Texts{"b=2"}));
  EXPECT_EQ(replayed(0), (Texts{"a=1", "b=2"}));
}

TEST_F(JournalTest, a_file_of_zeros_holds_nothing_and_a_damaged_start_before_something_is_damage) {
  auto first = begin(1, 0, 4096);
  std::ofstream(file(1), std::ios::binary) << std::string(4096, '\0');
  EXPECT_EQ(replayed(), Texts{});
  first = begin(1, 0, 4096);
  add(*first, "a", "1");
  std::string damaged = contents_of(file(1));
  damaged.replace(0, 36, 36, '\0');
  std::ofstream(file(1), std::ios::binary) << damaged;
  EXPECT_EQ(refused(), kCorrupted);
}

TEST_F(JournalTest, it_grows_when_there_is_more_than_it_has_room_for) {
  auto journal = begin(1, 0, 64);
  add(*journal, "a", std::string(5'000, 'x'));
  add(*journal, "b", "1");
  EXPECT_EQ(replayed().size(), 2U);
}

TEST_F(JournalTest, other_files_are_left_alone) {
  for (const char* name : {"x.journal", "1.journal", "-00001.journal", "000001.journal.old"}) {
    std::ofstream(path() + "/" + name) << "not ours";
  }
  EXPECT_EQ(replayed(), Texts{});
  remove_journal(files(), path(), {});
  EXPECT_TRUE(std::filesystem::exists(path() + "/1.journal"));
}

}  // namespace
}  // namespace godwit::store
