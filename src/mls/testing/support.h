#pragma once
// What the tests of mls/ share, in test binaries only: published vectors by suite.

#include "crypto/random_sources.h"
#include "crypto/testing/vectors.h"
#include "mls/group.h"
#include "mls/testing/suites.h"

namespace godwit::mls::testing {

using godwit::testing::Json;
using godwit::testing::Tally;
using godwit::testing::unhex;

/// The suite of a case, or null if it is not spoken here.
inline const CipherSuite* suite_of(const Json& one) {
  const auto found = find_suite(suites_for_tests(), static_cast<CipherSuiteId>(one.at("cipher_suite").get<uint16_t>()));
  return found ? *found : nullptr;
}
/// The secret bytes of a hexadecimal member.
inline crypto::SecretBuffer unhex_secret(const Json& object, const char* member) {
  return crypto::SecretBuffer::adopt(unhex(object, member));
}
/// The signature key of a hexadecimal seed.
inline crypto::Ed25519KeyPair unhex_signature_key(const Json& object, const char* member) {
  return crypto::Ed25519KeyPair::from_seed(
      crypto::Secret<crypto::kEd25519SeedSize>::copy_of(unhex(object, member)).value());
}
/// Hexadecimal digits, secret or not, as the vectors have them.
inline Json hex(const crypto::SecretBuffer& secret) { return to_hex(secret.reveal()); }
inline Json hex(ByteView bytes) { return to_hex(bytes); }

/// Calls verify(suite, case) for every case of the file `name` whose suite is spoken here; counts the others.
template <typename Verify>
void for_each_case(const std::string& name, const Verify& verify) {
  GODWIT_REQUIRE_VECTORS(name);
  Tally tally(name);
  for (const Json& one : godwit::testing::load_vectors(name)) {
    const CipherSuite* suite = suite_of(one);
    if (suite == nullptr) {
      tally.skip();
      continue;
    }
    tally.run();
    verify(*suite, one);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

}  // namespace godwit::mls::testing
