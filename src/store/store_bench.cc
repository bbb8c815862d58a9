// Durable appends per second on the disk that holds temporary files: one writer, 64 writers who share each fsync, and
// 64 writers whose every append has an fsync to itself.

#include <benchmark/benchmark.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "store/rocksdb_store.h"

namespace godwit::store {
namespace {

constexpr size_t kItemSize = 1024;
constexpr Instant kNow{1'700'000'000'000};

/// A store in a folder of its own.
struct BenchStore {
  BenchStore() {
    std::string name = (std::filesystem::temp_directory_path() / "godwit_bench_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) return;
    folder = name;
    if (auto opened = open_rocksdb(folder + "/db")) store = std::move(*opened);
    if (store) store->on_ready([this] { wake(); });
  }
  ~BenchStore() {
    store.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  BenchStore(const BenchStore&) = delete;
  BenchStore& operator=(const BenchStore&) = delete;

  void wake() {
    const std::lock_guard hold(mutex);
    ready = true;
    woken.notify_one();
  }
  /// Sleeps until poll() finds something, as an event loop would.
  void poll() {
    std::unique_lock lock(mutex);
    woken.wait(lock, [&] { return ready; });
    ready = false;
    lock.unlock();
    store->poll();
  }

  std::mutex mutex;
  std::condition_variable woken;
  bool ready = false;
  std::string folder;
  std::unique_ptr<HomeStore> store;
};

Append append_for(uint64_t number) {
  const Bytes queue{static_cast<uint8_t>(number % 64)};
  Append append{queue, {}, Bytes(kItemSize, 1), kNow + days(30), kNow + days(31), kNow};
  for (size_t i = 0; i < 8; ++i) append.id.value[i] = static_cast<uint8_t>(number >> (8 * i));
  return append;
}

/// `waiting` writers, each of whom appends again as soon as he has his answer.
void grouped(benchmark::State& state) {
  BenchStore bench;
  if (!bench.store) return state.SkipWithError("the store opens");
  const auto waiting = static_cast<size_t>(state.range(0));
  uint64_t number = 0;
  size_t in_flight = 0;
  size_t failed = 0;
  int64_t done = 0;
  for (auto _ : state) {
    for (; in_flight < waiting; ++in_flight) {
      bench.store->submit(append_for(number++), [&](Result<Outcome> outcome) {
        --in_flight;
        ++done;
        failed += outcome ? 0U : 1U;
      });
    }
    const int64_t before = done;
    while (done == before) bench.poll();
  }
  state.SetItemsProcessed(done);
  while (in_flight > 0) bench.poll();
  if (failed > 0) state.SkipWithError("every append succeeds");
}

/// The same appends with one in flight at a time, however many wait: an fsync for each.
void one_fsync_each(benchmark::State& state) {
  BenchStore bench;
  if (!bench.store) return state.SkipWithError("the store opens");
  uint64_t number = 0;
  size_t failed = 0;
  for (auto _ : state) {
    for (int64_t i = 0; i < state.range(0); ++i) {
      bool answered = false;
      bench.store->submit(append_for(number++), [&](Result<Outcome> outcome) {
        answered = true;
        failed += outcome ? 0U : 1U;
      });
      while (!answered) bench.poll();
    }
  }
  state.SetItemsProcessed(static_cast<int64_t>(number));
  if (failed > 0) state.SkipWithError("every append succeeds");
}

BENCHMARK(grouped)->ArgName("writers")->Arg(1)->Arg(64)->UseRealTime();
BENCHMARK(one_fsync_each)->ArgName("writers")->Arg(64)->UseRealTime();

}  // namespace
}  // namespace godwit::store
