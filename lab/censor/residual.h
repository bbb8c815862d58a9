#pragma once
// Blocks that outlive what caused them: a key, and until when.

#include <algorithm>
#include <map>

#include "lab/censor/time.h"

namespace godwit::lab {

/// Keys that are blocked for some time. Small: modes block few things, and what is over is forgotten when others come.
template <typename Key>
class ResidualTable {
 public:
  /// Blocks `key` until `until`, or longer if it was.
  void block(const Key& key, Time until) {
    Time& place = blocks_[key];
    place = std::max(place, until);
  }
  /// True if `key` is blocked at `now`.
  bool blocked(const Key& key, Time now) const {
    const auto found = blocks_.find(key);
    return found != blocks_.end() && now < found->second;
  }
  /// Unblocks `key`.
  void release(const Key& key) { blocks_.erase(key); }
  /// Forgets what is over.
  void sweep(Time now) {
    std::erase_if(blocks_, [&](const auto& entry) { return entry.second <= now; });
  }

 private:
  std::map<Key, Time> blocks_;
};

}  // namespace godwit::lab
