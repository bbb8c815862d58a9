#pragma once
// Reads the TLS presentation language strictly (RFC 8446 §3, RFC 9420 §2.1). Never owns what it reads from.

#include "base/bytes.h"
#include "base/result.h"

namespace godwit::codec {

/// No vector may claim more than this, whatever its varint could say: 64 MiB holds a tree of 10,000 members.
constexpr uint32_t kVectorSizeMax = 64U << 20;

/// Walks over encoded bytes, front to back. After an error its position is unspecified: drop it and the input.
class Reader {
 public:
  /// Reads from `bytes`, which must outlive the reader and every view it gives.
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  /// One byte. kTruncated: there is none.
  Result<uint8_t> u8();
  /// Two bytes, most significant first. kTruncated.
  Result<uint16_t> u16();
  /// Four bytes, most significant first. kTruncated.
  Result<uint32_t> u32();
  /// Eight bytes, most significant first. kTruncated.
  Result<uint64_t> u64();
  /// 1, 2 or 4 bytes. kTruncated, kBadVarintPrefix (8-byte form), kNonMinimalVarint (RFC 9420 §2.1.2).
  Result<uint32_t> varint();
  /// The next `size` bytes as a view into the input. kTruncated.
  Result<ByteView> raw(size_t size);
  /// opaque<V> as a view into the input, at most `size_max` bytes. As varint, and kOversizeVector, kTruncated.
  Result<ByteView> opaque(uint32_t size_max = kVectorSizeMax);

  /// What has not been read yet.
  ByteView rest() const { return rest_; }
  /// True if everything has been read.
  bool at_end() const { return rest_.empty(); }
  /// kTrailingBytes unless everything has been read.
  Status finish() const;

 private:
  Result<uint64_t> number(size_t size);
  ByteView rest_;
};

}  // namespace godwit::codec
