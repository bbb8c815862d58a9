#pragma once
// Collects what is to be stored, hands it to the host one batch at a time, and calls back when it is safe.
//
// One batch is under way at most; what is put meanwhile goes into the next one. So batches take effect in their order, a
// failed one is tried again with what came after it, and nothing that depends on it has left by then.

#include <deque>
#include <functional>
#include <map>

#include "codec/codec.h"
#include "engine/effects.h"
#include "engine/record_key.h"

namespace godwit::engine {

/// A store that failed is tried again after this long: a full disk is emptied by a person.
constexpr Duration kStoreRetry = seconds(5);

/// See above. Callbacks may use the journal.
class Journal {
 public:
  /// Both outlive the journal.
  Journal(const StorageKey& storage_key, Random& random) : storage_key_(storage_key), random_(random) {}

  /// Writes a record with the next batch.
  template <typename T>
  void put(Bytes key, const T& record) {
    put_bytes(std::move(key), crypto::SecretBuffer::adopt(codec::encoded(record)));
  }
  /// As put, of bytes that are encoded already.
  void put_bytes(Bytes key, const crypto::SecretBuffer& value);
  /// Removes a record with the next batch.
  void erase(Bytes key);
  /// Calls `work` once everything put so far is stored; soon if nothing is waiting.
  void then(std::function<void()> work);

  /// The batch to hand to the host now, if there is one. Calls what waits for nothing.
  std::optional<StoreBatch> flush();
  /// The host has stored the batch: calls what waited for it.
  void stored(BatchId batch);
  /// The host could not store it: it will be part of the next one, at retry_at().
  void failed(BatchId batch, Instant now);
  /// Takes up again what failed, if it is time.
  void expire(Instant now);

  /// When to call expire(); kNever if nothing failed.
  Instant retry_at() const { return retry_at_; }
  /// True if flush() has something to do.
  bool can_flush() const { return !under_way_ && retry_at_ == kNever && !(changes_.empty() && thens_.empty()); }
  /// True if nothing is waiting.
  bool idle() const { return changes_.empty() && thens_.empty() && !under_way_; }

 private:
  struct Batch {
    BatchId id;
    std::map<Bytes, std::optional<Bytes>> changes;
    std::vector<std::function<void()>> thens;
  };
  const StorageKey& storage_key_;
  Random& random_;
  std::map<Bytes, std::optional<Bytes>> changes_;
  std::vector<std::function<void()>> thens_;
  std::optional<Batch> under_way_;
  uint64_t last_batch_ = 0;
  Instant retry_at_ = kNever;
};

}  // namespace godwit::engine
