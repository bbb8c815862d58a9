#pragma once
// Secret bytes: move-only, of one size for life, wiped when they end, compared in constant time, never printed.
// They are not for public bytes (base/bytes.h), and nothing outside crypto/ looks into them except through reveal().

#include <algorithm>
#include <cstddef>
#include <initializer_list>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/errors.h"

namespace godwit::crypto {

/// Overwrites `bytes` with zeros in a way that the compiler does not leave out.
void wipe(ByteSpan bytes);

/// Compares in a time that depends on the sizes only.
[[nodiscard]] bool equal_constant_time(ByteView a, ByteView b);

/// N secret bytes, held in place. A moved-from one holds zeros.
template <size_t N>
class Secret {
 public:
  static constexpr size_t kSize = N;

  /// All zeros.
  Secret() = default;
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  /// Copies exactly N bytes from `bytes`, which the caller still owns and wipes. kBadSize.
  static Result<Secret> copy_of(ByteView bytes);
  /// N bytes from `random`.
  static Secret random(Random& random) {
    Secret out;
    random.fill(out.bytes_);
    return out;
  }

  /// A second copy, asked for by name.
  Secret clone() const {
    Secret out;
    out.bytes_ = bytes_;
    return out;
  }
  /// The bytes, for a primitive or for sealed storage: never for a log. The view lives as long as the secret.
  ByteView reveal() const { return bytes_; }
  /// The bytes to be written by a primitive.
  ByteSpan fill() { return bytes_; }

  /// In constant time.
  friend bool operator==(const Secret& a, const Secret& b) { return equal_constant_time(a.bytes_, b.bytes_); }

 private:
  ByteArray<N> bytes_{};
};

/// Secret bytes whose count is known only at run time; the count never changes. A moved-from one is empty.
class SecretBuffer {
 public:
  /// Empty.
  SecretBuffer() = default;
  /// `size` zeros, to be written through fill().
  explicit SecretBuffer(size_t size) : bytes_(size) {}
  SecretBuffer(SecretBuffer&& other) noexcept : bytes_(std::move(other.bytes_)) { other.bytes_.clear(); }
  SecretBuffer& operator=(SecretBuffer&& other) noexcept {
    if (this != &other) {
      wipe(bytes_);
      bytes_ = std::move(other.bytes_);
      other.bytes_.clear();
    }
    return *this;
  }
  SecretBuffer(const SecretBuffer&) = delete;
  SecretBuffer& operator=(const SecretBuffer&) = delete;
  ~SecretBuffer() { wipe(bytes_); }

  /// Copies `bytes`, which the caller still owns and wipes.
  static SecretBuffer copy_of(ByteView bytes) {
    SecretBuffer out(bytes.size());
    std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
    return out;
  }
  /// Takes `bytes` over without a copy.
  static SecretBuffer adopt(Bytes&& bytes) {
    SecretBuffer out;
    out.bytes_ = std::move(bytes);
    return out;
  }
  /// `size` bytes from `random`.
  static SecretBuffer random(Random& random, size_t size) {
    SecretBuffer out(size);
    random.fill(out.bytes_);
    return out;
  }

  /// A second copy, asked for by name.
  SecretBuffer clone() const { return copy_of(bytes_); }
  /// How many bytes.
  size_t size() const { return bytes_.size(); }
  /// True if there are none.
  bool empty() const { return bytes_.empty(); }
  /// The bytes, for a primitive or for sealed storage: never for a log. The view lives as long as the secret.
  ByteView reveal() const { return bytes_; }
  /// The bytes to be written by a primitive.
  ByteSpan fill() { return bytes_; }

  /// In constant time for equal sizes; sizes are not secret.
  friend bool operator==(const SecretBuffer& a, const SecretBuffer& b) {
    return equal_constant_time(a.bytes_, b.bytes_);
  }

 private:
  Bytes bytes_;
};

/// The `parts` one after another, without leaving copies behind as a growing vector would.
SecretBuffer secret_concat(std::initializer_list<ByteView> parts);

template <size_t N>
Result<Secret<N>> Secret<N>::copy_of(ByteView bytes) {
  REQUIRE(bytes.size() == N, kBadSize, "a secret has another size");
  Secret out;
  std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
  return out;
}

}  // namespace godwit::crypto
