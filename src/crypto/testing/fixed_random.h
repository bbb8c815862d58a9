#pragma once
// A Random that gives given bytes, for published vectors. In test binaries only.

#include <algorithm>

#include "base/assert.h"
#include "base/random.h"

namespace godwit::crypto::testing {

/// Gives `bytes` front to back and ends the program when asked for more.
class FixedRandom : public Random {
 public:
  explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(ByteSpan out) override {
    ASSERT(at_ + out.size() <= bytes_.size());
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), out.size(), out.begin());
    at_ += out.size();
  }
  /// True if every byte has been given.
  bool used_up() const { return at_ == bytes_.size(); }

 private:
  Bytes bytes_;
  size_t at_ = 0;
};

}  // namespace godwit::crypto::testing
