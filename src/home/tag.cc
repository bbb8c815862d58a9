#include "home/tag.h"

#include "crypto/hash.h"

namespace godwit::home {
namespace {

Bytes tag_of(const crypto::Secret<32>& key, std::string_view label, ByteView body) {
  Bytes input = to_bytes(as_bytes(label));
  append(input, body);
  const auto mac = crypto::hmac_sha256(key.reveal(), input);
  return to_bytes(ByteView(mac).first(kTagSize));
}

}  // namespace

Bytes with_tag(const crypto::Secret<32>& key, std::string_view label, Bytes body) {
  append(body, tag_of(key, label, body));
  return body;
}

std::optional<ByteView> without_tag(const crypto::Secret<32>& key, std::string_view label, ByteView bytes) {
  if (bytes.size() < kTagSize) return std::nullopt;
  const ByteView body = bytes.first(bytes.size() - kTagSize);
  if (!crypto::equal_constant_time(bytes.last(kTagSize), tag_of(key, label, body))) return std::nullopt;
  return body;
}

}  // namespace godwit::home
