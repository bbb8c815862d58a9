#include "store/sqlite_client_store.h"

#include <sqlite3.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <map>
#include <random>

#include "store/client_store_conformance.h"
#include "store/errors.h"
#include "store/temporary_folder_test.h"

namespace godwit::store {
namespace {

std::unique_ptr<ClientStore> open(const std::string& dir) {
  auto opened = open_sqlite(dir);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().code.name);
  return opened ? std::move(*opened) : nullptr;
}

class SqliteUnderTest final : public ClientStoreUnderTest {
 public:
  ClientStore& store() override { return *store_; }
  void reopen() override {
    store_.reset();
    store_ = open(folder_ / "profile");
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<ClientStore> store_ = open(folder_ / "profile");
};

INSTANTIATE_TEST_SUITE_P(Sqlite, ClientStoreConformance,
                         testing::Values(ClientStoreKind{"sqlite", [] { return std::make_unique<SqliteUnderTest>(); }}),
                         client_store_kind_name);

Change put(std::string_view key, size_t size) { return {to_bytes(as_bytes(key)), Bytes(size, 7)}; }

TEST(SqliteClientStore, a_profile_that_is_open_cannot_be_opened_again_until_it_is_closed) {
  TemporaryFolder folder;
  auto store = open(folder / "profile");
  EXPECT_EQ(open_sqlite(folder / "profile").error().code, kLocked);
  store.reset();
  EXPECT_NE(open(folder / "profile"), nullptr);
}

TEST(SqliteClientStore, every_file_is_for_its_owner_only) {
  TemporaryFolder folder;
  auto store = open(folder / "profile");
  ASSERT_TRUE(store->write({put("k", 100)}).has_value());
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(folder / "profile").permissions(), perms::owner_all);
  const auto files = files_in(folder / "profile", "");
  EXPECT_GE(files.size(), 3U);
  for (const auto& file : files) {
    EXPECT_EQ(std::filesystem::status(file).permissions(), perms::owner_read | perms::owner_write) << file;
  }
}

TEST(SqliteClientStore, a_profile_of_a_newer_version_is_left_alone) {
  TemporaryFolder folder;
  open(folder / "profile");
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder / "profile/profile.db").c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, "PRAGMA user_version = 2", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  EXPECT_EQ(open_sqlite(folder / "profile").error().code, kNewerVersion);
}

TEST(SqliteClientStore, a_folder_that_cannot_be_made_is_no_access) {
  TemporaryFolder folder;
  EXPECT_EQ(open_sqlite(folder / "absent/profile").error().code, kNoAccess);
}

TEST(SqliteClientStore, a_damaged_profile_is_corrupted) {
  TemporaryFolder folder;
  {
    auto store = open(folder / "profile");
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(store->write({put(std::to_string(i), 1'000)}).has_value());
  }
  const auto file = files_in(folder / "profile", ".db").back();
  damage(file, file_size(file) / 2 / 4096 * 4096, 64);  // the head of a page
  EXPECT_EQ(open_sqlite(folder / "profile").error().code, kCorrupted);
  damage(file, 0);
  EXPECT_EQ(open_sqlite(folder / "profile").error().code, kCorrupted);
}

TEST(SqliteClientStore, what_was_removed_is_gone_from_the_files_once_the_store_is_closed) {
  TemporaryFolder folder;
  const std::string marker = "marker-of-a-removed-record";
  {
    auto store = open(folder / "profile");
    ASSERT_TRUE(store->write({{Bytes{1}, to_bytes(as_bytes(marker))}}).has_value());
    EXPECT_TRUE(any_file_holds(folder / "profile", marker));
    ASSERT_TRUE(store->write({{Bytes{1}, std::nullopt}}).has_value());
  }
  EXPECT_FALSE(any_file_holds(folder / "profile", marker));
}

TEST(SqliteClientStore, what_was_overwritten_is_gone_from_the_files_of_an_open_store_when_leftovers_are_erased) {
  TemporaryFolder folder;
  const std::string marker = "marker-of-an-overwritten-record";
  auto store = open(folder / "profile");
  ASSERT_TRUE(store->write({{Bytes{1}, to_bytes(as_bytes(marker))}}).has_value());
  ASSERT_TRUE(store->write({{Bytes{1}, Bytes(marker.size(), 5)}}).has_value());
  EXPECT_TRUE(any_file_holds(folder / "profile", marker)) << "else this test shows nothing";
  ASSERT_TRUE(store->erase_leftovers().has_value());
  EXPECT_FALSE(any_file_holds(folder / "profile", marker));
  EXPECT_EQ(store->read(Bytes{1}).value(), Bytes(marker.size(), 5));
  EXPECT_TRUE(store->erase_leftovers().has_value()) << "with nothing to do";
}

TEST(SqliteClientStore, what_was_removed_is_gone_from_the_files_once_a_store_whose_program_died_is_open_again) {
  TemporaryFolder folder;
  const std::string marker = "marker-of-a-removed-record";
  {
    auto store = open(folder / "profile");
    ASSERT_TRUE(store->write({{Bytes{1}, to_bytes(as_bytes(marker))}}).has_value());
    ASSERT_TRUE(store->write({{Bytes{1}, std::nullopt}, put("kept", 100)}).has_value());
    // What a program that dies now leaves behind.
    std::filesystem::create_directory(folder / "dead");
    for (const auto& file : files_in(folder / "profile", "")) {
      std::filesystem::copy_file(file, folder / "dead/" + file.filename().string());
    }
  }
  EXPECT_TRUE(any_file_holds(folder / "dead", marker)) << "else this test shows nothing";
  auto store = open(folder / "dead");
  EXPECT_FALSE(any_file_holds(folder / "dead", marker));
  EXPECT_EQ(store->read(as_bytes("kept")).value(), Bytes(100, 7));
  EXPECT_EQ(store->read(Bytes{1}).value(), std::nullopt);
}

// Writes, overwrites and removes records of many sizes until pages have become too full and too empty, so that records have moved
// between them before they went. Gives how many of those that are gone are found in the file all the same.
size_t left_after_moves(const std::string& folder, uint32_t seed) {
  std::mt19937 dice(seed);
  const auto below = [&](uint32_t most) { return static_cast<uint32_t>(dice() % most); };
  auto store = open(folder);
  std::map<Bytes, Bytes> there;
  std::vector<Bytes> removed;
  std::vector<Change> batch;
  for (int i = 0; i < 3'000; ++i) {
    Bytes key(25, 'c');
    const uint32_t number = below(3'000);
    key[0] = static_cast<uint8_t>("hoSPO"[number % 5]);
    key[23] = static_cast<uint8_t>(number >> 8);
    key[24] = static_cast<uint8_t>(number);
    const auto found = there.find(key);
    if (found != there.end()) removed.push_back(found->second);
    if (found != there.end() && below(5) < 3) {
      there.erase(found);
      batch.push_back({key, std::nullopt});
    } else {
      constexpr size_t kSizes[] = {60, 120, 300, 700, 5'000};
      Bytes value(kSizes[below(5)]);
      for (uint8_t& byte : value) byte = static_cast<uint8_t>(dice());
      batch.push_back({key, value});
      there.insert_or_assign(key, std::move(value));
    }
    if (batch.size() < 10) continue;
    EXPECT_TRUE(store->write(std::exchange(batch, {})).has_value());
  }
  EXPECT_TRUE(store->erase_leftovers().has_value());
  EXPECT_GT(removed.size(), 500U);
  const std::string file = contents_of(folder + "/profile.db");
  const auto left = std::ranges::count_if(removed, [&](const Bytes& value) {
    return file.find(as_text(ByteView(value).subspan(20, 20))) != std::string::npos;
  });
  store.reset();
  store = open(folder);  // looks whether the file is whole
  for (const auto& [key, value] : there) EXPECT_EQ(store->read(key).value(), value);
  return static_cast<size_t>(left);
}

TEST(SqliteClientStore, what_was_removed_is_gone_from_the_file_also_where_it_has_stood_before) {
  TemporaryFolder folder;
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    EXPECT_EQ(left_after_moves(folder / std::to_string(seed), seed), 0U) << seed;
  }
}

/// A bound on the size of files, which SQLite meets as a full disk or as a failing write.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST(SqliteClientStore, a_batch_that_does_not_fit_leaves_nothing_and_later_ones_go_on) {
  TemporaryFolder folder;
  auto store = open(folder / "profile");
  ASSERT_TRUE(store->write({put("before", 100)}).has_value());
  {
    FileSizeLimit limit(200'000);
    const Status written = store->write({put("during", 100), put("large", 1'000'000)});
    ASSERT_FALSE(written.has_value());
    EXPECT_EQ(written.error().code, kDiskFull);
    EXPECT_EQ(store->read(as_bytes("during")).value(), std::nullopt);
    EXPECT_EQ(store->read(as_bytes("before")).value(), Bytes(100, 7));
  }
  ASSERT_TRUE(store->write({put("after", 1'000'000)}).has_value());
  store.reset();
  store = open(folder / "profile");
  EXPECT_EQ(store->read(as_bytes("during")).value(), std::nullopt);
  EXPECT_EQ(store->read(as_bytes("after")).value(), Bytes(1'000'000, 7));
}

TEST(SqliteClientStore, a_real_small_disk_fills_up_and_recovers) {
  TemporaryFolder folder;
  SmallDisk disk(folder / "disk");
  if (!disk.mounted()) {
    std::cout << "SKIPPED: mounting a tmpfs needs privileges" << std::endl;
    GTEST_SKIP();
  }
  std::ofstream(folder / "disk/ballast") << std::string(size_t{16} << 20, 'x');
  auto store = open(folder / "disk/profile");
  int stored = 0;
  for (; stored < 1'000; ++stored) {
    const Status written = store->write({put(std::to_string(stored), 50'000)});
    if (written) continue;
    EXPECT_EQ(written.error().code, kDiskFull);
    break;
  }
  EXPECT_GT(stored, 10);
  EXPECT_LT(stored, 1'000);
  EXPECT_EQ(store->read(as_bytes(std::to_string(stored))).value(), std::nullopt);
  std::filesystem::remove(folder / "disk/ballast");
  EXPECT_TRUE(store->write({put("after", 50'000)}).has_value());
  store.reset();
  store = open(folder / "disk/profile");
  for (int i = 0; i < stored; ++i) {
    ASSERT_EQ(store->read(as_bytes(std::to_string(i))).value(), Bytes(50'000, 7));
  }
  store.reset();
}

}  // namespace
}  // namespace godwit::store
