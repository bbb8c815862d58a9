#pragma once
// The home's store in memory: the twin for tests and for homes that keep nothing. Deterministic, no thread, no clock.

#include "store/home_store.h"
#include "store/memory_disk.h"

namespace godwit::store {

/// Carries out everything inside poll(), in the order of submission, and sweeps what has expired. Never fails.
class MemoryStore final : public HomeStore {
 public:
  /// A store on `disk`, which must outlive it; what another store left there goes on.
  explicit MemoryStore(MemoryDisk& disk) : disk_(disk) {}

  void submit(Operation operation, std::function<void(Result<Outcome>)> done) override;
  /// `done` may submit more, which the next poll() carries out; it must not destroy the store.
  size_t poll() override;
  void on_ready(std::function<void()> wake) override { wake_ = std::move(wake); }

 private:
  struct Waiting {
    Operation operation;
    std::function<void(Result<Outcome>)> done;
  };

  MemoryDisk& disk_;
  std::vector<Waiting> waiting_;
  std::function<void()> wake_;
};

}  // namespace godwit::store
