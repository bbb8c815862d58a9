#pragma once
// Getting what is gone out of the files too. Inside store/ only.
//
// RocksDB erases by writing a tombstone and forgets the bytes when it happens to rewrite their file. So the store notes
// where something became erasable and has just those files rewritten, some megabytes around each place. Rejected:
// rewriting everything every hour (a home with 50 GB of blobs would write 14 MB/s for ever), and RocksDB's periodic
// compaction (the same). Flushing the memtable first ends the write-ahead log that still holds the bytes.

#include <atomic>
#include <mutex>
#include <set>

#include "store/layout.h"
#include "store/rocksdb_database.h"

namespace godwit::store {

/// Places noted at most; beyond, everything is looked through.
constexpr size_t kTracesMax = 16'384;

/// Where erased or overwritten bytes may still stand. Safe to use from several threads.
class Traces {
 public:
  /// What one round of erasing has to look at.
  struct Round {
    bool everything = false;
    std::set<Bytes> places;  // first bytes of keys; of a record, all of them
  };

  /// True for the keys of plain records, whose values may be overwritten.
  static bool of_records(ByteView key) { return !key.empty() && key[0] == layout::kRecords; }
  /// Notes that what stood at `key` is gone.
  void note(ByteView key);
  /// Notes that anything may be gone.
  void note_everything();
  /// Takes what was noted so far.
  Round take();
  /// Puts back what could not be done.
  void put_back(const Round& round);
  /// True if nothing is noted.
  bool empty() const;

 private:
  void bound();

  mutable std::mutex mutex_;
  Round round_;
};

/// Rewrites the files that `round` names, and ends the log. Gives up early when `stop` is set. Call it when no snapshot
/// is left that is older than the round. Errors: those of commit(); put the round back and try again later.
Status erase_from_files(Database& database, const Traces::Round& round, std::atomic<bool>& stop);

}  // namespace godwit::store
