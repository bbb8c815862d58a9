#pragma once
// Ids that cannot be mistaken for one another: each kind is a type of its own.

#include <algorithm>
#include <compare>

#include "base/bytes.h"

namespace godwit {

/// N opaque public bytes that identify one kind of thing (`Tag`). Ordered, so that it can be a key of ordered maps.
template <typename Tag, size_t N>
struct OpaqueId {
  static constexpr size_t kSize = N;
  ByteArray<N> value{};

  /// The N bytes; lives as long as the id.
  ByteView view() const { return value; }
  /// From exactly N bytes; false for any other count.
  [[nodiscard]] static bool from(ByteView bytes, OpaqueId& out) {
    if (bytes.size() != N) return false;
    std::copy(bytes.begin(), bytes.end(), out.value.begin());
    return true;
  }
  friend auto operator<=>(const OpaqueId&, const OpaqueId&) = default;
};

/// A number that counts one kind of thing (`Tag`).
template <typename Tag, typename Number>
struct StrongNumber {
  Number value{};
  friend constexpr auto operator<=>(const StrongNumber&, const StrongNumber&) = default;
};

}  // namespace godwit
