#pragma once
// Up to where nothing is left in queues that were trimmed lately, so that a trim need not begin at the queue's first item. Inside store/ only.

#include <map>

#include "store/home_store.h"

namespace godwit::store {

/// Queues of which it is known up to where nothing is left.
constexpr size_t kTrimmedMax = 16'384;

/// Used by one thread, the one that carries operations out.
class TrimmedQueues {
 public:
  /// Before `operation` is carried out: tells it what earlier groups have made sure of.
  void hint(Operation& operation) {
    if (const auto* drop = std::get_if<DropQueue>(&operation)) trimmed_.erase(drop->queue);  // it may begin anew, from 1
    auto* trim = std::get_if<TrimQueue>(&operation);
    if (trim == nullptr) return;
    const auto found = trimmed_.find(trim->queue);
    trim->gone = found == trimmed_.end() ? 0 : found->second;
  }
  /// After the commit of its group, in the order of the group.
  void note(const Operation& operation, const Result<Outcome>& outcome) {
    if (const auto* drop = std::get_if<DropQueue>(&operation)) trimmed_.erase(drop->queue);
    const auto* trim = std::get_if<TrimQueue>(&operation);
    if (trim == nullptr || !outcome) return;
    const uint64_t gone = std::get<Stored>(*outcome).gone;
    if (gone == 0) return;
    if (trimmed_.size() >= kTrimmedMax) trimmed_.clear();
    trimmed_[trim->queue] = gone;
  }

 private:
  std::map<Bytes, uint64_t> trimmed_;
};

}  // namespace godwit::store
