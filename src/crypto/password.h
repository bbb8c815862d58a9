#pragma once
// Argon2id (RFC 9106): a key from something a person can remember.

#include <string_view>

#include "base/result.h"
#include "crypto/secret.h"

namespace godwit::crypto {

constexpr size_t kPasswordSaltSize = 16;

/// How much work a guess costs; stored beside the salt, so that it can be raised later.
struct PasswordCost {
  uint32_t passes;
  uint32_t memory_kib;
};

/// About 0.3 s and 64 MiB on a laptop of today.
constexpr PasswordCost kPasswordCostDefault{3, 64 * 1024};
/// For tests only: as little as Argon2id allows.
constexpr PasswordCost kPasswordCostTest{1, 8};

/// What a stored cost may ask for at most: a damaged or hostile profile must not hang the device.
constexpr uint32_t kPasswordPassesMax = 64;
constexpr uint32_t kPasswordMemoryKibMax = 1024 * 1024;

/// 32 bytes from `password`. kOutOfMemory: the memory could not be had, try with more free memory. kBadSize: `cost` is
/// outside what Argon2id allows (a damaged profile may ask for that), above 1 GiB or above 64 passes.
Result<Secret<32>> password_key(std::string_view password, const ByteArray<kPasswordSaltSize>& salt, PasswordCost cost);

}  // namespace godwit::crypto
