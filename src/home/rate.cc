#include "home/rate.h"

#include <algorithm>

namespace godwit::home {

Duration Rate::take(const Bytes& name, Instant now) {
  auto found = full_at_.find(name);
  if (found == full_at_.end()) {
    if (full_at_.size() >= kNamesMax) forget_full(now);
    if (full_at_.size() >= kNamesMax) return interval_;
    found = full_at_.emplace(name, now).first;
  }
  // A clock that was set back must not lock an address for longer than its bucket takes to fill.
  const Duration fill = interval_ * static_cast<int64_t>(burst_);
  const Instant full_at = std::clamp(found->second, now, now + fill);
  const Instant next = full_at + interval_;
  if (next - now > fill) return next - now - fill;
  found->second = next;
  return {};
}

void Rate::forget_full(Instant now) {
  std::erase_if(full_at_, [&](const auto& bucket) { return bucket.second <= now; });
}

}  // namespace godwit::home
