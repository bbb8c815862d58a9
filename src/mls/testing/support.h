#pragma once
// What the tests of mls/ share, in test binaries only: the table with suite 0x0001, and published vectors by suite.

#include "crypto/random_sources.h"
#include "crypto/testing/aes128gcm.h"
#include "crypto/testing/vectors.h"
#include "mls/group.h"

namespace godwit::mls::testing {

using godwit::testing::Json;
using godwit::testing::unhex;

/// MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519, which exists in test binaries only.
inline const CipherSuite& suite_0x0001() {
  static const CipherSuite suite{CipherSuiteId::kX25519Aes128GcmSha256Ed25519,
                                 "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", &crypto::dhkem_x25519(),
                                 &crypto::testing::aes128gcm(), UINT64_MAX};
  return suite;
}
/// Suite 0x0003 for vectors, whose lifetimes are endless.
inline const CipherSuite& suite_0x0003_of_vectors() {
  static const CipherSuite suite = [] {
    CipherSuite endless = suite_0x0003();
    endless.lifetime_seconds_max = UINT64_MAX;
    return endless;
  }();
  return suite;
}
/// Both suites that vectors can be run with.
inline SuiteTable suites_for_tests() {
  static const CipherSuite* const table[] = {&suite_0x0003_of_vectors(), &suite_0x0001()};
  return table;
}
/// The suite of a case, or null if it is not spoken here.
inline const CipherSuite* suite_of(const Json& one) {
  const auto found = find_suite(suites_for_tests(), static_cast<CipherSuiteId>(one.at("cipher_suite").get<uint16_t>()));
  return found ? *found : nullptr;
}
/// Hexadecimal digits, secret or not, as the vectors have them.
inline Json hex(const crypto::SecretBuffer& secret) { return to_hex(secret.reveal()); }
inline Json hex(ByteView bytes) { return to_hex(bytes); }

}  // namespace godwit::mls::testing
