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

crypto::Secret<32> expand_for(const crypto::Secret<32>& key, std::string_view label, const wire::Alias& alias) {
  Bytes info = to_bytes(as_bytes(label));
  append(info, alias.view());
  crypto::Secret<32> out;
  crypto::hkdf_expand(key.reveal(), info, out.fill());
  return out;
}

}  // namespace

Result<ChatKeys> derive_chat_keys(const mls::Group& group) {
  ChatKeys keys;
  keys.base = group.epoch();
  keys.addresses.value = TRY(export_32(group, "godwit addresses", {}));
  keys.envelope.value = TRY(export_32(group, "godwit envelope", {}));
  keys.log_read.value = TRY(export_32(group, "godwit log read", {}));
  return keys;
}

Result<crypto::Secret<32>> derive_log_key(const mls::Group& group) { return export_32(group, "godwit log key", {}); }

Result<crypto::Secret<32>> log_epoch_token(const mls::Group& group) { return export_32(group, "godwit log epoch", {}); }

crypto::Secret<32> address_token(const ChatKeys& keys, const wire::Alias& alias) {
  return expand_for(keys.addresses.value, "godwit address token 1", alias);
}

crypto::AeadKey lan_key(const ChatKeys& keys, const wire::Alias& alias) {
  return expand_for(keys.envelope.value, "godwit lan key 1", alias);
}

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
