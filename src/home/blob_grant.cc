#include "home/blob_grant.h"

#include "home/tag.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr std::string_view kLabel = "godwit blob grant 1";

}  // namespace

Bytes make_grant(const crypto::Secret<32>& key, uint32_t chunks, uint32_t expires_day, Random& random) {
  return with_tag(key, kLabel, codec::encoded(GrantedBlob{random.bytes<16>(), chunks, expires_day}));
}

Result<GrantedBlob> check_grant(const crypto::Secret<32>& key, ByteView grant) {
  REQUIRE(grant.size() == kGrantSize, wire::kBlobRefused, "home: a grant has 40 bytes");
  const auto body = without_tag(key, kLabel, grant);
  REQUIRE(body.has_value(), wire::kBlobRefused, "home: the grant is not of this home");
  return codec::decoded<GrantedBlob>(*body);
}

}  // namespace godwit::home
