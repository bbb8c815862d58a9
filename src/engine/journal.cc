#include "engine/journal.h"

#include <iterator>
#include <utility>

namespace godwit::engine {

void Journal::put_bytes(Bytes key, const crypto::SecretBuffer& value) {
  Bytes sealed = seal_record(storage_key_, random_, key, value.reveal());
  changes_.insert_or_assign(std::move(key), std::move(sealed));
}

void Journal::erase(Bytes key) { changes_.insert_or_assign(std::move(key), std::nullopt); }

void Journal::then(std::function<void()> work) { thens_.push_back(std::move(work)); }

std::optional<StoreBatch> Journal::flush() {
  while (!under_way_ && changes_.empty() && !thens_.empty()) {
    for (const auto& work : std::exchange(thens_, {})) work();
  }
  if (under_way_ || changes_.empty() || retry_at_ != kNever) return std::nullopt;
  under_way_ = Batch{BatchId{++last_batch_}, std::exchange(changes_, {}), std::exchange(thens_, {})};
  StoreBatch out{under_way_->id, {}};
  for (const auto& [key, value] : under_way_->changes) out.changes.push_back({key, value});
  return out;
}

void Journal::stored(BatchId batch) {
  if (!under_way_ || under_way_->id != batch) return;
  const Batch done = std::move(*under_way_);
  under_way_.reset();
  for (const auto& work : done.thens) work();
}

void Journal::failed(BatchId batch, Instant now) {
  if (!under_way_ || under_way_->id != batch) return;
  Batch again = std::move(*under_way_);
  under_way_.reset();
  changes_.merge(again.changes);  // what was put later stays
  again.thens.insert(again.thens.end(), std::make_move_iterator(thens_.begin()), std::make_move_iterator(thens_.end()));
  thens_ = std::move(again.thens);
  retry_at_ = now + kStoreRetry;
}

void Journal::expire(Instant now) {
  if (retry_at_ <= now) retry_at_ = kNever;
}

}  // namespace godwit::engine
