#include "store/memory_store.h"

#include "store/apply.h"

namespace godwit::store {

void MemoryStore::submit(Operation operation, std::function<void(Result<Outcome>)> done) {
  const bool first = waiting_.empty();
  waiting_.push_back({std::move(operation), std::move(done)});
  if (first && wake_) wake_();
}

size_t MemoryStore::poll() {
  std::vector<Waiting> batch;
  batch.swap(waiting_);
  for (Waiting& one : batch) {
    Result<Outcome> outcome = apply_operation(disk_, one.operation);
    if (const auto now = time_of(one.operation)) {
      (void)sweep(disk_, *now, kSweepCountMax);  // a disk in memory does not fail
    }
    disk_.sync();
    one.done(std::move(outcome));
  }
  return batch.size();
}

}  // namespace godwit::store
