#pragma once
// Runs vectors file by file, so that every case is passed, failed or skipped with a reason. In test binaries only.
//
// A family is one format of the working group's test-vectors.md; a file belongs to the family whose name begins its own
// (passive-client-random-0003.json: passive-client). A new format is a function here and a row in vectors_test.cc.

#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "mls/testing/support.h"

namespace godwit::mls::testing {

/// One format of vectors.
struct VectorFamily {
  const char* name;
  /// False: cases have no suite of their own, and `verify` gets any.
  bool has_suite;
  /// Checks a case with gtest's EXPECT and ASSERT, whose failures the runner takes; throws for a malformed one.
  void (*verify)(const CipherSuite& suite, const Json& one);
};

/// What became of a file's cases.
struct VectorReport {
  size_t passed = 0;
  std::vector<std::string> failures;      ///< One for each case that failed: which and why.
  std::map<std::string, size_t> skipped;  ///< By reason.
  /// "3 passed, 0 failed, 2 skipped (suite 0x0002: 2)".
  std::string summary() const;
};

/// Runs every case of `text`, the contents of the file `name`. What is not JSON, or no list of cases, is one failure.
VectorReport run_vectors(std::span<const VectorFamily> families, const std::string& name, const std::string& text);

/// The value, or a throw that says what `what` was refused for: vectors come from outside and may be damaged.
template <typename T>
T must(Result<T> result, const std::string& what) {
  if (!result) throw std::runtime_error(what + ": " + result.error().code.name + ": " + result.error().rule);
  return std::move(result).value();
}
inline void must(Status result, const std::string& what) {
  if (!result) throw std::runtime_error(what + ": " + result.error().code.name + ": " + result.error().rule);
}
/// The bytes of a hexadecimal member; throws if it is missing or something else.
inline Bytes hex_bytes(const Json& object, const char* member) {
  Bytes out;
  if (!from_hex(object.at(member).get<std::string>(), out)) throw std::runtime_error(std::string(member) + ": no hex");
  return out;
}
/// The same of a secret.
inline crypto::SecretBuffer hex_secret(const Json& object, const char* member) {
  return crypto::SecretBuffer::adopt(hex_bytes(object, member));
}
/// The same of a signature key's seed.
inline crypto::Ed25519KeyPair hex_signature_key(const Json& object, const char* member) {
  auto seed = crypto::Secret<crypto::kEd25519SeedSize>::copy_of(hex_bytes(object, member));
  return crypto::Ed25519KeyPair::from_seed(must(std::move(seed), member));
}
/// A number; throws if it is missing, negative or larger than T holds.
template <typename T>
T number(const Json& object, const char* member) {
  const Json& value = object.at(member);
  if (!value.is_number_unsigned() || value.get<uint64_t>() > std::numeric_limits<T>::max()) {
    throw std::runtime_error(std::string(member) + ": no such number");
  }
  return value.get<T>();
}
/// A "length" that expand_with_label takes in every suite.
inline size_t size_of(const Json& object) {
  const size_t size = number<size_t>(object, "length");
  if (size > 255 * suite_0x0003().hash_size()) throw std::runtime_error("length: too large");
  return size;
}
/// The T that a hexadecimal member encodes; throws if it does not.
template <typename T>
T hex_decoded(const Json& object, const char* member) {
  return must(codec::decoded<T>(hex_bytes(object, member)), member);
}

// The families, each beside the others of its chapter.
void verify_tree_math(const CipherSuite& suite, const Json& one);
void verify_deserialization(const CipherSuite& suite, const Json& one);
void verify_messages(const CipherSuite& suite, const Json& one);
void verify_crypto_basics(const CipherSuite& suite, const Json& one);
void verify_secret_tree(const CipherSuite& suite, const Json& one);
void verify_key_schedule(const CipherSuite& suite, const Json& one);
void verify_psk_secret(const CipherSuite& suite, const Json& one);
void verify_transcript_hashes(const CipherSuite& suite, const Json& one);
void verify_message_protection(const CipherSuite& suite, const Json& one);
void verify_welcome(const CipherSuite& suite, const Json& one);
void verify_tree_operations(const CipherSuite& suite, const Json& one);
void verify_tree_validation(const CipherSuite& suite, const Json& one);
void verify_treekem(const CipherSuite& suite, const Json& one);
void verify_passive_client(const CipherSuite& suite, const Json& one);

}  // namespace godwit::mls::testing
