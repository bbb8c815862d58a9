#pragma once
// What the tests of mls/ share, in test binaries only: published vectors by suite.

#include "crypto/random_sources.h"
#include "crypto/testing/vectors.h"
#include "mls/group.h"
#include "mls/testing/suites.h"

namespace godwit::mls::testing {

using godwit::testing::Json;
using godwit::testing::unhex;

/// The suite of a case, or null if it is not spoken here.
inline const CipherSuite* suite_of(const Json& one) {
  const auto found = find_suite(suites_for_tests(), static_cast<CipherSuiteId>(one.at("cipher_suite").get<uint16_t>()));
  return found ? *found : nullptr;
}
/// Hexadecimal digits, secret or not, as the vectors have them.
inline Json hex(const crypto::SecretBuffer& secret) { return to_hex(secret.reveal()); }
inline Json hex(ByteView bytes) { return to_hex(bytes); }

}  // namespace godwit::mls::testing
