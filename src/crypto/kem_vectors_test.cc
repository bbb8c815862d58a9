// ML-KEM-768 against NIST's ACVP and C2SP's CCTV, X-Wing against its draft. Where a case gives an expanded ML-KEM
// key, which our interface does not take, libsodium is asked directly.

#include <sodium.h>

#include <cstdio>
#include <map>
#include <sstream>

#include "crypto/mlkem768.h"
#include "crypto/random_sources.h"
#include "crypto/secret.h"
#include "crypto/testing/vectors.h"
#include "crypto/xwing.h"

namespace godwit::crypto {
namespace {

using godwit::testing::Json;
using godwit::testing::Tally;
using godwit::testing::digits;
using godwit::testing::unhex;

class KemVectors : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(initialise()); }
};

template <size_t N>
Secret<N> secret(const Bytes& bytes) {
  auto out = Secret<N>::copy_of(bytes);
  EXPECT_TRUE(out);
  return std::move(out).value_or(Secret<N>());
}

Bytes expanded_key(const Bytes& seed) {
  Bytes public_key(crypto_kem_mlkem768_PUBLICKEYBYTES);
  Bytes out(crypto_kem_mlkem768_SECRETKEYBYTES);
  EXPECT_EQ(crypto_kem_mlkem768_seed_keypair(public_key.data(), out.data(), seed.data()), 0);
  return out;
}

Bytes decapsulate_expanded(const Bytes& key, const Bytes& ciphertext) {
  Bytes out(crypto_kem_mlkem768_SHAREDSECRETBYTES);
  EXPECT_EQ(crypto_kem_mlkem768_dec(out.data(), ciphertext.data(), key.data()), 0);
  return out;
}

void check_encapsulation(const Bytes& public_key, const Bytes& m, const Bytes& ciphertext, const Bytes& shared) {
  const auto made = mlkem768_encapsulate(public_key, secret<32>(m));
  ASSERT_TRUE(made);
  EXPECT_EQ(to_bytes(made->ciphertext), ciphertext);
  EXPECT_EQ(to_bytes(made->shared_secret.reveal()), shared);
}

TEST_F(KemVectors, acvp_key_generation) {
  GODWIT_REQUIRE_VECTORS("mlkem768/acvp-keyGen.json");
  Tally tally("mlkem768/acvp-keyGen.json");
  for (const Json& item : godwit::testing::load_vectors("mlkem768/acvp-keyGen.json")) {
    tally.run();
    Bytes seed = unhex(item, "d");
    append(seed, unhex(item, "z"));
    EXPECT_EQ(to_bytes(MlKem768KeyPair::from_seed(secret<64>(seed)).public_key), unhex(item, "ek"));
    EXPECT_EQ(expanded_key(seed), unhex(item, "dk"));
  }
}

TEST_F(KemVectors, acvp_encapsulation_and_decapsulation) {
  GODWIT_REQUIRE_VECTORS("mlkem768/acvp-encapDecap.json");
  Tally tally("mlkem768/acvp-encapDecap.json");
  for (const Json& item : godwit::testing::load_vectors("mlkem768/acvp-encapDecap.json")) {
    if (digits(item, "function") == "encapsulation") {
      tally.run();
      check_encapsulation(unhex(item, "ek"), unhex(item, "m"), unhex(item, "c"), unhex(item, "k"));
    } else if (digits(item, "function") == "decapsulation") {
      tally.run();
      EXPECT_EQ(decapsulate_expanded(unhex(item, "dk"), unhex(item, "c")), unhex(item, "k"));
    } else {
      tally.skip();
    }
  }
}

/// The lines "name = hex" of one of CCTV's text files; the first of each name.
std::map<std::string, std::string> cctv(const std::string& name) {
  std::map<std::string, std::string> out;
  std::istringstream text(godwit::testing::read_file(godwit::testing::vector_path(name)));
  for (std::string line; std::getline(text, line);) {
    const size_t at = line.find(" = ");
    if (at != std::string::npos) out.emplace(line.substr(0, at), line.substr(at + 3));
  }
  return out;
}

// Of these two files only the keys as they stand are of use: their d is expanded as in the draft of FIPS 203, without
// the rank k in G(d || k) (FIPS 203 §5.1, algorithm 13), so the standard makes another key of it.
void check_cctv_key(const std::string& name) {
  auto item = cctv(name);
  check_encapsulation(unhex(item["ek"]), unhex(item["m"]), unhex(item["c"]), unhex(item["K"]));
  EXPECT_EQ(to_hex(decapsulate_expanded(unhex(item["dk"]), unhex(item["c"]))), item["K"]);
}

TEST_F(KemVectors, cctv_unlucky_sampling) {
  GODWIT_REQUIRE_VECTORS("mlkem768/cctv-unluckysample.txt");
  check_cctv_key("mlkem768/cctv-unluckysample.txt");
}

TEST_F(KemVectors, cctv_intermediate_values) {
  GODWIT_REQUIRE_VECTORS("mlkem768/cctv-intermediate.txt");
  check_cctv_key("mlkem768/cctv-intermediate.txt");
}

TEST_F(KemVectors, cctv_strcmp) {
  GODWIT_REQUIRE_VECTORS("mlkem768/cctv-strcmp.txt");
  auto item = cctv("mlkem768/cctv-strcmp.txt");
  EXPECT_EQ(to_hex(decapsulate_expanded(unhex(item["dk"]), unhex(item["c"]))), item["K"]);
}

TEST_F(KemVectors, cctv_keys_above_the_modulus_are_all_refused) {
  GODWIT_REQUIRE_VECTORS("mlkem768/cctv-modulus.txt.gz");
  const std::string command = "gzip -dc '" + godwit::testing::vector_path("mlkem768/cctv-modulus.txt.gz").string() + "'";
  FILE* pipe = popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text.push_back(static_cast<char>(c));
  ASSERT_EQ(pclose(pipe), 0);
  Tally tally("mlkem768/cctv-modulus.txt.gz");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    tally.run();
    const auto refused = mlkem768_encapsulate(unhex(line), Secret<32>());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, kBadPublicKey);
  }
}

TEST_F(KemVectors, xwing_draft) {
  GODWIT_REQUIRE_VECTORS("xwing/xwing-draft.json");
  Tally tally("xwing/xwing-draft.json");
  for (const Json& item : godwit::testing::load_vectors("xwing/xwing-draft.json")) {
    tally.run();
    const auto pair = XWingKeyPair::from_seed(secret<32>(unhex(item, "seed")));
    EXPECT_EQ(to_hex(pair.public_key), digits(item, "pk"));
    EXPECT_EQ(to_hex(pair.seed.reveal()), digits(item, "sk"));
    const auto made = xwing_encapsulate(pair.public_key, secret<64>(unhex(item, "eseed")));
    ASSERT_TRUE(made);
    EXPECT_EQ(to_hex(made->ciphertext), digits(item, "ct"));
    EXPECT_EQ(to_hex(made->shared_secret.reveal()), digits(item, "ss"));
    const auto opened = xwing_decapsulate(pair, unhex(item, "ct"));
    ASSERT_TRUE(opened);
    EXPECT_EQ(to_hex(opened->reveal()), digits(item, "ss"));
  }
}

}  // namespace
}  // namespace godwit::crypto
