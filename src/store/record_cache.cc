#include "store/record_cache.h"

namespace godwit::store {
namespace {

size_t size_of_record(const Bytes& key, const std::optional<Bytes>& value) {
  return key.size() + (value ? value->size() : 0);
}

}  // namespace

const std::optional<Bytes>* RecordCache::find(const Bytes& key) const {
  const auto found = records_.find(key);
  return found == records_.end() ? nullptr : &found->second;
}

uint64_t RecordCache::reading(const Bytes& key) {
  const uint64_t number = ++last_number_;
  ++reading_.try_emplace(key, Reading{number, 0}).first->second.count;
  return number;
}

// False: a change has overtaken the read.
bool RecordCache::finish(const Bytes& key, uint64_t number) {
  const auto found = reading_.find(key);
  if (found == reading_.end() || number < found->second.first) return false;
  if (--found->second.count == 0) reading_.erase(found);
  return true;
}

void RecordCache::read(const Bytes& key, uint64_t number, const std::optional<Bytes>& value) {
  if (!finish(key, number)) return;
  const size_t size = size_of_record(key, value);
  if (size > kRecordCacheBytesMax / 64) return;  // a blob's chunk is not asked for again
  forget(key);
  // All at once: what is in use comes back with its next read.
  if (bytes_ + size > kRecordCacheBytesMax) {
    records_.clear();
    bytes_ = 0;
  }
  records_.emplace(key, value);
  bytes_ += size;
}

void RecordCache::changing(const Bytes& key) {
  reading_.erase(key);
  forget(key);
}

void RecordCache::forget(const Bytes& key) {
  const auto found = records_.find(key);
  if (found == records_.end()) return;
  bytes_ -= size_of_record(found->first, found->second);
  records_.erase(found);
}

}  // namespace godwit::store
