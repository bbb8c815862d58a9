#pragma once
// Inside crypto/ only: what libsodium wants of a view. Not for other folders.

#include "base/bytes.h"

namespace godwit::crypto {

/// The address of `bytes`, never null: libsodium's parameters are declared nonnull even where the size is 0.
inline const uint8_t* raw(ByteView bytes) {
  static constexpr uint8_t kNothing = 0;
  return bytes.empty() ? &kNothing : bytes.data();
}

}  // namespace godwit::crypto
