#include "lab/censor/reassembly.h"

#include <algorithm>

namespace godwit::lab {

void StreamHead::start(uint32_t sequence) {
  if (started_) return;
  started_ = true;
  first_ = sequence;
}

bool StreamHead::take(uint32_t offset, ByteView payload) {
  if (offset > bytes_.size()) return false;
  const size_t known = bytes_.size() - offset;
  if (known >= payload.size()) return false;
  append(bytes_, payload.subspan(known, std::min(payload.size() - known, kBytesMax - bytes_.size())));
  return true;
}

bool StreamHead::add(uint32_t sequence, ByteView payload) {
  if (closed_ || payload.empty()) return false;
  start(sequence);
  const uint32_t offset = sequence - first_;
  if (offset >= kBytesMax) return false;  // a segment from before the start comes here as well: it wraps around
  if (offset > bytes_.size()) {
    if (waiting_.size() < kGapsMax) waiting_.emplace(offset, to_bytes(payload));
    return false;
  }
  if (!take(offset, payload)) return false;
  while (!waiting_.empty() && waiting_.begin()->first <= bytes_.size()) {
    take(waiting_.begin()->first, waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
  return true;
}

void StreamHead::close() {
  closed_ = true;
  bytes_ = {};
  waiting_.clear();
}

}  // namespace godwit::lab
