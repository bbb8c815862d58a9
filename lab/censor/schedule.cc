#include "lab/censor/schedule.h"

#include <algorithm>

namespace godwit::lab {

bool Schedule::add(Departure departure) {
  if (heap_.size() >= kPacketsMax) return false;
  heap_.push_back({departure.due, number_++, departure.host, std::move(departure.bytes)});
  std::push_heap(heap_.begin(), heap_.end());
  return true;
}

bool Schedule::take(Time now, Departure& out) {
  if (heap_.empty() || heap_.front().due > now) return false;
  std::pop_heap(heap_.begin(), heap_.end());
  out = {heap_.back().due, heap_.back().host, std::move(heap_.back().bytes)};
  heap_.pop_back();
  return true;
}

}  // namespace godwit::lab
