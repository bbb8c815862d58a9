#pragma once
// Writes encoded secrets: like codec::Writer, but what it outgrows is wiped. Not for public bytes.

#include <utility>

#include "codec/codec.h"
#include "crypto/secret.h"

namespace godwit::mls {

/// Collects secret bytes in the presentation language; take() hands them over.
class SecretWriter {
 public:
  SecretWriter() = default;
  SecretWriter(const SecretWriter&) = delete;
  SecretWriter& operator=(const SecretWriter&) = delete;
  ~SecretWriter() { crypto::wipe(bytes_); }

  /// The bytes as they are.
  void raw(ByteView bytes) {
    if (bytes_.capacity() - bytes_.size() < bytes.size()) grow(bytes_.size() + bytes.size());
    append(bytes_, bytes);
  }
  /// opaque<V>.
  void opaque(ByteView bytes) {
    codec::Writer length;
    length.varint(static_cast<uint32_t>(bytes.size()));
    raw(length.view());
    raw(bytes);
  }
  /// opaque<V> of a secret.
  void secret(const crypto::SecretBuffer& value) { opaque(value.reveal()); }
  /// Any public value that codec can encode.
  template <typename T>
  void value(const T& item) {
    raw(codec::encoded(item));
  }
  /// Hands the bytes over; the writer is empty afterwards.
  crypto::SecretBuffer take() { return crypto::SecretBuffer::adopt(std::exchange(bytes_, {})); }

 private:
  void grow(size_t needed) {
    Bytes larger;
    larger.reserve(needed * 2);
    append(larger, bytes_);
    crypto::wipe(bytes_);
    bytes_ = std::move(larger);
  }
  Bytes bytes_;
};

/// Reads an opaque<V> straight into a secret. Errors as codec::Reader.
inline Result<crypto::SecretBuffer> read_secret(codec::Reader& reader) {
  return crypto::SecretBuffer::copy_of(TRY(reader.opaque()));
}

}  // namespace godwit::mls
