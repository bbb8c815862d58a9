#pragma once
// Writes the TLS presentation language (RFC 8446 §3, RFC 9420 §2.1): big-endian numbers, vectors behind a varint length.

#include <utility>

#include "base/assert.h"
#include "base/bytes.h"

namespace godwit::codec {

/// The largest length a varint can tell (RFC 9420 §2.1.2: 30 bits).
constexpr uint32_t kVarintMax = (1U << 30) - 1;

/// Collects encoded bytes. Writing cannot fail: lengths above kVarintMax are a fault of ours. What is written may be
/// secret, so every block that it outgrows and what it still holds at its end are wiped; what take() gives is the caller's.
class Writer {
 public:
  /// How a Writer is made that only counts.
  struct Counting {};

  Writer() = default;
  /// Keeps nothing of what is written, but size(): no view() and no take().
  explicit Writer(Counting) : counts_(true) {}
  Writer(Writer&&) = delete;
  Writer& operator=(Writer&&) = delete;
  ~Writer();

  /// One byte.
  void u8(uint8_t value) { number(value, 1); }
  /// Two bytes, most significant first.
  void u16(uint16_t value) { number(value, 2); }
  /// Four bytes, most significant first.
  void u32(uint32_t value) { number(value, 4); }
  /// Eight bytes, most significant first.
  void u64(uint64_t value) { number(value, 8); }
  /// 1, 2 or 4 bytes: the shortest that holds `value`, at most kVarintMax (RFC 9420 §2.1.2).
  void varint(uint32_t value);
  /// The bytes as they are, without a length.
  void raw(ByteView bytes);
  /// opaque<V>: a varint length, then the bytes.
  void opaque(ByteView bytes);

  /// What was written so far; valid until the next write.
  ByteView view() const {
    ASSERT(!counts_);
    return bytes_;
  }
  /// Hands the bytes over; the writer is empty afterwards.
  Bytes take() {
    ASSERT(!counts_);
    return std::exchange(bytes_, {});
  }
  /// Bytes written so far.
  size_t size() const { return counts_ ? counted_ : bytes_.size(); }
  /// Makes room for `size` more bytes at once, so that no block is outgrown.
  void make_room(size_t size);

 private:
  void number(uint64_t value, unsigned size);
  Bytes bytes_;
  const bool counts_ = false;
  size_t counted_ = 0;
};

}  // namespace godwit::codec
