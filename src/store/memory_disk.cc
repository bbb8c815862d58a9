#include "store/memory_disk.h"

#include <algorithm>

namespace godwit::store {

Result<std::optional<Bytes>> MemoryDisk::get(ByteView key, size_t count_max) {
  const auto found = records_.find(to_bytes(key));
  if (found == records_.end()) return std::optional<Bytes>();
  const ByteView value = found->second;
  return std::optional(to_bytes(value.first(std::min(value.size(), count_max))));
}

Status MemoryDisk::visit(ByteView first, ByteView last, const Visitor& visitor) {
  const Bytes end = to_bytes(last);
  for (auto at = records_.lower_bound(to_bytes(first)); at != records_.end() && at->first < end; ++at) {
    if (!visitor(at->first, at->second)) break;
  }
  return {};
}

void MemoryDisk::remember(const Bytes& key) {
  const auto found = records_.find(key);
  undo_.push_back({key, found == records_.end() ? std::optional<Bytes>() : std::optional(found->second)});
}

void MemoryDisk::put(ByteView key, Bytes value) {
  Bytes at = to_bytes(key);
  remember(at);
  records_.insert_or_assign(std::move(at), std::move(value));
}

void MemoryDisk::erase(ByteView key) {
  const Bytes at = to_bytes(key);
  remember(at);
  records_.erase(at);
}

void MemoryDisk::crash() {
  for (; !undo_.empty(); undo_.pop_back()) {
    Undo& last = undo_.back();
    if (last.before) {
      records_.insert_or_assign(std::move(last.key), std::move(*last.before));
    } else {
      records_.erase(last.key);
    }
  }
}

bool MemoryDisk::holds(ByteView bytes) const {
  const auto found_in = [&](const Bytes& in) {
    return std::search(in.begin(), in.end(), bytes.begin(), bytes.end()) != in.end();
  };
  return std::any_of(records_.begin(), records_.end(),
                     [&](const auto& record) { return found_in(record.first) || found_in(record.second); });
}

}  // namespace godwit::store
