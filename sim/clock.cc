#include "sim/clock.h"

#include "base/assert.h"

namespace godwit::sim {

void Clock::advance(Instant time) {
  ASSERT(time >= now_);
  while (!planned_.empty() && planned_.begin()->first <= time) {
    auto node = planned_.extract(planned_.begin());
    now_ = std::max(now_, node.key());
    node.mapped()();
  }
  now_ = time;
}

}  // namespace godwit::sim
