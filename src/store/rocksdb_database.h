#pragma once
// One open RocksDB with its lock, its options and our errors. Inside store/ only.

#include <atomic>
#include <memory>
#include <string>

#include "base/result.h"
#include "store/rocksdb_store.h"

namespace rocksdb {
class DB;
class Env;
class FileSystem;
class Status;
class WriteBatch;
}  // namespace rocksdb

namespace godwit::store {

/// The Error that a RocksDB status means; `status` must not be ok.
Error error_of(const rocksdb::Status& status);

/// A database that is open and whose format this program knows.
class Database {
 public:
  /// Opens `path` on `file_system` (null: the machine's own). Errors as of open_rocksdb().
  static Result<std::unique_ptr<Database>> open(const std::string& path, const RocksdbOptions& options,
                                                std::shared_ptr<rocksdb::FileSystem> file_system);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// The open database, until reopen(); only if usable().
  rocksdb::DB& db() { return *db_; }
  /// Writes `batch` as one and makes it durable. kDiskFull, kUnavailable: answer so, and if the database is broken()
  /// now, reopen() it before the next commit. kCorrupted.
  Status commit(rocksdb::WriteBatch& batch);
  /// kDiskFull: there is less room on the disk than the options want to be left; for whoever brings something new. What is there already is
  /// written down and tidied up in that room.
  Status check_room();
  /// False only where the options say so, for tests.
  bool syncs() const { return !options_.unsafe_without_sync; }
  /// What the options say of the journal.
  size_t journal_bytes() const { return options_.journal_bytes; }
  /// The file system that it stands on.
  rocksdb::FileSystem& files();
  /// The last file of the journal that it has all of; 0: none. kCorrupted, kUnavailable.
  Result<uint64_t> journal_through();
  /// See begin_sequences_anew(); 0: it never was.
  uint64_t sequence_floor() const { return sequence_floor_; }
  /// True once the disk refused a write: from then on the database only reads.
  bool broken() const { return broken_; }
  /// True if the database can be read, broken or not.
  bool usable() const { return db_ != nullptr; }
  /// Mends a broken database if the disk has room, by closing and opening it: RocksDB 7.8 can go on by itself after
  /// some failures, but goes on with a broken log after others (which ends the program) or never. Nobody else may be
  /// using db(), nor hold anything of it. Errors as of open(); then it is still broken, and usable() if it can be.
  Status reopen();
  /// A copy of the database at `path` by links; see snapshot_rocksdb(). Not while another thread is in reopen().
  Status snapshot(const std::string& path);
  /// See sizes_of_rocksdb(); without the journal. Not while another thread is in reopen().
  std::optional<RocksdbSizes> sizes();

 private:
  Database() = default;
  Status open_files();
  void close_files();
  Status check_format();
  Result<uint64_t> read_number(const char* key);

  uint64_t sequence_floor_ = 0;
  int lock_ = -1;  // a descriptor that holds the lock file
  std::string path_;
  RocksdbOptions options_;
  std::atomic<bool> broken_ = false;
  std::shared_ptr<rocksdb::FileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
};

/// As open_rocksdb(), on a file system of the caller's: for tests that make it fail.
Result<std::unique_ptr<HomeStore>> open_rocksdb_on(const std::string& path, const RocksdbOptions& options,
                                                   std::shared_ptr<rocksdb::FileSystem> file_system);

}  // namespace godwit::store
