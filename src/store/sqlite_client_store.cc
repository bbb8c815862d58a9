#include "store/sqlite_client_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/assert.h"
#include "store/errors.h"
#include "store/folder_lock.h"
#include "store/wiping_vfs.h"

namespace godwit::store {
namespace {

constexpr int kFormatVersion = 1;

Error error_of(int code, bool opening) {
  switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {kCorrupted, "store: the profile's file is whole"};
    case SQLITE_FULL:
      return {kDiskFull, "store: the disk has room for the profile"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {kLocked, "store: one program at a time has the profile open"};
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return {kNoAccess, "store: the profile's file can be opened and written"};
    default:
      break;
  }
  if (opening) return {kNoAccess, "store: the profile's file can be opened"};
  return {kUnavailable, "store: the profile's disk answers"};
}

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinishStatement>;

/// Binds `bytes`, which must live until the statement is reset; empty ones as an empty blob, not as NULL.
void bind(const Statement& statement, int index, ByteView bytes) {
  const int code = bytes.empty() ? sqlite3_bind_zeroblob(statement.get(), index, 0)
                                 : sqlite3_bind_blob64(statement.get(), index, bytes.data(), bytes.size(), nullptr);
  ASSERT(code == SQLITE_OK);
}

Bytes column(const Statement& statement, int index) {
  const auto* data = static_cast<const uint8_t*>(sqlite3_column_blob(statement.get(), index));
  const auto size = static_cast<size_t>(sqlite3_column_bytes(statement.get(), index));
  return data == nullptr ? Bytes{} : Bytes(data, data + size);
}

/// Makes a statement fit for its next use, whatever became of this one.
class Use {
 public:
  explicit Use(const Statement& statement) : statement_(statement.get()) {}
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  int step() { return sqlite3_step(statement_); }

 private:
  sqlite3_stmt* statement_;
};

class SqliteClientStore final : public ClientStore {
 public:
  SqliteClientStore() = default;
  ~SqliteClientStore() override;
  SqliteClientStore(const SqliteClientStore&) = delete;
  SqliteClientStore& operator=(const SqliteClientStore&) = delete;

  /// Everything that can fail of making one.
  Status open(const std::string& dir);

  Status write(const std::vector<Change>& changes) override;
  Result<std::optional<Bytes>> read(ByteView key) override;
  Result<std::vector<std::pair<Bytes, Bytes>>> range(ByteView first, ByteView last, uint32_t count_max,
                                                     bool backwards) override;
  Status erase_leftovers() override;

 private:
  Status open_file(const std::string& path);
  Status execute(const char* sql);
  Status prepare(const char* sql, Statement& out);
  Status check_version();
  Status check_whole();
  Status write_one(const Change& change);

  int lock_ = -1;  // a descriptor that holds the lock file
  bool corrupted_ = false;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Statement put_;
  Statement erase_;
  Statement read_;
  Statement forwards_;
  Statement backwards_;
};

SqliteClientStore::~SqliteClientStore() {
  put_.reset();
  erase_.reset();
  read_.reset();
  forwards_.reset();
  backwards_.reset();
  database_.reset();  // before the lock goes: closing empties the log
  if (lock_ >= 0) ::close(lock_);
}

Status SqliteClientStore::open(const std::string& dir) {
  lock_ = TRY(lock_folder(dir, "profile.lock"));
  TRY(open_file(dir + "/profile.db"));
  TRY(check_version());
  TRY(check_whole());
  TRY(prepare("INSERT INTO records VALUES(?1, ?2) ON CONFLICT(key) DO UPDATE SET value = ?2", put_));
  TRY(prepare("DELETE FROM records WHERE key = ?1", erase_));
  TRY(prepare("SELECT value FROM records WHERE key = ?1", read_));
  TRY(prepare("SELECT key, value FROM records WHERE key >= ?1 AND key < ?2 ORDER BY key LIMIT ?3", forwards_));
  TRY(prepare("SELECT key, value FROM records WHERE key >= ?1 AND key < ?2 ORDER BY key DESC LIMIT ?3", backwards_));
  return {};
}

Status SqliteClientStore::open_file(const std::string& path) {
  // Made by us first, for its mode: SQLite gives its log the mode of the file.
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  REQUIRE(made >= 0, kNoAccess, "store: the profile's file can be opened");
  const bool closed_to_others = ::fchmod(made, 0600) == 0;
  ::close(made);
  REQUIRE(closed_to_others, kNoAccess, "store: the profile's file is the user's own");
  const char* const vfs = wiping_vfs();
  REQUIRE(vfs != nullptr, kNoAccess, "store: there is a file system");
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, vfs);
  database_.reset(database);
  if (code != SQLITE_OK) return error_of(code, true);
  sqlite3_extended_result_codes(database, 1);
  // The size, and that there is no auto_vacuum (whose pages wiping_vfs.cc does not know), count only for a new file. Freed pages are overwritten.
  TRY(execute("PRAGMA page_size = 4096"));
  TRY(execute("PRAGMA secure_delete = ON"));
  TRY(execute("PRAGMA temp_store = MEMORY"));
  TRY(execute("PRAGMA locking_mode = EXCLUSIVE"));  // before anything is read: wiping_vfs.cc has no shared memory
  TRY(execute("PRAGMA auto_vacuum = NONE"));
  TRY(execute("PRAGMA journal_mode = WAL"));
  TRY(execute("PRAGMA synchronous = FULL"));
  sqlite3_wal_autocheckpoint(database, kLogPagesMax);
  return erase_leftovers();  // what a program that died has left in the log
}

// The log goes into the file, whose pages are overwritten, and is cut to nothing.
Status SqliteClientStore::erase_leftovers() {
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(code, false);
  return {};
}

Status SqliteClientStore::execute(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(code, true);
  return {};
}

Status SqliteClientStore::prepare(const char* sql, Statement& out) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  out.reset(statement);
  if (code != SQLITE_OK) return error_of(code, true);
  return {};
}

Status SqliteClientStore::check_version() {
  Statement version;
  TRY(prepare("PRAGMA user_version", version));
  const int code = sqlite3_step(version.get());
  if (code != SQLITE_ROW) return error_of(code, true);
  const int found = sqlite3_column_int(version.get(), 0);
  version.reset();
  REQUIRE(found <= kFormatVersion, kNewerVersion, "store: this program knows the profile's format");
  if (found == kFormatVersion) return {};
  static_assert(kFormatVersion == 1, "an older format is brought up to date here");
  return execute(
      "BEGIN IMMEDIATE;"
      "CREATE TABLE IF NOT EXISTS records(key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID;"
      "PRAGMA user_version = 1;"
      "COMMIT");
}

Status SqliteClientStore::check_whole() {
  Statement check;
  TRY(prepare("PRAGMA quick_check(1)", check));
  const int code = sqlite3_step(check.get());
  if (code != SQLITE_ROW) return error_of(code, true);
  const auto* said = reinterpret_cast<const char*>(sqlite3_column_text(check.get(), 0));
  REQUIRE(said != nullptr && std::string_view(said) == "ok", kCorrupted, "store: the profile's file is whole");
  return {};
}

Status SqliteClientStore::write_one(const Change& change) {
  const Statement& statement = change.value ? put_ : erase_;
  Use use(statement);
  bind(statement, 1, change.key);
  if (change.value) bind(statement, 2, *change.value);
  const int code = use.step();
  if (code != SQLITE_DONE) return error_of(code, false);
  return {};
}

Status SqliteClientStore::write(const std::vector<Change>& changes) {
  REQUIRE(!corrupted_, kCorrupted, "store: nothing is written once damage was seen");
  Status written = execute("BEGIN IMMEDIATE");
  for (size_t i = 0; written && i < changes.size(); ++i) written = write_one(changes[i]);
  if (written) {
    const int code = sqlite3_exec(database_.get(), "COMMIT", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) written = error_of(code, false);
  }
  if (!written) {
    // Some errors have rolled back already; then this one has nothing to do.
    (void)sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    corrupted_ = written.error().code == kCorrupted;
  }
  return written;
}

Result<std::optional<Bytes>> SqliteClientStore::read(ByteView key) {
  Use use(read_);
  bind(read_, 1, key);
  const int code = use.step();
  if (code == SQLITE_DONE) return std::optional<Bytes>();
  if (code == SQLITE_ROW) return std::optional(column(read_, 0));
  const Error error = error_of(code, false);
  corrupted_ = corrupted_ || error.code == kCorrupted;
  return error;
}

Result<std::vector<std::pair<Bytes, Bytes>>> SqliteClientStore::range(ByteView first, ByteView last, uint32_t count_max,
                                                                      bool backwards) {
  const Statement& statement = backwards ? backwards_ : forwards_;
  Use use(statement);
  bind(statement, 1, first);
  bind(statement, 2, last);
  ASSERT(sqlite3_bind_int64(statement.get(), 3, count_max) == SQLITE_OK);
  std::vector<std::pair<Bytes, Bytes>> out;
  int code = use.step();
  for (; code == SQLITE_ROW; code = use.step()) out.emplace_back(column(statement, 0), column(statement, 1));
  if (code == SQLITE_DONE) return out;
  const Error error = error_of(code, false);
  corrupted_ = corrupted_ || error.code == kCorrupted;
  return error;
}

}  // namespace

Result<std::unique_ptr<ClientStore>> open_sqlite(const std::string& dir) {
  auto store = std::make_unique<SqliteClientStore>();
  TRY(store->open(dir));
  return std::unique_ptr<ClientStore>(std::move(store));
}

}  // namespace godwit::store
