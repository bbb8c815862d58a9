#include "net/source_gate.h"

#include <algorithm>
#include <utility>

namespace godwit::net {

Bytes source_name(const ByteArray<16>& address) {
  const bool mapped = std::all_of(address.begin(), address.begin() + 10, [](uint8_t byte) { return byte == 0; }) &&
                      address[10] == 0xff && address[11] == 0xff;
  ByteArray<16> loopback{};
  loopback[15] = 1;
  if ((mapped && address[12] == 127) || address == loopback) return {};
  return mapped ? Bytes(address.begin() + 12, address.end()) : Bytes(address.begin(), address.begin() + 8);
}

SourceGate::Verdict SourceGate::judge(const Bytes& source, Instant now) {
  if (source.empty()) return Verdict::kAdmit;
  if (const auto found = waiting_->find(source); limits_.waiting_max != 0 && found != waiting_->end()) {
    if (found->second >= limits_.waiting_max) return Verdict::kTooMany;
  }
  if (limits_.burst == 0) return Verdict::kAdmit;
  Bucket& bucket = bucket_of(source, now);
  if (bucket.tokens == 0) return Verdict::kTooFast;
  --bucket.tokens;
  return Verdict::kAdmit;
}

std::shared_ptr<void> SourceGate::hold(const Bytes& source) {
  if (source.empty() || limits_.waiting_max == 0) return nullptr;
  ++(*waiting_)[source];
  return {nullptr, [waiting = waiting_, source](void*) {
            const auto found = waiting->find(source);
            if (--found->second == 0) waiting->erase(found);
          }};
}

// Filled up to now. When there are too many sources, or all are full again by their age, the older generation is forgotten: a source
// of it begins anew.
SourceGate::Bucket& SourceGate::bucket_of(const Bytes& source, Instant now) {
  const int64_t interval = std::max<int64_t>(limits_.interval.ms, 1);
  if (now - turned_ >= milliseconds(interval * limits_.burst) || recent_.size() >= limits_.sources_max) {
    older_ = std::exchange(recent_, {});
    turned_ = now;
  }
  auto found = recent_.find(source);
  if (found == recent_.end()) {
    Bucket bucket{limits_.burst, now};
    if (const auto old = older_.find(source); old != older_.end()) {
      bucket = old->second;
      older_.erase(old);
    }
    found = recent_.emplace(source, bucket).first;
  }
  Bucket& bucket = found->second;
  const int64_t more = std::max<int64_t>((now - bucket.filled).ms, 0) / interval;
  if (more >= int64_t{limits_.burst} - int64_t{bucket.tokens}) {
    bucket = {limits_.burst, now};
  } else {
    bucket.tokens += static_cast<uint32_t>(more);
    bucket.filled = bucket.filled + milliseconds(more * interval);
  }
  return bucket;
}

}  // namespace godwit::net
