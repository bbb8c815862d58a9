#pragma once
// Which keys and queues have changes that are not answered yet. Inside store/ only.
//
// By slots, without keeping a name: a slot that two subjects share says yes for both, and a read then waits its turn for nothing.

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/bytes.h"
#include "store/layout.h"

namespace godwit::store {

/// Used from one thread.
class ChangesUnderWay {
 public:
  /// Counts a change of `subject` (subject_of()) in; give what it returns to ended().
  uint32_t begun(ByteView subject) {
    const uint32_t slot = slot_of(subject);
    ++counts_[slot];
    if (slot < kSlots / 2) ++records_;
    return slot;
  }
  /// It was answered.
  void ended(uint32_t slot) {
    --counts_[slot];
    if (slot < kSlots / 2) --records_;
  }
  /// True if a change of `subject` may be under way.
  bool meet(ByteView subject) const { return counts_[slot_of(subject)] > 0; }
  /// True if a change of any record is.
  bool of_records() const { return records_ > 0; }

 private:
  static constexpr uint32_t kSlots = 1 << 14;
  static uint32_t slot_of(ByteView subject) {
    const size_t hash = std::hash<std::string_view>{}(as_text(subject));
    const auto within = static_cast<uint32_t>(hash % (kSlots / 2));
    return subject[0] == layout::kRecords ? within : kSlots / 2 + within;
  }

  std::array<uint32_t, kSlots> counts_{};
  size_t records_ = 0;
};

}  // namespace godwit::store
