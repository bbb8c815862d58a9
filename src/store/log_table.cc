#include "store/log_table.h"

#include <algorithm>

#include "base/assert.h"
#include "store/layout.h"

namespace godwit::store {

namespace {

// About 6 MB of memory.
constexpr size_t kStaleCountMin = 20'000;

}  // namespace

// ---- LogTable -------------------------------------------------------------------------------------------------------

Result<std::optional<Bytes>> LogTable::get(ByteView key, size_t count_max) {
  const auto found = records_.find(key);
  if (found == records_.end()) return std::optional<Bytes>();
  const ByteView value = found->second.value;
  return std::optional(to_bytes(value.first(std::min(value.size(), count_max))));
}

Status LogTable::visit(ByteView first, ByteView last, const Visitor& visitor) {
  for (auto at = records_.lower_bound(first); at != records_.end() && KeyOrder{}(at->first, last); ++at) {
    if (!visitor(at->first, at->second.value)) break;
  }
  return {};
}

void LogTable::put(ByteView, Bytes) { ASSERT(false); }
void LogTable::erase(ByteView) { ASSERT(false); }

// What was said last about `key` is not true any more. What a person had erased or overwritten must leave the log; a counter need not.
void LogTable::supersede(const Bytes& key, bool gone) {
  if (const auto was_gone = gone_.find(key); was_gone != gone_.end()) {
    --messages_[was_gone->second].needed;
    gone_.erase(was_gone);
  }
  const auto record = records_.find(key);
  if (record == records_.end()) return;
  Message& message = messages_[record->second.sequence];
  --message.needed;
  message.stale.push_back(key);
  message.holds_what_is_gone = message.holds_what_is_gone || gone || key[0] == layout::kRecords;
  ++stale_[key];
  ++stale_count_;
  bytes_ -= key.size() + record->second.value.size();
  records_.erase(record);
}

void LogTable::apply(uint64_t sequence, const std::vector<LogChange>& changes) {
  messages_[sequence].records += changes.size();
  for (const LogChange& change : changes) {
    supersede(change.key, !change.value);
    if (change.value) {
      records_.emplace(change.key, Record{*change.value, sequence});
      bytes_ += change.key.size() + change.value->size();
    } else if (stale_.contains(change.key)) {
      gone_[change.key] = sequence;
    } else {
      continue;
    }
    ++messages_[sequence].needed;
  }
}

void LogTable::removed(uint64_t sequence) {
  const auto message = messages_.find(sequence);
  if (message == messages_.end()) return;
  stale_count_ -= message->second.stale.size();
  for (Bytes& key : message->second.stale) {
    const auto count = stale_.find(key);
    if (--count->second > 0) continue;
    stale_.erase(count);
    // Not forgotten at once: should a server lose the last moments of its disk, both messages may be back.
    if (gone_.contains(key)) forgettable_.push_back(std::move(key));
  }
  messages_.erase(message);
}

std::vector<LogChange> LogTable::needed_of(uint64_t sequence, std::vector<LogChange> changes) const {
  std::erase_if(changes, [&](const LogChange& change) {
    if (!change.value) {
      const auto gone = gone_.find(change.key);
      return gone == gone_.end() || gone->second != sequence;
    }
    const auto record = records_.find(change.key);
    return record == records_.end() || record->second.sequence != sequence;
  });
  return changes;
}

std::vector<LogChange> LogTable::all_of(uint64_t sequence) const {
  std::vector<LogChange> out;
  for (const auto& [key, record] : records_) {
    if (record.sequence == sequence) out.push_back({key, record.value});
  }
  for (const auto& [key, who] : gone_) {
    if (who == sequence) out.push_back({key, std::nullopt});
  }
  return out;
}

bool LogTable::is_empty(uint64_t sequence) const {
  const auto message = messages_.find(sequence);
  return message == messages_.end() || message->second.needed == 0;
}

// Each message that stays after a round needs more of its records than it does not.
bool LogTable::wants_round() const {
  return stale_count_ > std::max(kStaleCountMin, records_.size() + gone_.size());
}

std::vector<uint64_t> LogTable::begin_round(uint64_t end) {
  for (const Bytes& key : forgettable_) {
    const auto gone = gone_.find(key);
    if (gone == gone_.end() || stale_.contains(key)) continue;
    --messages_[gone->second].needed;
    gone_.erase(gone);
  }
  forgettable_.clear();
  std::vector<uint64_t> out;
  for (const auto& [sequence, message] : messages_) {
    if (sequence >= end) break;
    if (message.holds_what_is_gone || message.needed * 2 <= message.records) out.push_back(sequence);
  }
  return out;
}

// ---- OverlayTable ---------------------------------------------------------------------------------------------------

Result<std::optional<Bytes>> OverlayTable::get(ByteView key, size_t count_max) {
  const auto found = changes_.find(key);
  if (found == changes_.end()) return below_.get(key, count_max);
  std::optional<Bytes> value = found->second;
  if (value && value->size() > count_max) value->resize(count_max);
  return value;
}

Status OverlayTable::visit(ByteView first, ByteView last, const Visitor& visitor) {
  auto at = changes_.lower_bound(first);
  const auto end = changes_.lower_bound(last);
  bool more = true;
  // Shows what stands here up to `until`; everything, without one.
  const auto show_until = [&](const ByteView* until) {
    for (; more && at != end && (until == nullptr || KeyOrder{}(at->first, *until)); ++at) {
      if (at->second) more = visitor(at->first, *at->second);
    }
  };
  TRY(below_.visit(first, last, [&](ByteView key, ByteView value) {
    show_until(&key);
    if (!more) return false;
    if (at == end || !equal(at->first, key)) {
      more = visitor(key, value);
    } else {
      if (at->second) more = visitor(at->first, *at->second);
      ++at;
    }
    return more;
  }));
  show_until(nullptr);
  return {};
}

void OverlayTable::put(ByteView key, Bytes value) { change({to_bytes(key), std::move(value)}); }
void OverlayTable::erase(ByteView key) { change({to_bytes(key), std::nullopt}); }

void OverlayTable::change(LogChange change) {
  encoded_bytes_ += encoded_size(change);
  const auto [at, is_new] = changes_.try_emplace(std::move(change.key), std::nullopt);
  if (!is_new) encoded_bytes_ -= encoded_size({at->first, at->second});
  at->second = std::move(change.value);
}

std::vector<LogChange> OverlayTable::take() {
  std::vector<LogChange> out;
  out.reserve(changes_.size());
  for (auto& [key, value] : changes_) out.push_back({key, std::move(value)});
  changes_.clear();
  encoded_bytes_ = 0;
  return out;
}

}  // namespace godwit::store
