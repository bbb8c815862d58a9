#include "home/channel_grant.h"

#include "home/tag.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

constexpr std::string_view kLabel = "godwit channel grant 1";

}  // namespace

Bytes make_channel_grant(const crypto::Secret<32>& key, uint32_t expires_day, Random& random) {
  return with_tag(key, kLabel, codec::encoded(GrantedChannel{random.bytes<16>(), expires_day}));
}

Result<GrantedChannel> check_channel_grant(const crypto::Secret<32>& key, ByteView grant) {
  const auto body = without_tag(key, kLabel, grant);
  REQUIRE(body.has_value(), wire::kChannelRefused, "home: the grant is not of this home");
  return codec::decoded<GrantedChannel>(*body);
}

}  // namespace godwit::home
