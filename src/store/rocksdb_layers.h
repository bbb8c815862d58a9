#pragma once
// The database, and above it what the journal alone has: what is gone within seconds never reaches the database. Inside store/ only.
//
// A group is durable once it stands in the journal (journal.h); it is answered from Young. When a file of the journal is full, the writer
// settles the one before it: what is left in Young of that one goes into the database with one synced write, the next file begins, the oldest
// is kept to be written over. So whatever comes has the time of a whole file to go again, and what changes all the time is not written down
// all the time. Now and then all of it is settled.

#include <atomic>
#include <mutex>
#include <vector>

#include "store/journal.h"
#include "store/rocksdb_database.h"
#include "store/rocksdb_erasure.h"
#include "store/rocksdb_table.h"

namespace godwit::store {

/// Used by one thread, the writer, but for capture(), release() and journal_bytes(); constructed and destroyed while nobody uses it.
class Layers {
 public:
  /// Settles what the journal in `folder` has. `database` must outlive it. kCorrupted, kDiskFull, kUnavailable, kNoAccess.
  static Result<std::unique_ptr<Layers>> open(Database& database, const std::string& folder);

  /// What the writer sees.
  View newest() const {
    View view{young_};
    view.known = &counters_;
    return view;
  }
  /// What a reader sees from now on, on any thread; release() it. Not while the database is not usable().
  View capture();
  /// A reader has read.
  void release(const View& view);

  /// Makes `group` seen, and durable if `durable`, else with the next one that is. kDiskFull, kUnavailable: answer so; if broken() now, settle() before the next. kCorrupted.
  /// `traces`: see settle().
  Status commit(Changes group, bool durable, Traces& traces);
  /// True if something is seen that the journal does not have yet.
  bool holds() const { return !held_.empty(); }
  /// Makes that durable. Errors as of commit().
  Status write_held();
  /// Begins the next file of the journal, and puts into the database what the last but one has and nothing after it changed. `traces` and errors
  /// as of settle().
  Status settle_older(Traces& traces);
  /// Puts everything into the database and begins the journal anew, also one that is broken; what becomes erasable in the
  /// database's files is noted in `traces`. `anew`: afterwards the journal's files hold nothing of what came before. Errors as of
  /// commit(); nothing is lost.
  Status settle(Traces& traces, bool anew = false);
  /// True if nothing waits to be settled.
  bool settled() const { return young_->empty() && journal_->empty() && !broken() && before_.empty() && removed_; }
  /// True if the journal's files may hold something that was settled.
  bool keeps_old() const { return spare_ != nullptr || journal_->is_over(); }
  /// Bytes in the journal; on any thread.
  uint64_t journal_bytes() const { return journal_bytes_ + before_bytes_; }
  /// Bytes in the file of the journal that is being written.
  uint64_t newest_journal_bytes() const { return journal_bytes_; }
  /// True once the journal refused a group: until settle() succeeds nothing is committed.
  bool broken() const { return journal_->broken(); }

 private:
  Layers(Database& database, std::string folder) : database_(database), folder_(std::move(folder)) {}
  Status begin_journal(uint64_t number, uint64_t before_ends);
  uint64_t room() const;
  void put_away(uint64_t through, bool anew);
  void remove_others();
  Status next_journal();
  Status write_down(const Changes& changes, uint64_t upto, uint64_t through, Traces& traces);
  void note_counters(const Changes& written, uint64_t upto);
  void begin_young();
  void forget_young(uint64_t through);
  Status commit_large(Changes group, Traces& traces);

  Database& database_;
  const std::string folder_;
  std::unique_ptr<Journal> journal_;
  std::vector<std::unique_ptr<Journal>> before_;  // what the database does not have all of yet, and not in journal_
  std::unique_ptr<Journal> spare_;                // it has all of that
  KnownRecords counters_;  // of queues that were written to lately: each append asks for one, and young_ forgets it with each settling
  Bytes held_;  // what is seen and not in the journal: it goes into one record with what comes next, as nothing whole may stand behind a torn one
  std::atomic<uint64_t> journal_bytes_ = 0;  // of journal_ and held_
  std::atomic<uint64_t> before_bytes_ = 0;   // of before_
  bool removed_ = true;  // every other file of the journal
  std::mutex mutex_;  // the pointer, against capture()
  std::shared_ptr<Young> young_ = std::make_shared<Young>();
};

}  // namespace godwit::store
