// A disk that is full: reads go on, nothing that was answered is lost, and writing goes on once there is room.

#include <rocksdb/file_system.h>

#include <atomic>
#include <chrono>
#include <iostream>

#include "store/rocksdb_database.h"
#include "store/store_testing.h"
#include "store/temporary_folder_test.h"

namespace godwit::store {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// A file whose appends fail while `full`.
class FullFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FullFile(std::unique_ptr<rocksdb::FSWritableFile> below, const std::atomic<bool>& full)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(below)), full_(full) {}
  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (full_) return torn(data, options, debug);
    return rocksdb::FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* debug) override {
    if (full_) return torn(data, options, debug);
    return rocksdb::FSWritableFileOwnerWrapper::Append(data, options, info, debug);
  }

 private:
  IOStatus torn(const Slice& data, const IOOptions& options, IODebugContext* debug) {
    const Slice half(data.data(), data.size() / 2);
    (void)rocksdb::FSWritableFileOwnerWrapper::Append(half, options, debug);
    return IOStatus::NoSpace();
  }

  const std::atomic<bool>& full_;
};

/// A file that is written over, while not `full`.
class FullOverwrittenFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  FullOverwrittenFile(std::unique_ptr<rocksdb::FSRandomRWFile> below, const std::atomic<bool>& full)
      : rocksdb::FSRandomRWFileOwnerWrapper(std::move(below)), full_(full) {}
  IOStatus Write(uint64_t offset, const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (!full_) return rocksdb::FSRandomRWFileOwnerWrapper::Write(offset, data, options, debug);
    (void)rocksdb::FSRandomRWFileOwnerWrapper::Write(offset, Slice(data.data(), data.size() / 2), options, debug);
    return IOStatus::NoSpace();
  }

 private:
  const std::atomic<bool>& full_;
};

/// A file whose reads fail while `unreadable`.
class UnreadableFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  UnreadableFile(std::unique_ptr<rocksdb::FSRandomAccessFile> below, const std::atomic<bool>& unreadable)
      : rocksdb::FSRandomAccessFileOwnerWrapper(std::move(below)), unreadable_(unreadable) {}
  IOStatus Read(uint64_t offset, size_t count, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) const override {
    if (unreadable_) return IOStatus::IOError();
    return rocksdb::FSRandomAccessFileOwnerWrapper::Read(offset, count, options, result, scratch, debug);
  }

 private:
  const std::atomic<bool>& unreadable_;
};

class FullFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  FullFileSystem() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FullFileSystem"; }
  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) override {
    if (full) return IOStatus::NoSpace();
    if (no_next_journal && path.ends_with(".journal")) return IOStatus::IOError();
    std::unique_ptr<rocksdb::FSWritableFile> below;
    IOStatus made = target()->NewWritableFile(path, options, &below, debug);
    if (made.ok()) *result = std::make_unique<FullFile>(std::move(below), full);
    return made;
  }
  IOStatus NewRandomAccessFile(const std::string& path, const rocksdb::FileOptions& options,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* result, IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSRandomAccessFile> below;
    IOStatus made = target()->NewRandomAccessFile(path, options, &below, debug);
    if (made.ok()) *result = std::make_unique<UnreadableFile>(std::move(below), unreadable);
    return made;
  }
  IOStatus NewRandomRWFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* result, IODebugContext* debug) override {
    if (no_next_journal) return IOStatus::IOError();
    std::unique_ptr<rocksdb::FSRandomRWFile> below;
    IOStatus made = target()->NewRandomRWFile(path, options, &below, debug);
    if (made.ok()) *result = std::make_unique<FullOverwrittenFile>(std::move(below), full);
    return made;
  }
  IOStatus GetFreeSpace(const std::string& path, const IOOptions& options, uint64_t* free,
                        IODebugContext* debug) override {
    IOStatus asked = target()->GetFreeSpace(path, options, free, debug);
    if (full || little_left) *free = 0;
    return asked;
  }

  std::atomic<bool> full = false;         // every append and every new file fails
  std::atomic<bool> little_left = false;  // nothing fails yet
  std::atomic<bool> unreadable = false;       // what is read of tables fails
  std::atomic<bool> no_next_journal = false;  // no file of the journal can be begun
};

/// Repeats a Put until it is stored; ctest ends a test that waits in vain.
void put_when_there_is_room(HomeStore& store, const Put& put) {
  for (;;) {
    const auto outcome = outcome_of(store, put);
    if (outcome) return;
    EXPECT_TRUE(outcome.error().code == kDiskFull || outcome.error().code == kUnavailable);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

/// So that the disk itself refuses.
RocksdbOptions without_reserve() {
  RocksdbOptions options;
  options.free_bytes_min = 0;
  options.write_buffer_bytes = 64 << 10;
  options.settle_every = milliseconds(20);
  return options;
}

constexpr int kRounds = 3;

TEST(RocksdbDiskFull, reads_go_on_nothing_is_lost_and_writing_goes_on_once_there_is_room) {
  TemporaryFolder folder;
  auto files = std::make_shared<FullFileSystem>();
  auto opened = open_rocksdb_on(folder / "db", without_reserve(), files);
  ASSERT_TRUE(opened.has_value());
  std::unique_ptr<HomeStore> store = std::move(*opened);
  for (int round = 0; round < kRounds; ++round) {
    const std::string text = std::to_string(round);
    run_as<Stored>(*store, Put{b("before" + text), b("v")});
    files->full = true;
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(outcome_of(*store, Put{b("during" + text), b("v")}).error().code, kDiskFull);
      EXPECT_EQ(outcome_of(*store, append_of("q", 99, "x")).error().code, kDiskFull);
      EXPECT_TRUE(run_as<Found>(*store, Get{b("before" + text)}).value.has_value());
      EXPECT_FALSE(run_as<Found>(*store, Get{b("during" + text)}).value.has_value());
    }
    // A read that has to wait behind a change that fails still has its answer, as if the change had never been.
    size_t answered = 0;
    store->submit(Put{b("k"), b("v")}, [&](Result<Outcome> outcome) {
      ++answered;
      EXPECT_EQ(outcome.error().code, kDiskFull);
    });
    store->submit(Get{b("k")}, [&](Result<Outcome> outcome) {
      ++answered;
      EXPECT_EQ(std::get<Found>(*outcome).value, std::nullopt);
    });
    poll_until(*store, [&] { return answered == 2; });
    files->full = false;
    put_when_there_is_room(*store, Put{b("after" + text), b("v")});
  }
  store.reset();
  opened = open_rocksdb(folder / "db");
  ASSERT_TRUE(opened.has_value());
  for (int round = 0; round < kRounds; ++round) {
    EXPECT_TRUE(run_as<Found>(**opened, Get{b("before" + std::to_string(round))}).value.has_value());
    EXPECT_TRUE(run_as<Found>(**opened, Get{b("after" + std::to_string(round))}).value.has_value());
  }
}

TEST(RocksdbDiskFull, a_log_that_refuses_the_first_write_after_a_flush_is_left_behind) {
  TemporaryFolder folder;
  auto files = std::make_shared<FullFileSystem>();
  RocksdbOptions options = without_reserve();
  options.erase_every = milliseconds(1);
  auto opened = open_rocksdb_on(folder / "db", options, files);
  ASSERT_TRUE(opened.has_value());
  // Rounds of erasing begin new logs all the time; the first table file says that one has been.
  while (files_in(folder / "db", ".sst").empty()) run_as<Stored>(**opened, Erase{b("k")});
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  files->full = true;
  EXPECT_EQ(outcome_of(**opened, Put{b("k"), b("v")}).error().code, kDiskFull);
  files->full = false;
  put_when_there_is_room(**opened, Put{b("k"), b("v")});
  EXPECT_EQ(run_as<Found>(**opened, Get{b("k")}).value, b("v"));
}

TEST(RocksdbDiskFull, the_reserve_is_kept_and_its_end_is_seen_at_once) {
  TemporaryFolder folder;
  auto files = std::make_shared<FullFileSystem>();
  auto opened = open_rocksdb_on(folder / "db", {}, files);
  ASSERT_TRUE(opened.has_value());
  run_as<Stored>(**opened, Put{b("k"), b("before")});
  files->little_left = true;
  EXPECT_EQ(outcome_of(**opened, Put{b("k"), b("during")}).error().code, kDiskFull);
  EXPECT_EQ(run_as<Found>(**opened, Get{b("k")}).value, b("before"));
  files->little_left = false;
  run_as<Stored>(**opened, Put{b("k"), b("after")});
}

TEST(RocksdbDiskFull, a_store_can_be_opened_again_after_it_was_closed_while_full) {
  TemporaryFolder folder;
  auto files = std::make_shared<FullFileSystem>();
  {
    auto opened = open_rocksdb_on(folder / "db", {}, files);
    ASSERT_TRUE(opened.has_value());
    run_as<Stored>(**opened, Put{b("before"), b("v")});
    files->full = true;
    EXPECT_EQ(outcome_of(**opened, Put{b("during"), Bytes(10'000, 1)}).error().code, kDiskFull);
  }
  EXPECT_EQ(open_rocksdb_on(folder / "db", {}, files).error().code, kDiskFull);
  files->full = false;
  auto opened = open_rocksdb_on(folder / "db", {}, files);
  ASSERT_TRUE(opened.has_value()) << opened.error().code.name;
  EXPECT_TRUE(run_as<Found>(**opened, Get{b("before")}).value.has_value());
}

TEST(RocksdbDiskFull, with_little_left_a_store_is_opened_settled_and_erased) {
  TemporaryFolder folder;
  auto files = std::make_shared<FullFileSystem>();
  RocksdbOptions options;
  options.settle_every = hours(1);
  options.erase_every = milliseconds(20);
  auto opened = open_rocksdb_on(folder / "db", options, files);
  ASSERT_TRUE(opened.has_value());
  run_as<Appended>(**opened, append_of("q", 1, "marker-of-a-trimmed-item"));
  run_as<Stored>(**opened, TrimQueue{b("q"), 1});
  run_as<Stored>(**opened, Put{b("k"), b("v")});
  files->little_left = true;
  while (any_file_holds(folder / "db", "marker-of-a-trimmed-item")) std::this_thread::yield();
  opened->reset();
  opened = open_rocksdb_on(folder / "db", options, files);
  ASSERT_TRUE(opened.has_value()) << opened.error().code.name;
  EXPECT_EQ(run_as<Found>(**opened, Get{b("k")}).value, b("v"));
}

TEST(RocksdbDiskFull, nothing_is_answered_while_no_next_journal_can_be_begun) {
  TemporaryFolder folder;
  auto files = std::make_shared<FullFileSystem>();
  RocksdbOptions options;
  options.settle_every = hours(1);
  auto opened = open_rocksdb_on(folder / "db", options, files);
  ASSERT_TRUE(opened.has_value());
  run_as<Stored>(**opened, Put{b("before"), b("v")});
  files->no_next_journal = true;
  EXPECT_FALSE(snapshot_rocksdb(**opened, folder / "copy"));
  EXPECT_EQ(outcome_of(**opened, Put{b("during"), b("v")}).error().code, kUnavailable);
  EXPECT_EQ(run_as<Found>(**opened, Get{b("before")}).value, b("v"));
  files->no_next_journal = false;
  put_when_there_is_room(**opened, Put{b("after"), b("v")});
  opened->reset();
  opened = open_rocksdb(folder / "db");
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(run_as<Found>(**opened, Get{b("before")}).value, b("v"));
  EXPECT_EQ(run_as<Found>(**opened, Get{b("after")}).value, b("v"));
}

TEST(RocksdbDiskFull, a_queue_whose_start_cannot_be_read_is_not_read_from_its_middle) {
  TemporaryFolder folder;
  auto files = std::make_shared<FullFileSystem>();
  RocksdbOptions options;
  options.settle_every = hours(1);
  options.cache_bytes = 64 << 10;
  auto opened = open_rocksdb_on(folder / "db", options, files);
  ASSERT_TRUE(opened.has_value());
  HomeStore& store = **opened;
  const std::string item(5'000, 'x');
  for (uint64_t id = 1; id <= 40; ++id) run_as<Appended>(store, append_of("q", id, item));
  ASSERT_TRUE(snapshot_rocksdb(store, folder / "copy")) << "all of it stands in a table";
  for (uint64_t id = 41; id <= 50; ++id) run_as<Appended>(store, append_of("q", id, item));
  files->unreadable = true;
  const auto failed = outcome_of(store, ReadQueue{b("q"), 0, 6'000, kTestNow});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().code, kUnavailable);
  files->unreadable = false;
  EXPECT_EQ(run_as<QueueItems>(store, ReadQueue{b("q"), 0, 6'000, kTestNow}).items.at(0).sequence, 1U);
}

TEST(RocksdbDiskFull, a_real_small_disk_fills_up_and_recovers) {
  TemporaryFolder folder;
  SmallDisk disk(folder / "disk");
  if (!disk.mounted()) {
    std::cout << "SKIPPED: mounting a tmpfs needs privileges" << std::endl;
    GTEST_SKIP();
  }
  std::ofstream(folder / "disk/ballast") << std::string(size_t{8} << 20, 'x');
  RocksdbOptions options = without_reserve();
  options.write_buffer_bytes = 1 << 20;
  options.journal_bytes = 256 << 10;  // as small as the disk: of its files there may be three, each half as large again
  auto opened = open_rocksdb(folder / "disk/db", options);
  ASSERT_TRUE(opened.has_value());
  int stored = 0;
  for (; stored < 10'000; ++stored) {
    const auto outcome = outcome_of(**opened, Put{b("key" + std::to_string(stored)), Bytes(10'000, 5)});
    if (outcome) continue;
    EXPECT_EQ(outcome.error().code, kDiskFull);
    break;
  }
  EXPECT_GT(stored, 100);
  EXPECT_LT(stored, 10'000);
  EXPECT_TRUE(run_as<Found>(**opened, Get{b("key" + std::to_string(stored - 1))}).value.has_value());
  std::filesystem::remove(folder / "disk/ballast");
  put_when_there_is_room(**opened, Put{b("after"), b("v")});
  opened->reset();
  opened = open_rocksdb(folder / "disk/db", options);
  ASSERT_TRUE(opened.has_value());
  for (int i = 0; i < stored; ++i) {
    ASSERT_EQ(run_as<Found>(**opened, Get{b("key" + std::to_string(i))}).value, Bytes(10'000, 5));
  }
  opened->reset();
}

}  // namespace
}  // namespace godwit::store
