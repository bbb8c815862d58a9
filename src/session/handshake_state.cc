#include "session/handshake_state.h"

#include "session/errors.h"

namespace godwit::session {
namespace {

constexpr const char* kKeyRule = "Noise rev 34 §5.3: a public key of the peer is no key";
constexpr const char* kSizeRule = "Noise rev 34 §5.3: the message is cut off";

crypto::X25519PublicKey x25519_key(ByteView bytes) {
  ASSERT(bytes.size() == crypto::kX25519KeySize);
  crypto::X25519PublicKey out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

}  // namespace

HandshakeState::HandshakeState(NoiseProtocol protocol, std::string_view protocol_name, bool initiator,
                               HandshakeKeys keys, Random& random)
    : pattern_(std::move(protocol.pattern)),
      symmetric_(protocol.hash, protocol_name),
      initiator_(initiator),
      random_(&random),
      has_psk_(pattern_.psk_count() != 0),
      keys_(std::move(keys)) {}

Result<HandshakeState> HandshakeState::create(std::string_view protocol_name, bool initiator, ByteView prologue,
                                              HandshakeKeys keys, Random& random) {
  NoiseProtocol protocol = TRY(parse_protocol_name(protocol_name));
  ASSERT(keys.psks.size() == protocol.pattern.psk_count());
  HandshakeState out(std::move(protocol), protocol_name, initiator, std::move(keys), random);
  out.symmetric_.mix_hash(prologue);
  out.mix_pre_messages();
  return out;
}

void HandshakeState::mix_pre_messages() {
  const auto mix = [this](bool known, bool own) {
    if (!known) return;
    ASSERT(own ? keys_.s.has_value() : keys_.rs.has_value());
    symmetric_.mix_hash(own ? keys_.s->public_key : *keys_.rs);
  };
  mix(pattern_.initiator_static_known, initiator_);
  mix(pattern_.responder_static_known, !initiator_);
}

Result<Bytes> HandshakeState::write_message(ByteView payload) {
  ASSERT(!finished() && is_our_turn());
  Bytes out;
  for (const Token token : pattern_.messages[next_]) TRY(write_token(token, out));
  append(out, TRY(symmetric_.encrypt_and_hash(payload)));
  ASSERT(out.size() <= kNoiseMessageSizeMax);
  ++next_;
  return out;
}

Result<Bytes> HandshakeState::read_message(ByteView message) {
  ASSERT(!finished() && !is_our_turn());
  REQUIRE(message.size() <= kNoiseMessageSizeMax, kBadHandshake, "Noise rev 34 §3: a message has at most 65535 bytes");
  ByteView rest = message;
  for (const Token token : pattern_.messages[next_]) TRY(read_token(token, rest));
  auto payload = symmetric_.decrypt_and_hash(rest);
  REQUIRE(payload, kBadHandshake, "Noise rev 34 §5.3: the payload does not authenticate");
  ++next_;
  return payload;
}

Status HandshakeState::write_token(Token token, Bytes& out) {
  switch (token) {
    case Token::kE:
      return write_e(out);
    case Token::kS:
      ASSERT(keys_.s);
      append(out, TRY(symmetric_.encrypt_and_hash(keys_.s->public_key)));
      return {};
    case Token::kE1:
      e1_ = crypto::MlKem768KeyPair::generate(*random_);
      append(out, TRY(symmetric_.encrypt_and_hash(e1_->public_key)));
      return {};
    case Token::kEkem1:
      return write_ekem1(out);
    case Token::kPsk:
      mix_psk();
      return {};
    default:
      return mix_dh(token);
  }
}

Status HandshakeState::read_token(Token token, ByteView& rest) {
  switch (token) {
    case Token::kE:
      return read_e(rest);
    case Token::kS:
      ASSERT(!keys_.rs);
      keys_.rs = x25519_key(TRY(read_field(rest, crypto::kX25519KeySize)));
      return {};
    case Token::kE1: {
      const Bytes key = TRY(read_field(rest, crypto::kMlKem768PublicKeySize));
      std::copy(key.begin(), key.end(), re1_.emplace().begin());
      return {};
    }
    case Token::kEkem1:
      return read_ekem1(rest);
    case Token::kPsk:
      mix_psk();
      return {};
    default:
      return mix_dh(token);
  }
}

// A field that EncryptAndHash made of `size` bytes.
Result<Bytes> HandshakeState::read_field(ByteView& rest, size_t size) {
  const size_t sealed_size = size + (symmetric_.has_key() ? crypto::kAeadTagSize : 0);
  REQUIRE(rest.size() >= sealed_size, kBadHandshake, kSizeRule);
  auto field = symmetric_.decrypt_and_hash(rest.first(sealed_size));
  REQUIRE(field, kBadHandshake, "Noise rev 34 §5.3: a key does not authenticate");
  rest = rest.subspan(sealed_size);
  return field;
}

Status HandshakeState::write_e(Bytes& out) {
  e_ = crypto::X25519KeyPair::generate(*random_);
  append(out, e_->public_key);
  symmetric_.mix_hash(e_->public_key);
  if (has_psk_) symmetric_.mix_key(e_->public_key);  // §9.2
  return {};
}

Status HandshakeState::read_e(ByteView& rest) {
  REQUIRE(rest.size() >= crypto::kX25519KeySize, kBadHandshake, kSizeRule);
  re_ = x25519_key(rest.first(crypto::kX25519KeySize));
  rest = rest.subspan(crypto::kX25519KeySize);
  symmetric_.mix_hash(*re_);
  if (has_psk_) symmetric_.mix_key(*re_);
  return {};
}

Status HandshakeState::write_ekem1(Bytes& out) {
  ASSERT(re1_);
  const auto made = crypto::mlkem768_encapsulate(*re1_, crypto::Secret<32>::random(*random_));
  REQUIRE(made, kBadHandshake, kKeyRule);
  append(out, TRY(symmetric_.encrypt_and_hash(made->ciphertext)));
  symmetric_.mix_key(made->shared_secret.reveal());
  return {};
}

Status HandshakeState::read_ekem1(ByteView& rest) {
  ASSERT(e1_);
  const Bytes ciphertext = TRY(read_field(rest, crypto::kMlKem768CiphertextSize));
  const auto shared_secret = TRY(crypto::mlkem768_decapsulate(*e1_, ciphertext));
  symmetric_.mix_key(shared_secret.reveal());
  return {};
}

// "es" is the initiator's ephemeral with the responder's static key, whoever processes it; "se" the reverse.
Status HandshakeState::mix_dh(Token token) {
  const bool own_static = token == Token::kSs || token == (initiator_ ? Token::kSe : Token::kEs);
  const bool their_static = token == Token::kSs || token == (initiator_ ? Token::kEs : Token::kSe);
  const auto& own = own_static ? keys_.s : e_;
  const auto& theirs = their_static ? keys_.rs : re_;
  ASSERT(own && theirs);
  const auto shared_secret = crypto::x25519(own->private_key, *theirs);
  REQUIRE(shared_secret, kBadHandshake, kKeyRule);
  symmetric_.mix_key(shared_secret->reveal());
  return {};
}

void HandshakeState::mix_psk() { symmetric_.mix_key_and_hash(keys_.psks[psks_used_++].reveal()); }

SplitCiphers HandshakeState::split() const {
  ASSERT(finished());
  return symmetric_.split();
}

crypto::Secret<32> HandshakeState::export_secret(std::string_view label) const {
  ASSERT(finished());
  return symmetric_.export_secret(label);
}

}  // namespace godwit::session
