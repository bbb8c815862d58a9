#pragma once
// How fast something may be done to one thing of many (key packages of an address taken, a group log appended to): a
// bucket of tokens for each that is being asked, in memory.

#include <map>
#include <set>

#include "base/bytes.h"
#include "base/time.h"

namespace godwit::home {

/// The buckets.
class Rate {
 public:
  /// Buckets remembered at most; above, the one that is fullest is forgotten, which fills it: whoever asks for many made-up
  /// names pushes out those, and not the one that is being drained.
  static constexpr size_t kNamesMax = 100'000;

  /// `burst` at once, then one in each `interval`.
  Rate(uint32_t burst, Duration interval) : burst_(burst), interval_(interval) {}

  /// Tokens of a full bucket.
  uint32_t burst() const { return burst_; }
  /// Takes a token for `name`. Zero: go on; else how long until there is one.
  Duration take(const Bytes& name, Instant now);
  /// A token was taken for nothing. Unknown names are ignored.
  void give_back(const Bytes& name, Instant now);
  /// Tokens that `name` has now.
  uint32_t left(const Bytes& name, Instant now) const;

 private:
  // When a bucket will be full again: one number says all there is to know (a generic cell rate).
  std::map<Bytes, Instant>::iterator bucket_of(const Bytes& name, Instant now);
  void set(std::map<Bytes, Instant>::iterator bucket, Instant full_at);
  Duration fill() const { return interval_ * static_cast<int64_t>(burst_); }

  uint32_t burst_;
  Duration interval_;
  std::map<Bytes, Instant> full_at_;
  std::set<std::pair<Instant, const Bytes*>> fullest_;  // the same, by fullness: names are keys of the map
};

}  // namespace godwit::home
