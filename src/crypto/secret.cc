#include "crypto/secret.h"

#include <sodium.h>

namespace godwit::crypto {

void wipe(ByteSpan bytes) {
  if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

bool equal_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  return a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

SecretBuffer secret_concat(std::initializer_list<ByteView> parts) {
  size_t size = 0;
  for (const ByteView part : parts) size += part.size();
  SecretBuffer out(size);
  auto at = out.fill().begin();
  for (const ByteView part : parts) at = std::copy(part.begin(), part.end(), at);
  return out;
}

}  // namespace godwit::crypto
