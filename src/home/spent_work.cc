#include "home/spent_work.h"

namespace godwit::home {

void SpentWork::forget_old(Instant now) {
  while (!oldest_.empty() && (oldest_.size() > kMost || oldest_.front().first + kept_ <= now)) {
    known_.erase(oldest_.front().second);
    oldest_.pop_front();
  }
}

bool SpentWork::has(const ShortHash& work, Instant now) {
  forget_old(now);
  return known_.contains(work);
}

void SpentWork::note(const ShortHash& work, Instant now) {
  if (known_.insert(work).second) oldest_.emplace_back(now, work);
  forget_old(now);
}

}  // namespace godwit::home
