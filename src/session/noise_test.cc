// Noise's parts where no vector files are at hand; see also noise_vectors_test.cc.

#include <gtest/gtest.h>

#include "crypto/random_sources.h"
#include "session/errors.h"
#include "session/handshake_state.h"

namespace godwit::session {
namespace {

std::string text_of(const HandshakePattern& pattern) {
  constexpr const char* kNames[] = {"e", "s", "ee", "es", "se", "ss", "psk", "e1", "ekem1"};
  std::string out;
  for (const MessagePattern& message : pattern.messages) {
    if (!out.empty()) out += " / ";
    for (const Token token : message) out += std::string(out.empty() || out.back() == ' ' ? "" : " ") + kNames[static_cast<size_t>(token)];
  }
  return out;
}

std::string tokens(std::string_view name) {
  const auto protocol = parse_protocol_name(name);
  EXPECT_TRUE(protocol) << name;
  return protocol ? text_of(protocol->pattern) : "";
}

TEST(NoisePattern, ours_have_the_tokens_of_the_document) {
  EXPECT_EQ(tokens("Noise_NKhfs_25519+MLKEM768_ChaChaPoly_SHA256"), "e es e1 / e ee ekem1");
  EXPECT_EQ(tokens("Noise_NNpsk0_25519_ChaChaPoly_SHA256"), "psk e / e ee");
}

TEST(NoisePattern, modifiers_combine) {
  EXPECT_EQ(tokens("Noise_XXpsk0+psk3_25519_ChaChaPoly_BLAKE2b"), "psk e / e ee s es / s se psk");
  EXPECT_EQ(tokens("Noise_XKhfs+psk3_25519+MLKEM768_ChaChaPoly_SHA512"), "e es e1 / e ee ekem1 / s se psk");
}

TEST(NoisePattern, names_of_other_protocols_are_refused) {
  for (const std::string_view name :
       {"", "Noise", "Noise_NN_25519_ChaChaPoly_SHA25", "Noise_NN_448_ChaChaPoly_SHA256", "Noise_NN_25519_AESGCM_SHA256",
        "Noise_QQ_25519_ChaChaPoly_SHA256", "Noise_NNpsk9_25519_ChaChaPoly_SHA256", "Noise_NNfoo_25519_ChaChaPoly_SHA256",
        "Noise_NNhfs_25519_ChaChaPoly_SHA256", "Noise_NN_25519+MLKEM768_ChaChaPoly_SHA256",
        "Noise_Nhfs_25519+MLKEM768_ChaChaPoly_SHA256", "Noise_NNpsk3_25519_ChaChaPoly_SHA256"}) {
    EXPECT_FALSE(parse_protocol_name(name)) << name;
  }
}

class Noise : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(crypto::initialise()); }
  crypto::SeededRandom random_{12};
};

TEST_F(Noise, a_failed_decryption_leaves_the_counter) {
  CipherState sender(crypto::AeadKey{});
  CipherState receiver(crypto::AeadKey{});
  const Bytes sealed = *sender.encrypt({}, Bytes{1, 2, 3});
  Bytes changed = sealed;
  changed[0] ^= 1;
  EXPECT_EQ(receiver.decrypt({}, changed).error().code, kBadRecord);
  EXPECT_EQ(receiver.nonce(), 0U);
  EXPECT_EQ(*receiver.decrypt({}, sealed), (Bytes{1, 2, 3}));
}

TEST_F(Noise, rekey_changes_the_key_and_keeps_the_counter) {
  CipherState sender(crypto::AeadKey{});
  CipherState receiver(crypto::AeadKey{});
  ASSERT_TRUE(receiver.decrypt({}, *sender.encrypt({}, {})));
  sender.rekey();
  EXPECT_EQ(sender.nonce(), 1U);
  const Bytes sealed = *sender.encrypt({}, Bytes{1});
  EXPECT_FALSE(receiver.decrypt({}, sealed));
  receiver.rekey();
  EXPECT_TRUE(receiver.decrypt({}, sealed));
}

TEST_F(Noise, a_message_of_a_small_order_key_is_refused) {
  HandshakeKeys none;
  auto responder = *HandshakeState::create("Noise_NN_25519_ChaChaPoly_SHA256", false, {}, std::move(none), random_);
  ASSERT_TRUE(responder.read_message(Bytes(32)));
  EXPECT_EQ(responder.write_message({}).error().code, kBadHandshake);
}

TEST_F(Noise, an_mlkem_key_above_the_modulus_is_refused) {
  // NNhfs sends the KEM key in the clear, so anybody can put there what he likes.
  auto responder =
      *HandshakeState::create("Noise_NNhfs_25519+MLKEM768_ChaChaPoly_SHA256", false, {}, HandshakeKeys{}, random_);
  Bytes message = to_bytes(crypto::X25519KeyPair::generate(random_).public_key);
  message.resize(32 + crypto::kMlKem768PublicKeySize, 0xff);
  ASSERT_TRUE(responder.read_message(message));
  EXPECT_EQ(responder.write_message({}).error().code, kBadHandshake);
}

TEST_F(Noise, truncated_messages_are_refused) {
  auto pair = crypto::X25519KeyPair::generate(random_);
  HandshakeKeys client_keys;
  client_keys.rs = pair.public_key;
  auto client = *HandshakeState::create("Noise_NKhfs_25519+MLKEM768_ChaChaPoly_SHA256", true, {},
                                        std::move(client_keys), random_);
  const Bytes message = *client.write_message({});
  EXPECT_EQ(message.size(), 1248U);
  for (size_t size = 0; size < message.size(); size += 31) {
    HandshakeKeys keys;
    keys.s = crypto::X25519KeyPair{pair.private_key.clone(), pair.public_key};
    auto home = *HandshakeState::create("Noise_NKhfs_25519+MLKEM768_ChaChaPoly_SHA256", false, {}, std::move(keys),
                                        random_);
    EXPECT_EQ(home.read_message(ByteView(message).first(size)).error().code, kBadHandshake) << size;
  }
}

TEST_F(Noise, the_exporter_is_the_same_on_both_sides_and_is_no_transport_key) {
  auto client = *HandshakeState::create("Noise_NN_25519_ChaChaPoly_SHA256", true, {}, HandshakeKeys{}, random_);
  auto home = *HandshakeState::create("Noise_NN_25519_ChaChaPoly_SHA256", false, {}, HandshakeKeys{}, random_);
  ASSERT_TRUE(home.read_message(*client.write_message({})));
  ASSERT_TRUE(client.read_message(*home.write_message({})));
  EXPECT_TRUE(client.export_secret("a") == home.export_secret("a"));
  EXPECT_FALSE(client.export_secret("a") == client.export_secret("b"));
  CipherState exported(client.export_secret("a"));
  SplitCiphers keys = home.split();
  EXPECT_FALSE(keys.initiator.decrypt({}, *exported.encrypt({}, Bytes{1})));
}

}  // namespace
}  // namespace godwit::session
