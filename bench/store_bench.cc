// Durable appends per second of the home's store: one writer, whose every append has an fsync to itself, and 64 writers who
// share each fsync, on the disk that holds temporary files. They take turns, so that whatever else the disk does spoils both
// alike.

#include <condition_variable>
#include <mutex>

#include "base/assert.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "bench/temporary_folder.h"
#include "store/rocksdb_store.h"

namespace godwit::bench {
namespace {

constexpr size_t kItemSize = 1024;
constexpr size_t kWriters = 64;
constexpr Instant kNow{1'700'000'000'000};

// A store in a folder of its own.
class Disk {
 public:
  Disk() {
    auto opened = store::open_rocksdb(folder_.path() + "/db");
    ASSERT(opened.has_value());
    store_ = std::move(*opened);
    store_->on_ready([this] { wake(); });
  }

  bool is_in_memory() const { return folder_.is_in_memory(); }

  // Keeps `waiting` appends under way for `seconds`; gives how many were answered per second.
  double run(size_t waiting, double seconds) {
    const double start = steady_seconds();
    const uint64_t before = done_;
    while (steady_seconds() < start + seconds) {
      while (in_flight_ < waiting) submit();
      poll();
    }
    const double rate = static_cast<double>(done_ - before) / (steady_seconds() - start);
    while (in_flight_ > 0) poll();
    return rate;
  }

 private:
  void submit() {
    const uint64_t number = ++number_;
    const Bytes queue{static_cast<uint8_t>(number % kWriters)};
    store::Append append{queue, {}, Bytes(kItemSize, 1), kNow + days(30), kNow + days(31), kNow};
    for (size_t i = 0; i < 8; ++i) append.id.value[i] = static_cast<uint8_t>(number >> (8 * i));
    ++in_flight_;
    store_->submit(std::move(append), [this](Result<store::Outcome> outcome) {
      ASSERT(outcome.has_value());
      --in_flight_;
      ++done_;
    });
  }
  void wake() {
    const std::lock_guard hold(mutex_);
    ready_ = true;
    woken_.notify_one();
  }
  // Sleeps until the store has answered something, as an event loop would.
  void poll() {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [&] { return ready_; });
    ready_ = false;
    lock.unlock();
    store_->poll();
  }

  TemporaryFolder folder_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool ready_ = false;
  uint64_t number_ = 0;
  size_t in_flight_ = 0;
  uint64_t done_ = 0;
  std::unique_ptr<store::HomeStore> store_;  // last: its threads use what stands above
};

int run(const Options& options) {
  Report report("store", "durable appends of 1 KiB per second, RocksDB (median of rounds)");
  Disk disk;
  constexpr int kRounds = 7;
  const double seconds = (options.seconds > 0 ? options.seconds : 6) / (2.0 * kRounds);
  std::vector<double> alone;
  std::vector<double> shared;
  for (int round = 0; round < kRounds; ++round) {
    alone.push_back(disk.run(1, seconds));
    shared.push_back(disk.run(kWriters, seconds));
  }
  const double one = quantile(alone, 0.5);
  const double many = quantile(shared, 0.5);
  report.add("one_writer_per_s", "one writer: an fsync for each append", one, "/s", "baseline");
  report.add("shared_per_s", "64 writers share each fsync", many, "/s", times(many, one, "one writer"));
  if (disk.is_in_memory()) report.remark(kInMemory);
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "durable appends per second of the home's store"));
}
