#include "engine/chat_keys.h"

#include "crypto/hash.h"

namespace godwit::engine {
namespace {

Result<crypto::Secret<32>> export_32(const mls::Group& group, std::string_view label, ByteView context) {
  const auto secret = TRY(group.exporter(label, context, 32));
  return crypto::Secret<32>::copy_of(secret.reveal());
}

crypto::AeadKey expand(const crypto::Secret<32>& key, std::string_view label) {
  crypto::AeadKey out;
  crypto::hkdf_expand(key.reveal(), as_bytes(label), out.fill());
  return out;
}

}  // namespace

Result<ChatKeys> derive_chat_keys(const mls::Group& group, const wire::Alias& own, const wire::Alias& peer) {
  constexpr std::string_view kToken = "godwit address token";
  constexpr std::string_view kEnvelope = "godwit envelope";
  ChatKeys keys;
  keys.own_token.value = TRY(export_32(group, kToken, own.view()));
  keys.peer_token.value = TRY(export_32(group, kToken, peer.view()));
  keys.own_envelope.value = TRY(export_32(group, kEnvelope, own.view()));
  keys.peer_envelope.value = TRY(export_32(group, kEnvelope, peer.view()));
  keys.log_read.value = TRY(export_32(group, "godwit log read", {}));
  return keys;
}

Result<crypto::Secret<32>> log_epoch_token(const mls::Group& group) { return export_32(group, "godwit log epoch", {}); }

crypto::AeadKey invite_package_key(const crypto::Secret<32>& invite_key) {
  return expand(invite_key, "godwit invite key package 1");
}

crypto::AeadKey invite_welcome_key(const crypto::Secret<32>& invite_key) {
  return expand(invite_key, "godwit invite welcome 1");
}

wire::Token to_token(const crypto::Secret<32>& token) {
  wire::Token out;
  const bool whole = wire::Token::from(token.reveal(), out);
  ASSERT(whole);
  return out;
}

wire::TokenHash hash_of(const crypto::Secret<32>& token) { return wire::TokenHash{crypto::sha256(token.reveal())}; }

}  // namespace godwit::engine
