#include "store/rocksdb_database.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <array>

#include "store/errors.h"
#include "store/folder_lock.h"
#include "store/layout.h"
#include "store/lossy_file_system.h"

namespace godwit::store {
namespace {

// 2: what is not settled yet stands in the journal (rocksdb_layers.h), which a program that knows 1 would not read. 3: the journal's files
// do not have their numbers as names, so that a program that knows 2 would take them for damaged. 4: an expiry may stand for the ids of a day (layout.h); a program that knows 3
// would remove the queue's counter with it.
constexpr uint64_t kFormatVersion = 4;

/// RocksDB's own log would name keys and grow; our errors say what a person needs.
class SilentLogger final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::BlockBasedTableOptions table_options(const RocksdbOptions& options) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.cache_bytes);
  table.cache_index_and_filter_blocks = true;  // the cache is the bound of all of it
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  return table;
}

// Of an item's key: all before the sequence, for a home's queues (layout.h). Only how fast an insertion is depends on it.
constexpr size_t kQueuePrefixBytes = 30;

rocksdb::Options rocksdb_options(const RocksdbOptions& options, rocksdb::Env* env) {
  rocksdb::Options out;
  if (env != nullptr) out.env = env;
  out.create_if_missing = true;
  out.info_log = std::make_shared<SilentLogger>();
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(options)));
  // What is stored is sealed: it does not compress.
  out.compression = rocksdb::kNoCompression;
  out.write_buffer_size = options.write_buffer_bytes;
  out.max_write_buffer_number = 2;
  // Most look-ups are for delivery ids that are not there.
  out.memtable_prefix_bloom_size_ratio = 0.02;
  out.memtable_whole_key_filtering = true;
  // What belongs to one queue stands together: where its last key went is where the next one goes.
  out.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kQueuePrefixBytes));
  out.target_file_size_base = uint64_t{16} << 20;
  out.max_open_files = 256;
  out.max_background_jobs = 2;
  out.stats_dump_period_sec = 0;
  out.stats_persist_period_sec = 0;
  // A damaged page is an error wherever it is met; so is a log that is damaged anywhere but at its torn end.
  out.paranoid_checks = true;
  out.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Nothing that was erased lives on in a log kept for later; the manifest, which names keys, is renewed soon.
  out.recycle_log_file_num = 0;
  out.WAL_ttl_seconds = 0;
  out.WAL_size_limit_MB = 0;
  out.max_manifest_file_size = uint64_t{1} << 20;
  // Going on after a full disk is reopen()'s.
  out.max_bgerror_resume_count = 0;
  // Closing is quick, and the log has everything.
  out.avoid_flush_during_shutdown = true;
  return out;
}

rocksdb::Slice slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

rocksdb::Slice slice_of(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

}  // namespace

Error error_of(const rocksdb::Status& status) {
  if (status.IsCorruption()) return {kCorrupted, "store: every page matches its checksum"};
  if (status.IsNoSpace()) return {kDiskFull, "store: the disk has room"};
  return {kUnavailable, "store: the disk answers"};
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const RocksdbOptions& options,
                                                 std::shared_ptr<rocksdb::FileSystem> file_system) {
  std::unique_ptr<Database> database(new Database());
  database->lock_ = TRY(lock_folder(path, "GODWIT_LOCK"));
  database->path_ = path;
  database->options_ = options;
  database->file_system_ = std::move(file_system);
  if (options.drop_unsynced_at_kill) {
    auto below = database->file_system_ ? database->file_system_ : rocksdb::FileSystem::Default();
    database->file_system_ = lossy_file_system(std::move(below));
  }
  TRY(database->open_files());
  TRY(database->check_format());
  database->sequence_floor_ = TRY(database->read_number(layout::kFloorKey));
  return database;
}

Status Database::open_files() {
  if (file_system_ && !env_) env_ = rocksdb::NewCompositeEnv(file_system_);
  rocksdb::DB* db = nullptr;
  rocksdb::Status status;
  try {
    status = rocksdb::DB::Open(rocksdb_options(options_, env_.get()), path_, &db);
  } catch (...) {
    return Error{kNoAccess, "store: the machine can start the database"};
  }
  db_.reset(db);
  if (status.ok()) return {};
  if (status.IsIOError() && !status.IsNoSpace()) return Error{kNoAccess, "store: the files can be opened"};
  // A compression, comparator or format that this program lacks is not damage.
  if (status.IsInvalidArgument() || status.IsNotSupported()) return Error{kNewerVersion, "store: the format is known"};
  return error_of(status);
}

Status Database::check_format() {
  std::string value;
  const rocksdb::Status status = db_->Get({}, layout::kFormatKey, &value);
  if (status.ok()) {
    const auto version = layout::read_number(as_bytes(value));
    REQUIRE(version.has_value(), kCorrupted, "store: the format's record is a number");
    REQUIRE(*version <= kFormatVersion, kNewerVersion, "store: this program knows the format");
    if (*version == kFormatVersion) return {};
  }
  if (!status.ok() && !status.IsNotFound()) return error_of(status);
  rocksdb::WriteOptions durable;
  durable.sync = true;
  const rocksdb::Status written = db_->Put(durable, layout::kFormatKey, slice(layout::write_number(kFormatVersion)));
  if (!written.ok()) return error_of(written);
  return {};
}

void Database::close_files() {
  if (db_) {
    rocksdb::CancelAllBackgroundWork(db_.get(), /*wait=*/true);
    (void)db_->Close();  // all that was answered is durable already
  }
  db_.reset();
}

Database::~Database() {
  close_files();
  env_.reset();
  if (lock_ >= 0) ::close(lock_);
}

Status Database::check_room() {
  uint64_t free = 0;
  // A file system that cannot say refuses by itself.
  const auto status = files().GetFreeSpace(path_, {}, &free, nullptr);
  REQUIRE(!status.ok() || free >= options_.free_bytes_min, kDiskFull, "store: the disk has room");
  return {};
}

rocksdb::FileSystem& Database::files() { return file_system_ ? *file_system_ : *rocksdb::FileSystem::Default(); }

// 0 if it is not there.
Result<uint64_t> Database::read_number(const char* key) {
  std::string value;
  const rocksdb::Status status = db_->Get({}, key, &value);
  if (status.IsNotFound()) return uint64_t{0};
  if (!status.ok()) return error_of(status);
  const auto number = layout::read_number(as_bytes(value));
  REQUIRE(number.has_value(), kCorrupted, "store: a record of its own is a number");
  return *number;
}

Result<uint64_t> Database::journal_through() { return read_number(layout::kJournalKey); }

Status Database::commit(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  rocksdb::Status status;
  try {
    status = db_->Write(options, &batch);
  } catch (...) {
    status = rocksdb::Status::Aborted();
  }
  if (status.ok()) return {};
  broken_ = true;
  return error_of(status);
}

Status Database::snapshot(const std::string& path) {
  REQUIRE(usable() && !broken(), kUnavailable, "store: the database takes what is written");
  TRY(check_room());
  rocksdb::Status status;
  try {
    rocksdb::Checkpoint* made = nullptr;
    status = rocksdb::Checkpoint::Create(db_.get(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    // 0: what is in memory is written into files first, so that the copy needs no log.
    if (status.ok()) status = checkpoint->CreateCheckpoint(path, 0);
  } catch (...) {
    status = rocksdb::Status::Aborted();
  }
  if (status.ok()) return {};
  return error_of(status);
}

std::optional<RocksdbSizes> Database::sizes() {
  if (!usable() || broken()) return std::nullopt;
  constexpr uint8_t kParts[] = {layout::kRecords, layout::kItems, layout::kIds, layout::kCounters, layout::kExpiries};
  std::array<layout::Range, std::size(kParts)> parts;
  std::array<rocksdb::Range, std::size(kParts)> ranges;
  for (size_t i = 0; i < std::size(kParts); ++i) {
    parts[i] = layout::starting_with(Bytes{kParts[i]});
    ranges[i] = rocksdb::Range(slice_of(parts[i].first), slice_of(parts[i].last));
  }
  std::array<uint64_t, std::size(kParts)> bytes{};
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  try {
    if (!db_->GetApproximateSizes(options, db_->DefaultColumnFamily(), ranges.data(), static_cast<int>(ranges.size()),
                                  bytes.data())
             .ok())
      return std::nullopt;
  } catch (...) {
    return std::nullopt;
  }
  return RocksdbSizes{bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], 0};
}

Status Database::reopen() {
  TRY(check_room());
  close_files();
  const Status opened = open_files();
  if (opened) {
    broken_ = false;
    return {};
  }
  rocksdb::DB* db = nullptr;
  try {
    (void)rocksdb::DB::OpenForReadOnly(rocksdb_options(options_, env_.get()), path_, &db);
  } catch (...) {
    db = nullptr;
  }
  db_.reset(db);
  return opened;
}

}  // namespace godwit::store
