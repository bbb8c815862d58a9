#include "home/lanes.h"

#include "base/assert.h"

namespace godwit::home {

bool Lanes::admits(const Lane& lane, bool exclusive) { return exclusive ? lane.inside == 0 : !lane.exclusive; }

bool Lanes::enter(const Bytes& name, bool exclusive) {
  Lane& lane = lanes_[name];
  if (!lane.waiting.empty() || !admits(lane, exclusive)) return false;
  ++lane.inside;
  lane.exclusive = exclusive;
  return true;
}

void Lanes::wait(const Bytes& name, bool exclusive, std::coroutine_handle<> handle) {
  lanes_[name].waiting.push_back({handle, exclusive});
}

void Lanes::leave(const Bytes& name) {
  const auto found = lanes_.find(name);
  ASSERT(found != lanes_.end() && found->second.inside > 0);
  Lane& lane = found->second;
  --lane.inside;
  if (lane.inside == 0) lane.exclusive = false;
  while (!lane.waiting.empty() && admits(lane, lane.waiting.front().exclusive)) {
    ++lane.inside;
    lane.exclusive = lane.waiting.front().exclusive;
    ready_.push_back(lane.waiting.front().handle);
    lane.waiting.pop_front();
  }
  if (lane.inside == 0) lanes_.erase(found);
}

void Lanes::run() {
  while (!ready_.empty()) {
    const std::coroutine_handle<> next = ready_.front();
    ready_.pop_front();
    next.resume();
  }
}

}  // namespace godwit::home
