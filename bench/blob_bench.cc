// Chunks of files through the home's store: written durably by compare-and-swap, as BlobPut does, four under way at once, and
// read back. Beside it what the disk does at best: the same bytes appended to one file, four chunks to an fsync.

#include <fcntl.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "base/assert.h"
#include "bench/rates.h"
#include "bench/report.h"
#include "bench/temporary_folder.h"
#include "store/rocksdb_store.h"

namespace godwit::bench {
namespace {

constexpr size_t kChunk = 64 * 1024;
constexpr size_t kAtOnce = 4;  // as a client
constexpr double kMib = 1024.0 * 1024.0;

// A store in a folder of its own.
class Disk {
 public:
  Disk() {
    auto opened = store::open_rocksdb(folder_.path() + "/db");
    ASSERT(opened.has_value());
    store_ = std::move(*opened);
    store_->on_ready([this] { wake(); });
    plain_ = ::open((folder_.path() + "/plain").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ASSERT(plain_ >= 0);
    for (size_t i = 0; i < kChunk; ++i) chunk_.push_back(static_cast<uint8_t>(i * 31 + i / 256));
  }
  ~Disk() { ::close(plain_); }
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;
  bool is_in_memory() const { return folder_.is_in_memory(); }

  // MiB/s of new chunks, each answered when it is durable.
  double put(double seconds) {
    return during(seconds, [this] { submit(store::CompareAndSwap{key(written_++), std::nullopt, chunk_}); });
  }
  // MiB/s of chunks that were written before.
  double get(double seconds) {
    return during(seconds, [this] { submit(store::Get{key(read_++ % written_)}); });
  }
  // MiB/s of the same bytes in one file.
  double append(double seconds) {
    const double start = steady_seconds();
    size_t chunks = 0;
    while (steady_seconds() < start + seconds) {
      for (size_t i = 0; i < kAtOnce; ++i)
        ASSERT(::write(plain_, chunk_.data(), kChunk) == static_cast<ssize_t>(kChunk));
      ASSERT(::fdatasync(plain_) == 0);
      chunks += kAtOnce;
    }
    const double passed = steady_seconds() - start;
    ASSERT(::ftruncate(plain_, 0) == 0 && ::lseek(plain_, 0, SEEK_SET) == 0);
    return static_cast<double>(chunks * kChunk) / kMib / passed;
  }

 private:
  // As the home's: a day, a hash, an index.
  static Bytes key(uint64_t number) {
    Bytes out{'d', 0, 0, 80, 1};
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<uint8_t>(number >> shift));
    out.resize(41);
    return out;
  }
  template <typename Start>
  double during(double seconds, const Start& start_one) {
    const double start = steady_seconds();
    const uint64_t before = done_;
    while (steady_seconds() < start + seconds) {
      while (in_flight_ < kAtOnce) start_one();
      poll();
    }
    const double rate = static_cast<double>((done_ - before) * kChunk) / kMib / (steady_seconds() - start);
    while (in_flight_ > 0) poll();
    return rate;
  }
  void submit(store::Operation operation) {
    ++in_flight_;
    store_->submit(std::move(operation), [this](Result<store::Outcome> outcome) {
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
  void poll() {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [&] { return ready_; });
    ready_ = false;
    lock.unlock();
    store_->poll();
  }

  TemporaryFolder folder_;
  int plain_ = -1;
  Bytes chunk_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool ready_ = false;
  uint64_t written_ = 0;
  uint64_t read_ = 0;
  size_t in_flight_ = 0;
  uint64_t done_ = 0;
  std::unique_ptr<store::HomeStore> store_;  // last: its threads use what stands above
};

int run(const Options& options) {
  Report report("blob", "chunks of files of 64 KiB in the home's store, RocksDB (median of rounds)");
  Disk disk;
  constexpr int kRounds = 5;
  const double seconds = (options.seconds > 0 ? options.seconds : 6) / (3.0 * kRounds);
  std::vector<double> plain;
  std::vector<double> put;
  std::vector<double> get;
  for (int round = 0; round < kRounds; ++round) {
    plain.push_back(disk.append(seconds));
    put.push_back(disk.put(seconds));
    get.push_back(disk.get(seconds));
  }
  const double best = quantile(plain, 0.5);
  const double stored = quantile(put, 0.5);
  report.add("file_mib_per_s", "appended to one file, four chunks to an fsync", best, "MiB/s", "baseline");
  report.add("put_mib_per_s", "chunks stored, four under way", stored, "MiB/s", times(stored, best, "one file"));
  report.add("get_mib_per_s", "chunks read, four under way", quantile(get, 0.5), "MiB/s", "");
  if (disk.is_in_memory()) report.remark(kInMemory);
  return report.finish(options) ? 0 : 1;
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
  return godwit::bench::run(godwit::bench::parse_options(argc, argv, "chunks of files through the home's store"));
}
