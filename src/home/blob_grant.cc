#include "home/blob_grant.h"

#include "crypto/hash.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr size_t kTagSize = 16;
constexpr size_t kBodySize = kGrantSize - kTagSize;

Bytes tag_of(const crypto::Secret<32>& key, ByteView body) {
  Bytes input = to_bytes(as_bytes("godwit blob grant 1"));
  append(input, body);
  const auto mac = crypto::hmac_sha256(key.reveal(), input);
  return to_bytes(ByteView(mac).first(kTagSize));
}

}  // namespace

Bytes make_grant(const crypto::Secret<32>& key, uint32_t chunks, uint32_t expires_day, Random& random) {
  Bytes grant = codec::encoded(GrantedBlob{random.bytes<16>(), chunks, expires_day});
  ASSERT(grant.size() == kBodySize);
  append(grant, tag_of(key, Bytes(grant)));
  return grant;
}

Result<GrantedBlob> check_grant(const crypto::Secret<32>& key, ByteView grant) {
  REQUIRE(grant.size() == kGrantSize, wire::kBlobRefused, "home: a grant has 40 bytes");
  const ByteView body = grant.first(kBodySize);
  REQUIRE(crypto::equal_constant_time(grant.subspan(kBodySize), tag_of(key, body)), wire::kBlobRefused,
          "home: the grant is not of this home");
  return codec::decoded<GrantedBlob>(body);
}

}  // namespace godwit::home
