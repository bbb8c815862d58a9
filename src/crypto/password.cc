#include "crypto/password.h"

#include <sodium.h>

#include "crypto/raw.h"

namespace godwit::crypto {

static_assert(crypto_pwhash_argon2id_SALTBYTES == kPasswordSaltSize);

Result<Secret<32>> password_key(std::string_view password, const ByteArray<kPasswordSaltSize>& salt,
                                PasswordCost cost) {
  REQUIRE(cost.passes >= 1 && cost.passes <= kPasswordPassesMax, kBadSize, "RFC 9106 §3.1: passes out of range");
  REQUIRE(cost.memory_kib >= 8 && cost.memory_kib <= kPasswordMemoryKibMax, kBadSize,
          "RFC 9106 §3.1: memory out of range");
  Secret<32> out;
  const int failed =
      crypto_pwhash_argon2id(out.fill().data(), out.kSize, reinterpret_cast<const char*>(raw(as_bytes(password))),
                             password.size(), salt.data(), cost.passes, size_t{cost.memory_kib} * 1024,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13);
  REQUIRE(failed == 0, kOutOfMemory, "Argon2id could not have its memory");
  return out;
}

}  // namespace godwit::crypto
