#pragma once
// What lets somebody make one channel: given out on a mailbox session and shown on an anonymous one, so that nothing at rest
// says whose a channel is. As blob_grant.h, for channels.
//
//   id (16 random bytes) || expires_day (uint32) || tag (16)
//   tag = the first 16 bytes of HMAC-SHA256(admission key, "godwit channel grant 1" || id || expires_day)

#include "base/random.h"
#include "base/result.h"
#include "codec/codec.h"
#include "crypto/secret.h"

namespace godwit::home {

/// For how many days a grant may be spent.
constexpr uint32_t kChannelGrantDays = 3;

/// What a grant says.
struct GrantedChannel {
  ByteArray<16> id{};
  uint32_t expires_day = 0;  ///< the last day on which it is good
  /// What the tag is made of, in this order.
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.id, self.expires_day);
  }
};

/// A new grant.
Bytes make_channel_grant(const crypto::Secret<32>& key, uint32_t expires_day, Random& random);
/// What a grant says. kChannelRefused: not made with this key. Whether it has expired or is spent is for the caller.
Result<GrantedChannel> check_channel_grant(const crypto::Secret<32>& key, ByteView grant);

}  // namespace godwit::home
