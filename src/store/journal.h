#pragma once
// The journal: files to which each group of changes is written, and made durable, before it is answered. Inside store/ only.
//
// How they look is said in journal_format.h. A file is read up to where the next one says that it ends; the last one up to its
// torn end, which is what a loss of power leaves behind of a group that nobody was answered. What is damaged with
// something whole behind it is damage.
// A file is made as long as it will be, of zeros, and one that is not needed any more is written over: a sync then has only the bytes
// themselves to bring to the disk, not a length and a place too, for which a journaling file system waits for all that others write.
// Its number stands at its start alone, so that it keeps its name. What it held before stays behind what is new: see remove_journal().

#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "store/young.h"

namespace rocksdb {
class FileSystem;
class FSRandomRWFile;
}  // namespace rocksdb

namespace godwit::store {

/// One file of the journal that is being written, by one thread.
class Journal {
 public:
  /// Makes file `number` in `folder`, durably, with room for `room` bytes (it grows if there are more); `before_ends` is how long the one
  /// before it is as far as it counts (0: there is none). `over`, if there is one, is not needed any more: its file is written over, and it
  /// is taken. kDiskFull, kUnavailable: it counts for nothing, `over` is still there; begin the same number again.
  static Result<std::unique_ptr<Journal>> begin(rocksdb::FileSystem& files, const std::string& folder, uint64_t number,
                                                uint64_t before_ends, uint64_t room, std::unique_ptr<Journal>& over);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Adds `before` (write_journal_changes()) and then `changes` as one record, durable if `sync`. kDiskFull, kUnavailable: it does not count, and nothing more can be added
  /// to this file: begin() the next one.
  Status append(ByteView before, const Changes& changes, bool sync);
  /// Which file it is.
  uint64_t number() const { return number_; }
  /// How long it is as far as it counts.
  uint64_t end() const { return end_; }
  /// How its file is called in the folder.
  const std::string& name() const { return name_; }
  /// True if its file was written over: what stood there before may still be behind its end.
  bool is_over() const { return over_; }
  /// True if it has no record.
  bool empty() const;
  /// From now on nothing can be added: a next file may say where it ends.
  void seal() { broken_ = true; }
  /// True after seal(), or an append() that failed.
  bool broken() const { return broken_; }

 private:
  Journal() = default;

  std::unique_ptr<rocksdb::FSRandomRWFile> file_;
  Bytes tag_;
  std::string name_;
  uint64_t number_ = 0;
  uint64_t end_ = 0;
  bool over_ = false;
  bool broken_ = false;
};

/// Reads what the files above `through` hold into `changes`, the newest of each key, and gives the number of the last of them
/// (`through` if there is none). kCorrupted: a file is damaged or missing. kUnavailable, kNoAccess: the disk does not give it.
Result<uint64_t> replay_journal(rocksdb::FileSystem& files, const std::string& folder, uint64_t through, Changes& changes);

/// Removes every file of the journal but those with these names. False: not all of them.
bool remove_journal(rocksdb::FileSystem& files, const std::string& folder, const std::set<std::string>& but);

}  // namespace godwit::store
