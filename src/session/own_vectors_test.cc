// Vectors of our own making, as crypto/own_vectors_test.cc: both handshakes with seeded randomness.

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "crypto/random_sources.h"
#include "session/handshake_state.h"

namespace godwit::session {
namespace {

class OwnNoiseVectors : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }

  // Digests of both messages, the handshake hash, and one record each way.
  std::vector<std::string> transcript(std::string_view name, HandshakeKeys client_keys, HandshakeKeys home_keys) {
    auto client = HandshakeState::create(name, true, as_bytes("prologue"), std::move(client_keys), random_);
    auto home = HandshakeState::create(name, false, as_bytes("prologue"), std::move(home_keys), random_);
    const Bytes first = *client->write_message(as_bytes("one"));
    EXPECT_TRUE(home->read_message(first));
    const Bytes second = *home->write_message(as_bytes("two"));
    EXPECT_TRUE(client->read_message(second));
    SplitCiphers ciphers = client->split();
    const auto digest = [](ByteView bytes) { return to_hex(ByteView(crypto::sha256(bytes)).first(8)); };
    return {digest(first), digest(second), to_hex(client->handshake_hash().first(8)),
            to_hex(*ciphers.initiator.encrypt({}, as_bytes("up"))),
            to_hex(*ciphers.responder.encrypt({}, as_bytes("down")))};
  }
  crypto::SeededRandom random_{2026};
};

TEST_F(OwnNoiseVectors, nkhfs) {
  const auto home = crypto::X25519KeyPair::generate(random_);
  HandshakeKeys client_keys;
  client_keys.rs = home.public_key;
  HandshakeKeys home_keys;
  home_keys.s = crypto::X25519KeyPair{home.private_key.clone(), home.public_key};
  const std::vector<std::string> expected{"f3d1fbd67f1bb753", "204c1c44840679b2", "d5d5160e8db3d037",
                                          "6cfdff3b2497e38511ae762bbbc7b7d151fe",
                                          "724cf63933b4427dae63f1aabff395e12c7425f7"};
  EXPECT_EQ(transcript("Noise_NKhfs_25519+MLKEM768_ChaChaPoly_SHA256", std::move(client_keys), std::move(home_keys)),
            expected);
}

TEST_F(OwnNoiseVectors, nnpsk0) {
  const auto psk = crypto::Secret<32>::random(random_);
  HandshakeKeys client_keys;
  client_keys.psks.push_back(psk.clone());
  HandshakeKeys home_keys;
  home_keys.psks.push_back(psk.clone());
  const std::vector<std::string> expected{"407277b8e4255c80", "a01459c8b77f472d", "f3c5dba1d329398f",
                                          "7d78d1a77081076ca00c6a799e7a7a00b3b1",
                                          "1c633a55a558cb1639f8445b3b5c58ec585551d7"};
  EXPECT_EQ(transcript("Noise_NNpsk0_25519_ChaChaPoly_SHA256", std::move(client_keys), std::move(home_keys)), expected);
}

}  // namespace
}  // namespace godwit::session
