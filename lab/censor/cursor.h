#pragma once
// Reads numbers off bytes from outside and never past their end.

#include "base/bytes.h"

namespace godwit::lab {

/// A place in bytes that somebody else owns. Reading past the end gives zeros and makes ok() false for good.
class Cursor {
 public:
  explicit Cursor(ByteView bytes) : rest_(bytes) {}

  /// False once something was read that was not there.
  bool ok() const { return ok_; }
  /// The bytes not yet read.
  ByteView rest() const { return rest_; }
  /// True if nothing is left.
  bool empty() const { return rest_.empty(); }

  /// The next `n` bytes, or none of them.
  ByteView take(size_t n) {
    if (rest_.size() < n) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.first(n);
    rest_ = rest_.subspan(n);
    return taken;
  }
  /// The next `n` bytes as a number, most significant first; n <= 8.
  uint64_t number(size_t n) {
    uint64_t value = 0;
    for (const uint8_t byte : take(n)) value = (value << 8) | byte;
    return value;
  }
  /// The next byte.
  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  /// The next two bytes.
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  /// The next four bytes.
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  /// What follows a length of `width` bytes.
  ByteView vector(size_t width) { return take(number(width)); }

 private:
  ByteView rest_;
  bool ok_ = true;
};

}  // namespace godwit::lab
