#pragma once
// The labelled KDF of HPKE (RFC 9180 §4). Inside crypto/ only: hpke_kem.cc and hpke.cc build on it.

#include "crypto/kdf.h"

namespace godwit::crypto {

/// LabeledExtract (RFC 9180 §4); `suite_id` starts with "KEM" or "HPKE". Nh bytes.
SecretBuffer labeled_extract(HpkeKdf kdf, ByteView suite_id, ByteView salt, std::string_view label,
                             ByteView input_key_material);

/// LabeledExpand (RFC 9180 §4): `size` bytes, at most 255 * Nh (more is a fault of ours).
SecretBuffer labeled_expand(HpkeKdf kdf, ByteView suite_id, ByteView pseudorandom_key, std::string_view label,
                            ByteView info, size_t size);

}  // namespace godwit::crypto
