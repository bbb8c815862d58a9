#pragma once
// The faulty twin of the home's store: the same meaning, on a disk that crashes, fills up and stays away as it is told.

#include <deque>
#include <optional>

#include "base/random.h"
#include "store/home_store.h"
#include "store/memory_disk.h"

namespace godwit::store {

/// Where in the life of an operation the power goes.
enum class CrashPoint : uint8_t {
  kBeforeApply,   ///< it did not happen, nor did anything that was not synced
  kBeforeSync,    ///< it happened in memory and is lost, with everything that was not synced
  kBeforeAnswer,  ///< it is on the disk, as is everything before it; who asked does not learn it
};

/// What goes wrong, and when. As it stands: nothing.
struct StoreFaults {
  /// The operation, counted from 0 in the order of submission to this store object.
  std::optional<uint64_t> crash_at = std::nullopt;
  CrashPoint crash_point = CrashPoint::kBeforeApply;
  uint32_t disk_full_per_million = 0;    ///< of the operations that change something: kDiskFull, not carried out
  uint32_t unavailable_per_million = 0;  ///< of all: kUnavailable; whether it was carried out is left to chance
  size_t waiting_bytes_max = SIZE_MAX;   ///< while this much waits, as of size_of(), all that comes is kUnavailable
  bool sync_at_poll = true;              ///< false: only sync() carries out and syncs, poll() only answers
};

/// A store that obeys `StoreFaults`. Deterministic: chance comes from the Random it is given. After a crash it calls
/// nobody any more; drop it and open another store on the same disk.
class FaultyStore final : public HomeStore {
 public:
  /// A store on `disk`; both must outlive it. What an earlier store left unsynced there is taken back first.
  FaultyStore(MemoryDisk& disk, Random& random, StoreFaults faults);
  /// Crashes, if it has not: what was not synced is gone.
  ~FaultyStore() override;
  FaultyStore(const FaultyStore&) = delete;
  FaultyStore& operator=(const FaultyStore&) = delete;

  void submit(Operation operation, std::function<void(Result<Outcome>)> done) override;
  /// About half of what could be known is, by chance.
  std::optional<Found> known(const Get& get) override;
  /// `done` may submit more and may call crash(); it must not destroy the store.
  size_t poll() override;
  void on_ready(std::function<void()> wake) override { wake_ = std::move(wake); }

  /// Carries out everything that waits, then makes it durable, as one group (but for trims alone); poll() answers it.
  void sync();
  /// Carries out at most `count` of the operations that wait, without making them durable.
  void apply_waiting(size_t count);
  /// The power goes now.
  void crash();
  /// True after a crash: whoever used the store is to be dropped with it.
  bool crashed() const { return crashed_; }
  /// From now on other things go wrong.
  void set_faults(const StoreFaults& faults) { faults_ = faults; }
  /// From now on every change gets kDiskFull, or no more.
  void set_disk_full(bool full) { disk_full_ = full; }
  /// From now on everything gets kUnavailable and is not carried out, or no more.
  void set_unavailable(bool unavailable) { unavailable_ = unavailable; }
  /// Operations submitted to this object so far: the bound of useful values for `crash_at`.
  uint64_t submitted() const { return submitted_; }

 private:
  struct Entry {
    uint64_t index;
    Operation operation;
    std::function<void(Result<Outcome>)> done;
    std::optional<Result<Outcome>> outcome;
  };

  bool crashes(const Entry& entry, CrashPoint point);
  Result<Outcome> carry_out(const Operation& operation);
  bool chance(uint32_t per_million);

  MemoryDisk& disk_;
  Random& random_;
  StoreFaults faults_;
  std::deque<Entry> waiting_;  // submitted
  std::deque<Entry> applied_;  // carried out, not durable
  std::deque<Entry> ready_;    // durable, not answered
  std::function<void()> wake_;
  uint64_t submitted_ = 0;
  bool crashed_ = false;
  bool disk_full_ = false;
  bool unavailable_ = false;
};

}  // namespace godwit::store
