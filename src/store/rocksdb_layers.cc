#include "store/rocksdb_layers.h"

#include <rocksdb/db.h>
#include <rocksdb/file_system.h>
#include <rocksdb/write_batch.h>

#include "store/errors.h"
#include "store/journal_format.h"
#include "store/layout.h"

namespace godwit::store {
namespace {

/// Values this large stay for long: in the journal they would be written once more for nothing.
constexpr size_t kLargeValueBytes = size_t{32} << 10;
/// So many bytes of them in one group are worth a settling before it.
constexpr size_t kLargeGroupBytes = size_t{256} << 10;

/// Above the number of every file of the journal.
constexpr uint64_t kAll = UINT64_MAX;

/// Queues whose counter is kept in memory, with about 150 bytes each.
constexpr size_t kCountersMax = 16'384;

rocksdb::Slice slice(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

size_t large_bytes(const Changes& changes) {
  size_t bytes = 0;
  for (const auto& [key, change] : changes) {
    if (change.value && change.value->size() >= kLargeValueBytes) bytes += change.value->size();
  }
  return bytes;
}

void note_trace(Database& database, ByteView key, const Change& change, Traces& traces) {
  if (!change.value) return traces.note(key);
  if (!Traces::of_records(key)) return;
  // Answered out of memory and bloom filters; a false alarm costs one rewriting of a file.
  std::string unused;
  if (database.db().KeyMayExist({}, slice(key), &unused)) traces.note(key);
}

}  // namespace

Result<std::unique_ptr<Layers>> Layers::open(Database& database, const std::string& folder) {
  std::unique_ptr<Layers> layers(new Layers(database, folder));
  const uint64_t through = TRY(database.journal_through());
  Changes changes;
  const uint64_t last = TRY(replay_journal(database.files(), folder, through, changes));
  Traces unused;  // of a store that is opened everything is looked through
  if (last > through) TRY(layers->write_down(changes, kAll, last, unused));
  layers->removed_ = remove_journal(database.files(), folder, {});
  TRY(layers->begin_journal(last + 1, 0));
  return layers;
}

Status Layers::begin_journal(uint64_t number, uint64_t before_ends) {
  auto journal = TRY(Journal::begin(database_.files(), folder_, number, before_ends, room(), spare_));
  if (journal_) {
    before_bytes_ += journal_->end();
    before_.push_back(std::move(journal_));
  }
  journal_ = std::move(journal);
  journal_bytes_ = journal_->end() + held_.size();
  return {};
}

// It is settled a little above journal_bytes.
uint64_t Layers::room() const { return database_.journal_bytes() + database_.journal_bytes() / 2; }

// Of the files up to `through`, which the database has all of, one is kept to be written over.
void Layers::put_away(uint64_t through, bool anew) {
  while (!before_.empty() && before_.front()->number() <= through) {
    std::unique_ptr<Journal> old = std::move(before_.front());
    before_.erase(before_.begin());
    before_bytes_ -= old->end();
    if (!anew && !spare_ && old->end() <= 2 * room()) {
      spare_ = std::move(old);
    } else {
      removed_ = false;
    }
  }
  if (!removed_) remove_others();
}

// Every file of the journal that is of no use.
void Layers::remove_others() {
  std::set<std::string> used{journal_->name()};
  for (const auto& journal : before_) used.insert(journal->name());
  if (spare_) used.insert(spare_->name());
  removed_ = remove_journal(database_.files(), folder_, used);
}

View Layers::capture() {
  const std::lock_guard hold(mutex_);
  View view{young_};
  view.snapshot = database_.db().GetSnapshot();  // first: what came into the database since stands in young_ as well
  view.version = young_->note_reader();
  return view;
}

void Layers::release(const View& view) {
  database_.db().ReleaseSnapshot(view.snapshot);
  view.young->forget_reader();
}

Status Layers::commit(Changes group, bool durable, Traces& traces) {
  if (group.empty()) return {};
  TRY(database_.check_room());
  if (large_bytes(group) >= kLargeGroupBytes) return commit_large(std::move(group), traces);
  if (durable) {
    TRY(journal_->append(held_, group, database_.syncs()));
    held_.clear();
  } else {
    write_journal_changes(group, held_);
  }
  journal_bytes_ = journal_->end() + held_.size();
  young_->apply(std::move(group), journal_->number());
  return {};
}

Status Layers::write_held() {
  if (held_.empty()) return {};
  TRY(journal_->append(held_, {}, database_.syncs()));
  held_.clear();
  journal_bytes_ = journal_->end();
  return {};
}

// Young must be empty first: what it has of a key would hide what the database has, and the journal, replayed, undo it.
Status Layers::commit_large(Changes group, Traces& traces) {
  if (!settled()) TRY(settle(traces));
  TRY(write_down(group, kAll, 0, traces));
  begin_young();  // whoever has just taken a snapshot of the database without the group sees none that comes after it either
  return {};
}

Status Layers::next_journal() {
  journal_->seal();  // also if the next one cannot be begun: some of it may be there
  // Without syncing, in a test, it may turn out to be shorter.
  return begin_journal(journal_->number() + 1, database_.syncs() ? journal_->end() : UINT64_MAX);
}

Status Layers::settle_older(Traces& traces) {
  TRY(next_journal());
  const uint64_t through = journal_->number() - 2;
  if (before_.front()->number() > through) return {};  // only the one that is just full
  const Status written = write_down(young_->all(), through, through, traces);
  if (!written) {
    young_->forget_fresh();
    return written;
  }
  forget_young(through);
  put_away(through, false);
  return {};
}

Status Layers::settle(Traces& traces, bool anew) {
  if (anew && spare_) {
    spare_.reset();
    remove_others();  // before the next one begins: it may have its number, if it could not be begun
    REQUIRE(removed_, kUnavailable, "store: what is not needed any more can be removed");
  }
  if (!journal_->empty() || journal_->broken() || (anew && journal_->is_over())) TRY(next_journal());
  const uint64_t through = journal_->number() - 1;
  const Status written = write_down(young_->all(), kAll, through, traces);
  if (!written) {
    young_->forget_fresh();
    return written;
  }
  held_ = Bytes();
  journal_bytes_ = journal_->end();
  begin_young();
  put_away(through, anew);
  return {};
}

// Whoever reads the old one keeps it.
void Layers::begin_young() {
  auto young = std::make_shared<Young>();
  const std::lock_guard hold(mutex_);
  young_.swap(young);  // the old one goes outside the lock
}

// What the database has all of is not needed above it, but by whoever began to read before that.
void Layers::forget_young(uint64_t through) {
  const std::lock_guard hold(mutex_);
  if (!young_->forget_through(through)) young_ = young_->copy_after(through);
}

// The changes up to file `upto`, in one write, so that a snapshot has each change as a whole. `through`: the last file of the journal that the database then has all
// of; 0: as before.
Status Layers::write_down(const Changes& changes, uint64_t upto, uint64_t through, Traces& traces) {
  Traces noted;  // joins the others only when all is written, so that no round of erasing comes too early
  rocksdb::WriteBatch batch;
  Status status;
  for (auto at = changes.begin(); status && at != changes.end(); ++at) {
    const auto& [key, change] = *at;
    if (change.journal > upto || (change.fresh && !change.value)) continue;  // later, or it came and went
    note_trace(database_, key, change, noted);
    const auto added = change.value ? batch.Put(slice(key), slice(*change.value)) : batch.Delete(slice(key));
    if (!added.ok()) status = error_of(added);
  }
  if (status && through > 0) {
    const Bytes number = layout::write_number(through);
    const auto added = batch.Put(layout::kJournalKey, slice(number));
    if (!added.ok()) status = error_of(added);
  }
  if (status && batch.Count() > 0) status = database_.commit(batch);
  traces.put_back(noted.take());
  if (status) {
    note_counters(changes, upto);
  } else {
    counters_.clear();  // it may have been written
  }
  return status;
}

void Layers::note_counters(const Changes& written, uint64_t upto) {
  const layout::Range range = layout::starting_with(Bytes{layout::kCounters});
  const auto end = written.lower_bound(range.last);
  for (auto at = written.lower_bound(range.first); at != end; ++at) {
    if (at->second.journal > upto) continue;
    if (at->second.value) {
      counters_.insert_or_assign(at->first, *at->second.value);
    } else {
      counters_.erase(at->first);
    }
  }
  if (counters_.size() > kCountersMax) counters_.clear();
}

}  // namespace godwit::store
