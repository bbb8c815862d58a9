// Vectors of our own making: what our code gave, with seeded randomness, when it agreed with all published vectors. They
// hold it to that where those are not at hand (kem_vectors_test.cc, hpke_vectors_test.cc).

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/mlkem768.h"
#include "crypto/random_sources.h"
#include "crypto/xwing.h"

namespace godwit::crypto {
namespace {

class OwnVectors : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(initialise()); }
  static std::string digest(ByteView bytes) { return to_hex(ByteView(sha256(bytes)).first(16)); }
  SeededRandom random_{2026};
};

TEST_F(OwnVectors, mlkem768) {
  const auto pair = MlKem768KeyPair::generate(random_);
  const auto made = mlkem768_encapsulate(pair.public_key, Secret<32>::random(random_));
  ASSERT_TRUE(made);
  EXPECT_EQ(digest(pair.public_key), "e4fe7bcddac0bdc0c48a3d83cca08b97");
  EXPECT_EQ(digest(made->ciphertext), "c86297f914a8c7f59019b07017e1820d");
  EXPECT_EQ(to_hex(made->shared_secret.reveal()), "865240d70ebe2b3fd2feb64b0f66fc4085c9e0e29c0e5d872f920c81e0a3dd7f");
  EXPECT_TRUE(*mlkem768_decapsulate(pair, made->ciphertext) == made->shared_secret);
}

TEST_F(OwnVectors, xwing) {
  const auto pair = XWingKeyPair::generate(random_);
  const auto made = xwing_encapsulate(pair.public_key, Secret<64>::random(random_));
  ASSERT_TRUE(made);
  EXPECT_EQ(digest(pair.public_key), "7369c865e467cb640c5c9d85f2d3606e");
  EXPECT_EQ(digest(made->ciphertext), "4aa87e244c9867a69652e618c41f28a2");
  EXPECT_EQ(to_hex(made->shared_secret.reveal()), "853bb26b0532f022b6c4daf258c0be08fba2ee2629dc72da03b0666a6f8e459d");
  EXPECT_TRUE(*xwing_decapsulate(pair, made->ciphertext) == made->shared_secret);
}

TEST_F(OwnVectors, hpke) {
  const std::pair<const Kem*, std::array<const char*, 2>> cases[] = {
      {&kem_xwing(),
       {"4aa87e244c9867a69652e618c41f28a2d3f1e452179bd8c6a1444ae06a377267402ad22c",
        "15cd890a860c4a9db859d71ed66d88ee9273035b"}},
      {&dhkem_x25519(),
       {"5529dd116e415caa69b836ff39fa948070d1589619ca1232c92dbc9858f21eed8ff90601",
        "26e62b3fe3414040e3fa13679ed25baa5ffcf5ad"}}};
  for (const auto& [kem, expected] : cases) {
    const SecretBuffer key = SecretBuffer::random(random_, 32);
    const auto public_key = kem->public_key(key);
    ASSERT_TRUE(public_key);
    auto sender = hpke_setup_sender({kem, &chacha20_poly1305()}, *public_key, as_bytes("info"), random_);
    ASSERT_TRUE(sender);
    static_cast<void>(sender->context.seal({}, Bytes{1}));
    const Bytes second = *sender->context.seal(as_bytes("associated"), as_bytes("text"));
    EXPECT_EQ(digest(sender->encapsulated_key) + to_hex(second), expected[0]);
    EXPECT_EQ(to_hex(sender->context.export_secret(as_bytes("context"), 20).reveal()), expected[1]);
  }
}

}  // namespace
}  // namespace godwit::crypto
