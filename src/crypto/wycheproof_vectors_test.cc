// Wycheproof's edge cases of every primitive that is used.

#include <sodium.h>

#include <functional>

#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/mlkem768.h"
#include "crypto/random_sources.h"
#include "crypto/testing/aes128gcm.h"
#include "crypto/testing/vectors.h"
#include "crypto/x25519.h"

namespace godwit::crypto {
namespace {

using godwit::testing::Json;
using godwit::testing::digits;
using godwit::testing::unhex;

/// True if the case was run, false if it is of a kind that our interface cannot be given.
using Check = std::function<bool(const Json& group, const Json& test)>;

void run_file(const std::string& file, const Check& check) {
  ASSERT_TRUE(initialise());
  const std::string name = "wycheproof/" + file;
  godwit::testing::Tally tally(name);
  const Json file_content = godwit::testing::load_vectors(name);
  for (const Json& group : file_content["testGroups"]) {
    for (const Json& test : group["tests"]) {
      SCOPED_TRACE(name + " tcId " + test["tcId"].dump());
      check(group, test) ? tally.run() : tally.skip();
    }
  }
}

size_t bits(const Json& group, const char* member) { return group[member].get<size_t>(); }

bool valid(const Json& test) { return digits(test, "result") == "valid"; }

template <size_t N>
ByteArray<N> array(const Bytes& bytes) {
  ByteArray<N> out{};
  EXPECT_EQ(bytes.size(), N);
  std::copy_n(bytes.begin(), std::min(bytes.size(), N), out.begin());
  return out;
}

TEST(Wycheproof, x25519) {
  GODWIT_REQUIRE_VECTORS("wycheproof/x25519.json");
  run_file("x25519.json", [](const Json&, const Json& test) {
    const auto key = *X25519PrivateKey::copy_of(unhex(test, "private"));
    const auto shared = x25519(key, array<32>(unhex(test, "public")));
    // "acceptable" covers what RFC 7748 allows to refuse: an all-zero result is, the others give the shared secret.
    if (unhex(test, "shared") == Bytes(32, 0)) {
      EXPECT_FALSE(shared);
    } else {
      EXPECT_TRUE(shared);
      if (shared) {
        EXPECT_EQ(to_hex(shared->reveal()), digits(test, "shared"));
      }
    }
    return true;
  });
}

TEST(Wycheproof, ed25519) {
  GODWIT_REQUIRE_VECTORS("wycheproof/ed25519.json");
  run_file("ed25519.json", [](const Json& group, const Json& test) {
    const Bytes key = unhex(group["publicKey"], "pk");
    EXPECT_EQ(ed25519_verify(key, unhex(test, "msg"), unhex(test, "sig")).has_value(), valid(test));
    return true;
  });
}

Bytes joined(const Json& test, const char* first, const char* second) {
  Bytes out = unhex(test, first);
  append(out, unhex(test, second));
  return out;
}

bool check_aead(const Aead& aead, const Json& group, const Json& test) {
  if (bits(group, "ivSize") != 96 || bits(group, "tagSize") != 128 || bits(group, "keySize") != 8 * aead.key_size()) return false;
  const Bytes key = unhex(test, "key");
  const Bytes nonce = unhex(test, "iv");
  const auto opened = aead.open(key, nonce, unhex(test, "aad"), joined(test, "ct", "tag"));
  EXPECT_EQ(opened.has_value(), valid(test));
  if (!opened) return true;
  EXPECT_EQ(to_hex(*opened), digits(test, "msg"));
  EXPECT_EQ(aead.seal(key, nonce, unhex(test, "aad"), unhex(test, "msg")), joined(test, "ct", "tag"));
  return true;
}

TEST(Wycheproof, chacha20_poly1305) {
  GODWIT_REQUIRE_VECTORS("wycheproof/chacha20_poly1305.json");
  run_file("chacha20_poly1305.json", [](const Json& group, const Json& test) {
    return check_aead(chacha20_poly1305(), group, test);
  });
}

TEST(Wycheproof, aes_128_gcm_of_tests) {
  GODWIT_REQUIRE_VECTORS("wycheproof/aes_gcm.json");
  run_file("aes_gcm.json",
           [](const Json& group, const Json& test) { return check_aead(testing::aes128gcm(), group, test); });
}

TEST(Wycheproof, xchacha20_poly1305_boxes) {
  GODWIT_REQUIRE_VECTORS("wycheproof/xchacha20_poly1305.json");
  run_file("xchacha20_poly1305.json", [](const Json& group, const Json& test) {
    if (bits(group, "ivSize") != 192 || bits(group, "tagSize") != 128) return false;
    Bytes box = unhex(test, "iv");
    append(box, joined(test, "ct", "tag"));
    const auto opened = box_open(*AeadKey::copy_of(unhex(test, "key")), unhex(test, "aad"), box);
    EXPECT_EQ(opened.has_value(), valid(test));
    if (opened) {
      EXPECT_EQ(to_hex(*opened), digits(test, "msg"));
    }
    return true;
  });
}

TEST(Wycheproof, hkdf_sha256) {
  GODWIT_REQUIRE_VECTORS("wycheproof/hkdf_sha256.json");
  run_file("hkdf_sha256.json", [](const Json&, const Json& test) {
    const size_t size = test["size"].get<size_t>();
    // More than 255 blocks is a fault of the caller here: it ends the program.
    if (size > 255 * kSha256Size) return false;
    Bytes out(size);
    hkdf_expand(hkdf_extract(unhex(test, "salt"), unhex(test, "ikm")).reveal(), unhex(test, "info"), out);
    EXPECT_EQ(to_hex(out) == digits(test, "okm"), valid(test));
    return true;
  });
}

TEST(Wycheproof, hmac_sha256) {
  GODWIT_REQUIRE_VECTORS("wycheproof/hmac_sha256.json");
  run_file("hmac_sha256.json", [](const Json& group, const Json& test) {
    const Sha256Digest full = hmac_sha256(unhex(test, "key"), unhex(test, "msg"));
    const size_t size = bits(group, "tagSize") / 8;
    EXPECT_EQ(to_hex(ByteView(full).first(size)) == digits(test, "tag"), valid(test));
    return true;
  });
}

TEST(Wycheproof, mlkem_768) {
  GODWIT_REQUIRE_VECTORS("wycheproof/mlkem_768.json");
  run_file("mlkem_768.json", [](const Json&, const Json& test) {
    auto seed = Secret<64>::copy_of(unhex(test, "seed"));
    if (!seed) {
      EXPECT_FALSE(valid(test));
      return true;
    }
    const auto pair = MlKem768KeyPair::from_seed(*std::move(seed));
    const auto shared = mlkem768_decapsulate(pair, unhex(test, "c"));
    EXPECT_EQ(shared.has_value(), valid(test));
    if (!shared) return true;
    EXPECT_EQ(to_hex(pair.public_key), digits(test, "ek"));
    EXPECT_EQ(to_hex(shared->reveal()), digits(test, "K"));
    return true;
  });
}

TEST(Wycheproof, mlkem_768_encapsulation) {
  GODWIT_REQUIRE_VECTORS("wycheproof/mlkem_768_encaps.json");
  run_file("mlkem_768_encaps.json", [](const Json&, const Json& test) {
    const auto m = Secret<32>::copy_of(unhex(test, "m"));
    if (!m) {
      EXPECT_FALSE(valid(test));
      return true;
    }
    const auto made = mlkem768_encapsulate(unhex(test, "ek"), *m);
    EXPECT_EQ(made.has_value(), valid(test));
    if (!made) return true;
    EXPECT_EQ(to_hex(made->ciphertext), digits(test, "c"));
    EXPECT_EQ(to_hex(made->shared_secret.reveal()), digits(test, "K"));
    return true;
  });
}

TEST(Wycheproof, mlkem_768_key_generation) {
  GODWIT_REQUIRE_VECTORS("wycheproof/mlkem_768_keygen_seed.json");
  run_file("mlkem_768_keygen_seed.json", [](const Json&, const Json& test) {
    auto seed = Secret<64>::copy_of(unhex(test, "seed"));
    EXPECT_EQ(seed.has_value(), valid(test));
    if (seed) {
      EXPECT_EQ(to_hex(MlKem768KeyPair::from_seed(*std::move(seed)).public_key), digits(test, "ek"));
    }
    return true;
  });
}

TEST(Wycheproof, mlkem_768_decapsulation_with_expanded_keys) {
  GODWIT_REQUIRE_VECTORS("wycheproof/mlkem_768_semi_expanded_decaps.json");
  // Expanded keys never enter this program; what is checked is libsodium, for the cases whose sizes it can be given.
  // It does not check the hash inside such a key (FIPS 203 §7.3), hence only valid cases are compared.
  run_file("mlkem_768_semi_expanded_decaps.json", [](const Json&, const Json& test) {
    const Bytes key = unhex(test, "dk");
    const Bytes ciphertext = unhex(test, "c");
    if (!valid(test)) return false;
    Bytes shared(32);
    EXPECT_EQ(crypto_kem_mlkem768_dec(shared.data(), ciphertext.data(), key.data()), 0);
    EXPECT_EQ(to_hex(shared), digits(test, "K"));
    return true;
  });
}

}  // namespace
}  // namespace godwit::crypto
