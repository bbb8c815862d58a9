#pragma once
// One open RocksDB with its lock, its options and our errors. Inside store/ only.

#include <memory>
#include <string>

#include "base/result.h"
#include "store/rocksdb_store.h"

namespace rocksdb {
class DB;
class Env;
class FileSystem;
class Status;
class WriteBatchWithIndex;
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

  /// The open database; lives as long as this.
  rocksdb::DB& db() { return *db_; }
  /// Writes `batch` as one and makes it durable. kDiskFull, kUnavailable: not written, and the database tries to go on
  /// at the next call; after kUnavailable the batch may still come back if the power goes. kCorrupted.
  Status commit(rocksdb::WriteBatchWithIndex& batch);

 private:
  Database() = default;
  Status open_files(const std::string& path, const RocksdbOptions& options);
  Status check_format();

  int lock_ = -1;  // a descriptor that holds the lock file
  bool sync_ = true;
  std::shared_ptr<rocksdb::FileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<rocksdb::DB> db_;
};

/// As open_rocksdb(), on a file system of the caller's: for tests that make it fail.
Result<std::unique_ptr<HomeStore>> open_rocksdb_on(const std::string& path, const RocksdbOptions& options,
                                                   std::shared_ptr<rocksdb::FileSystem> file_system);

}  // namespace godwit::store
