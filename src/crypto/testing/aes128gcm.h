#pragma once
// AES-128-GCM for test binaries only: published vectors of MLS suite 0x0001 and of HPKE need it, libsodium has it not.

#include "crypto/aead.h"

namespace godwit::crypto::testing {

/// AES-128-GCM as an Aead (HPKE number 0x0001), by OpenSSL. Lives as long as the program.
const Aead& aes128gcm();

}  // namespace godwit::crypto::testing
