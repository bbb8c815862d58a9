#include "store/rocksdb_store.h"

#include <rocksdb/db.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "store/memory_store.h"
#include "store/seeded_random_test.h"
#include "store/store_conformance.h"
#include "store/temporary_folder_test.h"

namespace godwit::store {
namespace {

std::unique_ptr<HomeStore> open(const std::string& path, const RocksdbOptions& options = {}) {
  auto opened = open_rocksdb(path, options);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().code.name);
  return opened ? std::move(*opened) : nullptr;
}

class RocksdbUnderTest final : public StoreUnderTest {
 public:
  explicit RocksdbUnderTest(RocksdbOptions options) : options_(options), store_(open(folder_ / "db", options_)) {}
  HomeStore& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_ = open(folder_ / "db", options_);
  }

 private:
  TemporaryFolder folder_;
  RocksdbOptions options_;
  std::unique_ptr<HomeStore> store_;
};

RocksdbOptions restless() {
  RocksdbOptions options;
  options.write_buffer_bytes = 64 << 10;
  options.journal_bytes = 4 << 10;
  options.settle_every = milliseconds(1);
  options.sweep_every = milliseconds(1);
  options.erase_every = milliseconds(5);
  options.drop_unsynced_at_kill = true;
  return options;
}

/// Settles a file of the journal when the next one is full, and all of it never.
RocksdbOptions file_by_file() {
  RocksdbOptions options = restless();
  options.journal_bytes = 1 << 10;
  options.settle_every = hours(1);
  options.erase_every = hours(1);
  return options;
}

INSTANTIATE_TEST_SUITE_P(
    Rocksdb, HomeStoreConformance,
    testing::Values(StoreKind{"rocksdb", [] { return std::make_unique<RocksdbUnderTest>(RocksdbOptions{}); }},
                    StoreKind{"lossy_and_restless", [] { return std::make_unique<RocksdbUnderTest>(restless()); }},
                    StoreKind{"file_by_file", [] { return std::make_unique<RocksdbUnderTest>(file_by_file()); }}),
    store_kind_name);

RocksdbOptions never_settling() {
  RocksdbOptions options;
  options.settle_every = hours(1);
  return options;
}

/// Fills `store` with `count` records of 4 KiB.
void fill(HomeStore& store, int count) {
  for (int i = 0; i < count; ++i) {
    run_as<Stored>(store, Put{b("key" + std::to_string(i)), Bytes(4096, static_cast<uint8_t>(i))});
  }
}

TEST(RocksdbStore, a_snapshot_has_what_was_answered_before_and_nothing_that_came_later) {
  TemporaryFolder folder;
  const auto store = open(folder / "db");
  fill(*store, 50);
  ASSERT_TRUE(snapshot_rocksdb(*store, folder / "snapshot"));
  run_as<Stored>(*store, Put{b("later"), Bytes{1}});
  EXPECT_FALSE(snapshot_rocksdb(*store, folder / "snapshot")) << "it is there already";
  const auto copy = open(folder / "snapshot");
  ASSERT_TRUE(copy);
  for (int i = 0; i < 50; ++i) {
    const auto found = run_as<Found>(*copy, Get{b("key" + std::to_string(i))});
    EXPECT_EQ(found.value, Bytes(4096, static_cast<uint8_t>(i)));
  }
  EXPECT_FALSE(run_as<Found>(*copy, Get{b("later")}).value);
  EXPECT_TRUE(run_as<Found>(*store, Get{b("later")}).value) << "the store goes on";
}

TEST(RocksdbStore, a_snapshot_has_each_append_as_a_whole_while_others_come) {
  TemporaryFolder folder;
  RocksdbOptions options = file_by_file();
  options.drop_unsynced_at_kill = false;  // what is in this process's memory alone cannot be copied
  const auto store = open(folder / "db", options);
  uint64_t id = 0;
  for (int round = 0; round < 20; ++round) {
    const std::string path = folder / ("snapshot" + std::to_string(round));
    Status taken;
    std::atomic<bool> done = false;
    std::thread other([&] {
      taken = snapshot_rocksdb(*store, path);
      done = true;
    });
    // Each fills a file of the journal.
    for (; !done; ++id) run_as<Appended>(*store, append_of("q", id, std::string(1'000, 'x')));
    other.join();
    ASSERT_TRUE(taken) << taken.error().rule;
    const auto copy = open(path);
    uint64_t last = 0;
    for (const QueueItem& item : run_as<QueueItems>(*copy, ReadQueue{b("q"), 0, 1 << 20, kTestNow}).items) {
      EXPECT_EQ(item.sequence, ++last) << "none is missing before another";
    }
    EXPECT_EQ(run_as<Appended>(*copy, append_of("q", 999'999, "next")).sequence, last + 1);
  }
}

// What is written all the time and what goes soon is not written down each time.
TEST(RocksdbStore, what_goes_before_the_next_file_of_the_journal_is_full_never_reaches_the_database) {
  TemporaryFolder folder;
  RocksdbOptions options = never_settling();
  options.journal_bytes = 16 << 10;
  const auto store = open(folder / "db", options);
  const std::string text(1'000, 'x');
  for (uint64_t i = 1; i <= 200; ++i) {
    EXPECT_EQ(run_as<Appended>(*store, append_of("q", i, "short-lived " + text)).sequence, i);
    run_as<Stored>(*store, TrimQueue{b("q"), i, i - 1});
  }
  const auto sizes = sizes_of_rocksdb(*store);
  ASSERT_TRUE(sizes);
  EXPECT_GT(sizes->remembered_ids, 0U) << "files were settled";
  EXPECT_EQ(sizes->items, 0U);
  EXPECT_EQ(sizes->counters, 0U);
}

TEST(RocksdbStore, what_is_answered_is_counted_in_the_journal_and_once_settled_in_the_database) {
  TemporaryFolder folder;
  RocksdbOptions options;
  options.settle_every = minutes(60);
  const auto store = open(folder / "db", options);
  const auto before = sizes_of_rocksdb(*store);
  ASSERT_TRUE(before);
  fill(*store, 20);
  const auto young = sizes_of_rocksdb(*store);
  ASSERT_TRUE(young);
  EXPECT_GE(young->journal, before->journal + 20 * 4096);
  ASSERT_TRUE(snapshot_rocksdb(*store, folder / "snapshot"));  // it settles
  const auto settled = sizes_of_rocksdb(*store);
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->journal, before->journal);
  EXPECT_GT(settled->records, young->records);
}

TEST(RocksdbStore, a_store_that_was_put_back_goes_on_above_what_anybody_can_have_read) {
  TemporaryFolder folder;
  const Instant now{1'000};
  const auto append = [&](HomeStore& store, const char* queue, uint8_t id) {
    AppendId append_id;
    append_id.value.fill(id);
    return run_as<Appended>(store, Append{b(queue), append_id, Bytes{id}, now + hours(1), now + hours(1), now}).sequence;
  };
  {
    const auto store = open(folder / "db");
    for (uint8_t i = 1; i <= 3; ++i) EXPECT_EQ(append(*store, "one", i), i);
    EXPECT_EQ(append(*store, "two", 9), 1U);
  }
  const Instant later{2'000};
  ASSERT_TRUE(begin_sequences_anew(folder / "db", later));
  uint64_t read = 0;
  {
    const auto store = open(folder / "db");
    read = append(*store, "one", 4);
    EXPECT_GT(read, uint64_t{1} << 30);
    EXPECT_EQ(append(*store, "one", 5), read + 1);
    EXPECT_EQ(append(*store, "two", 8), read);
    EXPECT_EQ(append(*store, "never_used", 7), read) << "it may have been used since the copy was made";
    const auto items = run_as<QueueItems>(*store, ReadQueue{b("one"), 0, 1'000, now}).items;
    ASSERT_EQ(items.size(), 5U);
    EXPECT_EQ(items[2].sequence, 3U);
  }
  ASSERT_TRUE(begin_sequences_anew(folder / "db", Instant{1'000})) << "a clock that went back";
  EXPECT_GT(append(*open(folder / "db"), "one", 6), read + 1'000'000);
}

TEST(RocksdbStore, a_copy_that_is_put_back_twice_gives_no_number_twice) {
  TemporaryFolder folder;
  { open(folder / "db"); }
  std::filesystem::copy(folder / "db", folder / "copy", std::filesystem::copy_options::recursive);
  uint64_t last = 0;
  for (const char* name : {"db", "copy"}) {
    ASSERT_TRUE(begin_sequences_anew(folder / name, Instant{1'800'000'000'000 + (last == 0 ? 0 : 60'000)}));
    const auto store = open(folder / name);
    for (uint8_t i = 0; i < 20; ++i) {
      AppendId id;
      id.value.fill(i);
      const Instant now{1};
      const uint64_t sequence = run_as<Appended>(*store, Append{b("one"), id, Bytes{i}, now + hours(1), now + hours(1), now}).sequence;
      EXPECT_GT(sequence, last);
      last = sequence;
    }
  }
}

class RandomOperations : public testing::TestWithParam<int64_t> {};

INSTANTIATE_TEST_SUITE_P(SettledAfterMilliseconds, RandomOperations, testing::Values(0, 1, 20, 3'600'000));  // 0: file by file

TEST_P(RandomOperations, have_the_outcomes_of_the_memory_twin) {
  TemporaryFolder folder;
  SeededRandom random(11);
  MemoryDisk disk;
  MemoryStore twin(disk);
  RocksdbOptions options = restless();
  options.journal_bytes = 1 << 20;
  options.settle_every = milliseconds(GetParam());
  options.erase_every = milliseconds(5 * GetParam());
  if (GetParam() == 0) options = file_by_file();
  options.sweep_every = hours(1);  // its clock goes on by itself
  auto store = open(folder / "db", options);
  auto key = [&] { return Bytes(random.below(3), static_cast<uint8_t>(random.below(3))); };
  for (int step = 0; step < 3'000; ++step) {
    const Instant now = kTestNow + milliseconds(step);
    const Instant soon = now + milliseconds(static_cast<int64_t>(random.below(200)));
    const Operation operations[] = {
        Get{key()},
        Put{key(), Bytes(random.below(50) == 0 ? 300'000 : random.below(500), 7)},
        Erase{key()},
        CompareAndSwap{key(), std::nullopt, Bytes{1}},
        Scan{key(), {}, 5},
        Append{key(), append_id(random.below(50)), Bytes(random.below(500), 9), soon, soon + milliseconds(50), now},
        ReadQueue{key(), random.below(20), 2'000, now},
        TrimQueue{key(), random.below(300)},
        DropQueue{key()},
    };
    const Operation& operation = operations[random.below(step % 100 == 0 ? 9 : 8)];
    const Result<Outcome> got = outcome_of(*store, operation);
    const Result<Outcome> expected = outcome_of(twin, operation);
    ASSERT_TRUE(got.has_value());
    ASSERT_EQ(got->index(), expected->index());
    if (const auto* one = std::get_if<Appended>(&*got)) {
      const auto& other = std::get<Appended>(*expected);
      ASSERT_EQ(std::pair(one->sequence, one->duplicate), std::pair(other.sequence, other.duplicate)) << step;
    } else if (const auto* queue = std::get_if<QueueItems>(&*got)) {
      const auto& other = std::get<QueueItems>(*expected);
      ASSERT_EQ(queue->items.size(), other.items.size()) << step;
      ASSERT_EQ(queue->more, other.more);
    } else if (const auto* found = std::get_if<Found>(&*got)) {
      ASSERT_EQ(found->value, std::get<Found>(*expected).value) << step;
    } else if (const auto* scanned = std::get_if<Scanned>(&*got)) {
      ASSERT_EQ(scanned->records, std::get<Scanned>(*expected).records) << step;
    }
    if (step % 500 == 499) {
      store.reset();
      store = open(folder / "db", options);
    }
  }
}

// ---- opening --------------------------------------------------------------------------------------------------------

TEST(RocksdbStore, a_store_that_is_open_cannot_be_opened_again_until_it_is_closed) {
  TemporaryFolder folder;
  auto store = open(folder / "db");
  EXPECT_EQ(open_rocksdb(folder / "db").error().code, kLocked);
  store.reset();
  EXPECT_NE(open(folder / "db"), nullptr);
}

TEST(RocksdbStore, a_store_of_a_newer_version_is_left_alone) {
  TemporaryFolder folder;
  open(folder / "db");
  {
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, folder / "db", &db).ok());
    const std::unique_ptr<rocksdb::DB> owner(db);
    ASSERT_TRUE(db->Put({}, "\xff" "format", std::string(7, '\0') + '\x7f').ok());
  }
  EXPECT_EQ(open_rocksdb(folder / "db").error().code, kNewerVersion);
}

TEST(RocksdbStore, a_store_from_before_the_journal_is_taken_over) {
  TemporaryFolder folder;
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, folder / "db", &db).ok());
    const std::unique_ptr<rocksdb::DB> owner(db);
    ASSERT_TRUE(db->Put({}, "\xff" "format", std::string(7, '\0') + '\x01').ok());
    ASSERT_TRUE(db->Put({}, "Rkey", "value").ok());
  }
  EXPECT_EQ(run_as<Found>(*open(folder / "db"), Get{b("key")}).value, b("value"));
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, folder / "db", &db).ok());
  const std::unique_ptr<rocksdb::DB> owner(db);
  std::string format;
  ASSERT_TRUE(db->Get({}, "\xff" "format", &format).ok());
  EXPECT_EQ(format.back(), 4) << "a program that would not read the journal leaves it alone";
}

TEST(RocksdbStore, a_folder_that_cannot_be_made_is_no_access) {
  TemporaryFolder folder;
  EXPECT_EQ(open_rocksdb(folder / "absent/db").error().code, kNoAccess);
}

TEST(RocksdbStore, the_folder_is_for_its_owner_only) {
  TemporaryFolder folder;
  open(folder / "db");
  EXPECT_EQ(std::filesystem::status(folder / "db").permissions(), std::filesystem::perms::owner_all);
}

// ---- damage ---------------------------------------------------------------------------------------------------------

/// Opens with a short erasing interval until a table file of at least `size` bytes is there, then closes.
void make_table_file(const std::string& path, size_t size) {
  RocksdbOptions options;
  options.erase_every = milliseconds(5);
  auto store = open(path, options);
  fill(*store, 200);
  run_as<Stored>(*store, Erase{b("key0")});
  for (bool made = false; !made;) {
    run_as<Stored>(*store, Erase{b("key0")});
    const auto tables = files_in(path, ".sst");
    made = !tables.empty() && contents_of(tables.back()).size() >= size;
  }
}

TEST(RocksdbStore, a_damaged_table_page_is_corrupted_and_stops_writing) {
  TemporaryFolder folder;
  make_table_file(folder / "db", 200'000);
  damage(files_in(folder / "db", ".sst").back(), 100'000);
  const auto opened = open_rocksdb(folder / "db");
  if (!opened) {
    EXPECT_EQ(opened.error().code, kCorrupted);
    return;
  }
  size_t corrupted = 0;
  for (int i = 1; i < 200; ++i) {
    const auto found = outcome_of(**opened, Get{b("key" + std::to_string(i))});
    if (found) {
      EXPECT_EQ(std::get<Found>(*found).value, Bytes(4096, static_cast<uint8_t>(i)));
    } else {
      EXPECT_EQ(found.error().code, kCorrupted);
      ++corrupted;
    }
  }
  EXPECT_GT(corrupted, 0U);
  EXPECT_EQ(outcome_of(**opened, Put{b("k"), b("v")}).error().code, kCorrupted);
}

TEST(RocksdbStore, a_log_damaged_in_the_middle_is_corrupted) {
  TemporaryFolder folder;
  {
    RocksdbOptions options;
    options.settle_every = milliseconds(1);
    const auto store = open(folder / "db", options);
    fill(*store, 50);
    while (file_size(files_in(folder / "db", ".log").back()) < 200'000) run_as<Stored>(*store, Put{b("k"), b("v")});
  }
  damage(files_in(folder / "db", ".log").back(), 100'000);
  EXPECT_EQ(open_rocksdb(folder / "db").error().code, kCorrupted);
}

TEST(RocksdbStore, a_journal_damaged_in_the_middle_is_corrupted) {
  TemporaryFolder folder;
  fill(*open(folder / "db", never_settling()), 50);
  damage(files_in(folder / "db", ".journal").back(), 100'000);
  EXPECT_EQ(open_rocksdb(folder / "db").error().code, kCorrupted);
}

TEST(RocksdbStore, a_journal_torn_at_its_end_opens_with_everything_before_the_tear) {
  TemporaryFolder folder;
  fill(*open(folder / "db", never_settling()), 50);
  const auto journal = files_in(folder / "db", ".journal").back();
  std::string bytes = contents_of(journal);
  const size_t end = bytes.find_last_not_of('\0') + 1;  // behind it is room
  EXPECT_GT(bytes.size(), end);
  bytes.replace(end - 1'000, 1'000, 1'000, '\0');
  std::ofstream(journal, std::ios::binary) << bytes;
  auto store = open(folder / "db");
  ASSERT_NE(store, nullptr);
  EXPECT_TRUE(run_as<Found>(*store, Get{b("key48")}).value.has_value());
  EXPECT_FALSE(run_as<Found>(*store, Get{b("key49")}).value.has_value());
}

TEST(RocksdbStore, what_comes_and_goes_at_once_never_reaches_the_database) {
  TemporaryFolder folder;
  auto store = open(folder / "db", never_settling());
  run_as<Appended>(*store, append_of("q", 1, "marker-of-a-short-life"));
  EXPECT_EQ(run_as<QueueItems>(*store, ReadQueue{b("q"), 0, 1 << 20, kTestNow}).items.size(), 1U);
  run_as<Stored>(*store, TrimQueue{b("q"), 1});
  run_as<Appended>(*store, append_of("q", 2, "marker-of-a-long-life"));
  ASSERT_TRUE(snapshot_rocksdb(*store, folder / "copy"));
  EXPECT_FALSE(any_file_holds(folder / "copy", "marker-of-a-short-life"));
  EXPECT_TRUE(any_file_holds(folder / "copy", "marker-of-a-long-life"));
  EXPECT_TRUE(run_as<Appended>(*store, append_of("q", 1, "again")).duplicate);
}

// ---- erasing --------------------------------------------------------------------------------------------------------

/// Polls until `text` stands in no file of `path`; ctest ends a test that waits in vain.
void wait_until_gone(HomeStore& store, const std::string& path, const std::string& text) {
  // Three looks, since a look may miss a file that is just being replaced by another.
  for (int looks = 0; looks < 3; ++looks) {
    if (any_file_holds(path, text)) looks = 0;
    store.poll();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(RocksdbStore, what_is_gone_from_the_answers_goes_from_the_files) {
  TemporaryFolder folder;
  const std::string path = folder / "db";
  RocksdbOptions options;
  options.erase_every = milliseconds(20);
  options.sweep_every = milliseconds(20);
  auto store = open(path, options);
  run_as<Appended>(*store, append_of("expired", 1, "marker-of-an-expired-item", kTestNow - days(30)));
  run_as<Appended>(*store, append_of("q", 1, "marker-of-a-trimmed-item"));
  run_as<Appended>(*store, append_of("q", 2, "marker-of-a-kept-item"));
  run_as<Appended>(*store, append_of("dropped", 1, "marker-of-a-dropped-item"));
  run_as<Stored>(*store, Put{b("k"), b("marker-of-an-old-value")});
  run_as<Stored>(*store, Put{b("e"), b("marker-of-an-erased-value")});
  EXPECT_TRUE(any_file_holds(path, "marker-of-a-trimmed-item"));
  // Into table files first, as would happen in a long life.
  while (files_in(path, ".sst").empty()) run_as<Stored>(*store, Erase{b("nothing")});
  run_as<Stored>(*store, TrimQueue{b("q"), 1});
  run_as<Stored>(*store, DropQueue{b("dropped")});
  run_as<Stored>(*store, Put{b("k"), b("marker-of-a-new-value")});
  run_as<Stored>(*store, Erase{b("e")});
  for (const char* marker : {"marker-of-a-trimmed-item", "marker-of-a-dropped-item", "marker-of-an-expired-item",
                             "marker-of-an-old-value", "marker-of-an-erased-value"}) {
    wait_until_gone(*store, path, marker);
  }
  for (const char* marker : {"marker-of-a-kept-item", "marker-of-a-new-value"}) {
    while (!any_file_holds(path, marker)) std::this_thread::yield();
  }
  EXPECT_EQ(run_as<QueueItems>(*store, ReadQueue{b("q"), 0, 1 << 20, kTestNow}).items.size(), 1U);
}

TEST(RocksdbStore, what_is_gone_goes_from_a_journal_that_is_kept_to_be_written_over) {
  TemporaryFolder folder;
  const std::string path = folder / "db";
  RocksdbOptions options;
  options.erase_every = seconds(2);
  auto store = open(path, options);
  run_as<Appended>(*store, append_of("q", 1, "marker-of-a-trimmed-item"));
  run_as<Stored>(*store, TrimQueue{b("q"), 1});
  ASSERT_TRUE(snapshot_rocksdb(*store, folder / "one"));  // it settles
  run_as<Stored>(*store, Put{b("k"), b("v")});
  ASSERT_TRUE(snapshot_rocksdb(*store, folder / "two"));
  EXPECT_TRUE(any_file_holds(path, "marker-of-a-trimmed-item")) << "behind the end of the file that was written over";
  wait_until_gone(*store, path, "marker-of-a-trimmed-item");
}

TEST(RocksdbStore, what_was_gone_before_the_store_was_closed_goes_after_it_is_opened) {
  TemporaryFolder folder;
  const std::string path = folder / "db";
  {
    auto store = open(path);
    run_as<Appended>(*store, append_of("q", 1, "marker-of-a-trimmed-item"));
    run_as<Stored>(*store, TrimQueue{b("q"), 1});
  }
  EXPECT_TRUE(any_file_holds(path, "marker-of-a-trimmed-item"));
  RocksdbOptions options;
  options.erase_every = milliseconds(20);
  auto store = open(path, options);
  wait_until_gone(*store, path, "marker-of-a-trimmed-item");
}

// ---- gathering ------------------------------------------------------------------------------------------------------

TEST(RocksdbStore, what_is_gathered_is_answered_when_the_gathering_ends) {
  TemporaryFolder folder;
  auto store = open(folder / "db");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the writer rests
  size_t answered = 0;
  gather_rocksdb(*store, true);
  for (int i = 0; i < 10; ++i) {
    store->submit(Put{b("key" + std::to_string(i)), b("v")}, [&](const auto& outcome) { answered += outcome ? 1U : 0U; });
  }
  EXPECT_TRUE(run_as<Found>(*store, Get{b("another")}).value == std::nullopt) << "what only reads does not wait";
  gather_rocksdb(*store, false);
  poll_until(*store, [&] { return answered == 10; });
  gather_rocksdb(*store, true);
  store->submit(Put{b("k"), b("v")}, [](const auto&) {});
  store.reset();  // in the middle of it
}

// ---- bounds ---------------------------------------------------------------------------------------------------------

TEST(RocksdbStore, an_operation_above_the_bound_of_those_that_wait_is_unavailable) {
  TemporaryFolder folder;
  auto store = open(folder / "db");
  size_t answered = 0;
  size_t refused = 0;
  constexpr size_t kCount = 80;
  for (size_t i = 0; i < kCount; ++i) {
    store->submit(Put{b("k"), Bytes(1 << 20, 1)}, [&](Result<Outcome> outcome) {
      ++answered;
      refused += !outcome && outcome.error().code == kUnavailable ? 1U : 0U;
    });
  }
  poll_until(*store, [&] { return answered == kCount; });
  EXPECT_EQ(refused, kCount - 63);
  run_as<Stored>(*store, Put{b("k"), b("v")});
}

}  // namespace
}  // namespace godwit::store
