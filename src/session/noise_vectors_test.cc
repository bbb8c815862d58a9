// Noise's published cases (cacophony, snow) and our own of hfs with ML-KEM-768.

#include "crypto/random_sources.h"
#include "crypto/testing/fixed_random.h"
#include "crypto/testing/vectors.h"
#include "session/errors.h"
#include "session/handshake_state.h"

namespace godwit::session {
namespace {

using crypto::testing::FixedRandom;
using godwit::testing::Json;
using godwit::testing::digits;
using godwit::testing::unhex;


HandshakeKeys keys_of(const Json& item, const std::string& side) {
  HandshakeKeys keys;
  if (item.contains(side + "_static")) {
    keys.s = crypto::X25519KeyPair::from_private(
        *crypto::X25519PrivateKey::copy_of(unhex(item, (side + "_static").c_str())));
  }
  if (item.contains(side + "_remote_static")) {
    const Bytes key = unhex(item, (side + "_remote_static").c_str());
    std::copy_n(key.begin(), 32, keys.rs.emplace().begin());
  }
  if (item.contains(side + "_psks")) {
    for (const Json& psk : item[side + "_psks"]) keys.psks.push_back(*crypto::Secret<32>::copy_of(unhex(psk)));
  }
  return keys;
}

Bytes random_of(const Json& item, const std::string& side) {
  Bytes out = unhex(item, (side + "_ephemeral").c_str());
  append(out, unhex(item, side == "init" ? "init_kem_seed" : "resp_kem_m"));
  return out;
}

Result<HandshakeState> start(const Json& item, const std::string& side, Random& random) {
  return HandshakeState::create(item["protocol_name"].get<std::string>(), side == "init",
                                unhex(item, (side + "_prologue").c_str()), keys_of(item, side), random);
}

void check_case(const Json& item) {
  FixedRandom initiator_random(random_of(item, "init"));
  FixedRandom responder_random(random_of(item, "resp"));
  auto initiator = start(item, "init", initiator_random);
  auto responder = start(item, "resp", responder_random);
  ASSERT_TRUE(initiator && responder);
  const size_t handshake_size = parse_protocol_name(item["protocol_name"].get<std::string>())->pattern.messages.size();
  const bool one_way = handshake_size == 1;
  SplitCiphers initiator_ciphers;
  SplitCiphers responder_ciphers;
  for (size_t i = 0; i < item["messages"].size(); ++i) {
    SCOPED_TRACE("message " + std::to_string(i));
    const Json& message = item["messages"][i];
    const Bytes payload = unhex(message, "payload");
    const bool from_initiator = one_way || i % 2 == 0;
    Result<Bytes> sent{Bytes{}};
    Result<Bytes> received{Bytes{}};
    if (i < handshake_size) {
      auto& sender = from_initiator ? *initiator : *responder;
      auto& receiver = from_initiator ? *responder : *initiator;
      sent = sender.write_message(payload);
      ASSERT_TRUE(sent);
      received = receiver.read_message(*sent);
    } else {
      auto& sender = from_initiator ? initiator_ciphers.initiator : responder_ciphers.responder;
      auto& receiver = from_initiator ? responder_ciphers.initiator : initiator_ciphers.responder;
      sent = sender.encrypt({}, payload);
      ASSERT_TRUE(sent);
      received = receiver.decrypt({}, *sent);
    }
    EXPECT_EQ(to_hex(*sent), digits(message, "ciphertext"));
    ASSERT_TRUE(received);
    EXPECT_EQ(*received, payload);
    if (i + 1 != handshake_size) continue;
    ASSERT_TRUE(initiator->finished() && responder->finished());
    initiator_ciphers = initiator->split();
    responder_ciphers = responder->split();
    EXPECT_EQ(to_hex(initiator->handshake_hash()), to_hex(responder->handshake_hash()));
    if (item.contains("handshake_hash")) {
      EXPECT_EQ(to_hex(initiator->handshake_hash()), digits(item, "handshake_hash"));
    }
  }
}

void run_file(const std::string& name) {
  ASSERT_TRUE(crypto::initialise());
  godwit::testing::Tally tally(name);
  const Json file = godwit::testing::load_vectors(name);
  for (const Json& item : file["vectors"]) {
    const auto protocol_name = item["protocol_name"].get<std::string>();
    SCOPED_TRACE(protocol_name);
    // Other curves and ciphers are not ours. Every pattern over ours must be known.
    const bool ours = protocol_name.find("_ChaChaPoly_") != std::string::npos &&
                      protocol_name.find("_BLAKE2s") == std::string::npos &&
                      (protocol_name.find("_25519_") != std::string::npos ||
                       protocol_name.find("_25519+MLKEM768_") != std::string::npos) &&
                      protocol_name.find("fallback") == std::string::npos;
    if (!ours || item.value("fail", false)) {
      tally.skip();
      continue;
    }
    tally.run();
    check_case(item);
  }
}

TEST(NoiseVectors, cacophony) {
  GODWIT_REQUIRE_VECTORS("noise/cacophony.json");
  run_file("noise/cacophony.json");
}

TEST(NoiseVectors, snow) {
  GODWIT_REQUIRE_VECTORS("noise/snow.json");
  run_file("noise/snow.json");
}

TEST(NoiseVectors, hybrid_forward_secrecy_with_mlkem768) {
  GODWIT_REQUIRE_VECTORS("noise/hfs-mlkem768.json");
  run_file("noise/hfs-mlkem768.json");
}

}  // namespace
}  // namespace godwit::session
