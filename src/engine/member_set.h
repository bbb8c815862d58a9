#pragma once
// Some of the members of a chat, as one bit each: an item of the outbox names its recipients in 250 bytes for 2,000 members.

#include <bit>
#include <vector>

#include "codec/codec.h"

namespace godwit::engine {

/// See above. Members go by the numbers of their records.
class MemberSet {
 public:
  /// Adds a member.
  void add(uint32_t number) {
    if (bits_.size() <= number / 8) bits_.resize(number / 8 + 1);
    bits_[number / 8] = static_cast<uint8_t>(bits_[number / 8] | 1U << number % 8);
  }
  /// Takes a member out; no matter if he is not in it.
  void remove(uint32_t number) {
    if (!has(number)) return;
    bits_[number / 8] = static_cast<uint8_t>(bits_[number / 8] & ~(1U << number % 8));
    while (!bits_.empty() && bits_.back() == 0) bits_.pop_back();
  }
  /// True if the member is in it.
  bool has(uint32_t number) const { return number / 8 < bits_.size() && (bits_[number / 8] >> number % 8 & 1U) != 0; }
  /// True if nobody is in it.
  bool empty() const { return bits_.empty(); }
  /// How many are in it.
  size_t size() const {
    size_t out = 0;
    for (const uint8_t byte : bits_) out += static_cast<size_t>(std::popcount(byte));
    return out;
  }
  /// Those in it, ascending.
  std::vector<uint32_t> numbers() const {
    std::vector<uint32_t> out;
    for (uint32_t number = 0; number < bits_.size() * 8; ++number) {
      if (has(number)) out.push_back(number);
    }
    return out;
  }
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.bits_);
  }
  friend bool operator==(const MemberSet&, const MemberSet&) = default;

 private:
  Bytes bits_;  // the last byte is not 0
};

}  // namespace godwit::engine
