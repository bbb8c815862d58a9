#include "home/usage.h"

#include <algorithm>

#include "base/assert.h"

namespace godwit::home {

bool Usage::knows(const Bytes& queue) const {
  const auto found = queues_.find(queue);
  return found != queues_.end() && found->second.complete;
}

Instant Usage::counted(const Bytes& queue) const {
  const auto found = queues_.find(queue);
  return found == queues_.end() ? Instant{} : found->second.counted;
}

void Usage::begin(const Bytes& queue) {
  make_room();
  Queue& counts = queues_[queue];
  for (const auto& [sequence, item] : counts.items) subtract(counts, item.alias, item.size);
  counts.items.clear();
  counts.complete = false;  // what stands here now is not to be checked against
  counts.counting = true;
}

void Usage::finish(const Bytes& queue, Instant now) {
  const auto found = queues_.find(queue);
  if (found == queues_.end() || !found->second.counting) return;  // forgotten meanwhile
  found->second.counting = false;
  found->second.complete = true;
  found->second.counted = now;
}

void Usage::abandon(const Bytes& queue) {
  const auto found = queues_.find(queue);
  if (found != queues_.end()) found->second.counting = false;
}

void Usage::note(const Bytes& queue, uint64_t sequence, const wire::Alias& alias, size_t size) {
  const auto found = queues_.find(queue);
  if (found == queues_.end() || sequence <= found->second.trimmed) return;
  found->second.highest = std::max(found->second.highest, sequence);
  if (found->second.items.emplace(sequence, Item{alias, size}).second) add(found->second, alias, size);
}

void Usage::trim(const Bytes& queue, uint64_t through) {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return;
  Queue& counts = found->second;
  counts.trimmed = std::max(counts.trimmed, std::min(through, counts.highest));  // a client may say anything
  while (!counts.items.empty() && counts.items.begin()->first <= through) {
    subtract(counts, counts.items.begin()->second.alias, counts.items.begin()->second.size);
    counts.items.erase(counts.items.begin());
  }
}

void Usage::forget(const Bytes& queue) {
  const auto found = queues_.find(queue);
  if (found != queues_.end() && found->second.reservations == 0) queues_.erase(found);
}

void Usage::reserve(const Bytes& queue, const wire::Alias& alias, size_t size) {
  Queue& counts = queues_[queue];
  ++counts.reservations;
  add(counts, alias, size);
}

void Usage::release(const Bytes& queue, const wire::Alias& alias, size_t size) {
  Queue& counts = queues_[queue];
  ASSERT(counts.reservations > 0);
  --counts.reservations;
  subtract(counts, alias, size);
}

Usage::Sum Usage::sum() const {
  Sum out;
  for (const auto& [queue, counts] : queues_) {
    ++out.queues;
    out.amount.items += counts.total.items;
    out.amount.bytes += counts.total.bytes;
  }
  return out;
}

Amount Usage::of_queue(const Bytes& queue) const {
  const auto found = queues_.find(queue);
  return found == queues_.end() ? Amount{} : found->second.total;
}

Amount Usage::of_address(const Bytes& queue, const wire::Alias& alias) const {
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return {};
  const auto address = found->second.by_address.find(alias);
  return address == found->second.by_address.end() ? Amount{} : address->second;
}

void Usage::add(Queue& queue, const wire::Alias& alias, size_t size) {
  for (Amount* amount : {&queue.total, &queue.by_address[alias]}) {
    ++amount->items;
    amount->bytes += size;
  }
}

void Usage::subtract(Queue& queue, const wire::Alias& alias, size_t size) {
  const auto address = queue.by_address.find(alias);
  ASSERT(address != queue.by_address.end());
  for (Amount* amount : {&queue.total, &address->second}) {
    --amount->items;
    amount->bytes -= size;
  }
  if (address->second.items == 0) queue.by_address.erase(address);
}

void Usage::make_room() {
  while (queues_.size() >= kQueuesMax) {
    auto next = queues_.upper_bound(last_evicted_);
    const auto at_work = [](const Queue& counts) { return counts.reservations != 0 || counts.counting; };
    for (size_t tried = 0; tried < queues_.size(); ++tried) {
      if (next == queues_.end()) next = queues_.begin();
      if (!at_work(next->second)) break;
      ++next;
    }
    if (next == queues_.end() || at_work(next->second)) return;  // all are at work: bounded by their number
    last_evicted_ = next->first;
    queues_.erase(next);
  }
}

}  // namespace godwit::home
