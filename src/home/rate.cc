#include "home/rate.h"

#include <algorithm>

namespace godwit::home {

std::map<Bytes, Instant>::iterator Rate::bucket_of(const Bytes& name, Instant now) {
  const auto found = full_at_.find(name);
  if (found != full_at_.end()) return found;
  if (full_at_.size() >= kNamesMax) {
    const Bytes* fullest = fullest_.begin()->second;
    fullest_.erase(fullest_.begin());
    full_at_.erase(full_at_.find(*fullest));
  }
  const auto made = full_at_.emplace(name, now).first;
  fullest_.emplace(now, &made->first);
  return made;
}

void Rate::set(std::map<Bytes, Instant>::iterator bucket, Instant full_at) {
  fullest_.erase({bucket->second, &bucket->first});
  bucket->second = full_at;
  fullest_.emplace(full_at, &bucket->first);
}

Duration Rate::take(const Bytes& name, Instant now) {
  const auto bucket = bucket_of(name, now);
  // A clock that was set back must not lock an address for longer than its bucket takes to fill.
  const Instant full_at = std::clamp(bucket->second, now, now + fill());
  const Instant next = full_at + interval_;
  if (next - now > fill()) return next - now - fill();
  set(bucket, next);
  return {};
}

void Rate::give_back(const Bytes& name, Instant now) {
  const auto found = full_at_.find(name);
  if (found != full_at_.end()) set(found, std::max(now, found->second - interval_));
}

uint32_t Rate::left(const Bytes& name, Instant now) const {
  const auto found = full_at_.find(name);
  if (found == full_at_.end()) return burst_;
  const Instant full_at = std::clamp(found->second, now, now + fill());
  return static_cast<uint32_t>((now + fill() - full_at).ms / interval_.ms);
}

}  // namespace godwit::home
