#pragma once
// How often somebody may make a device ring: callers who ring and hang up a hundred times are heard a few times.

#include <algorithm>
#include <map>

#include "base/time.h"
#include "engine/ids.h"

namespace godwit::engine {

/// Rings of one account that came to nothing, and then one in this time: more are quiet. An answer gives all back.
constexpr int64_t kCallRingsFree = 3;
constexpr Duration kCallRingEvery = minutes(5);
/// Accounts whose rings are counted: the one that rang longest ago gives way.
constexpr size_t kCallRingersMax = 256;

/// Counts for each account.
class CallRingers {
 public:
  /// Whether this account may once more; counts it.
  bool take(const AccountId& account, Instant now) {
    const auto [found, is_new] = ringers_.try_emplace(account);
    Ringer& ringer = found->second;
    // A clock that went back begins anew, with what was left.
    if (is_new || now < ringer.since) ringer.since = now;
    const int64_t back = (now - ringer.since).ms / kCallRingEvery.ms;
    ringer.since = ringer.since + kCallRingEvery * back;
    ringer.left = std::min(kCallRingsFree, ringer.left + back);
    const bool allowed = ringer.left > 0;
    if (allowed) --ringer.left;
    if (ringers_.size() > kCallRingersMax) {
      ringers_.erase(std::ranges::min_element(ringers_, {}, [](const auto& entry) { return entry.second.since; }));
    }
    return allowed;
  }
  /// Its rings came to something.
  void give_back(const AccountId& account) { ringers_.erase(account); }
  /// When it last counted; the beginning of time for who is not known.
  Instant since(const AccountId& account) const {
    const auto known = ringers_.find(account);
    return known == ringers_.end() ? Instant{} : known->second.since;
  }

 private:
  struct Ringer {
    int64_t left = kCallRingsFree;
    Instant since{};
  };
  std::map<AccountId, Ringer> ringers_;
};

}  // namespace godwit::engine
