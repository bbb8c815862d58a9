#pragma once
// The home's store on this machine's disk: RocksDB, with one fsync for everybody who waits.
//
// Every change goes through one writer thread, which takes all that waits, carries it out in order as one group, has
// the disk confirm that group in a journal once, and then answers all of it; what is still there after some seconds goes
// into RocksDB (rocksdb_layers.h). A group of trims alone is answered first (home_store.h). A read of what no waiting change touches is served from what it saw when it was submitted, on
// a reader's thread; any other read waits its turn behind the change.
// What is trimmed, dropped, erased, overwritten or expired is unreadable at once and gone from the files, the
// write-ahead log included, within kErasedFromFilesWithin while the store is open; a store that was closed has the same
// time from when it is opened again. Not promised: that the medium below the file system forgets the freed blocks.

#include <memory>
#include <optional>
#include <string>

#include "base/time.h"
#include "store/home_store.h"

namespace godwit::store {

/// What is gone from the answers is gone from the files after this time, if the disk keeps up.
constexpr Duration kErasedFromFilesWithin = hours(1);
/// Operations that may wait; one more gets kUnavailable. Far above what a home of the largest size has in flight.
constexpr size_t kWaitingCountMax = 65'536;
/// Bytes of operations that may wait; kUnavailable above.
constexpr size_t kWaitingBytesMax = size_t{64} << 20;
/// Operations that one fsync confirms together at most, so that nobody waits long behind the others.
constexpr size_t kGroupCountMax = 1'024;
/// Bytes of operations that one fsync confirms together at most.
constexpr size_t kGroupBytesMax = size_t{8} << 20;

/// How to open a store on RocksDB. As it stands: right for a home on a small server (about 64 MiB of memory).
struct RocksdbOptions {
  size_t cache_bytes = size_t{32} << 20;         ///< of blocks, indexes and filters
  size_t write_buffer_bytes = size_t{16} << 20;  ///< of each of two memtables
  size_t journal_bytes = size_t{1024} << 10;        ///< with more than this in the journal it is settled: so little that nobody waits long,
  Duration settle_every = seconds(5);            ///< and after this time if there is anything
  /// With less room than this on the disk changes get kDiskFull before the disk itself refuses them: room for two
  /// memtables and a group, so that RocksDB can still write down and tidy up what it has.
  size_t free_bytes_min = size_t{40} << 20;
  size_t reader_threads = 2;                     ///< at least 1
  Duration sweep_every = minutes(1);             ///< how often what has expired is removed
  Duration erase_every = minutes(30);            ///< how often files are rewritten; half of kErasedFromFilesWithin
  /// Keeps what is not synced in this process's memory, so that SIGKILL loses what a power cut would lose: for tests of
  /// whole programs (lossy_file_system.h). A home passes on what its configuration says.
  bool drop_unsynced_at_kill = false;
  /// Answers before the disk has it. For tests that must see a loss, and for nothing else.
  bool unsafe_without_sync = false;
};

/// After kDiskFull or kUnavailable reads go on, and changes too as soon as the disk lets them, without reopening. Where
/// the disk itself refused a write, the change may still turn out to have been carried out, after either of the two.
///
/// Opens the store in folder `path`, which is made (for its owner only) if it is not there; its parent must be.
/// kLocked: another store has it open, also in this process. kNewerVersion: start the newer program. kCorrupted: a file
/// or the middle of the log does not match its checksum, restore a backup. kDiskFull. kNoAccess: anything else that
/// keeps the folder from being opened, for a person to mend.
/// Destroy the store on the thread that polls it: what was not answered then may or may not have been carried out.
Result<std::unique_ptr<HomeStore>> open_rocksdb(const std::string& path, const RocksdbOptions& options = {});

/// While `gathering`, what is submitted and needs the disk may wait for the end of it, so that all of it becomes durable together: for a
/// caller that knows that he will submit more at once. On the thread that submits. `store` must be one that open_rocksdb() gave.
void gather_rocksdb(HomeStore& store, bool gathering);

/// Makes a new folder `path`, on the file system of the store, that open_rocksdb() opens: with all that was answered before the
/// call, and of what was submitted and not answered each change as a whole or not at all. Its files are the store's own ones, linked,
/// so that it costs little room; but what is erased meanwhile stays in it: copy it elsewhere and remove it soon. `store` must be one
/// that open_rocksdb() gave. May be called on any thread while the store lives and works, and takes as long as a flush.
/// kDiskFull, kUnavailable: nothing of it is there (also if `path` existed: it was left alone). kCorrupted.
Status snapshot_rocksdb(HomeStore& store, const std::string& path);

/// For a store that was put back from a copy: what comes into any queue from now on has numbers that are higher than any that was ever
/// given out, also by the same copy that was put back before, so that whoever has read further than the copy went does not take it for
/// what he has read. `now` is the wall clock's. `path` must not be open. kCorrupted, kDiskFull, kUnavailable, kLocked, kNewerVersion,
/// kNoAccess: nothing has changed.
Status begin_sequences_anew(const std::string& path, Instant now);

/// About how many bytes a store has, in files and in memory, by what they are (layout.h).
struct RocksdbSizes {
  uint64_t records = 0;
  uint64_t items = 0;
  uint64_t remembered_ids = 0;
  uint64_t counters = 0;
  uint64_t expiries = 0;
  uint64_t journal = 0;  ///< what changed in the last seconds, of all kinds; exact
};
/// Estimates them, but for the journal, out of what RocksDB has in memory, without reading files. `store` must be one that open_rocksdb() gave. Nothing while
/// files are being rewritten or opened anew: ask again later.
std::optional<RocksdbSizes> sizes_of_rocksdb(HomeStore& store);

}  // namespace godwit::store
