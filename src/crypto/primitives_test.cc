// The primitives against a few published values, so that something is checked where no vector files are at hand.

#include <gtest/gtest.h>

#include "crypto/aead.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/mlkem768.h"
#include "crypto/password.h"
#include "crypto/random_sources.h"
#include "crypto/testing/vectors.h"
#include "crypto/x25519.h"
#include "crypto/xwing.h"

namespace godwit::crypto {
namespace {

using godwit::testing::unhex;

class Primitives : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(initialise()); }
  SeededRandom random_{7};
};

TEST_F(Primitives, hashes_of_abc_are_those_of_fips_180_4) {
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha512(as_bytes("abc"))).substr(0, 32), "ddaf35a193617abacc417349ae204131");
  EXPECT_EQ(to_hex(blake2b(as_bytes("abc"))).substr(0, 32), "ba80a53f981c4d0d6a2797b69f12f6e9");
  EXPECT_EQ(to_hex(sha256({})).substr(0, 16), "e3b0c44298fc1c14");
}

TEST_F(Primitives, sha256_in_pieces_equals_sha256_at_once_and_copies_go_on_alone) {
  const Bytes data = to_bytes(random_.bytes<200>());
  Sha256 first;
  first.update(ByteView(data).first(70));
  Sha256 second = first;
  second.update(as_bytes("other"));
  first.update(ByteView(data).subspan(70));
  EXPECT_EQ(first.finish(), sha256(data));
  EXPECT_NE(second.finish(), sha256(data));
}

TEST_F(Primitives, shake256_of_nothing_is_that_of_fips_202) {
  ByteArray<32> out;
  shake256({}, out);
  EXPECT_EQ(to_hex(out), "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f");
}

TEST_F(Primitives, hkdf_matches_rfc_5869_case_1) {
  const auto prk = hkdf_extract(unhex("000102030405060708090a0b0c"), Bytes(22, 0x0b));
  EXPECT_EQ(to_hex(prk.reveal()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  Bytes out(42);
  hkdf_expand(prk.reveal(), unhex("f0f1f2f3f4f5f6f7f8f9"), out);
  EXPECT_EQ(to_hex(out), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST_F(Primitives, hkdf_with_an_empty_salt_uses_zeros) {
  EXPECT_TRUE(hkdf_extract({}, as_bytes("ikm")) == hkdf_extract(Bytes(32, 0), as_bytes("ikm")));
  EXPECT_TRUE(hkdf_sha512_extract({}, as_bytes("ikm")) == hkdf_sha512_extract(Bytes(64, 0), as_bytes("ikm")));
}

TEST_F(Primitives, x25519_matches_rfc_7748_section_6_1) {
  const auto alice = X25519KeyPair::from_private(
      *X25519PrivateKey::copy_of(unhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")));
  X25519PublicKey bob{};
  std::ranges::copy(unhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"), bob.begin());
  EXPECT_EQ(to_hex(x25519(alice.private_key, bob)->reveal()),
            "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

TEST_F(Primitives, x25519_refuses_a_key_of_small_order) {
  const auto own = X25519KeyPair::generate(random_);
  const auto refused = x25519(own.private_key, X25519PublicKey{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, kBadPublicKey);
}

TEST_F(Primitives, x25519_is_the_same_from_both_sides) {
  const auto a = X25519KeyPair::generate(random_);
  const auto b = X25519KeyPair::generate(random_);
  EXPECT_TRUE(*x25519(a.private_key, b.public_key) == *x25519(b.private_key, a.public_key));
}

TEST_F(Primitives, ed25519_matches_a_published_key_of_rfc_8032) {
  const auto pair = Ed25519KeyPair::from_seed(
      *Secret<32>::copy_of(unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")));
  EXPECT_EQ(to_hex(pair.public_key), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST_F(Primitives, ed25519_signatures_verify_and_every_change_is_refused) {
  const auto pair = Ed25519KeyPair::generate(random_);
  const Bytes message = to_bytes(random_.bytes<50>());
  const Ed25519Signature signature = pair.sign(message);
  EXPECT_TRUE(ed25519_verify(pair.public_key, message, signature));
  EXPECT_EQ(signature, pair.clone().sign(message)) << "signatures are deterministic";
  for (size_t i = 0; i < signature.size(); ++i) {
    Ed25519Signature changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(ed25519_verify(pair.public_key, message, changed)) << i;
  }
  EXPECT_FALSE(ed25519_verify(pair.public_key, ByteView(message).first(49), signature));
  EXPECT_FALSE(ed25519_verify(ByteView(pair.public_key).first(31), message, signature));
  EXPECT_FALSE(ed25519_verify(pair.public_key, message, ByteView(signature).first(63)));
  EXPECT_TRUE(ed25519_verify(pair.public_key, {}, pair.sign({}))) << "an empty message can be signed";
}

TEST_F(Primitives, aead_matches_rfc_8439_section_2_8_2) {
  const auto key = *AeadKey::copy_of(unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  const AeadNonce nonce{7, 0, 0, 0, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47};
  const Bytes aad = unhex("50515253c0c1c2c3c4c5c6c7");
  const auto text = as_bytes(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
      "it.");
  const Bytes sealed = aead_seal(key, nonce, aad, text);
  EXPECT_EQ(to_hex(ByteView(sealed).last(16)), "1ae10b594f09e26a7e902ecbd0600691");
  EXPECT_EQ(to_hex(ByteView(sealed).first(8)), "d31a8d34648e60db");
  EXPECT_EQ(*aead_open(key, nonce, aad, sealed), to_bytes(text));
  EXPECT_EQ(sealed, chacha20_poly1305().seal(key.reveal(), nonce, aad, text));
}

TEST_F(Primitives, aead_refuses_every_change_and_every_truncation) {
  const auto key = AeadKey::random(random_);
  const AeadNonce nonce = random_.bytes<12>();
  const Bytes sealed = aead_seal(key, nonce, as_bytes("ad"), as_bytes("plain"));
  for (size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 1;
    const auto refused = aead_open(key, nonce, as_bytes("ad"), changed);
    ASSERT_FALSE(refused) << i;
    EXPECT_EQ(refused.error().code, kBadTag);
    EXPECT_FALSE(aead_open(key, nonce, as_bytes("ad"), ByteView(sealed).first(i))) << i;
  }
  EXPECT_FALSE(aead_open(key, nonce, as_bytes("da"), sealed));
}

TEST_F(Primitives, an_empty_plaintext_is_sealed_and_opened) {
  const auto key = AeadKey::random(random_);
  EXPECT_EQ(*aead_open(key, AeadNonce{}, {}, aead_seal(key, AeadNonce{}, {}, {})), Bytes{});
  EXPECT_EQ(*box_open(key, {}, box_seal(key, random_, {}, {})), Bytes{});
}

TEST_F(Primitives, boxes_open_and_every_change_is_refused) {
  const auto key = AeadKey::random(random_);
  const Bytes box = box_seal(key, random_, as_bytes("ad"), as_bytes("plain"));
  EXPECT_EQ(box.size(), kXAeadNonceSize + 5 + kAeadTagSize);
  EXPECT_EQ(*box_open(key, as_bytes("ad"), box), to_bytes(as_bytes("plain")));
  for (size_t i = 0; i < box.size(); ++i) {
    Bytes changed = box;
    changed[i] ^= 1;
    EXPECT_FALSE(box_open(key, as_bytes("ad"), changed)) << i;
    EXPECT_FALSE(box_open(key, as_bytes("ad"), ByteView(box).first(i))) << i;
  }
  EXPECT_NE(box, box_seal(key, random_, as_bytes("ad"), as_bytes("plain"))) << "the nonce is fresh each time";
}

TEST_F(Primitives, mlkem768_key_of_a_seed_is_that_of_acvp_case_27) {
  const auto pair = MlKem768KeyPair::from_seed(*Secret<64>::copy_of(
      unhex("444f032dd19ae7518c4b35b0732a41dc567845aba8bd7b04a9c413a0cf2de0b5"
            "df0f282411f4a071489a8f618e2ae5aef40131cac5233d6d731522720c2feb1c")));
  EXPECT_EQ(to_hex(sha256(pair.public_key)), "9d027d1bffe13e5b754e793c6b54f92ce2f12858a3bf74421eba8622cd911670");
}

TEST_F(Primitives, mlkem768_round_trips_and_rejects_implicitly) {
  const auto pair = MlKem768KeyPair::generate(random_);
  const auto made = *mlkem768_encapsulate(pair.public_key, Secret<32>::random(random_));
  EXPECT_TRUE(*mlkem768_decapsulate(pair, made.ciphertext) == made.shared_secret);
  MlKem768Ciphertext changed = made.ciphertext;
  changed[0] ^= 1;
  EXPECT_FALSE(*mlkem768_decapsulate(pair, changed) == made.shared_secret);
  EXPECT_EQ(mlkem768_decapsulate(pair, ByteView(made.ciphertext).first(1087)).error().code, kBadSize);
}

TEST_F(Primitives, mlkem768_refuses_keys_of_another_size_or_above_the_modulus) {
  auto pair = MlKem768KeyPair::generate(random_);
  const auto m = Secret<32>::random(random_);
  EXPECT_EQ(mlkem768_encapsulate(ByteView(pair.public_key).first(1183), m).error().code, kBadPublicKey);
  pair.public_key[0] = pair.public_key[1] = 0xff;  // the first coefficient becomes 4095, above 3328
  EXPECT_EQ(mlkem768_encapsulate(pair.public_key, m).error().code, kBadPublicKey);
}

TEST_F(Primitives, xwing_matches_the_first_case_of_its_draft) {
  const auto pair = XWingKeyPair::from_seed(
      *Secret<32>::copy_of(unhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")));
  EXPECT_EQ(to_hex(sha256(pair.public_key)), "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb");
  const auto eseed = *Secret<64>::copy_of(
      unhex("3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2"
            "35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2"));
  const auto made = *xwing_encapsulate(pair.public_key, eseed);
  EXPECT_EQ(to_hex(sha256(made.ciphertext)), "17cd532d657e44c897ca6583e548a5424fc70bf54f99515a4d2bcf99e3469f33");
  EXPECT_EQ(to_hex(made.shared_secret.reveal()), "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384");
  EXPECT_TRUE(*xwing_decapsulate(pair, made.ciphertext) == made.shared_secret);
  EXPECT_EQ(xwing_decapsulate(pair, ByteView(made.ciphertext).first(1119)).error().code, kBadSize);
  EXPECT_EQ(xwing_encapsulate(ByteView(pair.public_key).first(1215), eseed).error().code, kBadPublicKey);
}

TEST_F(Primitives, password_keys_depend_on_password_salt_and_cost) {
  const ByteArray<16> salt = random_.bytes<16>();
  const auto key = *password_key("correct horse", salt, kPasswordCostTest);
  EXPECT_TRUE(key == *password_key("correct horse", salt, kPasswordCostTest));
  EXPECT_FALSE(key == *password_key("correct horsf", salt, kPasswordCostTest));
  EXPECT_FALSE(key == *password_key("correct horse", random_.bytes<16>(), kPasswordCostTest));
  EXPECT_FALSE(key == *password_key("correct horse", salt, {2, 8}));
  EXPECT_TRUE(password_key("", salt, kPasswordCostTest)) << "an empty password is a password";
}

TEST_F(Primitives, password_costs_out_of_range_are_refused) {
  const ByteArray<16> salt{};
  for (const PasswordCost cost : {PasswordCost{0, 8}, PasswordCost{kPasswordPassesMax + 1, 8}, PasswordCost{1, 7},
                                  PasswordCost{1, kPasswordMemoryKibMax + 1}, PasswordCost{UINT32_MAX, UINT32_MAX}}) {
    EXPECT_EQ(password_key("x", salt, cost).error().code, kBadSize) << cost.passes << " " << cost.memory_kib;
  }
}

TEST_F(Primitives, seeded_random_depends_on_the_seed_and_not_on_how_it_is_cut) {
  SeededRandom whole(42);
  SeededRandom cut(42);
  const auto expected = whole.bytes<300>();
  Bytes got;
  for (const size_t size : {size_t{1}, size_t{63}, size_t{64}, size_t{65}, size_t{0}, size_t{107}}) {
    Bytes part(size);
    cut.fill(part);
    append(got, part);
  }
  EXPECT_EQ(to_hex(got), to_hex(expected));
  EXPECT_NE(SeededRandom(43).bytes<32>(), SeededRandom(42).bytes<32>());
}

TEST_F(Primitives, system_random_gives_something_else_each_time) {
  SystemRandom random;
  EXPECT_NE(random.bytes<32>(), random.bytes<32>());
}

}  // namespace
}  // namespace godwit::crypto
