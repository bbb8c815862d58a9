#pragma once
// Cipher suites that exist in test binaries only, for published vectors and peers.

#include "crypto/testing/aes128gcm.h"
#include "crypto/testing/xwing_connolly.h"
#include "mls/cipher_suite.h"

namespace godwit::mls::testing {

/// The same suite, accepting lifetimes without an end.
inline CipherSuite endless(CipherSuite suite) {
  suite.lifetime_seconds_max = UINT64_MAX;
  return suite;
}
/// MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519.
inline const CipherSuite& suite_0x0001() {
  static const CipherSuite suite{CipherSuiteId{0x0001},        "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
                                 &crypto::dhkem_x25519(),      &crypto::testing::aes128gcm(),
                                 crypto::HpkeKdf::kHkdfSha256, UINT64_MAX};
  return suite;
}
/// Suite 0x0003 for vectors, whose lifetimes are endless.
inline const CipherSuite& suite_0x0003_of_vectors() {
  static const CipherSuite suite = endless(suite_0x0003());
  return suite;
}
/// The hybrid suite for vectors.
inline const CipherSuite& suite_xwing_of_vectors() {
  static const CipherSuite suite = endless(suite_xwing());
  return suite;
}
/// ts-mls's own MLS_256_XWING_CHACHA20POLY1305_SHA512_Ed25519.
inline const CipherSuite& suite_0x0054() {
  static const CipherSuite suite{CipherSuiteId{0x0054},
                                 "MLS_256_XWING_CHACHA20POLY1305_SHA512_Ed25519",
                                 &crypto::testing::kem_xwing_connolly(),
                                 &crypto::chacha20_poly1305(),
                                 crypto::HpkeKdf::kHkdfSha512,
                                 UINT64_MAX};
  return suite;
}
/// The suites that vectors can be run with.
inline SuiteTable suites_for_tests() {
  static const CipherSuite* const table[] = {&suite_0x0003_of_vectors(), &suite_xwing_of_vectors(), &suite_0x0001(),
                                             &suite_0x0054()};
  return table;
}

}  // namespace godwit::mls::testing
