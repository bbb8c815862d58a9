#pragma once
// Secrets as members of records, so that the codec can write them. For records that are sealed, and for nothing else.

#include "codec/codec.h"
#include "crypto/secret.h"

namespace godwit::engine {

/// 32 secret bytes in a record.
struct SecretField {
  crypto::Secret<32> value;

  void encode_to(codec::Writer& writer) const { writer.raw(value.reveal()); }
  /// kTruncated.
  static Result<SecretField> decode_from(codec::Reader& reader) {
    return SecretField{TRY(crypto::Secret<32>::copy_of(TRY(reader.raw(32))))};
  }
  /// A second copy, asked for by name.
  SecretField clone() const { return {value.clone()}; }
};

/// Secret bytes of any count in a record.
struct SecretBlob {
  crypto::SecretBuffer value;

  void encode_to(codec::Writer& writer) const { writer.opaque(value.reveal()); }
  /// As Reader::opaque.
  static Result<SecretBlob> decode_from(codec::Reader& reader) {
    return SecretBlob{crypto::SecretBuffer::copy_of(TRY(reader.opaque()))};
  }
  /// A second copy, asked for by name.
  SecretBlob clone() const { return {value.clone()}; }
};

}  // namespace godwit::engine
