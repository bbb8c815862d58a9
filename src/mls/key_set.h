#pragma once
// Public keys to be looked up among: few in number, against every key of a tree.

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace godwit::mls {

/// A sorted set of views; whoever owns the keys has to outlive it.
class KeySet {
 public:
  /// Keys that may repeat.
  explicit KeySet(std::vector<std::string_view> keys) : keys_(std::move(keys)) {
    std::sort(keys_.begin(), keys_.end());
    for (const std::string_view key : keys_) begins_[first_byte(key)] = true;
  }
  /// True if a key stands twice.
  bool has_duplicates() const { return std::adjacent_find(keys_.begin(), keys_.end()) != keys_.end(); }
  /// True if `key` is among them. Most others are told by their first byte.
  bool contains(ByteView key) const {
    return begins_[first_byte(as_text(key))] && std::binary_search(keys_.begin(), keys_.end(), as_text(key));
  }

 private:
  static uint8_t first_byte(std::string_view key) { return key.empty() ? 0 : static_cast<uint8_t>(key[0]); }
  std::vector<std::string_view> keys_;
  std::array<bool, 256> begins_{};
};

}  // namespace godwit::mls
