#pragma once
// What has changed lately and stands in the journal alone, not yet in the database. Inside store/ only.
//
// A reader sees it as it was when the reading began: each group of changes has a version, and of a record that is
// changed while somebody reads the older values stay. What comes and goes within one Young leaves nothing behind.

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "store/table.h"

namespace godwit::store {

/// What has become of a record.
struct Change {
  std::optional<Bytes> value;  ///< nothing: erased
  /// The database has nothing at this key: if the record goes again, nobody need be told.
  bool fresh = false;
  uint64_t version = 0;                   ///< of the group that it came with
  uint64_t journal = 0;                   ///< the first file of the journal that may have it
  std::unique_ptr<const Change> older{};  ///< what it was before, for those who still read that
};
/// Changes that take effect together.
using Changes = std::map<Bytes, Change, KeyOrder>;

/// Changes above a database. One thread writes; any may read, with note_reader() before and forget_reader() after.
class Young {
 public:
  /// A version above every other: for the thread that writes.
  static constexpr uint64_t kNewest = UINT64_MAX;
  /// How many changes a piece() has at most, and about how many bytes of values.
  static constexpr size_t kPieceCountMax = 64;
  static constexpr size_t kPieceBytesMax = size_t{256} << 10;

  /// A key and what it is now; no value: erased.
  using Seen = std::pair<Bytes, std::optional<Bytes>>;

  /// Counts one more reader; he sees what was applied up to the version that is given.
  uint64_t note_reader();
  /// He has read.
  void forget_reader() { --readers_; }

  /// Takes `group` over, which stands in file `journal` or will stand in a later one; all of it is seen by whoever comes later.
  void apply(Changes group, uint64_t journal);
  /// Forgets the changes up to file `journal`, which the database has now. False: somebody reads who does not see the database as it is;
  /// nothing was done. Nobody may begin to read meanwhile.
  bool forget_through(uint64_t journal);
  /// A copy of the changes that come after file `journal`, for readers to come.
  std::shared_ptr<Young> copy_after(uint64_t journal) const;
  /// The database may have any of it, as when writing it there failed: nothing is fresh any more.
  void forget_fresh();

  /// What has become of `key` by `version`; null: nothing. Valid until the next apply(): for the thread that writes.
  const Change* find(ByteView key, uint64_t version) const;
  /// The same for any thread. The outer nothing: no change of it.
  std::optional<std::optional<Bytes>> read(ByteView key, uint64_t version) const;
  /// The first changes of [first, last) by `version`, in key order; none: there are no more.
  std::vector<Seen> piece(ByteView first, ByteView last, uint64_t version) const;
  /// All of it, as it is now: for the thread that writes.
  const Changes& all() const { return changes_; }
  /// True if there is no change in it.
  bool empty() const { return changes_.empty(); }

 private:
  void replace(Changes::iterator at, Change change, bool read_now);

  mutable std::shared_mutex mutex_;  // what is in changes_, against the readers
  Changes changes_;
  std::atomic<uint64_t> version_ = 0;
  std::atomic<size_t> readers_ = 0;
};

}  // namespace godwit::store
