#include "crypto/hpke.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "crypto/testing/aes128gcm.h"
#include "crypto/testing/fixed_random.h"
#include "crypto/testing/vectors.h"

namespace godwit::crypto {
namespace {

using godwit::testing::unhex;

class Hpke : public ::testing::TestWithParam<const Kem*> {
 protected:
  void SetUp() override { ASSERT_TRUE(initialise()); }
  HpkeSuite suite() const { return {GetParam(), &chacha20_poly1305()}; }
  SecretBuffer private_key() { return GetParam()->derive_private_key(random_.bytes<32>()); }
  SeededRandom random_{11};
};
INSTANTIATE_TEST_SUITE_P(BothKems, Hpke, ::testing::Values(&dhkem_x25519(), &kem_xwing()),
                         [](const auto& kem) { return kem.param->id() == 0x20 ? "x25519" : "xwing"; });

TEST_P(Hpke, what_is_sealed_opens) {
  const SecretBuffer key = private_key();
  const Bytes public_key = *GetParam()->public_key(key);
  EXPECT_EQ(public_key.size(), GetParam()->public_key_size());
  const auto sealed = *hpke_seal(suite(), public_key, as_bytes("info"), as_bytes("ad"), as_bytes("text"), random_);
  EXPECT_EQ(sealed.kem_output.size(), GetParam()->encapsulated_key_size());
  EXPECT_EQ(*hpke_open(suite(), sealed, key, as_bytes("info"), as_bytes("ad")), to_bytes(as_bytes("text")));
}

TEST_P(Hpke, another_info_associated_data_or_key_is_refused) {
  const SecretBuffer key = private_key();
  const auto sealed =
      *hpke_seal(suite(), *GetParam()->public_key(key), as_bytes("info"), as_bytes("ad"), as_bytes("text"), random_);
  EXPECT_FALSE(hpke_open(suite(), sealed, key, as_bytes("other"), as_bytes("ad")));
  EXPECT_FALSE(hpke_open(suite(), sealed, key, as_bytes("info"), as_bytes("da")));
  EXPECT_FALSE(hpke_open(suite(), sealed, private_key(), as_bytes("info"), as_bytes("ad")));
  const HpkeSuite sha512{GetParam(), &chacha20_poly1305(), HpkeKdf::kHkdfSha512};
  EXPECT_FALSE(hpke_open(sha512, sealed, key, as_bytes("info"), as_bytes("ad")));
}

TEST_P(Hpke, keys_and_ciphertexts_of_another_size_are_refused) {
  const SecretBuffer key = private_key();
  const Bytes public_key = *GetParam()->public_key(key);
  const auto sealed = *hpke_seal(suite(), public_key, {}, {}, as_bytes("text"), random_);
  EXPECT_FALSE(hpke_setup_sender(suite(), ByteView(public_key).first(public_key.size() - 1), {}, random_));
  EXPECT_FALSE(hpke_setup_sender(suite(), {}, {}, random_));
  for (const size_t size : {size_t{0}, size_t{1}, sealed.kem_output.size() - 1}) {
    EXPECT_FALSE(hpke_setup_receiver(suite(), ByteView(sealed.kem_output).first(size), key, {})) << size;
  }
  EXPECT_FALSE(hpke_setup_receiver(suite(), sealed.kem_output, SecretBuffer(31), {}));
  EXPECT_EQ(GetParam()->public_key(SecretBuffer(33)).error().code, kBadSize);
}

// Both halves of X-Wing and the only one of X25519 end in a point.
TEST_P(Hpke, the_check_of_a_public_key_refuses_just_what_encapsulating_refuses) {
  const Bytes good = *GetParam()->public_key(private_key());
  const SecretBuffer randomness(GetParam()->encapsulation_random_size());
  size_t refused = 0;
  const auto compare = [&](const Bytes& key) {
    const bool usable = GetParam()->encapsulate(key, randomness).has_value();
    EXPECT_EQ(GetParam()->check_public_key(key).has_value(), usable) << to_hex(key);
    if (!usable) ++refused;
  };
  std::vector<Bytes> points;  // of small order; the neighbours of 0, 1, p - 1, p and p + 1 beside them
  for (uint8_t low = 0; low <= 2; ++low) {
    points.push_back(Bytes(32, 0));
    points.back()[0] = low;
  }
  for (unsigned low = 0xea; low <= 0xff; ++low) {
    points.push_back(Bytes(32, 0xff));
    points.back()[0] = static_cast<uint8_t>(low);
    points.back()[31] = 0x7f;
  }
  points.push_back(unhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"));
  points.push_back(unhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"));
  for (const Bytes& point : points) {
    Bytes key = good;
    std::copy(point.begin(), point.end(), key.end() - 32);
    compare(key);
    key.back() |= 0x80;
    compare(key);
  }
  EXPECT_EQ(refused, 14U);
  compare(good);
  for (const size_t size : {size_t{0}, good.size() - 1, good.size() + 1}) {
    Bytes key = good;
    key.resize(size);
    compare(key);
  }
}

TEST(HpkeKem, the_check_of_an_xwing_key_looks_at_every_coefficient) {
  ASSERT_TRUE(initialise());
  const Kem& kem = kem_xwing();
  const Bytes good = *kem.public_key(kem.derive_private_key(Bytes(32, 1)));
  EXPECT_TRUE(kem.check_public_key(good));
  for (size_t at = 0; at < 768; ++at) {
    for (const unsigned coefficient : {3328U, 3329U}) {
      Bytes key = good;
      const size_t byte = at / 2 * 3;
      if (at % 2 == 0) {
        key[byte] = static_cast<uint8_t>(coefficient);
        key[byte + 1] = static_cast<uint8_t>((key[byte + 1] & 0xf0U) | (coefficient >> 8U));
      } else {
        key[byte + 1] = static_cast<uint8_t>((key[byte + 1] & 0x0fU) | (coefficient << 4U));
        key[byte + 2] = static_cast<uint8_t>(coefficient >> 4U);
      }
      const bool usable = kem.encapsulate(key, SecretBuffer(64)).has_value();
      ASSERT_EQ(usable, coefficient < 3329) << at;
      ASSERT_EQ(kem.check_public_key(key).has_value(), usable) << at;
    }
  }
}

TEST_P(Hpke, messages_open_in_order_and_a_failure_does_not_move_the_sequence) {
  const SecretBuffer key = private_key();
  auto sender = *hpke_setup_sender(suite(), *GetParam()->public_key(key), {}, random_);
  auto receiver = *hpke_setup_receiver(suite(), sender.encapsulated_key, key, {});
  const Bytes first = *sender.context.seal({}, as_bytes("1"));
  const Bytes second = *sender.context.seal({}, as_bytes("2"));
  EXPECT_EQ(receiver.open({}, second).error().code, kBadTag);
  EXPECT_EQ(*receiver.open({}, first), to_bytes(as_bytes("1")));
  EXPECT_FALSE(receiver.open({}, first)) << "a replay";
  EXPECT_EQ(*receiver.open({}, second), to_bytes(as_bytes("2")));
  EXPECT_TRUE(receiver.export_secret(as_bytes("x"), 77) == sender.context.export_secret(as_bytes("x"), 77));
  EXPECT_FALSE(receiver.export_secret(as_bytes("x"), 32) == receiver.export_secret(as_bytes("y"), 32));
}

TEST(HpkeVectors, rfc_9180_x25519_base_case_runs_with_the_aes_of_tests) {
  ASSERT_TRUE(initialise());
  const HpkeSuite suite{&dhkem_x25519(), &testing::aes128gcm()};
  const SecretBuffer key =
      suite.kem->derive_private_key(unhex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"));
  EXPECT_EQ(to_hex(key.reveal()), "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
  testing::FixedRandom random(unhex("7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234"));
  auto sender = *hpke_setup_sender(suite, *suite.kem->public_key(key), as_bytes("Ode on a Grecian Urn"), random);
  EXPECT_EQ(to_hex(sender.encapsulated_key), "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
  EXPECT_EQ(to_hex(*sender.context.seal(as_bytes("Count-0"), as_bytes("Beauty is truth, truth beauty"))),
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a");
  EXPECT_EQ(to_hex(sender.context.export_secret({}, 32).reveal()),
            "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee");
}

TEST(HpkeVectors, hpke_pq_xwing_case_derives_its_key_pair_and_exports) {
  ASSERT_TRUE(initialise());
  const HpkeSuite suite{&kem_xwing(), &chacha20_poly1305()};
  const SecretBuffer key =
      suite.kem->derive_private_key(unhex("b86e76a59fabfc87b30cd7b1f7aaa28a834eb64e7a261c197b9a842893fbce56"));
  EXPECT_EQ(to_hex(key.reveal()), "3ec47fa82dd5689d27c6190e724c74ec8f608df3331ce331929e37b829676630");
  const Bytes public_key = *suite.kem->public_key(key);
  EXPECT_EQ(to_hex(sha256(public_key)), "ad8aaf3f00d8a39bfeec2947a7d5dde68be08bba19bd301a348a45dc5fcc8341");
  testing::FixedRandom
      random(
          unhex("2a1c0a3745fe8a48fb62034d300f54dfe1974a5b2e169e580a8789cb1cf5fd19" "0fc00f3fd899594e01a8b15334b9f3fa03d"
                                                                                   "8de4" "4da86e19f5776850fb689e6c8"));
  const auto sender = *hpke_setup_sender(
      suite, public_key, unhex("34663634363532303666366532303631323034373732363536333639363136653230353537323665"),
      random);
  EXPECT_EQ(to_hex(sender.context.export_secret(as_bytes("pseudorandom0"), 32).reveal()),
            "5a78d37f40e078c17ef43fa40963f1ff7dcdee56e366da9099dc181c3eccaee5");
}

}  // namespace
}  // namespace godwit::crypto
