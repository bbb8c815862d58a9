#include "crypto/hpke_kdf.h"

namespace godwit::crypto {
namespace {

constexpr std::string_view kVersion = "HPKE-v1";

}  // namespace

SecretBuffer labeled_extract(HpkeKdf kdf, ByteView suite_id, ByteView salt, std::string_view label,
                             ByteView input_key_material) {
  const SecretBuffer labeled = secret_concat({as_bytes(kVersion), suite_id, as_bytes(label), input_key_material});
  return extract(kdf, salt, labeled.reveal());
}

SecretBuffer labeled_expand(HpkeKdf kdf, ByteView suite_id, ByteView pseudorandom_key, std::string_view label,
                            ByteView info, size_t size) {
  ASSERT(size <= 255 * hash_size(kdf));
  const ByteArray<2> length{static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)};
  const SecretBuffer labeled = secret_concat({length, as_bytes(kVersion), suite_id, as_bytes(label), info});
  SecretBuffer out(size);
  expand(kdf, pseudorandom_key, labeled.reveal(), out.fill());
  return out;
}

}  // namespace godwit::crypto
